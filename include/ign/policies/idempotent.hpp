// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// The Idempotent Generative Network: one f with f(f(z)) = f(z), trained in three forward passes and three sweeps back.
///
/// Published code needs a frozen copy f' of the net and four passes: f(x), f(z), f'(f(z)), f(stop f(z)). But the copy has
/// the same values, so the last two are one pass v = f(y), y = f(z). With g = ∂D(v, y)/∂v one sweep through it yields
///  - its input gradient, which with ∂D(v, y)/∂y goes on into f(z): the idempotence term, "make f(z) a fixed point of f'";
///  - its weight gradient, times -λ_t: the tightness term, "let f leave as few points as possible where they are".
/// f(x) and f(z) run as one pass over 2B samples whose halves BatchNorm normalises apart (core/pass.hpp).
#ifndef IGN_POLICIES_IDEMPOTENT_HPP
#define IGN_POLICIES_IDEMPOTENT_HPP

#include <Kokkos_Core.hpp>
#include <Kokkos_Profiling_ScopedRegion.hpp>
#include <optional>
#include <vector>

#include "ign/core/schedule.hpp"
#include "ign/losses/distance.hpp"
#include "ign/losses/mse.hpp"
#include "ign/losses/named_loss.hpp"
#include "ign/losses/tightness.hpp"
#include "ign/policies/idempotent_kernels.hpp"
#include "ign/policies/loss_sums.hpp"
#include "ign/policies/projecting_policy.hpp"
#include "ign/sources/gaussian.hpp"
#include "ign/sources/source.hpp"

namespace ign {

/// What is minimised: λ_r E D(f(x), x) + λ_i E D(f'(f(z)), f(z)) + λ_t E smooth(D(f(y), y)), y = stop f(z).
///
/// \source Shocher et al., "Idempotent Generative Network", arXiv 2311.01462, equations 4 to 8 and section 2.2
template <class Distance = Mse, class Source = Gaussian>
struct IdempotentOptions {
  Distance distance{};                              ///< D, mean over a sample's numbers
  Source source{};                                  ///< of z
  Schedule reconstruction = Schedule::constant(1);  ///< λ_r by step
  Schedule idempotence = Schedule::constant(1);     ///< λ_i by step
  Schedule tightness = Schedule::constant(0.1);     ///< λ_t by step
  Smoothing smoothing{};                            ///< of the tightness
  Equilibrium equilibrium{};                        ///< steers λ_t below its schedule
  Precision precision = Precision::full;            ///< of products in training
};

/// The losses of a step, or their means over several: each a mean over samples, before its λ.
struct IdempotentLosses {
  double reconstruction = 0;  ///< D(f(x), x)
  double idempotence = 0;     ///< D(f(f(z)), f(z)), which is the raw tightness T as well
  double tightness = 0;       ///< the smoothed term: -T, or -a R tanh(T / (a R))
  double total = 0;           ///< the weighted sum
  std::optional<double> w{};  ///< by which Equilibrium multiplies the next step's λ_t; nothing where it does not steer

  /// All but the total.
  std::vector<NamedLoss> named() const {
    std::vector<NamedLoss> all = {{"rec", reconstruction}, {"idem", idempotence}, {"tight", tightness}};
    if (w) all.push_back({"w", *w});
    return all;
  }
};

/// A net, its numbers, and how an IGN trains and uses it.
template <class Net, Scalar Real = float, class Exec = Kokkos::DefaultExecutionSpace, class Distance = Mse, class Source = Gaussian>
class Idempotent : public ProjectingPolicy<Net, Real, Exec, IdempotentOptions<Distance, Source>> {
  using Base = ProjectingPolicy<Net, Real, Exec, IdempotentOptions<Distance, Source>>;
  static_assert(distance::complete<Distance>());
  static_assert(source::complete<Source, Real, Exec>());

 public:
  using Options = IdempotentOptions<Distance, Source>;  ///< what the constructor takes
  using Base::image_shape;
  using Base::model;
  using typename Base::Window;

  /// \param seed  decides initial weights and, with the number of the step, all noise
  /// \throws Error [ign.shape.5] when the net does not map images to their like; [ign.option.*] on impossible options
  Idempotent(Exec const& exec, Net const& net, Shape image, Options const& options = {}, std::uint64_t seed = 1)
      : Base(exec, net, image, options, seed, Role::image),
        m_sums(exec, options.equilibrium.steers() ? 1 : 0),
        m_values(exec, "ign::idempotent::step values") {
    validate(options.reconstruction, "idempotent: weight of the reconstruction");
    validate(options.idempotence, "idempotent: weight of the idempotence");
    validate(options.tightness, "idempotent: weight of the tightness");
    validate(options.smoothing);
    validate(options.equilibrium);
  }

  /// model().gradients() = ∂/∂θ of the objective for the data x of extents (n, h, w, c), with the noise of step `step`.
  ///
  /// Allocates at the first call and where the batch changes; asynchronous on `exec`.
  /// \throws Error [ign.shape.3] when x does not have the image's extents
  void gradients(Exec const& exec, Window const& x, std::uint64_t step) {
    Kokkos::Profiling::ScopedRegion const region("ign::idempotent::gradients");
    int const batch = batch_of(x);
    require(shape_of(x) == image_shape() && batch > 0, Fault::shape, 3, "idempotent: data have ", batch, " samples of ", shape_of(x),
            ", expected at least one of ", image_shape());
    reserve(exec, batch);
    StepNumbers const now = numbers(step);
    auto const weights = m_values.of(&StepNumbers::weights, now);
    Kokkos::deep_copy(exec, model().gradients(), Real(0));

    // Forward: [f(x); f(z)], then v = f(y).
    Kokkos::deep_copy(exec, half(m_input, 0), x);
    Window const z = half(m_input, 1);
    m_projector.show(exec, m_options.source, x);
    m_projector.sample(exec, m_options.source, Key{m_seed, Stream::noise, m_values.of(&StepNumbers::noise, now)}, z);
    m_projector.forward(exec, joint_pass(m_values.of(&StepNumbers::joint_pass, now)), m_input, m_joint);
    Window const fx = half(m_joint.result(), 0);
    Window const y = half(m_joint.result(), 1);
    m_projector.forward(exec, image_pass(m_values.of(&StepNumbers::image_pass, now)), y, m_image);
    Window const v = m_image.result();

    // Losses per sample, and what the terms weigh.
    detail::measure_losses(exec, m_options.distance, m_options.smoothing, m_options.equilibrium, weights, fx, x_window(), v, y, z,
                           m_samples, m_sums.sums(), m_projector.tickets(exec));
    if (!m_values.is_deferred()) m_sums.count_step();

    // Backward through v = f(y): dy of f(z) from the idempotence, weight gradients of the tightness.
    Window const g = m_image_gradient;
    Window const dy = half(m_joint_gradient, 1);
    VectorWindow<Real, Exec> const uniform{};
    VectorWindow<Real, Exec> const tightness_scale = samples_of(tightness_scale_row);
    auto const image_gradient = [&](VectorWindow<Real, Exec> const& scale) {
      distance_gradient(exec, m_options.distance, v, y, Argument::first, 1.0 / batch, scale, g);
    };
    bool const one_sweep = !differs_by_sample(m_options.smoothing.kind) || !couples_samples(model().net(), m_image.pass());
    image_gradient(uniform);
    m_projector.backward(exec, m_image, g, dy, {one_sweep, tightness_scale});
    if (!one_sweep) {  // a row's factor does not commute with batch statistics
      image_gradient(tightness_scale);
      m_projector.backward(exec, m_image, g, Window{});
    }

    // Backward through [f(x); f(z)].
    detail::joint_gradient(exec, m_options.distance, fx, x_window(), v, y, samples_of(reconstruction_scale_row), weights, m_joint_gradient);
    m_projector.backward(exec, m_joint, m_joint_gradient, Window{});
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
  IdempotentLosses losses(Exec const& exec) const {
    auto const means = m_sums.means(exec);
    IdempotentLosses losses = {means[0], means[1], means[2], means[3]};
    if (m_options.equilibrium.steers()) losses.w = m_sums.kept(exec, 0);
    return losses;
  }
  void reset_losses(Exec const& exec) { m_sums.reset(exec); }  ///< begins a new mean

  /// Sums of losses since the last reset, and how many steps they hold: a checkpoint's business.
  Vector<double, Exec> const& loss_sums() const { return m_sums.sums(); }
  std::uint64_t summed_steps() const { return m_sums.steps(); }            ///< steps in loss_sums()
  void set_summed_steps(std::uint64_t count) { m_sums.set_steps(count); }  ///< for those who restore the sums as well

 private:
  using StepNumbers = detail::IdempotentStep;
  using Row = detail::IdempotentRow;
  static constexpr Row reconstruction_scale_row = Row::reconstruction_scale;
  static constexpr Row tightness_scale_row = Row::tightness_scale;

  void reserve(Exec const& exec, int batch) {
    if (m_batch == batch) return;
    m_batch = 0;  // until all windows fit, should memory run out
    Shape const image = image_shape();
    auto const images = [&](Buffer<Real, Exec>& buffer, int count) {
      return Window(buffer.reserve(exec, count * image.size()).data(), count, image.height, image.width, image.channels);
    };
    m_input = images(m_input_memory, 2 * batch);
    m_joint_gradient = images(m_joint_gradient_memory, 2 * batch);
    m_image_gradient = images(m_image_gradient_memory, batch);
    m_samples = m_samples_memory.reserve(exec, static_cast<std::size_t>(Row::count) * batch);
    m_batch = batch;
  }

  Window half(Window const& both, int which) const { return samples<Real, Exec>(both, which * m_batch, m_batch); }
  Window x_window() const { return half(m_input, 0); }
  VectorWindow<Real, Exec> samples_of(Row row) const {
    auto const batch = static_cast<std::size_t>(m_batch);
    return VectorWindow<Real, Exec>(m_samples.data() + static_cast<std::size_t>(row) * batch, batch);
  }

  StepNumbers numbers(std::uint64_t step) const {
    return {
        step, 2 * step, 2 * step + 1, {m_options.reconstruction.at(step), m_options.idempotence.at(step), m_options.tightness.at(step)}};
  }

  Pass joint_pass(Deferred<std::uint64_t> const& number) const {
    Pass pass;
    pass.segments = 2;
    pass.roles = {Role::data, Role::source};
    pass.precision = m_options.precision;
    pass.key = {m_seed, Stream::dropout, number};
    return pass;
  }
  Pass image_pass(Deferred<std::uint64_t> const& number) const {
    Pass pass = pass_of(Role::image, Mode::train);
    pass.precision = m_options.precision;
    pass.key = {m_seed, Stream::dropout, number};
    return pass;
  }

  using Base::m_options;
  using Base::m_projector;
  using Base::m_seed;

  LossSums<detail::idempotent_loss_count, Exec> m_sums;  // of reconstruction, idempotence, smoothed tightness, total
  StepValues<StepNumbers, Exec> m_values;

  int m_batch = 0;
  Tape<Real, Exec> m_joint;  // of [x; z]
  Tape<Real, Exec> m_image;  // of y
  Buffer<Real, Exec> m_input_memory{"ign::idempotent::input"};
  Buffer<Real, Exec> m_joint_gradient_memory{"ign::idempotent::joint gradient"};
  Buffer<Real, Exec> m_image_gradient_memory{"ign::idempotent::image gradient"};
  Buffer<Real, Exec> m_samples_memory{"ign::idempotent::samples"};
  Window m_input, m_joint_gradient, m_image_gradient;
  VectorWindow<Real, Exec> m_samples;  // the rows of detail::IdempotentRow
};

}  // namespace ign

#endif  // IGN_POLICIES_IDEMPOTENT_HPP
