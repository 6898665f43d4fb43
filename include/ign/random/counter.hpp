// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Counter-based random bits: Philox 4x32-10 (Random123) as a function of seed, stream, step, substream and element. They are identical
/// on every backend, for every number of threads, and after a resume.
#ifndef IGN_RANDOM_COUNTER_HPP
#define IGN_RANDOM_COUNTER_HPP

#include "ign/core/compiler.hpp"  // first: it prepares Random123 for hipcc
#include "ign/core/key.hpp"

#include <Random123/philox.h>

#include <Kokkos_Core.hpp>
#include <cstdint>

namespace ign::random {

/// Returns four words of 32 random bits: block number `block` of a key's sequence.
///
/// The Philox key is the seed. The counter is (block, low word of step, stream * 2^16 ^ high word of step, substream).
/// \source Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC'11
KOKKOS_INLINE_FUNCTION Kokkos::Array<std::uint32_t, 4> bits(Key const& key, std::uint32_t block) {
  r123::Philox4x32::ctr_type counter{};
  r123::Philox4x32::key_type seed{};
  std::uint64_t const step = key.step.get();
  counter.v[0] = block;
  counter.v[1] = static_cast<std::uint32_t>(step);
  counter.v[2] = (static_cast<std::uint32_t>(key.stream) << 16) ^ static_cast<std::uint32_t>(step >> 32);
  counter.v[3] = key.substream;
  seed.v[0] = static_cast<std::uint32_t>(key.seed);
  seed.v[1] = static_cast<std::uint32_t>(key.seed >> 32);
  auto const words = r123::Philox4x32()(counter, seed);
  return {words.v[0], words.v[1], words.v[2], words.v[3]};
}

/// Sets words[k][i] = bits(key, first + i)[k] for i < count. Host version with loops that vectorise: it has its own implementation of
/// Philox, which the tests compare with `bits`. Inline, as detail::draw_values.
template <std::size_t count>
KOKKOS_FORCEINLINE_FUNCTION void bits_of_blocks(Key const& key, std::uint32_t first, std::uint32_t (&words)[4][count]) {
  std::uint64_t const step = key.step.get();
  for (std::size_t i = 0; i < count; ++i) {
    words[0][i] = first + static_cast<std::uint32_t>(i);
    words[1][i] = static_cast<std::uint32_t>(step);
    words[2][i] = (static_cast<std::uint32_t>(key.stream) << 16) ^ static_cast<std::uint32_t>(step >> 32);
    words[3][i] = key.substream;
  }
  auto low = static_cast<std::uint32_t>(key.seed);
  auto high = static_cast<std::uint32_t>(key.seed >> 32);
  for (int round = 0; round < 10; ++round, low += 0x9e3779b9u, high += 0xbb67ae85u) {
    for (std::size_t i = 0; i < count; ++i) {
      std::uint64_t const a = std::uint64_t{0xd2511f53u} * words[0][i];
      std::uint64_t const b = std::uint64_t{0xcd9e8d57u} * words[2][i];
      words[0][i] = static_cast<std::uint32_t>(b >> 32) ^ words[1][i] ^ low;
      words[1][i] = static_cast<std::uint32_t>(b);
      words[2][i] = static_cast<std::uint32_t>(a >> 32) ^ words[3][i] ^ high;
      words[3][i] = static_cast<std::uint32_t>(a);
    }
  }
}

/// Returns a number in the open interval (0, 1). It uses 23 of the 32 bits and is exact in float and double.
KOKKOS_INLINE_FUNCTION float uniform(std::uint32_t word) { return (static_cast<float>(word >> 9) + 0.5f) * 0x1p-23f; }

}  // namespace ign::random

#endif  // IGN_RANDOM_COUNTER_HPP
