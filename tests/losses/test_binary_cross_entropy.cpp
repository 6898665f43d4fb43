// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include <boost/test/unit_test.hpp>

#include <ign/losses/binary_cross_entropy.hpp>
#include <ign/losses/distance.hpp>

#include <cmath>

using ign::BinaryCrossEntropy;

BOOST_AUTO_TEST_SUITE(binary_cross_entropy)

static_assert(ign::Distance<BinaryCrossEntropy>);

BOOST_AUTO_TEST_CASE(equals_its_definition_and_has_its_derivatives) {
  BinaryCrossEntropy const loss;
  for (double l : {-9.0, -1.3, -1e-3, 0.2, 4.0, 11.0})
    for (double t : {0.0, 0.1, 0.5, 1.0}) {
      double const p = 1 / (1 + std::exp(-l)), h = 1e-6;
      BOOST_TEST(std::abs(loss.value(l, t) + t * std::log(p) + (1 - t) * std::log(1 - p)) < 1e-10);
      BOOST_TEST(std::abs(loss.derivative_first(l, t) - (loss.value(l + h, t) - loss.value(l - h, t)) / (2 * h)) < 1e-8);
      BOOST_TEST(std::abs(loss.derivative_second(l, t) - (loss.value(l, t + h) - loss.value(l, t - h)) / (2 * h)) < 1e-8);
    }
}

BOOST_AUTO_TEST_CASE(far_logits_neither_overflow_nor_vanish) {
  BinaryCrossEntropy const loss;
  BOOST_TEST(loss.value(1e4f, 0.0f) == 1e4f);
  BOOST_TEST(loss.value(-1e4f, 1.0f) == 1e4f);
  BOOST_TEST(loss.value(1e4f, 1.0f) == 0.0f);
  BOOST_TEST(loss.derivative_first(1e4f, 0.0f) == 1.0f);
  BOOST_TEST(loss.derivative_first(-1e4f, 1.0f) == -1.0f);
  BOOST_TEST(loss.derivative_first(-1e4f, 0.0f) == 0.0f);
  BOOST_TEST(std::abs(loss.value(-30.0f, 0.0f) / std::exp(-30.0f) - 1) < 1e-6f);  // where log(1 + e^l) would be 0
}

BOOST_AUTO_TEST_SUITE_END()
