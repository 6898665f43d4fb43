// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Transition from the first phase of an IGN's training to the second.
#ifndef IGN_TRAIN_DISTILL_HPP
#define IGN_TRAIN_DISTILL_HPP

#include <cstdint>
#include <optional>
#include <type_traits>

#include "ign/nets/widen.hpp"
#include "ign/policies/distillation.hpp"
#include "ign/train/averaged_weights.hpp"
#include "ign/train/trainer.hpp"

namespace ign {

namespace detail {

template <class Net, Scalar Real, class Exec, class Distance, class Source, class Corruption>
Distillation<Net, Real, Exec, Distance, Source, Corruption> distillation_of(
    Exec const& exec, Model<Net, Real, Exec> const& teacher, DistillationOptions<Distance, Source, Corruption> const& options,
    std::uint64_t seed) {
  return {exec, teacher, options, seed};
}

// The second phase normalises f(u) by the statistics of f's own images.
template <class Policy>
void require_statistics_of_generated(Policy const& policy) {
  if constexpr (requires { policy.generated_role(); })
    require(policy.generated_role() == Role::generated, Fault::option, 598,
            "distill: the policy does not train f on its own images, so that their running statistics are missing, expected Idempotent");
}

// Runs x, z and f(z) of some batches through `model` in training mode, so that running statistics are those of its weights.
template <class Trainer, class Model>
void observe_batches(Trainer& trainer, Model const& model, std::uint64_t count, std::uint64_t seed) {
  using Real = typename Trainer::Real;
  using Exec = typename Trainer::Exec;
  auto const& exec = trainer.exec();
  auto const& source = trainer.policy().options().source;
  int const batch = trainer.batches().options().batch;
  auto const x = make_tensor<Real>(exec, "ign::distill::x", batch, model.input_shape());
  auto const z = make_tensor<Real>(exec, "ign::distill::z", batch, model.input_shape());
  Tape<Real, Exec> of_data(Retain::last), of_source(Retain::last), of_generated(Retain::last);
  Workspace<Real, Exec> workspace;
  for (std::uint64_t i = 0; i < count; ++i) {
    Key const key = {seed, RandomStream::noise, i, 0, trainer.ranks().shard()};
    auto const pass = [&](Role role) { return training_pass({role}, Precision::full, {seed, RandomStream::dropout, i}, trainer.ranks()); };
    source::sample_from(exec, source, key, TensorRef<Real, Exec>(z), workspace.scratch);
    auto const condition = trainer.condition(i);
    model.forward(exec, pass(Role::data), batch_number(trainer, i, TensorRef<Real, Exec>(x)), of_data, workspace, condition);
    model.forward(exec, pass(Role::source), z, of_source, workspace, condition);
    model.forward(exec, pass(Role::generated), of_source.result(), of_generated, workspace, condition);
  }
  trainer.ranks().average(exec, VectorRef<Real, Exec>(model.statistics()));
}

}  // namespace detail

/// Number of batches over which `distill` measures the running statistics of the channels that a wider net adds, by default.
inline constexpr std::uint64_t widened_statistics_batches = 50;

/// Returns the policy of the second phase. Its teacher is the result of the first phase: the averaged weights with statistics of their own
/// if the optimizer is an Ema, otherwise the trained net. The trainer of the first phase is unchanged.
/// With several ranks all of them call this, and the second phase has them, too.
///
///     Distillation f = distill(trainer);
///     Trainer second(exec, f, Adam{}, batches,
///                    {.steps = total, .learning_rate = Schedule::cosine(1e-3, 0, total - first), .first_step = first});
///
/// `first` is the number of steps of the first phase, `total` that of both: the numbering of steps, batches and random numbers continues.
/// train/run.hpp does all of this.
///
/// \param seed     seed of all noise in the second phase; absent: that of the first
/// \param refresh  number of batches for the statistics of averaged weights, see AveragedWeights
/// \throws Error [ign.state.252] if there is no average yet, [ign.option.598] if the first policy does not train f on its own images;
///         [ign.option.*] if options are impossible
template <class Policy, class Optimizer, class Batches, class Distance, class Source, class Corruption>
auto distill(Trainer<Policy, Optimizer, Batches>& trainer, DistillationOptions<Distance, Source, Corruption> const& options,
             std::optional<std::uint64_t> seed = {}, std::uint64_t refresh = averaged_statistics_batches) {
  detail::require_statistics_of_generated(trainer.policy());
  [[maybe_unused]] auto const averaged = averaged_weights(trainer, refresh);
  auto distillation = detail::distillation_of(trainer.exec(), trainer.policy().model(), options, seed ? *seed : trainer.policy().seed());
  distillation.set_ranks(trainer.ranks());
  return distillation;
}

/// Returns the policy of a second phase with a wider net, `wide`, that starts as the same function as the result of the first phase: see
/// `widen` (nets/widen.hpp). The running statistics of added channels are measured over `batches` batches. The other arguments are those
/// above.
/// \throws Error [ign.shape.173] if `wide` is no wider form of the trained net; as above
template <class Policy, class Optimizer, class Batches, class Net, class Distance, class Source, class Corruption>
auto distill(Trainer<Policy, Optimizer, Batches>& trainer, Net const& wide,
             DistillationOptions<Distance, Source, Corruption> const& options, std::optional<std::uint64_t> seed = {},
             std::uint64_t refresh = averaged_statistics_batches, std::uint64_t batches = widened_statistics_batches) {
  detail::require_statistics_of_generated(trainer.policy());
  [[maybe_unused]] auto const averaged = averaged_weights(trainer, refresh);
  auto const& trained = trainer.policy().model();
  std::uint64_t const number = seed ? *seed : trainer.policy().seed();
  std::remove_cvref_t<decltype(trained)> const teacher(trainer.exec(), wide, trained.input_shape(), number);
  widen(trainer.exec(), trained, teacher);
  detail::observe_batches(trainer, teacher, batches, number);
  widen(trainer.exec(), trained, teacher);  // former channels keep the statistics of the first phase
  auto distillation = detail::distillation_of(trainer.exec(), teacher, options, number);
  distillation.set_ranks(trainer.ranks());
  return distillation;
}

/// Returns the policy of the second phase with distance, source, precision and seed of the first.
template <class Policy, class Optimizer, class Batches>
auto distill(Trainer<Policy, Optimizer, Batches>& trainer) {
  return distill(trainer, distillation_options(trainer.policy().options()));
}

}  // namespace ign

#endif  // IGN_TRAIN_DISTILL_HPP
