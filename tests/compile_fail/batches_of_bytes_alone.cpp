// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Expect: ign::Batches: a set of images has the members `pixels` and `count` and a function `image_shape(set)`

#include <ign/train/batches.hpp>

#include <vector>

ign::Batches<> wrong(Kokkos::DefaultExecutionSpace const& exec, std::vector<std::uint8_t> const& pixels) {
  return ign::Batches<>(exec, pixels, {.batch = 64});
}
