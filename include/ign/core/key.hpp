// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Key of a sequence of random numbers, which random/counter.hpp generates.
#ifndef IGN_CORE_KEY_HPP
#define IGN_CORE_KEY_HPP

#include <cstdint>

#include "ign/core/step_values.hpp"

namespace ign {

/// Purpose of random numbers, below 2^16; no queue of work. Two purposes of one seed never share a counter in steps below 2^48.
enum class RandomStream : std::uint32_t { weights = 1, noise = 2, order = 3, dropout = 4, points = 5, corruption = 6, user = 1024 };

/// Identifies one sequence of random numbers. All randomness of a run follows from (seed, stream, step, substream).
struct Key {
  std::uint64_t seed = 1;                     ///< chosen by the user
  RandomStream stream = RandomStream::noise;  ///< purpose of the numbers
  FutureValue<std::uint64_t> step = {};       ///< training step, epoch, or call
  std::uint32_t substream = 0;                ///< layer or parameter within the step
};

}  // namespace ign

#endif  // IGN_CORE_KEY_HPP
