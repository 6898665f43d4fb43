// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include <boost/test/unit_test.hpp>

#include <ign/math/conv/host/direct.hpp>
#include <ign_test/layer_check.hpp>

#include <Eigen/Core>
#include <bit>
#include <limits>

using namespace ign;
using ign_test::random_vector;

BOOST_AUTO_TEST_SUITE(products)

namespace {

template <class Real>
using Matrix = Eigen::Matrix<Real, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

template <class Real>
Matrix<Real> random_matrix(std::size_t rows, std::size_t columns, std::uint32_t substream) {
  auto const numbers = random_vector<Real>(rows * columns, substream);
  return Eigen::Map<Matrix<Real> const>(numbers.data(), static_cast<Eigen::Index>(rows), static_cast<Eigen::Index>(columns));
}

// Ours against Eigen's: the left factor as it is and transposed, the result overwritten and added to.
template <class Real>
void check(std::size_t m, std::size_t n, std::size_t k, double tolerance) {
  auto const a = random_matrix<Real>(m, k, 1), b = random_matrix<Real>(k, n, 2);
  Matrix<Real> const transposed = a.transpose(), b_transposed = b.transpose(), expected = a * b;
  std::size_t const column = math::simd::round_up_to_packs<Real>(n), packs = column / math::simd::lanes_v<Real>;
  std::vector<Real> panels(k * column), again(k * column), c(m * column, Real(7)), row(column);
  math::host::pack_rows(
      b.data(), n, k, n, [](std::size_t) { return Real(1); }, panels.data());
  math::host::pack_transposed(b_transposed.data(), k, k, n, again.data());
  BOOST_TEST(panels == again, boost::test_tools::per_element());
  math::Panels<Real> const right{panels.data(), k * math::simd::lanes_v<Real>};
  auto const compare = [&](Real times) {
    double error = 0;
    for (std::size_t i = 0; i < m; ++i)
      for (std::size_t j = 0; j < n; ++j)
        error =
            std::max(error, std::abs(static_cast<double>(c[i * column + j]) -
                                     static_cast<double>(times * expected(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j)))));
    BOOST_TEST(error <= tolerance * static_cast<double>(k), m << " x " << n << " x " << k << ": error " << error);
  };
  math::product<false>(m, packs, k, math::LeftFactor<Real>{a.data(), k, 1}, right, c.data(), column);
  compare(1);
  math::product<true>(m, packs, k, math::LeftFactor<Real>{transposed.data(), 1, m}, right, c.data(), column);
  compare(2);
  // A row is bitwise identical whatever the rows beside it.
  math::product<false>(m, packs, k, math::LeftFactor<Real>{a.data(), k, 1}, right, c.data(), column);
  for (std::size_t i = 0; i < m; ++i) {
    math::product<false>(1, packs, k, math::LeftFactor<Real>{a.data() + i * k, k, 1}, right, row.data(), column);
    BOOST_TEST(std::equal(row.begin(), row.end(), c.begin() + static_cast<std::ptrdiff_t>(i * column)));
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(equal_those_of_eigen) {
  for (std::size_t m : {1, 2, 3, 7, 8, 15, 24})
    for (std::size_t n : {1, 5, 16, 17, 33, 64})
      for (std::size_t k : {1, 2, 31, 300}) {
        check<float>(m, n, k, 1e-6);
        check<double>(m, n, k, 1e-15);
      }
}

BOOST_AUTO_TEST_CASE(bf16_is_rounded_to_nearest) {
  auto const back = [](float value) { return std::bit_cast<float>(static_cast<std::uint32_t>(math::simd::round_to_bf16(value)) << 16); };
  BOOST_TEST(back(1.0f) == 1.0f);
  BOOST_TEST(back(-0.15625f) == -0.15625f);
  BOOST_TEST(back(1.0f + 0x1p-8f) == 1.0f);              // a tie, to the even one
  BOOST_TEST(back(1.0f + 0x1.8p-7f) == 1.0f + 0x1p-6f);  // a tie, to the even one
  BOOST_TEST(back(1.0f + 0x1.1p-8f) == 1.0f + 0x1p-7f);
  BOOST_TEST(back(std::numeric_limits<float>::infinity()) == std::numeric_limits<float>::infinity());
  for (std::uint32_t const nan : {0x7fc00000u, 0x7f800001u, 0x7f808000u, 0x7fff8000u, 0x7fffffffu, 0xffffffffu})
    BOOST_TEST(std::isnan(back(std::bit_cast<float>(nan))));
  auto const values = random_vector<float>(1000, 1);
  for (std::size_t i = 0; i < values.size(); ++i) BOOST_TEST(std::abs(back(values(i)) - values(i)) <= 0x1p-8f * std::abs(values(i)));
}

BOOST_AUTO_TEST_CASE(factors_of_bf16_give_sums_of_float) {
  using math::simd::Bf16;
  constexpr std::size_t m = 13, k = 34, lanes = math::simd::lanes_v<float>, n = 3 * lanes;
  std::vector<Bf16> a(m * k), panels(k * n);
  std::vector<float> c(m * n);
  std::vector<double> expected(m * n, 0), size(m * n, 0);
  auto const left = random_vector<float>(m * k, 1), right = random_vector<float>(k * n, 2);
  auto const back = [](Bf16 half) { return static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(half) << 16)); };
  for (std::size_t i = 0; i < m * k; ++i) math::simd::store(&a[i], left(i));
  for (std::size_t p = 0; p < k; p += 2)
    for (std::size_t j = 0; j < n; j += lanes)
      math::simd::store_pairs(&panels[j * k + p * lanes], math::simd::load<math::simd::Pack<float>>(&right(p * n + j)),
                              math::simd::load<math::simd::Pack<float>>(&right((p + 1) * n + j)));
  for (std::size_t i = 0; i < m; ++i)
    for (std::size_t j = 0; j < n; ++j)
      for (std::size_t p = 0; p < k; ++p) {
        double const term = back(a[i * k + p]) * back(math::simd::round_to_bf16(right(p * n + j)));
        expected[i * n + j] += term;
        size[i * n + j] += std::abs(term);
      }
  math::product<false>(m, 3, k, math::LeftFactor<Bf16>{a.data(), k, 1}, math::Panels<Bf16>{panels.data(), k * lanes}, c.data(), n);
  for (std::size_t i = 0; i < m * n; ++i) BOOST_TEST(std::abs(static_cast<double>(c[i]) - expected[i]) <= 1e-6 * size[i]);
}

BOOST_AUTO_TEST_CASE(pieces_of_rows_are_rows_of_a_filter_window) {
  // A row of four windows of 3×3 in an image 9 wide, two apart.
  auto const image = random_vector<double>(3 * 9, 1), weights = random_vector<double>(9, 2);
  std::vector<double> panels(9 * math::simd::lanes_v<double>), c(4 * math::simd::lanes_v<double>);
  math::host::pack_rows(
      weights.data(), 1, 9, 1, [](std::size_t) { return 1.0; }, panels.data());
  math::product<false>(4, 1, 3, math::LeftFactor<double>{image.data(), 2, 1, 3, 9}, math::Panels<double>{panels.data(), panels.size()},
                       c.data(), math::simd::lanes_v<double>);
  for (std::size_t i = 0; i < 4; ++i) {
    double sum = 0;
    for (std::size_t y = 0; y < 3; ++y)
      for (std::size_t x = 0; x < 3; ++x) sum += image(9 * y + 2 * i + x) * weights(3 * y + x);
    BOOST_TEST(c[i * math::simd::lanes_v<double>] == sum, boost::test_tools::tolerance(1e-14));
  }
}

BOOST_AUTO_TEST_SUITE_END()
