// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Properties of a run that must be the same on all its ranks. mpi/agreement.hpp compares them.
#ifndef IGN_TRAIN_RUN_PROPERTIES_HPP
#define IGN_TRAIN_RUN_PROPERTIES_HPP

#include <Kokkos_Core.hpp>
#include <concepts>
#include <cstdint>
#include <cstdio>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "ign/core/ranks.hpp"
#include "ign/core/schedule.hpp"
#include "ign/optimizers/optimizer.hpp"
#include "ign/policies/policy.hpp"
#include "ign/version.hpp"

namespace ign {

/// Names and values, such as {"seed", "1"}.
using RunProperties = std::vector<std::pair<std::string, std::string>>;

namespace detail {

/// FNV-1a. Fences `exec`.
template <class Exec, class Memory>
std::string hash_of(Exec const& exec, Memory const& memory) {
  using Value = typename Memory::non_const_value_type;
  std::vector<Value> host(memory.size());
  Kokkos::deep_copy(
      exec, Kokkos::View<Value*, Kokkos::LayoutRight, Kokkos::HostSpace, Kokkos::MemoryTraits<Kokkos::Unmanaged>>(host.data(), host.size()),
      memory);
  exec.fence("ign::run_properties_of: the values have been copied");
  std::uint64_t hash = 0xcbf29ce484222325u;
  auto const* const bytes = reinterpret_cast<unsigned char const*>(host.data());
  for (std::size_t i = 0; i < host.size() * sizeof(*host.data()); ++i) hash = (hash ^ bytes[i]) * 0x100000001b3u;
  return std::to_string(hash);
}

inline std::string text_of(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.17g", value);
  return text;
}

inline std::string text_of(Schedule const& s) {
  return std::to_string(static_cast<int>(s.kind)) + ' ' + text_of(s.start) + ' ' + text_of(s.end) + ' ' + std::to_string(s.total) + ' ' +
         std::to_string(s.warmup);
}

inline std::string text_of(OptimizerDescription const& description) {
  std::string text = description.name;
  for (auto const& [option, value] : description.options)
    text += ' ' + option + ' ' +
            std::visit(
                []<class T>(T const& number) {
                  if constexpr (std::same_as<T, std::string>)
                    return number;
                  else
                    return text_of(static_cast<double>(number));
                },
                value);
  for (auto const& wrapped : description.wrapped) text += " of " + text_of(wrapped);
  return text;
}

template <class Optimizer>
std::string description_text(Optimizer const& optimizer) {
  if constexpr (optimizer::Described<Optimizer>)
    return text_of(optimizer::description_of(optimizer));
  else
    return "of the program";
}

}  // namespace detail

/// Version of the library, as a property.
inline RunProperties version_properties() { return {{"version of the library", version_string}}; }

/// Properties of a trainer that the library knows: version, policy, bytes per element, batch, steps, report_every, first_step, step number,
/// kind of BatchNorm statistics, number of ranks, learning rate, optimizer, and hashes of all weights, running statistics and the optimizer
/// state. Fences the instance of the trainer.
template <class Trainer>
RunProperties run_properties_of(Trainer const& trainer) {
  using Policy = typename Trainer::policy_type;
  RunProperties properties = version_properties();
  properties.insert(
      properties.end(),
      {{"policy", policy::name_of<Policy>()},
       {"bytes per element", std::to_string(sizeof(typename Policy::scalar_type))},
       {"batch per rank", std::to_string(trainer.batches().options().batch)},
       {"steps", std::to_string(trainer.options().steps)},
       {"report_every", std::to_string(trainer.options().report_every)},
       {"first_step", std::to_string(trainer.options().first_step)},
       {"step", std::to_string(trainer.steps_done())},
       {"statistics of BatchNorm", trainer.ranks().batch_norm_statistics() == BatchNormStatistics::over_ranks ? "over ranks" : "per rank"},
       {"ranks", std::to_string(trainer.ranks().size())},
       {"learning rate", detail::text_of(trainer.options().learning_rate)},
       {"optimizer", detail::description_text(trainer.optimizer())},
       {"optimizer state (hash)", detail::hash_of(trainer.exec(), trainer.optimizer_state())}});
  auto const add = [&](std::string const& prefix, auto const& model) {
    properties.emplace_back(prefix + "weights (hash)", detail::hash_of(trainer.exec(), model.parameters()));
    properties.emplace_back(prefix + "running statistics (hash)", detail::hash_of(trainer.exec(), model.statistics()));
  };
  policy::for_each_model_of(trainer.policy(), add);
  policy::for_each_constant_model_of(trainer.policy(), add);
  return properties;
}

}  // namespace ign

#endif  // IGN_TRAIN_RUN_PROPERTIES_HPP
