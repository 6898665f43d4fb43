// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Training by a recipe in one call.
#ifndef IGN_TRAIN_RUN_HPP
#define IGN_TRAIN_RUN_HPP

#include <cstdint>
#include <optional>

#include "ign/core/ranks.hpp"
#include "ign/train/distill.hpp"
#include "ign/train/recipes.hpp"
#include "ign/train/trainer.hpp"

namespace ign {

/// Length and seed of a run.
struct RunOptions {
  std::uint64_t steps = 10'000;        ///< number of steps of all phases, at least 1
  std::uint64_t seed = 1;              ///< seed of weights and noise
  std::uint64_t report_every = 100;    ///< number of steps between reports
  std::optional<bool> use_graph = {};  ///< as in TrainerOptions
  Ranks ranks = {};                    ///< ranks of a data-parallel run; one process by default
};

namespace detail {

/// A run from its first step. A run that continues from a file (io/train_or_resume.hpp) has the same functions.
struct NewRun {
  static bool in_second_phase() { return false; }
  template <class Trainer>
  void restore(Trainer&) const {}
};

/// Number of steps of the first phase of a run.
/// \throws Error [ign.option.485] if the run has none
template <class Recipe>
std::uint64_t first_phase_steps(Recipe const& recipe, RunOptions const& options) {
  require(options.steps >= 1, Fault::option, 485, "run: 0 steps, expected 1 or more");
  return recipe.first_phase_steps(options.steps);
}

/// The optimizer of a recipe's first phase, as an argument of `use`: with averaged weights if the recipe has them.
template <class Recipe, class Use>
auto with_first_optimizer(Recipe const& recipe, Use const& use) {
  return recipe.averages() ? use(recipe.averaged_optimizer()) : use(recipe.optimizer);
}

template <class Recipe>
auto second_objective(Recipe const& recipe) {
  return recipe.distillation ? recipe.distillation_objective() : distillation_options(recipe.objective);
}

}  // namespace detail

/// Checks the wide net of a recipe, before the first phase.
///
/// \throws Error [ign.option.596] if the recipe has a wide net and no second phase, or the net a layer that `widen` does not take;
///         [ign.shape.173] if the wide net is no wider form of the recipe's net
template <class Net, class Distance, class Source, class Optimizer, class SecondOptimizer>
void validate_wide_net(Recipe<Net, Distance, Source, Optimizer, SecondOptimizer> const& recipe) {
  if (!recipe.wide_net) return;
  require(is_widenable_v<Net> && recipe.distillation, Fault::option, 596, "recipe: net ", recipe.wide_net->name,
          is_widenable_v<Net>
              ? " is that of the second phase, which the recipe lacks, expected no wide net, or a second phase"
              : " is wider than that of the first phase, which has a layer that cannot be widened, expected no wide net, or "
                "layers with is_widenable_v (nets/widen.hpp)");
  if constexpr (is_widenable_v<Net>)
    require_wider(recipe.net, recipe.wide_net->net, recipe.image,
                  {"the net of the first phase", "that of the second phase (" + recipe.wide_net->name + ')'});
}

/// Returns the policy of a recipe's second phase after the first phase of `trainer`: with the recipe's wide net, if it has one. A recipe
/// without a second phase gives the policy with the result of the first.
///
/// \param objective  DistillationOptions; by default those of the recipe
/// \throws Error as validate_wide_net and distill
template <class Trainer, class Net, class Distance, class Source, class Optimizer, class SecondOptimizer, class Objective>
auto second_phase(Trainer& trainer, Recipe<Net, Distance, Source, Optimizer, SecondOptimizer> const& recipe, Objective const& objective,
                  std::optional<std::uint64_t> seed) {
  validate_wide_net(recipe);
  if constexpr (is_widenable_v<Net>)
    if (recipe.wide_net) return distill(trainer, recipe.wide_net->net, objective, seed);
  return distill(trainer, objective, seed);
}
/// The same with the objective of the recipe.
template <class Trainer, class Net, class Distance, class Source, class Optimizer, class SecondOptimizer>
auto second_phase(Trainer& trainer, Recipe<Net, Distance, Source, Optimizer, SecondOptimizer> const& recipe,
                  std::optional<std::uint64_t> seed = {}) {
  return second_phase(trainer, recipe, detail::second_objective(recipe), seed);
}

namespace detail {

template <class Exec, class Recipe, class Batches, class Run, class... Callbacks>
auto train_phases(Exec const& exec, Recipe const& recipe, Batches const& batches, RunOptions const& options, Run const& run,
                  Callbacks&... callbacks) {
  std::uint64_t const first = first_phase_steps(recipe, options);
  validate_wide_net(recipe);
  auto const objective = second_objective(recipe);
  bool go_on = true;
  auto const first_phase = [&](auto const& optimizer) {
    Idempotent policy(exec, recipe.net, recipe.image, recipe.first_phase_objective(first), options.seed);
    policy.set_ranks(options.ranks);
    Trainer trainer(exec, policy, optimizer, batches, {first, options.report_every, recipe.first_phase_schedule(first), options.use_graph});
    run.restore(trainer);
    go_on = trainer.train(callbacks...);
    return second_phase(trainer, recipe, options.seed);
  };
  auto policy = run.in_second_phase() ? Distillation(exec, recipe.second_net(), recipe.image, objective, options.seed)
                                      : with_first_optimizer(recipe, first_phase);
  policy.set_ranks(options.ranks);
  if (go_on && first < options.steps) {
    Trainer trainer(exec, policy, recipe.distillation->optimizer, batches,
                    {options.steps, options.report_every, recipe.distillation_schedule(options.steps), options.use_graph, first});
    if (run.in_second_phase()) run.restore(trainer);
    trainer.train(callbacks...);
  }
  return policy;
}

}  // namespace detail

/// Trains all phases of a recipe, and returns the policy with the trained net:
///
///     auto f = train(exec, recipe, batches, {.steps = 16'000}, Progress(std::cout));
///     f.generate(exec, Key{.seed = 7}, 1, images);
///
/// With averaged weights (`Recipe::averages()`) the second phase starts with them, and a recipe without a second phase returns them. A
/// callback that ends the first phase ends the run. A recipe with a wide net results in that net, also if a callback ends the first phase:
/// it is then the trained net, widened. To stop and resume a run, see io/train_or_resume.hpp.
///
/// With several ranks all of them call this, each with its shard of the global batch.
///
/// \param batches    as for a Trainer, with the recipe's batch size and extents
/// \param callbacks  as for Trainer::train; each phase calls them
/// \throws Error [ign.option.485] if `steps` is 0; as validate_wide_net, before the first step; else as Idempotent, Distillation, Trainer
///         and Trainer::train
template <class Exec, class Net, class Distance, class Source, class Optimizer, class SecondOptimizer, class Batches, class... Callbacks>
auto train(Exec const& exec, Recipe<Net, Distance, Source, Optimizer, SecondOptimizer> const& recipe, Batches const& batches,
           RunOptions const& options, Callbacks&&... callbacks) {
  return detail::train_phases(exec, recipe, batches, options, detail::NewRun{}, callbacks...);
}

}  // namespace ign

#endif  // IGN_TRAIN_RUN_HPP
