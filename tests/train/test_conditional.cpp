// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Training of conditional nets: conditions of a batch, both phases, captured graphs, averaged weights, files and resumed runs.

#include <boost/test/unit_test.hpp>

#include <ign/io/train_or_resume.hpp>
#include <ign/layers/conditional_layers.hpp>
#include <ign/nets/conditional.hpp>
#include <ign/nets/mlp.hpp>
#include <ign/policies/imle.hpp>
#include <ign/train/collapse_guard.hpp>
#include <ign/train/run.hpp>
#include <ign_test/folder.hpp>
#include <ign_test/kokkos_counter.hpp>
#include <ign_test/layer_check.hpp>
#include <ign_test/throw_at.hpp>

#include <cstring>
#include <stdexcept>

using namespace ign;
using ign_test::as_tensor;
using ign_test::Exec;
using ign_test::KokkosCounter;
using ign_test::ThrowAt;

BOOST_AUTO_TEST_SUITE(conditional_training)

namespace {

constexpr Shape image = {1, 1, 6};
constexpr int classes = 3;
constexpr std::size_t images = 60;

auto net() {
  return sequential(ConditionChannels{classes}, Linear{.features = 24}, BatchNorm{}, ConditionalScale{classes}, LeakyRelu{},
                    Linear{.features = image.channels}, Tanh{});
}
using Net = decltype(net());

// Images of class k are bright at 2 k and 2 k + 1.
struct Labelled {
  std::vector<std::uint8_t> pixels, labels;
  Labelled() {
    for (std::size_t n = 0; n < images; ++n) {
      auto const k = n * 7 % classes;
      labels.push_back(static_cast<std::uint8_t>(k));
      for (std::size_t i = 0; i < image.size(); ++i)
        pixels.push_back(static_cast<std::uint8_t>((i / 2 == k ? 215 : 10) + n * 2654435761u * (i + 1) % 31));
    }
  }
  Batches<Exec> batches(int batch = 12) const { return {Exec(), pixels, images, image, {batch}, labels}; }
};

template <class View>
std::vector<float> host(View const& view) {
  Exec().fence();
  auto const copy = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), view);
  return {copy.data(), copy.data() + copy.size()};
}

Recipe<Net> recipe() {
  Recipe<Net> recipe = {"test", net(), image, {}, {.beta1 = 0.5}};
  recipe.objective.tightness = Schedule::constant(0.1);
  recipe.objective.mismatched_share = 0.25;
  recipe.learning_rate = 5e-3;
  recipe.ema_decay = 0.9;
  recipe.batch = 12;
  recipe.distillation = DistillationPhase<>{.share = 0.4};
  return recipe;
}

auto refused_as(char const* id) {
  return [id](Error const& e) { return e.id() == id; };
}

// Parameters, statistics and optimizer state after 11 steps.
template <class Policy>
std::vector<float> trained(Policy& policy, bool use_graph) {
  Labelled const data;
  auto const batches = data.batches();
  Trainer trainer(Exec(), policy, Adam{}, batches, {.steps = 11, .report_every = 3, .use_graph = use_graph});
  trainer.train();
  auto numbers = host(policy.model().parameters());
  for (auto const& more : {host(policy.model().statistics()), host(trainer.optimizer_state())})
    numbers.insert(numbers.end(), more.begin(), more.end());
  return numbers;
}

}  // namespace

// Each image has the condition of its own label or vector.
BOOST_AUTO_TEST_CASE(a_batch_has_the_conditions_of_its_images) {
  Exec const exec;
  Labelled const data;
  auto batches = data.batches();
  BOOST_TEST(batches.condition_length() == classes);
  auto const x = make_tensor<float>(exec, "ign::test", 12, image), c = make_tensor<float>(exec, "ign::test", 12, {1, 1, classes});
  std::vector<float> vectors;
  for (std::size_t n = 0; n < images; ++n)
    for (std::size_t k = 0; k < 2; ++k) vectors.push_back(static_cast<float>(data.pixels[n * image.size() + k]));
  for (std::uint64_t step : {0, 3, 7}) {
    batches.gather(exec, step, TensorRef<float, Exec>(x));
    batches.gather_conditions(exec, step, TensorRef<float, Exec>(c));
    auto const pixels = host(x), rows = host(c);
    for (std::size_t n = 0; n < 12; ++n)
      for (std::size_t k = 0; k < classes; ++k) BOOST_TEST(rows[n * classes + k] == (pixels[n * 6 + 2 * k] > 0 ? 1.0f : 0.0f));
  }
  batches.set_conditions(exec, vectors, 2);
  BOOST_TEST(batches.condition_length() == 2);
  auto const two = make_tensor<float>(exec, "ign::test", 12, {1, 1, 2});
  batches.gather(exec, 4, TensorRef<float, Exec>(x));
  batches.gather_conditions(exec, 4, TensorRef<float, Exec>(two));
  auto const pixels = host(x), rows = host(two);
  for (std::size_t n = 0; n < 12; ++n)
    for (std::size_t k = 0; k < 2; ++k) BOOST_TEST(std::abs(rows[n * 2 + k] / 127.5f - 1 - pixels[n * 6 + k]) < 1e-5f);
  BOOST_CHECK_EXCEPTION(batches.gather_conditions(exec, 4, TensorRef<float, Exec>(c)), Error, refused_as("ign.shape.86"));
  BOOST_CHECK_EXCEPTION(batches.set_conditions(exec, vectors, 3), Error, refused_as("ign.shape.543"));
  BOOST_CHECK_EXCEPTION(batches.set_conditions(exec, {}, 0), Error, refused_as("ign.shape.543"));
}

// A few seconds of training by a whole recipe: samples are like the requested class, and drift tells the class of images.
BOOST_AUTO_TEST_CASE(samples_have_the_asked_class_and_drift_classifies) {
  Exec const exec;
  Labelled const data;
  auto const batches = data.batches();
  CollapseGuard<float, Exec> guard;
  auto f = train(exec, recipe(), batches, {.steps = 1500, .seed = 3, .report_every = 300}, guard);
  BOOST_TEST(!guard.collapsed(), guard.why());
  auto const all = all_classes<float>(exec, classes);
  int asked = 0;
  for (int k = 0; k < classes; ++k) {
    auto const samples = make_tensor<float>(exec, "ign::test", 40, image);
    f.generate(exec, Key{.seed = 9}, 1, samples, batch_range(all, k, 1));
    auto const pixels = host(samples);
    for (std::size_t n = 0; n < 40; ++n) {
      int brightest = 0;
      for (int i = 0; i < 6; ++i)
        if (pixels[n * 6 + static_cast<std::size_t>(i)] > pixels[n * 6 + static_cast<std::size_t>(brightest)]) brightest = i;
      asked += brightest / 2 == k;
    }
  }
  BOOST_TEST(asked >= 114, asked << " of 120 samples have the requested class");
  auto const x = make_tensor<float>(exec, "ign::test", images, image),
             drifts = make_tensor<float>(exec, "ign::test", images, {1, 1, classes});
  batches.gather_range(exec, 0, TensorRef<float, Exec>(x));
  ConditionScratch<float, Exec> scratch;
  using Ref = TensorRef<float, Exec>;
  drifts_by_condition(exec, f, Mse{}, Role::data, Ref(all), Ref(x), Ref(drifts), scratch);
  Vector<int, Exec> const labels("ign::test", images);
  classify_by_drift(exec, Ref(drifts), VectorRef<int, Exec>(labels));
  exec.fence();
  int correct = 0;
  for (std::size_t n = 0; n < images; ++n) correct += labels(n) == data.labels[n];
  BOOST_TEST(correct >= 57, correct << " of 60 images are classified by drift");
}

BOOST_AUTO_TEST_CASE(a_captured_graph_is_bitwise_identical) {
  Exec const exec;
  auto const first = [&](bool use_graph) {
    Idempotent policy(exec, net(), image, {.tightness = Schedule::constant(0.2), .mismatched_share = 0.5}, 7);
    return trained(policy, use_graph);
  };
  auto const second = [&](bool use_graph) {
    Model<Net, float, Exec> const teacher(exec, net(), image, 3);
    Distillation policy(exec, teacher, DistillationOptions<>{.iterated_share = 0.5}, 7);
    return trained(policy, use_graph);
  };
  auto const same = [](std::vector<float> const& a, std::vector<float> const& b) {
    BOOST_TEST_REQUIRE(a.size() == b.size());
    BOOST_TEST(std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0);
  };
  same(first(false), first(true));
  same(second(false), second(true));
}

// The wider net of the second phase starts as the same function of noise and condition, and its added channels have statistics.
BOOST_AUTO_TEST_CASE(a_second_phase_with_a_wider_net) {
  Exec const exec;
  auto const net_of = [](int width) {
    return sequential(Linear{.features = width}, BatchNorm{}, ConditionalScale{classes}, LeakyRelu{}, Linear{.features = image.channels},
                      Tanh{});
  };
  Labelled const data;
  auto const batches = data.batches();
  Idempotent policy(exec, net_of(12), image, {.tightness = Schedule::constant(0.2)}, 7);
  Trainer trainer(exec, policy, Adam{}, batches, {.steps = 40, .report_every = 40, .learning_rate = Schedule::constant(5e-3)});
  trainer.train();
  auto wide = distill(trainer, net_of(20), distillation_options(policy.options()));
  auto const all = all_classes<float>(exec, classes);
  for (int k = 0; k < classes; ++k) {
    auto const narrow_samples = make_tensor<float>(exec, "ign::test", 5, image),
               wide_samples = make_tensor<float>(exec, "ign::test", 5, image);
    policy.generate(exec, Key{.seed = 9}, 2, narrow_samples, batch_range(all, k, 1));
    wide.generate(exec, Key{.seed = 9}, 2, wide_samples, batch_range(all, k, 1));
    auto const a = host(narrow_samples), b = host(wide_samples);
    for (std::size_t i = 0; i < a.size(); ++i) BOOST_TEST(std::abs(a[i] - b[i]) < 1e-5f);
  }
  // Statistics of the 20 channels: mean and variance of each role.
  for (float const value : host(wide.model().statistics())) BOOST_TEST(std::isfinite(value));
}

// The teacher and all segments have the conditions: with others the gradient is another.
BOOST_AUTO_TEST_CASE(distillation_uses_the_conditions) {
  Exec const exec;
  Model<Net, float, Exec> const teacher(exec, net(), image, 3);
  fill_gaussian(exec, ign_test::key(1), 0.4, VectorRef<float, Exec>(teacher.parameters()));
  Distillation policy(exec, teacher, DistillationOptions<>{.iterated_share = 0.5}, 7);
  auto const x = ign_test::random_vector<float>(4 * image.size(), 2), rows = ign_test::random_vector<float>(12, 3);
  auto const losses = [&] {
    policy.reset_losses(exec);
    policy.gradients(exec, as_tensor<float>(x, 4, image), 5, as_tensor<float>(rows, 4, {1, 1, classes}));
    return policy.losses(exec);
  };
  BOOST_TEST(losses().generation < 1e-10);  // f is the teacher, with the same statistics
  fill_gaussian(exec, ign_test::key(4), 0.4, VectorRef<float, Exec>(policy.model().parameters()));
  auto const before = losses();
  rows(10) += 1;  // of the last sample, whose u is a corrupted g(z)
  auto const after = losses();
  BOOST_TEST(before.reconstruction != after.reconstruction);
  BOOST_TEST(before.generation != after.generation);
  BOOST_TEST(before.idempotence != after.idempotence);
  BOOST_CHECK_EXCEPTION(policy.gradients(exec, as_tensor<float>(x, 4, image), 5), Error, refused_as("ign.shape.540"));
}

BOOST_AUTO_TEST_CASE(a_killed_run_continues_from_its_last_checkpoint) {
  Exec const exec;
  ign_test::Folder const folder;
  Labelled const data;
  auto const batches = data.batches();
  RunOptions const options = {.steps = 12, .seed = 5, .report_every = 2};
  auto const expected = host(train(exec, recipe(), batches, options).model().parameters());
  for (std::uint64_t const at : {3, 10}) {
    io::CheckpointOptions const file = {.path = folder.path / std::to_string(at), .every = 2, .net = "conditional"};
    BOOST_CHECK_THROW(io::train_or_resume(exec, recipe(), batches, options, file, ThrowAt{at}), std::runtime_error);
    BOOST_TEST((host(io::train_or_resume(exec, recipe(), batches, options, file).model().parameters()) == expected), "killed after " << at);
    auto other = recipe();
    for (double const share : {0.5, 0.0}) {
      other.objective.mismatched_share = share;
      BOOST_CHECK_EXCEPTION(io::train_or_resume(exec, other, batches, options, file), Error, refused_as("ign.format.62"));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_model_file_names_its_conditions) {
  Exec const exec;
  ign_test::Folder const folder;
  Model<Net, float, Exec> const written(exec, net(), image, 3);
  fill_gaussian(exec, ign_test::key(1), 0.4, VectorRef<float, Exec>(written.parameters()));
  io::write_model(exec, folder.path / "model", written);
  auto const file = io::read_safetensors(folder.path / "model");
  for (char const* name : {"3.scale", "3.shift"}) BOOST_TEST_REQUIRE(file.find(name) != nullptr, name);
  Model<Net, float, Exec> const read(exec, net(), image, 4);
  io::read_model(file, read);
  BOOST_TEST((host(read.parameters()) == host(written.parameters())));
  auto const other = sequential(ConditionChannels{classes + 1}, Linear{.features = 24}, BatchNorm{}, ConditionalScale{classes + 1},
                                LeakyRelu{}, Linear{.features = image.channels}, Tanh{});
  Model<Net, float, Exec> const wrong(exec, other, image, 4);
  BOOST_CHECK_EXCEPTION(io::read_model(file, wrong), Error, refused_as("ign.format.161"));
}

BOOST_AUTO_TEST_CASE(batches_without_the_conditions_of_the_net_are_refused) {
  Exec const exec;
  Labelled const data;
  Idempotent<Net, float, Exec> policy(exec, net(), image);
  Batches<Exec> const unlabelled(exec, data.pixels, images, image, {12});
  auto vectors = data.batches();
  vectors.set_conditions(exec, std::vector<float>(images * 2), 2);
  for (Batches<Exec> const& batches : {unlabelled, vectors})
    BOOST_CHECK_EXCEPTION(Trainer(exec, policy, Adam{}, batches, {}), Error, refused_as("ign.option.543"));
  BOOST_CHECK_EXCEPTION((Idempotent<Net, float, Exec>(exec, net(), image, {.mismatched_share = 1.5})), Error, refused_as("ign.option.542"));
}

BOOST_AUTO_TEST_SUITE_END()
