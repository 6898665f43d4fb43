// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Losses, distances and optimizers on every execution space of this Kokkos, in float, against their definitions in double.

#include <boost/test/unit_test.hpp>

#include <ign/layers/activations.hpp>
#include <ign/layers/conv2d.hpp>
#include <ign/losses/binary_cross_entropy.hpp>
#include <ign/losses/cross_entropy.hpp>
#include <ign/losses/distance.hpp>
#include <ign/losses/l1.hpp>
#include <ign/losses/mse.hpp>
#include <ign/losses/tightness.hpp>
#include <ign/nets/model.hpp>
#include <ign/nets/perceptual.hpp>
#include <ign/optimizers/adam.hpp>
#include <ign/optimizers/clip.hpp>
#include <ign/optimizers/ema.hpp>
#include <ign/optimizers/muon.hpp>
#include <ign/optimizers/optimizer.hpp>
#include <ign/optimizers/sgd.hpp>
#include <ign_test/muon_definition.hpp>

#include <functional>

#include "layer_definitions.hpp"
#include "on_space.hpp"

namespace ign_test::space {

/// out = the term and its derivatives.
struct TermOfKind {
  ign::Smoothing smoothing;
  ign::TightnessInputs inputs;
  double* out;

  KOKKOS_FUNCTION void operator()(std::size_t) const {
    ign::TightnessTerm const term = smoothing.term(inputs);
    out[0] = term.value;
    out[1] = term.derivative_tightness;
    out[2] = term.derivative_reconstruction;
  }
};

}  // namespace ign_test::space

BOOST_AUTO_TEST_SUITE(spaces)

using namespace ign;
using namespace ign_test::space;

namespace {

using Pairwise = std::function<double(double, double)>;

constexpr Shape field = {3, 2, 2};
constexpr int samples = 3;

/// The mean of `value` over the elements of each sample, where `known`.
Values mean_values(Pairwise const& value, Values const& a, Values const& b, Values const& mask) {
  Values means(samples), counts(samples);
  for (std::size_t i = 0; i < a.size(); ++i)
    if (mask[i / field.channels] != 0) {
      means[i / field.size()] += value(a[i], b[i]);
      ++counts[i / field.size()];
    }
  for (int n = 0; n < samples; ++n) means[n] /= std::max(counts[n], 1.0);
  return means;
}

template <class Exec, class D>
void check_distance(D const& distance, Pairwise const& value, Values const& host_b) {
  Exec const exec;
  std::string const where = std::string(D::name) + " on " + Exec::name() + ": ";
  Samples<Exec> const a(exec, distinct_values(host_b.size(), 1), samples, field), b(exec, host_b, samples, field),
      out(exec, samples, field);
  Shape const one_channel = {field.height, field.width, 1};
  Values known(samples * field.pixels());
  for (std::size_t i = 0; i < known.size() * 2 / 3; ++i) known[i] = static_cast<double>(i % 5 != 0);  // none of the last sample
  Samples<Exec> const mask(exec, known, samples, one_channel), map(exec, samples, one_channel);
  auto const distances = to_space(exec, Values(samples)), scale = to_space(exec, {0.5, 2, -1});
  auto const host_a = a.host(exec), exact_b = b.host(exec);

  sample_distances(exec, distance, a.tensor, b.tensor, VectorRef<float, Exec>(distances));
  check_near(where + "samples", from_space(exec, distances), mean_values(value, host_a, exact_b, Values(known.size(), 1)));
  masked_sample_distances(exec, distance, mask.tensor, a.tensor, b.tensor, VectorRef<float, Exec>(distances));
  check_near(where + "masked samples", from_space(exec, distances), mean_values(value, host_a, exact_b, known));
  pixel_distances(exec, distance, a.tensor, b.tensor, map.tensor);
  Values pixels(known.size());
  for (std::size_t i = 0; i < host_a.size(); ++i) pixels[i / field.channels] += value(host_a[i], exact_b[i]) / field.channels;
  check_near(where + "pixels", map.host(exec), pixels);

  auto const scaled = [&](Values const& at_a, Values const& at_b) {
    auto const means = mean_values(value, at_a, at_b, Values(known.size(), 1));
    return 3 * (0.5 * means[0] + 2 * means[1] - means[2]);
  };
  distance_gradient(exec, distance, a.tensor, b.tensor, Argument::first, 3, VectorRef<float, Exec>(scale), out.tensor);
  check_near(where + "first derivative", out.host(exec), derivatives(host_a, [&](Values const& at) { return scaled(at, exact_b); }), 2e-5);
  distance_gradient(exec, distance, a.tensor, b.tensor, Argument::second, 3, VectorRef<float, Exec>(scale), out.tensor);
  check_near(where + "second derivative", out.host(exec), derivatives(exact_b, [&](Values const& at) { return scaled(host_a, at); }), 2e-5);
}

/// A new value of each parameter from the gradients of step t, counted from 1.
using Step = std::function<void(Values& parameters, Values gradients, int t)>;

constexpr double learning_rate = 0.01;

std::vector<ModelArray> const arrays = [] {
  std::vector<ModelArray> all;
  std::size_t offset = 0;
  for (std::vector<int> const& extents : std::vector<std::vector<int>>{{5}, {7, 6}, {3, 3, 2, 8}, {1, 9}, {70, 40}, {11}}) {
    all.push_back({{"array", extents}, offset});
    offset += all.back().info.size();
  }
  return all;
}();
std::size_t const parameter_count = arrays.back().offset + arrays.back().info.size();

/// Compares three steps, and returns the state after them.
template <class Exec, class Optimizer>
Values check_optimizer(std::string const& what, Optimizer const& optimizer, Step const& step, double tolerance = 5e-6) {
  using Flat = VectorRef<float, Exec>;
  Exec const exec;
  auto const parameters = to_space(exec, distinct_values(parameter_count, 1));
  auto const state = to_space(exec, Values(optimizer::slots_of(optimizer).size() * parameter_count));
  auto const workspace = optimizer::workspace_of(exec, optimizer, Flat(parameters), arrays);
  Values expected = from_space(exec, parameters);
  for (std::uint32_t t = 1; t <= 3; ++t) {
    auto const gradients = to_space(exec, distinct_values(parameter_count, 1 + t, 1.5));
    step(expected, from_space(exec, gradients), static_cast<int>(t));
    update(exec, optimizer, learning_rate, t, Flat(parameters), Flat(gradients), Flat(state), workspace);
    check_near(what + " on " + Exec::name() + ": step " + std::to_string(t), from_space(exec, parameters), expected, tolerance);
  }
  return from_space(exec, state);
}

/// Adam of the elements for which `belongs`.
template <class Belongs>
Step adam_steps(Adam const& adam, Belongs const& belongs) {
  return [=, mean = Values(parameter_count), square = Values(parameter_count)](Values& p, Values const& g, int t) mutable {
    for (std::size_t i = 0; i < p.size(); ++i) {
      if (!belongs(i)) continue;
      double const gradient = g[i] + adam.weight_decay * p[i];
      mean[i] = adam.beta1 * mean[i] + (1 - adam.beta1) * gradient;
      square[i] = adam.beta2 * square[i] + (1 - adam.beta2) * gradient * gradient;
      double const root = std::sqrt(square[i] / (1 - std::pow(adam.beta2, t)));
      p[i] -= learning_rate * mean[i] / (1 - std::pow(adam.beta1, t)) / (root + adam.epsilon);
    }
  };
}
Step adam_steps(Adam const& adam) {
  return adam_steps(adam, [](std::size_t) { return true; });
}

Step muon_steps(Muon const& muon) {
  auto const in_matrix = [](std::size_t i) {
    return std::any_of(arrays.begin(), arrays.end(), [&](ModelArray const& array) {
      return ign_test::is_matrix(array) && i >= array.offset && i < array.offset + array.info.size();
    });
  };
  auto const others = adam_steps(muon.others, [=](std::size_t i) { return !in_matrix(i); });
  return [=, mean = Values(parameter_count)](Values& p, Values const& g, int t) mutable {
    others(p, g, t);
    for (auto const& array : arrays) {
      if (!ign_test::is_matrix(array)) continue;
      auto const columns = static_cast<std::size_t>(array.info.extents.back());
      ign_test::Matrix n = {array.info.size() / columns, columns, Values(array.info.size())};
      for (std::size_t k = 0; k < n.values.size(); ++k) {
        std::size_t const i = array.offset + k;
        mean[i] = muon.momentum * mean[i] + (1 - muon.momentum) * g[i];
        n.values[k] = muon.momentum * mean[i] + (1 - muon.momentum) * g[i];
      }
      auto const u = ign_test::orthogonalised(n);
      double const length = 0.2 * std::sqrt(static_cast<double>(std::max(n.rows, n.columns)));
      for (std::size_t k = 0; k < n.values.size(); ++k) {
        double& parameter = p[array.offset + k];
        parameter -= learning_rate * (length * u.values[k] + muon.weight_decay * parameter);
      }
    }
  };
}

}  // namespace

BOOST_AUTO_TEST_CASE_TEMPLATE(distances_follow_their_definitions, Exec, ign_test::Spaces) {
  auto const b = distinct_values(samples * field.size(), 2);
  check_distance<Exec>(
      Mse{}, [](double x, double y) { return (x - y) * (x - y); }, b);
  check_distance<Exec>(
      L1{}, [](double x, double y) { return std::abs(x - y); }, b);
  Values targets = b;
  for (double& target : targets) target = 0.5 + 0.2 * target;
  auto const logistic = [](double x) { return 1 / (1 + std::exp(-x)); };
  check_distance<Exec>(
      BinaryCrossEntropy{}, [=](double x, double t) { return -t * std::log(logistic(x)) - (1 - t) * std::log(1 - logistic(x)); }, targets);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(perceptual_distances_follow_their_definition, Exec, ign_test::Spaces) {
  Exec const exec;
  constexpr Conv2d layer{.channels = 3, .kernel = 3, .stride = 1, .padding = 1};
  Model<Sequential<Conv2d, Tanh>, float, Exec> const model(exec, sequential(layer, Tanh{}), field, 5);
  auto const weights = from_space(exec, model.parameters());
  Perceptual const distance(model, {.layers = {{1, 0.5}}, .pixel_weight = 0.25});
  Samples<Exec> const a(exec, distinct_values(samples * field.size(), 1), samples, field), out(exec, samples, field);
  Samples<Exec> const b(exec, distinct_values(samples * field.size(), 2), samples, field);
  typename decltype(distance)::Features of_a, of_b;
  typename decltype(distance)::Workspace workspace;
  auto const distances = to_space(exec, Values(samples));
  distance.extract(exec, a.tensor, of_a, workspace);
  distance.extract(exec, b.tensor, of_b, workspace);
  distance.sample_distances(exec, of_a, of_b, VectorRef<float, Exec>(distances), workspace);

  auto const host_b = b.host(exec);
  auto const features = convolution(layer, field, samples);
  auto const definition = [&](Values const& x) {
    Values result(samples), first = features(x, weights), second = features(host_b, weights);
    for (std::size_t i = 0; i < x.size(); ++i)
      result[i / field.size()] += 0.25 * (x[i] - host_b[i]) * (x[i] - host_b[i]) / static_cast<double>(field.size());
    for (std::size_t i = 0; i < first.size(); ++i) {
      double const difference = std::tanh(first[i]) - std::tanh(second[i]);
      result[i / (first.size() / samples)] += 0.5 * difference * difference / static_cast<double>(first.size() / samples);
    }
    return result;
  };
  std::string const where = std::string("perceptual on ") + Exec::name();
  check_near(where, from_space(exec, distances), definition(a.host(exec)));
  distance.gradient(exec, Argument::first, of_a, of_b, 1, {}, out.tensor, workspace);
  auto const sum = [&](Values const& x) {
    double total = 0;
    for (double const value : definition(x)) total += value;
    return total;
  };
  check_near(where + ": gradient", out.host(exec), derivatives(a.host(exec), sum), 2e-5);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(cross_entropy_follows_its_definition, Exec, ign_test::Spaces) {
  Exec const exec;
  constexpr int classes = 5;
  Samples<Exec> const logits(exec, distinct_values(samples * classes, 1), samples, {1, 1, classes}), out(exec, samples, {1, 1, classes});
  auto const host = logits.host(exec);
  Values const host_labels = {4, 0, 2};
  Kokkos::View<int*, Kokkos::LayoutRight, typename Exec::memory_space> const labels("ign::test", samples), predicted("ign::test", samples);
  auto const mirror = Kokkos::create_mirror_view(labels);
  for (int n = 0; n < samples; ++n) mirror(n) = static_cast<int>(host_labels[n]);
  Kokkos::deep_copy(labels, mirror);
  auto const losses = to_space(exec, Values(samples)), correct = to_space(exec, Values(samples));
  cross_entropy(exec, logits.tensor, VectorRef<int, Exec>(labels), 2, VectorRef<float, Exec>(losses), VectorRef<float, Exec>(correct),
                out.tensor);
  predict(exec, logits.tensor, VectorRef<int, Exec>(predicted));

  auto const definition = [&](Values const& x) {
    Values result(samples);
    for (int n = 0; n < samples; ++n) {
      double sum = 0;
      for (int k = 0; k < classes; ++k) sum += std::exp(x[n * classes + k]);
      result[n] = std::log(sum) - x[n * classes + static_cast<int>(host_labels[n])];
    }
    return result;
  };
  Values largest(samples), right(samples);
  for (int n = 0; n < samples; ++n) {
    auto const row = host.begin() + n * classes;
    largest[n] = static_cast<double>(std::max_element(row, row + classes) - row);
    right[n] = largest[n] == host_labels[n] ? 1 : 0;
  }
  std::string const where = std::string("cross entropy on ") + Exec::name() + ": ";
  check_near(where + "losses", from_space(exec, losses), definition(host));
  check_near(where + "correct", from_space(exec, correct), right, 0);
  check_near(where + "predictions", from_space(exec, predicted), largest, 0);
  auto const twice = [&](Values const& x) {
    double sum = 0;
    for (double const loss : definition(x)) sum += 2 * loss;
    return sum;
  };
  check_near(where + "gradient", out.host(exec), derivatives(host, twice), 2e-5);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(tightness_has_its_values_and_derivatives, Exec, ign_test::Spaces) {
  Exec const exec;
  auto const found = to_space<double>(exec, Values(3));
  for (auto const kind : smoothing_kinds) {
    TightnessInputs const inputs = {0.75, 0.5, 0.625, 0.375, 0.25};
    Smoothing const smoothing{kind, 1.25};
    Kokkos::parallel_for("ign::test", Kokkos::RangePolicy<Exec>(exec, 0, 1), TermOfKind{smoothing, inputs, found.data()});
    TightnessTerm const host = smoothing.term(inputs);
    // Detached quantities are not varied; `batch` has the mean for T.
    auto const varied = [&](double TightnessInputs::*quantity, double by) {
      TightnessInputs other = inputs;
      other.*quantity += by;
      return smoothing.term(other).value;
    };
    auto const quantity = kind == SmoothingKind::batch ? &TightnessInputs::mean_tightness : &TightnessInputs::tightness;
    double const h = 1e-6;
    Values const expected = {host.value, (varied(quantity, h) - varied(quantity, -h)) / (2 * h),
                             (varied(&TightnessInputs::reconstruction, h) - varied(&TightnessInputs::reconstruction, -h)) / (2 * h)};
    check_near(std::string(name(kind)) + " on " + Exec::name(), from_space(exec, found), expected, 1e-8);
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(optimizers_follow_their_definitions, Exec, ign_test::Spaces) {
  Sgd const sgd{.momentum = 0.5, .weight_decay = 0.125, .nesterov = true};
  check_optimizer<Exec>("Sgd", sgd, [=, velocity = Values(parameter_count)](Values& p, Values const& g, int) mutable {
    for (std::size_t i = 0; i < p.size(); ++i) {
      double const gradient = g[i] + sgd.weight_decay * p[i];
      velocity[i] = sgd.momentum * velocity[i] + gradient;
      p[i] -= learning_rate * (gradient + sgd.momentum * velocity[i]);
    }
  });
  Adam const adam{.beta1 = 0.5, .weight_decay = 0.125};
  check_optimizer<Exec>("Adam", adam, adam_steps(adam));
  Muon const muon{.weight_decay = 0.125};
  check_optimizer<Exec>("Muon", muon, muon_steps(muon), 2e-5);
  check_optimizer<Exec>("Clip", Clip<Adam, Exec>(Exec(), adam, 3), [inner = adam_steps(adam)](Values& p, Values g, int t) {
    double square = 0;
    for (double const value : g) square += value * value;
    for (double& value : g) value *= std::min(1.0, 3 / (std::sqrt(square) + 1e-6));
    inner(p, g, t);
  });

  Values average(parameter_count);
  double weights = 0;
  Ema const ema{sgd, 0.75};
  auto const state = check_optimizer<Exec>("Ema", ema, [&, velocity = Values(parameter_count)](Values& p, Values const& g, int t) mutable {
    double const weight = std::pow(ema.decay, -t);
    weights += weight;
    for (std::size_t i = 0; i < p.size(); ++i) {
      double const gradient = g[i] + sgd.weight_decay * p[i];
      velocity[i] = sgd.momentum * velocity[i] + gradient;
      p[i] -= learning_rate * (gradient + sgd.momentum * velocity[i]);
      average[i] += (p[i] - average[i]) * weight / weights;
    }
  });
  check_near(std::string("average on ") + Exec::name(), Values(state.end() - static_cast<std::ptrdiff_t>(parameter_count), state.end()),
             average);
}

BOOST_AUTO_TEST_SUITE_END()
