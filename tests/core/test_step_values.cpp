// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include <boost/test/unit_test.hpp>

#include <ign/core/step_values.hpp>
#include <ign_test/exec.hpp>

using namespace ign;
using ign_test::Exec;

namespace ign_test {

struct Numbers {
  double rate = 0;
  unsigned step = 0;
};

struct ReadNumbers {
  StepArgument<double> rate;
  StepArgument<unsigned> step;
  Kokkos::View<double[2], Exec::memory_space> found;

  KOKKOS_FUNCTION void operator()(int) const {
    found(0) = rate.get();
    found(1) = step.get();
  }
};

}  // namespace ign_test

using ign_test::Numbers;
using ign_test::ReadNumbers;

namespace {

using Values = StepValueBuffer<Numbers, Exec>;

ReadNumbers kernel(StepArgument<Numbers> const& numbers) {
  return {numbers.member(&Numbers::rate), numbers.member(&Numbers::step), Kokkos::View<double[2], Exec::memory_space>("found")};
}

void run(ReadNumbers const& kernel) {
  Exec const exec;
  Kokkos::parallel_for("ign::test", Kokkos::RangePolicy<Exec>(exec, 0, 1), kernel);
  exec.fence();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(later_values)

BOOST_AUTO_TEST_CASE(a_known_value_is_a_plain_value) {
  StepArgument<double> const value = 2.5;
  BOOST_TEST(value.is_known());
  BOOST_TEST(value.get() == 2.5);
  BOOST_TEST(StepArgument<int>{}.get() == 0);
}

BOOST_AUTO_TEST_CASE(a_value_in_memory_is_read_when_it_is_asked_for) {
  Numbers numbers = {0.5, 3};
  StepArgument<Numbers> const all(&numbers);
  auto const step = all.member(&Numbers::step);
  BOOST_TEST(!all.is_known());
  BOOST_TEST(!step.is_known());
  numbers.step = 4;
  BOOST_TEST(step.get() == 4u);
  BOOST_TEST(StepArgument<Numbers>(numbers).member(&Numbers::step).is_known());
  BOOST_TEST(StepArgument<Numbers>(numbers).member(&Numbers::step).get() == 4u);
}

BOOST_AUTO_TEST_CASE(a_value_in_device_memory_is_not_read_on_the_host) {
  Numbers numbers = {0.5, 3};
  StepArgument<Numbers> const all(&numbers, false);
  auto const on_host = [](Error const& e) { return e.id() == "ign.state.95"; };
  BOOST_CHECK_EXCEPTION(all.get(), Error, on_host);
  BOOST_CHECK_EXCEPTION(all.member(&Numbers::step).get(), Error, on_host);
  BOOST_TEST(StepArgument<unsigned>(3u).get() == 3u);
  static_assert(!std::is_copy_constructible_v<Values> && std::is_move_constructible_v<Values>);
}

BOOST_AUTO_TEST_CASE(kernels_keep_the_values_of_their_launch) {
  Exec const exec;
  Values const values(exec, "ign::test");
  auto const reads = kernel(Numbers{0.5, 3});
  values.write(exec, {7, 7});
  run(reads);
  BOOST_TEST(reads.found(0) == 0.5);
  BOOST_TEST(reads.found(1) == 3);
}

BOOST_AUTO_TEST_CASE(kernels_read_the_last_written_values) {
  Exec const exec;
  Values const values(exec, "ign::test");
  BOOST_TEST(!values.on_device().is_known());
  auto const reads = kernel(values.on_device());  // made once, as in a graph
  for (unsigned step : {10u, 11u}) {
    values.write(exec, {0.25 * step, step});
    run(reads);
    BOOST_TEST(reads.found(0) == 0.25 * step);
    BOOST_TEST(reads.found(1) == step);
  }
}

BOOST_AUTO_TEST_SUITE_END()
