// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Vector loads of four neighbouring elements by a thread of a device: one access of 16 bytes where the elements are float.
#ifndef IGN_MATH_FOUR_HPP
#define IGN_MATH_FOUR_HPP

#include <Kokkos_Core.hpp>
#include <cstdint>
#include <type_traits>

#include "ign/core/compiler.hpp"

namespace ign::math {

/// Four elements, aligned so that one access moves them.
template <class T>
struct alignas(4 * sizeof(T)) Four {
  T values[4];  ///< in order of their addresses
};

/// True if `data` plus a multiple of four elements is a valid argument of read_four.
template <class Real>
bool is_aligned_for_four(Real const* data) {
  return reinterpret_cast<std::uintptr_t>(data) % (4 * sizeof(float)) == 0;
}

/// Reads the four elements from `data` on. `data` is aligned to 16 bytes.
template <class Real>
KOKKOS_FUNCTION void read_four(Real const* data, Real (&values)[4]) {
  if constexpr (std::is_same_v<Real, float>) {
    Four<float> const read = *reinterpret_cast<Four<float> const*>(data);
    IGN_UNROLL
    for (std::size_t n = 0; n < 4; ++n) values[n] = read.values[n];
  } else {
    IGN_UNROLL
    for (std::size_t n = 0; n < 4; ++n) values[n] = data[n];
  }
}

}  // namespace ign::math

#endif  // IGN_MATH_FOUR_HPP
