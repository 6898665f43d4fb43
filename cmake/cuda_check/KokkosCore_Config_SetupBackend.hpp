// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The file that a build of Kokkos with CUDA generates.

#ifndef KOKKOS_SETUP_HPP_
#define KOKKOS_SETUP_HPP_
#include <setup/Kokkos_Setup_Cuda.hpp>
#endif
