// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Explicit instantiations of the host's kernels: declared in programs that link the target ign::kernels, which defines
/// IGN_COMPILED_KERNELS, and defined by the sources of that target. All other programs instantiate what they use.
#ifndef IGN_CORE_INSTANCES_HPP
#define IGN_CORE_INSTANCES_HPP

#include <Kokkos_Core.hpp>

/// Expands INSTANCES(keywords, Real, Exec) for each number type and the host's default execution space. `keywords` is `extern template`, or
/// `template` in a source that defines the instantiations for IGN_DEFINE_KERNELS_OF (float or double).
#ifdef IGN_DEFINE_KERNELS_OF
#define IGN_FOR_HOST_INSTANCES(INSTANCES) INSTANCES(template, IGN_DEFINE_KERNELS_OF, Kokkos::DefaultHostExecutionSpace)
#else
#define IGN_FOR_HOST_INSTANCES(INSTANCES)                              \
  INSTANCES(extern template, float, Kokkos::DefaultHostExecutionSpace) \
  INSTANCES(extern template, double, Kokkos::DefaultHostExecutionSpace)
#endif

#endif  // IGN_CORE_INSTANCES_HPP
