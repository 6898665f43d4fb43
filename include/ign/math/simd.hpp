// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Packs of values for SIMD arithmetic: load, store, arithmetic, rounding to bfloat16, transposition. Host only.
///
/// Uses the vector types of GCC and Clang, and plain arrays with other compilers. Kokkos' SIMD types are no substitute: their width follows
/// from the build of Kokkos, not from the flags of the program. Small arrays are no substitute either: only some compilers keep loops over
/// them in registers.
#ifndef IGN_MATH_SIMD_HPP
#define IGN_MATH_SIMD_HPP

#include <Kokkos_Macros.hpp>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>

#include "ign/core/compiler.hpp"
#include "ign/math/bf16.hpp"

// The number of lanes enters the layout of packed weights and the size of scratch memory, but not the names of types and functions. In a
// program whose translation units have different instruction sets, the linker keeps one version of each function that is not inlined: a
// kernel of one unit may then read a layout of another. An absolute symbol may be defined in several units only with the same value, so the
// linker refuses the mixture. Its message names the symbol.
#ifdef IGN_HAS_ABSOLUTE_SYMBOLS
#if defined(__AVX512F__)
#define IGN_PACK_BYTES "64"
#elif defined(__AVX__)
#define IGN_PACK_BYTES "32"
#else
#define IGN_PACK_BYTES "16"
#endif
#if defined(__FMA__)
#define IGN_PACK_FMA "+0x100"
#else
#define IGN_PACK_FMA ""
#endif
#if defined(__AVX512BF16__)
#define IGN_PACK_BF16 "+0x200"
#else
#define IGN_PACK_BF16 ""
#endif
__asm__(
    ".globl ign_needs_the_same_march_in_all_units_of_a_program\n\t"
    ".hidden ign_needs_the_same_march_in_all_units_of_a_program\n\t"
    ".set ign_needs_the_same_march_in_all_units_of_a_program, " IGN_PACK_BYTES IGN_PACK_FMA IGN_PACK_BF16);
#undef IGN_PACK_BYTES
#undef IGN_PACK_FMA
#undef IGN_PACK_BF16
#endif

namespace ign::math::simd {

/// Bytes of a pack: those of a vector register.
#if defined(__AVX512F__)
inline constexpr std::size_t bytes = 64;
#elif defined(__AVX__)
inline constexpr std::size_t bytes = 32;
#else
inline constexpr std::size_t bytes = 16;
#endif

/// Number of lanes of a pack.
template <class Real>
inline constexpr std::size_t lanes_v = bytes / sizeof(Real);

namespace detail {

#ifdef IGN_VECTOR_TYPES
template <class Real>
struct PackOf;
template <>
struct PackOf<float> {
  typedef float type __attribute__((vector_size(bytes)));
};
template <>
struct PackOf<double> {
  typedef double type __attribute__((vector_size(bytes)));
};
#else
template <class Real>
struct PackOf {
  struct type {
    Real lane[lanes_v<Real>];

    KOKKOS_FUNCTION friend type operator+(type a, type const& b) { return a += b; }
    KOKKOS_FUNCTION friend type operator-(type a, type const& b) {
      for (std::size_t i = 0; i < lanes_v<Real>; ++i) a.lane[i] -= b.lane[i];
      return a;
    }
    KOKKOS_FUNCTION friend type operator/(type a, type const& b) {
      for (std::size_t i = 0; i < lanes_v<Real>; ++i) a.lane[i] /= b.lane[i];
      return a;
    }
    KOKKOS_FUNCTION friend type operator*(type a, type const& b) {
      for (std::size_t i = 0; i < lanes_v<Real>; ++i) a.lane[i] *= b.lane[i];
      return a;
    }
    KOKKOS_FUNCTION friend type operator*(Real s, type a) {
      for (std::size_t i = 0; i < lanes_v<Real>; ++i) a.lane[i] *= s;
      return a;
    }
    KOKKOS_FUNCTION type& operator+=(type const& b) {
      for (std::size_t i = 0; i < lanes_v<Real>; ++i) lane[i] += b.lane[i];
      return *this;
    }
  };
};
#endif

}  // namespace detail

/// lanes_v<Real> values with elementwise +, -, *, / and +=, and multiplication by a scalar.
template <class Real>
using Pack = typename detail::PackOf<Real>::type;

/// Loads a T, which is a Pack or a scalar, from memory. Needs no alignment.
template <class T, class Real>
T load(Real const* p) {
  T value;
  std::memcpy(&value, p, sizeof(T));
  return value;
}

/// A pack with all lanes equal to `value`.
template <class Real>
Pack<Real> broadcast(Real value) {
#ifdef IGN_VECTOR_TYPES
  return value - Pack<Real>{};
#else
  Real numbers[lanes_v<Real>];
  for (Real& number : numbers) number = value;
  return load<Pack<Real>>(numbers);
#endif
}

// Builtins and assembler replace <immintrin.h>, which takes a third of Kokkos' compile time (docs/decisions.md).

/// sum + left · right, with the same rounding in every loop. GCC compiles `sum += left * right` to one fused instruction or to two,
/// depending on the loop: it avoids chains of fused ones on some AMD processors. Results would then depend on the number of rows of a
/// block.
template <class Real>
Pack<Real> multiply_add(Pack<Real> const& sum, Real left, Pack<Real> const& right) {
#ifdef IGN_EXPLICIT_FMA
  Pack<Real> const factor = broadcast(left);
  constexpr bool single = sizeof(Real) == sizeof(float);
#ifdef IGN_AVX512
  constexpr int all = -1, current_rounding = 4;
  if constexpr (single)
    return __builtin_ia32_vfmaddps512_mask(factor, right, sum, all, current_rounding);
  else
    return __builtin_ia32_vfmaddpd512_mask(factor, right, sum, all, current_rounding);
#else
  if constexpr (single)
    return __builtin_ia32_vfmaddps256(factor, right, sum);
  else
    return __builtin_ia32_vfmaddpd256(factor, right, sum);
#endif
#else
  return sum + left * right;
#endif
}

/// Square roots of non-negative values. A loop over std::sqrt does not vectorise, because std::sqrt sets errno.
template <class Real>
Pack<Real> sqrt(Pack<Real> const& x) {
#ifdef IGN_AVX512
  Pack<Real> roots;
  if constexpr (sizeof(Real) == sizeof(float))
    __asm__("vsqrtps %1, %0" : "=v"(roots) : "v"(x));
  else
    __asm__("vsqrtpd %1, %0" : "=v"(roots) : "v"(x));
  return roots;
#else
  Real numbers[lanes_v<Real>];
  std::memcpy(numbers, &x, sizeof(x));
  for (Real& number : numbers) number = std::sqrt(number);
  return load<Pack<Real>>(numbers);
#endif
}

/// Leaky ReLU: x where x > 0, else slope · x. With the slope 0 of a ReLU: NaN where x is NaN, else 0, also for -∞. On devices, too.
template <class Real>
KOKKOS_FUNCTION Real rectify(Real x, Real slope) {
  if (slope == 0) return x <= 0 ? Real(0) : x;
  return x > 0 ? x : slope * x;
}
/// The same for each lane.
template <class Real>
Pack<Real> rectify(Pack<Real> const& x, Real slope) {
#ifdef IGN_VECTOR_TYPES
  if (slope == 0) return x <= Real(0) ? Pack<Real>{} : x;
  return x > Real(0) ? x : slope * x;
#else
  Pack<Real> y;
  for (std::size_t i = 0; i < lanes_v<Real>; ++i) y.lane[i] = rectify(x.lane[i], slope);
  return y;
#endif
}

/// bfloat16: the upper half of a float, with its range and two to three significant digits. Storage type of product factors, never of sums.
enum class Bf16 : std::uint16_t {};

/// Rounds to nearest, ties to even.
inline Bf16 round_to_bf16(float value) { return static_cast<Bf16>(bf16_bits(value)); }

///@{
/// Stores a Pack or a scalar. Needs no alignment. Rounds if the destination is Bf16.
template <class T, class Real>
void store(Real* p, T const& value) {
  std::memcpy(p, &value, sizeof(T));
}

inline void store(Bf16* p, float value) { *p = round_to_bf16(value); }
inline void store(Bf16* p, Pack<float> const& value) {
  float numbers[lanes_v<float>];
  std::memcpy(numbers, &value, sizeof(value));
  for (std::size_t i = 0; i < lanes_v<float>; ++i) p[i] = round_to_bf16(numbers[i]);
}
///@}

/// Stores two packs interleaved: even[0], odd[0], even[1], odd[1], …
inline void store_pairs(Bf16* p, Pack<float> const& even, Pack<float> const& odd) {
  float numbers[2][lanes_v<float>];
  std::memcpy(numbers[0], &even, sizeof(even));
  std::memcpy(numbers[1], &odd, sizeof(odd));
  for (std::size_t i = 0; i < lanes_v<float>; ++i) {
    p[2 * i] = round_to_bf16(numbers[0][i]);
    p[2 * i + 1] = round_to_bf16(numbers[1][i]);
  }
}

/// True if products of pairs of bfloat16 are faster than those of float: where one instruction computes them, except on Intel's processors
/// with AVX512-FP16, the Xeons from the fourth generation on, which are slower with it (docs/performance.md).
#if defined(IGN_AVX512_BF16) && !defined(__AVX512FP16__)
inline constexpr bool bf16_products_pay = true;
#else
inline constexpr bool bf16_products_pay = false;
#endif

/// sum[i] + left[0] · right[2i] + left[1] · right[2i + 1] for each lane i.
inline Pack<float> add_pair_products(Pack<float> const& sum, Bf16 const* left, Bf16 const* right) {
#ifdef IGN_AVX512_BF16
  typedef std::uint32_t Pairs __attribute__((vector_size(bytes)));
  std::uint32_t pair;
  std::memcpy(&pair, left, sizeof(pair));
  Pairs pairs;
  std::memcpy(&pairs, right, sizeof(pairs));
  Pack<float> result = sum;
  __asm__("vdpbf16ps %2, %1, %0" : "+v"(result) : "v"(pair - Pairs{}), "v"(pairs));
  return result;
#else
  float const first = std::bit_cast<float>(static_cast<std::uint32_t>(left[0]) << 16);
  float const second = std::bit_cast<float>(static_cast<std::uint32_t>(left[1]) << 16);
  float numbers[2][lanes_v<float>];
  for (std::size_t i = 0; i < lanes_v<float>; ++i) {
    numbers[0][i] = std::bit_cast<float>(static_cast<std::uint32_t>(right[2 * i]) << 16);
    numbers[1][i] = std::bit_cast<float>(static_cast<std::uint32_t>(right[2 * i + 1]) << 16);
  }
  return sum + (first * load<Pack<float>>(numbers[0]) + second * load<Pack<float>>(numbers[1]));
#endif
}

namespace detail {

#if defined(__has_builtin)
#if __has_builtin(__builtin_shufflevector) && defined(IGN_VECTOR_TYPES)
#define IGN_HAS_SHUFFLE
#endif
#endif

#ifdef IGN_HAS_SHUFFLE
// Swaps the lanes of `a` whose index has bit `bit` set with the lanes of `b` whose index has it clear.
template <int bit, class T, std::size_t... lane>
void exchange_lanes(T& a, T& b, std::index_sequence<lane...>) {
  constexpr int lanes = sizeof...(lane);
  T const low = __builtin_shufflevector(a, b, ((lane & bit) == 0 ? static_cast<int>(lane) : lanes + static_cast<int>(lane) - bit)...);
  T const high = __builtin_shufflevector(a, b, ((lane & bit) == 0 ? static_cast<int>(lane) + bit : lanes + static_cast<int>(lane))...);
  a = low;
  b = high;
}

template <int bit, class T, int lanes>
void exchange_rows(T (&rows)[lanes]) {
  for (int i = 0; i < lanes; ++i)
    if ((i & bit) == 0) exchange_lanes<bit>(rows[i], rows[i + bit], std::make_index_sequence<lanes>());
  if constexpr (2 * bit < lanes) exchange_rows<2 * bit>(rows);
}
#endif

}  // namespace detail

/// Transposes a lanes × lanes block from `from` to `to`. The strides are the distances between rows, in elements.
template <class Real>
void transpose_block(Real const* from, std::size_t from_stride, Real* to, std::size_t to_stride) {
  constexpr int lanes = static_cast<int>(lanes_v<Real>);
#ifdef IGN_HAS_SHUFFLE
  Pack<Real> rows[lanes];
  for (int i = 0; i < lanes; ++i) rows[i] = load<Pack<Real>>(from + static_cast<std::size_t>(i) * from_stride);
  detail::exchange_rows<1>(rows);
  for (int i = 0; i < lanes; ++i) store(to + static_cast<std::size_t>(i) * to_stride, rows[i]);
#else
  for (std::size_t i = 0; i < lanes_v<Real>; ++i)
    for (std::size_t k = 0; k < lanes_v<Real>; ++k) to[k * to_stride + i] = from[i * from_stride + k];
#endif
}
#undef IGN_HAS_SHUFFLE

/// Prefetches the cache line at p. Any address is allowed.
inline void prefetch([[maybe_unused]] void const* p) {
#if defined(__GNUC__)
  __builtin_prefetch(p);
#endif
}

/// Calls `body(c, T{})` with T = Pack<Real> for c = 0, lanes, 2·lanes, …, and with T = Real for the remaining indices below `count`.
template <class Real, class Body>
void for_each_pack(std::size_t count, Body const& body) {
  std::size_t c = 0;
  for (; c + lanes_v<Real> <= count; c += lanes_v<Real>) body(c, Pack<Real>{});
  for (; c < count; ++c) body(c, Real{});
}

/// `count` rounded up to a multiple of the lanes, in elements.
template <class Real>
constexpr std::size_t round_up_to_packs(std::size_t count) {
  return (count + lanes_v<Real> - 1) / lanes_v<Real> * lanes_v<Real>;
}

}  // namespace ign::math::simd

#endif  // IGN_MATH_SIMD_HPP
