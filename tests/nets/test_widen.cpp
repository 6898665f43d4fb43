// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// A widened net: the same function, whose added channels can be trained.

#include <boost/test/unit_test.hpp>

#include <ign/layers/self_attention.hpp>
#include <ign/nets/conditional_dcgan.hpp>
#include <ign/nets/dcgan.hpp>
#include <ign/nets/dcgan3d.hpp>
#include <ign/nets/mlp.hpp>
#include <ign/nets/residual_dcgan.hpp>
#include <ign/nets/widen.hpp>
#include <ign_test/layer_check.hpp>

using namespace ign;
using ign_test::as_tensor;
using ign_test::Exec;
using ign_test::random_vector;

BOOST_AUTO_TEST_SUITE(widened_nets)

namespace {

auto net_of(int width, int latent) {
  return dcgan(DcganOptions<2>{.image_channels = 2, .stages = {{{width, 2, 2, 0}, {width + 1, 3, 1, 1}}}, .latent = {latent, 2, 1, 0}});
}
constexpr Shape image = {4, 4, 2};

// A model with parameters and statistics that are far from their initial values.
template <class Net>
Model<Net, double, Exec> trained(Net const& net, Shape shape) {
  Exec const exec;
  Model<Net, double, Exec> const model(exec, net, shape, 3);
  fill_gaussian(exec, ign_test::key(1), 0.4, VectorRef<double, Exec>(model.parameters()));
  exec.fence();
  for (std::size_t i = 0; i < model.statistics().size(); ++i) model.statistics()(i) += 0.1 * static_cast<double>(i % 7);
  return model;
}

template <class Net>
std::vector<double> outputs(Model<Net, double, Exec> const& model, Pass const& pass) {
  Exec const exec;
  Workspace<double, Exec> workspace;
  Tape<double, Exec> tape;
  auto const x = random_vector<double>(6 * model.input_shape().size(), 2);
  model.forward(exec, pass, as_tensor<double>(x, 6, model.input_shape()), tape, workspace);
  exec.fence();
  return {tape.result().data(), tape.result().data() + tape.result().size()};
}

template <class Net>
double difference(Model<Net, double, Exec> const& a, Model<Net, double, Exec> const& b, Pass const& pass) {
  auto const x = outputs(a, pass), y = outputs(b, pass);
  double largest = 0;
  for (std::size_t i = 0; i < x.size(); ++i) largest = std::max(largest, std::abs(x[i] - y[i]));
  return largest;
}

auto refused(Error const& e) { return e.id() == "ign.shape.173"; }

}  // namespace

// In evaluation with the statistics of each role, and in training: the moments of a channel are its own.
BOOST_AUTO_TEST_CASE(a_wide_net_is_the_same_function) {
  Exec const exec;
  auto const narrow = trained(net_of(3, 2), image);
  Model<decltype(net_of(3, 2)), double, Exec> const wide(exec, net_of(5, 7), image, 8);
  BOOST_TEST(difference(narrow, wide, pass_of(Role::data, Mode::evaluate)) > 0.1);
  widen(exec, narrow, wide);
  for (Role role : {Role::data, Role::source, Role::generated}) BOOST_TEST(difference(narrow, wide, pass_of(role, Mode::evaluate)) < 1e-12);
  BOOST_TEST(difference(narrow, wide, training_pass({Role::data, Role::source}, Precision::full, {})) < 1e-12);

  // The same width: a copy.
  Model<decltype(net_of(3, 2)), double, Exec> const same(exec, net_of(3, 2), image, 8);
  widen(exec, narrow, same);
  exec.fence();
  BOOST_TEST(std::equal(narrow.parameters().data(), narrow.parameters().data() + narrow.parameters().size(), same.parameters().data()));
  BOOST_TEST(std::equal(narrow.statistics().data(), narrow.statistics().data() + narrow.statistics().size(), same.statistics().data()));
}

BOOST_AUTO_TEST_CASE(a_conditional_net) {
  Exec const exec;
  int const classes = 3, count = 6;
  auto const net_with = [&](int width, int latent) {
    DcganOptions<2> const options = {
        .image_channels = 2, .stages = {{{width, 2, 2, 0}, {width + 1, 3, 1, 1}}}, .latent = {latent, 2, 1, 0}};
    return conditional_dcgan(options, ConditionalScale{classes});
  };
  auto const narrow = trained(net_with(3, 2), image);
  Model<decltype(net_with(3, 2)), double, Exec> const wide(exec, net_with(5, 7), image, 8);
  widen(exec, narrow, wide);
  auto const x = random_vector<double>(count * image.size(), 2), conditions = random_vector<double>(count * classes, 5);
  auto const given = as_tensor<double>(conditions, count, {1, 1, classes});
  for (Pass const& pass : {pass_of(Role::data, Mode::evaluate), pass_of(Role::source, Mode::train)}) {
    Tape<double, Exec> of_narrow, of_wide;
    Workspace<double, Exec> workspace;
    narrow.forward(exec, pass, as_tensor<double>(x, count, image), of_narrow, workspace, given);
    wide.forward(exec, pass, as_tensor<double>(x, count, image), of_wide, workspace, given);
    exec.fence();
    for (std::size_t i = 0; i < of_narrow.result().size(); ++i)
      BOOST_REQUIRE(std::abs(of_narrow.result().data()[i] - of_wide.result().data()[i]) < 1e-12);
  }
  // Conditions of another length are another net.
  Model<decltype(net_with(3, 2)), double, Exec> const other(
      exec,
      conditional_dcgan(DcganOptions<2>{.image_channels = 2, .stages = {{{5, 2, 2, 0}, {6, 3, 1, 1}}}, .latent = {7, 2, 1, 0}},
                        ConditionalScale{classes + 1}),
      image, 8);
  BOOST_CHECK_EXCEPTION(widen(exec, narrow, other), Error, refused);
}

// At first, only added weights into added channels have no gradient: what they feed has weight 0.
BOOST_AUTO_TEST_CASE(added_channels_learn) {
  Exec const exec;
  auto const narrow = trained(net_of(3, 2), image);
  Model<decltype(net_of(3, 2)), double, Exec> const wide(exec, net_of(5, 7), image, 8);
  widen(exec, narrow, wide);
  Workspace<double, Exec> workspace;
  auto const x = random_vector<double>(6 * image.size(), 2), dy = random_vector<double>(6 * image.size(), 4);
  auto const step = [&] {
    Tape<double, Exec> tape;
    Kokkos::deep_copy(exec, wide.gradients(), 0.0);
    wide.forward(exec, pass_of(Role::data, Mode::train), as_tensor<double>(x, 6, image), tape, workspace);
    wide.backward(exec, tape, as_tensor<double>(dy, 6, image), {}, workspace);
    exec.fence();
    std::size_t nonzero = 0;
    for (std::size_t i = 0; i < wide.parameters().size(); ++i) {
      nonzero += wide.gradients()(i) != 0;
      wide.parameters()(i) -= 0.01 * wide.gradients()(i);
    }
    return nonzero;
  };
  std::size_t const first = step();
  BOOST_TEST(first > narrow.parameters().size());
  for (int i = 0; i < 6; ++i) step();
  BOOST_TEST(step() > wide.parameters().size() * 95 / 100);  // biases before a norm have none, nor channels that a rectifier sets to 0
}

BOOST_AUTO_TEST_CASE(volumes_and_vectors) {
  Exec const exec;
  auto const volume = [](int width) {
    return sequential(Conv3d{.channels = width, .kernel = 3, .stride = 1, .padding = 1, .depth = 3}, BatchNorm{}, LeakyRelu{}, Dropout{0},
                      ConvTranspose3d{.channels = 2, .kernel = 3, .stride = 1, .padding = 1, .depth = 3}, Sigmoid{});
  };
  Shape const fields = {9, 3, 2};
  auto const narrow = trained(volume(3), fields);
  Model<decltype(volume(3)), double, Exec> const wide(exec, volume(6), fields, 8);
  widen(exec, narrow, wide);
  BOOST_TEST(difference(narrow, wide, pass_of(Role::source, Mode::evaluate)) < 1e-12);

  auto const layers = [](int width) { return sequential(Linear{.features = width}, Tanh{}, Linear{.features = 5}); };
  auto const narrow_layers = trained(layers(3), {1, 1, 5});
  Model<decltype(layers(3)), double, Exec> const wide_layers(exec, layers(8), {1, 1, 5}, 8);
  widen(exec, narrow_layers, wide_layers);
  BOOST_TEST(difference(narrow_layers, wide_layers, pass_of(Role::source, Mode::evaluate)) < 1e-12);
}

BOOST_AUTO_TEST_CASE(residual_blocks) {
  Exec const exec;
  auto const net = [](int width, int latent, bool bias = true) {
    return residual_dcgan<2, true>(DcganOptions<2>{
        .image_channels = 2, .stages = {{{width, 2, 2, 0}, {width + 1, 3, 1, 1}}}, .latent = {latent, 2, 1, 0}, .bias_before_norm = bias});
  };
  using Net = decltype(net(3, 2));
  for (bool const bias : {false, true}) {
    auto const narrow = trained(net(3, 2, bias), image);
    Model<Net, double, Exec> const wide(exec, net(5, 7, bias), image, 8);
    widen(exec, narrow, wide);
    for (Role role : {Role::data, Role::source, Role::generated})
      BOOST_TEST(difference(narrow, wide, pass_of(role, Mode::evaluate)) < 1e-12);
    BOOST_TEST(difference(narrow, wide, training_pass({Role::data, Role::source}, Precision::full, {})) < 1e-11);
    BOOST_CHECK_EXCEPTION(require_wider(net(3, 2, bias), net(2, 2, bias), image), Error, refused);
    BOOST_CHECK_EXCEPTION(require_wider(net(3, 2, bias), net(5, 7, !bias), image), Error, refused);
  }
  // Nested blocks, transposed convolutions in them, and channels that only the nested layers have more of.
  auto const nested = [](int inner, int kernel = 3) {
    Conv2d const conv{.channels = inner, .padding = 1};
    return sequential(residual(conv, BatchNorm{},
                               residual(ConvTranspose2d{.channels = inner, .kernel = kernel, .padding = kernel / 2}, Tanh{}),
                               Conv2d{.channels = 2, .kernel = 1}));
  };
  auto const narrow = trained(nested(3), image);
  Model<decltype(nested(3)), double, Exec> const wide(exec, nested(8), image, 8);
  widen(exec, narrow, wide);
  BOOST_TEST(difference(narrow, wide, pass_of(Role::source, Mode::evaluate)) < 1e-12);
  BOOST_CHECK_EXCEPTION(require_wider(nested(3), nested(8, 1), image), Error, refused);  // options of nested layers count
  static_assert(!is_widenable_v<decltype(sequential(residual(Linear{.features = 4}, SelfAttention{})))>);
}

BOOST_AUTO_TEST_CASE(nets_that_do_not_fit_are_an_error) {
  Exec const exec;
  auto const narrow = trained(net_of(3, 2), image);
  using Net = decltype(net_of(3, 2));
  auto const refuse = [&](Net const& net, Shape shape) {
    Model<Net, double, Exec> const wide(exec, net, shape, 8);
    auto const before = outputs(wide, pass_of(Role::data, Mode::evaluate));
    BOOST_CHECK_EXCEPTION(widen(exec, narrow, wide), Error, refused);
    BOOST_TEST((outputs(wide, pass_of(Role::data, Mode::evaluate)) == before));
  };
  refuse(net_of(2, 7), image);
  refuse(net_of(5, 1), image);
  refuse(dcgan(DcganOptions<2>{.image_channels = 2, .stages = {{{4, 2, 2, 0}, {5, 3, 1, 1}}}, .latent = {4, 2, 1, 0}, .slope = 0.1}),
         image);
  // Other images, another kernel, fewer outputs, a bias.
  refuse(dcgan(DcganOptions<2>{.image_channels = 3, .stages = {{{4, 2, 2, 0}, {5, 3, 1, 1}}}, .latent = {4, 2, 1, 0}}), {4, 4, 3});
  refuse(dcgan(DcganOptions<2>{.image_channels = 2, .stages = {{{4, 2, 2, 0}, {5, 1, 1, 0}}}, .latent = {4, 2, 1, 0}}), image);
  refuse(dcgan(DcganOptions<2>{.image_channels = 3, .stages = {{{4, 2, 2, 0}, {5, 3, 1, 1}}}, .latent = {4, 2, 1, 0}}), image);
  refuse(dcgan(DcganOptions<2>{
             .image_channels = 2, .stages = {{{4, 2, 2, 0}, {5, 3, 1, 1}}}, .latent = {4, 2, 1, 0}, .bias_before_norm = false}),
         image);
}

BOOST_AUTO_TEST_CASE(the_error_names_the_layer_and_what_differs) {
  auto const text_of = [](auto const& narrow, auto const& wide, Shape shape) -> std::string {
    try {
      require_wider(narrow, wide, shape, {"net A", "net B"});
    } catch (Error const& error) {
      return error.what();
    }
    return {};
  };
  auto const expect = [](std::string const& text, std::string const& part) {
    BOOST_TEST(text.find(part) != std::string::npos, text << " lacks " << part);
    BOOST_TEST(text.find("net B must be at least as wide as net A") != std::string::npos, text);
  };
  // Both take images of the same extents: only the number of channels tells them apart.
  expect(text_of(mnist_wide_net(), mnist_small_net(), {32, 32, 1}),
         "layer 0 (Conv2d): out_channels is 24 in net A and 16 in net B, expected 24 or more");
  BOOST_TEST(text_of(mnist_small_net(), mnist_wide_net(), {32, 32, 1}).empty());
  BOOST_TEST(text_of(mnist_small_net(), mnist_small_net(), {32, 32, 1}).empty());
  auto const nested = [](int width, int dilation) {
    return sequential(residual(Conv2d{.channels = width, .kernel = 3, .stride = 1, .padding = 1}, Tanh{},
                               Conv2d{.channels = 2, .kernel = 1 + 2 * dilation, .stride = 1, .padding = dilation}));
  };
  expect(text_of(nested(8, 1), nested(3, 1), {8, 8, 2}),
         "layer 0.0 (Conv2d): out_channels is 8 in net A and 3 in net B, expected 8 or more");
  expect(text_of(nested(3, 1), nested(8, 0), {8, 8, 2}), "layer 0.2 (Conv2d): kernel_size is 3 in net A and 1 in net B, expected the same");
  auto const leaky = [](double slope) { return sequential(Conv2d{.channels = 1, .kernel = 1, .stride = 1}, LeakyRelu{slope}); };
  expect(text_of(leaky(0.1), leaky(0.2), {8, 8, 1}),
         "layer 1 (LeakyReLU): negative_slope is 0.1 in net A and 0.2 in net B, expected the same");
}

BOOST_AUTO_TEST_SUITE_END()
