// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// A callback that ends training by an exception.

#ifndef IGN_TEST_THROW_AT_HPP
#define IGN_TEST_THROW_AT_HPP

#include <cstdint>
#include <stdexcept>

namespace ign_test {

/// Throws a std::runtime_error after step `at`, as a killed process would end.
struct ThrowAt {
  std::uint64_t at;
  bool on_step(auto const& trainer) const {
    if (trainer.steps_done() == at) throw std::runtime_error("killed");
    return true;
  }
};

}  // namespace ign_test

#endif
