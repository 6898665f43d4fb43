// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Counts launches by label and multiplications of a step, and compares them with those of the measured version: a check against slowdowns
// that needs no clock. After an intended change, measure again (docs/performance.md).

#include <boost/test/unit_test.hpp>

#include <ign/ign.hpp>
#include <ign/train/stop_after.hpp>
#include <ign_test/kokkos_counter.hpp>
#include <ign_test/layer_check.hpp>

#include <map>

using namespace ign;
using ign_test::Exec;

BOOST_AUTO_TEST_SUITE(operations)

namespace {

// Kernels that one step of a net launches, by label.
template <class Net>
std::map<std::string, int> count_launches(Net const& net, Shape image, IdempotentOptions<> const& objective, int batch) {
  Exec const exec;
  Idempotent<Net, float, Exec> policy(exec, net, image, objective);
  auto const samples = static_cast<std::size_t>(batch);
  std::vector<std::uint8_t> const pixels(samples * image.size(), 100);
  Batches<Exec> const batches(exec, pixels, samples, image, {batch});
  Trainer trainer(exec, policy, Adam{.beta1 = 0.5}, batches, {});
  trainer.step();
  ign_test::KokkosCounter const counter;
  trainer.step();
  return ign_test::KokkosCounter::counts.kernels;
}

// Multiplications of one forward application to one sample in training, in millions: by the definition, and as they are made.
struct Multiplications {
  double defined = 0, made = 0;
};

template <class Net>
Multiplications multiplications(Net const& net, Shape input) {
  Multiplications sum;
  auto const all = shapes(net, input);
  for_each_layer(net, [&](std::size_t i, auto const& layer) {
    if constexpr (requires { ign::geometry(layer, all[i]); }) {
      auto const g = ign::geometry(layer, all[i]);
      double const here = 1e-6 * static_cast<double>(g.weight_size() * g.coarse.pixels());
      sum.defined += here;
      auto const algorithm = math::select_algorithm<Exec>(g, Pass{}).algorithm;
      double const small = g.stride == 1 ? 16. / 36 : g.kernel == 3 ? 25. / 36 : 36. / 64;
      double const large = g.stride == 1 ? 36. / 144 : g.kernel == 3 ? 81. / 144 : 100. / 256;
      sum.made += here * (algorithm == math::Algorithm::direct ? 1 : algorithm == math::Algorithm::winograd_large ? large : small);
    }
  });
  return sum;
}

}  // namespace

// The launches of a device are in tests/device/test_step.cpp.
BOOST_AUTO_TEST_CASE(a_step_launches_what_it_did_when_it_was_measured, *boost::unit_test::precondition(ign_test::runs_host_kernels)) {
  std::map<std::string, int> const recorded = {
      {"ign::activation", 2},
      {"ign::activation backward", 4},
      {"ign::adam", 1},
      {"ign::batch_norm", 10},
      {"ign::batch_norm gradient", 10},
      {"ign::batch_norm gradient combine", 10},
      {"ign::batch_norm input gradient", 10},
      {"ign::batch_norm moments", 10},
      {"ign::batch_norm moments combine", 10},
      {"ign::batches::gather", 1},
      {"ign::column_sums", 6},
      {"ign::column_sums add", 6},
      {"ign::conv_forward winograd", 8},
      {"ign::conv_forward direct", 4},
      {"ign::conv_forward few channels", 4},
      {"ign::conv_forward winograd weights", 8},
      {"ign::distance_gradient", 1},
      {"ign::fill_gaussian", 1},
      {"ign::idempotent::joint_gradient", 1},
      {"ign::idempotent::weigh_losses", 1},
      {"ign::sample_distances", 2},
      {"ign::conv_input_gradient winograd", 8},
      {"ign::conv_input_gradient direct", 4},
      {"ign::conv_input_gradient direct collect", 4},
      {"ign::conv_input_gradient few channels", 3},
      {"ign::conv_input_gradient winograd weights", 8},
      {"ign::conv_weight_gradient winograd", 8},
      {"ign::conv_weight_gradient direct", 4},
      {"ign::conv_weight_gradient direct sum", 4},
      // No "ign::conv_weight_gradient winograd sum": batches of 8 are one part.
      {"ign::conv_weight_gradient few channels", 4},
      {"ign::conv_weight_gradient few channels sum", 4},
  };
  auto const found = count_launches(mnist_small_net(), {32, 32, 1}, {}, 8);
  int total = 0;
  for (auto const& [label, count] : found) {
    auto const expected = recorded.find(label);
    BOOST_TEST(count == (expected == recorded.end() ? 0 : expected->second), label << ": " << count << " launches");
    total += count;
  }
  for (auto const& [label, count] : recorded) BOOST_TEST(found.count(label) == 1u, label << " is not launched any more");
  BOOST_TEST_MESSAGE(total << " launches in a step");
}

// Passes over memory of a step of the net `dcgan64_net` by kernels that compute little: each whole activation that such a kernel reads or
// writes is one. docs/decisions.md has their share of the time.
BOOST_AUTO_TEST_CASE(a_step_passes_over_activations_as_often_as_when_it_was_measured,
                     *boost::unit_test::precondition(ign_test::runs_host_kernels)) {
  struct Kernel {
    char const* label;
    int activations;  // that a launch reads or writes
    int launches;     // recorded
  };
  constexpr Kernel kernels[] = {
      {"ign::batch_norm moments", 1, 14},         // x
      {"ign::batch_norm", 2, 14},                 // x, y
      {"ign::batch_norm gradient", 2, 14},        // x, dy
      {"ign::batch_norm input gradient", 3, 14},  // x, dy, dx
      {"ign::column_sums", 1, 20},                // dy
      {"ign::activation", 2, 2},                  // x, y
      {"ign::activation backward", 3, 4},         // y, dy, dx
  };
  auto const found = count_launches(dcgan64_net(), {64, 64, 3}, {}, 2);
  int passes = 0;
  for (auto const& [label, activations, recorded] : kernels) {
    int const launches = found.count(label) > 0 ? found.at(label) : 0;
    BOOST_TEST(launches == recorded, label << ": " << launches << " launches");
    passes += activations * launches;
  }
  BOOST_TEST_MESSAGE(passes << " passes over activations");
  BOOST_TEST(passes == 148);
}

BOOST_AUTO_TEST_CASE(convolutions_multiply_as_often_as_when_they_were_measured) {
  auto const check = [](Multiplications const& m, double defined, double made) {
    BOOST_TEST(m.defined == defined, boost::test_tools::tolerance(1e-4));
    BOOST_TEST(m.made == made, boost::test_tools::tolerance(1e-4));
  };
  check(multiplications(mnist_small_net(), {32, 32, 1}), 2.359296, uses_host_kernels_v<Exec> ? 1.261568 : 1.900544);
  double const kth = (2 * (28 * 28 / 4 * 16 * 64 + 256 * 256 * 16) * 1e-6);
  double const kth_two = 2 * 49 * 16 * 64 * 128 * 1e-6, kth_three = 2 * 16 * 9 * 128 * 256 * 1e-6;
  if (uses_host_kernels_v<Exec>)
    check(multiplications(kth_mnist_net(), {28, 28, 1}), kth + kth_two + kth_three, kth + kth_two * 25 / 64 + kth_three * 25 / 36);
  check(multiplications(dcgan64_net(), {64, 64, 3}), 216.006656, uses_host_kernels_v<Exec> ? 104.8576 : 127.926272);
}

BOOST_AUTO_TEST_CASE(a_time_limit_ends_a_run) {
  struct Steps {
    Exec instance;
    Exec const& exec() const { return instance; }
  };
  BOOST_TEST(StopAfter(3600).on_step(Steps{}));
  BOOST_TEST(!StopAfter(0).on_step(Steps{}));
}

BOOST_AUTO_TEST_SUITE_END()
