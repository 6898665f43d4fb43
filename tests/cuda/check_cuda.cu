// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What `make check-cuda` compiles for a GPU: the umbrella header and kernels of every kind that a training step starts.
// It is never run: the check is that nvcc takes it.

#include <Kokkos_Core.hpp>
#include <ign/ign.hpp>

static_assert(std::is_same_v<Kokkos::DefaultExecutionSpace, Kokkos::Cuda>, "this file is for a Kokkos with CUDA");

namespace ign {

void check_cuda(Kokkos::Cuda const& exec, Kokkos::View<float*, Kokkos::CudaSpace> const& x) {
  Kokkos::parallel_for(
      "ign::check_cuda", Kokkos::RangePolicy(exec, 0, x.extent(0)), KOKKOS_LAMBDA(int i) { x(i) *= 2; });
}

}  // namespace ign
