// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Shuffled order of an epoch as a function of the position. It needs no memory and can be evaluated on the device.
#ifndef IGN_RANDOM_PERMUTATION_HPP
#define IGN_RANDOM_PERMUTATION_HPP

#include "ign/random/counter.hpp"

namespace ign {

/// A pseudorandom permutation of [0, n), selected by a key.
///
/// A balanced Feistel network of eight rounds, whose round function is Philox 4x32-10, on the smallest even number of bits that holds
/// n - 1. It is applied again until the result is below n (cycle walking).
/// \source Black and Rogaway, "Ciphers with arbitrary finite domains", CT-RSA 2002
class Permutation {
 public:
  /// A permutation of [0, n), n ≥ 1.
  KOKKOS_FUNCTION Permutation(Key const& key, std::uint64_t n) : m_key(key), m_size(n) {
    while (m_half_bits < 32 && (std::uint64_t{1} << (2 * m_half_bits)) < n) ++m_half_bits;
  }

  KOKKOS_FUNCTION std::uint64_t size() const { return m_size; }  ///< n

  /// Returns the image of i < size().
  KOKKOS_FUNCTION std::uint64_t operator()(std::uint64_t i) const {
    do {
      i = mix(i);
    } while (i >= m_size);
    return i;
  }

 private:
  KOKKOS_FUNCTION std::uint64_t mix(std::uint64_t i) const {
    std::uint64_t const mask = (std::uint64_t{1} << m_half_bits) - 1;
    std::uint64_t left = i >> m_half_bits;
    std::uint64_t right = i & mask;
    Key key = m_key;
    for (int round = 0; round < 8; ++round) {
      key.substream = m_key.substream + static_cast<std::uint32_t>(round);
      std::uint64_t const next = left ^ (random::bits(key, static_cast<std::uint32_t>(right))[0] & mask);
      left = right;
      right = next;
    }
    return left << m_half_bits | right;
  }

  Key m_key;
  std::uint64_t m_size;
  unsigned m_half_bits = 1;
};

}  // namespace ign

#endif  // IGN_RANDOM_PERMUTATION_HPP
