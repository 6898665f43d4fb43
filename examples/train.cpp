// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Trains an Idempotent Generative Network on images and writes its model, a report, pictures, curves, a log and a checkpoint.
// Test: --data rectangles --out example_train --steps 12 --batch 16 --report-every 4
// Test: --data rectangles --out example_wide --net mnist-wide --recipe mnist-wide --steps 6 --batch 16 --replay

#include "common.hpp"
#include "train_options.hpp"
#include "train_report.hpp"

#include <ign/io/curves.hpp>
#include <ign/io/log.hpp>

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

namespace {

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

// Pictures of z, f(z), f(f(z)), f³(z), and of x and f(x), all in evaluation mode.
template <class Policy>
void write_pictures(examples::Exec const& exec, Policy& policy, ign::Batches<examples::Exec> const& batches,
                    std::filesystem::path const& out) {
  int const count = static_cast<int>(std::min<std::size_t>(20, batches.count()));
  std::vector<ign::Tensor<float, examples::Exec>> owned;
  auto const row = [&] {
    owned.push_back(ign::make_tensor<float>(exec, "ign::train::row", count, policy.image_shape()));
    return examples::Window(owned.back());
  };
  std::vector<examples::Window> samples;
  for (int k = 0; k <= 3; ++k) {
    samples.push_back(row());
    policy.generate(exec, ign::Key{policy.seed(), ign::Stream::user}, k, samples.back());
  }
  std::vector<examples::Window> data = {row(), row()};
  batches.gather_range(exec, 0, data[0]);
  policy.project(exec, data[0], 1, data[1]);
  exec.fence("train: pictures");
  examples::write_rows(out / "samples.png", samples);
  examples::write_rows(out / "data.png", data);
}

template <class Recipe, class Optimizer>
void train(examples::Exec const& exec, Options const& options, ign::data::ImageSet const& images, Recipe recipe,
           Optimizer const& optimizer) {
  namespace fs = std::filesystem;
  if (options.batch > 0) recipe.batch = options.batch;
  if (options.learning_rate > 0) recipe.learning_rate = options.learning_rate;
  if (options.final_learning_rate >= 0) recipe.final_learning_rate = options.final_learning_rate;
  if (options.tightness >= 0) recipe.objective.tightness = ign::Schedule::constant(options.tightness);
  if (options.bf16) recipe.objective.precision = ign::Precision::bf16;
  if (!options.smoothing.empty()) recipe.objective.smoothing.kind = ign::smoothing_kind(options.smoothing);
  if (options.equilibrium >= 0) recipe.objective.equilibrium.ratio = options.equilibrium;
  if (options.reach > 0) recipe.objective.smoothing.a = options.reach;
  if (options.final_tightness >= 0) recipe.final_tightness = options.final_tightness;
  ign::Batches<examples::Exec> const batches(exec, images.pixels, images.count, image_shape(images),
                                             {recipe.batch, options.seed, recipe.image});
  if constexpr (requires { gather_statistics(exec, recipe.objective.source, batches); })
    gather_statistics(exec, recipe.objective.source, batches);

  // A resumed run has the length of the one it goes on with.
  std::optional<ign::io::SafeTensors> file;
  if (!options.resume.empty()) file.emplace(ign::io::read_safetensors(options.resume));
  std::uint64_t steps = options.steps;
  if (file) steps = ign::io::recipe_field<std::uint64_t>(*file, ign::io::read_recipe(*file), "steps");
  if (steps == 0 && options.epochs > 0)
    steps = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(options.epochs * static_cast<double>(batches.batches_per_epoch())));
  if (steps == 0) steps = steps_within(exec, recipe, batches, options.seconds > 0 ? options.seconds : 300);

  recipe.objective = recipe.objective_of(steps);
  fs::path const out = options.out;
  std::error_code failed;
  fs::create_directories(out, failed);
  ign::require(!failed, ign::Fault::file, 100, out.string(), ": cannot make this folder: ", failed.message());

  ign::Idempotent policy(exec, recipe.net, recipe.image, recipe.objective, options.seed);
  ign::TrainerOptions const run = {steps, std::min(options.report_every, steps), recipe.schedule(steps), options.replay};
  ign::Trainer trainer(exec, policy, optimizer, batches, run);
  auto json = ign::io::recipe_json(recipe, options.net, options.seed, run, optimizer);
  json["data"] = examples::description(images);
  if (file) ign::io::resume(*file, trainer, json);
  if (!options.from.empty()) ign::io::read_model(ign::io::read_safetensors(options.from), policy.model());
  auto log = file ? ign::io::Log::resume(out / "log.jsonl", trainer.steps_done()) : ign::io::Log::create(out / "log.jsonl");
  std::cout << "training " << options.net << " (" << policy.model().parameters().size() << " parameters) by recipe " << recipe.name
            << " on " << images.count << " images, " << steps << " steps of " << recipe.batch << ", on " << examples::Exec::name()
            << std::endl;

  std::uint64_t const first_step = trainer.steps_done();
  Kokkos::Timer timer;
  ign::Progress progress(std::cout, isatty(STDOUT_FILENO) != 0);
  ign::io::LogReports reports(log);
  ign::CollapseGuard<float, examples::Exec> guard;
  ign::io::Checkpoints checkpoints(out / "checkpoint.safetensors", options.checkpoint_every, json, [&] { return guard.healthy(); });
  ign::StopAfter stop(options.seconds > 0 ? options.seconds : std::numeric_limits<double>::infinity());
  examples::SampleRows samples(exec, policy, steps);
  if (options.guard)
    trainer.train(progress, reports, guard, checkpoints, samples, stop);  // the guard before the checkpoints, which ask it
  else
    trainer.train(progress, reports, checkpoints, samples, stop);
  if (guard.collapsed()) std::cout << '\n' << guard.why() << '\n';
  double const seconds = timer.seconds();

  [[maybe_unused]] auto const result = averaged(trainer);
  ign::io::write_model(exec, out / "model.safetensors", policy.model(), recipe.objective.source, json);
  write_pictures(exec, policy, batches, out);
  auto const test = examples::load_test(options.data, recipe.image);
  auto const evaluation = examples::evaluate(exec, policy, test.images, recipe.objective.distance, options.seed);
  auto const lines = ign::io::read_log(out / "log.jsonl");
  if (auto const curves = examples::loss_curves(lines); !curves.empty())
    ign::io::write_curves(out / "curves.svg", curves, {.title = "Training losses (mean per pixel)"});
  examples::write_report(out / "report.html", trainer,
                         {.command = options.command,
                          .data = options.data,
                          .seconds = seconds,
                          .first_step = first_step,
                          .evaluation = evaluation,
                          .test = test,
                          .recipe = json,
                          .log = lines,
                          .samples = samples.rows()});
  std::cout << "\n"
            << trainer.steps_done() << " steps, "
            << static_cast<double>(trainer.steps_done()) / static_cast<double>(batches.batches_per_epoch()) << " epochs in " << seconds
            << " s\n";
  if (!lines.empty())
    std::cout << "last losses: reconstruction " << lines.back()["rec"] << ", idempotence " << lines.back()["idem"] << '\n';
  std::cout << "evaluation mode, " << test.name() << ": reconstruction " << evaluation.reconstruction << ", idempotence "
            << evaluation.idempotence << '\n';
  std::cout << "  " << (out / "samples.png").string() << "  rows: z, f(z), f(f(z)), f(f(f(z)))\n  " << (out / "data.png").string()
            << "  rows: x, f(x)\n  " << (out / "curves.svg").string() << "  losses by step\n  " << (out / "log.jsonl").string()
            << "  one JSON object per report\n  " << (out / "model.safetensors").string() << "  for `generate` and the others\n  "
            << (out / "checkpoint.safetensors").string() << "  to resume\n  " << (out / "report.html").string()
            << "  all of it on one page, for a browser\n";
}

}  // namespace

int main(int argc, char* argv[]) {
  return examples::run(argc, argv, [&] {
    auto const options = examples::train_options(argc, argv, std::cout);
    if (!options) return 0;
    Options const& o = *options;
    examples::Exec const exec;
    auto const images = examples::load(o.data, examples::picture_shape(o.net));
    examples::with_net(o.net, static_cast<int>(images.channels), [&](auto const& net, ign::Shape image) {
      examples::with_recipe(o.recipe, net, image, [&](auto const& recipe) {
        std::string const published = recipe.spectral ? ign::name(*recipe.spectral) : "gaussian";
        examples::with_source(o.source.empty() ? published : o.source, exec, image, [&](auto const& source) {
          auto const noisy = ign::with_source(recipe, source);
          if (double const decay = o.ema >= 0 ? o.ema : noisy.average; decay > 0)
            train(exec, o, images, noisy, ign::Ema{noisy.optimizer, decay});
          else
            train(exec, o, images, noisy, noisy.optimizer);
        });
      });
    });
    return 0;
  });
}
