// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// The three operations of a convolution on the host: blocks of rows, one single-threaded matrix product each.
///
///  - correlate: windows of a block of coarse pixels are copied side by side, then multiplied by the weights;
///  - transpose: coarse pixels are multiplied by the weights of all taps at once, then each fine pixel collects the few
///    products that reach it. Nothing is scattered;
///  - weight_gradient: windowsᵀ · coarse per part of the batch. The parts do not depend on the number of threads, and are
///    added in their order.
/// A product always has the full rows of its block, so a sample's bits do not depend on what else is in the batch.
#ifndef IGN_MATH_CORRELATION_HOST_HPP
#define IGN_MATH_CORRELATION_HOST_HPP

#include <algorithm>
#include <cstring>

#include "ign/core/tensor.hpp"
#include "ign/core/workspace.hpp"
#include "ign/math/gemm.hpp"
#include "ign/math/windowing.hpp"

namespace ign::math::host {

/// Scratch that one worker needs lies this far from the next one's.
template <class Real>
std::size_t worker_stride(std::size_t size) {
  return padded<Real>(size) + 64 / sizeof(Real);
}

/// Rows of a block so that rows · columns numbers stay within about 256 KiB: a multiple of 8 from 16 to 256.
template <class Real>
std::size_t block_rows(std::size_t columns) {
  return std::clamp<std::size_t>((std::size_t{1} << 18) / sizeof(Real) / columns / 8 * 8, 16, 256);
}

/// Copies the windows of coarse pixels [first, last) of the batch into rows of `out`, times their sample's scale.
template <class Real>
void gather_windows(Windowing const& g, Real const* fine, std::size_t first, std::size_t last, Real const* scale, Real* out) {
  auto const channels = static_cast<std::size_t>(g.fine.channels);
  std::size_t const line = static_cast<std::size_t>(g.kernel) * channels;
  for (std::size_t pixel = first; pixel < last; ++pixel) {
    std::size_t const n = pixel / g.coarse.pixels();
    auto const place = static_cast<int>(pixel % g.coarse.pixels());
    int const x0 = place % g.coarse.width * g.stride - g.padding;
    int const y0 = place / g.coarse.width * g.stride - g.padding;
    int const from = std::max(0, -x0);
    int const to = std::min(g.kernel, g.fine.width - x0);
    Real* const window = out;
    for (int ky = 0; ky < g.kernel; ++ky, out += line) {
      int const y = y0 + ky;
      if (y < 0 || y >= g.fine.height || from >= to) {
        std::fill(out, out + line, Real(0));
        continue;
      }
      Real const* const in = fine + ((n * g.fine.height + y) * g.fine.width + x0 + from) * channels;
      std::fill(out, out + from * channels, Real(0));
      std::copy(in, in + (to - from) * channels, out + from * channels);
      std::fill(out + to * channels, out + line, Real(0));
    }
    if (scale != nullptr) {
      Real const s = scale[n];
      for (Real* number = window; number != out; ++number) *number *= s;
    }
  }
}

template <class Real, class Exec>
struct Correlate {
  Windowing g;
  TensorWindow<Real, Exec> fine;
  Real const* weights;
  Real const* bias;  // or nullptr
  TensorWindow<Real, Exec> coarse;
  Real* scratch;
  std::size_t workers;

  static std::size_t rows(Windowing const& g) { return block_rows<Real>(g.window_size() + g.coarse.channels); }
  static std::size_t scratch_size(Windowing const& g) { return rows(g) * (g.window_size() + g.coarse.channels); }

  void operator()(std::size_t worker) const {
    OneThread const one_thread;
    auto const channels = static_cast<std::size_t>(g.coarse.channels);
    std::size_t const block = rows(g);
    std::size_t const pixels = fine.extent(0) * g.coarse.pixels();
    Real* const windows = scratch + worker * worker_stride<Real>(scratch_size(g));
    for (std::size_t first = worker * block; first < pixels; first += workers * block) {
      std::size_t const last = std::min(first + block, pixels);
      bool const whole = last - first == block;
      gather_windows(g, static_cast<Real const*>(fine.data()), first, last, static_cast<Real const*>(nullptr), windows);
      if (!whole) std::fill(windows + (last - first) * g.window_size(), windows + block * g.window_size(), Real(0));
      Real* const out = coarse.data() + first * channels;
      Real* const result = whole ? out : windows + block * g.window_size();
      product(block, channels, g.window_size(), windows, weights, result);
      for (std::size_t row = 0; row < last - first; ++row) {
        if (bias != nullptr) {
          for (std::size_t c = 0; c < channels; ++c) out[row * channels + c] = result[row * channels + c] + bias[c];
        } else if (!whole) {
          std::copy(result + row * channels, result + (row + 1) * channels, out + row * channels);
        }
      }
    }
  }
};

template <class Real, class Exec>
struct Transpose {
  Windowing g;
  TensorWindow<Real, Exec> coarse;
  Real const* weights;
  Real const* bias;  // or nullptr
  TensorWindow<Real, Exec> fine;
  Real* scratch;
  std::size_t workers;

  // A task is some whole samples: enough for 64 rows, or one.
  static std::size_t samples(Windowing const& g) { return std::max<std::size_t>(1, 64 / g.coarse.pixels()); }
  static std::size_t rows(Windowing const& g) { return (samples(g) * g.coarse.pixels() + 7) / 8 * 8; }
  static std::size_t scratch_size(Windowing const& g) { return rows(g) * (g.window_size() + g.coarse.channels); }

  void operator()(std::size_t worker) const {
    OneThread const one_thread;
    auto const channels = static_cast<std::size_t>(g.coarse.channels);
    std::size_t const batch = fine.extent(0);
    Real* const products = scratch + worker * worker_stride<Real>(scratch_size(g));
    Real* const copy = products + rows(g) * g.window_size();
    for (std::size_t first = worker * samples(g); first < batch; first += workers * samples(g)) {
      std::size_t const count = std::min(samples(g), batch - first);
      std::size_t const used = count * g.coarse.pixels();
      Real const* in = coarse.data() + first * g.coarse.size();
      if (used < rows(g)) {
        std::copy(in, in + used * channels, copy);
        std::fill(copy + used * channels, copy + rows(g) * channels, Real(0));
        in = copy;
      }
      product_bt(rows(g), g.window_size(), channels, in, weights, products);
      for (std::size_t n = 0; n < count; ++n) collect(products + n * g.coarse.pixels() * g.window_size(), first + n);
    }
  }

  void collect(Real const* products, std::size_t n) const {
    auto const channels = static_cast<std::size_t>(g.fine.channels);
    Real* out = fine.data() + n * g.fine.size();
    for (int y = 0; y < g.fine.height; ++y) {
      for (int x = 0; x < g.fine.width; ++x, out += channels) {
        if (bias != nullptr)
          std::copy(bias, bias + channels, out);
        else
          std::fill(out, out + channels, Real(0));
        for (int ky = (y + g.padding) % g.stride; ky < g.kernel; ky += g.stride) {
          int const cy = g.coarse_place(y, ky, g.coarse.height);
          if (cy < 0) continue;
          for (int kx = (x + g.padding) % g.stride; kx < g.kernel; kx += g.stride) {
            int const cx = g.coarse_place(x, kx, g.coarse.width);
            if (cx < 0) continue;
            Real const* const term = products + (static_cast<std::size_t>(cy) * g.coarse.width + cx) * g.window_size() +
                                     (static_cast<std::size_t>(ky) * g.kernel + kx) * channels;
            for (std::size_t f = 0; f < channels; ++f) out[f] += term[f];
          }
        }
      }
    }
  }
};

/// How the weight gradient is cut, by layer and not by thread: parts of the batch's pixels.
inline std::size_t gradient_parts(Windowing const& g) {
  return g.weight_size() <= (std::size_t{1} << 14) ? 16 : g.weight_size() <= (std::size_t{1} << 18) ? 4 : 2;
}

template <class Real, class Exec>
struct WeightGradient {
  Windowing g;
  TensorWindow<Real, Exec> fine;
  TensorWindow<Real, Exec> coarse;
  Real const* scale;  // of each sample, or nullptr
  Real* partials;     // (part, weight)
  Real* scratch;
  std::size_t workers;

  static std::size_t rows(Windowing const& g) { return block_rows<Real>(g.window_size()); }
  static std::size_t scratch_size(Windowing const& g) { return rows(g) * g.window_size(); }

  void operator()(std::size_t worker) const {
    OneThread const one_thread;
    auto const channels = static_cast<std::size_t>(g.coarse.channels);
    std::size_t const parts = gradient_parts(g);
    std::size_t const block = rows(g);
    std::size_t const pixels = fine.extent(0) * g.coarse.pixels();
    Real* const windows = scratch + worker * worker_stride<Real>(scratch_size(g));
    for (std::size_t part = worker; part < parts; part += workers) {
      Real* const sum = partials + part * g.weight_size();
      std::fill(sum, sum + g.weight_size(), Real(0));
      std::size_t const end = pixels * (part + 1) / parts;
      for (std::size_t first = pixels * part / parts; first < end; first += block) {
        std::size_t const last = std::min(first + block, end);
        gather_windows(g, static_cast<Real const*>(fine.data()), first, last, scale, windows);
        add_product_at(g.window_size(), channels, last - first, windows, coarse.data() + first * channels, sum);
      }
    }
  }
};

}  // namespace ign::math::host

#endif  // IGN_MATH_CORRELATION_HOST_HPP
