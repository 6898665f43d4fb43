// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Continuation of a field beyond its edge, for convolutions and tiles.
#ifndef IGN_CORE_PADDING_MODE_HPP
#define IGN_CORE_PADDING_MODE_HPP

#include <Kokkos_Core.hpp>

namespace ign {

/// Values of a field outside its extents. PyTorch's names are in brackets.
enum class PaddingMode {
  zeros,       ///< 0 ("zeros")
  periodic,    ///< the field repeats: x(-1) = x(h - 1) ("circular")
  reflecting,  ///< the field is mirrored at its outermost cells, which are not repeated: x(-1) = x(1) ("reflect")
};

/// Name of a mode in files, as PyTorch spells it.
constexpr char const* name(PaddingMode mode) {
  constexpr char const* names[] = {"zeros", "circular", "reflect"};
  return names[static_cast<int>(mode)];
}

/// Index within [0, extent) whose value continues a field at `index`; -1 where the value is 0.
///
/// \param index  periodic: any; reflecting: from -(extent - 1) to 2 (extent - 1)
KOKKOS_INLINE_FUNCTION constexpr int continued_index(PaddingMode mode, int index, int extent) {
  if (index >= 0 && index < extent) return index;
  switch (mode) {
    case PaddingMode::periodic:
      return (index % extent + extent) % extent;
    case PaddingMode::reflecting:
      return index < 0 ? -index : 2 * (extent - 1) - index;
    default:
      return -1;
  }
}

}  // namespace ign

#endif  // IGN_CORE_PADDING_MODE_HPP
