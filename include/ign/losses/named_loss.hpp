// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Loss values with names: the common form in which logs and progress lines read the losses of any policy.
#ifndef IGN_LOSSES_NAMED_LOSS_HPP
#define IGN_LOSSES_NAMED_LOSS_HPP

#include <string_view>
#include <vector>

#include "ign/core/finite.hpp"

namespace ign {

/// Named loss value of a policy.
struct NamedLoss {
  char const* name;  ///< name in logs, such as "rec"
  double value;      ///< mean over samples
};

/// Returns the value of the loss called `name`, or NaN if there is none.
inline double value_of(std::vector<NamedLoss> const& losses, std::string_view name) {
  for (auto const& loss : losses)
    if (loss.name == name) return loss.value;
  return quiet_nan<double>();
}

}  // namespace ign

#endif  // IGN_LOSSES_NAMED_LOSS_HPP
