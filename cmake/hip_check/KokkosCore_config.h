// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Stands in front of the same file of a Kokkos without HIP: as if it had been built with HIP, for an MI200. Enough to compile, not to
// link. The host's backend is Serial, so that the compiler needs no OpenMP of its own.

#include_next <KokkosCore_config.h>

#undef KOKKOS_ENABLE_OPENMP
#ifndef KOKKOS_ENABLE_SERIAL
#define KOKKOS_ENABLE_SERIAL
#endif
#ifndef KOKKOS_ENABLE_HIP
#define KOKKOS_ENABLE_HIP
#define KOKKOS_ARCH_AMD_GPU "gfx90a"
#define KOKKOS_ARCH_AMD_GFX90A
#endif
#undef KOKKOS_IMPL_BUILD_SHARED_LIBS
