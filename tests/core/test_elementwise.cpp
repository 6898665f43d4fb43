// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include <boost/test/unit_test.hpp>

#include <ign/core/elementwise.hpp>
#include <ign_test/exec.hpp>

using namespace ign;
using ign_test::Exec;

namespace ign_test {

// Counts the visits of each element, and the chunks that are empty, too long or leave their row.
struct CountVisits {
  using Visits = Kokkos::View<int**, Kokkos::LayoutRight, Exec::memory_space>;
  Visits visits;
  Kokkos::View<int, Exec::memory_space> wrong;

  KOKKOS_FUNCTION void operator()(std::size_t row, std::size_t first, std::size_t last) const {
    if (row >= visits.extent(0) || first >= last || last > visits.extent(1) || last - first > chunk_length_v<Exec>) {
      Kokkos::atomic_inc(&wrong());
      return;
    }
    for (std::size_t i = first; i < last; ++i) Kokkos::atomic_inc(&visits(row, i));
  }
};

}  // namespace ign_test

BOOST_AUTO_TEST_SUITE(elementwise)

BOOST_AUTO_TEST_CASE(every_element_of_every_row_is_in_one_chunk) {
  Exec const exec;
  std::size_t const length = chunk_length_v<Exec>;
  for (std::size_t const rows : {std::size_t{0}, std::size_t{1}, std::size_t{3}})
    for (std::size_t const size : {std::size_t{0}, std::size_t{1}, length - 1, length, length + 1, 3 * length + 5}) {
      BOOST_TEST_CONTEXT(rows << " rows of " << size) {
        ign_test::CountVisits const body{ign_test::CountVisits::Visits("visits", rows, size),
                                         Kokkos::View<int, Exec::memory_space>("wrong")};
        for_each_chunk("ign::test", exec, rows, size, body);
        exec.fence();
        BOOST_TEST(body.wrong() == 0);
        for (std::size_t i = 0; i < body.visits.size(); ++i) BOOST_TEST_REQUIRE(body.visits.data()[i] == 1);
      }
    }
}

BOOST_AUTO_TEST_SUITE_END()
