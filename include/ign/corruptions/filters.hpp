// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Filters that remove colour or detail from images: grey, Gaussian blur, sketch, low resolution.
#ifndef IGN_CORRUPTIONS_FILTERS_HPP
#define IGN_CORRUPTIONS_FILTERS_HPP

#include <cmath>

#include "ign/core/elementwise.hpp"
#include "ign/core/finite.hpp"
#include "ign/core/workspace.hpp"
#include "ign/corruptions/noise.hpp"

namespace ign {

/// Gaussian filter window, the same along both axes. Its weights sum to 1.
struct GaussianWindow {
  int taps = 21;       ///< number of weights along an axis: odd, from 1 to 63
  double sigma = 3.5;  ///< standard deviation, pixels
};

/// Interpolation from a low to a high resolution.
enum class Upscaling { nearest, bilinear };

namespace detail {

/// Weights of a Gaussian window along an axis, of 2 radius + 1 pixels. Their sum is 1.
template <class Real>
struct WindowWeights {
  static constexpr int most = 63;
  Real weights[most] = {};
  int radius;

  KOKKOS_FUNCTION WindowWeights(int taps_on_each_side, double sigma) : radius(taps_on_each_side) {
    double sum = 0;
    for (int k = -radius; k <= radius; ++k) sum += value(k, sigma);
    for (int k = -radius; k <= radius; ++k) weights[k + radius] = static_cast<Real>(value(k, sigma) / sum);
  }
  /// \throws Error [ign.option.318] on an impossible window
  explicit WindowWeights(GaussianWindow const& window) : WindowWeights(checked(window).taps / 2, window.sigma) {}

 private:
  KOKKOS_FUNCTION static double value(int k, double sigma) {
    double const scaled = k / sigma;
    return Kokkos::exp(-0.5 * scaled * scaled);
  }
  static GaussianWindow const& checked(GaussianWindow const& window) {
    require(window.taps >= 1 && window.taps <= most && window.taps % 2 == 1 && is_finite(window.sigma) && window.sigma > 0 &&
                window.sigma < 1e30,
            Fault::option, 318, "Gaussian window: ", window.taps, " taps, sigma ", window.sigma,
            ", expected an odd number of 1 to 63 taps and a positive sigma");
    return window;
  }
};

/// Mirrors an index into [0, count) without repeating the first and last pixel.
KOKKOS_INLINE_FUNCTION int mirrored(int index, int count) {
  if (count == 1) return 0;
  int const period = 2 * (count - 1);
  int const folded = (index < 0 ? -index : index) % period;
  return folded < count ? folded : period - folded;
}

/// out = in + offset, filtered along w. Rows are those of images, (n·h, w·c).
template <class Real>
struct BlurAlongWidth {
  WindowWeights<Real> window;
  Real offset;
  Real const* in;
  Real* out;
  int width, channels;

  KOKKOS_FUNCTION void operator()(std::size_t row, std::size_t first, std::size_t last) const {
    std::size_t const size = static_cast<std::size_t>(width) * channels;
    Real const* const from = in + row * size;
    for (std::size_t i = first; i < last; ++i) {
      int const x = static_cast<int>(i / channels), c = static_cast<int>(i % channels);
      bool const inside = x >= window.radius && x + window.radius < width;
      Real sum = 0;
      for (int k = -window.radius; k <= window.radius; ++k) {
        int const source = inside ? x + k : mirrored(x + k, width);
        sum += window.weights[k + window.radius] * (from[static_cast<std::size_t>(source) * channels + c] + offset);
      }
      out[row * size + i] = sum;
    }
  }
};

/// out = in, filtered along h; with `divide`, for a sketch, out = (out + 1) / (in filtered + 1e-10) - 1.
/// Rows are those of images, (n·h, w·c).
template <class Real, class Exec, bool divide>
struct BlurAlongHeight {
  WindowWeights<Real> window;
  Real const* in;
  Real* out;
  int height;
  std::size_t size;

  KOKKOS_FUNCTION void operator()(std::size_t row, std::size_t first, std::size_t last) const {
    constexpr std::size_t block = uses_host_kernels_v<Exec> ? 64 : 1;
    int const y = static_cast<int>(row % height);
    std::size_t const top = row - static_cast<std::size_t>(y);
    for (std::size_t begin = first; begin < last; begin += block) {
      std::size_t const count = last - begin < block ? last - begin : block;
      Real sums[block] = {};
      for (int k = -window.radius; k <= window.radius; ++k) {
        Real const weight = window.weights[k + window.radius];
        Real const* const from = in + (top + static_cast<std::size_t>(mirrored(y + k, height))) * size + begin;
        for (std::size_t i = 0; i < count; ++i) sums[i] += weight * from[i];
      }
      Real* const to = out + row * size + begin;
      for (std::size_t i = 0; i < count; ++i) to[i] = divide ? (to[i] + Real(1)) / (sums[i] + Real(1e-10)) - Real(1) : sums[i];
    }
  }
};

template <bool divide, Scalar Real, class Exec>
void blur(Exec const& exec, WindowWeights<Real> const& weights, double offset, TensorRef<Real, Exec> const& x, Buffer<Real, Exec>& scratch,
          TensorRef<Real, Exec> const& y) {
  auto const [height, width, channels] = shape_of(x);
  std::size_t const rows = x.extent(0) * x.extent(1), size = x.extent(2) * x.extent(3);
  auto const between = scratch.reserve(exec, x.size());
  for_each_chunk("ign::blur::along_width", exec, rows, size,
                 BlurAlongWidth<Real>{weights, static_cast<Real>(offset), x.data(), between.data(), width, channels});
  for_each_chunk("ign::blur::along_height", exec, rows, size,
                 BlurAlongHeight<Real, Exec, divide>{weights, between.data(), y.data(), height, size});
}

template <class Real>
struct Grey {
  Real const* x;
  Real* y;
  int channels;

  KOKKOS_FUNCTION void operator()(std::size_t pixel) const {
    Real const* const from = x + pixel * channels;
    Real* const to = y + pixel * channels;
    Real sum = 0;
    for (int c = 0; c < channels; ++c) sum += from[c];
    Real const mean = sum / static_cast<Real>(channels);
    for (int c = 0; c < channels; ++c) to[c] = mean;
  }
};

/// Mean of channel c over a block of factor × factor pixels of an image (h, w, c). Blocks at the lower and right border end with it.
template <class Real>
KOKKOS_FUNCTION Real block_mean(Real const* image, Shape extents, int factor, int row, int column, int c) {
  auto const end = [&](int first, int size) { return size - first > factor ? first + factor : size; };
  int const top = row * factor, left = column * factor;
  int const bottom = end(top, extents.height), right = end(left, extents.width);
  Real sum = 0;
  for (int i = top; i < bottom; ++i)
    for (int j = left; j < right; ++j) sum += image[(static_cast<std::size_t>(i) * extents.width + j) * extents.channels + c];
  return sum / static_cast<Real>((bottom - top) * (right - left));
}

/// Interpolation between the blocks of a low resolution along one axis.
template <class Real>
struct BlockScale {
  int factor;
  Upscaling upscaling;

  /// Returns the block of a pixel, and the weight `next` of the following block.
  KOKKOS_FUNCTION int block_of(int pixel, int size, Real& next) const {
    if (upscaling == Upscaling::nearest) return pixel / factor;
    Real const position = (static_cast<Real>(pixel) + Real(0.5)) / static_cast<Real>(factor) - Real(0.5);
    if (position <= 0) return 0;
    int const block = static_cast<int>(position), last = (size - 1) / factor;
    next = block < last ? position - static_cast<Real>(block) : Real(0);
    return block < last ? block : last;
  }
};

template <class Real, class Exec>
struct LowResolution {
  TensorRef<Real, Exec> x, y;
  BlockScale<Real> scale;

  KOKKOS_FUNCTION void operator()(std::size_t index) const {
    auto const height = static_cast<int>(x.extent(1)), width = static_cast<int>(x.extent(2));
    int const column = static_cast<int>(index % width), row = static_cast<int>(index / width % height);
    std::size_t const n = index / width / height;
    Real down = 0, right = 0;  // weights of the blocks below and to the right
    int const top = scale.block_of(row, height, down), left = scale.block_of(column, width, right);
    for (int c = 0; c < static_cast<int>(x.extent(3)); ++c) {
      Real value = mean(n, top, left, c);
      if (right > 0) value += right * (mean(n, top, left + 1, c) - value);
      if (down > 0) {
        Real below = mean(n, top + 1, left, c);
        if (right > 0) below += right * (mean(n, top + 1, left + 1, c) - below);
        value += down * (below - value);
      }
      y(n, row, column, c) = value;
    }
  }

  KOKKOS_FUNCTION Real mean(std::size_t n, int row, int column, int c) const {
    Shape const image = {static_cast<int>(x.extent(1)), static_cast<int>(x.extent(2)), static_cast<int>(x.extent(3))};
    return block_mean(static_cast<Real const*>(x.data()) + n * image.size(), image, scale.factor, row, column, c);
  }
};

}  // namespace detail

/// Sets every channel of y to the mean of x over its channels. y may be x.
/// \param x, y  (n, h, w, c)
/// \throws Error [ign.shape.315] if x and y differ in extents
template <Scalar Real, class Exec>
void grey(Exec const& exec, TensorRef<Real, Exec> const& x, TensorRef<Real, Exec> const& y) {
  detail::require_same_extents("grey", x, y);
  Kokkos::parallel_for("ign::grey", range_policy(exec, x.extent(0) * x.extent(1) * x.extent(2)),
                       detail::Grey<Real>{x.data(), y.data(), static_cast<int>(x.extent(3))});
}

/// Computes y as x filtered by a Gaussian window along h and w. Borders are mirrored, without repeating the border pixels. y may be x.
/// \param x, y  (n, h, w, c)
/// \param scratch  grows to the size of x at first use
/// \throws Error [ign.shape.315] if x and y differ in extents, [ign.option.318] if the window is impossible
template <Scalar Real, class Exec>
void gaussian_blur(Exec const& exec, GaussianWindow const& window, TensorRef<Real, Exec> const& x, Buffer<Real, Exec>& scratch,
                   TensorRef<Real, Exec> const& y) {
  detail::require_same_extents("gaussian_blur", x, y);
  detail::blur<false>(exec, detail::WindowWeights<Real>(window), 0, x, scratch, y);
}

/// Sets every channel of y to (g + 1) / (blur(g + 1) + 1e-10) - 1, where g is x in grey: lines where x changes, values near 0 in even
/// areas. The blur is that of gaussian_blur. Next to dark areas y is far above 1; it is not clipped. y may be x.
/// \param x, y  (n, h, w, c) with values of -1 or more
/// \param scratch  grows to the size of x at first use
/// \throws Error [ign.shape.315] if x and y differ in extents, [ign.option.318] if the window is impossible
/// \source Shocher et al., "Idempotent Generative Network", arXiv:2311.01462, appendix
template <Scalar Real, class Exec>
void sketch(Exec const& exec, TensorRef<Real, Exec> const& x, Buffer<Real, Exec>& scratch, TensorRef<Real, Exec> const& y,
            GaussianWindow const& window = {}) {
  detail::WindowWeights<Real> const weights(window);
  grey(exec, x, y);
  detail::blur<true>(exec, weights, 1, y, scratch, y);
}

/// Computes y as x at a resolution `factor` times lower. Means over blocks of factor × factor pixels are interpolated back to the extents
/// of x, from the nearest block or bilinearly between the centres of blocks. Values outside the outermost centres are those of the nearest
/// block. Blocks at the lower and right border end with the image.
/// \param x, y  (n, h, w, c), in different memory
/// \throws Error [ign.shape.315] if x and y differ in extents, [ign.option.319] if `factor` is below 1 or x and y are the same memory
template <Scalar Real, class Exec>
void low_resolution(Exec const& exec, int factor, Upscaling upscaling, TensorRef<Real, Exec> const& x, TensorRef<Real, Exec> const& y) {
  detail::require_same_extents("low_resolution", x, y);
  require(factor >= 1, Fault::option, 319, "low_resolution: factor ", factor, ", expected 1 or more");
  require(x.data() != y.data() || x.size() == 0, Fault::option, 319, "low_resolution: x and y are the same memory, expected two tensors");
  Kokkos::parallel_for("ign::low_resolution", range_policy(exec, x.extent(0) * x.extent(1) * x.extent(2)),
                       detail::LowResolution<Real, Exec>{x, y, {factor, upscaling}});
}

}  // namespace ign

#endif  // IGN_CORRUPTIONS_FILTERS_HPP
