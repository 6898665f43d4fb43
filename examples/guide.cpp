// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The C++ fragments of the guides in docs/, between marks. tests/docs checks that they agree with the guides word for word.
// This program runs all of them, on stripes instead of digits, and checks the statements of the guides.
// Test:

#include <ign/data/idx.hpp>
#include <ign/data/image_folder.hpp>
#include <ign/ign.hpp>
#include <ign/io/dlpack.hpp>
#include <ign/io/features.hpp>
#include <ign/io/inference.hpp>
#include <ign/io/jpeg.hpp>
#include <ign/io/png.hpp>
#include <ign/io/train_or_resume.hpp>

#include "support/states.hpp"

#include <cmath>
#include <filesystem>
#include <iostream>
#include <vector>

namespace {

using examples::States;

ign::data::ImageSet stripes(std::size_t count) {
  constexpr std::size_t side = 28, size = side * side;
  ign::data::ImageSet set = {count, side, side, 1, std::vector<std::uint8_t>(count * size)};
  for (std::size_t i = 0; i < set.pixels.size(); ++i) set.pixels[i] = (i / size % 2 == 0 ? i / side : i % side) % 4 < 2 ? 255 : 0;
  return set;
}

/// Ends the program if a statement of a guide is false.
void expect(bool good, char const* what) {
  if (good) return;
  std::cerr << "FAILED: " << what << '\n';
  std::exit(1);
}

template <class View>
std::vector<float> values_of(View const& view) {
  auto const host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), view);
  return {host.data(), host.data() + host.size()};
}

/// docs/start-here.md: a run that can be stopped. The names are those of examples/first/digits.cpp.
template <class Exec, class Recipe, class Batches>
auto train_or_resume(Exec const& exec, Recipe const& recipe, Batches const& batches, std::uint64_t steps) {
  // [resume]
  auto f = ign::io::train_or_resume(exec, recipe, batches, {.steps = steps}, {.path = "digits.checkpoint", .every = 1000},
                                    ign::Progress(std::cout));
  // [/resume]
  return f;
}

/// docs/start-here.md: a folder of pictures. The names are those of examples/first/digits.cpp.
template <class Exec>
auto train_on_pictures(Exec const& exec, std::uint64_t steps) {
  // [pictures]
  auto const pictures =
      ign::data::read_image_folder("pictures", {ign::io::png_format(), ign::io::jpeg_format()}, {.size = 64, .channels = 3});
  auto const recipe = ign::faces_recipe(ign::dcgan64_small_net(), image_shape(pictures));
  ign::Batches const batches(exec, pictures, {.batch = recipe.batch});
  auto f = ign::train(exec, recipe, batches, {.steps = steps}, ign::Progress(std::cout));
  // [/pictures]
  return f;
}

void own_images() {
  std::filesystem::remove_all("pictures");
  std::filesystem::create_directory("pictures");
  for (std::size_t i = 0; i < 64; ++i)  // one batch
    ign::io::write_png("pictures/" + std::to_string(i) + ".png",
                       {16, 24, 3, std::vector<std::uint8_t>(std::size_t{16} * 24 * 3, static_cast<std::uint8_t>(i))});
  auto f = train_on_pictures(Kokkos::DefaultExecutionSpace(), 2);
  expect(f.image_shape() == ign::Shape{64, 64, 3}, "pictures of other extents become 64 x 64 x 3");
}

void start_here() {
  std::filesystem::remove("digits.checkpoint");
  Kokkos::DefaultExecutionSpace const exec;
  auto const recipe = ign::mnist_small_recipe(ign::mnist_large_net(), ign::Shape{32, 32, 1});
  ign::Batches const batches(exec, stripes(256), {.batch = recipe.batch, .pad_to = recipe.image});
  auto const f = train_or_resume(exec, recipe, batches, 10);
  ign::io::write_model(exec, "digits.safetensors", f.model());

  auto const again = train_or_resume(exec, recipe, batches, 10);
  expect(ign::io::steps_done(ign::io::read_safetensors("digits.checkpoint")) == 10, "the second call finds a complete run");
  expect(values_of(f.model().parameters()) == values_of(again.model().parameters()), "a restored f is bitwise identical");
}

/// docs/concepts.md: a net, its parameters, one forward and one backward pass.
void concepts() {
  // [model]
  Kokkos::DefaultExecutionSpace const exec;
  ign::Shape const image = {32, 32, 1};
  ign::Model const model(exec, ign::mnist_small_net(), image, /*seed*/ 1);  // parameters for that input shape
  ign::Tape<float> tape;                                                    // activations saved for backward
  ign::Workspace<float> workspace;                                          // scratch memory of all passes

  auto const x = ign::make_tensor<float>(exec, "x", 8, image);    // eight images, here grey
  auto const dy = ign::make_tensor<float>(exec, "dy", 8, image);  // ∂L/∂f(x), here of L = the sum of all elements of f(x)
  Kokkos::deep_copy(exec, x, 0.5f);
  Kokkos::deep_copy(exec, dy, 1.0f);

  model.forward(exec, ign::pass_of(ign::Role::data, ign::Mode::train), x, tape, workspace);  // tape.result() is f(x)
  model.backward(exec, tape, dy, ign::TensorRef<float>{}, workspace);  // adds ∂L/∂θ to model.gradients(); ∂L/∂x is not wanted
  // [/model]
  bool moved = false;
  for (float const g : values_of(model.gradients())) moved = moved || g != 0;
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

  ign::Ema const optimizer{ign::Adam{.beta1 = 0.5}, 0.999};  // Adam, and an average of the weights
  // [/options]
  expect(slots(optimizer).size() == 3, "Adam's slots and the average");
  expect(policy.model().output_shape() == policy.image_shape(), "the output has the extents of the input");
}

/// docs/extend.md: a distance by features.
void perceptual_distances() {
  Kokkos::DefaultExecutionSpace const exec;
  ign::io::write_features("features.safetensors", ign::FeatureNet<>(exec, {32, 32, 1}), {{"data", "none"}});
  // [perceptual]
  auto const features = ign::io::read_features<float>(exec, "features.safetensors");                 // a file of `features`
  ign::Perceptual const distance(features.net.model(), {.layers = {{1, 0.1}, {4, 0.1}, {7, 0.1}}});  // index and weight of three ReLUs

  auto const recipe = ign::with_distance(ign::mnist_small_recipe(ign::mnist_small_net(), ign::Shape{32, 32, 1}), distance);
  ign::Idempotent policy(exec, recipe.net, recipe.image, recipe.objective);
  // [/perceptual]
  ign::Batches const batches(exec, stripes(16), {.batch = 4, .pad_to = recipe.image});
  ign::Trainer trainer(exec, policy, ign::Adam{}, batches, {.steps = 2});
  trainer.train();
  expect(policy.options().distance.weights()[7] == 0.1, "the weights of the features");
}

/// docs/concepts.md: a net with the classes of images as its condition.
void conditional_nets() {
  ign::data::LabelledImages digits = {stripes(256), {}};
  for (std::size_t n = 0; n < 256; ++n) digits.labels.push_back(static_cast<std::uint8_t>(n % 10));
  std::uint64_t const steps = 4;
  // [conditional]
  Kokkos::DefaultExecutionSpace const exec;
  auto const recipe = ign::mnist_small_recipe(ign::conditional_mnist_small_net(ign::ConditionalScale{10}), ign::Shape{32, 32, 1});
  ign::Batches const batches(exec, digits, {.batch = recipe.batch, .pad_to = recipe.image});  // images with labels from 0 to 9
  auto f = ign::train(exec, recipe, batches, {.steps = steps});

  auto const classes = ign::all_classes<float>(exec, 10);       // (10, 1, 1, 10): row k is the condition of class k
  auto seven = ign::given(f, ign::batch_range(classes, 7, 1));  // f(· | 7)
  auto const images = ign::make_tensor<float>(exec, "images", 16, recipe.image);
  seven.generate(exec, ign::Gaussian{}, ign::Key{.seed = 7}, 1, images);  // sixteen images of class 7

  using Ref = ign::TensorRef<float>;
  auto const drifts = ign::make_tensor<float>(exec, "drifts", 16, {1, 1, 10});
  Kokkos::View<int*> const labels("labels", 16);
  ign::ConditionScratch<float> scratch;
  ign::drifts_by_condition(exec, f, ign::Mse{}, ign::Role::data, Ref(classes), Ref(images), Ref(drifts), scratch);
  ign::classify_by_drift(exec, Ref(drifts), ign::VectorRef<int>(labels));  // the class of each image by its drift
  // [/conditional]
  auto const found = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), labels);
  for (std::size_t n = 0; n < found.size(); ++n) expect(found(n) >= 0 && found(n) < 10, "each image has a class");
}

/// docs/concepts.md: an autoencoder, and an IGN on its codes.
void latents() {
  auto const digits = stripes(512);
  std::uint64_t const steps = 20;
  // [latents]
  Kokkos::DefaultExecutionSpace const exec;
  ign::Shape const image = {32, 32, 1};
  ign::Batches const batches(exec, digits, {.batch = 64, .pad_to = image});

  auto options = ign::mnist_small_options();
  options.latent.channels = 32;                                                                              // length of the code
  auto const encoder = ign::sequential(ign::dcgan_encoder(options), ign::Tanh{}, ign::GaussianNoise{0.05});  // noise in training only
  ign::Reconstruction autoencoder(exec, ign::sequential(encoder, ign::dcgan_generator(options)), image);     // the first stage
  ign::Trainer(exec, autoencoder, ign::Adam{}, batches, {.steps = steps, .learning_rate = ign::Schedule::constant(1e-3)}).train();

  auto const [e, d] = ign::split<decltype(encoder)::size>(autoencoder.model());
  auto const codes = ign::encode(exec, e, batches);  // of all images, with mean 0 and standard deviation 1 in each channel
  auto const recipe = ign::latent_recipe(ign::latent_net(32, 384), e.output_shape());
  auto const f = ign::train(exec, recipe, ign::TensorBatches(codes.samples, {.batch = recipe.batch}), {.steps = steps});  // the second

  ign::LatentProjector g(exec, e, d, f.model(), codes.normalisation);
  auto const images = ign::make_tensor<float>(exec, "images", 16, image);
  g.generate(exec, ign::Gaussian{}, ign::Key{.seed = 7}, 1, images);  // d(f(z)) with noise z
  g.project(exec, images, images);                                    // d(f(e(x)))
  // [/latents]
  for (float const value : values_of(images)) expect(std::abs(value) <= 1, "decoded images lie in [-1, 1]");
}

/// docs/in-your-code.md: physical fields on periodic grids of several sizes.
void fields_of_simulations() {
  // [fields]
  using Exec = Kokkos::DefaultExecutionSpace;
  Exec const exec;
  ign::Shape const grid = {32, 48, 3};  // height, width; two velocities and a pressure
  auto const net = ign::field_net({.channels = 3, .padding_mode = ign::PaddingMode::periodic});

  auto const states = ign::make_tensor<float>(exec, "states", 16, grid);  // physical fields
  // … the simulation fills them …
  // [/fields]
  ign::fill_gaussian(exec, ign::Key{5}, 1, ign::VectorRef<float>(states.data(), states.size()));
  auto const pressure = Kokkos::subview(states, Kokkos::ALL, Kokkos::ALL, Kokkos::ALL, 2);
  Kokkos::deep_copy(pressure, 1013.0f);
  // [normalise]
  auto const normalisation = ign::channel_normalisation(exec, states);  // mean and standard deviation of each channel
  ign::ChannelScaling<float> const scaling(exec, normalisation);
  scaling.normalise(exec, states, states);  // in place: what the net is trained on

  ign::Idempotent policy(exec, net, grid);
  // … training …
  ign::io::write_model(exec, "fields.safetensors", policy.model(), normalisation);
  // [/normalise]

  // [physical]
  auto f = ign::io::load_physical_projector(exec, "fields.safetensors", net, grid);
  auto const x = ign::make_tensor<float>(exec, "x", 1, grid);  // fields in physical units
  Kokkos::deep_copy(exec, x, 1013.0f);                         // … of the simulation
  f.project(exec, x, x);
  // [/physical]
  expect(f.normalisation() == normalisation, "the normalisation of a file is bitwise identical");
  expect(values_of(x)[2] == 1013.0f, "a constant channel keeps its value");

  // [tiles]
  auto trained = ign::io::load_projector(exec, "fields.safetensors", net, grid);
  auto larger = trained.resized(exec, {64, 96, 3});  // the same weights on another grid

  ign::TiledProjector tiled(exec, trained.model(), {512, 512, 3}, {.tile = 128});  // one window of 184 × 184 at a time
  ign::PhysicalProjector g(exec, std::move(tiled), normalisation);
  auto const large = ign::make_tensor<float>(exec, "large", 1, g.image_shape());
  g.project(exec, large, large);
  // [/tiles]
  expect((larger.image_shape() == ign::Shape{64, 96, 3}), "a net of convolutions applies to another grid");
  expect((g.normalised().window_shape() == ign::Shape{184, 184, 3}), "a tile and its halo on both sides");
}

/// docs/in-your-code.md: fields of three dimensions.
void fields_of_three_dimensions() {
  // [volumes]
  using Exec = Kokkos::DefaultExecutionSpace;
  Exec const exec;
  ign::Shape const cube = ign::volume_shape(32, 32, 32, 1);  // depth, height, width, channels
  ign::Model const model(exec, ign::voxel_net(), cube, 1);   // Conv3d and ConvTranspose3d
  ign::FrozenProjector f(exec, model);

  Kokkos::View<float*****, Kokkos::LayoutRight> const volumes("volumes", 2, 32, 32, 32, 1);
  auto const x = ign::tensor_ref<Exec>(volumes);  // (2, 32 · 32, 32, 1), no copy
  f.apply(exec, ign::Role::data, 1, x, x);
  // [/volumes]
  expect(ign::shape_of(x) == cube, "a View of five extents is a field");

  // [volume_tiles]
  ign::Model const fields(exec, ign::field_net3d<0>(), ign::volume_shape(16, 16, 16, 1), 1);
  ign::TiledProjector tiled(exec, fields, ign::volume_shape(64, 48, 48, 1), {.tile = 16});  // one window of 40 × 40 × 40 cells at a time
  auto const large = ign::make_tensor<float>(exec, "large", 1, tiled.image_shape());
  tiled.project(exec, large, large);
  // [/volume_tiles]
  expect((tiled.window_shape() == ign::volume_shape(40, 40, 40, 1)), "a tile and its halo on both sides, along each axis");
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

/// docs/in-your-code.md: both phases on fields of a simulation.
void training_inside() {
  using Exec = Kokkos::DefaultExecutionSpace;
  Exec const exec;
  States<Exec> const states = {Kokkos::View<float***, Kokkos::LayoutRight, Exec>("fields", 8, 32, 48)};
  Kokkos::deep_copy(states.fields, 0.5f);
  std::uint64_t const steps = 6;
  // [train_states]
  auto const net = ign::field_net({.padding_mode = ign::PaddingMode::periodic});
  auto const recipe = ign::mnist_small_recipe(net, states.shape());
  auto f = ign::train(exec, recipe, states, {.steps = steps}, ign::Progress(std::cout));
  // [/train_states]
  auto const images = ign::make_tensor<float>(exec, "images", 2, states.shape());
  f.generate(exec, ign::Key{.seed = 1}, 1, images);
  for (float const value : values_of(images)) expect(std::isfinite(value), "the net of a simulation's fields generates fields");
}

/// docs/in-your-code.md: the fields of a simulation, in its own Views.
void in_your_code() {
  // [views]
  using Exec = Kokkos::DefaultExecutionSpace;
  Exec const exec;
  auto f = ign::io::load_projector(exec, "digits.safetensors", ign::mnist_large_net(), {32, 32, 1});

  int const cells = 32, members = 4;
  Kokkos::View<float***, Kokkos::LayoutRight> const fields("fields", members, cells, cells);
  // … the simulation writes its fields, scaled to [-1, 1] …

  auto const x = ign::tensor_ref<Exec>(fields, members, ign::Shape{cells, cells, 1});  // no copy
  f.project(exec, x, x);                                                               // x = f(x), in place
  // [/views]
  // [layout]
  Kokkos::View<float***, Kokkos::LayoutLeft> const columns("columns", members, cells, cells);  // or a strided subview
  Kokkos::View<float***, Kokkos::LayoutRight> const rows("rows", members, cells, cells);       // allocated once
  Kokkos::deep_copy(exec, rows, columns);
  auto const y = ign::tensor_ref<Exec>(rows, members, ign::Shape{cells, cells, 1});
  f.project(exec, y, y);
  Kokkos::deep_copy(exec, columns, rows);  // back to the layout of the simulation
  // [/layout]
  for (float const value : values_of(fields)) expect(std::abs(value) <= 1, "f(x) lies in [-1, 1]");

  // [drift]
  auto const scores = ign::make_vector<float>(exec, "scores", members);
  f.drift_scores(exec, x, scores);  // one score for each field
  // [/drift]
  for (float const value : values_of(scores)) expect(value >= 0, "a distance is not negative");

  // [errors]
  std::string said, id;
  try {
    f.project(exec, x, -1, x);
  } catch (ign::Error const& error) {
    said = error.what();  // [ign.option.90] apply: -1 applications, expected 0 or more
    id = error.id();      // ign.option.90, which docs/errors.md explains
  }
  // [/errors]
  expect(id == "ign.option.90", "the id of an error");
  expect(said == "[ign.option.90] apply: -1 applications, expected 0 or more", "the text of an error");
}

}  // namespace

int main(int argc, char* argv[]) {
  Kokkos::ScopeGuard const kokkos(argc, argv);
  start_here();
  own_images();
  concepts();
  perceptual_distances();
  conditional_nets();
  latents();
  other_languages();
  in_your_code();
  training_inside();
  fields_of_simulations();
  fields_of_three_dimensions();
  std::cout << "the guides are right\n";
}
