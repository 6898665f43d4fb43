# SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# MPI for ign::mpi, here and where the package is used. The library calls the C interface; the C++ bindings of MPI-2 are left out.

# Defines the target MPI::MPI_CXX, if there is an MPI.
function(ign_find_mpi)
  set(MPI_CXX_SKIP_MPICXX TRUE)
  find_package(MPI QUIET COMPONENTS CXX)
endfunction()
