// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Weight gradient of a three-dimensional convolution of kernel 4, stride 2, padding 1 on hosts, by Winograd's algorithm.
///
/// Algorithm: as in two dimensions (math/winograd/host_weight_gradient.hpp), for each of 6 products along the depth. Its left factor is one
/// fine slice or the difference of two, its right factor one coarse slice or the sum of two.
#ifndef IGN_MATH_WINOGRAD_VOLUME_WEIGHT_GRADIENT_HPP
#define IGN_MATH_WINOGRAD_VOLUME_WEIGHT_GRADIENT_HPP

#include <algorithm>

#include "ign/math/winograd/host_weight_gradient.hpp"
#include "ign/math/winograd/volume.hpp"

namespace ign::math::winograd {

/// Weight gradient: added to `gradient` if the batch is one part, otherwise stored for each part. One index per worker.
template <class Real>
struct VolumeWeightGradient {
  using Plane = ConvWeightGradient<StrideTwo<2>, Real>;
  using Memory = WeightGradientMemory<Real, SmallTiles::points, SmallTiles::products, depth_product_count * SmallTiles::products>;

  ConvGeometry g;
  std::size_t batch;           ///< samples
  Real const* fine;            ///< (n, z, y, x, F)
  Real const* coarse;          ///< (n, z, y, x, C)
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
    TileGrid const tiles = coarse_tiles(g);
    WeightGradientMatrices<Real> const at = memory.prepare(scratch + worker * worker_stride<Real>(memory.size()));
    run_tasks(
        memory.tasks, worker, memory.tiles(),
        [&](WeightGradientTask const& task, std::size_t first, std::size_t count, bool start) {
          for (std::size_t depth_point = 0; depth_point < depth_point_count; ++depth_point) {
            Tile right(tiles, first);
            for (std::size_t t = 0; t < count; ++t, ++right)
              right_factors(right, task, depth_point, at.zeros, at.d + t * simd::lanes_v<Real>, memory);
            for (std::size_t j : {depth_point, depth_point + depth_point_count}) {
              Tile left(tiles, first);
              for (std::size_t t = 0; t < count; ++t, ++left)
                left_factors(left, task, j, at.zeros, at.v + t * memory.tasks.fine_channels, memory.left_stride());
              Plane::multiply(memory, task, count, at.v, at.d, start, at.du + j * SmallTiles::products * memory.sum_stride());
            }
          }
        },
        [&](WeightGradientTask const& task) {
          TaskGradient<Real> const to(memory.tasks, task, gradient, part_gradients);
          for (std::size_t slice = 0; slice < 4; ++slice)
            for (std::size_t f = task.row; f < task.row + task.rows; ++f) to_taps(task, slice, f, at.du, memory, to);
        });
  }

 private:
  static Memory memory_of(ConvGeometry const& g, std::size_t batch, std::size_t workers = 1) {
    return {{g, batch * coarse_depth_tiles(g) * coarse_tiles(g).per_sample(), workers}};
  }

  void left_factors(Tile const& tile, WeightGradientTask const& task, std::size_t j, Real const* zeros, Real* v, std::size_t stride) const {
    DepthTerm const term = fine_terms[j];
    int const first = 4 * static_cast<int>(tile.sample % coarse_depth_tiles(g)) - 1;
    SliceDifference<6, Real> const slices(fine + tile.sample / coarse_depth_tiles(g) * g.fine_size() + task.first_f, g.fine, g.depth.fine,
                                          first + term.plus, first + term.minus, term.minus >= 0, 4 * tile.y - 1, 4 * tile.x - 1, zeros);
    simd::for_each_pack<Real>(task.count_f, [&](std::size_t c, auto type) {
      using T = decltype(type);
      slices.template transform_to<FineToLeft<2, T>>(
          c, [&](int y, int x, T const& value) { simd::store(v + static_cast<std::size_t>(6 * y + x) * stride + c, value); });
    });
  }

  // CoarseToPoints along the depth: coarse slice 2z, the sum of both, coarse slice 2z + 1.
  void right_factors(Tile const& tile, WeightGradientTask const& task, std::size_t depth_point, Real const* zeros, Real* d,
                     Memory const& memory) const {
    constexpr std::size_t lanes = simd::lanes_v<Real>;
    auto const z = 2 * static_cast<int>(tile.sample % coarse_depth_tiles(g));
    std::size_t const n = tile.sample / coarse_depth_tiles(g);
    auto const patch = [&](int slice, bool used) {
      bool const inside = used && slice < g.depth.coarse;
      Real const* const sample =
          coarse + n * g.coarse_size() + task.first_c + (inside ? static_cast<std::size_t>(slice) * g.coarse.size() : 0);
      return Patch<2, Real>(sample, inside ? g.coarse : Shape{0, 0, g.coarse.channels}, 2 * tile.y, 2 * tile.x, zeros);
    };
    Patch<2, Real> const lower = patch(z, depth_point < 2), upper = patch(z + 1, depth_point > 0);
    Real const factor = sample_weights != nullptr ? sample_weights[n] : Real(1);
    std::size_t const panel_stride = memory.panel_stride(), point_stride = memory.right_stride();
    simd::for_each_pack<Real>(task.count_c, [&](std::size_t c, auto type) {
      using T = decltype(type);
      Real* const to = d + c / lanes * panel_stride + c % lanes;
      transform<CoarseToPoints<2, T>>(
          [&](int y, int x) { return factor * (simd::load<T>(lower(y, x) + c) + simd::load<T>(upper(y, x) + c)); },
          [&](int y, int x, T const& value) { simd::store(to + static_cast<std::size_t>(3 * y + x) * point_stride, value); });
    });
  }

  static void to_taps(WeightGradientTask const& task, std::size_t slice, std::size_t f, Real const* du, Memory const& memory,
                      TaskGradient<Real> const& to) {
    constexpr std::size_t of_slice[4][2] = {{3, 4}, {0, 1}, {4, 5}, {1, 2}};  // RightToTaps along the depth
    std::size_t const stride = memory.sum_stride(), row = f * memory.tasks.coarse_channels();
    simd::for_each_pack<Real>(task.count_c, [&](std::size_t c, auto type) {
      using T = decltype(type);
      auto const sum = [&](std::size_t j, int y, int x) {
        return simd::load<T>(du + (j * SmallTiles::products + static_cast<std::size_t>(6 * y + x)) * stride + row + c);
      };
      transform<RightToTaps<2, T>>(
          [&](int y, int x) { return sum(of_slice[slice][0], y, x) + sum(of_slice[slice][1], y, x); },
          [&](int y, int x, T const& value) { to.put(slice * 16 + static_cast<std::size_t>(4 * y + x), f, c, value); });
    });
  }
};

}  // namespace ign::math::winograd

#endif  // IGN_MATH_WINOGRAD_VOLUME_WEIGHT_GRADIENT_HPP
