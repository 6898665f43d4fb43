// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Seed of a test run, and traps of floating-point exceptions.

#ifndef IGN_TEST_ENVIRONMENT_HPP
#define IGN_TEST_ENVIRONMENT_HPP

#include <cfenv>
#include <cstdint>
#include <cstdlib>

namespace ign_test {

/// The seed of this run: 1, or the environment variable IGN_TEST_SEED.
inline std::uint64_t seed() {
  char const* text = std::getenv("IGN_TEST_SEED");
  return text ? std::strtoull(text, nullptr, 10) : 1;
}

/// Traps floating-point exceptions (invalid, division by zero), which end the test case, or stops doing so (Linux with glibc only).
/// Call it outside a parallel region.
inline void trap_nan(bool on) {
#ifdef __GLIBC__
  // Each thread has its own state, so every thread of the pool must set it.
#ifdef _OPENMP
#pragma omp parallel
#endif
  {
    std::feclearexcept(FE_ALL_EXCEPT);
    if (on)
      feenableexcept(FE_INVALID | FE_DIVBYZERO);
    else
      fedisableexcept(FE_INVALID | FE_DIVBYZERO);
  }
#else
  (void)on;
#endif
}

/// Scope guard without these traps, for tests of NaN and division by zero.
class AllowNan {
 public:
  AllowNan() { trap_nan(false); }
  ~AllowNan() { trap_nan(true); }
  AllowNan(AllowNan const&) = delete;
  AllowNan& operator=(AllowNan const&) = delete;
};

}  // namespace ign_test

#endif
