// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Multi-scale sliced Wasserstein distance of two sets of images. It needs neither labels nor a feature net.
///
/// Memory: Laplacian pyramids, 4/3 of both sets, and the projections of all patches onto 32 directions. Patches are never copied: their
/// positions are functions of seed, level, image and number.
#ifndef IGN_METRICS_SLICED_WASSERSTEIN_HPP
#define IGN_METRICS_SLICED_WASSERSTEIN_HPP

#include <algorithm>
#include <cmath>
#include <vector>

#include "ign/metrics/detail/laplacian_pyramid.hpp"
#include "ign/metrics/detail/patch_projections.hpp"
#include "ign/random/fill.hpp"

namespace ign::metrics {

/// Levels, patches and directions of sliced_wasserstein. The defaults are the paper's.
struct SlicedWassersteinOptions {
  int lowest = 16;         ///< smallest height and width of a level, pixels; ≥ patch and ≥ 2
  int patch = 7;           ///< side of a patch, pixels, ≥ 1
  int patches = 128;       ///< patches of an image and level, ≥ 1
  int directions = 512;    ///< random directions of a level, ≥ 1
  std::uint64_t seed = 1;  ///< seed of positions and directions
};

/// Distance of one level of the pyramids.
struct SlicedWassersteinLevel {
  int height = 0;       ///< pixels
  int width = 0;        ///< pixels
  double distance = 0;  ///< in thousandths of a standard deviation
};

/// Distances of all levels, beginning with the full resolution.
struct SlicedWasserstein {
  std::vector<SlicedWassersteinLevel> levels{};  ///< at least one
  double mean = 0;                               ///< mean of the levels' distances
};

namespace detail {

/// Random unit vectors (count, size).
template <class Exec>
std::vector<double> unit_directions(Exec const& exec, Key const& key, std::size_t count, std::size_t size) {
  auto const numbers = make_vector<double>(exec, "ign::metrics::directions", count * size);
  fill_gaussian(exec, key, 1, VectorRef<double, Exec>(numbers));
  auto directions = to_host(exec, numbers);
  for (std::size_t j = 0; j < count; ++j) {
    double squares = 0;
    for (std::size_t k = 0; k < size; ++k) squares += directions[j * size + k] * directions[j * size + k];
    for (std::size_t k = 0; k < size; ++k) directions[j * size + k] /= std::sqrt(squares);
  }
  return directions;
}

template <class Real>
struct Magnitude {
  Real const* values;

  KOKKOS_FUNCTION void operator()(std::size_t i, double& largest) const {
    largest = Kokkos::max(largest, Kokkos::abs(static_cast<double>(values[i])));
  }
};

/// Standard deviation that rounding alone may give a level of these images.
template <class Real, class Exec>
double rounding_of(Exec const& exec, TensorRef<Real, Exec> const& images) {
  double largest = 0;
  Kokkos::parallel_reduce("ign::metrics::magnitude", range_policy(exec, images.size()), Magnitude<Real>{images.data()},
                          Kokkos::Max<double>(largest));
  // 4: a value of a level is the difference of two filtered values, each with a few roundings of numbers up to `largest`.
  return 4 * largest * static_cast<double>(Kokkos::Experimental::epsilon_v<Real>);
}

template <class Real, class Exec>
double level_distance(Exec const& exec, ProjectedLevel<Real, Exec> const& a, ProjectedLevel<Real, Exec> const& b, std::size_t directions) {
  std::size_t const count = a.patches.count, parts = SumDifferences<Real>::parts(count);
  auto const rows = [&] {
    return Vector<Real, Exec>(Kokkos::view_alloc(exec, Kokkos::WithoutInitializing, "ign::metrics::projections"), direction_block * count);
  };
  auto const rows_a = rows(), rows_b = rows();
  auto const sums = make_vector<double>(exec, "ign::metrics::differences", direction_block * parts);
  double sum = 0;
  for (std::size_t first = 0; first < directions; first += direction_block) {
    a.project(exec, first / direction_block, rows_a);
    b.project(exec, first / direction_block, rows_b);
    Kokkos::parallel_for("ign::metrics::differences", range_policy(exec, sums.size()),
                         SumDifferences<Real>{rows_a.data(), rows_b.data(), count, sums.data()});
    auto const host = to_host(exec, sums);
    for (std::size_t i = 0; i < std::min(direction_block, directions - first) * parts; ++i) sum += host[i];
  }
  return 1000 * sum / static_cast<double>(count * directions);
}

}  // namespace detail

/// Returns the sliced Wasserstein distances of two sets of equally many images, by level of their Laplacian pyramids. 0 for equal sets in
/// the same order, and above 0 for two sets of one distribution, less for larger sets: compare with that of real against real images.
///
/// A level is half the one before, rounded up, filtered by (1, 4, 6, 4, 1) / 16 with mirrored borders. Each image gives `patches` patches
/// of a level, at random positions, the same in both sets. They are normalised to mean 0 and standard deviation 1, per set and channel; a
/// constant channel becomes 0. The distance is the mean over random unit directions of the mean |difference| of the sorted projections,
/// times 1000 as in the paper. Directions are the same in every call with the same seed and extents. Fences `exec`.
///
/// \param a, b  (n, h, w, c) with h, w ≥ options.lowest
/// \source Karras, Aila, Laine, Lehtinen, "Progressive growing of GANs for improved quality, stability, and variation", arXiv 1710.10196,
///         section 5
/// \throws Error [ign.shape.580] when the sets differ in number or extents, or have no images; [ign.shape.581] when images are smaller than
///         the lowest level; [ign.option.580] on impossible options; [ign.numeric.200] on values that are not finite
template <class Real, class Exec>
SlicedWasserstein sliced_wasserstein(Exec const& exec, TensorRef<Real, Exec> const& a, TensorRef<Real, Exec> const& b,
                                     SlicedWassersteinOptions const& options = {}) {
  Shape const image = shape_of(a);
  require(options.patch >= 1 && options.lowest >= std::max(2, options.patch) && options.patches >= 1 && options.directions >= 1,
          Fault::option, 580, "sliced Wasserstein distance: ", options.directions, " directions, ", options.patches, " patches of side ",
          options.patch, " per image, lowest level of ", options.lowest,
          " pixels, expected numbers of 1 or more, and a lowest level of at least a patch and 2");
  require(image == shape_of(b) && a.extent(0) == b.extent(0) && a.size() > 0, Fault::shape, 580,
          "sliced Wasserstein distance: ", a.extent(0), " images of ", image, " and ", b.extent(0), " of ", shape_of(b),
          ", expected equally many of equal extents, and at least 1; batch_range() takes the first images of a larger set");
  require(std::min(image.height, image.width) >= options.lowest, Fault::shape, 581, "sliced Wasserstein distance: images of ", image,
          ", expected at least ", options.lowest, " x ", options.lowest, " pixels, as in the lowest level of the options");
  detail::check_features(exec, "sliced Wasserstein distance", as_features<Real, Exec>(a), as_features<Real, Exec>(b), 1);

  auto const shapes = detail::pyramid_shapes(image, options.lowest);
  auto const pyramid_a = detail::laplacian_pyramid(exec, a, shapes), pyramid_b = detail::laplacian_pyramid(exec, b, shapes);
  double const rounding_a = detail::rounding_of(exec, a), rounding_b = detail::rounding_of(exec, b);
  auto const side = static_cast<std::size_t>(options.patch), per_image = static_cast<std::size_t>(options.patches),
             directions = static_cast<std::size_t>(options.directions);
  SlicedWasserstein result;
  for (std::size_t l = 0; l < shapes.size(); ++l) {
    Shape const shape = shapes[l];
    Key const positions{options.seed, RandomStream::user, 2 * l}, along{options.seed, RandomStream::user, 2 * l + 1};
    auto const unit = detail::unit_directions(exec, along, directions, side * side * static_cast<std::size_t>(shape.channels));
    auto const level = [&](auto const& pyramid, double rounding) {
      return detail::ProjectedLevel<Real, Exec>(exec, {positions, pyramid[l].data(), shape, a.extent(0) * per_image, per_image, side}, unit,
                                                rounding);
    };
    result.levels.push_back(
        {shape.height, shape.width, detail::level_distance(exec, level(pyramid_a, rounding_a), level(pyramid_b, rounding_b), directions)});
    result.mean += result.levels.back().distance / static_cast<double>(shapes.size());
  }
  return result;
}

}  // namespace ign::metrics

#endif  // IGN_METRICS_SLICED_WASSERSTEIN_HPP
