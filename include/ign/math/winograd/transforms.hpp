// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Winograd transforms for convolutions of kernel 4, stride 2, padding 1, on hosts and devices: forward, input gradient, weight gradient.
///
/// Fine and coarse are the two images of a convolution (math/conv/geometry.hpp): of a Conv2d the input and the output, of a ConvTranspose2d
/// the output and the input.
///
/// Algorithm: decomposition into phases, then Winograd's F(2, 2). Along one axis coarse o meets fine 2o-1 … 2o+2 through taps w0 … w3. Even
/// and odd fine elements, e[i] = x[2i] and o[i] = x[2i+1], give two convolutions of two taps and stride 1:
///
///     y[i] = (e[i] w1 + e[i+1] w3) + (o[i-1] w0 + o[i] w2)
///
/// Two neighbouring results of a filter (a, b) on (d0, d1, d2) need three products instead of four:
///
///     y0 = d0 a + d1 b = m0 + m1,   y1 = d1 a + d2 b = m1 + m2
///     m0 = (d0 - d1) a,   m1 = d1 (a + b),   m2 = (d2 - d1) b
///
/// In two dimensions 36 products replace 64 in all three operations: 1.78 times fewer. All coefficients are 0 or ±1: the result is as
/// accurate as the direct sum. The two phases of results of the adjoint share a difference: 25 left factors serve 36 products.
///
/// A tile is 2×2 coarse pixels or 4×4 fine pixels. docs/performance.md has the full derivation.
/// \source Winograd, "Arithmetic complexity of computations", SIAM 1980; Lavin and Gray, arXiv 1509.09308
#ifndef IGN_MATH_WINOGRAD_TRANSFORMS_HPP
#define IGN_MATH_WINOGRAD_TRANSFORMS_HPP

#include "ign/core/compiler.hpp"
#include "ign/math/conv/geometry.hpp"

namespace ign::math::winograd {

inline constexpr std::size_t points = 9, products = 36, factors = 25, phases = 4;

/// True if the transforms apply to the geometry, of two dimensions; of three: see fits_volume.
inline bool fits(ConvGeometry const& g) { return g.kernel == 4 && g.stride == 2 && g.padding == 1 && !g.is_volume(); }

// Transforms of one axis, in the letters of Lavin and Gray for input, filter and output. T is a number or a pack of neighbouring channels.
// Products are numbered 3 · phase + point.

/// Input transform Bᵀd: fine elements 2o-1 … 2o+4 to the left factors of coarse o and o+1.
template <class T>
struct FineToLeft {
  static constexpr int in = 6, out = 6;
  KOKKOS_FUNCTION static void apply(T const* x, T* v) {
    v[0] = x[1] - x[3];
    v[1] = x[3];
    v[2] = x[5] - x[3];
    v[3] = x[0] - x[2];
    v[4] = x[2];
    v[5] = x[4] - x[2];
  }
};

/// Output transform Aᵀm: points, summed over phases, to coarse o and o+1.
template <class T>
struct PointsToCoarse {
  static constexpr int in = 3, out = 2;
  KOKKOS_FUNCTION static void apply(T const* m, T* y) {
    y[0] = m[0] + m[1];
    y[1] = m[1] + m[2];
  }
};

/// Filter transform G g: taps to the right factors that go with FineToLeft.
template <class T>
struct TapsToRight {
  static constexpr int in = 4, out = 6;
  KOKKOS_FUNCTION static void apply(T const* w, T* u) {
    u[0] = w[1];
    u[1] = w[1] + w[3];
    u[2] = w[3];
    u[3] = w[0];
    u[4] = w[0] + w[2];
    u[5] = w[2];
  }
};

/// Gradients of coarse o and o+1 to gradients of the points: the adjoint of PointsToCoarse.
template <class T>
struct CoarseToPoints {
  static constexpr int in = 2, out = 3;
  KOKKOS_FUNCTION static void apply(T const* y, T* m) {
    m[0] = y[0];
    m[1] = y[0] + y[1];
    m[2] = y[1];
  }
};

/// Gradients of the right factors to gradients of the taps: the adjoint of TapsToRight.
template <class T>
struct RightToTaps {
  static constexpr int in = 6, out = 4;
  KOKKOS_FUNCTION static void apply(T const* u, T* w) {
    w[0] = u[3] + u[4];
    w[1] = u[0] + u[1];
    w[2] = u[4] + u[5];
    w[3] = u[1] + u[2];
  }
};

// Transforms of the adjoint: fine 2o = x[o] w1 + x[o-1] w3 and fine 2o+1 = x[o+1] w0 + x[o] w2.

/// Input transform Bᵀd: coarse elements o-1 … o+2 to left factors: 0, 1, 2 for the even phase; 2, 3, 4 for the odd phase, the first with
/// opposite sign.
template <class T>
struct CoarseToLeft {
  static constexpr int in = 4, out = 5;
  KOKKOS_FUNCTION static void apply(T const* x, T* v) {
    v[0] = x[0] - x[1];
    v[1] = x[1];
    v[2] = x[2] - x[1];
    v[3] = x[2];
    v[4] = x[3] - x[2];
  }
};

/// Index of the left factor of a product, among the results of CoarseToLeft.
KOKKOS_INLINE_FUNCTION constexpr int factor_of(int product) { return product < 3 ? product : product - 1; }

/// Filter transform G g: taps to the right factors that go with CoarseToLeft.
template <class T>
struct TapsToAdjointRight {
  static constexpr int in = 4, out = 6;
  KOKKOS_FUNCTION static void apply(T const* w, T* u) {
    u[0] = w[3];
    u[1] = w[3] + w[1];
    u[2] = w[1];
    u[3] = T{} - w[2];
    u[4] = w[2] + w[0];
    u[5] = w[0];
  }
};

/// Output transform Aᵀm: products to fine elements 2o … 2o+3.
template <class T>
struct ProductsToFine {
  static constexpr int in = 6, out = 4;
  KOKKOS_FUNCTION static void apply(T const* m, T* y) {
    y[0] = m[0] + m[1];
    y[1] = m[3] + m[4];
    y[2] = m[1] + m[2];
    y[3] = m[4] + m[5];
  }
};

// The adjoint as the transpose of the forward transform: all three operations then share 9 matrices (math/winograd/device.hpp).

/// Left factors to fine elements 2o … 2o+3: the adjoint of FineToLeft. v[1] … v[6] are the six factors of this tile, v[0] is the third
/// factor of the previous tile, and v[7] the fourth factor of the next one.
template <class T>
struct LeftToFine {
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
template <template <class> class Transform, class T, class Get, class Put>
KOKKOS_FUNCTION void transform(Get const& get, Put const& put) {
  constexpr int in = Transform<T>::in, out = Transform<T>::out;
  T half[in][out];  // (row, transformed column)
  IGN_UNROLL
  for (int y = 0; y < in; ++y) {
    T row[in];
    IGN_UNROLL
    for (int x = 0; x < in; ++x) row[x] = get(y, x);
    Transform<T>::apply(row, half[y]);
  }
  IGN_UNROLL
  for (int x = 0; x < out; ++x) {
    T column[in];
    T result[out];
    IGN_UNROLL
    for (int y = 0; y < in; ++y) column[y] = half[y][x];
    Transform<T>::apply(column, result);
    IGN_UNROLL
    for (int y = 0; y < out; ++y) put(y, x, result[y]);
  }
}

}  // namespace ign::math::winograd

#endif  // IGN_MATH_WINOGRAD_TRANSFORMS_HPP
