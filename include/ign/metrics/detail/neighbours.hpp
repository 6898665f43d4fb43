// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Nearest-neighbour distances within and between feature sets.
#ifndef IGN_METRICS_DETAIL_NEIGHBOURS_HPP
#define IGN_METRICS_DETAIL_NEIGHBOURS_HPP

#include "ign/metrics/detail/pairs.hpp"

namespace ign::metrics::detail {

/// Keeps the `kept` smallest squared distances of each i in ascending order, without i itself if both sets are the same.
struct KeepNearest {
  double* nearest;  // (count, kept)
  std::size_t kept;
  bool one_set;

  KOKKOS_FUNCTION void operator()(std::size_t i, std::size_t first, std::size_t count, double const* terms) const {
    double* const row = nearest + i * kept;
    for (std::size_t c = 0; c < count; ++c) {
      double const distance = terms[c];
      if (!(distance < row[kept - 1]) || (one_set && first + c == i)) continue;
      std::size_t rank = kept - 1;
      for (; rank > 0 && distance < row[rank - 1]; --rank) row[rank] = row[rank - 1];
      row[rank] = distance;
    }
  }
};

/// Counts, for each sample i of a, the balls around samples j of b that contain it: squared distance at most radii[j · stride].
struct CountBalls {
  double const* radii;
  std::size_t stride;
  std::size_t* counts;

  KOKKOS_FUNCTION void operator()(std::size_t i, std::size_t first, std::size_t count, double const* terms) const {
    std::size_t inside = 0;
    for (std::size_t c = 0; c < count; ++c) inside += terms[c] <= radii[(first + c) * stride] ? 1 : 0;
    counts[i] += inside;
  }
};

/// Allocates `kept` squared distances for each of `count` samples, initialised to infinity.
template <class Exec>
Vector<double, Exec> no_neighbours(Exec const& exec, std::size_t count, std::size_t kept) {
  auto const nearest = make_vector<double>(exec, "ign::metrics::nearest", count * kept);
  Kokkos::deep_copy(exec, nearest, Kokkos::Experimental::infinity_v<double>);
  return nearest;
}

/// Returns the `kept` smallest squared distances (n, kept) of each sample to the others of its set.
template <class Exec, class Real>
Vector<double, Exec> nearest_within(Exec const& exec, Rows<Real> const& set, std::size_t kept) {
  auto const nearest = no_neighbours(exec, set.count, kept);
  for_each_pair<SquaredDistance>("ign::metrics::neighbours", exec, set, set, KeepNearest{nearest.data(), kept, true});
  return nearest;
}

}  // namespace ign::metrics::detail

#endif  // IGN_METRICS_DETAIL_NEIGHBOURS_HPP
