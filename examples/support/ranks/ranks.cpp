// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "ranks.hpp"

#include <ign/core/error.hpp>

#include <algorithm>
#include <iostream>
#include <stdexcept>
#include <string>
#include <utility>

#include "../program.hpp"

#ifdef IGN_EXAMPLES_MPI
#include <ign/mpi/run.hpp>
#endif

namespace examples {

#ifdef IGN_EXAMPLES_MPI

struct World::Mpi {
  ign::mpi::Communicator communicator;
};

World::World(std::shared_ptr<Mpi const> mpi)
    : m_mpi(std::move(mpi)), m_rank(m_mpi->communicator.rank()), m_size(m_mpi->communicator.size()) {}

ign::Ranks World::ranks(ign::BatchNormStatistics moments, std::optional<bool> device_memory) const {
  if (!m_mpi) return {};
  if (!device_memory) return ign::Ranks(m_mpi->communicator, moments);
  return ign::Ranks(ign::mpi::Communicator(m_mpi->communicator.get(), {.device_memory = device_memory}), moments);
}

void World::require_agreement(ign::RunProperties const& properties) const {
  if (m_mpi) ign::mpi::require_agreement(m_mpi->communicator, properties);
}

void World::require_agreement_at_end(ign::RunProperties const& properties) const {
  if (m_mpi)
    ign::mpi::require_agreement(m_mpi->communicator, properties,
                                "the ranks were the same before the first step, so run them on processors of one kind, and check the MPI");
}

long long World::largest(long long value) const { return m_mpi ? m_mpi->communicator.largest(value) : value; }

long long World::of_first(long long value) const {
  return m_mpi ? std::stoll(m_mpi->communicator.broadcast(std::to_string(value))) : value;
}

World World::all() { return World(std::make_shared<Mpi const>(Mpi{ign::mpi::Communicator(MPI_COMM_WORLD)})); }

void World::sum(double* values, std::size_t count) const {
  if (m_mpi) m_mpi->communicator.sum(values, count);
}

void World::sum(float* values, std::size_t count) const {
  if (m_mpi) m_mpi->communicator.sum(values, count);
}

void World::pass(float const* sent, float* received, std::size_t count, int by) const {
  if (!m_mpi) {
    std::copy_n(sent, count, received);
    return;
  }
  auto const rank_at = [&](int offset) { return ((m_rank + offset) % m_size + m_size) % m_size; };
  auto const size = static_cast<int>(count);
  ign::mpi::detail::check(MPI_Sendrecv(sent, size, MPI_FLOAT, rank_at(by), 0, received, size, MPI_FLOAT, rank_at(-by), 0,
                                       m_mpi->communicator.get(), MPI_STATUS_IGNORE),
                          "MPI_Sendrecv");
}

int run_on_ranks(CommandLine& line, int argc, char* argv[], std::function<int(World const&)> const& program) {
  int const started = started_processes();
  if (started == 1) return run(line, argc, argv, [&] { return program(World()); });
  ign::mpi::Environment const environment(argc, argv);
  auto const mpi = std::make_shared<World::Mpi const>(World::Mpi{ign::mpi::Communicator(MPI_COMM_WORLD)});
  World const world(mpi);
  if (!world.is_root()) std::cout.rdbuf(nullptr);  // discards all output
  return ign::mpi::run_together(
      mpi->communicator,
      [&] {
        ign::require(world.size() == started, ign::Fault::state, 497, "mpirun has started ", started, " processes, and MPI sees ",
                     world.size(), ", expected the same number: start the program by the mpirun of the MPI that it was built with");
        try {
          return run_unguarded(line, argc, argv, [&] { return program(world); });
        } catch (UsageError const& error) {
          throw std::runtime_error(std::string(error.what()) + " (--help lists the options)");
        }
      },
      std::cerr);
}

#else

struct World::Mpi {};

World::World(std::shared_ptr<Mpi const> mpi) : m_mpi(std::move(mpi)) {}

ign::Ranks World::ranks(ign::BatchNormStatistics, std::optional<bool>) const { return {}; }

void World::require_agreement(ign::RunProperties const&) const {}

void World::require_agreement_at_end(ign::RunProperties const&) const {}

long long World::largest(long long value) const { return value; }

long long World::of_first(long long value) const { return value; }

World World::all() { return {}; }

void World::sum(double*, std::size_t) const {}

void World::sum(float*, std::size_t) const {}

void World::pass(float const* sent, float* received, std::size_t count, int) const { std::copy_n(sent, count, received); }

int run_on_ranks(CommandLine& line, int argc, char* argv[], std::function<int(World const&)> const& program) {
  return run(line, argc, argv, [&] { return program(World()); });
}

#endif

}  // namespace examples
