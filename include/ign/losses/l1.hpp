// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Mean absolute error: the absolute difference as a Distance.
#ifndef IGN_LOSSES_L1_HPP
#define IGN_LOSSES_L1_HPP

#include <Kokkos_Core.hpp>

namespace ign {

/// Absolute error |a - b|, with subgradient 0 at a = b.
struct L1 {
  ///@{
  /// Distance contract (losses/distance.hpp).
  static constexpr char const* name = "l1";

  template <class Real>
  KOKKOS_FUNCTION Real value(Real a, Real b) const {
    return Kokkos::abs(a - b);
  }
  template <class Real>
  KOKKOS_FUNCTION Real derivative_first(Real a, Real b) const {
    return static_cast<Real>(a > b) - static_cast<Real>(a < b);
  }
  template <class Real>
  KOKKOS_FUNCTION Real derivative_second(Real a, Real b) const {
    return static_cast<Real>(b > a) - static_cast<Real>(b < a);
  }
  ///@}
};

}  // namespace ign

#endif  // IGN_LOSSES_L1_HPP
