// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Distance concept, with kernels for values and gradients over batches.
#ifndef IGN_LOSSES_DISTANCE_HPP
#define IGN_LOSSES_DISTANCE_HPP

#include <concepts>

#include "ign/core/detail/select.hpp"

namespace ign {

/// Elementwise distance D with both partial derivatives, callable on a device. Real is float or double:
///
///     KOKKOS_FUNCTION Real value(Real a, Real b) const              D(a, b)
///     KOKKOS_FUNCTION Real derivative_first(Real a, Real b) const   ∂D/∂a; any subgradient where it does not exist
///     KOKKOS_FUNCTION Real derivative_second(Real a, Real b) const  ∂D/∂b
///     static constexpr char const* name                             used only by checkpoints and logs
///
/// See losses/mse.hpp for a minimal example.
template <class D>
concept Distance = requires(D const& distance, double a, double b) {
  { distance.value(a, b) } -> std::same_as<double>;
  { distance.derivative_first(a, b) } -> std::same_as<double>;
  { distance.derivative_second(a, b) } -> std::same_as<double>;
};

namespace distance {

/// Reports the missing members of a Distance as readable compile-time errors.
template <class D>
constexpr bool complete() {
  static_assert(
      !requires {
        typename D::Features;
        typename D::Workspace;
      },
      "ign::Distance: this is a distance of whole images, such as Perceptual, expected an elementwise distance, such as Mse or L1: only "
      "Idempotent and Distillation take distances of images, see ign/losses/image_distance.hpp");
  static_assert(
      requires(D const& distance, double a) {
        { distance.value(a, a) } -> std::same_as<double>;
      },
      "ign::Distance: a distance has `Real value(Real a, Real b) const`: see ign/losses/distance.hpp");
  static_assert(
      requires(D const& distance, double a) {
        { distance.derivative_first(a, a) } -> std::same_as<double>;
      },
      "ign::Distance: a distance has `Real derivative_first(Real a, Real b) const`, the derivative with respect to a: see "
      "ign/losses/distance.hpp");
  static_assert(
      requires(D const& distance, double a) {
        { distance.derivative_second(a, a) } -> std::same_as<double>;
      },
      "ign::Distance: a distance has `Real derivative_second(Real a, Real b) const`, the derivative with respect to b: see "
      "ign/losses/distance.hpp");
  return true;
}

}  // namespace distance

/// Argument of D with respect to which a derivative is taken.
enum class Argument { first, second };

namespace detail {

template <class D, class Real>
struct SampleDistances {
  D distance;
  Real const* a;
  Real const* b;
  std::size_t size;
  Real* out;

  // Sixteen partial sums in a fixed order vectorise and give bitwise identical results for every vector length.
  KOKKOS_FUNCTION void operator()(std::size_t n) const {
    constexpr std::size_t lanes = 16;
    constexpr std::size_t block = 1024;
    Real const* const p = a + n * size;
    Real const* const q = b + n * size;
    double total = 0;
    for (std::size_t first = 0; first < size; first += block) {
      std::size_t const count = size - first < block ? size - first : block;
      Real sums[lanes] = {};
      std::size_t i = 0;
      for (; i + lanes <= count; i += lanes) {
        for (std::size_t k = 0; k < lanes; ++k) sums[k] += distance.value(p[first + i + k], q[first + i + k]);
      }
      for (std::size_t k = 0; i < count; ++i, ++k) sums[k] += distance.value(p[first + i], q[first + i]);
      double partial = 0;
      for (std::size_t k = 0; k < lanes; ++k) partial += static_cast<double>(sums[k]);
      total += partial;
    }
    out[n] = static_cast<Real>(total / static_cast<double>(size));
  }
};

/// Device version of SampleDistances: one team per sample.
template <class D, class Real, class Exec>
struct TeamDistances {
  D distance;
  Real const* a;
  Real const* b;
  std::size_t size;
  Real* out;

  using Team = typename Kokkos::TeamPolicy<Exec>::member_type;
  KOKKOS_FUNCTION void operator()(Team const& team) const { of_sample(team, static_cast<std::size_t>(team.league_rank())); }
  KOKKOS_FUNCTION void of_sample(Team const& team, std::size_t n) const {
    Real const* const p = a + n * size;
    Real const* const q = b + n * size;
    double total = 0;
    Kokkos::parallel_reduce(
        Kokkos::TeamThreadRange(team, size), [&](std::size_t i, double& sum) { sum += static_cast<double>(distance.value(p[i], q[i])); },
        total);
    Kokkos::single(Kokkos::PerTeam(team), [&] { out[n] = static_cast<Real>(total / static_cast<double>(size)); });
  }
};

/// Mean distance of sample n over the pixels where the mask is not 0; 0 where there are none.
template <class D, class Real>
struct MaskedDistances {
  D distance;
  Real const* mask;
  Real const* a;
  Real const* b;
  std::size_t pixels;
  int channels;
  Real* out;

  /// Returns the sum over the channels of a pixel of the batch, 0 where the mask is 0.
  KOKKOS_FUNCTION double of_pixel(std::size_t pixel) const {
    double sum = 0;
    if (mask[pixel] != Real(0))
      for (std::size_t i = pixel * channels; i < (pixel + 1) * channels; ++i) sum += static_cast<double>(distance.value(a[i], b[i]));
    return sum;
  }
  KOKKOS_FUNCTION void write(std::size_t n, double sum, std::size_t known) const {
    out[n] = known > 0 ? static_cast<Real>(sum / static_cast<double>(known * channels)) : Real(0);
  }
  KOKKOS_FUNCTION void operator()(std::size_t n) const {
    double sum = 0;
    std::size_t known = 0;
    for (std::size_t pixel = n * pixels; pixel < (n + 1) * pixels; ++pixel) {
      sum += of_pixel(pixel);
      known += mask[pixel] != Real(0) ? 1 : 0;
    }
    write(n, sum, known);
  }
};

/// Device version of MaskedDistances: one team per sample.
template <class D, class Real, class Exec>
struct TeamMaskedDistances {
  MaskedDistances<D, Real> base;

  using Team = typename Kokkos::TeamPolicy<Exec>::member_type;
  KOKKOS_FUNCTION void operator()(Team const& team) const { of_sample(team, static_cast<std::size_t>(team.league_rank())); }
  KOKKOS_FUNCTION void of_sample(Team const& team, std::size_t n) const {
    double total = 0;
    std::size_t known = 0;
    Kokkos::parallel_reduce(
        Kokkos::TeamThreadRange(team, base.pixels), [&](std::size_t i, double& sum) { sum += base.of_pixel(n * base.pixels + i); }, total);
    Kokkos::parallel_reduce(
        Kokkos::TeamThreadRange(team, base.pixels),
        [&](std::size_t i, std::size_t& sum) { sum += base.mask[n * base.pixels + i] != Real(0) ? 1 : 0; }, known);
    Kokkos::single(Kokkos::PerTeam(team), [&] { base.write(n, total, known); });
  }
};

template <class D, class Real>
struct PixelDistances {
  D distance;
  Real const* a;
  Real const* b;
  int channels;
  Real* out;

  KOKKOS_FUNCTION void operator()(std::size_t pixel) const {
    Real sum = 0;
    for (std::size_t i = pixel * channels; i < (pixel + 1) * channels; ++i) sum += distance.value(a[i], b[i]);
    out[pixel] = sum / static_cast<Real>(channels);
  }
};

/// out = factor · scale(row) · ∂D(a, b)/∂argument, or with `add` out += that, elementwise.
template <bool add, class D, class Real>
struct DistanceGradient {
  D distance;
  Real const* a;
  Real const* b;
  Argument argument;
  Real factor;
  Real const* scale;  // one number per row, or nullptr
  Real* out;
  std::size_t size;

  KOKKOS_FUNCTION void operator()(std::size_t row, std::size_t first, std::size_t last) const {
    Real const weight = scale != nullptr ? factor * scale[row] : factor;
    Real const* const p = a + row * size;
    Real const* const q = b + row * size;
    Real* const g = out + row * size;
    if (argument == Argument::first) {
      IGN_IVDEP
      for (std::size_t i = first; i < last; ++i) put(g[i], weight * distance.derivative_first(p[i], q[i]));
    } else {
      IGN_IVDEP
      for (std::size_t i = first; i < last; ++i) put(g[i], weight * distance.derivative_second(p[i], q[i]));
    }
  }

 private:
  KOKKOS_FORCEINLINE_FUNCTION static void put(Real& to, Real value) {
    if constexpr (add)
      to += value;
    else
      to = value;
  }
};

/// Queues it for a mean over a sample's elements.
template <bool add, class D, Scalar Real, class Exec>
void queue_distance_gradient(char const* label, Exec const& exec, D const& distance, TensorRef<Real, Exec> const& a,
                             TensorRef<Real, Exec> const& b, Argument argument, double factor, VectorRef<Real, Exec> const& scale,
                             TensorRef<Real, Exec> const& out) {
  std::size_t const size = shape_of(a).size();
  for_each_chunk(label, exec, a.extent(0), size,
                 DistanceGradient<add, D, Real>{distance, a.data(), b.data(), argument,
                                                static_cast<Real>(factor / static_cast<double>(size)), scale.data(), out.data(), size});
}

template <Scalar Real, class Exec>
void require_comparable(char const* what, TensorRef<Real, Exec> const& a, TensorRef<Real, Exec> const& b,
                        VectorRef<Real, Exec> const& of_samples) {
  require(a.extent(0) == b.extent(0) && shape_of(a) == shape_of(b), Fault::shape, 205, what, ": ", a.extent(0), " samples of ", shape_of(a),
          " and ", b.extent(0), " of ", shape_of(b), ", expected equal extents");
  require(of_samples.data() == nullptr || of_samples.size() == a.extent(0), Fault::shape, 205, what, ": ", of_samples.size(),
          " elements for ", a.extent(0), " samples, expected one per sample");
}

template <Scalar Real, class Exec>
void check_masked_distances(TensorRef<Real, Exec> const& mask, TensorRef<Real, Exec> const& a, TensorRef<Real, Exec> const& b,
                            VectorRef<Real, Exec> const& out) {
  require_comparable<Real, Exec>("masked_sample_distances", a, b, out);
  require(is_mask_of(mask, a), Fault::shape, 316, "masked_sample_distances: mask of ", mask.extent(0), " samples of ", shape_of(mask),
          " for ", a.extent(0), " of ", shape_of(a), ", expected a mask like them with one channel");
}

template <Scalar Real, class Exec>
void check_pixel_distances(TensorRef<Real, Exec> const& a, TensorRef<Real, Exec> const& b, TensorRef<Real, Exec> const& out) {
  require_comparable<Real, Exec>("pixel_distances", a, b, {});
  require(is_mask_of(out, a), Fault::shape, 471, "pixel_distances: ", out.extent(0), " maps of ", shape_of(out), " for ", a.extent(0),
          " samples of ", shape_of(a), ", expected maps like them with one channel");
}

}  // namespace detail

/// Computes out(n) = D(a, b) of sample n, the mean over its h·w·c elements.
/// \throws Error [ign.shape.205] when a and b differ in extents, or when out does not have one value per sample
template <Distance D, Scalar Real, class Exec>
void sample_distances(Exec const& exec, D const& distance, TensorRef<Real, Exec> const& a, TensorRef<Real, Exec> const& b,
                      VectorRef<Real, Exec> const& out) {
  detail::require_comparable<Real, Exec>("sample_distances", a, b, out);
  if constexpr (uses_host_kernels_v<Exec>)
    Kokkos::parallel_for("ign::sample_distances", range_policy(exec, a.extent(0)),
                         detail::SampleDistances<D, Real>{distance, a.data(), b.data(), shape_of(a).size(), out.data()});
  else
    Kokkos::parallel_for("ign::sample_distances", as_launch_argument(Kokkos::TeamPolicy<Exec>(exec, batch_of(a), Kokkos::AUTO)),
                         detail::TeamDistances<D, Real, Exec>{distance, a.data(), b.data(), shape_of(a).size(), out.data()});
}

/// Computes out(n) = D(a, b) of sample n, the mean over the elements of its known pixels; 0 for a sample without known pixels.
/// \param mask  (n, h, w, 1), not 0 where a pixel is known. The elements of other pixels are not read
/// \throws Error [ign.shape.205] as sample_distances, [ign.shape.316] when the mask does not have the extents of a with one channel
template <Distance D, Scalar Real, class Exec>
void masked_sample_distances(Exec const& exec, D const& distance, TensorRef<Real, Exec> const& mask, TensorRef<Real, Exec> const& a,
                             TensorRef<Real, Exec> const& b, VectorRef<Real, Exec> const& out) {
  detail::check_masked_distances<Real, Exec>(mask, a, b, out);
  detail::MaskedDistances<D, Real> const body{
      distance, mask.data(), a.data(), b.data(), a.extent(1) * a.extent(2), static_cast<int>(a.extent(3)), out.data()};
  if constexpr (uses_host_kernels_v<Exec>)
    Kokkos::parallel_for("ign::masked_sample_distances", range_policy(exec, a.extent(0)), body);
  else
    Kokkos::parallel_for("ign::masked_sample_distances", as_launch_argument(Kokkos::TeamPolicy<Exec>(exec, batch_of(a), Kokkos::AUTO)),
                         detail::TeamMaskedDistances<D, Real, Exec>{body});
}

/// Computes out = D(a, b) of each pixel, the mean over its channels.
/// \param out  (n, h, w, 1)
/// \throws Error [ign.shape.205] when a and b differ in extents, [ign.shape.471] when out does not have their extents with one channel
template <Distance D, Scalar Real, class Exec>
void pixel_distances(Exec const& exec, D const& distance, TensorRef<Real, Exec> const& a, TensorRef<Real, Exec> const& b,
                     TensorRef<Real, Exec> const& out) {
  detail::check_pixel_distances<Real, Exec>(a, b, out);
  Kokkos::parallel_for("ign::pixel_distances", range_policy(exec, out.size()),
                       detail::PixelDistances<D, Real>{distance, a.data(), b.data(), static_cast<int>(a.extent(3)), out.data()});
}

/// Computes out = factor · scale(n) · ∂D(a, b)/∂argument, where D is the mean over a sample's elements. An absent `scale` counts as 1.
/// \throws Error [ign.shape.205] when a, b and out differ in extents, or when scale does not have one value per sample
template <Distance D, Scalar Real, class Exec>
void distance_gradient(Exec const& exec, D const& distance, TensorRef<Real, Exec> const& a, TensorRef<Real, Exec> const& b,
                       Argument argument, double factor, VectorRef<Real, Exec> const& scale, TensorRef<Real, Exec> const& out) {
  detail::require_comparable<Real, Exec>("distance_gradient", a, b, scale);
  detail::require_comparable<Real, Exec>("distance_gradient", a, out, scale);
  detail::queue_distance_gradient<false>("ign::distance_gradient", exec, distance, a, b, argument, factor, scale, out);
}

}  // namespace ign

#endif  // IGN_LOSSES_DISTANCE_HPP
