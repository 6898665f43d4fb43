// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Trains the feature net of the metrics, and writes it with the facts to report with every figure. It is a classifier: of the data's
// labels, or without labels, of the quarter turns by which images are turned.
// Test: --data rectangles --out example_features.safetensors --overwrite --epochs 3
// Test: --data rectangles --out example_turns.safetensors --overwrite --epochs 1 --side 64 --quarter-turns

#include "support/data_sets.hpp"
#include "support/images.hpp"
#include "support/inputs.hpp"
#include "support/program.hpp"
#include "support/quality.hpp"

#include <ign/data/quarter_turns.hpp>
#include <ign/io/checkpoint.hpp>
#include <ign/io/features.hpp>
#include <ign/optimizers/adam.hpp>
#include <ign/policies/classification.hpp>
#include <ign/train/batches.hpp>
#include <ign/train/progress.hpp>
#include <ign/train/trainer.hpp>

#include <unistd.h>

#include <algorithm>
#include <iostream>

namespace {

using Labels = ign::VectorRef<int, examples::Exec>;

// The only recipe: figures of nets of different recipes are not comparable.
constexpr int batch = 128;
constexpr double learning_rate = 1e-3;
constexpr ign::Adam optimizer = {.beta1 = 0.9};

// Number of correctly classified images, in evaluation mode.
std::size_t count_correct(examples::Exec const& exec, ign::FeatureNet<>& net, ign::data::LabelledImages const& set) {
  ign::Batches<examples::Exec> const images(exec, set.images, {1, 1, net.image_shape()});
  std::size_t correct = 0;
  for (std::size_t first = 0; first < set.images.count; first += 1000) {
    std::size_t const count = std::min<std::size_t>(1000, set.images.count - first);
    auto const x = ign::make_tensor<float>(exec, "ign::features::x", static_cast<int>(count), net.image_shape());
    ign::Vector<int, examples::Exec> const predictions(Kokkos::view_alloc(exec, "ign::features::predictions"), count);
    images.gather_range(exec, first, examples::Ref(x));
    net.apply(exec, examples::Ref(x), {.predictions = Labels(predictions)});
    exec.fence("features: predictions");
    auto const found = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), predictions);
    for (std::size_t n = 0; n < count; ++n) correct += found(n) == set.labels[first + n];
  }
  return correct;
}

struct Options {
  std::string data, out = "features.safetensors";
  std::uint64_t epochs = 4, seed = 1;
  int side = 32;
  bool quarter_turns = false, overwrite = false;
};

// Images to train on and to measure the accuracy with.
struct Sets {
  ign::data::LabelledImages training, test;
};

Sets load(Options const& o) {
  if (!o.quarter_turns) return {examples::load_labelled(o.data, "train"), examples::load_labelled(o.data, "t10k")};
  auto const set = examples::load(o.data, {o.side, o.side, 3});
  return {ign::data::quarter_turns(set.train), ign::data::quarter_turns(set.test.images)};
}

void train(Options const& o) {
  examples::Exec const exec;
  auto const [training, test] = load(o);
  ign::Shape const image = {o.side, o.side, static_cast<int>(training.images.channels)};
  ign::Batches<examples::Exec> const batches(exec, training, {batch, o.seed, image});
  std::uint64_t const steps = o.epochs * batches.batches_per_epoch();
  ign::Classification<ign::FeatureNet<>::Net> policy(exec, ign::feature_net(image, batches.classes()), image, {}, o.seed);
  ign::TrainerOptions const run = {steps, std::min<std::uint64_t>(50, steps), ign::Schedule::cosine(learning_rate, 0, steps)};
  ign::Trainer trainer(exec, policy, optimizer, batches, run);
  std::cout << "training the feature net (" << policy.model().parameters().size() << " parameters) on " << training.images.count
            << " images of " << batches.classes() << " classes, " << steps << " steps of " << batch << ", on " << examples::Exec::name()
            << std::endl;
  trainer.train(ign::Progress(std::cout, isatty(STDOUT_FILENO) != 0));

  ign::FeatureNet<> net(policy.model());
  std::size_t const correct = count_correct(exec, net, test);
  double const accuracy = static_cast<double>(correct) / static_cast<double>(test.images.count);
  nlohmann::ordered_json facts = {{"recipe",
                                   {{"optimizer", {{"name", "adam"}, {"beta1", optimizer.beta1}, {"beta2", optimizer.beta2}}},
                                    {"learning_rate", ign::io::detail::schedule_json(run.learning_rate)},
                                    {"batch", batch},
                                    {"epochs", o.epochs},
                                    {"steps", steps},
                                    {"seed", o.seed}}},
                                  {"training_data", examples::description(training.images, training.labels)},
                                  {"test_data", examples::description(test.images, test.labels)},
                                  {"test_accuracy", accuracy}};
  if (o.quarter_turns) facts[examples::task_field] = examples::quarter_turns_task;
  ign::io::write_features(o.out, net, facts);
  auto const file = ign::io::read_features(exec, o.out);
  std::cout << "test accuracy " << accuracy << " (" << correct << " of " << test.images.count << ")\n"
            << o.out << "\nSHA-256 " << file.sha256 << '\n';
}

}  // namespace

int main(int argc, char* argv[]) {
  Options o;
  examples::CommandLine line("features", "Trains the feature net of the metrics.");
  line.add("data", std::string(examples::labelled_data_help) + "; with --quarter-turns, also without labels: pictures or one IDX file",
           o.data);
  line.add("out", "feature net to write", o.out);
  line.add("overwrite", "replace an earlier feature net of the name --out; without it, it is an error", o.overwrite);
  line.add("quarter-turns", "learn by how many quarter turns images are turned, instead of labels", o.quarter_turns);
  line.add("side", "side of the images in pixels, to which they are padded; comparable figures need that of the net to measure", o.side,
           examples::at_least(8));
  line.add("epochs", "passes over the data; comparable figures need 4", o.epochs, examples::at_least(1));
  line.add("seed", "seed of weights and order; comparable figures need 1", o.seed);
  return examples::run(line, argc, argv, [&] {
    ign::require(
        !o.data.empty(), ign::Fault::option, 103,
        "--data is missing, expected a folder of IDX files with labels, or pictures with --quarter-turns (`make data` gets MNIST)");
    examples::require_new_file(o.out, o.overwrite);
    examples::check_writable(o.out);
    train(o);
    return 0;
  });
}
