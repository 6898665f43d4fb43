// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Tiles of images for math/winograd/transforms.hpp, access to their pixels, and block sizes of the host kernels. Images are (n, y, x,
/// channel).
#ifndef IGN_MATH_WINOGRAD_TILES_HPP
#define IGN_MATH_WINOGRAD_TILES_HPP

#include <algorithm>

#include "ign/math/simd.hpp"
#include "ign/math/winograd/stride_one.hpp"

namespace ign::math::winograd {

/// Grid of tiles of an image: tile × tile coarse pixels, or, with stride 2, the 2·tile × 2·tile fine ones. Tiles at the bottom and right
/// may extend beyond the image.
struct TileGrid {
  int rows, columns;  ///< of tiles

  /// Tiles of a sample.
  KOKKOS_FUNCTION std::size_t per_sample() const { return static_cast<std::size_t>(rows) * columns; }
};
/// Grid of the coarse image.
inline TileGrid coarse_tiles(ConvGeometry const& g, int tile = 2) {
  return {(g.coarse.height + tile - 1) / tile, (g.coarse.width + tile - 1) / tile};
}
/// Grid of the fine image, with stride 2. It may have one row or column of tiles more than that of the coarse image.
inline TileGrid fine_tiles(ConvGeometry const& g, int tile = 2) {
  return {(g.fine.height + 2 * tile - 1) / (2 * tile), (g.fine.width + 2 * tile - 1) / (2 * tile)};
}

/// Products of a tile of tile × tile coarse pixels, without those whose right factor is zero.
inline std::size_t tile_products(ConvGeometry const& g, int tile) {
  auto const along_axis = static_cast<std::size_t>(fits_stride_one(g) ? tile + 2 : 2 * tile + 2 - (lacks_last_tap(g) ? 1 : 0));
  return along_axis * along_axis;
}

/// Products of a sample, counting what extends beyond the image.
inline std::size_t sample_products(ConvGeometry const& g, int tile) { return coarse_tiles(g, tile).per_sample() * tile_products(g, tile); }

/// True if tiles of 2 × 2 coarse pixels need no more products than direct sums.
inline bool tiles_save_products(ConvGeometry const& g) { return sample_products(g, 2) <= g.taps() * g.coarse.pixels(); }

/// True where tiles of 4 × 4 coarse pixels are faster in training than tiles of 2 × 2 (docs/performance.md): they save a fifth of the
/// products or more, which they never do with kernel 3 and stride 2. With stride 2, a sample has at least four of them: with one tile per
/// sample the larger transformed weights cost as much time as the products save.
inline bool large_tiles_pay(ConvGeometry const& g) {
  bool const enough = fits_stride_one(g) || coarse_tiles(g, 4).per_sample() >= 4;
  return enough && 10 * sample_products(g, 4) <= 8 * sample_products(g, 2);
}

/// Position of a tile; ++ advances to the next one.
struct Tile {
  TileGrid tiles;      ///< grid of a sample
  std::size_t sample;  ///< sample of the tile; in three dimensions (sample, tile along the depth) as one index
  int y, x;            ///< row and column of the tile in the sample

  /// Tile `index` of the batch.
  Tile(TileGrid const& all, std::size_t index) : tiles(all), sample(index / all.per_sample()) {
    auto const tile_in_sample = static_cast<int>(index % all.per_sample());
    y = tile_in_sample / all.columns;
    x = tile_in_sample % all.columns;
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

/// Patch of an image: pointers to `size` × `size` pixels from (top, left) on. Pointers of pixels outside the image point to zeros.
template <int size, class Real>
class Patch {
 public:
  Patch() = default;  ///< must be assigned before use
  /// Patch of a sample. `zeros` points to as many zeros as the image has channels.
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
  /// Pointer to pixel (y, x) of the patch.
  Real const* operator()(int y, int x) const { return m_pixels[y][x]; }

  /// Prefetches the pixels of the patch `step` pixels further right that this one does not have: `channels` elements of each, `stride`
  /// elements apart.
  void prefetch(int step, std::size_t channels, std::size_t stride) const {
    for (int y = 0; y < size; ++y)
      for (int x = size - step; x < size; ++x)
        for (std::size_t c = 0; c < channels; c += 64 / sizeof(Real)) simd::prefetch(m_pixels[y][x] + step * stride + c);
  }

 private:
  Real const* m_pixels[size][size];
};

/// Calls `visit(y, x, pointer)` for those of the size × size pixels from (top, left) on that lie inside the image. `top` and `left` are not
/// negative.
template <int size, class Real, class Visit>
void for_each_inside(Real* sample, Shape image, int top, int left, Visit const& visit) {
  auto const channels = static_cast<std::size_t>(image.channels);
  int const rows = std::min(size, image.height - top);
  int const columns = std::min(size, image.width - left);
  for (int y = 0; y < rows; ++y)
    for (int x = 0; x < columns; ++x) visit(y, x, sample + (static_cast<std::size_t>(top + y) * image.width + (left + x)) * channels);
}

/// Tiles per block, with `tile_size` elements of scratch memory per tile: as many as fit 512 KiB, a multiple of 8, from `least` to 256.
template <class Real>
std::size_t block_tiles(std::size_t tile_size, std::size_t least = 64) {
  return std::clamp<std::size_t>((std::size_t{1} << 19) / sizeof(Real) / tile_size / 8 * 8, least, 256);
}

/// Elements from one matrix of a block to the next, for matrices of `tiles` rows, `row_stride` elements apart. Padded by a cache line:
/// equal positions in all matrices then do not map to the same cache set.
template <class Real>
std::size_t matrix_stride(std::size_t tiles, std::size_t row_stride) {
  return tiles * row_stride + 64 / sizeof(Real);
}

/// Scratch memory of a worker of a forward operation or an input gradient: matrices of left factors V and of products M for the tiles of a
/// block, and a row of zeros.
template <class Real>
struct BlockMemory {
  std::size_t left_matrices, phases;  ///< matrices of V; a row has the channels of so many phases
  std::size_t result_matrices;        ///< of M
  int channels, result_channels;      ///< of the image that is read, and of the image that is written
  std::size_t least_tiles = 64;       ///< smallest block

  /// Elements from one row of V to the next. Padded by 16: rows then do not map to the same few cache sets.
  std::size_t left_row_stride() const { return phases * channels + 16; }
  /// Elements from one row of M to the next.
  std::size_t result_row_stride() const { return simd::round_up_to_packs<Real>(result_channels); }
  /// Tiles that are transformed and multiplied at once.
  std::size_t tiles() const {
    return block_tiles<Real>(left_matrices * left_row_stride() + result_matrices * result_row_stride(), least_tiles);
  }
  /// Elements from one matrix of V to the next.
  std::size_t left_matrix_stride() const { return matrix_stride<Real>(tiles(), left_row_stride()); }
  /// Elements from one matrix of M to the next.
  std::size_t result_matrix_stride() const { return matrix_stride<Real>(tiles(), result_row_stride()); }
  /// Elements from the beginning to the zeros, behind V and M.
  std::size_t matrices_size() const { return left_matrices * left_matrix_stride() + result_matrices * result_matrix_stride(); }
  /// Size of the memory, in elements.
  std::size_t size() const { return matrices_size() + channels; }

  /// M in the scratch memory `own` of a worker, which begins with V.
  Real* results(Real* own) const { return own + left_matrices * left_matrix_stride(); }
  /// Fills the zeros behind M, which stand for pixels outside the image, and returns them.
  Real* zeros(Real* own) const {
    Real* const zeros = own + matrices_size();
    std::fill(zeros, zeros + channels, Real(0));
    return zeros;
  }
};

}  // namespace ign::math::winograd

#endif  // IGN_MATH_WINOGRAD_TILES_HPP
