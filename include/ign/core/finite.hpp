// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Tests for finite values and NaN, correct under every compiler flag. Under -ffast-math (-ffinite-math-only) compilers assume that all
/// values are finite: std::isfinite is always true, x != x always false, and NaN > 0 arbitrary. These functions test the bit pattern
/// instead.
#ifndef IGN_CORE_FINITE_HPP
#define IGN_CORE_FINITE_HPP

#include <Kokkos_Macros.hpp>
#include <cstdint>
#include <type_traits>

#include "ign/core/compiler.hpp"
#include "ign/core/scalar.hpp"

namespace ign {

namespace detail {

/// Bit layout of a Real.
template <Scalar Real>
struct FloatBits {
  using Word = std::conditional_t<sizeof(Real) == 4, std::uint32_t, std::uint64_t>;
  static constexpr Word exponent = sizeof(Real) == 4 ? Word{0x7f800000u} : static_cast<Word>(0x7ff0000000000000u);
  static constexpr Word magnitude = static_cast<Word>(~Word{0}) >> 1;  // all but the sign
  static constexpr Word nan = exponent | exponent >> 1;                // a quiet one
};

/// Returns the word, with its origin hidden from the optimiser.
template <class Word>
KOKKOS_FORCEINLINE_FUNCTION Word opaque(Word word) {
  IGN_OPAQUE(word);
  return word;
}

template <Scalar Real>
KOKKOS_FORCEINLINE_FUNCTION constexpr auto guarded_bits(Real x) {
  auto const bits = __builtin_bit_cast(typename FloatBits<Real>::Word, x);
  return __builtin_is_constant_evaluated() ? bits : opaque(bits);
}

}  // namespace detail

/// False for infinities and NaN.
template <Scalar Real>
KOKKOS_FORCEINLINE_FUNCTION constexpr bool is_finite(Real x) {
  return (detail::guarded_bits(x) & detail::FloatBits<Real>::exponent) != detail::FloatBits<Real>::exponent;
}

/// True for NaN only.
template <Scalar Real>
KOKKOS_FORCEINLINE_FUNCTION constexpr bool is_nan(Real x) {
  return (detail::guarded_bits(x) & detail::FloatBits<Real>::magnitude) > detail::FloatBits<Real>::exponent;
}

/// A quiet NaN that no compiler removes as an impossible value.
template <Scalar Real>
KOKKOS_FORCEINLINE_FUNCTION constexpr Real quiet_nan() {
  constexpr auto bits = detail::FloatBits<Real>::nan;
  return __builtin_bit_cast(Real, __builtin_is_constant_evaluated() ? bits : detail::opaque(bits));
}

/// As is_nan, without the barrier that blocks vectorisation. Correct under -ffast-math only for values loaded from memory, which the
/// compiler cannot assume to be finite.
template <Scalar Real>
KOKKOS_FORCEINLINE_FUNCTION constexpr bool is_nan_in_memory(Real const& x) {
  return (__builtin_bit_cast(typename detail::FloatBits<Real>::Word, x) & detail::FloatBits<Real>::magnitude) >
         detail::FloatBits<Real>::exponent;
}

/// Returns x if x is NaN, else y. Selects between integer words, so that loops with it vectorise.
template <Scalar Real>
KOKKOS_FORCEINLINE_FUNCTION constexpr Real propagate_nan(Real x, Real y) {
  using Word = typename detail::FloatBits<Real>::Word;
  auto const bits = __builtin_bit_cast(Word, x);
  bool const nan = (bits & detail::FloatBits<Real>::magnitude) > detail::FloatBits<Real>::exponent;
  return __builtin_bit_cast(Real, nan ? bits : __builtin_bit_cast(Word, y));
}

}  // namespace ign

#endif  // IGN_CORE_FINITE_HPP
