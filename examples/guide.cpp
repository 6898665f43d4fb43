// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The C++ of README.md and of the guides in docs/: what stands between marks here stands there, word for word (tests/docs sees to it).
// This program runs all of it, on stripes instead of digits, and checks what the guides say of it.
// Test:

// [readme]
#include <ign/ign.hpp>

#include <iostream>

// [hide]
#include <ign/io/checkpoint.hpp>
#include <ign/io/png.hpp>

#include <cmath>
#include <vector>

namespace {

using Exec = Kokkos::DefaultExecutionSpace;

std::vector<std::uint8_t> stripes(std::size_t count) {
  constexpr std::size_t side = 28, size = side * side;
  std::vector<std::uint8_t> pixels(count * size);
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = (i / size % 2 == 0 ? i / side : i % side) % 4 < 2 ? 255 : 0;
  return pixels;
}

/// Ends the program with what a guide says and what is not so.
void expect(bool good, char const* what) {
  if (good) return;
  std::cerr << "not so: " << what << '\n';
  std::exit(1);
}

template <class View>
std::vector<float> numbers_of(View const& view) {
  auto const host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), view);
  return {host.data(), host.data() + host.size()};
}

/// docs/concepts.md: a net, its numbers, and one application of it with its way back.
template <class Net>
void concepts(Exec const& exec, Net const& net, ign::TensorWindow<float> const& x, ign::TensorWindow<float> const& dy) {
  // [model]
  ign::Model const model(exec, net, ign::Shape{32, 32, 1}, 1);  // the numbers of that net for that input, seed 1
  ign::Tape<float> tape;                                        // what one application remembers
  ign::Workspace<float> workspace;                              // what all applications share

  model.forward(exec, ign::pass_of(ign::Role::data, ign::Mode::train), x, tape, workspace);
  // tape.result() is f(x); make dy = ∂L/∂f(x) of it, then
  model.backward(exec, tape, dy, ign::TensorWindow<float>{}, workspace);  // no ∂L/∂x is asked for
  // model.gradients() has ∂L/∂θ added.
  // [/model]
  bool moved = false;
  for (float const g : numbers_of(model.gradients())) moved = moved || g != 0;
  expect(moved, "backward adds to the gradients");
}

/// docs/concepts.md: what decides a run, said by oneself.
void options(Exec const& exec) {
  // [options]
  auto const net = ign::mlp(ign::Shape{8, 8, 1}, std::array{64, 16, 64}, ign::LeakyRelu{0.2}, 1.0);

  ign::IdempotentOptions<ign::L1> const objective = {
      .reconstruction = ign::Schedule::constant(20),
      .idempotence = ign::Schedule::constant(20),
      .tightness = ign::Schedule::cosine(2.5, 1, 5000),  // falls over 5,000 steps
      .smoothing = {ign::SmoothingKind::own_noise, 1.5},
  };
  ign::Idempotent policy(exec, net, ign::Shape{8, 8, 1}, objective, /*seed*/ 7);

  ign::Ema const optimizer{ign::Adam{.beta1 = 0.5}, 0.999};  // Adam, and an average of the weights beside it
  // [/options]
  expect(slots(optimizer).size() == 3, "Adam's slots and the average");
  expect(policy.model().output_shape() == policy.image_shape(), "the net maps images to their like");
}

/// docs/in-your-code.md: the fields of a simulation, in its own Views.
template <class Policy>
void in_your_code(Exec const& exec, Policy& policy) {
  // [views]
  int const cells = 32, members = 4;
  Kokkos::View<float***, Kokkos::LayoutRight> const fields("fields", members, cells, cells);
  // … the simulation writes its fields, scaled to [-1, 1] …

  auto const x = ign::window<Exec>(fields, members, ign::Shape{cells, cells, 1});  // no copy
  policy.project(exec, x, 1, x);                                                   // each field to the nearest that f knows, in place
  // [/views]
  for (float const number : numbers_of(fields)) expect(std::abs(number) <= 1, "f puts out numbers in [-1, 1]");

  // [drift]
  auto const image = ign::make_tensor<float>(exec, "mine::image", members, ign::Shape{cells, cells, 1});
  auto const drift = ign::make_vector<float>(exec, "mine::drift", members);
  policy.project(exec, x, 1, ign::window<Exec>(image));
  ign::sample_distances(exec, ign::Mse{}, x, ign::window<Exec>(image), ign::VectorWindow<float>(drift));  // one number for each field
  // [/drift]
  for (float const number : numbers_of(drift)) expect(number >= 0, "a distance is not negative");

  // [frozen]
  ign::Frozen frozen(exec, policy.model());                            // lays the weights out once
  frozen.forward(exec, ign::Role::data, x, ign::window<Exec>(image));  // f(x)
  // [/frozen]
  // [errors]
  try {
    policy.project(exec, x, -1, x);
  } catch (ign::Error const& error) {
    std::cerr << error.what() << '\n';  // [ign.option.90] projector: -1 applications, expected 0 or more
    // error.id() is "ign.option.90", which docs/errors.md explains
    // [hide]
    expect(error.id() == "ign.option.90", "the id of an error");
    expect(std::string(error.what()) == "[ign.option.90] projector: -1 applications, expected 0 or more", "the text of an error");
    // [/hide]
  }
  // [/errors]
}

}  // namespace
// [/hide]

int main(int argc, char* argv[]) {
  Kokkos::ScopeGuard kokkos(argc, argv);
  Kokkos::DefaultExecutionSpace exec;
  // [hide]
  std::size_t const count = 256;
  std::uint64_t const steps = 12;
  auto const pixels = stripes(count);
  // [/hide]

  // pixels: the bytes of `count` images of 28 × 28
  auto recipe = ign::mnist_small(ign::mnist_small_net(), ign::Shape{32, 32, 1});
  ign::Idempotent policy(exec, recipe.net, recipe.image, recipe.objective);
  ign::Batches batches(exec, pixels, count, ign::Shape{28, 28, 1}, {.batch = recipe.batch, .padded = recipe.image});
  ign::Trainer trainer(exec, policy, recipe.optimizer, batches, {.steps = steps, .learning_rate = recipe.schedule(steps)});
  trainer.train(ign::Progress(std::cout, true));

  // [hide]
  auto const noisy = ign::make_tensor<float>(exec, "noisy", 64, recipe.image);
  batches.gather_range(exec, 0, ign::window<Exec>(noisy));
  // [/hide]
  auto images = ign::make_tensor<float>(exec, "images", 64, recipe.image);
  policy.generate(exec, ign::Key{.seed = 7}, 1, images);  // images = f(z)
  policy.project(exec, noisy, 1, images);                 // images = f(noisy)
  // [hide]
  // [save]
  auto const run = ign::io::recipe_json(recipe, "mnist-small", policy.seed(), trainer.options());
  ign::io::write_checkpoint("digits.safetensors", trainer, run);
  // [/save]
  // [load]
  auto const file = ign::io::read_safetensors("digits.safetensors");
  ign::Idempotent loaded(exec, recipe.net, recipe.image, recipe.objective);
  ign::io::read_model(file, loaded.model());
  // [/load]
  // [picture]
  auto const host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), images);
  std::span<float const> const values(host.data(), host.size());
  ign::io::write_png("digits.png", ign::io::image_grid(values, {64, 32, 32, 1}, {.scale = 2}));
  // [/picture]
  auto const again = ign::make_tensor<float>(exec, "images", 64, recipe.image);
  loaded.project(exec, noisy, 1, again);
  expect(numbers_of(images) == numbers_of(again), "a checkpoint has all that f is, to the bit");
  auto const dy = ign::make_tensor<float>(exec, "dy", 64, recipe.image);
  Kokkos::deep_copy(exec, dy, 1.0f);
  concepts(exec, recipe.net, images, dy);
  options(exec);
  in_your_code(exec, policy);
  std::cout << "the guides are right\n";
  // [/hide]
}
// [/readme]
