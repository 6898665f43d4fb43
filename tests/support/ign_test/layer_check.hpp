// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Checks that anything which fulfils the layer contract must pass: gradients against central differences, absent arguments,
// per-sample factors, in-place use, independence of the batch in evaluation.

#ifndef IGN_TEST_LAYER_CHECK_HPP
#define IGN_TEST_LAYER_CHECK_HPP

#include <boost/test/unit_test.hpp>

#include <ign/layers/layer.hpp>
#include <ign/random/fill.hpp>
#include <ign/random/initializers.hpp>
#include <ign_test/environment.hpp>
#include <ign_test/exec.hpp>

#include <cmath>
#include <string>
#include <vector>

namespace ign_test {

/// Memory that host and Exec read.
template <class T>
struct Allocator {
  using value_type = T;
  Allocator() = default;
  template <class U>
  Allocator(Allocator<U> const&) {}
  T* allocate(std::size_t n) { return static_cast<T*>(Kokkos::kokkos_malloc<typename Exec::memory_space>("ign::test", n * sizeof(T))); }
  void deallocate(T* place, std::size_t) { Kokkos::kokkos_free<typename Exec::memory_space>(place); }
  bool operator==(Allocator const&) const { return true; }
};
template <class T>
using SharedVector = std::vector<T, Allocator<T>>;

inline ign::Key key(std::uint32_t substream) { return {seed(), ign::RandomStream::user, 0, substream}; }

template <class Real>
ign::Vector<Real, Exec> random_vector(std::size_t size, std::uint32_t substream, double deviation = 1) {
  Exec const exec;
  auto vector = ign::make_vector<Real>(exec, "ign::test", size);
  ign::fill_gaussian(exec, key(substream), deviation, ign::VectorRef<Real, Exec>(vector));
  return vector;
}

template <class Real>
ign::TensorRef<Real, Exec> as_tensor(ign::Vector<Real, Exec> const& vector, int batch, ign::Shape shape) {
  return ign::TensorRef<Real, Exec>(vector.data(), static_cast<std::size_t>(batch), static_cast<std::size_t>(shape.height),
                                    static_cast<std::size_t>(shape.width), static_cast<std::size_t>(shape.channels));
}

// One layer with all the memory it asks for, filled at random; scratch holds arbitrary values.
template <class Layer, class Real>
struct LayerFixture {
  Exec exec{};
  Layer layer;
  ign::Shape in, out;
  int batch;
  ign::Vector<Real, Exec> x, y, dy, dx, parameters, gradients, statistics, saved, scratch, scale, condition;
  ign::Vector<unsigned, Exec> counters;

  LayerFixture(Layer const& l, ign::Shape shape, int n) : layer(l), in(shape), out(output_shape(l, shape)), batch(n) {
    auto const count = static_cast<std::size_t>(n);
    x = random_vector<Real>(count * in.size(), 1);
    y = random_vector<Real>(count * out.size(), 2);
    dy = random_vector<Real>(count * out.size(), 3);
    dx = random_vector<Real>(count * in.size(), 4);
    parameters = random_vector<Real>(ign::total_size(ign::layer::parameters_of(layer, in)), 5);
    gradients = random_vector<Real>(parameters.size(), 6);
    auto const infos = ign::layer::statistics_of(layer, in);
    statistics = ign::make_vector<Real>(exec, "ign::test", ign::total_size(infos));
    ign::initialize(exec, infos, ign::VectorRef<Real, Exec>(statistics), key(7));
    for (std::size_t i = 0; i < statistics.size(); ++i) statistics(i) += Real(0.1) * static_cast<Real>(i % 7);
    saved = random_vector<Real>(ign::layer::saved_size_of(layer, in, batch), 8);
    scratch = random_vector<Real>(ign::layer::scratch_size_of(layer, in, batch, ign::workers_of(exec)), 9, 1e6);
    scale = random_vector<Real>(count, 10);
    condition = random_vector<Real>(count * static_cast<std::size_t>(ign::layer::condition_length_of(layer)), 11);
    counters = ign::make_arrival_counters(exec, "ign::test");
  }

  ign::LayerMemory<Real, Exec> memory(bool learn, bool scaled) const {
    ign::LayerMemory<Real, Exec> m;
    m.parameters = parameters;
    if (learn) m.gradients = gradients;
    m.statistics = statistics;
    m.saved = saved;
    m.scratch = scratch;
    m.counters = counters;
    if (scaled) m.sample_weights = scale;
    m.substream = 3;
    m.condition = as_tensor<Real>(condition, batch, {1, 1, ign::layer::condition_length_of(layer)});
    return m;
  }

  void run_forward(ign::Pass const& pass) {
    forward(exec, layer, pass, memory(false, false), as_tensor<Real>(x, batch, in), as_tensor<Real>(y, batch, out));
    exec.fence();
  }
  void run_backward(ign::Pass const& pass, bool learn, bool scaled, bool want_dx) {
    backward(exec, layer, pass, memory(learn, scaled), as_tensor<Real>(x, batch, in), as_tensor<Real>(y, batch, out),
             as_tensor<Real>(dy, batch, out), want_dx ? as_tensor<Real>(dx, batch, in) : ign::TensorRef<Real, Exec>{});
    exec.fence();
  }
  // The function whose gradient backward computes: <dy, y>, sample by sample where `scaled`.
  double objective(ign::Pass const& pass, bool scaled) {
    run_forward(pass);
    double sum = 0;
    for (std::size_t i = 0; i < y.size(); ++i)
      sum += static_cast<double>(y(i)) * static_cast<double>(dy(i)) * (scaled ? static_cast<double>(scale(i / out.size())) : 1);
    return sum;
  }
};

inline void check_close(double found, double expected, double scale, std::string const& what) {
  BOOST_TEST_INFO(what << ": " << found << ", expected " << expected);
  BOOST_TEST(std::abs(found - expected) <= 1e-6 * std::max(1.0, scale));
}

// Central differences in double of every input and every parameter. `factors`: also checks the factors per sample; pass false for a layer
// with parameters before a norm, whose scaled gradient is not the derivative of anything.
template <class Layer>
void check_gradients(Layer const& layer, ign::Shape in, int batch, ign::Pass pass = {}, bool factors = true) {
  pass.update_statistics = false;
  LayerFixture<Layer, double> f(layer, in, batch);
  bool const coupled = ign::layer::couples_samples_of(layer, pass);
  auto const differences = [&](ign::Vector<double, Exec> const& place, bool scaled) {
    std::vector<double> d(place.size());
    for (std::size_t i = 0; i < d.size(); ++i) {
      double const old = place(i), h = 1e-5;
      place(i) = old + h;
      double const above = f.objective(pass, scaled);
      place(i) = old - h;
      double const below = f.objective(pass, scaled);
      place(i) = old;
      d[i] = (above - below) / (2 * h);
    }
    return d;
  };
  auto const compare = [&](ign::Vector<double, Exec> const& found, std::vector<double> const& base, std::vector<double> const& expected,
                           char const* what) {
    double largest = 0;
    for (double e : expected) largest = std::max(largest, std::abs(e));
    for (std::size_t i = 0; i < expected.size(); ++i)
      check_close(found(i) - base[i], expected[i], largest, std::string(what) + " element " + std::to_string(i));
  };
  auto const inputs = differences(f.x, false);
  auto const weights = differences(f.parameters, false);
  auto const snapshot = [](ign::Vector<double, Exec> const& v) { return std::vector<double>(v.data(), v.data() + v.size()); };
  std::vector<double> const zeros(f.x.size(), 0);

  f.run_forward(pass);
  auto base = snapshot(f.gradients);
  f.run_backward(pass, true, false, true);
  compare(f.dx, zeros, inputs, "dx");
  compare(f.gradients, base, weights, "gradient");

  base = snapshot(f.gradients);
  f.run_backward(pass, true, false, false);
  compare(f.gradients, base, weights, "gradient without dx");

  Kokkos::deep_copy(f.dx, -7.0);
  base = snapshot(f.gradients);
  f.run_backward(pass, false, false, true);
  compare(f.dx, zeros, inputs, "dx without gradients");
  for (std::size_t i = 0; i < base.size(); ++i) BOOST_TEST(f.gradients(i) == base[i]);

  // Per-sample factors reach the parameters and leave dx alone. With batch statistics only the direct share is meant,
  // which for weight and bias of a norm is the whole derivative.
  if (factors) {
    auto const scaled_weights = differences(f.parameters, true);
    f.run_forward(pass);
    base = snapshot(f.gradients);
    f.run_backward(pass, true, true, true);
    compare(f.gradients, base, scaled_weights, coupled ? "gradient of a norm with factors" : "gradient with factors");
    compare(f.dx, zeros, inputs, "dx with factors");
  }

  if (ign::layer::in_place_of(layer)) {
    f.run_forward(pass);
    auto const y = snapshot(f.y);
    auto const x = snapshot(f.x);
    auto const ref = as_tensor<double>(f.x, batch, in);
    forward(f.exec, layer, pass, f.memory(false, false), ref, ref);
    for (std::size_t i = 0; i < y.size(); ++i) BOOST_TEST(f.x(i) == y[i]);
    auto const gradient = as_tensor<double>(f.dy, batch, in);
    backward(f.exec, layer, pass, f.memory(false, false), ref, ref, gradient, gradient);
    compare(f.dy, zeros, inputs, "dx in place");
  }
}

// Fused with the preceding layer, an activation has the results of both in sequence.
template <class Layer, class Activation>
void check_fused(Layer const& layer, Activation const& activation, ign::Shape in, int segments) {
  int const batch = segments == 3 ? 6 : 4;
  static_assert(ign::fuses_v<double, Exec, Layer, Activation>);
  Exec const exec;
  ign::Pass pass;
  pass.segments = segments;
  pass.update_statistics = false;
  LayerFixture<Layer, double> f(layer, in, batch);
  ign::Shape const out = f.out;
  auto const x = as_tensor<double>(f.x, batch, in), y = as_tensor<double>(f.y, batch, out);
  auto const fused = random_vector<double>(f.y.size(), 20), fused_dy = random_vector<double>(f.y.size(), 21),
             fused_dx = random_vector<double>(f.x.size(), 22);
  Kokkos::deep_copy(fused_dy, f.dy);
  auto const fused_y = as_tensor<double>(fused, batch, out);
  auto const pair = [&](ign::LayerMemory<double, Exec> const& memory) {
    return ign::FusedLayers<double, Exec, Layer, Activation>{{layer, activation}, {memory}, {x, fused_y, fused_y}};
  };
  forward_fused(exec, pair(f.memory(false, false)), pass);
  f.run_forward(pass);
  forward(exec, activation, pass, {}, y, y);
  exec.fence();
  for (std::size_t i = 0; i < fused.size(); ++i) BOOST_TEST(fused(i) == f.y(i), boost::test_tools::tolerance(1e-14));

  Kokkos::deep_copy(f.gradients, 0.0);
  backward_fused(exec, pair(f.memory(true, true)), pass, as_tensor<double>(fused_dy, batch, out), as_tensor<double>(fused_dx, batch, in));
  exec.fence();
  std::vector<double> const gradients(f.gradients.data(), f.gradients.data() + f.gradients.size());
  Kokkos::deep_copy(f.gradients, 0.0);
  auto const dy = as_tensor<double>(f.dy, batch, out);
  backward(exec, activation, pass, {}, y, y, dy, dy);
  f.run_backward(pass, true, true, true);
  for (std::size_t i = 0; i < fused_dx.size(); ++i) BOOST_TEST(fused_dx(i) == f.dx(i), boost::test_tools::tolerance(1e-12));
  for (std::size_t i = 0; i < gradients.size(); ++i) BOOST_TEST(gradients[i] == f.gradients(i), boost::test_tools::tolerance(1e-12));
}

// Batch-invariance: in evaluation a sample is bitwise identical alone and at every position in a batch.
template <class Real, class Layer>
void check_batch_independence(Layer const& layer, ign::Shape in, int batch) {
  ign::Pass const pass = ign::pass_of(ign::Role::source, ign::Mode::evaluate);
  LayerFixture<Layer, Real> all(layer, in, batch);
  all.run_forward(pass);
  for (int n = 0; n < batch; ++n) {
    LayerFixture<Layer, Real> one(layer, in, 1);
    for (std::size_t i = 0; i < in.size(); ++i) one.x(i) = all.x(n * in.size() + i);
    for (std::size_t k = 0; k < one.condition.size(); ++k) one.condition(k) = all.condition(n * one.condition.size() + k);
    one.run_forward(pass);
    std::size_t different = 0;
    for (std::size_t i = 0; i < one.out.size(); ++i) different += one.y(i) != all.y(n * one.out.size() + i);
    BOOST_TEST(different == 0u, "sample " << n << " of " << batch << ": " << different << " numbers differ");
  }
}

}  // namespace ign_test

#endif
