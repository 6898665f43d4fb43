// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Expect: ign::linear_operator: an operator has `apply_adjoint(exec, a, y, x, scratch)` in its own namespace: see
// ign/nets/linear_operator.hpp

#include <ign/layers/activations.hpp>
#include <ign/policies/idempotent.hpp>

namespace mine {
using Exec = Kokkos::DefaultExecutionSpace;
struct Half {};
void apply(Exec const&, Half const&, ign::TensorRef<float> const&, ign::TensorRef<float> const&, ign::Buffer<float>&);
}  // namespace mine

void wrong(mine::Exec const& exec, ign::TensorRef<float> const& x) {
  ign::Idempotent policy(exec, ign::sequential(ign::Tanh{}), {8, 8, 1});
  policy.restore(exec, mine::Half{}, x, x);
}
