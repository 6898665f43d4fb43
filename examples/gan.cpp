// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// A GAN for comparison with `train --net dcgan-64-small`: the layers of that net as generator and discriminator, on the same pictures.
// Test: --data rectangles --out example_gan --overwrite --steps 3 --count 40
// Test: --data rectangles --out example_gan_features --overwrite --steps 3 --count 40 --features example_turns.safetensors
// Needs: features

#include "support/data_sets.hpp"
#include "support/images.hpp"
#include "support/inputs.hpp"
#include "support/measure.hpp"
#include "support/program.hpp"

#include <ign/nets/dcgan.hpp>
#include <ign/optimizers/adam.hpp>
#include <ign/policies/gan.hpp>
#include <ign/train/batches.hpp>
#include <ign/train/progress.hpp>
#include <ign/train/trainer.hpp>

#include <unistd.h>

#include <algorithm>
#include <iostream>

namespace {

using examples::Exec;
using examples::Ref;

struct Options {
  examples::Inputs inputs = {.out = "ign-gan",
                             .features_use = examples::Inputs::Use::optional,
                             .data_use = examples::Inputs::Use::needed,
                             .out_help = "folder for picture and report",
                             .results = {"samples.png", "report.html"}};
  std::uint64_t steps = 5'000, seed = 1;
  double learning_rate = 2e-4;
  int batch = 64;
  std::size_t count = 1'000;
  bool flip = false;
};

constexpr int chunk = 100, shown = 40;

void run(Options const& o) {
  Exec const exec;
  auto const data = examples::load(o.inputs.data, examples::picture_shape("dcgan-64-small"));
  auto const channels = static_cast<int>(data.train.channels);
  ign::Shape const image = {64, 64, channels};
  auto const options = ign::dcgan64_small_options(channels);
  // Before any training, so that an error in the data comes first.
  std::vector<examples::Measure> measures = {examples::sliced_measure(exec, data, image, o.count)};
  if (!o.inputs.features.empty()) measures.push_back(examples::feature_measure(exec, o.inputs.features, data, image, o.count));
  int const count = static_cast<int>(measures.front().count);
  ign::Batches<Exec> const batches(exec, data.train, {.batch = o.batch, .seed = o.seed, .pad_to = image, .flip = o.flip});
  ign::Gan policy(exec, ign::dcgan_generator(options), ign::dcgan_discriminator(options), {1, 1, options.latent.channels}, image, {},
                  o.seed);
  ign::Trainer trainer(exec, policy, ign::Adam{.beta1 = 0.5}, batches,
                       {o.steps, std::min<std::uint64_t>(100, o.steps), ign::Schedule::constant(o.learning_rate)});
  Kokkos::Timer timer;
  trainer.train(ign::Progress(std::cout, isatty(STDOUT_FILENO) != 0));
  exec.fence("gan: training");
  double const seconds = timer.seconds();

  auto const samples = ign::make_tensor<float>(exec, "gan::samples", count, image);
  for (int first = 0; first < count; first += chunk)
    policy.generate(exec, ign::Key{o.seed, ign::RandomStream::user, static_cast<std::uint64_t>(first)}, 1,
                    ign::batch_range(samples, first, std::min(chunk, count - first)));
  Ref const first_samples = ign::batch_range(samples, 0, std::min(shown, count));
  examples::write_rows(o.inputs.out + "/samples.png", {first_samples});
  examples::Report report("GAN for comparison");
  for (auto const& measure : measures) {
    auto const figures = measure.of(Ref(samples));
    std::vector<std::string> headers = {"images"};
    std::vector<examples::Cell> row = {"G(z)"}, reference = {"training images"};
    for (std::size_t i = 0; i < figures.size(); ++i) {
      headers.push_back(measure.names[i]);
      row.push_back(figures[i]);
      reference.push_back(measure.reference[i]);
      std::cout << measure.names[i] << ": " << figures[i] << ", training images: " << measure.reference[i] << '\n';
    }
    report.table(headers, {row, reference}, "Against " + std::to_string(measure.count) + " held-out images, " + measure.caption + '.');
    if (!measure.facts.empty()) report.facts(measure.facts);
  }
  report.picture("G(z).", examples::tiles(first_samples), examples::picture_scale(image));
  report.facts({{"generator and discriminator", "the layers of dcgan-64-small"},
                {"steps", o.steps},
                {"batch", o.batch},
                {"seed", o.seed},
                {"learning rate", o.learning_rate},
                {"training, s", seconds}});
  examples::add_machine(report, exec, o.inputs.command);
  report.write(o.inputs.out + "/report.html");
  std::cout << o.steps << " steps in " << seconds << " s; " << o.inputs.out << ": samples.png, report.html\n";
}

}  // namespace

int main(int argc, char* argv[]) {
  Options o;
  examples::CommandLine line("gan", "Trains the layers of dcgan-64-small as a GAN, and measures its samples without labels.");
  o.inputs.add_to(line);
  line.add("steps", "number of training steps", o.steps, examples::at_least(1));
  line.add("batch", "samples per batch", o.batch, examples::at_least(1));
  line.add("lr", "learning rate of both nets", o.learning_rate, examples::at_least(0));
  line.add("count", "number of samples and of held-out images to compare", o.count, examples::at_least(2));
  line.add("flip", "mirror half of the training images, drawn anew in each epoch", o.flip);
  line.add("seed", "seed of weights, order and noise", o.seed);
  return examples::run(line, argc, argv, [&] {
    o.inputs.check(argc, argv);
    run(o);
    return 0;
  });
}
