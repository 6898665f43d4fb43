// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Kernel distance: squared maximum mean discrepancy (MMD²) of two feature sets under a cubic kernel. With the features of an Inception net
/// it is the kernel Inception distance (KID); with other features it must not be called KID.
#ifndef IGN_METRICS_KERNEL_DISTANCE_HPP
#define IGN_METRICS_KERNEL_DISTANCE_HPP

#include <cmath>

#include "ign/core/elementwise.hpp"
#include "ign/metrics/detail/pairs.hpp"
#include "ign/random/permutation.hpp"

namespace ign::metrics {

/// Number, size and seed of the subsets compared.
struct SubsetOptions {
  int count = 100;         ///< number of subsets, ≥ 1
  int size = 1000;         ///< samples per subset, ≥ 2 and at most the size of either set
  std::uint64_t seed = 1;  ///< seed of the random selection
};

/// Mean and standard deviation over subsets. Subsets share samples, so the deviation is not a standard error of the mean.
struct SubsetStatistics {
  double mean = 0;    ///< mean of the values of all subsets
  double stddev = 0;  ///< standard deviation of the values, normalised by their count
};

namespace detail {

/// Adds Σ_j (x_i·y_j / d + 1)³ to sums(i), without j = i if both sets are the same.
struct AddCubicKernel {
  double scale;  // 1 / d
  bool one_set;
  double* sums;

  KOKKOS_FUNCTION void operator()(std::size_t i, std::size_t first, std::size_t count, double const* terms) const {
    double sum = 0;
    for (std::size_t c = 0; c < count; ++c) {
      double const base = terms[c] * scale + 1;
      sum += one_set && first + c == i ? 0 : base * base * base;
    }
    sums[i] += sum;
  }
};

template <class RealA, class RealB, class Exec>
double kernel_sum(Exec const& exec, Rows<RealA> const& a, Rows<RealB> const& b, bool one_set) {
  auto const sums = make_vector<double>(exec, "ign::metrics::kernel sums", a.count);
  for_each_pair<Dot>("ign::metrics::kernel sums", exec, a, b, AddCubicKernel{1.0 / static_cast<double>(a.columns), one_set, sums.data()});
  return mean(to_host(exec, sums)) * static_cast<double>(a.count);
}

template <class RealA, class RealB, class Exec>
double kernel_distance_of_rows(Exec const& exec, Rows<RealA> const& a, Rows<RealB> const& b) {
  auto const m = static_cast<double>(a.count);
  auto const n = static_cast<double>(b.count);
  return kernel_sum(exec, a, a, true) / (m * (m - 1)) + kernel_sum(exec, b, b, true) / (n * (n - 1)) -
         2 * kernel_sum(exec, a, b, false) / (m * n);
}

template <class Real>
struct GatherRows {
  Rows<Real> from;
  Permutation order;
  Real* out;

  KOKKOS_FUNCTION void operator()(std::size_t i) const {
    std::size_t const source = order(i);
    for (std::size_t k = 0; k < from.columns; ++k) out[i * from.columns + k] = from.data[source * from.row + k * from.step];
  }
};

template <class Real, class Exec>
Rows<Real> gather_subset(Exec const& exec, Rows<Real> const& from, Key const& key, Vector<Real, Exec> const& to) {
  std::size_t const count = to.size() / from.columns;
  Kokkos::parallel_for("ign::metrics::subset", range_policy(exec, count), GatherRows<Real>{from, Permutation(key, from.count), to.data()});
  return {to.data(), count, from.columns, from.columns, 1};
}

}  // namespace detail

/// Returns MMD² of features a (m, d) and b (n, d), m, n ≥ 2, with the kernel (x·y/d + 1)³. The estimate is unbiased: for sets of one
/// distribution its expectation is 0, and it may be negative.
///
/// \source Bińkowski et al., "Demystifying MMD GANs", arXiv 1801.01401; Gretton et al., JMLR 13 (2012), lemma 6
/// \throws Error [ign.shape.200] on too few samples, [ign.shape.201] on samples of different lengths, [ign.numeric.200] on values
///         that are not finite
template <class Exec, FeatureView A, FeatureView B>
double kernel_distance(Exec const& exec, A const& a, B const& b) {
  detail::check_features(exec, "kernel distance", a, b, 2);
  return detail::kernel_distance_of_rows(exec, detail::rows_of(a), detail::rows_of(b));
}

/// Returns statistics of the kernel distance over pairs of subsets, drawn from each set without replacement, as KID is usually computed.
///
/// \throws Error [ign.option.200] on a count below 1 or a size below 2, [ign.shape.200] on fewer samples than a subset,
///         [ign.shape.201] on samples of different lengths, [ign.numeric.200] on values that are not finite
template <class Exec, FeatureView A, FeatureView B>
SubsetStatistics kernel_distance(Exec const& exec, A const& a, B const& b, SubsetOptions const& options) {
  require(options.count >= 1 && options.size >= 2, Fault::option, 200, "kernel distance: ", options.count, " subsets of ", options.size,
          " samples, expected at least 1 subset of at least 2 samples");
  detail::check_features(exec, "kernel distance", a, b, static_cast<std::size_t>(options.size));
  auto const rows_a = detail::rows_of(a);
  auto const rows_b = detail::rows_of(b);
  std::size_t const numbers = static_cast<std::size_t>(options.size) * rows_a.columns;
  auto const memory_a = make_vector<typename A::non_const_value_type>(exec, "ign::metrics::subset", numbers);
  auto const memory_b = make_vector<typename B::non_const_value_type>(exec, "ign::metrics::subset", numbers);
  std::vector<double> values;
  for (int subset = 0; subset < options.count; ++subset) {
    Key key{options.seed, RandomStream::user, static_cast<std::uint64_t>(subset), 0};
    auto const subset_a = detail::gather_subset(exec, rows_a, key, memory_a);
    key.substream = 8;  // a permutation uses eight substreams
    auto const subset_b = detail::gather_subset(exec, rows_b, key, memory_b);
    values.push_back(detail::kernel_distance_of_rows(exec, subset_a, subset_b));
  }
  SubsetStatistics statistics{mean(values), 0};
  for (double& value : values) value = (value - statistics.mean) * (value - statistics.mean);
  statistics.stddev = std::sqrt(mean(values));
  return statistics;
}

}  // namespace ign::metrics

#endif  // IGN_METRICS_KERNEL_DISTANCE_HPP
