// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Precedes the same file of a Kokkos without CUDA in the include path and configures it for CUDA on an H100 or H200. This is enough to
// compile but not to link: the check needs neither a GPU nor a second build of Kokkos.

#include_next <KokkosCore_config.h>

#ifndef KOKKOS_ENABLE_CUDA
#define KOKKOS_ENABLE_CUDA
#define KOKKOS_ARCH_HOPPER
#define KOKKOS_ARCH_HOPPER90
#endif
#undef KOKKOS_IMPL_BUILD_SHARED_LIBS
