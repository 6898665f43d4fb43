// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include <boost/test/unit_test.hpp>

#include <ign/core/detail/team_sums.hpp>
#include <ign_test/exec.hpp>

#include <vector>

using namespace ign;
using ign_test::Exec;

namespace ign_test {

// For each channel the sum of its column of `numbers` and that of the squares, by one team.
struct ColumnSums {
  using Numbers = Kokkos::View<double**, Kokkos::LayoutRight, Exec::memory_space>;
  Numbers numbers, sums;
  using Scratch = Kokkos::View<double*, Exec::memory_space>;
  Scratch scratch;

  struct Term {
    Numbers numbers;
    std::size_t channel;
    KOKKOS_FUNCTION void operator()(std::size_t i, double* sums) const {
      double const x = numbers(i, channel);
      sums[0] += x;
      sums[1] += x * x;
    }
  };
  struct TermOf {
    Numbers numbers;
    KOKKOS_FUNCTION Term operator()(std::size_t channel) const { return {numbers, channel}; }
  };
  struct Store {
    Numbers sums;
    KOKKOS_FUNCTION void operator()(std::size_t channel, double const* found) const {
      sums(0, channel) += found[0];  // so that a channel which is stored twice shows
      sums(1, channel) += found[1];
    }
  };

  KOKKOS_FUNCTION void operator()(typename Kokkos::TeamPolicy<Exec>::member_type const& team) const {
    ign::detail::team_sums<double, 2>(team, scratch.data(), numbers.extent(1), numbers.extent(0), TermOf{numbers}, Store{sums});
  }
};

}  // namespace ign_test

namespace {

using ign_test::ColumnSums;

ColumnSums::Numbers run(ColumnSums::Numbers const& numbers, int team_size) {
  Exec const exec;
  ColumnSums const kernel{numbers, ColumnSums::Numbers("sums", 2, numbers.extent(1)),
                          ColumnSums::Scratch("scratch", 2 * ign::detail::sum_threads)};
  Kokkos::parallel_for("ign::test", Kokkos::TeamPolicy<Exec>(exec, 1, team_size), kernel);
  exec.fence();
  return kernel.sums;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(sums_of_a_team)

// Of whole numbers, so that every order of addition gives the same.
BOOST_AUTO_TEST_CASE(equal_their_definition) {
  for (std::size_t const channels : {1, 2, 3, 31, 32, 33, 70})
    for (std::size_t const terms : {0, 1, 7, 256, 1000}) {
      BOOST_TEST_CONTEXT(channels << " channels of " << terms << " terms") {
        ColumnSums::Numbers const numbers("numbers", terms, channels);
        for (std::size_t i = 0; i < numbers.size(); ++i) numbers.data()[i] = static_cast<double>(i * 2654435761u % 1000) - 400;
        auto const sums = run(numbers, 1);
        for (std::size_t c = 0; c < channels; ++c) {
          double sum = 0, squares = 0;
          for (std::size_t i = 0; i < terms; ++i) {
            sum += numbers(i, c);
            squares += numbers(i, c) * numbers(i, c);
          }
          BOOST_TEST(sums(0, c) == sum);
          BOOST_TEST(sums(1, c) == squares);
        }
      }
    }
}

BOOST_AUTO_TEST_CASE(bitwise_identical_in_a_team_of_two, *boost::unit_test::precondition(ign_test::has_teams_of_two)) {
  ColumnSums::Numbers const numbers("numbers", 777, 37);
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers.data()[i] = 1.0 / static_cast<double>(i + 1);
  auto const one = run(numbers, 1), two = run(numbers, 2);
  for (std::size_t i = 0; i < one.size(); ++i) BOOST_TEST(one.data()[i] == two.data()[i]);
}

BOOST_AUTO_TEST_SUITE_END()
