// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include <boost/test/unit_test.hpp>

#include <ign/core/detail/arrival_counters.hpp>
#include <ign_test/exec.hpp>

using namespace ign;
using ign_test::Exec;

namespace ign_test {

// Indices of equal remainder share a counter; the last of each group adds up what all have written.
struct SumByLast {
  std::size_t groups, count;
  using Numbers = Kokkos::View<double*, Exec::memory_space>;
  using Counts = Kokkos::View<unsigned*, Exec::memory_space>;
  Numbers written, sums;
  Counts last, counters;

  KOKKOS_FUNCTION void operator()(std::size_t i) const {
    std::size_t const group = i % groups;
    written(i) += static_cast<double>(i + 1);
    if (!ign::detail::arrives_last(&counters(group), count)) return;
    Kokkos::atomic_inc(&last(group));
    double sum = 0;
    for (std::size_t k = 0; k < count; ++k) sum += written(k * groups + group);
    sums(group) = sum;
  }
};

}  // namespace ign_test

BOOST_AUTO_TEST_SUITE(arrivals)

BOOST_AUTO_TEST_CASE(one_thread_is_last_and_sees_what_all_have_written) {
  Exec const exec;
  for (std::size_t const groups : {1, 3, 64})
    for (std::size_t const count : {1, 2, 500}) {
      BOOST_TEST_CONTEXT(groups << " counters of " << count << " threads") {
        std::size_t const size = groups * count;
        using Numbers = ign_test::SumByLast::Numbers;
        using Counts = ign_test::SumByLast::Counts;
        ign_test::SumByLast const kernel{
            groups, count, Numbers("written", size), Numbers("sums", groups), Counts("last", groups), Counts("counters", groups)};
        for (unsigned launch = 1; launch <= 3; ++launch) {  // a launch leaves the counters as it found them
          Kokkos::parallel_for("ign::test", Kokkos::RangePolicy<Exec, Kokkos::IndexType<std::size_t>>(exec, 0, size), kernel);
          exec.fence();
          for (std::size_t group = 0; group < groups; ++group) {
            double expected = 0;
            for (std::size_t i = group; i < size; i += groups) expected += launch * static_cast<double>(i + 1);
            BOOST_TEST(kernel.sums(group) == expected);
            BOOST_TEST(kernel.last(group) == launch);
            BOOST_TEST(kernel.counters(group) == 0u);
          }
        }
      }
    }
}

BOOST_AUTO_TEST_CASE(only_a_device_has_counters) {
  auto const all = make_arrival_counters(Exec{}, "ign::test");
  Exec{}.fence();
  BOOST_TEST(all.size() == (uses_host_kernels_v<Exec> ? 0 : ign::detail::counter_count));
  for (std::size_t i = 0; i < all.size(); ++i) BOOST_TEST_REQUIRE(all(i) == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
