// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Macros that depend on the compiler. Besides this header, math/simd.hpp and math/gemm/host.hpp select instruction sets,
/// math/gemm/fragment.hpp the matrix units and math/gemm/vendor.hpp the libraries of GPU vendors, and train/captured_graph.hpp includes
/// Kokkos' graphs where a backend has them. All other code reaches a backend through Kokkos only; tests/lint.cmake checks this.
#ifndef IGN_CORE_COMPILER_HPP
#define IGN_CORE_COMPILER_HPP

/// Defined where the compiler has vector types: GCC and Clang, except when they compile CUDA.
#if defined(__GNUC__) && !defined(__CUDACC__)
#define IGN_VECTOR_TYPES
#endif

/// Defined where code may use builtins and assembly of AVX-512; IGN_AVX512_BF16 likewise for its bfloat16 products.
#if defined(__AVX512F__) && !defined(__CUDACC__)
#define IGN_AVX512
#if defined(__AVX512BF16__)
#define IGN_AVX512_BF16
#endif
#endif

/// Defined where the processor has fused multiply-add and GCC would decide from expression to expression whether to use it: there
/// math/simd.hpp uses the builtin of the fused instruction.
#if defined(__FMA__) && defined(__GNUC__) && !defined(__clang__) && defined(IGN_VECTOR_TYPES)
#define IGN_EXPLICIT_FMA
#endif

/// Defined in host code where the assembler can define an absolute symbol. By one math/simd.hpp lets the linker check that all translation
/// units have the same instruction set.
#if defined(__ELF__) && defined(__GNUC__) && !defined(__CUDA_ARCH__) && !defined(__HIP_DEVICE_COMPILE__) && !defined(__SYCL_DEVICE_ONLY__)
#define IGN_HAS_ABSOLUTE_SYMBOLS
#endif

/// Precedes a loop over a chunk. Declares its iterations independent, also where input and output are the same memory.
#if defined(__CUDA_ARCH__) || defined(__HIP_DEVICE_COMPILE__)
#define IGN_IVDEP
#elif defined(__clang__)
#define IGN_IVDEP _Pragma("clang loop vectorize(assume_safety)")
#elif defined(__GNUC__)
#define IGN_IVDEP _Pragma("GCC ivdep")
#else
#define IGN_IVDEP
#endif

/// Precedes a short loop of constant length. Unrolls it, so that its arrays stay in registers.
#if defined(__clang__) || defined(__CUDA_ARCH__)
#define IGN_UNROLL _Pragma("unroll")
#elif defined(__GNUC__) && !defined(__CUDACC__)
#define IGN_UNROLL _Pragma("GCC unroll 16")
#else
#define IGN_UNROLL
#endif

/// Precedes a loop with a long body. Unrolls it by four only, which keeps the compile time of device code short.
#if defined(__clang__) || defined(__CUDA_ARCH__)
#define IGN_UNROLL_SOME _Pragma("unroll 4")
#elif defined(__GNUC__) && !defined(__CUDACC__)
#define IGN_UNROLL_SOME _Pragma("GCC unroll 4")
#else
#define IGN_UNROLL_SOME
#endif

/// Precedes a function template for host and device. Allows it to call functions that exist for one of them only.
#if defined(__CUDACC__)
#define IGN_EXEC_CHECK_DISABLE _Pragma("nv_exec_check_disable")
#else
#define IGN_EXEC_CHECK_DISABLE
#endif

/// Hides the origin of an unsigned word from the optimiser. Needed under -ffinite-math-only, where the compiler assumes that no number is
/// infinite or NaN, and hence that no word has the bits of one.
#if defined(__GNUC__) && defined(__FINITE_MATH_ONLY__) && !defined(__CUDA_ARCH__) && !defined(__HIP_DEVICE_COMPILE__) && \
    !defined(__SYCL_DEVICE_ONLY__)
#if __FINITE_MATH_ONLY__
#define IGN_OPAQUE(word) __asm__("" : "+r"(word))
#endif
#endif
#ifndef IGN_OPAQUE
#define IGN_OPAQUE(word) static_cast<void>(word)
#endif

// Random123 marks its functions for nvcc, but not for hipcc. With the marks, its SSE overloads confuse hipcc.
#if defined(__HIPCC__) && !defined(R123_CUDA_DEVICE)
#define R123_CUDA_DEVICE __host__ __device__
#define R123_USE_SSE 0
#endif
// The AES generators of Random123 include all intrinsics of the processor, 0.3 s of the 2.1 s that the umbrella header takes to compile
// (docs/decisions.md). A translation unit that needs them includes <Random123/ars.h> first.
#ifndef R123_USE_SSE
#define R123_USE_SSE 0  ///< Random123's setting for its SSE code
#endif

/// Precedes the includes of Eigen, which is used on the host only. Eigen's half-precision type is incompatible with HIP 7, and nvcc warns
/// about Eigen's annotations of defaulted functions.
#if defined(__HIPCC__) && !defined(EIGEN_NO_HIP)
#define EIGEN_NO_HIP
#endif
#ifdef __NVCC_DIAG_PRAGMA_SUPPORT__
#define IGN_BEFORE_EIGEN _Pragma("nv_diagnostic push") _Pragma("nv_diag_suppress 20012")
#define IGN_AFTER_EIGEN _Pragma("nv_diagnostic pop")
#else
#define IGN_BEFORE_EIGEN
#define IGN_AFTER_EIGEN  ///< follows the includes of Eigen
#endif

#endif  // IGN_CORE_COMPILER_HPP
