// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Matrix fragments: 16 × 16 sums and their factors, multiplied by the matrix units of a GPU (tensor cores, matrix cores). A step is a
/// value of the inner index k of a product.
///
/// Three implementations of one interface, selected by the compiler pass:
///  - CUDA, compiled by nvcc for sm_80 or later: `nvcuda::wmma`;
///  - HIP for gfx90a and gfx942: the MFMA instructions, by the builtins of the compiler (rocWMMA is not needed);
///  - every other pass, so also hosts: plain loops, by which tests check all numerics without a GPU.
///
/// On a GPU, `fragment_threads` neighbouring threads hold a fragment together, each a part of it; all of them make each call. They are
/// consecutive ranks of a team with vector length 1, from a multiple of `fragment_threads` on: Kokkos numbers the threads of such a team in
/// the order in which the hardware forms warps (wavefronts). The plain loops hold a whole fragment in one thread.
///
/// Products of two rounded factors are exact in float. The plain loops add them in order of the inner index; the order and the rounding
/// within an instruction of a GPU are the hardware's, the same in every run.
#ifndef IGN_MATH_GEMM_FRAGMENT_HPP
#define IGN_MATH_GEMM_FRAGMENT_HPP

#include <Kokkos_Core.hpp>
#include <cstdint>
#include <type_traits>

#include "ign/core/compiler.hpp"
#include "ign/math/bf16.hpp"

#if defined(KOKKOS_ENABLE_CUDA) && defined(__CUDACC__) && defined(__NVCC__)
#include <cuda_bf16.h>
#include <mma.h>
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
#define IGN_FRAGMENTS_WMMA
#endif
#elif defined(KOKKOS_ENABLE_HIP) && (defined(__gfx90a__) || defined(__gfx942__))
#define IGN_FRAGMENTS_MFMA
#endif

namespace ign::math {

/// Factors of bfloat16, stored as their bits.
struct Bf16Factors {
  using Element = std::uint16_t;
  static constexpr std::size_t inner = 16;  ///< inner dimension of a fragment

  /// Rounds to the nearest, ties to even.
  KOKKOS_FUNCTION static Element element(float value) {
#ifdef IGN_FRAGMENTS_WMMA
    return __bfloat16_as_ushort(__float2bfloat16_rn(value));  // one instruction; the same bits except for NaN
#else
    return bf16_bits(value);
#endif
  }
  /// The value of an element.
  KOKKOS_FUNCTION static float value(Element bits) { return Kokkos::bit_cast<float>(std::uint32_t{bits} << 16); }
};

/// Factors of tf32: float with 10 bits of fraction.
struct Tf32Factors {
  using Element = float;
  static constexpr std::size_t inner = 8;  ///< inner dimension of a fragment

  /// Rounds to the nearest, ties away from zero, as the conversion of a GPU does. NaN stays NaN.
  KOKKOS_FUNCTION static Element element(float value) {
    auto const bits = Kokkos::bit_cast<std::uint32_t>(value);
    return Kokkos::bit_cast<float>((is_nan_bits(bits) ? bits | 0x00400000u : bits + 0x1000u) & ~0x1fffu);
  }
  /// The value of an element.
  KOKKOS_FUNCTION static float value(Element element) { return element; }
};

/// True where Exec has matrix units for a kind of factors and this compiler reaches them. Elsewhere the plain loops work, but gain nothing.
template <class Exec, class Kind>
inline constexpr bool has_fragments_v = false;

#if defined(KOKKOS_ENABLE_CUDA) && defined(__CUDACC__) && defined(__NVCC__) && \
    (defined(KOKKOS_ARCH_AMPERE) || defined(KOKKOS_ARCH_ADA89) || defined(KOKKOS_ARCH_HOPPER) || defined(KOKKOS_ARCH_BLACKWELL))
template <class Kind>
inline constexpr bool has_fragments_v<Kokkos::Cuda, Kind> = true;
#elif defined(KOKKOS_ENABLE_HIP) && (defined(KOKKOS_ARCH_AMD_GFX90A) || defined(KOKKOS_ARCH_AMD_GFX942))
template <>
inline constexpr bool has_fragments_v<Kokkos::HIP, Bf16Factors> = true;
#ifdef KOKKOS_ARCH_AMD_GFX942  // gfx90a has no instruction for tf32
template <>
inline constexpr bool has_fragments_v<Kokkos::HIP, Tf32Factors> = true;
#endif
#endif

inline constexpr std::size_t fragment_size = 16;  ///< rows and columns of a fragment of sums

#ifdef IGN_FRAGMENTS_WMMA
inline constexpr std::size_t fragment_threads = 32;  ///< threads that hold a fragment together
#elif defined(IGN_FRAGMENTS_MFMA)
inline constexpr std::size_t fragment_threads = 64;
#else
inline constexpr std::size_t fragment_threads = 1;
#endif

/// Left factor, 16 rows by Kind::inner steps, or right factor, Kind::inner steps by 16 columns. `load(first, stride)` reads it from scratch
/// memory.
///
/// Template argument `along_inner`: the factor is contiguous along the inner dimension. Its contiguous lines are `stride` elements apart, a
/// multiple of 16 bytes; `first` is aligned to 32 bytes.
template <class Kind, bool is_left, bool along_inner>
struct FragmentFactor;

/// 16 × 16 sums in float: `clear()` sets them to 0, `add_product(left, right)` adds a product of fragments, and `store(first, stride)`
/// writes them row by row.
template <class Kind>
struct FragmentSums;

#ifdef IGN_FRAGMENTS_WMMA

namespace detail {
template <class Kind>
struct WmmaType {
  using Element = __nv_bfloat16;
};
template <>
struct WmmaType<Tf32Factors> {
  using Element = nvcuda::wmma::precision::tf32;
};
inline __device__ __nv_bfloat16 const* wmma_pointer(std::uint16_t const* first) { return reinterpret_cast<__nv_bfloat16 const*>(first); }
inline __device__ float const* wmma_pointer(float const* first) { return first; }
}  // namespace detail

template <class Kind, bool is_left, bool along_inner>
struct FragmentFactor {
  using Use = std::conditional_t<is_left, nvcuda::wmma::matrix_a, nvcuda::wmma::matrix_b>;
  using Layout = std::conditional_t<is_left == along_inner, nvcuda::wmma::row_major, nvcuda::wmma::col_major>;
  nvcuda::wmma::fragment<Use, 16, 16, static_cast<int>(Kind::inner), typename detail::WmmaType<Kind>::Element, Layout> values;

  KOKKOS_FUNCTION void load(typename Kind::Element const* first, std::size_t stride) {
    nvcuda::wmma::load_matrix_sync(values, detail::wmma_pointer(first), static_cast<unsigned>(stride));
  }
};

template <class Kind>
struct FragmentSums {
  nvcuda::wmma::fragment<nvcuda::wmma::accumulator, 16, 16, static_cast<int>(Kind::inner), float> values;

  KOKKOS_FUNCTION void clear() { nvcuda::wmma::fill_fragment(values, 0.0f); }
  template <bool left_along_inner, bool right_along_inner>
  KOKKOS_FUNCTION void add_product(FragmentFactor<Kind, true, left_along_inner> const& left,
                                   FragmentFactor<Kind, false, right_along_inner> const& right) {
    nvcuda::wmma::mma_sync(values, left.values, right.values, values);
  }
  KOKKOS_FUNCTION void store(float* first, std::size_t stride) const {
    nvcuda::wmma::store_matrix_sync(first, values, static_cast<unsigned>(stride), nvcuda::wmma::mem_row_major);
  }
};

#elif defined(IGN_FRAGMENTS_MFMA)

namespace detail {
// Of a factor, lane l of 64 has row or column l % 16 and `own` consecutive steps from own · (l / 16) on. Of the sums it has column l % 16
// and four rows from 4 · (l / 16) on.
inline __device__ unsigned lane() { return __builtin_amdgcn_mbcnt_hi(~0u, __builtin_amdgcn_mbcnt_lo(~0u, 0u)); }
using FourSums = float __attribute__((ext_vector_type(4)));
using FourBf16 = short __attribute__((ext_vector_type(4)));
using TwoTf32 = float __attribute__((ext_vector_type(2)));
inline __device__ FourSums multiply(FourBf16 left, FourBf16 right, FourSums sums) {
  return __builtin_amdgcn_mfma_f32_16x16x16bf16_1k(left, right, sums, 0, 0, 0);
}
inline __device__ FourSums multiply(TwoTf32 left, TwoTf32 right, FourSums sums) {
#ifdef __gfx942__
  return __builtin_amdgcn_mfma_f32_16x16x8_xf32(left, right, sums, 0, 0, 0);
#else  // no tf32 instruction: two of full precision, four steps each
  sums = __builtin_amdgcn_mfma_f32_16x16x4f32(left[0], right[0], sums, 0, 0, 0);
  return __builtin_amdgcn_mfma_f32_16x16x4f32(left[1], right[1], sums, 0, 0, 0);
#endif
}
template <class Kind>
struct MfmaType {
  using Values = FourBf16;
};
template <>
struct MfmaType<Tf32Factors> {
  using Values = TwoTf32;
};
}  // namespace detail

template <class Kind, bool is_left, bool along_inner>
struct FragmentFactor {
  static constexpr unsigned own = Kind::inner / 4;  // steps per lane
  typename detail::MfmaType<Kind>::Values values;

  KOKKOS_FUNCTION void load(typename Kind::Element const* first, std::size_t stride) {
    unsigned const line = detail::lane() % 16, step = detail::lane() / 16 * own;
    IGN_UNROLL
    for (unsigned k = 0; k < own; ++k) {
      auto const element = first[along_inner ? line * stride + step + k : (step + k) * stride + line];
      values[k] = Kokkos::bit_cast<std::conditional_t<sizeof(element) == 2, short, float>>(element);
    }
  }
};

template <class Kind>
struct FragmentSums {
  detail::FourSums values;

  KOKKOS_FUNCTION void clear() { values = {0, 0, 0, 0}; }
  template <bool left_along_inner, bool right_along_inner>
  KOKKOS_FUNCTION void add_product(FragmentFactor<Kind, true, left_along_inner> const& left,
                                   FragmentFactor<Kind, false, right_along_inner> const& right) {
    values = detail::multiply(left.values, right.values, values);
  }
  KOKKOS_FUNCTION void store(float* first, std::size_t stride) const {
    IGN_UNROLL
    for (unsigned i = 0; i < 4; ++i) first[(detail::lane() / 16 * 4 + i) * stride + detail::lane() % 16] = values[i];
  }
};

#else

template <class Kind, bool is_left, bool along_inner>
struct FragmentFactor {
  float values[Kind::inner][fragment_size];

  KOKKOS_FUNCTION void load(typename Kind::Element const* first, std::size_t stride) {
    for (std::size_t k = 0; k < Kind::inner; ++k)
      for (std::size_t i = 0; i < fragment_size; ++i) values[k][i] = Kind::value(first[along_inner ? i * stride + k : k * stride + i]);
  }
};

template <class Kind>
struct FragmentSums {
  float values[fragment_size][fragment_size];

  KOKKOS_FUNCTION void clear() {
    for (auto& row : values)
      for (float& value : row) value = 0;
  }
  template <bool left_along_inner, bool right_along_inner>
  KOKKOS_FUNCTION void add_product(FragmentFactor<Kind, true, left_along_inner> const& left,
                                   FragmentFactor<Kind, false, right_along_inner> const& right) {
    for (std::size_t k = 0; k < Kind::inner; ++k)
      for (std::size_t i = 0; i < fragment_size; ++i)
        for (std::size_t j = 0; j < fragment_size; ++j) values[i][j] += left.values[k][i] * right.values[k][j];
  }
  KOKKOS_FUNCTION void store(float* first, std::size_t stride) const {
    for (std::size_t i = 0; i < fragment_size; ++i)
      for (std::size_t j = 0; j < fragment_size; ++j) first[i * stride + j] = values[i][j];
  }
};

#endif

#undef IGN_FRAGMENTS_WMMA
#undef IGN_FRAGMENTS_MFMA

}  // namespace ign::math

#endif  // IGN_MATH_GEMM_FRAGMENT_HPP
