// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Arrival counters for single-launch reductions: the last team to arrive adds the partial results in a fixed order, which saves the launch
/// of a second kernel. No team waits for another.
#ifndef IGN_CORE_DETAIL_ARRIVAL_COUNTERS_HPP
#define IGN_CORE_DETAIL_ARRIVAL_COUNTERS_HPP

#include <string>

#include "ign/core/tensor.hpp"

namespace ign {

/// Arrival counters, zero before and after every kernel.
template <class Exec>
using ArrivalCounters = VectorRef<unsigned, Exec>;

namespace detail {

/// Number of counters in a workspace.
inline constexpr std::size_t counter_count = 4096;

}  // namespace detail

/// Allocates arrival counters on a device. Host kernels use none, so the result is empty there.
template <class Exec>
Vector<unsigned, Exec> make_arrival_counters(Exec const& exec, std::string const& label) {
  if constexpr (uses_host_kernels_v<Exec>) return {};
  return Vector<unsigned, Exec>(Kokkos::view_alloc(exec, label), detail::counter_count);
}

namespace detail {

/// Returns true for the last of `count` threads to arrive at a counter, and sets the counter back to zero.
///
/// The last thread may then read all that the others wrote before they arrived.
KOKKOS_INLINE_FUNCTION bool arrives_last(unsigned* counter, std::size_t count) {
  Kokkos::memory_fence();
  bool const last = Kokkos::atomic_fetch_add(counter, 1u) + 1 == count;
  if (last) *counter = 0;
  Kokkos::memory_fence();
  return last;
}

/// The same for `count` teams, for all threads of a team. Call it behind a barrier of the team.
template <class Member>
KOKKOS_INLINE_FUNCTION bool team_arrives_last(Member const& team, unsigned* counter, std::size_t count) {
  bool last = false;
  Kokkos::single(
      Kokkos::PerTeam(team), [&](bool& mine) { mine = arrives_last(counter, count); }, last);
  return last;
}

}  // namespace detail

}  // namespace ign

#endif  // IGN_CORE_DETAIL_ARRIVAL_COUNTERS_HPP
