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
#include <utility>

#include "ign/losses/distance.hpp"
#include "ign/losses/mse.hpp"
#include "ign/losses/tightness.hpp"
#include "ign/nets/model.hpp"
#include "ign/optimizers/schedule.hpp"
#include "ign/policies/idempotent_kernels.hpp"
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
  Precision precision = Precision::full;            ///< of products in training
};

/// The losses of a step, or their means over several: each a mean over samples, before its λ.
struct IdempotentLosses {
  double reconstruction = 0;  ///< D(f(x), x)
  double idempotence = 0;     ///< D(f(f(z)), f(z)), which is the raw tightness T as well
  double tightness = 0;       ///< the smoothed term: -T, or -a R tanh(T / (a R))
  double total = 0;           ///< the weighted sum
};

/// A net, its numbers, and how an IGN trains and uses it.
template <class Net, Scalar Real = float, class Exec = Kokkos::DefaultExecutionSpace, class Distance = Mse, class Source = Gaussian>
class Idempotent {
 public:
  using Options = IdempotentOptions<Distance, Source>;
  using Window = TensorWindow<Real, Exec>;
  using scalar_type = Real;
  using execution_space = Exec;

  /// \param seed  decides initial weights and, with the number of the step, all noise
  /// \throws Error [ign.shape.5] when the net does not map images to their like; [ign.option.*] on impossible options
  Idempotent(Exec const& exec, Net const& net, Shape image, Options const& options = {}, std::uint64_t seed = 1)
      : m_options(options),
        m_seed(seed),
        m_model(exec, net, image, seed),
        m_sums(make_vector<double>(exec, "ign::idempotent::sums", loss_count)) {
    require(m_model.output_shape() == image, Fault::shape, 5, "idempotent: the net maps ", image, " to ", m_model.output_shape(),
            ", expected the same extents");
    validate(options.smoothing);
  }

  Model<Net, Real, Exec> const& model() const { return m_model; }
  Options const& options() const { return m_options; }
  std::uint64_t seed() const { return m_seed; }
  Shape image_shape() const { return m_model.input_shape(); }

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
    Schedules const weights = {m_options.reconstruction.at(step), m_options.idempotence.at(step), m_options.tightness.at(step)};
    Kokkos::deep_copy(exec, m_model.gradients(), Real(0));

    // Forward: [f(x); f(z)], then v = f(y).
    Kokkos::deep_copy(exec, half(m_input, 0), x);
    Window const z = half(m_input, 1);
    source::show(exec, m_options.source, x, m_workspace.scratch);
    source::sample_from(exec, m_options.source, Key{m_seed, Stream::noise, step}, z, m_workspace.scratch);
    forward(exec, joint_pass(step), m_input, m_joint);
    Window const fx = half(m_joint.result(), 0);
    Window const y = half(m_joint.result(), 1);
    forward(exec, image_pass(step), y, m_image);
    Window const v = m_image.result();

    // Losses per sample, and what the terms weigh.
    sample_distances(exec, m_options.distance, fx, x_window(), samples_of(reconstruction_row));
    sample_distances(exec, m_options.distance, v, y, samples_of(tightness_row));
    if (m_options.smoothing.kind == SmoothingKind::own_noise) sample_distances(exec, m_options.distance, y, z, samples_of(radius_row));
    detail::weigh_losses(exec, m_options.smoothing, weights, batch, m_samples, m_sums);
    m_summed += 1;

    // Backward through v = f(y): dy of f(z) from the idempotence, weight gradients of the tightness.
    Window const g = m_image_gradient;
    Window const dfx = half(m_joint_gradient, 0);
    Window const dy = half(m_joint_gradient, 1);
    VectorWindow<Real, Exec> const uniform{};
    VectorWindow<Real, Exec> const tightness_scale = samples_of(tightness_scale_row);
    auto const image_gradient = [&](VectorWindow<Real, Exec> const& scale) {
      distance_gradient(exec, m_options.distance, v, y, Argument::first, 1.0 / batch, scale, g);
    };
    bool const one_sweep = m_options.smoothing.kind == SmoothingKind::none || !couples_samples(m_model.net(), m_image.pass());
    image_gradient(uniform);
    m_model.backward(exec, m_image, g, dy, m_workspace, {one_sweep, tightness_scale});
    if (!one_sweep) {  // a row's factor does not commute with batch statistics
      image_gradient(tightness_scale);
      m_model.backward(exec, m_image, g, Window{}, m_workspace, {});
    }
    detail::add_idempotence(exec, m_options.distance, v, y, weights.idempotence, 1.0 / batch, dy);

    // Backward through [f(x); f(z)].
    distance_gradient(exec, m_options.distance, fx, x_window(), Argument::first, 1.0 / batch, samples_of(reconstruction_scale_row), dfx);
    m_model.backward(exec, m_joint, m_joint_gradient, Window{}, m_workspace, {});
  }

  /// Means of the losses over the calls of `gradients` since the last `reset_losses`. Waits for the device.
  IdempotentLosses losses(Exec const& exec) const {
    Kokkos::Array<double, loss_count> sums{};
    Kokkos::View<double*, Kokkos::HostSpace, Kokkos::MemoryTraits<Kokkos::Unmanaged>> const host(sums.data(), loss_count);
    Kokkos::deep_copy(exec, host, m_sums);
    exec.fence("ign::idempotent::losses");
    double const count = m_summed > 0 ? static_cast<double>(m_summed) : 1;
    return {sums[0] / count, sums[1] / count, sums[2] / count, sums[3] / count};
  }

  void reset_losses(Exec const& exec) {
    Kokkos::deep_copy(exec, m_sums, 0.0);
    m_summed = 0;
  }

  /// out = f^applications(z) with the noise of `key`, in evaluation mode: a sample does not depend on the rest of `out`.
  ///
  /// \throws Error [ign.option.90] when applications < 0
  void generate(Exec const& exec, Key const& key, int applications, Window const& out) {
    source::sample_from(exec, m_options.source, key, out, m_workspace.scratch);
    apply(exec, Role::source, applications, out, out);
  }

  /// out = f^applications(x) for x near the data, in evaluation mode: once projects, more often refines. out may be x.
  ///
  /// \throws Error [ign.option.90] when applications < 0, [ign.shape.3] on wrong extents
  void project(Exec const& exec, Window const& x, int applications, Window const& out) { apply(exec, Role::data, applications, x, out); }

  /// out = f^applications(x), where x comes from the distribution `first`. What f puts out has the role `image`.
  void apply(Exec const& exec, Role first, int applications, Window const& x, Window const& out, Mode mode = Mode::evaluate) {
    require(applications >= 0, Fault::option, 90, "idempotent: ", applications, " applications, expected 0 or more");
    require(shape_of(x) == image_shape() && shape_of(out) == image_shape() && x.extent(0) == out.extent(0), Fault::shape, 3,
            "idempotent: ", x.extent(0), " samples of ", shape_of(x), " into ", out.extent(0), " of ", shape_of(out),
            ", expected as many of ", image_shape());
    if (applications == 0 && out.data() != x.data()) Kokkos::deep_copy(exec, out, x);
    for (int k = 0; k < applications; ++k) {
      Role const role = k == 0 ? first : (first == Role::source ? Role::image : first);
      Pass pass = pass_of(role, mode);
      pass.update_statistics = false;
      forward(exec, pass, k == 0 ? x : out, m_inference);
      Kokkos::deep_copy(exec, out, m_inference.result());
    }
  }

  /// Sums of losses since the last reset, and how many steps they hold: a checkpoint's business.
  Vector<double, Exec> const& loss_sums() const { return m_sums; }
  std::uint64_t summed_steps() const { return m_summed; }
  void set_summed_steps(std::uint64_t count) { m_summed = count; }

 private:
  using Schedules = detail::IdempotentWeights;
  static constexpr std::size_t loss_count = detail::idempotent_loss_count;
  using Row = detail::IdempotentRow;
  static constexpr Row reconstruction_row = Row::reconstruction;
  static constexpr Row tightness_row = Row::tightness;
  static constexpr Row radius_row = Row::radius;
  static constexpr Row reconstruction_scale_row = Row::reconstruction_scale;
  static constexpr Row tightness_scale_row = Row::tightness_scale;

  void reserve(Exec const& exec, int batch) {
    if (m_batch == batch) return;
    m_batch = batch;
    Shape const image = image_shape();
    auto const images = [&](Buffer<Real, Exec>& buffer, int count) {
      return Window(buffer.reserve(exec, count * image.size()).data(), count, image.height, image.width, image.channels);
    };
    m_input = images(m_input_memory, 2 * batch);
    m_joint_gradient = images(m_joint_gradient_memory, 2 * batch);
    m_image_gradient = images(m_image_gradient_memory, batch);
    m_samples = m_samples_memory.reserve(exec, static_cast<std::size_t>(Row::count) * batch);
  }

  Window half(Window const& both, int which) const { return samples<Real, Exec>(both, which * m_batch, m_batch); }
  Window x_window() const { return half(m_input, 0); }
  VectorWindow<Real, Exec> samples_of(Row row) const {
    auto const batch = static_cast<std::size_t>(m_batch);
    return VectorWindow<Real, Exec>(m_samples.data() + static_cast<std::size_t>(row) * batch, batch);
  }

  void forward(Exec const& exec, Pass const& pass, Window const& x, Tape<Real, Exec>& tape) {
    m_model.forward(exec, pass, x, tape, m_workspace);
  }

  Pass joint_pass(std::uint64_t step) const {
    Pass pass;
    pass.segments = 2;
    pass.roles = {Role::data, Role::source};
    pass.precision = m_options.precision;
    pass.key = {m_seed, Stream::dropout, 2 * step};
    return pass;
  }
  Pass image_pass(std::uint64_t step) const {
    Pass pass = pass_of(Role::image, Mode::train);
    pass.precision = m_options.precision;
    pass.key = {m_seed, Stream::dropout, 2 * step + 1};
    return pass;
  }

  Options m_options;
  std::uint64_t m_seed;
  Model<Net, Real, Exec> m_model;
  Vector<double, Exec> m_sums;  // of reconstruction, idempotence, smoothed tightness, total
  std::uint64_t m_summed = 0;

  int m_batch = 0;
  Tape<Real, Exec> m_joint;  // of [x; z]
  Tape<Real, Exec> m_image;  // of y
  Tape<Real, Exec> m_inference{Keep::nothing};
  Workspace<Real, Exec> m_workspace;
  Buffer<Real, Exec> m_input_memory{"ign::idempotent::input"};
  Buffer<Real, Exec> m_joint_gradient_memory{"ign::idempotent::joint gradient"};
  Buffer<Real, Exec> m_image_gradient_memory{"ign::idempotent::image gradient"};
  Buffer<Real, Exec> m_samples_memory{"ign::idempotent::samples"};
  Window m_input, m_joint_gradient, m_image_gradient;
  VectorWindow<Real, Exec> m_samples;  // the rows of detail::IdempotentRow
};

}  // namespace ign

#endif  // IGN_POLICIES_IDEMPOTENT_HPP
