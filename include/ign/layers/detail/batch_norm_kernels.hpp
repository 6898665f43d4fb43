// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Kernels of batch normalisation forward: moments, running statistics, normalisation. Hosts run them over the tasks of
/// layers/detail/batch_norm_partition.hpp.
#ifndef IGN_LAYERS_DETAIL_BATCH_NORM_KERNELS_HPP
#define IGN_LAYERS_DETAIL_BATCH_NORM_KERNELS_HPP

#include "ign/core/detail/add_moments.hpp"
#include "ign/layers/detail/batch_norm_partition.hpp"

namespace ign::detail {

/// partials(chunk, 0, c) = mean, partials(chunk, 1, c) = sum of squared differences from the mean.
template <class Real>
struct NormMoments {
  BatchNormPartition partition;
  Real const* x;
  Real* partials;

  template <class Count>
  KOKKOS_FUNCTION void operator()(std::size_t chunk, std::size_t first, Count channels) const {
    std::size_t const count = channels;
    Real mean[norm_block] = {};
    Real square[norm_block] = {};
    std::size_t const rows = partition.rows(chunk);
    Real const* const start = x + partition.first_row(chunk) * partition.channels + first;
    for (std::size_t row = 0; row < rows; ++row)
      for (std::size_t c = 0; c < count; ++c) mean[c] += start[row * partition.channels + c];
    for (std::size_t c = 0; c < count; ++c) mean[c] /= static_cast<Real>(rows);
    for (std::size_t row = 0; row < rows; ++row) {
      for (std::size_t c = 0; c < count; ++c) {
        Real const d = start[row * partition.channels + c] - mean[c];
        square[c] += d * d;
      }
    }
    Real* const out = partials + 2 * chunk * partition.channels + first;
    for (std::size_t c = 0; c < count; ++c) {
      out[c] = mean[c];
      out[partition.channels + c] = square[c];
    }
  }
};

/// Stores the moments of a segment: saved(segment, 0, c) = mean, saved(segment, 1, c) = 1 / sqrt(variance + epsilon). Updates the running
/// statistics of the segment's role.
///
/// For moments over several ranks, `store_or_sum` instead stores sums that can be added over ranks; StoreReducedMoments stores the moments
/// that follow from the sums of all.
template <class Real>
struct StoreMoments {
  std::size_t channels;
  Real* saved;
  Real* running;  // (role, mean or variance, c), or nullptr: no update
  Kokkos::Array<int, max_segments> roles;
  double momentum, epsilon;
  double* sums = nullptr;        // (segment, 0…1, c): sums of x - pivot and (x - pivot)²; nullptr: moments of this rank alone
  Real const* pivots = nullptr;  // running statistics: their means are near the mean of x, and the same on all ranks
  double all_count = 0;          // values per channel on all ranks

  KOKKOS_FUNCTION double pivot(std::size_t segment, std::size_t c) const {
    return static_cast<double>(pivots[2 * static_cast<std::size_t>(roles[segment]) * channels + c]);
  }
  KOKKOS_FUNCTION void store_or_sum(std::size_t segment, std::size_t c, double mean, double square, double count) const {
    if (sums == nullptr) return store(segment, c, mean, square, count);
    double const d = mean - pivot(segment, c);
    sums[2 * segment * channels + c] = count * d;
    sums[(2 * segment + 1) * channels + c] = square + count * d * d;
  }
  KOKKOS_FUNCTION void store(std::size_t segment, std::size_t c, double mean, double square, double count) const {
    saved[2 * segment * channels + c] = static_cast<Real>(mean);
    saved[(2 * segment + 1) * channels + c] = static_cast<Real>(1 / Kokkos::sqrt(square / count + epsilon));
    if (running == nullptr) return;
    Real* const role = running + 2 * static_cast<std::size_t>(roles[segment]) * channels;
    double const unbiased = square / (count - 1);
    role[c] = static_cast<Real>((1 - momentum) * static_cast<double>(role[c]) + momentum * mean);
    role[channels + c] = static_cast<Real>((1 - momentum) * static_cast<double>(role[channels + c]) + momentum * unbiased);
  }
};

/// Combines the moments of the chunks of each segment. One index per channel.
template <class Real>
struct NormCombine {
  BatchNormPartition partition;
  Real const* partials;
  StoreMoments<Real> target;

  KOKKOS_FUNCTION void operator()(std::size_t c) const {
    for (std::size_t segment = 0; segment < partition.segments; ++segment) {
      double mean = 0;
      double square = 0;
      double count = 0;
      for (std::size_t chunk = segment * partition.chunks(); chunk < (segment + 1) * partition.chunks(); ++chunk) {
        Real const* const moments = partials + 2 * chunk * partition.channels + c;
        add_moments(static_cast<double>(partition.rows(chunk)), static_cast<double>(moments[0]),
                    static_cast<double>(moments[partition.channels]), count, mean, square);
      }
      target.store_or_sum(segment, c, mean, square, count);
    }
  }
};

/// Stores the moments of all ranks. One index per channel. Reads all pivots before it updates the running statistics.
template <class Real>
struct StoreReducedMoments {
  std::size_t segments;
  StoreMoments<Real> target;

  KOKKOS_FUNCTION void operator()(std::size_t c) const {
    double mean[max_segments];
    double square[max_segments];
    for (std::size_t segment = 0; segment < segments; ++segment) {
      double const first = target.sums[2 * segment * target.channels + c], second = target.sums[(2 * segment + 1) * target.channels + c];
      mean[segment] = target.pivot(segment, c) + first / target.all_count;
      square[segment] = Kokkos::fmax(second - first * first / target.all_count, 0.0);
    }
    for (std::size_t segment = 0; segment < segments; ++segment) target.store(segment, c, mean[segment], square[segment], target.all_count);
  }
};

/// Evaluation: fills `saved` from the running statistics of each segment's role. One index per channel.
template <class Real>
struct LoadRunningStatistics {
  BatchNormPartition partition;
  Real const* running;
  Real* saved;
  Kokkos::Array<int, max_segments> roles;
  double epsilon;

  KOKKOS_FUNCTION void operator()(std::size_t c) const {
    for (std::size_t segment = 0; segment < partition.segments; ++segment) {
      Real const* const role = running + 2 * static_cast<std::size_t>(roles[segment]) * partition.channels;
      saved[2 * segment * partition.channels + c] = role[c];
      saved[(2 * segment + 1) * partition.channels + c] =
          static_cast<Real>(1 / Kokkos::sqrt(static_cast<double>(role[partition.channels + c]) + epsilon));
    }
  }
};

/// Folds the normalisation into scale and shift: ((scale · x + shift) - mean) · rstd · weight + bias, with
/// rstd = 1 / sqrt(variance + epsilon). One index per channel.
template <class Real>
struct FoldNorm {
  Real const* mean;
  Real const* variance;
  Real const* weight;
  Real const* bias;
  double epsilon;
  Real* scale;
  Real* shift;

  KOKKOS_FUNCTION void operator()(std::size_t c) const {
    double const factor = static_cast<double>(weight[c]) / Kokkos::sqrt(static_cast<double>(variance[c]) + epsilon);
    scale[c] = static_cast<Real>(factor * static_cast<double>(scale[c]));
    shift[c] = static_cast<Real>(factor * (static_cast<double>(shift[c]) - static_cast<double>(mean[c])) + static_cast<double>(bias[c]));
  }
};

/// y = activation((x - mean) · rstd · weight + bias), with rstd = 1 / sqrt(variance + epsilon).
template <class Real, class Activation>
struct NormApply {
  BatchNormPartition partition;
  Real const* x;
  Real const* weight;
  Real const* bias;
  Real const* saved;
  Real* y;
  Activation activation;

  template <class Count>
  KOKKOS_FUNCTION void operator()(std::size_t chunk, std::size_t first, Count channels) const {
    std::size_t const count = channels;
    Real mean[norm_block];
    Real factor[norm_block];
    Real shift[norm_block];
    Real const* const statistics = saved + 2 * (chunk / partition.chunks()) * partition.channels + first;
    for (std::size_t c = 0; c < count; ++c) {
      mean[c] = statistics[c];
      factor[c] = statistics[partition.channels + c] * weight[first + c];
      shift[c] = bias[first + c];
    }
    std::size_t const start = partition.first_row(chunk) * partition.channels + first;
    for (std::size_t row = 0; row < partition.rows(chunk); ++row) {
      Real const* const in = x + start + row * partition.channels;
      Real* const out = y + start + row * partition.channels;
      IGN_IVDEP
      for (std::size_t c = 0; c < count; ++c) out[c] = activation.value((in[c] - mean[c]) * factor[c] + shift[c]);
    }
  }
};

}  // namespace ign::detail

#endif  // IGN_LAYERS_DETAIL_BATCH_NORM_KERNELS_HPP
