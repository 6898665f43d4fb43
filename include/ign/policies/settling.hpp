// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// The second phase of an IGN's training: a copy g of the net is frozen, and f, which starts from g, becomes idempotent by regression.
///
/// In the adversarial game (policies/idempotent.hpp) the tightness opposes f(f(z)) = f(z), so the game cannot end there. Here nothing
/// opposes it: g(z) is a constant, and f learns f(x) = x, f(z) = g(z) and f(u) = g(z) for u near g(z). A step costs ten times F, the cost
/// of a forward pass over B samples: one for g(z), three for f(x), f(z), f(u) as one pass of three segments, and six for its sweep back.
#ifndef IGN_POLICIES_SETTLING_HPP
#define IGN_POLICIES_SETTLING_HPP

#include <Kokkos_Core.hpp>
#include <Kokkos_Profiling_ScopedRegion.hpp>
#include <vector>

#include "ign/core/finite.hpp"
#include "ign/core/schedule.hpp"
#include "ign/losses/distance.hpp"
#include "ign/losses/mse.hpp"
#include "ign/losses/named_loss.hpp"
#include "ign/policies/loss_sums.hpp"
#include "ign/policies/projecting_policy.hpp"
#include "ign/policies/settling_kernels.hpp"
#include "ign/policies/teacher.hpp"
#include "ign/random/fill.hpp"
#include "ign/sources/gaussian.hpp"
#include "ign/sources/source.hpp"

namespace ign {

/// The objective: λ_r E D(f(x), x) + λ_g E D(f(z), g(z)) + λ_n E D(f(u), g(z)), u = g(z) + σ n with n ~ N(0, 1).
///
/// σ is uniform in (0, noise) for a share of the samples, and 0 for the others. g(z) is made in evaluation mode: it is what `generate` made
/// of z at the end of the first phase.
template <class Distance = Mse, class Source = Gaussian>
struct SettlingOptions {
  Distance distance{};                              ///< D, mean over a sample's numbers
  Source source{};                                  ///< of z; that of the first phase
  Schedule reconstruction = Schedule::constant(1);  ///< λ_r by step
  Schedule generation = Schedule::constant(1);      ///< λ_g by step
  Schedule idempotence = Schedule::constant(1);     ///< λ_n by step
  double noise = 0.15;                              ///< largest σ, from 0
  double noisy_share = 0.5;                         ///< share of the samples u that get noise, in [0, 1]
  Precision precision = Precision::full;            ///< of products in training
};

/// The losses of a step, or their means over several: each a mean over samples, before its λ.
struct SettlingLosses {
  double reconstruction = 0;  ///< D(f(x), x)
  double generation = 0;      ///< D(f(z), g(z))
  double idempotence = 0;     ///< D(f(u), g(z))
  double total = 0;           ///< the weighted sum

  /// All but the total.
  std::vector<NamedLoss> named() const { return {{"rec", reconstruction}, {"gen", generation}, {"idem", idempotence}}; }
};

/// A net f, its frozen teacher g, and how f settles: the interface of Idempotent.
template <class Net, Scalar Real = float, class Exec = Kokkos::DefaultExecutionSpace, class Distance = Mse, class Source = Gaussian>
class Settling : public ProjectingPolicy<Net, Real, Exec, SettlingOptions<Distance, Source>> {
  using Base = ProjectingPolicy<Net, Real, Exec, SettlingOptions<Distance, Source>>;
  static_assert(distance::complete<Distance>());
  static_assert(source::complete<Source, Real, Exec>());

 public:
  using Options = SettlingOptions<Distance, Source>;  ///< what the constructors take
  using Base::image_shape;
  using Base::model;
  using typename Base::Window;

  /// f and g start with the parameters and running statistics of `teacher`, which are copied: train/settle.hpp takes a whole first phase.
  ///
  /// \param seed  decides, with the number of the step, all noise
  /// \throws Error [ign.shape.5] when the net does not map images to their like; [ign.option.*] on impossible options
  Settling(Exec const& exec, Model<Net, Real, Exec> const& teacher, Options const& options = {}, std::uint64_t seed = 1)
      : Settling(exec, teacher.net(), teacher.input_shape(), options, seed) {
    begin(exec, teacher);
  }

  /// f and g start with the initial weights of `seed`: for a run that is resumed from a checkpoint, which has both.
  ///
  /// \throws Error as above
  Settling(Exec const& exec, Net const& net, Shape image, Options const& options = {}, std::uint64_t seed = 1)
      : Base(exec, net, image, options, seed, Role::image),
        m_teacher(exec, model()),
        m_sums(exec),
        m_values(exec, "ign::settling::step values") {
    validate(options.reconstruction, "settling: weight of the reconstruction");
    validate(options.generation, "settling: weight of the generation");
    validate(options.idempotence, "settling: weight of the idempotence");
    require(is_finite(options.noise) && options.noise >= 0, Fault::option, 450, "settling: noise ", options.noise,
            ", expected a finite deviation from 0");
    require(options.noisy_share >= 0 && options.noisy_share <= 1, Fault::option, 451, "settling: noisy_share ", options.noisy_share,
            ", expected a share in [0, 1]");
  }

  /// The frozen g.
  Model<Net, Real, Exec> const& teacher() const { return m_teacher.model(); }

  /// Begins anew: copies parameters and running statistics of `teacher` into g and f. Asynchronous on `exec`.
  ///
  /// \throws Error [ign.shape.452] when `teacher` is another net or takes other images; nothing has changed then
  void begin(Exec const& exec, Model<Net, Real, Exec> const& teacher) {
    detail::require_same_net("settling: the teacher", teacher, model());
    m_teacher.learn(exec, teacher);
    detail::copy_numbers(exec, teacher, model());
  }

  /// model().gradients() = ∂/∂θ of the objective for the data x of extents (n, h, w, c), with the noise of step `step`.
  ///
  /// Allocates at the first call and where the batch changes; asynchronous on `exec`.
  /// \throws Error [ign.shape.3] when x does not have the image's extents
  void gradients(Exec const& exec, Window const& x, std::uint64_t step) {
    Kokkos::Profiling::ScopedRegion const region("ign::settling::gradients");
    int const batch = batch_of(x);
    require(shape_of(x) == image_shape() && batch > 0, Fault::shape, 3, "settling: data have ", batch, " samples of ", shape_of(x),
            ", expected at least one of ", image_shape());
    reserve(exec, batch);
    StepNumbers const now = numbers(step);
    auto const number = m_values.of(&StepNumbers::step, now);
    auto const weights = m_values.of(&StepNumbers::weights, now);
    Kokkos::deep_copy(exec, model().gradients(), Real(0));

    // Forward: y = g(z), then [f(x); f(z); f(u)].
    Kokkos::deep_copy(exec, part(m_input, 0), x);
    Window const z = part(m_input, 1);
    m_projector.show(exec, m_options.source, x);
    m_projector.sample(exec, m_options.source, Key{m_seed, Stream::noise, number}, z);
    Window const y = m_teacher.image_of(exec, z);
    disturb(exec, number, y, part(m_input, 2));
    m_projector.forward(exec, joint_pass(number), m_input, m_joint);

    detail::SettlingPairs<Real> const pairs = {m_joint.result().data(), m_input.data(), y.data(), static_cast<std::size_t>(batch),
                                               image_shape().size()};
    detail::measure_settling(exec, m_options.distance, pairs, image_shape(),
                             detail::AddSettlingMeans<Real, Exec>{weights, pairs.batch, m_samples, m_sums.sums()},
                             m_projector.tickets(exec));
    if (!m_values.is_deferred()) m_sums.count_step();

    double const factor = 1.0 / batch / static_cast<double>(pairs.size);
    for_each_run("ign::settling::gradient", exec, m_gradient.extent(0), pairs.size,
                 detail::SettlingGradient<Distance, Real>{m_options.distance, pairs, weights, factor, m_gradient.data()});
    m_projector.backward(exec, m_joint, m_gradient, Window{});
  }

  /// While this holds, `gradients` leaves all that changes from step to step to what `advance` wrote last, so that what it queues can be
  /// recorded and replayed (train/recording.hpp).
  void defer(bool deferred) { m_values.defer(deferred); }
  /// Before each replay: the weights and the noise become those of step `step`, whose losses count. Asynchronous on `exec`.
  void advance(Exec const& exec, std::uint64_t step) {
    m_values.write(exec, numbers(step));
    m_sums.count_step();
  }

  /// Means of the losses over the calls of `gradients` since the last `reset_losses`. Waits for the device.
  SettlingLosses losses(Exec const& exec) const {
    auto const means = m_sums.means(exec);
    return {means[0], means[1], means[2], means[3]};
  }
  void reset_losses(Exec const& exec) { m_sums.reset(exec); }  ///< begins a new mean

  /// Calls `visitor("teacher.", g)`: g is not trained, but belongs to the run.
  template <class Visitor>
  void for_each_frozen_model(Visitor&& visitor) const {
    visitor(std::string("teacher."), teacher());
  }

  /// Sums of losses since the last reset, and how many steps they hold: for checkpoints.
  Vector<double, Exec> const& loss_sums() const { return m_sums.sums(); }
  std::uint64_t summed_steps() const { return m_sums.steps(); }            ///< steps in loss_sums()
  void set_summed_steps(std::uint64_t count) { m_sums.set_steps(count); }  ///< for those who restore the sums as well

 private:
  using StepNumbers = detail::SettlingStep;
  using Bits = detail::SettlingBits;
  static constexpr std::size_t terms = detail::settling_terms;

  void reserve(Exec const& exec, int batch) {
    if (m_batch == batch) return;
    m_batch = 0;  // until all windows fit, should memory run out
    Shape const image = image_shape();
    std::size_t const count = terms * static_cast<std::size_t>(batch);
    auto const images = [&](Buffer<Real, Exec>& buffer) {
      return Window(buffer.reserve(exec, count * image.size()).data(), count, image.height, image.width, image.channels);
    };
    m_input = images(m_input_memory);
    m_gradient = images(m_gradient_memory);
    m_samples = m_samples_memory.reserve(exec, count);
    m_batch = batch;
  }

  // u = y + σ n.
  void disturb(Exec const& exec, Deferred<std::uint64_t> const& step, Window const& y, Window const& u) const {
    if (m_options.noise == 0 || m_options.noisy_share == 0) {
      Kokkos::deep_copy(exec, u, y);
      return;
    }
    auto const key = [&](Bits bits) { return detail::settling_key(m_seed, step, bits); };
    fill_gaussian(exec, key(Bits::noise), 1, VectorWindow<Real, Exec>(u.data(), u.size()));
    detail::NoiseDeviation const deviation = {key(Bits::deviation), key(Bits::offset), m_options.noise, m_options.noisy_share};
    for_each_run("ign::settling::noise", exec, u.extent(0), image_shape().size(),
                 detail::ScaleNoise<Real>{deviation, y.data(), u.data(), image_shape().size()});
  }

  Window part(Window const& all, int which) const { return samples<Real, Exec>(all, which * m_batch, m_batch); }

  StepNumbers numbers(std::uint64_t step) const {
    return {step, {m_options.reconstruction.at(step), m_options.generation.at(step), m_options.idempotence.at(step)}};
  }

  Pass joint_pass(Deferred<std::uint64_t> const& step) const {
    Pass pass;
    pass.segments = 3;
    pass.roles = {Role::data, Role::source, Role::image};
    pass.precision = m_options.precision;
    pass.key = {m_seed, Stream::dropout, step};
    return pass;
  }

  using Base::m_options;
  using Base::m_projector;
  using Base::m_seed;

  detail::Teacher<Net, Real, Exec> m_teacher;
  LossSums<terms + 1, Exec> m_sums;  // of reconstruction, generation, idempotence, total
  StepValues<StepNumbers, Exec> m_values;

  int m_batch = 0;
  Tape<Real, Exec> m_joint;  // of [x; z; u]
  Buffer<Real, Exec> m_input_memory{"ign::settling::input"};
  Buffer<Real, Exec> m_gradient_memory{"ign::settling::gradient"};
  Buffer<Real, Exec> m_samples_memory{"ign::settling::samples"};
  Window m_input, m_gradient;
  VectorWindow<Real, Exec> m_samples;  // D of each term and sample
};

}  // namespace ign

#endif  // IGN_POLICIES_SETTLING_HPP
