// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Layers of conditional nets against loops written from their definition, central differences and values computed elsewhere.

#include <boost/test/unit_test.hpp>

#include <ign/core/condition.hpp>
#include <ign/layers/conditional_layers.hpp>
#include <ign_test/layer_check.hpp>

using namespace ign;
using ign_test::as_tensor;
using ign_test::Exec;
using ign_test::LayerFixture;

BOOST_AUTO_TEST_SUITE(condition_layers)

BOOST_AUTO_TEST_CASE(gradients) {
  for (Shape in : {Shape{2, 3, 5}, Shape{1, 1, 7}, Shape{3, 2, 1}}) {
    for (int length : {1, 4}) {
      ign_test::check_gradients(ConditionChannels{length}, in, 3);
      ign_test::check_gradients(ConditionalScale{length}, in, 3);
    }
  }
  ign_test::check_gradients(ConditionalScale{3}, {40, 30, 3}, 2);  // more than one chunk of a host kernel, which begin within a pixel
}

BOOST_AUTO_TEST_CASE(equal_their_definition) {
  constexpr std::size_t batch = 3, length = 4, channels = 5, pixels = 900;
  Shape const in = {30, 30, 5};
  LayerFixture<ConditionChannels, double> appended({4}, in, 3);
  appended.run_forward({});
  LayerFixture<ConditionalScale, double> scaled({4}, in, 3);
  scaled.run_forward({});
  std::size_t different = 0;
  for (std::size_t n = 0; n < batch; ++n) {
    for (std::size_t p = 0; p < pixels; ++p) {
      std::size_t const pixel = n * pixels + p;
      for (std::size_t c = 0; c < channels; ++c) {
        different += appended.y(pixel * 9 + c) != appended.x(pixel * channels + c);
        double scale = 1, shift = 0;
        for (std::size_t k = 0; k < length; ++k) {
          scale += scaled.condition(n * length + k) * scaled.parameters(k * channels + c);
          shift += scaled.condition(n * length + k) * scaled.parameters((length + k) * channels + c);
        }
        different += std::abs(scaled.y(pixel * channels + c) - (scaled.x(pixel * channels + c) * scale + shift)) > 1e-13;
      }
      for (std::size_t k = 0; k < length; ++k) different += appended.y(pixel * 9 + channels + k) != appended.condition(n * length + k);
    }
  }
  BOOST_TEST(different == 0u);
}

// y, dx and the gradients of S and T, computed in Python with exact fractions.
BOOST_AUTO_TEST_CASE(scale_gives_the_values_computed_elsewhere) {
  LayerFixture<ConditionalScale, double> f({2}, {1, 2, 2}, 2);
  auto const set = [](Vector<double, Exec> const& to, std::vector<double> const& values) {
    for (std::size_t i = 0; i < values.size(); ++i) to(i) = values[i];
  };
  set(f.x, {1, 2, 3, -1, 0.5, 1, -2, 4});
  set(f.condition, {1, 0, 0.5, 2});
  set(f.parameters, {0.25, -0.5, 1, 2, 3, 0, -1, 0.5});
  set(f.dy, {1, 0.5, -1, 2, 4, 1, 0.25, -2});
  Kokkos::deep_copy(f.gradients, 0.0);
  f.run_forward({});
  f.run_backward({}, true, false, true);
  auto const equal = [](Vector<double, Exec> const& found, std::vector<double> const& expected) {
    BOOST_TEST_REQUIRE(found.size() == expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) BOOST_TEST(found(i) == expected[i]);
  };
  equal(f.y, {4.25, 1, 6.75, -0.5, 1.0625, 5.75, -6.75, 20});
  equal(f.dx, {1.25, 0.25, -1.25, 1, 12.5, 4.75, 0.78125, -9.5});
  equal(f.gradients, {-1.25, -4.5, 3, -14, 2.125, 2, 8.5, -2});
}

BOOST_AUTO_TEST_CASE(one_condition_serves_all_samples) {
  LayerFixture<ConditionalScale, float> each({3}, {2, 2, 4}, 3), one({3}, {2, 2, 4}, 3);
  for (std::size_t i = 0; i < 9; ++i) each.condition(i) = each.condition(i % 3);
  each.run_forward({});
  auto memory = one.memory(false, false);
  memory.condition = batch_range(memory.condition, 0, 1);
  forward(one.exec, one.layer, Pass{}, memory, as_tensor<float>(one.x, 3, one.in), as_tensor<float>(one.y, 3, one.out));
  one.exec.fence();
  for (std::size_t i = 0; i < each.y.size(); ++i) BOOST_TEST(each.y(i) == one.y(i));
}

BOOST_AUTO_TEST_CASE(a_sample_does_not_depend_on_its_batch) {
  ign_test::check_batch_independence<float>(ConditionalScale{10}, {7, 5, 33}, 4);
  ign_test::check_batch_independence<float>(ConditionChannels{10}, {7, 5, 33}, 4);
}

BOOST_AUTO_TEST_CASE(scale_is_the_identity_at_first) {
  Exec const exec;
  LayerFixture<ConditionalScale, float> f({3}, {2, 2, 4}, 3);
  initialize(exec, parameters(f.layer, f.in), VectorRef<float, Exec>(f.parameters), ign_test::key(12));
  f.run_forward({});
  for (std::size_t i = 0; i < f.x.size(); ++i) BOOST_TEST(f.y(i) == f.x(i));
}

BOOST_AUTO_TEST_CASE(labels_become_rows_with_a_one) {
  Exec const exec;
  auto const rows = ign_test::random_vector<float>(12, 1);
  auto const condition = as_tensor<float>(rows, 4, {1, 1, 3});
  Vector<int, Exec> const labels("ign::test", 4);
  for (int n = 0; n < 4; ++n) labels(n) = n - 1;  // -1 is no class
  one_hot(exec, VectorRef<int, Exec>(labels), condition);
  exec.fence();
  for (std::size_t n = 0; n < 4; ++n)
    for (std::size_t k = 0; k < 3; ++k) BOOST_TEST(rows(n * 3 + k) == (n == k + 1 ? 1.0f : 0.0f));
  auto const all = all_classes<float>(exec, 3);
  exec.fence();
  for (std::size_t k = 0; k < 3; ++k)
    for (std::size_t i = 0; i < 3; ++i) BOOST_TEST(all(k, 0, 0, i) == (i == k ? 1.0f : 0.0f));
  BOOST_CHECK_EXCEPTION(one_hot(exec, VectorRef<int, Exec>(labels), as_tensor<float>(rows, 3, {1, 1, 3})), Error,
                        [](Error const& e) { return e.id() == "ign.shape.541"; });
  BOOST_CHECK_EXCEPTION(all_classes<float>(exec, 0), Error, [](Error const& e) { return e.id() == "ign.option.540"; });
}

BOOST_AUTO_TEST_CASE(impossible_lengths_are_an_error) {
  auto const refused = [](Error const& e) { return e.id() == "ign.option.540"; };
  BOOST_CHECK_EXCEPTION(output_shape(ConditionChannels{0}, {2, 2, 1}), Error, refused);
  BOOST_CHECK_EXCEPTION(output_shape(ConditionalScale{-1}, {2, 2, 1}), Error, refused);
}

BOOST_AUTO_TEST_SUITE_END()
