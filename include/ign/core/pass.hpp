// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Settings of one application of a net: mode, roles and random key.
#ifndef IGN_CORE_PASS_HPP
#define IGN_CORE_PASS_HPP

#include <Kokkos_Core.hpp>
#include <algorithm>
#include <array>
#include <initializer_list>

#include "ign/core/error.hpp"
#include "ign/core/key.hpp"
#include "ign/core/ranks.hpp"

namespace ign {

/// Distribution of a net's input. An IGN has three, and running statistics are kept for each.
enum class Role {
  data,       ///< x, samples of the data set
  source,     ///< z, noise
  generated,  ///< f(z), generated images
};
inline constexpr int role_count = 3;  ///< number of roles

/// Name of a role, as in checkpoints, where `generated` is called "image".
constexpr char const* name(Role role) {
  constexpr char const* names[] = {"data", "source", "image"};
  return names[static_cast<int>(role)];
}

/// Role of f's output: `source` becomes `generated`; `data` and `generated` stay.
constexpr Role role_after(Role role) { return role == Role::source ? Role::generated : role; }

/// Mode of a net. Training uses batch statistics (see Pass::batch_statistics) and dropout; evaluation uses running statistics and no
/// dropout.
enum class Mode { train, evaluate };

/// Precision of the factors in large matrix products. Parameters, sums and all other values have the net's type.
enum class Precision {
  full,  ///< the net's type
  bf16,  ///< bfloat16 (7 stored bits of fraction) in layers that support it, if the net's type is float; full on a host without fast
         ///< instructions for such products
  tf32,  ///< tf32 (10 stored bits of fraction), if the net's type is float and the GPU has matrix units for them; otherwise full
};

/// Name of a precision, as in files.
constexpr char const* name(Precision precision) {
  constexpr char const* names[] = {"full", "bf16", "tf32"};
  return names[static_cast<int>(precision)];
}

/// Largest number of segments in a batch: one per role.
inline constexpr int max_segments = role_count;

/// Settings of one application of a net. The batch may consist of several segments of equal size, each with its own role: for x and z of B
/// samples each, f(x) and f(z) run as one application to 2B samples, and BatchNorm normalises each half by its own statistics.
struct Pass {
  Mode mode = Mode::train;  ///< training or evaluation: selects statistics, dropout and the kernels that may be used
  int segments = 1;         ///< number of segments, from 1 to max_segments
  std::array<Role, max_segments> roles = {Role::data, Role::source,
                                          Role::generated};  ///< role of each segment; further entries are not used
  bool batch_statistics = true;                              ///< layers use statistics of the batch, in train mode; false: running
                                                             ///< statistics, as in evaluation, which they leave unchanged
  bool update_statistics = true;                             ///< update running statistics by those of the batch, in train mode
  Precision precision = Precision::full;                     ///< precision of matrix products, in train mode
  Key key = {1, RandomStream::dropout};                      ///< key of the layers' random numbers, in train mode
  Ranks ranks = {};                                          ///< ranks that share the batch, in train mode
};

/// A pass with a single segment.
inline Pass pass_of(Role role, Mode mode) {
  Pass pass;
  pass.mode = mode;
  pass.roles[0] = role;
  return pass;
}

/// A training pass with one segment per role, over samples that `ranks` share.
inline Pass training_pass(std::initializer_list<Role> roles, Precision precision, Key const& key, Ranks const& ranks = {}) {
  Pass pass;
  pass.segments = static_cast<int>(roles.size());
  std::copy(roles.begin(), roles.end(), pass.roles.begin());
  pass.precision = precision;
  pass.key = key;
  pass.key.samples = ranks.shard();
  pass.ranks = ranks;
  return pass;
}

/// True if layers such as BatchNorm use statistics of the batch, false if running statistics.
constexpr bool uses_batch_statistics(Pass const& pass) { return pass.mode == Mode::train && pass.batch_statistics; }

/// Roles of the segments as integers in the order of Role, for use in kernels.
inline Kokkos::Array<int, max_segments> role_numbers(Pass const& pass) {
  Kokkos::Array<int, max_segments> numbers{};
  for (std::size_t segment = 0; segment < std::size_t{max_segments}; ++segment) numbers[segment] = static_cast<int>(pass.roles[segment]);
  return numbers;
}

/// Number of samples in each segment.
/// \throws Error [ign.shape.2] if the batch has no such segments of equal size
inline int segment_size(Pass const& pass, int batch) {
  require(pass.segments >= 1 && pass.segments <= max_segments && batch % pass.segments == 0, Fault::shape, 2, "a batch of ", batch,
          " samples cannot be split into ", pass.segments, " segments, expected 1 to 3 segments of equal size");
  return batch / pass.segments;
}

}  // namespace ign

#endif  // IGN_CORE_PASS_HPP
