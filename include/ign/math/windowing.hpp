// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// The geometry of a convolution: a fine image, a coarse one, and the window that ties each coarse pixel to k×k fine ones.
#ifndef IGN_MATH_WINDOWING_HPP
#define IGN_MATH_WINDOWING_HPP

#include <Kokkos_Core.hpp>

#include "ign/core/shape.hpp"

namespace ign::math {

/// Coarse pixel (cy, cx) and tap (ky, kx) meet fine pixel (cy·stride + ky - padding, cx·stride + kx - padding).
///
/// A convolution goes from fine to coarse, a transposed one from coarse to fine. Weights of both lie as [k][k][F][C], where F
/// and C are the channels of the fine and the coarse image.
struct Windowing {
  Shape fine;
  Shape coarse;
  int kernel;
  int stride;
  int padding;

  KOKKOS_FUNCTION std::size_t taps() const { return static_cast<std::size_t>(kernel) * kernel; }
  KOKKOS_FUNCTION std::size_t window_size() const { return taps() * fine.channels; }  ///< numbers a coarse pixel sees
  KOKKOS_FUNCTION std::size_t weight_size() const { return window_size() * coarse.channels; }
  /// Whether the coarse image is one pixel that sees all of the fine one: images are the rows of a plain matrix then.
  bool is_dense() const { return coarse.pixels() == 1 && padding == 0 && fine.height == kernel && fine.width == kernel; }
  /// The coarse coordinate that meets `fine_place` through tap `tap`, or -1.
  KOKKOS_FUNCTION int coarse_place(int fine_place, int tap, int extent) const {
    int const scaled = fine_place + padding - tap;
    return scaled >= 0 && scaled % stride == 0 && scaled / stride < extent ? scaled / stride : -1;
  }
};

/// The weights of a correlation: (k, k, F, C) as they are, or laid out before for one operation (math/correlation.hpp).
template <class Real>
struct Weights {
  Real const* data;
  bool laid_out = false;
};

}  // namespace ign::math

#endif  // IGN_MATH_WINDOWING_HPP
