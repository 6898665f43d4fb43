// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Nearest neighbours in Euclidean distance by exhaustive search, on hosts and devices.
///
/// Algorithm on hosts: one matrix product (math/gemm/host.hpp), as the nearest candidate b of a sample a has the highest a·b - |b|²/2. On
/// devices: one thread per pair computes the squared distance. Equal candidates have equal scores, and the lowest index wins in both.
/// Layout: samples and candidates (n, h, w, c).
#ifndef IGN_MATH_NEAREST_HPP
#define IGN_MATH_NEAREST_HPP

#include "ign/core/detail/first_best.hpp"
#include "ign/core/elementwise.hpp"
#include "ign/core/workspace.hpp"
#include "ign/math/gemm/host.hpp"

namespace ign::math {

/// Scratch size of `nearest`, in elements: at least one per pair of sample and candidate. `size` is the size of a sample.
template <Scalar Real, class Exec>
std::size_t nearest_scratch_size(std::size_t samples, std::size_t candidates, std::size_t size) {
  if constexpr (!uses_host_kernels_v<Exec>) return samples * candidates;
  std::size_t const columns = simd::round_up_to_packs<Real>(candidates);
  return samples * columns + aligned_size<Real>(columns) + columns * size;
}

namespace detail {

/// Packs the candidates into panels of a right factor, padded with zeros, and computes half their squared norms. One index per pack.
template <class Real>
struct PackCandidates {
  Real const* candidates;
  std::size_t count, size;
  Real* half_norms;
  Real* panels;

  void operator()(std::size_t pack) const {
    constexpr std::size_t lanes = simd::lanes_v<Real>;
    Real* const panel = panels + pack * lanes * size;
    Real squares[lanes] = {};
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      std::size_t const j = pack * lanes + lane;
      for (std::size_t k = 0; k < size; ++k) panel[k * lanes + lane] = j < count ? candidates[j * size + k] : Real(0);
    }
    for (std::size_t k = 0; k < size; ++k)
      for (std::size_t lane = 0; lane < lanes; ++lane) squares[lane] += panel[k * lanes + lane] * panel[k * lanes + lane];
    for (std::size_t lane = 0; lane < lanes; ++lane) half_norms[pack * lanes + lane] = squares[lane] / 2;
  }
};

/// Scores of a block of samples against the candidates of two packs. One index per block and group of two packs.
template <class Real>
struct ProductScores {
  static constexpr std::size_t rows = 32;

  Real const* samples;
  std::size_t sample_count, size, packs;
  Real const* half_norms;
  Real const* panels;
  Real* scores;  // (sample, packs · lanes)

  void operator()(std::size_t task) const {
    constexpr std::size_t lanes = simd::lanes_v<Real>;
    std::size_t const groups = (packs + 1) / 2;
    std::size_t const pack = task % groups * 2, first = task / groups * rows;
    std::size_t const width = pack + 2 <= packs ? 2 : 1;
    std::size_t const count = first + rows <= sample_count ? rows : sample_count - first;
    std::size_t const columns = packs * lanes;
    Real* const out = scores + first * columns + pack * lanes;
    product<false>(count, width, size, LeftFactor<Real>{samples + first * size, size, 1},
                   Panels<Real>{panels + pack * lanes * size, lanes * size}, out, columns);
    for (std::size_t n = 0; n < count; ++n)
      for (std::size_t j = 0; j < width * lanes; ++j) out[n * columns + j] -= half_norms[pack * lanes + j];
  }
};

/// Scores by definition: minus the squared distance. One index per pair.
template <class Real>
struct PairScores {
  Real const* samples;
  Real const* candidates;
  std::size_t count, size;
  Real* scores;

  KOKKOS_FUNCTION void operator()(std::size_t pair) const {
    Real const* const a = samples + pair / count * size;
    Real const* const b = candidates + pair % count * size;
    Real sum = 0;
    for (std::size_t k = 0; k < size; ++k) sum += (a[k] - b[k]) * (a[k] - b[k]);
    scores[pair] = -sum;
  }
};

/// Index of the highest score; the lowest of equal ones. One index per sample.
template <class Real>
struct HighestScore {
  Real const* scores;
  std::size_t count, columns;
  int* nearest;

  KOKKOS_FUNCTION void operator()(std::size_t n) const {
    Real const* const row = scores + n * columns;
    nearest[n] = static_cast<int>(ign::detail::first_best(count, [&](std::size_t j, std::size_t k) { return row[j] > row[k]; }));
  }
};

}  // namespace detail

/// out[n] = index of the candidate nearest to sample n in Euclidean distance; the lowest index of equal ones. Asynchronous on `exec`.
///
/// samples (n, h, w, c); candidates (m, h, w, c) with m >= 1; out: n elements in the memory of Exec; scratch: nearest_scratch_size
/// elements.
template <Scalar Real, class Exec>
void nearest(Exec const& exec, TensorRef<Real, Exec> const& samples, TensorRef<Real, Exec> const& candidates, int* out,
             VectorRef<Real, Exec> const& scratch) {
  std::size_t const n = samples.extent(0), m = candidates.extent(0), size = shape_of(samples).size();
  Real* const scores = scratch.data();
  std::size_t columns = m;
  if constexpr (uses_host_kernels_v<Exec>) {
    columns = simd::round_up_to_packs<Real>(m);
    std::size_t const packs = columns / simd::lanes_v<Real>;
    Real* const half_norms = scores + n * columns;
    Real* const panels = half_norms + aligned_size<Real>(columns);
    using Products = detail::ProductScores<Real>;
    Kokkos::parallel_for("ign::nearest pack", range_policy(exec, packs),
                         detail::PackCandidates<Real>{candidates.data(), m, size, half_norms, panels});
    Kokkos::parallel_for("ign::nearest scores", range_policy(exec, (packs + 1) / 2 * ((n + Products::rows - 1) / Products::rows)),
                         Products{samples.data(), n, size, packs, half_norms, panels, scores});
  } else {
    Kokkos::parallel_for("ign::nearest scores", range_policy(exec, n * m),
                         detail::PairScores<Real>{samples.data(), candidates.data(), m, size, scores});
  }
  Kokkos::parallel_for("ign::nearest", range_policy(exec, n), detail::HighestScore<Real>{scores, m, columns, out});
}

}  // namespace ign::math

#endif  // IGN_MATH_NEAREST_HPP
