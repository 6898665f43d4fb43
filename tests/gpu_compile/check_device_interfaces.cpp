// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The rest of what `make check-cuda` compiles for a GPU: the C interface, with nets that are read at run time.

#include "../../bindings/c/dlpack.cpp"
#include "../../bindings/c/ign.cpp"

static_assert(!ign::runs_on_host_v<Exec> && !ign::uses_host_kernels_v<Exec>,
              "the headers in front of Kokkos' have not switched the GPU on");
