// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Training of an autoencoder, f = d∘e with f(x) ≈ x, or f(A(x)) ≈ x for corrupted data: the first of two steps of training on latents
/// (nets/latent_projector.hpp).
///
/// A step is one forward and one backward pass over B samples: a third of Idempotent's. Idempotent with weights λ_i = λ_t = 0 has the same
/// gradient, and still computes f(z), f(f(z)) and their gradients.
#ifndef IGN_POLICIES_RECONSTRUCTION_HPP
#define IGN_POLICIES_RECONSTRUCTION_HPP

#include <Kokkos_Core.hpp>
#include <Kokkos_Profiling_ScopedRegion.hpp>
#include <type_traits>
#include <vector>

#include "ign/core/condition.hpp"
#include "ign/corruptions/corruption.hpp"
#include "ign/losses/distance.hpp"
#include "ign/losses/mse.hpp"
#include "ign/losses/named_loss.hpp"
#include "ign/policies/detail/conditions.hpp"
#include "ign/policies/loss_sums.hpp"
#include "ign/policies/policy.hpp"
#include "ign/policies/single_model_policy.hpp"
#include "ign/sources/gaussian.hpp"
#include "ign/sources/source.hpp"

namespace ign {

/// Objective of an autoencoder, minimised over θ: E D(f(A(x)), x). A is a random corruption, by default none. For noise on the code put a
/// GaussianNoise into the net.
template <class Distance = Mse, class Corruption = NoCorruption>
struct ReconstructionOptions {
  Distance distance{};                    ///< D, mean over a sample's elements
  Corruption corruption{};                ///< distribution of A, corruptions/corruption.hpp; missing pixels have Gaussian noise
  Precision precision = Precision::full;  ///< precision of products in training
};

/// Loss of a step, or its mean over several steps.
struct ReconstructionLosses {
  double reconstruction = 0;  ///< D(f(A(x)), x), mean over samples
  double total = 0;           ///< objective, equal to the reconstruction loss

  /// Returns all losses except the total.
  std::vector<NamedLoss> named() const { return {{"rec", reconstruction}}; }
};

namespace detail {

/// Values of one step.
struct ReconstructionStep {
  std::uint64_t step;  ///< step number of all random keys
};

}  // namespace detail

/// Reconstruction policy: a net with its parameters, training step and projection x -> f(x). There is no source of noise, and no
/// `generate` without one.
template <class Net, Scalar Real = float, class Exec = Kokkos::DefaultExecutionSpace, class Distance = Mse, class Corruption = NoCorruption>
class Reconstruction : public SingleModelPolicy<Net, Real, Exec, ReconstructionOptions<Distance, Corruption>>,
                       public LossMeansBase<2, Exec> {
  using Base = SingleModelPolicy<Net, Real, Exec, ReconstructionOptions<Distance, Corruption>>;
  using Sums = LossMeansBase<2, Exec>;
  static_assert(distance::complete<Distance>());
  static_assert(corruption::complete<Corruption, Real, Exec>());

 public:
  using Options = ReconstructionOptions<Distance, Corruption>;  ///< options of the constructor
  using StepValues = detail::ReconstructionStep;                ///< values that change from step to step
  static constexpr char const* name = "reconstruction";         ///< name in files
  using Base::image_shape;
  using Base::model;
  using typename Base::Ref;

  /// Initialises the net.
  /// \param seed  seed of the initial weights and, with the index of the step, of all noise
  /// \throws Error [ign.shape.5] when the net does not map images to images of equal extents; [ign.option.*] on invalid options
  Reconstruction(Exec const& exec, Net const& net, Shape image, Options const& options = {}, std::uint64_t seed = 1)
      : Base(exec, net, image, options, seed, Role::data), Sums(exec) {
    corruption::validate_options(options.corruption);
  }

  int condition_length() const { return ign::condition_length(model().net()); }  ///< K of f(x | c), 0 for a net without conditions

  /// States that x of each step is this rank's shard of the global batch. Corruptions are drawn for its global indices. `gradients` are
  /// those of the shard; a Trainer averages them over the ranks.
  /// \throws Error [ign.option.491] when the corruption does not draw by global index
  void set_ranks(Ranks const& ranks) {
    corruption::require_sharding(ranks, "reconstruction", m_options.corruption);
    m_ranks = ranks;
  }

  /// Computes model().gradients() = ∂/∂θ of the objective for the data x (n, h, w, c), with the noise of step `step`.
  ///
  /// Allocates on the first call and when the batch grows. Asynchronous on `exec`; x must not change before the work is complete.
  /// \param condition  of a conditional net, (n, 1, 1, K)
  /// \throws Error [ign.shape.3] when x does not have the image's extents, [ign.shape.540] when the condition does not fit the net
  void gradients(Exec const& exec, Ref const& x, std::uint64_t step, Ref const& condition = {}) {
    gradients(exec, x, step_values(step), condition);
  }

  /// The same with values that a captured graph reads when it runs: see core/step_values.hpp.
  void gradients(Exec const& exec, Ref const& x, StepArgument<StepValues> const& values, Ref const& condition = {}) {
    Kokkos::Profiling::ScopedRegion const region("ign::reconstruction::gradients");
    int const batch = policy::batch_of_data("reconstruction", x, image_shape());
    detail::check_sample_conditions<Real, Exec>(model().net(), x, condition);
    auto const number = values.member(&StepValues::step);
    Pass const pass = training_pass({Role::data}, m_options.precision, {m_seed, RandomStream::dropout, number}, m_ranks);
    m_model.forward(exec, pass, corrupted(exec, x, number), m_tape, condition);

    Ref const& fx = m_tape.result();
    auto const samples = m_samples_memory.reserve(exec, static_cast<std::size_t>(batch));
    sample_distances(exec, m_options.distance, fx, x, samples);
    Kokkos::parallel_for("ign::reconstruction::add_means", range_policy(exec, 1),
                         detail::AddLossMeans<Real, Exec, 1>{samples, batch, {1.0}, m_sums.sums()});
    if (values.is_known()) m_sums.count_step();

    Ref const gradient = reserve_tensor(exec, m_gradient_memory, batch, image_shape());
    distance_gradient(exec, m_options.distance, fx, x, Argument::first, 1.0 / batch, VectorRef<Real, Exec>{}, gradient);
    Kokkos::deep_copy(exec, model().gradients(), Real(0));
    m_model.backward(exec, m_tape, gradient, Ref{});
  }

  /// Values that change from step to step: the counter of the noise.
  StepValues step_values(std::uint64_t step) const { return {step}; }

  /// Counts a step that a captured graph has run.
  void count_step() { m_sums.count_step(); }

  /// Returns the mean losses over the calls of `gradients` since the last `reset_losses`. Fences `exec`.
  ReconstructionLosses losses(Exec const& exec) const {
    auto const means = m_sums.means(exec);
    return {means[0], means[1]};
  }

 private:
  // A(x), or x itself where there is no corruption.
  Ref corrupted(Exec const& exec, Ref const& x, StepArgument<std::uint64_t> const& step) {
    if constexpr (std::is_same_v<Corruption, NoCorruption>) {
      return x;
    } else {
      Ref const input = reserve_like(exec, m_input_memory, x), z = reserve_like(exec, m_noise_memory, x);
      m_model.sample(exec, Gaussian{}, Key{m_seed, RandomStream::noise, step, 0, m_ranks.shard()}, z);
      corruption::apply(exec, m_options.corruption, Key{m_seed, RandomStream::corruption, step, 0, m_ranks.shard()}, x, z, input,
                        m_scratch);
      return input;
    }
  }

  using Base::m_model;
  using Base::m_options;
  using Base::m_seed;

  using Sums::m_ranks;
  using Sums::m_sums;  // reconstruction, total

  Tape<Real, Exec> m_tape;  // f(A(x))
  Buffer<Real, Exec> m_input_memory{"ign::reconstruction::input"};
  Buffer<Real, Exec> m_noise_memory{"ign::reconstruction::noise"};
  Buffer<Real, Exec> m_scratch{"ign::reconstruction::scratch"};  // of the corruption
  Buffer<Real, Exec> m_samples_memory{"ign::reconstruction::samples"};
  Buffer<Real, Exec> m_gradient_memory{"ign::reconstruction::gradient"};
};

}  // namespace ign

#endif  // IGN_POLICIES_RECONSTRUCTION_HPP
