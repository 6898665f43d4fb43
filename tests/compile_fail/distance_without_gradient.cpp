// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Expect: ign::Distance: a distance has `Real derivative_first(Real a, Real b) const`, the derivative with respect to a: see

#include <ign/layers/activations.hpp>
#include <ign/policies/idempotent.hpp>

namespace mine {
struct Quartic {
  template <class Real>
  KOKKOS_FUNCTION Real value(Real a, Real b) const {
    return (a - b) * (a - b) * (a - b) * (a - b);
  }
};
}  // namespace mine

void wrong(Kokkos::DefaultExecutionSpace const& exec) {
  ign::IdempotentOptions<mine::Quartic> const options;
  ign::Idempotent const policy(exec, ign::sequential(ign::Tanh{}), {8, 8, 1}, options);
}
