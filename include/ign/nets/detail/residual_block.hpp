// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// The residual blocks of field_net and residual_dcgan.
#ifndef IGN_NETS_DETAIL_RESIDUAL_BLOCK_HPP
#define IGN_NETS_DETAIL_RESIDUAL_BLOCK_HPP

#include <cstddef>
#include <utility>

#include "ign/core/padding_mode.hpp"
#include "ign/layers/residual.hpp"
#include "ign/layers/sequential.hpp"

namespace ign::detail {

// I counts the blocks.
template <class Layer, class Activation, std::size_t... I>
constexpr auto repeated_block(Layer const& block, Activation const& activation, std::index_sequence<I...>) {
  return sequential((static_cast<void>(I), sequential(block, activation))...);
}

/// Convolution of a residual block: Conv2d or Conv3d, with a kernel of 3 and as many outputs as inputs.
template <class Conv>
constexpr Conv residual_convolution(int channels, bool bias, PaddingMode mode) {
  return {.channels = channels, .kernel = 3, .stride = 1, .padding = 1, .bias = bias, .init_std = 0.05, .padding_mode = mode};
}

/// `Blocks` blocks activation(x + norm(conv(activation(norm(conv(x)))))) one after the other, or an empty net for 0.
template <std::size_t Blocks, class Conv, class Norm, class Activation>
constexpr auto residual_blocks(Conv const& conv, Norm const& norm, Activation const& activation) {
  return repeated_block(residual(conv, norm, activation, conv, norm), activation, std::make_index_sequence<Blocks>());
}

}  // namespace ign::detail

#endif  // IGN_NETS_DETAIL_RESIDUAL_BLOCK_HPP
