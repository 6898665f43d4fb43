// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// With the flags of the other tests; tests/fast_math has the same functions under -ffast-math.

#include <boost/test/unit_test.hpp>

#include <ign/core/finite.hpp>
#include <ign_test/environment.hpp>

#include <bit>
#include <limits>
#include <tuple>

using namespace ign;

namespace {

using Reals = std::tuple<float, double>;

template <class Real>
void check(Real x, bool finite, bool nan) {
  using Word = typename ign::detail::FloatBits<Real>::Word;
  BOOST_TEST_CONTEXT("bits " << std::bit_cast<Word>(x)) {
    BOOST_TEST(is_finite(x) == finite);
    BOOST_TEST(is_nan(x) == nan);
    BOOST_TEST(is_nan_in_memory(x) == nan);
    BOOST_TEST(std::bit_cast<Word>(propagate_nan(x, Real(3))) == std::bit_cast<Word>(nan ? x : Real(3)));
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(finite_numbers)

BOOST_AUTO_TEST_CASE_TEMPLATE(each_kind_of_number_is_told, Real, Reals) {
  using Limits = std::numeric_limits<Real>;
  using Word = typename ign::detail::FloatBits<Real>::Word;
  ign_test::AllowNan const allow;
  for (Real const sign : {Real(1), Real(-1)}) {
    for (Real const x : {Real(0), Real(1), Limits::min(), Limits::denorm_min(), Limits::max()}) check(sign * x, true, false);
    check(sign * Limits::infinity(), false, false);
    Word const infinity = std::bit_cast<Word>(sign * Limits::infinity());
    for (Word const payload :
         {Word{1}, Word{5}, static_cast<Word>(ign::detail::FloatBits<Real>::nan & ~ign::detail::FloatBits<Real>::exponent)})
      check(std::bit_cast<Real>(static_cast<Word>(infinity | payload)), false, true);  // signalling and quiet
  }
  check(quiet_nan<Real>(), false, true);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(constant_expressions_agree, Real, Reals) {
  static_assert(is_finite(Real(1)) && !is_finite(std::numeric_limits<Real>::infinity()) && !is_finite(quiet_nan<Real>()));
  static_assert(is_nan(quiet_nan<Real>()) && !is_nan(std::numeric_limits<Real>::infinity()) && !is_nan(Real(0)));
  BOOST_TEST(is_finite(Real(1)));
}

BOOST_AUTO_TEST_SUITE_END()
