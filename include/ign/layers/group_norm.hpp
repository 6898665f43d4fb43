// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Group normalisation: statistics per sample and group of channels, the same in training and evaluation.
#ifndef IGN_LAYERS_GROUP_NORM_HPP
#define IGN_LAYERS_GROUP_NORM_HPP

#include "ign/core/elementwise.hpp"
#include "ign/core/error.hpp"
#include "ign/core/finite.hpp"
#include "ign/layers/layer.hpp"
#include "ign/math/column_sums.hpp"

namespace ign {

/// y = weight(c) (x - mean) / sqrt(variance + epsilon) + bias(c), with mean and variance over the pixels of a sample and the channels of a
/// group.
/// \source Wu and He, "Group Normalization", arXiv 1803.08494
struct GroupNorm {
  int groups = 8;         ///< a divisor of the number of channels
  double epsilon = 1e-5;  ///< added to the variance, > 0
};

namespace detail {

// One index per sample and group; saved(index, 0…1) = mean, 1 / standard deviation. On a device this is one thread per group, with accesses
// that do not coalesce (docs/backends.md).
template <class Real>
struct GroupNormForward {
  Real const* x;
  Real const* weight;
  Real const* bias;
  Real* saved;
  Real* y;
  std::size_t pixels, channels, groups;
  double epsilon;

  KOKKOS_FUNCTION void operator()(std::size_t index) const {
    std::size_t const width = channels / groups;
    std::size_t const first = index % groups * width;
    std::size_t const start = index / groups * pixels * channels + first;
    double const count = static_cast<double>(pixels * width);
    double sum = 0;
    for (std::size_t p = 0; p < pixels; ++p)
      for (std::size_t c = 0; c < width; ++c) sum += static_cast<double>(x[start + p * channels + c]);
    double const mean = sum / count;
    double square = 0;
    for (std::size_t p = 0; p < pixels; ++p) {
      for (std::size_t c = 0; c < width; ++c) {
        double const d = static_cast<double>(x[start + p * channels + c]) - mean;
        square += d * d;
      }
    }
    auto const m = static_cast<Real>(mean);
    auto const r = static_cast<Real>(1 / Kokkos::sqrt(square / count + epsilon));
    saved[2 * index] = m;
    saved[2 * index + 1] = r;
    for (std::size_t p = 0; p < pixels; ++p) {
      for (std::size_t c = 0; c < width; ++c) {
        std::size_t const i = start + p * channels + c;
        y[i] = (x[i] - m) * r * weight[first + c] + bias[first + c];
      }
    }
  }
};

// Writes dx, and optionally the terms xhat·dy, with xhat = (x - mean) / standard deviation: their sums over samples and pixels are the
// gradient of the weight.
template <class Real>
struct GroupNormBackward {
  Real const* x;
  Real const* weight;
  Real const* saved;
  Real const* dy;
  Real* dx;     // or nullptr
  Real* terms;  // or nullptr
  std::size_t pixels, channels, groups;

  KOKKOS_FUNCTION void operator()(std::size_t index) const {
    std::size_t const width = channels / groups;
    std::size_t const first = index % groups * width;
    std::size_t const start = index / groups * pixels * channels + first;
    Real const mean = saved[2 * index];
    Real const r = saved[2 * index + 1];
    double sum = 0;
    double product = 0;
    for (std::size_t p = 0; p < pixels; ++p) {
      for (std::size_t c = 0; c < width; ++c) {
        std::size_t const i = start + p * channels + c;
        Real const xhat = (x[i] - mean) * r;
        Real const g = dy[i] * weight[first + c];
        sum += static_cast<double>(g);
        product += static_cast<double>(g * xhat);
        if (terms != nullptr) terms[i] = dy[i] * xhat;
      }
    }
    if (dx == nullptr) return;
    double const count = static_cast<double>(pixels * width);
    auto const mean_g = static_cast<Real>(sum / count);
    auto const mean_product = static_cast<Real>(product / count);
    for (std::size_t p = 0; p < pixels; ++p) {
      for (std::size_t c = 0; c < width; ++c) {
        std::size_t const i = start + p * channels + c;
        dx[i] = r * (dy[i] * weight[first + c] - mean_g - (x[i] - mean) * r * mean_product);
      }
    }
  }
};

}  // namespace detail

/// \throws Error [ign.option.63] if the number of groups does not divide the channels, or epsilon is not positive
inline Shape output_shape(GroupNorm const& layer, Shape in) {
  require(layer.groups >= 1 && in.channels % layer.groups == 0 && is_finite(layer.epsilon) && layer.epsilon > 0, Fault::option, 63,
          "group_norm: ", layer.groups, " groups and epsilon ", layer.epsilon, ", expected a divisor of the ", in.channels,
          " channels and epsilon > 0");
  return in;
}
///@{
/// Layer contract (layers/layer.hpp).
inline std::vector<ArrayInfo> parameters(GroupNorm const&, Shape in) {
  return {{"weight", {in.channels}, Initial::constant(1)}, {"bias", {in.channels}, Initial::constant(0)}};
}
inline std::size_t saved_size(GroupNorm const& layer, Shape, int batch) { return 2 * static_cast<std::size_t>(batch) * layer.groups; }
inline std::size_t scratch_size(GroupNorm const&, Shape in, int batch, int) {
  return in.size() * static_cast<std::size_t>(batch) + math::column_sums_scratch_size(in.channels);
}
inline LayerDescription describe(GroupNorm const& layer, Shape in) {
  return {"GroupNorm", {{"num_groups", layer.groups}, {"num_channels", in.channels}, {"eps", layer.epsilon}}};
}
inline bool needs_output(GroupNorm const&) { return false; }

template <Scalar Real, class Exec>
void forward(Exec const& exec, GroupNorm const& layer, Pass const&, LayerMemory<Real, Exec> const& memory, TensorRef<Real, Exec> const& x,
             TensorRef<Real, Exec> const& y) {
  Shape const shape = shape_of(x);
  auto const groups = static_cast<std::size_t>(layer.groups);
  Real const* const weight = memory.parameters.data();
  Kokkos::parallel_for("ign::group_norm", range_policy(exec, x.extent(0) * groups),
                       detail::GroupNormForward<Real>{x.data(), weight, weight + shape.channels, memory.saved.data(), y.data(),
                                                      shape.pixels(), static_cast<std::size_t>(shape.channels), groups, layer.epsilon});
}

template <Scalar Real, class Exec>
void backward(Exec const& exec, GroupNorm const& layer, Pass const&, LayerMemory<Real, Exec> const& memory, TensorRef<Real, Exec> const& x,
              TensorRef<Real, Exec> const&, TensorRef<Real, Exec> const& dy, TensorRef<Real, Exec> const& dx) {
  Shape const shape = shape_of(x);
  auto const groups = static_cast<std::size_t>(layer.groups);
  bool const learns = !absent(memory.gradients);
  Real* const terms = learns ? memory.scratch.data() : nullptr;
  Kokkos::parallel_for("ign::group_norm backward", range_policy(exec, x.extent(0) * groups),
                       detail::GroupNormBackward<Real>{x.data(), memory.parameters.data(), memory.saved.data(), dy.data(), dx.data(), terms,
                                                       shape.pixels(), static_cast<std::size_t>(shape.channels), groups});
  if (!learns) return;
  TensorRef<Real, Exec> const products(terms, x.extent(0), shape.height, shape.width, shape.channels);
  VectorRef<Real, Exec> const rest(terms + x.size(), memory.scratch.size() - x.size());
  math::column_sums(exec, products, memory.sample_weights.data(), memory.gradients.data(), rest);
  math::column_sums(exec, dy, memory.sample_weights.data(), memory.gradients.data() + shape.channels, rest);
}
///@}

}  // namespace ign

#endif  // IGN_LAYERS_GROUP_NORM_HPP
