// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Histograms, Kullback-Leibler divergence, and Wasserstein distance of scalar samples. Host code.
#ifndef IGN_METRICS_HISTOGRAM_HPP
#define IGN_METRICS_HISTOGRAM_HPP

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "ign/core/error.hpp"
#include "ign/core/finite.hpp"

namespace ign::metrics {

/// Counts per bin, class or mode.
using Histogram = std::vector<std::uint64_t>;

/// Returns the sum of all counts.
inline std::uint64_t total(Histogram const& histogram) {
  std::uint64_t sum = 0;
  for (std::uint64_t const count : histogram) sum += count;
  return sum;
}

/// Returns each count divided by the total.
/// \throws Error [ign.shape.202] when all counts are 0
inline std::vector<double> shares(Histogram const& histogram) {
  std::uint64_t const all = total(histogram);
  require(all > 0, Fault::shape, 202, "shares: a histogram of ", histogram.size(), " bins without counts, expected a count above 0");
  std::vector<double> values;
  for (std::uint64_t const count : histogram) values.push_back(static_cast<double>(count) / static_cast<double>(all));
  return values;
}

/// Returns KL(p ‖ q) = Σ p log(p / q) in nats, for shares p and q that each add up to 1. Infinite if q is 0 where p is not.
///
/// \throws Error [ign.shape.203] when the lengths differ or are 0, [ign.option.203] on shares that are negative or do not add up to 1
inline double kl_divergence(std::span<double const> p, std::span<double const> q) {
  require(p.size() == q.size() && !p.empty(), Fault::shape, 203, "KL divergence: ", p.size(), " and ", q.size(),
          " shares, expected equal numbers of at least 1");
  for (std::span<double const> const shares : {p, q}) {
    double sum = 0;
    bool negative = false;
    for (double const share : shares) {
      sum += share;
      negative = negative || is_nan(share) || share < 0;
    }
    require(!negative && is_finite(sum) && std::abs(sum - 1) < 1e-6, Fault::option, 203, "KL divergence: shares add up to ", sum,
            negative ? " with negative ones" : "", ", expected non-negative shares that add up to 1");
  }
  double divergence = 0;
  for (std::size_t i = 0; i < p.size(); ++i) {
    if (p[i] == 0) continue;
    if (q[i] == 0) return std::numeric_limits<double>::infinity();
    divergence += p[i] * std::log(p[i] / q[i]);
  }
  return divergence;
}

/// Returns the divergence of the shares of two histograms.
/// \throws Error [ign.shape.202] when all counts of a histogram are 0, [ign.shape.203] when the numbers of bins differ
inline double kl_divergence(Histogram const& p, Histogram const& q) { return kl_divergence(shares(p), shares(q)); }

/// Counts values in bins of equal width from `low` to `high`. Values outside the range count in the first or the last bin, so that outliers
/// remain visible.
///
/// \throws Error [ign.option.204] when there are no bins or the range is empty, [ign.numeric.200] on values that are not finite
inline Histogram histogram(std::span<double const> values, int bins, double low, double high) {
  require(bins >= 1 && is_finite(high - low) && low < high, Fault::option, 204, "histogram: ", bins, " bins from ", low, " to ", high,
          ", expected at least 1 bin and a low end below the high end");
  Histogram counts(static_cast<std::size_t>(bins), 0);
  for (double const value : values) {
    require(is_finite(value), Fault::numeric, 200, "histogram: a value is ", value, ", expected finite values");
    double const bin = std::floor((value - low) / (high - low) * bins);
    ++counts[static_cast<std::size_t>(std::clamp(bin, 0.0, static_cast<double>(bins - 1)))];
  }
  return counts;
}

/// Returns the Wasserstein-1 distance of two scalar samples, the area between their distribution functions. Sorts copies of the samples.
///
/// \throws Error [ign.shape.202] when a sample is empty, [ign.numeric.200] on values that are not finite
inline double wasserstein1(std::vector<double> a, std::vector<double> b) {
  require(!a.empty() && !b.empty(), Fault::shape, 202, "wasserstein1: ", a.size(), " and ", b.size(),
          " values, expected at least 1 of each");
  for (std::vector<double>* values : {&a, &b}) {
    for (double const value : *values)
      require(is_finite(value), Fault::numeric, 200, "wasserstein1: a value is ", value, ", expected finite values");
    std::sort(values->begin(), values->end());
  }
  double area = 0;
  double last = std::min(a.front(), b.front());
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < a.size() && j < b.size()) {
    double const next = std::min(a[i], b[j]);
    // Both distribution functions are constant between two values: i / |a| and j / |b|.
    area += (next - last) *
            std::abs(static_cast<double>(i) / static_cast<double>(a.size()) - static_cast<double>(j) / static_cast<double>(b.size()));
    last = next;
    while (i < a.size() && a[i] == next) ++i;
    while (j < b.size() && b[j] == next) ++j;
  }
  // One distribution function is 1 from here on: only the rest of the other one contributes.
  for (; i < a.size(); last = a[i++]) area += (a[i] - last) * (1 - static_cast<double>(i) / static_cast<double>(a.size()));
  for (; j < b.size(); last = b[j++]) area += (b[j] - last) * (1 - static_cast<double>(j) / static_cast<double>(b.size()));
  return area;
}

}  // namespace ign::metrics

#endif  // IGN_METRICS_HISTOGRAM_HPP
