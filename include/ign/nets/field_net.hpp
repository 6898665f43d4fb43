// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// A fully convolutional net for the fields of simulations: it has no bottleneck of one cell and applies to grids of any size.
#ifndef IGN_NETS_FIELD_NET_HPP
#define IGN_NETS_FIELD_NET_HPP

#include <cstddef>

#include "ign/core/error.hpp"
#include "ign/layers/activations.hpp"
#include "ign/layers/batch_norm.hpp"
#include "ign/layers/conv2d.hpp"
#include "ign/layers/conv_transpose2d.hpp"
#include "ign/layers/sequential.hpp"
#include "ign/nets/detail/residual_block.hpp"

namespace ign {

/// Options of `field_net`. `Norm` is any layer, or `sequential()` for none. A GroupNorm takes statistics of the whole field, so that
/// TiledProjector cannot be used.
template <class Norm = BatchNorm>
struct FieldNetOptions {
  int channels = 1;                                  ///< values per cell of the fields: velocities, scalars, …
  int width = 16;                                    ///< channels at half the resolution; twice as many at a quarter
  PaddingMode padding_mode = PaddingMode::periodic;  ///< of all convolutions
  Norm norm{};                                       ///< after every convolution except the first and the last
  double slope = 0.2;                                ///< of the LeakyRelu
  int depth = 0;  ///< field_net3d: slices of the fields, a multiple of 4; 0: slices are square, and their number is free. field_net: 0
};

namespace detail {

// The layer, for an input of `depth` slices if it is one of three dimensions.
template <class Layer>
constexpr Layer of_depth(Layer layer, [[maybe_unused]] int depth) {
  if constexpr (requires { layer.depth; }) layer.depth = depth;
  return layer;
}

// field_net with the convolutions Down and Up. Layers at half and at a quarter of the resolution have as many fewer slices.
template <class Down, class Up, std::size_t Blocks, class Norm>
constexpr auto field_net_of(FieldNetOptions<Norm> const& o) {
  auto const resampled = [&]<class Layer>(Layer, int channels, bool bias, int depth) {
    return of_depth(Layer{.channels = channels, .kernel = 4, .stride = 2, .padding = 1, .bias = bias, .padding_mode = o.padding_mode},
                    depth);
  };
  Down const down{};
  Up const up{};
  int const half = o.depth / 2, quarter = o.depth / 4;
  LeakyRelu const activation{o.slope};
  auto const convolution = of_depth(residual_convolution<Down>(2 * o.width, false, o.padding_mode), quarter);
  return sequential(resampled(down, o.width, true, o.depth), activation, resampled(down, 2 * o.width, false, half), o.norm, activation,
                    residual_blocks<Blocks>(convolution, o.norm, activation), resampled(up, o.width, false, quarter), o.norm, activation,
                    resampled(up, o.channels, true, half));
}

}  // namespace detail

/// Two convolutions of stride 2, `Blocks` residual blocks, and two transposed convolutions: maps fields to fields of the same extents.
///
/// Extents are multiples of 4, and at least 8. A cell of f(x) depends on cells of x at a distance of up to 9 + 8 Blocks
/// (`receptive_field`). There is no activation at the end: fields are in units of their standard deviation (ChannelNormalisation), and
/// have no bounds.
/// \throws Error [ign.option.665] when a depth is given, which is that of field_net3d
template <std::size_t Blocks = 2, class Norm = BatchNorm>
constexpr auto field_net(FieldNetOptions<Norm> const& o = {}) {
  if (o.depth != 0) fail(Fault::option, 665, "field_net: depth ", o.depth, ", expected 0: fields with slices need field_net3d");
  return detail::field_net_of<Conv2d, ConvTranspose2d, Blocks>(o);
}

}  // namespace ign

#endif  // IGN_NETS_FIELD_NET_HPP
