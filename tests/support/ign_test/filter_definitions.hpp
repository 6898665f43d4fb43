// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Definitions of the filters for images x(i, j), in double.

#ifndef IGN_TEST_FILTER_DEFINITIONS_HPP
#define IGN_TEST_FILTER_DEFINITIONS_HPP

#include <ign/corruptions/filters.hpp>

#include <algorithm>
#include <cmath>
#include <functional>

namespace ign_test {

/// Value of a channel in row i and column j.
using Image = std::function<double(int i, int j)>;

inline int reflected(int i, int count) {
  while (count > 1 && (i < 0 || i >= count)) i = i < 0 ? -i : 2 * (count - 1) - i;
  return count == 1 ? 0 : i;
}

/// Pixel (i, j) of a blurred image.
inline double blurred(ign::GaussianWindow const& window, int height, int width, int i, int j, Image const& x) {
  double sum = 0, total = 0;
  int const r = window.taps / 2;
  for (int a = -r; a <= r; ++a)
    for (int b = -r; b <= r; ++b) {
      double const weight = std::exp(-(a * a + b * b) / (2 * window.sigma * window.sigma));
      total += weight;
      sum += weight * x(reflected(i + a, height), reflected(j + b, width));
    }
  return sum / total;
}

/// Mean over block (a, b) of factor × factor pixels.
inline double block_mean(int factor, int height, int width, int a, int b, Image const& x) {
  double sum = 0;
  int count = 0;
  for (int i = a * factor; i < std::min(height, (a + 1) * factor); ++i)
    for (int j = b * factor; j < std::min(width, (b + 1) * factor); ++j, ++count) sum += x(i, j);
  return sum / count;
}

/// Pixel (i, j) of the bilinear interpolation between block means: a hat around every block's centre, the outermost ones held on to the
/// border.
inline double bilinear(int factor, int height, int width, int i, int j, Image const& x) {
  int const rows = (height + factor - 1) / factor, columns = (width + factor - 1) / factor;
  auto const hat = [&](int pixel, int block, int blocks) {
    double const place = std::clamp((pixel + 0.5) / factor - 0.5, 0.0, blocks - 1.0);
    return std::max(0.0, 1 - std::abs(place - block));
  };
  double sum = 0;
  for (int a = 0; a < rows; ++a)
    for (int b = 0; b < columns; ++b) sum += hat(i, a, rows) * hat(j, b, columns) * block_mean(factor, height, width, a, b, x);
  return sum;
}

}  // namespace ign_test

#endif
