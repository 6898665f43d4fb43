// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// A rank of a program with another version of the library, which compares its properties with those of the other ranks and ends.

#define IGN_VERSION_HPP  // in place of ign/version.hpp
namespace ign {
inline constexpr char const* version_string = "0.0.9";
}

#include <ign/mpi/run.hpp>

#include <iostream>

int main(int argc, char* argv[]) {
  ign::mpi::Environment const environment(argc, argv);
  ign::mpi::Communicator const world(MPI_COMM_WORLD);
  auto const compare = [&] {
    ign::mpi::require_agreement(world, ign::version_properties());
    return 0;
  };
  return ign::mpi::run_together(world, compare, std::cerr);
}
