// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Recipes of published and of measured training runs: net, objective, optimizer, batch size, source and phases.
#ifndef IGN_TRAIN_RECIPES_HPP
#define IGN_TRAIN_RECIPES_HPP

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>

#include "ign/core/error.hpp"
#include "ign/corruptions/mixture.hpp"
#include "ign/losses/l1.hpp"
#include "ign/nets/dcgan.hpp"
#include "ign/optimizers/adam.hpp"
#include "ign/optimizers/ema.hpp"
#include "ign/optimizers/muon.hpp"
#include "ign/policies/distillation.hpp"
#include "ign/policies/idempotent.hpp"
#include "ign/sources/spectral.hpp"

namespace ign {

/// Second phase of a recipe, policies/distillation.hpp. Its teacher is the result of the first phase.
template <class Optimizer = Adam>
struct DistillationPhase {
  double share = 0.4;                         ///< share of the run's steps, in (0, 1)
  std::optional<std::uint64_t> first_step{};  ///< number of steps before the phase; absent: follows from `share`
  Optimizer optimizer{};                      ///< optimizer, with a state of its own and the options of its type
  double learning_rate = 1e-3;                ///< initial learning rate; it falls to 0 as a cosine
  double reconstruction = 1;                  ///< weight λ_r of the reconstruction loss
  double generation = 2;   ///< weight λ_g of the generation loss; above the 1 of DistillationOptions: samples keep more of the first phase
  double idempotence = 1;  ///< weight λ_i of the idempotence loss
  double iterated_share = 0.25;    ///< share of the samples whose u is f(g(z)), not A(g(z))
  CorruptionMixture corruption{};  ///< distribution of A
};

/// Net of a recipe's second phase, with at least as many channels as that of the first, which it continues: see `widen` (nets/widen.hpp).
template <class Net>
struct WideNet {
  std::string name;  ///< name in files
  Net net;           ///< the net
};

/// Definition of a training run, without the data, the length and the seed.
template <class Net, class Distance = Mse, class Source = Gaussian, class Optimizer = Adam, class SecondOptimizer = Optimizer>
struct Recipe {
  std::string name;                               ///< name in files
  Net net;                                        ///< the net to train
  Shape image;                                    ///< extents of the images; smaller images are padded
  IdempotentOptions<Distance, Source> objective;  ///< objective of the first phase
  Optimizer optimizer{};                          ///< optimizer of the first phase; the learning rate is below
  double learning_rate = 1e-4;                    ///< learning rate of the first step of the first phase
  std::optional<double> final_learning_rate{};    ///< end of a cosine schedule over the first phase; absent: a constant learning rate
  double ema_decay = 0;                           ///< decay of the averaged weights (Ema), the result of the first phase
  double ema_exponent = 0;                        ///< exponent of the averaged weights, instead of a decay; both 0: no average
  std::optional<double> final_tightness{};        ///< end of a cosine schedule of λ_t over the first phase; absent: as objective.tightness
  int batch = 256;                                ///< batch size, samples
  std::optional<SpectralOptions> spectral{};      ///< options of the published spectral noise, which `with_source` sets
  std::optional<DistillationPhase<SecondOptimizer>> distillation{};  ///< second phase; absent: the first is the whole run
  std::optional<WideNet<Net>> wide_net{};                            ///< net of the second phase; absent: that of the first

  /// True if the first phase results in an average of its weights.
  bool averages() const { return ema_decay > 0 || ema_exponent > 0; }
  /// The optimizer of the first phase with that average.
  Ema<Optimizer> averaged_optimizer() const { return {optimizer, ema_decay, true, ema_exponent}; }
  /// Net of the second phase.
  Net const& second_net() const { return wide_net ? wide_net->net : net; }

  /// Number of steps of the first phase, at least 1, in a run of `steps` steps.
  /// \throws Error [ign.option.662] if the share of the second phase is not in (0, 1)
  std::uint64_t first_phase_steps(std::uint64_t steps) const {
    if (!distillation || steps == 0) return steps;
    if (distillation->first_step) return std::clamp<std::uint64_t>(*distillation->first_step, 1, steps);
    require(distillation->share > 0 && distillation->share < 1, Fault::option, 662, "recipe ", name, ": a second phase of ",
            distillation->share, " of the steps, expected a share in (0, 1), or no second phase");
    auto const distilled = static_cast<std::uint64_t>(std::llround(distillation->share * static_cast<double>(steps)));
    return steps - std::min(distilled, steps - 1);
  }

  /// The learning rates of the second phase of a run of `steps` steps. The recipe must have one.
  Schedule distillation_schedule(std::uint64_t steps) const {
    return Schedule::cosine(distillation.value().learning_rate, 0, steps - first_phase_steps(steps));
  }

  /// The objective of the second phase. The recipe must have one.
  DistillationOptions<Distance, Source> distillation_objective() const {
    DistillationPhase<SecondOptimizer> const& phase = distillation.value();
    auto options = distillation_options(objective);
    options.corruption = phase.corruption;
    options.reconstruction = Schedule::constant(phase.reconstruction);
    options.generation = Schedule::constant(phase.generation);
    options.idempotence = Schedule::constant(phase.idempotence);
    options.iterated_share = phase.iterated_share;
    return options;
  }

  /// The objective of a first phase of `steps` steps.
  IdempotentOptions<Distance, Source> first_phase_objective(std::uint64_t steps) const {
    auto options = objective;
    if (final_tightness) options.tightness = Schedule::cosine(objective.tightness.start, *final_tightness, steps);
    return options;
  }

  /// The learning rates of a first phase of `steps` steps.
  Schedule first_phase_schedule(std::uint64_t steps) const {
    return final_learning_rate ? Schedule::cosine(learning_rate, *final_learning_rate, steps) : Schedule::constant(learning_rate);
  }
};

namespace detail {

/// The recipe with another distance and another source.
template <class Distance, class Source, class Net, class OldDistance, class OldSource, class Optimizer, class SecondOptimizer>
Recipe<Net, Distance, Source, Optimizer, SecondOptimizer> with_distance_and_source(
    Recipe<Net, OldDistance, OldSource, Optimizer, SecondOptimizer> const& recipe, Distance const& distance, Source const& source) {
  // Structured bindings: a new field fails to compile here until it is copied, too.
  auto const& [name, net, image, objective, optimizer, learning_rate, final_learning_rate, ema_decay, ema_exponent, final_tightness, batch,
               spectral, distillation, wide_net] = recipe;
  auto const& [old_distance, old_source, reconstruction, idempotence, tightness, smoothing, equilibrium, precision, mismatched_share] =
      objective;
  return {name,
          net,
          image,
          {distance, source, reconstruction, idempotence, tightness, smoothing, equilibrium, precision, mismatched_share},
          optimizer,
          learning_rate,
          final_learning_rate,
          ema_decay,
          ema_exponent,
          final_tightness,
          batch,
          spectral,
          distillation,
          wide_net};
}

}  // namespace detail

/// The recipe with another source of noise: `with_source(paper_b_recipe(net, image), spectral_of(exec, batches))`.
template <class Source, class Net, class Distance, class OldSource, class Optimizer, class SecondOptimizer>
Recipe<Net, Distance, Source, Optimizer, SecondOptimizer> with_source(
    Recipe<Net, Distance, OldSource, Optimizer, SecondOptimizer> const& recipe, Source const& source) {
  return detail::with_distance_and_source(recipe, recipe.objective.distance, source);
}

/// The recipe with another distance, in both phases: `with_distance(recipe, Perceptual(features.model(), {.layers = {{7, 0.1}}}))`. The
/// constants of the objective stay as they are: those of a tightness with an Equilibrium are in units of the distance.
template <class Distance, class Net, class OldDistance, class Source, class Optimizer, class SecondOptimizer>
Recipe<Net, Distance, Source, Optimizer, SecondOptimizer> with_distance(
    Recipe<Net, OldDistance, Source, Optimizer, SecondOptimizer> const& recipe, Distance const& distance) {
  return detail::with_distance_and_source(recipe, distance, recipe.objective.source);
}

/// The recipe with other optimizers: `with_optimizer(mnist_small_recipe(net, image), Adam{.beta1 = 0.5}, Adam{})`. Learning rates stay as
/// they are: set those that belong to the optimizers.
/// \param second  of the second phase
template <class Optimizer, class SecondOptimizer, class Net, class Distance, class Source, class OldOptimizer, class OldSecondOptimizer>
Recipe<Net, Distance, Source, Optimizer, SecondOptimizer> with_optimizer(
    Recipe<Net, Distance, Source, OldOptimizer, OldSecondOptimizer> const& recipe, Optimizer const& first, SecondOptimizer const& second) {
  auto const& [name, net, image, objective, old_optimizer, learning_rate, final_learning_rate, ema_decay, ema_exponent, final_tightness,
               batch, spectral, distillation, wide_net] = recipe;
  std::optional<DistillationPhase<SecondOptimizer>> phase;
  if (distillation) {
    auto const& [share, first_step, old_second, rate, reconstruction, generation, idempotence, iterated_share, corruption] = *distillation;
    phase = {share, first_step, second, rate, reconstruction, generation, idempotence, iterated_share, corruption};
  }
  return {name,      net,          image,           objective, first,    learning_rate, final_learning_rate,
          ema_decay, ema_exponent, final_tightness, batch,     spectral, phase,         wide_net};
}

namespace detail {

inline constexpr Adam published_adam = {.beta1 = 0.5};  // of the published IGNs

template <class Distance>
IdempotentOptions<Distance> objective(double reconstruction, double idempotence, double tightness, Smoothing const& smoothing) {
  return {Distance{}, Gaussian{}, Schedule::constant(reconstruction), Schedule::constant(idempotence), Schedule::constant(tightness),
          smoothing};
}

}  // namespace detail

/// The paper's pseudo-code: MSE with λ = 1, 1, 0.1, no smoothing.
/// \source arXiv 2311.01462, listing 1
template <class Net>
Recipe<Net, Mse> paper_a_recipe(Net const& net, Shape image) {
  return {"paper-a", net, image, detail::objective<Mse>(1, 1, 0.1, {}), detail::published_adam};
}

/// The paper's appendix: L1 with λ = 20, 20, 2.5 and smoothing by the noise's own distance, a = 1.5.
///
/// The published noise is spectral and is computed from the data: see with_source. This recipe has Gaussian noise.
/// \source arXiv 2311.01462, appendix
template <class Net>
Recipe<Net, L1> paper_b_recipe(Net const& net, Shape image) {
  Recipe<Net, L1> recipe = {"paper-b", net, image, detail::objective<L1>(20, 20, 2.5, {SmoothingKind::own_noise, 1.5}),
                            detail::published_adam};
  recipe.spectral = SpectralOptions{};
  return recipe;
}

/// The KTH reproduction, a project of a course at KTH Stockholm, on CelebA: as paper_b_recipe, but with SmoothingKind::data_sample,
/// and with noise statistics of each batch.
/// \source github.com/abdelahmed0/KTH-DD2412-Idempotent-GenNets
template <class Net>
Recipe<Net, L1> kth_celeba_recipe(Net const& net, Shape image) {
  Recipe<Net, L1> recipe = {"kth-celeba", net, image, detail::objective<L1>(20, 20, 2.5, {SmoothingKind::data_sample, 1.5}),
                            detail::published_adam};
  recipe.spectral = SpectralOptions{.per_batch = true};
  return recipe;
}

/// The KTH reproduction on MNIST.
/// \source github.com/abdelahmed0/KTH-DD2412-Idempotent-GenNets
template <class Net>
Recipe<Net, Mse> kth_mnist_recipe(Net const& net, Shape image) {
  return {"kth-mnist", net, image, detail::objective<Mse>(1, 1, 0.1, {}), detail::published_adam};
}

/// Recipe for good samples after minutes on two cores. docs/results.md has the measured quality.
///
/// The weight of the tightness is up to ten times the published one, and the term is bounded by twice the batch's mean of D(f(x), x).
/// An Equilibrium controls the weight: it rises from 0, and T / R is held near 1.15, so that f moves its own output hardly more than it
/// moves data. Floor and gain of the Equilibrium were measured on MNIST (docs/results.md). The optimizer is Muon, which reaches in a few
/// thousand steps the reconstruction error that Adam reaches in tens of thousands. Batches are small, and the learning rate falls to 0.
/// The last third of the steps is the second phase.
template <class Net>
Recipe<Net, Mse, Gaussian, Muon> mnist_small_recipe(Net const& net, Shape image) {
  Muon const muon = {.others = {.beta1 = 0.5}};
  Recipe<Net, Mse, Gaussian, Muon> recipe = {"mnist-small", net, image, detail::objective<Mse>(1, 1, 1, {SmoothingKind::data_batch, 2}),
                                             muon};
  recipe.objective.equilibrium = {.ratio = 1.15, .floor = 0.018, .gain = 7e-4};
  recipe.learning_rate = 0.01;
  recipe.final_learning_rate = 0;
  recipe.batch = 64;
  recipe.distillation = DistillationPhase<Muon>{.share = 1. / 3, .learning_rate = 5e-3, .generation = 3};
  return recipe;
}

/// mnist_small_recipe with Adam, and with the learning rates, shares and weights that belong to it: a second phase of two fifths.
template <class Net>
Recipe<Net, Mse> mnist_small_adam_recipe(Net const& net, Shape image) {
  auto recipe = with_optimizer(mnist_small_recipe(net, image), detail::published_adam, Adam{});
  recipe.name = "mnist-small-adam";
  recipe.learning_rate = 8e-4;
  recipe.distillation = DistillationPhase<>{};
  return recipe;
}

/// Recipe of two nets, for good samples that stay as they are under f, after minutes on two cores. docs/results.md has the measured
/// quality.
///
/// The first, adversarial phase trains the small `net`, in a fraction of a large net's time, with Adam: its samples are better than Muon's
/// after the same number of steps. It results in an average of the weights, over a share of its steps: f then covers more of the data, and
/// changes it less. The second phase trains `wide_net` with Muon: it has the capacity to leave samples and data unchanged. Without
/// `wide_net` both phases train `net`. Seven of ten images of that phase are whole or noisy, not five: f then changes data less, and
/// removes weak noise better. In half an hour `objective.equilibrium.ratio` = 1.3 is as good as the 1.15 of this recipe.
template <class Net>
Recipe<Net, Mse, Gaussian, Adam, Muon> mnist_widened_recipe(Net const& net, Shape image,
                                                            std::optional<WideNet<std::type_identity_t<Net>>> const& wide_net = {}) {
  auto recipe = with_optimizer(mnist_small_recipe(net, image), detail::published_adam, Muon{});
  recipe.name = "mnist-widened";
  recipe.objective.tightness = Schedule::constant(0.7);
  recipe.objective.equilibrium.gain = 1e-3;
  recipe.learning_rate = 8e-4;
  recipe.final_learning_rate = 3e-4;
  recipe.ema_exponent = 14;
  recipe.distillation->share = 0.22;
  recipe.distillation->learning_rate = 7.5e-4;
  recipe.distillation->reconstruction = 0.7;
  recipe.distillation->idempotence = 1.5;
  recipe.distillation->corruption.noise_weight = 2;
  recipe.distillation->corruption.blur_weight = 0.25;
  recipe.distillation->corruption.box_weight = 0.5;
  recipe.distillation->corruption.pixels_weight = 0.5;
  recipe.wide_net = wide_net;
  return recipe;
}

/// mnist_small_adam_recipe for longer runs of mnist_wide_net, in both phases: the first phase results in an average of the weights; its
/// learning rate does not fall to 0. Samples cover more of the data, consistently across seeds, and f changes data less.
template <class Net>
Recipe<Net, Mse> mnist_wide_recipe(Net const& net, Shape image) {
  auto recipe = mnist_small_adam_recipe(net, image);
  recipe.name = "mnist-wide";
  recipe.objective.equilibrium.ratio = 1.3;
  recipe.final_learning_rate = 3e-4;
  recipe.ema_decay = 0.9995;
  return recipe;
}

/// Recipe for faces and other pictures in colour: the weights of the paper's appendix with L1, the tightness bounded by twice the batch's
/// mean of D(f(x), x), an average of the weights, and a second phase. docs/results.md has the measured quality.
template <class Net>
Recipe<Net, L1> faces_recipe(Net const& net, Shape image) {
  Recipe<Net, L1> recipe = {"faces", net, image, detail::objective<L1>(20, 20, 2.5, {SmoothingKind::data_batch, 2}),
                            detail::published_adam};
  recipe.learning_rate = 2e-4;
  recipe.ema_exponent = 14;
  recipe.batch = 64;
  recipe.distillation = DistillationPhase<>{.share = 0.25, .learning_rate = 5e-4, .generation = 3, .idempotence = 1.5};
  return recipe;
}

/// mnist_small_adam_recipe for projection: with the published tightness, f changes data much less, and samples are less diverse.
template <class Net>
Recipe<Net, Mse> mnist_small_projector_recipe(Net const& net, Shape image) {
  auto recipe = mnist_small_adam_recipe(net, image);
  recipe.name = "mnist-small-projector";
  recipe.objective.tightness = Schedule::constant(0.1);
  recipe.objective.smoothing = {};
  recipe.objective.equilibrium = {};
  return recipe;
}

}  // namespace ign

#endif  // IGN_TRAIN_RECIPES_HPP
