// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Matrix products on the host, by one thread each, of factors that lie in cache: what every convolution comes down to.
///
/// A block of the result stays in registers while the inner index runs: 8 rows of two packs. Each number of the left factor is broadcast
/// and multiplied by packs of the right one, which lies in panels one pack wide, so that it is read in order. Every number of the result
/// is the same chain of multiply-adds, whichever rows it is computed beside: a sample's bits do not depend on its batch.
/// docs/performance.md compares it with Eigen's products.
#ifndef IGN_MATH_PRODUCT_HPP
#define IGN_MATH_PRODUCT_HPP

#include "ign/core/runs.hpp"
#include "ign/math/simd.hpp"

namespace ign::math {

/// Left factor: number (i, k) is data[i · row + k · step]. With `runs` of k numbers each, number (i, r · k + p) is
/// data[i · row + r · run + p · step]: windows of an image are such rows, as they lie.
template <class Real>
struct Left {
  Real const* data;
  std::size_t row, step;
  std::size_t runs = 1, run = 0;
};

/// Right factor: number (k, j) is data[j / lanes · panel + k · lanes + j % lanes].
template <class Real>
struct Panels {
  Real const* data;
  std::size_t panel;  ///< numbers from one panel to the next

  Panels from(std::size_t pack) const { return {data + pack * panel, panel}; }
};

namespace detail {

template <int Rows, int Packs, bool Add, class Real>
void product_block(std::size_t k, Left<Real> a, Panels<Real> const& b, Real* c, std::size_t stride) {
  using Pack = simd::Pack<Real>;
  constexpr std::size_t lanes = simd::lanes_v<Real>;
  Pack sum[Rows][Packs] = {};
  Real const* panel = b.data;
  for (std::size_t r = 0; r < a.runs; ++r, a.data += a.run) {
    Real const* from = a.data;
    for (std::size_t p = 0; p < k; ++p, from += a.step, panel += lanes) {
      Pack right[Packs];
      for (int j = 0; j < Packs; ++j) right[j] = simd::load<Pack>(panel + j * b.panel);
      IGN_UNROLL
      for (int i = 0; i < Rows; ++i) {
        Real const left = from[i * a.row];
        IGN_UNROLL
        for (int j = 0; j < Packs; ++j) sum[i][j] += left * right[j];
      }
    }
  }
  for (int i = 0; i < Rows; ++i) {
    for (int j = 0; j < Packs; ++j) {
      Real* const place = c + i * stride + j * lanes;
      simd::store(place, Add ? simd::load<Pack>(place) + sum[i][j] : sum[i][j]);
    }
  }
}

template <int Packs, bool Add, class Real>
void product_rows(std::size_t m, std::size_t k, Left<Real> a, Panels<Real> const& b, Real* c, std::size_t stride) {
  auto const rows = [&](auto count, auto const& block) {
    block(k, a, b, c, stride);
    a.data += count * a.row;
    c += count * stride;
    m -= count;
  };
  while (m >= 8) rows(std::size_t{8}, product_block<8, Packs, Add, Real>);
  if (m >= 4) rows(std::size_t{4}, product_block<4, Packs, Add, Real>);
  if (m >= 2) rows(std::size_t{2}, product_block<2, Packs, Add, Real>);
  if (m >= 1) rows(std::size_t{1}, product_block<1, Packs, Add, Real>);
}

}  // namespace detail

/// c (m × packs·lanes) = a (m × runs·k) · b, or += with Add. Rows of c are `stride` numbers apart.
template <bool Add, class Real>
void product(std::size_t m, std::size_t packs, std::size_t k, Left<Real> const& a, Panels<Real> const& b, Real* c, std::size_t stride) {
  std::size_t j = 0;
  for (; j + 2 <= packs; j += 2) detail::product_rows<2, Add>(m, k, a, b.from(j), c + j * simd::lanes_v<Real>, stride);
  if (j < packs) detail::product_rows<1, Add>(m, k, a, b.from(j), c + j * simd::lanes_v<Real>, stride);
}

}  // namespace ign::math

#endif  // IGN_MATH_PRODUCT_HPP
