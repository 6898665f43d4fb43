// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// What a training step asks of a device: how many launches, and that nothing waits for it or comes back from it.

#include <boost/test/unit_test.hpp>

#include <ign/nets/dcgan.hpp>
#include <ign/optimizers/adam.hpp>
#include <ign/policies/idempotent.hpp>
#include <ign/train/trainer.hpp>
#include <ign_test/layer_check.hpp>

#include <map>
#include <string>

using namespace ign;
using ign_test::Exec;

namespace {

static_assert(!is_host_v<Exec>, "this program is for the way of a device");

struct Seen {
  std::map<std::string, int> launches;
  int copies = 0, fences = 0, allocations = 0;
};
Seen seen;

void launched(char const* label, std::uint32_t, std::uint64_t*) { ++seen.launches[label]; }

/// What one step does.
Seen see_step() {
  namespace Tools = Kokkos::Tools::Experimental;
  Exec const exec;
  Idempotent<decltype(mnist_small_net()), float, Exec> policy(exec, mnist_small_net(), {32, 32, 1});
  std::vector<std::uint8_t> const pixels(8 * 1024, 100);
  Batches<Exec> const batches(exec, pixels, 8, {32, 32, 1}, {8});
  Trainer trainer(exec, policy, Adam{}, batches, {});
  trainer.step();
  exec.fence();
  seen = {};
  Tools::set_begin_parallel_for_callback(launched);
  Tools::set_begin_parallel_reduce_callback(launched);
  Tools::set_begin_parallel_scan_callback(launched);
  Tools::set_begin_deep_copy_callback([](Kokkos::Tools::SpaceHandle, char const*, void const*, Kokkos::Tools::SpaceHandle, char const*,
                                         void const*, std::uint64_t) { ++seen.copies; });
  Tools::set_begin_fence_callback([](char const* name, std::uint32_t, std::uint64_t*) {
    // Kokkos' own about every kernel, while a tool listens, do not count.
    if (std::string(name).find("Profile Tool Fence") == std::string::npos) ++seen.fences;
  });
  Tools::set_allocate_data_callback([](Kokkos::Tools::SpaceHandle, char const*, void const*, std::uint64_t) { ++seen.allocations; });
  trainer.step();
  Tools::set_begin_parallel_for_callback(nullptr);
  Tools::set_begin_parallel_reduce_callback(nullptr);
  Tools::set_begin_parallel_scan_callback(nullptr);
  Tools::set_begin_deep_copy_callback(nullptr);
  Tools::set_begin_fence_callback(nullptr);
  Tools::set_allocate_data_callback(nullptr);
  return seen;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(device_step)

// Whoever changes this number on purpose changes docs/backends.md as well.
BOOST_AUTO_TEST_CASE(launches) {
  Seen const step = see_step();
  int total = step.copies;
  for (auto const& [label, count] : step.launches) {
    BOOST_TEST_MESSAGE(count << " × " << label);
    total += count;
  }
  BOOST_TEST_MESSAGE(step.copies << " copies and fills; " << total << " in all");
  BOOST_TEST(total == 60);
}

// A value that came back to the host would need a fence to be read.
BOOST_AUTO_TEST_CASE(nothing_waits_and_nothing_is_allocated) {
  Seen const step = see_step();
  BOOST_TEST(step.fences == 0);
  BOOST_TEST(step.allocations == 0);
}

BOOST_AUTO_TEST_SUITE_END()
