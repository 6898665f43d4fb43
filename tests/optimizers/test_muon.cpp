// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Muon against its definition, with the iteration on whole matrices; on devices' kernels, too (tests/CMakeLists.txt).

#include <boost/test/unit_test.hpp>

#include <ign/optimizers/clip.hpp>
#include <ign/optimizers/ema.hpp>
#include <ign/optimizers/muon.hpp>
#include <ign_test/environment.hpp>
#include <ign_test/layer_check.hpp>
#include <ign_test/muon_definition.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

BOOST_AUTO_TEST_SUITE(muon)

using namespace ign;
using ign_test::Exec;
using ign_test::Matrix;

namespace {

auto const fault(char const* id) {
  return [id](Error const& e) { return e.id() == id; };
}

// Matrices and other arrays, of a size that fills several chunks of the element-wise kernel.
std::vector<ModelArray> const arrays = [] {
  std::vector<ModelArray> all;
  std::size_t offset = 0;
  for (std::vector<int> const& extents : std::vector<std::vector<int>>{
           {5}, {16, 16}, {4, 4, 3, 7}, {1, 9}, {9, 1}, {2, 2}, {40, 130}, {4, 4, 32, 24}, {3, 200}, {33}, {1, 1, 1, 1}, {64, 65}, {11}}) {
    all.push_back({{"array", extents}, offset});
    offset += all.back().info.size();
  }
  return all;
}();
std::size_t const count = arrays.back().offset + arrays.back().info.size();

// Largest error in units of the learning rate.
template <class Real>
double error_of_three_steps(Muon const& optimizer) {
  using Flat = VectorRef<Real, Exec>;
  Exec const exec;
  auto const parameters = ign_test::random_vector<Real>(count, 1);
  auto const state = make_vector<Real>(exec, "ign::test", 2 * count);
  std::vector<double> expected(parameters.data(), parameters.data() + count), mean(count), square(count);
  auto const workspace = optimizer::workspace_of(exec, optimizer, Flat(parameters), arrays);
  double error = 0, rate = 0.02;
  for (std::uint32_t step = 1; step <= 3; ++step, rate /= 2) {
    auto const gradients = ign_test::random_vector<Real>(count, 10 + step);
    std::vector<double> const g(gradients.data(), gradients.data() + count);
    update(exec, optimizer, rate, step, Flat(parameters), Flat(gradients), Flat(state), workspace);
    exec.fence();
    for (auto const& array : arrays) {
      std::size_t const first = array.offset, size = array.info.size();
      if (!ign_test::is_matrix(array)) {
        double const beta1 = optimizer.others.beta1, beta2 = optimizer.others.beta2;
        for (std::size_t i = first; i < first + size; ++i) {
          mean[i] = beta1 * mean[i] + (1 - beta1) * g[i];
          square[i] = beta2 * square[i] + (1 - beta2) * g[i] * g[i];
          double const unbiased = std::sqrt(square[i] / (1 - std::pow(beta2, step)));
          expected[i] -= rate * mean[i] / (1 - std::pow(beta1, step)) / (unbiased + optimizer.others.epsilon);
          error = std::max(error, std::abs(static_cast<double>(parameters(i)) - expected[i]) / rate);
        }
        continue;
      }
      auto const columns = static_cast<std::size_t>(array.info.extents.back());
      Matrix n = {size / columns, columns, std::vector<double>(size)};
      for (std::size_t i = 0; i < size; ++i) {
        double& m = mean[first + i];
        m = optimizer.momentum * m + (1 - optimizer.momentum) * g[first + i];
        n.values[i] = optimizer.nesterov ? optimizer.momentum * m + (1 - optimizer.momentum) * g[first + i] : m;
      }
      auto const u = orthogonalised(n);
      double const length = 0.2 * std::sqrt(static_cast<double>(std::max(n.rows, n.columns)));
      for (std::size_t i = 0; i < size; ++i) {
        double& p = expected[first + i];
        p -= rate * (length * u.values[i] + optimizer.weight_decay * p);
        error = std::max(error, std::abs(static_cast<double>(parameters(first + i)) - p) / rate);
      }
    }
  }
  return error;
}

}  // namespace

BOOST_AUTO_TEST_CASE(steps_are_the_definition) {
  for (Muon const& optimizer : {Muon{}, Muon{.momentum = 0.5, .nesterov = false, .weight_decay = 0.1, .others = {.beta1 = 0.5}},
                                Muon{.momentum = 0, .nesterov = false}}) {
    double const in_double = error_of_three_steps<double>(optimizer), in_float = error_of_three_steps<float>(optimizer);
    BOOST_TEST(in_double <= 1e-11);
    BOOST_TEST(in_float <= 2e-3);
    BOOST_TEST(in_double > 0);  // the reference sums in another order
  }
}

BOOST_AUTO_TEST_CASE(gradients_of_zero_change_nothing) {
  using Flat = VectorRef<double, Exec>;
  Exec const exec;
  auto const parameters = ign_test::random_vector<double>(count, 1);
  std::vector<double> const before(parameters.data(), parameters.data() + count);
  auto const gradients = make_vector<double>(exec, "ign::test", count), state = make_vector<double>(exec, "ign::test", 2 * count);
  update(exec, Muon{}, 0.1, 1, Flat(parameters), Flat(gradients), Flat(state),
         optimizer::workspace_of(exec, Muon{}, Flat(parameters), arrays));
  exec.fence();
  BOOST_TEST(std::equal(before.begin(), before.end(), parameters.data()));
}

BOOST_AUTO_TEST_CASE(a_model_without_matrices_is_trained_by_adam) {
  using Flat = VectorRef<float, Exec>;
  Exec const exec;
  std::vector<ModelArray> const vectors = {{{"bias", {3000}}, 0}};
  auto const parameters = ign_test::random_vector<float>(3000, 1), by_adam = ign_test::random_vector<float>(3000, 1),
             gradients = ign_test::random_vector<float>(3000, 2);
  auto const state = make_vector<float>(exec, "ign::test", 6000), adam_state = make_vector<float>(exec, "ign::test", 6000);
  update(exec, Muon{}, 0.1, 1, Flat(parameters), Flat(gradients), Flat(state),
         optimizer::workspace_of(exec, Muon{}, Flat(parameters), vectors));
  update(exec, Adam{}, 0.1, 1, Flat(by_adam), Flat(gradients), Flat(adam_state));
  exec.fence();
  for (std::size_t i = 0; i < 3000; ++i) BOOST_TEST_REQUIRE(std::abs(parameters(i) - by_adam(i)) <= 1e-6f);
}

BOOST_AUTO_TEST_CASE(wrappers_pass_the_workspace_on) {
  using Flat = VectorRef<double, Exec>;
  Exec const exec;
  Ema const wrapped{Clip(exec, Muon{}, 1e9), 0.9};
  BOOST_TEST((slots(wrapped) == std::vector<std::string>{"exp_avg", "exp_avg_sq", "ema"}));
  auto const plain = ign_test::random_vector<double>(count, 1), parameters = ign_test::random_vector<double>(count, 1),
             gradients = ign_test::random_vector<double>(count, 2);
  auto const plain_state = make_vector<double>(exec, "ign::test", 2 * count), state = make_vector<double>(exec, "ign::test", 3 * count);
  update(exec, Muon{}, 0.1, 1, Flat(plain), Flat(gradients), Flat(plain_state), optimizer::workspace_of(exec, Muon{}, Flat(plain), arrays));
  update(exec, wrapped, 0.1, 1, Flat(parameters), Flat(gradients), Flat(state),
         optimizer::workspace_of(exec, wrapped, Flat(parameters), arrays));
  exec.fence();
  for (std::size_t i = 0; i < count; ++i) BOOST_TEST_REQUIRE(parameters(i) == plain(i));
}

BOOST_AUTO_TEST_CASE(impossible_options_are_errors) {
  double const nan = std::numeric_limits<double>::quiet_NaN();
  validate(Muon{});
  for (double const momentum : {-0.1, 1.0, nan})
    BOOST_CHECK_EXCEPTION(validate(Muon{.momentum = momentum}), Error, fault("ign.option.594"));
  for (double const decay : {-0.1, nan}) BOOST_CHECK_EXCEPTION(validate(Muon{.weight_decay = decay}), Error, fault("ign.option.594"));
  BOOST_CHECK_EXCEPTION(validate(Muon{.others = {.beta2 = 1}}), Error, fault("ign.option.81"));
}

BOOST_AUTO_TEST_CASE(the_workspace_of_another_model_is_an_error) {
  using Flat = VectorRef<double, Exec>;
  Exec const exec;
  auto const parameters = make_vector<double>(exec, "ign::test", count);
  auto const state = make_vector<double>(exec, "ign::test", 2 * count);
  std::vector<ModelArray> const few = {{{"a", {4, 4}}, 0}}, too_many = {{{"a", {1000, 1000}}, 0}},
                                reversed = {{{"b", {4, 4}}, 16}, {{"a", {4, 4}}, 0}},
                                overlapping = {{{"a", {4, 4}}, 0}, {{"b", {4, 4}}, 15}};
  auto const workspace = optimizer::workspace_of(exec, Muon{}, Flat(parameters.data(), 16), few);
  BOOST_CHECK_EXCEPTION(update(exec, Muon{}, 0.1, 1, Flat(parameters), Flat(parameters), Flat(state), workspace), Error,
                        fault("ign.shape.172"));
  for (auto const& wrong : {too_many, reversed, overlapping})
    BOOST_CHECK_EXCEPTION(optimizer::workspace_of(exec, Muon{}, Flat(parameters), wrong), Error, fault("ign.shape.172"));
  math::PolarFactors<double, Exec> const factors(exec, {{0, 4, 4}}, count);
  detail::MuonUpdate<double> const store = {StepArgument<MuonStepValues>(MuonStepValues{}), 0, parameters.data()};
  BOOST_CHECK_EXCEPTION(factors.apply(exec, {.iterations = 0}, store), Error, fault("ign.option.595"));
}

// All memory is written anew in each step.
BOOST_AUTO_TEST_CASE(a_gradient_that_is_not_a_number_leaves_no_trace_in_the_workspace) {
  using Flat = VectorRef<float, Exec>;
  ign_test::AllowNan const allow;
  Exec const exec;
  auto const first = make_vector<float>(exec, "ign::test", count);
  auto const workspace = optimizer::workspace_of(exec, Muon{}, Flat(first), arrays);
  std::vector<float> results[2];
  for (auto& result : results) {
    auto const parameters = ign_test::random_vector<float>(count, 1), gradients = ign_test::random_vector<float>(count, 2);
    auto const state = make_vector<float>(exec, "ign::test", 2 * count);
    update(exec, Muon{}, 0.1, 1, Flat(parameters), Flat(gradients), Flat(state), workspace);
    exec.fence();
    result.assign(parameters.data(), parameters.data() + count);
    for (std::size_t i = 0; i < count; ++i) gradients(i) = std::numeric_limits<float>::quiet_NaN();
    update(exec, Muon{}, 0.1, 2, Flat(parameters), Flat(gradients), Flat(state), workspace);
    exec.fence();
    BOOST_TEST(std::isnan(parameters(5)));
  }
  BOOST_TEST((results[0] == results[1]));
}

BOOST_AUTO_TEST_CASE(the_description_has_all_options) {
  auto const description = describe(Muon{});
  BOOST_TEST(description.name == "muon");
  BOOST_TEST(description.options.size() == 3);
  BOOST_TEST_REQUIRE(description.wrapped.size() == 1);
  BOOST_TEST(description.wrapped.front().name == "adam");
}

BOOST_AUTO_TEST_SUITE_END()
