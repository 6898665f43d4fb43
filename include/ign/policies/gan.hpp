// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Generative adversarial network (GAN), a baseline for the IGN.
///
/// A step first updates the discriminator on [x; G(z)], one pass over 2B samples in which BatchNorm normalises each half separately. It
/// then updates the generator against the new discriminator with the same z.
#ifndef IGN_POLICIES_GAN_HPP
#define IGN_POLICIES_GAN_HPP

#include <Kokkos_Core.hpp>
#include <Kokkos_Profiling_ScopedRegion.hpp>
#include <string>
#include <vector>

#include "ign/losses/binary_cross_entropy.hpp"
#include "ign/losses/distance.hpp"
#include "ign/losses/named_loss.hpp"
#include "ign/nets/model.hpp"
#include "ign/policies/loss_sums.hpp"
#include "ign/policies/policy.hpp"
#include "ign/sources/gaussian.hpp"
#include "ign/sources/source.hpp"

namespace ign {

/// Objectives of a GAN in terms of the logits of D: the discriminator minimises -E log σ(D(x)) - E log(1 - σ(D(G(z)))), the generator the
/// non-saturating -E log σ(D(G(z))).
///
/// \source Goodfellow et al., "Generative adversarial nets", arXiv 1406.2661; Radford et al. (DCGAN), arXiv 1511.06434
template <class Source = Gaussian>
struct GanOptions {
  Source source{};                        ///< distribution of z
  Precision precision = Precision::full;  ///< precision of products in training
};

/// Losses of a step, or their means over several steps.
struct GanLosses {
  double discriminator = 0;  ///< sum of the losses for x and for G(z): 2 log 2 for a discriminator at chance
  double generator = 0;      ///< loss of the generator: log 2 for a discriminator at chance
  double total = 0;          ///< sum of both, meaningful only to detect divergence

  /// Returns all losses except the total.
  std::vector<NamedLoss> named() const { return {{"disc", discriminator}, {"gen", generator}}; }
};

/// GAN policy: generator and discriminator with their parameters, training step and sampling.
template <class Generator, class Discriminator, Scalar Real = float, class Exec = Kokkos::DefaultExecutionSpace, class Source = Gaussian>
class Gan : public LossMeansBase<4, Exec> {
  using Sums = LossMeansBase<4, Exec>;
  static_assert(source::complete<Source, Real, Exec>());

 public:
  using Options = GanOptions<Source>;  ///< options of the constructor
  using Ref = TensorRef<Real, Exec>;   ///< images or latents, (n, h, w, c)
  using scalar_type = Real;            ///< element type
  using execution_space = Exec;        ///< execution space of all kernels

  /// Initialises both nets.
  /// \param seed  seed of the initial weights and, with the number of the step, of all noise
  /// \throws Error [ign.shape.276] when the generator does not map latents to images, [ign.shape.277] when the discriminator does not
  ///         map images to one number; [ign.option.*] on invalid options
  Gan(Exec const& exec, Generator const& generator, Discriminator const& discriminator, Shape latent, Shape image,
      Options const& options = {}, std::uint64_t seed = 1)
      : Sums(exec),
        m_options(options),
        m_seed(seed),
        m_generator(exec, generator, latent, seed),
        m_discriminator(exec, discriminator, image, ~seed)  // initial weights must differ from the generator's
  {
    require(m_generator.output_shape() == image, Fault::shape, 276, "gan: the generator maps ", latent, " to ", m_generator.output_shape(),
            ", expected ", image);
    require(m_discriminator.output_shape() == Shape{1, 1, 1}, Fault::shape, 277, "gan: the discriminator maps ", image, " to ",
            m_discriminator.output_shape(), ", expected ", Shape{1, 1, 1});
  }

  Model<Generator, Real, Exec> const& model() const { return m_generator; }                  ///< generator
  Model<Discriminator, Real, Exec> const& discriminator() const { return m_discriminator; }  ///< discriminator
  Options const& options() const { return m_options; }                                       ///< options of the constructor
  std::uint64_t seed() const { return m_seed; }                                              ///< seed of the constructor
  Shape image_shape() const { return m_generator.output_shape(); }                           ///< extents of the data

  /// Calls `visitor(prefix, model)` for both models, in the order in which a step updates them.
  template <class Visitor>
  void for_each_model(Visitor&& visitor) const {
    visitor(std::string("discriminator."), m_discriminator);
    visitor(std::string("generator."), m_generator);
  }

  /// States that x of each step is this rank's shard of the global batch. Noise is drawn for its global indices. Gradients are those of
  /// the shard; a Trainer averages them over the ranks.
  /// \throws Error [ign.option.490] when the source does not draw by global index
  void set_ranks(Ranks const& ranks) {
    source::require_sharding(ranks, "gan", m_options.source);
    m_ranks = ranks;
  }

  /// Runs one step: gradients of the discriminator, update(0), gradients of the generator, update(1).
  /// \throws Error [ign.shape.3] when x does not have the image's extents
  template <class Update>
  void step(Exec const& exec, Ref const& x, std::uint64_t step, Update const& update) {
    discriminator_gradients(exec, x, step);
    update(std::size_t{0});
    generator_gradients(exec, step);
    update(std::size_t{1});
  }

  /// Computes discriminator().gradients() = ∂/∂θ of its objective for the data x (n, h, w, c), with the noise of step `step`.
  ///
  /// Allocates on the first call and when the batch grows. Asynchronous on `exec`.
  /// \throws Error [ign.shape.3] when x does not have the image's extents
  void discriminator_gradients(Exec const& exec, Ref const& x, std::uint64_t step) {
    Kokkos::Profiling::ScopedRegion const region("ign::gan::discriminator_gradients");
    int const batch = policy::batch_of_data("gan", x, image_shape());
    reserve(exec, batch);
    source::sample_from(exec, m_options.source, Key{m_seed, RandomStream::noise, step, 0, m_ranks.shard()}, m_latent, m_workspace.scratch);
    m_generator.forward(exec, pass(Role::source, 3 * step), m_latent, m_generated, m_workspace);
    Kokkos::deep_copy(exec, batch_range(m_images, 0, batch), x);
    Kokkos::deep_copy(exec, batch_range(m_images, batch, batch), m_generated.result());

    Pass joint = pass(Role::data, 3 * step + 1);
    joint.segments = 2;
    joint.roles[1] = Role::generated;
    m_discriminator.forward(exec, joint, m_images, m_discriminated, m_workspace);
    Kokkos::deep_copy(exec, m_discriminator.gradients(), Real(0));
    backward(exec, m_discriminated, m_targets, row(0, 2), m_logit_gradient, Ref{}, true);
  }

  /// Computes model().gradients() = ∂/∂θ of the generator's objective, with the images generated by the last `discriminator_gradients`,
  /// which must belong to the same step, and the current discriminator.
  /// \throws Error [ign.state.275] when no images have been generated
  void generator_gradients(Exec const& exec, std::uint64_t step) {
    Kokkos::Profiling::ScopedRegion const region("ign::gan::generator_gradients");
    require(m_batch > 0, Fault::state, 275,
            "gan: no images have been generated, expected those of the step: call discriminator_gradients first");
    Pass discriminate = pass(Role::generated, 3 * step + 2);
    discriminate.update_statistics = false;  // already updated with these images
    m_discriminator.forward(exec, discriminate, m_generated.result(), m_discriminated_images, m_workspace);
    Ref const real = batch_range(m_targets, 0, m_batch), gradient = batch_range(m_logit_gradient, 0, m_batch);
    backward(exec, m_discriminated_images, real, row(2, 1), gradient, m_image_gradient, false);
    Kokkos::deep_copy(exec, m_generator.gradients(), Real(0));
    m_generator.backward(exec, m_generated, m_image_gradient, Ref{}, m_workspace);
    m_sums.add_means(exec, m_samples, m_batch, {1.0, 1.0, 1.0});
  }

  /// Returns the mean losses over the steps since the last `reset_losses`. Fences `exec`.
  GanLosses losses(Exec const& exec) const {
    auto const means = m_sums.means(exec);
    return {means[0] + means[1], means[2], means[3]};
  }

  /// Computes out = G(z) with the noise of `key`, in evaluation mode: a sample does not depend on the rest of `out`.
  ///
  /// \throws Error [ign.option.278] when applications is not 1, [ign.shape.3] on wrong extents
  void generate(Exec const& exec, Key const& key, int applications, Ref const& out) {
    require(applications == 1, Fault::option, 278, "gan: ", applications, " applications of the generator, expected 1");
    require(shape_of(out) == image_shape(), Fault::shape, 3, "gan: images of ", shape_of(out), ", expected ", image_shape());
    Ref const z = reserve_tensor(exec, m_sampling_memory, batch_of(out), m_generator.input_shape());
    source::sample_from(exec, m_options.source, key, z, m_workspace.scratch);
    m_generator.forward(exec, pass_of(Role::source, Mode::evaluate), z, m_inference, m_workspace);
    Kokkos::deep_copy(exec, out, m_inference.result());
  }

 private:
  void reserve(Exec const& exec, int batch) {
    if (m_batch == batch) return;
    m_batch = 0;  // stays 0 if an allocation throws
    m_latent = reserve_tensor(exec, m_latent_memory, batch, m_generator.input_shape());
    m_images = reserve_tensor(exec, m_images_memory, 2 * batch, image_shape());
    m_image_gradient = reserve_tensor(exec, m_image_gradient_memory, batch, image_shape());
    m_targets = reserve_tensor(exec, m_targets_memory, 2 * batch, {1, 1, 1});
    m_logit_gradient = reserve_tensor(exec, m_logit_gradient_memory, 2 * batch, {1, 1, 1});
    m_samples = m_samples_memory.reserve(exec, 3 * static_cast<std::size_t>(batch));
    Kokkos::deep_copy(exec, batch_range(m_targets, 0, batch), Real(1));
    Kokkos::deep_copy(exec, batch_range(m_targets, batch, batch), Real(0));
    m_batch = batch;
  }

  // Losses of the logits on the tape, and the backward pass of the discriminator.
  void backward(Exec const& exec, Tape<Real, Exec> const& tape, Ref const& targets, VectorRef<Real, Exec> const& losses,
                Ref const& logit_gradient, Ref const& dx, bool weights) {
    BinaryCrossEntropy const loss;
    sample_distances(exec, loss, tape.result(), targets, losses);
    distance_gradient(exec, loss, tape.result(), targets, Argument::first, 1.0 / m_batch, VectorRef<Real, Exec>{}, logit_gradient);
    m_discriminator.backward(exec, tape, logit_gradient, dx, m_workspace, {weights, {}});
  }

  VectorRef<Real, Exec> row(int first, int count) const {
    auto const batch = static_cast<std::size_t>(m_batch);
    return VectorRef<Real, Exec>(m_samples.data() + static_cast<std::size_t>(first) * batch, static_cast<std::size_t>(count) * batch);
  }

  Pass pass(Role role, std::uint64_t number) const {
    return training_pass({role}, m_options.precision, {m_seed, RandomStream::dropout, number}, m_ranks);
  }

  Options m_options;
  std::uint64_t m_seed;
  Model<Generator, Real, Exec> m_generator;
  Model<Discriminator, Real, Exec> m_discriminator;
  using Sums::m_ranks;
  using Sums::m_sums;  // discriminator on x, discriminator on G(z), generator, total

  int m_batch = 0;
  Tape<Real, Exec> m_generated;             // G(z)
  Tape<Real, Exec> m_discriminated;         // D([x; G(z)])
  Tape<Real, Exec> m_discriminated_images;  // D(G(z))
  Tape<Real, Exec> m_inference{Retain::last};
  Workspace<Real, Exec> m_workspace;
  Buffer<Real, Exec> m_latent_memory{"ign::gan::latent"};
  Buffer<Real, Exec> m_images_memory{"ign::gan::images"};
  Buffer<Real, Exec> m_image_gradient_memory{"ign::gan::image gradient"};
  Buffer<Real, Exec> m_targets_memory{"ign::gan::targets"};
  Buffer<Real, Exec> m_logit_gradient_memory{"ign::gan::logit gradient"};
  Buffer<Real, Exec> m_samples_memory{"ign::gan::samples"};
  Buffer<Real, Exec> m_sampling_memory{"ign::gan::sampling"};
  Ref m_latent, m_images, m_image_gradient;
  Ref m_targets;  // B ones, B zeros
  Ref m_logit_gradient;
  VectorRef<Real, Exec> m_samples;  // (3, B): loss per term and sample
};

}  // namespace ign

#endif  // IGN_POLICIES_GAN_HPP
