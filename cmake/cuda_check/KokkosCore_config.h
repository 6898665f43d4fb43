// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Stands in front of the same file of a Kokkos without CUDA: as if it had been built with CUDA, for an H100 or H200.
// Enough to compile, not to link: the check needs neither a GPU nor a second build of Kokkos.

#include_next <KokkosCore_config.h>

#ifndef KOKKOS_ENABLE_CUDA
#define KOKKOS_ENABLE_CUDA
#define KOKKOS_ARCH_HOPPER
#define KOKKOS_ARCH_HOPPER90
#endif
#undef KOKKOS_IMPL_BUILD_SHARED_LIBS
