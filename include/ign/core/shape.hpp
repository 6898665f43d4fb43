// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// The extents of one sample. The batch extent is never part of a Shape: a net does not depend on it.
#ifndef IGN_CORE_SHAPE_HPP
#define IGN_CORE_SHAPE_HPP

#include <Kokkos_Core.hpp>
#include <cstddef>
#include <ostream>

namespace ign {

/// Extents of one sample, channels last; a vector of c numbers is {1, 1, c}.
struct Shape {
  int height = 1;    ///< rows, pixels
  int width = 1;     ///< columns, pixels
  int channels = 1;  ///< numbers per pixel

  /// Numbers in one sample.
  KOKKOS_FUNCTION constexpr std::size_t size() const { return static_cast<std::size_t>(height) * width * channels; }
  /// Pixels in one sample.
  KOKKOS_FUNCTION constexpr std::size_t pixels() const { return static_cast<std::size_t>(height) * width; }

  /// Equal in all three extents.
  friend constexpr bool operator==(Shape const&, Shape const&) = default;
  /// "(height, width, channels)".
  friend std::ostream& operator<<(std::ostream& out, Shape const& shape) {
    return out << '(' << shape.height << ", " << shape.width << ", " << shape.channels << ')';
  }
};

}  // namespace ign

#endif  // IGN_CORE_SHAPE_HPP
