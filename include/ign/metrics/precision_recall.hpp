// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Precision, recall, density and coverage: separate measures of fidelity and diversity from nearest-neighbour balls.
#ifndef IGN_METRICS_PRECISION_RECALL_HPP
#define IGN_METRICS_PRECISION_RECALL_HPP

#include "ign/metrics/detail/neighbours.hpp"

namespace ign::metrics {

/// Number k of the neighbour that defines the radius of a ball. The defaults are those of the publications.
struct PrecisionRecallOptions {
  int precision_k = 3;  ///< k of precision and recall, ≥ 1
  int density_k = 5;    ///< k of density and coverage, ≥ 1
};

/// Measures based on B(s), the closed ball around a sample s with the distance to its k-th nearest neighbour in its own set as radius.
struct PrecisionRecall {
  double precision = 0;  ///< share of generated samples inside some B(real)
  double recall = 0;     ///< share of real samples inside some B(generated)
  double density = 0;    ///< mean number of B(real) that contain a generated sample, divided by k; about 1 for further samples of the data
  double coverage = 0;   ///< share of real samples whose B(real) contains a generated sample
};

/// Compares generated features (m, d) with real ones (n, d). Both sets need more samples than the largest k.
///
/// Coverage and recall depend on m and n: compare only results with equal sample counts. Memory grows as m + n.
/// \source Kynkäänniemi et al., "Improved precision and recall metric for assessing generative models", arXiv 1904.06991, equations
///         1 and 2;
///         Naeem et al., "Reliable fidelity and diversity metrics for generative models", arXiv 2002.09797, section 3
/// \throws Error [ign.option.201] when a neighbour number is below 1; [ign.shape.200] on too few samples, [ign.shape.201] on samples of
///         different lengths, [ign.numeric.200] on values that are not finite
template <class Exec, FeatureView RealSet, FeatureView GeneratedSet>
PrecisionRecall precision_recall(Exec const& exec, RealSet const& real, GeneratedSet const& generated,
                                 PrecisionRecallOptions const& options = {}) {
  require(options.precision_k >= 1 && options.density_k >= 1, Fault::option, 201, "precision_recall: neighbours ", options.precision_k,
          " and ", options.density_k, ", expected 1 or more");
  auto const k = static_cast<std::size_t>(options.precision_k);
  auto const l = static_cast<std::size_t>(options.density_k);
  std::size_t const kept = std::max(k, l);
  detail::check_features(exec, "precision_recall", real, generated, kept + 1);
  auto const x = detail::rows_of(real);
  auto const y = detail::rows_of(generated);
  auto const near_x = detail::nearest_within(exec, x, kept);
  auto const near_y = detail::nearest_within(exec, y, k);

  // Number of balls around real samples that contain each generated sample.
  Kokkos::View<std::size_t*, typename Exec::memory_space> const in_k(Kokkos::view_alloc(exec, "ign::metrics::balls"), y.count);
  Kokkos::View<std::size_t*, typename Exec::memory_space> const in_l(Kokkos::view_alloc(exec, "ign::metrics::balls"), y.count);
  detail::for_each_pair<detail::SquaredDistance>(
      "ign::metrics::precision", exec, y, x,
      detail::Both<detail::CountBalls, detail::CountBalls>{{near_x.data() + k - 1, kept, in_k.data()},
                                                           {near_x.data() + l - 1, kept, in_l.data()}});

  // Number of balls around generated samples that contain each real sample, and the distance to the nearest generated sample.
  Kokkos::View<std::size_t*, typename Exec::memory_space> const in_y(Kokkos::view_alloc(exec, "ign::metrics::balls"), x.count);
  auto const nearest_y = detail::no_neighbours(exec, x.count, 1);
  detail::for_each_pair<detail::SquaredDistance>(
      "ign::metrics::recall", exec, x, y,
      detail::Both<detail::CountBalls, detail::KeepNearest>{{near_y.data() + k - 1, k, in_y.data()}, {nearest_y.data(), 1, false}});

  std::size_t precise = 0;
  std::size_t balls = 0;
  for (std::size_t const count : to_host(exec, in_k)) precise += count > 0 ? 1 : 0;
  for (std::size_t const count : to_host(exec, in_l)) balls += count;
  std::size_t recalled = 0;
  std::size_t covered = 0;
  for (std::size_t const count : to_host(exec, in_y)) recalled += count > 0 ? 1 : 0;
  auto const radii = to_host(exec, near_x);
  auto const distances = to_host(exec, nearest_y);
  for (std::size_t i = 0; i < x.count; ++i) covered += distances[i] <= radii[i * kept + l - 1] ? 1 : 0;
  auto const m = static_cast<double>(y.count);
  auto const n = static_cast<double>(x.count);
  return {static_cast<double>(precise) / m, static_cast<double>(recalled) / n, static_cast<double>(balls) / (static_cast<double>(l) * m),
          static_cast<double>(covered) / n};
}

}  // namespace ign::metrics

#endif  // IGN_METRICS_PRECISION_RECALL_HPP
