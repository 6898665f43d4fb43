// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include <boost/test/unit_test.hpp>

#include <ign/layers/batch_norm.hpp>
#include <ign/layers/conv2d.hpp>
#include <ign/layers/dropout.hpp>
#include <ign/layers/group_norm.hpp>
#include <ign/layers/linear.hpp>
#include <ign/layers/max_pool2d.hpp>
#include <ign/layers/minibatch_stddev.hpp>
#include <ign/layers/reshape.hpp>
#include <ign/layers/residual.hpp>
#include <ign/nets/model.hpp>
#include <ign_test/kokkos_counter.hpp>
#include <ign_test/layer_check.hpp>

using namespace ign;
using ign_test::as_tensor;
using ign_test::Exec;
using ign_test::LayerFixture;
using ign_test::random_vector;

BOOST_AUTO_TEST_SUITE(residuals)

namespace {

constexpr Conv2d conv(int channels, int kernel) { return {.channels = channels, .kernel = kernel, .stride = 1, .padding = kernel / 2}; }

Pass segments(int count) {
  Pass pass;
  pass.segments = count;
  pass.roles = {Role::generated, Role::data, Role::source};
  return pass;
}

Pass evaluation(Role role) { return pass_of(role, Mode::evaluate); }

// The block of He et al., with 3 channels.
auto block() { return residual(conv(5, 3), BatchNorm{}, LeakyRelu{}, conv(3, 3), BatchNorm{}); }

void close(double found, double expected, char const* what, std::size_t i) {
  BOOST_TEST(std::abs(found - expected) <= 1e-11 * std::max(1.0, std::abs(expected)),
             what << ' ' << i << ": " << found << ", expected " << expected);
}

// A Residual against a Model of its nested layers, whose passes have tests of their own.
template <class... Layers>
void check_against_a_model(Residual<Layers...> const& layer, Shape in, int batch, Pass const& pass) {
  Exec const exec;
  LayerFixture<Residual<Layers...>, double> f(layer, in, batch);
  Model<Sequential<Layers...>, double, Exec> const model(exec, layer.net(), in, 1);
  BOOST_REQUIRE(model.parameters().size() == f.parameters.size());
  BOOST_REQUIRE(model.statistics().size() == f.statistics.size());
  Kokkos::deep_copy(model.parameters(), f.parameters);
  Kokkos::deep_copy(model.statistics(), f.statistics);
  Kokkos::deep_copy(model.gradients(), f.gradients);
  Tape<double, Exec> tape;
  Workspace<double, Exec> workspace;
  model.forward(exec, pass, as_tensor<double>(f.x, batch, in), tape, workspace);
  f.run_forward(pass);
  for (std::size_t i = 0; i < f.y.size(); ++i) close(f.y(i), f.x(i) + tape.result().data()[i], "y", i);
  for (std::size_t i = 0; i < f.statistics.size(); ++i) close(f.statistics(i), model.statistics()(i), "statistics", i);
  auto const dy = random_vector<double>(f.dy.size(), 20), dx = random_vector<double>(f.dx.size(), 21);
  std::vector<double> const before(f.dy.data(), f.dy.data() + f.dy.size());
  for (bool scaled : {false, true}) {
    Kokkos::deep_copy(dy, f.dy);
    BackwardOptions<double, Exec> options;
    if (scaled) options.sample_weights = f.scale;
    model.backward(exec, tape, as_tensor<double>(dy, batch, in), as_tensor<double>(dx, batch, in), workspace, options);
    f.run_backward(pass, true, scaled, true);
    for (std::size_t i = 0; i < dx.size(); ++i) close(f.dx(i), before[i] + dx(i), "dx", i);
    for (std::size_t i = 0; i < f.gradients.size(); ++i) close(f.gradients(i), model.gradients()(i), "gradient", i);
    for (std::size_t i = 0; i < before.size(); ++i) BOOST_TEST(f.dy(i) == before[i]);  // dy belongs to the caller
  }
}

// A layer that reports the substream of its random numbers.
struct Reports {
  std::vector<std::uint32_t>* seen;
};
Shape output_shape(Reports const&, Shape in) { return in; }
template <class Real>
void forward(Exec const& exec, Reports const& layer, Pass const&, LayerMemory<Real, Exec> const& memory, TensorRef<Real, Exec> const& x,
             TensorRef<Real, Exec> const& y) {
  layer.seen->push_back(memory.substream);
  Kokkos::deep_copy(exec, y, x);
}
template <class Real>
void backward(Exec const& exec, Reports const& layer, Pass const&, LayerMemory<Real, Exec> const& memory, TensorRef<Real, Exec> const&,
              TensorRef<Real, Exec> const&, TensorRef<Real, Exec> const& dy, TensorRef<Real, Exec> const& dx) {
  layer.seen->push_back(memory.substream);
  if (!absent(dx)) Kokkos::deep_copy(exec, dx, dy);
}

}  // namespace

BOOST_AUTO_TEST_CASE(gradients_without_batch_statistics) {
  ign_test::check_gradients(residual(Tanh{}), {3, 5, 3}, 2);
  ign_test::check_gradients(residual(Dropout{0.3}), {3, 5, 3}, 2);
  ign_test::check_gradients(residual(conv(3, 3)), {3, 5, 3}, 1);
  ign_test::check_gradients(residual(conv(3, 3), Tanh{}), {3, 5, 3}, 2);
  ign_test::check_gradients(residual(conv(2, 3), LeakyRelu{}), {5, 3, 2}, 3);
  ign_test::check_gradients(residual(GroupNorm{.groups = 1}, LeakyRelu{}, conv(4, 3), Tanh{}, conv(3, 1)), {3, 5, 3}, 2);
  ign_test::check_gradients(residual(conv(4, 1), GroupNorm{.groups = 2}, conv(3, 3), Dropout{0.3}), {3, 3, 3}, 2);
  ign_test::check_gradients(residual(conv(3, 1), Dropout{0.3}, Tanh{}, Dropout{0.2}), {2, 3, 3}, 2);
  ign_test::check_gradients(residual(Flatten{}, Linear{.features = 5}, Tanh{}, Linear{.features = 18}, Reshape{{3, 2, 3}}), {3, 2, 3}, 1);
  ign_test::check_gradients(block(), {3, 3, 3}, 2, evaluation(Role::source));
}

BOOST_AUTO_TEST_CASE(gradients_with_batch_statistics) {
  auto const smooth = residual(conv(4, 3), BatchNorm{}, Tanh{}, conv(3, 3), BatchNorm{});
  ign_test::check_gradients(smooth, {3, 2, 3}, 3, {}, false);
  ign_test::check_gradients(smooth, {2, 3, 3}, 6, segments(3), false);
  ign_test::check_gradients(block(), {3, 2, 3}, 2, {}, false);
  ign_test::check_gradients(residual(BatchNorm{}), {3, 2, 3}, 3);
  ign_test::check_gradients(residual(BatchNorm{}, LeakyRelu{}, conv(3, 3)), {3, 2, 3}, 2, {}, false);
}

BOOST_AUTO_TEST_CASE(gradients_of_nested_blocks) {
  ign_test::check_gradients(residual(residual(Tanh{})), {3, 2, 3}, 2);
  ign_test::check_gradients(residual(conv(4, 3), residual(conv(2, 1), Tanh{}, conv(4, 3)), Tanh{}, conv(3, 1)), {3, 2, 3}, 2);
  ign_test::check_gradients(residual(residual(conv(3, 3), LeakyRelu{}), residual(conv(3, 1), Tanh{}), LeakyRelu{}), {3, 3, 3}, 1);
  ign_test::check_gradients(residual(conv(4, 1), residual(BatchNorm{}, Tanh{}, conv(4, 3), BatchNorm{}), Dropout{0.2}, conv(2, 3)),
                            {3, 2, 2}, 4, segments(2), false);
}

BOOST_AUTO_TEST_CASE(equals_its_definition) {
  int const batch = 2;
  Shape const in = {3, 4, 2};
  auto const layer = residual(conv(3, 3), BatchNorm{}, LeakyRelu{0.2}, conv(2, 1));
  LayerFixture<std::remove_const_t<decltype(layer)>, double> f(layer, in, batch);
  f.run_forward({});
  double const *const w = f.parameters.data(), *const b = w + 3 * 3 * 2 * 3, *const gamma = b + 3, *const beta = gamma + 3,
                      *const v = beta + 3, *const c = v + 3 * 2;
  std::size_t const pixels = batch * in.pixels();
  std::vector<double> hidden(pixels * 3, 0);
  for (int n = 0; n < batch; ++n)
    for (int y = 0; y < 3; ++y)
      for (int x = 0; x < 4; ++x)
        for (int o = 0; o < 3; ++o) {
          double sum = b[o];
          for (int ky = 0; ky < 3; ++ky)
            for (int kx = 0; kx < 3; ++kx)
              for (int i = 0; i < 2; ++i) {
                int const yy = y + ky - 1, xx = x + kx - 1;
                if (yy < 0 || yy >= 3 || xx < 0 || xx >= 4) continue;
                sum += f.x(((n * 3 + yy) * 4 + xx) * 2 + i) * w[((ky * 3 + kx) * 2 + i) * 3 + o];
              }
          hidden[static_cast<std::size_t>((n * 3 + y) * 4 + x) * 3 + static_cast<std::size_t>(o)] = sum;
        }
  for (std::size_t o = 0; o < 3; ++o) {
    double mean = 0, square = 0;
    for (std::size_t p = 0; p < pixels; ++p) mean += hidden[p * 3 + o] / static_cast<double>(pixels);
    for (std::size_t p = 0; p < pixels; ++p) square += std::pow(hidden[p * 3 + o] - mean, 2) / static_cast<double>(pixels);
    for (std::size_t p = 0; p < pixels; ++p) {
      double const value = (hidden[p * 3 + o] - mean) / std::sqrt(square + 1e-5) * gamma[o] + beta[o];
      hidden[p * 3 + o] = value > 0 ? value : 0.2 * value;
    }
  }
  for (std::size_t p = 0; p < pixels; ++p)
    for (std::size_t i = 0; i < 2; ++i) {
      double sum = f.x(p * 2 + i) + c[i];
      for (std::size_t o = 0; o < 3; ++o) sum += hidden[p * 3 + o] * v[o * 2 + i];
      close(f.y(p * 2 + i), sum, "y", p * 2 + i);
    }
}

BOOST_AUTO_TEST_CASE(equals_the_nested_layers_in_a_model) {
  for (int count : {1, 2, 3}) {
    check_against_a_model(block(), {3, 5, 3}, 2 * count, segments(count));
    check_against_a_model(residual(block(), LeakyRelu{}, block(), Relu{}), {2, 3, 3}, 2 * count, segments(count));
    check_against_a_model(residual(conv(70, 1), BatchNorm{}, Relu{}, conv(3, 3), Tanh{}), {2, 3, 3}, count, segments(count));
  }
  check_against_a_model(block(), {3, 5, 3}, 3, evaluation(Role::generated));
  check_against_a_model(residual(MinibatchStddev{.group = 2}, conv(3, 3)), {3, 2, 3}, 4, {});
  check_against_a_model(residual(MaxPool2d{2, 1}, Flatten{}, Linear{.features = 12}, Reshape{{2, 2, 3}}), {2, 2, 3}, 3, {});
}

BOOST_AUTO_TEST_CASE(the_addition_applies_an_activation) {
  for (int count : {1, 2, 3}) {
    ign_test::check_fused(block(), LeakyRelu{0.2}, {3, 2, 3}, count);
    ign_test::check_fused(residual(conv(3, 3), Tanh{}), Tanh{}, {3, 2, 3}, count);
    ign_test::check_fused(residual(Dropout{0.2}), Relu{}, {3, 2, 3}, count);
  }
}

BOOST_AUTO_TEST_CASE(a_sample_does_not_depend_on_its_batch) {
  ign_test::check_batch_independence<float>(block(), {3, 5, 3}, 5);
  ign_test::check_batch_independence<float>(residual(Dropout{0.5}, residual(conv(3, 3), Tanh{})), {3, 5, 3}, 5);
  BOOST_TEST(couples_samples(block(), Pass{}));
  BOOST_TEST(!couples_samples(block(), evaluation(Role::data)));
  BOOST_TEST(!couples_samples(residual(residual(Tanh{})), Pass{}));
  BOOST_TEST(couples_samples(residual(residual(BatchNorm{})), Pass{}));
}

BOOST_AUTO_TEST_CASE(arrays_have_the_names_of_pytorch) {
  auto const net = sequential(conv(3, 3), residual(conv(3, 3), BatchNorm{}, residual(Tanh{}, conv(3, 1))), GroupNorm{.groups = 1});
  Model<std::remove_const_t<decltype(net)>, float, Exec> const model(Exec(), net, {3, 5, 2}, 1);
  std::string names;
  std::size_t offset = 0;
  for (auto const* arrays : {&model.parameter_arrays(), &model.statistic_arrays()}) {
    offset = 0;
    for (auto const& array : *arrays) {
      names += array.info.name + ' ';
      BOOST_TEST(array.offset == offset);
      offset += array.info.size();
    }
  }
  BOOST_TEST(names ==
             "0.weight 0.bias 1.0.weight 1.0.bias 1.1.weight 1.1.bias 1.2.1.weight 1.2.1.bias 2.weight 2.bias "
             "1.1.data.running_mean 1.1.data.running_var 1.1.source.running_mean 1.1.source.running_var 1.1.image.running_mean "
             "1.1.image.running_var ");
  BOOST_TEST(model.parameter_arrays()[2].info.file_axes.size() == 4u);  // convolutions keep PyTorch's layout
}

BOOST_AUTO_TEST_CASE(descriptions_are_nested) {
  auto const layer = residual(conv(4, 3), residual(Tanh{}), conv(3, 3));
  auto const all = describe(layer, {5, 6, 3});
  BOOST_TEST(all.name == "Residual");
  BOOST_REQUIRE(all.layers.size() == 3u);
  BOOST_TEST((all.layers[0] == describe(conv(4, 3), {5, 6, 3})));
  BOOST_TEST((all.layers[1] == describe(residual(Tanh{}), {5, 6, 4})));
  BOOST_TEST((all.layers[2] == describe(conv(3, 3), {5, 6, 4})));
  BOOST_TEST(!(all == describe(residual(conv(4, 3), residual(Relu{}), conv(3, 3)), {5, 6, 3})));
}

BOOST_AUTO_TEST_CASE(every_nested_layer_has_random_numbers_of_its_own) {
  std::vector<std::uint32_t> seen;
  Reports const r{&seen};
  auto const net = sequential(r, residual(r, residual(r, Tanh{}), r), residual(residual(residual(r))), r);
  Exec const exec;
  Model<std::remove_const_t<decltype(net)>, float, Exec> const model(exec, net, {1, 1, 2}, 1);
  auto const x = random_vector<float>(6, 1);
  Tape<float, Exec> tape;
  Workspace<float, Exec> workspace;
  model.forward(exec, {}, as_tensor<float>(x, 3, {1, 1, 2}), tape, workspace);
  exec.fence();
  BOOST_TEST((seen == std::vector<std::uint32_t>{0, 1, 2, 4, 5, 6}));
  seen.clear();
  model.backward(exec, tape, as_tensor<float>(x, 3, {1, 1, 2}), {}, workspace);
  exec.fence();
  BOOST_TEST((seen == std::vector<std::uint32_t>{6, 5, 4, 2, 1, 0}));
}

BOOST_AUTO_TEST_CASE(other_extents_than_those_of_the_input_are_an_error) {
  auto const refused = [](char const* id, std::string const& words) {
    return [=](Error const& e) { return e.id() == id && std::string(e.what()).find(words) != std::string::npos; };
  };
  Shape const in = {8, 6, 3};
  BOOST_TEST((output_shape(block(), in) == in));
  BOOST_CHECK_EXCEPTION(output_shape(residual(conv(4, 3)), in), Error,
                        refused("ign.shape.460", "residual: the nested layers map (8, 6, 3) to (8, 6, 4)"));
  BOOST_CHECK_EXCEPTION(output_shape(residual(Conv2d{.channels = 3, .kernel = 3}), in), Error, refused("ign.shape.460", "(6, 4, 3)"));
  BOOST_CHECK_EXCEPTION(output_shape(residual(Flatten{}), in), Error, refused("ign.shape.460", "(1, 1, 144)"));
  BOOST_CHECK_EXCEPTION(output_shape(residual(residual(conv(2, 1)), conv(3, 1)), in), Error, refused("ign.shape.460", "(8, 6, 2)"));
  BOOST_CHECK_EXCEPTION(output_shape(residual(Conv2d{.channels = 3, .kernel = 9}), in), Error, refused("ign.shape.70", "(8, 6, 3)"));
  BOOST_CHECK_EXCEPTION(output_shape(residual(Dropout{2}), in), Error, refused("ign.option.61", "2"));
  auto const net = sequential(Tanh{}, residual(conv(4, 3)));
  BOOST_CHECK_EXCEPTION((Model<std::remove_const_t<decltype(net)>, float, Exec>(Exec(), net, in, 1)), Error, refused("ign.shape.460", ""));
}

BOOST_AUTO_TEST_CASE(later_passes_neither_allocate_nor_wait) {
  Exec const exec;
  auto const net = sequential(conv(4, 3), residual(conv(4, 3), BatchNorm{}, Relu{}, residual(conv(4, 3), Tanh{}), Dropout{0.1}), Relu{});
  Shape const in = {5, 6, 3};
  Model<std::remove_const_t<decltype(net)>, float, Exec> const model(exec, net, in, 1);
  auto const x = random_vector<float>(4 * in.size(), 1), dy = random_vector<float>(4 * model.output_shape().size(), 2);
  Tape<float, Exec> tape;
  Workspace<float, Exec> workspace;
  auto const pass = [&] {
    model.forward(exec, segments(2), as_tensor<float>(x, 4, in), tape, workspace);
    model.backward(exec, tape, as_tensor<float>(dy, 4, model.output_shape()), {}, workspace);
  };
  pass();
  exec.fence();
  ign_test::KokkosCounter const counter;
  ign_test::KokkosCounter::bad_labels.clear();
  pass();
  auto const heard = ign_test::KokkosCounter::counts;
  BOOST_TEST(heard.allocations == 0);
  BOOST_TEST(heard.fences == 0);
  BOOST_TEST(heard.copies == 0);
  BOOST_TEST(ign_test::KokkosCounter::bad_labels.empty());
  BOOST_TEST(heard.kernels.at("ign::residual") == 2);
  BOOST_TEST(heard.kernels.at("ign::residual backward") == 2);
  if (uses_host_kernels_v<Exec>) BOOST_TEST(heard.kernels.at("ign::activation") == 1);  // the Tanh; the others are fused
  exec.fence();
}

// Without a backward pass, the activations of all blocks share one memory.
BOOST_AUTO_TEST_CASE(evaluation_keeps_the_activations_of_one_block) {
  Exec const exec;
  auto const blocks = sequential(block(), block(), block(), block());
  Shape const in = {16, 16, 3};
  Model<std::remove_const_t<decltype(blocks)>, float, Exec> const model(exec, blocks, in, 1);
  auto const plan = detail::plan_chain(model.net(), in);
  std::size_t const all = detail::plan_chain_memory(model.net(), plan, Retain::everything, 2).end,
                    last = detail::plan_chain_memory(model.net(), plan, Retain::last, 2).end;
  BOOST_TEST(2 * last < all);
  auto const x = random_vector<float>(2 * in.size(), 1);
  Tape<float, Exec> everything, only_last(Retain::last);
  Workspace<float, Exec> workspace;
  for (auto* tape : {&everything, &only_last}) model.forward(exec, evaluation(Role::data), as_tensor<float>(x, 2, in), *tape, workspace);
  exec.fence();
  for (std::size_t i = 0; i < x.size(); ++i) BOOST_TEST(everything.result().data()[i] == only_last.result().data()[i]);
}

BOOST_AUTO_TEST_SUITE_END()
