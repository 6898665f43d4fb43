// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// What differs from compiler to compiler. (math/simd.hpp asks for instructions besides, math/product_vendor.hpp asks for libraries of a
/// GPU's maker; nothing else in the library depends on a backend but through Kokkos, as tests/lint.cmake makes sure.)
#ifndef IGN_CORE_COMPILER_HPP
#define IGN_CORE_COMPILER_HPP

/// Defined where the compiler has vector types: GCC and Clang, but not in the passes that nvcc makes for the host.
#if defined(__GNUC__) && !defined(__CUDACC__)
#define IGN_VECTOR_TYPES
#endif

/// Defined where the processor's AVX-512, and its products of bfloat16, may be called for by name.
#if defined(__AVX512F__) && !defined(__CUDACC__)
#define IGN_AVX512
#if defined(__AVX512BF16__)
#define IGN_AVX512_BF16
#endif
#endif

/// Defined where the processor multiplies and adds at once, and GCC decides from place to place whether it does (math/simd.hpp).
#if defined(__FMA__) && defined(__GNUC__) && !defined(__clang__) && defined(IGN_VECTOR_TYPES)
#define IGN_FUSED_BY_NAME
#endif

/// Before a loop over a run: its iterations are independent, even where input and output are the same memory.
#if defined(__CUDA_ARCH__) || defined(__HIP_DEVICE_COMPILE__)
#define IGN_INDEPENDENT
#elif defined(__clang__)
#define IGN_INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#elif defined(__GNUC__)
#define IGN_INDEPENDENT _Pragma("GCC ivdep")
#else
#define IGN_INDEPENDENT
#endif

/// Before a short loop of constant length: unrolled, its arrays are registers.
#if defined(__clang__) || defined(__CUDA_ARCH__)
#define IGN_UNROLL _Pragma("unroll")
#elif defined(__GNUC__) && !defined(__CUDACC__)
#define IGN_UNROLL _Pragma("GCC unroll 16")
#else
#define IGN_UNROLL
#endif

/// Before a loop whose body is already long: four rounds in one, which keeps a GPU's compiler quick.
#if defined(__clang__) || defined(__CUDA_ARCH__)
#define IGN_UNROLL_SOME _Pragma("unroll 4")
#elif defined(__GNUC__) && !defined(__CUDACC__)
#define IGN_UNROLL_SOME _Pragma("GCC unroll 4")
#else
#define IGN_UNROLL_SOME
#endif

/// Before a function template for host and device: what it calls may be for one of them only.
#if defined(__CUDACC__)
#define IGN_CALLS_ANY _Pragma("nv_exec_check_disable")
#else
#define IGN_CALLS_ANY
#endif

/// On an unsigned word: afterwards the compiler does not know where it came from. Needed under -ffinite-math-only alone, where a number
/// that is not finite is impossible to it, and so is a word that would come from one.
#if defined(__GNUC__) && defined(__FINITE_MATH_ONLY__) && !defined(__CUDA_ARCH__) && !defined(__HIP_DEVICE_COMPILE__) && \
    !defined(__SYCL_DEVICE_ONLY__)
#if __FINITE_MATH_ONLY__
#define IGN_HIDE_ORIGIN(word) __asm__("" : "+r"(word))
#endif
#endif
#ifndef IGN_HIDE_ORIGIN
#define IGN_HIDE_ORIGIN(word) static_cast<void>(word)
#endif

// Random123 marks its functions for nvcc by itself, but does not know hipcc, which its overloads for SSE would confuse then.
#if defined(__HIPCC__) && !defined(R123_CUDA_DEVICE)
#define R123_CUDA_DEVICE __host__ __device__
#define R123_USE_SSE 0
#endif
// Its generators on AES instructions would bring all of the processor's intrinsics along: a fifth of this library's compile time. A unit
// that wants them includes <Random123/ars.h> first.
#ifndef R123_USE_SSE
#define R123_USE_SSE 0  ///< a setting of Random123
#endif

/// Around Eigen, of which only the host has need here: its half numbers do not fit HIP 7, and nvcc minds how Eigen annotates what it
/// defaults.
#if defined(__HIPCC__) && !defined(EIGEN_NO_HIP)
#define EIGEN_NO_HIP
#endif
#ifdef __NVCC_DIAG_PRAGMA_SUPPORT__
#define IGN_BEFORE_EIGEN _Pragma("nv_diagnostic push") _Pragma("nv_diag_suppress 20012")
#define IGN_AFTER_EIGEN _Pragma("nv_diagnostic pop")
#else
#define IGN_BEFORE_EIGEN
#define IGN_AFTER_EIGEN  ///< ends what IGN_BEFORE_EIGEN began
#endif

#endif  // IGN_CORE_COMPILER_HPP
