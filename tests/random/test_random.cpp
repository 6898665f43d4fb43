// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include <boost/test/unit_test.hpp>

#include <ign/core/key.hpp>
#include <ign/random/fill.hpp>
#include <ign/random/permutation.hpp>
#include <ign_test/layer_check.hpp>

#include <algorithm>
#include <numbers>
#include <set>

using namespace ign;
using ign_test::Exec;

BOOST_AUTO_TEST_SUITE(randomness)

// Known answers of Philox 4x32-10, from Random123's own kat_vectors.
BOOST_AUTO_TEST_CASE(many_blocks_at_once_are_identical) {
  Key const key{0x123456789abcdefu, RandomStream::user, 0x1fedcba987u, 77};
  std::uint32_t words[4][24];
  random::bits_of_blocks(key, 1000, words);
  for (std::uint32_t i = 0; i < 24; ++i) {
    auto const four = random::bits(key, 1000 + i);
    for (std::size_t k = 0; k < 4; ++k) BOOST_TEST(words[k][i] == four[k]);
  }
}

BOOST_AUTO_TEST_CASE(bits_are_philox) {
  auto const words = random::bits(Key{0, RandomStream{0}, 0, 0}, 0);
  BOOST_TEST(words[0] == 0x6627e8d5u);
  BOOST_TEST(words[1] == 0xe169c58du);
  BOOST_TEST(words[2] == 0xbc57ac4cu);
  BOOST_TEST(words[3] == 0x9b00dbd8u);
}

BOOST_AUTO_TEST_CASE(log_and_circle_are_accurate) {
  for (std::uint32_t k = 0; k < (1u << 23); k += 97) {
    float const u = random::uniform(k << 9);
    double const exact = std::log(static_cast<double>(u));
    if (std::abs(static_cast<double>(random::log_unit(u)) - exact) > 4e-7 * std::max(std::abs(exact), 1e-30)) BOOST_ERROR("log " << u);
    float c = 0, s = 0;
    random::cos_sin_turn(u, c, s);
    double const angle = 2 * std::numbers::pi * static_cast<double>(u);
    if (std::abs(static_cast<double>(c) - std::cos(angle)) > 2e-7 || std::abs(static_cast<double>(s) - std::sin(angle)) > 2e-7)
      BOOST_ERROR("circle " << u << ": " << c << ' ' << s);
  }
}

BOOST_AUTO_TEST_CASE(gaussian_numbers_are_gaussian) {
  std::size_t const n = 1000003;
  auto const v = ign_test::random_vector<float>(n, 1);
  std::vector<double> sorted(v.data(), v.data() + n);
  double moments[4] = {};
  for (double x : sorted)
    for (int k = 0; k < 4; ++k) moments[k] += std::pow(x, k + 1) / static_cast<double>(n);
  BOOST_TEST(std::abs(moments[0]) < 5e-3);
  BOOST_TEST(std::abs(moments[1] - 1) < 7e-3);
  BOOST_TEST(std::abs(moments[2]) < 2e-2);
  BOOST_TEST(std::abs(moments[3] - 3) < 5e-2);
  // Kolmogorov and Smirnov: beyond 1.95 / sqrt(n) in one of a thousand seeds.
  std::sort(sorted.begin(), sorted.end());
  double worst = 0;
  for (std::size_t i = 0; i < n; ++i) {
    double const below = 0.5 * std::erfc(-sorted[i] / std::numbers::sqrt2);
    worst = std::max(worst, std::abs(below - (static_cast<double>(i) + 0.5) / static_cast<double>(n)));
  }
  BOOST_TEST(worst < 2.5 / std::sqrt(static_cast<double>(n)));
}

BOOST_AUTO_TEST_CASE(a_prefix_does_not_depend_on_the_length_and_double_has_the_values_of_float) {
  auto const longer = ign_test::random_vector<float>(1003, 1), shorter = ign_test::random_vector<float>(501, 1);
  auto const wide = ign_test::random_vector<double>(501, 1);
  for (std::size_t i = 0; i < 501; ++i) {
    BOOST_TEST(longer(i) == shorter(i));
    BOOST_TEST(wide(i) == static_cast<double>(shorter(i)));
  }
}

BOOST_AUTO_TEST_CASE(an_empty_tensor_of_a_shard_is_left_alone) {
  Key key = ign_test::key(2);
  key.samples = {1, 2};
  fill_gaussian(Exec(), key, 1, VectorRef<float, Exec>());
  fill_uniform(Exec(), key, 1, TensorRef<float, Exec>(nullptr, 0, 3, 3, 1));
  fill_uniform(Exec(), key, 1, TensorRef<float, Exec>(nullptr, 2, 0, 3, 1));
}

BOOST_AUTO_TEST_CASE(uniform_numbers_stay_inside) {
  Exec const exec;
  auto const v = make_vector<float>(exec, "ign::test", 100000);
  fill_uniform(exec, ign_test::key(2), 0.25, VectorRef<float, Exec>(v));
  double mean = 0, square = 0;
  for (std::size_t i = 0; i < v.size(); ++i) {
    BOOST_REQUIRE(std::abs(v(i)) < 0.25f);
    mean += static_cast<double>(v(i)) / 1e5;
    square += static_cast<double>(v(i)) * static_cast<double>(v(i)) / 1e5;
  }
  BOOST_TEST(std::abs(mean) < 3e-3);
  BOOST_TEST(std::abs(square - 0.25 * 0.25 / 3) < 5e-4);
}

BOOST_AUTO_TEST_CASE(permutation_is_a_bijection) {
  for (std::uint64_t n : {1, 2, 3, 4, 5, 16, 17, 100, 255, 256, 257, 1000, 60000}) {
    Permutation const order(ign_test::key(3), n);
    std::vector<bool> seen(n, false);
    for (std::uint64_t i = 0; i < n; ++i) {
      BOOST_REQUIRE(order(i) < n);
      BOOST_REQUIRE(!seen[order(i)]);
      seen[order(i)] = true;
    }
  }
}

BOOST_AUTO_TEST_CASE(permutations_are_spread_evenly) {
  // The first place of many orders of 10: chi-square with 9 degrees of freedom passes 33.7 in one of ten thousand seeds.
  int counts[10] = {};
  for (std::uint64_t epoch = 0; epoch < 5000; ++epoch) ++counts[Permutation({ign_test::seed(), RandomStream::order, epoch}, 10)(0)];
  double chi = 0;
  for (int c : counts) chi += (c - 500.0) * (c - 500.0) / 500;
  BOOST_TEST(chi < 33.7);
}

// The index of a block of four values has 32 bits.
BOOST_AUTO_TEST_CASE(a_sequence_has_2_to_34_values) {
  Exec const exec;
  Vector<float, Exec> const out("ign::test", 16);
  VectorRef<float, Exec> const values(out);
  auto const last_of = [](std::uint64_t first) { return Key{.seed = 3, .samples = {first, 1}}; };
  std::uint64_t const all = (std::uint64_t{1} << 34) / 8;  // samples of eight values
  fill_gaussian(exec, last_of(all - 2), 1, values, 8);
  BOOST_CHECK_EXCEPTION(fill_gaussian(exec, last_of(all - 1), 1, values, 8), Error,
                        [](Error const& e) { return e.id() == "ign.option.663"; });
  for (std::uint64_t const first : {all, ~std::uint64_t{0}})  // the next index of the last is 0
    BOOST_CHECK_EXCEPTION(fill_uniform(exec, last_of(first), 1, values, 8), Error,
                          [](Error const& e) { return e.id() == "ign.option.663"; });
}

BOOST_AUTO_TEST_SUITE_END()
