// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Selects the device kernels on the host, where their results can be read. It comes first in all files of the program ign.device: CMake
// includes device_kernels.hpp, which begins with it, also in files of other programs that are added to it (ign_also_as_device).

#ifndef IGN_TEST_AS_DEVICE_HPP
#define IGN_TEST_AS_DEVICE_HPP

#include <ign/core/tensor.hpp>

template <>
inline constexpr bool ign::uses_host_kernels_v<Kokkos::DefaultHostExecutionSpace> = false;

#endif
