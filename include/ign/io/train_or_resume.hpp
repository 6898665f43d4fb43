// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Training by a recipe in one call, with checkpoints from which a later call continues.
#ifndef IGN_IO_TRAIN_OR_RESUME_HPP
#define IGN_IO_TRAIN_OR_RESUME_HPP

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>

#include "ign/io/checkpoint.hpp"
#include "ign/train/run.hpp"

namespace ign::io {

/// Checkpoint of a run.
struct CheckpointOptions {
  std::filesystem::path path = "checkpoint.safetensors";  ///< file, which each checkpoint replaces atomically
  std::uint64_t every = 1000;                             ///< number of steps between checkpoints; 0: only at the end of each phase
  std::string net{};                                      ///< name of the net in the file, the same in each call of a run
  /// Further fields that must agree when the run resumes, such as a description of the data.
  nlohmann::ordered_json fields = nlohmann::ordered_json::object();
};

namespace detail {

/// A run that begins anew, or continues from a checkpoint in either phase.
class ResumableRun {
 public:
  ResumableRun(std::filesystem::path const& path, nlohmann::ordered_json recipe) : m_recipe(std::move(recipe)) {
    if (std::filesystem::exists(path)) m_file.emplace(read_safetensors(path));
  }

  bool in_second_phase() const { return m_file && policy_name(*m_file) == "distillation"; }
  template <class Trainer>
  void restore(Trainer& trainer) const {
    if (m_file) resume(*m_file, trainer, m_recipe);
  }

 private:
  nlohmann::ordered_json m_recipe;
  std::optional<SafeTensorsFile> m_file;
};

}  // namespace detail

/// As ign::train, with checkpoints. If the checkpoint file exists, the run continues from it, in the phase and at the step at which it was
/// written, and ends bitwise identical to an uninterrupted run.
///
///     auto f = io::train_or_resume(exec, recipe, batches, {.steps = 16'000}, {.path = "digits.checkpoint"}, Progress(std::cout));
///
/// With several ranks all of them read the file, and rank 0 writes it.
///
/// \throws Error [ign.format.62] if the file is of another recipe, length, seed, net, interval of reports or order of the data; the text
///         names the field; else as io::resume, write_checkpoint and ign::train
template <class Exec, class Net, class Distance, class Source, class Optimizer, class SecondOptimizer, class Batches, class... Callbacks>
auto train_or_resume(Exec const& exec, Recipe<Net, Distance, Source, Optimizer, SecondOptimizer> const& recipe, Batches const& batches,
                     RunOptions const& options, CheckpointOptions const& checkpoint, Callbacks&&... callbacks) {
  std::uint64_t const first = ign::detail::first_phase_steps(recipe, options);
  auto whole = recipe;
  whole.objective = recipe.first_phase_objective(first);
  nlohmann::ordered_json json = ign::detail::with_first_optimizer(recipe, [&](auto const& optimizer) {
    return recipe_json(whole, checkpoint.net, options.seed, {options.steps, options.report_every, recipe.first_phase_schedule(first)},
                       optimizer);
  });
  if constexpr (requires { batches.options().seed; }) json["order_seed"] = batches.options().seed;
  if constexpr (requires { batches.options().flip; })
    if (batches.options().flip) json["flip"] = true;
  for (auto const& [field, value] : checkpoint.fields.items()) json[field] = value;
  Checkpoints checkpoints(checkpoint.path, checkpoint.every, json);
  detail::ResumableRun const run(checkpoint.path, json);
  require(!run.in_second_phase() || first < options.steps, Fault::format, 62, checkpoint.path.string(),
          ": is in its second phase, this run has none, expected the recipe and the length that the run began with");
  return ign::detail::train_phases(exec, recipe, batches, options, run, checkpoints, callbacks...);
}

}  // namespace ign::io

#endif  // IGN_IO_TRAIN_OR_RESUME_HPP
