// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Number types of nets.
#ifndef IGN_CORE_SCALAR_HPP
#define IGN_CORE_SCALAR_HPP

#include <type_traits>

namespace ign {

/// Number type of a net: float or double.
template <class Real>
concept Scalar = std::is_same_v<Real, float> || std::is_same_v<Real, double>;

}  // namespace ign

#endif  // IGN_CORE_SCALAR_HPP
