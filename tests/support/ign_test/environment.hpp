// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a test may ask of the program it runs in: its seed, and leave to make a NaN.

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

/// Turns on or off that an operation which makes a NaN, or divides by zero, ends the test case (Linux with glibc only).
/// Call it outside a parallel region.
inline void trap_nan(bool on) {
#ifdef __GLIBC__
  // Each thread has its own switch, so every thread of the pool must turn it.
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

/// While it lives, NaN and division by zero are allowed: for tests of what the library does with them.
class AllowNan {
 public:
  AllowNan() { trap_nan(false); }
  ~AllowNan() { trap_nan(true); }
  AllowNan(AllowNan const&) = delete;
  AllowNan& operator=(AllowNan const&) = delete;
};

}  // namespace ign_test

#endif
