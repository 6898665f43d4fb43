// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include <boost/test/unit_test.hpp>

#include <ign/ign.hpp>
#include <ign_test/layer_check.hpp>

using namespace ign;
using ign_test::as_tensor;
using ign_test::Exec;
using ign_test::random_vector;

BOOST_AUTO_TEST_SUITE(models)

namespace {

auto refused_as(char const* expected) {
  return [expected](Error const& e) { return e.id() == expected; };
}

template <class Model>
std::vector<float> applied(Model const& model, Pass const& pass, TensorRef<float, Exec> const& x, Tape<float, Exec>& tape) {
  Exec const exec;
  Workspace<float, Exec> workspace;
  model.forward(exec, pass, x, tape, workspace);
  exec.fence();
  return {tape.result().data(), tape.result().data() + tape.result().size()};
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_tape_serves_one_model_after_the_other) {
  Exec const exec;
  auto const net = [](int width) { return sequential(Linear{.features = width}, Tanh{}, Linear{.features = 3}); };
  Model<decltype(net(1)), float, Exec> const narrow(exec, net(2), {1, 1, 5}, 1), wide(exec, net(70), {1, 1, 5}, 2);
  auto const numbers = random_vector<float>(20, 1);
  auto const x = as_tensor<float>(numbers, 4, {1, 1, 5});
  Tape<float, Exec> shared, own_narrow, own_wide;
  Pass const pass = pass_of(Role::data, Mode::train);
  auto const of_narrow = applied(narrow, pass, x, own_narrow), of_wide = applied(wide, pass, x, own_wide);
  for (int round = 0; round < 2; ++round) {
    BOOST_TEST((applied(narrow, pass, x, shared) == of_narrow));
    BOOST_TEST((applied(wide, pass, x, shared) == of_wide));
  }
  Workspace<float, Exec> workspace;
  auto const dy = random_vector<float>(12, 2);
  auto const ref = as_tensor<float>(dy, 4, {1, 1, 3});
  BOOST_CHECK_EXCEPTION(narrow.backward(exec, shared, ref, {}, workspace), Error, refused_as("ign.state.1"));
  BOOST_CHECK_NO_THROW(wide.backward(exec, shared, ref, {}, workspace));
  auto const copy = wide;
  BOOST_CHECK_NO_THROW(copy.backward(exec, shared, ref, {}, workspace));
}

BOOST_AUTO_TEST_CASE(gradients_of_other_extents_are_named) {
  Exec const exec;
  Model<decltype(sequential(Tanh{})), float, Exec> const model(exec, sequential(Tanh{}), {2, 2, 1}, 1);
  auto const numbers = random_vector<float>(8, 1);
  auto const good = as_tensor<float>(numbers, 2, {2, 2, 1}), bad = as_tensor<float>(numbers, 1, {2, 4, 1});
  Tape<float, Exec> tape;
  Workspace<float, Exec> workspace;
  model.forward(exec, pass_of(Role::data, Mode::train), good, tape, workspace);
  BOOST_CHECK_EXCEPTION(model.backward(exec, tape, good, bad, workspace), Error, [](Error const& e) {
    return e.id() == "ign.shape.4" && std::string(e.what()).find("dx 1 of (2, 4, 1)") != std::string::npos;
  });
}

BOOST_AUTO_TEST_CASE(samples_without_numbers_or_with_too_many_are_refused) {
  auto const net = sequential(Conv2d{.channels = 8, .kernel = 3, .padding = 1}, Flatten{});
  for (Shape in : {Shape{28, 28, 0}, Shape{0, 28, 1}, Shape{28, -1, 1}, Shape{40'000, 60'000, 1}})
    BOOST_CHECK_EXCEPTION(shapes(net, in), Error, refused_as("ign.shape.6"));
  BOOST_CHECK_EXCEPTION(shapes(net, {20'000, 20'000, 1}), Error, refused_as("ign.shape.6"));  // within the net
  BOOST_TEST((output_shape(net, {4, 4, 1}) == Shape{1, 1, 128}));
}

BOOST_AUTO_TEST_CASE(factors_are_rounded_in_training_where_that_is_faster) {
  Exec const exec;
  auto const net = sequential(Conv2d{.channels = 16, .kernel = 4, .stride = 2, .padding = 1});
  for (int const side : {12, 32}) {  // 6 × 6 results gain nothing from tiles of 4 × 4, which hosts have for 16 × 16
    Shape const in = {side, side, 16};
    Model<std::remove_const_t<decltype(net)>, float, Exec> const model(exec, net, in, 1);
    auto const numbers = random_vector<float>(in.size(), 1);
    auto const x = as_tensor<float>(numbers, 1, in);
    Tape<float, Exec> tape;
    for (Mode mode : {Mode::train, Mode::evaluate}) {
      Pass full = pass_of(Role::data, mode), rounded = full;
      rounded.precision = Precision::bf16;
      bool const small_tiles = side == 12 || !uses_host_kernels_v<Exec>;
      bool const rounds = mode == Mode::train && math::uses_bf16_v<Exec> && small_tiles;
      BOOST_TEST((applied(model, full, x, tape) == applied(model, rounded, x, tape)) != rounds);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
