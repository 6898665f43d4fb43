// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Expect: ign::Model: Net must be an ign::Sequential: wrap a single layer as ign::sequential(layer)

#include <ign/layers/linear.hpp>
#include <ign/nets/model.hpp>

void wrong(Kokkos::DefaultExecutionSpace const& exec) { ign::Model const model(exec, ign::Linear{8}, {1, 1, 8}, 1); }
