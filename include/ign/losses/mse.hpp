// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Mean squared error: the squared difference as a Distance.
#ifndef IGN_LOSSES_MSE_HPP
#define IGN_LOSSES_MSE_HPP

#include <Kokkos_Core.hpp>

namespace ign {

/// Squared error (a - b)².
struct Mse {
  ///@{
  /// Distance contract (losses/distance.hpp).
  static constexpr char const* name = "mse";

  template <class Real>
  KOKKOS_FUNCTION Real value(Real a, Real b) const {
    return (a - b) * (a - b);
  }
  template <class Real>
  KOKKOS_FUNCTION Real derivative_first(Real a, Real b) const {
    return 2 * (a - b);
  }
  template <class Real>
  KOKKOS_FUNCTION Real derivative_second(Real a, Real b) const {
    return 2 * (b - a);
  }
  ///@}
};

}  // namespace ign

#endif  // IGN_LOSSES_MSE_HPP
