// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// What a policy reports of a step, in a form that logs and progress lines need not know the policy for.
#ifndef IGN_LOSSES_NAMED_LOSS_HPP
#define IGN_LOSSES_NAMED_LOSS_HPP

namespace ign {

/// One number among a policy's losses.
struct NamedLoss {
  char const* name;  ///< as logs spell it, such as "rec"
  double value;
};

}  // namespace ign

#endif  // IGN_LOSSES_NAMED_LOSS_HPP
