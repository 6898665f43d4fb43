// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Settings of a run of `train` before its first step: the number of steps that fit into a time, and the properties its ranks must share.
#ifndef IGN_EXAMPLES_SUPPORT_RUN_PLAN_HPP
#define IGN_EXAMPLES_SUPPORT_RUN_PLAN_HPP

#include <ign/policies/distillation.hpp>
#include <ign/policies/idempotent.hpp>
#include <ign/train/averaged_weights.hpp>
#include <ign/train/batches.hpp>
#include <ign/train/distill.hpp>
#include <ign/train/recipes.hpp>
#include <ign/train/run.hpp>
#include <ign/train/run_properties.hpp>
#include <ign/train/trainer.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdint>
#include <vector>

namespace examples {

/// Median time of a step in seconds, measured for up to `seconds`, at least five steps, on all ranks the same number of them. Collective.
template <class Trainer>
double step_time(Trainer& trainer, double seconds) {
  for (int i = 0; i < 3; ++i) trainer.step();
  trainer.exec().fence("train: warmed up");
  Kokkos::Timer timer;
  std::vector<double> times;
  while (times.size() < 5 || !trainer.ranks().any(timer.seconds() >= seconds)) {
    double const begin = timer.seconds();
    trainer.step();
    trainer.exec().fence("train: one step measured");
    times.push_back(timer.seconds() - begin);
  }
  std::nth_element(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2), times.end());
  return times[times.size() / 2];
}

/// Number of steps of `step_time` seconds that fit into `seconds` with time to spare, at least 10.
inline std::uint64_t steps_within(double seconds, double step_time) {
  return std::max<std::uint64_t>(10, static_cast<std::uint64_t>(0.94 * seconds / step_time));
}

/// Number of batches over which running statistics are measured at the end of a recipe's first phase: those of averaged weights, and of the
/// channels that a wider net adds for the second phase.
struct StatisticsBatches {
  std::uint64_t averaged = 0, widened = 0;

  std::uint64_t total() const { return averaged + widened; }
};
template <class Recipe, class Optimizer>
StatisticsBatches statistics_batches(Recipe const& recipe, Optimizer const&) {
  return {ign::is_ema_v<Optimizer> ? ign::averaged_statistics_batches : 0,
          recipe.distillation && recipe.wide_net ? ign::widened_statistics_batches : 0};
}

/// Number of steps that fit into the time beside the measurement of running statistics, measured on temporary models so that the run itself
/// stays reproducible. A batch of that measurement is counted as a step, whose passes it has at most. Collective.
/// \param optimizer  of the first phase; with averaged weights that of the recipe in an `Ema`
/// \param objective  of the second phase, if the recipe has one
template <class Exec, class Recipe, class Optimizer, class Batches, class Objective>
std::uint64_t steps_within(Exec const& exec, Recipe const& recipe, Optimizer const& optimizer, Batches const& batches,
                           ign::Ranks const& ranks, double seconds, Objective const& objective) {
  double const at_most = std::min(3.0, 0.02 * seconds);
  ign::Idempotent policy(exec, recipe.net, recipe.image, recipe.objective, 1);
  policy.set_ranks(ranks);
  ign::Trainer trainer(exec, policy, optimizer, batches, {});
  double mean = step_time(trainer, at_most);
  auto const statistics = statistics_batches(recipe, optimizer);
  double between = static_cast<double>(statistics.averaged) * mean;
  if (recipe.distillation) {
    ign::Distillation distillation(exec, recipe.second_net(), recipe.image, objective, 1);
    distillation.set_ranks(ranks);
    ign::Trainer second(exec, distillation, recipe.distillation->optimizer, batches, {});
    double const second_mean = step_time(second, at_most);
    between += static_cast<double>(statistics.widened) * second_mean;
    mean += recipe.distillation->share * (second_mean - mean);
  }
  return steps_within(std::max(0.0, seconds - between), mean);
}
/// The same with the objective of the recipe.
template <class Exec, class Recipe, class Optimizer, class Batches>
std::uint64_t steps_within(Exec const& exec, Recipe const& recipe, Optimizer const& optimizer, Batches const& batches,
                           ign::Ranks const& ranks, double seconds) {
  return steps_within(exec, recipe, optimizer, batches, ranks, seconds, ign::detail::second_objective(recipe));
}

/// Properties that ranks compare before the first step: the fields of the recipe, and the version and the state of the trainer.
template <class Trainer>
ign::RunProperties properties_of(nlohmann::ordered_json const& recipe, Trainer const& trainer) {
  ign::RunProperties properties;
  for (auto const& [field, value] : recipe.items()) properties.emplace_back("recipe field '" + field + "'", value.dump());
  for (auto const& property : ign::run_properties_of(trainer)) properties.push_back(property);
  return properties;
}

}  // namespace examples

#endif  // IGN_EXAMPLES_SUPPORT_RUN_PLAN_HPP
