// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// How kernels are launched on a device.
#ifndef IGN_CORE_LAUNCH_HPP
#define IGN_CORE_LAUNCH_HPP

#include <Kokkos_Core.hpp>

namespace ign {

/// The policy of a kernel whose functor, of up to 4 KB, is an argument of the launch. Kokkos would put one of more than 512 bytes into a
/// GPU's constant memory, and have the host wait until the kernel before that did the same is done: in no queue, and in no recording.
template <class Policy>
auto light(Policy const& policy) {
  return Kokkos::Experimental::require(policy, Kokkos::Experimental::WorkItemProperty::HintLightWeight);
}

/// The indices 0 to count - 1 of a kernel.
template <class Exec>
auto indices(Exec const& exec, std::size_t count) {
  return light(Kokkos::RangePolicy<Exec, Kokkos::IndexType<std::size_t>>(exec, 0, count));
}

}  // namespace ign

#endif  // IGN_CORE_LAUNCH_HPP
