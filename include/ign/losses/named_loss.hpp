// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// What a policy reports of a step, in a form that logs and progress lines need not know the policy for.
#ifndef IGN_LOSSES_NAMED_LOSS_HPP
#define IGN_LOSSES_NAMED_LOSS_HPP

#include <string_view>
#include <vector>

#include "ign/core/finite.hpp"

namespace ign {

/// One number among a policy's losses.
struct NamedLoss {
  char const* name;  ///< as logs spell it, such as "rec"
  double value;      ///< a mean over samples
};

/// The value of that name; not a number where there is none.
inline double value_of(std::vector<NamedLoss> const& losses, std::string_view name) {
  for (auto const& loss : losses)
    if (loss.name == name) return loss.value;
  return quiet_nan<double>();
}

}  // namespace ign

#endif  // IGN_LOSSES_NAMED_LOSS_HPP
