// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Moments of a convolution's output for the following BatchNorm, on devices: computed while the sums are in registers. Used by
/// layers/detail/convolution.hpp.
#ifndef IGN_LAYERS_DETAIL_CONVOLUTION_NORM_HPP
#define IGN_LAYERS_DETAIL_CONVOLUTION_NORM_HPP

#include "ign/layers/detail/batch_norm_device.hpp"
#include "ign/math/conv/convolution.hpp"

namespace ign::detail {

/// Receives the moments of the columns of each tile and combines them per segment. Layout: partials(product, row tile, mean or sum of
/// squared deviations, column). A channel has several columns where a column stands for a pixel and channel.
template <class Real>
struct BatchNormMomentsSink {
  math::device::MomentsLayout layout;
  std::size_t segments, channels;
  Real* partials;
  StoreMoments<Real> target;

  KOKKOS_FUNCTION Real* at(std::size_t product, std::size_t row_tile) const {
    return partials + 2 * (product * layout.row_tiles() + row_tile) * layout.columns;
  }
  KOKKOS_FUNCTION void put(std::size_t product, std::size_t row_tile, std::size_t j, Real mean, Real square) const {
    at(product, row_tile)[j] = mean;
    at(product, row_tile)[layout.columns + j] = square;
  }
  // Term of the combination: one tile and one of the channel's columns.
  struct Term {
    BatchNormMomentsSink const& sink;
    std::size_t segment, c;
    double pivot;

    KOKKOS_FUNCTION void operator()(std::size_t i, double (&sums)[2]) const {
      std::size_t const columns = sink.layout.columns / sink.channels, tile = i / columns;
      std::size_t const product = segment * sink.layout.phases + tile / sink.layout.row_tiles(), row_tile = tile % sink.layout.row_tiles();
      Real const* const own = sink.at(product, row_tile) + i % columns * sink.channels + c;
      add_shifted_sums(static_cast<double>(sink.layout.rows_of(row_tile)), static_cast<double>(own[0]),
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
          [&](std::size_t c, double const(&sums)[2]) { store_moments(target, segment, c, count, static_cast<double>(first[c]), sums); });
    }
  }
};

}  // namespace ign::detail

#endif  // IGN_LAYERS_DETAIL_CONVOLUTION_NORM_HPP
