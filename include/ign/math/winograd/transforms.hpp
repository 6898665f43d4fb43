// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Winograd transforms for convolutions of kernel 4, stride 2, padding 1, on hosts and devices, and of kernel 3, stride 2, padding 1 on
/// hosts: forward, input gradient, weight gradient. Stride 1: math/winograd/stride_one.hpp.
///
/// Fine and coarse are the two images of a convolution (math/conv/geometry.hpp): of a Conv2d the input and the output, of a ConvTranspose2d
/// the output and the input.
///
/// Algorithm: decomposition into phases (polyphase components), then Winograd's F(tile, 2). Along one axis coarse element i meets fine
/// elements 2i-1 … 2i+2 through taps w0 … w3. Even and odd fine elements, e[i] = x[2i] and o[i] = x[2i+1], give two convolutions of two
/// taps and stride 1:
///
///     y[i] = (e[i] w1 + e[i+1] w3) + (o[i-1] w0 + o[i] w2)
///
/// `tile` neighbouring results of a filter (a, b) need tile + 1 products instead of 2 · tile. With tile = 2:
///
///     y0 = d0 a + d1 b = m0 + m1,   y1 = d1 a + d2 b = m1 + m2
///     m0 = (d0 - d1) a,   m1 = d1 (a + b),   m2 = (d2 - d1) b
///
/// A tile is tile × tile coarse pixels or 2·tile × 2·tile fine ones. In two dimensions 36 products replace 64 with tile = 2, and 100
/// replace 256 with tile = 4, in all three operations. The two phases of results of the adjoint share a left factor along each axis: 36
/// products need 25 left factors, 100 need 81.
///
/// Kernel 3 is kernel 4 with w3 = 0. The even phase has then one tap, and one of its tile + 1 products along an axis is zero: 25 products
/// replace 36 with tile = 2, and 81 replace 144 with tile = 4.
///
/// Accuracy: all coefficients of tile = 2 are 0 or ±1. Rounding errors are 1.1 times those of the direct sum with tile = 2, and up to 2.5
/// times with tile = 4 (float, root mean square over a measured layer: docs/numerics.md). docs/performance.md has the full derivation.
///
/// Notation in the files of this folder: V (9; tiles, 4 F) is a batch of nine matrices with one row per tile and 4 F columns.
/// \source Winograd, "Arithmetic complexity of computations", SIAM 1980; Lavin and Gray, arXiv 1509.09308
#ifndef IGN_MATH_WINOGRAD_TRANSFORMS_HPP
#define IGN_MATH_WINOGRAD_TRANSFORMS_HPP

#include <type_traits>

#include "ign/core/compiler.hpp"
#include "ign/math/conv/geometry.hpp"

namespace ign::math::winograd {

/// Pairs of even or odd rows with even or odd columns of the fine image.
inline constexpr std::size_t phase_count = 4;

/// Numbers of points, products and left factors of the adjoint, for tiles of tile × tile coarse pixels. A point is one of the tile + 1
/// products of F(tile, 2) along an axis, in the literature a point at which polynomials are evaluated.
template <int tile>
struct TileCounts {
  static constexpr int axis_points = tile + 1;                                      ///< points along one axis
  static constexpr int axis_factors = 2 * axis_points - 1;                          ///< left factors of the adjoint along one axis
  static constexpr std::size_t points = std::size_t{axis_points} * axis_points;     ///< points of a tile
  static constexpr std::size_t products = phase_count * points;                     ///< products of a tile: every point, for each phase
  static constexpr std::size_t factors = std::size_t{axis_factors} * axis_factors;  ///< left factors of a tile in the adjoint
};

using SmallTiles = TileCounts<2>;  ///< tiles on devices and in three dimensions

/// True if the transforms apply on hosts to the geometry, of two dimensions; of three: see fits_volume.
inline bool fits_stride_two(ConvGeometry const& g) {
  return (g.kernel == 4 || g.kernel == 3) && g.stride == 2 && g.padding == 1 && !g.is_volume();
}
/// True if the transforms apply on devices.
inline bool fits_device(ConvGeometry const& g) { return g.kernel == 4 && fits_stride_two(g); }

/// True if the last tap along an axis, w3, is zero: kernel 3.
inline bool lacks_last_tap(ConvGeometry const& g) { return g.kernel == 3 && g.stride == 2; }

/// F(tile, 2): `tile` neighbouring results of two taps (a, b) by tile + 1 products. T is a scalar or a pack of neighbouring channels.
/// Elements of d and y are `step` apart. `left` is Bᵀ, `right` G and `results` Aᵀ of Lavin and Gray.
template <int tile>
struct TwoTaps;

/// Points 0, 1, ∞.
template <>
struct TwoTaps<2> {
  /// d0 … d2 to left factors.
  template <std::size_t step, class T>
  KOKKOS_FUNCTION static void left(T const* d, T* v) {
    v[0] = d[0] - d[step];
    v[1] = d[step];
    v[2] = d[2 * step] - d[step];
  }
  /// Taps to right factors.
  template <class T>
  KOKKOS_FUNCTION static void right(T const& a, T const& b, T* u) {
    u[0] = a;
    u[1] = a + b;
    u[2] = b;
  }
  /// Products to results.
  template <std::size_t step, class T>
  KOKKOS_FUNCTION static void results(T const* m, T* y) {
    y[0] = m[0] + m[1];
    y[step] = m[1] + m[2];
  }
  /// The adjoint of `results`.
  template <class T>
  KOKKOS_FUNCTION static void results_adjoint(T const* y, T* m) {
    m[0] = y[0];
    m[1] = y[0] + y[1];
    m[2] = y[1];
  }
  /// The adjoint of `right`.
  template <class T>
  KOKKOS_FUNCTION static void right_adjoint(T const* u, T& a, T& b) {
    a = u[0] + u[1];
    b = u[1] + u[2];
  }
};

/// factor · x for a scalar or a pack.
template <class T>
KOKKOS_FUNCTION T times(double factor, T const& x) {
  if constexpr (std::is_floating_point_v<T>)
    return static_cast<T>(factor) * x;
  else if constexpr (requires { x[0]; })
    return static_cast<std::remove_cvref_t<decltype(x[0])>>(factor) * x;
  else
    return static_cast<std::remove_cvref_t<decltype(x.lane[0])>>(factor) * x;
}

/// Points 0, 1, -1/2, -2, ∞ (docs/decisions.md compares others). The set is closed under x -> 1/x: reversed d and taps give the same
/// products in another order.
template <>
struct TwoTaps<4> {
  template <std::size_t step, class T>
  KOKKOS_FUNCTION static void left(T const* d, T* v) {
    T const d1 = d[step], d2 = d[2 * step], d3 = d[3 * step];
    v[0] = d[0] - d3 + times(1.5, d1 - d2);
    v[1] = d1 + d3 + times(2.5, d2);
    v[2] = d2 + d3 - times(2, d1);
    v[3] = d1 + d2 - times(2, d3);
    v[4] = d[4 * step] - d1 + times(1.5, d3 - d2);
  }
  template <class T>
  KOKKOS_FUNCTION static void right(T const& a, T const& b, T* u) {
    u[0] = a;
    u[1] = times(2. / 9, a + b);
    u[2] = times(8. / 9, a - times(0.5, b));
    u[3] = times(8. / 9, b - times(0.5, a));
    u[4] = b;
  }
  template <std::size_t step, class T>
  KOKKOS_FUNCTION static void results(T const* m, T* y) {
    y[0] = m[0] + m[1] + m[2] - times(0.125, m[3]);
    y[step] = m[1] - times(0.5, m[2]) + times(0.25, m[3]);
    y[2 * step] = m[1] - times(0.5, m[3]) + times(0.25, m[2]);
    y[3 * step] = m[4] + m[1] + m[3] - times(0.125, m[2]);
  }
  template <class T>
  KOKKOS_FUNCTION static void results_adjoint(T const* y, T* m) {
    m[0] = y[0];
    m[1] = y[0] + y[1] + (y[2] + y[3]);
    m[2] = y[0] - times(0.5, y[1]) + times(0.25, y[2]) - times(0.125, y[3]);
    m[3] = y[3] - times(0.5, y[2]) + times(0.25, y[1]) - times(0.125, y[0]);
    m[4] = y[3];
  }
  template <class T>
  KOKKOS_FUNCTION static void right_adjoint(T const* u, T& a, T& b) {
    T const one = times(2. / 9, u[1]), two = times(8. / 9, u[2]), three = times(8. / 9, u[3]);
    a = u[0] + one + two - times(0.5, three);
    b = u[4] + one + three - times(0.5, two);
  }
};

// Transforms of one axis, in the letters of Lavin and Gray for input, filter and output: apply(x, v) maps `in` elements to `out` elements.
// Products are numbered (tile + 1) · phase + point.

/// Input transform Bᵀd: fine elements 2i-1 … 2(i+tile) to the left factors of coarse elements i … i+tile-1.
template <int tile, class T>
struct FineToLeft {
  using value_type = T;
  static constexpr int in = 2 * tile + 2, out = 2 * tile + 2;
  KOKKOS_FUNCTION static void apply(T const* x, T* v) {
    TwoTaps<tile>::template left<2>(x + 1, v);
    TwoTaps<tile>::template left<2>(x, v + tile + 1);
  }
};

/// Output transform Aᵀm: points, summed over phases, to coarse elements i … i+tile-1.
template <int tile, class T>
struct PointsToCoarse {
  using value_type = T;
  static constexpr int in = tile + 1, out = tile;
  KOKKOS_FUNCTION static void apply(T const* m, T* y) { TwoTaps<tile>::template results<1>(m, y); }
};

/// Filter transform G g: taps to the right factors that go with FineToLeft. Factor `tile` is zero if w3 is.
template <int tile, class T>
struct TapsToRight {
  using value_type = T;
  static constexpr int in = 4, out = 2 * tile + 2;
  KOKKOS_FUNCTION static void apply(T const* w, T* u) {
    TwoTaps<tile>::right(w[1], w[3], u);
    TwoTaps<tile>::right(w[0], w[2], u + tile + 1);
  }
};

/// Gradients of coarse elements i … i+tile-1 to gradients of the points: the adjoint of PointsToCoarse.
template <int tile, class T>
struct CoarseToPoints {
  using value_type = T;
  static constexpr int in = tile, out = tile + 1;
  KOKKOS_FUNCTION static void apply(T const* y, T* m) { TwoTaps<tile>::results_adjoint(y, m); }
};

/// Gradients of the right factors to gradients of the taps: the adjoint of TapsToRight.
template <int tile, class T>
struct RightToTaps {
  using value_type = T;
  static constexpr int in = 2 * tile + 2, out = 4;
  KOKKOS_FUNCTION static void apply(T const* u, T* w) {
    TwoTaps<tile>::right_adjoint(u, w[1], w[3]);
    TwoTaps<tile>::right_adjoint(u + tile + 1, w[0], w[2]);
  }
};

// Transforms of the adjoint: fine element 2i = x[i] w1 + x[i-1] w3, and 2i+1 = x[i+1] w0 + x[i] w2.

/// Input transform Bᵀd: coarse elements i-1 … i+tile to left factors. The last one of the even phase is the first one of the odd phase,
/// with opposite sign.
template <int tile, class T>
struct CoarseToLeft {
  using value_type = T;
  static constexpr int in = tile + 2, out = 2 * tile + 1;
  KOKKOS_FUNCTION static void apply(T const* x, T* v) {
    TwoTaps<tile>::template left<1>(x + 1, v + tile);
    TwoTaps<tile>::template left<1>(x, v);
  }
};

/// Index of the left factor of product `product`, among the results of CoarseToLeft.
template <int tile>
KOKKOS_INLINE_FUNCTION constexpr int left_factor_index(int product) {
  return product <= tile ? product : product - 1;
}

/// Filter transform G g: taps to the right factors that go with CoarseToLeft. Factor 0 is zero if w3 is.
template <int tile, class T>
struct TapsToAdjointRight {
  using value_type = T;
  static constexpr int in = 4, out = 2 * tile + 2;
  KOKKOS_FUNCTION static void apply(T const* w, T* u) {
    TwoTaps<tile>::right(w[3], w[1], u);
    TwoTaps<tile>::right(w[2], w[0], u + tile + 1);
    u[tile + 1] = T{} - u[tile + 1];
  }
};

/// Output transform Aᵀm: products to fine elements 2i … 2(i+tile)-1.
template <int tile, class T>
struct ProductsToFine {
  using value_type = T;
  static constexpr int in = 2 * tile + 2, out = 2 * tile;
  KOKKOS_FUNCTION static void apply(T const* m, T* y) {
    TwoTaps<tile>::template results<2>(m, y);
    TwoTaps<tile>::template results<2>(m + tile + 1, y + 1);
  }
};

/// The transforms of stride 2, as an argument of the kernels. math/winograd/stride_one.hpp has those of stride 1.
template <int tile_extent>
struct StrideTwo : TileCounts<tile_extent> {
  static constexpr int tile = tile_extent;            ///< coarse pixels of a tile along an axis
  static constexpr int stride = 2;                    ///< fine pixels from one coarse pixel to the next
  static constexpr int taps = 4;                      ///< largest number of taps along an axis
  static constexpr int patch = 2 * tile + 2;          ///< fine pixels that a tile meets along an axis
  static constexpr int axis_phases = 2;               ///< phases along an axis
  static constexpr int axis_products = 2 * tile + 2;  ///< products along an axis
  static constexpr std::size_t phases = phase_count;  ///< phases of a tile
  template <class T>
  using FineToLeft = winograd::FineToLeft<tile, T>;
  template <class T>
  using PointsToCoarse = winograd::PointsToCoarse<tile, T>;
  template <class T>
  using TapsToRight = winograd::TapsToRight<tile, T>;
  template <class T>
  using TapsToAdjointRight = winograd::TapsToAdjointRight<tile, T>;
  template <class T>
  using CoarseToPoints = winograd::CoarseToPoints<tile, T>;
  template <class T>
  using RightToTaps = winograd::RightToTaps<tile, T>;
};

// The adjoint as the transpose of the forward transform: all three operations then share 9 matrices (math/winograd/device.hpp).

/// Left factors to fine elements 2i … 2i+3: the adjoint of FineToLeft<2>. v[1] … v[6] are the six factors of this tile, v[0] is the third
/// factor of the previous tile, and v[7] the fourth factor of the next one.
template <class T>
struct LeftToFine {
  using value_type = T;
  static constexpr int in = 8, out = 4;
  KOKKOS_FUNCTION static void apply(T const* v, T* x) {
    x[0] = v[1] + v[0];
    x[1] = v[5] - v[4] - v[6];
    x[2] = v[2] - v[1] - v[3];
    x[3] = v[6] + v[7];
  }
};

/// Applies a transform along both axes: get(y, x) returns one of in × in elements, put(y, x, value) receives one of out × out.
IGN_EXEC_CHECK_DISABLE
template <class Transform, class Get, class Put>
KOKKOS_FUNCTION void transform(Get const& get, Put const& put) {
  using T = typename Transform::value_type;
  constexpr int in = Transform::in, out = Transform::out;
  T half[in][out];  // (row, transformed column)
  IGN_UNROLL
  for (int y = 0; y < in; ++y) {
    T row[in];
    IGN_UNROLL
    for (int x = 0; x < in; ++x) row[x] = get(y, x);
    Transform::apply(row, half[y]);
  }
  IGN_UNROLL
  for (int x = 0; x < out; ++x) {
    T column[in];
    T result[out];
    IGN_UNROLL
    for (int y = 0; y < in; ++y) column[y] = half[y][x];
    Transform::apply(column, result);
    IGN_UNROLL
    for (int y = 0; y < out; ++y) put(y, x, result[y]);
  }
}

}  // namespace ign::math::winograd

#endif  // IGN_MATH_WINOGRAD_TRANSFORMS_HPP
