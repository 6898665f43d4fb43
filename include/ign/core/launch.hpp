// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Execution policies of Kokkos for kernels that may be part of a captured graph, with functors of up to 4 KB, and the number of workers of
/// a host kernel.
#ifndef IGN_CORE_LAUNCH_HPP
#define IGN_CORE_LAUNCH_HPP

#include <Kokkos_Core.hpp>

namespace ign {

/// Returns the policy with Kokkos' hint HintLightWeight, to pass the functor, of up to 4 KB, as a launch argument. Without the hint Kokkos
/// copies a functor above 512 bytes to a GPU's constant memory and blocks the host until the previous kernel that used this memory has
/// finished. Such a launch is not asynchronous and cannot be part of a captured graph.
template <class Policy>
auto as_launch_argument(Policy const& policy) {
  return Kokkos::Experimental::require(policy, Kokkos::Experimental::WorkItemProperty::HintLightWeight);
}

/// Range policy over the indices 0 to count - 1, with the same hint. "One index per channel" in the comment of a functor means that it runs
/// over such a policy with one index for each channel.
template <class Exec>
auto range_policy(Exec const& exec, std::size_t count) {
  return as_launch_argument(Kokkos::RangePolicy<Exec, Kokkos::IndexType<std::size_t>>(exec, 0, count));
}

/// The same for indices whose work differs: threads of a host take them as they become free.
template <class Exec>
auto dynamic_range_policy(Exec const& exec, std::size_t count) {
  return as_launch_argument(Kokkos::RangePolicy<Exec, Kokkos::Schedule<Kokkos::Dynamic>, Kokkos::IndexType<std::size_t>>(exec, 0, count));
}

/// Multiply-adds that occupy a thread of a host for 0.25 to 0.8 microseconds; waking it takes about as long, or longer.
inline constexpr std::size_t multiply_adds_per_worker = std::size_t{1} << 15;

/// Workers among which a kernel of `products` multiply-adds divides its work on a host of `threads` threads: one, and one
/// more for each `multiply_adds_per_worker`. A small kernel then does not prepare memory and pack weights for threads that would have next
/// to nothing to do.
inline std::size_t workers_for(std::size_t threads, std::size_t products) {
  std::size_t const useful = products / multiply_adds_per_worker + 1;
  return threads < useful ? threads : useful;
}

}  // namespace ign

#endif  // IGN_CORE_LAUNCH_HPP
