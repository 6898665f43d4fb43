// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Frame of a program on several ranks: initialises MPI before Kokkos, and ends all ranks when one fails.
#ifndef IGN_MPI_RUN_HPP
#define IGN_MPI_RUN_HPP

#include <mpi.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <ostream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "ign/mpi/agreement.hpp"

namespace ign::mpi {

namespace detail {

// Checks the level of threads that MPI provides: other threads may run beside that of MPI, unless kernels of the host are serial.
inline void require_thread_level(int provided, bool serial) {
  require(
      provided >= MPI_THREAD_FUNNELED || serial, Fault::state, 499, "mpi: MPI_Init_thread provides the level ", provided,
      ", MPI_THREAD_SINGLE, expected MPI_THREAD_FUNNELED or more, since Kokkos runs kernels on several threads: use an MPI with support "
      "of threads, or a Kokkos with the backend Serial only");
}

}  // namespace detail

/// Initialises MPI, and finalises it at the end of main(), unless the program around has initialised it already. Construct it before
/// Kokkos::ScopeGuard, so that Kokkos can choose a device by the rank on its node, and ends first.
///
/// Requests MPI_THREAD_FUNNELED: make all collective calls of the library (docs/ranks.md) from the thread that constructed this. Where the
/// program has initialised MPI itself, the level of threads is the program's choice and is not checked.
class Environment {
 public:
  /// \throws Error [ign.state.493] when MPI cannot be initialised, [ign.state.499] when it provides no support of threads and kernels
  ///         of the host run on several
  Environment(int& argc, char**& argv) {
    int begun = 0;
    MPI_Initialized(&begun);
    if (begun != 0) return;
    int provided = 0;
    detail::check(MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided), "MPI_Init_thread");
    m_owns = true;
    try {
      detail::require_thread_level(provided, std::string_view(Kokkos::DefaultHostExecutionSpace::name()) == "Serial");
    } catch (...) {  // the destructor of an object that is not constructed does not run
      MPI_Finalize();
      throw;
    }
  }
  /// Finalises MPI. MPI_Finalize waits for all ranks: a rank that fails must end the others first, see run_together.
  ~Environment() {
    if (m_owns && detail::is_running()) MPI_Finalize();
  }
  Environment(Environment const&) = delete;
  Environment& operator=(Environment const&) = delete;

 private:
  bool m_owns = false;
};

namespace detail {

/// Tag of the message that an error has been written. Communicators use tags from 0 on, and 32767 is allowed in every MPI.
inline constexpr int error_tag = 32767;

/// Tells all other ranks that this one writes its error. Waits a tenth of a second at most: ranks that compute do not receive.
inline void announce_error(Communicator const& communicator) {
  static char nothing = 0;
  std::vector<MPI_Request> requests;
  for (int rank = 0; rank < communicator.size(); ++rank)
    if (rank != communicator.rank()) MPI_Isend(&nothing, 0, MPI_CHAR, rank, error_tag, communicator.get(), &requests.emplace_back());
  int sent = 0;
  for (int i = 0; i < 100 && sent == 0; ++i) {
    if (MPI_Testall(static_cast<int>(requests.size()), requests.data(), &sent, MPI_STATUSES_IGNORE) != MPI_SUCCESS) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

/// Waits until another rank has written its error: r tenths of a second on rank r, two seconds at most. Returns true if one has.
inline bool error_is_announced(Communicator const& communicator) {
  int found = 0;
  for (int i = 0; i < 100 * std::min(communicator.rank(), 20) && found == 0; ++i) {
    if (MPI_Iprobe(MPI_ANY_SOURCE, error_tag, communicator.get(), &found, MPI_STATUS_IGNORE) != MPI_SUCCESS) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return found != 0;
}

}  // namespace detail

/// Calls `program()` and returns its exit code. If it throws on one rank, writes one line with the rank and the error to `err`, and ends
/// all ranks by MPI_Abort, since the others may wait for this one.
///
/// A CommonError, which all ranks throw, is written by rank 0 only; all return 1. With any other error rank r first waits r tenths of a
/// second, two seconds at most. The first rank to write tells the others and aborts all, so that an error which each rank meets by itself
/// is normally written once.
template <class Program>
int run_together(Communicator const& communicator, Program const& program, std::ostream& err) {
  try {
    return program();
  } catch (CommonError const& error) {
    if (communicator.rank() == 0) err << error.what() << std::endl;
    return 1;
  } catch (std::exception const& error) {
    if (communicator.size() == 1) {
      err << error.what() << std::endl;
      return 1;
    }
    if (detail::error_is_announced(communicator)) {
      std::this_thread::sleep_for(std::chrono::seconds(1));  // that rank ends this one; MPICH 4.0 does not while it sleeps
      MPI_Abort(communicator.get(), 1);
      return 1;
    }
    detail::announce_error(communicator);
    err << "rank " << communicator.rank() << " of " << communicator.size() << ": " << error.what() << std::endl;
    MPI_Abort(communicator.get(), 1);
    return 1;
  }
}

}  // namespace ign::mpi

#endif  // IGN_MPI_RUN_HPP
