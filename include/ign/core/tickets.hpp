// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Who is the last of several threads or teams to be done with a part of a kernel: it adds up what all have made, in a fixed order, and
/// so saves the launch of a second kernel. Nobody waits.
#ifndef IGN_CORE_TICKETS_HPP
#define IGN_CORE_TICKETS_HPP

#include <string>

#include "ign/core/tensor.hpp"

namespace ign {

/// Counters that are 0 before and after every kernel.
template <class Exec>
using Tickets = VectorWindow<unsigned, Exec>;

/// How many of them a workspace has.
inline constexpr std::size_t ticket_count = 4096;

/// Those of a device; a host's kernels take none.
template <class Exec>
Vector<unsigned, Exec> make_tickets(Exec const& exec, std::string const& label) {
  if constexpr (is_host_v<Exec>) return {};
  return Vector<unsigned, Exec>(Kokkos::view_alloc(exec, label), ticket_count);
}

/// True for the last of `count` threads that come to `ticket`. What the others had written before they came, it may read afterwards.
///
/// A team lets one thread come, between two barriers.
KOKKOS_INLINE_FUNCTION bool is_last(unsigned* ticket, std::size_t count) {
  Kokkos::memory_fence();
  bool const last = Kokkos::atomic_fetch_add(ticket, 1u) + 1 == count;
  if (last) *ticket = 0;
  Kokkos::memory_fence();
  return last;
}

}  // namespace ign

#endif  // IGN_CORE_TICKETS_HPP
