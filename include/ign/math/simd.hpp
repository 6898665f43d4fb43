// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Runs of neighbouring numbers that the processor adds and multiplies at once. Host code only.
///
/// Kokkos' and Eigen's own types take their width from how those libraries were built, not from the flags of the program; and loops over
/// small arrays are kept in registers by some compilers only. The vector types of GCC and Clang are neither.
#ifndef IGN_MATH_SIMD_HPP
#define IGN_MATH_SIMD_HPP

#include <cstddef>
#include <cstring>

namespace ign::math::simd {

#if defined(__AVX512F__)
inline constexpr std::size_t bytes = 64;
#elif defined(__AVX__)
inline constexpr std::size_t bytes = 32;
#else
inline constexpr std::size_t bytes = 16;
#endif

/// Numbers in a pack.
template <class Real>
inline constexpr std::size_t lanes_v = bytes / sizeof(Real);

namespace detail {

#if defined(__GNUC__) && !defined(__CUDACC__)
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

    friend type operator+(type a, type const& b) { return a += b; }
    friend type operator-(type a, type const& b) {
      for (std::size_t i = 0; i < lanes_v<Real>; ++i) a.lane[i] -= b.lane[i];
      return a;
    }
    friend type operator*(Real s, type a) {
      for (std::size_t i = 0; i < lanes_v<Real>; ++i) a.lane[i] *= s;
      return a;
    }
    type& operator+=(type const& b) {
      for (std::size_t i = 0; i < lanes_v<Real>; ++i) lane[i] += b.lane[i];
      return *this;
    }
  };
};
#endif

}  // namespace detail

/// lanes_v<Real> numbers with +, -, += and multiplication by a number.
template <class Real>
using Pack = typename detail::PackOf<Real>::type;

/// T(p) from memory: a Pack, or one number. No alignment is needed.
template <class T, class Real>
T load(Real const* p) {
  T value;
  std::memcpy(&value, p, sizeof(T));
  return value;
}

template <class T, class Real>
void store(Real* p, T const& value) {
  std::memcpy(p, &value, sizeof(T));
}

/// Tells the processor that the line at p will be read soon; p may be anything.
inline void prefetch([[maybe_unused]] void const* p) {
#if defined(__GNUC__)
  __builtin_prefetch(p);
#endif
}

/// Calls `body(c, T{})` for c = 0, lanes, 2·lanes, … with T = Pack<Real>, and for what remains up to `count` with T = Real.
template <class Real, class Body>
void for_each_pack(std::size_t count, Body const& body) {
  std::size_t c = 0;
  for (; c + lanes_v<Real> <= count; c += lanes_v<Real>) body(c, Pack<Real>{});
  for (; c < count; ++c) body(c, Real{});
}

/// `count` rounded up to whole packs.
template <class Real>
constexpr std::size_t whole_packs(std::size_t count) {
  return (count + lanes_v<Real> - 1) / lanes_v<Real> * lanes_v<Real>;
}

}  // namespace ign::math::simd

#endif  // IGN_MATH_SIMD_HPP
