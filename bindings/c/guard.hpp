// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Parts common to all functions of the C interface: the lock, the errors, and the count of objects that hold memory of Kokkos.
#ifndef IGN_BINDINGS_C_GUARD_HPP
#define IGN_BINDINGS_C_GUARD_HPP

#include <ign/c/ign.h>
#include <ign/core/error.hpp>

#include <Kokkos_Core.hpp>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <new>

#ifdef _OPENMP
#include <omp.h>
#endif

namespace ign::c {

/// State of the library. Everything but `objects` is protected by the lock.
struct Library {
  std::mutex lock;
  int opened = 0;                ///< calls of ign_initialize without ign_finalize
  bool initialised = false;      ///< by ign_initialize
  std::atomic<long> objects{0};  ///< nets, arrays, and tensors that were handed over
};
Library& library();

/// Keeps the text for ign_last_error, and returns the status.
ign_status remember(ign_status status, char const* text) noexcept;

/// Status of an error of the library.
ign_status status_of(Fault fault) noexcept;

/// Runs `body` under the lock, with all its exceptions turned into a status.
template <class Body>
ign_status guarded(Body const& body) noexcept {
  try {
#ifdef _OPENMP
    require(omp_in_parallel() == 0, Fault::state, 522, "ign: called within a parallel region of OpenMP, expected a call outside of it");
#endif
    std::lock_guard const guard(library().lock);
    body();
    return IGN_OK;
  } catch (Error const& error) {
    return remember(status_of(error.fault()), error.what());
  } catch (std::bad_alloc const& error) {
    return remember(IGN_ERROR_MEMORY, error.what());
  } catch (std::exception const& error) {
    return remember(IGN_ERROR_INTERNAL, error.what());
  } catch (...) {
    return remember(IGN_ERROR_INTERNAL, "an exception without a text");
  }
}

/// \throws Error [ign.state.520] unless Kokkos is running
inline void require_kokkos() {
  require(Kokkos::is_initialized() && !Kokkos::is_finalized(), Fault::state, 520,
          "ign: Kokkos is not running, expected a call of ign_initialize, or of Kokkos::initialize by the program, before");
}

/// \throws Error [ign.option.524] for a null pointer
inline void require_pointer(void const* pointer, char const* function, char const* argument) {
  require(pointer != nullptr, Fault::option, 524, function, ": ", argument, " is a null pointer");
}

}  // namespace ign::c

#endif
