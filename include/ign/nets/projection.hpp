// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// What a trained f is good for, whoever applies it: filling in missing pixels, and telling how odd a sample is.
#ifndef IGN_NETS_PROJECTION_HPP
#define IGN_NETS_PROJECTION_HPP

#include "ign/core/error.hpp"
#include "ign/core/pass.hpp"
#include "ign/core/workspace.hpp"
#include "ign/corruptions/masks.hpp"
#include "ign/losses/distance.hpp"

namespace ign {

/// Anything that applies an f: `f.apply(exec, first, applications, x, out)` makes out = f^applications(x), as ign::Idempotent does.
template <class F, class Real, class Exec>
concept AppliesMap = requires(F& f, Exec const& exec, TensorWindow<Real, Exec> const& x) {
  f.apply(exec, Role::source, 1, x, x);
};

namespace detail {

/// Whether f, a map of images to their like, can be applied so often to x with the result in `out`.
/// \throws Error [ign.option.90], [ign.shape.3]
template <Scalar Real, class Exec>
void check_application(Shape image, int applications, TensorWindow<Real, Exec> const& x, TensorWindow<Real, Exec> const& out) {
  require(applications >= 0, Fault::option, 90, "projector: ", applications, " applications, expected 0 or more");
  require(shape_of(x) == image && shape_of(out) == image && x.extent(0) == out.extent(0), Fault::shape, 3, "projector: ", x.extent(0),
          " samples of ", shape_of(x), " into ", out.extent(0), " of ", shape_of(out), ", expected as many of ", image);
}

/// Calls `body(role, from)` for each application of f, `from` being x or what the one before has left in `out`.
template <Scalar Real, class Exec, class Body>
void for_each_application(Exec const& exec, Shape image, Role first, int applications, TensorWindow<Real, Exec> const& x,
                          TensorWindow<Real, Exec> const& out, Body const& body) {
  check_application<Real, Exec>(image, applications, x, out);
  if (applications == 0 && out.data() != x.data()) Kokkos::deep_copy(exec, out, x);
  for (int k = 0; k < applications; ++k) body(k == 0 ? first : role_after(first), k == 0 ? x : out);
}

}  // namespace detail

/// out = x, then `applications` times: out = f(out) where the mask misses a pixel; where it knows one, out keeps it. Masked projection.
///
/// What x holds in the missing pixels is where f starts from; it must be finite, such as the data's mean.
/// \param first    the distribution that x comes near to
/// \param mask     (n, h, w, 1), not 0 where a pixel is known; see make_mask
/// \param x        (n, h, w, c)
/// \param scratch  grows to the size of x, then stays
/// \param[out] out (n, h, w, c); may be x
/// \throws Error [ign.option.90] when applications < 0, [ign.shape.3], [ign.shape.316] on extents that do not fit
template <class F, Scalar Real, class Exec>
requires AppliesMap<F, Real, Exec>
void inpaint(Exec const& exec, F& f, Role first, TensorWindow<Real, Exec> const& mask, TensorWindow<Real, Exec> const& x, int applications,
             TensorWindow<Real, Exec> const& out, Buffer<Real, Exec>& scratch) {
  auto const image = window_like(exec, x, scratch);
  detail::for_each_application<Real, Exec>(exec, shape_of(x), first, applications, x, out,
                                           [&](Role role, TensorWindow<Real, Exec> const& from) {
                                             f.apply(exec, role, 1, from, image);
                                             detail::select<Real, Exec>("ign::inpaint", exec, mask, from, image.data(), 0, out);
                                           });
}

/// scores(n) = D(f(x), x) of sample n: near 0 for what looks like the data, and so a score of being out of distribution.
///
/// \param role        the distribution that x is held against: f knows the data as Role::data
/// \param x           (n, h, w, c)
/// \param[out] scores (n)
/// \param scratch     grows to the size of x, then stays
/// \throws Error [ign.shape.3] on extents that are not the net's, [ign.shape.205] when there is not one score per sample
template <class F, Distance D, Scalar Real, class Exec>
requires AppliesMap<F, Real, Exec>
void sample_drift(Exec const& exec, F& f, D const& distance, Role role, TensorWindow<Real, Exec> const& x,
                  VectorWindow<Real, Exec> const& scores, Buffer<Real, Exec>& scratch) {
  require(scores.size() == x.extent(0), Fault::shape, 205, "drift: room for ", scores.size(), " scores of ", x.extent(0),
          " samples, expected as many");
  auto const image = window_like(exec, x, scratch);
  f.apply(exec, role, 1, x, image);
  sample_distances(exec, distance, image, x, scores);
}

}  // namespace ign

#endif  // IGN_NETS_PROJECTION_HPP
