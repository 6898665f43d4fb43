// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Additive Gaussian noise on images.
#ifndef IGN_CORRUPTIONS_NOISE_HPP
#define IGN_CORRUPTIONS_NOISE_HPP

#include "ign/core/elementwise.hpp"
#include "ign/core/error.hpp"
#include "ign/core/finite.hpp"
#include "ign/core/tensor.hpp"
#include "ign/random/fill.hpp"

namespace ign {

namespace detail {

/// Checks that x and another tensor of a corruption, its output or z, have equal extents.
/// \param name  of the other tensor
template <TensorView View>
void require_same_extents(char const* what, View const& x, View const& other, char const* name = "y") {
  require(x.extent(0) == other.extent(0) && shape_of(x) == shape_of(other), Fault::shape, 315, what, ": x has ", x.extent(0),
          " samples of ", shape_of(x), ", ", name, " has ", other.extent(0), " of ", shape_of(other), ", expected equal extents");
}

}  // namespace detail

/// Computes y = x + deviation · n with n ~ N(0, 1), the values of fill_gaussian for the same key. Each sample has the noise of its global
/// index, `key.samples`. y is not clipped to [-1, 1]. y may be x.
/// \param deviation  standard deviation of the noise
/// \param x, y  (n, h, w, c)
/// \throws Error [ign.shape.315] if x and y differ in extents, [ign.option.317] if `deviation` is negative, not
///         finite, or 1e30 or more, [ign.option.663] beyond the 2^34 values of a key
template <Scalar Real, class Exec>
void add_noise(Exec const& exec, Key const& key, double deviation, TensorRef<Real, Exec> const& x, TensorRef<Real, Exec> const& y) {
  detail::require_same_extents("add_noise", x, y);
  require(is_finite(deviation) && deviation >= 0 && deviation < 1e30, Fault::option, 317, "add_noise: standard deviation ", deviation,
          ", expected a number of 0 or more, below 1e30");
  bool const whole = key.samples.is_identity();  // then the tensor is drawn as one sample
  detail::draw_samples<true>("ign::add_noise", exec, key, whole ? 1 : x.extent(0), whole ? x.size() : shape_of(x).size(),
                             detail::StoreNoisy<Real>{static_cast<Real>(deviation), x.data(), y.data()});
}

}  // namespace ign

#endif  // IGN_CORRUPTIONS_NOISE_HPP
