// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// MPI as the communicator of core/ranks.hpp. Needs the target ign::mpi.
#ifndef IGN_MPI_COMMUNICATOR_HPP
#define IGN_MPI_COMMUNICATOR_HPP

#include <mpi.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "ign/core/error.hpp"
#include "ign/core/ranks.hpp"
#include "ign/mpi/device_support.hpp"

namespace ign::mpi {

namespace detail {

/// \throws Error [ign.state.493] when a call of MPI has failed
inline void check(int code, char const* call) {
  if (code == MPI_SUCCESS) return;
  std::array<char, MPI_MAX_ERROR_STRING> text{};
  int length = 0;
  MPI_Error_string(code, text.data(), &length);
  fail(Fault::state, 493, "mpi: ", call, " failed, expected success: ", std::string(text.data(), static_cast<std::size_t>(length)));
}

inline bool is_running() {
  int begun = 0, ended = 0;
  MPI_Initialized(&begun);
  MPI_Finalized(&ended);
  return begun != 0 && ended == 0;
}

/// A duplicate of a communicator, so that its messages cannot meet those of the program. Its errors return to the caller.
class OwnCommunicator {
 public:
  explicit OwnCommunicator(MPI_Comm parent) {
    check(MPI_Comm_dup(parent, &m_own), "MPI_Comm_dup");
    MPI_Comm_set_errhandler(m_own, MPI_ERRORS_RETURN);
  }
  ~OwnCommunicator() {
    if (is_running()) MPI_Comm_free(&m_own);
  }
  OwnCommunicator(OwnCommunicator const&) = delete;
  OwnCommunicator& operator=(OwnCommunicator const&) = delete;

  MPI_Comm get() const { return m_own; }

 private:
  MPI_Comm m_own = MPI_COMM_NULL;
};

}  // namespace detail

/// Options of a Communicator.
struct CommunicatorOptions {
  /// true: pass device memory to MPI, which must be GPU-aware (CUDA-aware); false: copy through pinned memory of the host. Without a value
  /// the MPI is asked (mpi/device_support.hpp).
  std::optional<bool> device_memory{};
};

/// The processes of an MPI communicator. Copies share a duplicate of it, which is freed with the last copy.
class Communicator {
 public:
  /// Duplicates `parent`: a collective call of all its processes. MPI must have been initialised.
  /// \throws Error [ign.state.493] when MPI is not running, or fails
  explicit Communicator(MPI_Comm parent, CommunicatorOptions const& options = {}) {
    require(detail::is_running(), Fault::state, 493,
            "mpi: MPI is not running, expected a call of MPI_Init before and of MPI_Finalize after: see mpi::Environment");
    m_own = std::make_shared<detail::OwnCommunicator>(parent);
    detail::check(MPI_Comm_rank(get(), &m_rank), "MPI_Comm_rank");
    detail::check(MPI_Comm_size(get(), &m_size), "MPI_Comm_size");
    m_takes_device_memory = options.device_memory.has_value() ? *options.device_memory : takes_memory_of(kokkos_device_memory());
  }

  MPI_Comm get() const { return m_own->get(); }                       ///< the duplicate
  int rank() const { return m_rank; }                                 ///< number of this process
  int size() const { return m_size; }                                 ///< number of processes
  bool takes_device_memory() const { return m_takes_device_memory; }  ///< as in the options, or as the MPI states

  ///@{
  /// AllreduceCommunicator (core/ranks.hpp).
  void sum(float* values, std::size_t count) const { sum_of(values, count, MPI_FLOAT); }
  void sum(double* values, std::size_t count) const { sum_of(values, count, MPI_DOUBLE); }
  ///@}

  /// Returns the text of process `from` on all. Collective.
  std::string broadcast(std::string text, int from = 0) const {
    auto size = static_cast<unsigned long long>(text.size());
    detail::check(MPI_Bcast(&size, 1, MPI_UNSIGNED_LONG_LONG, from, get()), "MPI_Bcast");
    text.resize(static_cast<std::size_t>(size));
    in_parts(text.data(), text.size(),
             [&](char* part, int count) { detail::check(MPI_Bcast(part, count, MPI_CHAR, from, get()), "MPI_Bcast"); });
    return text;
  }

  /// Smallest value of all processes. Collective.
  long long smallest(long long value) const {
    detail::check(MPI_Allreduce(MPI_IN_PLACE, &value, 1, MPI_LONG_LONG, MPI_MIN, get()), "MPI_Allreduce");
    return value;
  }
  /// Largest value of all processes. Collective.
  long long largest(long long value) const { return -smallest(-value); }

 private:
  // MPI counts with int.
  template <class T, class Call>
  static void in_parts(T* values, std::size_t count, Call const& call) {
    constexpr std::size_t most = std::size_t{1} << 30;
    for (std::size_t first = 0; first < count; first += most) call(values + first, static_cast<int>(std::min(most, count - first)));
  }
  template <class Real>
  void sum_of(Real* values, std::size_t count, MPI_Datatype type) const {
    in_parts(values, count,
             [&](Real* part, int size) { detail::check(MPI_Allreduce(MPI_IN_PLACE, part, size, type, MPI_SUM, get()), "MPI_Allreduce"); });
  }

  std::shared_ptr<detail::OwnCommunicator> m_own;
  int m_rank = 0, m_size = 1;
  bool m_takes_device_memory = false;
};

}  // namespace ign::mpi

#endif  // IGN_MPI_COMMUNICATOR_HPP
