// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Expect: ign::Trainer: a policy has `losses(exec) const`, whose result has `total` and `named()`, and `reset_losses(exec)`: see
// ign/policies/policy.hpp

#include <ign/optimizers/adam.hpp>
#include <ign/train/trainer.hpp>

namespace mine {
struct Policy {
  using scalar_type = float;
  using execution_space = Kokkos::DefaultExecutionSpace;
  ign::Shape image_shape() const { return {8, 8, 1}; }
};
}  // namespace mine

void wrong(Kokkos::DefaultExecutionSpace const& exec, mine::Policy& policy, ign::Batches<> const& batches) {
  ign::Trainer const trainer(exec, policy, ign::Adam{}, batches, {});
}
