// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include <boost/test/unit_test.hpp>

#include <ign/layers/activations.hpp>
#include <ign/layers/batch_norm.hpp>
#include <ign/layers/conv_transpose2d.hpp>
#include <ign/layers/dropout.hpp>
#include <ign/layers/group_norm.hpp>
#include <ign/layers/linear.hpp>
#include <ign/layers/reshape.hpp>
#include <ign_test/layer_check.hpp>

#include <cmath>
#include <limits>

using namespace ign;
using ign_test::LayerFixture;

BOOST_AUTO_TEST_SUITE(layers)

namespace {

Pass joint_pass(std::array<Role, 3> const& roles, int segments) {
  Pass pass;
  pass.segments = segments;
  pass.roles = roles;
  return pass;
}
constexpr std::array<Role, 3> in_order = {Role::data, Role::source, Role::generated};

}  // namespace

BOOST_AUTO_TEST_CASE(gradients_of_norms) {
  ign_test::check_gradients(BatchNorm{}, {3, 5, 3}, 2);
  ign_test::check_gradients(BatchNorm{}, {1, 1, 70}, 5);
  ign_test::check_gradients(BatchNorm{}, {4, 3, 2}, 1);
  for (int segments : {2, 3}) {
    ign_test::check_gradients(BatchNorm{}, {3, 3, 2}, 2 * segments, joint_pass(in_order, segments));
    ign_test::check_gradients(BatchNorm{}, {1, 1, 70}, 2 * segments, joint_pass(in_order, segments));
    ign_test::check_gradients(GroupNorm{.groups = 2}, {3, 2, 4}, segments, joint_pass(in_order, segments));
  }
  ign_test::check_gradients(BatchNorm{}, {3, 3, 2}, 3, pass_of(Role::generated, Mode::evaluate));
  Pass running = joint_pass(in_order, 3);
  running.batch_statistics = false;
  ign_test::check_gradients(BatchNorm{}, {1, 1, 70}, 3, running);
  ign_test::check_gradients(GroupNorm{.groups = 2}, {3, 2, 6}, 3);
  ign_test::check_gradients(GroupNorm{.groups = 1}, {1, 2, 3}, 1);
}

BOOST_AUTO_TEST_CASE(gradients_of_the_others) {
  ign_test::check_gradients(LeakyRelu{}, {3, 5, 3}, 2);
  ign_test::check_gradients(Relu{}, {3, 5, 3}, 2);
  ign_test::check_gradients(Tanh{}, {3, 5, 3}, 2);
  ign_test::check_gradients(Sigmoid{}, {3, 5, 3}, 1);
  ign_test::check_gradients(Dropout{0.3}, {3, 5, 3}, 2);
  ign_test::check_gradients(Dropout{0.3}, {3, 5, 3}, 2, pass_of(Role::data, Mode::evaluate));
  ign_test::check_gradients(Flatten{}, {3, 2, 4}, 2);
  ign_test::check_gradients(Reshape{{3, 2, 4}}, {1, 1, 24}, 2);
}

BOOST_AUTO_TEST_CASE(a_sample_does_not_depend_on_its_batch) {
  ign_test::check_batch_independence<float>(BatchNorm{}, {3, 5, 70}, 5);
  ign_test::check_batch_independence<float>(GroupNorm{.groups = 2}, {3, 5, 4}, 5);
  ign_test::check_batch_independence<float>(Tanh{}, {3, 5, 7}, 5);
  ign_test::check_batch_independence<float>(LeakyRelu{}, {3, 5, 7}, 5);
}

// Batch statistics of each segment, and running statistics of its role, against plain sums.
void check_batch_norm(std::array<Role, 3> const& roles, std::size_t segments, std::size_t samples) {
  LayerFixture<BatchNorm, double> f(BatchNorm{.momentum = 0.25}, {13, 11, 3}, static_cast<int>(segments * samples));
  auto const before = std::vector<double>(f.statistics.data(), f.statistics.data() + f.statistics.size());
  f.run_forward(joint_pass(roles, static_cast<int>(segments)));
  std::size_t const rows = samples * 13 * 11;
  for (std::size_t segment = 0; segment < segments; ++segment)
    for (std::size_t c = 0; c < 3; ++c) {
      double mean = 0, square = 0;
      for (std::size_t r = 0; r < rows; ++r) mean += f.x((segment * rows + r) * 3 + c) / rows;
      for (std::size_t r = 0; r < rows; ++r) square += std::pow(f.x((segment * rows + r) * 3 + c) - mean, 2);
      for (std::size_t r = 0; r < rows; ++r) {
        std::size_t const i = (segment * rows + r) * 3 + c;
        double const expected = (f.x(i) - mean) / std::sqrt(square / rows + 1e-5) * f.parameters(c) + f.parameters(3 + c);
        BOOST_TEST(std::abs(f.y(i) - expected) < 1e-12);
      }
      std::size_t const at = 6 * static_cast<std::size_t>(roles[segment]) + c;
      BOOST_TEST(std::abs(f.statistics(at) - (0.75 * before[at] + 0.25 * mean)) < 1e-13);
      BOOST_TEST(std::abs(f.statistics(at + 3) - (0.75 * before[at + 3] + 0.25 * square / (rows - 1))) < 1e-13);
    }
  for (std::size_t segment = segments; segment < 3; ++segment)  // roles that are not in this pass
    for (std::size_t i = 6 * static_cast<std::size_t>(roles[segment]), end = i + 6; i < end; ++i) BOOST_TEST(f.statistics(i) == before[i]);
}

BOOST_AUTO_TEST_CASE(batch_norm_equals_its_definition) {
  check_batch_norm(in_order, 1, 3);
  check_batch_norm(in_order, 2, 2);
  check_batch_norm(in_order, 3, 2);
  check_batch_norm(in_order, 3, 1);
  check_batch_norm({Role::generated, Role::data, Role::source}, 3, 5);
}

BOOST_AUTO_TEST_CASE(batches_that_cannot_be_cut_are_errors) {
  auto const refused = [](Error const& e) { return e.id() == "ign.shape.2"; };
  BOOST_TEST(segment_size(joint_pass(in_order, 3), 6) == 2);
  for (auto const& [segments, batch] : {std::pair(0, 4), std::pair(2, 3), std::pair(3, 4), std::pair(4, 4)})
    BOOST_CHECK_EXCEPTION(segment_size(joint_pass(in_order, segments), batch), Error, refused);
}

BOOST_AUTO_TEST_CASE(batch_norm_evaluates_with_its_role) {
  for (Role role : {Role::data, Role::source, Role::generated}) {
    LayerFixture<BatchNorm, double> f(BatchNorm{}, {2, 3, 2}, 2);
    f.run_forward(pass_of(role, Mode::evaluate));
    for (std::size_t i = 0; i < f.y.size(); ++i) {
      std::size_t const c = i % 2, at = 4 * static_cast<std::size_t>(role) + c;
      double const expected = (f.x(i) - f.statistics(at)) / std::sqrt(f.statistics(at + 2) + 1e-5) * f.parameters(c) + f.parameters(2 + c);
      BOOST_TEST(std::abs(f.y(i) - expected) < 1e-12);
    }
  }
}

// Training with running statistics: bitwise the results of evaluation, with statistics left as they are.
BOOST_AUTO_TEST_CASE(batch_norm_trains_with_running_statistics) {
  auto const outputs = [](Mode mode) {
    Pass pass = joint_pass(in_order, 3);
    pass.mode = mode;
    pass.batch_statistics = false;
    BOOST_TEST(!couples_samples(BatchNorm{}, pass));
    LayerFixture<BatchNorm, double> f(BatchNorm{}, {2, 3, 5}, 6);
    std::vector<double> const before(f.statistics.data(), f.statistics.data() + f.statistics.size());
    f.run_forward(pass);
    f.run_backward(pass, true, false, true);
    BOOST_TEST(std::equal(before.begin(), before.end(), f.statistics.data()));
    std::vector<double> all(f.y.data(), f.y.data() + f.y.size());
    all.insert(all.end(), f.dx.data(), f.dx.data() + f.dx.size());
    all.insert(all.end(), f.gradients.data(), f.gradients.data() + f.gradients.size());
    return all;
  };
  BOOST_TEST((outputs(Mode::train) == outputs(Mode::evaluate)));
}

BOOST_AUTO_TEST_CASE(group_norm_equals_its_definition) {
  LayerFixture<GroupNorm, double> f(GroupNorm{.groups = 2}, {3, 2, 4}, 2);
  f.run_forward({});
  for (std::size_t n = 0; n < 2; ++n)
    for (std::size_t group = 0; group < 2; ++group) {
      double mean = 0, square = 0;
      auto const each = [&](auto const& visit) {
        for (std::size_t p = 0; p < 6; ++p)
          for (std::size_t c = 2 * group; c < 2 * group + 2; ++c) visit((n * 6 + p) * 4 + c, c);
      };
      each([&](std::size_t i, std::size_t) { mean += f.x(i) / 12; });
      each([&](std::size_t i, std::size_t) { square += (f.x(i) - mean) * (f.x(i) - mean) / 12; });
      each([&](std::size_t i, std::size_t c) {
        double const expected = (f.x(i) - mean) / std::sqrt(square + 1e-5) * f.parameters(c) + f.parameters(4 + c);
        BOOST_TEST(std::abs(f.y(i) - expected) < 1e-12);
      });
    }
}

BOOST_AUTO_TEST_CASE(tanh_is_accurate_to_four_units_in_the_last_place) {
  for (float x = 1e-6f; x < 12; x *= 1.0001f) {
    double const exact = std::tanh(static_cast<double>(x));
    double const unit =
        static_cast<double>(std::nextafter(static_cast<float>(exact), 2.0f)) - static_cast<double>(static_cast<float>(exact));
    if (std::abs(static_cast<double>(math::tanh(x)) - exact) > 4 * unit) BOOST_ERROR("tanh(" << x << ") = " << math::tanh(x));
    if (math::tanh(-x) != -math::tanh(x)) BOOST_ERROR("tanh is not odd at " << x);
  }
  BOOST_TEST(math::tanh(0.0f) == 0.0f);
  BOOST_TEST(math::tanh(1e30f) == 1.0f);
}

// As in PyTorch: a net with NaN does not hide it.
BOOST_AUTO_TEST_CASE(relu_propagates_nan) {
  ign_test::AllowNan const allow;
  LayerFixture<Relu, float> f(Relu{}, {2, 2, 1}, 1);
  f.x(0) = std::numeric_limits<float>::quiet_NaN();
  f.x(1) = -1;
  f.x(2) = 0;
  f.x(3) = 2;
  f.run_forward({});
  BOOST_TEST(std::isnan(f.y(0)));
  BOOST_TEST(f.y(1) == 0);
  BOOST_TEST(f.y(2) == 0);
  BOOST_TEST(f.y(3) == 2);
}

BOOST_AUTO_TEST_CASE(dropout_keeps_its_share) {
  LayerFixture<Dropout, float> f(Dropout{0.3}, {20, 20, 20}, 10);
  f.run_forward({});
  std::size_t dropped = 0;
  for (std::size_t i = 0; i < f.y.size(); ++i) {
    dropped += f.y(i) == 0;
    BOOST_TEST((f.y(i) == 0 || std::abs(f.y(i) * 0.7f - f.x(i)) <= 1e-6f * std::abs(f.x(i))));
  }
  BOOST_TEST(std::abs(static_cast<double>(dropped) / static_cast<double>(f.y.size()) - 0.3) < 0.01);
}

BOOST_AUTO_TEST_CASE(flatten_has_the_order_of_pytorch) {
  LayerFixture<Flatten, float> f(Flatten{}, {2, 3, 4}, 2);
  f.run_forward({});
  for (std::size_t n = 0; n < 2; ++n)
    for (std::size_t y = 0; y < 2; ++y)
      for (std::size_t x = 0; x < 3; ++x)
        for (std::size_t c = 0; c < 4; ++c) BOOST_TEST(f.y(n * 24 + (c * 2 + y) * 3 + x) == f.x(((n * 2 + y) * 3 + x) * 4 + c));
}

BOOST_AUTO_TEST_CASE(bad_options_are_errors) {
  auto const id = [](char const* expected) { return [expected](Error const& e) { return e.id() == expected; }; };
  BOOST_CHECK_EXCEPTION(output_shape(LeakyRelu{0}, {1, 1, 1}), Error, id("ign.option.60"));
  BOOST_CHECK_EXCEPTION(output_shape(Dropout{1}, {1, 1, 1}), Error, id("ign.option.61"));
  BOOST_CHECK_EXCEPTION(output_shape(Reshape{{2, 2, 1}}, {1, 1, 3}), Error, id("ign.shape.62"));
  BOOST_CHECK_EXCEPTION(output_shape(GroupNorm{.groups = 3}, {1, 1, 4}), Error, id("ign.option.63"));
  BOOST_CHECK_EXCEPTION(output_shape(BatchNorm{.momentum = 2}, {1, 1, 4}), Error, id("ign.option.64"));
  BOOST_CHECK_EXCEPTION((LayerFixture<BatchNorm, double>(BatchNorm{}, {1, 1, 4}, 1).run_forward({})), Error, id("ign.shape.64"));
}

BOOST_AUTO_TEST_CASE(fused_pairs_equal_their_parts) {
  auto const check = [](auto const& activation) {
    for (int segments : {1, 2, 3}) ign_test::check_fused(BatchNorm{}, activation, {3, 2, 70}, segments);
    ign_test::check_fused(Conv2d{9, 4, 2, 1}, activation, {6, 8, 10}, 1);
    ign_test::check_fused(Conv2d{5, 3, 1, 1, false}, activation, {4, 5, 2}, 1);
    ign_test::check_fused(ConvTranspose2d{3, 4, 2, 1}, activation, {3, 4, 10}, 1);
    ign_test::check_fused(Linear{7}, activation, {1, 1, 5}, 1);
  };
  check(LeakyRelu{0.2});
  check(Relu{});
}

BOOST_AUTO_TEST_SUITE_END()
