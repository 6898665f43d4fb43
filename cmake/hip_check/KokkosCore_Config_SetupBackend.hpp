// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// As Kokkos would write it when built with HIP.

#ifndef KOKKOS_SETUP_HPP_
#define KOKKOS_SETUP_HPP_
#include <setup/Kokkos_Setup_HIP.hpp>
#endif
