// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Forward, input gradient and weight gradient of a convolution on hosts, for fine images of few channels: the first and last layers of a
/// net. Copying windows into rows would cost more than multiplying them.
///
/// Algorithm: direct. Each sample is copied once with zero padding, and the products (math/gemm/host.hpp) read its windows in place.
/// Layout: images (n, y, x, channel), weights (k, k, F, C).
#ifndef IGN_MATH_CONV_HOST_FEW_CHANNELS_HPP
#define IGN_MATH_CONV_HOST_FEW_CHANNELS_HPP

#include <algorithm>

#include "ign/math/conv/host/direct.hpp"

namespace ign::math::few_channels {

/// These kernels support fine images with fewer channels than this.
inline constexpr int channels_limit = 8;

/// True for geometries of two dimensions that these kernels support. The input gradient has further conditions.
inline bool fits(ConvGeometry const& g) { return g.fine.channels < channels_limit && !g.is_dense() && !g.is_volume(); }

/// Elements of a row of a zero-padded sample.
inline std::size_t padded_row_size(ConvGeometry const& g) {
  return static_cast<std::size_t>(g.fine.width + 2 * g.padding) * g.fine.channels;
}
/// Elements of a zero-padded sample.
inline std::size_t padded_size(ConvGeometry const& g) {
  return static_cast<std::size_t>(g.fine.height + 2 * g.padding) * padded_row_size(g);
}

/// Calls visit(n, first, last) for the rows [first, last) that each sample n has among the rows [begin, end) of the batch.
template <class Visit>
void for_each_sample(std::size_t begin, std::size_t end, std::size_t rows_per_sample, Visit const& visit) {
  while (begin < end) {
    std::size_t const first = begin % rows_per_sample, last = std::min(rows_per_sample, first + end - begin);
    visit(begin / rows_per_sample, static_cast<int>(first), static_cast<int>(last));
    begin += last - first;
  }
}

/// Copies the fine rows under the coarse rows [first, last) of a sample into a padded sample whose border is already zero.
template <class Real>
void pad_rows(ConvGeometry const& g, Real const* sample, int first, int last, Real* padded) {
  std::size_t const row_size = static_cast<std::size_t>(g.fine.width) * g.fine.channels;
  int const end = std::min(g.fine.height, (last - 1) * g.stride + g.kernel - g.padding);
  for (int y = std::max(0, first * g.stride - g.padding); y < end; ++y)
    host::copy_chunk(sample + y * row_size, row_size,
                     padded + (y + g.padding) * padded_row_size(g) + static_cast<std::size_t>(g.padding) * g.fine.channels);
}

/// A row of coarse pixels: out = epilogue(windows · right). `result` is memory for the sums, with rows padded to whole packs.
template <class Real>
void multiply_coarse_row(ConvGeometry const& g, LeftFactor<Real> const& windows, Panels<Real> const& right, Epilogue<Real> const& epilogue,
                         Real* result, Real* out) {
  auto const channels = static_cast<std::size_t>(g.coarse.channels), stride = simd::round_up_to_packs<Real>(channels);
  product<false>(g.coarse.width, host::pack_count<Real>(channels), host::window_row_size(g), windows, right, result, stride);
  for (int x = 0; x < g.coarse.width; ++x) host::store_sums(result + x * stride, epilogue, channels, out + x * channels);
}

/// Forward: coarse = epilogue(windows of fine · weights). Each worker has a range of the coarse rows of the batch. One index per worker.
template <class Real>
struct ConvForward {
  ConvGeometry g;
  std::size_t batch;    ///< samples
  Real const* fine;     ///< (n, y, x, F)
  Real const* weights;  ///< (k, k, F, C)
  Epilogue<Real> epilogue;
  Real* coarse;         ///< (n, y, x, C)
  Real* scratch;        ///< each worker's own, `worker_stride` elements apart
  std::size_t workers;  ///< indices that are run

  /// Elements from the result of one coarse pixel to that of the next.
  static std::size_t result_stride(ConvGeometry const& g) { return simd::round_up_to_packs<Real>(g.coarse.channels); }
  /// Size of each worker's own scratch memory, in elements.
  static std::size_t worker_scratch_size(ConvGeometry const& g) {
    return g.window_size() * result_stride(g) + g.coarse.width * result_stride(g) + padded_size(g);
  }

  void operator()(std::size_t worker) const {
    auto const channels = static_cast<std::size_t>(g.coarse.channels);
    Real* const panels = scratch + worker * worker_stride<Real>(worker_scratch_size(g));
    Real* const result = panels + g.window_size() * result_stride(g);
    Real* const padded = result + g.coarse.width * result_stride(g);
    host::pack_rows(
        weights, channels, g.window_size(), channels, [](std::size_t) { return Real(1); }, panels);
    std::fill(padded, padded + padded_size(g), Real(0));
    Panels<Real> const right{panels, g.window_size() * simd::lanes_v<Real>};
    std::size_t const rows = batch * g.coarse.height;
    for_each_sample(rows * worker / workers, rows * (worker + 1) / workers, g.coarse.height, [&](std::size_t n, int first, int last) {
      pad_rows(g, fine + n * g.fine.size(), first, last, padded);
      Real* out = coarse + n * g.coarse.size() + static_cast<std::size_t>(first) * g.coarse.width * channels;
      for (int y = first; y < last; ++y) {
        LeftFactor<Real> const windows{padded + static_cast<std::size_t>(y) * g.stride * padded_row_size(g),
                                       static_cast<std::size_t>(g.stride) * g.fine.channels, 1, static_cast<std::size_t>(g.kernel),
                                       padded_row_size(g)};
        multiply_coarse_row(g, windows, right, epilogue, result, out);
        out += g.coarse.width * channels;
      }
    });
  }
};

/// Input gradient for kernels of twice the stride: fine = epilogue(adjoint of the forward operation, applied to coarse). Multiplies coarse
/// pixels by the weights of all taps and stores the products in a zero-padded frame; every fine pixel then gathers exactly four products.
/// A band is the fine rows that gather from coarse rows b - 1 and b. Each worker has a range of the bands of the batch, and computes the
/// products of coarse row b - 1 again where its range begins within a sample. One index per worker.
template <class Real>
struct ConvInputGradient {
  ConvGeometry g;
  std::size_t batch;    ///< samples
  Real const* coarse;   ///< (n, y, x, C)
  Real const* weights;  ///< (k, k, F, C)
  Epilogue<Real> epilogue;
  Real* fine;           ///< (n, y, x, F)
  Real* scratch;        ///< each worker's own, `worker_stride` elements apart
  std::size_t workers;  ///< indices that are run

  /// True for geometries that this kernel supports.
  static bool fits(ConvGeometry const& g) {
    auto const reached = [&](int fine_extent, int coarse_extent) { return fine_extent + g.padding <= g.stride * (coarse_extent + 1); };
    return few_channels::fits(g) && g.kernel == 2 * g.stride && g.fine.width % g.stride == 0 && reached(g.fine.height, g.coarse.height) &&
           reached(g.fine.width, g.coarse.width);
  }
  /// Elements from the products of one coarse pixel to those of the next.
  static std::size_t product_stride(ConvGeometry const& g) { return simd::round_up_to_packs<Real>(g.window_size()); }
  /// Elements of the packed weights.
  static std::size_t panels_size(ConvGeometry const& g) { return product_stride(g) * g.coarse.channels; }
  /// Elements of the products of a row of coarse pixels, with one of zeros on either side.
  static std::size_t frame_row_size(ConvGeometry const& g) { return static_cast<std::size_t>(g.coarse.width + 2) * product_stride(g); }
  /// Elements of the products of a sample, framed by zeros.
  static std::size_t frame_size(ConvGeometry const& g) { return static_cast<std::size_t>(g.coarse.height + 2) * frame_row_size(g); }
  /// Size of each worker's own scratch memory, in elements.
  static std::size_t worker_scratch_size(ConvGeometry const& g) { return panels_size(g) + frame_size(g); }

  /// Bands of a sample.
  static std::size_t bands(ConvGeometry const& g) { return static_cast<std::size_t>((g.fine.height + g.padding - 1) / g.stride + 1); }

  void operator()(std::size_t worker) const {
    auto const channels = static_cast<std::size_t>(g.coarse.channels);
    Real* const panels = scratch + worker * worker_stride<Real>(worker_scratch_size(g));
    Real* const frame = panels + panels_size(g);
    host::pack_transposed(weights, channels, channels, g.window_size(), panels);
    std::fill(frame, frame + frame_size(g), Real(0));
    Panels<Real> const right{panels, channels * simd::lanes_v<Real>};
    std::size_t const all = batch * bands(g);
    for_each_sample(all * worker / workers, all * (worker + 1) / workers, bands(g), [&](std::size_t n, int first, int last) {
      for (int y = std::max(0, first - 1); y < std::min(g.coarse.height, last); ++y) {
        LeftFactor<Real> const left{coarse + n * g.coarse.size() + static_cast<std::size_t>(y) * g.coarse.width * channels, channels, 1};
        product<false>(g.coarse.width, host::pack_count<Real>(g.window_size()), channels, left, right,
                       frame + (y + 1) * frame_row_size(g) + product_stride(g), product_stride(g));
      }
      for (int y = std::max(0, first * g.stride - g.padding); y < std::min(g.fine.height, last * g.stride - g.padding); ++y)
        collect(frame, y, fine + n * g.fine.size() + static_cast<std::size_t>(y) * g.fine.width * g.fine.channels);
    });
  }

 private:
  void collect(Real const* frame, int y, Real* out) const {
    auto const channels = static_cast<std::size_t>(g.fine.channels);
    std::size_t const step = g.stride * channels;
    std::size_t const count = static_cast<std::size_t>(g.fine.width) / g.stride;
    // Taps k and k + stride meet fine y from coarse (y + padding - k) / stride and the coarse pixel before. The frame begins at coarse -1.
    int const ky = (y + g.padding) % g.stride;
    Real const* const tap_row =
        frame + static_cast<std::size_t>((y + g.padding) / g.stride + 1) * frame_row_size(g) + ky * host::window_row_size(g);
    for (int x = 0; x < g.stride; ++x) {
      int const kx = (x + g.padding) % g.stride;
      Real const* const here = tap_row + static_cast<std::size_t>((x + g.padding) / g.stride + 1) * product_stride(g) + kx * channels;
      Real const* const left = here - product_stride(g) + step;  // one coarse pixel left, tap + stride
      Real const* const above =
          here - frame_row_size(g) + g.stride * host::window_row_size(g);  // one coarse pixel up, row of taps + stride
      Real const* const corner = above - product_stride(g) + step;
      for (std::size_t f = 0; f < channels; ++f) {
        Real* const to = out + x * channels + f;
        auto const collect_to = [&](auto const& finish) {
          for (std::size_t i = 0; i < count; ++i) {
            std::size_t const at = i * product_stride(g) + f;
            to[i * step] = finish((here[at] + left[at]) + (above[at] + corner[at]));
          }
        };
        auto const channel = epilogue.channel(f);
        if (epilogue.scale == nullptr && epilogue.slope == 1)  // no branch: the loop vectorises
          collect_to([shift = channel.shift](Real sum) { return shift + sum; });
        else
          collect_to([channel](Real sum) { return channel.value(sum); });
      }
    }
  }
};

/// Weight gradient: windowsᵀ · coarse per part of the batch, with the same layout of sums as math/conv/host/direct.hpp. A task is one part,
/// a range of the coarse rows of the batch. One index per worker.
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
  /// Rows of coarse pixels that are multiplied at once.
  static int rows_per_block(ConvGeometry const& g) { return std::clamp(256 / g.coarse.width, 1, g.coarse.height); }
  /// Size of each worker's own scratch memory, in elements.
  static std::size_t worker_scratch_size(ConvGeometry const& g) {
    return static_cast<std::size_t>(rows_per_block(g)) * g.coarse.width * sum_stride(g) + padded_size(g);
  }

  void operator()(std::size_t worker) const {
    auto const channels = static_cast<std::size_t>(g.coarse.channels);
    auto const width = static_cast<std::size_t>(g.coarse.width);
    std::size_t const parts = host::ConvWeightGradient<Real>::parts(g, batch);
    Real* const panels = scratch + worker * worker_stride<Real>(worker_scratch_size(g));
    Real* const padded = panels + static_cast<std::size_t>(rows_per_block(g)) * width * sum_stride(g);
    std::fill(padded, padded + padded_size(g), Real(0));
    std::size_t const rows = batch * g.coarse.height;
    for (std::size_t part = parts * worker / workers; part < parts * (worker + 1) / workers; ++part) {
      Real* const sum = sums + part * host::ConvWeightGradient<Real>::part_size(g);
      std::fill(sum, sum + host::ConvWeightGradient<Real>::part_size(g), Real(0));
      for_each_sample(rows * part / parts, rows * (part + 1) / parts, g.coarse.height, [&](std::size_t n, int first, int last) {
        pad_rows(g, fine + n * g.fine.size(), first, last, padded);
        Real const factor = sample_weights != nullptr ? sample_weights[n] : Real(1);
        for (int y = first; y < last; y += rows_per_block(g)) {
          auto const count = static_cast<std::size_t>(std::min(rows_per_block(g), last - y));
          host::pack_rows(
              coarse + n * g.coarse.size() + y * width * channels, channels, count * width, channels,
              [factor](std::size_t) { return factor; }, panels);
          Panels<Real> const right{panels, count * width * simd::lanes_v<Real>};
          for (int ky = 0; ky < g.kernel; ++ky) {
            LeftFactor<Real> const windows{padded + (y * g.stride + ky) * padded_row_size(g), 1,
                                           static_cast<std::size_t>(g.stride) * g.fine.channels, count, g.stride * padded_row_size(g)};
            product<true>(host::window_row_size(g), host::pack_count<Real>(channels), width, windows, right,
                          sum + ky * host::window_row_size(g) * sum_stride(g), sum_stride(g));
          }
        }
      });
    }
  }
};

}  // namespace ign::math::few_channels

#endif  // IGN_MATH_CONV_HOST_FEW_CHANNELS_HPP
