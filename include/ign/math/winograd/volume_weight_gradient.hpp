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

/// Gradients of the right factors: dU(depth product, product; f, c), a sum over tiles. A task is a group of fine channels of one part of
/// the batch. The number of parts follows from the layer alone. One index per worker.
template <class Real>
struct VolumeWeightGradient {
  using Plane = ConvWeightGradient<2, Real>;
  static constexpr std::size_t task_channels = Plane::task_channels;

  ConvGeometry g;
  std::size_t batch;           ///< samples
  Real const* fine;            ///< (n, z, y, x, F)
  Real const* coarse;          ///< (n, z, y, x, C)
  Real const* sample_weights;  ///< (n), or nullptr: 1
  Real* du;                    ///< (part, depth product, product, f, c): the shared scratch memory
  Real* scratch;               ///< each worker's own, `worker_stride` elements apart
  std::size_t workers;         ///< indices that are run

  /// Elements from one row of dU to the next.
  static std::size_t sum_stride(ConvGeometry const& g) { return Plane::sum_stride(g); }
  /// Elements of dU of one part and product along the depth.
  static std::size_t depth_product_size(ConvGeometry const& g) { return Plane::part_size(g); }
  /// Elements of dU of one part.
  static std::size_t part_size(ConvGeometry const& g) { return depth_product_count * depth_product_size(g); }
  /// Groups of fine channels, each the work of one task.
  static std::size_t groups(ConvGeometry const& g) { return Plane::groups(g); }
  /// Parts of the batch: as many as give at most 16 tasks and at most 32 MiB of sums, and at least one.
  static std::size_t parts(ConvGeometry const& g) {
    return std::clamp<std::size_t>((std::size_t{1} << 25) / sizeof(Real) / part_size(g), 1, std::max<std::size_t>(1, 16 / groups(g)));
  }
  /// Size of the scratch memory that all workers share, for dU, in elements.
  static std::size_t shared_scratch_size(ConvGeometry const& g) { return parts(g) * part_size(g); }
  /// Tiles that are transformed and multiplied at once.
  static std::size_t tiles_per_block(ConvGeometry const& g) { return Plane::tiles_per_block(g); }
  /// Elements from one matrix of V to the next.
  static std::size_t left_matrix_stride(ConvGeometry const& g) { return Plane::left_matrix_stride(g); }
  /// Elements from one panel of D to the next.
  static std::size_t panel_stride(ConvGeometry const& g) { return Plane::panel_stride(g); }
  /// Elements of D for a block of tiles.
  static std::size_t right_size(ConvGeometry const& g) { return Plane::right_size(g); }
  /// Size of each worker's own scratch memory, in elements.
  static std::size_t worker_scratch_size(ConvGeometry const& g) { return Plane::worker_scratch_size(g); }

  void operator()(std::size_t worker) const {
    TileGrid const tiles = coarse_tiles(g);
    std::size_t const all = batch * coarse_depth_tiles(g) * tiles.per_sample();
    Real* const v = scratch + worker * worker_stride<Real>(worker_scratch_size(g));
    Real* const d = v + SmallTiles::products * left_matrix_stride(g);
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
        for (std::size_t i = 0; i < depth_product_count * SmallTiles::products; ++i)
          std::fill(sum + i * g.fine.channels * sum_stride(g), sum + (i * g.fine.channels + count_f) * sum_stride(g), Real(0));
      for (std::size_t first = begin; first < end; first += tiles_per_block(g)) {
        std::size_t const count = std::min(tiles_per_block(g), end - first);
        for (std::size_t depth_point = 0; depth_point < depth_point_count; ++depth_point) {
          Tile right(tiles, first);
          for (std::size_t t = 0; t < count; ++t, ++right) right_factors(right, depth_point, zeros, d + t * simd::lanes_v<Real>);
          for (std::size_t j : {depth_point, depth_point + depth_point_count}) {
            Tile left(tiles, first);
            for (std::size_t t = 0; t < count; ++t, ++left) left_factors(left, j, first_f, count_f, zeros, v + t * task_channels);
            Plane::multiply(g, count, count_f, v, d, first == begin, sum + j * depth_product_size(g));
          }
        }
      }
    }
  }

 private:
  void left_factors(Tile const& tile, std::size_t j, std::size_t first_f, std::size_t count_f, Real const* zeros, Real* v) const {
    DepthTerm const term = fine_terms[j];
    int const first = 4 * static_cast<int>(tile.sample % coarse_depth_tiles(g)) - 1;
    SliceDifference<6, Real> const slices(fine + tile.sample / coarse_depth_tiles(g) * g.fine_size() + first_f, g.fine, g.depth.fine,
                                          first + term.plus, first + term.minus, term.minus >= 0, 4 * tile.y - 1, 4 * tile.x - 1, zeros);
    std::size_t const product_stride = left_matrix_stride(g);
    simd::for_each_pack<Real>(count_f, [&](std::size_t c, auto type) {
      using T = decltype(type);
      slices.template transform_to<FineToLeft<2, T>>(
          c, [&](int y, int x, T const& value) { simd::store(v + static_cast<std::size_t>(6 * y + x) * product_stride + c, value); });
    });
  }

  // CoarseToPoints along the depth: coarse slice 2z, the sum of both, coarse slice 2z + 1.
  void right_factors(Tile const& tile, std::size_t depth_point, Real const* zeros, Real* d) const {
    constexpr std::size_t lanes = simd::lanes_v<Real>;
    auto const z = 2 * static_cast<int>(tile.sample % coarse_depth_tiles(g));
    std::size_t const n = tile.sample / coarse_depth_tiles(g);
    auto const patch = [&](int slice, bool used) {
      bool const inside = used && slice < g.depth.coarse;
      Real const* const sample = coarse + n * g.coarse_size() + (inside ? static_cast<std::size_t>(slice) * g.coarse.size() : 0);
      return Patch<2, Real>(sample, inside ? g.coarse : Shape{0, 0, g.coarse.channels}, 2 * tile.y, 2 * tile.x, zeros);
    };
    Patch<2, Real> const lower = patch(z, depth_point < 2), upper = patch(z + 1, depth_point > 0);
    Real const factor = sample_weights != nullptr ? sample_weights[n] : Real(1);
    std::size_t const point_stride = sum_stride(g) / lanes * panel_stride(g);
    simd::for_each_pack<Real>(static_cast<std::size_t>(g.coarse.channels), [&](std::size_t c, auto type) {
      using T = decltype(type);
      Real* const to = d + c / lanes * panel_stride(g) + c % lanes;
      transform<CoarseToPoints<2, T>>(
          [&](int y, int x) { return factor * (simd::load<T>(lower(y, x) + c) + simd::load<T>(upper(y, x) + c)); },
          [&](int y, int x, T const& value) { simd::store(to + static_cast<std::size_t>(3 * y + x) * point_stride, value); });
    });
  }
};

/// Adds the sum of dU over the parts, transformed back to taps, to the gradient of the weights. One index per slice of taps and f.
template <class Real>
struct AddVolumeWeightGradient {
  ConvGeometry g;
  Real const* du;  ///< of VolumeWeightGradient
  Real* gradient;  ///< of the weights; added to

  /// Number of indices to run.
  static std::size_t indices(ConvGeometry const& g) { return 4 * static_cast<std::size_t>(g.fine.channels); }

  void operator()(std::size_t index) const {
    using Sums = VolumeWeightGradient<Real>;
    constexpr std::size_t of_slice[4][2] = {{3, 4}, {0, 1}, {4, 5}, {1, 2}};  // RightToTaps along the depth
    std::size_t const slice = index / g.fine.channels, f = index % g.fine.channels, sum_stride = Sums::sum_stride(g);
    std::size_t const product_stride = g.fine.channels * sum_stride;
    auto const channels = static_cast<std::size_t>(g.coarse.channels);
    simd::for_each_pack<Real>(channels, [&](std::size_t c, auto type) {
      using T = decltype(type);
      transform<RightToTaps<2, T>>(
          [&](int y, int x) {
            T sum{};
            for (std::size_t part = 0; part < Sums::parts(g); ++part)
              for (std::size_t j : of_slice[slice])
                sum += simd::load<T>(du + part * Sums::part_size(g) + j * Sums::depth_product_size(g) +
                                     static_cast<std::size_t>(6 * y + x) * product_stride + f * sum_stride + c);
            return sum;
          },
          [&](int y, int x, T const& value) {
            Real* const to = gradient + ((slice * 16 + static_cast<std::size_t>(4 * y + x)) * g.fine.channels + f) * channels + c;
            simd::store(to, simd::load<T>(to) + value);
          });
    });
  }
};

}  // namespace ign::math::winograd

#endif  // IGN_MATH_WINOGRAD_VOLUME_WEIGHT_GRADIENT_HPP
