// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// A user-defined distance: |a - b|, but smooth where a = b.
#ifndef IGN_EXAMPLES_EXTEND_DISTANCE_HPP
#define IGN_EXAMPLES_EXTEND_DISTANCE_HPP

// [distance]
#include <ign/losses/distance.hpp>

namespace mine {

/// sqrt((a - b)² + width²) - width: like L1 for large differences, like a parabola for small ones.
/// \source Charbonnier et al., "Two deterministic half-quadratic regularization algorithms for computed imaging", ICIP 1994
struct Charbonnier {
  static constexpr char const* name = "charbonnier";  // as checkpoints and logs spell it

  double width = 0.1;  ///< of the parabola, > 0

  template <class Real>
  KOKKOS_FUNCTION Real value(Real a, Real b) const {
    auto const w = static_cast<Real>(width);
    return Kokkos::sqrt((a - b) * (a - b) + w * w) - w;
  }
  template <class Real>
  KOKKOS_FUNCTION Real derivative_first(Real a, Real b) const {
    auto const w = static_cast<Real>(width);
    return (a - b) / Kokkos::sqrt((a - b) * (a - b) + w * w);
  }
  template <class Real>
  KOKKOS_FUNCTION Real derivative_second(Real a, Real b) const {
    return -derivative_first(a, b);
  }
};

static_assert(ign::Distance<Charbonnier>);

}  // namespace mine
// [/distance]

#endif
