// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Launches of a training step on a device; no fences, no copies to the host, no allocations.

#include <boost/test/unit_test.hpp>

#include <ign/nets/dcgan.hpp>
#include <ign/optimizers/adam.hpp>
#include <ign/policies/distillation.hpp>
#include <ign/policies/idempotent.hpp>
#include <ign/train/trainer.hpp>
#include <ign_test/kokkos_counter.hpp>
#include <ign_test/layer_check.hpp>

using namespace ign;
using ign_test::Exec;
using ign_test::KokkosCounter;
using ign_test::KokkosCounts;

BOOST_AUTO_TEST_SUITE(device_step)

namespace {

static_assert(!uses_host_kernels_v<Exec>, "this program needs the device kernels on the host");

/// Launches, fences, copies and allocations of one step.
template <class Policy = Idempotent<decltype(mnist_small_net()), float, Exec>>
KokkosCounts hear_step() {
  Exec const exec;
  Policy policy(exec, mnist_small_net(), {32, 32, 1});
  std::vector<std::uint8_t> const pixels(8 * 1024, 100);
  Batches<Exec> const batches(exec, pixels, 8, {32, 32, 1}, {8});
  Trainer trainer(exec, policy, Adam{.beta1 = 0.5}, batches, {});
  trainer.step();
  exec.fence();
  KokkosCounter const counter;
  trainer.step();
  return KokkosCounter::counts;
}

}  // namespace

// Whoever changes this number on purpose changes docs/backends.md as well.
BOOST_AUTO_TEST_CASE(launches) {
  KokkosCounts const step = hear_step();
  for (auto const& [label, count] : step.kernels) BOOST_TEST_MESSAGE(count << " × " << label);
  BOOST_TEST_MESSAGE(step.copies << " copies and fills; " << step.launches() << " in all");
  BOOST_TEST(step.launches() == (math::vendor::serves_v<float, Exec> ? 96 : 105));  // a library's products are not Kokkos' launches
}

BOOST_AUTO_TEST_CASE(launches_of_distillation) {
  KokkosCounts const step = hear_step<Distillation<decltype(mnist_small_net()), float, Exec>>();
  for (auto const& [label, count] : step.kernels) BOOST_TEST_MESSAGE(count << " × " << label);
  BOOST_TEST_MESSAGE(step.copies << " copies and fills; " << step.launches() << " in all");
  if (!math::vendor::serves_v<float, Exec>) BOOST_TEST(step.launches() == 98);
}

// A value that came back to the host would need a fence to be read.
BOOST_AUTO_TEST_CASE(nothing_waits_and_nothing_is_allocated) {
  for (KokkosCounts const& step : {hear_step(), hear_step<Distillation<decltype(mnist_small_net()), float, Exec>>()}) {
    BOOST_TEST(step.fences == 0);
    BOOST_TEST(step.allocations == 0);
  }
}

BOOST_AUTO_TEST_SUITE_END()
