// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Kernels of batch normalisation backward: gradient sums and input gradient. Hosts run them over the tasks of
/// layers/detail/batch_norm_partition.hpp.
#ifndef IGN_LAYERS_DETAIL_BATCH_NORM_GRADIENT_HPP
#define IGN_LAYERS_DETAIL_BATCH_NORM_GRADIENT_HPP

#include "ign/layers/detail/batch_norm_partition.hpp"
#include "ign/math/four.hpp"

namespace ign::detail {

/// partials(chunk, 0…3, c) = sums of g, g·xhat, s·g and s·g·xhat, with g the gradient with respect to the activation's input, s the weight
/// of the sample (LayerMemory::sample_weights), and xhat = (x - mean) · rstd, rstd = 1 / sqrt(variance + epsilon).
template <class Real, class Activation>
struct NormGradientSums {
  BatchNormPartition partition;
  Real const* x;
  Real const* weight;
  Real const* bias;
  Real const* saved;
  Real const* dy;
  Real const* sample_weights;  // or nullptr: 1
  Real* partials;
  Activation activation;

  template <class Count>
  KOKKOS_FUNCTION void operator()(std::size_t chunk, std::size_t first, Count channels) const {
    std::size_t const count = channels;
    Real sums[4][norm_block] = {};
    Real mean[norm_block];
    Real rstd[norm_block];
    Real factor[norm_block];
    Real shift[norm_block];
    Real const* const statistics = saved + 2 * (chunk / partition.chunks()) * partition.channels + first;
    for (std::size_t c = 0; c < count; ++c) {
      mean[c] = statistics[c];
      rstd[c] = statistics[partition.channels + c];
      factor[c] = rstd[c] * weight[first + c];
      shift[c] = bias[first + c];
    }
    std::size_t const first_row = partition.first_row(chunk);
    for (std::size_t row = first_row; row < first_row + partition.rows(chunk); ++row) {
      Real const* const in = x + row * partition.channels + first;
      Real const* const out = dy + row * partition.channels + first;
      Real const s = sample_weights != nullptr ? sample_weights[row / partition.rows_per_sample] : Real(0);
      for (std::size_t c = 0; c < count; ++c) {
        Real const centred = in[c] - mean[c];
        Real const g = activation.gradient(activation.value(centred * factor[c] + shift[c]), out[c]);
        sums[0][c] += g;
        sums[1][c] += g * centred;
        if (sample_weights == nullptr) continue;
        sums[2][c] += s * g;
        sums[3][c] += s * g * centred;
      }
    }
    for (std::size_t k = 0; k < 4; ++k) {
      std::size_t const from = sample_weights == nullptr ? k % 2 : k;
      for (std::size_t c = 0; c < count; ++c)
        partials[(4 * chunk + k) * partition.channels + first + c] = sums[from][c] * (k % 2 == 1 ? rstd[c] : Real(1));
    }
  }
};

/// Adds the sums of all chunks to the parameter gradients, and writes means(segment, 0…1, c) = means of g and g·xhat for dx. The means are
/// 0 where the statistics are constants. One index per channel. For moments over several ranks, sums(segment, 0…1, c) gets the sums
/// instead, and NormGradientMeans writes the means that follow from the sums of all.
template <class Real>
struct NormGradientCombine {
  BatchNormPartition partition;
  Real const* partials;
  Real* means;
  Real* weight_gradient;  // or nullptr
  Real* bias_gradient;
  bool constant_statistics;
  double* sums = nullptr;

  KOKKOS_FUNCTION void store_or_sum(std::size_t segment, std::size_t c, double first, double second) const {
    std::size_t const entry = 2 * segment * partition.channels + c;
    if (sums != nullptr) {
      sums[entry] = first;
      sums[entry + partition.channels] = second;
      return;
    }
    double const factor = constant_statistics ? 0 : 1 / static_cast<double>(partition.segment_rows);
    means[entry] = static_cast<Real>(first * factor);
    means[entry + partition.channels] = static_cast<Real>(second * factor);
  }

  KOKKOS_FUNCTION void operator()(std::size_t c) const {
    double weight = 0;
    double bias = 0;
    for (std::size_t segment = 0; segment < partition.segments; ++segment) {
      double own[4] = {};
      for (std::size_t chunk = segment * partition.chunks(); chunk < (segment + 1) * partition.chunks(); ++chunk)
        for (std::size_t k = 0; k < 4; ++k) own[k] += static_cast<double>(partials[(4 * chunk + k) * partition.channels + c]);
      bias += own[2];
      weight += own[3];
      store_or_sum(segment, c, own[0], own[1]);
    }
    if (weight_gradient == nullptr) return;
    weight_gradient[c] += static_cast<Real>(weight);
    bias_gradient[c] += static_cast<Real>(bias);
  }
};

/// means(segment, 0…1, c) from the sums over all ranks, in the same order.
template <class Real>
struct NormGradientMeans {
  double const* sums;
  double all_count;
  Real* means;

  KOKKOS_FUNCTION void operator()(std::size_t i) const { means[i] = static_cast<Real>(sums[i] / all_count); }
};

/// Loader of dx (math/conv/device/kernels.hpp), as in NormInputGradient: the backward pass of the preceding convolution reads dx through
/// it, and dx is not stored.
template <class Real, class Activation>
struct NormInputGradientLoader {
  BatchNormPartition partition;
  Real const* x;
  Real const* weight;
  Real const* bias;
  Real const* saved;
  Real const* means;
  Real const* dy;
  Activation activation;

  KOKKOS_FUNCTION Real operator()(std::size_t element, std::size_t c) const {
    std::size_t const segment = 2 * partition.segment_of(element) * partition.channels + c;
    Real const rstd = saved[segment + partition.channels];
    Real const a = rstd * weight[c], b = -a * rstd * means[segment + partition.channels], d = -a * means[segment];
    Real const centred = x[element] - saved[segment];
    Real const g = activation.gradient(activation.value(centred * a + bias[c]), dy[element]);
    return a * g + (b * centred + d);
  }
  bool reads_fours() const { return math::is_aligned_for_four(x) && math::is_aligned_for_four(dy); }
  /// Reads four channels, from a multiple of four on.
  KOKKOS_FUNCTION void four(std::size_t element, std::size_t c, Real (&values)[4]) const {
    std::size_t const segment = 2 * partition.segment_of(element) * partition.channels + c;
    Real inputs[4];
    math::read_four(x + element, inputs);
    math::read_four(dy + element, values);
    IGN_UNROLL
    for (std::size_t n = 0; n < 4; ++n) {
      Real const rstd = saved[segment + partition.channels + n];
      Real const a = rstd * weight[c + n], b = -a * rstd * means[segment + partition.channels + n], d = -a * means[segment + n];
      Real const centred = inputs[n] - saved[segment + n];
      Real const g = activation.gradient(activation.value(centred * a + bias[c + n]), values[n]);
      values[n] = a * g + (b * centred + d);
    }
  }
};

/// dx = weight · rstd · (g - mean(g) - xhat · mean(g·xhat)), with g the gradient with respect to the activation's input.
template <class Real, class Activation>
struct NormInputGradient {
  NormInputGradientLoader<Real, Activation> loader;
  Real* dx;

  template <class Count>
  KOKKOS_FUNCTION void operator()(std::size_t chunk, std::size_t first, Count channels) const {
    std::size_t const count = channels;
    auto const& [partition, x, weight, bias, saved, means, dy, activation] = loader;
    // dx = a · g + b · (x - mean) + d.
    Real mean[norm_block];
    Real a[norm_block];
    Real b[norm_block];
    Real d[norm_block];
    Real shift[norm_block];
    std::size_t const segment = 2 * (chunk / partition.chunks()) * partition.channels + first;
    for (std::size_t c = 0; c < count; ++c) {
      Real const rstd = saved[segment + partition.channels + c];
      mean[c] = saved[segment + c];
      a[c] = rstd * weight[first + c];
      b[c] = -a[c] * rstd * means[segment + partition.channels + c];
      d[c] = -a[c] * means[segment + c];
      shift[c] = bias[first + c];
    }
    std::size_t const start = partition.first_row(chunk) * partition.channels + first;
    for (std::size_t row = 0; row < partition.rows(chunk); ++row) {
      Real const* const in = x + start + row * partition.channels;
      Real const* const from = dy + start + row * partition.channels;
      Real* const out = dx + start + row * partition.channels;
      IGN_IVDEP
      for (std::size_t c = 0; c < count; ++c) {
        Real const centred = in[c] - mean[c];
        Real const g = activation.gradient(activation.value(centred * a[c] + shift[c]), from[c]);
        out[c] = a[c] * g + (b[c] * centred + d[c]);
      }
    }
  }
};

}  // namespace ign::detail

#endif  // IGN_LAYERS_DETAIL_BATCH_NORM_GRADIENT_HPP
