// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The device's convolutions for double on the host, compiled once for the program ign.device.

#include <ign_test/device_kernels.hpp>

namespace ign::math::device {
IGN_TEST_DEVICE_KERNELS(template, double)
}  // namespace ign::math::device
