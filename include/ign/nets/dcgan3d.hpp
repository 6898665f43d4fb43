// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// The DCGAN autoencoder family in three dimensions: strided convolutions down to a latent of one cell, and their mirror image up.
#ifndef IGN_NETS_DCGAN3D_HPP
#define IGN_NETS_DCGAN3D_HPP

#include "ign/layers/conv3d.hpp"
#include "ign/layers/conv_transpose3d.hpp"
#include "ign/nets/dcgan.hpp"

namespace ign {

/// Encoder and decoder of `options` with Conv3d and ConvTranspose3d: maps cubic fields (d, d, d, options.image_channels) with values in
/// [-1, 1], of shape volume_shape(d, d, d, …), to fields of the same extents.
template <std::size_t Stages, class Norm>
constexpr auto dcgan3d(DcganOptions<Stages, Norm> const& options) {
  static_assert(Stages >= 1, "ign::dcgan3d: at least one stage");
  using Parts = detail::DcganParts<Conv3d, ConvTranspose3d>;
  std::make_index_sequence<Stages - 1> const stages;
  return sequential(detail::dcgan_encoder<Parts>(options, sequential(), true, stages), detail::dcgan_decoder<Parts>(options, stages));
}

/// Options of voxel_net.
struct VoxelNetOptions {
  int channels = 1;  ///< values per cell of the fields
  int width = 16;    ///< channels of the first stage; twice and four times as many in the next ones
  int latent = 64;   ///< channels of the latent
};

/// mnist_small_net in three dimensions, for fields of 32×32×32: three stages and a latent of one cell. 854,513 parameters with the default
/// options.
template <class Norm = BatchNorm>
constexpr auto voxel_net(VoxelNetOptions const& o = {}, Norm const& norm = {}) {
  return dcgan3d(DcganOptions<3, Norm>{.image_channels = o.channels,
                                       .stages = {{{o.width}, {2 * o.width}, {4 * o.width}}},
                                       .latent = {o.latent, 4, 1, 0},
                                       .norm = norm,
                                       .bias_before_norm = false});
}

}  // namespace ign

#endif  // IGN_NETS_DCGAN3D_HPP
