// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Errors by their id.

#ifndef IGN_TEST_ERRORS_HPP
#define IGN_TEST_ERRORS_HPP

#include <ign/core/error.hpp>

#include <boost/test/unit_test.hpp>

namespace ign_test {

/// Checks that `run` throws the error `id`, and shows its text in the log.
template <class Run>
void fails(char const* id, Run const& run) {
  BOOST_CHECK_EXCEPTION(run(), ign::Error, [&](ign::Error const& e) {
    BOOST_TEST_MESSAGE(e.what());
    return e.id() == id;
  });
}

}  // namespace ign_test

#endif
