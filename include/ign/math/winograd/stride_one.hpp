// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Winograd transforms for convolutions of kernel 3 and stride 1 on hosts: F(tile, 3), with tile + 2 products along an axis.
///
/// In two dimensions 16 products replace 36 with tile = 2, and 36 replace 144 with tile = 4, in all three operations. The input gradient is
/// the forward operation from coarse to fine, with the taps in reverse order and padding 2 - p.
///
/// Accuracy: rounding errors are 0.7 times those of the direct sum with tile = 2, and up to 2.5 times with tile = 4 (float, root mean
/// square).
///
/// \source Lavin and Gray, arXiv 1509.09308; the choice of points: Barabasz et al., ACM Transactions on Mathematical Software 46 (2020)
#ifndef IGN_MATH_WINOGRAD_STRIDE_ONE_HPP
#define IGN_MATH_WINOGRAD_STRIDE_ONE_HPP

#include "ign/math/winograd/transforms.hpp"

namespace ign::math::winograd {

/// True if the transforms of this file apply to the geometry.
inline bool fits_stride_one(ConvGeometry const& g) {
  return g.kernel == 3 && g.stride == 1 && g.padding >= 0 && g.padding <= 2 && !g.is_volume();
}
/// True if the transforms for hosts apply to the geometry, of two dimensions; of three: see fits_volume.
inline bool fits(ConvGeometry const& g) { return fits_stride_two(g) || fits_stride_one(g); }

/// F(tile, 3): `tile` neighbouring results of three taps by tile + 2 products. T is a scalar or a pack of neighbouring channels. The
/// functions are those of TwoTaps.
template <int tile>
struct ThreeTaps;

/// Points 0, 1, -1, ∞.
template <>
struct ThreeTaps<2> {
  /// d0 … d3 to left factors.
  template <class T>
  static void left(T const* d, T* v) {
    v[0] = d[0] - d[2];
    v[1] = d[2] + d[1];
    v[2] = d[2] - d[1];
    v[3] = d[3] - d[1];
  }
  /// Taps to right factors.
  template <class T>
  static void right(T const& a, T const& b, T const& c, T* u) {
    u[0] = a;
    u[1] = times(0.5, a + b + c);
    u[2] = times(0.5, a - b + c);
    u[3] = c;
  }
  /// Products to results.
  template <class T>
  static void results(T const* m, T* y) {
    y[0] = m[0] + m[1] + m[2];
    y[1] = m[1] - m[2] + m[3];
  }
  /// The adjoint of `results`.
  template <class T>
  static void results_adjoint(T const* y, T* m) {
    m[0] = y[0];
    m[1] = y[0] + y[1];
    m[2] = y[0] - y[1];
    m[3] = y[1];
  }
  /// The adjoint of `right`.
  template <class T>
  static void right_adjoint(T const* u, T* taps) {
    taps[0] = u[0] + times(0.5, u[1] + u[2]);
    taps[1] = times(0.5, u[1] - u[2]);
    taps[2] = times(0.5, u[1] + u[2]) + u[3];
  }
};

/// Points 0, a, -a, b, -b, ∞ with a = 3/4 and b = 3/2 (docs/decisions.md compares others). All coefficients but those of the taps are
/// exact.
template <>
struct ThreeTaps<4> {
  static constexpr double a = 0.75, b = 1.5, a2 = a * a, b2 = b * b;
  static constexpr double of_zero = 1 / (a2 * b2), of_a = 1 / (2 * a2 * (a2 - b2)), of_b = 1 / (2 * b2 * (b2 - a2));  // of the taps

  template <class T>
  static void left(T const* d, T* v) {
    T const even_a = d[4] - times(b2, d[2]), odd_a = times(a, d[3] - times(b2, d[1]));
    T const even_b = d[4] - times(a2, d[2]), odd_b = times(b, d[3] - times(a2, d[1]));
    v[0] = times(a2 * b2, d[0]) - times(a2 + b2, d[2]) + d[4];
    v[1] = even_a + odd_a;
    v[2] = even_a - odd_a;
    v[3] = even_b + odd_b;
    v[4] = even_b - odd_b;
    v[5] = times(a2 * b2, d[1]) - times(a2 + b2, d[3]) + d[5];
  }
  template <class T>
  static void right(T const& w0, T const& w1, T const& w2, T* u) {
    T const even_a = times(of_a, w0 + times(a2, w2)), odd_a = times(of_a * a, w1);
    T const even_b = times(of_b, w0 + times(b2, w2)), odd_b = times(of_b * b, w1);
    u[0] = times(of_zero, w0);
    u[1] = even_a + odd_a;
    u[2] = even_a - odd_a;
    u[3] = even_b + odd_b;
    u[4] = even_b - odd_b;
    u[5] = w2;
  }
  template <class T>
  static void results(T const* m, T* y) {
    T const even_a = m[1] + m[2], odd_a = times(a, m[1] - m[2]), even_b = m[3] + m[4], odd_b = times(b, m[3] - m[4]);
    y[0] = m[0] + even_a + even_b;
    y[1] = odd_a + odd_b;
    y[2] = times(a2, even_a) + times(b2, even_b);
    y[3] = times(a2, odd_a) + times(b2, odd_b) + m[5];
  }
  template <class T>
  static void results_adjoint(T const* y, T* m) {
    T const even_a = y[0] + times(a2, y[2]), odd_a = times(a, y[1] + times(a2, y[3]));
    T const even_b = y[0] + times(b2, y[2]), odd_b = times(b, y[1] + times(b2, y[3]));
    m[0] = y[0];
    m[1] = even_a + odd_a;
    m[2] = even_a - odd_a;
    m[3] = even_b + odd_b;
    m[4] = even_b - odd_b;
    m[5] = y[3];
  }
  template <class T>
  static void right_adjoint(T const* u, T* taps) {
    T const even_a = times(of_a, u[1] + u[2]), odd_a = times(of_a * a, u[1] - u[2]);
    T const even_b = times(of_b, u[3] + u[4]), odd_b = times(of_b * b, u[3] - u[4]);
    taps[0] = times(of_zero, u[0]) + even_a + even_b;
    taps[1] = odd_a + odd_b;
    taps[2] = times(a2, even_a) + times(b2, even_b) + u[5];
  }
};

namespace stride_one {

// Transforms of one axis, as those of transforms.hpp.

/// Input transform Bᵀd: fine elements i-p … i+tile+1-p to the left factors of coarse elements i … i+tile-1.
template <int tile, class T>
struct FineToLeft {
  using value_type = T;
  static constexpr int in = tile + 2, out = tile + 2;
  static void apply(T const* x, T* v) { ThreeTaps<tile>::left(x, v); }
};

/// Output transform Aᵀm: points to coarse elements i … i+tile-1.
template <int tile, class T>
struct PointsToCoarse {
  using value_type = T;
  static constexpr int in = tile + 2, out = tile;
  static void apply(T const* m, T* y) { ThreeTaps<tile>::results(m, y); }
};

/// Filter transform G g: taps to right factors.
template <int tile, class T>
struct TapsToRight {
  using value_type = T;
  static constexpr int in = 3, out = tile + 2;
  static void apply(T const* w, T* u) { ThreeTaps<tile>::right(w[0], w[1], w[2], u); }
};

/// Filter transform of the input gradient: the taps in reverse order.
template <int tile, class T>
struct TapsToAdjointRight {
  using value_type = T;
  static constexpr int in = 3, out = tile + 2;
  static void apply(T const* w, T* u) { ThreeTaps<tile>::right(w[2], w[1], w[0], u); }
};

/// Gradients of coarse elements i … i+tile-1 to gradients of the points: the adjoint of PointsToCoarse.
template <int tile, class T>
struct CoarseToPoints {
  using value_type = T;
  static constexpr int in = tile, out = tile + 2;
  static void apply(T const* y, T* m) { ThreeTaps<tile>::results_adjoint(y, m); }
};

/// Gradients of the right factors to gradients of the taps: the adjoint of TapsToRight.
template <int tile, class T>
struct RightToTaps {
  using value_type = T;
  static constexpr int in = tile + 2, out = 3;
  static void apply(T const* u, T* w) { ThreeTaps<tile>::right_adjoint(u, w); }
};

}  // namespace stride_one

/// The transforms of kernel 3 and stride 1, as an argument of the kernels.
template <int tile_extent>
struct StrideOne {
  static constexpr int tile = tile_extent;                                       ///< coarse pixels of a tile along an axis
  static constexpr int stride = 1;                                               ///< fine pixels from one coarse pixel to the next
  static constexpr int taps = 3;                                                 ///< taps along an axis
  static constexpr int patch = tile + 2;                                         ///< fine pixels that a tile meets along an axis
  static constexpr int axis_phases = 1;                                          ///< phases along an axis
  static constexpr int axis_points = tile + 2;                                   ///< points along an axis
  static constexpr int axis_products = tile + 2;                                 ///< products along an axis
  static constexpr std::size_t phases = 1;                                       ///< phases of a tile
  static constexpr std::size_t points = std::size_t{axis_points} * axis_points;  ///< points of a tile
  static constexpr std::size_t products = points;                                ///< products of a tile
  template <class T>
  using FineToLeft = stride_one::FineToLeft<tile, T>;
  template <class T>
  using PointsToCoarse = stride_one::PointsToCoarse<tile, T>;
  template <class T>
  using TapsToRight = stride_one::TapsToRight<tile, T>;
  template <class T>
  using TapsToAdjointRight = stride_one::TapsToAdjointRight<tile, T>;
  template <class T>
  using CoarseToPoints = stride_one::CoarseToPoints<tile, T>;
  template <class T>
  using RightToTaps = stride_one::RightToTaps<tile, T>;
};

}  // namespace ign::math::winograd

#endif  // IGN_MATH_WINOGRAD_STRIDE_ONE_HPP
