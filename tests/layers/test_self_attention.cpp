// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include <boost/test/unit_test.hpp>

#include <ign/layers/residual.hpp>
#include <ign/layers/self_attention.hpp>
#include <ign/layers/upsample2d.hpp>
#include <ign/nets/frozen.hpp>
#include <ign/nets/model.hpp>
#include <ign_test/layer_check.hpp>

#include <cstring>

using namespace ign;
using ign_test::Exec;
using ign_test::LayerFixture;

BOOST_AUTO_TEST_SUITE(self_attention)

namespace {

// By plain loops, in double.
template <class Real>
std::vector<double> definition(LayerFixture<SelfAttention, Real> const& f, std::size_t keys, std::size_t values) {
  std::size_t const pixels = f.in.pixels(), channels = static_cast<std::size_t>(f.in.channels);
  auto const weight = [&](std::size_t i) { return static_cast<double>(f.parameters(i)); };
  auto const project = [&](std::size_t first, std::size_t rows, std::size_t n) {
    std::vector<double> out(pixels * rows, 0);
    for (std::size_t p = 0; p < pixels; ++p)
      for (std::size_t r = 0; r < rows; ++r)
        for (std::size_t c = 0; c < channels; ++c)
          out[p * rows + r] += weight(first + r * channels + c) * static_cast<double>(f.x((n * pixels + p) * channels + c));
    return out;
  };
  std::vector<double> y(f.x.size());
  for (std::size_t n = 0; n < static_cast<std::size_t>(f.batch); ++n) {
    auto const q = project(0, keys, n), k = project(keys * channels, keys, n), v = project(2 * keys * channels, values, n);
    std::size_t const output = (2 * keys + values) * channels;
    for (std::size_t p = 0; p < pixels; ++p) {
      std::vector<double> a(pixels, 0);
      double largest = -1e300, sum = 0;
      for (std::size_t j = 0; j < pixels; ++j) {
        for (std::size_t i = 0; i < keys; ++i) a[j] += f.layer.scale * q[p * keys + i] * k[j * keys + i];
        largest = std::max(largest, a[j]);
      }
      for (double& x : a) sum += x = std::exp(x - largest);
      for (std::size_t c = 0; c < channels; ++c) {
        double mixed = 0;
        for (std::size_t j = 0; j < pixels; ++j)
          for (std::size_t i = 0; i < values; ++i) mixed += weight(output + c * values + i) * a[j] / sum * v[j * values + i];
        std::size_t const at = (n * pixels + p) * channels + c;
        y[at] = static_cast<double>(f.x(at)) + weight(output + channels * values) * mixed;
      }
    }
  }
  return y;
}

template <class Real>
void check_definition(SelfAttention const& layer, Shape in, int batch, int keys, int values) {
  LayerFixture<SelfAttention, Real> f(layer, in, batch);
  for (std::size_t i = 0; i < f.parameters.size(); ++i) f.parameters(i) *= Real(0.5);
  f.run_forward({});
  auto const expected = definition(f, static_cast<std::size_t>(keys), static_cast<std::size_t>(values));
  double error = 0, largest = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    error = std::max(error, std::abs(static_cast<double>(f.y(i)) - expected[i]));
    largest = std::max(largest, std::abs(expected[i]));
  }
  BOOST_TEST(error <= (sizeof(Real) == 8 ? 1e-13 : 2e-5) * largest, in << ": error " << error << " of " << largest);
}

constexpr SelfAttention few(int keys, int values, double scale = 0.2) {
  return {.key_channels = keys, .value_channels = values, .scale = scale};
}

}  // namespace

BOOST_AUTO_TEST_CASE(equals_its_definition) {
  auto const check = [](SelfAttention const& layer, Shape in, int batch, int keys, int values) {
    check_definition<double>(layer, in, batch, keys, values);
    check_definition<float>(layer, in, batch, keys, values);
  };
  check({}, {4, 3, 8}, 2, 1, 4);
  check({.scale = 0.3}, {16, 16, 16}, 2, 2, 8);
  check({.key_channels = 3}, {5, 7, 6}, 3, 3, 3);
  check(few(3, 2), {9, 11, 5}, 1, 3, 2);
  check(few(20, 35, 0.05), {6, 6, 40}, 2, 20, 35);
  check(few(1, 1), {1, 1, 1}, 2, 1, 1);
  check(few(1, 1), {3, 5, 1}, 1, 1, 1);
  check(few(2, 3), volume_shape(3, 4, 2, 4), 2, 2, 3);
  check(few(2, 17), {30, 31, 18}, 1, 2, 17);  // blocks of fewer pixels
}

BOOST_AUTO_TEST_CASE(gradients) {
  ign_test::check_gradients(SelfAttention{.scale = 0.1}, {3, 2, 8}, 2);
  ign_test::check_gradients(few(2, 3), {3, 5, 4}, 3);
  ign_test::check_gradients(few(3, 5), {1, 7, 3}, 1);
  ign_test::check_gradients(few(1, 1), {1, 1, 1}, 2);
  ign_test::check_gradients(few(1, 2), {2, 3, 1}, 1, pass_of(Role::data, Mode::evaluate));
  ign_test::check_gradients(few(17, 18, 0.05), {2, 2, 19}, 2);
  ign_test::check_gradients(few(1, 1), {9, 9, 2}, 1);   // two blocks of pixels, and rows of scores longer than a pack
  ign_test::check_gradients(few(1, 2), {2, 2, 2}, 67);  // parts of two samples
}

// Scores of the size of 1000 overflow an exponential.
BOOST_AUTO_TEST_CASE(large_scores_are_stable) {
  LayerFixture<SelfAttention, float> f(few(1, 1, 1000), {5, 5, 2}, 1);
  f.run_forward({});
  f.run_backward({}, true, false, true);
  auto const expected = definition(f, 1, 1);
  for (std::size_t i = 0; i < expected.size(); ++i) BOOST_TEST(std::abs(static_cast<double>(f.y(i)) - expected[i]) <= 2e-3);
  for (std::size_t i = 0; i < f.dx.size(); ++i) BOOST_TEST(std::isfinite(f.dx(i)));
}

BOOST_AUTO_TEST_CASE(is_the_identity_at_first) {
  Exec const exec;
  LayerFixture<SelfAttention, float> f({}, {5, 4, 16}, 2);
  initialize(exec, parameters(f.layer, f.in), VectorRef<float, Exec>(f.parameters), ign_test::key(20));
  f.run_forward({});
  BOOST_TEST(std::memcmp(f.x.data(), f.y.data(), f.x.size() * sizeof(float)) == 0);
  Kokkos::deep_copy(f.gradients, 0.0f);
  f.run_backward({}, true, false, true);
  BOOST_TEST(std::memcmp(f.dx.data(), f.dy.data(), f.x.size() * sizeof(float)) == 0);
  std::size_t const gamma = f.gradients.size() - 1;
  for (std::size_t i = 0; i < gamma; ++i) BOOST_TEST(f.gradients(i) == 0.0f);
  BOOST_TEST(f.gradients(gamma) != 0.0f);  // so that training leaves the identity
}

BOOST_AUTO_TEST_CASE(a_sample_does_not_depend_on_its_batch) {
  ign_test::check_batch_independence<float>(SelfAttention{}, {16, 13, 24}, 5);
  ign_test::check_batch_independence<double>(few(3, 5), {9, 9, 7}, 4);
}

BOOST_AUTO_TEST_CASE(the_number_of_threads_does_not_matter, *boost::unit_test::precondition(ign_test::runs_on_host_threads)) {
  auto const check = []<class Real>(Real, SelfAttention const& layer, Shape in, int batch) {
    LayerFixture<SelfAttention, Real> many(layer, in, batch), one(layer, in, batch);
    one.exec = ign_test::one_thread();
    for (auto* const f : {&many, &one}) {
      f->run_forward({});
      f->run_backward({}, true, true, true);
    }
    auto const same = [](auto const& a, auto const& b) { return std::memcmp(a.data(), b.data(), a.size() * sizeof(Real)) == 0; };
    BOOST_TEST((same(many.y, one.y) && same(many.dx, one.dx) && same(many.gradients, one.gradients)), in << ", batch " << batch);
  };
  check(float(), {}, {16, 16, 16}, 5);
  check(float(), {}, {16, 16, 16}, 1);
  check(double(), few(3, 5), {7, 9, 6}, 3);
}

BOOST_AUTO_TEST_CASE(frozen_nets_have_it) {
  Exec const exec;
  Conv2d const conv{.channels = 8, .kernel = 3, .stride = 2, .padding = 1, .init_std = 0.3};
  auto const net = sequential(conv, Relu{}, SelfAttention{.init_std = 0.3}, residual(SelfAttention{.init_std = 0.3}, Tanh{}), BatchNorm{},
                              Upsample2d{}, Conv2d{.channels = 2, .kernel = 3, .padding = 1});
  Shape const in = {8, 6, 2};
  Model<std::remove_const_t<decltype(net)>, float, Exec> const model(exec, net, in, 1);
  exec.fence();
  for (auto const& array : model.parameter_arrays())
    if (array.info.name.ends_with("gamma")) model.parameters()(array.offset) = 0.7f;
  auto const x = ign_test::random_vector<float>(3 * in.size(), 1), y = ign_test::random_vector<float>(3 * in.size(), 2);
  Frozen(exec, model).forward(exec, Role::data, ign_test::as_tensor<float>(x, 3, in), ign_test::as_tensor<float>(y, 3, in));
  Tape<float, Exec> tape(Retain::last);
  Workspace<float, Exec> workspace;
  model.forward(exec, pass_of(Role::data, Mode::evaluate), ign_test::as_tensor<float>(x, 3, in), tape, workspace);
  exec.fence();
  for (std::size_t i = 0; i < y.size(); ++i) BOOST_TEST(std::abs(y(i) - tape.result().data()[i]) <= 1e-6f);
}

BOOST_AUTO_TEST_CASE(describes_itself) {
  auto const net = describe(SelfAttention{}, {4, 4, 16});
  BOOST_TEST(net.name == "SelfAttention");
  BOOST_TEST((net == describe(SelfAttention{.key_channels = 2, .value_channels = 8}, {4, 4, 16})));
  BOOST_TEST(!(net == describe(SelfAttention{.scale = 0.5}, {4, 4, 16})));
  auto const arrays = parameters(SelfAttention{.key_channels = 3}, {4, 4, 6});
  BOOST_TEST(arrays.size() == 5u);
  BOOST_TEST(total_size(arrays) == 3u * 6 + 3 * 6 + 3 * 6 + 6 * 3 + 1);
}

BOOST_AUTO_TEST_CASE(bad_options_are_errors) {
  auto const fails = [](SelfAttention const& layer, Shape in, char const* expected) {
    BOOST_CHECK_EXCEPTION(output_shape(layer, in), Error, [&](Error const& e) { return e.id() == expected; });
  };
  fails({}, {4, 4, 12}, "ign.option.610");
  fails({.key_channels = 1}, {4, 4, 3}, "ign.option.610");
  fails({.key_channels = -1, .value_channels = 1}, {4, 4, 8}, "ign.option.610");
  fails({.value_channels = -1}, {4, 4, 8}, "ign.option.610");
  fails({.scale = 0}, {4, 4, 8}, "ign.option.610");
  fails({.init_std = -1}, {4, 4, 8}, "ign.option.70");
  BOOST_TEST((output_shape(SelfAttention{}, {4, 3, 8}) == Shape{4, 3, 8}));
}

BOOST_AUTO_TEST_SUITE_END()
