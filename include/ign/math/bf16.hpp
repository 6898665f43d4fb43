// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Rounding of float to bfloat16, for hosts and devices.
#ifndef IGN_MATH_BF16_HPP
#define IGN_MATH_BF16_HPP

#include <Kokkos_BitManipulation.hpp>
#include <cstdint>

namespace ign::math {

/// True if a float with these bits is NaN, also with -ffast-math. Rounding by an addition would carry into the sign or exponent of a NaN.
KOKKOS_INLINE_FUNCTION bool is_nan_bits(std::uint32_t bits) { return (bits & 0x7fffffffu) > 0x7f800000u; }

/// Returns the bits of the nearest bfloat16, ties to even. NaN stays NaN, quiet.
KOKKOS_INLINE_FUNCTION std::uint16_t bf16_bits(float value) {
  auto const bits = Kokkos::bit_cast<std::uint32_t>(value);
  std::uint32_t const rounded = bits + 0x7fffu + (bits >> 16 & 1u), quiet = bits | 0x00400000u;
  return static_cast<std::uint16_t>((is_nan_bits(bits) ? quiet : rounded) >> 16);
}

}  // namespace ign::math

#endif  // IGN_MATH_BF16_HPP
