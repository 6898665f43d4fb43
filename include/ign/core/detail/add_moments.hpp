// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Combination of the moments of two sets of values, for means and variances that are computed in parts.
#ifndef IGN_CORE_DETAIL_ADD_MOMENTS_HPP
#define IGN_CORE_DETAIL_ADD_MOMENTS_HPP

#include <Kokkos_Core.hpp>

namespace ign::detail {

/// Adds the moments of `count` values to the moments of `all` values: mean and sum of squared deviations.
/// \source Chan, Golub, LeVeque, "Updating formulae and a pairwise algorithm for computing sample variances", 1979
template <class Real>
KOKKOS_FUNCTION void add_moments(Real count, Real mean, Real square, Real& all, Real& all_mean, Real& all_square) {
  if (count == 0) return;
  Real const delta = mean - all_mean, sum = all + count;
  all_mean += delta * count / sum;
  all_square += square + delta * delta * all * count / sum;
  all = sum;
}

}  // namespace ign::detail

#endif  // IGN_CORE_DETAIL_ADD_MOMENTS_HPP
