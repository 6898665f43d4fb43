// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Conversions between the floating-point types of weight files, on the host. They work on the bits: on hosts without such types Kokkos'
/// half_t and bhalf_t are float, and the result must not depend on the processor's treatment of subnormal numbers.
#ifndef IGN_IO_FLOAT_CONVERSIONS_HPP
#define IGN_IO_FLOAT_CONVERSIONS_HPP

#include <bit>
#include <cstdint>
#include <optional>

namespace ign::io {

/// Converts IEEE 754 binary16 (F16): 1 sign bit, 5 of the exponent, 10 of the fraction. Exact; NaN keeps its payload.
/// \source IEEE 754-2019, section 3.4
constexpr float float_of_f16(std::uint16_t number) {
  std::uint32_t const sign = std::uint32_t{number & 0x8000u} << 16;
  std::uint32_t const exponent = number >> 10 & 0x1fu, fraction = number & 0x3ffu;
  std::uint32_t magnitude = 0;
  if (exponent == 0x1f)  // infinity, NaN
    magnitude = 0x7f800000u | fraction << 13;
  else if (exponent != 0)
    magnitude = (exponent + 127 - 15) << 23 | fraction << 13;
  else if (fraction != 0) {  // subnormal, fraction · 2^-24: a normal float
    auto const top = static_cast<std::uint32_t>(std::bit_width(fraction)) - 1;
    magnitude = (127 - 24 + top) << 23 | (fraction << (23 - top) & 0x7fffffu);
  }
  return std::bit_cast<float>(sign | magnitude);
}

/// Converts bfloat16 (BF16), the upper half of a float. Exact; NaN keeps its payload.
constexpr float float_of_bf16(std::uint16_t number) { return std::bit_cast<float>(std::uint32_t{number} << 16); }

/// The nearest float, ties to even. Infinity and NaN are kept. Nothing for a finite number beyond the range of float.
constexpr std::optional<float> float_of_f64(double number) {
  auto const bits = std::bit_cast<std::uint64_t>(number);
  auto const sign = static_cast<std::uint32_t>(bits >> 32) & 0x80000000u;
  int const exponent = static_cast<int>(bits >> 52 & 0x7ffu) - 1023;
  std::uint64_t const fraction = bits & 0xfffffffffffffu;
  if (exponent == 1024) {
    // Without its payload a NaN must not become an infinity.
    std::uint32_t const payload = fraction == 0 ? 0 : static_cast<std::uint32_t>(fraction >> 29) | 0x400000u;
    return std::bit_cast<float>(sign | 0x7f800000u | payload);
  }
  if (exponent < -150) return std::bit_cast<float>(sign);  // below half of the smallest float
  // A normal float drops 29 bits of the fraction, a subnormal one more of fraction and leading 1.
  bool const normal = exponent >= -126;
  std::uint64_t const whole = normal ? static_cast<std::uint64_t>(exponent + 127) << 52 | fraction : std::uint64_t{1} << 52 | fraction;
  int const dropped = normal ? 29 : 29 + (-126 - exponent);
  std::uint64_t const rest = whole & ((std::uint64_t{1} << dropped) - 1), half = std::uint64_t{1} << (dropped - 1);
  auto rounded = whole >> dropped;
  if (rest > half || (rest == half && (rounded & 1) != 0)) ++rounded;  // a carry into the exponent is correct
  if (rounded >= 0x7f800000u) return std::nullopt;
  return std::bit_cast<float>(sign | static_cast<std::uint32_t>(rounded));
}

}  // namespace ign::io

#endif  // IGN_IO_FLOAT_CONVERSIONS_HPP
