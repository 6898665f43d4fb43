// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// The DCGAN autoencoder family: strided convolutions down to a 1×1 latent image, and their mirror image up. The encoder resembles the
/// discriminator of a DCGAN (deep convolutional GAN), the decoder its generator.
/// \source Radford et al., "Unsupervised representation learning with deep convolutional generative adversarial networks", arXiv 1511.06434
#ifndef IGN_NETS_DCGAN_HPP
#define IGN_NETS_DCGAN_HPP

#include <array>
#include <utility>

#include "ign/layers/activations.hpp"
#include "ign/layers/batch_norm.hpp"
#include "ign/layers/conv2d.hpp"
#include "ign/layers/conv_transpose2d.hpp"
#include "ign/layers/linear.hpp"
#include "ign/layers/sequential.hpp"

namespace ign {

/// One convolution of the encoder. Its mirror in the decoder has the same kernel, stride and padding.
struct DcganStage {
  int channels = 64;  ///< channels of the output
  int kernel = 4;     ///< side of the window, pixels
  int stride = 2;     ///< pixels between windows
  int padding = 1;    ///< padding on each side, pixels
};

/// Options of `dcgan`. `Norm` is any layer, or `sequential()` for none.
template <std::size_t Stages, class Norm = BatchNorm>
struct DcganOptions {
  int image_channels = 1;                         ///< 1: grey, 3: colours
  std::array<DcganStage, Stages> stages{};        ///< of the encoder, first to last
  DcganStage latent{512, 4, 1, 0};                ///< last convolution of the encoder, which makes the code; without norm and activation
  Norm norm{};                                    ///< after every convolution except the first, the latent and the last
  bool bias_before_norm = true;                   ///< bias of convolutions before a norm, redundant where the norm has its own
  double slope = 0.2;                             ///< of the encoder's LeakyReLU; the decoder has ReLU
  PaddingMode padding_mode = PaddingMode::zeros;  ///< of the stages; the latent has no padding
};

namespace detail {

// Parts of the family: a convolution down and one up for each stage, and layers after the activation at each scale, which keep the
// extents; scale 0 is the finest. No such layers here, residual blocks in nets/residual_dcgan.hpp.
template <class Down = Conv2d, class Up = ConvTranspose2d>
struct DcganParts {
  static constexpr Down down(DcganStage const& s, bool bias, PaddingMode mode) {
    return Down{.channels = s.channels, .kernel = s.kernel, .stride = s.stride, .padding = s.padding, .bias = bias, .padding_mode = mode};
  }
  static constexpr Up up(int channels, DcganStage const& s, bool bias, PaddingMode mode) {
    return Up{.channels = channels, .kernel = s.kernel, .stride = s.stride, .padding = s.padding, .bias = bias, .padding_mode = mode};
  }
  template <std::size_t Scale, std::size_t Stages, class Norm, class Activation>
  static constexpr auto blocks(DcganOptions<Stages, Norm> const&, Activation const&) {
    return sequential();
  }
};

// I counts the stages after the first. `before_latent` is any layer, or an empty net.
template <class Parts = DcganParts<>, std::size_t Stages, class Norm, class Layer, std::size_t... I>
constexpr auto dcgan_encoder(DcganOptions<Stages, Norm> const& o, Layer const& before_latent, bool latent_bias, std::index_sequence<I...>) {
  LeakyRelu const activation{o.slope};
  return sequential(Parts::down(o.stages[0], true, o.padding_mode), activation, Parts::template blocks<0>(o, activation),
                    sequential(Parts::down(o.stages[I + 1], o.bias_before_norm, o.padding_mode), o.norm, activation,
                               Parts::template blocks<I + 1>(o, activation))...,
                    before_latent, Parts::down(o.latent, latent_bias, PaddingMode::zeros));
}

// The mirror of stage Stages - 1 - I has the channels of the stage before as its output.
template <class Parts = DcganParts<>, std::size_t Stages, class Norm, std::size_t... I>
constexpr auto dcgan_decoder(DcganOptions<Stages, Norm> const& o, std::index_sequence<I...>) {
  return sequential(Parts::up(o.stages[Stages - 1].channels, o.latent, o.bias_before_norm, PaddingMode::zeros), o.norm, Relu{},
                    Parts::template blocks<Stages - 1>(o, Relu{}),
                    sequential(Parts::up(o.stages[Stages - 2 - I].channels, o.stages[Stages - 1 - I], o.bias_before_norm, o.padding_mode),
                               o.norm, Relu{}, Parts::template blocks<Stages - 2 - I>(o, Relu{}))...,
                    Parts::up(o.image_channels, o.stages[0], true, o.padding_mode), Tanh{});
}

}  // namespace detail

/// Encoder and decoder of `options`: maps images in [-1, 1] to images of the same extents. `before_latent` is any layer, such as
/// MinibatchStddev.
template <std::size_t Stages, class Norm, class Layer = Sequential<>>
constexpr auto dcgan(DcganOptions<Stages, Norm> const& options, Layer const& before_latent = sequential()) {
  static_assert(Stages >= 1, "ign::dcgan: at least one stage");
  std::make_index_sequence<Stages - 1> const stages;
  return sequential(detail::dcgan_encoder(options, before_latent, true, stages), detail::dcgan_decoder(options, stages));
}

/// The encoder alone: maps images to latents (1, 1, options.latent.channels). An autoencoder with layers of its own between both:
/// `sequential(dcgan_encoder(options), Tanh{}, GaussianNoise{0.1}, dcgan_generator(options))`. `before_latent` as in `dcgan`.
template <std::size_t Stages, class Norm, class Layer = Sequential<>>
constexpr auto dcgan_encoder(DcganOptions<Stages, Norm> const& options, Layer const& before_latent = sequential()) {
  static_assert(Stages >= 1, "ign::dcgan_encoder: at least one stage");
  return detail::dcgan_encoder(options, before_latent, true, std::make_index_sequence<Stages - 1>());
}

/// The decoder alone, as the generator of a GAN: maps latents (1, 1, options.latent.channels) to images.
template <std::size_t Stages, class Norm>
constexpr auto dcgan_generator(DcganOptions<Stages, Norm> const& options) {
  return detail::dcgan_decoder(options, std::make_index_sequence<Stages - 1>());
}

/// The encoder and one logit, as the discriminator of a GAN: maps images to (1, 1, 1). The latent has no bias and the logit as many weights
/// instead, so that generator and discriminator together have as many parameters as `dcgan`. `before_latent` as in `dcgan`.
template <std::size_t Stages, class Norm, class Layer = Sequential<>>
constexpr auto dcgan_discriminator(DcganOptions<Stages, Norm> const& options, Layer const& before_latent = sequential()) {
  return sequential(detail::dcgan_encoder(options, before_latent, false, std::make_index_sequence<Stages - 1>()), LeakyRelu{options.slope},
                    Linear{.features = 1, .bias = false});
}

/// Options of mnist_small_net.
template <class Norm = BatchNorm>
constexpr DcganOptions<3, Norm> mnist_small_options(Norm const& norm = {}) {
  return {.image_channels = 1, .stages = {{{16}, {32}, {64}}}, .latent = {64, 4, 1, 0}, .norm = norm, .bias_before_norm = false};
}

/// A net that two cores train in minutes: 214,001 parameters for images of 32×32×1. (MNIST is padded from 28 to 32.)
template <class Norm = BatchNorm>
constexpr auto mnist_small_net(Norm const& norm = {}) {
  return dcgan(mnist_small_options(norm));
}

/// 1.5 times as wide as mnist_small_net, 2.2 times its work: 382,409 parameters for images of 32×32×1.
template <class Norm = BatchNorm>
constexpr auto mnist_wide_net(Norm const& norm = {}) {
  auto options = mnist_small_options(norm);
  options.stages = {{{24}, {48}, {96}}};
  return dcgan(options);
}

/// Options of mnist_large_net.
template <class Norm = BatchNorm>
constexpr DcganOptions<3, Norm> mnist_large_options(Norm const& norm = {}) {
  auto options = mnist_small_options(norm);
  options.stages = {{{32}, {64}, {128}}};
  options.latent.channels = 256;
  return options;
}

/// Twice as wide as mnist_small_net, with four times as large a latent: 1,378,401 parameters for images of 32×32×1. Trained alone it
/// needs a GPU, or an hour of two cores; as the wide net of mnist_widened_recipe, minutes.
template <class Norm = BatchNorm>
constexpr auto mnist_large_net(Norm const& norm = {}) {
  return dcgan(mnist_large_options(norm));
}

/// MNIST net of the KTH reproduction: 2.95 M parameters for images of 28×28×1.
/// \source github.com/abdelahmed0/KTH-DD2412-Idempotent-GenNets, the MNIST model
template <class Norm = BatchNorm>
constexpr auto kth_mnist_net(Norm const& norm = {}) {
  return dcgan(DcganOptions<3, Norm>{
      .image_channels = 1, .stages = {{{64}, {128}, {256, 3, 2, 1}}}, .latent = {256, 4, 1, 0}, .norm = norm, .bias_before_norm = false});
}

/// CelebA net of the IGN paper: 13,905,923 parameters for images of 64×64×3.
/// \source arXiv 2311.01462, appendix: the CelebA model
template <class Norm = BatchNorm>
constexpr auto dcgan64_net(int image_channels = 3, Norm const& norm = {}) {
  return dcgan(DcganOptions<4, Norm>{
      .image_channels = image_channels, .stages = {{{64}, {128}, {256}, {512}}}, .latent = {512, 4, 1, 0}, .norm = norm});
}

/// Options of dcgan64_small_net.
template <class Norm = BatchNorm>
constexpr DcganOptions<4, Norm> dcgan64_small_options(int image_channels = 3, Norm const& norm = {}) {
  return {.image_channels = image_channels,
          .stages = {{{16}, {32}, {64}, {128}}},
          .latent = {128, 4, 1, 0},
          .norm = norm,
          .bias_before_norm = false};
}

/// A quarter as wide as dcgan64_net, a fifteenth of its work, for training on two cores: 870,963 parameters for images of 64×64×3.
template <class Norm = BatchNorm>
constexpr auto dcgan64_small_net(int image_channels = 3, Norm const& norm = {}) {
  return dcgan(dcgan64_small_options(image_channels, norm));
}

}  // namespace ign

#endif  // IGN_NETS_DCGAN_HPP
