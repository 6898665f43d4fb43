// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Weight gradient of a convolution of kernel 4, stride 2, padding 1 on hosts, by Winograd's algorithm (math/winograd/transforms.hpp).
///
///     fine -> V (36 products; tile, F), coarse -> D (9 points; tile, C), dU (36; F, C) = Vᵀ D -> gradient of the taps
///
/// Algorithm: each worker transforms a block of tiles that fits its cache and multiplies it (math/gemm/host.hpp). The sums of parts of the
/// batch are then added in order and transformed back to taps.
#ifndef IGN_MATH_WINOGRAD_HOST_WEIGHT_GRADIENT_HPP
#define IGN_MATH_WINOGRAD_HOST_WEIGHT_GRADIENT_HPP

#include <algorithm>

#include "ign/core/workspace.hpp"
#include "ign/math/winograd/tiles.hpp"
#include "ign/math/winograd/weights.hpp"

namespace ign::math::winograd {

/// Gradients of the right factors: dU(product; f, c), a sum over tiles. A task is a group of fine channels of one part of the batch: no
/// worker needs a private copy of the whole dU. The number of parts follows from the layer alone. One index per worker.
template <class Real>
struct ConvWeightGradient {
  static constexpr std::size_t task_channels = 16;

  ConvGeometry g;
  std::size_t batch;
  Real const* fine;
  Real const* coarse;
  Real const* scale;  // per sample, or nullptr
  Real* du;           // (part, product, f, c)
  Real* scratch;
  std::size_t workers;

  static std::size_t column(ConvGeometry const& g) { return simd::whole_packs<Real>(g.coarse.channels); }
  static std::size_t part_size(ConvGeometry const& g) { return products * g.fine.channels * column(g); }
  static std::size_t groups(ConvGeometry const& g) { return (g.fine.channels + task_channels - 1) / task_channels; }
  static std::size_t parts(ConvGeometry const& g) { return std::max<std::size_t>(1, 16 / groups(g)); }
  static std::size_t block(ConvGeometry const& g) { return block_tiles<Real>(products * task_channels + points * column(g)); }
  static std::size_t left_stride(ConvGeometry const& g) { return matrix_stride<Real>(block(g), task_channels); }
  static std::size_t panel_size(ConvGeometry const& g) { return matrix_stride<Real>(block(g), simd::lanes_v<Real>); }
  static std::size_t right_size(ConvGeometry const& g) { return points * column(g) / simd::lanes_v<Real> * panel_size(g); }
  static std::size_t scratch_size(ConvGeometry const& g) {
    return products * left_stride(g) + right_size(g) + std::max(g.fine.channels, g.coarse.channels);
  }

  void operator()(std::size_t worker) const {
    Tiles const tiles = coarse_tiles(g);
    std::size_t const all = batch * tiles.per_sample();
    Real* const v = scratch + worker * worker_stride<Real>(scratch_size(g));
    Real* const d = v + products * left_stride(g);
    Real* const zeros = d + right_size(g);
    std::fill(zeros, zeros + std::max(g.fine.channels, g.coarse.channels), Real(0));
    std::fill(d, d + right_size(g), Real(0));  // the padding of the panels stays zero
    for (std::size_t task = worker; task < groups(g) * parts(g); task += workers) {
      std::size_t const part = task / groups(g);
      std::size_t const first_f = task % groups(g) * task_channels;
      std::size_t const count_f = std::min(task_channels, g.fine.channels - first_f);
      Real* const sum = du + part * part_size(g) + first_f * column(g);
      std::size_t const begin = all * part / parts(g);
      std::size_t const end = all * (part + 1) / parts(g);
      if (begin == end)
        for (std::size_t i = 0; i < products; ++i)
          std::fill(sum + i * g.fine.channels * column(g), sum + (i * g.fine.channels + count_f) * column(g), Real(0));
      for (std::size_t first = begin; first < end; first += block(g)) {
        std::size_t const count = std::min(block(g), end - first);
        Tile tile(tiles, first);
        for (std::size_t t = 0; t < count; ++t, ++tile) {
          left_factors(tile, first_f, count_f, zeros, v + t * task_channels);
          right_factors(tile, zeros, d + t * simd::lanes_v<Real>);
        }
        multiply(count, count_f, v, d, first == begin, sum);
      }
    }
  }

 private:
  void multiply(std::size_t count, std::size_t count_f, Real const* v, Real const* d, bool start, Real* sum) const {
    std::size_t const packs = column(g) / simd::lanes_v<Real>;
    for (std::size_t point = 0; point < points; ++point) {
      Panels<Real> const right{d + point * packs * panel_size(g), panel_size(g)};
      for (std::size_t phase = 0; phase < phases; ++phase) {
        std::size_t const i = (phase / 2 * 3 + point / 3) * 6 + phase % 2 * 3 + point % 3;
        LeftFactor<Real> const left{v + i * left_stride(g), 1, task_channels};
        Real* const out = sum + i * g.fine.channels * column(g);
        product(!start, count_f, packs, count, left, right, out, column(g));
      }
    }
  }

  void left_factors(Tile const& tile, std::size_t first_f, std::size_t count_f, Real const* zeros, Real* v) const {
    Patch<6, Real> const patch(fine + tile.sample * g.fine.size() + first_f, g.fine, 4 * tile.y - 1, 4 * tile.x - 1, zeros);
    patch.prefetch(4, count_f, g.fine.channels);
    std::size_t const product = left_stride(g);
    simd::for_each_pack<Real>(count_f, [&](std::size_t c, auto type) {
      using T = decltype(type);
      transform<FineToLeft, T>(
          [&](int y, int x) { return simd::load<T>(patch(y, x) + c); },
          [&](int y, int x, T const& value) { simd::store(v + static_cast<std::size_t>(6 * y + x) * product + c, value); });
    });
  }

  void right_factors(Tile const& tile, Real const* zeros, Real* d) const {
    constexpr std::size_t lanes = simd::lanes_v<Real>;
    Patch<2, Real> const patch(coarse + tile.sample * g.coarse.size(), g.coarse, 2 * tile.y, 2 * tile.x, zeros);
    patch.prefetch(2, static_cast<std::size_t>(g.coarse.channels), static_cast<std::size_t>(g.coarse.channels));
    Real const factor = scale != nullptr ? scale[tile.sample] : Real(1);
    std::size_t const point = column(g) / lanes * panel_size(g);
    simd::for_each_pack<Real>(static_cast<std::size_t>(g.coarse.channels), [&](std::size_t c, auto type) {
      using T = decltype(type);
      Real* const to = d + c / lanes * panel_size(g) + c % lanes;
      transform<CoarseToPoints, T>(
          [&](int y, int x) { return factor * simd::load<T>(patch(y, x) + c); },
          [&](int y, int x, T const& value) { simd::store(to + static_cast<std::size_t>(3 * y + x) * point, value); });
    });
  }
};

/// Adds the sum of dU over the parts, transformed back to taps, to the gradient of the weights. One index per f.
template <class Real>
struct AddWeightGradient {
  ConvGeometry g;
  Real const* du;
  Real* gradient;

  void operator()(std::size_t f) const {
    std::size_t const column = ConvWeightGradient<Real>::column(g);
    std::size_t const product = g.fine.channels * column;
    auto const channels = static_cast<std::size_t>(g.coarse.channels);
    simd::for_each_pack<Real>(channels, [&](std::size_t c, auto type) {
      using T = decltype(type);
      transform<RightToTaps, T>(
          [&](int y, int x) {
            Real const* const from = du + static_cast<std::size_t>(6 * y + x) * product + f * column + c;
            T sum = simd::load<T>(from);
            for (std::size_t part = 1; part < ConvWeightGradient<Real>::parts(g); ++part)
              sum += simd::load<T>(from + part * ConvWeightGradient<Real>::part_size(g));
            return sum;
          },
          [&](int y, int x, T const& value) {
            Real* const to = gradient + (static_cast<std::size_t>(4 * y + x) * g.fine.channels + f) * channels + c;
            simd::store(to, simd::load<T>(to) + value);
          });
    });
  }
};

}  // namespace ign::math::winograd

#endif  // IGN_MATH_WINOGRAD_HOST_WEIGHT_GRADIENT_HPP
