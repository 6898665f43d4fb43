// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The processes of a program that may be started by mpirun, with MPI or without it.
#ifndef IGN_EXAMPLES_SUPPORT_RANKS_RANKS_HPP
#define IGN_EXAMPLES_SUPPORT_RANKS_RANKS_HPP

#include <ign/core/ranks.hpp>
#include <ign/train/run_properties.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>

#include "../command_line.hpp"

namespace examples {

/// All processes of the program. Functions that return what all ranks agree on are collective.
class World {
 public:
  /// One process.
  World() = default;
  struct Mpi;
  explicit World(std::shared_ptr<Mpi const> mpi);
  /// All processes of MPI, which must have been initialised; without MPI one process.
  static World all();

  int rank() const { return m_rank; }
  int size() const { return m_size; }
  bool is_distributed() const { return m_size > 1; }
  bool is_root() const { return m_rank == 0; }  ///< true for the process that prints and writes files

  /// For the policies of a run. Collective.
  /// \param device_memory  as in ign::mpi::CommunicatorOptions: pass device memory to MPI; without a value the MPI is asked
  ign::Ranks ranks(ign::BatchNormStatistics moments, std::optional<bool> device_memory = std::nullopt) const;
  /// \throws ign::mpi::CommonError [ign.state.494] on all ranks, when one has other properties than rank 0
  void require_agreement(ign::RunProperties const& properties) const;
  /// The same after the last step, with other advice.
  void require_agreement_at_end(ign::RunProperties const& properties) const;
  long long largest(long long value) const;   ///< of all ranks
  long long of_first(long long value) const;  ///< the value of rank 0

  ///@{
  /// For fields of a simulation, in memory of the host. With one process `pass` copies, and `sum` does nothing.
  void sum(double* values, std::size_t count) const;  ///< replaces values by their sums over all ranks
  void sum(float* values, std::size_t count) const;   ///< the same
  /// Sends values to the rank `by` further and receives as many from the rank `by` before, around a ring.
  void pass(float const* sent, float* received, std::size_t count, int by) const;
  ///@}

 private:
  std::shared_ptr<Mpi const> m_mpi;  // null: one process
  int m_rank = 0, m_size = 1;
};

/// As `run` of support/program.hpp, for a program that trains on several ranks when mpirun starts it. Only rank 0 writes to std::cout. An
/// error on one rank ends all ranks with one line that names it.
int run_on_ranks(CommandLine& line, int argc, char* argv[], std::function<int(World const&)> const& program);

}  // namespace examples

#endif  // IGN_EXAMPLES_SUPPORT_RANKS_RANKS_HPP
