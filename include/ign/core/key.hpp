// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Key of a sequence of random numbers, which random/counter.hpp generates.
#ifndef IGN_CORE_KEY_HPP
#define IGN_CORE_KEY_HPP

#include <Kokkos_Core.hpp>
#include <cstdint>

#include "ign/core/step_values.hpp"

namespace ign {

/// Purpose of random numbers; values are below 2^16. Two purposes of one seed never share a counter of the generator (Philox,
/// random/counter.hpp) in steps below 2^48.
enum class RandomStream : std::uint32_t {
  weights = 1,     ///< initial weights; the substream is the index of the array
  noise = 2,       ///< z of training steps, and the default of Key
  order = 3,       ///< order of the data
  dropout = 4,     ///< dropout masks
  points = 5,      ///< toy data (data/toy.hpp)
  corruption = 6,  ///< corruptions of data and samples in training
  condition = 7,   ///< mismatched pairs of conditional nets
  guard = 8,       ///< z of CollapseGuard
  user = 1024      ///< for programs; ign::metrics draws from it with the seeds of its options
};

/// Indices of the samples of a tensor in the global batch, which all ranks share: sample n has the index first + n · stride.
///
/// A rank of a data-parallel run holds every stride-th sample of the global batch (core/ranks.hpp). Sources, corruptions, random masks,
/// Dropout and Batches draw by these indices, so that random numbers and order do not depend on the number of ranks. `Ranks::shard()` and
/// `BatchOptions::shard` are the indices of one rank's samples, `Key::samples` those of the samples to draw.
struct GlobalSampleIndices {
  std::uint64_t first = 0;   ///< index of sample 0
  std::uint64_t stride = 1;  ///< distance between the indices of neighbouring samples, ≥ 1

  /// Global index of sample n.
  KOKKOS_FUNCTION constexpr std::uint64_t of(std::uint64_t n) const { return first + n * stride; }
  /// True if sample n has the index n, as in a run of one process.
  KOKKOS_FUNCTION constexpr bool is_identity() const { return first == 0 && stride == 1; }
};

/// Identifies one sequence of random numbers. All randomness of a run follows from (seed, stream, step, substream).
///
/// A key with the seed of a run and the stream `noise`, such as Key{.seed = 1} for the default seed, has the z of that run's first step.
/// For samples that training has not drawn, use another seed or the stream `user`.
struct Key {
  std::uint64_t seed = 1;                     ///< chosen by the user
  RandomStream stream = RandomStream::noise;  ///< purpose of the random numbers
  StepArgument<std::uint64_t> step = {};      ///< training step, epoch, or call
  std::uint32_t substream = 0;                ///< sequence within the step, such as a layer, an array or a corruption
  GlobalSampleIndices samples = {};           ///< global indices of the samples to draw
};

}  // namespace ign

#endif  // IGN_CORE_KEY_HPP
