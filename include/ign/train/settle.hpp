// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// From the first phase of an IGN's training to the second.
#ifndef IGN_TRAIN_SETTLE_HPP
#define IGN_TRAIN_SETTLE_HPP

#include <cstdint>
#include <type_traits>

#include "ign/policies/settling.hpp"
#include "ign/train/averaged_weights.hpp"
#include "ign/train/trainer.hpp"

namespace ign {

namespace detail {

template <class Net, Scalar Real, class Exec, class Distance, class Source>
Settling<Net, Real, Exec, Distance, Source> settling_of(Exec const& exec, Model<Net, Real, Exec> const& teacher,
                                                        SettlingOptions<Distance, Source> const& options, std::uint64_t seed) {
  return {exec, teacher, options, seed};
}

}  // namespace detail

/// The options of a second phase after a first one with `options`: its distance, source and precision, and the defaults of all else.
///
/// Copies of a source share what it knows of the data.
template <class Options>
auto settling_options(Options const& options) {
  SettlingOptions<std::remove_cvref_t<decltype(options.distance)>, std::remove_cvref_t<decltype(options.source)>> settling;
  settling.distance = options.distance;
  settling.source = options.source;
  settling.precision = options.precision;
  return settling;
}

/// The policy of the second phase, whose teacher is the result of the first: the averaged weights with statistics of their own where its
/// optimizer keeps an average, else its net as it is. The first phase's trainer stays as it was.
///
///     Settling settling = settle(trainer, settling_options(policy.options()));
///     Trainer second(exec, settling, Adam{}, batches, {steps, 100, Schedule::cosine(rate / 2, 0, steps)});
///
/// \param seed     decides all noise of the second phase
/// \param refresh  batches that make the statistics of averaged weights: see AveragedWeights
/// \throws Error [ign.state.252] when there is no average yet; [ign.option.*] on impossible options
template <class Policy, class Optimizer, class Batches, class Distance, class Source>
auto settle(Trainer<Policy, Optimizer, Batches>& trainer, SettlingOptions<Distance, Source> const& options, std::uint64_t seed = 1,
            std::uint64_t refresh = 250) {
  if constexpr (is_ema_v<Optimizer>) {
    AveragedWeights const averaged(trainer, refresh);
    return detail::settling_of(trainer.exec(), trainer.policy().model(), options, seed);
  } else {
    return detail::settling_of(trainer.exec(), trainer.policy().model(), options, seed);
  }
}

/// The same with the distance, source and precision of the first phase.
template <class Policy, class Optimizer, class Batches>
auto settle(Trainer<Policy, Optimizer, Batches>& trainer) {
  return settle(trainer, settling_options(trainer.policy().options()), trainer.policy().seed());
}

}  // namespace ign

#endif  // IGN_TRAIN_SETTLE_HPP
