// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// A user-defined optimizer: Lion.
#ifndef IGN_EXAMPLES_EXTEND_OPTIMIZER_HPP
#define IGN_EXAMPLES_EXTEND_OPTIMIZER_HPP

// [optimizer]
#include <ign/optimizers/optimizer.hpp>

#include <string>
#include <vector>

namespace mine {

/// θ -= lr (sign(β₁ m + (1 - β₁) g) + weight_decay θ), then m = β₂ m + (1 - β₂) g: every parameter moves by the same amount.
/// \source Chen et al., "Symbolic discovery of optimization algorithms", arXiv 2302.06675, algorithm 2
struct Lion {
  double beta1 = 0.9;
  double beta2 = 0.99;
  double weight_decay = 0;
};

inline std::vector<std::string> slots(Lion const&) { return {"momentum"}; }  // one element for each parameter, zero before step 1

template <class Real, class Exec>
void update(Exec const& exec, Lion const& lion, ign::StepArgument<ign::optimizer::DefaultStepValues> const& values,
            ign::VectorRef<Real, Exec> const& parameters, ign::VectorRef<Real, Exec> const& gradients,
            ign::VectorRef<Real, Exec> const& momentum) {
  auto const beta1 = static_cast<Real>(lion.beta1), beta2 = static_cast<Real>(lion.beta2), decay = static_cast<Real>(lion.weight_decay);
  Kokkos::parallel_for(
      "mine::lion", Kokkos::RangePolicy<Exec>(exec, 0, parameters.size()), KOKKOS_LAMBDA(int i) {
        auto const rate = static_cast<Real>(values.get().learning_rate);
        Real const direction = beta1 * momentum(i) + (1 - beta1) * gradients(i);
        Real const sign = static_cast<Real>(direction > 0) - static_cast<Real>(direction < 0);
        parameters(i) -= rate * (sign + decay * parameters(i));
        momentum(i) = beta2 * momentum(i) + (1 - beta2) * gradients(i);
      });
}

}  // namespace mine
// [/optimizer]

#endif
