// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Pixelwise selection between two tensors by a mask.
#ifndef IGN_CORE_DETAIL_SELECT_HPP
#define IGN_CORE_DETAIL_SELECT_HPP

#include "ign/core/elementwise.hpp"
#include "ign/core/error.hpp"
#include "ign/core/tensor.hpp"

namespace ign::detail {

/// True if the mask has the extents of x, with one channel.
template <TensorView View>
bool is_mask_of(View const& mask, View const& x) {
  return mask.extent(0) == x.extent(0) && mask.extent(1) == x.extent(1) && mask.extent(2) == x.extent(2) && mask.extent(3) == 1;
}

template <class Real>
struct Select {
  Real const* mask;
  Real const* x;
  Real const* other;  // source of missing pixels, or nullptr
  Real fill;          // value of missing pixels when other is nullptr
  Real* y;
  int channels;

  KOKKOS_FUNCTION void operator()(std::size_t pixel) const {
    bool const known = mask[pixel] != Real(0);
    for (std::size_t i = pixel * channels; i < (pixel + 1) * channels; ++i) y[i] = known ? x[i] : other != nullptr ? other[i] : fill;
  }
};

/// Checks the arguments of `select`.
/// \throws Error [ign.shape.316]
template <Scalar Real, class Exec>
void check_select(char const* label, TensorRef<Real, Exec> const& mask, TensorRef<Real, Exec> const& x, TensorRef<Real, Exec> const& y) {
  require(x.extent(0) == y.extent(0) && shape_of(x) == shape_of(y) && is_mask_of(mask, x), Fault::shape, 316, label, ": mask of ",
          mask.extent(0), " samples of ", shape_of(mask), ", x of ", x.extent(0), " of ", shape_of(x), ", y of ", y.extent(0), " of ",
          shape_of(y), ", expected x like y and a mask like them with one channel");
}

/// y = x in known pixels; in missing ones y = other, or `fill` when other is nullptr. y may be x or other.
/// \param mask  (n, h, w, 1), not 0 where a pixel is known
/// \param x, y  (n, h, w, c); other likewise
/// \throws Error [ign.shape.316] on extents that do not fit; the message begins with the label
template <Scalar Real, class Exec>
void select(char const* label, Exec const& exec, TensorRef<Real, Exec> const& mask, TensorRef<Real, Exec> const& x, Real const* other,
            double fill, TensorRef<Real, Exec> const& y) {
  check_select<Real, Exec>(label, mask, x, y);
  Kokkos::parallel_for(label, range_policy(exec, mask.size()),
                       Select<Real>{mask.data(), x.data(), other, static_cast<Real>(fill), y.data(), static_cast<int>(x.extent(3))});
}

}  // namespace ign::detail

#endif  // IGN_CORE_DETAIL_SELECT_HPP
