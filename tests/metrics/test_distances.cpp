// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include <ign/metrics/frechet.hpp>
#include <ign/metrics/kernel_distance.hpp>
#include <ign/metrics/memorisation.hpp>
#include <ign/metrics/precision_recall.hpp>
#include <ign_test/features.hpp>

#include <cstring>

using namespace ign;
using ign_test::check_refused;
using ign_test::Exec;
using ign_test::FeatureSet;
using ign_test::random_features;

BOOST_AUTO_TEST_SUITE(distances)

namespace {

struct Store {
  double* terms;
  int* calls;
  std::size_t columns;
  void operator()(std::size_t i, std::size_t first, std::size_t count, double const* values) const {
    for (std::size_t c = 0; c < count; ++c) {
      terms[i * columns + first + c] = values[c];
      ++calls[i * columns + first + c];
    }
  }
};

template <class Term, bool tiled, class Real, class Naive>
void check_pairs(std::size_t m, std::size_t n, std::size_t d, Naive const& naive) {
  auto const a = random_features<Real>(m, d, 1), b = random_features<Real>(n, d, 2);
  std::vector<double> terms(m * n);
  std::vector<int> calls(m * n, 0);
  metrics::detail::for_each_pair_by<Term, tiled>("ign::test", Exec{}, metrics::detail::rows_of(a), metrics::detail::rows_of(b),
                                                 Store{terms.data(), calls.data(), n});
  Exec{}.fence();
  double error = 0;
  for (std::size_t i = 0; i < m * n; ++i) error = std::max(error, std::abs(terms[i] - naive(a, i / n, b, i % n)));
  BOOST_TEST(error <= 1e-15 * static_cast<double>(10 * d), m << " x " << n << " x " << d << ": error " << error);
  BOOST_TEST((calls == std::vector<int>(m * n, 1)));
}

template <class Term, class Naive>
void check_pairs_all_ways(Naive const& naive) {
  for (std::size_t m : {1, 63, 64, 131})
    for (std::size_t n : {1, 8, 65, 130})
      for (std::size_t d : {1, 17, 256, 300}) {
        check_pairs<Term, true, float>(m, n, d, naive);
        check_pairs<Term, true, double>(m, n, d, naive);
        check_pairs<Term, false, float>(m, n, d, naive);
      }
}

// Diagonal covariances have square roots that anybody can take.
metrics::GaussianMoments diagonal(std::vector<double> const& mean, std::vector<double> const& deviations) {
  auto const n = static_cast<Eigen::Index>(mean.size());
  metrics::GaussianMoments moments{100, Eigen::Map<Eigen::VectorXd const>(mean.data(), n), {}};
  moments.covariance = Eigen::Map<Eigen::VectorXd const>(deviations.data(), n).cwiseAbs2().asDiagonal();
  return moments;
}

std::vector<double> sorted_distances(FeatureSet<float> const& a, std::size_t i, FeatureSet<float> const& b, bool one_set) {
  std::vector<double> distances;
  for (std::size_t j = 0; j < b.extent(0); ++j)
    if (!one_set || i != j) distances.push_back(std::sqrt(ign_test::naive_squared_distance(a, i, b, j)));
  std::sort(distances.begin(), distances.end());
  return distances;
}

}  // namespace

BOOST_AUTO_TEST_CASE(pairs_equal_plain_loops_and_come_once) {
  check_pairs_all_ways<metrics::detail::Dot>([](auto const&... x) { return ign_test::naive_dot(x...); });
  check_pairs_all_ways<metrics::detail::SquaredDistance>([](auto const&... x) { return ign_test::naive_squared_distance(x...); });
}

BOOST_AUTO_TEST_CASE(views_may_be_const_padded_or_pixels) {
  auto const wide = random_features<float>(40, 9, 1);
  auto const narrow = Kokkos::subview(wide, Kokkos::make_pair(5, 35), Kokkos::make_pair(0, 7));
  FeatureSet<float> const copy("ign::test", 30, 7);
  for (std::size_t i = 0; i < 30; ++i)
    for (std::size_t k = 0; k < 7; ++k) copy(i, k) = wide(i + 5, k);
  Kokkos::View<float const**, Kokkos::LayoutRight, Exec::memory_space> const constant = copy;
  Kokkos::View<float**, Kokkos::LayoutRight, Exec::memory_space> const padded = narrow;
  TensorRef<float, Exec> const pixels(copy.data(), 30, 7, 1, 1);
  Exec const exec;
  auto const other = random_features<double>(50, 7, 2);
  double const expected = metrics::frechet_distance(exec, copy, other);
  BOOST_TEST(padded.stride(0) == 9u);
  BOOST_TEST(metrics::frechet_distance(exec, padded, other) == expected);
  BOOST_TEST(metrics::frechet_distance(exec, constant, other) == expected);
  BOOST_TEST(metrics::frechet_distance(exec, metrics::as_features<float, Exec>(pixels), other) == expected);
  BOOST_TEST(metrics::kernel_distance(exec, padded, other, {3, 20, 1}).mean ==
             metrics::kernel_distance(exec, copy, other, {3, 20, 1}).mean);
}

BOOST_AUTO_TEST_CASE(moments_equal_plain_loops) {
  Exec const exec;
  for (std::size_t n : {2, 33, 700}) {
    // A mean a million times the deviation must cost no digits but those that float has lost before.
    auto const x = random_features<double>(n, 67, 1, 1, 1e6);
    auto const moments = metrics::gaussian_moments(exec, x);
    BOOST_TEST(moments.count == n);
    double error = 0;
    std::vector<double> means(67, 0);
    for (std::size_t k = 0; k < 67; ++k) {
      for (std::size_t i = 0; i < n; ++i) means[k] += (x(i, k) - 1e6) / static_cast<double>(n);
      error = std::max(error, std::abs(moments.mean(static_cast<Eigen::Index>(k)) - 1e6 - means[k]));
    }
    BOOST_TEST(error < 1e-9);
    error = 0;
    for (std::size_t k = 0; k < 67; ++k)
      for (std::size_t l = 0; l < 67; ++l) {
        double sum = 0;
        for (std::size_t i = 0; i < n; ++i) sum += (x(i, k) - 1e6 - means[k]) * (x(i, l) - 1e6 - means[l]);
        error = std::max(error, std::abs(moments.covariance(static_cast<Eigen::Index>(k), static_cast<Eigen::Index>(l)) -
                                         sum / static_cast<double>(n - 1)));
      }
    BOOST_TEST(error < 1e-9);
  }
}

BOOST_AUTO_TEST_CASE(moments_of_batches_merge) {
  Exec const exec;
  auto const x = random_features<double>(100, 5, 1, 2, 3);
  auto const part = [&](std::size_t first, std::size_t last) {
    return metrics::gaussian_moments(exec, FeatureSet<double>(Kokkos::subview(x, Kokkos::make_pair(first, last), Kokkos::ALL)));
  };
  auto const whole = part(0, 100);
  auto const both = metrics::merged(metrics::merged(part(0, 3), part(3, 60)), part(60, 100));
  BOOST_TEST(both.count == 100u);
  BOOST_TEST((both.mean - whole.mean).norm() < 1e-13);
  BOOST_TEST((both.covariance - whole.covariance).norm() < 1e-12);
}

BOOST_AUTO_TEST_CASE(frechet_distance_has_its_closed_forms) {
  // Of diagonal Gaussians: |μ - ν|² + |σ - τ|².
  BOOST_TEST(metrics::frechet_distance(diagonal({0, 1, 2}, {1, 2, 3}), diagonal({1, 1, 0}, {2, 2, 0.5})) == 1 + 4 + 1 + 6.25,
             boost::test_tools::tolerance(1e-13));
  // The square root of a covariance that is no product of the other's eigenvectors: in two dimensions tr √M = √(tr M + 2 √det M).
  auto a = diagonal({0, 0}, {2, 1}), b = diagonal({0, 0}, {1, 3});
  a.covariance << 4, 1, 1, 2;
  b.covariance << 1, -2, -2, 9;
  Eigen::MatrixXd const product = a.covariance * b.covariance;
  double const root_trace = std::sqrt(product.trace() + 2 * std::sqrt(product.determinant()));
  BOOST_TEST(metrics::frechet_distance(a, b) == a.covariance.trace() + b.covariance.trace() - 2 * root_trace,
             boost::test_tools::tolerance(1e-12));
  BOOST_TEST(metrics::frechet_distance(b, a) == metrics::frechet_distance(a, b), boost::test_tools::tolerance(1e-12));

  Exec const exec;
  auto const x = random_features<float>(200, 20, 1), shifted = random_features<float>(200, 20, 1, 1, 0.5);
  BOOST_TEST(metrics::frechet_distance(exec, x, x) < 1e-6);
  BOOST_TEST(metrics::frechet_distance(exec, x, shifted) == 20 * 0.25, boost::test_tools::tolerance(1e-5));
  // Fewer samples than numbers: singular, and still a number.
  auto const few = random_features<float>(7, 20, 2);
  BOOST_TEST(metrics::frechet_distance(exec, few, few) < 1e-6);
}

BOOST_AUTO_TEST_CASE(kernel_distance_equals_plain_loops) {
  Exec const exec;
  auto const a = random_features<double>(70, 9, 1), b = random_features<double>(83, 9, 2, 1.2, 0.3);
  auto const kernel = [](FeatureSet<double> const& p, std::size_t i, FeatureSet<double> const& q, std::size_t j) {
    return std::pow(ign_test::naive_dot(p, i, q, j) / 9 + 1, 3);
  };
  double aa = 0, bb = 0, ab = 0;
  for (std::size_t i = 0; i < 70; ++i)
    for (std::size_t j = 0; j < 70; ++j) aa += i == j ? 0 : kernel(a, i, a, j);
  for (std::size_t i = 0; i < 83; ++i)
    for (std::size_t j = 0; j < 83; ++j) bb += i == j ? 0 : kernel(b, i, b, j);
  for (std::size_t i = 0; i < 70; ++i)
    for (std::size_t j = 0; j < 83; ++j) ab += kernel(a, i, b, j);
  double const expected = aa / (70 * 69) + bb / (83 * 82) - 2 * ab / (70 * 83);
  BOOST_TEST(metrics::kernel_distance(exec, a, b) == expected, boost::test_tools::tolerance(1e-12));

  // A subset as large as the set is the set in another order; smaller ones are different and agree on average.
  auto const whole =
      metrics::kernel_distance(exec, a, FeatureSet<double>(Kokkos::subview(b, Kokkos::make_pair(0, 70), Kokkos::ALL)), {4, 70, 3});
  BOOST_TEST(whole.stddev < 1e-12);
  BOOST_TEST(whole.mean == metrics::kernel_distance(exec, a, FeatureSet<double>(Kokkos::subview(b, Kokkos::make_pair(0, 70), Kokkos::ALL))),
             boost::test_tools::tolerance(1e-12));
  auto const parts = metrics::kernel_distance(exec, a, b, {400, 30, 1});
  BOOST_TEST(parts.stddev > 0);
  BOOST_TEST(std::abs(parts.mean - expected) < 5 * parts.stddev / 20);
  BOOST_TEST(parts.mean == metrics::kernel_distance(exec, a, b, {400, 30, 1}).mean);
  BOOST_TEST(parts.mean != metrics::kernel_distance(exec, a, b, {400, 30, 2}).mean);
}

BOOST_AUTO_TEST_CASE(kernel_distance_is_unbiased) {
  Exec const exec;
  auto const a = random_features<float>(1000, 4, 1), b = random_features<float>(1000, 4, 2);
  auto const parts = metrics::kernel_distance(exec, a, b, {100, 100, 1});
  BOOST_TEST(std::abs(parts.mean) < parts.stddev);
  BOOST_TEST(metrics::kernel_distance(exec, a, random_features<float>(1000, 4, 3, 1, 1)) > 10 * parts.stddev);
}

BOOST_AUTO_TEST_CASE(precision_recall_equals_plain_loops) {
  Exec const exec;
  auto const x = random_features<float>(150, 6, 1), y = random_features<float>(90, 6, 2, 1.3, 0.6);
  for (auto const& [k, l] : {std::pair{3, 5}, std::pair{5, 2}, std::pair{1, 1}}) {
    std::size_t precise = 0, recalled = 0, balls = 0, covered = 0;
    for (std::size_t j = 0; j < 90; ++j) {
      bool inside = false;
      for (std::size_t i = 0; i < 150; ++i) {
        double const distance = std::sqrt(ign_test::naive_squared_distance(x, i, y, j));
        auto const own = sorted_distances(x, i, x, true);
        inside = inside || distance <= own[static_cast<std::size_t>(k) - 1];
        balls += distance <= own[static_cast<std::size_t>(l) - 1];
      }
      precise += inside;
    }
    for (std::size_t i = 0; i < 150; ++i) {
      bool inside = false;
      for (std::size_t j = 0; j < 90; ++j)
        inside = inside || std::sqrt(ign_test::naive_squared_distance(x, i, y, j)) <=
                               sorted_distances(y, j, y, true)[static_cast<std::size_t>(k) - 1];
      recalled += inside;
      covered += sorted_distances(x, i, y, false)[0] <= sorted_distances(x, i, x, true)[static_cast<std::size_t>(l) - 1];
    }
    auto const found = metrics::precision_recall(exec, x, y, {k, l});
    BOOST_TEST(found.precision == static_cast<double>(precise) / 90, boost::test_tools::tolerance(1e-14));
    BOOST_TEST(found.recall == static_cast<double>(recalled) / 150, boost::test_tools::tolerance(1e-14));
    BOOST_TEST(found.density == static_cast<double>(balls) / (90 * l), boost::test_tools::tolerance(1e-14));
    BOOST_TEST(found.coverage == static_cast<double>(covered) / 150, boost::test_tools::tolerance(1e-14));
    BOOST_TEST((found.precision > 0 && found.precision < 1 && found.coverage > 0 && found.coverage < 1));
  }
}

BOOST_AUTO_TEST_CASE(precision_recall_knows_equal_and_separate_sets) {
  Exec const exec;
  auto const x = random_features<float>(300, 8, 1);
  auto const same = metrics::precision_recall(exec, x, x);
  BOOST_TEST(same.precision == 1);
  BOOST_TEST(same.recall == 1);
  BOOST_TEST(same.coverage == 1);
  BOOST_TEST(same.density == 1.2, boost::test_tools::tolerance(1e-12));  // each ball holds its centre and 5 neighbours
  auto const far = metrics::precision_recall(exec, x, random_features<float>(300, 8, 2, 1, 100));
  BOOST_TEST((far.precision == 0 && far.recall == 0 && far.density == 0 && far.coverage == 0));
  // One real sample again and again: all good, hardly anything covered, nothing recalled but that one.
  FeatureSet<float> const collapsed("ign::test", 300, 8);
  for (std::size_t i = 0; i < 300; ++i)
    for (std::size_t k = 0; k < 8; ++k) collapsed(i, k) = x(0, k);
  auto const one = metrics::precision_recall(exec, x, collapsed);
  BOOST_TEST(one.precision == 1);
  BOOST_TEST(one.recall == 1.0 / 300);
  BOOST_TEST(one.coverage < 0.1);
}

BOOST_AUTO_TEST_CASE(memorisation_finds_copies) {
  Exec const exec;
  auto const training = random_features<float>(200, 5, 1), held_out = random_features<float>(51, 5, 2);
  auto const near = metrics::nearest_distances(exec, held_out, training);
  std::vector<double> expected;
  for (std::size_t i = 0; i < 51; ++i) expected.push_back(sorted_distances(held_out, i, training, false)[0]);
  BOOST_TEST(near == expected, boost::test_tools::tolerance(1e-12) << boost::test_tools::per_element());
  BOOST_TEST(metrics::median({3, 1, 2}) == 2);
  BOOST_TEST(metrics::median({4, 1, 3, 2}) == 2.5);

  auto const fresh = metrics::memorisation(exec, random_features<float>(2000, 5, 3), random_features<float>(2000, 5, 4), training);
  BOOST_TEST(std::abs(fresh.mean_ratio() - 1) < 0.1);
  BOOST_TEST(std::abs(fresh.median_ratio() - 1) < 0.1);
  FeatureSet<float> const copies(Kokkos::subview(training, Kokkos::make_pair(20, 90), Kokkos::ALL));
  auto const copied = metrics::memorisation(exec, copies, held_out, training);
  BOOST_TEST(copied.generated_mean == 0);  // not only nearly
  BOOST_TEST(copied.median_ratio() == 0);
  check_refused([&] { metrics::memorisation(exec, held_out, copies, training); }, "ign.numeric.201");
}

BOOST_AUTO_TEST_CASE(bitwise_identical_with_one_thread_and_with_all) {
  Exec const all;
  BOOST_TEST_REQUIRE(ign_test::as_parallel_as_can_be(all));
  Exec const one = ign_test::one_thread();
  auto const x = random_features<float>(333, 130, 1), y = random_features<float>(301, 130, 2, 1, 0.1);
  auto const measured = [&](Exec const& exec) {
    auto const parts = metrics::kernel_distance(exec, x, y, {5, 200, 1});
    auto const near = metrics::memorisation(exec, x, y, random_features<float>(100, 130, 3));
    auto const found = metrics::precision_recall(exec, x, y);
    return std::vector<double>{metrics::frechet_distance(exec, x, y),
                               metrics::kernel_distance(exec, x, y),
                               parts.mean,
                               parts.stddev,
                               near.generated_mean,
                               near.held_out_mean,
                               found.density,
                               found.recall};
  };
  auto const a = measured(all), b = measured(one);
  BOOST_TEST(std::memcmp(a.data(), b.data(), a.size() * sizeof(double)) == 0);
}

BOOST_AUTO_TEST_CASE(impossible_sets_are_refused) {
  Exec const exec;
  auto const x = random_features<float>(10, 3, 1), other = random_features<float>(10, 4, 1), one = random_features<float>(1, 3, 1);
  FeatureSet<float> const nothing("ign::test", 10, 0);
  check_refused([&] { metrics::gaussian_moments(exec, one); }, "ign.shape.200");
  check_refused([&] { metrics::gaussian_moments(exec, nothing); }, "ign.shape.200");
  check_refused([&] { metrics::frechet_distance(metrics::gaussian_moments(exec, x), metrics::gaussian_moments(exec, other)); },
                "ign.shape.201");
  check_refused([&] { metrics::merged(metrics::gaussian_moments(exec, x), metrics::gaussian_moments(exec, other)); }, "ign.shape.201");
  check_refused([&] { metrics::kernel_distance(exec, x, other); }, "ign.shape.201");
  check_refused([&] { metrics::kernel_distance(exec, x, one); }, "ign.shape.200");
  check_refused([&] { metrics::kernel_distance(exec, x, x, {10, 11, 1}); }, "ign.shape.200");
  check_refused([&] { metrics::kernel_distance(exec, x, x, {0, 5, 1}); }, "ign.option.200");
  check_refused([&] { metrics::kernel_distance(exec, x, x, {10, 1, 1}); }, "ign.option.200");
  check_refused([&] { metrics::precision_recall(exec, x, x, {0, 5}); }, "ign.option.201");
  check_refused([&] { metrics::precision_recall(exec, x, x, {3, 10}); }, "ign.shape.200");
  check_refused([&] { metrics::precision_recall(exec, x, other); }, "ign.shape.201");
  check_refused([&] { metrics::nearest_distances(exec, x, other); }, "ign.shape.201");
  check_refused([&] { metrics::median({}); }, "ign.shape.202");
  auto const broken = random_features<float>(10, 3, 1);
  broken(4, 2) = std::numeric_limits<float>::quiet_NaN();
  check_refused([&] { metrics::frechet_distance(exec, x, broken); }, "ign.numeric.200");
  check_refused([&] { metrics::precision_recall(exec, x, broken); }, "ign.numeric.200");
  check_refused([&] { metrics::memorisation(exec, x, x, broken); }, "ign.numeric.200");
}

BOOST_AUTO_TEST_SUITE_END()
