// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Written once for all execution spaces that this Kokkos has: the same random bits, and training that goes the same way.

#include <boost/test/unit_test.hpp>

#include <ign/nets/dcgan.hpp>
#include <ign/optimizers/adam.hpp>
#include <ign/policies/idempotent.hpp>
#include <ign/train/trainer.hpp>
#include <ign_test/environment.hpp>
#include <ign_test/spaces.hpp>

#include <iomanip>
#include <vector>

using namespace ign;

namespace {

template <class Real, class Exec>
std::vector<Real> to_host(Vector<Real, Exec> const& vector) {
  auto const mirror = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), vector);
  return {mirror.data(), mirror.data() + mirror.size()};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(spaces)

BOOST_AUTO_TEST_CASE_TEMPLATE(random_numbers_have_the_same_bits, Exec, ign_test::Spaces) {
  Exec const exec;
  Key const key = {ign_test::seed(), Stream::user, (std::uint64_t{1} << 40) + 3, 5};
  auto const uniform = make_vector<float>(exec, "ign::test", 4099), gaussian = make_vector<float>(exec, "ign::test", 4099);
  fill_uniform(exec, key, 1.0, VectorWindow<float, Exec>(uniform));
  fill_gaussian(exec, key, 1.0, VectorWindow<float, Exec>(gaussian));
  exec.fence();
  auto const u = to_host<float, Exec>(uniform), g = to_host<float, Exec>(gaussian);
  std::size_t differ = 0;
  for (std::size_t i = 0; i < u.size(); ++i) {
    auto const words = random::bits(key, static_cast<std::uint32_t>(i / 4));
    float pair[2];
    random::gaussian_pair(words[i % 4 / 2 * 2], words[i % 4 / 2 * 2 + 1], pair[0], pair[1]);
    differ += u[i] != (random::uniform(words[i % 4]) - 0.5f) * 2 || g[i] != pair[i % 2] ? 1u : 0u;
  }
  BOOST_TEST(differ == 0u);
}

// As OpenMP with AVX-512 made them.
constexpr double recorded_reconstruction = 0.3821645555, recorded_idempotence = 0.0056050877, recorded_tightness = -0.0056050199,
                 recorded_square = 0.0013844357;

// Losses of ten steps, and the parameters' mean square after them; seed and data are fixed.
BOOST_AUTO_TEST_CASE_TEMPLATE(ten_steps_go_the_same_way, Exec, ign_test::Spaces) {
  Exec const exec;
  std::vector<std::uint8_t> pixels(64 * 1024);
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<std::uint8_t>(i * 2654435761u >> 24 & i / 1024 * 4);
  Idempotent<decltype(mnist_small_net()), float, Exec> policy(exec, mnist_small_net(), {32, 32, 1},
                                                              {.smoothing = {SmoothingKind::own_noise}}, 11);
  Batches<Exec> const batches(exec, pixels, 64, {32, 32, 1}, {.batch = 16, .seed = 3});
  Trainer trainer(exec, policy, Adam{}, batches, {.learning_rate = Schedule::constant(1e-3)});
  for (int i = 0; i < 10; ++i) trainer.step();
  auto const losses = policy.losses(exec);
  double square = 0;
  auto const parameters = to_host<float, Exec>(policy.model().parameters());
  for (float p : parameters) square += static_cast<double>(p) * static_cast<double>(p) / static_cast<double>(parameters.size());
  BOOST_TEST_MESSAGE(Exec::name() << ": " << std::setprecision(10) << losses.reconstruction << ", " << losses.idempotence << ", "
                                  << losses.tightness << ", " << square);
  auto const close = boost::test_tools::tolerance(1e-4);
  BOOST_TEST(losses.reconstruction == recorded_reconstruction, close);
  BOOST_TEST(losses.idempotence == recorded_idempotence, close);
  BOOST_TEST(losses.tightness == recorded_tightness, close);
  BOOST_TEST(square == recorded_square, close);
}

BOOST_AUTO_TEST_SUITE_END()
