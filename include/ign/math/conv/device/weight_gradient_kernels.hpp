// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Weight and bias gradient of a convolution on devices, as operands for the team product (math/gemm/team.hpp).
///
/// Algorithm: implicit GEMM, as in math/conv/device/kernels.hpp; images are read through loaders. Products with few tiles and a large inner
/// dimension are split into parts, which are added in a fixed order. Gradients are (k, k, F, C) and (channel).
#ifndef IGN_MATH_CONV_DEVICE_WEIGHT_GRADIENT_KERNELS_HPP
#define IGN_MATH_CONV_DEVICE_WEIGHT_GRADIENT_KERNELS_HPP

#include "ign/math/conv/device/kernels.hpp"

namespace ign::math::device {

/// gradient += Σ_n sample_weights(n) (windows of fine)ᵀ coarse. Rows: (tap, f); columns: coarse channels; inner: coarse pixels of all
/// samples.
template <class Real, class FineLoader, class CoarseLoader>
struct ConvWeightGradient {
  ConvGeometry g;
  std::size_t batch;           ///< samples; 0: no work
  FineLoader fine;             ///< reads (n, y, x, F)
  CoarseLoader coarse;         ///< reads (n, y, x, C)
  Real const* sample_weights;  ///< (n), or nullptr: 1
  Real* gradient;              ///< (k, k, F, C), added to

  using scalar_type = Real;
  static constexpr bool left_along_inner = false, right_along_inner = false, chooses_tiles = true;
  struct Row {
    int z, y, x;  // tap, minus the padding
    std::size_t f;
  };
  struct Step {
    std::size_t k, sample_offset;  // coarse pixel; index of the fine sample's first element
    int z, y, x;                   // fine pixel that tap (0, 0, 0) meets without padding
    Real sample_weight;
  };

  ProductExtents extents() const {
    ProductExtents e = {batch > 0 ? 1u : 0u, g.window_size(), static_cast<std::size_t>(g.coarse.channels), batch * g.coarse_pixels()};
    e.parts = team::parts_for(e);
    e.tile_columns = team::tile_columns_for<Real>(e.rows, e.columns);
    return e;
  }
  KOKKOS_FUNCTION Row row(std::size_t, std::size_t i) const {
    auto const tap = static_cast<int>(i / g.fine.channels);
    int const tap_row = tap / g.kernel;
    return {tap_row / g.kernel - g.depth.padding, tap_row % g.kernel - g.padding, tap % g.kernel - g.padding, i % g.fine.channels};
  }
  KOKKOS_FUNCTION Step step(std::size_t, std::size_t k) const {
    unsigned const pixel_row = static_cast<unsigned>(k) / static_cast<unsigned>(g.coarse.width);
    unsigned const slice = pixel_row / static_cast<unsigned>(g.coarse.height), n = slice / static_cast<unsigned>(g.depth.coarse);
    auto const x = static_cast<int>(static_cast<unsigned>(k) - pixel_row * static_cast<unsigned>(g.coarse.width));
    auto const y = static_cast<int>(pixel_row - slice * static_cast<unsigned>(g.coarse.height));
    auto const z = static_cast<int>(slice - n * static_cast<unsigned>(g.depth.coarse));
    return {k, n * g.fine_size(), z * g.depth.stride, y * g.stride, x * g.stride, sample_weights == nullptr ? Real(1) : sample_weights[n]};
  }
  KOKKOS_FUNCTION Real left(Row const& row, Step const& step) const {
    std::size_t pixel;
    if (!g.find_fine_pixel(row.z + step.z, row.y + step.y, row.x + step.x, pixel)) return 0;
    return fine(step.sample_offset + pixel + row.f, row.f);
  }
  KOKKOS_FUNCTION Real right(Step const& step, std::size_t j) const {
    return step.sample_weight * coarse(step.k * g.coarse.channels + j, j);
  }
  bool left_in_fours() const { return reads_fours(fine, g.fine.channels); }
  bool right_in_fours() const { return reads_fours(coarse, g.coarse.channels); }
  KOKKOS_FUNCTION void left_four(Row const& row, Step const& step, Real (&values)[4]) const {
    std::size_t pixel;
    if (!g.find_fine_pixel(row.z + step.z, row.y + step.y, row.x + step.x, pixel)) return;
    read_four_channels(fine, step.sample_offset + pixel + row.f, row.f, values);
  }
  KOKKOS_FUNCTION void right_four(Step const& step, std::size_t j, Real (&values)[4]) const {
    read_four_channels(coarse, step.k * g.coarse.channels + j, j, values);
    IGN_UNROLL
    for (std::size_t n = 0; n < 4; ++n) values[n] *= step.sample_weight;
  }
  KOKKOS_FUNCTION void store(std::size_t, std::size_t i, std::size_t j, Real const (&sums)[4], std::size_t count) const {
    IGN_UNROLL
    for (std::size_t n = 0; n < 4; ++n)
      if (n < count) gradient[i * g.coarse.channels + j + n] += sums[n];
  }
};

/// Bias gradient, a product with one row: sums(c) += Σ over all pixels of sample_weights(n) · image(pixel, c).
template <class Real, class Loader>
struct ColumnSums {
  std::size_t batch, pixels, channels;  ///< samples, 0: no work; pixels and channels of a sample
  Loader image;                         ///< reads (n, y, x, channel)
  Real const* sample_weights;           ///< (n), or nullptr: 1
  Real* sums;                           ///< per channel, added to

  using scalar_type = Real;
  static constexpr bool left_along_inner = false, right_along_inner = false;
  struct Row {};
  struct Step {
    std::size_t k;
    Real sample_weight;
  };

  ProductExtents extents() const {
    ProductExtents e = {batch > 0 ? 1u : 0u, 1, channels, batch * pixels};
    e.parts = team::parts_for(e);
    return e;
  }
  KOKKOS_FUNCTION Row row(std::size_t, std::size_t) const { return {}; }
  KOKKOS_FUNCTION Step step(std::size_t, std::size_t k) const {
    return {k, sample_weights == nullptr ? Real(1) : sample_weights[static_cast<unsigned>(k) / static_cast<unsigned>(pixels)]};
  }
  KOKKOS_FUNCTION Real left(Row const&, Step const& step) const { return step.sample_weight; }
  KOKKOS_FUNCTION Real right(Step const& step, std::size_t j) const { return image(step.k * channels + j, j); }
  KOKKOS_FUNCTION void store(std::size_t, std::size_t, std::size_t j, Real const (&found)[4], std::size_t count) const {
    IGN_UNROLL
    for (std::size_t n = 0; n < 4; ++n)
      if (n < count) sums[j + n] += found[n];
  }
};

}  // namespace ign::math::device

#endif  // IGN_MATH_CONV_DEVICE_WEIGHT_GRADIENT_KERNELS_HPP
