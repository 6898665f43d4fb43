// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// All processes of a test of ign::mpi. mpiexec starts the test on 1, 2 and 3 ranks; every rank runs every case.
#ifndef IGN_TEST_MPI_WORLD_HPP
#define IGN_TEST_MPI_WORLD_HPP

#include <ign/mpi/run.hpp>

namespace ign_test {

inline ign::mpi::Communicator const& world() {
  struct Mpi {
    int argc = 0;
    char** argv = nullptr;
    ign::mpi::Environment environment{argc, argv};
    ign::mpi::Communicator communicator{MPI_COMM_WORLD};
  };
  static Mpi const mpi;
  return mpi.communicator;
}

}  // namespace ign_test

#endif
