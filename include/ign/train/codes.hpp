// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Training in two stages on latents: the codes of a data set, and a recipe for an IGN on them.
///
///     auto const encoder = sequential(dcgan_encoder(options), Tanh{}, GaussianNoise{0.05});
///     auto const net = sequential(encoder, dcgan_generator(options));
///     Reconstruction autoencoder(exec, net, image);                             // train it with a Trainer, then
///     auto const [e, d] = split<decltype(encoder)::size>(autoencoder.model());
///     Codes const codes = encode(exec, e, batches);
///     auto const recipe = latent_recipe(latent_net(32, 384), e.output_shape());
///     auto f = train(exec, recipe, TensorBatches(codes.samples, {.batch = recipe.batch}), {.steps = 20'000});
///     LatentProjector g(exec, e, d, f.model(), codes.normalisation);
///     g.generate(exec, Gaussian{}, Key{.seed = 7}, 1, images);
#ifndef IGN_TRAIN_CODES_HPP
#define IGN_TRAIN_CODES_HPP

#include <algorithm>
#include <cstddef>

#include "ign/core/error.hpp"
#include "ign/nets/channel_normalisation.hpp"
#include "ign/nets/frozen.hpp"
#include "ign/nets/latent_net.hpp"
#include "ign/train/recipes.hpp"
#include "ign/train/tensor_batches.hpp"

namespace ign {

/// Codes of a data set.
template <Scalar Real = float, class Exec = Kokkos::DefaultExecutionSpace>
struct Codes {
  Tensor<Real, Exec> samples;          ///< (count, h, w, c), normalised to mean 0 and standard deviation 1 in each channel
  ChannelNormalisation normalisation;  ///< of the codes as the encoder gives them
};

/// Encodes all images of a data set once, in evaluation mode, and normalises the codes by channel. Waits for the result.
///
/// A channel without variance becomes 0 in all codes.
/// \param images  Batches or TensorBatches
/// \param chunk   number of images at a time, which changes no value
/// \throws Error [ign.option.642] when chunk < 1; [ign.shape.86], [ign.shape.641] when the images are not the encoder's;
///         [ign.numeric.480] when codes are not finite
template <class Encoder, Scalar Real, class Exec, class Images>
Codes<Real, Exec> encode(Exec const& exec, Model<Encoder, Real, Exec> const& encoder, Images const& images, int chunk = 256) {
  require(chunk >= 1, Fault::option, 642, "encode: chunks of ", chunk, " images, expected 1 or more");
  std::size_t const count = images.count(), step = std::min(static_cast<std::size_t>(chunk), count);
  Frozen<Encoder, Real, Exec> frozen(exec, encoder);
  auto const codes = make_tensor<Real>(exec, "ign::codes", static_cast<int>(count), encoder.output_shape());
  auto const x = make_tensor<Real>(exec, "ign::codes::images", static_cast<int>(step), encoder.input_shape());
  for (std::size_t first = 0; first < count; first += step) {
    int const size = static_cast<int>(std::min(step, count - first));
    auto const part = batch_range(x, 0, size);
    images.gather_range(exec, first, part);
    frozen.forward(exec, Role::data, part, batch_range(codes, static_cast<int>(first), size));
  }
  Codes<Real, Exec> result = {codes, channel_normalisation(exec, codes)};
  TensorRef<Real, Exec> const all(codes);
  ChannelScaling<Real, Exec> const scaling(exec, result.normalisation);
  scaling.normalise(exec, all, all);
  exec.fence("ign::encode: the scaling has been read");
  return result;
}

/// Recipe with two phases for an IGN on normalised codes. docs/results.md has the measured quality.
///
/// Both phases have Adam. Codes have a variance of 1, so that D(f(x), x) is larger than that of pixels, and with it the floor of the
/// Equilibrium. The corruption of the second phase is Gaussian noise on codes only: the other corruptions are those of images.
template <class Net>
Recipe<Net, Mse> latent_recipe(Net const& net, Shape code) {
  auto recipe = mnist_small_adam_recipe(net, code);
  recipe.name = "latent";
  recipe.objective.tightness = Schedule::constant(0.7);
  recipe.objective.equilibrium = {.ratio = 1.2, .floor = 0.05, .gain = 2e-3};
  recipe.learning_rate = 1e-3;
  recipe.final_learning_rate = 1e-4;
  recipe.ema_exponent = 14;
  recipe.batch = 64;
  recipe.distillation = DistillationPhase<>{.share = 0.25, .learning_rate = 5e-4, .generation = 3};
  recipe.distillation->corruption = noise_mixture(0.5);
  return recipe;
}

}  // namespace ign

#endif  // IGN_TRAIN_CODES_HPP
