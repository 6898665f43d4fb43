// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// The numbers that nets may be made of.
#ifndef IGN_CORE_SCALAR_HPP
#define IGN_CORE_SCALAR_HPP

#include <type_traits>

namespace ign {

/// Real numbers that nets may be made of.
template <class Real>
concept Scalar = std::is_same_v<Real, float> || std::is_same_v<Real, double>;

}  // namespace ign

#endif  // IGN_CORE_SCALAR_HPP
