// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Forward and input gradient of a convolution on hosts by Winograd's algorithm: kernel 4 or 3, stride 2, padding 1
/// (math/winograd/transforms.hpp), or kernel 3, stride 1 (math/winograd/stride_one.hpp).
///
/// Algorithm: each worker transforms a block of tiles that fits its cache to left factors, multiplies them by the transformed weights
/// (math/gemm/host.hpp), and transforms the products to results. Only the results leave the cache. With StrideTwo<2>:
///
///     forward: fine -> V (9 points; tiles, 4 phases · F) · U (9; 4 phases · F, C) = M (9; tiles, C) -> coarse
///     input gradient: coarse -> V (25 factors; tiles, C) · U (36 products; C, F) = M (36; tiles, F) -> fine
#ifndef IGN_MATH_WINOGRAD_HOST_HPP
#define IGN_MATH_WINOGRAD_HOST_HPP

#include <algorithm>

#include "ign/core/workspace.hpp"
#include "ign/math/conv/epilogue.hpp"
#include "ign/math/winograd/stride_one.hpp"
#include "ign/math/winograd/tiles.hpp"
#include "ign/math/winograd/weights.hpp"

namespace ign::math::winograd {

/// Forward: coarse = epilogue(windows of fine · weights). `Scheme` is StrideTwo or StrideOne. One index per worker.
template <class Scheme, class Real, class Factor = Real>
struct ConvForward {
  static constexpr int tile = Scheme::tile;

  ConvGeometry g;
  std::size_t batch;  ///< samples
  Real const* fine;   ///< (n, y, x, F)
  Factor const* u;    ///< of ForwardWeights
  Epilogue<Real> epilogue;
  Real* coarse;         ///< (n, y, x, C)
  Real* scratch;        ///< each worker's own, `worker_stride` elements apart
  std::size_t workers;  ///< indices that are run

  /// Size of each worker's own scratch memory, in elements.
  static std::size_t worker_scratch_size(ConvGeometry const& g) { return memory_of(g).size(); }

  void operator()(std::size_t worker) const {
    BlockMemory<Real> const memory = memory_of(g);
    TileGrid const tiles = coarse_tiles(g, tile);
    std::size_t const all = batch * tiles.per_sample();
    Real* const own = scratch + worker * worker_stride<Real>(memory.size());
    auto* const v = reinterpret_cast<Factor*>(own);
    Real *const m = memory.results(own), *const zeros = memory.zeros(own);
    std::size_t const end = all * (worker + 1) / workers;
    for (std::size_t first = all * worker / workers; first < end; first += memory.tiles()) {
      std::size_t const count = std::min(memory.tiles(), end - first);
      Tile from(tiles, first);
      for (std::size_t t = 0; t < count; ++t, ++from) to_factors(from, zeros, v + t * memory.left_row_stride());
      for (std::size_t point = 0; point < Scheme::points; ++point) multiply(point, count, v, m);
      Tile to(tiles, first);
      for (std::size_t t = 0; t < count; ++t, ++to) to_result(to, m + t * memory.result_row_stride());
    }
  }

 private:
  static BlockMemory<Real> memory_of(ConvGeometry const& g) {
    return {Scheme::points, Scheme::phases, Scheme::points, g.fine.channels, g.coarse.channels};
  }

  // M = V U of a point and `count` tiles, without the phases whose right factors are zero.
  void multiply(std::size_t point, std::size_t count, Factor const* v, Real* m) const {
    BlockMemory<Real> const memory = memory_of(g);
    constexpr std::size_t axis = Scheme::axis_points, phases = Scheme::phases;
    bool const odd_rows = lacks_last_tap(g) && point / axis == axis - 1, odd_columns = lacks_last_tap(g) && point % axis == axis - 1;
    std::size_t const packs = memory.result_row_stride() / simd::lanes_v<Real>, channels = g.fine.channels;
    std::size_t const panel_size = ForwardWeights<Scheme, Real, Factor>::panel_size(g);
    auto const add = [&](std::size_t first, std::size_t number, bool to_sum) {
      product(to_sum, count, packs, number * channels,
              LeftFactor<Factor>{v + point * memory.left_matrix_stride() + first * channels, memory.left_row_stride(), 1},
              Panels<Factor>{u + point * packs * panel_size + first * channels * simd::lanes_v<Real>, panel_size},
              m + point * memory.result_matrix_stride(), memory.result_row_stride());
    };
    if (!odd_columns) {
      add(odd_rows ? phases / 2 : 0, odd_rows ? phases / 2 : phases, false);
    } else {
      add(phases - 1, 1, false);
      if (!odd_rows) add(1, 1, true);
    }
  }

  void to_factors(Tile const& at, Real const* zeros, Factor* v) const {
    auto const channels = static_cast<std::size_t>(g.fine.channels);
    constexpr int step = Scheme::stride * tile;
    Patch<Scheme::patch, Real> const patch(fine + at.sample * g.fine.size(), g.fine, step * at.y - g.padding, step * at.x - g.padding,
                                           zeros);
    patch.prefetch(step, channels, channels);
    std::size_t const point_stride = memory_of(g).left_matrix_stride();
    simd::for_each_pack<Real>(channels, [&](std::size_t c, auto type) {
      using T = decltype(type);
      transform<typename Scheme::template FineToLeft<T>>(
          [&](int y, int x) { return simd::load<T>(patch(y, x) + c); },
          [&](int y, int x, T const& value) {
            constexpr int points = Scheme::axis_points;
            auto const phase = static_cast<std::size_t>(y / points * Scheme::axis_phases + x / points);
            simd::store(v + static_cast<std::size_t>(y % points * points + x % points) * point_stride + phase * channels + c, value);
          });
    });
  }

  void to_result(Tile const& at, Real const* m) const {
    std::size_t const point_stride = memory_of(g).result_matrix_stride();
    Real* out[tile][tile] = {};
    for_each_inside<tile>(coarse + at.sample * g.coarse.size(), g.coarse, tile * at.y, tile * at.x,
                          [&](int y, int x, Real* pixel) { out[y][x] = pixel; });
    simd::for_each_pack<Real>(static_cast<std::size_t>(g.coarse.channels), [&](std::size_t c, auto type) {
      using T = decltype(type);
      transform<typename Scheme::template PointsToCoarse<T>>(
          [&](int y, int x) { return simd::load<T>(m + static_cast<std::size_t>(Scheme::axis_points * y + x) * point_stride + c); },
          [&](int y, int x, T const& value) {
            if (out[y][x] != nullptr) simd::store(out[y][x] + c, epilogue.values(c, value));
          });
    });
  }
};

/// Input gradient: fine = epilogue(adjoint of the forward operation, applied to coarse). One index per worker.
template <class Scheme, class Real, class Factor = Real>
struct ConvInputGradient {
  static constexpr int tile = Scheme::tile;
  using Counts = TileCounts<tile>;

  ConvGeometry g;
  std::size_t batch;   ///< samples
  Real const* coarse;  ///< (n, y, x, C)
  Factor const* u;     ///< of InputGradientWeights
  Epilogue<Real> epilogue;
  Real* fine;           ///< (n, y, x, F)
  Real* scratch;        ///< each worker's own, `worker_stride` elements apart
  std::size_t workers;  ///< indices that are run

  /// Size of each worker's own scratch memory, in elements.
  static std::size_t worker_scratch_size(ConvGeometry const& g) { return memory_of(g).size(); }

  void operator()(std::size_t worker) const {
    BlockMemory<Real> const memory = memory_of(g);
    TileGrid const tiles = fine_tiles(g, tile);
    std::size_t const all = batch * tiles.per_sample();
    Real* const own = scratch + worker * worker_stride<Real>(memory.size());
    auto* const v = reinterpret_cast<Factor*>(own);
    Real *const m = memory.results(own), *const zeros = memory.zeros(own);
    if (lacks_last_tap(g)) std::fill(m, zeros, Real(0));  // products that are not computed
    std::size_t const packs = memory.result_row_stride() / simd::lanes_v<Real>;
    std::size_t const panel_size = InputGradientWeights<Scheme, Real, Factor>::panel_size(g);
    std::size_t const end = all * (worker + 1) / workers;
    for (std::size_t first = all * worker / workers; first < end; first += memory.tiles()) {
      std::size_t const count = std::min(memory.tiles(), end - first);
      Tile from(tiles, first);
      for (std::size_t t = 0; t < count; ++t, ++from) to_factors(from, zeros, v + t * memory.left_row_stride());
      for (int i = 0; i < static_cast<int>(Counts::products); ++i) {
        if (lacks_last_tap(g) && (i < 2 * Counts::axis_points || i % (2 * Counts::axis_points) == 0)) continue;  // right factor 0
        auto const factor = static_cast<std::size_t>(left_factor_index<tile>(i / (2 * Counts::axis_points)) * Counts::axis_factors +
                                                     left_factor_index<tile>(i % (2 * Counts::axis_points)));
        auto const index = static_cast<std::size_t>(i);
        product<false>(count, packs, g.coarse.channels,
                       LeftFactor<Factor>{v + factor * memory.left_matrix_stride(), memory.left_row_stride(), 1},
                       Panels<Factor>{u + index * packs * panel_size, panel_size}, m + index * memory.result_matrix_stride(),
                       memory.result_row_stride());
      }
      Tile to(tiles, first);
      for (std::size_t t = 0; t < count; ++t, ++to) to_result(to, m + t * memory.result_row_stride());
    }
  }

 private:
  static BlockMemory<Real> memory_of(ConvGeometry const& g) {
    return {Counts::factors, 1, Counts::products, g.coarse.channels, g.fine.channels};
  }

  void to_factors(Tile const& at, Real const* zeros, Factor* v) const {
    Patch<tile + 2, Real> const patch(coarse + at.sample * g.coarse.size(), g.coarse, tile * at.y - 1, tile * at.x - 1, zeros);
    patch.prefetch(tile, static_cast<std::size_t>(g.coarse.channels), static_cast<std::size_t>(g.coarse.channels));
    std::size_t const factor_stride = memory_of(g).left_matrix_stride();
    simd::for_each_pack<Real>(static_cast<std::size_t>(g.coarse.channels), [&](std::size_t c, auto type) {
      using T = decltype(type);
      transform<CoarseToLeft<tile, T>>([&](int y, int x) { return simd::load<T>(patch(y, x) + c); },
                                       [&](int y, int x, T const& value) {
                                         simd::store(v + static_cast<std::size_t>(Counts::axis_factors * y + x) * factor_stride + c, value);
                                       });
    });
  }

  void to_result(Tile const& at, Real const* m) const {
    std::size_t const product_stride = memory_of(g).result_matrix_stride();
    Real* out[2 * tile][2 * tile] = {};
    for_each_inside<2 * tile>(fine + at.sample * g.fine.size(), g.fine, 2 * tile * at.y, 2 * tile * at.x,
                              [&](int y, int x, Real* pixel) { out[y][x] = pixel; });
    simd::for_each_pack<Real>(static_cast<std::size_t>(g.fine.channels), [&](std::size_t c, auto type) {
      using T = decltype(type);
      transform<ProductsToFine<tile, T>>(
          [&](int y, int x) { return simd::load<T>(m + static_cast<std::size_t>(2 * Counts::axis_points * y + x) * product_stride + c); },
          [&](int y, int x, T const& value) {
            if (out[y][x] != nullptr) simd::store(out[y][x] + c, epilogue.values(c, value));
          });
    });
  }
};

/// Input gradient with stride 1: the forward operation from coarse to fine, with right factors of InputGradientWeights.
template <int tile, class Real, class Factor>
struct ConvInputGradient<StrideOne<tile>, Real, Factor> {
  using Adjoint = ConvForward<StrideOne<tile>, Real, Factor>;

  ConvGeometry g;
  std::size_t batch;   ///< samples
  Real const* coarse;  ///< (n, y, x, C)
  Factor const* u;     ///< of InputGradientWeights
  Epilogue<Real> epilogue;
  Real* fine;           ///< (n, y, x, F)
  Real* scratch;        ///< each worker's own, `worker_stride` elements apart
  std::size_t workers;  ///< indices that are run

  /// Geometry of that operation.
  static ConvGeometry adjoint(ConvGeometry const& g) { return {g.coarse, g.fine, g.kernel, g.stride, 2 - g.padding}; }
  /// Size of each worker's own scratch memory, in elements.
  static std::size_t worker_scratch_size(ConvGeometry const& g) { return Adjoint::worker_scratch_size(adjoint(g)); }

  void operator()(std::size_t worker) const { Adjoint{adjoint(g), batch, coarse, u, epilogue, fine, scratch, workers}(worker); }
};

}  // namespace ign::math::winograd

#endif  // IGN_MATH_WINOGRAD_HOST_HPP
