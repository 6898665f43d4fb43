// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Sums over many terms by one team of a device. The threads share the terms, since a single thread would be bound by memory latency.
#ifndef IGN_CORE_DETAIL_TEAM_SUMS_HPP
#define IGN_CORE_DETAIL_TEAM_SUMS_HPP

#include <Kokkos_Core.hpp>

#include "ign/core/compiler.hpp"

namespace ign::detail {

/// Number of threads that share the terms of `team_sums`.
inline constexpr std::size_t sum_threads = 256;

/// Largest number of channels summed side by side, so that neighbouring threads read neighbouring addresses.
inline constexpr std::size_t sum_channels = 32;

/// Computes n sums for each channel c < channels: term_of(c)(i, sums) adds term i to them, for all i < terms, and store(c, sums) takes
/// them.
///
/// The order of additions depends on the extents only. All threads of a team must call this; the team may have any size. `scratch` has
/// n · sum_threads elements and can be reused after the call.
template <class Sum, std::size_t n, class Team, class TermOf, class Store>
KOKKOS_FUNCTION void team_sums(Team const& team, Sum* scratch, std::size_t channels, std::size_t terms, TermOf const& term_of,
                               Store const& store) {
  std::size_t width = 1;
  while (width < channels && width < sum_channels) width *= 2;
  std::size_t const lanes = sum_threads / width;
  for (std::size_t first = 0; first < channels; first += width) {
    Kokkos::parallel_for(Kokkos::TeamThreadRange(team, static_cast<int>(sum_threads)), [&](int t) {
      auto const thread = static_cast<std::size_t>(t);
      std::size_t const c = first + thread % width;
      Sum own[n] = {};
      if (c < channels) {
        auto const term = term_of(c);
        IGN_UNROLL_SOME
        for (std::size_t i = thread / width; i < terms; i += lanes) term(i, own);
      }
      for (std::size_t k = 0; k < n; ++k) scratch[k * sum_threads + thread] = own[k];
    });
    team.team_barrier();
    Kokkos::parallel_for(Kokkos::TeamThreadRange(team, static_cast<int>(width)), [&](int t) {
      auto const column = static_cast<std::size_t>(t);
      if (first + column >= channels) return;
      Sum sums[n] = {};
      for (std::size_t lane = 0; lane < lanes; ++lane)
        for (std::size_t k = 0; k < n; ++k) sums[k] += scratch[k * sum_threads + lane * width + column];
      store(first + column, sums);
    });
    team.team_barrier();
  }
}

}  // namespace ign::detail

#endif  // IGN_CORE_DETAIL_TEAM_SUMS_HPP
