// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Sums and products of untrusted sizes, checked for overflow.
#ifndef IGN_IO_CHECKED_ARITHMETIC_HPP
#define IGN_IO_CHECKED_ARITHMETIC_HPP

#include <cstdint>
#include <limits>
#include <optional>

namespace ign::io {

/// The product of `first` and all `factors`, or nothing where it exceeds 64 bits.
///
/// `checked_product(std::vector{60000u, 28u, 28u})` is 47040000; an empty range gives `first`.
template <class Factors>
constexpr std::optional<std::uint64_t> checked_product(Factors const& factors, std::uint64_t first = 1) {
  std::uint64_t product = first;
  for (std::uint64_t const factor : factors) {
    if (factor != 0 && product > std::numeric_limits<std::uint64_t>::max() / factor) return std::nullopt;
    product *= factor;
  }
  return product;
}

/// `a + b`, or nothing where the sum exceeds 64 bits.
constexpr std::optional<std::uint64_t> checked_sum(std::uint64_t a, std::uint64_t b) {
  if (b > std::numeric_limits<std::uint64_t>::max() - a) return std::nullopt;
  return a + b;
}

}  // namespace ign::io

#endif  // IGN_IO_CHECKED_ARITHMETIC_HPP
