// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Configuration of Kokkos' atomics with CUDA enabled.

#include_next <desul/atomics/Config.hpp>

#ifndef DESUL_ATOMICS_ENABLE_CUDA
#define DESUL_ATOMICS_ENABLE_CUDA
#endif
#undef DESUL_IMPL_BUILD_SHARED_LIBS
