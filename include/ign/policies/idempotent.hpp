// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Idempotent Generative Network (IGN): a net f with f(f(z)) = f(z), trained with three forward and three backward passes over B samples;
/// four backward passes for a net with BatchNorm and a tightness term that differs by sample.
///
/// Published implementations use a constant copy f̄ of the net and four forward passes: f(x), f(z), f̄(f(z)), f(stop f(z)). Since f̄ has the
/// values of f, the last two are the same pass v = f(y), y = f(z). With g = ∂D(v, y)/∂v, one backward pass through it yields
///  - its input gradient, which is added to ∂D(v, y)/∂y and propagated into f(z): the idempotence term makes f(z) a fixed point of f̄;
///  - its weight gradient, multiplied by λ_t s'(T) < 0: the tightness term shrinks the set of points that f leaves unchanged.
/// f(x) and f(z) run as one pass over 2B samples, in which BatchNorm normalises each half separately (core/pass.hpp).
#ifndef IGN_POLICIES_IDEMPOTENT_HPP
#define IGN_POLICIES_IDEMPOTENT_HPP

#include <Kokkos_Core.hpp>
#include <Kokkos_Profiling_ScopedRegion.hpp>
#include <cmath>
#include <optional>
#include <vector>

#include "ign/core/schedule.hpp"
#include "ign/losses/distance.hpp"
#include "ign/losses/image_distance.hpp"
#include "ign/losses/mse.hpp"
#include "ign/losses/named_loss.hpp"
#include "ign/losses/tightness.hpp"
#include "ign/policies/detail/conditions.hpp"
#include "ign/policies/detail/idempotent_features.hpp"
#include "ign/policies/detail/idempotent_kernels.hpp"
#include "ign/policies/loss_sums.hpp"
#include "ign/policies/policy.hpp"
#include "ign/policies/single_model_policy.hpp"
#include "ign/sources/gaussian.hpp"
#include "ign/sources/source.hpp"

namespace ign {

/// Objective of an IGN, minimised over θ: λ_r E D(f(x), x) + λ_i E D(f̄(f(z)), f(z)) + λ_t E s(D(f(y), y)), y = stop f(z). The tightness
/// term s falls with T = D(f(y), y): s(T) = -T, or a bounded form of it (losses/tightness.hpp).
///
/// \source Shocher et al., "Idempotent Generative Network", arXiv 2311.01462, equations 4 to 8 and section 2.2
template <class Distance = Mse, class Source = Gaussian, class TightnessForm = Smoothing>
struct IdempotentOptions {
  Distance distance{};                              ///< D: a Distance, as mean over a sample's elements, or an ImageDistance
  Source source{};                                  ///< distribution of z
  Schedule reconstruction = Schedule::constant(1);  ///< weight λ_r of the reconstruction loss, by step
  Schedule idempotence = Schedule::constant(1);     ///< weight λ_i of the idempotence loss, by step
  Schedule tightness = Schedule::constant(0.1);     ///< weight λ_t of the tightness loss, by step
  TightnessForm smoothing{};                        ///< form of the tightness term s, losses/tightness.hpp
  Equilibrium equilibrium{};                        ///< adaptive factor of λ_t, at most 1
  Precision precision = Precision::full;            ///< precision of products in training
  /// Share of the z, in [0, 1], that are data with the label of another class, for a net conditioned on class labels: the number of samples
  /// is rounded. They enter idempotence and tightness as noise does: f(x | c') becomes a fixed point under c'.
  /// \source Ronchetti, arXiv 2406.02841, the terms of mismatched pairs
  double mismatched_share = 0;
};

/// Losses of a step, or their means over several steps. Each loss is a mean over samples, before multiplication by its λ.
struct IdempotentLosses {
  double reconstruction = 0;  ///< D(f(x), x)
  double idempotence = 0;     ///< D(f(f(z)), f(z)), equal to the unsmoothed tightness T
  double tightness = 0;       ///< s(T)
  double total = 0;           ///< weighted sum
  std::optional<double> w{};  ///< factor of λ_t in the next step (not a loss); absent without Equilibrium

  /// Returns all losses except the total, and w if there is one.
  std::vector<NamedLoss> named() const {
    std::vector<NamedLoss> all = {{"rec", reconstruction}, {"idem", idempotence}, {"tight", tightness}};
    if (w) all.push_back({"w", *w});
    return all;
  }
};

/// IGN policy: a net with its parameters, training step, sampling and projection.
template <class Net, Scalar Real = float, class Exec = Kokkos::DefaultExecutionSpace, class Distance = Mse, class Source = Gaussian,
          class TightnessForm = Smoothing>
class Idempotent : public SingleModelPolicy<Net, Real, Exec, IdempotentOptions<Distance, Source, TightnessForm>>,
                   public LossMeansBase<detail::idempotent_loss_count, Exec> {
  using Base = SingleModelPolicy<Net, Real, Exec, IdempotentOptions<Distance, Source, TightnessForm>>;
  using Sums = LossMeansBase<detail::idempotent_loss_count, Exec>;
  static_assert(distance::complete<Distance, Real, Exec>());
  static_assert(source::complete<Source, Real, Exec>());
  static_assert(tightness::complete<TightnessForm>());

 public:
  using Options = IdempotentOptions<Distance, Source, TightnessForm>;  ///< options of the constructor
  using StepValues = detail::IdempotentStep;                           ///< values that change from step to step
  static constexpr char const* name = "idempotent";                    ///< name in files
  using Base::image_shape;
  using Base::model;
  using typename Base::Ref;

  /// Initialises the net.
  /// \param seed  seed of the initial weights and, with the index of the step, of all noise
  /// \throws Error [ign.shape.5] when the net does not map images to images of equal extents; [ign.option.*] on invalid options
  Idempotent(Exec const& exec, Net const& net, Shape image, Options const& options = {}, std::uint64_t seed = 1)
      : Base(exec, net, image, options, seed, Role::generated), Sums(exec, options.equilibrium.enabled() ? 1 : 0) {
    validate(options.reconstruction, "idempotent: weight of the reconstruction");
    validate(options.idempotence, "idempotent: weight of the idempotence");
    validate(options.tightness, "idempotent: weight of the tightness");
    if constexpr (requires { validate(options.smoothing); }) validate(options.smoothing);
    validate(options.equilibrium);
    require(options.mismatched_share >= 0 && options.mismatched_share <= 1 && (options.mismatched_share == 0 || condition_length() >= 2),
            Fault::option, 542, "idempotent: mismatched_share ", options.mismatched_share, " for conditions of length ", condition_length(),
            ", expected a share in [0, 1], and 0 unless the net is conditioned on two classes or more");
    distance::require_images_of(options.distance, image);
  }

  int condition_length() const { return ign::condition_length(model().net()); }  ///< K of f(x | c), 0 for a net without conditions

  /// States that x of each step is this rank's shard of the global batch. Noise is drawn for its global indices, and the tightness has the
  /// means of the global batch. `gradients` are those of the shard; a Trainer averages them over the ranks.
  /// \throws Error [ign.option.490] when the source does not draw by global index
  void set_ranks(Ranks const& ranks) {
    source::require_sharding(ranks, "idempotent", m_options.source);
    m_ranks = ranks;
    m_batch = 0;  // reserves again
  }

  /// Computes model().gradients() = ∂/∂θ of the objective for the data x (n, h, w, c), with the noise of step `step`.
  ///
  /// Allocates on the first call and when the batch grows. Asynchronous on `exec`.
  /// \param condition  of a conditional net, (n, 1, 1, K): sample n of z, and f(z), have the condition of sample n of x
  /// \throws Error [ign.shape.3] when x does not have the image's extents, [ign.shape.540] when the condition does not fit the net
  void gradients(Exec const& exec, Ref const& x, std::uint64_t step, Ref const& condition = {}) {
    gradients(exec, x, step_values(step), condition);
  }

  /// The same with values that a captured graph reads when it runs: see core/step_values.hpp.
  void gradients(Exec const& exec, Ref const& x, StepArgument<StepValues> const& values, Ref const& condition = {}) {
    Kokkos::Profiling::ScopedRegion const region("ign::idempotent::gradients");
    int const batch = policy::batch_of_data("idempotent", x, image_shape());
    detail::check_sample_conditions<Real, Exec>(model().net(), x, condition);
    reserve(exec, batch);
    auto const weights = values.member(&StepValues::weights);
    Kokkos::deep_copy(exec, model().gradients(), Real(0));

    // Forward: [f(x); f(z)], then v = f(y).
    Kokkos::deep_copy(exec, half(m_input, 0), x);
    Ref const z = half(m_input, 1);
    m_model.observe(exec, m_options.source, x);
    m_model.sample(exec, m_options.source, Key{m_seed, RandomStream::noise, values.member(&StepValues::noise), 0, m_ranks.shard()}, z);
    Ref const conditions = m_conditions.repeat(exec, 2, condition);
    Ref const of_z = detail::part_of_conditions(conditions, 1, batch);
    if (mismatches() > 0)
      detail::mismatch(exec, Key{m_seed, RandomStream::condition, values.member(&StepValues::noise), 0, m_ranks.shard()}, mismatches(), x,
                       condition, z, of_z);
    m_model.forward(exec, joint_pass(values.member(&StepValues::joint_pass)), m_input, m_joint, conditions);
    Ref const fx = half(m_joint.result(), 0);
    Ref const y = half(m_joint.result(), 1);
    m_model.forward(exec, generated_pass(values.member(&StepValues::generated_pass)), y, m_generated, of_z);
    Ref const v = m_generated.result();

    // Losses per sample, and factors of the gradients.
    if constexpr (ImageDistance<Distance>)
      detail::measure_losses(exec, m_options.distance, m_features, m_options.smoothing, m_options.equilibrium, weights, fx, x_half(), v, y,
                             z, m_samples, m_sums.sums(), m_ranks, m_means);
    else
      detail::measure_losses(exec, m_options.distance, m_options.smoothing, m_options.equilibrium, weights, fx, x_half(), v, y, z,
                             m_samples, m_sums.sums(), m_model.counters(exec), m_ranks, m_means);
    if (values.is_known()) m_sums.count_step();

    // Backward through v = f(y): input gradient for the idempotence term, weight gradients of the tightness term.
    Ref const g = m_generated_gradient;
    Ref const dy = half(m_joint_gradient, 1);
    VectorRef<Real, Exec> const uniform{};
    VectorRef<Real, Exec> const tightness_scale = samples_of(tightness_scale_row);
    bool const single_backward =
        !tightness::differs_by_sample_of(m_options.smoothing) || !couples_samples(model().net(), m_generated.pass());
    if constexpr (ImageDistance<Distance>) {
      m_options.distance.gradient(exec, Argument::first, m_features.v, m_features.y, 1.0 / batch, uniform, g, m_features.workspace);
      if (!single_backward)  // a copy, since backward may overwrite g
        for_each_chunk("ign::idempotent::scaled gradient", exec, m_scaled_gradient.extent(0), image_shape().size(),
                       detail::ScaleRows<Real>{g.data(), tightness_scale.data(), m_scaled_gradient.data(), image_shape().size()});
    } else {
      distance_gradient(exec, m_options.distance, v, y, Argument::first, 1.0 / batch, uniform, g);
    }
    m_model.backward(exec, m_generated, g, dy, {single_backward, tightness_scale});
    if (!single_backward) {  // factors per sample do not commute with batch statistics
      if constexpr (!ImageDistance<Distance>)
        distance_gradient(exec, m_options.distance, v, y, Argument::first, 1.0 / batch, tightness_scale, g);
      m_model.backward(exec, m_generated, ImageDistance<Distance> ? m_scaled_gradient : g, Ref{});
    }

    // Backward through [f(x); f(z)].
    VectorRef<Real, Exec> const reconstruction_scale = samples_of(reconstruction_scale_row);
    if constexpr (ImageDistance<Distance>)
      detail::joint_gradient(exec, m_options.distance, m_features, reconstruction_scale, weights, g, m_joint_gradient);
    else
      detail::joint_gradient(exec, m_options.distance, fx, x_half(), v, y, reconstruction_scale, weights, m_joint_gradient);
    m_model.backward(exec, m_joint, m_joint_gradient, Ref{});
  }

  /// Values that change from step to step: loss weights and counters of the noise.
  StepValues step_values(std::uint64_t step) const {
    return {
        step, 2 * step, 2 * step + 1, {m_options.reconstruction.at(step), m_options.idempotence.at(step), m_options.tightness.at(step)}};
  }

  /// Counts a step that a captured graph has run.
  void count_step() { m_sums.count_step(); }

  /// Returns the mean losses over the calls of `gradients` since the last `reset_losses`. Fences `exec`.
  IdempotentLosses losses(Exec const& exec) const {
    auto const means = m_sums.means(exec);
    IdempotentLosses losses = {means[0], means[1], means[2], means[3]};
    if (m_options.equilibrium.enabled()) losses.w = m_sums.persistent(exec, 0);
    return losses;
  }

 private:
  using Row = detail::IdempotentRow;
  static constexpr Row reconstruction_scale_row = Row::reconstruction_scale;
  static constexpr Row tightness_scale_row = Row::tightness_scale;

  void reserve(Exec const& exec, int batch) {
    if (m_batch == batch) return;
    m_batch = 0;  // stays 0 if an allocation throws
    Shape const image = image_shape();
    m_input = reserve_tensor(exec, m_input_memory, 2 * batch, image);
    m_joint_gradient = reserve_tensor(exec, m_joint_gradient_memory, 2 * batch, image);
    m_generated_gradient = reserve_tensor(exec, m_generated_gradient_memory, batch, image);
    if (ImageDistance<Distance> && tightness::differs_by_sample_of(m_options.smoothing))
      m_scaled_gradient = reserve_tensor(exec, m_scaled_gradient_memory, batch, image);
    m_samples = m_samples_memory.reserve(exec, static_cast<std::size_t>(Row::count) * batch);
    if (m_ranks.is_distributed()) m_means = m_means_memory.reserve(exec, 2);
    m_batch = batch;
  }

  // Number of mismatched samples in the global batch.
  std::uint64_t mismatches() const {
    return static_cast<std::uint64_t>(std::llround(m_options.mismatched_share * m_batch * m_ranks.size()));
  }

  Ref half(Ref const& both, int which) const { return batch_range(both, which * m_batch, m_batch); }
  Ref x_half() const { return half(m_input, 0); }
  VectorRef<Real, Exec> samples_of(Row row) const {
    auto const batch = static_cast<std::size_t>(m_batch);
    return VectorRef<Real, Exec>(m_samples.data() + static_cast<std::size_t>(row) * batch, batch);
  }

  Pass joint_pass(StepArgument<std::uint64_t> const& number) const {
    return training_pass({Role::data, Role::source}, m_options.precision, {m_seed, RandomStream::dropout, number}, m_ranks);
  }
  Pass generated_pass(StepArgument<std::uint64_t> const& number) const {
    return training_pass({Role::generated}, m_options.precision, {m_seed, RandomStream::dropout, number}, m_ranks);
  }

  using Base::m_model;
  using Base::m_options;
  using Base::m_seed;

  using Sums::m_ranks;
  using Sums::m_sums;  // reconstruction, idempotence, smoothed tightness, total

  int m_batch = 0;
  Tape<Real, Exec> m_joint;      // f([x; z])
  Tape<Real, Exec> m_generated;  // f(y)
  Buffer<Real, Exec> m_input_memory{"ign::idempotent::input"};
  Buffer<Real, Exec> m_joint_gradient_memory{"ign::idempotent::joint gradient"};
  Buffer<Real, Exec> m_generated_gradient_memory{"ign::idempotent::generated gradient"};
  Buffer<Real, Exec> m_samples_memory{"ign::idempotent::samples"};
  Buffer<Real, Exec> m_scaled_gradient_memory{"ign::idempotent::scaled gradient"};
  Ref m_input, m_joint_gradient, m_generated_gradient, m_scaled_gradient;
  VectorRef<Real, Exec> m_samples;  // rows of detail::IdempotentRow
  Buffer<double, Exec> m_means_memory{"ign::idempotent::means"};
  VectorRef<double, Exec> m_means;  // reconstruction and idempotence over all ranks

  detail::Conditions<Real, Exec> m_conditions;  // of [x; z]
  [[no_unique_address]] detail::IdempotentFeatures<Distance> m_features;
};

}  // namespace ign

#endif  // IGN_POLICIES_IDEMPOTENT_HPP
