// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Kernels of batch normalisation. Rows are pixels of all samples; a task is a chunk of rows of one segment and a block of
/// channels: all that fit into registers and cache on a host, one per thread on a device, so that loads coalesce.
#ifndef IGN_LAYERS_BATCH_NORM_KERNELS_HPP
#define IGN_LAYERS_BATCH_NORM_KERNELS_HPP

#include "ign/core/layer.hpp"
#include "ign/core/runs.hpp"

namespace ign::detail {

/// Channels of one task.
template <class Exec>
inline constexpr std::size_t norm_block_v = is_host_v<Exec> ? 64 : 1;

/// How rows are cut: by the batch's extents alone, so that sums have the same bits for any number of threads.
struct NormGrid {
  static constexpr std::size_t chunk_rows = 128;

  std::size_t segments, segment_rows, rows_per_sample, channels;

  KOKKOS_FUNCTION std::size_t chunks() const { return (segment_rows + chunk_rows - 1) / chunk_rows; }  ///< of a segment
  KOKKOS_FUNCTION std::size_t all_chunks() const { return segments * chunks(); }
  KOKKOS_FUNCTION std::size_t first_row(std::size_t chunk) const { return chunk / chunks() * segment_rows + chunk % chunks() * chunk_rows; }
  KOKKOS_FUNCTION std::size_t rows(std::size_t chunk) const {
    std::size_t const begin = chunk % chunks() * chunk_rows;
    return begin + chunk_rows < segment_rows ? chunk_rows : segment_rows - begin;
  }
};

/// Calls body(chunk, first channel, channels) in parallel. Common numbers of channels come as constants, so that loops over them unroll.
template <class Exec, class Body>
struct NormTasks {
  Body body;
  std::size_t channels, blocks;

  KOKKOS_FUNCTION void operator()(std::size_t index) const {
    std::size_t const chunk = index / blocks;
    std::size_t const first = index % blocks * norm_block_v<Exec>;
    std::size_t const count = first + norm_block_v<Exec> < channels ? norm_block_v<Exec> : channels - first;
    if (norm_block_v<Exec> == 1) return body(chunk, first, Constant<1>{});
    if (count == 64) return body(chunk, first, Constant<64>{});
    if (count == 32) return body(chunk, first, Constant<32>{});
    if (count == 16) return body(chunk, first, Constant<16>{});
    body(chunk, first, count);
  }

 private:
  template <std::size_t n>
  using Constant = std::integral_constant<std::size_t, norm_block_v<Exec> == 1 ? 1 : n>;
};

template <class Exec, class Body>
void for_each_norm_task(std::string const& label, Exec const& exec, NormGrid const& grid, Body const& body) {
  std::size_t const blocks = (grid.channels + norm_block_v<Exec> - 1) / norm_block_v<Exec>;
  Kokkos::parallel_for(label, Kokkos::RangePolicy<Exec, Kokkos::IndexType<std::size_t>>(exec, 0, grid.all_chunks() * blocks),
                       NormTasks<Exec, Body>{body, grid.channels, blocks});
}

/// Of a body that makes a chunk's sums, and one that combines all chunks of a channel: the last thread of a channel does both.
template <class Body, class Combine>
struct NormTasksThenCombine {
  Body body;
  Combine combine;
  std::size_t channels, chunks;
  unsigned* tickets;

  KOKKOS_FUNCTION void operator()(std::size_t index) const {
    std::size_t const c = index % channels;
    body(index / channels, c, std::integral_constant<std::size_t, 1>{});
    if (is_last(tickets + c, chunks)) combine(c);
  }
};

/// Sums of chunks, and what all of a channel come to: two kernels, or one where there are tickets.
template <Scalar Real, class Exec, class Body, class Combine>
void for_each_norm_task_then(std::string const& label, Exec const& exec, NormGrid const& grid, Tickets<Exec> const& tickets,
                             Body const& body, Combine const& combine) {
  using Indices = Kokkos::RangePolicy<Exec, Kokkos::IndexType<std::size_t>>;
  if (norm_block_v<Exec> == 1 && grid.channels <= tickets.size()) {
    Kokkos::parallel_for(label, Indices(exec, 0, grid.all_chunks() * grid.channels),
                         NormTasksThenCombine<Body, Combine>{body, combine, grid.channels, grid.all_chunks(), tickets.data()});
  } else {
    for_each_norm_task(label, exec, grid, body);
    Kokkos::parallel_for(label + " combine", Indices(exec, 0, grid.channels), combine);
  }
}

/// partials(chunk, 0, c) = mean, partials(chunk, 1, c) = sum of squared differences from it.
template <class Real, class Exec>
struct NormMoments {
  NormGrid grid;
  Real const* x;
  Real* partials;

  template <class Count>
  KOKKOS_FUNCTION void operator()(std::size_t chunk, std::size_t first, Count channels) const {
    std::size_t const count = channels;
    Real mean[norm_block_v<Exec>] = {};
    Real square[norm_block_v<Exec>] = {};
    std::size_t const rows = grid.rows(chunk);
    Real const* const start = x + grid.first_row(chunk) * grid.channels + first;
    for (std::size_t row = 0; row < rows; ++row)
      for (std::size_t c = 0; c < count; ++c) mean[c] += start[row * grid.channels + c];
    for (std::size_t c = 0; c < count; ++c) mean[c] /= static_cast<Real>(rows);
    for (std::size_t row = 0; row < rows; ++row) {
      for (std::size_t c = 0; c < count; ++c) {
        Real const d = start[row * grid.channels + c] - mean[c];
        square[c] += d * d;
      }
    }
    Real* const out = partials + 2 * chunk * grid.channels + first;
    for (std::size_t c = 0; c < count; ++c) {
      out[c] = mean[c];
      out[grid.channels + c] = square[c];
    }
  }
};

/// What is kept of a segment's moments: saved(segment, 0, c) = mean, saved(segment, 1, c) = 1 / sqrt(variance + epsilon); and the role's
/// running statistics follow.
template <class Real>
struct NormKeep {
  std::size_t channels;
  Real* saved;
  Real* running;  // (role, mean or variance, c), or nullptr
  int roles[2];
  double momentum, epsilon;

  KOKKOS_FUNCTION void keep(std::size_t segment, std::size_t c, double mean, double square, double count) const {
    saved[2 * segment * channels + c] = static_cast<Real>(mean);
    saved[(2 * segment + 1) * channels + c] = static_cast<Real>(1 / Kokkos::sqrt(square / count + epsilon));
    if (running == nullptr) return;
    Real* const role = running + 2 * static_cast<std::size_t>(roles[segment]) * channels;
    double const unbiased = square / (count - 1);
    role[c] = static_cast<Real>((1 - momentum) * static_cast<double>(role[c]) + momentum * mean);
    role[channels + c] = static_cast<Real>((1 - momentum) * static_cast<double>(role[channels + c]) + momentum * unbiased);
  }
};

/// Combines the chunks of each segment (Chan, Golub and LeVeque 1979). One index per channel.
template <class Real>
struct NormCombine {
  NormGrid grid;
  Real const* partials;
  NormKeep<Real> keep;

  KOKKOS_FUNCTION void operator()(std::size_t c) const {
    for (std::size_t segment = 0; segment < grid.segments; ++segment) {
      double mean = 0;
      double square = 0;
      double count = 0;
      for (std::size_t chunk = segment * grid.chunks(); chunk < (segment + 1) * grid.chunks(); ++chunk) {
        auto const rows = static_cast<double>(grid.rows(chunk));
        double const delta = static_cast<double>(partials[2 * chunk * grid.channels + c]) - mean;
        mean += delta * rows / (count + rows);
        square += static_cast<double>(partials[(2 * chunk + 1) * grid.channels + c]) + delta * delta * count * rows / (count + rows);
        count += rows;
      }
      keep.keep(segment, c, mean, square, count);
    }
  }
};

/// saved = the running statistics of each segment's role: evaluation. One index per channel.
template <class Real>
struct NormRecall {
  NormGrid grid;
  Real const* running;
  Real* saved;
  int roles[2];
  double epsilon;

  KOKKOS_FUNCTION void operator()(std::size_t c) const {
    for (std::size_t segment = 0; segment < grid.segments; ++segment) {
      Real const* const role = running + 2 * static_cast<std::size_t>(roles[segment]) * grid.channels;
      saved[2 * segment * grid.channels + c] = role[c];
      saved[(2 * segment + 1) * grid.channels + c] =
          static_cast<Real>(1 / Kokkos::sqrt(static_cast<double>(role[grid.channels + c]) + epsilon));
    }
  }
};

/// Of scale · x + shift makes the normalised: ((scale · x + shift) - mean) · rstd · weight + bias. One index per channel.
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

/// y = activation((x - mean) · rstd · weight + bias).
template <class Real, class Exec, class Activation>
struct NormApply {
  NormGrid grid;
  Real const* x;
  Real const* weight;
  Real const* bias;
  Real const* saved;
  Real* y;
  Activation activation;

  template <class Count>
  KOKKOS_FUNCTION void operator()(std::size_t chunk, std::size_t first, Count channels) const {
    std::size_t const count = channels;
    Real mean[norm_block_v<Exec>];
    Real factor[norm_block_v<Exec>];
    Real shift[norm_block_v<Exec>];
    Real const* const statistics = saved + 2 * (chunk / grid.chunks()) * grid.channels + first;
    for (std::size_t c = 0; c < count; ++c) {
      mean[c] = statistics[c];
      factor[c] = statistics[grid.channels + c] * weight[first + c];
      shift[c] = bias[first + c];
    }
    std::size_t const start = grid.first_row(chunk) * grid.channels + first;
    for (std::size_t row = 0; row < grid.rows(chunk); ++row) {
      Real const* const in = x + start + row * grid.channels;
      Real* const out = y + start + row * grid.channels;
      IGN_INDEPENDENT
      for (std::size_t c = 0; c < count; ++c) out[c] = activation.value((in[c] - mean[c]) * factor[c] + shift[c]);
    }
  }
};

/// partials(chunk, 0…3, c) = sums of g, g·xhat, and of both times their sample's scale, g being dy before the activation.
template <class Real, class Exec, class Activation>
struct NormGradientSums {
  NormGrid grid;
  Real const* x;
  Real const* weight;
  Real const* bias;
  Real const* saved;
  Real const* dy;
  Real const* scale;  // of each sample, or nullptr
  Real* partials;
  Activation activation;

  template <class Count>
  KOKKOS_FUNCTION void operator()(std::size_t chunk, std::size_t first, Count channels) const {
    std::size_t const count = channels;
    Real sums[4][norm_block_v<Exec>] = {};
    Real mean[norm_block_v<Exec>];
    Real rstd[norm_block_v<Exec>];
    Real factor[norm_block_v<Exec>];
    Real shift[norm_block_v<Exec>];
    Real const* const statistics = saved + 2 * (chunk / grid.chunks()) * grid.channels + first;
    for (std::size_t c = 0; c < count; ++c) {
      mean[c] = statistics[c];
      rstd[c] = statistics[grid.channels + c];
      factor[c] = rstd[c] * weight[first + c];
      shift[c] = bias[first + c];
    }
    std::size_t const first_row = grid.first_row(chunk);
    for (std::size_t row = first_row; row < first_row + grid.rows(chunk); ++row) {
      Real const* const in = x + row * grid.channels + first;
      Real const* const out = dy + row * grid.channels + first;
      Real const s = scale != nullptr ? scale[row / grid.rows_per_sample] : Real(0);
      for (std::size_t c = 0; c < count; ++c) {
        Real const centred = in[c] - mean[c];
        Real const g = activation.gradient(activation.value(centred * factor[c] + shift[c]), out[c]);
        sums[0][c] += g;
        sums[1][c] += g * centred;
        if (scale == nullptr) continue;
        sums[2][c] += s * g;
        sums[3][c] += s * g * centred;
      }
    }
    for (std::size_t k = 0; k < 4; ++k) {
      std::size_t const from = scale == nullptr ? k % 2 : k;
      for (std::size_t c = 0; c < count; ++c)
        partials[(4 * chunk + k) * grid.channels + first + c] = sums[from][c] * (k % 2 == 1 ? rstd[c] : Real(1));
    }
  }
};

/// From the sums: adds to the gradients, and leaves what dx needs. means(segment, 0…1, c) = means of dy and dy·xhat, which
/// are zero where statistics are constants. One index per channel.
template <class Real>
struct NormGradientCombine {
  NormGrid grid;
  Real const* partials;
  Real* means;
  Real* weight_gradient;  // or nullptr
  Real* bias_gradient;
  bool constant_statistics;

  KOKKOS_FUNCTION void operator()(std::size_t c) const {
    double weight = 0;
    double bias = 0;
    for (std::size_t segment = 0; segment < grid.segments; ++segment) {
      double sums[4] = {};
      for (std::size_t chunk = segment * grid.chunks(); chunk < (segment + 1) * grid.chunks(); ++chunk)
        for (std::size_t k = 0; k < 4; ++k) sums[k] += static_cast<double>(partials[(4 * chunk + k) * grid.channels + c]);
      bias += sums[2];
      weight += sums[3];
      double const count = constant_statistics ? 0 : 1 / static_cast<double>(grid.segment_rows);
      means[2 * segment * grid.channels + c] = static_cast<Real>(sums[0] * count);
      means[(2 * segment + 1) * grid.channels + c] = static_cast<Real>(sums[1] * count);
    }
    if (weight_gradient == nullptr) return;
    weight_gradient[c] += static_cast<Real>(weight);
    bias_gradient[c] += static_cast<Real>(bias);
  }
};

/// dx at one place, as NormInputGradient makes it: for a layer before that reads it as it goes along.
template <class Real, class Activation>
struct NormBack {
  NormGrid grid;
  Real const* x;
  Real const* weight;
  Real const* bias;
  Real const* saved;
  Real const* means;
  Real const* dy;
  Activation activation;

  KOKKOS_FUNCTION Real operator()(std::size_t place, std::size_t c) const {
    std::size_t const segment = place < grid.segment_rows * grid.channels ? c : 2 * grid.channels + c;
    Real const rstd = saved[segment + grid.channels];
    Real const a = rstd * weight[c], b = -a * rstd * means[segment + grid.channels], d = -a * means[segment];
    Real const centred = x[place] - saved[segment];
    Real const g = activation.gradient(activation.value(centred * a + bias[c]), dy[place]);
    return a * g + (b * centred + d);
  }
};

/// dx = weight · rstd · (g - mean(g) - xhat · mean(g·xhat)), g being dy before the activation.
template <class Real, class Exec, class Activation>
struct NormInputGradient {
  NormGrid grid;
  Real const* x;
  Real const* weight;
  Real const* bias;
  Real const* saved;
  Real const* means;
  Real const* dy;
  Real* dx;
  Activation activation;

  template <class Count>
  KOKKOS_FUNCTION void operator()(std::size_t chunk, std::size_t first, Count channels) const {
    std::size_t const count = channels;
    // dx = a · g + b · (x - mean) + d.
    Real mean[norm_block_v<Exec>];
    Real a[norm_block_v<Exec>];
    Real b[norm_block_v<Exec>];
    Real d[norm_block_v<Exec>];
    Real shift[norm_block_v<Exec>];
    std::size_t const segment = 2 * (chunk / grid.chunks()) * grid.channels + first;
    for (std::size_t c = 0; c < count; ++c) {
      Real const rstd = saved[segment + grid.channels + c];
      mean[c] = saved[segment + c];
      a[c] = rstd * weight[first + c];
      b[c] = -a[c] * rstd * means[segment + grid.channels + c];
      d[c] = -a[c] * means[segment + c];
      shift[c] = bias[first + c];
    }
    std::size_t const start = grid.first_row(chunk) * grid.channels + first;
    for (std::size_t row = 0; row < grid.rows(chunk); ++row) {
      Real const* const in = x + start + row * grid.channels;
      Real const* const from = dy + start + row * grid.channels;
      Real* const out = dx + start + row * grid.channels;
      IGN_INDEPENDENT
      for (std::size_t c = 0; c < count; ++c) {
        Real const centred = in[c] - mean[c];
        Real const g = activation.gradient(activation.value(centred * a[c] + shift[c]), from[c]);
        out[c] = a[c] * g + (b[c] * centred + d[c]);
      }
    }
  }
};

}  // namespace ign::detail

#endif  // IGN_LAYERS_BATCH_NORM_KERNELS_HPP
