// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Conditional forms f(x | c) of the DCGAN autoencoders.
#ifndef IGN_NETS_CONDITIONAL_DCGAN_HPP
#define IGN_NETS_CONDITIONAL_DCGAN_HPP

#include <type_traits>
#include <utility>

#include "ign/layers/conditional_layers.hpp"
#include "ign/nets/dcgan.hpp"

namespace ign {

/// `dcgan` with scale and shift by c after each norm. `options.norm` is any layer, such as BatchNorm.
template <std::size_t Stages, class Norm>
constexpr auto conditional_dcgan(DcganOptions<Stages, Norm> const& options, ConditionalScale const& scale) {
  auto const norm = sequential(options.norm, scale);
  return dcgan(DcganOptions<Stages, std::remove_const_t<decltype(norm)>>{.image_channels = options.image_channels,
                                                                         .stages = options.stages,
                                                                         .latent = options.latent,
                                                                         .norm = norm,
                                                                         .bias_before_norm = options.bias_before_norm,
                                                                         .slope = options.slope,
                                                                         .padding_mode = options.padding_mode});
}

/// `dcgan` with c as further channels of the image and of the latent.
template <std::size_t Stages, class Norm>
constexpr auto conditional_dcgan(DcganOptions<Stages, Norm> const& options, ConditionChannels const& condition) {
  std::make_index_sequence<Stages - 1> const stages;
  return sequential(condition, detail::dcgan_encoder(options, sequential(), true, stages), condition,
                    detail::dcgan_decoder(options, stages));
}

/// mnist_small_net for conditions of length K, K = condition.length: with a ConditionalScale it has 416 · K parameters more (4,160 for
/// ten classes), with ConditionChannels 1,280 · K. For images of 32×32×1.
template <class Condition>
constexpr auto conditional_mnist_small_net(Condition const& condition) {
  return conditional_dcgan(mnist_small_options(), condition);
}

}  // namespace ign

#endif  // IGN_NETS_CONDITIONAL_DCGAN_HPP
