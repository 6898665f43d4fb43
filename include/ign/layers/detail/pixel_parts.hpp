// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Chunks of a row of pixels, split at the ends of pixels: for pooling and upsampling.
#ifndef IGN_LAYERS_DETAIL_PIXEL_PARTS_HPP
#define IGN_LAYERS_DETAIL_PIXEL_PARTS_HPP

#include <Kokkos_Core.hpp>
#include <cstddef>

namespace ign::detail {

/// Splits the elements [first, last) of a row of pixels at pixel ends. Calls `kernel.part(row, x, c, count)` for channels [c, c + count) of
/// pixel x.
template <class Kernel>
KOKKOS_FUNCTION void for_each_pixel_part(Kernel const& kernel, std::size_t row, std::size_t first, std::size_t last, std::size_t channels) {
  while (first < last) {
    std::size_t const c = first % channels;
    std::size_t const count = channels - c < last - first ? channels - c : last - first;
    kernel.part(row, first / channels, c, count);
    first += count;
  }
}

}  // namespace ign::detail

#endif  // IGN_LAYERS_DETAIL_PIXEL_PARTS_HPP
