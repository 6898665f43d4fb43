// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Precedes the same file of a Kokkos without HIP in the include path and configures it for HIP on an MI200 (gfx90a), or with
// IGN_HIP_CHECK_GFX942 on an MI300. This is enough to compile but not to link. The host's backend is Serial, so the compiler needs no
// OpenMP.

#include_next <KokkosCore_config.h>

#undef KOKKOS_ENABLE_OPENMP
#ifndef KOKKOS_ENABLE_SERIAL
#define KOKKOS_ENABLE_SERIAL
#endif
#ifndef KOKKOS_ENABLE_HIP
#define KOKKOS_ENABLE_HIP
#ifdef IGN_HIP_CHECK_GFX942
#define KOKKOS_ARCH_AMD_GPU "gfx942"
#define KOKKOS_ARCH_AMD_GFX942
#else
#define KOKKOS_ARCH_AMD_GPU "gfx90a"
#define KOKKOS_ARCH_AMD_GFX90A
#endif
#endif
#undef KOKKOS_IMPL_BUILD_SHARED_LIBS
