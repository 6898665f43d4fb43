// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Images for training runs, and batches that lie in memory of their own.

#ifndef IGN_TEST_BATCHES_HPP
#define IGN_TEST_BATCHES_HPP

#include <ign/train/batches.hpp>
#include <ign_test/exec.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace ign_test {

/// Bytes without a pattern, the same in every run.
inline std::vector<std::uint8_t> scattered_bytes(std::size_t count) {
  std::vector<std::uint8_t> bytes(count);
  for (std::size_t i = 0; i < count; ++i) bytes[i] = static_cast<std::uint8_t>(i * 2654435761u >> 13);
  return bytes;
}

/// Batches that lie in memory of their own, as a simulation's fields do.
struct ProvidesBatch {
  ign::Batches<Exec> const& batches;
  ign::Tensor<float, Exec> memory;

  ign::Shape shape() const { return batches.shape(); }
  ign::BatchOptions const& options() const { return batches.options(); }
  std::uint64_t batches_per_epoch() const { return batches.batches_per_epoch(); }
  ign::TensorRef<float, Exec> batch(Exec const& exec, std::uint64_t step) const {
    ign::TensorRef<float, Exec> const ref(memory);
    batches.gather(exec, step, ref);
    return ref;
  }
};

}  // namespace ign_test

#endif
