// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Slices of a field of three dimensions, which is an image of d·h rows (volume_shape).
#ifndef IGN_LAYERS_DETAIL_SLICES_HPP
#define IGN_LAYERS_DETAIL_SLICES_HPP

#include "ign/core/error.hpp"
#include "ign/core/shape.hpp"
#include "ign/math/pad.hpp"

namespace ign::detail {

/// Extents of the slices of a field, and their number.
struct Slices {
  Shape shape;
  int depth;

  /// With `margin` cells on each side.
  Slices padded(int margin) const { return {math::padded_shape(shape, margin), depth + 2 * margin}; }
};

/// \throws Error [ign.option.560] if depth is negative, [ign.shape.560] if the rows are not those of `depth` slices, or of square ones
inline Slices slices_of(int depth, Shape in, char const* name) {
  require(depth >= 0, Fault::option, 560, name, ": depth ", depth, ", expected the number of slices, or 0 for square ones");
  int const count = depth > 0 ? depth : in.width > 0 ? in.height / in.width : 0;
  require(count > 0 && in.height % count == 0 && (depth > 0 || in.height % in.width == 0), Fault::shape, 560, name, ": input ", in, ", ",
          in.height, " rows of all slices together, expected a multiple of ", depth > 0 ? "the depth " : "the width ",
          depth > 0 ? depth : in.width, depth > 0 ? "" : ", as of square slices: set the option depth for others");
  return {{in.height / count, in.width, in.channels}, count};
}

}  // namespace ign::detail

#endif  // IGN_LAYERS_DETAIL_SLICES_HPP
