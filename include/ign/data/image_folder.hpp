// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Reads a folder of pictures into a set of images of equal size.
#ifndef IGN_DATA_IMAGE_FOLDER_HPP
#define IGN_DATA_IMAGE_FOLDER_HPP

#include <ign/core/error.hpp>
#include <ign/data/idx.hpp>
#include <ign/io/checked.hpp>
#include <ign/io/file.hpp>
#include <ign/io/image.hpp>
#include <ign/io/resize.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace ign::data {

/// What the pictures of a folder are made into.
struct ImageFolderOptions {
  std::size_t size = 64;                                ///< side of the square images, pixels
  std::size_t channels = 3;                             ///< 1 or 3
  std::uint64_t pixel_limit = io::default_pixel_limit;  ///< of one picture
  std::uint64_t limit = io::default_read_limit;         ///< bytes of all images together
};

namespace detail {

/// The format that claims a file's extension, or nullptr.
inline io::ImageFormat const* format_of(std::filesystem::path const& path, std::vector<io::ImageFormat> const& formats) {
  std::string extension = path.extension().string();
  for (auto& letter : extension)
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  for (auto const& format : formats)
    if (std::find(format.extensions.begin(), format.extensions.end(), extension) != format.extensions.end()) return &format;
  return nullptr;
}

}  // namespace detail

/// The picture files in a folder and the folders below it, sorted by their path as bytes: the same order on every machine.
///
/// A file is a picture when one of the formats has its extension, in capitals or small letters. Names that begin with a dot are
/// passed over, and so are links to folders.
/// \throws ign::Error [ign.file.315] when a folder cannot be listed
inline std::vector<std::filesystem::path> find_images(std::filesystem::path const& folder, std::vector<io::ImageFormat> const& formats) {
  namespace fs = std::filesystem;
  std::vector<std::pair<std::string, fs::path>> found;
  std::error_code failed;
  fs::path place = folder;  // that is listed, or comes next
  fs::recursive_directory_iterator entry(folder, failed), end;
  for (; !failed && entry != end; entry.increment(failed)) {
    place = entry->path();
    std::error_code gone;
    if (entry->path().filename().string().starts_with('.'))
      entry.disable_recursion_pending();
    else if (entry->is_regular_file(gone) && detail::format_of(entry->path(), formats) != nullptr)
      found.emplace_back(entry->path().lexically_relative(folder).generic_string(), entry->path());
  }
  require(!failed, Fault::file, 315, place.string(), ": this folder of pictures cannot be listed: ", failed.message());
  std::sort(found.begin(), found.end());
  std::vector<fs::path> paths;
  for (auto& [name, path] : found) paths.push_back(std::move(path));
  return paths;
}

/// Reads all pictures of a folder in the order of find_images: the largest square in the middle of each, resized, and made grey or
/// coloured where it is not. Example:
/// `read_image_folder("faces", {io::png_format(), io::jpeg_format()}, {.size = 64, .channels = 3})`.
/// \return bytes (count, size, size, channels)
/// \throws ign::Error [ign.option.316] when the options are impossible, [ign.file.316] when there are no pictures, [ign.file.3] when they
///         need more than `limit` bytes, [ign.format.318] when some cannot be read: it names the first ten of them and why;
///         [ign.file.315] as find_images
inline ImageSet read_image_folder(std::filesystem::path const& folder, std::vector<io::ImageFormat> const& formats,
                                  ImageFolderOptions const& options = {}) {
  auto const& [size, channels, pixel_limit, limit] = options;
  require(size >= 1 && size <= 65'535 && (channels == 1 || channels == 3), Fault::option, 316, "read_image_folder: images of ", size, " x ",
          size, " x ", channels, ", expected a side from 1 to 65535 and 1 or 3 channels");
  auto const paths = find_images(folder, formats);
  std::string known;
  for (auto const& format : formats)
    for (auto const& extension : format.extensions) known += ' ' + extension;
  require(!paths.empty(), Fault::file, 316, folder.string(), ": holds no pictures, expected files that end in one of", known);
  auto const bytes = io::checked_product(std::array{paths.size(), size, size, channels});
  require(bytes.has_value() && *bytes <= limit, Fault::file, 3, folder.string(), ": ", paths.size(), " images of ", size, " x ", size,
          " x ", channels, " bytes, expected at most ", limit, " bytes");

  ImageSet set{paths.size(), size, size, channels, {}};
  set.pixels.reserve(static_cast<std::size_t>(*bytes));
  std::size_t bad = 0;
  std::string reasons;
  for (auto const& path : paths) {
    try {
      auto const square = io::centre_square(detail::format_of(path, formats)->read(path, pixel_limit));
      auto const image = io::with_channels(io::resized(square, size, size), channels);
      set.pixels.insert(set.pixels.end(), image.pixels.begin(), image.pixels.end());
    } catch (Error const& error) {
      if (++bad <= 10) reasons += std::string("\n  ") + error.what();
    }
  }
  require(bad == 0, Fault::format, 318, folder.string(), ": ", bad, " of ", paths.size(), " pictures cannot be read:", reasons,
          bad > 10 ? "\n  …" : "");
  return set;
}

}  // namespace ign::data

#endif  // IGN_DATA_IMAGE_FOLDER_HPP
