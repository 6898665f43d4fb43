// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// The DCGAN autoencoder family with residual blocks at the extents of its stages.
#ifndef IGN_NETS_RESIDUAL_DCGAN_HPP
#define IGN_NETS_RESIDUAL_DCGAN_HPP

#include <cstddef>
#include <utility>

#include "ign/nets/dcgan.hpp"
#include "ign/nets/detail/residual_block.hpp"

namespace ign {

namespace detail {

// Parts of the family with Blocks residual blocks at each scale; at scale 0 only if Finest.
template <std::size_t Blocks, bool Finest>
struct ResidualDcganParts : DcganParts<> {
  template <std::size_t Scale, std::size_t Stages, class Norm, class Activation>
  static constexpr auto blocks(DcganOptions<Stages, Norm> const& o, Activation const& activation) {
    constexpr std::size_t count = Scale > 0 || Finest ? Blocks : 0;
    return residual_blocks<count>(residual_convolution<Conv2d>(o.stages[Scale].channels, o.bias_before_norm, o.padding_mode), o.norm,
                                  activation);
  }
};

}  // namespace detail

/// `dcgan` with `Blocks` residual blocks at the extents of each stage, on the way down and up: maps images in [-1, 1] to images of the same
/// extents. A block is activation(x + norm(conv(activation(norm(conv(x)))))) with convolutions of kernel 3, and the activation of its half:
/// LeakyRelu in the encoder, Relu in the decoder.
///
/// The extents of the first stage have blocks only if `Finest`: images are the largest there and channels the fewest, so that blocks take
/// longest. Give stages with blocks 16 channels or more: with fewer, hosts do not use Winograd's algorithm for them.
/// `before_latent` is any layer, such as MinibatchStddev.
/// \source He et al., "Deep Residual Learning for Image Recognition", arXiv 1512.03385, figure 2, for the block
template <std::size_t Blocks = 1, bool Finest = false, std::size_t Stages, class Norm, class Layer = Sequential<>>
constexpr auto residual_dcgan(DcganOptions<Stages, Norm> const& options, Layer const& before_latent = sequential()) {
  static_assert(Stages >= 1, "ign::residual_dcgan: at least one stage");
  using Parts = detail::ResidualDcganParts<Blocks, Finest>;
  std::make_index_sequence<Stages - 1> const stages;
  return sequential(detail::dcgan_encoder<Parts>(options, before_latent, true, stages), detail::dcgan_decoder<Parts>(options, stages));
}

/// mnist_small_net with a residual block at 8×8 and at 4×4, down and up: 399,089 parameters for images of 32×32×1.
template <class Norm = BatchNorm>
constexpr auto mnist_residual_net(Norm const& norm = {}) {
  return residual_dcgan(mnist_small_options(norm));
}

/// mnist_large_net with the blocks of mnist_residual_net: 2,117,217 parameters for images of 32×32×1. For mnist_widened_recipe, as the wide
/// net of mnist_residual_net.
template <class Norm = BatchNorm>
constexpr auto mnist_residual_large_net(Norm const& norm = {}) {
  return residual_dcgan(mnist_large_options(norm));
}

/// dcgan64_small_net with a residual block at 16×16, 8×8 and 4×4, down and up: 1,646,899 parameters for images of 64×64×3.
template <class Norm = BatchNorm>
constexpr auto dcgan64_residual_net(int image_channels = 3, Norm const& norm = {}) {
  return residual_dcgan(dcgan64_small_options(image_channels, norm));
}

}  // namespace ign

#endif  // IGN_NETS_RESIDUAL_DCGAN_HPP
