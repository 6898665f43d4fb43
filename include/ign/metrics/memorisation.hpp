// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Memorisation: distance of generated samples to the nearest training sample, compared with that of held-out samples.
#ifndef IGN_METRICS_MEMORISATION_HPP
#define IGN_METRICS_MEMORISATION_HPP

#include <algorithm>
#include <cmath>

#include "ign/metrics/detail/neighbours.hpp"

namespace ign::metrics {

/// Statistics of the distances to the nearest training sample.
struct Memorisation {
  double generated_mean = 0;    ///< mean over generated samples
  double generated_median = 0;  ///< median over generated samples
  double held_out_mean = 0;     ///< mean over held-out samples
  double held_out_median = 0;   ///< median over held-out samples

  /// Ratio of the means, generated to held-out: about 1 for new samples of the data distribution, near 0 for copies, above 1 for samples
  /// far from the data.
  double mean_ratio() const { return generated_mean / held_out_mean; }
  double median_ratio() const { return generated_median / held_out_median; }  ///< ratio of the medians, generated to held-out
};

/// Returns the distance of each query (n, d) to the nearest reference (m, d), as a vector of n values.
///
/// \throws Error [ign.shape.200] on too few samples, [ign.shape.201] on samples of different lengths, [ign.numeric.200] on values
///         that are not finite
template <class Exec, FeatureView Queries, FeatureView References>
std::vector<double> nearest_distances(Exec const& exec, Queries const& queries, References const& references) {
  detail::check_features(exec, "nearest distances", queries, references, 1);
  auto const squares = detail::no_neighbours(exec, queries.extent(0), 1);
  detail::for_each_pair<detail::SquaredDistance>("ign::metrics::nearest distances", exec, detail::rows_of(queries),
                                                 detail::rows_of(references), detail::KeepNearest{squares.data(), 1, false});
  std::vector<double> distances = to_host(exec, squares);
  for (double& distance : distances) distance = std::sqrt(distance);
  return distances;
}

/// Returns the median; for an even count, the mean of the two middle values. Reorders a copy of the values.
/// \throws Error [ign.shape.202] when there are no values
inline double median(std::vector<double> values) {
  require(!values.empty(), Fault::shape, 202, "median: no values, expected at least 1");
  auto const middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return values.size() % 2 == 1 ? *middle : (*middle + *std::max_element(values.begin(), middle)) / 2;
}

/// Compares generated and held-out samples by their distance to the nearest training sample, in pixels or features.
///
/// \throws Error [ign.numeric.201] when the median held-out distance is 0, so that its ratio is undefined; else as
///         nearest_distances
template <class Exec, FeatureView Generated, FeatureView HeldOut, FeatureView Training>
Memorisation memorisation(Exec const& exec, Generated const& generated, HeldOut const& held_out, Training const& training) {
  auto const near = nearest_distances(exec, generated, training);
  auto const expected = nearest_distances(exec, held_out, training);
  Memorisation const result{mean(near), median(near), mean(expected), median(expected)};
  require(result.held_out_median > 0, Fault::numeric, 201, "memorisation: the median distance of ", expected.size(),
          " held-out samples to the training samples is 0, expected held-out samples that are not copies of training samples");
  return result;
}

}  // namespace ign::metrics

#endif  // IGN_METRICS_MEMORISATION_HPP
