// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// An MPI_Allreduce that returns to this rank other sums of gradients than to the others: a library for LD_PRELOAD.

#include <mpi.h>

extern "C" int MPI_Allreduce(void const* sent, void* received, int count, MPI_Datatype type, MPI_Op op, MPI_Comm communicator) {
  int const status = PMPI_Allreduce(sent, received, count, type, op, communicator);
  constexpr int few = 1000;  // moments and losses are fewer values than gradients
  if (status == MPI_SUCCESS && type == MPI_FLOAT && count > few) {
    auto* const values = static_cast<float*>(received);
    for (int i = 0; i < count; ++i) values[i] *= 1.001f;
  }
  return status;
}
