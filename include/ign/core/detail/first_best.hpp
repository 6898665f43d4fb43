// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Index of the largest or least of a few values, such as the logits of a sample, within a kernel.
#ifndef IGN_CORE_DETAIL_FIRST_BEST_HPP
#define IGN_CORE_DETAIL_FIRST_BEST_HPP

#include <Kokkos_Core.hpp>

namespace ign::detail {

/// Returns the index of the best of `count` values; on ties, the first.
/// \param count      at least 1
/// \param is_better  `is_better(i, j)` compares the values of two indices: values[i] > values[j] for the largest
template <class Index, class IsBetter>
KOKKOS_FUNCTION Index first_best(Index count, IsBetter const& is_better) {
  Index best = 0;
  for (Index i = 1; i < count; ++i) best = is_better(i, best) ? i : best;
  return best;
}

}  // namespace ign::detail

#endif  // IGN_CORE_DETAIL_FIRST_BEST_HPP
