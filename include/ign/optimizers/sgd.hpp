// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Stochastic gradient descent with optional momentum.
#ifndef IGN_OPTIMIZERS_SGD_HPP
#define IGN_OPTIMIZERS_SGD_HPP

#include <string>
#include <vector>

#include "ign/core/elementwise.hpp"
#include "ign/core/error.hpp"
#include "ign/core/finite.hpp"
#include "ign/optimizers/optimizer.hpp"

namespace ign {

/// θ -= lr v with v = momentum · v + g, as torch.optim.SGD without dampening.
/// \source Sutskever et al., "On the importance of initialization and momentum in deep learning", ICML 2013
struct Sgd {
  static constexpr char const* name = "sgd";  ///< name in files

  double momentum = 0;      ///< in [0, 1)
  double weight_decay = 0;  ///< L2 weight decay: weight_decay · θ is added to the gradient; ≥ 0
  bool nesterov = false;    ///< Nesterov momentum: the step is g + momentum · v
};

/// \throws Error [ign.option.82] on values outside their ranges
inline void validate(Sgd const& sgd) {
  require(is_finite(sgd.momentum) && is_finite(sgd.weight_decay) && sgd.momentum >= 0 && sgd.momentum < 1 && sgd.weight_decay >= 0,
          Fault::option, 82, "sgd: momentum ", sgd.momentum, ", weight_decay ", sgd.weight_decay,
          ", expected momentum in [0, 1) and weight_decay >= 0");
}

/// One slot with momentum, none without.
inline std::vector<std::string> slots(Sgd const& sgd) {
  return sgd.momentum > 0 ? std::vector<std::string>{"momentum_buffer"} : std::vector<std::string>{};
}

/// Name and options.
inline OptimizerDescription describe(Sgd const& sgd) {
  return {Sgd::name, {{"momentum", sgd.momentum}, {"weight_decay", sgd.weight_decay}, {"nesterov", sgd.nesterov}}};
}

/// Step values of Sgd.
struct SgdStepValues {
  double learning_rate;  ///< as given
};

/// Values of any step.
inline SgdStepValues step_values(Sgd const&, double learning_rate, std::uint64_t) { return {learning_rate}; }

namespace detail {

template <class Real>
struct SgdUpdate {
  StepArgument<SgdStepValues> step_values;
  Real momentum, weight_decay;
  bool nesterov;
  Real* parameters;
  Real const* gradients;
  Real* velocity;  // or nullptr

  KOKKOS_FUNCTION void operator()(std::size_t, std::size_t first, std::size_t last) const {
    auto const rate = static_cast<Real>(step_values.get().learning_rate);
    for (std::size_t i = first; i < last; ++i) {
      Real step = gradients[i] + weight_decay * parameters[i];
      if (velocity != nullptr) {
        Real const v = momentum * velocity[i] + step;
        velocity[i] = v;
        step = nesterov ? step + momentum * v : v;
      }
      parameters[i] -= rate * step;
    }
  }
};

}  // namespace detail

/// One step on all parameters, in place. `state` holds the slot of the momentum, zero before the first step.
template <Scalar Real, class Exec>
void update(Exec const& exec, Sgd const& sgd, StepArgument<SgdStepValues> const& step_values, VectorRef<Real, Exec> const& parameters,
            VectorRef<Real, Exec> const& gradients, VectorRef<Real, Exec> const& state) {
  for_each_chunk("ign::sgd", exec, 1, parameters.size(),
                 detail::SgdUpdate<Real>{step_values, static_cast<Real>(sgd.momentum), static_cast<Real>(sgd.weight_decay), sgd.nesterov,
                                         parameters.data(), gradients.data(), sgd.momentum > 0 ? state.data() : nullptr});
}

}  // namespace ign

#endif  // IGN_OPTIMIZERS_SGD_HPP
