// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The C++ fragments of the guides in docs/, between marks. tests/docs checks that they agree with the guides word for word.
// This program runs all of them, on stripes instead of digits, and checks the statements of the guides.
// Test:

#include <ign/data/idx.hpp>
#include <ign/ign.hpp>
#include <ign/io/checkpoint.hpp>
#include <ign/io/dlpack.hpp>
#include <ign/io/inference.hpp>

#include <cmath>
#include <filesystem>
#include <iostream>
#include <vector>

namespace {

ign::data::ImageSet stripes(std::size_t count) {
  constexpr std::size_t side = 28, size = side * side;
  ign::data::ImageSet set = {count, side, side, 1, std::vector<std::uint8_t>(count * size)};
  for (std::size_t i = 0; i < set.pixels.size(); ++i) set.pixels[i] = (i / size % 2 == 0 ? i / side : i % side) % 4 < 2 ? 255 : 0;
  return set;
}

/// Ends the program where a statement of a guide is false.
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

/// docs/start-here.md: a run that can be stopped. The names are those of examples/first/digits.cpp.
template <class Recipe, class Policy, class Trainer>
void train_or_go_on(Recipe const& recipe, Policy const& f, Trainer& trainer) {
  // [resume]
  auto const run = ign::io::recipe_json(recipe, "mnist-small", f.seed(), trainer.options());
  if (std::filesystem::exists("checkpoint.safetensors")) ign::io::resume(ign::io::read_safetensors("checkpoint.safetensors"), trainer, run);
  trainer.train(ign::Progress(std::cout), ign::io::Checkpoints("checkpoint.safetensors", 1000, run));
  // [/resume]
}

void start_here() {
  std::filesystem::remove("checkpoint.safetensors");
  Kokkos::DefaultExecutionSpace const exec;
  auto const recipe = ign::mnist_small(ign::mnist_small_net(), ign::Shape{32, 32, 1});
  ign::Batches const batches(exec, stripes(256), {.batch = recipe.batch, .padded = recipe.image});
  ign::TrainerOptions const options = {.steps = 12, .learning_rate = recipe.schedule(12)};
  ign::Idempotent f(exec, recipe.net, recipe.image, recipe.objective);
  ign::Trainer trainer(exec, f, recipe.optimizer, batches, options);
  train_or_go_on(recipe, f, trainer);
  ign::io::write_model(exec, "digits.safetensors", f.model());

  ign::Idempotent other(exec, recipe.net, recipe.image, recipe.objective);
  ign::Trainer later(exec, other, recipe.optimizer, batches, options);
  train_or_go_on(recipe, other, later);
  expect(later.steps_done() == 12, "the second start goes on where the first one ended");
  expect(numbers_of(f.model().parameters()) == numbers_of(other.model().parameters()), "a checkpoint restores f to the bit");
}

/// docs/concepts.md: a net, its numbers, and one application of it with its way back.
void concepts() {
  // [model]
  Kokkos::DefaultExecutionSpace const exec;
  ign::Shape const image = {32, 32, 1};
  ign::Model const model(exec, ign::mnist_small_net(), image, /*seed*/ 1);  // the net's numbers for that input
  ign::Tape<float> tape;                                                    // what one application remembers
  ign::Workspace<float> workspace;                                          // what all applications share

  auto const x = ign::make_tensor<float>(exec, "x", 8, image);    // eight images, here grey
  auto const dy = ign::make_tensor<float>(exec, "dy", 8, image);  // ∂L/∂f(x), here of L = the sum of all numbers of f(x)
  Kokkos::deep_copy(exec, x, 0.5f);
  Kokkos::deep_copy(exec, dy, 1.0f);

  model.forward(exec, ign::pass_of(ign::Role::data, ign::Mode::train), x, tape, workspace);  // tape.result() is f(x)
  model.backward(exec, tape, dy, ign::TensorRef<float>{}, workspace);  // adds ∂L/∂θ to model.gradients(); ∂L/∂x is not wanted
  // [/model]
  bool moved = false;
  for (float const g : numbers_of(model.gradients())) moved = moved || g != 0;
  expect(moved, "backward adds to the gradients");

  // [options]
  ign::Shape const small = {8, 8, 1};
  auto const net = ign::mlp(small, std::array{64, 16, 64}, ign::LeakyRelu{0.2}, 1.0);

  ign::IdempotentOptions<ign::L1> const objective = {
      .reconstruction = ign::Schedule::constant(20),
      .idempotence = ign::Schedule::constant(20),
      .tightness = ign::Schedule::cosine(2.5, 1, 5000),  // falls over 5,000 steps
      .smoothing = {ign::SmoothingKind::own_noise, 1.5},
  };
  ign::Idempotent policy(exec, net, small, objective, /*seed*/ 7);

  ign::Ema const optimizer{ign::Adam{.beta1 = 0.5}, 0.999};  // Adam, and an average of the weights beside it
  // [/options]
  expect(slots(optimizer).size() == 3, "Adam's slots and the average");
  expect(policy.model().output_shape() == policy.image_shape(), "the net maps images to their like");
}

/// docs/other-languages.md: a View of this program in another one, and back.
void other_languages() {
  // [dlpack]
  using Field = Kokkos::View<float**, Kokkos::LayoutRight>;
  using FieldRef = Kokkos::View<float**, Kokkos::LayoutRight, Field::memory_space, Kokkos::MemoryTraits<Kokkos::Unmanaged>>;
  Field const field("field", 64, 64);
  auto* const tensor = ign::io::to_dlpack(field);                // for another program, which calls tensor->deleter(tensor) in the end
  auto const received = ign::io::from_dlpack<FieldRef>(tensor);  // from another program: owns the tensor
  Kokkos::deep_copy(received.view(), 1.0f);                      // the same memory as field
  // [/dlpack]
  expect(received.view().data() == field.data() && field.use_count() == 2, "one memory with two owners");
}

/// docs/in-your-code.md: the fields of a simulation, in its own Views.
void in_your_code() {
  // [views]
  using Exec = Kokkos::DefaultExecutionSpace;
  Exec const exec;
  auto f = ign::io::load_projector(exec, "digits.safetensors", ign::mnist_small_net(), {32, 32, 1});

  int const cells = 32, members = 4;
  Kokkos::View<float***, Kokkos::LayoutRight> const fields("fields", members, cells, cells);
  // … the simulation writes its fields, scaled to [-1, 1] …

  auto const x = ign::tensor_ref<Exec>(fields, members, ign::Shape{cells, cells, 1});  // no copy
  f.project(exec, x, 1, x);                                                            // x = f(x), in place
  // [/views]
  for (float const number : numbers_of(fields)) expect(std::abs(number) <= 1, "f puts out numbers in [-1, 1]");

  // [drift]
  auto const scores = ign::make_vector<float>(exec, "scores", members);
  f.drift_scores(exec, x, scores);  // one number for each field
  // [/drift]
  for (float const number : numbers_of(scores)) expect(number >= 0, "a distance is not negative");

  // [errors]
  std::string said, id;
  try {
    f.project(exec, x, -1, x);
  } catch (ign::Error const& error) {
    said = error.what();  // [ign.option.90] projector: -1 applications, expected 0 or more
    id = error.id();      // ign.option.90, which docs/errors.md explains
  }
  // [/errors]
  expect(id == "ign.option.90", "the id of an error");
  expect(said == "[ign.option.90] projector: -1 applications, expected 0 or more", "the text of an error");
}

}  // namespace

int main(int argc, char* argv[]) {
  Kokkos::ScopeGuard const kokkos(argc, argv);
  start_here();
  concepts();
  other_languages();
  in_your_code();
  std::cout << "the guides are right\n";
}
