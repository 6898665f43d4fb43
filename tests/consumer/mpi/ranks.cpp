// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// ranks <number>: a program of somebody else on that many ranks: the mean of a field over all of them, and what they agree on.

#include <ign/mpi/run.hpp>

#include <iostream>
#include <string>

namespace {

using Exec = Kokkos::DefaultExecutionSpace;

int program(ign::mpi::Communicator const& world, int expected) {
  Exec const exec;
  auto const field = ign::make_vector<float>(exec, "consumer::field", 100);
  Kokkos::deep_copy(exec, field, static_cast<float>(world.rank()));
  ign::Ranks(world).average(exec, ign::VectorRef<float, Exec>(field));
  auto const values = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), field);
  ign::mpi::require_agreement(world, ign::version_properties());
  if (world.rank() == 0) std::cout << "mean over " << world.size() << " ranks: " << values(99) << std::endl;
  return world.size() == expected && values(99) == static_cast<float>(expected - 1) / 2 ? 0 : 1;
}

}  // namespace

int main(int argc, char* argv[]) {
  ign::mpi::Environment const environment(argc, argv);
  Kokkos::ScopeGuard const kokkos(argc, argv);
  ign::mpi::Communicator const world(MPI_COMM_WORLD);
  return ign::mpi::run_together(
      world, [&] { return program(world, argc > 1 ? std::stoi(argv[1]) : 1); }, std::cerr);
}
