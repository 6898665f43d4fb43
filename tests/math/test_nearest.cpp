// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include <boost/test/unit_test.hpp>

#include <ign/math/nearest.hpp>
#include <ign_test/layer_check.hpp>

using namespace ign;
using ign_test::Exec;

namespace {

template <class Real>
std::vector<int> search(Exec const& exec, Vector<Real, Exec> const& a, int n, Vector<Real, Exec> const& b, int m, Shape shape) {
  Kokkos::View<int*, Exec> const found("ign::test", static_cast<std::size_t>(n));
  Kokkos::deep_copy(found, -1);
  auto const scratch = ign_test::random_vector<Real>(math::nearest_scratch_size<Real, Exec>(n, m, shape.size()), 9, 1e6);
  math::nearest(exec, ign_test::as_tensor<Real>(a, n, shape), ign_test::as_tensor<Real>(b, m, shape), found.data(),
                VectorRef<Real, Exec>(scratch));
  exec.fence();
  return {found.data(), found.data() + n};
}

template <class Real>
double squared_distance(Real const* a, Real const* b, std::size_t size) {
  double sum = 0;
  for (std::size_t k = 0; k < size; ++k) sum += std::pow(static_cast<double>(a[k]) - static_cast<double>(b[k]), 2);
  return sum;
}

// No candidate is closer than the one found, but by rounding.
template <class Real>
void check(int n, int m, Shape shape) {
  auto const a = ign_test::random_vector<Real>(n * shape.size(), 1), b = ign_test::random_vector<Real>(m * shape.size(), 2);
  auto const found = search<Real>(Exec{}, a, n, b, m, shape);
  for (int i = 0; i < n; ++i) {
    BOOST_TEST_REQUIRE((found[i] >= 0 && found[i] < m));
    std::vector<double> d;
    for (int j = 0; j < m; ++j) d.push_back(squared_distance(a.data() + i * shape.size(), b.data() + j * shape.size(), shape.size()));
    auto const best = std::min_element(d.begin(), d.end());
    if (sizeof(Real) == 8) BOOST_TEST(found[i] == best - d.begin());
    BOOST_TEST(d[found[i]] <= *best + (sizeof(Real) == 8 ? 1e-12 : 1e-5) * shape.size());
  }
  BOOST_TEST((found == search<Real>(ign_test::one_thread(), a, n, b, m, shape)));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(nearest)

BOOST_AUTO_TEST_CASE(equals_the_search_by_definition) {
  for (auto const& [n, m] : {std::pair{1, 1}, {1, 37}, {33, 5}, {40, 130}})
    for (Shape const shape : {Shape{1, 1, 2}, Shape{3, 5, 1}, Shape{8, 8, 3}}) {
      check<double>(n, m, shape);
      check<float>(n, m, shape);
    }
}

// Far from 0, small differences count: an image of norm 32 and a copy a hundredth away.
BOOST_AUTO_TEST_CASE(a_copy_of_the_sample_is_found_among_many) {
  int const m = 64;
  Shape const shape = {32, 32, 1};
  auto const b = ign_test::random_vector<float>(m * shape.size(), 3), a = ign_test::random_vector<float>(shape.size(), 4, 3e-4);
  for (std::size_t k = 0; k < shape.size(); ++k) {
    for (int j = 0; j < m; ++j) b(j * shape.size() + k) = 1 + 0.01f * b(j * shape.size() + k);
    a(k) += b(41 * shape.size() + k);
  }
  BOOST_TEST(search<float>(Exec{}, a, 1, b, m, shape)[0] == 41);
}

BOOST_AUTO_TEST_CASE(of_equal_candidates_the_first_wins) {
  int const n = 7, m = 70;
  Shape const shape = {1, 1, 5};
  auto const a = ign_test::random_vector<float>(n * shape.size(), 1), b = ign_test::random_vector<float>(m * shape.size(), 2);
  for (std::size_t i = 0; i < b.size(); ++i) b(i) = b(i % (23 * shape.size()));  // candidate j equals j - 23
  for (int found : search<float>(Exec{}, a, n, b, m, shape)) BOOST_TEST(found < 23);
}

BOOST_AUTO_TEST_CASE(both_ways_to_score_agree) {
  Exec const exec;
  std::size_t const n = 9, m = 21, size = 13;
  auto const a = ign_test::random_vector<double>(n * size, 1), b = ign_test::random_vector<double>(m * size, 2);
  auto const scores = make_vector<double>(exec, "ign::test", n * m);
  Kokkos::View<int*, Exec> const found("ign::test", n);
  Kokkos::parallel_for("ign::test", Kokkos::RangePolicy<Exec>(exec, 0, n * m),
                       math::detail::PairScores<double>{a.data(), b.data(), m, size, scores.data()});
  Kokkos::parallel_for("ign::test", Kokkos::RangePolicy<Exec>(exec, 0, n),
                       math::detail::HighestScore<double>{scores.data(), m, m, found.data()});
  exec.fence();
  auto const expected = search<double>(exec, a, n, b, m, {1, 1, 13});
  for (std::size_t i = 0; i < n; ++i) BOOST_TEST(found(i) == expected[i]);
}

BOOST_AUTO_TEST_SUITE_END()
