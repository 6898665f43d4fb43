// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// One application of a net: in which mode, in which role, with which random key.
#ifndef IGN_CORE_PASS_HPP
#define IGN_CORE_PASS_HPP

#include <Kokkos_Core.hpp>
#include <array>

#include "ign/core/error.hpp"
#include "ign/core/key.hpp"

namespace ign {

/// What a net is applied to. An IGN sees three distributions, so running statistics are kept for each.
enum class Role {
  data,    ///< x, samples of the data set
  source,  ///< z, noise
  image,   ///< f(z), the image of the source
};
inline constexpr int role_count = 3;  ///< how many roles there are

/// The name of a role as checkpoints spell it.
constexpr char const* name(Role role) {
  constexpr char const* names[] = {"data", "source", "image"};
  return names[static_cast<int>(role)];
}

/// What f puts out of noise has a role of its own; near the data it stays near the data.
constexpr Role role_after(Role first) { return first == Role::source ? Role::image : first; }

/// Training uses batch statistics and draws dropout; evaluation uses running statistics and drops nothing.
enum class Mode { train, evaluate };

/// Of the factors in the large products. Parameters, sums and everything else have the net's own type.
enum class Precision {
  full,  ///< the net's own type
  bf16,  ///< bfloat16, where a layer can and the net's type is float
  tf32,  ///< 10 bits of fraction, where the net's type is float and a GPU has matrix units for them; elsewhere full
};

/// The name of a precision as files spell it.
constexpr char const* name(Precision precision) {
  constexpr char const* names[] = {"full", "bf16", "tf32"};
  return names[static_cast<int>(precision)];
}

/// Largest number of segments in a batch: one for each role.
inline constexpr int max_segments = role_count;

/// How a net is applied once. The batch may hold `segments` parts of equal size, each with a role of its own:
/// f(x) and f(z) run as one application to 2B samples, and each half is normalised by its own statistics.
struct Pass {
  Mode mode = Mode::train;                                                         ///< what BatchNorm and dropout go by
  int segments = 1;                                                                ///< from 1 to max_segments
  std::array<Role, max_segments> roles = {Role::data, Role::source, Role::image};  ///< role of each segment
  bool update_statistics = true;                                                   ///< in train mode: let running statistics follow
  Precision precision = Precision::full;                                           ///< of products, in train mode
  Key key = {1, Stream::dropout};                                                  ///< of what layers draw in train mode
};

/// A pass of one role.
inline Pass pass_of(Role role, Mode mode) {
  Pass pass;
  pass.mode = mode;
  pass.roles[0] = role;
  return pass;
}

/// The roles of the segments as kernels take them: numbers in the order of Role.
inline Kokkos::Array<int, max_segments> role_numbers(Pass const& pass) {
  Kokkos::Array<int, max_segments> numbers{};
  for (std::size_t segment = 0; segment < std::size_t{max_segments}; ++segment) numbers[segment] = static_cast<int>(pass.roles[segment]);
  return numbers;
}

/// Samples in each segment; throws when the batch cannot be cut.
inline int segment_size(Pass const& pass, int batch) {
  require(pass.segments >= 1 && pass.segments <= max_segments && batch % pass.segments == 0, Fault::shape, 2, "a batch of ", batch,
          " samples cannot be cut into ", pass.segments, " segments of equal size");
  return batch / pass.segments;
}

}  // namespace ign

#endif  // IGN_CORE_PASS_HPP
