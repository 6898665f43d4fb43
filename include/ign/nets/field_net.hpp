// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// A fully convolutional net for the fields of simulations: it has no bottleneck of one cell and applies to grids of any size.
#ifndef IGN_NETS_FIELD_NET_HPP
#define IGN_NETS_FIELD_NET_HPP

#include <cstddef>

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
};

namespace detail {

// field_net with the convolutions Down and Up.
template <class Down, class Up, std::size_t Blocks, class Norm>
constexpr auto field_net_of(FieldNetOptions<Norm> const& o) {
  auto const down = [&](int channels, bool bias) {
    return Down{.channels = channels, .kernel = 4, .stride = 2, .padding = 1, .bias = bias, .padding_mode = o.padding_mode};
  };
  auto const up = [&](int channels, bool bias) {
    return Up{.channels = channels, .kernel = 4, .stride = 2, .padding = 1, .bias = bias, .padding_mode = o.padding_mode};
  };
  LeakyRelu const activation{o.slope};
  return sequential(down(o.width, true), activation, down(2 * o.width, false), o.norm, activation,
                    residual_blocks<Blocks, Down>(2 * o.width, false, o.padding_mode, o.norm, activation), up(o.width, false), o.norm,
                    activation, up(o.channels, true));
}

}  // namespace detail

/// Two convolutions of stride 2, `Blocks` residual blocks, and two transposed convolutions: maps fields to fields of the same extents.
///
/// Extents are multiples of 4, and at least 8. A cell of f(x) depends on cells of x at a distance of up to 9 + 8 Blocks
/// (`receptive_field`). There is no activation at the end: fields are in units of their standard deviation (ChannelNormalisation), and
/// have no bounds.
template <std::size_t Blocks = 2, class Norm = BatchNorm>
constexpr auto field_net(FieldNetOptions<Norm> const& o = {}) {
  return detail::field_net_of<Conv2d, ConvTranspose2d, Blocks>(o);
}

}  // namespace ign

#endif  // IGN_NETS_FIELD_NET_HPP
