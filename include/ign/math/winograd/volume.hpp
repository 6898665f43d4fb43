// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Forward and input gradient of a three-dimensional convolution of kernel 4, stride 2, padding 1 on hosts, by Winograd's algorithm.
///
/// Algorithm: the transforms of math/winograd/transforms.hpp along all three axes. 216 products replace 512: 2.37 times fewer. The
/// transform along the depth subtracts two slices while they are read, and the kernel then does the work of two dimensions on the
/// difference, one product of the depth after the other. A tile is 2×2×2 coarse or 4×4×4 fine pixels.
///
///     forward: for each of 6 products along the depth: fine -> V -> M (3 points of the depth, 9; tiles, C); M -> coarse
///     input gradient: for each of 5 factors along the depth: coarse -> V; for each of its products: V -> M -> two slices of fine
///
/// Layout: images (n, z, y, x, channel), weights of math/winograd/volume_weights.hpp.
#ifndef IGN_MATH_WINOGRAD_VOLUME_HPP
#define IGN_MATH_WINOGRAD_VOLUME_HPP

#include <algorithm>

#include "ign/core/workspace.hpp"
#include "ign/math/conv/epilogue.hpp"
#include "ign/math/winograd/tiles.hpp"
#include "ign/math/winograd/volume_weights.hpp"

namespace ign::math::winograd {

/// Difference of two slices of an image; slices outside the image are zero.
template <int size, class Real>
class SliceDifference {
 public:
  /// Slice `plus`, minus slice `minus` if `has_minus`, of a sample of `depth` slices; size × size pixels from (top, left) on, as of a
  /// Patch.
  SliceDifference(Real const* sample, Shape image, int depth, int plus, int minus, bool has_minus, int top, int left, Real const* zeros)
      : m_plus(patch(sample, image, depth, plus, top, left, zeros)),
        m_minus(patch(sample, image, depth, minus, top, left, zeros)),
        m_has_minus(has_minus && minus >= 0 && minus < depth) {}

  /// Applies Transform to the difference along both axes, for a scalar or a pack of channels from c on. `put` as in `transform`.
  template <class Transform, class Put>
  void transform_to(std::size_t c, Put const& put) const {
    using T = typename Transform::value_type;
    if (m_has_minus)
      transform<Transform>([&](int y, int x) { return simd::load<T>(m_plus(y, x) + c) - simd::load<T>(m_minus(y, x) + c); }, put);
    else
      transform<Transform>([&](int y, int x) { return simd::load<T>(m_plus(y, x) + c); }, put);
  }

 private:
  static Patch<size, Real> patch(Real const* sample, Shape image, int depth, int slice, int top, int left, Real const* zeros) {
    if (slice < 0 || slice >= depth) return {sample, Shape{0, 0, image.channels}, 0, 0, zeros};
    return {sample + static_cast<std::size_t>(slice) * image.size(), image, top, left, zeros};
  }

  Patch<size, Real> m_plus, m_minus;
  bool m_has_minus;
};

/// Tiles along the depth: pairs of coarse slices.
inline std::size_t coarse_depth_tiles(ConvGeometry const& g) { return static_cast<std::size_t>((g.depth.coarse + 1) / 2); }
/// Tiles along the depth: groups of four fine slices.
inline std::size_t fine_depth_tiles(ConvGeometry const& g) { return static_cast<std::size_t>((g.depth.fine + 3) / 4); }

/// Forward: coarse = epilogue(windows of fine · weights). One index per worker.
template <class Real>
struct VolumeForward {
  ConvGeometry g;
  std::size_t batch;  ///< samples
  Real const* fine;   ///< (n, z, y, x, F)
  Real const* u;      ///< of VolumeForwardWeights
  Epilogue<Real> epilogue;
  Real* coarse;         ///< (n, z, y, x, C)
  Real* scratch;        ///< each worker's own, `worker_stride` elements apart
  std::size_t workers;  ///< indices that are run

  static constexpr std::size_t all_points = depth_point_count * SmallTiles::points;  ///< matrices of M
  /// Size of each worker's own scratch memory, in elements.
  static std::size_t worker_scratch_size(ConvGeometry const& g) { return memory_of(g).size(); }

  void operator()(std::size_t worker) const {
    BlockMemory<Real> const memory = memory_of(g);
    TileGrid const tiles = coarse_tiles(g);
    std::size_t const all = batch * coarse_depth_tiles(g) * tiles.per_sample();
    Real* const v = scratch + worker * worker_stride<Real>(memory.size());
    Real *const m = memory.results(v), *const zeros = memory.zeros(v);
    std::size_t const packs = memory.result_row_stride() / simd::lanes_v<Real>, inner = phase_count * g.fine.channels;
    std::size_t const panel_size = VolumeForwardWeights<Real>::panel_size(g);
    std::size_t const end = all * (worker + 1) / workers;
    for (std::size_t first = all * worker / workers; first < end; first += memory.tiles()) {
      std::size_t const count = std::min(memory.tiles(), end - first);
      for (std::size_t j = 0; j < depth_product_count; ++j) {
        Tile from(tiles, first);
        for (std::size_t t = 0; t < count; ++t, ++from) to_factors(from, j, zeros, v + t * memory.left_row_stride());
        for (std::size_t point = 0; point < SmallTiles::points; ++point)
          product(j >= depth_point_count, count, packs, inner,
                  LeftFactor<Real>{v + point * memory.left_matrix_stride(), memory.left_row_stride(), 1},
                  Panels<Real>{u + (j * SmallTiles::points + point) * packs * panel_size, panel_size},
                  m + (j % depth_point_count * SmallTiles::points + point) * memory.result_matrix_stride(), memory.result_row_stride());
      }
      Tile to(tiles, first);
      for (std::size_t t = 0; t < count; ++t, ++to) to_result(to, m + t * memory.result_row_stride());
    }
  }

 private:
  static BlockMemory<Real> memory_of(ConvGeometry const& g) {
    return {SmallTiles::points, phase_count, all_points, g.fine.channels, g.coarse.channels, 32};
  }

  void to_factors(Tile const& tile, std::size_t j, Real const* zeros, Real* v) const {
    auto const channels = static_cast<std::size_t>(g.fine.channels);
    auto const z = static_cast<int>(tile.sample % coarse_depth_tiles(g));
    DepthTerm const term = fine_terms[j];
    int const first = 4 * z - 1;
    SliceDifference<6, Real> const slices(fine + tile.sample / coarse_depth_tiles(g) * g.fine_size(), g.fine, g.depth.fine,
                                          first + term.plus, first + term.minus, term.minus >= 0, 4 * tile.y - 1, 4 * tile.x - 1, zeros);
    std::size_t const point_stride = memory_of(g).left_matrix_stride();
    simd::for_each_pack<Real>(channels, [&](std::size_t c, auto type) {
      using T = decltype(type);
      slices.template transform_to<FineToLeft<2, T>>(c, [&](int y, int x, T const& value) {
        auto const phase = static_cast<std::size_t>(y / 3 * 2 + x / 3);
        simd::store(v + static_cast<std::size_t>(y % 3 * 3 + x % 3) * point_stride + phase * channels + c, value);
      });
    });
  }

  void to_result(Tile const& tile, Real const* m) const {
    std::size_t const point_stride = memory_of(g).result_matrix_stride();
    auto const z = static_cast<int>(tile.sample % coarse_depth_tiles(g));
    Real* const sample = coarse + tile.sample / coarse_depth_tiles(g) * g.coarse_size();
    for (int s = 0; s < 2 && 2 * z + s < g.depth.coarse; ++s, m += SmallTiles::points * point_stride) {
      Real* out[2][2] = {};
      for_each_inside<2>(sample + static_cast<std::size_t>(2 * z + s) * g.coarse.size(), g.coarse, 2 * tile.y, 2 * tile.x,
                         [&](int y, int x, Real* pixel) { out[y][x] = pixel; });
      simd::for_each_pack<Real>(static_cast<std::size_t>(g.coarse.channels), [&](std::size_t c, auto type) {
        using T = decltype(type);
        transform<PointsToCoarse<2, T>>(
            [&](int y, int x) {
              Real const* const element = m + static_cast<std::size_t>(3 * y + x) * point_stride + c;
              return simd::load<T>(element) + simd::load<T>(element + SmallTiles::points * point_stride);
            },
            [&](int y, int x, T const& value) {
              if (out[y][x] != nullptr) simd::store(out[y][x] + c, epilogue.values(c, value));
            });
      });
    }
  }
};

/// Input gradient: fine = epilogue(adjoint of the forward operation, applied to coarse). Every fine slice is the sum of two products along
/// the depth: the first stores it, the second adds and applies the epilogue. One index per worker.
template <class Real>
struct VolumeInputGradient {
  ConvGeometry g;
  std::size_t batch;   ///< samples
  Real const* coarse;  ///< (n, z, y, x, C)
  Real const* u;       ///< of VolumeInputGradientWeights
  Epilogue<Real> epilogue;
  Real* fine;           ///< (n, z, y, x, F)
  Real* scratch;        ///< each worker's own, `worker_stride` elements apart
  std::size_t workers;  ///< indices that are run

  /// Size of each worker's own scratch memory, in elements.
  static std::size_t worker_scratch_size(ConvGeometry const& g) { return memory_of(g).size(); }

  void operator()(std::size_t worker) const {
    BlockMemory<Real> const memory = memory_of(g);
    TileGrid const tiles = fine_tiles(g);
    std::size_t const all = batch * fine_depth_tiles(g) * tiles.per_sample();
    Real* const v = scratch + worker * worker_stride<Real>(memory.size());
    Real *const m = memory.results(v), *const zeros = memory.zeros(v);
    std::size_t const packs = memory.result_row_stride() / simd::lanes_v<Real>;
    std::size_t const panel_size = VolumeInputGradientWeights<Real>::panel_size(g);
    std::size_t const end = all * (worker + 1) / workers;
    for (std::size_t first = all * worker / workers; first < end; first += memory.tiles()) {
      std::size_t const count = std::min(memory.tiles(), end - first);
      for (std::size_t j = 0; j < depth_product_count; ++j) {
        auto const depth_factor = static_cast<std::size_t>(left_factor_index<2>(static_cast<int>(j)));
        if (j == 0 || left_factor_index<2>(static_cast<int>(j) - 1) != static_cast<int>(depth_factor)) {
          Tile from(tiles, first);
          for (std::size_t t = 0; t < count; ++t, ++from) to_factors(from, depth_factor, zeros, v + t * memory.left_row_stride());
        }
        for (int i = 0; i < static_cast<int>(SmallTiles::products); ++i) {
          auto const factor = static_cast<std::size_t>(left_factor_index<2>(i / 6) * 5 + left_factor_index<2>(i % 6));
          auto const product_index = static_cast<std::size_t>(i);
          product<false>(count, packs, g.coarse.channels,
                         LeftFactor<Real>{v + factor * memory.left_matrix_stride(), memory.left_row_stride(), 1},
                         Panels<Real>{u + (j * SmallTiles::products + product_index) * packs * panel_size, panel_size},
                         m + product_index * memory.result_matrix_stride(), memory.result_row_stride());
        }
        Tile to(tiles, first);
        for (std::size_t t = 0; t < count; ++t, ++to) to_result(to, j, m + t * memory.result_row_stride());
      }
    }
  }

 private:
  static BlockMemory<Real> memory_of(ConvGeometry const& g) {
    return {SmallTiles::factors, 1, SmallTiles::products, g.coarse.channels, g.fine.channels};
  }

  void to_factors(Tile const& tile, std::size_t depth_factor, Real const* zeros, Real* v) const {
    DepthTerm const term = coarse_terms[depth_factor];
    int const first = 2 * static_cast<int>(tile.sample % fine_depth_tiles(g)) - 1;
    SliceDifference<4, Real> const slices(coarse + tile.sample / fine_depth_tiles(g) * g.coarse_size(), g.coarse, g.depth.coarse,
                                          first + term.plus, first + term.minus, term.minus >= 0, 2 * tile.y - 1, 2 * tile.x - 1, zeros);
    std::size_t const factor_stride = memory_of(g).left_matrix_stride();
    simd::for_each_pack<Real>(static_cast<std::size_t>(g.coarse.channels), [&](std::size_t c, auto type) {
      using T = decltype(type);
      slices.template transform_to<CoarseToLeft<2, T>>(
          c, [&](int y, int x, T const& value) { simd::store(v + static_cast<std::size_t>(5 * y + x) * factor_stride + c, value); });
    });
  }

  void to_result(Tile const& tile, std::size_t j, Real const* m) const {
    // ProductsToFine along the depth: slices that this product completes and begins, of 4.
    constexpr int completes[depth_product_count] = {-1, 0, 2, -1, 1, 3}, begins[depth_product_count] = {0, 2, -1, 1, 3, -1};
    std::size_t const product_stride = memory_of(g).result_matrix_stride();
    int const first = 4 * static_cast<int>(tile.sample % fine_depth_tiles(g));
    Real* const sample = fine + tile.sample / fine_depth_tiles(g) * g.fine_size();
    Real *completed[4][4] = {}, *begun[4][4] = {};
    auto const pointers = [&](int slice, Real*(&out)[4][4]) {
      if (slice < 0 || first + slice >= g.depth.fine) return;
      for_each_inside<4>(sample + static_cast<std::size_t>(first + slice) * g.fine.size(), g.fine, 4 * tile.y, 4 * tile.x,
                         [&](int y, int x, Real* pixel) { out[y][x] = pixel; });
    };
    pointers(completes[j], completed);
    pointers(begins[j], begun);
    simd::for_each_pack<Real>(static_cast<std::size_t>(g.fine.channels), [&](std::size_t c, auto type) {
      using T = decltype(type);
      transform<ProductsToFine<2, T>>(
          [&](int y, int x) { return simd::load<T>(m + static_cast<std::size_t>(6 * y + x) * product_stride + c); },
          [&](int y, int x, T const& value) {
            if (Real* const out = completed[y][x]; out != nullptr) simd::store(out + c, epilogue.values(c, simd::load<T>(out + c) + value));
            if (begun[y][x] != nullptr) simd::store(begun[y][x] + c, value);
          });
    });
  }
};

}  // namespace ign::math::winograd

#endif  // IGN_MATH_WINOGRAD_VOLUME_HPP
