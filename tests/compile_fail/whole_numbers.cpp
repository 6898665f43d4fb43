// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Expect: ign::make_tensor: elements are float or double

#include <ign/core/tensor.hpp>

void wrong(Kokkos::DefaultExecutionSpace const& exec) { auto const images = ign::make_tensor<int>(exec, "images", 8, {8, 8, 1}); }
