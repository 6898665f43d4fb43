// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include <boost/test/unit_test.hpp>

#include <ign/layers/minibatch_stddev.hpp>
#include <ign_test/layer_check.hpp>

using namespace ign;
using ign_test::LayerFixture;

BOOST_AUTO_TEST_SUITE(minibatch_stddev)

namespace {

Pass joint_pass(Role first = Role::data, Role second = Role::generated) {
  Pass pass;
  pass.segments = 2;
  pass.roles = {first, second};
  return pass;
}

Pass three_segments() {
  Pass pass;
  pass.segments = 3;
  pass.roles = {Role::generated, Role::data, Role::source};
  return pass;
}

// Mean over all numbers of their standard deviation over samples [first, last).
double spread(LayerFixture<MinibatchStddev, double> const& f, std::size_t first, std::size_t last) {
  double sum = 0;
  for (std::size_t k = 0; k < f.in.size(); ++k) {
    double mean = 0, square = 0;
    for (std::size_t n = first; n < last; ++n) mean += f.x(n * f.in.size() + k) / static_cast<double>(last - first);
    for (std::size_t n = first; n < last; ++n) square += std::pow(f.x(n * f.in.size() + k) - mean, 2) / static_cast<double>(last - first);
    sum += std::sqrt(square + f.layer.epsilon);
  }
  return sum / static_cast<double>(f.in.size());
}

}  // namespace

BOOST_AUTO_TEST_CASE(gradients) {
  ign_test::check_gradients(MinibatchStddev{}, {2, 3, 3}, 4);
  ign_test::check_gradients(MinibatchStddev{.group = 2}, {1, 1, 70}, 5);
  ign_test::check_gradients(MinibatchStddev{.group = 3}, {3, 2, 2}, 2);
  ign_test::check_gradients(MinibatchStddev{}, {2, 2, 3}, 1);
  ign_test::check_gradients(MinibatchStddev{.group = 2}, {3, 3, 2}, 10, joint_pass());
  ign_test::check_gradients(MinibatchStddev{.group = 2}, {3, 3, 2}, 9, three_segments());
  ign_test::check_gradients(MinibatchStddev{.group = 2}, {3, 3, 2}, 4, pass_of(Role::generated, Mode::evaluate));
  Pass running = three_segments();
  running.batch_statistics = false;
  ign_test::check_gradients(MinibatchStddev{.group = 2}, {3, 3, 2}, 6, running);
}

// Groups never mix the segments, and share their samples out evenly: of 7 samples 3 and 4.
BOOST_AUTO_TEST_CASE(equals_its_definition) {
  LayerFixture<MinibatchStddev, double> f({.group = 3, .momentum = 0.25}, {4, 5, 7}, 14);
  std::vector<double> const before(f.statistics.data(), f.statistics.data() + 3);
  f.run_forward(joint_pass());
  std::size_t const bounds[] = {0, 3, 7, 10, 14};
  double mean[2] = {0, 0};
  for (std::size_t g = 0; g < 4; ++g) {
    double const expected = spread(f, bounds[g], bounds[g + 1]);
    mean[g / 2] += expected / 2;
    for (std::size_t pixel = bounds[g] * 20; pixel < bounds[g + 1] * 20; ++pixel) {
      for (std::size_t c = 0; c < 7; ++c) BOOST_TEST(f.y(pixel * 8 + c) == f.x(pixel * 7 + c));
      BOOST_TEST(std::abs(f.y(pixel * 8 + 7) - expected) < 1e-13);
    }
  }
  BOOST_TEST(std::abs(f.statistics(0) - (0.75 * before[0] + 0.25 * mean[0])) < 1e-14);  // data
  BOOST_TEST(f.statistics(1) == before[1]);                                             // source: not in this pass
  BOOST_TEST(std::abs(f.statistics(2) - (0.75 * before[2] + 0.25 * mean[1])) < 1e-14);  // generated
}

BOOST_AUTO_TEST_CASE(three_segments_have_three_running_spreads) {
  LayerFixture<MinibatchStddev, double> f({.group = 2, .momentum = 0.25}, {2, 3, 5}, 9);
  std::vector<double> const before(f.statistics.data(), f.statistics.data() + 3);
  f.run_forward(three_segments());
  for (std::size_t segment = 0; segment < 3; ++segment) {
    double const expected = spread(f, 3 * segment, 3 * segment + 3);
    for (std::size_t pixel = 18 * segment; pixel < 18 * segment + 18; ++pixel) BOOST_TEST(std::abs(f.y(pixel * 6 + 5) - expected) < 1e-13);
    std::size_t const role = (segment + 2) % 3;
    BOOST_TEST(std::abs(f.statistics(role) - (0.75 * before[role] + 0.25 * expected)) < 1e-14);
  }
  Pass pass = three_segments();
  pass.mode = Mode::evaluate;
  f.run_forward(pass);
  for (std::size_t pixel = 0; pixel < 54; ++pixel) BOOST_TEST(f.y(pixel * 6 + 5) == f.statistics((pixel / 18 + 2) % 3));
}

BOOST_AUTO_TEST_CASE(segments_of_one_role_both_count_and_constant_statistics_stay) {
  LayerFixture<MinibatchStddev, double> f({.momentum = 0.5}, {1, 2, 3}, 6);
  double const before = f.statistics(0);
  Pass pass = joint_pass(Role::data, Role::data);
  pass.update_statistics = false;
  f.run_forward(pass);
  BOOST_TEST(f.statistics(0) == before);
  pass.update_statistics = true;
  f.run_forward(pass);
  BOOST_TEST(std::abs(f.statistics(0) - (before / 4 + spread(f, 0, 3) / 4 + spread(f, 3, 6) / 2)) < 1e-14);
}

BOOST_AUTO_TEST_CASE(evaluates_with_its_role_and_not_with_its_batch) {
  ign_test::check_batch_independence<float>(MinibatchStddev{}, {3, 5, 7}, 5);
  LayerFixture<MinibatchStddev, double> f(MinibatchStddev{}, {2, 2, 3}, 4);
  Pass pass = joint_pass(Role::generated, Role::source);
  pass.mode = Mode::evaluate;
  f.run_forward(pass);
  for (std::size_t pixel = 0; pixel < 16; ++pixel) BOOST_TEST(f.y(pixel * 4 + 3) == f.statistics(pixel < 8 ? 2 : 1));
  BOOST_TEST(!couples_samples(f.layer, pass));
  Pass running = joint_pass(Role::generated, Role::source);
  running.batch_statistics = false;
  double const before = f.statistics(1);
  f.run_forward(running);
  for (std::size_t pixel = 0; pixel < 16; ++pixel) BOOST_TEST(f.y(pixel * 4 + 3) == f.statistics(pixel < 8 ? 2 : 1));
  BOOST_TEST(f.statistics(1) == before);
  BOOST_TEST(!couples_samples(f.layer, running));
  BOOST_TEST(couples_samples(f.layer, Pass{}));
}

BOOST_AUTO_TEST_CASE(bad_options_are_an_error) {
  for (MinibatchStddev const& layer : {MinibatchStddev{.group = 1}, MinibatchStddev{.momentum = 0}, MinibatchStddev{.epsilon = 0}})
    BOOST_CHECK_EXCEPTION(output_shape(layer, Shape{2, 2, 2}), Error, [](Error const& e) { return e.id() == "ign.option.279"; });
}

BOOST_AUTO_TEST_SUITE_END()
