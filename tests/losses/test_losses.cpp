// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include <boost/test/unit_test.hpp>

#include <ign/core/schedule.hpp>
#include <ign/losses/distance.hpp>
#include <ign/losses/l1.hpp>
#include <ign/losses/mse.hpp>
#include <ign/losses/tightness.hpp>
#include <ign/optimizers/adam.hpp>
#include <ign/optimizers/sgd.hpp>
#include <ign_test/layer_check.hpp>

using namespace ign;
using ign_test::as_tensor;
using ign_test::Exec;
using ign_test::random_vector;

BOOST_AUTO_TEST_SUITE(losses_and_optimizers)

namespace {

template <class D>
void check_distance(D const& distance, int batch, Shape shape) {
  Exec const exec;
  std::size_t const n = batch * shape.size();
  auto const a = random_vector<double>(n, 1), b = random_vector<double>(n, 2), d = random_vector<double>(batch, 3);
  auto const scale = random_vector<double>(batch, 4), g = random_vector<double>(n, 5);
  a(0) = b(0);
  auto const wa = as_tensor<double>(a, batch, shape), wb = as_tensor<double>(b, batch, shape), wg = as_tensor<double>(g, batch, shape);
  sample_distances(exec, distance, wa, wb, VectorRef<double, Exec>(d));
  exec.fence();
  for (int s = 0; s < batch; ++s) {
    double sum = 0;
    for (std::size_t i = 0; i < shape.size(); ++i) sum += distance.value(a(s * shape.size() + i), b(s * shape.size() + i));
    BOOST_TEST(std::abs(d(s) - sum / static_cast<double>(shape.size())) < 1e-13);
  }
  for (Argument argument : {Argument::first, Argument::second}) {
    distance_gradient(exec, distance, wa, wb, argument, 0.7, VectorRef<double, Exec>(scale), wg);
    exec.fence();
    BOOST_TEST(g(0) == 0);  // where the arguments are equal
    for (std::size_t i = 1; i < n; ++i) {
      double const h = 1e-6, da = argument == Argument::first ? h : 0, db = h - da;
      double const slope = (distance.value(a(i) + da, b(i) + db) - distance.value(a(i) - da, b(i) - db)) / (2 * h);
      BOOST_TEST(std::abs(g(i) - 0.7 * scale(i / shape.size()) * slope / static_cast<double>(shape.size())) < 1e-8);
    }
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(distances) {
  check_distance(Mse{}, 3, {5, 7, 3});
  check_distance(L1{}, 1, {1, 1, 1});
  check_distance(Mse{}, 2, {40, 41, 1});
  check_distance(L1{}, 2, {40, 41, 1});
}

BOOST_AUTO_TEST_CASE(what_cannot_be_compared_is_refused) {
  Exec const exec;
  auto const numbers = random_vector<double>(24, 1);
  auto const a = as_tensor<double>(numbers, 2, {2, 3, 2}), fewer = as_tensor<double>(numbers, 1, {2, 3, 2});
  auto const other = as_tensor<double>(numbers, 2, {3, 2, 2});
  auto const of = [&](std::size_t count) { return VectorRef<double, Exec>(numbers.data(), count); };
  auto const refused = [](auto const& call) {
    BOOST_CHECK_EXCEPTION(call(), Error, [](Error const& error) { return error.id() == "ign.shape.205"; });
  };
  refused([&] { sample_distances(exec, Mse{}, a, fewer, of(2)); });
  refused([&] { sample_distances(exec, Mse{}, a, other, of(2)); });
  refused([&] { sample_distances(exec, Mse{}, a, a, of(1)); });
  auto const gradient = [&](auto const& x, auto const& y, auto const& scale, auto const& out) {
    distance_gradient(exec, Mse{}, x, y, Argument::first, 1.0, scale, out);
  };
  refused([&] { gradient(a, fewer, of(2), a); });
  refused([&] { gradient(a, a, of(2), other); });
  refused([&] { gradient(a, a, of(3), a); });
  BOOST_CHECK_NO_THROW(gradient(a, a, (VectorRef<double, Exec>{}), a));
}

BOOST_AUTO_TEST_CASE(smoothing_has_its_derivatives_and_limits) {
  Smoothing const none{};
  BOOST_TEST(none.value(3, 1) == -3);
  BOOST_TEST(none.derivative_tightness(3, 1) == -1);
  BOOST_TEST(none.derivative_reference(3, 1) == 0);
  Smoothing const s{SmoothingKind::data_sample, 1.3, 1e-3};
  for (double t : {0.0, 0.01, 0.5, 3.0})
    for (double r : {0.1, 0.7, 2.0}) {
      double const h = 1e-6;
      BOOST_TEST(std::abs(s.derivative_tightness(t, r) - (s.value(t + h, r) - s.value(t - h, r)) / (2 * h)) < 1e-8);
      BOOST_TEST(std::abs(s.derivative_reference(t, r) - (s.value(t, r + h) - s.value(t, r - h)) / (2 * h)) < 1e-8);
    }
  BOOST_TEST(s.value(1e9, 2) == -1.3 * 2);  // it reaches a R and no further
  BOOST_TEST(s.derivative_tightness(1e9, 2) == 0);
  BOOST_TEST(s.value(1, 0) == s.value(1, 1e-3));  // below the floor nothing changes
  BOOST_TEST(s.derivative_reference(1, 1e-4) == 0);
  BOOST_CHECK_THROW(validate(Smoothing{SmoothingKind::none, 0}), Error);
  for (auto const kind : smoothing_kinds) BOOST_TEST((smoothing_kind(name(kind)) == kind));
  BOOST_CHECK_EXCEPTION(smoothing_kind("own-noise"), Error, [](Error const& error) { return error.id() == "ign.option.84"; });
}

// Derivatives of every form against differences, and the limits of the two convex ones.
BOOST_AUTO_TEST_CASE(forms_of_the_tightness_have_their_derivatives_and_limits) {
  for (auto const kind : smoothing_kinds) {
    Smoothing const form{kind, 1.3, 1e-3};
    for (double const t : {1e-3, 0.2, 1.0, 4.0}) {
      TightnessInputs const in = {t, 0.4, 0.9, 0.5, 0.7};
      auto const term = form.term(in);
      auto const moved = [&](double TightnessInputs::*member, double by) {
        TightnessInputs other = in;
        other.*member += by;
        return form.term(other).value;
      };
      double const h = 1e-6;
      auto const slope = [&](double TightnessInputs::*member) { return (moved(member, h) - moved(member, -h)) / (2 * h); };
      auto const variable = kind == SmoothingKind::batch ? &TightnessInputs::mean_tightness : &TightnessInputs::tightness;
      BOOST_TEST(std::abs(term.derivative_tightness - slope(variable)) < 1e-8, name(kind) << " at " << t);
      BOOST_TEST(std::abs(term.derivative_reconstruction - slope(&TightnessInputs::reconstruction)) < 1e-8, name(kind) << " at " << t);
      BOOST_TEST((term.derivative_tightness >= -1 && term.derivative_tightness <= 0));
    }
    BOOST_TEST(form.needs_noise_distance() == (kind == SmoothingKind::own_noise));
  }
  auto const pull = [](SmoothingKind kind, double t) { return -Smoothing{kind, 1, 1e-6}.term({t, 0.5, t, 0.5, 0}).derivative_tightness; };
  for (auto const kind : {SmoothingKind::paired, SmoothingKind::exponential}) {
    BOOST_TEST(pull(kind, 100) < 1e-12);
    BOOST_TEST(is_finite(Smoothing{kind, 1, 1e-6}.term({1e6, 0, 1e6, 0, 0}).value));  // R at its floor
    BOOST_TEST(is_finite(Smoothing{kind, 1, 1e-6}.term({0, 1e6, 0, 1e-9, 0}).value));
  }
  BOOST_TEST(std::abs(pull(SmoothingKind::paired, 0.5) - 0.5) < 1e-15);
  BOOST_TEST(std::abs(pull(SmoothingKind::exponential, 0) - 1) < 1e-15);
}

BOOST_AUTO_TEST_CASE(schedules) {
  auto const cosine = Schedule::cosine(2, 1, 10);
  BOOST_TEST(cosine.at(0) == 2);
  BOOST_TEST(std::abs(cosine.at(5) - 1.5) < 1e-15);
  BOOST_TEST(cosine.at(10) == 1);
  BOOST_TEST(cosine.at(1000) == 1);
  BOOST_TEST(Schedule::linear(1, 0, 4).at(1) == 0.75);
  BOOST_TEST(Schedule::constant(3).at(12345) == 3);
  Schedule warm = cosine;
  warm.warmup = 4;
  BOOST_TEST(warm.at(1) == 1);
  BOOST_TEST(warm.at(4) == 2);
  BOOST_CHECK_THROW(validate(Schedule::constant(-1), "rate"), Error);
}

// Each optimizer against its formula, written out in double.
BOOST_AUTO_TEST_CASE(adam_follows_its_formula) {
  Exec const exec;
  Adam const adam{.beta1 = 0.6, .beta2 = 0.9, .epsilon = 1e-3, .weight_decay = 0.1};
  std::size_t const n = 4099;
  auto const p = random_vector<double>(n, 1), g = random_vector<double>(n, 2);
  auto const state = make_vector<double>(exec, "ign::test", 2 * n);
  std::vector<double> q(p.data(), p.data() + n), m(n, 0), v(n, 0);
  for (std::uint64_t t = 1; t <= 3; ++t) {
    update(exec, adam, 0.01, t, VectorRef<double, Exec>(p), VectorRef<double, Exec>(g), VectorRef<double, Exec>(state));
    exec.fence();
    for (std::size_t i = 0; i < n; ++i) {
      double const d = g(i) + 0.1 * q[i];
      m[i] = 0.6 * m[i] + 0.4 * d;
      v[i] = 0.9 * v[i] + 0.1 * d * d;
      double const mean = m[i] / (1 - std::pow(0.6, t)), square = v[i] / (1 - std::pow(0.9, t));
      q[i] -= 0.01 * mean / (std::sqrt(square) + 1e-3);
      if (std::abs(p(i) - q[i]) > 1e-13) BOOST_ERROR("step " << t << " parameter " << i);
    }
  }
  BOOST_CHECK_THROW(validate(Adam{.beta1 = 1}), Error);
}

BOOST_AUTO_TEST_CASE(sgd_follows_its_formula) {
  Exec const exec;
  std::size_t const n = 100;
  for (bool nesterov : {false, true})
    for (double momentum : {0.0, 0.9}) {
      Sgd const sgd{momentum, 0.1, nesterov};
      auto const p = random_vector<double>(n, 1), g = random_vector<double>(n, 2);
      auto const state = make_vector<double>(exec, "ign::test", slots(sgd).size() * n);
      std::vector<double> q(p.data(), p.data() + n), buffer(n, 0);
      for (std::uint64_t t = 1; t <= 3; ++t) {
        update(exec, sgd, 0.01, t, VectorRef<double, Exec>(p), VectorRef<double, Exec>(g), VectorRef<double, Exec>(state));
        exec.fence();
        for (std::size_t i = 0; i < n; ++i) {
          double const d = g(i) + 0.1 * q[i];
          buffer[i] = momentum * buffer[i] + d;
          q[i] -= 0.01 * (momentum == 0 ? d : nesterov ? d + momentum * buffer[i] : buffer[i]);
          BOOST_TEST(std::abs(p(i) - q[i]) < 1e-14);
        }
      }
    }
  BOOST_CHECK_THROW(validate(Sgd{1.5}), Error);
}

BOOST_AUTO_TEST_SUITE_END()
