// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Checkpoints: the complete state of a run in one safetensors file, which PyTorch can read. A resumed run is bitwise identical to an
/// uninterrupted one.
///
/// Tensors: "<layer>.<array>" parameters and running statistics, in PyTorch's layouts; "optimizer.<slot>.<layer>.<array>";
/// "source.<array>" statistics of the noise; "training.loss_sums". Names of a policy with several models, and of models that are not
/// trained ("teacher."), have "<model>." before "<layer>".
/// Metadata: format, library version, step, summed_steps (number of steps in "training.loss_sums"), policy, recipe (JSON), and "net", or
/// "<model>.net" for each of several models: the description of the net (JSON; see net_json); "generated_role" where f is not trained on
/// its own output in a role of its own (see ModelRoles).
#ifndef IGN_IO_CHECKPOINT_HPP
#define IGN_IO_CHECKPOINT_HPP

#include <algorithm>
#include <array>
#include <concepts>
#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "ign/core/error.hpp"
#include "ign/core/finite.hpp"
#include "ign/io/distance_json.hpp"
#include "ign/io/json.hpp"
#include "ign/io/log.hpp"
#include "ign/io/model.hpp"
#include "ign/io/safetensors.hpp"
#include "ign/io/sha256.hpp"
#include "ign/optimizers/optimizer.hpp"
#include "ign/sources/source.hpp"
#include "ign/train/recipes.hpp"
#include "ign/train/trainer.hpp"
#include "ign/version.hpp"

namespace ign::io {

namespace detail {

/// Policies whose noise source has a state to keep.
template <class Policy>
concept KeepsSource = requires(Policy const& policy) {
  policy.options().source.arrays();
};

inline nlohmann::ordered_json schedule_json(Schedule const& schedule) {
  return {{"kind", name(schedule.kind)},
          {"start", schedule.start},
          {"end", schedule.end},
          {"total", schedule.total},
          {"warmup", schedule.warmup}};
}

}  // namespace detail

/// An optimizer's description as it stands in checkpoints and logs: the name, the options in order, and "of" for a wrapped optimizer.
inline nlohmann::ordered_json description_json(OptimizerDescription const& description) {
  nlohmann::ordered_json json;
  json["name"] = description.name;
  for (auto const& [option, value] : description.options) std::visit([&, &name = option](auto const& known) { json[name] = known; }, value);
  for (auto const& wrapped : description.wrapped) json["of"] = description_json(wrapped);
  return json;
}

/// Name and options of an optimizer as they stand in checkpoints and logs.
template <class Optimizer>
nlohmann::ordered_json optimizer_json(Optimizer const& optimizer) {
  return description_json(optimizer::description_of(optimizer));
}

namespace detail {

/// The fields of recipe_json as values, so that the JSON is compiled once and not for each type of recipe.
struct RecipeFields {
  std::string recipe, net, source;
  nlohmann::ordered_json distance;
  Shape image;
  Schedule reconstruction, idempotence, tightness;
  Smoothing smoothing;
  Equilibrium equilibrium;
  Precision precision;
  double mismatched_share;
  nlohmann::ordered_json optimizer;
  int batch;
  nlohmann::ordered_json distillation;  // null: none
};

template <class Optimizer>
nlohmann::ordered_json distillation_json(DistillationPhase<Optimizer> const& phase, std::uint64_t steps) {
  nlohmann::ordered_json corruption;
  for (auto const& [option, value] : describe(phase.corruption)) corruption[option] = value;
  return {{"steps", steps},
          {"optimizer", optimizer_json(phase.optimizer)},
          {"learning_rate", phase.learning_rate},
          {"reconstruction", phase.reconstruction},
          {"generation", phase.generation},
          {"idempotence", phase.idempotence},
          {"iterated_share", phase.iterated_share},
          {"statistics", "running"},  // as the policy normalises: in files without it, by statistics of the batch
          {"corruption", corruption}};
}

inline nlohmann::ordered_json recipe_json(RecipeFields const& r, std::uint64_t seed, TrainerOptions const& options) {
  nlohmann::ordered_json json = {
      {"recipe", r.recipe},
      {"net", r.net},
      {"image", {r.image.height, r.image.width, r.image.channels}},
      {"distance", r.distance},
      {"source", r.source},
      {"reconstruction", schedule_json(r.reconstruction)},
      {"idempotence", schedule_json(r.idempotence)},
      {"tightness", schedule_json(r.tightness)},
      {"smoothing", {{"kind", name(r.smoothing.kind)}, {"a", r.smoothing.a}, {"floor", r.smoothing.floor}}},
      {"equilibrium", {{"ratio", r.equilibrium.ratio}, {"floor", r.equilibrium.floor}, {"gain", r.equilibrium.gain}}},
      {"precision", name(r.precision)},
      {"optimizer", r.optimizer},
      {"learning_rate", schedule_json(options.learning_rate)},
      {"batch", r.batch},
      {"steps", options.steps},
      {"report_every", options.report_every},
      {"seed", seed}};
  if (r.mismatched_share != 0) json["mismatched_share"] = r.mismatched_share;
  if (!r.distillation.is_null()) json["distillation"] = r.distillation;
  return json;
}

}  // namespace detail

/// Everything that determines a run, as stored in checkpoints and logs. `optimizer` replaces the recipe's.
///
/// `resume` compares each of these fields with the file. Add your own fields for what is missing here: the data, and the options of a
/// user-defined distance or source. A recipe without a second phase has no "distillation". Where the second phase has another distance than
/// the first, add it as "distillation_distance" (distance_json).
/// \param options  of the whole run: the steps of all phases, and the learning rates of the first phase
template <class Net, class Distance, class Source, class Own, class Second, class Optimizer>
nlohmann::ordered_json recipe_json(Recipe<Net, Distance, Source, Own, Second> const& recipe, std::string const& net_name,
                                   std::uint64_t seed, TrainerOptions const& options, Optimizer const& optimizer) {
  // Structured bindings: a new option fails to compile here until files describe it.
  auto const& [distance, source, reconstruction, idempotence, tightness, smoothing, equilibrium, precision, mismatched_share] =
      recipe.objective;
  nlohmann::ordered_json distillation;
  if (recipe.distillation) {
    distillation = detail::distillation_json(*recipe.distillation, options.steps - recipe.first_phase_steps(options.steps));
    if (recipe.wide_net) distillation["net"] = recipe.wide_net->name;
  }
  return detail::recipe_json({.recipe = recipe.name,
                              .net = net_name,
                              .source = source::name_of(source),
                              .distance = distance_json(distance),
                              .image = recipe.image,
                              .reconstruction = reconstruction,
                              .idempotence = idempotence,
                              .tightness = tightness,
                              .smoothing = smoothing,
                              .equilibrium = equilibrium,
                              .precision = precision,
                              .mismatched_share = mismatched_share,
                              .optimizer = optimizer_json(optimizer),
                              .batch = recipe.batch,
                              .distillation = std::move(distillation)},
                             seed, options);
}
/// The same with the optimizer of the recipe.
template <class Net, class Distance, class Source, class Optimizer, class Second>
nlohmann::ordered_json recipe_json(Recipe<Net, Distance, Source, Optimizer, Second> const& recipe, std::string const& net_name,
                                   std::uint64_t seed, TrainerOptions const& options) {
  return recipe_json(recipe, net_name, seed, options, recipe.optimizer);
}

/// The recipe of a run as files with the net of its second phase have it: "net" is the recipe's wide net, if it has one.
inline nlohmann::ordered_json second_phase_json(nlohmann::ordered_json recipe) {
  auto const phase = recipe.find("distillation");
  if (phase != recipe.end() && phase->is_object() && phase->contains("net")) {
    auto const name = (*phase)["net"];
    recipe["net"] = name;
  }
  return recipe;
}

/// Name of a run: the first 16 hexadecimal digits of the SHA-256 of its recipe. Runs of the same recipe, with fields for data and seed,
/// have the same name and, built and run alike, bitwise identical results. Add the name to the recipe as "run" and pass it to Log: it then
/// identifies checkpoint, log and report of the run.
inline std::string run_name(nlohmann::ordered_json const& recipe) {
  Sha256 hash;
  std::string const text = recipe.dump();
  hash.add(std::as_bytes(std::span(text)));
  return hash.hex().substr(0, 16);
}

/// Writes the state of a run, atomically. Waits for the device.
/// \throws ign::Error [ign.numeric.91] when weights, statistics or the optimizer's state are not finite; an existing file is kept then;
///         else as write_safetensors
template <class Policy, class Optimizer, class Batches>
void write_checkpoint(std::filesystem::path const& path, Trainer<Policy, Optimizer, Batches> const& trainer,
                      nlohmann::ordered_json const& recipe) {
  static_assert(policy::resumable<Policy>());
  using Real = typename Policy::scalar_type;
  trainer.exec().fence("ign::write_checkpoint");
  auto const finite = [&](std::vector<Real> numbers, char const* what) {
    require(std::all_of(numbers.begin(), numbers.end(), [](Real number) { return is_finite(number); }), Fault::numeric, 91, path.string(),
            ": ", what, " are not finite after step ", trainer.steps_done(), ": this checkpoint is not written");
    return numbers;
  };
  auto const state = finite(detail::host_copy(trainer.optimizer_state()), "values of the optimizer");
  auto const sums = detail::host_copy(trainer.policy().loss_sums());
  detail::NamedArrays<Real> arrays;
  std::size_t offset = 0;
  std::map<std::string, std::string> metadata = {{"format", checkpoint_format},
                                                 {"version", version_string},
                                                 {"step", std::to_string(trainer.steps_done())},
                                                 {"summed_steps", std::to_string(trainer.policy().summed_steps())},
                                                 {"recipe", recipe.dump()}};
  if (std::string const name = policy::name_of<Policy>(); !name.empty()) metadata["policy"] = name;
  detail::add_roles(metadata, roles_of(trainer.policy()));
  auto const add_model = [&](std::string const& prefix, auto const& model) {
    metadata[prefix + "net"] = net_json(model).dump();
    arrays.add(prefix, model.parameter_arrays(), finite(detail::host_copy(model.parameters()), "weights").data());
    arrays.add(prefix, model.statistic_arrays(), finite(detail::host_copy(model.statistics()), "running statistics").data());
  };
  policy::for_each_model_of(trainer.policy(), [&](std::string const& prefix, auto const& model) {
    add_model(prefix, model);
    for (auto const& slot : optimizer::slots_of(trainer.optimizer())) {
      arrays.add("optimizer." + slot + '.' + prefix, model.parameter_arrays(), state.data() + offset);
      offset += model.parameters().size();
    }
  });
  policy::for_each_constant_model_of(trainer.policy(), add_model);
  if constexpr (detail::KeepsSource<Policy>) {
    auto const& source = trainer.policy().options().source;
    arrays.add("source.", ign::detail::placed(source.arrays()), detail::host_copy(source.state()).data());
  }
  arrays.entries.push_back(safetensor_entry<double>("training.loss_sums", {sums.size()}, std::span<double const>(sums)));
  write_safetensors(path, arrays.entries, metadata);
}

/// Number of completed steps in a checkpoint.
/// \throws ign::Error [ign.format.61] when the file is not a checkpoint
inline std::uint64_t steps_done(SafeTensorsFile const& file) { return detail::number_at(file, "step"); }

/// Name of the policy whose run a checkpoint continues; empty for a policy without a name.
inline std::string policy_name(SafeTensorsFile const& file) {
  auto const found = file.metadata().find("policy");
  return found == file.metadata().end() ? std::string() : found->second;
}

namespace detail {

/// Throws where a field of the checkpoint's recipe differs from that of this run, a nested one if both are objects: "distillation.net".
inline void require_same_value(SafeTensorsFile const& file, std::string const& field, nlohmann::ordered_json const& found,
                               nlohmann::ordered_json const& ours) {
  if (found == ours) return;
  if (found.is_object() && ours.is_object())
    for (auto const* const side : {&found, &ours})
      for (auto const& [name, value] : side->items())
        require_same_value(file, field + '.' + name, found.value(name, nlohmann::ordered_json()),
                           ours.value(name, nlohmann::ordered_json()));
  auto const text = [](nlohmann::ordered_json const& json, char const* otherwise) { return json.is_null() ? otherwise : json.dump(); };
  fail(Fault::format, 62, file.path().string(), ": recipe field '", field, "' is ", text(found, "missing"), ", this run has ",
       text(ours, "none"));
}

}  // namespace detail

/// Restores a trainer from a checkpoint. Its next step is bitwise identical to that of the uninterrupted run.
/// \throws ign::Error [ign.format.400] when the file is a model instead of a checkpoint, [ign.format.457] when it is one of another policy,
///         [ign.format.62] when a field of `recipe` differs from the checkpoint's, or `recipe` lacks "distillation_distance",
///         "distillation", "mismatched_share" or "flip" of the checkpoint's; the text names the field; else as read_model with
///         Conversion::none, since the run would then not be bitwise reproducible
template <class Policy, class Optimizer, class Batches>
void resume(SafeTensorsFile const& file, Trainer<Policy, Optimizer, Batches>& trainer, nlohmann::ordered_json const& recipe) {
  static_assert(policy::resumable<Policy>());
  detail::require_no_model(file);
  std::string const name = policy_name(file), expected = policy::name_of<Policy>();
  require(name.empty() || name == expected, Fault::format, 457, file.path().string(), ": is a checkpoint of the policy ", name,
          ", expected ", expected.empty() ? "one without a name" : expected, ": resume each phase of a run with its own policy");
  auto const found = read_recipe(file);
  auto const require_same = [&](std::string const& field) {
    detail::require_same_value(file, field, found.contains(field) ? found[field] : nlohmann::ordered_json(),
                               recipe.contains(field) ? recipe[field] : nlohmann::ordered_json());
  };
  // Fields that a recipe may lack. The first of them comes first, since others follow from it.
  for (char const* const field : {"distillation_distance", "distillation", "mismatched_share", "flip"}) require_same(field);
  for (auto const& entry : recipe.items()) require_same(entry.key());
  using Real = typename Policy::scalar_type;
  auto state = detail::host_copy(trainer.optimizer_state());
  auto sums = detail::host_copy(trainer.policy().loss_sums());
  std::vector<detail::FileState<Real>> models;  // all are read before any is copied
  std::size_t offset = 0;
  policy::for_each_model_of(trainer.policy(), [&](std::string const& prefix, auto const& model) {
    models.emplace_back(file, model, prefix, "", Conversion::none);
    for (auto const& slot : optimizer::slots_of(trainer.optimizer())) {
      detail::read_arrays(file, "optimizer." + slot + '.' + prefix, model.parameter_arrays(), state.data() + offset, Conversion::none);
      offset += model.parameters().size();
    }
  });
  policy::for_each_constant_model_of(trainer.policy(), [&](std::string const& prefix, auto const& model) {
    models.emplace_back(file, model, prefix, "", Conversion::none);
  });
  file.copy<double>("training.loss_sums", sums, Conversion::none);
  auto const step = detail::number_at(file, "step");
  auto const summed = detail::number_at(file, "summed_steps");
  if constexpr (detail::KeepsSource<Policy>) read_source(file, trainer.policy().options().source, Conversion::none);
  auto numbers = models.begin();
  auto const put_back = [&](std::string const&, auto const& model) { (numbers++)->copy_to(model); };
  policy::for_each_model_of(trainer.policy(), put_back);
  policy::for_each_constant_model_of(trainer.policy(), put_back);
  detail::copy_to(trainer.optimizer_state(), state);
  detail::copy_to(trainer.policy().loss_sums(), sums);
  trainer.policy().set_summed_steps(summed);
  trainer.set_steps_done(step);
}

/// Writes a checkpoint at regular steps and at the end, on rank 0, if `good` returns true. Callback.
///
/// Construction removes files that killed runs have left next to `path`, see remove_abandoned.
class Checkpoints {
 public:
  /// \param every  steps between two checkpoints; 0: only at the end
  /// \param recipe  as recipe_json makes it
  /// \param good  called before each checkpoint; empty: always true
  Checkpoints(std::filesystem::path path, std::uint64_t every, nlohmann::ordered_json recipe, std::function<bool()> good = {})
      : m_path(std::move(path)), m_every(every), m_recipe(std::move(recipe)), m_good(std::move(good)) {
    remove_abandoned(m_path);
  }

  ///@{
  /// Callback functions, see train/trainer.hpp.
  template <class T>
  bool on_step(T const& trainer) {
    if (m_every > 0 && trainer.steps_done() % m_every == 0) write(trainer);
    return true;
  }
  template <class T>
  void on_end(T const& trainer) {
    if (m_written != trainer.steps_done()) write(trainer);
  }
  ///@}

 private:
  template <class T>
  void write(T const& trainer) {
    if (!trainer.ranks().is_root() || (m_good && !m_good())) return;
    write_checkpoint(m_path, trainer, m_recipe);
    m_written = trainer.steps_done();
  }

  std::filesystem::path m_path;
  std::uint64_t m_every;
  nlohmann::ordered_json m_recipe;
  std::function<bool()> m_good;
  std::optional<std::uint64_t> m_written;  // step of the last one
};

/// Writes every report as a line of a log. Callback.
class LogReports {
 public:
  /// The log must outlive this.
  explicit LogReports(Log& log) : m_log(log) {}

  ///@{
  /// Callback functions, see train/trainer.hpp.
  template <class T>
  void on_report(T const&, ign::Report const& report) {
    LogLine line = {{"step", report.step}, {"epoch", report.epoch}};
    if (std::string const phase = policy::name_of<typename T::policy_type>(); !phase.empty()) line["phase"] = phase;
    for (auto const& loss : report.losses) line[loss.name] = loss.value;
    line["total"] = report.total;
    line["learning_rate"] = report.learning_rate;
    line["seconds"] = report.seconds;
    line["images_per_second"] = report.images_per_second;
    m_log.write(line);
  }
  ///@}

 private:
  Log& m_log;
};

}  // namespace ign::io

#endif  // IGN_IO_CHECKPOINT_HPP
