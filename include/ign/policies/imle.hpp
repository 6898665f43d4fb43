// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Non-adversarial IGN: f(x) = x for the data, and implicit maximum likelihood estimation (IMLE) instead of tightness for generation.
///
/// IMLE requires a sample near every datum rather than a datum near every sample, so that dropped modes increase the loss. Each step draws
/// a pool of z, selects for every x the z whose image is nearest, and minimises the distance of that image to x. f(x) and f(z) run as one
/// pass over 2B samples, in which BatchNorm normalises each half separately.
#ifndef IGN_POLICIES_IMLE_HPP
#define IGN_POLICIES_IMLE_HPP

#include <Kokkos_Core.hpp>
#include <Kokkos_Profiling_ScopedRegion.hpp>
#include <limits>
#include <utility>
#include <vector>

#include "ign/core/schedule.hpp"
#include "ign/losses/distance.hpp"
#include "ign/losses/mse.hpp"
#include "ign/losses/named_loss.hpp"
#include "ign/math/nearest.hpp"
#include "ign/policies/loss_sums.hpp"
#include "ign/policies/policy.hpp"
#include "ign/policies/single_model_policy.hpp"
#include "ign/sources/gaussian.hpp"

namespace ign {

/// Objective of a non-adversarial IGN, minimised over θ: λ_r E D(f(x), x) + λ_g E D(f(z*), x), where z* is the z of the pool whose image is
/// nearest to x.
///
/// Every datum is assigned a z, but not every z a datum. In a larger pool more z are unassigned, and nothing moves their images towards the
/// data: coverage remains, precision falls.
///
/// The nearest image minimises the squared error for any D. With MSE it minimises D(f(z), x) exactly, with L1 approximately.
/// \source Al-Jaff et al., "A non-adversarial approach to idempotent generative modelling", arXiv 2511.02614; Li and Malik, "Implicit
///         maximum likelihood estimation", arXiv 1809.09087, algorithm 1
template <class Distance = Mse, class Source = Gaussian>
struct ImleOptions {
  Distance distance{};                              ///< D, mean over a sample's elements
  Source source{};                                  ///< distribution of z
  Schedule reconstruction = Schedule::constant(1);  ///< weight λ_r of the reconstruction loss, by step
  Schedule generation = Schedule::constant(1);      ///< weight λ_g of the generation loss, by step
  int pool = 4;                                     ///< number of z drawn per sample of a batch, ≥ 1
  Precision precision = Precision::full;            ///< precision of products in training
};

/// Losses of a step, or their means over several steps. Each loss is a mean over samples, before multiplication by its weight.
struct ImleLosses {
  double reconstruction = 0;  ///< D(f(x), x)
  double generation = 0;      ///< D(f(z*), x)
  double total = 0;           ///< weighted sum

  /// Returns all losses except the total.
  std::vector<NamedLoss> named() const { return {{"rec", reconstruction}, {"gen", generation}}; }
};

namespace detail {

template <class Real>
struct GatherRows {
  Real const* rows;
  int const* index;
  Real* out;
  std::size_t size;

  KOKKOS_FUNCTION void operator()(std::size_t row, std::size_t first, std::size_t last) const {
    Real const* const from = rows + static_cast<std::size_t>(index[row]) * size;
    IGN_IVDEP
    for (std::size_t i = first; i < last; ++i) out[row * size + i] = from[i];
  }
};

}  // namespace detail

/// Non-adversarial IGN policy: a net with its parameters, training step, sampling and projection. The interface is that of Idempotent.
template <class Net, Scalar Real = float, class Exec = Kokkos::DefaultExecutionSpace, class Distance = Mse, class Source = Gaussian>
class Imle : public SingleModelPolicy<Net, Real, Exec, ImleOptions<Distance, Source>>, public LossMeansBase<3, Exec> {
  using Base = SingleModelPolicy<Net, Real, Exec, ImleOptions<Distance, Source>>;
  using Sums = LossMeansBase<3, Exec>;
  static_assert(distance::complete<Distance>());
  static_assert(source::complete<Source, Real, Exec>());

 public:
  using Options = ImleOptions<Distance, Source>;  ///< options of the constructor
  using Base::image_shape;
  using Base::model;
  using typename Base::Ref;

  /// Initialises the net.
  /// \param seed  seed of the initial weights and, with the number of the step, of all noise
  /// \throws Error [ign.shape.5] when the net does not map images to images of equal extents; [ign.option.*] on invalid options
  Imle(Exec const& exec, Net const& net, Shape image, Options const& options = {}, std::uint64_t seed = 1)
      : Base(exec, net, image, options, seed, Role::data), Sums(exec) {
    require(options.pool >= 1, Fault::option, 275, "imle: a pool of ", options.pool, " z per sample, expected at least 1");
    validate(options.reconstruction, "imle: weight of the reconstruction");
    validate(options.generation, "imle: weight of the generation");
  }

  /// States that x of each step is this rank's shard of the global batch. Noise is drawn for its global indices, and each rank selects from
  /// the pool of its own shard. `gradients` are those of the shard; a Trainer averages them over the ranks.
  /// \throws Error [ign.option.490] when the source does not draw by global index
  void set_ranks(Ranks const& ranks) {
    source::require_sharding(ranks, "imle", m_options.source);
    m_ranks = ranks;
  }

  /// Computes model().gradients() = ∂/∂θ of the objective for the data x (n, h, w, c), with the noise of step `step`. The selection of z*
  /// is not differentiated.
  ///
  /// Allocates on the first call and when the batch grows. Asynchronous on `exec`.
  /// \throws Error [ign.shape.3] when x does not have the image's extents; [ign.option.275] when the pool of the batch is too large
  void gradients(Exec const& exec, Ref const& x, std::uint64_t step) {
    Kokkos::Profiling::ScopedRegion const region("ign::imle::gradients");
    int const batch = policy::batch_of_data("imle", x, image_shape());
    reserve(exec, batch);
    double const reconstruction = m_options.reconstruction.at(step);
    double const generation = m_options.generation.at(step);
    Kokkos::deep_copy(exec, model().gradients(), Real(0));

    Ref const data = part(m_input, 0);
    Kokkos::deep_copy(exec, data, x);
    choose_noise(exec, data, Key{m_seed, RandomStream::noise, step, 0, m_ranks.shard()}, part(m_input, 1));
    m_model.forward(exec, joint_pass(step), m_input, m_joint);

    VectorRef<Real, Exec> const uniform{};
    double const unit = 1.0 / batch;
    Kokkos::Array<double, 2> const weights = {reconstruction, generation};
    for (int which = 0; which < 2; ++which) {
      Ref const f = part(m_joint.result(), which);
      auto const row = static_cast<std::size_t>(which) * static_cast<std::size_t>(batch);
      sample_distances(exec, m_options.distance, f, data, VectorRef<Real, Exec>(m_samples.data() + row, static_cast<std::size_t>(batch)));
      distance_gradient(exec, m_options.distance, f, data, Argument::first, weights[static_cast<std::size_t>(which)] * unit, uniform,
                        part(m_joint_gradient, which));
    }
    m_sums.add_means(exec, m_samples, batch, weights);
    m_model.backward(exec, m_joint, m_joint_gradient, Ref{});
  }

  /// Returns the mean losses over the calls of `gradients` since the last `reset_losses`. Fences `exec`.
  ImleLosses losses(Exec const& exec) const {
    auto const means = m_sums.means(exec);
    return {means[0], means[1], means[2]};
  }

  /// Returns the z* selected by the last `gradients`, as one index into the pool per sample, in the memory space of Exec.
  Kokkos::View<int const*, typename Exec::memory_space> chosen() const { return m_chosen; }

 private:
  void reserve(Exec const& exec, int batch) {
    if (m_batch == batch) return;
    require(m_options.pool <= std::numeric_limits<int>::max() / batch, Fault::option, 275, "imle: a pool of ", m_options.pool,
            " z per sample and ", batch, " samples, expected fewer than 2^31 z in total: reduce pool or batch");
    m_batch = 0;  // stays 0 if an allocation throws
    Shape const image = image_shape();
    int const pool = m_options.pool * batch;
    m_input = reserve_tensor(exec, m_input_memory, 2 * batch, image);
    m_joint_gradient = reserve_tensor(exec, m_joint_gradient_memory, 2 * batch, image);
    m_noise = reserve_tensor(exec, m_noise_memory, pool, image);
    m_images = reserve_tensor(exec, m_images_memory, pool, image);
    auto const count = static_cast<std::size_t>(batch);
    m_samples = m_samples_memory.reserve(exec, 2 * count);
    m_search = m_search_memory.reserve(exec, math::nearest_scratch_size<Real, Exec>(count, static_cast<std::size_t>(pool), image.size()));
    if (count > m_chosen_memory.size())
      m_chosen_memory = decltype(m_chosen_memory)(Kokkos::view_alloc(exec, Kokkos::WithoutInitializing, "ign::imle::chosen"), count);
    m_chosen = Kokkos::subview(m_chosen_memory, std::pair(std::size_t{0}, count));
    m_batch = batch;
  }

  // The pool passes through f in evaluation mode, in parts of one batch and without a tape. The images searched are those of `generate`.
  void choose_noise(Exec const& exec, Ref const& data, Key const& key, Ref const& out) {
    Kokkos::Profiling::ScopedRegion const region("ign::imle::choose_noise");
    m_model.observe(exec, m_options.source, data);
    m_model.sample(exec, m_options.source, key, m_noise);
    for (int chunk = 0; chunk < m_options.pool; ++chunk) m_model.apply(exec, Role::source, 1, part(m_noise, chunk), part(m_images, chunk));
    math::nearest(exec, data, m_images, m_chosen.data(), m_search);
    for_each_chunk("ign::imle::gather", exec, out.extent(0), image_shape().size(),
                   detail::GatherRows<Real>{m_noise.data(), m_chosen.data(), out.data(), image_shape().size()});
  }

  Ref part(Ref const& whole, int which) const { return batch_range(whole, which * m_batch, m_batch); }

  Pass joint_pass(std::uint64_t step) const {
    return training_pass({Role::data, Role::source}, m_options.precision, {m_seed, RandomStream::dropout, step}, m_ranks);
  }

  using Base::m_model;
  using Base::m_options;
  using Base::m_seed;

  using Sums::m_ranks;
  using Sums::m_sums;  // reconstruction, generation, total

  int m_batch = 0;
  Tape<Real, Exec> m_joint;  // f([x; z*])
  Buffer<Real, Exec> m_input_memory{"ign::imle::input"};
  Buffer<Real, Exec> m_joint_gradient_memory{"ign::imle::joint gradient"};
  Buffer<Real, Exec> m_noise_memory{"ign::imle::noise"};
  Buffer<Real, Exec> m_images_memory{"ign::imle::images"};
  Buffer<Real, Exec> m_samples_memory{"ign::imle::samples"};
  Buffer<Real, Exec> m_search_memory{"ign::imle::search"};
  Ref m_input, m_joint_gradient;
  Ref m_noise, m_images;            // pool and its images
  VectorRef<Real, Exec> m_samples;  // D(f(x), x), then D(f(z*), x)
  VectorRef<Real, Exec> m_search;
  Kokkos::View<int*, typename Exec::memory_space> m_chosen_memory, m_chosen;  // m_chosen: the elements of the last batch
};

}  // namespace ign

#endif  // IGN_POLICIES_IMLE_HPP
