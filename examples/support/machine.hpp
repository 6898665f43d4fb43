// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The machine that figures were measured on: processor, devices, compiler, versions, date.
#ifndef IGN_EXAMPLES_SUPPORT_MACHINE_HPP
#define IGN_EXAMPLES_SUPPORT_MACHINE_HPP

#include <Kokkos_Core.hpp>

#include <string>
#include <vector>

namespace examples {

/// The processor's name as Linux gives it, or the architecture's.
std::string processor_name();

struct MachineFact {
  std::string name, value;
};

/// Processor, device, versions, compiler and date.
std::vector<MachineFact> machine_facts(Kokkos::DefaultExecutionSpace const& exec);

}  // namespace examples

#endif  // IGN_EXAMPLES_SUPPORT_MACHINE_HPP
