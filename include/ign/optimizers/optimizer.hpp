// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// The contract of an optimizer, and what it gets when it leaves a part out.
///
/// An optimizer O is a value that holds options only: what it remembers lies in a flat View of the trainer, so that checkpoints have it.
/// Its functions are found by argument-dependent look-up, and it may live in any namespace:
///
///     void update(Exec const&, O const&, Deferred<Rates> const&, parameters, gradients, state)   required
///     Rates step_rates(O const&, double learning_rate, std::uint64_t step)   all that changes from step to step, as plain numbers;
///                                                 default: optimizer::DefaultRates, the learning rate and the step
///     std::vector<std::string> slots(O const&)    names of what it remembers for each parameter; default: nothing
///     void validate(O const&)                     throws Error on options outside their ranges; default: nothing
///
/// Kernels call `rates.get()` when they run, so that a captured graph can be launched again with the rates of another step
/// (core/deferred.hpp).
///
/// parameters, gradients and state are VectorWindow<Real, Exec>: `update` writes the first and the last, and may write the second. The
/// state has the slots one after the other, each as long as the parameters, and zeros before step 1. `step` counts from 1. The call is
/// asynchronous on the execution-space instance.
///
/// Checkpoints and logs (io/checkpoint.hpp) need `nlohmann::ordered_json optimizer_json(O const&)` as well, with name and options.
#ifndef IGN_OPTIMIZERS_OPTIMIZER_HPP
#define IGN_OPTIMIZERS_OPTIMIZER_HPP

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "ign/core/deferred.hpp"
#include "ign/core/tensor.hpp"

namespace ign::optimizer {  // the contract with its defaults; called by trainers and files, never overloaded

/// `slots`, or none.
template <class O>
std::vector<std::string> slots_of([[maybe_unused]] O const& optimizer) {
  if constexpr (requires { slots(optimizer); })
    return slots(optimizer);
  else
    return {};
}

/// `validate`, or nothing.
template <class O>
void validate_options([[maybe_unused]] O const& optimizer) {
  if constexpr (requires { validate(optimizer); }) validate(optimizer);
}

/// Rates of an optimizer without `step_rates`.
struct DefaultRates {
  double learning_rate;  ///< of the step
  std::uint64_t step;    ///< counted from 1
};

/// `step_rates`, or the learning rate and the step.
template <class O>
auto rates_of([[maybe_unused]] O const& optimizer, double learning_rate, std::uint64_t step) {
  if constexpr (requires { step_rates(optimizer, learning_rate, step); })
    return step_rates(optimizer, learning_rate, step);
  else
    return DefaultRates{learning_rate, step};
}

/// Result of `rates_of`.
template <class O>
using Rates = decltype(rates_of(std::declval<O const&>(), double{}, std::uint64_t{}));

}  // namespace ign::optimizer

namespace ign {

/// One step on all parameters at a known learning rate. `step` counts from 1; `state` holds zeros before step 1.
template <class O, Scalar Real, class Exec>
void update(Exec const& exec, O const& optimizer, double learning_rate, std::uint64_t step, VectorWindow<Real, Exec> const& parameters,
            VectorWindow<Real, Exec> const& gradients, VectorWindow<Real, Exec> const& state) {
  Deferred<optimizer::Rates<O>> const rates(optimizer::rates_of(optimizer, learning_rate, step));
  update(exec, optimizer, rates, parameters, gradients, state);
}

}  // namespace ign

namespace ign::optimizer {

/// Says in words, as a compile-time error, what a class lacks to be an optimizer.
template <class O, class Real, class Exec>
constexpr bool complete() {
  static_assert(
      requires(O const& optimizer, Exec const& exec, VectorWindow<Real, Exec> const& numbers) {
        update(exec, optimizer, Deferred<Rates<O>>(), numbers, numbers, numbers);
      },
      "ign::Trainer: an optimizer has `update(exec, optimizer, rates, parameters, gradients, state)` in its own namespace: "
      "see ign/optimizers/optimizer.hpp");
  return true;
}

}  // namespace ign::optimizer

#endif  // IGN_OPTIMIZERS_OPTIMIZER_HPP
