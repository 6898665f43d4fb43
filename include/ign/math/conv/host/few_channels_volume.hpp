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

inline bool fits_volume(ConvGeometry const& g) { return g.fine.channels < channels_limit && !g.is_dense() && g.is_volume(); }

/// Size of a band, in elements.
inline std::size_t band_size(ConvGeometry const& g) {
  return static_cast<std::size_t>(g.fine.height + 2 * g.padding) * g.depth.kernel * padded_row(g);
}

/// Copies the fine slices under coarse slice cz into a band whose border is already zero.
template <class Real>
void fill_band(ConvGeometry const& g, Real const* sample, int cz, Real* band) {
  std::size_t const row_size = static_cast<std::size_t>(g.fine.width) * g.fine.channels;
  for (int kz = 0; kz < g.depth.kernel; ++kz) {
    int const z = cz * g.depth.stride + kz - g.depth.padding;
    for (int y = 0; y < g.fine.height; ++y) {
      Real* const to = band + (static_cast<std::size_t>(y + g.padding) * g.depth.kernel + kz) * padded_row(g) +
                       static_cast<std::size_t>(g.padding) * g.fine.channels;
      if (z < 0 || z >= g.depth.fine)
        std::fill(to, to + row_size, Real(0));
      else
        host::copy_run(sample + (static_cast<std::size_t>(z) * g.fine.height + y) * row_size, row_size, to);
    }
  }
}

/// Forward: coarse = epilogue(windows of fine · weights). A task is a coarse slice. One index per worker.
template <class Real>
struct VolumeForward {
  ConvGeometry g;
  std::size_t batch;
  Real const* fine;
  Real const* weights;
  Epilogue<Real> epilogue;
  Real* coarse;
  Real* scratch;
  std::size_t workers;

  static std::size_t column(ConvGeometry const& g) { return simd::whole_packs<Real>(g.coarse.channels); }
  static std::size_t scratch_size(ConvGeometry const& g) {
    return g.window_size() * (column(g) + g.coarse.channels) + g.coarse.width * column(g) + band_size(g);
  }

  void operator()(std::size_t worker) const {
    auto const channels = static_cast<std::size_t>(g.coarse.channels), kernel_slices = static_cast<std::size_t>(g.depth.kernel);
    Real* const panels = scratch + worker * worker_stride<Real>(scratch_size(g));
    Real* const ordered = panels + g.window_size() * column(g);  // weights (ky, kz, kx, F, C)
    Real* const result = ordered + g.window_size() * channels;
    Real* const band = result + g.coarse.width * column(g);
    std::size_t const run = host::window_row(g) * channels;
    for (std::size_t i = 0; i < host::all_window_rows(g); ++i)
      host::copy_run(weights + i * run, run, ordered + (i % g.kernel * kernel_slices + i / g.kernel) * run);
    host::pack_rows(
        ordered, channels, g.window_size(), channels, [](std::size_t) { return Real(1); }, panels);
    std::fill(band, band + band_size(g), Real(0));
    Panels<Real> const right{panels, g.window_size() * simd::lanes_v<Real>};
    std::size_t const slices = batch * g.depth.coarse;
    for (std::size_t slice = slices * worker / workers; slice < slices * (worker + 1) / workers; ++slice) {
      fill_band(g, fine + slice / g.depth.coarse * g.fine_size(), static_cast<int>(slice % g.depth.coarse), band);
      Real* out = coarse + slice * g.coarse.size();
      for (int y = 0; y < g.coarse.height; ++y) {
        LeftFactor<Real> const windows{band + static_cast<std::size_t>(y) * g.stride * kernel_slices * padded_row(g),
                                       static_cast<std::size_t>(g.stride) * g.fine.channels, 1, host::all_window_rows(g), padded_row(g)};
        product<false>(g.coarse.width, host::packs_of<Real>(channels), host::window_row(g), windows, right, result, column(g));
        for (int x = 0; x < g.coarse.width; ++x, out += channels) host::store_sums(result + x * column(g), epilogue, channels, out);
      }
    }
  }
};

/// Input gradient for kernels of twice the stride: fine = epilogue(adjoint of the forward operation, applied to coarse). Multiplies coarse
/// pixels by the weights of all taps and keeps the products of two neighbouring coarse slices in zero-padded frames; every fine pixel
/// gathers exactly eight of them. One index per worker.
template <class Real>
struct VolumeInputGradient {
  using Plane = ConvInputGradient<Real>;

  ConvGeometry g;
  std::size_t batch;
  Real const* coarse;
  Real const* weights;
  Epilogue<Real> epilogue;
  Real* fine;
  Real* scratch;
  std::size_t workers;

  static bool fits(ConvGeometry const& g) {
    auto const reached = [&](int fine_extent, int coarse_extent) { return fine_extent + g.padding <= g.stride * (coarse_extent + 1); };
    return few_channels::fits_volume(g) && g.kernel == 2 * g.stride && g.depth.kernel == g.kernel && g.depth.stride == g.stride &&
           g.depth.padding == g.padding && g.fine.width % g.stride == 0 && reached(g.fine.height, g.coarse.height) &&
           reached(g.fine.width, g.coarse.width) && reached(g.depth.fine, g.depth.coarse);
  }
  static std::size_t scratch_size(ConvGeometry const& g) { return Plane::panels_size(g) + 2 * Plane::frame_size(g); }

  void operator()(std::size_t worker) const {
    auto const channels = static_cast<std::size_t>(g.coarse.channels);
    std::size_t const row = Plane::row(g), frame_row = Plane::frame_row(g), frame_size = Plane::frame_size(g);
    Real* const panels = scratch + worker * worker_stride<Real>(scratch_size(g));
    Real* now = panels + Plane::panels_size(g);
    Real* before = now + frame_size;
    host::pack_transposed(weights, channels, channels, g.window_size(), panels);
    std::fill(now, now + 2 * frame_size, Real(0));
    Panels<Real> const right{panels, channels * simd::lanes_v<Real>};
    for (std::size_t n = batch * worker / workers; n < batch * (worker + 1) / workers; ++n) {
      // Frames of coarse slices cz and cz - 1; slices outside the image are zero.
      for (int cz = 0; cz * g.stride - g.padding < g.depth.fine; ++cz) {
        std::swap(now, before);
        if (cz == 0) std::fill(before, before + frame_size, Real(0));
        if (cz >= g.depth.coarse) std::fill(now, now + frame_size, Real(0));
        for (int y = 0; y < g.coarse.height && cz < g.depth.coarse; ++y) {
          LeftFactor<Real> const left{
              coarse + n * g.coarse_size() + (static_cast<std::size_t>(cz) * g.coarse.height + y) * g.coarse.width * channels, channels, 1};
          product<false>(g.coarse.width, host::packs_of<Real>(g.window_size()), channels, left, right, now + (y + 1) * frame_row + row,
                         row);
        }
        for (int kz = 0; kz < g.stride; ++kz) {
          int const z = cz * g.stride + kz - g.padding;
          if (z < 0 || z >= g.depth.fine) continue;
          std::size_t const slice_size = g.kernel * host::window_row(g);  // products of a slice of taps
          Real* const out = fine + n * g.fine_size() + static_cast<std::size_t>(z) * g.fine.size();
          for (int y = 0; y < g.fine.height; ++y)
            collect(now + kz * slice_size, before + (kz + g.stride) * slice_size, y,
                    out + static_cast<std::size_t>(y) * g.fine.width * g.fine.channels);
        }
      }
    }
  }

 private:
  void collect(Real const* now, Real const* before, int y, Real* out) const {
    auto const channels = static_cast<std::size_t>(g.fine.channels);
    std::size_t const row = Plane::row(g), frame_row = Plane::frame_row(g);
    std::size_t const step = g.stride * channels, count = static_cast<std::size_t>(g.fine.width) / g.stride;
    // Taps k and k + stride meet fine y from coarse (y + padding - k) / stride and the coarse pixel before. The frame begins at coarse -1.
    int const ky = (y + g.padding) % g.stride;
    std::size_t const row_offset = static_cast<std::size_t>((y + g.padding) / g.stride + 1) * frame_row + ky * host::window_row(g);
    for (int x = 0; x < g.stride; ++x) {
      int const kx = (x + g.padding) % g.stride;
      std::size_t const here = row_offset + static_cast<std::size_t>((x + g.padding) / g.stride + 1) * row + kx * channels;
      std::size_t const left = here - row + step;                                   // one coarse pixel left, tap + stride
      std::size_t const above = here - frame_row + g.stride * host::window_row(g);  // one coarse pixel up, row_offset + stride
      std::size_t const corner = above - row + step;
      for (std::size_t f = 0; f < channels; ++f) {
        auto const channel = epilogue.channel(f);
        Real* const to = out + x * channels + f;
        for (std::size_t i = 0; i < count; ++i) {
          std::size_t const at = i * row + f;
          Real const sum = (now[here + at] + now[left + at]) + (now[above + at] + now[corner + at]);
          Real const other = (before[here + at] + before[left + at]) + (before[above + at] + before[corner + at]);
          to[i * step] = channel.value(sum + other);
        }
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
  std::size_t batch;
  Real const* fine;
  Real const* coarse;
  Real const* scale;  // per sample, or nullptr
  Real* sums;         // (part, window, c), rows padded to whole packs
  Real* scratch;
  std::size_t workers;

  static std::size_t column(ConvGeometry const& g) { return Plane::column(g); }
  static int rows(ConvGeometry const& g) { return Plane::rows(g); }  // rows of coarse pixels per block
  static std::size_t scratch_size(ConvGeometry const& g) {
    return static_cast<std::size_t>(rows(g)) * g.coarse.width * column(g) + band_size(g);
  }

  void operator()(std::size_t worker) const {
    auto const channels = static_cast<std::size_t>(g.coarse.channels), width = static_cast<std::size_t>(g.coarse.width);
    auto const kernel_slices = static_cast<std::size_t>(g.depth.kernel);
    std::size_t const parts = Sums::parts(g), slices = batch * g.depth.coarse;
    Real* const panels = scratch + worker * worker_stride<Real>(scratch_size(g));
    Real* const band = panels + static_cast<std::size_t>(rows(g)) * width * column(g);
    std::fill(band, band + band_size(g), Real(0));
    for (std::size_t part = worker; part < parts; part += workers) {
      Real* const sum = sums + part * Sums::part_size(g);
      std::fill(sum, sum + Sums::part_size(g), Real(0));
      for (std::size_t slice = slices * part / parts; slice < slices * (part + 1) / parts; ++slice) {
        std::size_t const n = slice / g.depth.coarse;
        fill_band(g, fine + n * g.fine_size(), static_cast<int>(slice % g.depth.coarse), band);
        Real const factor = scale != nullptr ? scale[n] : Real(1);
        for (int y = 0; y < g.coarse.height; y += rows(g)) {
          auto const count = static_cast<std::size_t>(std::min(rows(g), g.coarse.height - y));
          host::pack_rows(
              coarse + slice * g.coarse.size() + y * width * channels, channels, count * width, channels,
              [factor](std::size_t) { return factor; }, panels);
          Panels<Real> const right{panels, count * width * simd::lanes_v<Real>};
          for (std::size_t i = 0; i < host::all_window_rows(g); ++i) {
            std::size_t const ky = i % g.kernel, kz = i / g.kernel;
            LeftFactor<Real> const windows{band + ((static_cast<std::size_t>(y) * g.stride + ky) * kernel_slices + kz) * padded_row(g), 1,
                                           static_cast<std::size_t>(g.stride) * g.fine.channels, count,
                                           g.stride * kernel_slices * padded_row(g)};
            product<true>(host::window_row(g), host::packs_of<Real>(channels), width, windows, right,
                          sum + i * host::window_row(g) * column(g), column(g));
          }
        }
      }
    }
  }
};

}  // namespace ign::math::few_channels

#endif  // IGN_MATH_CONV_HOST_FEW_CHANNELS_VOLUME_HPP
