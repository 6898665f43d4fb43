// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include <boost/test/unit_test.hpp>

#include <ign/data/toy.hpp>
#include <ign_test/layer_check.hpp>

#include <limits>

using namespace ign;
using data::GaussianMixture;
using ign_test::Exec;

BOOST_AUTO_TEST_SUITE(toy)

namespace {

// Each mode has its share of the points, their mean at its centre and its standard deviation in every direction.
void check_moments(GaussianMixture const& mixture) {
  Exec const exec;
  int const count = 200000, d = mixture.dimensions();
  auto const x = make_vector<double>(exec, "ign::test", static_cast<std::size_t>(count * d));
  data::draw(exec, mixture, ign_test::key(1), ign_test::as_tensor<double>(x, count, mixture.shape()));
  exec.fence();
  std::vector<double> hits(mixture.mode_count(), 0), sums(2 * hits.size(), 0), squares(hits.size(), 0);
  double weights = 0;
  for (std::size_t k = 0; k < hits.size(); ++k) weights += mixture.mode(k).weight;
  for (int n = 0; n < count; ++n) {
    std::size_t best = 0;
    std::vector<double> distances(hits.size(), 0);
    for (std::size_t k = 0; k < hits.size(); ++k) {
      for (int i = 0; i < d; ++i) distances[k] += std::pow(x(n * d + i) - mixture.mode(k).centre[i], 2);
      if (distances[k] < distances[best]) best = k;
    }
    hits[best] += 1;
    squares[best] += distances[best] / d;
    for (int i = 0; i < d; ++i) sums[2 * best + i] += x(n * d + i) - mixture.mode(best).centre[i];
  }
  for (std::size_t k = 0; k < hits.size(); ++k) {
    auto const& mode = mixture.mode(k);
    double const share = mode.weight / weights, tolerance = 5 / std::sqrt(count * share);
    BOOST_TEST(std::abs(hits[k] / count / share - 1) < tolerance);
    BOOST_TEST(std::abs(squares[k] / hits[k] / std::pow(mode.stddev, 2) - 1) < 2 * tolerance);
    for (int i = 0; i < d; ++i) BOOST_TEST(std::abs(sums[2 * k + i] / hits[k]) < tolerance * mode.stddev);
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(mixtures_have_their_moments) {
  check_moments(data::line_mixture());
  check_moments(data::ring_mixture());
  check_moments(data::grid_mixture());
}

BOOST_AUTO_TEST_CASE(modes_are_where_the_literature_has_them) {
  auto const line = data::line_mixture(), ring = data::ring_mixture(), grid = data::grid_mixture();
  BOOST_TEST(line.shape() == (Shape{1, 1, 1}));
  BOOST_TEST(line.mode(0).centre[0] == 0.6);
  BOOST_TEST(line.mode(1).stddev == 0.05);
  BOOST_TEST(ring.mode_count() == 8u);
  for (std::size_t k = 0; k < 8; ++k) BOOST_TEST(std::abs(std::hypot(ring.mode(k).centre[0], ring.mode(k).centre[1]) - 2) < 1e-15);
  BOOST_TEST(std::abs(ring.mode(1).centre[1] - std::sqrt(2.0)) < 1e-15);
  BOOST_TEST(grid.mode_count() == 25u);
  BOOST_TEST(grid.mode(0).centre[0] == -4);
  BOOST_TEST(grid.mode(7).centre[0] == 0);
  BOOST_TEST(grid.mode(7).centre[1] == -2);
}

BOOST_AUTO_TEST_CASE(points_follow_from_seed_and_step_alone) {
  data::PointBatches<Exec> const batches(data::ring_mixture(), {33, 7});
  auto const a = ign_test::random_vector<float>(66, 1), b = ign_test::random_vector<float>(66, 2), c = ign_test::random_vector<float>(8, 3);
  batches.gather(Exec{}, 5, ign_test::as_tensor<float>(a, 33, {1, 1, 2}));
  batches.gather(ign_test::one_thread(), 5, ign_test::as_tensor<float>(b, 33, {1, 1, 2}));
  batches.gather(ign_test::one_thread(), 5, ign_test::as_tensor<float>(c, 4, {1, 1, 2}));
  Exec().fence();
  for (std::size_t i = 0; i < 66; ++i) BOOST_TEST(a(i) == b(i));
  for (std::size_t i = 0; i < 8; ++i) BOOST_TEST(a(i) == c(i));
  batches.gather(Exec{}, 6, ign_test::as_tensor<float>(b, 33, {1, 1, 2}));
  Exec().fence();
  BOOST_TEST(a(0) != b(0));
  BOOST_TEST(batches.batches_per_epoch() == 65536u / 33);
}

BOOST_AUTO_TEST_CASE(bad_input_is_an_error) {
  auto const id = [](char const* expected) { return [expected](Error const& e) { return e.id() == expected; }; };
  BOOST_CHECK_EXCEPTION(GaussianMixture(3, {{}}), Error, id("ign.option.276"));
  BOOST_CHECK_EXCEPTION(GaussianMixture(2, {}), Error, id("ign.option.276"));
  BOOST_CHECK_EXCEPTION(GaussianMixture(2, std::vector<data::GaussianMode>(33)), Error, id("ign.option.276"));
  BOOST_CHECK_EXCEPTION(GaussianMixture(1, {{{}, 0, 1}}), Error, id("ign.option.276"));
  BOOST_CHECK_EXCEPTION(GaussianMixture(1, {{{}, 1, std::numeric_limits<double>::infinity()}}), Error, id("ign.option.276"));
  BOOST_CHECK_EXCEPTION(data::PointBatches<Exec>(data::ring_mixture(), {0}), Error, id("ign.option.277"));
  BOOST_CHECK_EXCEPTION(data::PointBatches<Exec>(data::ring_mixture(), {.batch = 9, .epoch = 8}), Error, id("ign.option.277"));
  auto const x = ign_test::random_vector<float>(6, 1);
  BOOST_CHECK_EXCEPTION(data::draw(Exec{}, data::ring_mixture(), Key{}, ign_test::as_tensor<float>(x, 2, {1, 1, 3})), Error,
                        id("ign.shape.275"));
}

BOOST_AUTO_TEST_SUITE_END()
