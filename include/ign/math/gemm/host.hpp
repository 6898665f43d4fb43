// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Single-threaded matrix product on hosts, for factors that fit the cache: the kernel of all host convolutions.
///
/// Algorithm: register blocking. A block of the result, 8 rows by two packs, stays in registers while the inner index runs; 6 or 4 rows
/// where the processor has only 16 vector registers. Each element of the left factor is broadcast and multiplied by packs of the right
/// factor.
///
/// Layout: the left factor is strided (LeftFactor). The right factor is packed into panels one pack wide (Panels) and read in order.
///
/// Every element of the result is the same chain of multiply-adds, whatever rows are computed with it: evaluation is batch-invariant.
/// docs/performance.md compares this product with Eigen's.
#ifndef IGN_MATH_GEMM_HOST_HPP
#define IGN_MATH_GEMM_HOST_HPP

#include <type_traits>

#include "ign/core/compiler.hpp"
#include "ign/math/simd.hpp"

namespace ign::math {

/// Left factor: element (i, k) is data[i · row_stride + k · column_stride]. A row may consist of `pieces` pieces of k elements each:
/// element (i, r · k + p), 0 ≤ p < k, is data[i · row_stride + r · piece_stride + p · column_stride]. Windows of an image have this layout
/// in place: no copy by im2col is needed.
template <class Real>
struct LeftFactor {
  Real const* data;                       ///< element (0, 0)
  std::size_t row_stride, column_stride;  ///< elements from one row or column to the next
  std::size_t pieces = 1;                 ///< pieces of a row
  std::size_t piece_stride = 0;           ///< elements from one piece of a row to the next
};

/// Right factor: element (k, j) is data[j / lanes · panel_stride + k · lanes + j % lanes].
template <class Real>
struct Panels {
  Real const* data;          ///< the first panel
  std::size_t panel_stride;  ///< elements from one panel to the next

  /// The panels from index `pack` on.
  Panels from(std::size_t pack) const { return {data + pack * panel_stride, panel_stride}; }
};

namespace detail {

// Rows of a block: its sums, the packs of the right factor and one broadcast element fill most of the vector registers, and each element is
// used in enough multiply-adds after one load.
#if defined(__AVX512F__) || defined(__aarch64__)
inline constexpr int register_rows = 8;
#elif defined(__AVX__)
inline constexpr int register_rows = 6;
#else
inline constexpr int register_rows = 4;
#endif
inline constexpr std::size_t packs_ahead = 64;  // prefetch distance for panels in memory: the hardware prefetcher is too late

// Stores sums, or adds them to c.
template <int Rows, int Packs, bool Add, class Real>
void store_block(simd::Pack<Real> const (&sum)[Rows][Packs], Real* c, std::size_t stride) {
  for (int i = 0; i < Rows; ++i) {
    for (int j = 0; j < Packs; ++j) {
      Real* const target = c + i * stride + j * simd::lanes_v<Real>;
      simd::store(target, Add ? simd::load<simd::Pack<Real>>(target) + sum[i][j] : sum[i][j]);
    }
  }
}

// Product of `Rows` rows of a with `Packs` panels of b.
template <int Rows, int Packs, bool Add, class Real>
void product_block(std::size_t k, LeftFactor<Real> a, Panels<Real> const& b, Real* c, std::size_t stride) {
  using Pack = simd::Pack<Real>;
  Pack sum[Rows][Packs] = {};
  Real const* panel = b.data;
  for (std::size_t r = 0; r < a.pieces; ++r, a.data += a.piece_stride) {
    Real const* from = a.data;
    for (std::size_t p = 0; p < k; ++p, from += a.column_stride, panel += simd::lanes_v<Real>) {
      Pack right[Packs];
      for (int j = 0; j < Packs; ++j) {
        right[j] = simd::load<Pack>(panel + j * b.panel_stride);
        simd::prefetch(panel + j * b.panel_stride + packs_ahead * simd::lanes_v<Real>);
      }
      IGN_UNROLL
      for (int i = 0; i < Rows; ++i) {
        Real const left = from[i * a.row_stride];
        IGN_UNROLL
        for (int j = 0; j < Packs; ++j) sum[i][j] = simd::multiply_add(sum[i][j], left, right[j]);
      }
    }
  }
  store_block<Rows, Packs, Add, Real>(sum, c, stride);
}

// Factors in pairs: k is even, a.pieces and a.column_stride are 1, and a panel stores (k, j) and (k + 1, j) next to each other.
template <int Rows, int Packs, bool Add>
void product_block(std::size_t k, LeftFactor<simd::Bf16> a, Panels<simd::Bf16> const& b, float* c, std::size_t stride) {
  simd::Pack<float> sum[Rows][Packs] = {};
  simd::Bf16 const* panel = b.data;
  for (std::size_t p = 0; p < k; p += 2, panel += 2 * simd::lanes_v<float>) {
    IGN_UNROLL
    for (int i = 0; i < Rows; ++i) {
      IGN_UNROLL
      for (int j = 0; j < Packs; ++j)
        sum[i][j] = simd::add_pair_products(sum[i][j], a.data + i * a.row_stride + p, panel + j * b.panel_stride);
    }
  }
  store_block<Rows, Packs, Add, float>(sum, c, stride);
}

// Product of all m rows of a with `Packs` panels of b.
template <int Packs, bool Add, class Factor, class Real>
void product_rows(std::size_t m, std::size_t k, LeftFactor<Factor> a, Panels<Factor> const& b, Real* c, std::size_t stride) {
  auto const multiply_rows = [&]<int Rows>(std::integral_constant<int, Rows>) {
    product_block<Rows, Packs, Add>(k, a, b, c, stride);
    a.data += Rows * a.row_stride;
    c += Rows * stride;
    m -= Rows;
  };
  while (m >= register_rows) multiply_rows(std::integral_constant<int, register_rows>{});
  if (m >= 4) multiply_rows(std::integral_constant<int, 4>{});
  if (m >= 2) multiply_rows(std::integral_constant<int, 2>{});
  if (m >= 1) multiply_rows(std::integral_constant<int, 1>{});
}

}  // namespace detail

/// c (m × packs·lanes) = a (m × a.pieces·k) · b, or c += a · b with Add. Rows of c are `stride` elements apart. Bf16 factors are summed in
/// float: their panels store pairs of rows interleaved, k is even, and a has one piece and column stride 1.
template <bool Add, class Factor, class Real>
void product(std::size_t m, std::size_t packs, std::size_t k, LeftFactor<Factor> const& a, Panels<Factor> const& b, Real* c,
             std::size_t stride) {
  std::size_t j = 0;
  for (; j + 2 <= packs; j += 2) detail::product_rows<2, Add>(m, k, a, b.from(j), c + j * simd::lanes_v<Real>, stride);
  if (j < packs) detail::product_rows<1, Add>(m, k, a, b.from(j), c + j * simd::lanes_v<Real>, stride);
}

/// The product with `add` as a runtime argument.
template <class Factor, class Real>
void product(bool add, std::size_t m, std::size_t packs, std::size_t k, LeftFactor<Factor> const& a, Panels<Factor> const& b, Real* c,
             std::size_t stride) {
  if (add)
    product<true>(m, packs, k, a, b, c, stride);
  else
    product<false>(m, packs, k, a, b, c, stride);
}

}  // namespace ign::math

#endif  // IGN_MATH_GEMM_HOST_HPP
