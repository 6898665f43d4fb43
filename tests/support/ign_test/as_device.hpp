// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Sends the host the way of a device: what a GPU would run, with the results in reach. All files of such a program include it first; CMake
// does so where it builds other programs' tests once more (ign.device.*).

#ifndef IGN_TEST_AS_DEVICE_HPP
#define IGN_TEST_AS_DEVICE_HPP

#include <ign/core/tensor.hpp>

template <>
inline constexpr bool ign::uses_host_kernels_v<Kokkos::DefaultHostExecutionSpace> = false;

#endif
