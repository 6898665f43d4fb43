// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// DCGAN autoencoders with residual blocks: their layers, sizes and gradients.

#include <boost/test/unit_test.hpp>

#include <ign/layers/group_norm.hpp>
#include <ign/layers/minibatch_stddev.hpp>
#include <ign/nets/model.hpp>
#include <ign/nets/residual_dcgan.hpp>
#include <ign_test/errors.hpp>
#include <ign_test/layer_check.hpp>

#include <type_traits>

using namespace ign;
using ign_test::as_tensor;
using ign_test::Exec;
using ign_test::random_vector;

BOOST_AUTO_TEST_SUITE(residual_dcgans)

namespace {

template <class Net>
std::size_t parameter_count(Net const& net, Shape image) {
  std::size_t count = 0;
  auto const extents = shapes(net, image);
  for_each_layer(net, [&](std::size_t i, auto const& layer) { count += total_size(layer::parameters_of(layer, extents[i])); });
  return count;
}

template <class Net>
std::vector<LayerDescription> descriptions(Net const& net, Shape image) {
  std::vector<LayerDescription> all;
  auto const extents = shapes(net, image);
  for_each_layer(net, [&](std::size_t i, auto const& layer) { all.push_back(layer::description_of(layer, extents[i])); });
  return all;
}

template <class A, class B>
void check_same_layers(A const&, B const&, Shape image) = delete;
template <class Net>
void check_same_layers(Net const& found, Net const& expected, Shape image) {
  BOOST_TEST((descriptions(found, image) == descriptions(expected, image)));
}

// <dy, f(x)> against central differences in double, for every input and parameter. The pass is that of a training step: two segments.
template <class Net>
void check_gradients(Net const& net, Shape image, int batch, Pass pass, double deviation = 0.4) {
  Exec const exec;
  pass.update_statistics = false;
  Model<Net, double, Exec> const model(exec, net, image, 3);
  fill_gaussian(exec, ign_test::key(1), deviation, VectorRef<double, Exec>(model.parameters()));
  std::size_t const size = static_cast<std::size_t>(batch) * image.size();
  auto const x = random_vector<double>(size, 2), dy = random_vector<double>(size, 3), dx = random_vector<double>(size, 4);
  Tape<double, Exec> tape;
  Workspace<double, Exec> workspace;
  auto const objective = [&] {
    model.forward(exec, pass, as_tensor<double>(x, batch, image), tape, workspace);
    exec.fence();
    double sum = 0;
    for (std::size_t i = 0; i < size; ++i) sum += tape.result().data()[i] * dy(i);
    return sum;
  };
  objective();
  Kokkos::deep_copy(exec, model.gradients(), 0.0);
  auto const gradient = random_vector<double>(size, 5);  // a copy: backward overwrites its argument
  Kokkos::deep_copy(exec, gradient, dy);
  model.backward(exec, tape, as_tensor<double>(gradient, batch, image), as_tensor<double>(dx, batch, image), workspace);
  exec.fence();

  auto const difference = [&](Vector<double, Exec> const& place, std::size_t i, double h) {
    double const old = place(i);
    place(i) = old + h;
    double const above = objective();
    place(i) = old - h;
    double const below = objective();
    place(i) = old;
    return (above - below) / (2 * h);
  };
  auto const compare = [&](Vector<double, Exec> const& place, Vector<double, Exec> const& found, char const* what) {
    double largest = 0;
    for (std::size_t i = 0; i < place.size(); ++i) largest = std::max(largest, std::abs(found(i)));
    BOOST_TEST(largest > 1e-3, what << ": largest " << largest);
    for (std::size_t i = 0; i < place.size(); ++i) {
      double error = 1;
      for (double h = 1e-5; error > 2e-6 * largest && h > 1e-7; h /= 8)  // a rectifier may change its side within a step
        error = std::abs(found(i) - difference(place, i, h));
      BOOST_TEST(error <= 2e-6 * largest, what << " element " << i << ": error " << error << " of " << largest);
    }
  };
  compare(x, dx, "dx");
  compare(model.parameters(), model.gradients(), "gradient");
}

Pass training() { return training_pass({Role::data, Role::source}, Precision::full, {}); }

}  // namespace

BOOST_AUTO_TEST_CASE(sizes_of_the_nets) {
  BOOST_TEST(parameter_count(mnist_residual_net(), {32, 32, 1}) == 399089u);
  BOOST_TEST(parameter_count(mnist_residual_large_net(), {32, 32, 1}) == 2117217u);
  BOOST_TEST(parameter_count(dcgan64_residual_net(), {64, 64, 3}) == 1646899u);
  // Per block 2 · 9 · c² weights and 4 · c of both norms, at 32 and 64 channels, twice each.
  BOOST_TEST(parameter_count(mnist_residual_net(), {32, 32, 1}) - parameter_count(mnist_small_net(), {32, 32, 1}) ==
             2u * (18 * 32 * 32 + 4 * 32 + 18 * 64 * 64 + 4 * 64));
  BOOST_TEST((output_shape(mnist_residual_net(), {32, 32, 1}) == Shape{32, 32, 1}));
  BOOST_TEST((output_shape(mnist_residual_large_net(), {32, 32, 1}) == Shape{32, 32, 1}));
  for (int channels : {1, 3}) {
    BOOST_TEST((output_shape(dcgan64_residual_net(channels), {64, 64, channels}) == Shape{64, 64, channels}));
    BOOST_TEST((output_shape(dcgan64_residual_net(channels, GroupNorm{}), {64, 64, channels}) == Shape{64, 64, channels}));
  }
  // The latent of 4×4 needs images of the side that the docstring names.
  ign_test::fails("ign.shape.70", [] { output_shape(mnist_residual_net(), {16, 16, 1}); });
}

// Blocks follow the activations of all stages but the first, or of all with Finest, in both halves.
BOOST_AUTO_TEST_CASE(the_layers_are_those_of_dcgan_with_blocks) {
  DcganOptions<2> const options{.image_channels = 2,
                                .stages = {{{5, 4, 2, 1}, {7, 3, 2, 1}}},
                                .latent = {3, 2, 1, 0},
                                .norm = BatchNorm{.momentum = 0.3},
                                .bias_before_norm = false,
                                .slope = 0.3,
                                .padding_mode = PaddingMode::periodic};
  Shape const image = {8, 8, 2};
  check_same_layers(residual_dcgan<0>(options), dcgan(options), image);
  check_same_layers(residual_dcgan<0, true>(options, MinibatchStddev{}), dcgan(options, MinibatchStddev{}), image);

  auto const block = [&](int channels, auto const& activation) {
    Conv2d const conv{.channels = channels,
                      .kernel = 3,
                      .stride = 1,
                      .padding = 1,
                      .bias = false,
                      .init_std = 0.05,
                      .padding_mode = PaddingMode::periodic};
    return sequential(residual(conv, options.norm, activation, conv, options.norm), activation);
  };
  auto const down = [](int channels, int kernel, bool bias) {
    return Conv2d{.channels = channels, .kernel = kernel, .stride = 2, .padding = 1, .bias = bias, .padding_mode = PaddingMode::periodic};
  };
  auto const up = [](int channels, int kernel, bool bias) {
    return ConvTranspose2d{
        .channels = channels, .kernel = kernel, .stride = 2, .padding = 1, .bias = bias, .padding_mode = PaddingMode::periodic};
  };
  auto const net_of = [&](auto const& coarse, auto const& coarse_up, auto const& fine, auto const& fine_up) {
    LeakyRelu const leaky{0.3};
    return sequential(down(5, 4, true), leaky, fine, down(7, 3, false), options.norm, leaky, coarse, MinibatchStddev{},
                      Conv2d{.channels = 3, .kernel = 2}, ConvTranspose2d{.channels = 7, .kernel = 2, .bias = false}, options.norm, Relu{},
                      coarse_up, up(5, 3, false), options.norm, Relu{}, fine_up, up(2, 4, true), Tanh{});
  };
  LeakyRelu const leaky{0.3};
  auto const twice = [](auto const& net) { return sequential(net, net); };
  // Kernel 3 with stride 2 maps 4 to 2 and 2 to 3: the shapes of the layers do not matter here, only that both nets have the same.
  check_same_layers(residual_dcgan(options, MinibatchStddev{}), net_of(block(7, leaky), block(7, Relu{}), sequential(), sequential()),
                    image);
  check_same_layers(residual_dcgan<2, true>(options, MinibatchStddev{}),
                    net_of(twice(block(7, leaky)), twice(block(7, Relu{})), twice(block(5, leaky)), twice(block(5, Relu{}))), image);
}

BOOST_AUTO_TEST_CASE(gradients) {
  DcganOptions<2> const planes{
      .image_channels = 2, .stages = {{{3, 2, 2, 0}, {4, 3, 1, 1}}}, .latent = {5, 2, 1, 0}, .bias_before_norm = false};
  check_gradients(residual_dcgan<1, true>(planes), {4, 6, 2}, 4, training());
  // In evaluation no statistics of the batch keep rectifiers active and Tanh from saturation: more channels, and smaller weights.
  DcganOptions<2> const wider{
      .image_channels = 2, .stages = {{{8, 2, 2, 0}, {7, 3, 1, 1}}}, .latent = {5, 2, 1, 0}, .bias_before_norm = false};
  check_gradients(residual_dcgan(wider), {4, 6, 2}, 3, pass_of(Role::generated, Mode::evaluate), 0.3);
  // Odd extents, one sample, blocks without a norm.
  DcganOptions<1, Sequential<>> const odd{.image_channels = 1, .stages = {{{6, 3, 1, 1}}}, .latent = {5, 3, 1, 0}, .norm = sequential()};
  check_gradients(residual_dcgan<2, true>(odd), {5, 7, 1}, 1, pass_of(Role::data, Mode::train), 0.2);
}

BOOST_AUTO_TEST_CASE(a_sample_does_not_depend_on_its_batch) {
  Exec const exec;
  auto const net = mnist_residual_net();
  Shape const image = {32, 32, 1};
  Model<std::remove_const_t<decltype(net)>, float, Exec> const model(exec, net, image, 1);
  Tape<float, Exec> tape(Retain::last);
  Workspace<float, Exec> workspace;
  auto const x = random_vector<float>(7 * image.size(), 1), all = random_vector<float>(7 * image.size(), 2);
  auto const pass = pass_of(Role::source, Mode::evaluate);
  model.forward(exec, pass, as_tensor<float>(x, 7, image), tape, workspace);
  Kokkos::deep_copy(exec, as_tensor<float>(all, 7, image), tape.result());
  exec.fence();
  for (std::size_t n : {0, 3, 6}) {
    model.forward(exec, pass, TensorRef<float, Exec>(x.data() + n * image.size(), 1, 32, 32, 1), tape, workspace);
    exec.fence();
    for (std::size_t i = 0; i < image.size(); ++i) BOOST_REQUIRE(tape.result().data()[i] == all(n * image.size() + i));
  }
}

BOOST_AUTO_TEST_SUITE_END()
