// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Folder of the reference files.
#ifndef IGN_TEST_GOLDEN_HPP
#define IGN_TEST_GOLDEN_HPP

#include <cstdlib>
#include <filesystem>

namespace ign_test {

/// Returns tests/golden of the sources, or the folder that the variable IGN_GOLDEN_DIR names, for programs that run on another machine
/// (benchmarks/device_check.sh).
inline std::filesystem::path golden_dir() {
  char const* const given = std::getenv("IGN_GOLDEN_DIR");
  return given != nullptr && *given != '\0' ? given : IGN_GOLDEN_DIR;
}

}  // namespace ign_test

#endif
