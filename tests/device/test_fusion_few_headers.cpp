// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The unit of test_fusion.cpp that includes the layers' own headers only.

#include <ign_test/as_device.hpp>  // first

#include <ign_test/fusion.hpp>

namespace ign_test {

FusedRun run_with_few_headers();
FusedRun run_with_few_headers() { return run_in_unit<1>(); }

}  // namespace ign_test
