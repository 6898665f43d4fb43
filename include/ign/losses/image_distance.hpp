// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Distances of whole images, which need memory and may apply a net. See nets/perceptual.hpp for an example.
///
/// The functions are split, so that the features of a batch are computed once and used for all its distances. A D for elements of type Real
/// on Exec has
///
///     typename D::Features        what D computes from a batch of images, with its memory; default-constructible, and not copied
///     typename D::Workspace       scratch memory of all functions; default-constructible, and not copied. One call at a time may use it
///     void require_images(Shape image) const
///                                 throws Error if D does not take images of these extents
///     void extract(Exec const&, TensorRef<Real, Exec> images, Features& features, Workspace&) const
///                                 computes the features of images (n, h, w, c), which must not change until the last use of the features
///     void sample_distances(Exec const&, Features const& a, Features const& b, VectorRef<Real, Exec> out, Workspace&) const
///                                 out(n) = D(a, b) of sample n; it depends on sample n of a and b only
///     void gradient(Exec const&, Argument, Features const& a, Features const& b, double factor, VectorRef<Real, Exec> scale,
///                   TensorRef<Real, Exec> out, Workspace&) const
///                                 out = factor · scale(n) · ∂D(a, b)/∂argument; an absent scale counts as 1
///     auto pixel_distance() const
///                                 elementwise Distance that stands in for D where images are compared in parts: masks and maps
///     static constexpr char const* name
///                                 used only by checkpoints and logs
///
/// All work is asynchronous on the instance. Memory is allocated at the first call and when the batch grows. A training step may run as a
/// captured graph: the functions must not fence or copy to the host.
#ifndef IGN_LOSSES_IMAGE_DISTANCE_HPP
#define IGN_LOSSES_IMAGE_DISTANCE_HPP

#include <Kokkos_Core.hpp>

#include "ign/losses/distance.hpp"

namespace ign {

/// A distance of whole images, as opposed to an elementwise Distance. `distance::complete` checks the functions.
template <class D>
concept ImageDistance = requires {
  typename D::Features;
  typename D::Workspace;
};

/// Memory for distances between two batches; empty for an elementwise Distance.
template <class D>
struct DistanceMemory {};
/// Memory for distances between two batches.
template <ImageDistance D>
struct DistanceMemory<D> {
  typename D::Features a{};           ///< features of the first batch
  typename D::Features b{};           ///< features of the second batch
  typename D::Workspace workspace{};  ///< scratch memory
};

namespace distance {

/// Reports the missing members of a Distance, or of an ImageDistance for Real and Exec, as readable compile-time errors.
template <class D, Scalar Real, class Exec>
constexpr bool complete() {
  if constexpr (ImageDistance<D>) {
    using Features = typename D::Features;
    using Workspace = typename D::Workspace;
    static_assert(
        requires(D const& distance, Exec const& exec, TensorRef<Real, Exec> const& images, Features& features, Workspace& workspace,
                 Shape image) {
          distance.require_images(image);
          distance.extract(exec, images, features, workspace);
        },
        "ign::ImageDistance: a distance of images has `require_images(shape) const` and `extract(exec, images, features, workspace) const` "
        "for the policy's number type and execution space: see ign/losses/image_distance.hpp");
    static_assert(
        requires(D const& distance, Exec const& exec, Features const& features, VectorRef<Real, Exec> const& out, Workspace& workspace) {
          distance.sample_distances(exec, features, features, out, workspace);
        },
        "ign::ImageDistance: a distance of images has `sample_distances(exec, a, b, out, workspace) const`: see "
        "ign/losses/image_distance.hpp");
    static_assert(
        requires(D const& distance, Exec const& exec, Features const& features, VectorRef<Real, Exec> const& scale,
                 TensorRef<Real, Exec> const& out,
                 Workspace& workspace) { distance.gradient(exec, Argument::first, features, features, 1.0, scale, out, workspace); },
        "ign::ImageDistance: a distance of images has `gradient(exec, argument, a, b, factor, scale, out, workspace) const`: see "
        "ign/losses/image_distance.hpp");
    static_assert(
        requires(D const& distance) {
          { distance.pixel_distance() } -> Distance;
        },
        "ign::ImageDistance: a distance of images has `pixel_distance() const`, an elementwise Distance: see "
        "ign/losses/image_distance.hpp");
    return true;
  } else {
    return complete<D>();
  }
}

/// Elementwise distance for masks and maps: D itself, or `pixel_distance()` of an ImageDistance.
template <class D>
auto pixel_distance_of(D const& distance) {
  if constexpr (ImageDistance<D>)
    return distance.pixel_distance();
  else
    return distance;
}

/// Calls `require_images` of an ImageDistance; an elementwise Distance takes all images.
template <class D>
void require_images_of([[maybe_unused]] D const& distance, [[maybe_unused]] Shape image) {
  if constexpr (ImageDistance<D>) distance.require_images(image);
}

}  // namespace distance

/// Computes out(n) = D(a, b) of sample n.
/// \param memory  grows at first use
/// \throws Error [ign.shape.205] when a and b differ in extents, or when out does not have one value per sample; as D
template <ImageDistance D, Scalar Real, class Exec>
void sample_distances(Exec const& exec, D const& distance, TensorRef<Real, Exec> const& a, TensorRef<Real, Exec> const& b,
                      VectorRef<Real, Exec> const& out, DistanceMemory<D>& memory) {
  detail::require_comparable<Real, Exec>("sample_distances", a, b, out);
  distance.extract(exec, a, memory.a, memory.workspace);
  distance.extract(exec, b, memory.b, memory.workspace);
  distance.sample_distances(exec, memory.a, memory.b, out, memory.workspace);
}

/// Computes out = factor · scale(n) · ∂D(a, b)/∂argument. An absent `scale` counts as 1.
/// \param memory  grows at first use
/// \throws Error [ign.shape.205] when a, b and out differ in extents, or when scale does not have one value per sample; as D
template <ImageDistance D, Scalar Real, class Exec>
void distance_gradient(Exec const& exec, D const& distance, TensorRef<Real, Exec> const& a, TensorRef<Real, Exec> const& b,
                       Argument argument, double factor, VectorRef<Real, Exec> const& scale, TensorRef<Real, Exec> const& out,
                       DistanceMemory<D>& memory) {
  detail::require_comparable<Real, Exec>("distance_gradient", a, b, scale);
  detail::require_comparable<Real, Exec>("distance_gradient", a, out, scale);
  distance.extract(exec, a, memory.a, memory.workspace);
  distance.extract(exec, b, memory.b, memory.workspace);
  distance.gradient(exec, argument, memory.a, memory.b, factor, scale, out, memory.workspace);
}

}  // namespace ign

#endif  // IGN_LOSSES_IMAGE_DISTANCE_HPP
