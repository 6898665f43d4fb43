// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Geometry of a convolution or transposed convolution, shared by all host, device and reference kernels.
///
/// A strided convolution relates a fine (large) image to a coarse (small) one. Each coarse pixel has a window of k×k fine pixels; a tap is
/// a position within the window. Either image may be the input of the layer.
///
/// In three dimensions an image is a stack of slices, (n, z, y, x, channel). In memory that is an image of depth · height rows.
#ifndef IGN_MATH_CONV_GEOMETRY_HPP
#define IGN_MATH_CONV_GEOMETRY_HPP

#include <Kokkos_Core.hpp>

#include "ign/core/shape.hpp"

namespace ign::math {

/// The third dimension of a convolution: slices of both images, and taps, stride and padding across them. The defaults are those of two
/// dimensions. Coarse slice cz and tap kz meet fine slice cz·stride + kz - padding.
struct ConvDepth {
  int fine = 1;     ///< slices of the fine image
  int coarse = 1;   ///< slices of the coarse image
  int kernel = 1;   ///< taps across slices
  int stride = 1;   ///< fine slices from one coarse slice to the next
  int padding = 0;  ///< slices of zeros in front of the fine image, and behind it

  /// Coarse slice that meets `fine_slice` through tap `tap`; -1 if there is none.
  KOKKOS_FUNCTION int coarse_slice(int fine_slice, int tap) const {
    int const scaled = fine_slice + padding - tap;
    return scaled >= 0 && scaled % stride == 0 && scaled / stride < coarse ? scaled / stride : -1;
  }
};

/// Extents of both images, kernel, stride and padding. Coarse pixel (cy, cx) and tap (ky, kx) meet fine pixel
/// (cy·stride + ky - padding, cx·stride + kx - padding).
///
/// A convolution maps fine to coarse, a transposed convolution coarse to fine. Images are (n, y, x, channel). The weights of both are
/// (k, k, F, C), with F and C the channels of the fine and the coarse image.
///
/// In three dimensions `fine` and `coarse` are the extents of a slice, images are (n, z, y, x, channel), and weights (k, k, k, F, C).
struct ConvGeometry {
  Shape fine;         ///< extents of the fine image
  Shape coarse;       ///< extents of the coarse image
  int kernel;         ///< k, taps along the height, and along the width
  int stride;         ///< fine pixels from one coarse pixel to the next
  int padding;        ///< rows and columns of zeros around the fine image, on each side
  ConvDepth depth{};  ///< the third dimension

  KOKKOS_FUNCTION std::size_t taps() const { return static_cast<std::size_t>(kernel) * kernel * depth.kernel; }  ///< pixels of a window
  KOKKOS_FUNCTION std::size_t window_size() const { return taps() * fine.channels; }                             ///< elements of a window
  KOKKOS_FUNCTION std::size_t weight_size() const { return window_size() * coarse.channels; }   ///< elements of the weights
  KOKKOS_FUNCTION std::size_t fine_size() const { return fine.size() * depth.fine; }            ///< elements of a sample
  KOKKOS_FUNCTION std::size_t coarse_size() const { return coarse.size() * depth.coarse; }      ///< elements of a sample
  KOKKOS_FUNCTION std::size_t fine_pixels() const { return fine.pixels() * depth.fine; }        ///< pixels of a sample
  KOKKOS_FUNCTION std::size_t coarse_pixels() const { return coarse.pixels() * depth.coarse; }  ///< pixels of a sample
  /// True if images have several slices, or windows do.
  KOKKOS_FUNCTION bool is_volume() const { return depth.fine > 1 || depth.coarse > 1 || depth.kernel > 1; }
  /// True if the coarse image is one pixel whose window is the whole fine image: both images are then rows of plain matrices.
  bool is_dense() const {
    return coarse_pixels() == 1 && padding == 0 && fine.height == kernel && fine.width == kernel && depth.padding == 0 &&
           depth.fine == depth.kernel;
  }
  /// False if (z, y, x) lies outside the fine image. Otherwise `element` is the index of its first channel within a sample.
  KOKKOS_FUNCTION bool find_fine_pixel(int z, int y, int x, std::size_t& element) const {
    if (z < 0 || y < 0 || x < 0 || z >= depth.fine || y >= fine.height || x >= fine.width) return false;
    element = ((static_cast<std::size_t>(z) * fine.height + y) * fine.width + x) * fine.channels;
    return true;
  }
  /// Row or column of the coarse image, which has `extent` of them, that meets fine row or column `fine_coordinate` through tap `tap`; -1
  /// if there is none.
  KOKKOS_FUNCTION int coarse_coordinate(int fine_coordinate, int tap, int extent) const {
    int const scaled = fine_coordinate + padding - tap;
    return scaled >= 0 && scaled % stride == 0 && scaled / stride < extent ? scaled / stride : -1;
  }
};

/// Weights of a convolution: (k, k, F, C), in three dimensions (k, k, k, F, C), or packed for one operation by `pack_weights`
/// (math/conv/convolution.hpp).
template <class Real>
struct Weights {
  Real const* data;     ///< in the layout of the layer, or packed
  bool packed = false;  ///< true: by `pack_weights`, for one operation and algorithm
};

}  // namespace ign::math

#endif  // IGN_MATH_CONV_GEOMETRY_HPP
