// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Moving average of the weights, around any optimizer.
#ifndef IGN_OPTIMIZERS_EMA_HPP
#define IGN_OPTIMIZERS_EMA_HPP

#include <cmath>
#include <string>
#include <vector>

#include "ign/core/elementwise.hpp"
#include "ign/core/error.hpp"
#include "ign/core/finite.hpp"
#include "ign/optimizers/adam.hpp"
#include "ign/optimizers/optimizer.hpp"

namespace ign {

/// Trains with `optimizer` and keeps the average a_t = decay · a_(t-1) + (1 - decay) · θ_t in a slot of the state. With `debias`, the
/// default, the slot has the bias-corrected average a_t / (1 - decayᵗ), a_0 = 0.
///
/// With an exponent γ the decay is (1 - 1/t)^(γ+1) instead, and the weight of θ_s is proportional to s^(γ+1) - (s-1)^(γ+1), about s^γ: the
/// average spans a fixed share of the steps so far, for runs of any length. The standard deviation of the profile is about t / (γ + 3):
/// γ = 6.94 and 16.97 give 0.10 and 0.05 of the steps.
///
/// Training does not use the average; train/averaged_weights.hpp swaps it in temporarily. Only weights are averaged:
/// BatchNorm's running statistics belong to the trained weights.
/// \source Polyak and Juditsky, "Acceleration of stochastic approximation by averaging", SIAM J. Control Optim. 30 (1992); the
///         correction: Kingma and Ba, arXiv 1412.6980, section 3; the exponent: Karras et al., arXiv 2312.02696, section 3.1
template <class Optimizer = Adam>
struct Ema {
  static constexpr char const* name = "ema";  ///< name in files

  Optimizer optimizer{};  ///< the wrapped optimizer
  double decay = 0.999;   ///< in [0, 1)
  bool debias = true;     ///< true: bias-corrected average of θ_1 to θ_t; false: the average starts from the initial weights
  double exponent = 0;    ///< γ; above 0 it replaces `decay` and `debias`
};

/// Deduces the optimizer: `Ema(Adam{}, 0.9999)`.
template <class Optimizer>
Ema(Optimizer const&, double = 0.999, bool = true, double = 0) -> Ema<Optimizer>;

/// True for an Ema.
template <class Optimizer>
inline constexpr bool is_ema_v = false;
/// True for an Ema.
template <class Optimizer>
inline constexpr bool is_ema_v<Ema<Optimizer>> = true;

/// \throws Error [ign.option.250] when decay is not in [0, 1); Error [ign.option.564] when the exponent is negative or not finite; errors
///         of the wrapped optimizer
template <class Optimizer>
void validate(Ema<Optimizer> const& ema) {
  require(is_finite(ema.decay) && ema.decay >= 0 && ema.decay < 1, Fault::option, 250, "ema: decay ", ema.decay,
          ", expected a value in [0, 1)");
  require(is_finite(ema.exponent) && ema.exponent >= 0, Fault::option, 564, "ema: exponent ", ema.exponent, ", expected 0 or more");
  optimizer::validate_options(ema.optimizer);
}

/// Slots of the wrapped optimizer, then the average.
template <class Optimizer>
std::vector<std::string> slots(Ema<Optimizer> const& ema) {
  auto all = optimizer::slots_of(ema.optimizer);
  all.emplace_back("ema");
  return all;
}

/// Name, decay and debias or exponent, and the wrapped optimizer.
template <class Optimizer>
OptimizerDescription describe(Ema<Optimizer> const& ema) {
  if (ema.exponent > 0) return {Ema<Optimizer>::name, {{"exponent", ema.exponent}}, {optimizer::description_of(ema.optimizer)}};
  return {Ema<Optimizer>::name, {{"decay", ema.decay}, {"debias", ema.debias}}, {optimizer::description_of(ema.optimizer)}};
}

/// Step values of Ema.
template <class Inner>
struct EmaStepValues {
  Inner optimizer;  ///< of the wrapped optimizer
  double weight;    ///< of the new parameters in the average
  bool first;       ///< true at step 1
};

/// Step values of step `step`, counted from 1. With this weight the slot holds the bias-corrected average, or that of the exponent, at
/// every step; after step 1 it is θ_1.
template <class Optimizer>
EmaStepValues<optimizer::StepValues<Optimizer>> step_values(Ema<Optimizer> const& ema, double learning_rate, std::uint64_t step) {
  auto const t = static_cast<double>(step);
  double const decaying = (1 - ema.decay) / (ema.debias ? 1 - std::pow(ema.decay, t) : 1);
  double const weight = ema.exponent > 0 ? 1 - std::pow(1 - 1 / t, ema.exponent + 1) : decaying;
  return {optimizer::step_values_of(ema.optimizer, learning_rate, step), weight, step == 1};
}

namespace detail {

template <class Inner, class Real>
struct EmaUpdate {
  StepArgument<EmaStepValues<Inner>> values;
  Real const* parameters;
  Real* average;

  KOKKOS_FUNCTION void operator()(std::size_t, std::size_t first, std::size_t last) const {
    auto const weight = static_cast<Real>(values.get().weight);
    IGN_IVDEP
    for (std::size_t i = first; i < last; ++i) average[i] += weight * (parameters[i] - average[i]);
  }
};

template <class Real>
struct Swap {
  Real* a;
  Real* b;

  KOKKOS_FUNCTION void operator()(std::size_t, std::size_t first, std::size_t last) const {
    IGN_IVDEP
    for (std::size_t i = first; i < last; ++i) {
      Real const old = a[i];
      a[i] = b[i];
      b[i] = old;
    }
  }
};

}  // namespace detail

/// The averaged weights, in the order of the parameters: the last slot of `state`. Valid after the first step.
template <class Optimizer, Scalar Real, class Exec>
VectorRef<Real, Exec> average(Ema<Optimizer> const& ema, VectorRef<Real, Exec> const& state) {
  std::size_t const count = slots(ema).size();
  return VectorRef<Real, Exec>(state.data() + state.size() / count * (count - 1), state.size() / count);
}

/// Swaps weights and average. A second call restores both bitwise.
template <class Optimizer, Scalar Real, class Exec>
void swap_average(Exec const& exec, Ema<Optimizer> const& ema, VectorRef<Real, Exec> const& parameters,
                  VectorRef<Real, Exec> const& state) {
  for_each_chunk("ign::ema swap", exec, 1, parameters.size(),
                 detail::Swap<Real>{parameters.data(), average<Optimizer, Real, Exec>(ema, state).data()});
}

/// Workspace of the wrapped optimizer.
template <class Optimizer, Scalar Real, class Exec>
auto workspace(Exec const& exec, Ema<Optimizer> const& ema, VectorRef<Real, Exec> const& parameters,
               std::vector<ModelArray> const& arrays) {
  return optimizer::workspace_of(exec, ema.optimizer, parameters, arrays);
}

/// One step of the wrapped optimizer, then of the average.
template <class Optimizer, Scalar Real, class Exec, class Workspace = optimizer::NoWorkspace>
void update(Exec const& exec, Ema<Optimizer> const& ema, StepArgument<EmaStepValues<optimizer::StepValues<Optimizer>>> const& values,
            VectorRef<Real, Exec> const& parameters, VectorRef<Real, Exec> const& gradients, VectorRef<Real, Exec> const& state,
            Workspace const& workspace = {}) {
  using Inner = optimizer::StepValues<Optimizer>;
  auto const mean = average<Optimizer, Real, Exec>(ema, state);
  // A captured graph never runs the first step.
  if (values.is_known() && values.get().first && !ema.debias && ema.exponent == 0) Kokkos::deep_copy(exec, mean, parameters);
  optimizer::apply(exec, ema.optimizer, values.member(&EmaStepValues<Inner>::optimizer), parameters, gradients,
                   VectorRef<Real, Exec>(state.data(), state.size() - mean.size()), workspace);
  for_each_chunk("ign::ema", exec, 1, parameters.size(), detail::EmaUpdate<Inner, Real>{values, parameters.data(), mean.data()});
}

}  // namespace ign

#endif  // IGN_OPTIMIZERS_EMA_HPP
