// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Distillation, the second phase of IGN training: f starts from the trained net g and is trained by regression on the outputs of the
/// constant g (self-distillation) and on corrupted data (denoising).
///
/// In the first, adversarial phase (policies/idempotent.hpp) the tightness term opposes f(f(z)) = f(z), so that training does not converge
/// to it. This phase has no such term: g(z) is constant, and f learns f(z) = g(z), f(A(x)) = x and f(u) = g(z) for u near g(z). A is a
/// random corruption, which is the identity for some samples: f leaves data and its own samples unchanged, and projects what is near them.
///
/// A step costs as much as 10 forward passes over B samples: 1 for g(z), 3 for f(A(x)), f(z), f(u) as one pass of three segments, and 6 for
/// its backward pass. With `iterated_share` s it costs s more.
#ifndef IGN_POLICIES_DISTILLATION_HPP
#define IGN_POLICIES_DISTILLATION_HPP

#include <Kokkos_Core.hpp>
#include <Kokkos_Profiling_ScopedRegion.hpp>
#include <cmath>
#include <type_traits>
#include <vector>

#include "ign/core/finite.hpp"
#include "ign/core/schedule.hpp"
#include "ign/corruptions/corruption.hpp"
#include "ign/corruptions/mixture.hpp"
#include "ign/losses/distance.hpp"
#include "ign/losses/image_distance.hpp"
#include "ign/losses/mse.hpp"
#include "ign/losses/named_loss.hpp"
#include "ign/policies/detail/conditions.hpp"
#include "ign/policies/detail/distillation_features.hpp"
#include "ign/policies/detail/distillation_kernels.hpp"
#include "ign/policies/detail/teacher.hpp"
#include "ign/policies/loss_sums.hpp"
#include "ign/policies/policy.hpp"
#include "ign/policies/single_model_policy.hpp"
#include "ign/sources/gaussian.hpp"
#include "ign/sources/source.hpp"

namespace ign {

/// Objective of distillation, minimised over θ: λ_r E D(f(A(x)), x) + λ_g E D(f(z), g(z)) + λ_i E D(f(u), g(z)).
///
/// u is A(g(z)), or f(g(z)) for a share of the samples. g(z) is computed in evaluation mode and thus equals the output of `generate` for z
/// at the end of the first phase. u is constant in the gradient. f, too, normalises by the running statistics of the first phase, which
/// stay as they are: the f that is trained is the f that is used, and equals g at the start.
template <class Distance = Mse, class Source = Gaussian, class Corruption = CorruptionMixture>
struct DistillationOptions {
  Distance distance{};                              ///< D: a Distance, as mean over a sample's elements, or an ImageDistance
  Source source{};                                  ///< distribution of z, the same as in the first phase
  Corruption corruption{};                          ///< distribution of A, corruptions/corruption.hpp
  Schedule reconstruction = Schedule::constant(1);  ///< weight λ_r of the reconstruction loss, by step
  Schedule generation = Schedule::constant(1);      ///< weight λ_g of the generation loss, by step
  Schedule idempotence = Schedule::constant(1);     ///< weight λ_i of the idempotence loss, by step
  double iterated_share = 0.25;                     ///< share of the u that are f(g(z)), in [0, 1]; the number of samples is rounded
  Precision precision = Precision::full;            ///< precision of products in training
};

/// Returns options for the second phase: distance, source and precision of the first phase, and defaults for the rest.
///
/// The source is a copy, which shares the statistics of the data with the original.
template <class Options>
auto distillation_options(Options const& options) {
  return DistillationOptions<std::remove_cvref_t<decltype(options.distance)>, std::remove_cvref_t<decltype(options.source)>>{
      .distance = options.distance, .source = options.source, .precision = options.precision};
}

/// The options with another distance: `with_distance(distillation_options(options), perceptual)`.
template <class NewDistance, class Distance, class Source, class Corruption>
DistillationOptions<NewDistance, Source, Corruption> with_distance(DistillationOptions<Distance, Source, Corruption> const& options,
                                                                   NewDistance const& new_distance) {
  // Structured bindings: a new field fails to compile here until it is copied, too.
  auto const& [distance, source, corruption, reconstruction, generation, idempotence, iterated_share, precision] = options;
  return {new_distance, source, corruption, reconstruction, generation, idempotence, iterated_share, precision};
}

/// Losses of a step, or their means over several steps. Each loss is a mean over samples, before multiplication by its λ.
struct DistillationLosses {
  double reconstruction = 0;  ///< D(f(A(x)), x)
  double generation = 0;      ///< D(f(z), g(z))
  double idempotence = 0;     ///< D(f(u), g(z))
  double total = 0;           ///< weighted sum

  /// Returns all losses except the total.
  std::vector<NamedLoss> named() const { return {{"rec", reconstruction}, {"gen", generation}, {"idem", idempotence}}; }
};

/// Distillation policy: a net f with its teacher g, whose parameters stay constant. The interface is that of Idempotent.
template <class Net, Scalar Real = float, class Exec = Kokkos::DefaultExecutionSpace, class Distance = Mse, class Source = Gaussian,
          class Corruption = CorruptionMixture>
class Distillation : public SingleModelPolicy<Net, Real, Exec, DistillationOptions<Distance, Source, Corruption>>,
                     public LossMeansBase<detail::distillation_terms + 1, Exec> {
  using Base = SingleModelPolicy<Net, Real, Exec, DistillationOptions<Distance, Source, Corruption>>;
  using Sums = LossMeansBase<detail::distillation_terms + 1, Exec>;
  static_assert(distance::complete<Distance, Real, Exec>());
  static_assert(source::complete<Source, Real, Exec>());
  static_assert(corruption::complete<Corruption, Real, Exec>());

 public:
  using Options = DistillationOptions<Distance, Source, Corruption>;  ///< options of the constructors
  using StepValues = detail::DistillationStep;                        ///< values that change from step to step
  static constexpr char const* name = "distillation";                 ///< name in files
  static constexpr bool keeps_statistics = true;                      ///< running statistics stay those of the first phase
  using Base::image_shape;
  using Base::model;
  using typename Base::Ref;

  /// Starts f and g with copies of the parameters and running statistics of `teacher`. See train/distill.hpp to continue a first phase.
  ///
  /// \param seed  seed, with the number of the step, of all noise
  /// \throws Error [ign.shape.5] when the net does not map images to images of equal extents; [ign.option.*] on invalid options
  Distillation(Exec const& exec, Model<Net, Real, Exec> const& teacher, Options const& options = {}, std::uint64_t seed = 1)
      : Distillation(exec, teacher.net(), teacher.input_shape(), options, seed) {
    restart_from(exec, teacher);
  }

  /// Starts f and g with the initial weights of `seed`, to resume a run from a checkpoint that contains both.
  ///
  /// \throws Error as above
  Distillation(Exec const& exec, Net const& net, Shape image, Options const& options = {}, std::uint64_t seed = 1)
      : Base(exec, net, image, options, seed, Role::generated), Sums(exec), m_teacher(exec, model()) {
    validate(options.reconstruction, "distillation: weight of the reconstruction");
    validate(options.generation, "distillation: weight of the generation");
    validate(options.idempotence, "distillation: weight of the idempotence");
    require(options.iterated_share >= 0 && options.iterated_share <= 1, Fault::option, 451, "distillation: iterated_share ",
            options.iterated_share, ", expected a share in [0, 1]");
    corruption::validate_options(options.corruption);
    distance::require_images_of(options.distance, image);
  }

  int condition_length() const { return ign::condition_length(model().net()); }  ///< K of f(x | c), 0 for a net without conditions

  /// Returns the teacher g, a constant model.
  Model<Net, Real, Exec> const& teacher() const { return m_teacher.model(); }

  /// Restarts from `teacher`: copies its parameters and running statistics into g and f. Asynchronous on `exec`.
  ///
  /// \throws Error [ign.shape.452] when `teacher` has another net or other extents; g and f are then unchanged
  void restart_from(Exec const& exec, Model<Net, Real, Exec> const& teacher) {
    detail::require_same_net("distillation: the teacher", teacher, model());
    m_teacher.copy_from(exec, teacher);
    detail::copy_state(exec, teacher, model());
  }

  /// States that x of each step is this rank's shard of the global batch. Noise and corruptions are drawn for its global indices.
  /// `gradients` are those of the shard; a Trainer averages them over the ranks.
  /// \throws Error [ign.option.490] when the source, [ign.option.491] when the corruption does not draw by global index
  void set_ranks(Ranks const& ranks) {
    source::require_sharding(ranks, "distillation", m_options.source);
    corruption::require_sharding(ranks, "distillation", m_options.corruption);
    m_ranks = ranks;
  }

  /// Computes model().gradients() = ∂/∂θ of the objective for the data x (n, h, w, c), with the noise of step `step`.
  ///
  /// Allocates on the first call and when the batch grows. Asynchronous on `exec`.
  /// \param condition  of a conditional net, (n, 1, 1, K): samples n of A(x), z and u have the condition of sample n of x
  /// \throws Error [ign.shape.3] when x does not have the image's extents, [ign.shape.540] when the condition does not fit the net
  void gradients(Exec const& exec, Ref const& x, std::uint64_t step, Ref const& condition = {}) {
    gradients(exec, x, step_values(step), condition);
  }

  /// The same with values that a captured graph reads when it runs: see core/step_values.hpp.
  void gradients(Exec const& exec, Ref const& x, StepArgument<StepValues> const& values, Ref const& condition = {}) {
    Kokkos::Profiling::ScopedRegion const region("ign::distillation::gradients");
    int const batch = policy::batch_of_data("distillation", x, image_shape());
    detail::check_sample_conditions<Real, Exec>(model().net(), x, condition);
    reserve(exec, batch);
    auto const number = values.member(&StepValues::step);
    auto const weights = values.member(&StepValues::weights);
    Kokkos::deep_copy(exec, model().gradients(), Real(0));

    // Forward: y = g(z), then [f(A(x)); f(z); f(u)].
    Ref const z = part(m_input, 1);
    m_model.observe(exec, m_options.source, x);
    m_model.sample(exec, m_options.source, Key{m_seed, RandomStream::noise, number, 0, m_ranks.shard()}, z);
    corrupt_rows(exec, key_of(number, 0, m_ranks.shard()), x, z, part(m_input, 0), 0);
    Ref const conditions = m_conditions.repeat(exec, static_cast<int>(terms), condition);
    Ref const of_one = detail::part_of_conditions(conditions, 0, batch);
    Ref const y = m_teacher.generate(exec, z, of_one);
    // The first samples of the global batch are iterated; corruptions are drawn for the rest.
    auto const ranks = static_cast<std::uint64_t>(m_ranks.size()), rank = static_cast<std::uint64_t>(m_ranks.rank());
    auto const all_iterated = static_cast<std::uint64_t>(std::llround(m_options.iterated_share * batch * m_ranks.size()));
    auto const iterated = static_cast<int>((all_iterated + ranks - 1 - rank) / ranks);
    GlobalSampleIndices const others = {static_cast<std::uint64_t>(iterated) * ranks + rank - all_iterated, ranks};
    if (iterated > 0)
      m_model.apply(exec, Role::generated, 1, rows(y, 0, iterated), rows(part(m_input, 2), 0, iterated),
                    detail::part_of_conditions(of_one, 0, iterated));
    corrupt_rows(exec, key_of(number, 1, others), y, z, part(m_input, 2), iterated);
    m_model.forward(exec, joint_pass(number), m_input, m_joint, conditions);

    detail::AddDistillationMeans<Real, Exec> const add = {weights, static_cast<std::size_t>(batch), m_samples, m_sums.sums()};
    if (values.is_known()) m_sums.count_step();
    if constexpr (ImageDistance<Distance>) {
      detail::measure_distillation(exec, m_options.distance, m_features, m_joint.result(), x, y, add);
      detail::distillation_gradient(exec, m_options.distance, m_features, weights, m_gradient);
    } else {
      detail::DistillationPairs<Real> const pairs = {m_joint.result().data(), x.data(), y.data(), add.batch, image_shape().size()};
      detail::measure_distillation(exec, m_options.distance, pairs, image_shape(), add, m_model.counters(exec));
      double const factor = 1.0 / batch / static_cast<double>(pairs.size);
      for_each_chunk("ign::distillation::gradient", exec, m_gradient.extent(0), pairs.size,
                     detail::DistillationGradient<Distance, Real>{m_options.distance, pairs, weights, factor, m_gradient.data()});
    }
    m_model.backward(exec, m_joint, m_gradient, Ref{});
  }

  /// Values that change from step to step: loss weights and counters of the noise.
  StepValues step_values(std::uint64_t step) const {
    return {step, {m_options.reconstruction.at(step), m_options.generation.at(step), m_options.idempotence.at(step)}};
  }

  /// Counts a step that a captured graph has run.
  void count_step() { m_sums.count_step(); }

  /// Returns the mean losses over the calls of `gradients` since the last `reset_losses`. Fences `exec`.
  DistillationLosses losses(Exec const& exec) const {
    auto const means = m_sums.means(exec);
    return {means[0], means[1], means[2], means[3]};
  }

  /// Calls `visitor("teacher.", g)`, so that checkpoints contain g.
  template <class Visitor>
  void for_each_constant_model(Visitor&& visitor) const {
    visitor(std::string("teacher."), teacher());
  }

 private:
  static constexpr std::size_t terms = detail::distillation_terms;

  void reserve(Exec const& exec, int batch) {
    if (m_batch == batch) return;
    m_batch = 0;  // stays 0 if an allocation throws
    Shape const image = image_shape();
    int const count = static_cast<int>(terms) * batch;
    m_input = reserve_tensor(exec, m_input_memory, count, image);
    m_gradient = reserve_tensor(exec, m_gradient_memory, count, image);
    m_samples = m_samples_memory.reserve(exec, static_cast<std::size_t>(count));
    m_batch = batch;
  }

  // Computes A(from) for the samples from number `first` on.
  void corrupt_rows(Exec const& exec, Key const& key, Ref const& from, Ref const& z, Ref const& to, int first) {
    int const count = m_batch - first;
    if (count > 0)
      corruption::apply(exec, m_options.corruption, key, rows(from, first, count), rows(z, first, count), rows(to, first, count),
                        m_scratch);
  }
  Key key_of(StepArgument<std::uint64_t> const& step, std::uint32_t segment, GlobalSampleIndices const& indices) const {
    return {m_seed, RandomStream::corruption, step, segment * corruption::substreams, indices};
  }

  static Ref rows(Ref const& all, int first, int count) { return batch_range(all, first, count); }
  Ref part(Ref const& all, int which) const { return rows(all, which * m_batch, m_batch); }

  Pass joint_pass(StepArgument<std::uint64_t> const& step) const {
    Pass pass =
        training_pass({Role::data, Role::source, Role::generated}, m_options.precision, {m_seed, RandomStream::dropout, step}, m_ranks);
    pass.batch_statistics = false;
    return pass;
  }

  using Base::m_model;
  using Base::m_options;
  using Base::m_seed;

  detail::Teacher<Net, Real, Exec> m_teacher;
  using Sums::m_ranks;
  using Sums::m_sums;  // reconstruction, generation, idempotence, total

  int m_batch = 0;
  Tape<Real, Exec> m_joint;  // f([A(x); z; u])
  Buffer<Real, Exec> m_input_memory{"ign::distillation::input"};
  Buffer<Real, Exec> m_gradient_memory{"ign::distillation::gradient"};
  Buffer<Real, Exec> m_samples_memory{"ign::distillation::samples"};
  Buffer<Real, Exec> m_scratch{"ign::distillation::scratch"};  // of the corruption
  Ref m_input, m_gradient;
  VectorRef<Real, Exec> m_samples;  // (terms, B): D per term and sample

  detail::Conditions<Real, Exec> m_conditions;  // of [A(x); z; u]
  [[no_unique_address]] detail::DistillationFeatures<Distance> m_features;
};

}  // namespace ign

#endif  // IGN_POLICIES_DISTILLATION_HPP
