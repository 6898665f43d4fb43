// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include <boost/test/unit_test.hpp>

#include <ign/ign.hpp>
#include <ign/optimizers/optimizer.hpp>
#include <ign_test/layer_check.hpp>

#include <limits>

using namespace ign;
using ign_test::Exec;

namespace {

using Flat = VectorRef<double, Exec>;

auto const fault(char const* id) {
  return [id](Error const& e) { return e.id() == id; };
}

// θ follows θ -= rate g, by Sgd in an Ema; the average by its definition as a sum over all weights that were.
void check_average(Ema<Sgd> const& ema) {
  Exec const exec;
  std::size_t const n = 5000;
  auto const parameters = ign_test::random_vector<double>(n, 1);
  auto const state = make_vector<double>(exec, "ign::test", 2 * n);
  std::vector<std::vector<double>> seen = {std::vector<double>(parameters.data(), parameters.data() + n)};
  for (std::uint32_t step = 1; step <= 12; ++step) {
    auto const gradients = ign_test::random_vector<double>(n, 10 + step);
    update(exec, ema, 0.1, step, Flat(parameters), Flat(gradients), Flat(state));
    exec.fence();
    seen.emplace_back(parameters.data(), parameters.data() + n);
    auto const average = ign::average<Sgd, double, Exec>(ema, Flat(state));
    double error = 0;
    for (std::size_t i = 0; i < n; ++i) {
      double sum = 0, weights = 0;
      for (std::size_t s = ema.debias || ema.exponent > 0 ? 1 : 0; s <= step; ++s) {
        double const decaying = std::pow(ema.decay, static_cast<double>(step - s)) * (s == 0 ? 1 : 1 - ema.decay);
        double const growing = std::pow(s, ema.exponent + 1) - std::pow(s - 1, ema.exponent + 1);
        double const weight = ema.exponent > 0 ? growing : decaying;
        sum += weight * seen[s][i];
        weights += weight;
      }
      if (!ema.debias) BOOST_TEST_REQUIRE(std::abs(weights - 1) <= 1e-14);
      error = std::max(error, std::abs(average(i) - sum / weights));
    }
    BOOST_TEST(error <= 1e-13, "step " << step << ": error " << error);
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(optimizers)

BOOST_AUTO_TEST_CASE(the_average_is_its_definition) {
  for (bool debias : {false, true})
    for (double decay : {0.0, 0.7, 0.999}) check_average({{.momentum = 0.5}, decay, debias});
  for (double exponent : {0.5, 6.94, 16.97}) check_average({{.momentum = 0.5}, 0.9, true, exponent});
}

BOOST_AUTO_TEST_CASE(the_average_does_not_change_what_is_trained_and_changes_places_with_it) {
  Exec const exec;
  std::size_t const n = 3001;
  auto const plain = ign_test::random_vector<double>(n, 1), averaged = ign_test::random_vector<double>(n, 1);
  auto const plain_state = make_vector<double>(exec, "ign::test", 2 * n), state = make_vector<double>(exec, "ign::test", 3 * n);
  Ema const ema{Adam{.beta1 = 0.5}, 0.9};
  BOOST_TEST((slots(ema) == std::vector<std::string>{"exp_avg", "exp_avg_sq", "ema"}));
  for (std::uint32_t step = 1; step <= 3; ++step) {
    auto const gradients = ign_test::random_vector<double>(n, step);
    update(exec, Adam{.beta1 = 0.5}, 1e-2, step, Flat(plain), Flat(gradients), Flat(plain_state));
    update(exec, ema, 1e-2, step, Flat(averaged), Flat(gradients), Flat(state));
  }
  exec.fence();
  auto const average = ign::average<Adam, double, Exec>(ema, Flat(state));
  std::vector<double> const before(average.data(), average.data() + n);
  for (std::size_t i = 0; i < n; ++i) BOOST_TEST_REQUIRE(averaged(i) == plain(i));
  swap_average(exec, ema, Flat(averaged), Flat(state));
  exec.fence();
  for (std::size_t i = 0; i < n; ++i) BOOST_TEST_REQUIRE((averaged(i) == before[i] && average(i) == plain(i)));
  swap_average(exec, ema, Flat(averaged), Flat(state));
  exec.fence();
  for (std::size_t i = 0; i < n; ++i) BOOST_TEST_REQUIRE((averaged(i) == plain(i) && average(i) == before[i]));
}

BOOST_AUTO_TEST_CASE(a_norm_above_the_limit_becomes_the_limit_and_one_below_stays) {
  Exec const exec;
  for (std::size_t n : {std::size_t{1}, std::size_t{7}, std::size_t{4096}, std::size_t{100003}}) {
    for (double limit : {0.5, 1e6}) {
      Clip const clip(exec, Sgd{}, limit);
      auto const parameters = make_vector<double>(exec, "ign::test", n);
      auto const gradients = ign_test::random_vector<double>(n, 1), untouched = ign_test::random_vector<double>(n, 1);
      double norm = 0;
      for (std::size_t i = 0; i < n; ++i) norm += untouched(i) * untouched(i);
      norm = std::sqrt(norm);
      update(exec, clip, 1, 1, Flat(parameters), Flat(gradients), Flat{});
      exec.fence();
      BOOST_TEST(std::abs(clip.norm(exec) - norm) <= 1e-12 * norm);
      double const factor = std::min(1.0, limit / (norm + 1e-6));
      double after = 0;
      for (std::size_t i = 0; i < n; ++i) {
        if (factor == 1)
          BOOST_TEST_REQUIRE(gradients(i) == untouched(i));
        else
          BOOST_TEST_REQUIRE(std::abs(gradients(i) - factor * untouched(i)) <= 1e-12);
        BOOST_TEST_REQUIRE(parameters(i) == -gradients(i));
        after += gradients(i) * gradients(i);
      }
      BOOST_TEST(std::sqrt(after) <= limit);
    }
  }
}

BOOST_AUTO_TEST_CASE(the_norm_is_bitwise_identical_with_one_thread_and_sums_floats_in_double) {
  std::size_t const n = 300007;
  double norms[2];
  int k = 0;
  for (Exec const& exec : {Exec{}, ign_test::one_thread()}) {
    Clip const clip(exec, Sgd{}, 1);
    auto const parameters = make_vector<float>(exec, "ign::test", n), gradients = ign_test::random_vector<float>(n, 1);
    update(exec, clip, 1, 1, VectorRef<float, Exec>(parameters), VectorRef<float, Exec>(gradients), VectorRef<float, Exec>{});
    norms[k++] = clip.norm(exec);
  }
  BOOST_TEST(norms[0] == norms[1]);
  auto const gradients = ign_test::random_vector<float>(n, 1);
  long double sum = 0;
  for (std::size_t i = 0; i < n; ++i) sum += static_cast<long double>(gradients(i)) * static_cast<long double>(gradients(i));
  BOOST_TEST(std::abs(norms[0] - std::sqrt(static_cast<double>(sum))) <= 1e-13 * norms[0]);
}

// As two trainers made of one Clip, which copy it.
BOOST_AUTO_TEST_CASE(copies_of_a_clip_have_sums_of_their_own) {
  Exec const exec;
  Clip const original(exec, Sgd{}, 1);
  Clip const copy = original;
  auto assigned = Clip(exec, Sgd{}, 2);
  assigned = original;
  BOOST_TEST(assigned.max_norm() == 1);
  auto const parameters = make_vector<double>(exec, "ign::test", 2);
  auto const step = [&](Clip<Sgd, Exec> const& clip, double x, double y) {
    auto const gradients = make_vector<double>(exec, "ign::test", 2);
    exec.fence();
    gradients(0) = x, gradients(1) = y;
    update(exec, clip, 1, 1, Flat(parameters), Flat(gradients), Flat{});
    exec.fence();
  };
  step(original, 3, 4);
  step(assigned, 5, 12);
  BOOST_TEST(copy.norm(exec) == 0);
  step(copy, 8, 15);
  BOOST_TEST(original.norm(exec) == 5);
  BOOST_TEST(assigned.norm(exec) == 13);
  BOOST_TEST(copy.norm(exec) == 17);
}

BOOST_AUTO_TEST_CASE(zero_gradients_and_gradients_that_are_no_numbers) {
  ign_test::AllowNan const allow;
  Exec const exec;
  Clip const clip(exec, Sgd{}, 1);
  auto const parameters = make_vector<double>(exec, "ign::test", 9), gradients = make_vector<double>(exec, "ign::test", 9);
  update(exec, clip, 1, 1, Flat(parameters), Flat(gradients), Flat{});
  BOOST_TEST(clip.norm(exec) == 0);
  for (std::size_t i = 0; i < 9; ++i) BOOST_TEST(parameters(i) == 0);
  gradients(3) = std::numeric_limits<double>::quiet_NaN();
  update(exec, clip, 1, 1, Flat(parameters), Flat(gradients), Flat{});
  BOOST_TEST(std::isnan(clip.norm(exec)));
  BOOST_TEST(std::isnan(parameters(3)));  // it is not hidden: the losses will show it
}

BOOST_AUTO_TEST_CASE(impossible_options_are_refused_at_every_depth) {
  Exec const exec;
  BOOST_CHECK_EXCEPTION(validate(Ema{Adam{}, 1.0}), Error, fault("ign.option.250"));
  BOOST_CHECK_EXCEPTION(validate(Ema{Adam{}, -0.1}), Error, fault("ign.option.250"));
  BOOST_CHECK_EXCEPTION(validate(Ema{Adam{}, 0.9, true, -0.1}), Error, fault("ign.option.564"));
  BOOST_CHECK_EXCEPTION(validate(Ema{Adam{.beta1 = 1}, 0.9}), Error, fault("ign.option.81"));
  BOOST_CHECK_EXCEPTION(validate(Clip(exec, Adam{}, 0)), Error, fault("ign.option.251"));
  BOOST_CHECK_EXCEPTION(validate(Ema{Clip(exec, Adam{}, -1), 0.9}), Error, fault("ign.option.251"));
  BOOST_CHECK_EXCEPTION(validate(Clip(exec, Sgd{.momentum = 2}, 1)), Error, fault("ign.option.82"));
  BOOST_CHECK_NO_THROW(validate(Ema{Clip(exec, Adam{}, 1), 0.0}));
}

BOOST_AUTO_TEST_SUITE_END()
