// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Hyperbolic tangent for hosts and devices. The float version has no calls and no branches: loops over it vectorise.
///
/// Algorithm for float: Taylor polynomial near 0, otherwise 1 - 2 / (exp(2|x|) + 1) with a polynomial for exp.
#ifndef IGN_MATH_TANH_HPP
#define IGN_MATH_TANH_HPP

#include <Kokkos_Core.hpp>
#include <cstdint>

#include "ign/core/finite.hpp"

namespace ign::math {

/// Returns Kokkos::tanh(x).
KOKKOS_INLINE_FUNCTION double tanh(double x) { return Kokkos::tanh(x); }

/// Error at most 4 units in the last place. Taylor series for |x| < 0.45, otherwise 1 - 2 / (exp(2|x|) + 1). NaN for NaN.
KOKKOS_INLINE_FUNCTION float tanh(float x) {
  float const a = Kokkos::fabs(x);
  float const q = a * a;
  float s = Kokkos::fma(q, -1.4558344e-3f, 3.5921280e-3f);
  s = Kokkos::fma(q, s, -8.8632355e-3f);
  s = Kokkos::fma(q, s, 2.1869488e-2f);
  s = Kokkos::fma(q, s, -5.3968254e-2f);
  s = Kokkos::fma(q, s, 1.3333333e-1f);
  s = Kokkos::fma(q, s, -3.3333333e-1f);
  float const near = Kokkos::fma(a * q, s, a);

  float const twice = a < 10.0f ? a + a : 20.0f;  // the result is 1 for |x| >= 9.02
  auto const exponent = static_cast<std::int32_t>(Kokkos::fma(twice, 1.44269504f, 0.5f));
  auto const k = static_cast<float>(exponent);
  float const r = Kokkos::fma(k, 1.42860677e-6f, Kokkos::fma(k, -0.693148613f, twice));  // ln 2 in two parts
  float p = Kokkos::fma(r, 1.3888889e-3f, 8.3333333e-3f);
  p = Kokkos::fma(r, p, 4.1666668e-2f);
  p = Kokkos::fma(r, p, 0.16666667f);
  p = Kokkos::fma(r, p, 0.5f);
  p = Kokkos::fma(r, p, 1.0f);
  p = Kokkos::fma(r, p, 1.0f);
  float const power = Kokkos::bit_cast<float>(static_cast<std::uint32_t>(exponent + 127) << 23);
  float const far = 1.0f - 2.0f / Kokkos::fma(p, power, 1.0f);

  return propagate_nan(x, Kokkos::copysign(a < 0.45f ? near : far, x));
}

}  // namespace ign::math

#endif  // IGN_MATH_TANH_HPP
