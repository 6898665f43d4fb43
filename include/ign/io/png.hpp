// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Pictures: arrangement of tiles, writer for 8-bit PNG files, reader for all PNG files (libpng).
#ifndef IGN_IO_PNG_HPP
#define IGN_IO_PNG_HPP

#include <ign/core/error.hpp>
#include <ign/io/checked_arithmetic.hpp>
#include <ign/io/file.hpp>
#include <ign/io/image.hpp>

#include <png.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "ign/core/finite.hpp"

namespace ign::io {

/// Arrangement of tiles in a picture, and the values of black and white.
struct GridOptions {
  std::size_t columns = 0;        ///< tiles per row; 0: an approximately square picture
  std::size_t margin = 2;         ///< pixels between tiles and around them
  std::size_t scale = 1;          ///< pixels per value, in both directions
  std::uint8_t background = 255;  ///< grey value of the margin and of empty cells
  bool transparent = false;       ///< the background is transparent
  double low = -1;                ///< shown as 0, as are smaller values
  double high = 1;                ///< shown as 255, as are larger values
};

/// Extents of a set of tiles, (count, height, width, channels).
struct TileExtents {
  std::size_t count = 0;     ///< tiles
  std::size_t height = 0;    ///< rows of a tile
  std::size_t width = 0;     ///< columns of a tile
  std::size_t channels = 1;  ///< 1 or 3
};

inline constexpr std::size_t png_side_limit = 65'535;  ///< largest side in pixels that encode_png accepts

/// Extents of the picture that image_grid returns.
struct GridExtents {
  std::size_t columns = 0;  ///< tiles per row
  std::size_t width = 0;    ///< pixels
  std::size_t height = 0;   ///< pixels
};

/// The extents of the picture of `tiles`.
inline GridExtents grid_extents(TileExtents const& tiles, GridOptions const& options = {}) {
  std::size_t const columns =
      options.columns > 0 ? options.columns : static_cast<std::size_t>(std::ceil(std::sqrt(static_cast<double>(tiles.count))));
  std::size_t const rows = (tiles.count + columns - 1) / columns;
  return {columns, columns * (tiles.width * options.scale + options.margin) + options.margin,
          rows * (tiles.height * options.scale + options.margin) + options.margin};
}

/// Arranges tiles in rows from the top left.
///
/// Values that are not finite become magenta, which turns a grey picture into a colour picture.
/// Example, for a `std::vector<float> z_and_fz` of 2 · 16 tiles of 28 × 28: f(z) below z is
/// `image_grid<float>(z_and_fz, {2 * 16, 28, 28, 1}, {.columns = 16, .scale = 2})`. For tensors see io/tensor_png.hpp.
/// \param values  (count, height, width, channels)
/// \throws ign::Error [ign.option.42] when values or options do not fit each other
template <std::floating_point Value>
Image image_grid(std::span<Value const> values, TileExtents const& tiles, GridOptions const& options = {}) {
  auto const& [count, height, width, channels] = tiles;
  require(channels == 1 || channels == 3, Fault::option, 42, "image_grid: tiles have ", channels, " channels, expected 1 or 3");
  require(count > 0 && checked_product(std::array{count, height, width, channels}) == values.size() && !values.empty(), Fault::option, 42,
          "image_grid: ", values.size(), " values, expected ", count, " x ", height, " x ", width, " x ", channels, ", and at least one");
  require(options.scale >= 1 && is_finite(options.low) && is_finite(options.high) && options.low < options.high, Fault::option, 42,
          "image_grid: scale ", options.scale, ", low ", options.low, ", high ", options.high,
          ", expected scale at least 1 and low < high");

  auto const [columns, picture_width, picture_height] = grid_extents(tiles, options);
  bool const all_finite = std::all_of(values.begin(), values.end(), [](Value value) { return is_finite(static_cast<double>(value)); });
  std::size_t const step_y = height * options.scale + options.margin;
  std::size_t const step_x = width * options.scale + options.margin;
  std::size_t const colours = all_finite ? channels : 3;
  Image image{picture_height, picture_width, colours + (options.transparent ? 1 : 0), {}};
  image.pixels.assign(image.height * image.width * image.channels, options.background);
  if (options.transparent)
    for (std::size_t i = colours; i < image.pixels.size(); i += image.channels) image.pixels[i] = 0;

  auto const shade = [&](Value value) {
    double const part = (static_cast<double>(value) - options.low) / (options.high - options.low);
    return static_cast<std::uint8_t>(std::lround(255 * std::clamp(part, 0.0, 1.0)));
  };
  for (std::size_t n = 0; n < count; ++n) {
    std::size_t const top = options.margin + n / columns * step_y;
    std::size_t const left = options.margin + n % columns * step_x;
    for (std::size_t y = 0; y < height * options.scale; ++y) {
      for (std::size_t x = 0; x < width * options.scale; ++x) {
        auto const pixel = values.subspan(((n * height + y / options.scale) * width + x / options.scale) * channels, channels);
        bool const finite = std::all_of(pixel.begin(), pixel.end(), [](Value value) { return is_finite(static_cast<double>(value)); });
        auto* const out = &image.pixels[((top + y) * image.width + left + x) * image.channels];
        for (std::size_t c = 0; c < colours; ++c) {
          out[c] = finite ? shade(pixel[channels == 1 ? 0 : c]) : (c == 1 ? std::uint8_t{0} : std::uint8_t{255});
        }
        if (options.transparent) out[colours] = 255;
      }
    }
  }
  return image;
}

/// The bytes of a PNG file.
/// \throws ign::Error [ign.option.42] when extents and pixels do not fit each other or PNG
inline std::vector<std::byte> encode_png(Image const& image) {
  constexpr std::size_t longest = png_side_limit;  // keeps every size below in 64 bits
  bool const fits = image.channels >= 1 && image.channels <= 4 && image.height >= 1 && image.width >= 1 && image.height <= longest &&
                    image.width <= longest && image.pixels.size() == image.height * image.width * image.channels;
  require(fits, Fault::option, 42, "picture of ", image.height, " x ", image.width, " x ", image.channels, " with ", image.pixels.size(),
          " values, expected 1 to 4 channels, sides from 1 to ", longest, " and as many values");
  // The simplified interface returns errors by value; the longjmp of the full one would skip destructors.
  constexpr png_uint_32 formats[] = {PNG_FORMAT_GRAY, PNG_FORMAT_GA, PNG_FORMAT_RGB, PNG_FORMAT_RGBA};
  ::png_image png{};
  png.version = PNG_IMAGE_VERSION;
  png.width = static_cast<png_uint_32>(image.width);
  png.height = static_cast<png_uint_32>(image.height);
  png.format = formats[image.channels - 1];
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(png);
  std::vector<std::byte> packed(size);
  bool const written = ::png_image_write_to_memory(&png, packed.data(), &size, 0, image.pixels.data(), 0, nullptr) != 0;
  require(written, Fault::option, 42, "libpng cannot write this picture: ", png.message);
  packed.resize(size);
  return packed;
}

/// Writes a picture as PNG, atomically.
/// \throws ign::Error [ign.option.42] as encode_png; [ign.file.2], [ign.file.5]–[ign.file.7] as AtomicFile
inline void write_png(std::filesystem::path const& path, Image const& image) { write_file(path, encode_png(image)); }

/// Reads any PNG file as 8 bits per value, with 1 channel (grey) or 3 (colour or palette).
///
/// 16-bit values are rounded to 8. Transparent pixels are blended with white, in linear light. Values of another gamma than
/// sRGB's are converted to sRGB.
/// \param pixel_limit  largest number of pixels. The header is checked against it and against the file size before memory is allocated
/// \throws ign::Error [ign.format.315] when the contents are not a PNG, truncated or damaged, [ign.file.3] when the file or the picture is
///         larger than its limit; [ign.file.1], [ign.file.2], [ign.file.4] as read_file
inline Image read_png(std::filesystem::path const& path, std::uint64_t pixel_limit = default_pixel_limit) {
  auto const bytes = read_file(path, picture_file_limit);
  ::png_image png{};
  png.version = PNG_IMAGE_VERSION;
  struct Release {
    ::png_image* png;
    ~Release() { ::png_image_free(png); }
  } const release{&png};
  bool const begun = ::png_image_begin_read_from_memory(&png, bytes.data(), bytes.size()) != 0;
  require(begun, Fault::format, 315, path.string(), ": cannot be read as PNG: ", png.message);
  require(std::uint64_t{png.height} * png.width <= pixel_limit, Fault::file, 3, path.string(), ": PNG of ", png.height, " x ", png.width,
          " pixels, expected at most ", pixel_limit, " of them");
  // Deflate expands one byte to at most 1032, each of at most 8 pixels.
  require(std::uint64_t{png.height} * png.width <= std::uint64_t{8} * 1032 * bytes.size(), Fault::format, 315, path.string(), ": PNG of ",
          png.height, " x ", png.width, " pixels in ", bytes.size(), " bytes, more than can be packed into them: the file is damaged");
  png.flags |= PNG_IMAGE_FLAG_16BIT_sRGB;  // without it libpng treats 16-bit files that state no gamma as linear
  png.format = (png.format & PNG_FORMAT_FLAG_COLOR) != 0 ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY;
  Image image{png.height, png.width, PNG_IMAGE_SAMPLE_CHANNELS(png.format), {}};
  image.pixels.resize(image.height * image.width * image.channels);
  ::png_color const white{255, 255, 255};
  bool const read = ::png_image_finish_read(&png, &white, image.pixels.data(), 0, nullptr) != 0;
  require(read, Fault::format, 315, path.string(), ": cannot be read as PNG: ", png.message);
  return image;
}

/// PNG, for readers of several formats.
inline ImageFormat png_format() { return {{".png"}, &read_png, {"\x89PNG\r\n\x1a\n"}}; }

}  // namespace ign::io

#endif  // IGN_IO_PNG_HPP
