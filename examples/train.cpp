// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Trains an Idempotent Generative Network on images and writes its model, a report, pictures, curves, a log and a checkpoint.
// Test: --data rectangles --out example_train --overwrite --steps 12 --batch 16 --report-every 4
// Test: --data rectangles --out example_wide --overwrite --net mnist-wide --recipe mnist-wide --steps 6 --batch 16 --replay

#include "support/images.hpp"
#include "support/interrupts.hpp"
#include "support/noise.hpp"
#include "support/program.hpp"
#include "support/recipes.hpp"
#include "support/train_options.hpp"
#include "support/train_report.hpp"

#include <ign/io/checkpoint.hpp>
#include <ign/io/log.hpp>
#include <ign/train/averaged_weights.hpp>
#include <ign/train/collapse_guard.hpp>
#include <ign/train/progress.hpp>
#include <ign/train/stop_after.hpp>

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <iostream>
#include <limits>
#include <optional>

namespace {

namespace fs = std::filesystem;
using Options = examples::TrainOptions;

// How many steps fit into the time: measured on a model that is thrown away, so that the run itself stays reproducible.
template <class Recipe>
std::uint64_t steps_within(examples::Exec const& exec, Recipe const& recipe, ign::Batches<examples::Exec> const& batches, double seconds) {
  ign::Idempotent policy(exec, recipe.net, recipe.image, recipe.objective, 1);
  ign::Trainer trainer(exec, policy, recipe.optimizer, batches, {});
  for (int i = 0; i < 3; ++i) trainer.step();
  exec.fence("train: warmed up");
  Kokkos::Timer timer;
  std::vector<double> times;
  while (times.size() < 5 || timer.seconds() < std::min(3.0, 0.02 * seconds)) {
    double const begin = timer.seconds();
    trainer.step();
    exec.fence("train: one step measured");
    times.push_back(timer.seconds() - begin);
  }
  std::nth_element(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2), times.end());
  return std::max<std::uint64_t>(10, static_cast<std::uint64_t>(0.94 * seconds / times[times.size() / 2]));
}

// With averaged weights the model is those, while this lives.
template <class Trainer>
auto averaged(Trainer& trainer) {
  if constexpr (ign::is_ema_v<std::remove_cvref_t<decltype(trainer.optimizer())>>)
    return ign::AveragedWeights(trainer);
  else
    return 0;
}

// Pictures of z, f(z), f(f(z)), f³(z), and of x and f(x), in evaluation mode.
void write_pictures(examples::Exec const& exec, examples::AnyProjector& f, std::uint64_t seed, ign::Batches<examples::Exec> const& batches,
                    fs::path const& out) {
  int const count = static_cast<int>(std::min<std::size_t>(20, batches.count()));
  std::vector<ign::Tensor<float, examples::Exec>> owned;
  auto const row = [&] {
    owned.push_back(ign::make_tensor<float>(exec, "ign::train::row", count, f.image_shape()));
    return examples::Window(owned.back());
  };
  std::vector<examples::Window> samples;
  for (int k = 0; k <= 3; ++k) {
    samples.push_back(row());
    f.generate(exec, ign::Key{seed, ign::Stream::user}, k, samples.back());
  }
  std::vector<examples::Window> data = {row(), row()};
  batches.gather_range(exec, 0, data[0]);
  f.project(exec, data[0], 1, data[1]);
  exec.fence("train: pictures");
  examples::write_rows(out / "samples.png", samples);
  examples::write_rows(out / "data.png", data);
}

// A checkpoint to go on from, and how long its run was to be.
struct Past {
  ign::io::SafeTensors file;
  nlohmann::ordered_json recipe;
  std::uint64_t steps, done, report_every;

  explicit Past(std::string const& path) : file(ign::io::read_safetensors(path)), recipe(ign::io::read_recipe(file)) {
    steps = ign::io::recipe_field<std::uint64_t>(file, recipe, "steps");
    report_every = ign::io::recipe_field<std::uint64_t>(file, recipe, "report_every");
    done = ign::io::steps_done(file);
  }
};

// Files of a run in its folder.
constexpr std::array files = {
    "checkpoint.safetensors", "log.jsonl", "model.safetensors", "report.html", "samples.png", "data.png", "curves.svg"};

// Refuses a folder that holds a run, unless it is to go on or to be replaced.
void check_folder(fs::path const& out, Options const& options) {
  if (options.overwrite || !options.resume.empty()) return;
  auto const checkpoint = out / files[0];
  for (char const* name : files)
    ign::require(!exists(out / name), ign::Fault::option, 440, out.string(), ": holds ", name,
                 " of a run: name another folder by --out, or --overwrite to replace that run",
                 exists(checkpoint) ? ", or --resume " + checkpoint.string() + " to go on with it" : std::string());
}

// Makes the folder, and sees that all files can be written there.
void prepare_folder(fs::path const& out) {
  examples::make_folder(out);
  for (char const* name : files) examples::check_writable(out / name);
}

// Says where a log has no reports of steps that the checkpoint beside it has done.
void warn_of_gap(fs::path const& path, Past const& past) {
  std::error_code unreadable;
  std::uint64_t last = 0;
  if (exists(path, unreadable))
    for (auto const& line : ign::io::read_log(path))
      if (line.contains("step") && line["step"] <= past.done) last = line["step"];
  if (last + past.report_every <= past.done)
    std::cout << path.string() << ": has no reports of steps " << last + 1 << " to " << past.done << ", which the checkpoint has done\n";
}

// The recipe with what the command line says otherwise.
template <class Recipe>
Recipe changed(Recipe recipe, Options const& options) {
  auto& objective = recipe.objective;
  if (options.batch) recipe.batch = *options.batch;
  if (options.learning_rate) recipe.learning_rate = *options.learning_rate;
  if (options.final_learning_rate) recipe.final_learning_rate = options.final_learning_rate;
  if (options.tightness) objective.tightness = ign::Schedule::constant(*options.tightness);
  if (options.final_tightness) recipe.final_tightness = options.final_tightness;
  if (options.bf16) objective.precision = ign::Precision::bf16;
  if (options.smoothing) objective.smoothing.kind = ign::smoothing_kind(*options.smoothing);
  if (options.reach) objective.smoothing.a = *options.reach;
  if (options.equilibrium) objective.equilibrium.ratio = *options.equilibrium;
  return recipe;
}

// Pictures, curves and report of a run whose training is over, and a summary on the output.
void write_results(examples::Exec const& exec, fs::path const& out, examples::AnyProjector& f, ign::Batches<examples::Exec> const& batches,
                   examples::TrainingRun& run) {
  write_pictures(exec, f, run.seed, batches, out);
  run.evaluation = examples::evaluate(exec, f, run.test.images, run.distance, run.seed);
  run.log = ign::io::read_log(out / "log.jsonl");
  if (auto const curves = examples::loss_curves(run.log); !curves.empty())
    examples::write_curves(out / "curves.svg", curves, {.title = "Training losses (mean per pixel)"});
  examples::write_report(out / "report.html", exec, f, run);
  std::cout << "\n"
            << run.steps << " steps, " << static_cast<double>(run.steps) / static_cast<double>(run.steps_per_epoch) << " epochs in "
            << run.seconds << " s\n";
  if (!run.log.empty() && run.log.back().contains("rec"))
    std::cout << "last losses: reconstruction " << run.log.back()["rec"] << ", idempotence " << run.log.back()["idem"] << '\n';
  std::cout << "evaluation mode, " << run.test.images.count << ' ' << run.test.name << ": reconstruction " << run.evaluation.reconstruction
            << ", idempotence " << run.evaluation.idempotence << '\n';
  std::cout << "  " << (out / "samples.png").string() << "  rows: z, f(z), f(f(z)), f(f(f(z)))\n  " << (out / "data.png").string()
            << "  rows: x, f(x)\n  " << (out / "curves.svg").string() << "  losses by step\n  " << (out / "log.jsonl").string()
            << "  one JSON object per report\n  " << (out / "model.safetensors").string() << "  for `generate` and the other programs\n  "
            << (out / "checkpoint.safetensors").string() << "  to resume from\n  " << (out / "report.html").string()
            << "  everything on one page, for a browser\n";
}

// Returns the exit code.
template <class Recipe, class Optimizer>
int train(examples::Exec const& exec, Options const& options, examples::DataSet& data, Recipe const& published,
          Optimizer const& optimizer) {
  fs::path const out = options.folder();
  check_folder(out, options);
  std::optional<Past> past;
  if (!options.resume.empty()) past.emplace(options.resume);
  std::optional<ign::io::SafeTensors> from;
  if (!options.from.empty()) from.emplace(ign::io::read_safetensors(options.from));

  auto recipe = changed(published, options);
  ign::Batches<examples::Exec> const batches(exec, data.train, {recipe.batch, options.seed, recipe.image});
  gather_statistics(exec, recipe.objective.source, batches);

  prepare_folder(out);
  if (past) warn_of_gap(out / "log.jsonl", *past);

  // A resumed run is as long as it was to be, unless it is lengthened.
  std::uint64_t steps = past ? past->steps : 0;
  if (options.steps) steps = *options.steps;
  if (options.epochs)
    steps = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(*options.epochs * static_cast<double>(batches.batches_per_epoch())));
  if (steps == 0) steps = steps_within(exec, recipe, batches, options.seconds.value_or(300));
  ign::require(!past || steps >= past->done, ign::Fault::option, 445, options.resume, ": has done ", past ? past->done : 0,
               " steps, a run of ", steps, " cannot go on from there");
  // Everything that decides a run of that length.
  auto const run_of = [&](std::uint64_t length) {
    auto const every = options.report_every.value_or(past ? past->report_every : 50);
    return ign::TrainerOptions{length, past ? every : std::min(every, length), recipe.schedule(length), options.replay};
  };
  auto const data_json = examples::description(data.train);  // a hash of all pixels
  auto const json_of = [&](std::uint64_t length) {
    auto whole = recipe;
    whole.objective = recipe.objective_of(length);
    auto json = ign::io::recipe_json(whole, options.net, options.seed, run_of(length), optimizer);
    json["data"] = data_json;
    return json;
  };

  recipe.objective = recipe.objective_of(steps);
  ign::Idempotent policy(exec, recipe.net, recipe.image, recipe.objective, options.seed);
  ign::Trainer trainer(exec, policy, optimizer, batches, run_of(steps));
  auto json = json_of(steps);
  if (past) {
    ign::io::resume(past->file, trainer, json_of(past->steps));
    for (char const* field : {"from", "run", "lengthened"})
      if (past->recipe.contains(field)) json[field] = past->recipe[field];
    if (steps != past->steps) json["lengthened"].push_back({{"at", past->done}, {"from", past->steps}, {"to", steps}});
  } else if (from) {
    ign::io::read_model(*from, policy.model());
    json["from"] = ign::io::sha256(ign::io::read_file(options.from));
  }
  if (!json.contains("run")) json["run"] = ign::io::run_name(json);
  std::string const name = json["run"];
  auto log = past ? ign::io::Log::resume(out / "log.jsonl", past->done, name) : ign::io::Log::create(out / "log.jsonl", name);

  if (past && past->done == steps)
    std::cout << "all " << steps << " steps of this run are done; --steps or --epochs with more of them goes on\n";
  if (past && past->steps != steps)
    std::cout << "lengthened from " << past->steps << " to " << steps << " steps: from step " << past->done
              << " on, the learning rate and the weights of the losses are those of a run of " << steps << " steps\n";
  std::cout << "training " << options.net << " (" << policy.model().parameters().size() << " parameters) by recipe " << recipe.name
            << " on " << data.train.count << " images, " << steps << " steps of " << recipe.batch << ", on " << examples::Exec::name()
            << std::endl;
  if (data.test.name != "test images")
    std::cout << "there are no test images: evaluation is on " << data.test.images.count << ' ' << data.test.name << std::endl;

  std::uint64_t const first_step = trainer.steps_done();
  Kokkos::Timer timer;
  ign::Progress progress(std::cout, isatty(STDOUT_FILENO) != 0);
  ign::io::LogReports reports(log);
  ign::CollapseGuard<float, examples::Exec> guard;
  ign::io::Checkpoints checkpoints(out / "checkpoint.safetensors", options.checkpoint_every, json, [&] { return guard.healthy(); });
  ign::StopAfter stop(options.seconds.value_or(std::numeric_limits<double>::max()));
  examples::ProjectorOf f(policy);
  examples::SampleRows samples(exec, f, options.seed, steps);
  int interrupted = 0;
  {
    examples::Interrupts interrupts;
    if (options.guard)
      trainer.train(progress, reports, guard, checkpoints, samples, stop, interrupts);  // the guard before the checkpoints, which ask it
    else
      trainer.train(progress, reports, checkpoints, samples, stop, interrupts);
    interrupted = interrupts.signal();
  }
  if (interrupted != 0) {
    std::cout << "\ninterrupted after step " << trainer.steps_done() << " of " << steps << "; the same options with --resume "
              << (out / "checkpoint.safetensors").string() << " (and without --from and --overwrite) go on" << std::endl;
    return 128 + interrupted;
  }
  if (guard.collapsed()) std::cout << '\n' << guard.why() << '\n';
  constexpr bool averages = ign::is_ema_v<Optimizer>;
  if (averages) std::cout << "measuring the running statistics of the averaged weights" << std::endl;
  examples::TrainingRun run = {.command = options.command,
                               .data = options.data,
                               .seconds = timer.seconds(),
                               .first_step = first_step,
                               .steps = trainer.steps_done(),
                               .steps_per_epoch = batches.batches_per_epoch(),
                               .images = batches.count(),
                               .batch = recipe.batch,
                               .seed = options.seed,
                               .parameters = policy.model().parameters().size(),
                               .averaged = averages,
                               .distance = recipe.objective.distance,
                               .test = std::move(data.test),
                               .recipe = json,
                               .samples = samples.rows()};
  [[maybe_unused]] auto const weights = averaged(trainer);
  ign::io::write_model(exec, out / "model.safetensors", policy.model(), policy.options().source, json);
  write_results(exec, out, f, batches, run);
  return 0;
}

}  // namespace

int main(int argc, char* argv[]) {
  Options o;
  auto line = examples::train_command_line(o);
  return examples::run(line, argc, argv, [&] {
    examples::check(o);
    o.command = examples::command_line(argc, argv);
    examples::Exec const exec;
    auto data = examples::load(o.data, examples::picture_shape(o.net), o.skip_unreadable);
    int code = 0;
    examples::with_net(o.net, static_cast<int>(data.train.channels), [&](auto const& net, ign::Shape image) {
      examples::with_recipe(o.recipe, net, image, [&](auto const& recipe) {
        std::string const published = recipe.spectral ? ign::name(*recipe.spectral) : ign::Gaussian::name;
        auto const noisy = ign::with_source(recipe, examples::Noise(o.source.value_or(published), exec, image));
        if (double const decay = o.ema.value_or(noisy.average); decay > 0)
          code = train(exec, o, data, noisy, ign::Ema{noisy.optimizer, decay});
        else
          code = train(exec, o, data, noisy, noisy.optimizer);
      });
    });
    return code;
  });
}
