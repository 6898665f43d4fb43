// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Every layer on every execution space of this Kokkos, in float: y, the gradients and the running statistics against the definition in
// double, which plain loops compute on the host.

#include <boost/test/unit_test.hpp>

#include <ign/layers/activations.hpp>
#include <ign/layers/avg_pool2d.hpp>
#include <ign/layers/batch_norm.hpp>
#include <ign/layers/conditional_layers.hpp>
#include <ign/layers/conv2d.hpp>
#include <ign/layers/conv3d.hpp>
#include <ign/layers/conv_transpose2d.hpp>
#include <ign/layers/conv_transpose3d.hpp>
#include <ign/layers/dropout.hpp>
#include <ign/layers/gaussian_noise.hpp>
#include <ign/layers/group_norm.hpp>
#include <ign/layers/linear.hpp>
#include <ign/layers/max_pool2d.hpp>
#include <ign/layers/minibatch_stddev.hpp>
#include <ign/layers/reshape.hpp>
#include <ign/layers/residual.hpp>
#include <ign/layers/self_attention.hpp>
#include <ign/layers/upsample2d.hpp>

#include "layer_definitions.hpp"

BOOST_AUTO_TEST_SUITE(spaces)

using namespace ign;
using namespace ign_test::space;

namespace {

/// Checks y, dx, the gradients of the parameters, and the running statistics where they change.
template <class Exec, class Layer>
void check_layer(std::string const& what, Layer const& layer, Shape in, int batch, Definition const& definition, Pass const& pass = {},
                 Values const& statistics = {}) {
  Exec const exec;
  std::string const where = what + " on " + Exec::name() + ": ";
  Shape const out = output_shape(layer, in);
  int const length = layer::condition_length_of(layer);
  Samples<Exec> const x(exec, distinct_values(batch * in.size(), 1), batch, in), y(exec, batch, out), dx(exec, batch, in);
  Samples<Exec> const dy(exec, distinct_values(batch * out.size(), 2, 1), batch, out);
  Samples<Exec> const condition(exec, conditions(batch, length), batch, {1, 1, length});
  auto const host_x = x.host(exec), host_dy = dy.host(exec);
  auto const host_parameters = distinct_values(total_size(layer::parameters_of(layer, in)), 3, 0.75);
  auto const running = running_statistics(total_size(layer::statistics_of(layer, in)));
  auto const parameters = to_space(exec, host_parameters), gradients = to_space(exec, Values(host_parameters.size()));
  auto const kept = to_space(exec, running), saved = to_space(exec, Values(layer::saved_size_of(layer, in, batch)));
  auto const scratch = to_space(exec, Values(layer::scratch_size_of(layer, in, batch, workers_of(exec))));
  auto const counters = make_arrival_counters(exec, "ign::test");

  LayerMemory<float, Exec> memory;
  memory.parameters = parameters;
  memory.gradients = gradients;
  memory.statistics = kept;
  memory.saved = saved;
  memory.scratch = scratch;
  memory.counters = counters;
  memory.substream = layer_substream;
  memory.condition = condition.tensor;
  forward(exec, layer, pass, memory, x.tensor, y.tensor);
  check_near(where + "y", y.host(exec), definition(host_x, host_parameters));
  backward(exec, layer, pass, memory, x.tensor, y.tensor, dy.tensor, dx.tensor);
  auto const objective = [&](Values const& at_x, Values const& at_parameters) {
    auto const values = definition(at_x, at_parameters);
    double sum = 0;
    for (std::size_t i = 0; i < values.size(); ++i) sum += values[i] * host_dy[i];
    return sum;
  };
  check_near(where + "dx", dx.host(exec), derivatives(host_x, [&](Values const& at) { return objective(at, host_parameters); }), 2e-5);
  check_near(where + "gradients", from_space(exec, gradients),
             derivatives(host_parameters, [&](Values const& at) { return objective(host_x, at); }), 2e-5);
  check_near(where + "running statistics", from_space(exec, kept), statistics.empty() ? running : statistics);
}

Pass const evaluation = pass_of(Role::data, Mode::evaluate);

}  // namespace

BOOST_AUTO_TEST_CASE_TEMPLATE(convolutions_follow_their_definitions, Exec, ign_test::Spaces) {
  auto const check = [](std::string const& what, auto const& layer, Shape in) {
    check_layer<Exec>(what, layer, in, 2, convolution(layer, in, 2));
  };
  constexpr auto periodic = PaddingMode::periodic;
  check("Conv2d", Conv2d{.channels = 3, .kernel = 3, .stride = 2, .padding = 1}, {5, 4, 2});
  check("Conv2d without bias", Conv2d{.channels = 2, .kernel = 3, .padding = 1, .bias = false}, {4, 3, 2});
  check("periodic Conv2d", Conv2d{.channels = 2, .kernel = 3, .stride = 1, .padding = 1, .padding_mode = periodic}, {4, 3, 2});
  check("ConvTranspose2d", ConvTranspose2d{.channels = 2, .kernel = 4, .stride = 2, .padding = 1}, {3, 4, 2});
  check("periodic ConvTranspose2d", ConvTranspose2d{.channels = 2, .kernel = 4, .stride = 2, .padding = 1, .padding_mode = periodic},
        {3, 4, 2});
  check("Conv3d", Conv3d{.channels = 2, .kernel = 3, .stride = 2, .padding = 1}, volume_shape(3, 4, 4, 2));
  check("ConvTranspose3d", ConvTranspose3d{.channels = 2, .kernel = 2, .stride = 2}, volume_shape(2, 2, 2, 3));
  check_layer<Exec>("Linear", Linear{.features = 5}, {1, 1, 7}, 3, linear(7, 5, 3));
  constexpr Conv2d nested{.channels = 2, .kernel = 3, .stride = 1, .padding = 1};
  check_layer<Exec>("Residual", ign::residual(nested), {4, 3, 2}, 2, ign_test::space::residual(convolution(nested, {4, 3, 2}, 2)));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(normalisations_follow_their_definitions, Exec, ign_test::Spaces) {
  constexpr Shape in = {3, 2, 4};
  constexpr int batch = 5, pixels = batch * 6;
  auto const x = distinct_values(batch * in.size(), 1);
  auto statistics = running_statistics(2 * role_count * in.channels);
  for (int c = 0; c < in.channels; ++c) {
    auto const [mean, variance] = moments_where(x, [&](std::size_t i) { return static_cast<int>(i % in.channels) == c; });
    statistics[c] += 0.25 * (mean - statistics[c]);
    statistics[in.channels + c] += 0.25 * (variance * pixels / (pixels - 1) - statistics[in.channels + c]);
  }
  BatchNorm const norm{.momentum = 0.25};
  check_layer<Exec>("BatchNorm", norm, in, batch, batch_norm(in, batch, norm.epsilon), {}, statistics);
  check_layer<Exec>("BatchNorm in evaluation", norm, in, batch, batch_norm_in_evaluation(in, batch, norm.epsilon), evaluation);
  GroupNorm const groups{.groups = 2};
  check_layer<Exec>("GroupNorm", groups, in, batch, group_norm(in, batch, 2, groups.epsilon));

  auto spread = running_statistics(role_count);
  MinibatchStddev const deviation{.group = batch};
  spread[0] += deviation.momentum * (spread_of(x, batch, deviation.epsilon) - spread[0]);
  check_layer<Exec>("MinibatchStddev", deviation, in, batch, minibatch_stddev(in, batch, deviation.epsilon), {}, spread);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(other_layers_follow_their_definitions, Exec, ign_test::Spaces) {
  constexpr Shape in = {5, 4, 3};
  constexpr int batch = 3;
  check_layer<Exec>("LeakyRelu", LeakyRelu{0.25}, in, batch, elementwise([](double x) { return x > 0 ? x : 0.25 * x; }));
  check_layer<Exec>("Relu", Relu{}, in, batch, elementwise([](double x) { return x > 0 ? x : 0; }));
  check_layer<Exec>("Tanh", Tanh{}, in, batch, elementwise([](double x) { return std::tanh(x); }));
  check_layer<Exec>("Sigmoid", Sigmoid{}, in, batch, elementwise([](double x) { return 1 / (1 + std::exp(-x)); }));

  Pass pass;
  pass.key = {ign_test::seed(), RandomStream::dropout, 7};
  check_layer<Exec>("Dropout", Dropout{0.25}, in, batch, dropped({0.25}, pass.key), pass);
  check_layer<Exec>("Dropout in evaluation", Dropout{0.25}, in, batch, elementwise([](double x) { return x; }), evaluation);
  check_layer<Exec>("GaussianNoise", GaussianNoise{0.5}, in, batch, with_noise({0.5}, pass.key), pass);

  constexpr MaxPool2d largest{.kernel = 3, .stride = 2};
  check_layer<Exec>(
      "MaxPool2d", largest, in, batch,
      pooled(largest, in, batch, -std::numeric_limits<double>::infinity(), 1, [](double a, double b) { return std::max(a, b); }));
  constexpr AvgPool2d mean{.kernel = 2, .stride = 1};
  check_layer<Exec>("AvgPool2d", mean, in, batch, pooled(mean, in, batch, 0, 0.25, [](double a, double b) { return a + b; }));
  check_layer<Exec>("Upsample2d", Upsample2d{3}, in, batch, upsampled(3, in, batch));
  check_layer<Exec>("Flatten", Flatten{}, in, batch, permuted(in, batch, false));
  check_layer<Exec>("Reshape", Reshape{in}, {1, 1, 60}, batch, permuted(in, batch, true));

  constexpr SelfAttention attention{.key_channels = 2, .value_channels = 3, .scale = 0.5};
  check_layer<Exec>("SelfAttention", attention, {3, 2, 4}, batch, self_attention(attention, {3, 2, 4}, batch));
  check_layer<Exec>("ConditionChannels", ConditionChannels{2}, in, batch, condition_channels(in, batch, 2));
  check_layer<Exec>("ConditionalScale", ConditionalScale{2}, in, batch, conditional_scale(in, batch, 2));
}

BOOST_AUTO_TEST_SUITE_END()
