// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// A picture in memory, and the interface of picture formats.
#ifndef IGN_IO_IMAGE_HPP
#define IGN_IO_IMAGE_HPP

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace ign::io {

/// A picture with 8 bits per value, (height, width, channels), rows from the top.
struct Image {
  std::size_t height = 0;            ///< pixels
  std::size_t width = 0;             ///< pixels
  std::size_t channels = 1;          ///< 1 grey, 2 grey alpha, 3 red green blue, 4 red green blue alpha
  std::vector<std::uint8_t> pixels;  ///< height * width * channels values
};

/// Default limit on the pixels that a reader decodes: 2^27, such as 16384 x 8192.
inline constexpr std::uint64_t default_pixel_limit = std::uint64_t{1} << 27;

/// Limit on the compressed bytes of a picture file that a reader takes into memory: 1 GiB.
inline constexpr std::uint64_t picture_file_limit = std::uint64_t{1} << 30;

/// A picture format: extensions, reader and signatures.
struct ImageFormat {
  std::vector<std::string> extensions;  ///< in lower case, with the dot: ".png"
  /// Reads one file with at most that many pixels. Throws an ign::Error that names the file.
  Image (*read)(std::filesystem::path const& path, std::uint64_t pixel_limit);
  /// First bytes of such files. They identify the format; without any, the extension does.
  std::vector<std::string> signatures = {};
};

}  // namespace ign::io

#endif  // IGN_IO_IMAGE_HPP
