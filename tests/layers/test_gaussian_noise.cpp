// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Noise in training against its definition, also for shards of a batch; gradients; the identity in evaluation.

#include <boost/test/unit_test.hpp>

#include <ign/core/ranks.hpp>
#include <ign/layers/activations.hpp>
#include <ign/layers/gaussian_noise.hpp>
#include <ign_test/errors.hpp>
#include <ign_test/layer_check.hpp>

using namespace ign;
using ign_test::Exec;
using ign_test::LayerFixture;

BOOST_AUTO_TEST_SUITE(gaussian_noise)

using Reals = std::tuple<float, double>;

BOOST_AUTO_TEST_CASE(gradients) {
  for (Shape const in : {Shape{3, 5, 3}, Shape{1, 1, 1}, Shape{1, 1, 70}})
    for (int batch : {1, 2}) ign_test::check_gradients(GaussianNoise{0.3}, in, batch);
  ign_test::check_gradients(GaussianNoise{0.3}, {3, 5, 3}, 2, pass_of(Role::data, Mode::evaluate));
  ign_test::check_gradients(GaussianNoise{0}, {3, 1, 3}, 3);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(noise_is_that_of_its_key, Real, Reals) {
  LayerFixture<GaussianNoise, Real> f(GaussianNoise{0.25}, {5, 7, 3}, 3);
  Pass pass;
  pass.key = {7, RandomStream::dropout, 11};
  f.run_forward(pass);
  auto const noise = ign_test::random_vector<Real>(f.x.size(), 30);
  Key key = pass.key;
  key.substream = 3;  // of the fixture
  fill_gaussian(f.exec, key, 1, VectorRef<Real, Exec>(noise));
  f.exec.fence();
  double sum = 0, square = 0;
  for (std::size_t i = 0; i < f.y.size(); ++i) {
    BOOST_TEST(f.y(i) == std::fma(Real(0.25), noise(i), f.x(i)));
    sum += static_cast<double>(noise(i));
    square += static_cast<double>(noise(i)) * static_cast<double>(noise(i));
  }
  BOOST_TEST(std::abs(sum / static_cast<double>(f.y.size())) < 0.3);
  BOOST_TEST(std::abs(square / static_cast<double>(f.y.size()) - 1) < 0.3);

  auto const before = std::vector<Real>(f.y.data(), f.y.data() + f.y.size());
  pass.key.step = 12;
  f.run_forward(pass);
  BOOST_TEST((before != std::vector<Real>(f.y.data(), f.y.data() + f.y.size())));
  f.run_forward(pass_of(Role::data, Mode::evaluate));
  for (std::size_t i = 0; i < f.y.size(); ++i) BOOST_TEST(f.y(i) == f.x(i));
}

// Two segments of 3 · 2 samples: rank r of 3 holds the samples r and r + 3 of each.
BOOST_AUTO_TEST_CASE_TEMPLATE(shards_have_the_noise_of_the_whole_batch, Real, Reals) {
  Shape const in = {3, 1, 3};
  constexpr std::size_t segments = 2, ranks = 3, own = 2;
  LayerFixture<GaussianNoise, Real> whole(GaussianNoise{0.25}, in, segments * ranks * own);
  Pass pass;
  pass.segments = segments;
  pass.key = {7, RandomStream::dropout, 11};
  whole.run_forward(pass);
  for (std::size_t rank = 0; rank < ranks; ++rank) {
    LayerFixture<GaussianNoise, Real> part(GaussianNoise{0.25}, in, segments * own);
    auto const global = [&](std::size_t n) { return n / own * ranks * own + n % own * ranks + rank; };
    for (std::size_t i = 0; i < part.x.size(); ++i) part.x(i) = whole.x(global(i / in.size()) * in.size() + i % in.size());
    Pass own_pass = pass;
    own_pass.key.samples = {rank, ranks};
    part.run_forward(own_pass);
    for (std::size_t i = 0; i < part.y.size(); ++i) BOOST_TEST(part.y(i) == whole.y(global(i / in.size()) * in.size() + i % in.size()));
  }
}

BOOST_AUTO_TEST_CASE(a_sample_does_not_depend_on_its_batch) { ign_test::check_batch_independence<float>(GaussianNoise{}, {3, 5, 7}, 5); }

BOOST_AUTO_TEST_CASE(bad_options_are_errors) {
  for (double const stddev : {-0.1, std::numeric_limits<double>::infinity(), std::nan(""), 1e30})
    ign_test::fails("ign.option.640", [&] { output_shape(GaussianNoise{stddev}, {1, 1, 1}); });
  BOOST_TEST((output_shape(GaussianNoise{0}, {2, 3, 4}) == Shape{2, 3, 4}));
}

BOOST_AUTO_TEST_SUITE_END()
