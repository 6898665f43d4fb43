// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Memory layouts of the direct convolution on hosts: block sizes, windows as rows (im2col), and packed panels of weights. In three
/// dimensions weights are (k, k, k, F, C).
///
/// A panel holds `lanes` neighbouring columns of a right factor, row by row (Panels in math/gemm/host.hpp). Panels are packed block by
/// block: products then read the weights once and in order.
#ifndef IGN_MATH_CONV_HOST_PANELS_HPP
#define IGN_MATH_CONV_HOST_PANELS_HPP

#include <algorithm>

#include "ign/math/conv/epilogue.hpp"
#include "ign/math/conv/geometry.hpp"
#include "ign/math/gemm/host.hpp"

namespace ign::math::host {

inline constexpr std::size_t group_packs = 4;   ///< packs of columns computed from one copy of a block of rows
inline constexpr std::size_t panel_rows = 256;  ///< rows per block of panels: 64 KiB with group_packs packs of 64 bytes

/// Number of packs that hold `columns` columns.
template <class Real>
std::size_t pack_count(std::size_t columns) {
  return simd::round_up_to_packs<Real>(columns) / simd::lanes_v<Real>;
}

/// Elements of one row of taps in a window.
inline std::size_t window_row_size(ConvGeometry const& g) { return static_cast<std::size_t>(g.kernel) * g.fine.channels; }
/// Rows of taps in a window.
inline std::size_t window_row_count(ConvGeometry const& g) { return static_cast<std::size_t>(g.kernel) * g.depth.kernel; }
/// Rows of taps per block of windows: as many as fit 512 elements, at least one.
inline std::size_t window_rows_per_block(ConvGeometry const& g) {
  return std::clamp<std::size_t>(512 / window_row_size(g), 1, window_row_count(g));
}

/// Rows per block, with `columns` elements each: as many as fit 256 KiB, a multiple of 8 from 32 to 128.
template <class Real>
std::size_t block_rows(std::size_t columns) {
  return std::clamp<std::size_t>((std::size_t{1} << 18) / sizeof(Real) / columns / 8 * 8, 32, 128);
}

/// Copies a short chunk of contiguous elements. Cheaper than a call of memcpy.
template <class Real>
void copy_chunk(Real const* from, std::size_t count, Real* to) {
  simd::for_each_pack<Real>(count, [&](std::size_t i, auto type) { simd::store(to + i, simd::load<decltype(type)>(from + i)); });
}

/// to = epilogue(from) for channels [0, count). `to` may equal `from`.
template <class Real>
void store_sums(Real const* from, Epilogue<Real> const& epilogue, std::size_t count, Real* to) {
  simd::for_each_pack<Real>(
      count, [&](std::size_t c, auto type) { simd::store(to + c, epilogue.values(c, simd::load<decltype(type)>(from + c))); });
}

/// to += from, for a short chunk of contiguous elements.
template <class Real>
void add_chunk(Real const* from, std::size_t count, Real* to) {
  simd::for_each_pack<Real>(count, [&](std::size_t i, auto type) {
    using T = decltype(type);
    simd::store(to + i, simd::load<T>(to + i) + simd::load<T>(from + i));
  });
}

/// im2col: copies rows of taps [first_row, first_row + count) of the windows of coarse pixels [first, last) of the batch into rows of
/// `out`, `stride` elements apart. Pixels outside the image are zeros.
template <class Real>
void gather_windows(ConvGeometry const& g, Real const* fine, std::size_t first, std::size_t last, std::size_t first_row, std::size_t count,
                    Real* out, std::size_t stride) {
  auto const channels = static_cast<std::size_t>(g.fine.channels);
  for (std::size_t pixel = first; pixel < last; ++pixel, out += stride) {
    std::size_t const slice = pixel / g.coarse.pixels(), depth = static_cast<std::size_t>(g.depth.coarse);
    Real const* const sample = fine + slice / depth * g.fine_size();
    auto const pixel_in_sample = static_cast<int>(pixel % g.coarse.pixels());
    int const left = pixel_in_sample % g.coarse.width * g.stride - g.padding;
    int const top = pixel_in_sample / g.coarse.width * g.stride - g.padding;
    int const from = std::max(0, -left);
    int const to = std::min(g.kernel, g.fine.width - left);
    int ky = static_cast<int>(first_row) % g.kernel;
    int z = static_cast<int>(slice % depth) * g.depth.stride - g.depth.padding + static_cast<int>(first_row) / g.kernel;
    Real* target = out;
    for (std::size_t taken = 0; taken < count; ++taken, target += window_row_size(g)) {
      int const y = top + ky, fine_slice = z;
      if (++ky == g.kernel) {
        ky = 0;
        ++z;
      }
      if (y < 0 || y >= g.fine.height || fine_slice < 0 || fine_slice >= g.depth.fine || from >= to) {
        std::fill(target, target + window_row_size(g), Real(0));
        continue;
      }
      std::size_t const row = static_cast<std::size_t>(fine_slice) * g.fine.height + static_cast<std::size_t>(y);
      Real const* const in = sample + (row * g.fine.width + (left + from)) * channels;
      for (std::size_t i = 0; i < from * channels; ++i) target[i] = 0;
      copy_chunk(in, (to - from) * channels, target + from * channels);
      for (std::size_t i = to * channels; i < window_row_size(g); ++i) target[i] = 0;
    }
  }
}

/// Packs rows [0, count) of a matrix into panels, each row times factor(row). Consecutive rows are `stride` elements apart.
template <class Real, class Factor>
void pack_rows(Real const* matrix, std::size_t stride, std::size_t count, std::size_t columns, Factor const& factor, Real* panels) {
  constexpr std::size_t lanes = simd::lanes_v<Real>;
  for (std::size_t k = 0; k < count; ++k) {
    Real const s = factor(k);
    for (std::size_t j = 0; j < columns; j += lanes) {
      Real* const to = panels + j * count + k * lanes;
      Real const* const from = matrix + k * stride + j;
      simd::prefetch(from + 16 * stride);  // short pieces of rows: the hardware prefetcher does not predict them
      if (j + lanes <= columns) {
        simd::store(to, s * simd::load<simd::Pack<Real>>(from));
      } else {
        for (std::size_t i = 0; i < lanes; ++i) to[i] = j + i < columns ? s * from[i] : Real(0);
      }
    }
  }
}

/// Packs the transpose of a matrix of `columns` rows and `inner` columns into panels. Consecutive rows are `stride` elements apart.
template <class Real>
void pack_transposed(Real const* matrix, std::size_t stride, std::size_t inner, std::size_t columns, Real* panels) {
  constexpr std::size_t lanes = simd::lanes_v<Real>;
  for (std::size_t j = 0; j < columns; j += lanes) {
    Real* const to = panels + j * inner;
    Real const* const from = matrix + j * stride;
    std::size_t k = 0;
    if (j + lanes <= columns)
      for (; k + lanes <= inner; k += lanes) simd::transpose_block(from + k, stride, to + k * lanes, lanes);
    for (; k < inner; ++k)
      for (std::size_t i = 0; i < lanes; ++i) to[k * lanes + i] = j + i < columns ? from[i * stride + k] : Real(0);
  }
}

/// Packs weights for the forward operation: panels over the coarse channels, each of a whole window. One index per panel.
template <class Real>
struct ForwardPanels {
  ConvGeometry g;
  Real const* weights;  ///< (k, k, F, C)
  Real* panels;         ///< result

  /// Number of indices to run.
  static std::size_t indices(ConvGeometry const& g) { return pack_count<Real>(g.coarse.channels); }
  /// Elements of a panel.
  static std::size_t panel_size(ConvGeometry const& g) { return g.window_size() * simd::lanes_v<Real>; }
  /// Elements that all indices write.
  static std::size_t size(ConvGeometry const& g) { return indices(g) * panel_size(g); }

  void operator()(std::size_t index) const {
    std::size_t const channel = index * simd::lanes_v<Real>;
    auto const channels = static_cast<std::size_t>(g.coarse.channels);
    pack_rows(
        weights + channel, channels, g.window_size(), std::min(simd::lanes_v<Real>, channels - channel),
        [](std::size_t) { return Real(1); }, panels + index * panel_size(g));
  }
};

/// Packs weights for the input gradient: panels over the window, each of all coarse channels. One index per panel.
template <class Real>
struct InputGradientPanels {
  ConvGeometry g;
  Real const* weights;  ///< (k, k, F, C)
  Real* panels;         ///< result

  /// Number of indices to run.
  static std::size_t indices(ConvGeometry const& g) { return pack_count<Real>(g.window_size()); }
  /// Elements of a panel.
  static std::size_t panel_size(ConvGeometry const& g) { return g.coarse.channels * simd::lanes_v<Real>; }
  /// Elements that all indices write.
  static std::size_t size(ConvGeometry const& g) { return indices(g) * panel_size(g); }

  void operator()(std::size_t index) const {
    std::size_t const column = index * simd::lanes_v<Real>;
    auto const channels = static_cast<std::size_t>(g.coarse.channels);
    pack_transposed(weights + column * channels, channels, channels, std::min(simd::lanes_v<Real>, g.window_size() - column),
                    panels + index * panel_size(g));
  }
};

}  // namespace ign::math::host

#endif  // IGN_MATH_CONV_HOST_PANELS_HPP
