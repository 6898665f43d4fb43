// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Cropping, resizing and conversion between grey and colour, in integer arithmetic: the same bytes on every machine.
#ifndef IGN_IO_RESIZE_HPP
#define IGN_IO_RESIZE_HPP

#include <ign/core/error.hpp>
#include <ign/io/image.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace ign::io {

namespace detail {

/// The input pixels of one output pixel along an axis, and their weights.
struct Taps {
  std::vector<std::size_t> pixels;
  std::vector<std::uint64_t> weights;
};

/// Taps of all `to` output pixels from `from` input pixels. All weights of a pixel sum to axis_weight(from, to).
inline std::vector<Taps> axis_taps(std::size_t from, std::size_t to) {
  std::vector<Taps> taps(to);
  for (std::size_t i = 0; i < to; ++i) {
    auto& [pixels, weights] = taps[i];
    if (to <= from) {
      // Input pixel j covers [j·to, (j+1)·to), output pixel i covers [i·from, (i+1)·from).
      for (std::size_t j = i * from / to; j * to < (i + 1) * from; ++j) {
        pixels.push_back(j);
        weights.push_back(std::min((i + 1) * from, (j + 1) * to) - std::max(i * from, j * to));
      }
    } else {
      // The output pixel's centre lies at ((2i+1)·from - to) / (2·to) input pixels; one more is added to stay above 0.
      std::size_t const centre = (2 * i + 1) * from + to;
      std::size_t const above = centre / (2 * to), part = centre % (2 * to);
      pixels = {above == 0 ? 0 : above - 1, std::min(above, from - 1)};
      weights = {2 * to - part, part};
    }
  }
  return taps;
}

inline std::uint64_t axis_weight(std::size_t from, std::size_t to) { return to <= from ? from : 2 * to; }

}  // namespace detail

/// The largest square in the middle of a picture. Of an odd remainder the smaller part lies above and to the left.
inline Image centre_square(Image const& image) {
  std::size_t const side = std::min(image.height, image.width);
  std::size_t const top = (image.height - side) / 2, left = (image.width - side) / 2;
  Image square{side, side, image.channels, {}};
  square.pixels.reserve(side * side * image.channels);
  for (std::size_t y = top; y < top + side; ++y) {
    auto const row = image.pixels.begin() + static_cast<std::ptrdiff_t>((y * image.width + left) * image.channels);
    square.pixels.insert(square.pixels.end(), row, row + static_cast<std::ptrdiff_t>(side * image.channels));
  }
  return square;
}

/// Resizes a picture. Along an axis that shrinks, a pixel is the mean of the area it covers. Along an axis that grows, it is interpolated
/// linearly between pixel centres, and the border is extended. Rounded once, to nearest.
/// \throws ign::Error [ign.option.315] when a side is 0 or above 65535
inline Image resized(Image const& image, std::size_t height, std::size_t width) {
  constexpr std::size_t longest = 65'535;  // keeps every sum below in 64 bits, together with the readers' limits
  require(height >= 1 && height <= longest && width >= 1 && width <= longest && !image.pixels.empty(), Fault::option, 315,
          "resized: a picture of ", image.height, " x ", image.width, " to ", height, " x ", width, ", expected sides from 1 to ", longest);
  auto const rows = detail::axis_taps(image.height, height);
  auto const columns = detail::axis_taps(image.width, width);
  std::uint64_t const total = detail::axis_weight(image.height, height) * detail::axis_weight(image.width, width);
  std::size_t const channels = image.channels;
  Image result{height, width, channels, {}};
  result.pixels.reserve(height * width * channels);
  std::vector<std::uint64_t> sums(image.width * channels);
  for (auto const& row : rows) {
    std::fill(sums.begin(), sums.end(), 0);
    for (std::size_t k = 0; k < row.pixels.size(); ++k) {
      auto const* const in = &image.pixels[row.pixels[k] * sums.size()];
      for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += row.weights[k] * in[i];
    }
    for (auto const& column : columns) {
      for (std::size_t c = 0; c < channels; ++c) {
        std::uint64_t sum = 0;
        for (std::size_t k = 0; k < column.pixels.size(); ++k) sum += column.weights[k] * sums[column.pixels[k] * channels + c];
        result.pixels.push_back(static_cast<std::uint8_t>((2 * sum + total) / (2 * total)));
      }
    }
  }
  return result;
}

/// Converts a picture to 1 or 3 channels. The grey value of a colour is its luma, 0.299 R + 0.587 G + 0.114 B, rounded to nearest.
/// \throws ign::Error [ign.option.315] on another number of channels
/// \source ITU-R BT.601-7, section 2.5.1
inline Image with_channels(Image const& image, std::size_t channels) {
  require((channels == 1 || channels == 3) && (image.channels == 1 || image.channels == 3), Fault::option, 315, "with_channels: from ",
          image.channels, " channels to ", channels, ", expected 1 or 3");
  if (channels == image.channels) return image;
  Image result{image.height, image.width, channels, {}};
  result.pixels.reserve(image.height * image.width * channels);
  if (channels == 3) {
    for (auto const value : image.pixels) result.pixels.insert(result.pixels.end(), 3, value);
  } else {
    for (auto const* p = image.pixels.data(); p != image.pixels.data() + image.pixels.size(); p += 3)
      result.pixels.push_back(static_cast<std::uint8_t>((299u * p[0] + 587u * p[1] + 114u * p[2] + 500u) / 1000u));
  }
  return result;
}

}  // namespace ign::io

#endif  // IGN_IO_RESIZE_HPP
