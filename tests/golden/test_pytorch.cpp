// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Values from PyTorch (make_golden.py): every layer forward and backward, and the first ten losses of two published recipes.

#include <boost/test/unit_test.hpp>

#include <ign/ign.hpp>
#include <ign/io/checkpoint.hpp>
#include <ign_test/golden.hpp>
#include <ign_test/layer_check.hpp>

#include <set>

using namespace ign;
using ign_test::Exec;

BOOST_AUTO_TEST_SUITE(pytorch)

namespace {

io::SafeTensorsFile golden(char const* name) { return io::read_safetensors(ign_test::golden_dir() / name); }

// "x3": appended, since GCC 12 warns of operator+ without a cause.
template <class Number>
std::string numbered(char const* name, Number number) {
  return std::string(name).append(std::to_string(number));
}

std::vector<double> values(io::SafeTensorsFile const& file, std::string const& name) {
  std::vector<double> v(file.at(name).bytes.size() / sizeof(double));
  file.copy<double>(name, v);
  return v;
}

template <class Real>
void copy_in(ign::Vector<Real, Exec> const& to, std::size_t offset, std::vector<double> const& from) {
  for (std::size_t i = 0; i < from.size(); ++i) to(offset + i) = static_cast<Real>(from[i]);
}

template <class Real>
void check_same(Real const* found, std::vector<double> const& expected, std::string const& what) {
  double largest = 1e-30, error = 0;
  for (double e : expected) largest = std::max(largest, std::abs(e));
  for (std::size_t i = 0; i < expected.size(); ++i) error = std::max(error, std::abs(static_cast<double>(found[i]) - expected[i]));
  BOOST_TEST(error <= (sizeof(Real) == 8 ? 1e-12 : 1e-5) * largest, what << ": error " << error << " of " << largest);
}

// After ten steps of Adam, which divides by small gradients.
inline void check_near(double const* found, std::vector<double> const& expected, std::string const& what) {
  double error = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) error = std::max(error, std::abs(found[i] - expected[i]));
  BOOST_TEST(error <= 1e-8, what << ": error " << error);
}

// Parameters from a file, in memory order.
template <class Real>
std::vector<double> in_memory_order(io::SafeTensorsFile const& file, std::string const& name, ArrayInfo const& info) {
  auto const in_file = values(file, name);
  std::vector<double> out(in_file.size());
  io::detail::permute(info, in_file.data(), out.data(), false);
  return out;
}

template <class Real, class Layer>
void check_layer(io::SafeTensorsFile const& file, std::string const& name, Layer const& layer, Pass pass = {}) {
  auto const& extents = file.at(name + ".x").shape;
  Shape const in = {static_cast<int>(extents[1]), static_cast<int>(extents[2]), static_cast<int>(extents[3])};
  ign_test::LayerFixture<Layer, Real> f(layer, in, static_cast<int>(extents[0]));
  auto const infos = layer::parameters_of(layer, in);
  copy_in(f.x, 0, values(file, name + ".x"));
  copy_in(f.dy, 0, values(file, name + ".dy"));
  std::size_t offset = 0;
  for (auto const& info : infos) {
    copy_in(f.parameters, offset, in_memory_order<Real>(file, name + '.' + info.name, info));
    offset += info.size();
  }
  std::size_t const role = 2 * static_cast<std::size_t>(pass.roles[0]) * static_cast<std::size_t>(in.channels);
  bool const norm = std::is_same_v<Layer, BatchNorm>;
  if (norm) {
    copy_in(f.statistics, role, values(file, name + ".running_mean"));
    copy_in(f.statistics, role + in.channels, values(file, name + ".running_var"));
  }
  f.run_forward(pass);
  check_same(f.y.data(), values(file, name + ".y"), name + ".y");
  if (norm) {
    check_same(f.statistics.data() + role, values(file, name + ".running_mean_after"), name + ".running_mean");
    check_same(f.statistics.data() + role + in.channels, values(file, name + ".running_var_after"), name + ".running_var");
  }
  Kokkos::deep_copy(f.gradients, Real(0));
  f.run_backward(pass, true, false, true);
  check_same(f.dx.data(), values(file, name + ".dx"), name + ".dx");
  offset = 0;
  for (auto const& info : infos) {
    check_same(f.gradients.data() + offset, in_memory_order<Real>(file, name + ".d" + info.name, info), name + ".d" + info.name);
    offset += info.size();
  }
}

// Noise that a test hands in, batch by batch.
struct Recorded {
  static constexpr char const* name = "recorded";
  double const* numbers;  // of all steps, one after the other
};
template <class Real>
void sample(Exec const&, Recorded const& source, Key const& key, TensorRef<Real, Exec> const& z) {
  for (std::size_t i = 0; i < z.size(); ++i) z.data()[i] = static_cast<Real>(source.numbers[key.step.get() * z.size() + i]);
}

constexpr auto plane_net() { return dcgan(DcganOptions<2>{.image_channels = 1, .stages = {{{4}, {8}}}, .latent = {8, 2, 1, 0}}); }
constexpr auto residual_net() {
  return residual_dcgan<1, true>(
      DcganOptions<2>{.image_channels = 1, .stages = {{{4}, {8}}}, .latent = {8, 2, 1, 0}, .bias_before_norm = false});
}
constexpr auto volume_net() { return dcgan3d(DcganOptions<2>{.image_channels = 1, .stages = {{{4}, {8}}}, .latent = {4, 2, 1, 0}}); }

template <class Real, class Distance, class Net = decltype(plane_net())>
void check_training(char const* name, IdempotentOptions<Distance> const& published, Net const& net = plane_net(), Shape image = {8, 8, 1},
                    int batch = 8, std::set<std::string> const& without_gradient = {"2.bias", "6.bias", "9.bias"},
                    double float_error = 1e-5) {
  Exec const exec;
  auto const file = golden(name);
  std::vector<double> noise;
  for (int step = 0; step < 10; ++step) {
    auto const z = values(file, numbered("z", step));
    noise.insert(noise.end(), z.begin(), z.end());
  }
  IdempotentOptions<Distance, Recorded> const options = {published.distance,    {noise.data()},      published.reconstruction,
                                                         published.idempotence, published.tightness, published.smoothing};
  Idempotent<Net, Real, Exec, Distance, Recorded> policy(exec, net, image, options);
  auto const& model = policy.model();
  for (auto const& array : model.parameter_arrays())
    copy_in(model.parameters(), array.offset, in_memory_order<Real>(file, "initial." + array.info.name, array.info));
  auto const state = make_vector<Real>(exec, "ign::test", 2 * model.parameters().size());
  auto const x = make_vector<Real>(exec, "ign::test", static_cast<std::size_t>(batch) * image.size());
  auto const expected = values(file, "losses");
  using Flat = VectorRef<Real, Exec>;
  for (std::uint64_t step = 0; step < 10; ++step) {
    copy_in(x, 0, values(file, numbered("x", step)));
    policy.reset_losses(exec);
    policy.gradients(exec, ign_test::as_tensor<Real>(x, batch, image), step);
    update(exec, Adam{.beta1 = 0.5}, 2e-3, step + 1, Flat(model.parameters()), Flat(model.gradients()), Flat(state));
    auto const l = policy.losses(exec);
    double const found[4] = {l.reconstruction, l.idempotence, l.tightness, l.total};
    for (int k = 0; k < 4; ++k)
      BOOST_TEST(
          std::abs(found[k] - expected[4 * step + k]) <= (sizeof(Real) == 8 ? 1e-10 : float_error) * std::abs(expected[4 * step + k]),
          "step " << step << " loss " << k << ": " << found[k] << ", PyTorch " << expected[4 * step + k]);
  }
  if constexpr (sizeof(Real) == 8) {
    for (auto const& array : model.parameter_arrays()) {
      auto const last = in_memory_order<Real>(file, "final." + array.info.name, array.info);
      double error = 0;
      for (std::size_t i = 0; i < last.size(); ++i) error = std::max(error, std::abs(model.parameters()(array.offset + i) - last[i]));
      // A bias before a norm has no gradient but rounding, which Adam blows up to the size of a step.
      if (without_gradient.count(array.info.name) == 0) BOOST_TEST(error <= 1e-8, array.info.name << " after ten steps: error " << error);
    }
  }
}

template <class Real>
void check_layers() {
  auto const file = golden("layers.safetensors");
  check_layer<Real>(file, "conv", Conv2d{5, 4, 2, 1});
  check_layer<Real>(file, "conv_no_bias", Conv2d{3, 3, 1, 2, false});
  check_layer<Real>(file, "conv_transpose", ConvTranspose2d{.channels = 3, .kernel = 4, .stride = 2, .padding = 1});
  check_layer<Real>(file, "conv_transpose_padded", ConvTranspose2d{3, 3, 2, 1, 1});
  check_layer<Real>(file, "linear", Linear{4});
  check_layer<Real>(file, "batch_norm", BatchNorm{}, pass_of(Role::generated, Mode::train));
  check_layer<Real>(file, "batch_norm_eval", BatchNorm{}, pass_of(Role::source, Mode::evaluate));
  check_layer<Real>(file, "group_norm", GroupNorm{2});
  check_layer<Real>(file, "leaky_relu", LeakyRelu{});
  check_layer<Real>(file, "relu", Relu{});
  check_layer<Real>(file, "tanh", Tanh{});
  check_layer<Real>(file, "sigmoid", Sigmoid{});
  check_layer<Real>(file, "flatten", Flatten{});
}

template <class Real>
void check_padding() {
  auto const file = golden("padding.safetensors");
  PaddingMode const periodic = PaddingMode::periodic, reflecting = PaddingMode::reflecting;
  check_layer<Real>(file, "conv_circular", Conv2d{.channels = 5, .kernel = 4, .stride = 2, .padding = 1, .padding_mode = periodic});
  check_layer<Real>(file, "conv_reflect", Conv2d{.channels = 3, .padding = 1, .padding_mode = reflecting});
  check_layer<Real>(file, "conv_circular_wide", Conv2d{.channels = 3, .kernel = 5, .padding = 2, .bias = false, .padding_mode = periodic});
  check_layer<Real>(file, "conv_reflect_odd", Conv2d{.channels = 2, .stride = 2, .padding = 1, .padding_mode = reflecting});
  check_layer<Real>(file, "conv_transpose_circular",
                    ConvTranspose2d{.channels = 3, .kernel = 4, .stride = 2, .padding = 1, .padding_mode = periodic});
  check_layer<Real>(file, "conv_transpose_reflect",
                    ConvTranspose2d{.channels = 3, .stride = 2, .padding = 1, .output_padding = 1, .padding_mode = reflecting});
}

template <class Real>
void check_padding_of_volumes() {
  auto const file = golden("padding_volumes.safetensors");
  PaddingMode const periodic = PaddingMode::periodic, reflecting = PaddingMode::reflecting;
  check_layer<Real>(file, "conv_circular",
                    Conv3d{.channels = 5, .kernel = 4, .stride = 2, .padding = 1, .depth = 6, .padding_mode = periodic});
  check_layer<Real>(file, "conv_reflect", Conv3d{.channels = 3, .padding = 1, .depth = 3, .padding_mode = reflecting});
  check_layer<Real>(file, "conv_circular_wide",
                    Conv3d{.channels = 3, .kernel = 5, .padding = 2, .bias = false, .depth = 2, .padding_mode = periodic});
  check_layer<Real>(file, "conv_reflect_odd", Conv3d{.channels = 2, .stride = 2, .padding = 1, .depth = 5, .padding_mode = reflecting});
  check_layer<Real>(file, "conv_transpose_circular",
                    ConvTranspose3d{.channels = 3, .kernel = 4, .stride = 2, .padding = 1, .padding_mode = periodic});
  check_layer<Real>(file, "conv_transpose_reflect",
                    ConvTranspose3d{.channels = 3, .stride = 2, .padding = 1, .output_padding = 1, .depth = 4, .padding_mode = reflecting});
}

template <class Real>
void check_volumes() {
  auto const file = golden("volumes.safetensors");
  check_layer<Real>(file, "conv", Conv3d{5, 4, 2, 1});
  check_layer<Real>(file, "conv_wide", Conv3d{.channels = 9, .kernel = 4, .stride = 2, .padding = 1, .depth = 6});
  check_layer<Real>(file, "conv_one_channel", Conv3d{.channels = 8, .kernel = 4, .stride = 2, .padding = 1, .depth = 8});
  check_layer<Real>(file, "conv_no_bias", Conv3d{.channels = 3, .padding = 1, .bias = false, .depth = 3});
  check_layer<Real>(file, "conv_dense", Conv3d{.channels = 6, .kernel = 2});
  check_layer<Real>(file, "conv_transpose", ConvTranspose3d{.channels = 8, .kernel = 4, .stride = 2, .padding = 1, .depth = 3});
  check_layer<Real>(file, "conv_transpose_one_channel", ConvTranspose3d{.channels = 1, .kernel = 4, .stride = 2, .padding = 1, .depth = 4});
  check_layer<Real>(file, "conv_transpose_padded", ConvTranspose3d{.channels = 3, .stride = 2, .padding = 1, .output_padding = 1});
}

std::vector<int> labels_of(io::SafeTensorsFile const& file, std::string const& name) {
  auto const numbers = values(file, name);
  return {numbers.begin(), numbers.end()};
}

template <class Real>
void check_cross_entropy() {
  Exec const exec;
  auto const file = golden("classification.safetensors");
  auto labels = labels_of(file, "labels");
  auto const logits = make_vector<Real>(exec, "ign::test", 6 * 7), gradient = make_vector<Real>(exec, "ign::test", 6 * 7);
  auto const losses = make_vector<Real>(exec, "ign::test", 6);
  copy_in(logits, 0, values(file, "logits"));
  cross_entropy(exec, ign_test::as_tensor<Real>(logits, 6, {1, 1, 7}), VectorRef<int, Exec>(labels.data(), 6), 1.0 / 6,
                VectorRef<Real, Exec>(losses), {}, ign_test::as_tensor<Real>(gradient, 6, {1, 1, 7}));
  exec.fence();
  check_same(losses.data(), values(file, "losses"), "losses");
  check_same(gradient.data(), values(file, "dlogits"), "dlogits");
}

template <class Real>
void check_classification() {
  Exec const exec;
  auto const file = golden("classification.safetensors");
  auto const stage = [](int channels) { return sequential(Conv2d{channels, 3, 1, 1}, Relu{}, MaxPool2d{}); };
  auto const net = sequential(stage(4), stage(6), Flatten{}, Linear{8}, Relu{}, Linear{3});
  Classification<std::remove_const_t<decltype(net)>, Real, Exec> policy(exec, net, {8, 8, 2});
  auto const& model = policy.model();
  for (auto const& array : model.parameter_arrays())
    copy_in(model.parameters(), array.offset, in_memory_order<Real>(file, "initial." + array.info.name, array.info));
  auto const state = make_vector<Real>(exec, "ign::test", 2 * model.parameters().size());
  auto const x = make_vector<Real>(exec, "ign::test", 6 * 128);
  auto const expected = values(file, "steps");
  using Flat = VectorRef<Real, Exec>;
  for (std::uint64_t step = 0; step < 10; ++step) {
    auto labels = labels_of(file, numbered("t", step));
    copy_in(x, 0, values(file, numbered("x", step)));
    policy.reset_losses(exec);
    policy.gradients(exec, ign_test::as_tensor<Real>(x, 6, {8, 8, 2}), VectorRef<int, Exec>(labels.data(), 6), step);
    update(exec, Adam{.beta1 = 0.9}, 2e-3, step + 1, Flat(model.parameters()), Flat(model.gradients()), Flat(state));
    auto const losses = policy.losses(exec);
    BOOST_TEST(std::abs(losses.cross_entropy - expected[2 * step]) <= (sizeof(Real) == 8 ? 1e-12 : 1e-5) * expected[2 * step],
               "step " << step << ": " << losses.cross_entropy << ", PyTorch " << expected[2 * step]);
    BOOST_TEST(std::abs(losses.accuracy - expected[2 * step + 1]) <= 1e-14);
  }
  for (auto const& array : model.parameter_arrays()) {
    auto const last = in_memory_order<Real>(file, "final." + array.info.name, array.info);
    double error = 0;
    for (std::size_t i = 0; i < last.size(); ++i)
      error = std::max(error, std::abs(static_cast<double>(model.parameters()(array.offset + i)) - last[i]));
    BOOST_TEST(error <= (sizeof(Real) == 8 ? 1e-10 : 1e-3), array.info.name << " after ten steps: error " << error);
  }
}

// Noise of all ten steps, for Recorded.
std::vector<double> recorded_noise(io::SafeTensorsFile const& file) {
  std::vector<double> noise;
  for (int step = 0; step < 10; ++step) {
    auto const z = values(file, numbered("z", step));
    noise.insert(noise.end(), z.begin(), z.end());
  }
  return noise;
}

// Ten steps of a policy whose losses PyTorch has, with its parameters before and after.
template <class Real, class Policy>
void check_policy(io::SafeTensorsFile const& file, Policy& policy) {
  Exec const exec;
  using Flat = VectorRef<Real, Exec>;
  auto const initial = [&](std::string const& prefix, auto const& model) {
    for (auto const& array : model.parameter_arrays())
      copy_in(model.parameters(), array.offset, in_memory_order<Real>(file, "initial." + prefix + array.info.name, array.info));
  };
  std::vector<std::array<Flat, 2>> models;
  std::vector<Vector<Real, Exec>> states;
  policy::for_each_model_of(policy, [&](std::string const& prefix, auto const& model) {
    initial(prefix, model);
    models.push_back({Flat(model.parameters()), Flat(model.gradients())});
    states.push_back(make_vector<Real>(exec, "ign::test", 2 * model.parameters().size()));
  });
  auto const x = make_vector<Real>(exec, "ign::test", 8 * policy.image_shape().size());
  auto const expected = values(file, "losses");
  for (std::uint64_t step = 0; step < 10; ++step) {
    copy_in(x, 0, values(file, numbered("x", step)));
    policy.reset_losses(exec);
    policy::step_of(exec, policy, ign_test::as_tensor<Real>(x, 8, policy.image_shape()), policy::step_values_of(policy, step),
                    [&](std::size_t i) { update(exec, Adam{.beta1 = 0.5}, 2e-3, step + 1, models[i][0], models[i][1], Flat(states[i])); });
    auto const terms = policy.losses(exec).named();
    for (std::size_t k = 0; k < terms.size(); ++k) {
      double const value = expected[terms.size() * step + k];
      BOOST_TEST(std::abs(terms[k].value - value) <= (sizeof(Real) == 8 ? 1e-9 : 2e-4) * std::abs(value),
                 "step " << step << ' ' << terms[k].name << ": " << terms[k].value << ", PyTorch " << value);
    }
  }
  if constexpr (sizeof(Real) == 8) {
    policy::for_each_model_of(policy, [&](std::string const& prefix, auto const& model) {
      for (auto const& array : model.parameter_arrays())
        check_near(model.parameters().data() + array.offset, in_memory_order<Real>(file, "final." + prefix + array.info.name, array.info),
                   prefix + array.info.name);
    });
  }
}

template <class Real>
void check_gan() {
  auto const file = golden("gan.safetensors");
  auto const noise = recorded_noise(file);
  DcganOptions<2> const options = {.image_channels = 1, .stages = {{{4}, {8}}}, .latent = {8, 2, 1, 0}, .bias_before_norm = false};
  auto const generator = dcgan_generator(options);
  auto const discriminator = dcgan_discriminator(options, MinibatchStddev{});
  Gan<std::remove_const_t<decltype(generator)>, std::remove_const_t<decltype(discriminator)>, Real, Exec, Recorded> policy(
      Exec{}, generator, discriminator, {1, 1, 8}, {8, 8, 1}, {.source = {noise.data()}});
  check_policy<Real>(file, policy);
}

template <class Real>
void check_imle() {
  auto const file = golden("imle.safetensors");
  auto const noise = recorded_noise(file);
  auto const net = sequential(Linear{16}, LeakyRelu{}, Linear{16}, LeakyRelu{}, Linear{2});
  ImleOptions<Mse, Recorded> const options = {
      .source = {noise.data()}, .reconstruction = Schedule::constant(1.3), .generation = Schedule::constant(0.7), .pool = 3};
  Imle<std::remove_const_t<decltype(net)>, Real, Exec, Mse, Recorded> policy(Exec{}, net, {1, 1, 2}, options);
  check_policy<Real>(file, policy);
}

}  // namespace

BOOST_AUTO_TEST_CASE(layers_in_double) { check_layers<double>(); }
BOOST_AUTO_TEST_CASE(layers_in_float) { check_layers<float>(); }
BOOST_AUTO_TEST_CASE(padding_modes) {
  check_padding<double>();
  check_padding<float>();
  check_padding_of_volumes<double>();
  check_padding_of_volumes<float>();
}
BOOST_AUTO_TEST_CASE(convolutions_of_three_dimensions) {
  check_volumes<double>();
  check_volumes<float>();
}

BOOST_AUTO_TEST_CASE(first_losses_of_paper_a) {
  auto const recipe = paper_a_recipe(sequential(), {8, 8, 1});
  check_training<double>("paper_a.safetensors", recipe.objective);
  check_training<float>("paper_a.safetensors", recipe.objective);
}
BOOST_AUTO_TEST_CASE(first_losses_of_paper_b) {
  auto const recipe = paper_b_recipe(sequential(), {8, 8, 1});
  check_training<double>("paper_b.safetensors", recipe.objective);
  check_training<float>("paper_b.safetensors", recipe.objective);
}
BOOST_AUTO_TEST_CASE(first_ten_losses_of_a_net_of_three_dimensions) {
  auto const recipe = paper_a_recipe(sequential(), {});
  check_training<double>("paper_a_volume.safetensors", recipe.objective, volume_net(), volume_shape(8, 8, 8, 1), 3);
  check_training<float>("paper_a_volume.safetensors", recipe.objective, volume_net(), volume_shape(8, 8, 8, 1), 3);
}
BOOST_AUTO_TEST_CASE(first_ten_losses_of_a_residual_net) {
  auto const recipe = paper_a_recipe(sequential(), {8, 8, 1});
  check_training<double>("paper_a_residual.safetensors", recipe.objective, residual_net(), {8, 8, 1}, 8, {});
  // Through twice as many layers, rounding errors grow ten to a hundredfold within ten steps.
  check_training<float>("paper_a_residual.safetensors", recipe.objective, residual_net(), {8, 8, 1}, 8, {}, 1e-3);
}

BOOST_AUTO_TEST_CASE(max_pooling_with_ties) {
  auto const file = golden("classification.safetensors");
  check_layer<double>(file, "max_pool", MaxPool2d{});
  check_layer<float>(file, "max_pool", MaxPool2d{});
  check_layer<double>(file, "max_pool_overlapping", MaxPool2d{3, 2});
  check_layer<float>(file, "max_pool_overlapping", MaxPool2d{3, 2});
  check_layer<double>(file, "max_pool_gaps", MaxPool2d{2, 3});
}
BOOST_AUTO_TEST_CASE(attention_upsampling_and_average_pooling) {
  auto const check = []<class Real>(Real) {
    auto const file = golden("attention.safetensors");
    check_layer<Real>(file, "default", SelfAttention{});
    check_layer<Real>(file, "scaled", SelfAttention{.key_channels = 3, .value_channels = 5, .scale = 1 / std::sqrt(3.0)});
    check_layer<Real>(file, "pixel", SelfAttention{.key_channels = 2, .value_channels = 1});
    check_layer<Real>(file, "volume", SelfAttention{.key_channels = 2, .value_channels = 3});
    check_layer<Real>(file, "upsample", Upsample2d{});
    check_layer<Real>(file, "upsample_three", Upsample2d{3});
    check_layer<Real>(file, "avg_pool", AvgPool2d{});
    check_layer<Real>(file, "avg_pool_overlapping", AvgPool2d{3, 2});
    check_layer<Real>(file, "avg_pool_gaps", AvgPool2d{2, 3});
  };
  check(double());
  check(float());
}
BOOST_AUTO_TEST_CASE(cross_entropy_and_its_gradient) {
  check_cross_entropy<double>();
  check_cross_entropy<float>();
}
BOOST_AUTO_TEST_CASE(ten_steps_of_a_classifier) {
  check_classification<double>();
  check_classification<float>();
}
BOOST_AUTO_TEST_CASE(binary_cross_entropy) {
  auto const file = golden("binary_cross_entropy.safetensors");
  auto const logits = values(file, "logits"), targets = values(file, "targets");
  std::vector<double> loss, gradient;
  for (std::size_t i = 0; i < logits.size(); ++i) {
    loss.push_back(BinaryCrossEntropy{}.value(logits[i], targets[i]));
    gradient.push_back(BinaryCrossEntropy{}.derivative_first(logits[i], targets[i]));
    BOOST_TEST(std::abs(loss[i] - values(file, "loss")[i]) <= 1e-14 * std::max(1.0, loss[i]));
  }
  check_same(gradient.data(), values(file, "dlogits"), "dlogits");
}
BOOST_AUTO_TEST_CASE(minibatch_stddev) {
  check_layer<double>(golden("minibatch_stddev.safetensors"), "layer", MinibatchStddev{.group = 3});
  check_layer<float>(golden("minibatch_stddev.safetensors"), "layer", MinibatchStddev{.group = 3});
}
BOOST_AUTO_TEST_CASE(first_losses_of_gan) {
  check_gan<double>();
  check_gan<float>();
}
BOOST_AUTO_TEST_CASE(first_losses_of_imle) {
  check_imle<double>();
  check_imle<float>();
}

BOOST_AUTO_TEST_SUITE_END()
