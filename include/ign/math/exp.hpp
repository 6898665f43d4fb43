// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Exponential function of non-positive arguments, as a softmax needs it, for hosts and devices. The float version has no calls and no
/// branches: loops over it vectorise.
///
/// Algorithm for float: exp(x) = 2^k exp(r) with |r| <= ln(2) / 2, and the Taylor polynomial of degree 7 for exp(r).
#ifndef IGN_MATH_EXP_HPP
#define IGN_MATH_EXP_HPP

#include <Kokkos_Core.hpp>
#include <cstdint>

#include "ign/math/bf16.hpp"

namespace ign::math {

/// Returns Kokkos::exp(x).
KOKKOS_INLINE_FUNCTION double exp_nonpositive(double x) { return Kokkos::exp(x); }

/// Error at most 2 units in the last place for -87 <= x <= 0. Returns 0 where the exponent of the result is below that of normal numbers,
/// about for x < -87.7; NaN for NaN.
KOKKOS_INLINE_FUNCTION float exp_nonpositive(float x) {
  float const a = x > -88.0f ? x : -88.0f;
  auto const exponent = static_cast<std::int32_t>(Kokkos::fma(a, 1.44269504f, 127.5f));  // rounded down
  float const k = static_cast<float>(exponent) - 127.0f;
  float const r = Kokkos::fma(k, 2.12194440e-4f, Kokkos::fma(k, -0.693359375f, a));  // ln 2 in two parts
  float p = Kokkos::fma(r, 1.9841270e-4f, 1.3888889e-3f);
  p = Kokkos::fma(r, p, 8.3333333e-3f);
  p = Kokkos::fma(r, p, 4.1666668e-2f);
  p = Kokkos::fma(r, p, 0.16666667f);
  p = Kokkos::fma(r, p, 0.5f);
  p = Kokkos::fma(r, p, 1.0f);
  p = Kokkos::fma(r, p, 1.0f);
  float const power = Kokkos::bit_cast<float>(static_cast<std::uint32_t>(exponent) << 23);  // 0 for the exponent 0
  // As propagate_nan, without a branch around the computation above: GCC does not vectorise such loops.
  auto const bits = Kokkos::bit_cast<std::uint32_t>(x);
  std::uint32_t const nan = is_nan_bits(bits) ? bits : 0u;
  return Kokkos::bit_cast<float>(Kokkos::bit_cast<std::uint32_t>(p * power) | nan);
}

}  // namespace ign::math

#endif  // IGN_MATH_EXP_HPP
