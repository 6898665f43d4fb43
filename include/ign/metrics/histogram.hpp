// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Histograms, their Kullback-Leibler divergence, and the Wasserstein distance of numbers. Host code.
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

/// Counts of something by kind: bins, classes or modes.
using Histogram = std::vector<std::uint64_t>;

/// All counts together.
inline std::uint64_t total(Histogram const& histogram) {
  std::uint64_t sum = 0;
  for (std::uint64_t const count : histogram) sum += count;
  return sum;
}

/// Each count over all.
/// \throws Error [ign.shape.202] when nothing was counted
inline std::vector<double> shares(Histogram const& histogram) {
  std::uint64_t const all = total(histogram);
  require(all > 0, Fault::shape, 202, "shares: a histogram of ", histogram.size(), " bins without counts, expected at least 1");
  std::vector<double> values;
  for (std::uint64_t const count : histogram) values.push_back(static_cast<double>(count) / static_cast<double>(all));
  return values;
}

/// KL(p ‖ q) = Σ p log(p / q) in nats, of shares that each add up to 1. Infinite where q has no share and p has.
///
/// \throws Error [ign.shape.203] when the lengths differ, [ign.option.203] on shares that are negative or do not add up to 1
inline double kl_divergence(std::span<double const> p, std::span<double const> q) {
  require(p.size() == q.size() && !p.empty(), Fault::shape, 203, "KL divergence: ", p.size(), " and ", q.size(),
          " shares, expected as many of both and at least 1");
  for (std::span<double const> const shares : {p, q}) {
    double sum = 0;
    bool negative = false;
    for (double const share : shares) {
      sum += share;
      negative = negative || is_nan(share) || share < 0;
    }
    require(!negative && is_finite(sum) && std::abs(sum - 1) < 1e-6, Fault::option, 203, "KL divergence: shares add up to ", sum,
            negative ? " with negative ones" : "", ", expected non-negative ones that add up to 1");
  }
  double divergence = 0;
  for (std::size_t i = 0; i < p.size(); ++i) {
    if (p[i] == 0) continue;
    if (q[i] == 0) return std::numeric_limits<double>::infinity();
    divergence += p[i] * std::log(p[i] / q[i]);
  }
  return divergence;
}

/// The same of counts.
/// \throws Error [ign.shape.202], [ign.shape.203]
inline double kl_divergence(Histogram const& p, Histogram const& q) { return kl_divergence(shares(p), shares(q)); }

/// Counts values in bins of equal width from `low` to `high`. Values outside are counted in the first and the last bin: left out, samples
/// that went astray would not show.
///
/// \throws Error [ign.option.204] on no bins or an empty range, [ign.numeric.200] on values that are not finite
inline Histogram histogram(std::span<double const> values, int bins, double low, double high) {
  require(bins >= 1 && is_finite(high - low) && low < high, Fault::option, 204, "histogram: ", bins, " bins from ", low, " to ", high,
          ", expected at least 1 and a range");
  Histogram counts(static_cast<std::size_t>(bins), 0);
  for (double const value : values) {
    require(is_finite(value), Fault::numeric, 200, "histogram: a value is ", value, ", expected finite ones");
    double const place = std::floor((value - low) / (high - low) * bins);
    ++counts[static_cast<std::size_t>(std::clamp(place, 0.0, static_cast<double>(bins - 1)))];
  }
  return counts;
}

/// W1 of two samples of numbers: the area between their distribution functions. Takes copies, to sort them.
///
/// \throws Error [ign.shape.202] on an empty sample, [ign.numeric.200] on values that are not finite
inline double wasserstein1(std::vector<double> a, std::vector<double> b) {
  require(!a.empty() && !b.empty(), Fault::shape, 202, "wasserstein1: ", a.size(), " and ", b.size(),
          " values, expected at least 1 of both");
  for (std::vector<double>* values : {&a, &b}) {
    for (double const value : *values)
      require(is_finite(value), Fault::numeric, 200, "wasserstein1: a value is ", value, ", expected finite ones");
    std::sort(values->begin(), values->end());
  }
  double area = 0;
  double last = std::min(a.front(), b.front());
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < a.size() && j < b.size()) {
    double const next = std::min(a[i], b[j]);
    // Between two values both functions are level: i and j values lie below.
    area += (next - last) *
            std::abs(static_cast<double>(i) / static_cast<double>(a.size()) - static_cast<double>(j) / static_cast<double>(b.size()));
    last = next;
    while (i < a.size() && a[i] == next) ++i;
    while (j < b.size() && b[j] == next) ++j;
  }
  // One function is 1 from here on; what is left of the other decides.
  for (; i < a.size(); last = a[i++]) area += (a[i] - last) * (1 - static_cast<double>(i) / static_cast<double>(a.size()));
  for (; j < b.size(); last = b[j++]) area += (b[j] - last) * (1 - static_cast<double>(j) / static_cast<double>(b.size()));
  return area;
}

}  // namespace ign::metrics

#endif  // IGN_METRICS_HISTOGRAM_HPP
