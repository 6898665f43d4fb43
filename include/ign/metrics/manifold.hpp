// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Fidelity and diversity apart: precision and recall, density and coverage, by balls about samples that reach to near neighbours.
#ifndef IGN_METRICS_MANIFOLD_HPP
#define IGN_METRICS_MANIFOLD_HPP

#include "ign/metrics/neighbours.hpp"

namespace ign::metrics {

/// Which neighbour a ball reaches to: the values that the measures were published with.
struct ManifoldOptions {
  int precision_neighbour = 3;  ///< of precision and recall, ≥ 1
  int density_neighbour = 5;    ///< of density and coverage, ≥ 1
};

/// What is measured; the ball B_k(s) about a sample reaches to its k-th nearest neighbour in its own set, the edge included.
struct ManifoldMeasures {
  double precision = 0;  ///< share of generated samples within some B(real)
  double recall = 0;     ///< share of real samples within some B(generated)
  double density = 0;    ///< mean over generated samples of the number of B(real) about them, over k: 1 is what real samples have
  double coverage = 0;   ///< share of real samples whose B(real) holds a generated sample
};

/// Compares generated features (m, d) with real ones (n, d); both need more samples than the neighbour's number.
///
/// Coverage and recall depend on m and n: compare only what has as many samples. Memory grows as m + n.
/// \source Kynkäänniemi et al., "Improved precision and recall metric", arXiv 1904.06991, equation 1 and 2;
///         Naeem et al., "Reliable fidelity and diversity metrics for generative models", arXiv 2002.09797, section 3
/// \throws Error [ign.option.201] when a neighbour's number is below 1; [ign.shape.200], [ign.shape.201], [ign.numeric.200]
template <class Exec, FeatureView Real, FeatureView Generated>
ManifoldMeasures manifold_measures(Exec const& exec, Real const& real, Generated const& generated, ManifoldOptions const& options = {}) {
  require(options.precision_neighbour >= 1 && options.density_neighbour >= 1, Fault::option, 201, "manifold: neighbours ",
          options.precision_neighbour, " and ", options.density_neighbour, ", expected 1 or more");
  auto const k = static_cast<std::size_t>(options.precision_neighbour);
  auto const l = static_cast<std::size_t>(options.density_neighbour);
  std::size_t const kept = std::max(k, l);
  detail::check_features(exec, "manifold", real, generated, kept + 1);
  auto const x = detail::rows_of(real);
  auto const y = detail::rows_of(generated);
  auto const near_x = detail::nearest_within(exec, x, kept);
  auto const near_y = detail::nearest_within(exec, y, k);

  // Of generated samples: in how many balls about real ones.
  Kokkos::View<std::size_t*, typename Exec::memory_space> const in_k(Kokkos::view_alloc(exec, "ign::metrics::balls"), y.count);
  Kokkos::View<std::size_t*, typename Exec::memory_space> const in_l(Kokkos::view_alloc(exec, "ign::metrics::balls"), y.count);
  detail::for_each_pair<detail::SquaredDistance>(
      "ign::metrics::precision", exec, y, x,
      detail::Both<detail::CountBalls, detail::CountBalls>{{near_x.data() + k - 1, kept, in_k.data()},
                                                           {near_x.data() + l - 1, kept, in_l.data()}});

  // Of real samples: in how many balls about generated ones, and how far to the nearest of them.
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

#endif  // IGN_METRICS_MANIFOLD_HPP
