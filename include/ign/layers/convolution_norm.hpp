// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// A convolution, BatchNorm and a rectifier on a device. On the way forward the convolution's teams have its sums in registers, and make
/// the moments of them; on the way back its products read the gradient through the other two. Neither costs a launch or a pass over memory.
#ifndef IGN_LAYERS_CONVOLUTION_NORM_HPP
#define IGN_LAYERS_CONVOLUTION_NORM_HPP

#include "ign/layers/batch_norm.hpp"
#include "ign/layers/convolution.hpp"

namespace ign {

namespace detail {

/// Takes the moments of tiles, and keeps those of each segment. partials(product, row tile, mean or square, column); a channel may have
/// several columns, one for each pixel.
template <class Real>
struct NormSink {
  math::device::MomentsLayout layout;
  std::size_t segments, channels;
  Real* partials;
  NormKeep<Real> keep;

  KOKKOS_FUNCTION Real* at(std::size_t product, std::size_t row_tile) const {
    return partials + 2 * (product * layout.row_tiles() + row_tile) * layout.columns;
  }
  KOKKOS_FUNCTION void put(std::size_t product, std::size_t row_tile, std::size_t j, Real mean, Real square) const {
    at(product, row_tile)[j] = mean;
    at(product, row_tile)[layout.columns + j] = square;
  }
  // Two runs, in which no term waits for the one before.
  KOKKOS_FUNCTION void finish(std::size_t c) const {
    for (std::size_t segment = 0; segment < segments; ++segment) {
      double count = 0, mean = 0, square = 0;
      for_each_tile(segment, c, [&](double rows, double tile_mean, double) {
        count += rows;
        mean += rows * tile_mean;
      });
      mean /= count;
      for_each_tile(segment, c, [&](double rows, double tile_mean, double tile_square) {
        square += tile_square + rows * (tile_mean - mean) * (tile_mean - mean);
      });
      keep.keep(segment, c, mean, square, count);
    }
  }

 private:
  template <class Visit>
  KOKKOS_FUNCTION void for_each_tile(std::size_t segment, std::size_t c, Visit const& visit) const {
    for (std::size_t product = segment * layout.phases; product < (segment + 1) * layout.phases; ++product)
      for (std::size_t row_tile = 0; row_tile < layout.row_tiles(); ++row_tile)
        for (std::size_t j = c; j < layout.columns; j += channels)
          visit(static_cast<double>(layout.rows_of(row_tile)), static_cast<double>(at(product, row_tile)[j]),
                static_cast<double>(at(product, row_tile)[layout.columns + j]));
  }
};

}  // namespace detail

/// `between` is what the convolution puts out, and BatchNorm's input.
template <Convolution L, Rectifier A, Scalar Real, class Exec>
requires(!is_host_v<Exec>) void forward_with(Exec const& exec, L const& layer, BatchNorm const& norm, A const& activation, Pass const& pass,
                                             LayerMemory<Real, Exec> const& memory, LayerMemory<Real, Exec> const& norm_memory,
                                             TensorWindow<Real, Exec> const& x, TensorWindow<Real, Exec> const& between,
                                             TensorWindow<Real, Exec> const& y) {
  constexpr bool correlates = operation(L{}) == math::Operation::correlate;
  auto const context = detail::device_context<Real, Exec>(exec, windowing(layer, shape_of(x)), pass, memory, x);
  segment_size(pass, batch_of(x));  // checks
  if (pass.mode != Mode::train || !makes_moments(context, correlates)) {
    forward(exec, layer, pass, memory, x, between);
    forward_with(exec, norm, activation, pass, norm_memory, between, y);
    return;
  }
  auto const segments = static_cast<std::size_t>(pass.segments);
  auto const grid = detail::norm_grid(pass.segments, shape_of(between), batch_of(x));
  detail::check_norm_rows(grid, shape_of(between));
  auto const sink_of = [&](math::device::MomentsLayout const& layout) {
    return detail::NormSink<Real>{layout, segments, grid.channels, memory.scratch.data(),
                                  detail::norm_keep(norm, pass, norm_memory, grid.channels)};
  };
  Real const* const weights = memory.parameters.data();
  Real const* const bias = detail::bias_of(layer, memory, shape_of(x));
  if constexpr (correlates)
    correlate_with_moments(context, static_cast<Real const*>(x.data()), weights, bias, between.data(), segments, sink_of);
  else
    transpose_with_moments(context, static_cast<Real const*>(x.data()), weights, bias, between.data(), segments, sink_of);
  detail::norm_apply(exec, activation, grid, norm_memory, between, y);
}

/// x and `between` are the inputs of the first two; dy is behind the rectifier.
template <Convolution L, Rectifier A, Scalar Real, class Exec>
requires(!is_host_v<Exec>) void backward_with(Exec const& exec, L const& layer, BatchNorm const&, A const& activation, Pass const& pass,
                                              LayerMemory<Real, Exec> const& memory, LayerMemory<Real, Exec> const& norm_memory,
                                              TensorWindow<Real, Exec> const& x, TensorWindow<Real, Exec> const& between,
                                              TensorWindow<Real, Exec> const& dy, TensorWindow<Real, Exec> const& dx) {
  auto const back = detail::norm_back(exec, activation, pass, norm_memory, between, dy);
  detail::device_backward(exec, layer, pass, memory, x, back, dx);
}

}  // namespace ign

#endif  // IGN_LAYERS_CONVOLUTION_NORM_HPP
