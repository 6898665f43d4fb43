// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The main program of every test executable: Boost.Test's implementation, Kokkos, and traps for NaN.
// Other files include <boost/test/unit_test.hpp>; no Boost library is linked.

#define BOOST_TEST_NO_MAIN
#define BOOST_TEST_ALTERNATIVE_INIT_API
// Keeps Boost.Test's hands off the traps: it would switch them off around every case.
#define BOOST_NO_FENV_H
#include <boost/test/included/unit_test.hpp>

#include <Kokkos_Core.hpp>
#include <ign_test/environment.hpp>

#include <csignal>
#include <cstdlib>
#include <iostream>
#include <optional>

// Boost.Test makes it when tests really run, so that --list_content and --help start no threads.
class RunKokkos {
 public:
  RunKokkos() {
    auto& suite = boost::unit_test::framework::master_test_suite();
    m_kokkos.emplace(suite.argc, suite.argv);
    BOOST_TEST_MESSAGE("seed " << ign_test::seed() << " (IGN_TEST_SEED sets another)");
  }

 private:
  std::optional<Kokkos::ScopeGuard> m_kokkos;
};

BOOST_TEST_GLOBAL_FIXTURE(RunKokkos);

// Before every case: the one before it may have left its thread without traps, by a failure or on purpose.
class TrapNan : public boost::unit_test::test_observer {
 public:
  void test_unit_start(boost::unit_test::test_unit const& unit) override {
    if (unit.p_type == boost::unit_test::TUT_CASE) ign_test::trap_nan(true);
  }
};

// Boost.Test's log names skipped cases at its two most detailed levels only. `ign.pytorch` looks for the word.
class ReportSkipped : public boost::unit_test::test_observer {
 public:
  void test_unit_skipped(boost::unit_test::test_unit const& unit, boost::unit_test::const_string reason) override {
    if (unit.is_enabled())  // --run_test disables the cases that it does not name
      std::cout << "SKIPPED: " << unit.full_name() << ": " << reason << std::endl;
  }
};

// Boost.Test reports the abort together with the case, and goes on with the next one.
extern "C" void report_trap(int) {
  std::cerr << "an operation made a NaN or divided by zero (ign_test::AllowNan allows it)\n";
  std::abort();
}

int main(int argc, char* argv[]) {
  TrapNan trap_nan;
  std::signal(SIGFPE, report_trap);
  boost::unit_test::framework::register_observer(trap_nan);
  ReportSkipped report_skipped;
  boost::unit_test::framework::register_observer(report_skipped);
  return boost::unit_test::unit_test_main([] { return true; }, argc, argv);
}
