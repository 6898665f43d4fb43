// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Forward and input gradient of a convolution of kernel 4, stride 2, padding 1 on hosts, by Winograd's algorithm
/// (math/winograd/transforms.hpp).
///
/// Algorithm: each worker transforms a block of tiles that fits its cache to left factors, multiplies them by the transformed weights
/// (math/gemm/host.hpp), and transforms the products to results. Only the results leave the cache.
///
///     forward: fine -> V (9 points; tile, 4 phases · F) · U (9; 4 phases · F, C) = M (9; tile, C) -> coarse
///     input gradient: coarse -> V (25 factors; tile, C) · U (36 products; C, F) = M (36; tile, F) -> fine
#ifndef IGN_MATH_WINOGRAD_HOST_HPP
#define IGN_MATH_WINOGRAD_HOST_HPP

#include <algorithm>

#include "ign/core/workspace.hpp"
#include "ign/math/conv/epilogue.hpp"
#include "ign/math/winograd/tiles.hpp"
#include "ign/math/winograd/weights.hpp"

namespace ign::math::winograd {

/// Forward: coarse = epilogue(windows of fine · weights). One index per worker.
template <int tile, class Real, class Factor = Real>
struct ConvForward {
  using Counts = TileCounts<tile>;

  ConvGeometry g;
  std::size_t batch;
  Real const* fine;
  Factor const* u;  // of ForwardWeights
  Epilogue<Real> epilogue;
  Real* coarse;
  Real* scratch;
  std::size_t workers;

  // Rows of V are padded by 16 elements: they then do not map to the same few cache lines.
  static std::size_t row(ConvGeometry const& g) { return phases * g.fine.channels + 16; }
  static std::size_t result_row(ConvGeometry const& g) { return simd::whole_packs<Real>(g.coarse.channels); }
  static std::size_t block(ConvGeometry const& g) { return block_tiles<Real>(Counts::points * (row(g) + result_row(g))); }
  static std::size_t left_stride(ConvGeometry const& g) { return matrix_stride<Real>(block(g), row(g)); }
  static std::size_t result_stride(ConvGeometry const& g) { return matrix_stride<Real>(block(g), result_row(g)); }
  static std::size_t scratch_size(ConvGeometry const& g) { return Counts::points * (left_stride(g) + result_stride(g)) + g.fine.channels; }

  void operator()(std::size_t worker) const {
    Tiles const tiles = coarse_tiles(g, tile);
    std::size_t const all = batch * tiles.per_sample();
    Real* const own = scratch + worker * worker_stride<Real>(scratch_size(g));
    auto* const v = reinterpret_cast<Factor*>(own);
    Real* const m = own + Counts::points * left_stride(g);
    Real* const zeros = m + Counts::points * result_stride(g);
    std::fill(zeros, zeros + g.fine.channels, Real(0));
    std::size_t const packs = result_row(g) / simd::lanes_v<Real>;
    std::size_t const inner = phases * g.fine.channels;
    std::size_t const end = all * (worker + 1) / workers;
    for (std::size_t first = all * worker / workers; first < end; first += block(g)) {
      std::size_t const count = std::min(block(g), end - first);
      Tile from(tiles, first);
      for (std::size_t t = 0; t < count; ++t, ++from) to_factors(from, zeros, v + t * row(g));
      for (std::size_t point = 0; point < Counts::points; ++point)
        product<false>(count, packs, inner, LeftFactor<Factor>{v + point * left_stride(g), row(g), 1},
                       Panels<Factor>{u + point * packs * ForwardWeights<tile, Real, Factor>::panel_size(g),
                                      ForwardWeights<tile, Real, Factor>::panel_size(g)},
                       m + point * result_stride(g), result_row(g));
      Tile to(tiles, first);
      for (std::size_t t = 0; t < count; ++t, ++to) to_result(to, m + t * result_row(g));
    }
  }

 private:
  void to_factors(Tile const& at, Real const* zeros, Factor* v) const {
    auto const channels = static_cast<std::size_t>(g.fine.channels);
    Patch<2 * tile + 2, Real> const patch(fine + at.sample * g.fine.size(), g.fine, 2 * tile * at.y - 1, 2 * tile * at.x - 1, zeros);
    patch.prefetch(2 * tile, channels, channels);
    std::size_t const point = left_stride(g);
    simd::for_each_pack<Real>(channels, [&](std::size_t c, auto type) {
      using T = decltype(type);
      transform<FineToLeft<tile, T>>(
          [&](int y, int x) { return simd::load<T>(patch(y, x) + c); },
          [&](int y, int x, T const& value) {
            auto const phase = static_cast<std::size_t>(y / Counts::axis * 2 + x / Counts::axis);
            simd::store(v + static_cast<std::size_t>(y % Counts::axis * Counts::axis + x % Counts::axis) * point + phase * channels + c,
                        value);
          });
    });
  }

  void to_result(Tile const& at, Real const* m) const {
    std::size_t const point = result_stride(g);
    Real* out[tile][tile] = {};
    for_each_inside<tile>(coarse + at.sample * g.coarse.size(), g.coarse, tile * at.y, tile * at.x,
                          [&](int y, int x, Real* pixel) { out[y][x] = pixel; });
    simd::for_each_pack<Real>(static_cast<std::size_t>(g.coarse.channels), [&](std::size_t c, auto type) {
      using T = decltype(type);
      transform<PointsToCoarse<tile, T>>(
          [&](int y, int x) { return simd::load<T>(m + static_cast<std::size_t>(Counts::axis * y + x) * point + c); },
          [&](int y, int x, T const& value) {
            if (out[y][x] != nullptr) simd::store(out[y][x] + c, epilogue.values(c, value));
          });
    });
  }
};

/// Input gradient: fine = epilogue(adjoint of the forward operation, applied to coarse). One index per worker.
template <int tile, class Real, class Factor = Real>
struct ConvInputGradient {
  using Counts = TileCounts<tile>;

  ConvGeometry g;
  std::size_t batch;
  Real const* coarse;
  Factor const* u;  // of InputGradientWeights
  Epilogue<Real> epilogue;
  Real* fine;
  Real* scratch;
  std::size_t workers;

  static std::size_t row(ConvGeometry const& g) { return g.coarse.channels + 16; }
  static std::size_t result_row(ConvGeometry const& g) { return simd::whole_packs<Real>(g.fine.channels); }
  static std::size_t block(ConvGeometry const& g) { return block_tiles<Real>(Counts::factors * row(g) + Counts::products * result_row(g)); }
  static std::size_t left_stride(ConvGeometry const& g) { return matrix_stride<Real>(block(g), row(g)); }
  static std::size_t result_stride(ConvGeometry const& g) { return matrix_stride<Real>(block(g), result_row(g)); }
  static std::size_t scratch_size(ConvGeometry const& g) {
    return Counts::factors * left_stride(g) + Counts::products * result_stride(g) + g.coarse.channels;
  }

  void operator()(std::size_t worker) const {
    Tiles const tiles = fine_tiles(g, tile);
    std::size_t const all = batch * tiles.per_sample();
    Real* const own = scratch + worker * worker_stride<Real>(scratch_size(g));
    auto* const v = reinterpret_cast<Factor*>(own);
    Real* const m = own + Counts::factors * left_stride(g);
    Real* const zeros = m + Counts::products * result_stride(g);
    std::fill(zeros, zeros + g.coarse.channels, Real(0));
    std::size_t const packs = result_row(g) / simd::lanes_v<Real>;
    std::size_t const panel = InputGradientWeights<tile, Real, Factor>::panel_size(g);
    std::size_t const end = all * (worker + 1) / workers;
    for (std::size_t first = all * worker / workers; first < end; first += block(g)) {
      std::size_t const count = std::min(block(g), end - first);
      Tile from(tiles, first);
      for (std::size_t t = 0; t < count; ++t, ++from) to_factors(from, zeros, v + t * row(g));
      for (int i = 0; i < static_cast<int>(Counts::products); ++i) {
        auto const factor = static_cast<std::size_t>(factor_of<tile>(i / (2 * Counts::axis)) * Counts::adjoint_axis +
                                                     factor_of<tile>(i % (2 * Counts::axis)));
        auto const index = static_cast<std::size_t>(i);
        product<false>(count, packs, g.coarse.channels, LeftFactor<Factor>{v + factor * left_stride(g), row(g), 1},
                       Panels<Factor>{u + index * packs * panel, panel}, m + index * result_stride(g), result_row(g));
      }
      Tile to(tiles, first);
      for (std::size_t t = 0; t < count; ++t, ++to) to_result(to, m + t * result_row(g));
    }
  }

 private:
  void to_factors(Tile const& at, Real const* zeros, Factor* v) const {
    Patch<tile + 2, Real> const patch(coarse + at.sample * g.coarse.size(), g.coarse, tile * at.y - 1, tile * at.x - 1, zeros);
    patch.prefetch(tile, static_cast<std::size_t>(g.coarse.channels), static_cast<std::size_t>(g.coarse.channels));
    std::size_t const factor = left_stride(g);
    simd::for_each_pack<Real>(static_cast<std::size_t>(g.coarse.channels), [&](std::size_t c, auto type) {
      using T = decltype(type);
      transform<CoarseToLeft<tile, T>>([&](int y, int x) { return simd::load<T>(patch(y, x) + c); },
                                       [&](int y, int x, T const& value) {
                                         simd::store(v + static_cast<std::size_t>(Counts::adjoint_axis * y + x) * factor + c, value);
                                       });
    });
  }

  void to_result(Tile const& at, Real const* m) const {
    std::size_t const product = result_stride(g);
    Real* out[2 * tile][2 * tile] = {};
    for_each_inside<2 * tile>(fine + at.sample * g.fine.size(), g.fine, 2 * tile * at.y, 2 * tile * at.x,
                              [&](int y, int x, Real* pixel) { out[y][x] = pixel; });
    simd::for_each_pack<Real>(static_cast<std::size_t>(g.fine.channels), [&](std::size_t c, auto type) {
      using T = decltype(type);
      transform<ProductsToFine<tile, T>>(
          [&](int y, int x) { return simd::load<T>(m + static_cast<std::size_t>(2 * Counts::axis * y + x) * product + c); },
          [&](int y, int x, T const& value) {
            if (out[y][x] != nullptr) simd::store(out[y][x] + c, epilogue.values(c, value));
          });
    });
  }
};

}  // namespace ign::math::winograd

#endif  // IGN_MATH_WINOGRAD_HOST_HPP
