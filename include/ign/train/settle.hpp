// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Transition from the first phase of an IGN's training to the second.
#ifndef IGN_TRAIN_SETTLE_HPP
#define IGN_TRAIN_SETTLE_HPP

#include <cstdint>
#include <type_traits>

#include "ign/policies/settling.hpp"
#include "ign/train/averaged_weights.hpp"
#include "ign/train/trainer.hpp"

namespace ign {

namespace detail {

template <class Net, Scalar Real, class Exec, class Distance, class Source, class Corruption>
Settling<Net, Real, Exec, Distance, Source, Corruption> settling_of(Exec const& exec, Model<Net, Real, Exec> const& teacher,
                                                                    SettlingOptions<Distance, Source, Corruption> const& options,
                                                                    std::uint64_t seed) {
  return {exec, teacher, options, seed};
}

}  // namespace detail

/// Returns the policy of the second phase. Its teacher is the result of the first phase: the averaged weights with statistics of their own
/// if the optimizer is an Ema, otherwise the trained net. The trainer of the first phase is unchanged.
/// With several ranks all of them call this, and the second phase has them, too.
///
///     Settling settling = settle(trainer, settling_options(policy.options()));
///     Trainer second(exec, settling, Adam{}, batches, {steps, 100, Schedule::cosine(rate / 2, 0, steps)});
///
/// \param seed     seed of all noise in the second phase
/// \param refresh  number of batches for the statistics of averaged weights, see AveragedWeights
/// \throws Error [ign.state.252] if there is no average yet; [ign.option.*] if options are impossible
template <class Policy, class Optimizer, class Batches, class Distance, class Source, class Corruption>
auto settle(Trainer<Policy, Optimizer, Batches>& trainer, SettlingOptions<Distance, Source, Corruption> const& options,
            std::uint64_t seed = 1, std::uint64_t refresh = 250) {
  [[maybe_unused]] auto const averaged = averaged_weights(trainer, refresh);
  auto settling = detail::settling_of(trainer.exec(), trainer.policy().model(), options, seed);
  settling.set_ranks(trainer.ranks());
  return settling;
}

/// Returns the policy of the second phase with distance, source, precision and seed of the first.
template <class Policy, class Optimizer, class Batches>
auto settle(Trainer<Policy, Optimizer, Batches>& trainer) {
  return settle(trainer, settling_options(trainer.policy().options()), trainer.policy().seed());
}

}  // namespace ign

#endif  // IGN_TRAIN_SETTLE_HPP
