// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// A picture in memory, and what a reader of picture files looks like.
#ifndef IGN_IO_IMAGE_HPP
#define IGN_IO_IMAGE_HPP

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace ign::io {

/// A picture of 8 bits per value, rows from the top, (height, width, channels).
struct Image {
  std::size_t height = 0;            ///< pixels
  std::size_t width = 0;             ///< pixels
  std::size_t channels = 1;          ///< 1 grey, 2 grey alpha, 3 red green blue, 4 red green blue alpha
  std::vector<std::uint8_t> pixels;  ///< height * width * channels values
};

/// The most pixels that a reader decodes unless told otherwise: 2^27, such as 16384 x 8192.
inline constexpr std::uint64_t default_pixel_limit = std::uint64_t{1} << 27;

/// The most bytes of a picture file, still compressed, that a reader takes into memory: 1 GiB.
inline constexpr std::uint64_t picture_file_limit = std::uint64_t{1} << 30;

/// A format of picture files: its names, its reader and its first bytes.
struct ImageFormat {
  std::vector<std::string> extensions;  ///< in small letters, with the dot: ".png"
  /// Reads one file of at most so many pixels; throws ign::Error that names the file.
  Image (*read)(std::filesystem::path const& path, std::uint64_t pixel_limit);
  /// First bytes of such files, which tell them from others whatever they are called; without any, the extension tells.
  std::vector<std::string> signatures = {};
};

}  // namespace ign::io

#endif  // IGN_IO_IMAGE_HPP
