// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include <boost/test/unit_test.hpp>

#include "../../examples/support/baselines.hpp"

#include <ign_test/layer_check.hpp>

#include <limits>

using namespace ign;

BOOST_AUTO_TEST_SUITE(baselines)

namespace {

std::vector<float> numbers(std::size_t size, std::uint32_t substream, double deviation = 1) {
  auto const vector = ign_test::random_vector<float>(size, substream, deviation);
  return {vector.data(), vector.data() + size};
}

}  // namespace

BOOST_AUTO_TEST_CASE(neighbours_are_the_nearest_and_the_first_of_equals) {
  std::size_t const d = 37, n = 1300, m = 131;
  auto training = numbers(n * d, 1);
  for (auto& value : training) value += 100;  // norms far above distances: the estimate alone would be wrong
  auto queries = numbers(m * d, 2);
  for (auto& value : queries) value += 100;
  std::copy_n(training.begin() + 700 * d, d, queries.begin() + 5 * d);      // a copy of sample 700 …
  std::copy_n(training.begin() + 700 * d, d, training.begin() + 1200 * d);  // … which comes twice
  for (std::size_t k = 0; k < d; ++k) training[900 * d + k] = training[800 * d + k] = queries[9 * d + k] + 0.25f;
  auto const found = examples::nearest_neighbours({training, d}, {queries, d});
  for (std::size_t q = 0; q < m; ++q) {
    std::size_t best = 0;
    double least = std::numeric_limits<double>::infinity();
    for (std::size_t j = 0; j < n; ++j) {
      double sum = 0;
      for (std::size_t k = 0; k < d; ++k)
        sum += std::pow(static_cast<double>(queries[q * d + k]) - static_cast<double>(training[j * d + k]), 2);
      if (sum < least) best = j, least = sum;
    }
    BOOST_TEST(found[q].index == best);
    BOOST_TEST(found[q].squared_distance == least, boost::test_tools::tolerance(1e-12));
  }
  BOOST_TEST(found[5].index == 700u);
  BOOST_TEST(found[5].squared_distance == 0);
  BOOST_TEST(found[9].index == 800u);
}

BOOST_AUTO_TEST_CASE(a_subspace_is_found_and_kept) {
  // Samples of a plane in 70 dimensions, with little noise: two components; the projection leaves points of the plane unchanged.
  std::size_t const d = 70, n = 1500;
  auto const axes = numbers(3 * d, 1), places = numbers(2 * n, 2), noise = numbers(n * d, 3, 1e-3);
  std::vector<float> training(n * d);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t k = 0; k < d; ++k)
      training[i * d + k] = axes[k] + 3 * places[2 * i] * axes[d + k] + places[2 * i + 1] * axes[2 * d + k] + noise[i * d + k];
  examples::PrincipalSubspace const plane({training, d}, {.explained = 0.999});
  BOOST_TEST(plane.components() == 2u);
  BOOST_TEST(plane.explained() > 0.999);
  std::vector<float> back(n * d), again(n * d);
  plane.project({training, d}, back);
  for (std::size_t i = 0; i < back.size(); ++i) BOOST_TEST(std::abs(back[i] - training[i]) < 8e-3f);
  plane.project({back, d}, again);
  for (std::size_t i = 0; i < back.size(); ++i) BOOST_TEST(std::abs(again[i] - back[i]) < 1e-5f);
}

BOOST_AUTO_TEST_CASE(what_is_left_is_the_variance_of_the_other_components) {
  std::size_t const d = 65, n = 200;  // one more than a block of columns
  auto const training = numbers(n * d, 1);
  examples::Samples const samples{training, d};
  std::vector<float> out(n * d);
  // The definition by plain loops: the squared residual over all samples is the unexplained variance.
  std::vector<double> mean(d, 0);
  for (std::size_t i = 0; i < n * d; ++i) mean[i % d] += static_cast<double>(training[i]) / n;
  double total = 0;
  for (std::size_t i = 0; i < n * d; ++i) total += std::pow(static_cast<double>(training[i]) - mean[i % d], 2);
  double before = std::numeric_limits<double>::infinity();
  for (std::size_t components : {1, 2, 20, 64, 65}) {
    examples::PrincipalSubspace const subspace(samples, {.components = components});
    BOOST_TEST(subspace.components() == components);
    subspace.project(samples, out);
    double rest = 0;
    for (std::size_t i = 0; i < n * d; ++i) rest += std::pow(static_cast<double>(training[i]) - static_cast<double>(out[i]), 2);
    BOOST_TEST(std::abs(rest / total - (1 - subspace.explained())) < 1e-6);
    BOOST_TEST(rest < before);
    before = rest;
    // Other directions of the same number, here the first axes, leave a larger residual.
    double axes_rest = 0;
    for (std::size_t i = 0; i < n * d; ++i)
      if (i % d >= components) axes_rest += std::pow(static_cast<double>(training[i]) - mean[i % d], 2);
    BOOST_TEST(rest <= axes_rest + 1e-6 * total);
  }
}

BOOST_AUTO_TEST_CASE(fewer_samples_than_numbers_have_the_same_subspace) {
  // The same samples twice have the same covariance, but outnumber the numbers per sample: the other method must find the same axes.
  std::size_t const d = 90, n = 60;
  auto const training = numbers(n * d, 1), queries = numbers(7 * d, 2);
  auto twice = training;
  twice.insert(twice.end(), training.begin(), training.end());
  std::vector<float> few(7 * d), many(7 * d);
  for (std::size_t components : {std::size_t{1}, std::size_t{10}, n - 1}) {
    examples::PrincipalSubspace const a({training, d}, {.components = components}), b({twice, d}, {.components = components});
    BOOST_TEST(a.samples() == n);
    BOOST_TEST(b.samples() == 2 * n);
    BOOST_TEST(a.explained() == b.explained(), boost::test_tools::tolerance(1e-10));
    a.project({queries, d}, few);
    b.project({queries, d}, many);
    for (std::size_t i = 0; i < few.size(); ++i) BOOST_TEST(std::abs(few[i] - many[i]) < 1e-5f);
  }
  BOOST_TEST(examples::PrincipalSubspace({training, d}, {.explained = 1}).components() == n - 1);
  BOOST_CHECK_THROW(examples::PrincipalSubspace({training, d}, {.components = n}), Error);
  BOOST_TEST(examples::PrincipalSubspace({std::vector<float>(3 * d, 0.5f), d}).components() == 0u);
}

BOOST_AUTO_TEST_CASE(of_large_samples_the_first_ones_are_taken) {
  std::size_t const d = 40, n = 50, largest = 32;
  auto const training = numbers(n * d, 1), queries = numbers(3 * d, 2);
  examples::PrincipalSubspace const a({training, d}, {.components = 5, .largest = largest}),
      b({std::span(training).first(largest * d), d}, {.components = 5});
  BOOST_TEST(a.samples() == largest);
  BOOST_TEST(examples::PrincipalSubspace({training, d}, {.largest = d}).samples() == n);
  std::vector<float> one(3 * d), other(3 * d);
  a.project({queries, d}, one);
  b.project({queries, d}, other);
  BOOST_TEST(one == other, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_does_not_fit_is_refused) {
  auto const a = numbers(12, 1);
  std::vector<float> out(12);
  auto bad = a;
  bad[3] = std::numeric_limits<float>::infinity();
  BOOST_CHECK_THROW(examples::nearest_neighbours({a, 4}, {a, 3}), Error);
  BOOST_CHECK_THROW(examples::nearest_neighbours({{}, 4}, {a, 4}), Error);
  BOOST_CHECK_THROW(examples::nearest_neighbours({a, 5}, {a, 5}), Error);
  BOOST_CHECK_THROW(examples::nearest_neighbours({bad, 4}, {a, 4}), Error);
  BOOST_CHECK_THROW(examples::PrincipalSubspace({a, 4}, {.components = 5}), Error);
  BOOST_CHECK_THROW(examples::PrincipalSubspace({a, 4}, {.explained = 0}), Error);
  BOOST_CHECK_THROW(examples::PrincipalSubspace({a, 4}).project({a, 3}, out), Error);
}

BOOST_AUTO_TEST_SUITE_END()
