// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Cross-entropy against its definition in double, differences, and at the edges of floating point.

#include <boost/test/unit_test.hpp>

#include <ign/losses/cross_entropy.hpp>
#include <ign_test/layer_check.hpp>

#include <limits>

using namespace ign;
using ign_test::as_tensor;
using ign_test::Exec;
using ign_test::random_vector;

BOOST_AUTO_TEST_SUITE(cross_entropy_loss)

namespace {

// Everything that one call puts out.
template <class Real>
struct Outcome {
  Vector<Real, Exec> losses, correct, gradient;

  Outcome(Vector<Real, Exec> const& logits, std::vector<int> labels, double factor = 1)
      : losses(random_vector<Real>(labels.size(), 11)),
        correct(random_vector<Real>(labels.size(), 12)),
        gradient(random_vector<Real>(logits.size(), 13)) {
    Exec const exec;
    int const batch = static_cast<int>(labels.size());
    Shape const shape = {1, 1, static_cast<int>(logits.size() / labels.size())};
    Kokkos::View<int*, Exec> const classes("ign::test", labels.size());
    std::copy(labels.begin(), labels.end(), classes.data());
    cross_entropy(exec, as_tensor<Real>(logits, batch, shape), VectorRef<int, Exec>(classes.data(), classes.size()), factor,
                  VectorRef<Real, Exec>(losses), VectorRef<Real, Exec>(correct), as_tensor<Real>(gradient, batch, shape));
    exec.fence();
  }
};

Vector<float, Exec> floats(std::vector<float> const& numbers) {
  auto const v = make_vector<float>(Exec{}, "ign::test", numbers.size());
  std::copy(numbers.begin(), numbers.end(), v.data());
  return v;
}

}  // namespace

BOOST_AUTO_TEST_CASE(equals_its_definition) {
  for (int classes : {1, 2, 7, 10}) {
    std::size_t const batch = 5;
    auto const logits = random_vector<double>(batch * classes, 1, 3);
    std::vector<int> labels;
    for (std::size_t n = 0; n < batch; ++n) labels.push_back(static_cast<int>(n * 3 % classes));
    Outcome<double> const found(logits, labels, 0.7);
    for (std::size_t n = 0; n < batch; ++n) {
      double const* const row = logits.data() + n * classes;
      double sum = 0;
      for (int i = 0; i < classes; ++i) sum += std::exp(row[i]);
      BOOST_TEST(std::abs(found.losses(n) + std::log(std::exp(row[labels[n]]) / sum)) < 1e-13);
      BOOST_TEST(found.correct(n) == (std::max_element(row, row + classes) - row == labels[n]));
      for (int i = 0; i < classes; ++i)
        BOOST_TEST(std::abs(found.gradient(n * classes + i) - 0.7 * (std::exp(row[i]) / sum - (i == labels[n]))) < 1e-14);
    }
  }
}

BOOST_AUTO_TEST_CASE(gradient_equals_differences) {
  std::vector<int> const labels = {2, 0, 3};
  auto const logits = random_vector<double>(12, 2, 2);
  Outcome<double> const found(logits, labels, 0.3);
  for (std::size_t i = 0; i < 12; ++i) {
    double const old = logits(i), h = 1e-5;
    logits(i) = old + h;
    double const above = Outcome<double>(logits, labels).losses(i / 4);
    logits(i) = old - h;
    double const below = Outcome<double>(logits, labels).losses(i / 4);
    logits(i) = old;
    BOOST_TEST(std::abs(found.gradient(i) - 0.3 * (above - below) / (2 * h)) < 1e-9);
  }
}

// Logits whose exponentials overflow, and samples so certain that 1 - p vanishes beside 1.
BOOST_AUTO_TEST_CASE(is_stable_in_float) {
  Outcome<float> const huge(floats({1000, 990, -1000}), {1});
  BOOST_TEST(std::abs(huge.losses(0) - 10.0000454f) < 2e-6f);
  BOOST_TEST(huge.gradient(2) == 0);
  Outcome<float> const certain(floats({30, 0, 0}), {0});
  float const rest = 2 * std::exp(-30.0f);  // 1 + rest is 1
  BOOST_TEST(std::abs(certain.losses(0) / rest - 1) < 1e-6f);
  BOOST_TEST(std::abs(certain.gradient(0) / -rest - 1) < 1e-6f);
  BOOST_TEST(std::abs(certain.gradient(1) / (rest / 2) - 1) < 1e-6f);
}

BOOST_AUTO_TEST_CASE(of_equal_logits_the_first_is_predicted) {
  auto const logits = floats({1, 3, 3, 3, 2, 1, 0, 0, 0});
  Outcome<float> const found(logits, {1, 0, 1});
  BOOST_TEST(found.correct(0) == 1);
  BOOST_TEST(found.correct(1) == 1);
  BOOST_TEST(found.correct(2) == 0);
  std::vector<int> labels(3, -1);
  Exec const exec;
  predict(exec, as_tensor<float>(logits, 3, {1, 1, 3}), VectorRef<int, Exec>(labels.data(), 3));
  exec.fence();
  BOOST_TEST(labels == (std::vector<int>{1, 0, 0}));
}

BOOST_AUTO_TEST_CASE(a_label_that_is_no_class_has_no_finite_loss_and_no_gradient) {
  ign_test::AllowNan const allow;
  Outcome<float> const found(floats({1, 2, 3, 4, 5, 6}), {-1, 3});
  for (std::size_t n = 0; n < 2; ++n) {
    BOOST_TEST(std::isnan(found.losses(n)));
    BOOST_TEST(found.correct(n) == 0);
    for (std::size_t i = 0; i < 3; ++i) BOOST_TEST(found.gradient(3 * n + i) == 0);
  }
  float const nan = std::numeric_limits<float>::quiet_NaN();
  for (std::size_t place = 0; place < 3; ++place) {
    auto const logits = floats({1, 2, 3});
    logits(place) = nan;
    BOOST_TEST(std::isnan(Outcome<float>(logits, {1}).losses(0)));
  }
}

BOOST_AUTO_TEST_CASE(what_is_absent_is_not_made_and_extents_are_checked) {
  Exec const exec;
  auto const logits = random_vector<float>(6, 1), losses = random_vector<float>(2, 2);
  std::vector<int> labels = {0, 2};
  VectorRef<int, Exec> const two(labels.data(), 2), one(labels.data(), 1);
  auto const rows = as_tensor<float>(logits, 2, {1, 1, 3});
  cross_entropy(exec, rows, two, 1, VectorRef<float, Exec>(losses), {}, {});
  exec.fence();
  BOOST_TEST(losses(1) == (Outcome<float>(logits, labels).losses(1)));
  auto const refused = [](Error const& e) { return e.id() == "ign.shape.232"; };
  BOOST_CHECK_EXCEPTION(cross_entropy(exec, rows, one, 1, VectorRef<float, Exec>(losses), {}, {}), Error, refused);
  BOOST_CHECK_EXCEPTION(cross_entropy(exec, as_tensor<float>(logits, 2, {3, 1, 1}), two, 1, VectorRef<float, Exec>(losses), {}, {}), Error,
                        refused);
  BOOST_CHECK_EXCEPTION(cross_entropy(exec, rows, two, 1, VectorRef<float, Exec>(losses), {}, as_tensor<float>(logits, 1, {1, 1, 3})),
                        Error, refused);
  BOOST_CHECK_EXCEPTION(predict(exec, rows, one), Error, refused);
}

BOOST_AUTO_TEST_SUITE_END()
