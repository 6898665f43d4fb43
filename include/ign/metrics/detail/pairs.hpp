// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Pairwise terms of two feature sets, folded without storing the matrix of all pairs. Neighbours, kernels and covariances build on it.
///
/// The host version copies blocks of both sets to double, in panels as for the products in math/, and computes tiles of pairs in registers.
/// On devices each thread computes one row. Squared distances are sums of (x - y)² instead of |x|² + |y|² - 2 x·y. This doubles the work,
/// but a copied sample has distance 0, small distances suffer no cancellation, and d(x, y) equals d(y, x) bitwise.
#ifndef IGN_METRICS_DETAIL_PAIRS_HPP
#define IGN_METRICS_DETAIL_PAIRS_HPP

#include <algorithm>
#include <string>

#include "ign/core/elementwise.hpp"
#include "ign/core/workspace.hpp"
#include "ign/math/gemm/host.hpp"
#include "ign/metrics/features.hpp"

namespace ign::metrics::detail {

/// Term x·y of a pair.
struct Dot {
  template <class T>
  KOKKOS_FUNCTION static void add(T& sum, T const& x, T const& y) {
    sum += x * y;
  }
};

/// Term |x - y|² of a pair.
struct SquaredDistance {
  template <class T>
  KOKKOS_FUNCTION static void add(T& sum, T const& x, T const& y) {
    T const difference = x - y;
    sum += difference * difference;
  }
};

/// Tiled host version, one index per worker. A task is a block of rows of a, paired with all rows of b.
template <class Term, class RealA, class RealB, class Fold>
struct PairTiles {
  static constexpr std::size_t height = math::detail::register_rows;
  static constexpr std::size_t rows = 64 / height * height, columns = 64, inner = 256;  // at most 288 KiB of scratch per worker
  static constexpr std::size_t lanes = math::simd::lanes_v<double>;
  using Pack = math::simd::Pack<double>;

  Rows<RealA> a;
  Rows<RealB> b;
  Fold fold;
  double* scratch;
  std::size_t workers;

  static std::size_t worker_scratch_size() { return rows * inner + columns * inner + rows * columns; }
  static std::size_t tasks(std::size_t count) { return (count + rows - 1) / rows; }

  void operator()(std::size_t worker) const {
    double* const left = scratch + worker * worker_stride<double>(worker_scratch_size());
    double* const right = left + rows * inner;
    double* const sums = right + columns * inner;
    for (std::size_t task = worker; task < tasks(a.count); task += workers) {
      std::size_t const i = task * rows;
      for (std::size_t j = 0; j < b.count; j += columns) {
        std::fill(sums, sums + rows * columns, 0.0);
        for (std::size_t k = 0; k < a.columns; k += inner) {
          std::size_t const count = std::min(inner, a.columns - k);
          if (j == 0 || a.columns > inner) copy_rows(i, k, count, left);
          copy_panels(j, k, count, right);
          for (std::size_t r = 0; r < rows; r += height)
            for (std::size_t c = 0; c < columns; c += 2 * lanes)
              add_block(count, left + r * inner, right + c * inner, sums + r * columns + c);
        }
        for (std::size_t r = i; r < std::min(i + rows, a.count); ++r) fold(r, j, std::min(columns, b.count - j), sums + (r - i) * columns);
      }
    }
  }

  // Pads with zero rows, whose sums are not used.
  void copy_rows(std::size_t first, std::size_t k, std::size_t count, double* to) const {
    for (std::size_t i = 0; i < rows; ++i)
      for (std::size_t p = 0; p < count; ++p) to[i * inner + p] = first + i < a.count ? a(first + i, k + p) : 0;
  }
  void copy_panels(std::size_t first, std::size_t k, std::size_t count, double* to) const {
    for (std::size_t j = 0; j < columns; ++j) {
      double* const panel = to + j / lanes * lanes * inner + j % lanes;
      for (std::size_t p = 0; p < count; ++p) panel[p * lanes] = first + j < b.count ? b(first + j, k + p) : 0;
    }
  }

  static void add_block(std::size_t count, double const* left, double const* right, double* sums) {
    Pack sum[height][2] = {};
    for (std::size_t p = 0; p < count; ++p, right += lanes) {
      Pack const y[2] = {math::simd::load<Pack>(right), math::simd::load<Pack>(right + lanes * inner)};
      IGN_UNROLL
      for (std::size_t i = 0; i < height; ++i) {
        Pack const x = math::simd::broadcast(left[i * inner + p]);
        IGN_UNROLL
        for (int j = 0; j < 2; ++j) Term::add(sum[i][j], x, y[j]);
      }
    }
    math::detail::store_block<static_cast<int>(height), 2, true, double>(sum, sums, columns);
  }
};

/// Version for any execution space, one index per row of a.
template <class Term, class RealA, class RealB, class Fold>
struct PairRows {
  static constexpr std::size_t width = 8;  // sums per read of a

  Rows<RealA> a;
  Rows<RealB> b;
  Fold fold;

  KOKKOS_FUNCTION void operator()(std::size_t i) const {
    for (std::size_t j = 0; j < b.count; j += width) {
      std::size_t const count = b.count - j < width ? b.count - j : width;
      double sums[width] = {};
      for (std::size_t k = 0; k < a.columns; ++k) {
        double const x = a(i, k);
        for (std::size_t c = 0; c < width; ++c) Term::add(sums[c], x, b(c < count ? j + c : j, k));
      }
      fold(i, j, count, sums);
    }
  }
};

/// Calls `fold(i, first, count, terms)` for ranges of pairs (i, first + c), c < count, with the terms terms[c]. Each pair occurs once.
///
/// The calls for one i are sequential, in ascending order of `first`; calls for different i may run in parallel. Fold is a functor with
/// `KOKKOS_FUNCTION void operator()(std::size_t, std::size_t, std::size_t, double const*) const`.
template <class Term, bool tiled, class RealA, class RealB, class Exec, class Fold>
void for_each_pair_by(std::string const& label, Exec const& exec, Rows<RealA> const& a, Rows<RealB> const& b, Fold const& fold) {
  if constexpr (tiled) {
    using Tiles = PairTiles<Term, RealA, RealB, Fold>;
    auto const workers = std::min(static_cast<std::size_t>(exec.concurrency()), Tiles::tasks(a.count));
    Vector<double, Exec> const scratch(Kokkos::view_alloc(exec, Kokkos::WithoutInitializing, label + " scratch"),
                                       workers * worker_stride<double>(Tiles::worker_scratch_size()));
    Kokkos::parallel_for(label, range_policy(exec, workers), Tiles{a, b, fold, scratch.data(), workers});
    exec.fence(label + " scratch");  // `scratch` is freed on return
  } else {
    Kokkos::parallel_for(label, range_policy(exec, a.count), PairRows<Term, RealA, RealB, Fold>{a, b, fold});
  }
}

template <class Term, class RealA, class RealB, class Exec, class Fold>
void for_each_pair(std::string const& label, Exec const& exec, Rows<RealA> const& a, Rows<RealB> const& b, Fold const& fold) {
  for_each_pair_by<Term, uses_host_kernels_v<Exec>>(label, exec, a, b, fold);
}

/// Fold that calls two folds.
template <class First, class Second>
struct Both {
  First first_fold;
  Second second_fold;

  KOKKOS_FUNCTION void operator()(std::size_t i, std::size_t first, std::size_t count, double const* terms) const {
    first_fold(i, first, count, terms);
    second_fold(i, first, count, terms);
  }
};

}  // namespace ign::metrics::detail

#endif  // IGN_METRICS_DETAIL_PAIRS_HPP
