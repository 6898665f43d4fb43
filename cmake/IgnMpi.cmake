# SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# MPI for ign::mpi, here and where the package is used. The library calls the C interface; the C++ bindings of MPI-2 are left out.

# ign_find_mpi(<result>)
#   Sets the result to true and defines MPI::MPI_CXX, if there is an MPI. FindMPI defines the target also where it has found nothing.
function(ign_find_mpi result)
  set(MPI_CXX_SKIP_MPICXX TRUE)
  find_package(MPI QUIET COMPONENTS CXX)
  set(${result} "${MPI_CXX_FOUND}" PARENT_SCOPE)
endfunction()
