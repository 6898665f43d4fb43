// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The execution space of the tests, and preconditions of test cases that need something of it. A case whose precondition does not hold is
// reported as skipped (main.cpp):
//
//     BOOST_AUTO_TEST_CASE(name, *boost::unit_test::precondition(ign_test::runs_on_host_threads)) { … }

#ifndef IGN_TEST_EXEC_HPP
#define IGN_TEST_EXEC_HPP

#include <boost/test/unit_test.hpp>

#include <ign/core/tensor.hpp>

#include <type_traits>

namespace ign_test {

/// Execution space of the tests: the host; or on a GPU whose memory the host can read, which is how the preset cuda-tests builds Kokkos.
using Exec = std::conditional_t<Kokkos::SpaceAccessibility<Kokkos::HostSpace, Kokkos::DefaultExecutionSpace::memory_space>::accessible,
                                Kokkos::DefaultExecutionSpace, Kokkos::DefaultHostExecutionSpace>;

/// An instance with so many threads; one of Serial has one.
template <class Host = Exec>
Host with_threads(int threads) {
  if constexpr (std::is_constructible_v<Host, int>)
    return Host(threads);
  else
    return Host();
}
template <class Host = Exec>
Host one_thread() {
  return with_threads<Host>(1);
}

/// True if an instance of with_threads(threads) has so many, or if Exec never has more than one.
inline bool has_threads(Exec const& exec, int threads) { return exec.concurrency() == threads || !std::is_constructible_v<Exec, int>; }

/// True if this instance differs from one_thread(), or if Exec never has more than one thread.
inline bool as_parallel_as_can_be(Exec const& exec) { return exec.concurrency() > 1 || !std::is_constructible_v<Exec, int>; }

namespace detail {

inline boost::test_tools::assertion_result unless(bool holds, char const* space, char const* reason) {
  boost::test_tools::assertion_result result(holds);
  if (!holds) result.message() << space << reason;
  return result;
}

}  // namespace detail

/// Precondition: Exec is the host's threads, whose number a test can choose.
inline boost::test_tools::assertion_result runs_on_host_threads(boost::unit_test::test_unit_id) {
  return detail::unless(ign::runs_on_host_v<Exec>, Exec::name(), " is no execution space of the host's threads");
}

/// Precondition: Exec runs the kernels of a host.
inline boost::test_tools::assertion_result runs_host_kernels(boost::unit_test::test_unit_id) {
  return detail::unless(ign::uses_host_kernels_v<Exec>, Exec::name(), " runs the kernels of a device");
}

/// A kernel for questions about teams. In a named namespace, for nvcc.
struct EmptyTeamKernel {
  KOKKOS_FUNCTION void operator()(typename Kokkos::TeamPolicy<Exec>::member_type const&) const {}
};

/// Precondition: a team of Exec can have two threads.
inline boost::test_tools::assertion_result has_teams_of_two(boost::unit_test::test_unit_id) {
  int const most = Kokkos::TeamPolicy<Exec>(Exec(), 1, 1).team_size_max(EmptyTeamKernel{}, Kokkos::ParallelForTag());
  return detail::unless(most >= 2, Exec::name(), ": a team has one thread here");
}

}  // namespace ign_test

#endif
