// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Explicit instantiations of fill_gaussian and fill_uniform on the host. Part of fill.hpp where the target ign::kernels is linked.
#ifndef IGN_RANDOM_DETAIL_FILL_INSTANCES_HPP
#define IGN_RANDOM_DETAIL_FILL_INSTANCES_HPP

#include "ign/core/instances.hpp"
#include "ign/random/fill.hpp"

namespace ign::detail {

// NOLINTBEGIN(bugprone-macro-parentheses): a declaration cannot have them
#define IGN_FILL_INSTANCES(KEYWORDS, Real, Exec)                                                                     \
  KEYWORDS void fill<true>(char const*, Exec const&, Key const&, double, VectorRef<Real, Exec> const&, std::size_t); \
  KEYWORDS void fill<false>(char const*, Exec const&, Key const&, double, VectorRef<Real, Exec> const&, std::size_t);
// NOLINTEND(bugprone-macro-parentheses)

IGN_FOR_HOST_INSTANCES(IGN_FILL_INSTANCES)
#undef IGN_FILL_INSTANCES

}  // namespace ign::detail

#endif  // IGN_RANDOM_DETAIL_FILL_INSTANCES_HPP
