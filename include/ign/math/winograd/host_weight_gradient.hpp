// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Weight gradient of a convolution of kernel 4, stride 2, padding 1 on hosts, by Winograd's algorithm (math/winograd/transforms.hpp).
/// With tile = 2:
///
///     fine -> V (36 products; tiles, F), coarse -> D (9 points; tiles, C), dU (36; F, C) = Vᵀ D -> gradient of the taps
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
template <int tile, class Real>
struct ConvWeightGradient {
  using Counts = TileCounts<tile>;
  static constexpr std::size_t task_channels = 16;  ///< largest number of fine channels of a task
  static constexpr std::size_t tiles_at_once = 8;   ///< tiles whose right factors are computed together

  ConvGeometry g;
  std::size_t batch;           ///< samples
  Real const* fine;            ///< (n, y, x, F)
  Real const* coarse;          ///< (n, y, x, C)
  Real const* sample_weights;  ///< (n), or nullptr: 1
  Real* du;                    ///< (part, product, f, c): the shared scratch memory
  Real* scratch;               ///< each worker's own, `worker_stride` elements apart
  std::size_t workers;         ///< indices that are run

  /// Elements from one row of dU to the next.
  static std::size_t sum_stride(ConvGeometry const& g) { return simd::round_up_to_packs<Real>(g.coarse.channels); }
  /// Elements of dU of one part.
  static std::size_t part_size(ConvGeometry const& g) { return Counts::products * g.fine.channels * sum_stride(g); }
  /// Groups of fine channels, each the work of one task.
  static std::size_t groups(ConvGeometry const& g) { return (g.fine.channels + task_channels - 1) / task_channels; }
  /// Parts of the batch: as many as give at most 16 tasks, and at least one.
  static std::size_t parts(ConvGeometry const& g) { return std::max<std::size_t>(1, 16 / groups(g)); }
  /// Size of the scratch memory that all workers share, for dU, in elements.
  static std::size_t shared_scratch_size(ConvGeometry const& g) { return parts(g) * part_size(g); }
  /// Tiles that are transformed and multiplied at once.
  static std::size_t tiles_per_block(ConvGeometry const& g) {
    return block_tiles<Real>(Counts::products * task_channels + Counts::points * sum_stride(g));
  }
  /// Elements from one matrix of V to the next.
  static std::size_t left_matrix_stride(ConvGeometry const& g) { return matrix_stride<Real>(tiles_per_block(g), task_channels); }
  /// Elements from one panel of D to the next.
  static std::size_t panel_stride(ConvGeometry const& g) { return matrix_stride<Real>(tiles_per_block(g), simd::lanes_v<Real>); }
  /// Elements of D for a block of tiles.
  static std::size_t right_size(ConvGeometry const& g) { return Counts::points * sum_stride(g) / simd::lanes_v<Real> * panel_stride(g); }
  /// Size of each worker's own scratch memory, in elements.
  static std::size_t worker_scratch_size(ConvGeometry const& g) {
    return Counts::products * left_matrix_stride(g) + right_size(g) + std::max(g.fine.channels, g.coarse.channels);
  }

  void operator()(std::size_t worker) const {
    TileGrid const tiles = coarse_tiles(g, tile);
    std::size_t const all = batch * tiles.per_sample();
    Real* const v = scratch + worker * worker_stride<Real>(worker_scratch_size(g));
    Real* const d = v + Counts::products * left_matrix_stride(g);
    Real* const zeros = d + right_size(g);
    std::fill(zeros, zeros + std::max(g.fine.channels, g.coarse.channels), Real(0));
    std::fill(d, d + right_size(g), Real(0));  // the padding of the panels stays zero
    for (std::size_t task = worker; task < groups(g) * parts(g); task += workers) {
      std::size_t const part = task / groups(g);
      std::size_t const first_f = task % groups(g) * task_channels;
      std::size_t const count_f = std::min(task_channels, g.fine.channels - first_f);
      Real* const sum = du + part * part_size(g) + first_f * sum_stride(g);
      std::size_t const begin = all * part / parts(g);
      std::size_t const end = all * (part + 1) / parts(g);
      if (begin == end)
        for (std::size_t i = 0; i < Counts::products; ++i)
          std::fill(sum + i * g.fine.channels * sum_stride(g), sum + (i * g.fine.channels + count_f) * sum_stride(g), Real(0));
      for (std::size_t first = begin; first < end; first += tiles_per_block(g)) {
        std::size_t const count = std::min(tiles_per_block(g), end - first);
        Tile left(tiles, first), right(tiles, first);
        for (std::size_t i = 0; i < count; ++i, ++left) left_factors(left, first_f, count_f, zeros, v + i * task_channels);
        for (std::size_t i = 0; i < count; i += tiles_at_once)
          right_factors(right, std::min(tiles_at_once, count - i), zeros, d + i * simd::lanes_v<Real>);
        multiply(g, count, count_f, v, d, first == begin, sum);
      }
    }
  }

  /// Adds the products of `count` tiles and `count_f` fine channels to the sums of all products from `sum` on, or starts these.
  static void multiply(ConvGeometry const& g, std::size_t count, std::size_t count_f, Real const* v, Real const* d, bool start, Real* sum) {
    constexpr std::size_t axis = Counts::axis_points;
    std::size_t const packs = sum_stride(g) / simd::lanes_v<Real>;
    for (std::size_t point = 0; point < Counts::points; ++point) {
      Panels<Real> const right{d + point * packs * panel_stride(g), panel_stride(g)};
      for (std::size_t phase = 0; phase < phase_count; ++phase) {
        std::size_t const i = (phase / 2 * axis + point / axis) * 2 * axis + phase % 2 * axis + point % axis;
        LeftFactor<Real> const left{v + i * left_matrix_stride(g), 1, task_channels};
        Real* const out = sum + i * g.fine.channels * sum_stride(g);
        product(!start, count_f, packs, count, left, right, out, sum_stride(g));
      }
    }
  }

 private:
  void left_factors(Tile const& at, std::size_t first_f, std::size_t count_f, Real const* zeros, Real* v) const {
    Patch<2 * tile + 2, Real> const patch(fine + at.sample * g.fine.size() + first_f, g.fine, 2 * tile * at.y - 1, 2 * tile * at.x - 1,
                                          zeros);
    patch.prefetch(2 * tile, count_f, g.fine.channels);
    std::size_t const product_stride = left_matrix_stride(g);
    simd::for_each_pack<Real>(count_f, [&](std::size_t c, auto type) {
      using T = decltype(type);
      transform<FineToLeft<tile, T>>([&](int y, int x) { return simd::load<T>(patch(y, x) + c); },
                                     [&](int y, int x, T const& value) {
                                       simd::store(v + static_cast<std::size_t>(2 * Counts::axis_points * y + x) * product_stride + c,
                                                   value);
                                     });
    });
  }

  // Right factors of `count` tiles, pack by pack of channels: neighbouring tiles then fill whole cache lines of a panel one after the
  // other.
  void right_factors(Tile& at, std::size_t count, Real const* zeros, Real* d) const {
    constexpr std::size_t lanes = simd::lanes_v<Real>;
    auto const channels = static_cast<std::size_t>(g.coarse.channels);
    Patch<tile, Real> patches[tiles_at_once];
    Real factors[tiles_at_once];
    for (std::size_t i = 0; i < count; ++i, ++at) {
      patches[i] = {coarse + at.sample * g.coarse.size(), g.coarse, tile * at.y, tile * at.x, zeros};
      factors[i] = sample_weights != nullptr ? sample_weights[at.sample] : Real(1);
    }
    std::size_t const point_stride = sum_stride(g) / lanes * panel_stride(g);
    simd::for_each_pack<Real>(channels, [&](std::size_t c, auto type) {
      using T = decltype(type);
      for (std::size_t i = 0; i < count; ++i) {
        Real* const to = d + c / lanes * panel_stride(g) + i * lanes + c % lanes;
        transform<CoarseToPoints<tile, T>>([&](int y, int x) { return factors[i] * simd::load<T>(patches[i](y, x) + c); },
                                           [&](int y, int x, T const& value) {
                                             simd::store(to + static_cast<std::size_t>(Counts::axis_points * y + x) * point_stride, value);
                                           });
      }
    });
  }
};

/// Adds the sum of dU over the parts, transformed back to taps, to the gradient of the weights. One index per f.
template <int tile, class Real>
struct AddWeightGradient {
  using Counts = TileCounts<tile>;
  ConvGeometry g;
  Real const* du;  ///< of ConvWeightGradient
  Real* gradient;  ///< of the weights; added to

  void operator()(std::size_t f) const {
    std::size_t const sum_stride = ConvWeightGradient<tile, Real>::sum_stride(g);
    std::size_t const product_stride = g.fine.channels * sum_stride;
    auto const channels = static_cast<std::size_t>(g.coarse.channels);
    simd::for_each_pack<Real>(channels, [&](std::size_t c, auto type) {
      using T = decltype(type);
      transform<RightToTaps<tile, T>>(
          [&](int y, int x) {
            Real const* const from = du + static_cast<std::size_t>(2 * Counts::axis_points * y + x) * product_stride + f * sum_stride + c;
            T sum = simd::load<T>(from);
            for (std::size_t part = 1; part < ConvWeightGradient<tile, Real>::parts(g); ++part)
              sum += simd::load<T>(from + part * ConvWeightGradient<tile, Real>::part_size(g));
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
