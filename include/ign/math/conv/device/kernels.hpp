// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Forward and input gradient of a convolution on devices, as operands for the team product (math/gemm/team.hpp).
///
/// Algorithm: implicit GEMM. Windows are read in place, not copied: a convolution is one launch without partial sums in memory. Exceptions
/// are dense geometries: see ConvForward::extents and dense_samples.
///
/// Kernels read an image through a loader: a functor of (element, channel) that returns the element, with `element` the index into (n, y,
/// x, channel). `PlainLoader` reads memory. Others fuse the operation of an adjacent layer into the read. A loader may have `four(element,
/// channel, values)`, which reads four neighbouring channels at once, and `reads_fours()`, true if its memory is aligned for that.
/// `FineLoader` and `CoarseLoader` load the fine and the coarse image; either may be a gradient, as dy in the backward pass of a layer.
///
/// Results are stored by an epilogue (math/conv/epilogue.hpp). Weights are (k, k, F, C). In three dimensions images are (n, z, y, x,
/// channel) and weights (k, k, k, F, C).
#ifndef IGN_MATH_CONV_DEVICE_KERNELS_HPP
#define IGN_MATH_CONV_DEVICE_KERNELS_HPP

#include <algorithm>

#include "ign/math/conv/geometry.hpp"
#include "ign/math/four.hpp"
#include "ign/math/gemm/matrices.hpp"

namespace ign::math::device {

/// Samples per launch for products whose inner dimension is split into parts: arrival counters and scratch then suffice for any batch.
inline constexpr std::size_t dense_samples = 256;

/// Loader of an image in memory.
template <class Real>
struct PlainLoader {
  Real const* data;  ///< (n, y, x, channel)

  KOKKOS_FUNCTION Real operator()(std::size_t element, std::size_t) const { return data[element]; }
  bool reads_fours() const { return is_aligned_for_four(data); }
  KOKKOS_FUNCTION void four(std::size_t element, std::size_t, Real (&values)[4]) const { read_four(data + element, values); }
};

/// Loader of the gradient with respect to the input of an activation, computed from its output y and the gradient dy of the output.
template <class Activation, class Real>
struct ActivationGradientLoader {
  Real const* y;          ///< output of the activation
  Real const* dy;         ///< gradient of the output
  Activation activation;  ///< with gradient(y, dy)

  KOKKOS_FUNCTION Real operator()(std::size_t element, std::size_t) const { return activation.gradient(y[element], dy[element]); }
  bool reads_fours() const { return is_aligned_for_four(y) && is_aligned_for_four(dy); }
  KOKKOS_FUNCTION void four(std::size_t element, std::size_t, Real (&values)[4]) const {
    Real outputs[4];
    read_four(y + element, outputs);
    read_four(dy + element, values);
    IGN_UNROLL
    for (std::size_t n = 0; n < 4; ++n) values[n] = activation.gradient(outputs[n], values[n]);
  }
};

/// True if four neighbouring channels of an image with this number of channels can be read at once.
template <class Loader>
bool reads_fours(Loader const& image, int channels) {
  if constexpr (requires { image.reads_fours(); })
    return channels % 4 == 0 && image.reads_fours();
  else
    return channels % 4 == 0;
}
/// Reads four neighbouring channels, from a multiple of four on.
template <class Loader, class Real>
KOKKOS_FUNCTION void read_four_channels(Loader const& image, std::size_t element, std::size_t channel, Real (&values)[4]) {
  if constexpr (requires { image.four(element, channel, values); }) {
    image.four(element, channel, values);
  } else {
    IGN_UNROLL
    for (std::size_t n = 0; n < 4; ++n) values[n] = image(element + n, channel + n);
  }
}

/// Forward: coarse = epilogue(windows of fine · weights). Rows: coarse pixels; columns: coarse channels; inner: (tap, f).
template <class Real, class FineLoader, class Activation = Identity>
struct ConvForward {
  ConvGeometry g;
  std::size_t batch;    ///< samples
  FineLoader fine;      ///< reads (n, y, x, F)
  Real const* weights;  ///< (k, k, F, C)
  DeviceEpilogue<Real, Activation> epilogue;
  Real* coarse;              ///< (n, y, x, C)
  std::size_t first = 0;     ///< first sample
  std::size_t segments = 1;  ///< equal parts of the batch with moments of their own (Pass); no tile spans two of them
  bool rounded = false;      ///< round the factors to bfloat16

  using scalar_type = Real;
  static constexpr bool left_along_inner = true, right_along_inner = false, chooses_tiles = true;
  struct Row {
    std::size_t sample_offset;  // index of its first element
    int z, y, x;                // first pixel of the window
  };
  struct Step {
    int z, y, x;       // tap
    std::size_t f, k;  // channel; (tap, f) as one index
  };

  /// A dense geometry has one row per sample, so few tiles: the inner dimension is split into parts, unless a launch of dense_samples
  /// samples has more tiles than there are arrival counters. Whether and how to split follows from the extents of the layer alone, because
  /// evaluation must be batch-invariant.
  ProductExtents extents() const {
    std::size_t const inner = g.window_size(), channels = static_cast<std::size_t>(g.coarse.channels);
    bool const splits = g.is_dense() && team::tiles(dense_samples) * team::tiles(channels) <= ign::detail::counter_count;
    std::size_t const parts = splits ? std::clamp<std::size_t>(inner / 256, 1, 16) : 1;
    std::size_t const rows = batch / segments * g.coarse_pixels();
    return {segments, rows, channels, inner, parts, team::tile_columns_for<Real>(rows, channels)};
  }
  KOKKOS_FUNCTION Row row(std::size_t segment, std::size_t i) const {
    auto const pixel = static_cast<unsigned>(i);
    std::size_t const first_sample = first + segment * (batch / segments);
    unsigned const pixel_row = pixel / static_cast<unsigned>(g.coarse.width), slice = pixel_row / static_cast<unsigned>(g.coarse.height);
    auto const x = static_cast<int>(pixel - pixel_row * static_cast<unsigned>(g.coarse.width));
    auto const y = static_cast<int>(pixel_row - slice * static_cast<unsigned>(g.coarse.height));
    unsigned const n = slice / static_cast<unsigned>(g.depth.coarse);
    auto const z = static_cast<int>(slice - n * static_cast<unsigned>(g.depth.coarse));
    return {(first_sample + n) * g.fine_size(), z * g.depth.stride - g.depth.padding, y * g.stride - g.padding, x * g.stride - g.padding};
  }
  KOKKOS_FUNCTION Step step(std::size_t, std::size_t k) const {
    auto const channels = static_cast<unsigned>(g.fine.channels);
    unsigned const tap = static_cast<unsigned>(k) / channels, tap_row = tap / static_cast<unsigned>(g.kernel);
    unsigned const z = tap_row / static_cast<unsigned>(g.kernel);
    return {static_cast<int>(z), static_cast<int>(tap_row - z * static_cast<unsigned>(g.kernel)),
            static_cast<int>(tap - tap_row * static_cast<unsigned>(g.kernel)), static_cast<unsigned>(k) - tap * channels, k};
  }
  KOKKOS_FUNCTION Real left(Row const& row, Step const& step) const {
    std::size_t pixel;
    if (!g.find_fine_pixel(row.z + step.z, row.y + step.y, row.x + step.x, pixel)) return 0;
    return fine(row.sample_offset + pixel + step.f, step.f);
  }
  KOKKOS_FUNCTION Real right(Step const& step, std::size_t j) const { return weights[step.k * g.coarse.channels + j]; }
  bool left_in_fours() const { return reads_fours(fine, g.fine.channels); }
  bool right_in_fours() const { return g.coarse.channels % 4 == 0 && is_aligned_for_four(weights); }
  KOKKOS_FUNCTION void left_four(Row const& row, Step const& step, Real (&values)[4]) const {
    std::size_t pixel;
    if (!g.find_fine_pixel(row.z + step.z, row.y + step.y, row.x + step.x, pixel)) return;
    read_four_channels(fine, row.sample_offset + pixel + step.f, step.f, values);
  }
  KOKKOS_FUNCTION void right_four(Step const& step, std::size_t j, Real (&values)[4]) const {
    read_four(weights + step.k * g.coarse.channels + j, values);
  }
  KOKKOS_FUNCTION void store(std::size_t segment, std::size_t i, std::size_t j, Real const (&sums)[4], std::size_t count) const {
    Real* const out = coarse + (first + segment * (batch / segments)) * g.coarse_size() + i * g.coarse.channels + j;
    epilogue.store(out, j, sums, count);
  }
};

/// Input gradient: fine = epilogue(adjoint of the forward operation, applied to coarse), one product per phase.
///
/// A phase (polyphase component) is the set of fine pixels with equal coordinates modulo the stride; they meet the same taps. Batch: phases
/// of each segment; rows: pixels of a phase; columns: fine channels; inner: (tap of the phase, c). Fine pixels gather their terms; nothing
/// is scattered. Zeros are multiplied only at borders and where the stride does not divide the kernel or the extents.
template <class Real, class CoarseLoader, class Activation = Identity>
struct ConvInputGradient {
  ConvGeometry g;
  std::size_t batch;    ///< samples
  CoarseLoader coarse;  ///< reads (n, y, x, C)
  Real const* weights;  ///< (k, k, F, C)
  DeviceEpilogue<Real, Activation> epilogue;
  Real* fine;                ///< (n, y, x, F)
  std::size_t segments = 1;  ///< equal parts of the batch with moments of their own (Pass); no tile spans two of them
  bool rounded = false;      ///< round the factors to bfloat16

  using scalar_type = Real;
  static constexpr bool left_along_inner = true, right_along_inner = true, chooses_tiles = true;
  struct Row {
    std::size_t sample_offset;
    int z, y, x;  // coarse pixel that the first tap meets
  };
  struct Step {
    int z, y, x;  // tap of the phase: successive taps are `stride` apart and meet coarse pixels in descending order
    std::size_t c;
    Real const* weights;  // (f, c) of the tap at the step's c; nullptr: no such tap
  };

  /// Phases of a sample.
  KOKKOS_FUNCTION std::size_t phases() const { return static_cast<std::size_t>(g.depth.stride) * g.stride * g.stride; }
  /// Taps of a phase along the height, and along the width.
  KOKKOS_FUNCTION unsigned taps() const { return static_cast<unsigned>((g.kernel + g.stride - 1) / g.stride); }
  /// Taps of a phase along the depth.
  KOKKOS_FUNCTION unsigned depth_taps() const { return static_cast<unsigned>((g.depth.kernel + g.depth.stride - 1) / g.depth.stride); }
  // Extents of a phase, the same for all: some pixels of a phase may lie outside the image.
  KOKKOS_FUNCTION unsigned slices() const { return static_cast<unsigned>((g.depth.fine + g.depth.stride - 1) / g.depth.stride); }
  KOKKOS_FUNCTION unsigned rows() const { return static_cast<unsigned>((g.fine.height + g.stride - 1) / g.stride); }
  KOKKOS_FUNCTION unsigned columns() const { return static_cast<unsigned>((g.fine.width + g.stride - 1) / g.stride); }
  ProductExtents extents() const {
    auto const channels = static_cast<std::size_t>(g.fine.channels);
    std::size_t const pixels = batch / segments * slices() * rows() * columns();
    return {segments * phases(),
            pixels,
            channels,
            static_cast<std::size_t>(depth_taps()) * taps() * taps() * g.coarse.channels,
            1,
            team::tile_columns_for<Real>(pixels, channels)};
  }
  // A fine pixel.
  struct Pixel {
    std::size_t sample;
    int z, y, x;
  };
  // Coordinates of a phase modulo the stride.
  struct Phase {
    int z, y, x;
  };
  // Phase of a product of the batch, whose `index` counts (segment, phase).
  KOKKOS_FUNCTION Phase phase_of(std::size_t index) const {
    auto const phase = static_cast<int>(index % phases()), phase_row = phase / g.stride;
    return {phase_row / g.stride, phase_row % g.stride, phase % g.stride};
  }
  // Fine pixel i of a product of the batch.
  KOKKOS_FUNCTION Pixel pixel(std::size_t index, std::size_t i) const {
    std::size_t const first_sample = index / phases() * (batch / segments);
    Phase const phase = phase_of(index);
    unsigned const pixel_row = static_cast<unsigned>(i) / columns(), slice = pixel_row / rows(), n = slice / slices();
    auto const x = static_cast<int>(static_cast<unsigned>(i) - pixel_row * columns()), y = static_cast<int>(pixel_row - slice * rows());
    auto const z = static_cast<int>(slice - n * slices());
    return {first_sample + n, z * g.depth.stride + phase.z, y * g.stride + phase.y, x * g.stride + phase.x};
  }
  KOKKOS_FUNCTION Row row(std::size_t index, std::size_t i) const {
    Pixel const p = pixel(index, i);
    return {p.sample * g.coarse_size(), (p.z + g.depth.padding) / g.depth.stride, (p.y + g.padding) / g.stride,
            (p.x + g.padding) / g.stride};
  }
  KOKKOS_FUNCTION Step step(std::size_t index, std::size_t k) const {
    Phase const phase = phase_of(index);
    auto const channels = static_cast<unsigned>(g.coarse.channels);
    unsigned const tap = static_cast<unsigned>(k) / channels, c = static_cast<unsigned>(k) - tap * channels, tap_row = tap / taps();
    auto const w = static_cast<int>(tap_row / taps()), v = static_cast<int>(tap_row % taps()), u = static_cast<int>(tap % taps());
    int const kz = (phase.z + g.depth.padding) % g.depth.stride + w * g.depth.stride;
    int const ky = (phase.y + g.padding) % g.stride + v * g.stride, kx = (phase.x + g.padding) % g.stride + u * g.stride;
    if (kz >= g.depth.kernel || ky >= g.kernel || kx >= g.kernel) return {w, v, u, c, nullptr};
    std::size_t const tap_index = (static_cast<std::size_t>(kz) * g.kernel + ky) * g.kernel + kx;
    return {w, v, u, c, weights + tap_index * g.fine.channels * channels + c};
  }
  KOKKOS_FUNCTION Real left(Row const& row, Step const& step) const {
    int const z = row.z - step.z, y = row.y - step.y, x = row.x - step.x;
    if (z < 0 || y < 0 || x < 0 || z >= g.depth.coarse || y >= g.coarse.height || x >= g.coarse.width) return 0;
    std::size_t const pixel_row = static_cast<std::size_t>(z) * g.coarse.height + y;
    return coarse(row.sample_offset + (pixel_row * g.coarse.width + x) * g.coarse.channels + step.c, step.c);
  }
  KOKKOS_FUNCTION Real right(Step const& step, std::size_t j) const {
    return step.weights == nullptr ? Real(0) : step.weights[j * g.coarse.channels];
  }
  bool left_in_fours() const { return reads_fours(coarse, g.coarse.channels); }
  bool right_in_fours() const { return g.coarse.channels % 4 == 0 && is_aligned_for_four(weights); }
  KOKKOS_FUNCTION void left_four(Row const& row, Step const& step, Real (&values)[4]) const {
    int const z = row.z - step.z, y = row.y - step.y, x = row.x - step.x;
    if (z < 0 || y < 0 || x < 0 || z >= g.depth.coarse || y >= g.coarse.height || x >= g.coarse.width) return;
    std::size_t const pixel_row = static_cast<std::size_t>(z) * g.coarse.height + y;
    read_four_channels(coarse, row.sample_offset + (pixel_row * g.coarse.width + x) * g.coarse.channels + step.c, step.c, values);
  }
  KOKKOS_FUNCTION void right_four(Step const& step, std::size_t j, Real (&values)[4]) const {
    if (step.weights != nullptr) read_four(step.weights + j * g.coarse.channels, values);
  }
  KOKKOS_FUNCTION void store(std::size_t index, std::size_t i, std::size_t j, Real const (&sums)[4], std::size_t count) const {
    Pixel const p = pixel(index, i);
    if (p.z >= g.depth.fine || p.y >= g.fine.height || p.x >= g.fine.width) return;
    std::size_t const pixel_row = static_cast<std::size_t>(p.z) * g.fine.height + p.y;
    Real* const out = fine + p.sample * g.fine_size() + (pixel_row * g.fine.width + p.x) * g.fine.channels + j;
    epilogue.store(out, j, sums, count);
  }
};

/// Input gradient for dense geometries (`is_dense`). Rows: samples; columns: elements of a fine image; inner: c.
template <class Real, class CoarseLoader, class Activation = Identity>
struct DenseInputGradient {
  ConvGeometry g;
  std::size_t batch;    ///< samples
  CoarseLoader coarse;  ///< reads (n, y, x, C)
  Real const* weights;  ///< (k, k, F, C)
  DeviceEpilogue<Real, Activation> epilogue;
  Real* fine;                ///< (n, y, x, F)
  std::size_t segments = 1;  ///< equal parts of the batch with moments of their own (Pass); no tile spans two of them
  bool rounded = false;      ///< round the factors to bfloat16

  using scalar_type = Real;
  static constexpr bool left_along_inner = true, right_along_inner = true;
  struct Row {
    std::size_t sample_offset;
  };
  struct Step {
    std::size_t c;
  };

  ProductExtents extents() const { return {segments, batch / segments, g.fine_size(), static_cast<std::size_t>(g.coarse.channels)}; }
  KOKKOS_FUNCTION Row row(std::size_t segment, std::size_t i) const { return {(segment * (batch / segments) + i) * g.coarse.channels}; }
  KOKKOS_FUNCTION Step step(std::size_t, std::size_t k) const { return {k}; }
  KOKKOS_FUNCTION Real left(Row const& row, Step const& step) const { return coarse(row.sample_offset + step.c, step.c); }
  KOKKOS_FUNCTION Real right(Step const& step, std::size_t j) const { return weights[j * g.coarse.channels + step.c]; }
  bool left_in_fours() const { return reads_fours(coarse, g.coarse.channels); }
  bool right_in_fours() const { return g.coarse.channels % 4 == 0 && is_aligned_for_four(weights); }
  KOKKOS_FUNCTION void left_four(Row const& row, Step const& step, Real (&values)[4]) const {
    read_four_channels(coarse, row.sample_offset + step.c, step.c, values);
  }
  KOKKOS_FUNCTION void right_four(Step const& step, std::size_t j, Real (&values)[4]) const {
    read_four(weights + j * g.coarse.channels + step.c, values);
  }
  KOKKOS_FUNCTION void store(std::size_t segment, std::size_t i, std::size_t j, Real const (&sums)[4], std::size_t count) const {
    Real* const out = fine + (segment * (batch / segments) + i) * g.fine_size() + j;
    IGN_UNROLL
    for (std::size_t n = 0; n < 4; ++n)
      if (n < count) out[n] = epilogue.value((j + n) % static_cast<std::size_t>(g.fine.channels), sums[n]);
  }
};

/// A product that passes the moments of its output columns to a sink. Calls `sink.put(batch, row tile, column, mean, square)` for each
/// column of each tile; the last team to arrive calls `sink.finish(team, scratch)`. The epilogue may only shift.
template <class P, class Sink>
struct WithMoments : P {
  using Real = typename P::scalar_type;
  Sink sink;

  WithMoments(P const& product, Sink const& s) : P(product), sink(s) {}
  KOKKOS_FUNCTION void moments(std::size_t product, std::size_t row_tile, std::size_t j, Real mean, Real square) const {
    sink.put(product, row_tile, j, mean + P::epilogue.affine.channel(j % sink.channels).shift, square);
  }
  template <class Team>
  KOKKOS_FUNCTION void finish(Team const& team, double* scratch) const {
    sink.finish(team, scratch);
  }
};

}  // namespace ign::math::device

#endif  // IGN_MATH_CONV_DEVICE_KERNELS_HPP
