// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Trains an Idempotent Generative Network on images and writes its model, a report, pictures, curves, a log and a checkpoint.
// Test: --data rectangles --out example_train --overwrite --steps 12 --batch 16 --report-every 4
// Test: --data rectangles --out example_distilled --overwrite --steps 8 --batch 16 --distillation 0.5 --without noise,box
// Test: --data rectangles --out example_widened --overwrite --recipe mnist-widened --wide-net mnist-wide --steps 8 --batch 16
// Test: --data rectangles --out example_wide --overwrite --net mnist-wide --recipe mnist-wide --steps 6 --batch 16 --graph

#include "support/images.hpp"
#include "support/interrupts.hpp"
#include "support/noise.hpp"
#include "support/perceptual.hpp"
#include "support/program.hpp"
#include "support/ranks/ranks.hpp"
#include "support/recipes.hpp"
#include "support/run_plan.hpp"
#include "support/train_options.hpp"
#include "support/train_report.hpp"

#include <ign/io/checkpoint.hpp>
#include <ign/io/log.hpp>
#include <ign/train/averaged_weights.hpp>
#include <ign/train/collapse_guard.hpp>
#include <ign/train/progress.hpp>
#include <ign/train/run.hpp>
#include <ign/train/stop_after.hpp>

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <functional>
#include <iostream>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

namespace fs = std::filesystem;
using Options = examples::TrainOptions;
using Json = nlohmann::ordered_json;

// Pictures of z, f(z), f(f(z)), f³(z), and of x and f(x), in evaluation mode.
void write_pictures(examples::Exec const& exec, examples::AnyProjector& f, std::uint64_t seed, ign::Batches<examples::Exec> const& batches,
                    fs::path const& out) {
  int const count = static_cast<int>(std::min<std::size_t>(20, batches.count()));
  std::vector<ign::Tensor<float, examples::Exec>> owned;
  auto const row = [&] {
    owned.push_back(ign::make_tensor<float>(exec, "ign::train::row", count, f.image_shape()));
    return examples::Ref(owned.back());
  };
  std::vector<examples::Ref> samples;
  for (int k = 0; k <= 3; ++k) {
    samples.push_back(row());
    f.generate(exec, ign::Key{seed, ign::RandomStream::user}, k, samples.back());
  }
  std::vector<examples::Ref> data = {row(), row()};
  batches.gather_range(exec, 0, data[0]);
  f.project(exec, data[0], 1, data[1]);
  exec.fence("train: pictures");
  examples::write_rows(out / "samples.png", samples);
  examples::write_rows(out / "data.png", data);
}

// A checkpoint to resume from, and the planned length of its run.
struct Past {
  ign::io::SafeTensorsFile file;
  Json recipe;
  std::uint64_t steps, done, report_every;

  explicit Past(std::string const& path) : file(ign::io::read_safetensors(path)), recipe(ign::io::read_recipe(file)) {
    steps = ign::io::recipe_field<std::uint64_t>(file, recipe, "steps");
    report_every = ign::io::recipe_field<std::uint64_t>(file, recipe, "report_every");
    done = ign::io::steps_done(file);
  }
};

// Takes the net of the second phase of a resumed run from its checkpoint.
void take_wide_net(Options& options) {
  if (options.resume.empty() || options.distillation == 0.0) return;
  auto const file = ign::io::read_safetensors(options.resume);
  auto const recipe = ign::io::read_recipe(file);
  auto const phase = recipe.value("distillation", Json());
  std::string const found = phase.is_object() && phase.contains("net") && phase["net"].is_string() ? phase["net"].get<std::string>() : "";
  ign::require(options.wide_net.empty() || options.wide_net == found, ign::Fault::format, 62, options.resume, ": its run has ",
               found.empty() ? "no --wide-net" : "--wide-net " + found, ", this one --wide-net ", options.wide_net,
               ", expected the same or none: the option is taken from the checkpoint");
  options.wide_net = found;
}

// Files of a run.
std::vector<std::string> const files = {
    "checkpoint.safetensors", "log.jsonl", "model.safetensors", "report.html", "samples.png", "data.png", "curves.svg"};

// Rejects a folder that holds a run, unless the run is resumed or replaced.
void check_folder(fs::path const& out, Options const& options) {
  auto const checkpoint = out / files[0];
  std::error_code unreadable;
  // The log says whose run it is; results without one are those of another program.
  bool const may_continue = !options.resume.empty() &&
                            (equivalent(out, fs::path(options.resume).parent_path(), unreadable) || exists(out / "log.jsonl", unreadable));
  examples::require_new_run(out, files, options.overwrite || may_continue,
                            exists(checkpoint, unreadable) ? ", or --resume " + checkpoint.string() + " to continue it" : std::string());
}

// Warns where the log lacks reports of steps that the checkpoint has completed.
void warn_of_gap(fs::path const& path, Past const& past) {
  std::error_code unreadable;
  std::uint64_t last = 0;
  if (exists(path, unreadable))
    for (auto const& line : ign::io::read_log(path))
      if (line.contains("step") && line["step"] <= past.done) last = line["step"];
  if (last + past.report_every <= past.done)
    std::cout << path.string() << ": has no reports of steps " << last + 1 << " to " << past.done
              << ", which the checkpoint has completed\n";
}

// The recipe with the changes of the command line.
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
  if (options.bound) objective.smoothing.a = *options.bound;
  if (options.equilibrium) objective.equilibrium.ratio = *options.equilibrium;
  if (options.gain) objective.equilibrium.gain = *options.gain;
  if (options.distillation && *options.distillation == 0) recipe.distillation.reset();
  if (options.distillation && *options.distillation > 0) {
    if (!recipe.distillation) recipe.distillation.emplace();
    recipe.distillation->share = *options.distillation;
  }
  bool const second_phase_options = options.distillation_rate || !options.distillation_weights.empty() || !options.without.empty();
  ign::require(
      recipe.distillation || !second_phase_options, ign::Fault::option, 567, "recipe ", recipe.name,
      " has no second phase, of which --distillation-lr, --distillation-weights or --without is given: expected --distillation, too, "
      "or none of them");
  if (recipe.distillation) {
    auto& phase = *recipe.distillation;
    phase.learning_rate = options.distillation_rate.value_or(phase.learning_rate);
    if (auto const& weights = options.distillation_weights; !weights.empty()) {
      phase.reconstruction = weights[0];
      phase.generation = weights[1];
      phase.idempotence = weights[2];
    }
  }
  if (!options.wide_net.empty()) recipe.wide_net = examples::wide_net<decltype(recipe.net)>(options.wide_net, recipe.image.channels);
  if (recipe.distillation) examples::leave_out(options.without, recipe.distillation->corruption);
  return recipe;
}

// Pictures, curves and report of a run whose training is over, and a summary on the output.
void write_files(examples::Exec const& exec, fs::path const& out, examples::AnyProjector& f, ign::Batches<examples::Exec> const& batches,
                 examples::TrainingRun& run) {
  write_pictures(exec, f, run.seed, batches, out);
  run.evaluation = examples::evaluate(exec, f, run.test.images, run.distance, run.seed);
  auto const [reconstruction, idempotence] = run.evaluation;
  ign::require(std::isfinite(reconstruction) && std::isfinite(idempotence), ign::Fault::numeric, 92,
               "the trained net has a reconstruction of ", reconstruction, " and an idempotence of ", idempotence, " on ", run.test.name,
               ", expected finite numbers: the last steps diverged");
  run.log = ign::io::read_log(out / "log.jsonl");
  if (auto const curves = examples::loss_curves(run.log); !curves.empty())
    examples::write_curves(out / "curves.svg", curves, {.title = "Training losses (mean per element)"});
  examples::write_report(out / "report.html", exec, f, run);
  std::cout << "\n"
            << run.steps << " steps, " << static_cast<double>(run.steps) / static_cast<double>(run.steps_per_epoch) << " epochs in "
            << run.seconds << " s\n";
  if (!run.log.empty() && run.log.back().contains("rec"))
    std::cout << "last losses: reconstruction " << run.log.back()["rec"] << ", idempotence " << run.log.back()["idem"] << '\n';
  std::cout << "evaluation mode, " << run.test.images.count << ' ' << run.test.name << ": reconstruction " << run.evaluation.reconstruction
            << ", idempotence " << run.evaluation.idempotence << '\n';
  if (auto const& sliced = run.sliced; !sliced.names.empty())
    std::cout << "sliced Wasserstein distance of " << sliced.count << " samples to " << run.test.name << ": " << sliced.samples.front()
              << " (training images: " << sliced.reference.front() << ")\n";
  std::cout << "  " << (out / "samples.png").string() << "  rows: z, f(z), f(f(z)), f(f(f(z)))\n  " << (out / "data.png").string()
            << "  rows: x, f(x)\n  " << (out / "curves.svg").string() << "  losses by step\n  " << (out / "log.jsonl").string()
            << "  one JSON object per report\n  " << (out / "model.safetensors").string() << "  for `generate` and the other programs\n  "
            << (out / "checkpoint.safetensors").string() << "  to resume from\n  " << (out / "report.html").string()
            << "  everything on one page, for a browser\n";
}

// Parts of a run beside net, objective and optimizer, whose types are known at compile time only.
class Run {
 public:
  Run(examples::World const& world, examples::Exec const& exec, Options const& options, examples::DataSet& data, int batch,
      ign::Shape image)
      : m_world(world),
        m_ranks(world.ranks(options.norm_per_rank ? ign::BatchNormStatistics::per_rank : ign::BatchNormStatistics::over_ranks,
                            options.device_memory())),
        m_exec(exec),
        m_options(options),
        m_data(data),
        m_out(options.folder()),
        m_batches(exec, data.train, {share_of(batch, world.size()), options.seed, image, m_ranks.shard(), options.flip}) {
    if (world.is_root()) check_folder(m_out, options);
    if (!options.resume.empty()) m_past.emplace(options.resume);
    if (!options.from.empty()) examples::require_image_net(m_from.emplace(ign::io::read_safetensors(options.from)));
    if (world.is_root()) examples::prepare_folder(m_out, files, true);
    if (m_past) warn_of_gap(m_out / "log.jsonl", *m_past);
  }

  examples::World const& world() const { return m_world; }
  ign::Ranks const& ranks() const { return m_ranks; }
  ign::Batches<examples::Exec> const& batches() const { return m_batches; }
  std::optional<Past> const& past() const { return m_past; }
  std::optional<ign::io::SafeTensorsFile> const& from() const { return m_from; }
  std::uint64_t steps() const { return m_steps; }
  Json const& json() const { return m_json; }
  fs::path file(char const* name) const { return m_out / name; }

  // Length of the run. A resumed run keeps its length unless it is lengthened; `measured` gives the steps that fit into a time.
  void set_length(std::function<std::uint64_t(double)> const& measured) {
    m_steps = m_past ? m_past->steps : 0;
    if (m_options.steps) m_steps = *m_options.steps;
    if (m_options.epochs)
      m_steps =
          std::max<std::uint64_t>(1, static_cast<std::uint64_t>(*m_options.epochs * static_cast<double>(m_batches.batches_per_epoch())));
    if (m_steps == 0)
      m_steps = static_cast<std::uint64_t>(m_world.of_first(static_cast<long long>(measured(m_options.seconds.value_or(300)))));
    ign::require(!m_past || m_steps >= m_past->done, ign::Fault::option, 445, m_options.resume, ": has completed ",
                 m_past ? m_past->done : 0, " steps, expected at most the ", m_steps, " of this run");
  }

  // The trainer's options for a phase that ends at step `length`.
  ign::TrainerOptions trainer_options(std::uint64_t length, ign::Schedule const& learning_rate, std::uint64_t first_step = 0) const {
    auto const every = m_options.report_every.value_or(m_past ? m_past->report_every : 50);
    return {length, m_past ? every : std::min(every, m_steps), learning_rate,
            m_options.use_graph ? std::optional<bool>(true) : std::nullopt, first_step};
  }

  // Adds the description of the data, a hash of all pixels, and whether they are flipped; runs without flips have no such field.
  Json with_data(Json json) const {
    json["data"] = m_data_json;
    if (m_options.flip) json["flip"] = true;
    return json;
  }

  // Takes the recipe of this run, and completes it with the properties of earlier ones.
  void set_json(Json json) {
    m_json = std::move(json);
    if (m_past) {
      for (char const* field : {"from", "run", "lengthened"})
        if (m_past->recipe.contains(field)) m_json[field] = m_past->recipe[field];
      if (m_steps != m_past->steps) m_json["lengthened"].push_back({{"at", m_past->done}, {"from", m_past->steps}, {"to", m_steps}});
    } else if (m_from) {
      m_json["from"] = ign::io::sha256(ign::io::read_file(m_options.from));
    }
    if (!m_json.contains("run")) m_json["run"] = ign::io::run_name(m_json);
  }

  // Checks before the first step that all ranks have the same recipe and data, and trainers in the same state.
  template <class Trainer>
  void require_agreement(Trainer const& trainer) const {
    if (m_world.is_distributed()) m_world.require_agreement(examples::properties_of(m_json, trainer));
  }

  // Checks after the last step that all ranks have trained the same net, with its optimizer state.
  template <class Trainer>
  void require_agreement_at_end(Trainer const& trainer) const {
    if (!m_world.is_distributed()) return;
    m_world.require_agreement_at_end(ign::run_properties_of(trainer));
    std::cout << "all " << m_world.size() << " ranks have bitwise identical weights, statistics and optimizer states" << std::endl;
  }

  ign::io::Log log() const {
    std::string const name = m_json["run"];
    return m_past ? ign::io::Log::resume(file("log.jsonl"), m_past->done, name) : ign::io::Log::create(file("log.jsonl"), name);
  }

  void print_begin(std::string const& recipe, std::size_t parameters, std::uint64_t first_steps) const {
    if (m_past && m_past->done == m_steps)
      std::cout << "all " << m_steps << " steps of this run are done; a larger --steps or --epochs continues it\n";
    if (m_past && m_past->steps != m_steps)
      std::cout << "lengthened from " << m_past->steps << " to " << m_steps << " steps: from step " << m_past->done
                << " on, the learning rate and the weights of the losses are those of a run of " << m_steps << " steps\n";
    std::cout << "training " << m_options.net << " (" << parameters << " parameters) by recipe " << recipe << " on " << m_data.train.count
              << " images, " << m_steps << " steps of " << samples_per_step();
    if (first_steps < m_steps) std::cout << " (the last " << m_steps - first_steps << " are distillation)";
    std::cout << ", on " << examples::Exec::name();
    if (m_world.is_distributed())
      std::cout << " of " << m_world.size() << " ranks with " << m_batches.options().batch << " samples each, BatchNorm "
                << (m_ranks.syncs_batch_norm() ? "over ranks" : "per rank");
    std::cout << std::endl;
    if (m_options.bf16 && !ign::math::uses_bf16_v<examples::Exec>)
      std::cout << "--bf16 has no effect: this processor, or the -march this program was compiled with, has no fast instruction for "
                   "products of bfloat16 (AVX512_BF16, except Intel's), and without one they are slower than those of float"
                << std::endl;
    if (m_data.test.name != "test images")
      std::cout << "there are no test images: evaluation is on " << m_data.test.images.count << ' ' << m_data.test.name << std::endl;
  }

  void print_interrupted(std::uint64_t done) const {
    std::cout << "\ninterrupted after step " << done << " of " << m_steps << "; the same options with --resume "
              << file("checkpoint.safetensors").string() << " (and without --from and --overwrite) continue it" << std::endl;
  }

  // Evaluation, pictures, curves and report.
  void write_results(examples::AnyProjector& f, examples::TrainingRun run, Json const& recipe) {
    run.command = m_options.command;
    run.data = m_options.data;
    run.steps_per_epoch = m_batches.batches_per_epoch();
    run.images = m_batches.count();
    run.batch = samples_per_step();
    run.seed = m_options.seed;
    if (m_data.pictures && m_data.test.held_out) run.sliced = examples::sliced_figures(m_exec, f, m_data, run.seed);
    run.test = std::move(m_data.test);
    run.recipe = recipe;
    write_files(m_exec, m_out, f, m_batches, run);
  }

 private:
  static int share_of(int batch, int ranks) {
    ign::require(batch % ranks == 0, ign::Fault::option, 496, "a batch of ", batch, " samples on ", ranks,
                 " ranks, expected a multiple of the number of ranks: pass another --batch, or start another number of ranks");
    return batch / ranks;
  }
  int samples_per_step() const { return m_batches.options().batch * m_world.size(); }

  examples::World m_world;
  ign::Ranks m_ranks;
  examples::Exec m_exec;
  Options const& m_options;
  examples::DataSet& m_data;
  fs::path m_out;
  ign::Batches<examples::Exec> m_batches;
  std::optional<Past> m_past;
  std::optional<ign::io::SafeTensorsFile> m_from;
  std::uint64_t m_steps = 0;
  Json m_json, m_data_json = examples::description(m_data.train);
};

// A CollapseGuard that may be switched off, and watches phases with a tightness only. Callback.
struct OptionalGuard {
  ign::CollapseGuard<float, examples::Exec> guard{};
  bool on = false;

  template <class Trainer>
  void on_report(Trainer& trainer, ign::Report const& report) {
    if constexpr (requires { trainer.policy().options().tightness; })
      if (on) guard.on_report(trainer, report);
  }
  template <class Trainer>
  bool on_step(Trainer const& trainer) const {
    return !on || guard.on_step(trainer);
  }
};

// Records of a run: log, checkpoints, progress and samples. On rank 0 only.
struct Records {
  ign::io::Log log;
  ign::Progress progress{std::cout, isatty(STDOUT_FILENO) != 0};
  ign::io::LogReports reports{log};
  ign::io::Checkpoints checkpoints;
  examples::SampleRows samples;

  Records(examples::Exec const& exec, Run const& run, Options const& options, ign::Shape image, std::function<bool()> const& healthy)
      : log(run.log()),
        checkpoints(run.file("checkpoint.safetensors"), options.checkpoint_every, run.json(), healthy),
        samples(exec, image, options.seed, run.steps()) {}
  Records(Records const&) = delete;  // the reports refer to the log
  Records& operator=(Records const&) = delete;
};

// Callbacks of all phases of a run: records and the means to stop.
struct Callbacks {
  examples::World world;
  OptionalGuard guard;
  std::optional<Records> records;
  ign::StopAfter stop;
  int interrupted = 0;  // by this signal, on any rank

  Callbacks(examples::Exec const& exec, Run const& run, Options const& options, ign::Shape image)
      : world(run.world()), guard{.on = options.guard}, stop(options.seconds.value_or(std::numeric_limits<double>::max())) {
    if (world.is_root()) records.emplace(exec, run, options, image, [this] { return guard.guard.healthy(); });
  }

  // Trains to the end of a phase, and returns true if it is complete.
  template <class Trainer>
  bool train(Trainer& trainer) {
    examples::ProjectorOf f(trainer.policy());
    examples::Interrupts interrupts;
    if (records) {
      auto& [log, progress, reports, checkpoints, samples] = *records;
      samples.sample_from(f);
      // The guard comes before the checkpoints, which depend on it.
      trainer.train(progress, reports, guard, checkpoints, samples, stop, interrupts);
      samples.release_net();
    } else {
      trainer.train(guard, stop, interrupts);
    }
    interrupted = static_cast<int>(world.largest(interrupts.signal()));
    if (guard.guard.collapsed()) std::cout << '\n' << guard.guard.why() << '\n';
    bool const complete = interrupted == 0 && !guard.guard.collapsed() && trainer.steps_done() == trainer.options().steps;
    return world.largest(complete ? 0 : 1) == 0;
  }
};

// Writes model and report of a run that has ended in this phase.
template <class Trainer>
void finish(Run& run, Trainer& trainer, Callbacks const& callbacks, examples::AnyDistance const& distance, double seconds,
            std::uint64_t first_step) {
  auto& policy = trainer.policy();
  constexpr bool averages = ign::is_ema_v<std::remove_cvref_t<decltype(trainer.optimizer())>>;
  if (averages) std::cout << "measuring the running statistics of the averaged weights" << std::endl;
  [[maybe_unused]] auto const weights = ign::averaged_weights(trainer);  // all ranks
  run.require_agreement_at_end(trainer);  // averages are the weights now, and the weights a part of the state
  if (!run.world().is_root()) return;
  bool const distilled = ign::policy::name_of<std::remove_cvref_t<decltype(policy)>>() == std::string_view("distillation");
  Json const json = distilled ? ign::io::second_phase_json(run.json()) : run.json();
  ign::io::write_model(trainer.exec(), run.file("model.safetensors"), policy.model(), policy.options().source, json,
                       ign::io::roles_of(policy));
  examples::ProjectorOf f(policy);
  run.write_results(f,
                    {.seconds = seconds,
                     .first_step = first_step,
                     .steps = trainer.steps_done(),
                     .parameters = policy.model().parameters().size(),
                     .averaged = averages,
                     .distance = distance,
                     .samples = callbacks.records->samples.rows()},
                    json);
}

// Properties that ranks must share before they measure and train together. The recipe, compared later, has the rest.
ign::RunProperties properties_of_length(Options const& options) {
  auto properties = ign::version_properties();
  auto const add = [&](char const* name, auto const& value) { properties.emplace_back(name, value ? std::to_string(*value) : "none"); };
  add("--steps", options.steps);
  add("--epochs", options.epochs);
  add("--seconds", options.seconds);
  add("--batch", options.batch);
  add("--distillation", options.distillation);
  properties.insert(properties.end(), {{"--net", options.net},
                                       {"--wide-net", options.wide_net},
                                       {"--recipe", options.recipe},
                                       {"--perceptual", options.perceptual.empty() ? "none" : "a feature net"},
                                       {"--resume", options.resume.empty() ? "none" : "a checkpoint"}});
  return properties;
}

// Returns the exit code.
template <class Recipe, class Optimizer>
int train(examples::World const& world, examples::Exec const& exec, Options const& options, examples::DataSet& data, Recipe const& named,
          Optimizer const& optimizer) {
  world.require_agreement(properties_of_length(options));
  auto recipe = changed(named, options);
  ign::validate_wide_net(recipe);
  auto const perceptual = examples::perceptual_distance(exec, options, recipe);
  // Calls use(objective) with the objective of the second phase.
  auto const with_second_objective = [&](auto const& use) {
    auto const objective = ign::detail::second_objective(recipe);
    return perceptual ? use(ign::with_distance(objective, *perceptual)) : use(objective);
  };
  Run run(world, exec, options, data, recipe.batch, recipe.image);
  auto const& past = run.past();
  bool const resumes_distillation = past && ign::io::policy_name(past->file) == "distillation";
  if (resumes_distillation) {  // a lengthened run distills longer
    ign::require(recipe.distillation.has_value(), ign::Fault::format, 62, past->file.path().string(),
                 ": is in its second phase, this run has --distillation 0, expected the options that the run began with");
    auto const phase = past->recipe.value("distillation", Json::object());
    recipe.distillation->first_step = past->steps - std::min(past->steps, ign::io::recipe_field<std::uint64_t>(past->file, phase, "steps"));
  }
  gather_statistics(exec, recipe.objective.source, run.batches());
  run.set_length([&](double seconds) {
    return with_second_objective([&](auto const& objective) {
      return examples::steps_within(exec, recipe, optimizer, run.batches(), run.ranks(), seconds, objective);
    });
  });
  std::uint64_t const steps = run.steps();
  ign::require(!past || resumes_distillation || past->done <= recipe.first_phase_steps(steps), ign::Fault::option, 445, options.resume,
               ": has completed ", past ? past->done : 0, " steps of the first phase, of which a run of ", steps, " steps has ",
               recipe.first_phase_steps(steps), ", expected a longer run");
  auto const json_of = [&](std::uint64_t length) {
    auto whole = recipe;
    auto const first_steps = recipe.first_phase_steps(length);
    whole.objective = recipe.first_phase_objective(first_steps);
    auto const trainer_options = run.trainer_options(length, recipe.first_phase_schedule(first_steps));
    auto json = ign::io::recipe_json(whole, options.net, options.seed, trainer_options, optimizer);
    if (perceptual) json["distillation_distance"] = ign::io::distance_json(*perceptual);
    return run.with_data(std::move(json));
  };
  Json const json = json_of(steps), past_json = past ? json_of(past->steps) : Json();
  run.set_json(json);

  std::uint64_t const first_steps = recipe.first_phase_steps(steps);
  recipe.objective = recipe.first_phase_objective(first_steps);
  using FirstPolicy = decltype(ign::Idempotent(exec, recipe.net, recipe.image, recipe.objective));
  using FirstTrainer = ign::Trainer<FirstPolicy, Optimizer, ign::Batches<examples::Exec>>;
  auto policy = std::make_unique<FirstPolicy>(exec, recipe.net, recipe.image, recipe.objective, options.seed);
  policy->set_ranks(run.ranks());
  std::uint64_t const first_step = past ? past->done : 0;
  bool const distills = recipe.distillation.has_value();
  auto trainer = std::make_unique<FirstTrainer>(exec, *policy, optimizer, run.batches(),
                                                run.trainer_options(first_steps, recipe.first_phase_schedule(first_steps)));
  if (past && !resumes_distillation)
    ign::io::resume(past->file, *trainer, past_json);
  else if (run.from())
    ign::io::read_model(*run.from(), policy->model());
  run.require_agreement(*trainer);
  Callbacks callbacks(exec, run, options, recipe.image);
  run.print_begin(recipe.name, policy->model().parameters().size(), first_steps);

  Kokkos::Timer const timer;
  auto const end_with = [&](auto& last) {
    if (callbacks.interrupted == 0)
      finish(run, last, callbacks, recipe.objective.distance, timer.seconds(), first_step);
    else
      run.print_interrupted(last.steps_done());
  };
  bool const distill_now = resumes_distillation || (callbacks.train(*trainer) && distills);
  auto const distill = [&](auto const& objective) {
    if (auto const count = examples::statistics_batches(recipe, optimizer).total(); count > 0 && !resumes_distillation)
      std::cout << "between the phases: measuring running statistics over " << count << " batches" << std::endl;
    auto distillation = resumes_distillation ? ign::Distillation(exec, recipe.second_net(), recipe.image, objective, options.seed)
                                             : ign::second_phase(*trainer, recipe, objective, options.seed);
    distillation.set_ranks(run.ranks());
    trainer.reset();  // frees the memory of the first phase
    policy.reset();
    ign::Trainer second(exec, distillation, recipe.distillation->optimizer, run.batches(),
                        run.trainer_options(steps, recipe.distillation_schedule(steps), first_steps));
    if (resumes_distillation) ign::io::resume(past->file, second, past_json);
    run.require_agreement(second);
    std::cout << "second phase: f";
    if (recipe.wide_net)
      std::cout << ", widened to " << recipe.wide_net->name << " (" << distillation.model().parameters().size() << " parameters),";
    std::cout << " learns to leave its samples and data unchanged, and to undo corruptions" << std::endl;
    callbacks.train(second);
    end_with(second);
  };
  if (distill_now)
    with_second_objective(distill);
  else
    end_with(*trainer);
  return callbacks.interrupted != 0 ? 128 + callbacks.interrupted : 0;
}

}  // namespace

int main(int argc, char* argv[]) {
  Options o;
  auto line = examples::train_command_line(o);
  return examples::run_on_ranks(line, argc, argv, [&](examples::World const& world) {
    examples::check(o);
    o.command = examples::command_line(argc, argv);
    examples::Exec const exec;
    auto data = examples::load(o.data, examples::picture_shape(o.net), o.skip_unreadable);
    take_wide_net(o);
    int code = 0;
    examples::with_net(o.net, static_cast<int>(data.train.channels), [&](auto const& net, ign::Shape image) {
      examples::with_recipe(o.recipe, net, image, [&](auto const& recipe) {
        std::string const published = recipe.spectral ? ign::name(*recipe.spectral) : ign::Gaussian::name;
        auto noisy = ign::with_source(recipe, examples::Noise(o.source.value_or(published), exec, image));
        if (o.ema || o.ema_exponent) {
          noisy.ema_decay = o.ema.value_or(0);
          noisy.ema_exponent = o.ema_exponent.value_or(0);
        }
        code =
            ign::detail::with_first_optimizer(noisy, [&](auto const& optimizer) { return train(world, exec, o, data, noisy, optimizer); });
      });
    });
    return code;
  });
}
