// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Extents of one sample. The batch extent is not part of a Shape, since a net does not depend on it.
#ifndef IGN_CORE_SHAPE_HPP
#define IGN_CORE_SHAPE_HPP

#include <Kokkos_Core.hpp>
#include <cstddef>
#include <ostream>

namespace ign {

/// Extents of one sample, channels last. A vector of c elements has the shape {1, 1, c}.
struct Shape {
  int height = 1;    ///< rows of pixels
  int width = 1;     ///< columns of pixels
  int channels = 1;  ///< elements per pixel

  /// Number of elements in one sample.
  KOKKOS_FUNCTION constexpr std::size_t size() const { return static_cast<std::size_t>(height) * width * channels; }
  /// Number of pixels in one sample.
  KOKKOS_FUNCTION constexpr std::size_t pixels() const { return static_cast<std::size_t>(height) * width; }

  /// True if all three extents are equal.
  friend constexpr bool operator==(Shape const&, Shape const&) = default;
  /// Writes "(height, width, channels)".
  friend std::ostream& operator<<(std::ostream& out, Shape const& shape) {
    return out << '(' << shape.height << ", " << shape.width << ", " << shape.channels << ')';
  }
};

/// Shape of a field of three dimensions (d, h, w, c): an image of d·h rows, one slice below the other. In memory (n, d, h, w, c) and
/// (n, d·h, w, c) are the same. Conv3d and ConvTranspose3d know the slices; to all else a field is an image.
KOKKOS_FUNCTION constexpr Shape volume_shape(int depth, int height, int width, int channels) { return {depth * height, width, channels}; }

}  // namespace ign

#endif  // IGN_CORE_SHAPE_HPP
