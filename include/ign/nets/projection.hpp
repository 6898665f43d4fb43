// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Inference with any trained f: sampling, projection, inpainting, inverse problems and out-of-distribution scores.
///
/// The free functions take any object that applies f (ImageToImageMap). InferenceInterface turns them into member functions.
#ifndef IGN_NETS_PROJECTION_HPP
#define IGN_NETS_PROJECTION_HPP

#include <optional>

#include "ign/core/detail/select.hpp"
#include "ign/core/elementwise.hpp"
#include "ign/core/error.hpp"
#include "ign/core/finite.hpp"
#include "ign/core/pass.hpp"
#include "ign/core/workspace.hpp"
#include "ign/losses/distance.hpp"
#include "ign/losses/image_distance.hpp"
#include "ign/losses/l1.hpp"
#include "ign/losses/mse.hpp"
#include "ign/nets/linear_operator.hpp"
#include "ign/sources/source.hpp"

namespace ign {

/// Any object with `f.apply(exec, input_role, applications, x, out)`, which computes out = f^applications(x); ign::Idempotent is an
/// example.
template <class F, class Real, class Exec>
concept ImageToImageMap = requires(F& f, Exec const& exec, TensorRef<Real, Exec> const& x) {
  f.apply(exec, Role::source, 1, x, x);
};

namespace detail {

/// Checks the arguments of `applications` applications of f to x, for an f that maps `image` to `image`.
/// \throws Error [ign.option.90], [ign.shape.3]
template <Scalar Real, class Exec>
void check_application(Shape image, int applications, TensorRef<Real, Exec> const& x, TensorRef<Real, Exec> const& out) {
  require(applications >= 0, Fault::option, 90, "apply: ", applications, " applications, expected 0 or more");
  require(shape_of(x) == image && shape_of(out) == image && x.extent(0) == out.extent(0), Fault::shape, 3, "apply: ", x.extent(0),
          " samples of ", shape_of(x), " into ", out.extent(0), " of ", shape_of(out), ", expected equally many, of ", image);
}

/// Extents that f expects of x, as far as they are known before f is applied: `f.image_shape()`, or those of x.
template <class F, TensorView View>
Shape extents_for([[maybe_unused]] F const& f, [[maybe_unused]] View const& x) {
  if constexpr (requires { f.image_shape(); })
    return f.image_shape();
  else
    return shape_of(x);
}

/// Calls `body(role, from)` for each application of f: `from` is x the first time, then `out` with the previous result.
template <Scalar Real, class Exec, class Body>
void for_each_application(Exec const& exec, Shape image, Role input_role, int applications, TensorRef<Real, Exec> const& x,
                          TensorRef<Real, Exec> const& out, Body const& body) {
  check_application<Real, Exec>(image, applications, x, out);
  if (applications == 0 && out.data() != x.data()) Kokkos::deep_copy(exec, out, x);
  for (int k = 0; k < applications; ++k) body(k == 0 ? input_role : role_after(input_role), k == 0 ? x : out);
}

/// out = a - scale · out.
template <class Real>
struct SubtractFrom {
  Real const* a;
  Real scale;
  Real* out;

  KOKKOS_FUNCTION void operator()(std::size_t, std::size_t first, std::size_t last) const {
    IGN_IVDEP
    for (std::size_t i = first; i < last; ++i) out[i] = a[i] - scale * out[i];
  }
};

}  // namespace detail

/// Settings of `restore`.
struct RestoreOptions {
  int iterations = 10;              ///< number of steps, 0 or more
  std::optional<double> step = {};  ///< η, above 0 and below 2 / ‖A‖²; absent: the operator's `step_size`, or 1
  Role input_role = Role::data;     ///< the distribution of the start
};

/// Scratch memory of `restore`; grows at first use.
template <Scalar Real, class Exec = Kokkos::DefaultExecutionSpace>
struct RestoreScratch {
  Buffer<Real, Exec> images{"ign::restore::images"};                      ///< residual and gradient
  Buffer<Real, Exec> operator_scratch{"ign::restore::operator_scratch"};  ///< of the operator
};

/// Draws samples: out = f^applications(z), with z from `source` for the random key `key`.
///
/// \param scratch  for the source; grows at first use
/// \throws Error [ign.option.90] when applications < 0, [ign.shape.3] when out does not have f.image_shape()
template <class F, class Source, Scalar Real, class Exec>
requires ImageToImageMap<F, Real, Exec>
void generate(Exec const& exec, F& f, Source const& source, Key const& key, int applications, TensorRef<Real, Exec> const& out,
              Buffer<Real, Exec>& scratch) {
  detail::check_application<Real, Exec>(f.image_shape(), applications, out, out);
  source::sample_from(exec, source, key, out, scratch);
  f.apply(exec, Role::source, applications, out, out);
}

/// Projects x, which should lie near the data: out = f^applications(x). out may be x.
///
/// \throws Error [ign.option.90] when applications < 0, [ign.shape.3] on wrong extents
template <class F, Scalar Real, class Exec>
requires ImageToImageMap<F, Real, Exec>
void project(Exec const& exec, F& f, TensorRef<Real, Exec> const& x, int applications, TensorRef<Real, Exec> const& out) {
  f.apply(exec, Role::data, applications, x, out);
}

/// Masked projection: starts from out = x and replaces the missing pixels of out by those of f(out), `applications` times. Known pixels
/// stay bitwise unchanged.
///
/// The missing pixels of x are the starting point; they must be finite, for example the data's mean.
/// \param mask     (n, h, w, 1), not 0 where a pixel is known; see make_mask
/// \param x        (n, h, w, c)
/// \param[out] out (n, h, w, c); may be x
/// \param scratch  grows to the size of x at first use
/// \param input_role   the distribution of x
/// \throws Error [ign.option.90] when applications < 0, [ign.shape.3], [ign.shape.316] on extents that do not fit
template <class F, Scalar Real, class Exec>
requires ImageToImageMap<F, Real, Exec>
void inpaint(Exec const& exec, F& f, TensorRef<Real, Exec> const& mask, TensorRef<Real, Exec> const& x, int applications,
             TensorRef<Real, Exec> const& out, Buffer<Real, Exec>& scratch, Role input_role = Role::data) {
  detail::check_application<Real, Exec>(detail::extents_for(f, x), applications, x, out);
  detail::check_select<Real, Exec>("ign::inpaint", mask, x, out);
  auto const image = reserve_like(exec, scratch, x);
  detail::for_each_application<Real, Exec>(exec, shape_of(x), input_role, applications, x, out,
                                           [&](Role role, TensorRef<Real, Exec> const& from) {
                                             f.apply(exec, role, 1, from, image);
                                             detail::select<Real, Exec>("ign::inpaint", exec, mask, from, image.data(), 0, out);
                                           });
}

/// Solves the inverse problem y = A x with f as the prior: x <- f(x - η Aᵀ(A x - y)), `iterations` times. A step of gradient descent on
/// ½ |A x - y|² alternates with a projection onto the data.
///
/// \param a        a linear operator: see nets/linear_operator.hpp
/// \param y        the measurement, with the extents of A x
/// \param[in,out] x  (n, h, w, c). Its content is the start: for example noise in missing pixels, or a low resolution interpolated
/// \source Venkatakrishnan et al., "Plug-and-play priors for model based reconstruction", GlobalSIP 2013: here as proximal gradient descent
///         with f in place of the denoiser
/// \throws Error [ign.option.470] when iterations < 0 or the step is not a finite number above 0, [ign.shape.470] when x and y differ in
///         the number of samples, [ign.shape.3] when x does not have the net's extents; as the operator
template <class F, class A, Scalar Real, class Exec>
requires ImageToImageMap<F, Real, Exec>
void restore(Exec const& exec, F& f, A const& a, TensorRef<Real, Exec> const& y, RestoreOptions const& options,
             TensorRef<Real, Exec> const& x, RestoreScratch<Real, Exec>& scratch) {
  static_assert(linear_operator::complete<A, Real, Exec>());
  double const step = options.step ? *options.step : linear_operator::step_size_of(a, shape_of(x));
  require(options.iterations >= 0 && is_finite(step) && step > 0 && step < 1e30, Fault::option, 470, "restore: ", options.iterations,
          " iterations with a step of ", step, ", expected 0 or more iterations and a step above 0");
  detail::check_application<Real, Exec>(detail::extents_for(f, x), options.iterations, x, x);
  require(x.extent(0) == y.extent(0), Fault::shape, 470, "restore: ", y.extent(0), " measurements y for ", x.extent(0),
          " images x, expected equally many");
  std::size_t const begin = aligned_size<Real>(y.size());
  VectorRef<Real, Exec> const memory = scratch.images.reserve(exec, begin + x.size());
  TensorRef<Real, Exec> const residual(memory.data(), y.extent(0), y.extent(1), y.extent(2), y.extent(3));
  TensorRef<Real, Exec> const image(memory.data() + begin, x.extent(0), x.extent(1), x.extent(2), x.extent(3));
  for (int k = 0; k < options.iterations; ++k) {
    apply(exec, a, x, residual, scratch.operator_scratch);
    for_each_chunk("ign::restore::residual", exec, 1, y.size(), detail::SubtractFrom<Real>{y.data(), Real(1), residual.data()});
    apply_adjoint(exec, a, residual, image, scratch.operator_scratch);
    for_each_chunk("ign::restore::step", exec, 1, x.size(), detail::SubtractFrom<Real>{x.data(), static_cast<Real>(-step), image.data()});
    f.apply(exec, k == 0 ? options.input_role : role_after(options.input_role), 1, image, x);
  }
}

/// Drift of each sample: scores(n) = D(f(x), x). Near 0 for samples like the data, larger for samples out of distribution.
///
/// \param role        role in which f is applied, whose running statistics it uses; Role::data to score x against the training data
/// \param x           (n, h, w, c)
/// \param[out] scores (n)
/// \param scratch     grows to the size of x at first use
/// \throws Error [ign.shape.3] on extents that are not the net's, [ign.shape.205] when the number of scores is not n
template <class F, Distance D, Scalar Real, class Exec>
requires ImageToImageMap<F, Real, Exec>
void drift_scores(Exec const& exec, F& f, D const& distance, Role role, TensorRef<Real, Exec> const& x, VectorRef<Real, Exec> const& scores,
                  Buffer<Real, Exec>& scratch) {
  require(scores.size() == x.extent(0), Fault::shape, 205, "drift: ", scores.size(), " scores for ", x.extent(0),
          " samples, expected one score for each sample");
  auto const image = reserve_like(exec, scratch, x);
  f.apply(exec, role, 1, x, image);
  sample_distances(exec, distance, image, x, scores);
}

/// The same by a distance of whole images.
/// \param memory  of the distance; grows at first use
/// \throws Error as above; as the distance
template <class F, ImageDistance D, Scalar Real, class Exec>
requires ImageToImageMap<F, Real, Exec>
void drift_scores(Exec const& exec, F& f, D const& distance, Role role, TensorRef<Real, Exec> const& x, VectorRef<Real, Exec> const& scores,
                  Buffer<Real, Exec>& scratch, DistanceMemory<D>& memory) {
  require(scores.size() == x.extent(0), Fault::shape, 205, "drift: ", scores.size(), " scores for ", x.extent(0),
          " samples, expected one score for each sample");
  auto const image = reserve_like(exec, scratch, x);
  f.apply(exec, role, 1, x, image);
  sample_distances(exec, distance, image, x, scores, memory);
}

/// Drift of each sample over its known pixels: scores(n) is the mean of D(f(x), x) there, and 0 for a sample without known pixels. A score
/// for samples with holes, which does not depend on how far f moves what fills them.
///
/// \param role        role in which f is applied, whose running statistics it uses
/// \param mask        (n, h, w, 1), not 0 where a pixel is known; see make_mask
/// \param x           (n, h, w, c). f reads all pixels, so missing ones must be finite
/// \param[out] scores (n)
/// \param scratch     grows to the size of x at first use
/// \throws Error [ign.shape.3] on extents that are not the net's, [ign.shape.205] when the number of scores is not n, [ign.shape.316] on a
///         mask with other extents
template <class F, Distance D, Scalar Real, class Exec>
requires ImageToImageMap<F, Real, Exec>
void masked_drift_scores(Exec const& exec, F& f, D const& distance, Role role, TensorRef<Real, Exec> const& mask,
                         TensorRef<Real, Exec> const& x, VectorRef<Real, Exec> const& scores, Buffer<Real, Exec>& scratch) {
  detail::check_masked_distances<Real, Exec>(mask, x, x, scores);
  auto const image = reserve_like(exec, scratch, x);
  f.apply(exec, role, 1, x, image);
  masked_sample_distances(exec, distance, mask, image, x, scores);
}

/// Drift of each pixel: map = D(f(x), x), the mean over its channels. It is large where f repairs x, and so locates holes.
///
/// \param role     role in which f is applied, whose running statistics it uses
/// \param x        (n, h, w, c)
/// \param[out] map (n, h, w, 1)
/// \param scratch  grows to the size of x at first use
/// \throws Error [ign.shape.3] on extents that are not the net's, [ign.shape.471] when the map does not have those of x with one channel
template <class F, Distance D, Scalar Real, class Exec>
requires ImageToImageMap<F, Real, Exec>
void drift_map(Exec const& exec, F& f, D const& distance, Role role, TensorRef<Real, Exec> const& x, TensorRef<Real, Exec> const& map,
               Buffer<Real, Exec>& scratch) {
  detail::check_pixel_distances<Real, Exec>(x, x, map);
  auto const image = reserve_like(exec, scratch, x);
  f.apply(exec, role, 1, x, image);
  pixel_distances(exec, distance, image, x, map);
}

/// The inference functions as members of `Derived`, which has `apply` and `image_shape()`. Base of the projectors, of Given,
/// ModelWithWorkspace and SingleModelPolicy.
///
/// All functions work on the caller's own Views: owning ones, or a TensorRef on any memory of Exec. They are asynchronous on `exec`.
/// They allocate at the first call, and when the batch or, on a host, the concurrency of the instance grows; calls that do not allocate do
/// not wait.
template <class Derived, Scalar Real, class Exec>
class InferenceInterface {
 public:
  using Ref = TensorRef<Real, Exec>;  ///< images, (n, h, w, c)
  using scalar_type = Real;           ///< type of all elements
  using execution_space = Exec;       ///< where the kernels run

  /// Draws samples: out = f^applications(z), with z from `source` for the random key `key`. A sample does not depend on the rest of `out`.
  ///
  /// \throws Error [ign.option.90] when applications < 0, [ign.shape.3] on wrong extents
  template <class Source>
  void generate(Exec const& exec, Source const& source, Key const& key, int applications, Ref const& out) {
    ign::generate<Derived, Source, Real, Exec>(exec, derived(), source, key, applications, out, m_scratch);
  }

  /// Projects x, which should lie near the data: out = f^applications(x). out may be x.
  ///
  /// \throws Error [ign.option.90] when applications < 0, [ign.shape.3] on wrong extents
  void project(Exec const& exec, Ref const& x, int applications, Ref const& out) {
    ign::project<Derived, Real, Exec>(exec, derived(), x, applications, out);
  }
  /// out = f(x): the same with one application.
  void project(Exec const& exec, Ref const& x, Ref const& out) { project(exec, x, 1, out); }

  /// Masked projection: starts from out = x and replaces the missing pixels of out by those of f(out), `applications` times. Known pixels
  /// stay bitwise unchanged.
  ///
  /// \param mask  (n, h, w, 1), not 0 where a pixel of x is known
  /// \param x     (n, h, w, c); its missing pixels are the starting point. out may be x
  /// \param input_role the distribution of x; Role::source for an f that was trained with damaged data as its noise
  /// \throws Error [ign.option.90] when applications < 0, [ign.shape.3], [ign.shape.316] on wrong extents
  void inpaint(Exec const& exec, Ref const& mask, Ref const& x, int applications, Ref const& out, Role input_role = Role::data) {
    ign::inpaint<Derived, Real, Exec>(exec, derived(), mask, x, applications, out, m_scratch, input_role);
  }

  /// Solves the inverse problem y = A x with f as the prior: x <- f(x - η Aᵀ(A x - y)), from the content of x.
  ///
  /// \param a  a linear operator, such as BlockMeanOperator: see corruptions/operators.hpp
  /// \param y  the measurement, with the extents of A x
  /// \param x  (n, h, w, c), start and result
  /// \throws Error [ign.option.470], [ign.shape.470], [ign.shape.3] as the function of that name; as the operator
  template <class A>
  void restore(Exec const& exec, A const& a, Ref const& y, Ref const& x, RestoreOptions const& options = {}) {
    ign::restore<Derived, A, Real, Exec>(exec, derived(), a, y, options, x, m_restore_scratch);
  }

  /// Drift of each sample: scores(n) = D(f(x), x). Near 0 for samples like the data, larger for samples out of distribution.
  ///
  /// \param role  role in which f is applied, whose running statistics it uses
  /// \throws Error [ign.shape.3] on wrong extents, [ign.shape.205] when the number of scores is not that of samples
  template <Distance D = Mse>
  void drift_scores(Exec const& exec, Ref const& x, VectorRef<Real, Exec> const& scores, D const& distance = {}, Role role = Role::data) {
    ign::drift_scores(exec, derived().drift_f(), distance, role, derived().drift_x(exec, x, role), scores, m_scratch);
  }

  /// The same by a distance of whole images, such as Perceptual.
  /// \param memory  of the distance; grows at first use
  /// \throws Error as above; as the distance
  template <ImageDistance D>
  void drift_scores(Exec const& exec, Ref const& x, VectorRef<Real, Exec> const& scores, D const& distance, DistanceMemory<D>& memory,
                    Role role = Role::data) {
    ign::drift_scores(exec, derived().drift_f(), distance, role, derived().drift_x(exec, x, role), scores, m_scratch, memory);
  }

  /// Drift of each sample over its known pixels, and 0 for a sample without any.
  ///
  /// \param mask  (n, h, w, 1), not 0 where a pixel of x is known
  /// \param x     (n, h, w, c); its missing pixels must be finite
  /// \param role  role in which f is applied, whose running statistics it uses
  /// \throws Error [ign.shape.3], [ign.shape.205], [ign.shape.316] on wrong extents
  template <Distance D = Mse>
  void masked_drift_scores(Exec const& exec, Ref const& mask, Ref const& x, VectorRef<Real, Exec> const& scores, D const& distance = {},
                           Role role = Role::data) {
    ign::masked_drift_scores(exec, derived().drift_f(), distance, role, mask, derived().drift_x(exec, x, role), scores, m_scratch);
  }

  /// Drift of each pixel, |f(x) - x| as the mean over its channels unless another distance is given. Locates holes.
  ///
  /// \param map   (n, h, w, 1)
  /// \param role  role in which f is applied, whose running statistics it uses
  /// \throws Error [ign.shape.3], [ign.shape.471] on wrong extents
  template <Distance D = L1>
  void drift_map(Exec const& exec, Ref const& x, Ref const& map, D const& distance = {}, Role role = Role::data) {
    ign::drift_map(exec, derived().drift_f(), distance, role, derived().drift_x(exec, x, role), map, m_scratch);
  }

 private:
  friend Derived;
  InferenceInterface() = default;
  Derived& derived() { return static_cast<Derived&>(*this); }

  // Drifts are D(f(u), u) with f = drift_f() and u = drift_x(exec, x, role); by default f and x themselves. PhysicalProjector has its own,
  // for normalised fields.
  Derived& drift_f() { return derived(); }
  Ref const& drift_x(Exec const&, Ref const& x, Role) const { return x; }

  Buffer<Real, Exec> m_scratch{"ign::inference::scratch"};  // noise, or f(x)
  RestoreScratch<Real, Exec> m_restore_scratch;
};

}  // namespace ign

#endif  // IGN_NETS_PROJECTION_HPP
