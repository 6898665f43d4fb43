// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Recipes that are known to work: a net, an objective, an optimizer and a batch size, with where they come from.
#ifndef IGN_TRAIN_PRESETS_HPP
#define IGN_TRAIN_PRESETS_HPP

#include <optional>
#include <string>

#include "ign/losses/l1.hpp"
#include "ign/nets/dcgan.hpp"
#include "ign/optimizers/adam.hpp"
#include "ign/policies/idempotent.hpp"
#include "ign/sources/spectral.hpp"

namespace ign {

/// Everything that decides a training run but the data, its length and the seed.
template <class Net, class Distance = Mse, class Source = Gaussian>
struct Recipe {
  std::string name;                               ///< as files spell it
  Net net;                                        ///< of what is trained
  Shape image;                                    ///< what the net maps to its like; smaller images are padded to it
  IdempotentOptions<Distance, Source> objective;  ///< what is minimised
  Adam optimizer{.beta1 = 0.5};                   ///< without its learning rate; beta1 of the published IGNs
  double learning_rate = 1e-4;                    ///< that of the first step
  std::optional<double> final_learning_rate{};    ///< the learning rate falls to this over the run, as a cosine; else it is constant
  double average = 0;                             ///< decay of the average of the weights that is the result (Ema); 0: the last weights are
  std::optional<double> final_tightness{};        ///< λ_t falls to this over the run; else it follows objective.tightness
  int batch = 256;                                ///< samples
  std::optional<SpectralOptions> spectral{};      ///< the published noise is this, made from the data: see with_source; else Gaussian

  /// The objective of a run of that many steps.
  IdempotentOptions<Distance, Source> objective_of(std::uint64_t steps) const {
    auto options = objective;
    if (final_tightness) options.tightness = Schedule::cosine(objective.tightness.start, *final_tightness, steps);
    return options;
  }

  /// The learning rate of a run of that many steps.
  Schedule schedule(std::uint64_t steps) const {
    return final_learning_rate ? Schedule::cosine(learning_rate, *final_learning_rate, steps) : Schedule::constant(learning_rate);
  }
};

/// The recipe with noise from another source: `with_source(paper_b(net, image), spectral_of(exec, batches))`.
template <class Source, class Net, class Distance, class OldSource>
Recipe<Net, Distance, Source> with_source(Recipe<Net, Distance, OldSource> const& recipe, Source const& source) {
  // Bindings, since a field that is added then fails to compile here instead of being left out.
  auto const& [name, net, image, objective, optimizer, learning_rate, final_learning_rate, average, final_tightness, batch, spectral] =
      recipe;
  auto const& [distance, old_source, reconstruction, idempotence, tightness, smoothing, equilibrium, precision] = objective;
  return {name,
          net,
          image,
          {distance, source, reconstruction, idempotence, tightness, smoothing, equilibrium, precision},
          optimizer,
          learning_rate,
          final_learning_rate,
          average,
          final_tightness,
          batch,
          spectral};
}

namespace detail {

template <class Distance>
IdempotentOptions<Distance> objective(double reconstruction, double idempotence, double tightness, Smoothing const& smoothing) {
  return {Distance{}, Gaussian{}, Schedule::constant(reconstruction), Schedule::constant(idempotence), Schedule::constant(tightness),
          smoothing};
}

}  // namespace detail

/// The paper's pseudo-code: MSE with λ = 1, 1, 0.1, no smoothing.
/// \source arXiv 2311.01462, listing 1
template <class Net>
Recipe<Net, Mse> paper_a(Net const& net, Shape image) {
  return {"paper-a", net, image, detail::objective<Mse>(1, 1, 0.1, {})};
}

/// The paper's appendix: L1 with λ = 20, 20, 2.5 and smoothing by the noise's own distance, a = 1.5. Its noise is spectral, which needs
/// the data: see with_source. As it stands here it is Gaussian.
/// \source arXiv 2311.01462, appendix
template <class Net>
Recipe<Net, L1> paper_b(Net const& net, Shape image) {
  Recipe<Net, L1> recipe = {"paper-b", net, image, detail::objective<L1>(20, 20, 2.5, {SmoothingKind::own_noise, 1.5})};
  recipe.spectral = SpectralOptions{};
  return recipe;
}

/// The reproduction on CelebA: as paper_b, smoothed by the data's distance, undetached; the statistics of its noise are each batch's.
/// \source github.com/abdelahmed0/KTH-DD2412-Idempotent-GenNets
template <class Net>
Recipe<Net, L1> kth_celeba(Net const& net, Shape image) {
  Recipe<Net, L1> recipe = {"kth-celeba", net, image, detail::objective<L1>(20, 20, 2.5, {SmoothingKind::data_sample, 1.5})};
  recipe.spectral = SpectralOptions{.per_batch = true};
  return recipe;
}

/// The reproduction on MNIST. \source as kth_celeba
template <class Net>
Recipe<Net, Mse> kth_mnist(Net const& net, Shape image) {
  return {"kth-mnist", net, image, detail::objective<Mse>(1, 1, 0.1, {})};
}

/// What two cores can train in minutes, for samples: a tightness of up to seven times the published weight, bounded, and steered so that it
/// begins slowly and f never moves what it puts out much more than it moves data; small batches; a learning rate that falls to 0 as a
/// cosine. docs/results.md has what that is worth.
template <class Net>
Recipe<Net, Mse> mnist_small(Net const& net, Shape image) {
  Recipe<Net, Mse> recipe = {"mnist-small", net, image, detail::objective<Mse>(1, 1, 0.7, {SmoothingKind::data_batch, 2})};
  recipe.objective.equilibrium = {.ratio = 1.15, .floor = 0.018};
  recipe.learning_rate = 8e-4;
  recipe.final_learning_rate = 0;
  recipe.batch = 64;
  return recipe;
}

/// The same for mnist_wide_net and more time: the result is an average of the weights, and the learning rate does not fall to 0. Samples
/// cover more of the data from seed to seed, and f leaves data where they are more nearly.
template <class Net>
Recipe<Net, Mse> mnist_wide(Net const& net, Shape image) {
  auto recipe = mnist_small(net, image);
  recipe.name = "mnist-wide";
  recipe.objective.equilibrium.ratio = 1.3;
  recipe.final_learning_rate = 3e-4;
  recipe.average = 0.9995;
  return recipe;
}

/// mnist_small for projecting: with the published tightness f leaves data where they are much more nearly, and samples are less varied.
template <class Net>
Recipe<Net, Mse> mnist_small_projector(Net const& net, Shape image) {
  auto recipe = mnist_small(net, image);
  recipe.name = "mnist-small-projector";
  recipe.objective.tightness = Schedule::constant(0.1);
  recipe.objective.smoothing = {};
  recipe.objective.equilibrium = {};
  return recipe;
}

}  // namespace ign

#endif  // IGN_TRAIN_PRESETS_HPP
