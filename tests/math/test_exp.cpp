// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include <boost/test/unit_test.hpp>

#include <ign/math/exp.hpp>
#include <ign_test/environment.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

using namespace ign;

BOOST_AUTO_TEST_SUITE(exponential)

BOOST_AUTO_TEST_CASE(two_units_in_the_last_place) {
  double worst = 0;
  for (float x = 0; x >= -87.0f; x -= 1.7e-5f + 3e-5f * -x) {
    double const exact = std::exp(static_cast<double>(x));
    double const unit = std::nextafter(static_cast<float>(exact), 2.0f) - static_cast<float>(exact);
    worst = std::max(worst, std::abs(static_cast<double>(math::exp_nonpositive(x)) - exact) / unit);
  }
  BOOST_TEST(worst <= 2, worst << " units in the last place");
}

BOOST_AUTO_TEST_CASE(ends_of_the_range) {
  BOOST_TEST(math::exp_nonpositive(0.0f) == 1.0f);
  BOOST_TEST(math::exp_nonpositive(-0.0f) == 1.0f);
  BOOST_TEST(math::exp_nonpositive(-87.0f) > 0.0f);
  BOOST_TEST(math::exp_nonpositive(-87.9f) == 0.0f);
  BOOST_TEST(math::exp_nonpositive(-1e30f) == 0.0f);
  BOOST_TEST(math::exp_nonpositive(-std::numeric_limits<float>::infinity()) == 0.0f);
  {
    ign_test::AllowNan const allow;  // the comparison with the lower end
    BOOST_TEST(std::isnan(math::exp_nonpositive(std::numeric_limits<float>::quiet_NaN())));
  }
  BOOST_TEST(math::exp_nonpositive(-0.5) == std::exp(-0.5));
}

BOOST_AUTO_TEST_SUITE_END()
