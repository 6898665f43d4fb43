// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Trains policies with the same nets, data and budget over several seeds, measures their samples, and tabulates mean ± std.
// One call is one setting. Each seed writes a JSON file; `--table` makes table and report of all files in the folder.
// clang-format off
// Test: --data rectangles --out example_study --overwrite --features example_features.safetensors --steps 3 --tightness 0.1,1 --seeds 2 --table
// Test: --data rectangles --out example_stddev --overwrite --features example_features.safetensors --steps 3 --batch 16 --ema 0.9 --minibatch-stddev
// clang-format on
// Needs: features

#include "support/data_sets.hpp"
#include "support/inputs.hpp"
#include "support/noise.hpp"
#include "support/program.hpp"
#include "support/projector.hpp"
#include "support/quality.hpp"
#include "support/study_table.hpp"

#include <ign/io/file.hpp>
#include <ign/layers/minibatch_stddev.hpp>
#include <ign/nets/dcgan.hpp>
#include <ign/optimizers/adam.hpp>
#include <ign/optimizers/ema.hpp>
#include <ign/policies/gan.hpp>
#include <ign/policies/idempotent.hpp>
#include <ign/policies/imle.hpp>
#include <ign/train/averaged_weights.hpp>
#include <ign/train/progress.hpp>
#include <ign/train/trainer.hpp>

#include <unistd.h>
#include <cmath>
#include <iostream>
#include <optional>

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

struct Options {
  std::string data, features, out = "ign-study", name, policy = "idempotent", distance = "mse", smoothing = "none", source = "gaussian";
  std::optional<std::uint64_t> steps;
  std::optional<double> epochs, final_tightness;
  std::uint64_t seed = 1, seeds = 1;
  double reconstruction = 1, idempotence = 1, tightness = 0.25, a = 1.5, equilibrium = 0, floor = 1e-6, gain = 1e-3, learning_rate = 8e-4,
         final_learning_rate = 0, ema = 0;
  int batch = 128, pool = 4, width = 16;
  std::vector<double> weights = {0.25};  // of the tightness; one setting each
  std::size_t count = 10000;
  bool minibatch_stddev = false, use_graph = false, table = false, overwrite = false;
};

// The net mnist_small_net with another number of channels.
auto net_options(Options const& o) {
  auto options = ign::mnist_small_options();
  options.stages = {{{o.width}, {2 * o.width}, {4 * o.width}}};
  return options;
}

// Calls visitor(policy) with a new policy of the setting.
template <class Visitor>
void with_policy(Options const& o, examples::Exec const& exec, ign::Batches<examples::Exec> const& batches, std::uint64_t steps,
                 std::uint64_t seed, Visitor const& visitor) {
  ign::Shape const image = {32, 32, 1};
  auto const net = ign::dcgan(net_options(o));
  examples::Noise const source(o.source, exec, image);
  gather_statistics(exec, source, batches);
  bool const fits = o.policy == "gan" || (o.policy == "idempotent" && source.is_gaussian() && o.distance == "mse");
  ign::require(!o.minibatch_stddev || fits, ign::Fault::option, 113,
               "--minibatch-stddev is given, expected policy gan, or idempotent with source gaussian and distance mse");
  if (o.policy == "idempotent") {
    auto const with = [&]<class Distance>(Distance const& distance) {
      ign::IdempotentOptions<Distance, examples::Noise> objective = {.distance = distance, .source = source};
      objective.reconstruction = ign::Schedule::constant(o.reconstruction);
      objective.idempotence = ign::Schedule::constant(o.idempotence);
      objective.tightness = ign::Schedule::cosine(o.tightness, o.final_tightness.value_or(o.tightness), steps);
      objective.smoothing = {ign::smoothing_kind(o.smoothing), o.a};
      objective.equilibrium = {o.equilibrium, o.floor, o.gain};
      auto const with_net = [&](auto const& chosen) {
        ign::Idempotent policy(exec, chosen, image, objective, seed);
        visitor(policy);
      };
      if constexpr (std::is_same_v<Distance, ign::Mse>)
        if (o.minibatch_stddev) return with_net(ign::dcgan(net_options(o), ign::MinibatchStddev{}));
      with_net(net);
    };
    if (o.distance == "mse")
      with(ign::Mse{});
    else if (o.distance == "l1")
      with(ign::L1{});
    else
      ign::fail(ign::Fault::option, 111, "distance '", o.distance, "', expected mse or l1");
  } else if (o.policy == "imle") {
    ign::ImleOptions<ign::Mse, examples::Noise> const objective = {.source = source, .pool = o.pool};
    ign::Imle policy(exec, net, image, objective, seed);
    visitor(policy);
  } else if (o.policy == "gan") {
    ign::require(source.is_gaussian(), ign::Fault::option, 107, "source '", o.source,
                 "' for policy gan, expected gaussian: its generator maps latents");
    auto const with = [&](auto const& discriminator) {
      ign::Gan policy(exec, ign::dcgan_generator(net_options(o)), discriminator, {1, 1, 64}, image, {}, seed);
      visitor(policy);
    };
    if (o.minibatch_stddev)
      with(ign::dcgan_discriminator(net_options(o), ign::MinibatchStddev{}));
    else
      with(ign::dcgan_discriminator(net_options(o)));
  } else {
    ign::fail(ign::Fault::option, 108, "policy '", o.policy, "', expected idempotent, imle or gan");
  }
}

// Figures of a trained policy: evaluation mode, f applied once and twice, and batch statistics as in training.
template <class Policy>
void measure(examples::Exec const& exec, Policy& policy, examples::QualityMeter& meter, ign::data::ImageSet const& test, int batch,
             Json& json) {
  auto const noise = [](std::size_t first) { return ign::Key{1, ign::RandomStream::user, 1 + first}; };  // equal for all settings
  auto const generated = [&](int applications) {
    return meter.of(exec, batch, [&](std::size_t first, examples::Ref const& x) { policy.generate(exec, noise(first), applications, x); });
  };
  json["evaluation"] = generated(1).json();
  if constexpr (requires(examples::Ref const& x) { policy.project(exec, x, 1, x); }) {
    json["twice"] = generated(2).json();
    json["train_mode"] = meter
                             .of(exec, batch,
                                 [&](std::size_t first, examples::Ref const& x) {
                                   policy.generate(exec, noise(first), 0, x);
                                   policy.apply(exec, ign::Role::source, 1, x, x, ign::Mode::train);
                                 })
                             .json();
    examples::ProjectorOf f(policy);
    auto const [reconstruction, idempotence] = examples::evaluate(exec, f, test, policy.options().distance, policy.seed());
    json["rec"] = reconstruction;
    json["idem"] = idempotence;
  }
}

// Records fifty reports of a run. Callback.
class Curve {
 public:
  explicit Curve(Json& json) : m_json(json) {}

  template <class Trainer>
  void on_report(Trainer const&, ign::Report const& report) {
    std::uint64_t const part = 50 * report.step / report.steps;
    if (part == m_part) return;
    m_part = part;
    Json point = {{"epoch", report.epoch}};
    for (auto const& loss : report.losses) point[loss.name] = loss.value;
    m_json.push_back(point);
  }

 private:
  Json& m_json;
  std::uint64_t m_part = 0;
};

// File of the results of one seed.
std::string result_name(std::string const& setting, std::uint64_t seed) { return setting + "-seed" + std::to_string(seed) + ".json"; }

void run_seed(examples::Exec const& exec, Options const& o, ign::data::ImageSet const& images, ign::data::ImageSet const& test,
              examples::QualityMeter& meter, std::uint64_t seed) {
  ign::Batches<examples::Exec> const batches(exec, images, {o.batch, seed, {32, 32, 1}});
  std::uint64_t const steps =
      o.steps ? *o.steps
              : std::max<std::uint64_t>(1, static_cast<std::uint64_t>(o.epochs.value() * static_cast<double>(batches.batches_per_epoch())));
  Json json = {{"name", o.name},
               {"policy", o.policy},
               {"seed", seed},
               {"steps", steps},
               {"batch", o.batch},
               {"width", o.width},
               {"distance", o.distance},
               {"reconstruction", o.reconstruction},
               {"idempotence", o.idempotence},
               {"tightness", o.tightness},
               {"final_tightness", o.final_tightness.value_or(o.tightness)},
               {"smoothing", o.smoothing},
               {"a", o.a},
               {"equilibrium", o.equilibrium},
               {"floor", o.floor},
               {"gain", o.gain},
               {"source", o.source},
               {"learning_rate", o.learning_rate},
               {"final_learning_rate", o.final_learning_rate},
               {"ema", o.ema},
               {"minibatch_stddev", o.minibatch_stddev},
               {"pool", o.pool},
               {"data", o.data},
               {"features", meter.facts()}};
  with_policy(o, exec, batches, steps, seed, [&](auto& policy) {
    auto const train = [&](auto const& optimizer) {
      ign::TrainerOptions const run = {steps, std::clamp<std::uint64_t>(steps / 50, 1, 100),
                                       ign::Schedule::cosine(o.learning_rate, o.final_learning_rate, steps),
                                       o.use_graph ? std::optional<bool>(true) : std::nullopt};
      ign::Trainer trainer(exec, policy, optimizer, batches, run);
      Kokkos::Timer const timer;
      trainer.train(ign::Progress(std::cout, isatty(STDOUT_FILENO) != 0), Curve(json["curve"]));
      json["seconds"] = timer.seconds();
      json["threads"] = exec.concurrency();
      json["graph"] = o.use_graph;
      if constexpr (requires { ign::AveragedWeights(trainer); }) {
        ign::AveragedWeights const averaged(trainer);
        measure(exec, policy, meter, test, o.batch, json);
      } else {
        measure(exec, policy, meter, test, o.batch, json);
      }
    };
    if constexpr (requires(examples::Ref const& x) { policy.project(exec, x, 1, x); }) {
      if (o.ema > 0) return train(ign::Ema{ign::Adam{.beta1 = 0.5}, o.ema});
    }
    train(ign::Adam{.beta1 = 0.5});
  });
  auto const text = json.dump(1);
  ign::io::write_file(fs::path(o.out) / result_name(o.name, seed), std::as_bytes(std::span(text)));
  std::cout << o.name << ", seed " << seed << ": " << json["evaluation"].dump() << std::endl;
}

// Name of the setting with this weight of the tightness.
std::string name_of(Options const& o, double weight) {
  return o.weights.size() > 1 ? o.name + "-t" + examples::number_text(weight) : o.name;
}

// Files that a call writes beside table and report.
std::vector<std::string> results_of(Options const& o) {
  std::vector<std::string> files;
  for (double const weight : o.weights)
    for (std::uint64_t k = 0; k < o.seeds; ++k) files.push_back(result_name(name_of(o, weight), o.seed + k));
  return files;
}

void study(Options const& o) {
  examples::Exec const exec;
  examples::prepare_folder(o.out, results_of(o), o.overwrite);
  if (o.table) examples::check_writable(fs::path(o.out) / "report.html");
  ign::Shape const picture = {32, 32, 1};
  auto const data = examples::load(o.data, picture);
  auto const &images = data.train, &test = data.test.images;
  ign::require(data.test.held_out, ign::Fault::option, 112, "--data ", o.data,
               ": has too few images, expected ten or more, of which some are held back for comparison");
  examples::QualityMeter meter(exec, o.features, data, picture, o.count);
  auto const reference = meter.reference(exec).json();  // before any training, so that an error in measuring comes first
  for (double const weight : o.weights) {
    Options setting = o;
    setting.tightness = weight;
    setting.name = name_of(o, weight);
    for (std::uint64_t k = 0; k < o.seeds; ++k) run_seed(exec, setting, images, test, meter, o.seed + k);
  }
  if (o.table) examples::write_study(o.out, reference, exec);
}

}  // namespace

int main(int argc, char* argv[]) {
  Options o;
  examples::CommandLine line("study", "Trains policies over several seeds and measures their samples.");
  line.add("data", examples::data_help, o.data);
  line.add("features", "feature net of `features`", o.features);
  line.add("out", "folder for results, one file for each setting and seed; --table replaces the table and the report of earlier ones",
           o.out);
  line.add("overwrite", "replace results of the same settings and seeds in --out; without it, they are an error", o.overwrite);
  line.add("name", "name of the setting (the policy's)", o.name);
  line.add("policy", "idempotent, imle or gan", o.policy);
  line.add("steps", "length of a run in steps", o.steps, examples::at_least(1));
  line.add("epochs", "length of a run in passes over the data", o.epochs, {0, 1e9, true});
  line.add("seed", "the first seed", o.seed);
  line.add("seeds", "number of seeds; 0 with --table: only the table", o.seeds, examples::between(0, 1e6));
  line.add("batch", "samples per batch", o.batch, examples::at_least(1));
  line.add("width", "channels of the net's first stage; the next ones have two and four times as many", o.width, examples::at_least(1));
  line.add("lr", "initial learning rate, which follows a cosine", o.learning_rate, examples::at_least(0));
  line.add("final-lr", "final learning rate", o.final_learning_rate, examples::at_least(0));
  line.add("distance", "mse or l1 (idempotent)", o.distance);
  line.add("reconstruction", "weight of the reconstruction (idempotent)", o.reconstruction, examples::at_least(0));
  line.add("idempotence", "weight of the idempotence (idempotent)", o.idempotence, examples::at_least(0));
  line.add("tightness", "weight of the tightness, or several: 0.1,0.25,0.5 (idempotent)", o.weights, examples::at_least(0));
  line.add("final-tightness", "final weight of the tightness, which follows a cosine; absent: constant", o.final_tightness,
           examples::at_least(0));
  line.add("smoothing", "form of the tightness loss: none, own_noise, data_sample, data_batch, batch, paired or exponential (idempotent)",
           o.smoothing);
  line.add("bound", "factor a of the bound a·R of the tightness loss; R is the reference distance of --smoothing", o.a, examples::above(0));
  line.add("equilibrium", "target ratio T / R, which controls the weight of the tightness; 0: no control (idempotent)", o.equilibrium,
           examples::at_least(0));
  line.add("floor", "lower bound of the reconstruction loss in that ratio", o.floor, examples::above(0));
  line.add("gain", "gain of that control per step", o.gain, examples::above(0));
  line.add("source", "noise: gaussian, spectral, spectral-hermitian, spectral-batch or spectral-hermitian-batch", o.source);
  line.add("ema", "decay of the averaged weights, which are measured; 0: no averaging", o.ema, examples::between(0, 1));
  line.add("minibatch-stddev", "a MinibatchStddev layer before the latent (idempotent), or in the discriminator (gan)", o.minibatch_stddev);
  line.add("graph", "run steps as a captured graph; without, only where the backend captures (idempotent)", o.use_graph);
  line.add("pool", "z per sample (imle)", o.pool, examples::at_least(1));
  line.add("count", "number of samples to measure", o.count, examples::at_least(2));
  line.add("table", "write table and report of all results in the folder", o.table);
  return examples::run(line, argc, argv, [&] {
    ign::require(!o.data.empty() && !o.features.empty(), ign::Fault::option, 103,
                 "--data or --features is missing, expected a data set and a feature net of `features`");
    ign::require(o.steps.has_value() != o.epochs.has_value() || (o.seeds == 0 && !o.steps), ign::Fault::option, 109,
                 "length of a run: found both or none of --steps and --epochs, expected one");
    if (o.name.empty()) o.name = o.policy;
    ign::require(fs::path(o.name).filename() == o.name, ign::Fault::option, 568, "--name is '", o.name, "', expected the name of a file");
    ign::require(o.seeds > 0 || o.table, ign::Fault::option, 568, "--seeds is 0, expected 1 or more, or --table, too");
    study(o);
    return 0;
  });
}
