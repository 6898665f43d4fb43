// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// How images are cut into tiles for math/winograd.hpp, and how a tile's pixels are reached.
#ifndef IGN_MATH_WINOGRAD_TILES_HPP
#define IGN_MATH_WINOGRAD_TILES_HPP

#include <algorithm>

#include "ign/math/simd.hpp"
#include "ign/math/winograd.hpp"

namespace ign::math::winograd {

/// Tiles of an image: 2×2 coarse pixels or 4×4 fine ones; those at the far edges may hang over them.
struct Tiles {
  int rows, columns;

  KOKKOS_FUNCTION std::size_t per_sample() const { return static_cast<std::size_t>(rows) * columns; }
};
inline Tiles coarse_tiles(Windowing const& g) { return {(g.coarse.height + 1) / 2, (g.coarse.width + 1) / 2}; }
inline Tiles fine_tiles(Windowing const& g) { return {(g.fine.height + 3) / 4, (g.fine.width + 3) / 4}; }

/// Where a tile lies; ++ goes on to the next one.
struct Tile {
  Tiles tiles;
  std::size_t sample;
  int y, x;

  Tile(Tiles const& all, std::size_t index) : tiles(all), sample(index / all.per_sample()) {
    auto const place = static_cast<int>(index % all.per_sample());
    y = place / all.columns;
    x = place % all.columns;
  }
  Tile& operator++() {
    if (++x == tiles.columns) {
      x = 0;
      if (++y == tiles.rows) {
        y = 0;
        ++sample;
      }
    }
    return *this;
  }
};

/// The pixels of a patch: pointers to `size` × `size` of them from (top, left) on, those outside the image to zeros.
template <int size, class Real>
class Patch {
 public:
  Patch(Real const* sample, Shape image, int top, int left, Real const* zeros) {
    std::ptrdiff_t const channels = image.channels;
    std::ptrdiff_t const row = channels * image.width;
    Real const* const first = sample + row * top + channels * left;
    for (int y = 0; y < size; ++y) {
      bool const inside_y = top + y >= 0 && top + y < image.height;
      for (int x = 0; x < size; ++x) {
        bool const inside = inside_y && left + x >= 0 && left + x < image.width;
        m_pixels[y][x] = inside ? first + row * y + channels * x : zeros;
      }
    }
  }
  Real const* operator()(int y, int x) const { return m_pixels[y][x]; }

  /// Asks for the pixels that the patch `step` pixels further right has and this one has not, `channels` numbers of each.
  void prefetch(int step, std::size_t channels, std::size_t stride) const {
    for (int y = 0; y < size; ++y)
      for (int x = size - step; x < size; ++x)
        for (std::size_t c = 0; c < channels; c += 64 / sizeof(Real)) simd::prefetch(m_pixels[y][x] + step * stride + c);
  }

 private:
  Real const* m_pixels[size][size];
};

/// Calls `visit(y, x, pointer)` for the pixels of the size × size ones from (top, left) on that lie in the image.
template <int size, class Real, class Visit>
void for_each_inside(Real* sample, Shape image, int top, int left, Visit const& visit) {
  auto const channels = static_cast<std::size_t>(image.channels);
  int const rows = std::min(size, image.height - top);
  int const columns = std::min(size, image.width - left);
  for (int y = 0; y < rows; ++y)
    for (int x = 0; x < columns; ++x) visit(y, x, sample + (static_cast<std::size_t>(top + y) * image.width + (left + x)) * channels);
}

/// Tiles of a block that works on `numbers` numbers per tile: what fits a cache of 512 KiB, a multiple of 8.
template <class Real>
std::size_t block_tiles(std::size_t numbers, std::size_t least = 64) {
  return std::clamp<std::size_t>((std::size_t{1} << 19) / sizeof(Real) / numbers / 8 * 8, least, 256);
}

/// Numbers from one matrix of a block to the next; a line more than need be, as equal places of all would compete for one line of the
/// cache.
template <class Real>
std::size_t slab(std::size_t tiles, std::size_t row) {
  return tiles * row + 64 / sizeof(Real);
}

}  // namespace ign::math::winograd

#endif  // IGN_MATH_WINOGRAD_TILES_HPP
