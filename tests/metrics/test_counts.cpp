// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include <ign/layers/linear.hpp>
#include <ign/layers/reshape.hpp>
#include <ign/metrics/classes.hpp>
#include <ign/metrics/drift.hpp>
#include <ign/metrics/histogram.hpp>
#include <ign/metrics/image_quality.hpp>
#include <ign/metrics/modes.hpp>
#include <ign/policies/idempotent.hpp>
#include <ign_test/features.hpp>

#include <cstring>

using namespace ign;
using ign_test::as_tensor;
using ign_test::check_refused;
using ign_test::Exec;
using ign_test::random_features;
using ign_test::random_vector;

BOOST_AUTO_TEST_SUITE(counts_and_images)

namespace {

using Ref = TensorRef<double, Exec>;
double const infinity = std::numeric_limits<double>::infinity();

// f(x) = x/2 + c with a c of its own for each role, so that a wrong one shows. Counts its applications.
struct Halving {
  int applications = 0;

  static double shift(Role role) { return role == Role::data ? 0 : role == Role::source ? 1 : 3; }
  void apply(Exec const&, Role input_role, int count, Ref const& x, Ref const& out) {
    Role role = input_role;
    for (std::size_t i = 0; i < x.size(); ++i) out.data()[i] = x.data()[i];
    for (int k = 0; k < count; ++k, role = input_role == Role::source ? Role::generated : input_role, ++applications)
      for (std::size_t i = 0; i < x.size(); ++i) out.data()[i] = out.data()[i] / 2 + shift(role);
  }
};

template <class Real>
Real* sample_of(TensorRef<Real, Exec> const& tensor, std::size_t n) {
  return tensor.data() + n * shape_of(tensor).size();
}

// SSIM of one channel of one sample, window by window, with means before variances.
template <class Real>
double naive_ssim(TensorRef<Real, Exec> const& a, TensorRef<Real, Exec> const& b, std::size_t n, double range) {
  Shape const shape = shape_of(a);
  double weights[11][11], all = 0;
  for (int y = 0; y < 11; ++y)
    for (int x = 0; x < 11; ++x) all += weights[y][x] = std::exp(-((y - 5) * (y - 5) + (x - 5) * (x - 5)) / 4.5);
  double sum = 0;
  int count = 0;
  for (int c = 0; c < shape.channels; ++c)
    for (int top = 0; top + 11 <= shape.height; ++top)
      for (int left = 0; left + 11 <= shape.width; ++left, ++count) {
        double mean_a = 0, mean_b = 0, variance_a = 0, variance_b = 0, covariance = 0;
        auto const each = [&](auto const& body) {
          for (int y = 0; y < 11; ++y)
            for (int x = 0; x < 11; ++x)
              body(weights[y][x] / all, static_cast<double>(a(n, top + y, left + x, c)), static_cast<double>(b(n, top + y, left + x, c)));
        };
        each([&](double w, double p, double q) { mean_a += w * p, mean_b += w * q; });
        each([&](double w, double p, double q) {
          variance_a += w * (p - mean_a) * (p - mean_a);
          variance_b += w * (q - mean_b) * (q - mean_b);
          covariance += w * (p - mean_a) * (q - mean_b);
        });
        double const c1 = std::pow(0.01 * range, 2), c2 = std::pow(0.03 * range, 2);
        sum += (2 * mean_a * mean_b + c1) * (2 * covariance + c2) /
               ((mean_a * mean_a + mean_b * mean_b + c1) * (variance_a + variance_b + c2));
      }
  return sum / count;
}

template <class Real>
void check_images(int batch, Shape shape, double range) {
  Exec const exec;
  std::size_t const size = batch * shape.size();
  auto const a = random_vector<Real>(size, 1, 0.3), b = random_vector<Real>(size, 2, 0.3), found = random_vector<Real>(batch, 3);
  for (std::size_t i = 0; i < size; ++i) b(i) = a(i) + static_cast<Real>(0.5) * b(i);
  auto const x = as_tensor<Real>(a, batch, shape), y = as_tensor<Real>(b, batch, shape);
  VectorRef<Real, Exec> const out(found);
  double const tolerance = sizeof(Real) == 8 ? 1e-11 : 1e-5;
  auto const compare = [&](auto const& expected) {
    exec.fence();
    for (std::size_t n = 0; n < found.size(); ++n) {
      double const value = expected(n);
      BOOST_TEST(std::abs(static_cast<double>(found(n)) - value) <= tolerance * std::max(1.0, std::abs(value)),
                 found(n) << ", expected " << value);
    }
  };
  auto const mean_of = [&](std::size_t n, auto const& term) {
    double sum = 0;
    for (std::size_t i = 0; i < shape.size(); ++i)
      sum += term(static_cast<double>(sample_of<Real>(x, n)[i]) - static_cast<double>(sample_of<Real>(y, n)[i]));
    return sum / static_cast<double>(shape.size());
  };
  metrics::mean_l1(exec, x, y, out);
  compare([&](std::size_t n) { return mean_of(n, [](double e) { return std::abs(e); }); });
  metrics::psnr(exec, x, y, range, out);
  compare([&](std::size_t n) { return 10 * std::log10(range * range / mean_of(n, [](double e) { return e * e; })); });
  metrics::ssim(exec, x, y, range, out);
  compare([&](std::size_t n) { return naive_ssim<Real>(x, y, n, range); });
}

}  // namespace

BOOST_AUTO_TEST_CASE(divergences_have_their_closed_forms) {
  std::vector<double> const p = {0.5, 0.25, 0.25, 0}, q = {0.25, 0.25, 0.25, 0.25};
  BOOST_TEST(metrics::kl_divergence(p, p) == 0);
  BOOST_TEST(metrics::kl_divergence(p, q) == 0.5 * std::log(2.0), boost::test_tools::tolerance(1e-14));
  BOOST_TEST(metrics::kl_divergence(q, p) == infinity);
  BOOST_TEST(metrics::kl_divergence(metrics::Histogram{2, 1, 1}, metrics::Histogram{1, 1, 2}) == 0.25 * std::log(2.0),
             boost::test_tools::tolerance(1e-14));
  check_refused([&] { metrics::kl_divergence(p, std::vector<double>{1}); }, "ign.shape.203");
  check_refused([&] { metrics::kl_divergence(std::vector<double>{}, std::vector<double>{}); }, "ign.shape.203");
  check_refused([&] { metrics::kl_divergence(p, std::vector<double>{1, 1, 1, 1}); }, "ign.option.203");
  check_refused([&] { metrics::kl_divergence(p, std::vector<double>{1.5, -0.5, 0, 0}); }, "ign.option.203");
  check_refused([&] { metrics::shares({0, 0}); }, "ign.shape.202");
}

BOOST_AUTO_TEST_CASE(histograms_count_everything) {
  std::vector<double> const values = {-7, 0, 0.24, 0.25, 0.5, 0.99, 1, 1e300};
  BOOST_TEST((metrics::histogram(values, 4, 0, 1) == metrics::Histogram{3, 1, 1, 3}));
  check_refused([&] { metrics::histogram(values, 0, 0, 1); }, "ign.option.204");
  check_refused([&] { metrics::histogram(values, 4, 1, 1); }, "ign.option.204");
  check_refused([&] { metrics::histogram(std::vector<double>{infinity}, 4, 0, 1); }, "ign.numeric.200");
}

BOOST_AUTO_TEST_CASE(wasserstein_is_the_area_between_quantiles) {
  BOOST_TEST(metrics::wasserstein1({1, 2, 3}, {3, 2, 1}) == 0);
  BOOST_TEST(metrics::wasserstein1({0}, {5}) == 5);
  BOOST_TEST(metrics::wasserstein1({0, 0, 0, 1}, {1}) == 0.75);
  BOOST_TEST(metrics::wasserstein1({5, 5}, {0, 5, 5, 9}) == 2.25);
  // Against quantiles on a grid that both sizes divide, with ties.
  for (auto const& [m, n] : {std::pair{6, 9}, std::pair{10, 10}, std::pair{1, 7}, std::pair{12, 5}}) {
    auto const a = random_vector<double>(static_cast<std::size_t>(m), 1), b = random_vector<double>(static_cast<std::size_t>(n), 2);
    std::vector<double> u(a.data(), a.data() + m), v(b.data(), b.data() + n);
    v[0] = u[0];
    std::vector<double> x = u, y = v;
    std::sort(x.begin(), x.end());
    std::sort(y.begin(), y.end());
    double expected = 0;
    for (int i = 0; i < m * n; ++i) expected += std::abs(x[static_cast<std::size_t>(i / n)] - y[static_cast<std::size_t>(i / m)]) / (m * n);
    BOOST_TEST(metrics::wasserstein1(u, v) == expected, boost::test_tools::tolerance(1e-12));
    BOOST_TEST(metrics::wasserstein1(v, u) == expected, boost::test_tools::tolerance(1e-12));
  }
  check_refused([&] { metrics::wasserstein1({}, {1}); }, "ign.shape.202");
  check_refused([&] { metrics::wasserstein1({1}, {infinity}); }, "ign.numeric.200");
}

BOOST_AUTO_TEST_CASE(classes_are_counted) {
  Exec const exec;
  auto const scores = random_features<float>(500, 7, 1);
  scores(3, 2) = scores(3, 5) = 100;  // of equal ones the first
  Kokkos::View<std::uint8_t*, Exec::memory_space> const labels("ign::test", 500);
  metrics::predict_classes(exec, scores, labels);
  exec.fence();
  metrics::Histogram expected(8, 0);
  for (std::size_t i = 0; i < 500; ++i) {
    auto const best = static_cast<std::size_t>(std::max_element(&scores(i, 0), &scores(i, 0) + 7) - &scores(i, 0));
    BOOST_TEST(labels(i) == best);
    ++expected[best];
  }
  BOOST_TEST(labels(3) == 2);
  auto const found = metrics::class_histogram(exec, labels, 8);
  BOOST_TEST(found == expected, boost::test_tools::per_element());
  BOOST_TEST(metrics::classes_covered(found) == 7);
  BOOST_TEST(metrics::rarest_class(found).index == 7);

  metrics::Histogram const classes = {10, 5, 80, 5};
  BOOST_TEST(metrics::classes_covered(classes, 0.05) == 2);
  BOOST_TEST(metrics::classes_covered(classes, 0.04) == 4);
  BOOST_TEST(metrics::rarest_class(classes).index == 1);
  BOOST_TEST(metrics::rarest_class(classes).share == 0.05);

  check_refused([&] { metrics::class_histogram(exec, labels, 5); }, "ign.option.202");
  check_refused([&] { metrics::class_histogram(exec, labels, 0); }, "ign.option.202");
  Kokkos::View<int const*, Exec::memory_space> const none = Kokkos::View<int*, Exec::memory_space>("ign::test", 0);
  BOOST_TEST((metrics::class_histogram(exec, none, 2) == metrics::Histogram{0, 0}));
  Kokkos::View<int*, Exec::memory_space> const negative("ign::test", 3);
  negative(1) = -1;
  check_refused([&] { metrics::class_histogram(exec, negative, 5); }, "ign.option.202");
  check_refused([&] { metrics::predict_classes(exec, scores, negative); }, "ign.shape.203");
  check_refused([&] { metrics::classes_covered(classes, 1); }, "ign.option.202");
  check_refused([&] { metrics::rarest_class({}); }, "ign.shape.202");
}

BOOST_AUTO_TEST_CASE(modes_are_found) {
  Exec const exec;
  auto const ring = metrics::ring_modes(8, 2, 0.02);
  auto const grid = metrics::grid_modes(5, 2, 0.05);
  BOOST_TEST(ring.centres.size() == 8u);
  BOOST_TEST(ring.centres[2][1] == 2, boost::test_tools::tolerance(1e-14));
  BOOST_TEST(grid.centres.size() == 25u);
  BOOST_TEST((grid.centres[0] == std::array<double, 2>{-4, -4} && grid.centres[24] == std::array<double, 2>{4, 4}));
  BOOST_TEST((grid.centres[1] == std::array<double, 2>{-2, -4}));

  // The mixture's own samples: all modes hit, and 1 - exp(-9/2) of them within 3 deviations.
  for (auto const* modes : {&ring, &grid}) {
    auto const samples = random_features<float>(20000, 2, 1, modes->stddev);
    for (std::size_t i = 0; i < 20000; ++i)
      for (std::size_t k = 0; k < 2; ++k) samples(i, k) += static_cast<float>(modes->centres[i % modes->centres.size()][k]);
    auto const found = metrics::mode_coverage(exec, samples, *modes);
    BOOST_TEST(found.modes_hit == static_cast<int>(modes->centres.size()));
    BOOST_TEST(std::abs(found.high_quality_share - (1 - std::exp(-4.5))) < 0.004);
    auto const wider = metrics::mode_coverage(exec, samples, *modes, {4, 1});
    BOOST_TEST(std::abs(wider.high_quality_share - (1 - std::exp(-8.0))) < 0.001);
  }

  // By hand: two at mode 0 (one on the edge), one at mode 1, one nowhere. Half a deviation is exact in binary.
  metrics::Modes const two{{{0, 0}, {8, 0}}, 0.5};
  auto const by_hand = random_features<double>(4, 2, 1, 0);
  by_hand(0, 0) = 1.5;
  by_hand(1, 1) = 0.1;
  by_hand(2, 0) = 7;
  by_hand(3, 1) = 1.6;
  auto const found = metrics::mode_coverage(exec, by_hand, two);
  BOOST_TEST((found.counts == metrics::Histogram{2, 1}));
  BOOST_TEST(found.modes_hit == 2);
  BOOST_TEST(found.high_quality_share == 0.75);
  BOOST_TEST(metrics::mode_coverage(exec, by_hand, two, {3, 2}).modes_hit == 1);
  // Where the radii of modes overlap, the nearest mode counts.
  by_hand(3, 0) = 5;
  BOOST_TEST((metrics::mode_coverage(exec, by_hand, two, {100, 1}).counts == metrics::Histogram{2, 2}));

  check_refused([&] { metrics::mode_coverage(exec, by_hand, metrics::Modes{{}, 1}); }, "ign.option.206");
  check_refused([&] { metrics::mode_coverage(exec, by_hand, metrics::ring_modes(8, 2, 0)); }, "ign.option.206");
  check_refused([&] { metrics::mode_coverage(exec, by_hand, ring, {3, 0}); }, "ign.option.206");
  check_refused([&] { metrics::mode_coverage(exec, random_features<double>(4, 3, 1), ring); }, "ign.shape.204");
}

BOOST_AUTO_TEST_CASE(drift_of_a_map_with_known_iterates) {
  Exec const exec;
  auto const numbers = random_vector<double>(7 * 6, 1);
  auto const x = as_tensor<double>(numbers, 7, {1, 2, 3});
  std::vector<double> const before(numbers.data(), numbers.data() + numbers.size());
  std::vector<int> const ks = {0, 1, 2, 5, 20};
  for (Role const role : {Role::data, Role::source, Role::generated})
    for (int const batch : {1, 3, 7, 100}) {
      Halving policy;
      auto const found = metrics::mean_absolute_drift<Halving, double, Exec>(exec, policy, role, x, ks, batch);
      BOOST_TEST(policy.applications == 21 * ((7 + batch - 1) / batch));  // none is made twice
      auto const buffers = std::pair(random_vector<double>(42, 2), random_vector<double>(42, 3));
      auto const a = as_tensor<double>(buffers.first, 7, {1, 2, 3}), b = as_tensor<double>(buffers.second, 7, {1, 2, 3});
      for (std::size_t i = 0; i < ks.size(); ++i) {
        policy.apply(exec, role, ks[i], x, a);
        policy.apply(exec, role, ks[i] + 1, x, b);
        double sum = 0;
        for (std::size_t j = 0; j < 42; ++j) sum += std::abs(b.data()[j] - a.data()[j]);
        BOOST_TEST(found[i] == sum / 42, boost::test_tools::tolerance(1e-12));
      }
      auto const scores = metrics::absolute_drift_scores<Halving, double, Exec>(exec, policy, role, x, batch);
      BOOST_TEST_REQUIRE(scores.size() == 7u);
      policy.apply(exec, role, 1, x, b);
      for (std::size_t n = 0; n < 7; ++n) {
        double sum = 0;
        for (std::size_t j = 6 * n; j < 6 * n + 6; ++j) sum += std::abs(b.data()[j] - x.data()[j]);
        BOOST_TEST(scores[n] == sum / 6, boost::test_tools::tolerance(1e-12));
      }
    }
  BOOST_TEST(std::memcmp(before.data(), numbers.data(), before.size() * sizeof(double)) == 0);  // x stays as it is

  Halving policy;
  auto const call = [&](std::vector<int> const& list, int batch) {
    metrics::mean_absolute_drift<Halving, double, Exec>(exec, policy, Role::data, x, list, batch);
  };
  check_refused([&] { call({-1}, 5); }, "ign.option.205");
  check_refused([&] { call({1, 1}, 5); }, "ign.option.205");
  check_refused([&] { call({1, 2}, 0); }, "ign.option.205");
  check_refused([&] { metrics::absolute_drift_scores<Halving, double, Exec>(exec, policy, Role::data, Ref{}, 5); }, "ign.option.205");
}

BOOST_AUTO_TEST_CASE(drift_of_known_pixels_in_batches) {
  Exec const exec;
  Shape const shape = {3, 2, 2}, one = {3, 2, 1};
  auto const numbers = random_vector<double>(7 * 12, 1), mask = random_vector<double>(7 * 6, 2);
  exec.fence();
  for (std::size_t i = 0; i < mask.size(); ++i) mask(i) = i >= 6 && mask(i) > 0 ? 1 : 0;  // sample 0 has no known pixel
  auto const x = as_tensor<double>(numbers, 7, shape), m = as_tensor<double>(mask, 7, one);
  for (int const batch : {1, 3, 7, 100}) {
    Halving policy;
    auto const scores = metrics::masked_absolute_drift_scores<Halving, double, Exec>(exec, policy, Role::data, m, x, batch);
    BOOST_TEST_REQUIRE(scores.size() == 7u);
    for (std::size_t n = 0; n < 7; ++n) {
      double sum = 0, count = 0;
      for (std::size_t i = 12 * n; i < 12 * n + 12; ++i) {
        sum += mask(i / 2) * std::abs(numbers(i)) / 2;
        count += mask(i / 2);
      }
      BOOST_TEST(scores[n] == (count > 0 ? sum / count : 0), boost::test_tools::tolerance(1e-12));
    }
  }
  Halving policy;
  auto const call = [&](Ref const& of_mask, int batch) {
    metrics::masked_absolute_drift_scores<Halving, double, Exec>(exec, policy, Role::data, of_mask, x, batch);
  };
  check_refused([&] { call(m, 0); }, "ign.option.205");
  check_refused([&] { call(as_tensor<double>(mask, 6, one), 5); }, "ign.shape.316");
}

BOOST_AUTO_TEST_CASE(drift_of_an_idempotent_policy) {
  Exec const exec;
  Shape const shape = {2, 2, 1};
  Idempotent policy(exec, sequential(Flatten{}, Linear{4}, Reshape{shape}), shape);
  auto const noise = random_vector<float>(10 * 4, 1), first = random_vector<float>(40, 2), second = random_vector<float>(40, 3);
  auto const z = as_tensor<float>(noise, 10, shape), a = as_tensor<float>(first, 10, shape), b = as_tensor<float>(second, 10, shape);
  std::vector<int> const ks = {1, 3};
  auto const found = metrics::mean_absolute_drift(exec, policy, Role::source, z, ks, 4);
  for (std::size_t i = 0; i < 2; ++i) {
    policy.apply(exec, Role::source, ks[i], z, a);
    policy.apply(exec, Role::source, ks[i] + 1, z, b);
    exec.fence();
    double sum = 0;
    for (std::size_t j = 0; j < 40; ++j) sum += std::abs(static_cast<double>(second(j)) - static_cast<double>(first(j)));
    BOOST_TEST(found[i] == sum / 40, boost::test_tools::tolerance(1e-5));
  }
}

BOOST_AUTO_TEST_CASE(auroc_counts_pairs) {
  std::vector<double> const low = {1, 2, 3}, high = {4, 5}, mixed = {0, 2, 2, 9};
  BOOST_TEST(metrics::auroc(low, high) == 1);
  BOOST_TEST(metrics::auroc(high, low) == 0);
  BOOST_TEST(metrics::auroc(low, low) == 0.5);
  BOOST_TEST(metrics::auroc(low, mixed) == (0 + 1.5 + 1.5 + 3) / 12);
  check_refused([&] { metrics::auroc(low, {}); }, "ign.shape.202");
  check_refused([&] { metrics::auroc(low, std::vector<double>{std::numeric_limits<double>::quiet_NaN()}); }, "ign.numeric.200");
}

BOOST_AUTO_TEST_CASE(auroc_of_pixels_by_hand) {
  Exec const exec;
  auto const map = make_vector<double>(exec, "ign::test", 8), mask = make_vector<double>(exec, "ign::test", 8);
  exec.fence();
  double const drift[] = {1, 5, 2, 6, 3, 5, 4, 0}, known[] = {1, 0, 1, 0, 1, 1, 0, 1};  // missing: 5, 6, 4; known: 1, 2, 3, 5, 0
  std::copy(drift, drift + 8, map.data());
  std::copy(known, known + 8, mask.data());
  Shape const shape = {2, 2, 1};
  auto const maps = as_tensor<double>(map, 2, shape), masks = as_tensor<double>(mask, 2, shape);
  double const found = metrics::pixel_auroc<double, Exec>(exec, maps, masks);
  BOOST_TEST(found == (4.5 + 5 + 4) / 15);
  check_refused([&] { metrics::pixel_auroc<double, Exec>(exec, maps, as_tensor<double>(mask, 1, shape)); }, "ign.shape.471");
  check_refused([&] { metrics::pixel_auroc<double, Exec>(exec, as_tensor<double>(map, 2, {1, 2, 2}), masks); }, "ign.shape.471");
  Kokkos::deep_copy(exec, mask, 1.0);
  check_refused([&] { metrics::pixel_auroc<double, Exec>(exec, maps, masks); }, "ign.shape.202");
}

BOOST_AUTO_TEST_CASE(images_equal_plain_loops) {
  for (auto const& [batch, shape] : {std::pair{1, Shape{11, 11, 1}}, std::pair{3, Shape{28, 28, 1}}, std::pair{2, Shape{12, 31, 3}}}) {
    check_images<double>(batch, shape, 2);
    check_images<float>(batch, shape, 1);
  }
}

BOOST_AUTO_TEST_CASE(equal_images_are_alike) {
  Exec const exec;
  Shape const shape = {13, 14, 2};
  auto const numbers = random_vector<float>(2 * shape.size(), 1), found = random_vector<float>(2, 2);
  numbers(0) = 0;
  auto const x = as_tensor<float>(numbers, 2, shape);
  VectorRef<float, Exec> const out(found);
  metrics::psnr(exec, x, x, 2, out);
  exec.fence();
  BOOST_TEST(found(0) == infinity);
  metrics::ssim(exec, x, x, 2, out);
  exec.fence();
  BOOST_TEST(found(1) == 1.0f);

  auto const other = as_tensor<float>(numbers, 1, shape);
  auto const small = as_tensor<float>(numbers, 2, {10, 14, 2});
  check_refused([&] { metrics::psnr(exec, x, other, 2, out); }, "ign.shape.205");
  check_refused([&] { metrics::mean_l1(exec, x, small, out); }, "ign.shape.205");
  check_refused([&] { metrics::ssim(exec, small, small, 2, out); }, "ign.shape.206");
  check_refused([&] { metrics::psnr(exec, x, x, 0, out); }, "ign.option.207");
  check_refused([&] { metrics::ssim(exec, x, x, -1, out); }, "ign.option.207");
}

BOOST_AUTO_TEST_CASE(images_are_bitwise_identical_with_one_thread_and_with_all) {
  Shape const shape = {20, 23, 3};
  auto const a = random_vector<float>(5 * shape.size(), 1), b = random_vector<float>(5 * shape.size(), 2);
  auto const all = random_vector<float>(5, 3), one = random_vector<float>(5, 4);
  metrics::ssim(Exec{}, as_tensor<float>(a, 5, shape), as_tensor<float>(b, 5, shape), 2, VectorRef<float, Exec>(all));
  metrics::ssim(ign_test::one_thread(), as_tensor<float>(a, 5, shape), as_tensor<float>(b, 5, shape), 2, VectorRef<float, Exec>(one));
  Kokkos::fence();
  BOOST_TEST(std::memcmp(all.data(), one.data(), 5 * sizeof(float)) == 0);
}

BOOST_AUTO_TEST_SUITE_END()
