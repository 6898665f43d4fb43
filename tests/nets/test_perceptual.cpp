// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The perceptual distance against plain loops over the outputs of the feature net, and its gradients against differences.

#include <boost/test/unit_test.hpp>

#include <ign/layers/activations.hpp>
#include <ign/layers/batch_norm.hpp>
#include <ign/layers/conditional_layers.hpp>
#include <ign/layers/conv2d.hpp>
#include <ign/layers/dropout.hpp>
#include <ign/layers/linear.hpp>
#include <ign/layers/max_pool2d.hpp>
#include <ign/layers/reshape.hpp>
#include <ign/layers/residual.hpp>
#include <ign/losses/l1.hpp>
#include <ign/nets/perceptual.hpp>
#include <ign_test/errors.hpp>
#include <ign_test/kokkos_counter.hpp>
#include <ign_test/layer_check.hpp>

#include <limits>

using namespace ign;
using ign_test::as_tensor;
using ign_test::Exec;
using ign_test::KokkosCounter;
using ign_test::random_vector;

BOOST_AUTO_TEST_SUITE(perceptual)

namespace {

constexpr Shape image = {6, 5, 2};

// Layers 0 to 11. The outputs of 0, 3, 6 and 9 are overwritten by the next layer.
auto feature_net() {
  return sequential(Conv2d{3, 3, 1, 1}, Relu{}, MaxPool2d{}, Conv2d{4, 3, 1, 1}, LeakyRelu{}, residual(Conv2d{4, 3, 1, 1}, Tanh{}),
                    BatchNorm{}, Sigmoid{}, Flatten{}, Linear{5}, Dropout{0.5}, Linear{3});
}

template <class Net, class Real = double>
Model<Net, Real, Exec> make_model(Net const& net, Shape shape = image) {
  Exec const exec;
  Model<Net, Real, Exec> const model(exec, net, shape);
  fill_gaussian(exec, ign_test::key(70), 0.5, VectorRef<Real, Exec>(model.parameters()));
  exec.fence();
  for (std::size_t i = 0; i < model.statistics().size(); ++i)
    model.statistics()(i) = static_cast<Real>(0.7 + 0.1 * static_cast<double>(i % 7));
  return model;
}

// By definition, one sample at a time, with the whole net.
template <class Net, class Pixel, class Real>
double naive(Perceptual<Net, Pixel, Real, Exec> const& distance, TensorRef<Real, Exec> const& a, TensorRef<Real, Exec> const& b) {
  Exec const exec;
  Tape<Real, Exec> of_a, of_b;
  Workspace<Real, Exec> workspace;
  distance.model().forward(exec, pass_of(Role::data, Mode::evaluate), a, of_a, workspace);
  distance.model().forward(exec, pass_of(Role::data, Mode::evaluate), b, of_b, workspace);
  exec.fence();
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    sum += distance.pixel_weight() * static_cast<double>(distance.pixel_distance().value(a.data()[i], b.data()[i])) /
           static_cast<double>(a.size());
  for (std::size_t l = 0; l < Net::size; ++l) {
    auto const p = of_a.output(l), q = of_b.output(l);
    double squares = 0;
    for (std::size_t i = 0; i < p.size(); ++i) squares += std::pow(static_cast<double>(p.data()[i] - q.data()[i]), 2);
    sum += distance.weights()[l] * squares / static_cast<double>(p.size());
  }
  return sum;
}

template <class Net, class Pixel, class Real>
void check_values(Perceptual<Net, Pixel, Real, Exec> const& distance, int batch, double tolerance) {
  Exec const exec;
  Shape const shape = distance.model().input_shape();
  auto const count = static_cast<std::size_t>(batch);
  auto const a = random_vector<Real>(count * shape.size(), 1), b = random_vector<Real>(count * shape.size(), 2);
  auto const out = random_vector<Real>(count, 3), alone = random_vector<Real>(1, 4);
  DistanceMemory<Perceptual<Net, Pixel, Real, Exec>> memory, other;
  auto const all_a = as_tensor<Real>(a, batch, shape), all_b = as_tensor<Real>(b, batch, shape);
  sample_distances(exec, distance, all_a, all_b, VectorRef<Real, Exec>(out), memory);
  exec.fence();
  for (int n = 0; n < batch; ++n) {
    double const expected = naive(distance, batch_range(all_a, n, 1), batch_range(all_b, n, 1));
    BOOST_TEST(std::abs(static_cast<double>(out(static_cast<std::size_t>(n))) - expected) <= tolerance * std::max(1.0, expected));
    sample_distances(exec, distance, batch_range(all_a, n, 1), batch_range(all_b, n, 1), VectorRef<Real, Exec>(alone), other);
    exec.fence();
    BOOST_TEST(alone(0) == out(static_cast<std::size_t>(n)), "sample " << n << " depends on its batch");
  }
}

// With and without scale, with respect to both arguments: all elements in one call, differences one by one.
template <class Net, class Pixel>
void check_gradients(Perceptual<Net, Pixel, double, Exec> const& distance, int batch) {
  Exec const exec;
  Shape const shape = distance.model().input_shape();
  auto const count = static_cast<std::size_t>(batch), size = shape.size();
  auto const a = random_vector<double>(count * size, 1), b = random_vector<double>(count * size, 2), g = random_vector<double>(a.size(), 3);
  auto const scale = random_vector<double>(count, 4);
  auto const of = [&](Vector<double, Exec> const& v) { return as_tensor<double>(v, batch, shape); };
  DistanceMemory<Perceptual<Net, Pixel, double, Exec>> memory;
  for (Argument argument : {Argument::first, Argument::second}) {
    for (bool scaled : {false, true}) {
      distance_gradient(exec, distance, of(a), of(b), argument, 0.7, scaled ? VectorRef<double, Exec>(scale) : VectorRef<double, Exec>{},
                        of(g), memory);
      exec.fence();
      auto const& moved = argument == Argument::first ? a : b;
      for (std::size_t i = 0; i < moved.size(); ++i) {
        int const n = static_cast<int>(i / size);
        double const old = moved(i), h = 1e-6;
        auto const at = [&](double value) {
          moved(i) = value;
          return naive(distance, batch_range(of(a), n, 1), batch_range(of(b), n, 1));
        };
        double const slope = (at(old + h) - at(old - h)) / (2 * h);
        moved(i) = old;
        double const expected = 0.7 * (scaled ? scale(i / size) : 1) * slope;
        BOOST_TEST(std::abs(g(i) - expected) <= 1e-8 * std::max(1.0, std::abs(expected)),
                   "element " << i << ": " << g(i) << ", " << expected);
      }
    }
  }
}

PerceptualOptions some_layers() { return {.layers = {{1, 0.8}, {4, 1.3}, {7, 0.4}, {10, 0.9}}, .pixel_weight = 0.6}; }

}  // namespace

BOOST_AUTO_TEST_CASE(values_are_those_of_the_definition) {
  auto const model = make_model(feature_net());
  for (int batch : {1, 2, 5}) {
    check_values(Perceptual(model, some_layers()), batch, 1e-13);
    check_values(Perceptual(model, some_layers(), L1{}), batch, 1e-13);
    check_values(Perceptual(model, {.layers = {{11, 2}}, .pixel_weight = 0}), batch, 1e-13);
    check_values(Perceptual(model, {.layers = {{4, 1}, {4, 0.5}}}), batch, 1e-13);  // which add up
  }
  check_values(Perceptual(make_model<decltype(feature_net()), float>(feature_net()), some_layers()), 3, 1e-5);
}

// One layer; wide enough for Winograd's algorithm.
BOOST_AUTO_TEST_CASE(values_of_other_nets) {
  check_values(Perceptual(make_model(sequential(Linear{3}), {1, 1, 4}), {.layers = {{0, 1}}}), 3, 1e-13);
  check_values(Perceptual(make_model(sequential(Conv2d{16, 3, 1, 1}, Relu{}, Conv2d{16, 4, 2, 1}, Relu{}), {20, 22, 16}),
                          {.layers = {{1, 1}, {3, 1}}}),
               2, 1e-12);
}

BOOST_AUTO_TEST_CASE(gradients_by_differences) {
  auto const model = make_model(feature_net());
  for (int batch : {1, 3}) {
    check_gradients(Perceptual(model, some_layers()), batch);
    check_gradients(Perceptual(model, some_layers(), L1{}), batch);
  }
  check_gradients(Perceptual(model, {.layers = {{11, 2}}, .pixel_weight = 0}), 2);  // the last layer
  check_gradients(Perceptual(model, {.layers = {{1, 2}}}), 2);                      // the first one that can be compared
}

BOOST_AUTO_TEST_CASE(without_features_it_is_the_elementwise_distance) {
  Exec const exec;
  auto const a = random_vector<double>(3 * image.size(), 1), b = random_vector<double>(3 * image.size(), 2);
  auto const g = random_vector<double>(a.size(), 3), h = random_vector<double>(a.size(), 4), scale = random_vector<double>(3, 5);
  auto const found = random_vector<double>(3, 6), expected = random_vector<double>(3, 7);
  auto const of = [](Vector<double, Exec> const& v) { return as_tensor<double>(v, 3, image); };
  auto const check = [&](auto const& pixel, PerceptualOptions const& options) {
    Perceptual const distance(make_model(feature_net()), options, pixel);
    DistanceMemory<std::remove_const_t<decltype(distance)>> memory;
    sample_distances(exec, distance, of(a), of(b), VectorRef<double, Exec>(found), memory);
    sample_distances(exec, pixel, of(a), of(b), VectorRef<double, Exec>(expected));
    exec.fence();
    for (std::size_t n = 0; n < 3; ++n) BOOST_TEST(found(n) == options.pixel_weight * expected(n));
    for (Argument argument : {Argument::first, Argument::second}) {
      distance_gradient(exec, distance, of(a), of(b), argument, 0.7, VectorRef<double, Exec>(scale), of(g), memory);
      distance_gradient(exec, pixel, of(a), of(b), argument, 0.7 * options.pixel_weight, VectorRef<double, Exec>(scale), of(h));
      exec.fence();
      for (std::size_t i = 0; i < g.size(); ++i) BOOST_TEST_REQUIRE(g(i) == h(i));
    }
  };
  check(Mse{}, {});
  check(L1{}, {.layers = {{4, 0}}, .pixel_weight = 1});
  check(Mse{}, {.layers = {{4, 0}, {7, 0}}, .pixel_weight = 0.3});
}

// No fence, no allocation after the first call, and nothing after the last layer with a weight.
BOOST_AUTO_TEST_CASE(work_is_asynchronous_and_ends_with_the_last_layer) {
  Exec const exec;
  Perceptual const distance(make_model(feature_net()), {.layers = {{4, 1}}});
  DistanceMemory<std::remove_const_t<decltype(distance)>> memory;
  auto const a = random_vector<double>(3 * image.size(), 1), b = random_vector<double>(3 * image.size(), 2);
  auto const g = random_vector<double>(a.size(), 3), out = random_vector<double>(3, 6);
  auto const of = [](Vector<double, Exec> const& v) { return as_tensor<double>(v, 3, image); };
  auto const run = [&] {
    sample_distances(exec, distance, of(a), of(b), VectorRef<double, Exec>(out), memory);
    distance_gradient(exec, distance, of(a), of(b), Argument::first, 1, VectorRef<double, Exec>{}, of(g), memory);
  };
  run();
  exec.fence();
  {
    KokkosCounter const counter;
    run();
    BOOST_TEST(KokkosCounter::counts.allocations == 0);
    BOOST_TEST(KokkosCounter::counts.fences == 0);
    for (auto const& [label, count] : KokkosCounter::counts.kernels) BOOST_TEST(label.find("batch_norm") == std::string::npos, label);
    BOOST_TEST(KokkosCounter::counts.kernels["ign::max_pool2d"] == 4);  // two batches in each call
    BOOST_TEST(KokkosCounter::bad_labels.empty());
  }
  exec.fence();
}

BOOST_AUTO_TEST_CASE(bad_input_is_an_error) {
  using ign_test::fails;
  Exec const exec;
  auto const model = make_model(feature_net());
  constexpr double nan = std::numeric_limits<double>::quiet_NaN(), infinity = std::numeric_limits<double>::infinity();
  ign_test::AllowNan const allow;
  for (double bad : {-1.0, nan, infinity}) {
    fails("ign.option.650", [&] { Perceptual(model, {.layers = {{4, bad}}}); });
    fails("ign.option.650", [&] { Perceptual(model, {.layers = {{4, 1}}, .pixel_weight = bad}); });
  }
  fails("ign.option.650", [&] { Perceptual(model, {.layers = {{4, 0}}, .pixel_weight = 0}); });
  for (std::size_t layer : {0, 3, 6, 9, 12, 100})  // overwritten by an activation, or beyond the net
    fails("ign.option.651", [&] { Perceptual(model, {.layers = {{layer, 1}}}); });
  fails("ign.option.652", [&] { Perceptual(make_model(sequential(ConditionalScale{3})), {.layers = {{0, 1}}}); });
  Perceptual const distance(model, some_layers());
  fails("ign.shape.650", [&] { distance.require_images({6, 5, 1}); });
  DistanceMemory<std::remove_const_t<decltype(distance)>> memory;
  auto const a = random_vector<double>(3 * image.size(), 1), out = random_vector<double>(3, 2);
  auto const of = [&](int count) { return as_tensor<double>(a, count, image); };
  VectorRef<double, Exec> const three(out), two(out.data(), 2);
  fails("ign.shape.205", [&] { sample_distances(exec, distance, of(3), of(2), three, memory); });
  fails("ign.shape.205", [&] { sample_distances(exec, distance, of(3), of(3), two, memory); });
  fails("ign.shape.205", [&] { distance_gradient(exec, distance, of(3), of(3), Argument::first, 1, two, of(3), memory); });
  fails("ign.shape.205", [&] { distance_gradient(exec, distance, of(3), of(3), Argument::first, 1, three, of(2), memory); });
  auto const other = as_tensor<double>(a, 3, {5, 6, 2});
  fails("ign.shape.650", [&] { sample_distances(exec, distance, other, other, three, memory); });
}

BOOST_AUTO_TEST_SUITE_END()
