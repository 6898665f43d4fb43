// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Geometry of a convolution or transposed convolution, shared by all host, device and reference kernels.
///
/// A strided convolution relates a fine (large) image to a coarse (small) one: each coarse pixel sees a window of k×k fine pixels. Either
/// image may be the input of the layer.
#ifndef IGN_MATH_CONV_GEOMETRY_HPP
#define IGN_MATH_CONV_GEOMETRY_HPP

#include <Kokkos_Core.hpp>

#include "ign/core/shape.hpp"

namespace ign::math {

/// Extents of both images, kernel, stride and padding. Coarse pixel (cy, cx) and tap (ky, kx) meet fine pixel
/// (cy·stride + ky - padding, cx·stride + kx - padding).
///
/// A convolution maps fine to coarse, a transposed convolution coarse to fine. Images are (n, y, x, channel). The weights of both are
/// [k][k][F][C], with F and C the channels of the fine and the coarse image.
struct ConvGeometry {
  Shape fine;
  Shape coarse;
  int kernel;
  int stride;
  int padding;

  KOKKOS_FUNCTION std::size_t taps() const { return static_cast<std::size_t>(kernel) * kernel; }
  KOKKOS_FUNCTION std::size_t window_size() const { return taps() * fine.channels; }  ///< elements in a window
  KOKKOS_FUNCTION std::size_t weight_size() const { return window_size() * coarse.channels; }
  /// True if the coarse image is one pixel whose window is the whole fine image: both images are then rows of plain matrices.
  bool is_dense() const { return coarse.pixels() == 1 && padding == 0 && fine.height == kernel && fine.width == kernel; }
  /// Coarse coordinate that meets `fine_coordinate` through tap `tap`; -1 if there is none.
  KOKKOS_FUNCTION int coarse_coordinate(int fine_coordinate, int tap, int extent) const {
    int const scaled = fine_coordinate + padding - tap;
    return scaled >= 0 && scaled % stride == 0 && scaled / stride < extent ? scaled / stride : -1;
  }
};

/// Weights of a convolution: (k, k, F, C), or prepared for one operation by `pack_weights` (math/conv/convolution.hpp).
template <class Real>
struct Weights {
  Real const* data;
  bool packed = false;  ///< true: prepared by `pack_weights`
};

}  // namespace ign::math

#endif  // IGN_MATH_CONV_GEOMETRY_HPP
