// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Mean and standard deviation.
#ifndef IGN_EXAMPLES_SUPPORT_SPREAD_HPP
#define IGN_EXAMPLES_SUPPORT_SPREAD_HPP

#include <cmath>
#include <vector>

namespace examples {

/// Mean and standard deviation of values.
struct Spread {
  double mean = 0;
  double deviation = 0;  ///< standard deviation of a sample, divided by count - 1; 0 for one value
};

inline Spread spread(std::vector<double> const& values) {
  Spread result;
  for (double const value : values) result.mean += value / static_cast<double>(values.size());
  for (double const value : values) result.deviation += (value - result.mean) * (value - result.mean);
  result.deviation = values.size() > 1 ? std::sqrt(result.deviation / static_cast<double>(values.size() - 1)) : 0;
  return result;
}

}  // namespace examples

#endif  // IGN_EXAMPLES_SUPPORT_SPREAD_HPP
