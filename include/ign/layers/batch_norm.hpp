// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Batch normalisation with separate running statistics per role: the input distributions of an IGN (data, noise, its own images) differ.
///
/// Kernels: layers/detail/batch_norm_kernels.hpp (forward) and layers/detail/batch_norm_gradient.hpp on hosts,
/// layers/detail/batch_norm_device.hpp on devices.
#ifndef IGN_LAYERS_BATCH_NORM_HPP
#define IGN_LAYERS_BATCH_NORM_HPP

#include "ign/core/elementwise.hpp"
#include "ign/core/error.hpp"
#include "ign/core/finite.hpp"
#include "ign/layers/activations.hpp"
#include "ign/layers/detail/batch_norm_device.hpp"
#include "ign/math/conv/epilogue.hpp"

namespace ign {

/// y = weight(c) (x - mean) / sqrt(variance + epsilon) + bias(c) per channel c.
///
/// Training normalises by the mean and (biased) variance of each segment of the batch, and updates the running statistics of the segment's
/// role with the unbiased variance, as PyTorch's nn.BatchNorm2d does. Evaluation normalises by the running statistics of the segment's
/// role: the result for a sample does not depend on the rest of the batch. Training does the same where Pass::batch_statistics is false. In
/// a run over ranks with BatchNormStatistics::over_ranks the segments are those of the global batch (core/ranks.hpp).
/// \source Ioffe and Szegedy, "Batch Normalization", arXiv 1502.03167, algorithm 1
struct BatchNorm {
  double momentum = 0.1;  ///< weight of the newest batch in the running statistics, in (0, 1]
  double epsilon = 1e-5;  ///< added to the variance, > 0
};

/// \throws Error [ign.option.64] if an option is out of range
inline Shape output_shape(BatchNorm const& layer, Shape in) {
  require(is_finite(layer.momentum) && layer.momentum > 0 && layer.momentum <= 1 && is_finite(layer.epsilon) && layer.epsilon > 0,
          Fault::option, 64, "batch_norm: momentum ", layer.momentum, ", epsilon ", layer.epsilon,
          ", expected momentum in (0, 1] and epsilon > 0");
  return in;
}
///@{
/// Layer contract (layers/layer.hpp).
inline std::vector<ArrayInfo> parameters(BatchNorm const&, Shape in) {
  return {{"weight", {in.channels}, Initial::constant(1)}, {"bias", {in.channels}, Initial::constant(0)}};
}
inline std::vector<ArrayInfo> statistics(BatchNorm const&, Shape in) {
  std::vector<ArrayInfo> arrays;
  for (int role = 0; role < role_count; ++role) {
    std::string const prefix = name(static_cast<Role>(role));
    arrays.push_back({prefix + ".running_mean", {in.channels}, Initial::constant(0)});
    arrays.push_back({prefix + ".running_var", {in.channels}, Initial::constant(1)});
  }
  return arrays;
}
inline ReceptiveField receptive_field(BatchNorm const&) { return {}; }
inline LayerDescription describe(BatchNorm const& layer, Shape in) {
  return {"BatchNorm2d", {{"num_features", in.channels}, {"eps", layer.epsilon}, {"momentum", layer.momentum}}};
}
inline bool needs_output(BatchNorm const&) { return false; }
inline bool couples_samples(BatchNorm const&, Pass const& pass) { return uses_batch_statistics(pass); }
///@}

namespace detail {

/// Partition of a batch.
inline BatchNormPartition norm_partition(int segments, Shape in, int batch) {
  auto const count = static_cast<std::size_t>(segments);
  return {count, static_cast<std::size_t>(batch) / count * in.pixels(), in.pixels(), static_cast<std::size_t>(in.channels)};
}

}  // namespace detail

///@{
/// Layer contract (layers/layer.hpp). `saved` holds mean and 1 / standard deviation per segment, then the two means of gradients of
/// backward, then room for two values of type double per segment, which are added over ranks: twice as many elements in float.
inline std::size_t saved_size(BatchNorm const&, Shape in, int) {
  return 8 * std::size_t{max_segments} * static_cast<std::size_t>(in.channels);
}
inline std::size_t scratch_size(BatchNorm const&, Shape in, int batch, int) {
  auto const partition = detail::norm_partition(1, in, batch);
  return 4 * (partition.chunks() + max_segments - 1) * partition.channels;  // partial sums; each further segment adds at most one chunk
}
///@}

namespace detail {

/// Sums to be added over ranks, (segment, 0…1, c), at the end of `saved`; empty if moments are those of this rank.
template <Scalar Real, class Exec>
VectorRef<double, Exec> norm_sums(Pass const& pass, BatchNormPartition const& partition, LayerMemory<Real, Exec> const& memory) {
  if (!uses_batch_statistics(pass) || !pass.ranks.syncs_batch_norm()) return {};
  return VectorRef<double, Exec>(reinterpret_cast<double*>(memory.saved.data() + std::size_t{4} * max_segments * partition.channels),
                                 2 * partition.segments * partition.channels);
}

/// Number of values per channel and segment over which the moments are taken.
inline double norm_count(Pass const& pass, BatchNormPartition const& partition) {
  return static_cast<double>(partition.segment_rows) * (pass.ranks.syncs_batch_norm() ? pass.ranks.size() : 1);
}

template <Scalar Real, class Exec>
StoreMoments<Real> moments_target(BatchNorm const& layer, Pass const& pass, BatchNormPartition const& partition,
                                  LayerMemory<Real, Exec> const& memory) {
  return {partition.channels,
          memory.saved.data(),
          pass.update_statistics ? memory.statistics.data() : nullptr,
          role_numbers(pass),
          layer.momentum,
          layer.epsilon,
          norm_sums<Real, Exec>(pass, partition, memory).data(),
          memory.statistics.data(),
          norm_count(pass, partition)};
}

/// Adds the sums of `target` over the ranks and stores the moments. Waits for the other ranks, if the moments are over ranks.
template <Scalar Real, class Exec>
void reduce_moments(Exec const& exec, Pass const& pass, BatchNormPartition const& partition, LayerMemory<Real, Exec> const& memory,
                    StoreMoments<Real> const& target) {
  if (target.sums == nullptr) return;
  pass.ranks.sum(exec, norm_sums<Real, Exec>(pass, partition, memory));
  Kokkos::parallel_for("ign::batch_norm moments of all ranks", range_policy(exec, partition.channels),
                       StoreReducedMoments<Real>{partition.segments, target});
}

/// y = activation(normalised x), with the statistics in memory.saved.
template <Scalar Real, class Exec, class Activation>
void norm_apply(Exec const& exec, Activation const& activation, BatchNormPartition const& partition, LayerMemory<Real, Exec> const& memory,
                TensorRef<Real, Exec> const& x, TensorRef<Real, Exec> const& y) {
  Real const* const weight = memory.parameters.data();
  NormApply<Real, Activation> const apply{partition,           x.data(), weight,    weight + partition.channels,
                                          memory.saved.data(), y.data(), activation};
  if constexpr (uses_host_kernels_v<Exec>)
    for_each_norm_task("ign::batch_norm", exec, partition, apply);
  else
    Kokkos::parallel_for("ign::batch_norm", range_policy(exec, x.size()), NormApplyElement<Real, Activation>{apply});
}

/// \throws Error [ign.shape.64] if a segment has one value per channel
inline void check_norm_rows(Pass const& pass, BatchNormPartition const& partition, Shape in) {
  require(norm_count(pass, partition) > 1, Fault::shape, 64, "batch_norm: one sample of ", in,
          " has one value per channel, expected two or more in training");
}

template <Scalar Real, class Exec, class Activation>
void norm_forward(Exec const& exec, BatchNorm const& layer, Activation const& activation, Pass const& pass,
                  LayerMemory<Real, Exec> const& memory, TensorRef<Real, Exec> const& x, TensorRef<Real, Exec> const& y) {
  segment_size(pass, batch_of(x));  // throws if the batch does not divide into segments
  auto const partition = norm_partition(pass.segments, shape_of(x), batch_of(x));
  if (uses_batch_statistics(pass)) {
    check_norm_rows(pass, partition, shape_of(x));
    Real* const partials = memory.scratch.data();
    NormMoments<Real> const moments{partition, x.data(), partials};
    NormCombine<Real> const all{partition, partials, moments_target(layer, pass, partition, memory)};
    if constexpr (uses_host_kernels_v<Exec>) {
      for_each_norm_task("ign::batch_norm moments", exec, partition, moments);
      Kokkos::parallel_for("ign::batch_norm moments combine", range_policy(exec, partition.channels), all);
    } else {
      launch_norm_teams("ign::batch_norm moments", exec, BatchNormTeamPartition(partition), memory.counters,
                        NormTeamMoments<Real>{moments, all});
    }
    reduce_moments(exec, pass, partition, memory, all.target);
  } else {
    Kokkos::parallel_for(
        "ign::batch_norm load statistics", range_policy(exec, partition.channels),
        LoadRunningStatistics<Real>{partition, memory.statistics.data(), memory.saved.data(), role_numbers(pass), layer.epsilon});
  }
  norm_apply(exec, activation, partition, memory, x, y);
}

/// Adds to the gradients of weight and bias, and returns the loader of dx.
template <Scalar Real, class Exec, class Activation>
NormInputGradientLoader<Real, Activation> norm_gradients(Exec const& exec, Activation const& activation, Pass const& pass,
                                                         LayerMemory<Real, Exec> const& memory, TensorRef<Real, Exec> const& x,
                                                         TensorRef<Real, Exec> const& dy) {
  auto const partition = norm_partition(pass.segments, shape_of(x), batch_of(x));
  Real const* const saved = memory.saved.data();
  Real* const partials = memory.scratch.data();
  Real* const means = memory.saved.data() + 2 * max_segments * partition.channels;
  Real const* const weight = memory.parameters.data();
  Real const* const bias = weight + partition.channels;
  Real* const gradient = memory.gradients.data();
  Real* const bias_gradient = gradient == nullptr ? nullptr : gradient + partition.channels;
  NormGradientSums<Real, Activation> const rows{partition, x.data(),  weight, bias, saved, dy.data(), memory.sample_weights.data(),
                                                partials,  activation};
  VectorRef<double, Exec> const sums = norm_sums<Real, Exec>(pass, partition, memory);
  NormGradientCombine<Real> const all{partition, partials, means, gradient, bias_gradient, !uses_batch_statistics(pass), sums.data()};
  if constexpr (uses_host_kernels_v<Exec>) {
    for_each_norm_task("ign::batch_norm gradient", exec, partition, rows);
    Kokkos::parallel_for("ign::batch_norm gradient combine", range_policy(exec, partition.channels), all);
  } else {
    launch_norm_teams("ign::batch_norm gradient", exec, BatchNormTeamPartition(partition), memory.counters,
                      NormTeamGradient<Real, Activation>{rows, all});
  }
  if (sums.size() > 0) {
    pass.ranks.sum(exec, sums);
    Kokkos::parallel_for("ign::batch_norm gradient of all ranks", range_policy(exec, sums.size()),
                         NormGradientMeans<Real>{sums.data(), norm_count(pass, partition), means});
  }
  return {partition, x.data(), weight, bias, saved, means, dy.data(), activation};
}

template <Scalar Real, class Exec, class Activation>
void norm_backward(Exec const& exec, Activation const& activation, Pass const& pass, LayerMemory<Real, Exec> const& memory,
                   TensorRef<Real, Exec> const& x, TensorRef<Real, Exec> const& dy, TensorRef<Real, Exec> const& dx) {
  auto const loader = norm_gradients(exec, activation, pass, memory, x, dy);
  if (absent(dx)) return;
  if constexpr (uses_host_kernels_v<Exec>)
    for_each_norm_task("ign::batch_norm input gradient", exec, loader.partition, NormInputGradient<Real, Activation>{loader, dx.data()});
  else
    Kokkos::parallel_for("ign::batch_norm input gradient", range_policy(exec, dx.size()),
                         NormInputGradientElement<Real, Activation>{loader, dx.data()});
}

}  // namespace detail

/// \throws Error [ign.shape.64] in training, if a segment has one value per channel and so no variance
template <Scalar Real, class Exec>
void forward(Exec const& exec, BatchNorm const& layer, Pass const& pass, LayerMemory<Real, Exec> const& memory,
             TensorRef<Real, Exec> const& x, TensorRef<Real, Exec> const& y) {
  detail::norm_forward(exec, layer, math::Identity{}, pass, memory, x, y);
}

///@{
/// Layer contract (layers/layer.hpp).
template <Scalar Real, class Exec>
void backward(Exec const& exec, BatchNorm const&, Pass const& pass, LayerMemory<Real, Exec> const& memory, TensorRef<Real, Exec> const& x,
              TensorRef<Real, Exec> const&, TensorRef<Real, Exec> const& dy, TensorRef<Real, Exec> const& dx) {
  detail::norm_backward(exec, math::Identity{}, pass, memory, x, dy, dx);
}

// Fused with a rectifier: no extra pass over memory. Backward recomputes the rectifier's input from x.
template <Rectifier A, Scalar Real, class Exec>
void forward_fused(Exec const& exec, FusedLayers<Real, Exec, BatchNorm, A> const& fused, Pass const& pass) {
  auto const& [layer, activation] = fused.layers;
  detail::norm_forward(exec, layer, activation, pass, fused.memory[0], fused.values[0], fused.values[2]);
}

template <Rectifier A, Scalar Real, class Exec>
void backward_fused(Exec const& exec, FusedLayers<Real, Exec, BatchNorm, A> const& fused, Pass const& pass, TensorRef<Real, Exec> const& dy,
                    TensorRef<Real, Exec> const& dx) {
  detail::norm_backward(exec, std::get<1>(fused.layers), pass, fused.memory[0], fused.values[0], dy, dx);
}
///@}

/// Folds the layer in evaluation, an affine map per channel, into the scale and shift of the preceding layer.
template <Scalar Real, class Exec>
void fold(Exec const& exec, BatchNorm const& layer, Shape in, Pass const& pass, LayerMemory<Real, Exec> const& memory,
          VectorRef<Real, Exec> const& scale, VectorRef<Real, Exec> const& shift) {
  auto const channels = static_cast<std::size_t>(in.channels);
  Real const* const weight = memory.parameters.data();
  Real const* const running = memory.statistics.data() + 2 * static_cast<std::size_t>(pass.roles[0]) * channels;
  Kokkos::parallel_for(
      "ign::fold batch_norm", range_policy(exec, channels),
      detail::FoldNorm<Real>{running, running + channels, weight, weight + channels, layer.epsilon, scale.data(), shift.data()});
}

}  // namespace ign

#ifdef IGN_COMPILED_KERNELS
#include "ign/layers/detail/batch_norm_instances.hpp"
#endif

#endif  // IGN_LAYERS_BATCH_NORM_HPP
