// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Laplacian pyramids of sets of images.
#ifndef IGN_METRICS_DETAIL_LAPLACIAN_PYRAMID_HPP
#define IGN_METRICS_DETAIL_LAPLACIAN_PYRAMID_HPP

#include <algorithm>
#include <vector>

#include "ign/core/launch.hpp"
#include "ign/core/padding_mode.hpp"
#include "ign/core/tensor.hpp"

namespace ign::metrics::detail {

/// Tap of the binomial filter (1, 4, 6, 4, 1) / 16 at -2 to 2.
template <class Real>
KOKKOS_INLINE_FUNCTION Real binomial(int tap) {
  return tap == 0 ? Real(0.375) : tap == 1 || tap == -1 ? Real(0.25) : Real(0.0625);
}

/// Offset of the pixel at (y, x) in an image that is mirrored at its borders.
KOKKOS_INLINE_FUNCTION std::size_t mirrored_pixel(int y, int x, Shape image) {
  int const row = continued_index(PaddingMode::reflecting, y, image.height);
  int const column = continued_index(PaddingMode::reflecting, x, image.width);
  return (static_cast<std::size_t>(row) * image.width + column) * image.channels;
}

/// One pixel of `out`: every second one of `in`, after the filter.
template <class Real>
struct HalveResolution {
  Real const* in;
  Shape from;
  Real* out;
  Shape to;

  KOKKOS_FUNCTION void operator()(std::size_t index) const {
    int const x = static_cast<int>(index % to.width), y = static_cast<int>(index / to.width % to.height);
    Real const* const image = in + index / to.width / to.height * from.size();
    for (int c = 0; c < to.channels; ++c) {
      Real sum = 0;
      for (int dy = -2; dy <= 2; ++dy)
        for (int dx = -2; dx <= 2; ++dx)
          sum += binomial<Real>(dy) * binomial<Real>(dx) * image[mirrored_pixel(2 * y + dy, 2 * x + dx, from) + c];
      out[index * to.channels + c] = sum;
    }
  }
};

/// One pixel of `fine`: subtracts `coarse`, expanded by zeros between its pixels and four times the filter. A mirrored coordinate is even
/// where the coordinate is, so that it is a pixel of `coarse`.
template <class Real>
struct SubtractExpanded {
  Real const* coarse;
  Shape from;
  Real* fine;
  Shape to;

  KOKKOS_FUNCTION void operator()(std::size_t index) const {
    int const x = static_cast<int>(index % to.width), y = static_cast<int>(index / to.width % to.height);
    Real const* const image = coarse + index / to.width / to.height * from.size();
    for (int c = 0; c < to.channels; ++c) {
      Real sum = 0;
      for (int dy = -2 + y % 2; dy <= 2; dy += 2) {
        int const row = continued_index(PaddingMode::reflecting, y + dy, to.height) / 2;
        for (int dx = -2 + x % 2; dx <= 2; dx += 2) {
          int const column = continued_index(PaddingMode::reflecting, x + dx, to.width) / 2;
          sum += 4 * binomial<Real>(dy) * binomial<Real>(dx) *
                 image[(static_cast<std::size_t>(row) * from.width + column) * from.channels + c];
        }
      }
      fine[index * to.channels + c] -= sum;
    }
  }
};

/// Extents of the levels, from the full resolution to the last whose sides are at least `lowest`.
inline std::vector<Shape> pyramid_shapes(Shape image, int lowest) {
  std::vector<Shape> shapes = {image};
  auto const next = [&] { return Shape{(shapes.back().height + 1) / 2, (shapes.back().width + 1) / 2, image.channels}; };
  while (std::min(next().height, next().width) >= lowest) shapes.push_back(next());
  return shapes;
}

/// Laplacian pyramid: differences of neighbouring resolutions, and the lowest resolution.
/// \source Burt and Adelson, "The Laplacian pyramid as a compact image code", IEEE Transactions on Communications 31 (1983)
template <class Real, class Exec>
std::vector<Vector<Real, Exec>> laplacian_pyramid(Exec const& exec, TensorRef<Real, Exec> const& images, std::vector<Shape> const& shapes) {
  std::size_t const count = images.extent(0);
  std::vector<Vector<Real, Exec>> levels;
  for (auto const& shape : shapes)
    levels.emplace_back(Kokkos::view_alloc(exec, Kokkos::WithoutInitializing, "ign::metrics::pyramid"), count * shape.size());
  Kokkos::deep_copy(exec, levels[0], VectorRef<Real, Exec>(images.data(), images.size()));
  auto const pixels = [&](Shape shape) { return range_policy(exec, count * shape.height * shape.width); };
  for (std::size_t l = 1; l < shapes.size(); ++l) {
    auto const &fine = shapes[l - 1], &coarse = shapes[l];
    Kokkos::parallel_for("ign::metrics::halve_resolution", pixels(coarse),
                         HalveResolution<Real>{levels[l - 1].data(), fine, levels[l].data(), coarse});
    Kokkos::parallel_for("ign::metrics::subtract_expanded", pixels(fine),
                         SubtractExpanded<Real>{levels[l].data(), coarse, levels[l - 1].data(), fine});
  }
  return levels;
}

}  // namespace ign::metrics::detail

#endif  // IGN_METRICS_DETAIL_LAPLACIAN_PYRAMID_HPP
