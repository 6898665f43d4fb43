// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Forward, input gradient and weight gradient of any convolution on hosts: the direct algorithm, as matrix products of blocks that fit the
/// cache (math/gemm/host.hpp).
///
///  - Forward: copies the windows of a block of coarse pixels into rows (im2col), then multiplies them by the weights.
///  - Input gradient: multiplies coarse pixels by the weights of all taps; then each fine pixel gathers its products (col2im).
///  - Weight gradient: windowsᵀ · coarse per part of the batch, then a sum over the parts in order. The number of parts follows from the
///    layer and the batch size, not from the number of threads.
///
/// Layout: images (n, y, x, channel), weights (k, k, F, C) or panels (math/conv/host/panels.hpp); in three dimensions images (n, z, y, x,
/// channel) and weights (k, k, k, F, C).
#ifndef IGN_MATH_CONV_HOST_DIRECT_HPP
#define IGN_MATH_CONV_HOST_DIRECT_HPP

#include <algorithm>

#include "ign/core/workspace.hpp"
#include "ign/math/conv/epilogue.hpp"
#include "ign/math/conv/geometry.hpp"
#include "ign/math/conv/host/panels.hpp"
#include "ign/math/gemm/host.hpp"

namespace ign::math::host {

inline constexpr std::size_t rows_at_once = 8;  ///< smallest number of coarse pixels of a task: the rows of a block of products

/// Division of a kernel's work, a matrix for each of `parts` parts, into tasks: blocks of a matrix.
struct Division {
  std::size_t rows, columns;            ///< of a matrix
  std::size_t task_rows, task_columns;  ///< of a task; fewer at the edges
  std::size_t parts = 1;                ///< number of matrices

  std::size_t row_blocks() const { return (rows + task_rows - 1) / task_rows; }              ///< blocks below each other
  std::size_t column_blocks() const { return (columns + task_columns - 1) / task_columns; }  ///< blocks beside each other
  std::size_t tasks() const { return row_blocks() * column_blocks() * parts; }               ///< in all
  /// Halves an extent of the tasks, in multiples of `least`, until every worker has a task or the extent is `least`.
  void halve(std::size_t Division::*extent, std::size_t least, std::size_t workers) {
    while (tasks() < workers && this->*extent > least) this->*extent = this->*extent / 2 / least * least;
  }
};

/// Forward: coarse = epilogue(windows of fine · weights). A task is a block of coarse pixels by a group of coarse channels. One index per
/// worker.
template <class Real>
struct ConvForward {
  ConvGeometry g;
  std::size_t batch;  ///< samples
  Real const* fine;   ///< (n, y, x, F)
  Weights<Real> weights;
  Epilogue<Real> epilogue;
  Real* coarse;         ///< (n, y, x, C)
  Real* scratch;        ///< each worker's own, `worker_stride` elements apart
  std::size_t workers;  ///< indices that are run

  static constexpr std::size_t group = group_packs * simd::lanes_v<Real>;  ///< largest number of coarse channels of a task
  /// Elements from one copied window to the next. Padded by 16: windows then do not map to the same few cache sets.
  static std::size_t window_stride(ConvGeometry const& g) { return window_rows_per_block(g) * window_row_size(g) + 16; }
  /// Coarse pixels of a task.
  static std::size_t pixels_per_block(ConvGeometry const& g) { return g.is_dense() ? 128 : block_rows<Real>(window_stride(g)); }
  /// Size of each worker's own scratch memory, in elements.
  static std::size_t worker_scratch_size(ConvGeometry const& g) {
    return pixels_per_block(g) * (window_stride(g) + group) + panel_rows * group;
  }

  /// Tasks: blocks of pixels by groups of channels. Where that gives more workers a task, smaller ones: of 2 packs, then of 8 pixels, then
  /// of one pack.
  static Division division(ConvGeometry const& g, std::size_t batch, std::size_t workers) {
    Division d = {batch * g.coarse_pixels(), static_cast<std::size_t>(g.coarse.channels), pixels_per_block(g), group};
    d.halve(&Division::task_columns, 2 * simd::lanes_v<Real>, workers);
    d.halve(&Division::task_rows, rows_at_once, workers);
    d.halve(&Division::task_columns, simd::lanes_v<Real>, workers);
    return d;
  }

  void operator()(std::size_t worker) const {
    Division const d = division(g, batch, workers);
    std::size_t const groups = d.column_blocks(), tasks = d.tasks();
    Real* const windows = scratch + worker * worker_stride<Real>(worker_scratch_size(g));
    Real* const result = windows + pixels_per_block(g) * window_stride(g);
    Real* const panels = result + pixels_per_block(g) * group;
    for (std::size_t task = tasks * worker / workers; task < tasks * (worker + 1) / workers; ++task) {
      std::size_t const first = task / groups * d.task_rows;
      std::size_t const count = std::min(d.task_rows, d.rows - first);
      std::size_t const channel = task % groups * d.task_columns;
      std::size_t const columns = std::min(d.task_columns, d.columns - channel);
      for (std::size_t at = 0; at < window_row_count(g); at += window_rows_per_block(g)) {
        std::size_t const taken = std::min(window_rows_per_block(g), window_row_count(g) - at);
        LeftFactor<Real> left{fine + first * g.fine_size() + at * window_row_size(g), g.fine_size(), 1};
        if (!g.is_dense()) {
          gather_windows(g, fine, first, first + count, at, taken, windows, window_stride(g));
          left = {windows, window_stride(g), 1};
        }
        for (std::size_t k = 0; k < taken * window_row_size(g); k += panel_rows) {
          std::size_t const inner = std::min(panel_rows, taken * window_row_size(g) - k);
          LeftFactor<Real> const part{left.data + k, left.row_stride, 1};
          product(at > 0 || k > 0, count, pack_count<Real>(columns), inner, part,
                  right(channel, columns, at * window_row_size(g) + k, inner, panels), result, group);
        }
      }
      for (std::size_t i = 0; i < count; ++i)
        store_sums(result + i * group, epilogue.from(channel), columns, coarse + (first + i) * g.coarse.channels + channel);
    }
  }

 private:
  // Rows [k, k + inner) of the weights for these channels.
  Panels<Real> right(std::size_t channel, std::size_t columns, std::size_t k, std::size_t inner, Real* panels) const {
    constexpr std::size_t lanes = simd::lanes_v<Real>;
    if (weights.packed) {
      std::size_t const panel = ForwardPanels<Real>::panel_size(g);
      return {weights.data + channel / lanes * panel + k * lanes, panel};
    }
    pack_rows(
        weights.data + k * g.coarse.channels + channel, g.coarse.channels, inner, columns, [](std::size_t) { return Real(1); }, panels);
    return {panels, inner * lanes};
  }
};

/// Input gradient, first step: products(pixel, window) = coarse · weightsᵀ. A task is a block of coarse pixels by a group of columns. One
/// index per worker.
template <class Real>
struct InputGradientProducts {
  ConvGeometry g;
  std::size_t batch;   ///< samples
  Real const* coarse;  ///< (n, y, x, C)
  Weights<Real> weights;
  Real* products;       ///< (pixel, window), rows padded to whole packs: the shared scratch memory
  Real* scratch;        ///< each worker's own, `worker_stride` elements apart
  std::size_t workers;  ///< indices that are run

  static constexpr std::size_t rows = 128;                                 ///< largest number of coarse pixels of a task
  static constexpr std::size_t group = group_packs * simd::lanes_v<Real>;  ///< largest number of columns of a task
  /// Elements from the products of one coarse pixel to those of the next.
  static std::size_t product_stride(ConvGeometry const& g) { return simd::round_up_to_packs<Real>(g.window_size()); }
  /// Samples per call: as many as fit 4 MiB of products, at least one.
  static std::size_t samples(ConvGeometry const& g) {
    return std::max<std::size_t>(1, (std::size_t{1} << 22) / sizeof(Real) / (product_stride(g) * g.coarse_pixels()));
  }
  /// Size of the scratch memory that all workers share, for the products, in elements.
  static std::size_t shared_scratch_size(ConvGeometry const& g) { return samples(g) * g.coarse_pixels() * product_stride(g); }
  /// Size of each worker's own scratch memory, in elements.
  static std::size_t worker_scratch_size(ConvGeometry const&) { return panel_rows * group; }

  /// Tasks: blocks of pixels by groups of columns; smaller blocks, of 8 pixels or more, where that gives more workers a task.
  static Division division(ConvGeometry const& g, std::size_t batch, std::size_t workers) {
    Division d = {batch * g.coarse_pixels(), g.window_size(), rows, group};
    d.halve(&Division::task_rows, rows_at_once, workers);
    return d;
  }

  void operator()(std::size_t worker) const {
    auto const channels = static_cast<std::size_t>(g.coarse.channels);
    Division const d = division(g, batch, workers);
    std::size_t const groups = d.column_blocks(), tasks = d.tasks();
    Real* const panels = scratch + worker * worker_stride<Real>(worker_scratch_size(g));
    for (std::size_t task = tasks * worker / workers; task < tasks * (worker + 1) / workers; ++task) {
      std::size_t const first = task / groups * d.task_rows;
      std::size_t const count = std::min(d.task_rows, d.rows - first);
      std::size_t const column = task % groups * d.task_columns;
      std::size_t const columns = std::min(d.task_columns, d.columns - column);
      Real* const out = products + first * product_stride(g) + column;
      for (std::size_t k = 0; k < channels; k += panel_rows) {
        std::size_t const inner = std::min(panel_rows, channels - k);
        LeftFactor<Real> const left{coarse + first * channels + k, channels, 1};
        product(k > 0, count, pack_count<Real>(columns), inner, left, right(column, columns, k, inner, panels), out, product_stride(g));
      }
    }
  }

 private:
  // Coarse channels [k, k + inner) of the weights for these columns.
  Panels<Real> right(std::size_t column, std::size_t columns, std::size_t k, std::size_t inner, Real* panels) const {
    constexpr std::size_t lanes = simd::lanes_v<Real>;
    if (weights.packed) {
      std::size_t const panel = InputGradientPanels<Real>::panel_size(g);
      return {weights.data + column / lanes * panel + k * lanes, panel};
    }
    auto const channels = static_cast<std::size_t>(g.coarse.channels);
    pack_transposed(weights.data + column * channels + k, channels, inner, columns, panels);
    return {panels, inner * lanes};
  }
};

/// Input gradient, second step: every fine pixel gathers its products. One index per row of fine pixels.
template <class Real>
struct InputGradientCollect {
  ConvGeometry g;
  Real const* products;  ///< of InputGradientProducts
  Epilogue<Real> epilogue;
  Real* fine;  ///< (n, y, x, F)

  void operator()(std::size_t index) const {
    auto const channels = static_cast<std::size_t>(g.fine.channels);
    std::size_t const product_stride = InputGradientProducts<Real>::product_stride(g);
    std::size_t const step = g.stride * channels;
    std::size_t const slice = index / g.fine.height, first_pixel = slice / g.depth.fine * g.coarse_pixels();
    auto const y = static_cast<int>(index % g.fine.height), z = static_cast<int>(slice % g.depth.fine);
    Real* const out = fine + index * g.fine.width * channels;
    std::fill(out, out + g.fine.width * channels, Real(0));
    for (int tap_row = 0; tap_row < static_cast<int>(window_row_count(g)); ++tap_row) {
      int const cz = g.depth.coarse_slice(z, tap_row / g.kernel);
      int const cy = g.coarse_coordinate(y, tap_row % g.kernel, g.coarse.height);
      if (cz < 0 || cy < 0) continue;
      std::size_t const row = static_cast<std::size_t>(cz) * g.coarse.height + static_cast<std::size_t>(cy);
      for (int kx = 0; kx < g.kernel; ++kx) {
        // Coarse x in [first, last) meets a fine pixel inside the image, x · stride + kx - padding.
        int const first = std::max(0, (g.padding - kx + g.stride - 1) / g.stride);
        int const last = std::min(g.coarse.width, (g.fine.width - 1 + g.padding - kx + g.stride) / g.stride);
        Real const* from = products + (first_pixel + row * g.coarse.width + first) * product_stride +
                           (static_cast<std::size_t>(tap_row) * g.kernel + kx) * channels;
        Real* to = out + static_cast<std::ptrdiff_t>(first * g.stride + kx - g.padding) * static_cast<std::ptrdiff_t>(channels);
        for (int x = first; x < last; ++x, from += product_stride, to += step) add_chunk(from, channels, to);
      }
    }
    if (epilogue.empty()) return;
    for (int x = 0; x < g.fine.width; ++x) store_sums(out + x * channels, epilogue, channels, out + x * channels);
  }
};

/// Weight gradient: windowsᵀ · coarse per part of the batch. A task is a group of rows of taps in one part; where these are fewer than
/// workers, it has fewer rows of taps, then fewer coarse channels, which changes no sum. One index per worker.
template <class Real>
struct ConvWeightGradient {
  ConvGeometry g;
  std::size_t batch;           ///< samples
  Real const* fine;            ///< (n, y, x, F)
  Real const* coarse;          ///< (n, y, x, C)
  Real const* sample_weights;  ///< (n), or nullptr: 1
  Real* sums;                  ///< (part, window, c), rows padded to whole packs: the shared scratch memory
  Real* scratch;               ///< each worker's own, `worker_stride` elements apart
  std::size_t workers;         ///< indices that are run

  /// Elements from one row of the sums to the next.
  static std::size_t sum_stride(ConvGeometry const& g) { return simd::round_up_to_packs<Real>(g.coarse.channels); }
  /// Elements of the sums of one part.
  static std::size_t part_size(ConvGeometry const& g) { return g.window_size() * sum_stride(g); }
  /// Groups of rows of taps, each the work of one task.
  static std::size_t groups(ConvGeometry const& g) {
    return (window_row_count(g) + window_rows_per_block(g) - 1) / window_rows_per_block(g);
  }
  /// Parts of the batch: for up to 64 tasks within 4 MiB of sums, or up to 16 tasks within 16 MiB; at least 32 coarse pixels each, or one
  /// part.
  static std::size_t parts(ConvGeometry const& g, std::size_t batch) {
    auto const within = [&](std::size_t mebibytes) { return (mebibytes << 20) / sizeof(Real) / part_size(g); };
    std::size_t const few = std::min(16 / groups(g), within(16)), many = std::min(64 / groups(g), within(4));
    return std::max<std::size_t>(1, std::min(std::max(few, many), batch * g.coarse_pixels() / 32));
  }
  /// Size of the scratch memory that all workers share, for the sums, in elements.
  static std::size_t shared_scratch_size(ConvGeometry const& g, std::size_t batch) { return parts(g, batch) * part_size(g); }
  /// Elements from one copied window to the next.
  static std::size_t window_stride(ConvGeometry const& g) { return window_rows_per_block(g) * window_row_size(g); }
  /// Coarse pixels that are multiplied at once.
  static std::size_t pixels_per_block(ConvGeometry const& g) { return block_rows<Real>(window_stride(g) + sum_stride(g)); }
  /// Size of each worker's own scratch memory, in elements.
  static std::size_t worker_scratch_size(ConvGeometry const& g) { return pixels_per_block(g) * (window_stride(g) + sum_stride(g)); }

  /// Tasks: groups of rows of taps by packs of coarse channels, in each part; fewer rows of taps, then fewer packs, where that gives more
  /// workers a task.
  static Division division(ConvGeometry const& g, std::size_t batch, std::size_t workers) {
    std::size_t const packs = pack_count<Real>(g.coarse.channels);
    Division d = {window_row_count(g), packs, window_rows_per_block(g), packs, parts(g, batch)};
    d.halve(&Division::task_rows, 1, workers);
    d.halve(&Division::task_columns, 1, workers);
    return d;
  }

  void operator()(std::size_t worker) const {
    auto const channels = static_cast<std::size_t>(g.coarse.channels);
    std::size_t const pixels = batch * g.coarse_pixels();
    Real* const windows = scratch + worker * worker_stride<Real>(worker_scratch_size(g));
    Real* const panels = windows + pixels_per_block(g) * window_stride(g);
    Division const d = division(g, batch, workers);
    std::size_t const row_groups = d.row_blocks(), tasks = d.tasks(), width = d.task_columns * simd::lanes_v<Real>;
    for (std::size_t task = tasks * worker / workers; task < tasks * (worker + 1) / workers; ++task) {
      std::size_t const part = task * d.parts / tasks, group = task % (tasks / d.parts);
      std::size_t const at = group % row_groups * d.task_rows, taken = std::min(d.task_rows, d.rows - at);
      std::size_t const channel = group / row_groups * width, columns = std::min(width, channels - channel);
      Real* const sum = sums + part * part_size(g) + at * window_row_size(g) * sum_stride(g) + channel;
      std::size_t const begin = pixels * part / d.parts;
      std::size_t const end = pixels * (part + 1) / d.parts;
      for (std::size_t first = begin; first < end; first += pixels_per_block(g)) {
        std::size_t const count = std::min(pixels_per_block(g), end - first);
        gather_windows(g, fine, first, first + count, at, taken, windows, window_stride(g));
        pack_rows(
            coarse + first * channels + channel, channels, count, columns,
            [&](std::size_t k) { return sample_weights != nullptr ? sample_weights[(first + k) / g.coarse_pixels()] : Real(1); }, panels);
        LeftFactor<Real> const left{windows, 1, window_stride(g)};
        Panels<Real> const right{panels, count * simd::lanes_v<Real>};
        product(first > begin, taken * window_row_size(g), pack_count<Real>(columns), count, left, right, sum, sum_stride(g));
      }
    }
  }
};

/// Adds the sum over parts to the gradient of the weights. One index per row of the weights, that is per (tap, f).
template <class Real>
struct AddWeightGradient {
  ConvGeometry g;
  std::size_t parts;  ///< one or more
  Real const* sums;   ///< (part, tap, f, c), rows padded to whole packs
  Real* gradient;     ///< of the weights; added to

  void operator()(std::size_t row) const {
    auto const channels = static_cast<std::size_t>(g.coarse.channels);
    std::size_t const stride = simd::round_up_to_packs<Real>(channels), part_size = g.window_size() * stride;
    simd::for_each_pack<Real>(channels, [&](std::size_t c, auto type) {
      using T = decltype(type);
      T sum = simd::load<T>(sums + row * stride + c);
      for (std::size_t part = 1; part < parts; ++part) sum += simd::load<T>(sums + part * part_size + row * stride + c);
      Real* const to = gradient + row * channels + c;
      simd::store(to, simd::load<T>(to) + sum);
    });
  }
};

}  // namespace ign::math::host

#endif  // IGN_MATH_CONV_HOST_DIRECT_HPP
