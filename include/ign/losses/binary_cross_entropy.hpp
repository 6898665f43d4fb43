// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Binary cross entropy of logits.
#ifndef IGN_LOSSES_BINARY_CROSS_ENTROPY_HPP
#define IGN_LOSSES_BINARY_CROSS_ENTROPY_HPP

#include <Kokkos_Core.hpp>

namespace ign {

/// Binary cross entropy -t log σ(l) - (1 - t) log(1 - σ(l)) of a logit l and a target t in [0, 1], as in PyTorch's BCEWithLogitsLoss.
///
/// It models Distance, so that the kernels of losses/distance.hpp apply, although it is not a metric. Evaluated as
/// max(l, 0) - l t + log(1 + exp(-|l|)): the exponential cannot overflow and the argument of the logarithm is at least 1.
struct BinaryCrossEntropy {
  ///@{
  /// Distance contract (losses/distance.hpp) with a = l, b = t.
  static constexpr char const* name = "binary_cross_entropy";

  template <class Real>
  KOKKOS_FUNCTION Real value(Real logit, Real target) const {
    return (logit > 0 ? logit : Real(0)) - logit * target + Kokkos::log1p(Kokkos::exp(-Kokkos::abs(logit)));
  }
  /// Returns σ(l) - t.
  template <class Real>
  KOKKOS_FUNCTION Real derivative_first(Real logit, Real target) const {
    Real const e = Kokkos::exp(-Kokkos::abs(logit));
    return (logit > 0 ? Real(1) : e) / (1 + e) - target;
  }
  template <class Real>
  KOKKOS_FUNCTION Real derivative_second(Real logit, Real) const {
    return -logit;
  }
  ///@}
};

}  // namespace ign

#endif  // IGN_LOSSES_BINARY_CROSS_ENTROPY_HPP
