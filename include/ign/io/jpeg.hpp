// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Reader for JPEG pictures (libjpeg-turbo). Link ign::jpeg.
#ifndef IGN_IO_JPEG_HPP
#define IGN_IO_JPEG_HPP

#include <ign/core/error.hpp>
#include <ign/io/file.hpp>
#include <ign/io/image.hpp>

#include <turbojpeg.h>

#include <cstdint>
#include <filesystem>
#include <memory>

namespace ign::io {

/// Reads a JPEG file with 1 channel (grey) or 3 (colour).
///
/// A truncated or damaged file is an error, not a picture with grey parts. More than 500 scans are an error: decoding would take too
/// long. The orientation in a camera's metadata is ignored.
/// \param pixel_limit  largest number of pixels. The header is checked against it and against the file size before memory is allocated
/// \throws ign::Error [ign.format.316] when the contents are not an 8-bit JPEG, truncated or damaged, [ign.format.317] when the colours
///         are for print (CMYK), [ign.file.3] when the file or the picture is larger than its limit; [ign.file.1], [ign.file.2],
///         [ign.file.4] as read_file
inline Image read_jpeg(std::filesystem::path const& path, std::uint64_t pixel_limit = default_pixel_limit) {
  auto const bytes = read_file(path, picture_file_limit);
  auto const* const data = reinterpret_cast<unsigned char const*>(bytes.data());
  auto const size = static_cast<unsigned long>(bytes.size());
  // The TurboJPEG interface returns errors by value; libjpeg's own longjmp would skip destructors.
  auto const close = [](void* handle) { ::tjDestroy(handle); };
  std::unique_ptr<void, decltype(close)> const decoder(::tjInitDecompress(), close);
  require(decoder != nullptr, Fault::format, 316, path.string(), ": libjpeg-turbo does not start: ", ::tjGetErrorStr2(nullptr));

  int width = 0, height = 0, subsampling = 0, colours = 0;
  bool const begun = ::tjDecompressHeader3(decoder.get(), data, size, &width, &height, &subsampling, &colours) == 0;
  require(begun, Fault::format, 316, path.string(), ": cannot be read as JPEG: ", ::tjGetErrorStr2(decoder.get()));
  require(colours != TJCS_CMYK && colours != TJCS_YCCK, Fault::format, 317, path.string(),
          ": JPEG colours are CMYK, expected grey or red, green and blue");
  require(static_cast<std::uint64_t>(height) * static_cast<std::uint64_t>(width) <= pixel_limit, Fault::file, 3, path.string(),
          ": JPEG of ", height, " x ", width, " pixels, expected at most ", pixel_limit, " of them");
  // A block of 8 x 8 values takes at least one bit, and with subsampling one block can cover 16 x 16 pixels: at most 8 * 256 = 2048 pixels
  // per byte.
  require(static_cast<std::uint64_t>(height) * static_cast<std::uint64_t>(width) <= 2048 * std::uint64_t{bytes.size()}, Fault::format, 316,
          path.string(), ": JPEG of ", height, " x ", width, " pixels in ", bytes.size(),
          " bytes, more than can be packed into them: the file is damaged");

  Image image{static_cast<std::size_t>(height), static_cast<std::size_t>(width), colours == TJCS_GRAY ? 1u : 3u, {}};
  image.pixels.resize(image.height * image.width * image.channels);
  // The accurate transform is bitwise identical on every processor.
  bool const read =
      ::tjDecompress2(decoder.get(), data, size, image.pixels.data(), width, 0, height, image.channels == 1 ? TJPF_GRAY : TJPF_RGB,
                      TJFLAG_ACCURATEDCT | TJFLAG_STOPONWARNING | TJFLAG_LIMITSCANS) == 0;
  require(read, Fault::format, 316, path.string(), ": cannot be read as JPEG: ", ::tjGetErrorStr2(decoder.get()));
  return image;
}

/// JPEG, for readers of several formats.
inline ImageFormat jpeg_format() { return {{".jpg", ".jpeg"}, &read_jpeg, {"\xff\xd8\xff"}}; }

}  // namespace ign::io

#endif  // IGN_IO_JPEG_HPP
