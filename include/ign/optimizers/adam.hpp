// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// The Adam optimizer.
#ifndef IGN_OPTIMIZERS_ADAM_HPP
#define IGN_OPTIMIZERS_ADAM_HPP

#include <cmath>
#include <string>
#include <vector>

#include "ign/core/elementwise.hpp"
#include "ign/core/error.hpp"
#include "ign/core/finite.hpp"
#include "ign/math/simd.hpp"
#include "ign/optimizers/optimizer.hpp"

namespace ign {

/// Adam with L2 weight decay, as torch.optim.Adam. Published IGNs use beta1 = 0.5.
/// \source Kingma and Ba, "Adam: a method for stochastic optimization", arXiv 1412.6980, algorithm 1
struct Adam {
  static constexpr char const* name = "adam";  ///< name in files

  double beta1 = 0.9;       ///< decay of the mean gradient, in [0, 1)
  double beta2 = 0.999;     ///< decay of the mean squared gradient, in [0, 1)
  double epsilon = 1e-8;    ///< added to the root, > 0
  double weight_decay = 0;  ///< L2 weight decay: weight_decay · θ is added to the gradient; ≥ 0
};

/// \throws Error [ign.option.81] on values outside their ranges
inline void validate(Adam const& adam) {
  bool const finite = is_finite(adam.beta1) && is_finite(adam.beta2) && is_finite(adam.epsilon) && is_finite(adam.weight_decay);
  bool const good =
      finite && adam.beta1 >= 0 && adam.beta1 < 1 && adam.beta2 >= 0 && adam.beta2 < 1 && adam.epsilon > 0 && adam.weight_decay >= 0;
  require(good, Fault::option, 81, "adam: beta1 ", adam.beta1, ", beta2 ", adam.beta2, ", epsilon ", adam.epsilon, ", weight_decay ",
          adam.weight_decay, ", expected betas in [0, 1), epsilon > 0 and weight_decay >= 0");
}

/// PyTorch's names of the two moments.
inline std::vector<std::string> slots(Adam const&) { return {"exp_avg", "exp_avg_sq"}; }

/// Name and options.
inline OptimizerDescription describe(Adam const& adam) {
  return {Adam::name, {{"beta1", adam.beta1}, {"beta2", adam.beta2}, {"epsilon", adam.epsilon}, {"weight_decay", adam.weight_decay}}};
}

/// Step values of Adam.
struct AdamStepValues {
  double step_size;        ///< learning rate / (1 - beta1^t)
  double root_correction;  ///< 1 / √(1 - beta2^t)
};

/// Values of step `step`, counted from 1.
inline AdamStepValues step_values(Adam const& adam, double learning_rate, std::uint64_t step) {
  auto const t = static_cast<double>(step);
  return {learning_rate / (1 - std::pow(adam.beta1, t)), 1 / std::sqrt(1 - std::pow(adam.beta2, t))};
}

namespace detail {

template <class Real>
struct AdamUpdate {
  Real beta1, beta2, epsilon, weight_decay;
  StepArgument<AdamStepValues> step_values;
  Real* parameters;
  Real const* gradients;
  Real* mean;
  Real* square;

  KOKKOS_FUNCTION void operator()(std::size_t, std::size_t first, std::size_t last) const {
    AdamStepValues const now = step_values.get();
    auto const step_size = static_cast<Real>(now.step_size), root_correction = static_cast<Real>(now.root_correction);
    for (std::size_t i = first; i < last; ++i) {
      Real const g = gradients[i] + weight_decay * parameters[i];
      Real const m = beta1 * mean[i] + (1 - beta1) * g;
      Real const v = beta2 * square[i] + (1 - beta2) * (g * g);
      mean[i] = m;
      square[i] = v;
      parameters[i] -= step_size * m / (root_correction * Kokkos::sqrt(v) + epsilon);
    }
  }
};

/// The update of `size` parameters. `state` holds the two slots.
template <class Real>
AdamUpdate<Real> adam_update(Adam const& adam, StepArgument<AdamStepValues> const& step_values, std::size_t size, Real* parameters,
                             Real const* gradients, Real* state) {
  return {static_cast<Real>(adam.beta1),
          static_cast<Real>(adam.beta2),
          static_cast<Real>(adam.epsilon),
          static_cast<Real>(adam.weight_decay),
          step_values,
          parameters,
          gradients,
          state,
          state + size};
}

/// AdamUpdate with SIMD packs, for hosts.
template <class Real>
struct AdamUpdatePacks {
  AdamUpdate<Real> update;

  void operator()(std::size_t row, std::size_t first, std::size_t last) const {
    using Pack = math::simd::Pack<Real>;
    constexpr std::size_t lanes = math::simd::lanes_v<Real>;
    Real ones[lanes];
    for (Real& one : ones) one = 1;
    Pack const epsilon = update.epsilon * math::simd::load<Pack>(ones);
    AdamStepValues const now = update.step_values.get();
    auto const step_size = static_cast<Real>(now.step_size), root_correction = static_cast<Real>(now.root_correction);
    std::size_t i = first;
    for (; i + lanes <= last; i += lanes) {
      Pack const p = math::simd::load<Pack>(update.parameters + i);
      Pack const g = math::simd::load<Pack>(update.gradients + i) + update.weight_decay * p;
      Pack const m = update.beta1 * math::simd::load<Pack>(update.mean + i) + (1 - update.beta1) * g;
      Pack const v = update.beta2 * math::simd::load<Pack>(update.square + i) + (1 - update.beta2) * (g * g);
      math::simd::store(update.mean + i, m);
      math::simd::store(update.square + i, v);
      math::simd::store(update.parameters + i, p - step_size * m / (root_correction * math::simd::sqrt<Real>(v) + epsilon));
    }
    update(row, i, last);
  }
};

}  // namespace detail

/// One step on all parameters, in place. `state` holds the two slots, zero before the first step.
template <Scalar Real, class Exec>
void update(Exec const& exec, Adam const& adam, StepArgument<AdamStepValues> const& step_values, VectorRef<Real, Exec> const& parameters,
            VectorRef<Real, Exec> const& gradients, VectorRef<Real, Exec> const& state) {
  auto const body = detail::adam_update<Real>(adam, step_values, parameters.size(), parameters.data(), gradients.data(), state.data());
  if constexpr (uses_host_kernels_v<Exec>)
    for_each_chunk("ign::adam", exec, 1, parameters.size(), detail::AdamUpdatePacks<Real>{body});
  else
    for_each_chunk("ign::adam", exec, 1, parameters.size(), body);
}

}  // namespace ign

#endif  // IGN_OPTIMIZERS_ADAM_HPP
