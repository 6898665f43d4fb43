// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Forward, input gradient and weight gradient of a three-dimensional convolution on hosts, for fine images of few channels.
///
/// Algorithm: direct, as in two dimensions (math/conv/host/few_channels.hpp). The fine slices under one coarse slice are copied into a
/// zero-padded band whose rows are ordered (y, slice): the rows of a window are then equally far apart, and products (math/gemm/host.hpp)
/// read windows in place. Layout: images (n, z, y, x, channel), weights (k, k, k, F, C).
#ifndef IGN_MATH_CONV_HOST_FEW_CHANNELS_VOLUME_HPP
#define IGN_MATH_CONV_HOST_FEW_CHANNELS_VOLUME_HPP

#include <algorithm>
#include <utility>

#include "ign/math/conv/host/few_channels.hpp"

namespace ign::math::few_channels {

/// True for geometries of three dimensions that these kernels support. The input gradient has further conditions.
inline bool fits_volume(ConvGeometry const& g) { return g.fine.channels < channels_limit && !g.is_dense() && g.is_volume(); }

/// Size of a band, in elements.
inline std::size_t band_size(ConvGeometry const& g) {
  return static_cast<std::size_t>(g.fine.height + 2 * g.padding) * g.depth.kernel * padded_row_size(g);
}

/// Copies the fine slices under coarse slice cz into a band whose border is already zero.
template <class Real>
void fill_band(ConvGeometry const& g, Real const* sample, int cz, Real* band) {
  std::size_t const row_size = static_cast<std::size_t>(g.fine.width) * g.fine.channels;
  for (int kz = 0; kz < g.depth.kernel; ++kz) {
    int const z = cz * g.depth.stride + kz - g.depth.padding;
    for (int y = 0; y < g.fine.height; ++y) {
      Real* const to = band + (static_cast<std::size_t>(y + g.padding) * g.depth.kernel + kz) * padded_row_size(g) +
                       static_cast<std::size_t>(g.padding) * g.fine.channels;
      if (z < 0 || z >= g.depth.fine)
        std::fill(to, to + row_size, Real(0));
      else
        host::copy_chunk(sample + (static_cast<std::size_t>(z) * g.fine.height + y) * row_size, row_size, to);
    }
  }
}

/// Forward: coarse = epilogue(windows of fine · weights). A task is a coarse slice. One index per worker.
template <class Real>
struct VolumeForward {
  ConvGeometry g;
  std::size_t batch;    ///< samples
  Real const* fine;     ///< (n, z, y, x, F)
  Real const* weights;  ///< (k, k, k, F, C)
  Epilogue<Real> epilogue;
  Real* coarse;         ///< (n, z, y, x, C)
  Real* scratch;        ///< each worker's own, `worker_stride` elements apart
  std::size_t workers;  ///< indices that are run

  /// Elements from the result of one coarse pixel to that of the next.
  static std::size_t result_stride(ConvGeometry const& g) { return simd::round_up_to_packs<Real>(g.coarse.channels); }
  /// Size of each worker's own scratch memory, in elements.
  static std::size_t worker_scratch_size(ConvGeometry const& g) {
    return g.window_size() * (result_stride(g) + g.coarse.channels) + g.coarse.width * result_stride(g) + band_size(g);
  }

  void operator()(std::size_t worker) const {
    auto const channels = static_cast<std::size_t>(g.coarse.channels), kernel_slices = static_cast<std::size_t>(g.depth.kernel);
    Real* const panels = scratch + worker * worker_stride<Real>(worker_scratch_size(g));
    Real* const ordered = panels + g.window_size() * result_stride(g);  // weights (ky, kz, kx, F, C)
    Real* const result = ordered + g.window_size() * channels;
    Real* const band = result + g.coarse.width * result_stride(g);
    std::size_t const row_weights = host::window_row_size(g) * channels;
    for (std::size_t i = 0; i < host::window_row_count(g); ++i)
      host::copy_chunk(weights + i * row_weights, row_weights, ordered + (i % g.kernel * kernel_slices + i / g.kernel) * row_weights);
    host::pack_rows(
        ordered, channels, g.window_size(), channels, [](std::size_t) { return Real(1); }, panels);
    std::fill(band, band + band_size(g), Real(0));
    Panels<Real> const right{panels, g.window_size() * simd::lanes_v<Real>};
    std::size_t const slices = batch * g.depth.coarse;
    for (std::size_t slice = slices * worker / workers; slice < slices * (worker + 1) / workers; ++slice) {
      fill_band(g, fine + slice / g.depth.coarse * g.fine_size(), static_cast<int>(slice % g.depth.coarse), band);
      Real* out = coarse + slice * g.coarse.size();
      for (int y = 0; y < g.coarse.height; ++y) {
        LeftFactor<Real> const windows{band + static_cast<std::size_t>(y) * g.stride * kernel_slices * padded_row_size(g),
                                       static_cast<std::size_t>(g.stride) * g.fine.channels, 1, host::window_row_count(g),
                                       padded_row_size(g)};
        multiply_coarse_row(g, windows, right, epilogue, result, out);
        out += g.coarse.width * channels;
      }
    }
  }
};

/// Input gradient for kernels of twice the stride: fine = epilogue(adjoint of the forward operation, applied to coarse). Multiplies the
/// weights of all taps by rows of coarse pixels and keeps the products of two neighbouring coarse slices in zero-bordered frames; every
/// fine pixel is the sum of eight of them. Bands are those of two dimensions along the depth. One index per worker.
template <class Real>
struct VolumeInputGradient {
  static constexpr std::size_t border = simd::lanes_v<Real>;  ///< zeros in front of each row of a frame. Behind a row are the zeros that
                                                              ///< fill its last pack, then the border of the next row

  ConvGeometry g;
  std::size_t batch;    ///< samples
  Real const* coarse;   ///< (n, z, y, x, C)
  Real const* weights;  ///< (k, k, k, F, C)
  Epilogue<Real> epilogue;
  Real* fine;           ///< (n, z, y, x, F)
  Real* scratch;        ///< each worker's own, `worker_stride` elements apart
  std::size_t workers;  ///< indices that are run

  /// True for geometries that this kernel supports.
  static bool fits(ConvGeometry const& g) {
    auto const reached = [&](int fine_extent, int coarse_extent) { return fine_extent + g.padding <= g.stride * (coarse_extent + 1); };
    return few_channels::fits_volume(g) && g.kernel == 2 * g.stride && g.depth.kernel == g.kernel && g.depth.stride == g.stride &&
           g.depth.padding == g.padding && g.fine.width % g.stride == 0 && reached(g.fine.height, g.coarse.height) &&
           reached(g.fine.width, g.coarse.width) && reached(g.depth.fine, g.depth.coarse);
  }
  /// Elements from one row of a frame to the next.
  static std::size_t row_size(ConvGeometry const& g) { return border + simd::round_up_to_packs<Real>(g.coarse.width); }
  /// Elements from the products of one weight (tap, f) in a frame to those of the next: rows of coarse pixels, from row -1 on.
  static std::size_t plane_size(ConvGeometry const& g) { return static_cast<std::size_t>(g.coarse.height + 2) * row_size(g); }
  /// Elements of a frame.
  static std::size_t frame_size(ConvGeometry const& g) { return g.window_size() * plane_size(g) + border; }
  /// Elements of a row of coarse pixels as a right factor.
  static std::size_t panels_size(ConvGeometry const& g) { return g.coarse.channels * (row_size(g) - border); }
  /// Size of each worker's own scratch memory, in elements.
  static std::size_t worker_scratch_size(ConvGeometry const& g) { return panels_size(g) + 2 * frame_size(g) + g.fine.width / g.stride; }
  /// Bands of a sample.
  static std::size_t bands(ConvGeometry const& g) { return static_cast<std::size_t>((g.depth.fine + g.padding - 1) / g.stride + 1); }

  void operator()(std::size_t worker) const {
    Real* const panels = scratch + worker * worker_stride<Real>(worker_scratch_size(g));
    Real* current = panels + panels_size(g);
    Real* previous = current + frame_size(g);
    Real* const sums = previous + frame_size(g);
    std::fill(current, sums, Real(0));
    std::size_t const all = batch * bands(g);
    for_each_sample(all * worker / workers, all * (worker + 1) / workers, bands(g), [&](std::size_t n, int first, int last) {
      auto const multiply_slice = [&](int cz) {
        if (cz >= 0 && cz < g.depth.coarse)
          multiply(coarse + n * g.coarse_size() + static_cast<std::size_t>(cz) * g.coarse.size(), panels, current);
        else
          std::fill(current, current + frame_size(g), Real(0));
      };
      // Frames of coarse slices cz and cz - 1; slices outside the image are zero.
      multiply_slice(first - 1);
      for (int cz = first; cz < last; ++cz) {
        std::swap(current, previous);
        multiply_slice(cz);
        for (int kz = 0; kz < g.stride; ++kz) {
          int const z = cz * g.stride + kz - g.padding;
          if (z < 0 || z >= g.depth.fine) continue;
          std::size_t const slice_size = g.kernel * host::window_row_size(g) * plane_size(g);  // products of a slice of taps
          Real* const out = fine + n * g.fine_size() + static_cast<std::size_t>(z) * g.fine.size();
          for (int y = 0; y < g.fine.height; ++y)
            collect(current + kz * slice_size, previous + (kz + g.stride) * slice_size, y, sums,
                    out + static_cast<std::size_t>(y) * g.fine.width * g.fine.channels);
        }
      }
    });
  }

 private:
  // Products of a coarse slice.
  void multiply(Real const* slice, Real* panels, Real* frame) const {
    auto const channels = static_cast<std::size_t>(g.coarse.channels), width = static_cast<std::size_t>(g.coarse.width);
    for (int y = 0; y < g.coarse.height; ++y) {
      host::pack_transposed(slice + y * width * channels, channels, channels, width, panels);
      product<false>(g.window_size(), host::pack_count<Real>(width), channels, LeftFactor<Real>{weights, channels, 1},
                     Panels<Real>{panels, channels * simd::lanes_v<Real>}, frame + (y + 1) * row_size(g) + border, plane_size(g));
    }
  }

  // Row y of a fine slice. `current` and `previous` are the products of the two slices of taps that meet it.
  void collect(Real const* current, Real const* previous, int y, Real* sums, Real* out) const {
    auto const channels = static_cast<std::size_t>(g.fine.channels);
    std::size_t const step = g.stride * channels, count = static_cast<std::size_t>(g.fine.width) / g.stride;
    // Taps k and k + stride meet fine y from coarse (y + padding - k) / stride and the coarse pixel before.
    int const ky = (y + g.padding) % g.stride;
    std::size_t const row = static_cast<std::size_t>((y + g.padding) / g.stride + 1) * row_size(g) + border;
    for (int x = 0; x < g.stride; ++x) {
      int const kx = (x + g.padding) % g.stride;
      std::size_t const pixel = row + static_cast<std::size_t>((x + g.padding) / g.stride);
      for (std::size_t f = 0; f < channels; ++f) {
        auto const plane = [&](int tap_y, int tap_x) {
          return (static_cast<std::size_t>(tap_y * g.kernel + tap_x) * channels + f) * plane_size(g);
        };
        std::size_t const here = plane(ky, kx) + pixel, left = plane(ky, kx + g.stride) + pixel - 1;
        std::size_t const above = plane(ky + g.stride, kx) + pixel - row_size(g),
                          corner = plane(ky + g.stride, kx + g.stride) + pixel - row_size(g) - 1;
        simd::for_each_pack<Real>(count, [&](std::size_t i, auto type) {
          using T = decltype(type);
          auto const sum = [&](Real const* frame) {
            return (simd::load<T>(frame + here + i) + simd::load<T>(frame + left + i)) +
                   (simd::load<T>(frame + above + i) + simd::load<T>(frame + corner + i));
          };
          simd::store(sums + i, sum(current) + sum(previous));
        });
        auto const channel = epilogue.channel(f);
        Real* const to = out + x * channels + f;
        for (std::size_t i = 0; i < count; ++i) to[i * step] = channel.value(sums[i]);
      }
    }
  }
};

/// Weight gradient: windowsᵀ · coarse per part of the batch, with the same layout of sums as math/conv/host/direct.hpp. A part is a range
/// of coarse slices of the batch. One index per worker.
template <class Real>
struct VolumeWeightGradient {
  using Plane = ConvWeightGradient<Real>;
  using Sums = host::ConvWeightGradient<Real>;

  ConvGeometry g;
  std::size_t batch;           ///< samples
  Real const* fine;            ///< (n, z, y, x, F)
  Real const* coarse;          ///< (n, z, y, x, C)
  Real const* sample_weights;  ///< (n), or nullptr: 1
  Real* sums;                  ///< (part, window, c), rows padded to whole packs: the shared scratch memory
  Real* scratch;               ///< each worker's own, `worker_stride` elements apart
  std::size_t workers;         ///< indices that are run

  /// Elements from one row of the sums to the next.
  static std::size_t sum_stride(ConvGeometry const& g) { return Plane::sum_stride(g); }
  /// Rows of coarse pixels that are multiplied at once.
  static int rows_per_block(ConvGeometry const& g) { return Plane::rows_per_block(g); }
  /// Size of each worker's own scratch memory, in elements.
  static std::size_t worker_scratch_size(ConvGeometry const& g) {
    return static_cast<std::size_t>(rows_per_block(g)) * g.coarse.width * sum_stride(g) + band_size(g);
  }

  void operator()(std::size_t worker) const {
    auto const channels = static_cast<std::size_t>(g.coarse.channels), width = static_cast<std::size_t>(g.coarse.width);
    auto const kernel_slices = static_cast<std::size_t>(g.depth.kernel);
    std::size_t const parts = Sums::parts(g, batch), slices = batch * g.depth.coarse;
    Real* const panels = scratch + worker * worker_stride<Real>(worker_scratch_size(g));
    Real* const band = panels + static_cast<std::size_t>(rows_per_block(g)) * width * sum_stride(g);
    std::fill(band, band + band_size(g), Real(0));
    for (std::size_t part = parts * worker / workers; part < parts * (worker + 1) / workers; ++part) {
      Real* const sum = sums + part * Sums::part_size(g);
      std::fill(sum, sum + Sums::part_size(g), Real(0));
      for (std::size_t slice = slices * part / parts; slice < slices * (part + 1) / parts; ++slice) {
        std::size_t const n = slice / g.depth.coarse;
        fill_band(g, fine + n * g.fine_size(), static_cast<int>(slice % g.depth.coarse), band);
        Real const factor = sample_weights != nullptr ? sample_weights[n] : Real(1);
        for (int y = 0; y < g.coarse.height; y += rows_per_block(g)) {
          auto const count = static_cast<std::size_t>(std::min(rows_per_block(g), g.coarse.height - y));
          host::pack_rows(
              coarse + slice * g.coarse.size() + y * width * channels, channels, count * width, channels,
              [factor](std::size_t) { return factor; }, panels);
          Panels<Real> const right{panels, count * width * simd::lanes_v<Real>};
          for (std::size_t i = 0; i < host::window_row_count(g); ++i) {
            std::size_t const ky = i % g.kernel, kz = i / g.kernel;
            LeftFactor<Real> const windows{band + ((static_cast<std::size_t>(y) * g.stride + ky) * kernel_slices + kz) * padded_row_size(g),
                                           1, static_cast<std::size_t>(g.stride) * g.fine.channels, count,
                                           g.stride * kernel_slices * padded_row_size(g)};
            product<true>(host::window_row_size(g), host::pack_count<Real>(channels), width, windows, right,
                          sum + i * host::window_row_size(g) * sum_stride(g), sum_stride(g));
          }
        }
      }
    }
  }
};

}  // namespace ign::math::few_channels

#endif  // IGN_MATH_CONV_HOST_FEW_CHANNELS_VOLUME_HPP
