// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Weight gradient of a convolution on hosts by Winograd's algorithm: kernel 4 or 3, stride 2, padding 1 (math/winograd/transforms.hpp), or
/// kernel 3, stride 1 (math/winograd/stride_one.hpp). With StrideTwo<2>:
///
///     fine -> V (36 products; tiles, F), coarse -> D (9 points; tiles, C), dU (36; F, C) = Vᵀ D -> gradient of the taps
///
/// Algorithm: a task is a group of fine channels and a group of coarse channels in one part of the batch. Its worker transforms and
/// multiplies (math/gemm/host.hpp) one block of tiles after the other, keeps the sums dU of the task in its cache, and transforms them back
/// to taps. The parts are then added in order (host::AddWeightGradient).
#ifndef IGN_MATH_WINOGRAD_HOST_WEIGHT_GRADIENT_HPP
#define IGN_MATH_WINOGRAD_HOST_WEIGHT_GRADIENT_HPP

#include <algorithm>

#include "ign/core/workspace.hpp"
#include "ign/math/gemm/host.hpp"
#include "ign/math/winograd/stride_one.hpp"
#include "ign/math/winograd/tiles.hpp"
#include "ign/math/winograd/weight_gradient_tasks.hpp"

namespace ign::math::winograd {

/// Weight gradient: added to `gradient` if the batch is one part, otherwise stored for each part. One index per worker.
template <class Scheme, class Real>
struct ConvWeightGradient {
  using Memory = WeightGradientMemory<Real, Scheme::points, Scheme::products, Scheme::products>;
  static constexpr int tile = Scheme::tile;
  static constexpr std::size_t tiles_at_once = 8;  ///< tiles whose right factors are computed together

  ConvGeometry g;
  std::size_t batch;           ///< samples
  Real const* fine;            ///< (n, y, x, F)
  Real const* coarse;          ///< (n, y, x, C)
  Real const* sample_weights;  ///< (n), or nullptr: 1
  Real* gradient;              ///< of the weights, (tap, F, C). A single part is added to it
  Real* part_gradients;        ///< (part, tap, f, c) of several parts, rows padded to whole packs: the shared scratch memory
  Real* scratch;               ///< each worker's own, `worker_stride` elements apart
  std::size_t workers;         ///< indices that are run

  /// Parts of the batch.
  static std::size_t parts(ConvGeometry const& g, std::size_t batch) { return memory_of(g, batch).tasks.parts(); }
  /// Tasks that `workers` workers share.
  static std::size_t tasks(ConvGeometry const& g, std::size_t batch, std::size_t workers) {
    return memory_of(g, batch, workers).tasks.count();
  }
  /// Size of the scratch memory that all workers share, in elements.
  static std::size_t shared_scratch_size(ConvGeometry const& g, std::size_t batch) { return memory_of(g, batch).tasks.gradients_size(); }
  /// Size of each worker's own scratch memory, in elements.
  static std::size_t worker_scratch_size(ConvGeometry const& g, std::size_t batch) { return memory_of(g, batch).size(); }

  void operator()(std::size_t worker) const {
    Memory const memory = memory_of(g, batch, workers);
    TileGrid const tiles = coarse_tiles(g, tile);
    WeightGradientMatrices<Real> const at = memory.prepare(scratch + worker * worker_stride<Real>(memory.size()));
    if (lacks_last_tap(g)) std::fill(at.du, at.zeros, Real(0));  // sums that are not computed
    run_tasks(
        memory.tasks, worker, memory.tiles(),
        [&](WeightGradientTask const& task, std::size_t first, std::size_t count, bool start) {
          Tile left(tiles, first), right(tiles, first);
          for (std::size_t i = 0; i < count; ++i, ++left)
            left_factors(left, task, at.zeros, at.v + i * memory.tasks.fine_channels, memory.left_stride());
          for (std::size_t i = 0; i < count; i += tiles_at_once)
            right_factors(right, std::min(tiles_at_once, count - i), task, at.zeros, at.d + i * simd::lanes_v<Real>, memory);
          multiply(memory, task, count, at.v, at.d, start, at.du);
        },
        [&](WeightGradientTask const& task) {
          TaskGradient<Real> const to(memory.tasks, task, gradient, part_gradients);
          for (std::size_t f = task.row; f < task.row + task.rows; ++f) to_taps(task, f, at.du, memory, to);
        });
  }

  /// Adds the products of `count` tiles to the sums `du`, or starts these.
  template <class AnyMemory>
  static void multiply(AnyMemory const& memory, WeightGradientTask const& task, std::size_t count, Real const* v, Real const* d, bool start,
                       Real* du) {
    constexpr std::size_t axis = Scheme::axis_points, axis_phases = Scheme::axis_phases;
    std::size_t const packs = simd::round_up_to_packs<Real>(task.count_c) / simd::lanes_v<Real>;
    for (std::size_t point = 0; point < Scheme::points; ++point) {
      Panels<Real> const right{d + point * memory.right_stride(), memory.panel_stride()};
      for (std::size_t phase = 0; phase < Scheme::phases; ++phase) {
        std::size_t const row = phase / axis_phases, column = phase % axis_phases;
        bool const last_row = row == 0 && point / axis == axis - 1, last_column = column == 0 && point % axis == axis - 1;
        if (lacks_last_tap(memory.tasks.g) && (last_row || last_column)) continue;  // sums of the last tap only
        std::size_t const i = (row * axis + point / axis) * axis_phases * axis + column * axis + point % axis;
        LeftFactor<Real> const left{v + i * memory.left_stride() + task.row, 1, memory.tasks.fine_channels};
        product(!start, task.rows, packs, count, left, right, du + i * memory.sum_stride() + task.row * memory.tasks.coarse_channels(),
                memory.tasks.coarse_channels());
      }
    }
  }

 private:
  static Memory memory_of(ConvGeometry const& g, std::size_t batch, std::size_t workers = 1) {
    return {{g, batch * coarse_tiles(g, tile).per_sample(), workers}};
  }

  void left_factors(Tile const& at, WeightGradientTask const& task, Real const* zeros, Real* v, std::size_t stride) const {
    constexpr int step = Scheme::stride * tile;
    Patch<Scheme::patch, Real> const patch(fine + at.sample * g.fine.size() + task.first_f, g.fine, step * at.y - g.padding,
                                           step * at.x - g.padding, zeros);
    patch.prefetch(step, task.count_f, g.fine.channels);
    simd::for_each_pack<Real>(task.count_f, [&](std::size_t f, auto type) {
      using T = decltype(type);
      transform<typename Scheme::template FineToLeft<T>>(
          [&](int y, int x) { return simd::load<T>(patch(y, x) + f); },
          [&](int y, int x, T const& value) {
            simd::store(v + static_cast<std::size_t>(Scheme::axis_products * y + x) * stride + f, value);
          });
    });
  }

  // Right factors of `count` tiles, pack by pack of channels: neighbouring tiles then fill whole cache lines of a panel one after the
  // other.
  void right_factors(Tile& at, std::size_t count, WeightGradientTask const& task, Real const* zeros, Real* d, Memory const& memory) const {
    constexpr std::size_t lanes = simd::lanes_v<Real>;
    Patch<tile, Real> patches[tiles_at_once];
    Real factors[tiles_at_once];
    for (std::size_t i = 0; i < count; ++i, ++at) {
      patches[i] = {coarse + at.sample * g.coarse.size() + task.first_c, g.coarse, tile * at.y, tile * at.x, zeros};
      factors[i] = sample_weights != nullptr ? sample_weights[at.sample] : Real(1);
    }
    std::size_t const panel_stride = memory.panel_stride(), stride = memory.right_stride();
    simd::for_each_pack<Real>(task.count_c, [&](std::size_t c, auto type) {
      using T = decltype(type);
      for (std::size_t i = 0; i < count; ++i) {
        Real* const to = d + c / lanes * panel_stride + i * lanes + c % lanes;
        transform<typename Scheme::template CoarseToPoints<T>>(
            [&](int y, int x) { return factors[i] * simd::load<T>(patches[i](y, x) + c); },
            [&](int y, int x, T const& value) { simd::store(to + static_cast<std::size_t>(Scheme::axis_points * y + x) * stride, value); });
      }
    });
  }

  static void to_taps(WeightGradientTask const& task, std::size_t f, Real const* du, Memory const& memory, TaskGradient<Real> const& to) {
    std::size_t const stride = memory.sum_stride(), row = f * memory.tasks.coarse_channels();
    int const kernel = memory.tasks.g.kernel;
    simd::for_each_pack<Real>(task.count_c, [&](std::size_t c, auto type) {
      using T = decltype(type);
      transform<typename Scheme::template RightToTaps<T>>(
          [&](int y, int x) { return simd::load<T>(du + static_cast<std::size_t>(Scheme::axis_products * y + x) * stride + row + c); },
          [&](int y, int x, T const& value) {
            if (y < kernel && x < kernel) to.put(static_cast<std::size_t>(kernel * y + x), f, c, value);
          });
    });
  }
};

}  // namespace ign::math::winograd

#endif  // IGN_MATH_WINOGRAD_HOST_WEIGHT_GRADIENT_HPP
