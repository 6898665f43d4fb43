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
  // A tile and one of the channel's columns is a term.
  struct Term {
    NormSink const& sink;
    std::size_t segment, c;
    double pivot;

    KOKKOS_FUNCTION void operator()(std::size_t i, double (&sums)[2]) const {
      std::size_t const columns = sink.layout.columns / sink.channels, tile = i / columns;
      std::size_t const product = segment * sink.layout.phases + tile / sink.layout.row_tiles(), row_tile = tile % sink.layout.row_tiles();
      Real const* const own = sink.at(product, row_tile) + i % columns * sink.channels + c;
      add_moments(static_cast<double>(sink.layout.rows_of(row_tile)), static_cast<double>(own[0]),
                  static_cast<double>(own[sink.layout.columns]), pivot, sums);
    }
  };
  template <class Team>
  KOKKOS_FUNCTION void finish(Team const& team, double* scratch) const {
    std::size_t const columns = layout.columns / channels, terms = layout.phases * layout.row_tiles() * columns;
    auto const count = static_cast<double>(layout.phases * layout.rows * columns);
    for (std::size_t segment = 0; segment < segments; ++segment) {
      Real const* const first = at(segment * layout.phases, 0);
      team_sums<double, 2>(
          team, scratch, channels, terms,
          [&](std::size_t c) {
            return Term{*this, segment, c, static_cast<double>(first[c])};
          },
          [&](std::size_t c, double const(&sums)[2]) { keep_moments(keep, segment, c, count, static_cast<double>(first[c]), sums); });
    }
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
