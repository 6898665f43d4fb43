// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Forward, input gradient and weight gradient of a convolution on hosts, for fine images of few channels: the first and last layers of a
/// net. Copying windows into rows would cost more than multiplying them.
///
/// Algorithm: direct. Each sample is copied once into a zero-padded frame, and the products (math/gemm/host.hpp) read its windows in place.
/// Layout: images (n, y, x, channel), weights (k, k, F, C).
#ifndef IGN_MATH_CONV_HOST_FEW_CHANNELS_HPP
#define IGN_MATH_CONV_HOST_FEW_CHANNELS_HPP

#include <algorithm>

#include "ign/math/conv/host/direct.hpp"

namespace ign::math::few_channels {

/// These kernels serve fine images with fewer channels than this.
inline constexpr int channels_limit = 8;

inline bool fits(ConvGeometry const& g) { return g.fine.channels < channels_limit && !g.is_dense() && !g.is_volume(); }

/// Size of a row of a padded sample and of the whole padded sample, in elements.
inline std::size_t padded_row(ConvGeometry const& g) { return static_cast<std::size_t>(g.fine.width + 2 * g.padding) * g.fine.channels; }
inline std::size_t padded_size(ConvGeometry const& g) { return static_cast<std::size_t>(g.fine.height + 2 * g.padding) * padded_row(g); }

/// Copies a sample into a frame whose border is already zero.
template <class Real>
void pad_sample(ConvGeometry const& g, Real const* sample, Real* padded) {
  std::size_t const row_size = static_cast<std::size_t>(g.fine.width) * g.fine.channels;
  for (int y = 0; y < g.fine.height; ++y)
    host::copy_run(sample + y * row_size, row_size,
                   padded + (y + g.padding) * padded_row(g) + static_cast<std::size_t>(g.padding) * g.fine.channels);
}

/// Forward: coarse = epilogue(windows of fine · weights). One index per worker.
template <class Real>
struct ConvForward {
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
    return g.window_size() * column(g) + g.coarse.width * column(g) + padded_size(g);
  }

  void operator()(std::size_t worker) const {
    auto const channels = static_cast<std::size_t>(g.coarse.channels);
    Real* const panels = scratch + worker * worker_stride<Real>(scratch_size(g));
    Real* const result = panels + g.window_size() * column(g);
    Real* const padded = result + g.coarse.width * column(g);
    host::pack_rows(
        weights, channels, g.window_size(), channels, [](std::size_t) { return Real(1); }, panels);
    std::fill(padded, padded + padded_size(g), Real(0));
    Panels<Real> const right{panels, g.window_size() * simd::lanes_v<Real>};
    for (std::size_t n = batch * worker / workers; n < batch * (worker + 1) / workers; ++n) {
      pad_sample(g, fine + n * g.fine.size(), padded);
      Real* out = coarse + n * g.coarse.size();
      for (int y = 0; y < g.coarse.height; ++y) {
        LeftFactor<Real> const windows{padded + static_cast<std::size_t>(y) * g.stride * padded_row(g),
                                       static_cast<std::size_t>(g.stride) * g.fine.channels, 1, static_cast<std::size_t>(g.kernel),
                                       padded_row(g)};
        product<false>(g.coarse.width, host::packs_of<Real>(channels), host::window_row(g), windows, right, result, column(g));
        for (int x = 0; x < g.coarse.width; ++x, out += channels) host::store_sums(result + x * column(g), epilogue, channels, out);
      }
    }
  }
};

/// Input gradient for kernels of twice the stride: fine = epilogue(adjoint of the forward operation, applied to coarse). Multiplies coarse
/// pixels by the weights of all taps and stores the products in a zero-padded frame; every fine pixel then gathers exactly four products.
/// One index per worker.
template <class Real>
struct ConvInputGradient {
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
    return few_channels::fits(g) && g.kernel == 2 * g.stride && g.fine.width % g.stride == 0 && reached(g.fine.height, g.coarse.height) &&
           reached(g.fine.width, g.coarse.width);
  }
  static std::size_t row(ConvGeometry const& g) { return simd::whole_packs<Real>(g.window_size()); }
  static std::size_t panels_size(ConvGeometry const& g) { return row(g) * g.coarse.channels; }
  static std::size_t frame_row(ConvGeometry const& g) { return static_cast<std::size_t>(g.coarse.width + 2) * row(g); }
  static std::size_t frame_size(ConvGeometry const& g) { return static_cast<std::size_t>(g.coarse.height + 2) * frame_row(g); }
  static std::size_t scratch_size(ConvGeometry const& g) { return panels_size(g) + frame_size(g); }

  void operator()(std::size_t worker) const {
    auto const channels = static_cast<std::size_t>(g.coarse.channels);
    Real* const panels = scratch + worker * worker_stride<Real>(scratch_size(g));
    Real* const frame = panels + panels_size(g);
    host::pack_transposed(weights, channels, channels, g.window_size(), panels);
    std::fill(frame, frame + frame_size(g), Real(0));
    Panels<Real> const right{panels, channels * simd::lanes_v<Real>};
    for (std::size_t n = batch * worker / workers; n < batch * (worker + 1) / workers; ++n) {
      for (int y = 0; y < g.coarse.height; ++y) {
        LeftFactor<Real> const left{coarse + n * g.coarse.size() + static_cast<std::size_t>(y) * g.coarse.width * channels, channels, 1};
        product<false>(g.coarse.width, host::packs_of<Real>(g.window_size()), channels, left, right,
                       frame + (y + 1) * frame_row(g) + row(g), row(g));
      }
      for (int y = 0; y < g.fine.height; ++y)
        collect(frame, y, fine + n * g.fine.size() + static_cast<std::size_t>(y) * g.fine.width * g.fine.channels);
    }
  }

 private:
  void collect(Real const* frame, int y, Real* out) const {
    auto const channels = static_cast<std::size_t>(g.fine.channels);
    std::size_t const step = g.stride * channels;
    std::size_t const count = static_cast<std::size_t>(g.fine.width) / g.stride;
    // Taps k and k + stride meet fine y from coarse (y + padding - k) / stride and the coarse pixel before. The frame begins at coarse -1.
    int const ky = (y + g.padding) % g.stride;
    Real const* const tap_row = frame + static_cast<std::size_t>((y + g.padding) / g.stride + 1) * frame_row(g) + ky * host::window_row(g);
    for (int x = 0; x < g.stride; ++x) {
      int const kx = (x + g.padding) % g.stride;
      Real const* const here = tap_row + static_cast<std::size_t>((x + g.padding) / g.stride + 1) * row(g) + kx * channels;
      Real const* const left = here - row(g) + step;                                   // one coarse pixel left, tap + stride
      Real const* const above = here - frame_row(g) + g.stride * host::window_row(g);  // one coarse pixel up, row of taps + stride
      Real const* const corner = above - row(g) + step;
      for (std::size_t f = 0; f < channels; ++f) {
        Real* const to = out + x * channels + f;
        auto const collect_to = [&](auto const& finish) {
          for (std::size_t i = 0; i < count; ++i) {
            std::size_t const at = i * row(g) + f;
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

/// Weight gradient: windowsᵀ · coarse per part of the batch, with the same layout of sums as math/conv/host/direct.hpp. A task is one part.
/// One index per worker.
template <class Real>
struct ConvWeightGradient {
  ConvGeometry g;
  std::size_t batch;
  Real const* fine;
  Real const* coarse;
  Real const* scale;  // per sample, or nullptr
  Real* sums;         // (part, window, c), rows padded to whole packs
  Real* scratch;
  std::size_t workers;

  static std::size_t column(ConvGeometry const& g) { return simd::whole_packs<Real>(g.coarse.channels); }
  static int rows(ConvGeometry const& g) {
    return std::clamp(256 / g.coarse.width, 1, g.coarse.height);
  }  // rows of coarse pixels per block
  static std::size_t scratch_size(ConvGeometry const& g) {
    return static_cast<std::size_t>(rows(g)) * g.coarse.width * column(g) + padded_size(g);
  }

  void operator()(std::size_t worker) const {
    auto const channels = static_cast<std::size_t>(g.coarse.channels);
    auto const width = static_cast<std::size_t>(g.coarse.width);
    std::size_t const parts = host::ConvWeightGradient<Real>::parts(g);
    Real* const panels = scratch + worker * worker_stride<Real>(scratch_size(g));
    Real* const padded = panels + static_cast<std::size_t>(rows(g)) * width * column(g);
    std::fill(padded, padded + padded_size(g), Real(0));
    for (std::size_t part = worker; part < parts; part += workers) {
      Real* const sum = sums + part * host::ConvWeightGradient<Real>::part_size(g);
      std::fill(sum, sum + host::ConvWeightGradient<Real>::part_size(g), Real(0));
      for (std::size_t n = batch * part / parts; n < batch * (part + 1) / parts; ++n) {
        pad_sample(g, fine + n * g.fine.size(), padded);
        Real const factor = scale != nullptr ? scale[n] : Real(1);
        for (int y = 0; y < g.coarse.height; y += rows(g)) {
          auto const count = static_cast<std::size_t>(std::min(rows(g), g.coarse.height - y));
          host::pack_rows(
              coarse + n * g.coarse.size() + y * width * channels, channels, count * width, channels,
              [factor](std::size_t) { return factor; }, panels);
          Panels<Real> const right{panels, count * width * simd::lanes_v<Real>};
          for (int ky = 0; ky < g.kernel; ++ky) {
            LeftFactor<Real> const windows{padded + (y * g.stride + ky) * padded_row(g), 1,
                                           static_cast<std::size_t>(g.stride) * g.fine.channels, count, g.stride * padded_row(g)};
            product<true>(host::window_row(g), host::packs_of<Real>(channels), width, windows, right,
                          sum + ky * host::window_row(g) * column(g), column(g));
          }
        }
      }
    }
  }
};

}  // namespace ign::math::few_channels

#endif  // IGN_MATH_CONV_HOST_FEW_CHANNELS_HPP
