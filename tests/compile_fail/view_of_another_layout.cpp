// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Expect: ign::tensor_ref: the View's layout is Kokkos::LayoutRight, with the last extent fastest

#include <ign/core/tensor.hpp>

void wrong(Kokkos::View<float****, Kokkos::LayoutLeft> const& fields) { ign::tensor_ref<Kokkos::DefaultExecutionSpace>(fields); }
