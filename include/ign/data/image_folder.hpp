// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Reader of folders of pictures, which become images of equal size.
#ifndef IGN_DATA_IMAGE_FOLDER_HPP
#define IGN_DATA_IMAGE_FOLDER_HPP

#include <ign/core/error.hpp>
#include <ign/data/idx.hpp>
#include <ign/data/image_listing.hpp>
#include <ign/io/checked_arithmetic.hpp>
#include <ign/io/file.hpp>
#include <ign/io/image.hpp>
#include <ign/io/read_image.hpp>
#include <ign/io/resize.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace ign::data {

/// Options of read_image_folder.
struct ImageFolderOptions {
  std::size_t size = 64;                                ///< side of the square images, pixels
  std::size_t channels = 3;                             ///< 1 or 3
  std::uint64_t pixel_limit = io::default_pixel_limit;  ///< largest number of pixels of one picture
  std::uint64_t limit = io::default_read_limit;         ///< largest size of all images together, bytes
  bool skip_unreadable = false;                         ///< leave out pictures that cannot be read, instead of throwing
};

/// Counts of the files that read_image_folder has read and skipped, and of the changes to those it has read.
struct ImageFolderReport {
  std::size_t pictures = 0;                      ///< pictures read
  std::map<std::string, std::size_t> skipped{};  ///< other files, counted by kind: ".webp", "no extension", ".dat (BMP)"
  std::size_t cropped = 0;                       ///< pictures cropped to their central square
  std::size_t resized = 0;                       ///< pictures resized
  std::size_t converted = 0;                     ///< pictures converted to grey or colour
  std::size_t unreadable = 0;                    ///< pictures that could not be read and were left out
  std::vector<std::string> reasons{};            ///< errors for the first ten of these, with the names of the files
  std::string formats{};                         ///< extensions of the formats that can be read: ".png .jpg .jpeg"
};

namespace detail {

/// Counts as text, the most frequent kinds first: "100 .webp, 3 .txt".
inline std::string counts_text(std::map<std::string, std::size_t> const& counts) {
  constexpr std::size_t most = 8;
  std::vector<std::pair<std::size_t, std::string>> order;
  for (auto const& [kind, count] : counts) order.emplace_back(count, kind);
  std::stable_sort(order.begin(), order.end(), [](auto const& a, auto const& b) { return a.first > b.first; });
  std::string text;
  for (std::size_t i = 0; i < std::min(order.size(), most); ++i)
    text += (i == 0 ? "" : ", ") + std::to_string(order[i].first) + ' ' + order[i].second;
  return order.size() > most ? text + " and files of " + std::to_string(order.size() - most) + " more kinds" : text;
}

/// Reads a picture as a square of the options' size and channels, and counts the changes.
inline io::Image read_square(std::filesystem::path const& path, std::vector<io::ImageFormat> const& formats,
                             ImageFolderOptions const& options, ImageFolderReport& report) {
  namespace fs = std::filesystem;
  std::error_code unknown;
  if (fs::is_symlink(fs::symlink_status(path, unknown)) && !fs::exists(path, unknown))
    fail(Fault::file, 400, path.string(), ": is a link to '", fs::read_symlink(path, unknown).string(),
         "', which is not there or cannot be reached, expected a picture; repair or remove the link");
  auto const picture = io::read_image(path, formats, options.pixel_limit);
  auto const square = io::centre_square(picture);
  auto result = io::with_channels(io::resized(square, options.size, options.size), options.channels);
  report.cropped += picture.height != picture.width ? 1 : 0;
  report.resized += square.height != options.size ? 1 : 0;
  report.converted += picture.channels != options.channels ? 1 : 0;
  return result;
}

}  // namespace detail

/// One line about the changes to the pictures read: "120 pictures: 100 cropped to the central square, 118 resized to 64 x 64, 3 converted
/// to colour"; "120 pictures, none changed".
inline std::string changes_text(ImageFolderReport const& report, ImageFolderOptions const& options) {
  std::string text;
  auto const add = [&](std::size_t count, std::string const& what) {
    if (count > 0) text += (text.empty() ? ": " : ", ") + std::to_string(count) + ' ' + what;
  };
  std::string const side = std::to_string(options.size);
  add(report.cropped, "cropped to the central square");
  add(report.resized, "resized to " + side + " x " + side);
  add(report.converted, options.channels == 1 ? "converted to grey" : "converted to colour");
  return std::to_string(report.pictures) + (report.pictures == 1 ? " picture" : " pictures") + (text.empty() ? ", none changed" : text);
}

/// One line about the skipped files: "skipped 100 files that cannot be read as pictures (100 .webp): …", then the number of unreadable
/// pictures with the first reasons. Empty if nothing was skipped.
inline std::string text_of(ImageFolderReport const& report) {
  std::string text;
  std::size_t files = 0;
  for (auto const& [kind, count] : report.skipped) files += count;
  if (files > 0)
    text = "skipped " + std::to_string(files) + (files == 1 ? " file" : " files") + " that cannot be read as pictures (" +
           detail::counts_text(report.skipped) + "): the formats that can be read are " + report.formats;
  if (report.unreadable == 0) return text;
  text += (text.empty() ? "skipped " : "; skipped ") + std::to_string(report.unreadable) +
          (report.unreadable == 1 ? " unreadable picture" : " unreadable pictures");
  for (std::size_t i = 0; i < report.reasons.size(); ++i) text += (i == 0 ? ": " : "; ") + report.reasons[i];
  return report.unreadable > report.reasons.size() ? text + "; …" : text;
}

/// Reads all pictures of a folder, in the order of find_images. Each picture is cropped to its central square, resized, and converted to
/// grey or colour as the number of channels requires. Example:
/// `read_image_folder("faces", {io::png_format(), io::jpeg_format()}, {.size = 64, .channels = 3})`.
/// \param report  optional output: counts of the files read and skipped; unchanged if an error is thrown
/// \return bytes (count, size, size, channels)
/// \throws ign::Error [ign.option.316] if the options are impossible, [ign.file.316] if there are no pictures (the text counts the other
///         files), [ign.file.3] if the images need more than `limit` bytes, [ign.format.318] if a picture cannot be read or, with
///         `skip_unreadable`, if none can (the text names the first ten and the reasons), [ign.file.315] as find_images
inline ImageSet read_image_folder(std::filesystem::path const& folder, std::vector<io::ImageFormat> const& formats,
                                  ImageFolderOptions const& options = {}, ImageFolderReport* report = nullptr) {
  std::size_t const size = options.size, channels = options.channels;
  require(size >= 1 && size <= 65'535 && (channels == 1 || channels == 3), Fault::option, 316, "read_image_folder: images of ", size, " x ",
          size, " x ", channels, ", expected a side from 1 to 65535 and 1 or 3 channels");
  auto const [paths, skipped] = detail::list_folder(folder, formats);
  ImageFolderReport found{.skipped = skipped, .formats = io::detail::extensions_of(formats)};
  require(!paths.empty(), Fault::file, 316, folder.string(), ": holds no pictures that can be read, ",
          skipped.empty() ? "nor other files" : "but other files (" + detail::counts_text(skipped) + ')',
          ", expected files of the formats ", found.formats,
          ", recognised by their first bytes; convert the pictures, or pass another folder");
  auto const bytes = io::checked_product(std::array{paths.size(), size, size, channels});
  require(bytes.has_value() && *bytes <= options.limit, Fault::file, 3, folder.string(), ": ", paths.size(), " images of ", size, " x ",
          size, " x ", channels, " bytes, expected at most ", options.limit, " bytes");

  ImageSet set{0, size, size, channels, {}};
  set.pixels.reserve(static_cast<std::size_t>(*bytes));
  for (auto const& path : paths) {
    try {
      auto const image = detail::read_square(path, formats, options, found);
      set.pixels.insert(set.pixels.end(), image.pixels.begin(), image.pixels.end());
      ++set.count;
    } catch (Error const& error) {
      if (++found.unreadable <= 10) found.reasons.emplace_back(error.what());
    }
  }
  if (found.unreadable > 0 && (!options.skip_unreadable || set.count == 0)) {
    std::string reasons;
    for (auto const& reason : found.reasons) reasons += "\n  " + reason;
    fail(Fault::format, 318, folder.string(), ": ", found.unreadable, " of ", paths.size(), " pictures cannot be read:", reasons,
         found.unreadable > 10 ? "\n  …" : "",
         set.count == 0 ? "" : "\nRemove them, or leave them out with ImageFolderOptions::skip_unreadable (`train --skip-unreadable`)");
  }
  found.pictures = set.count;
  if (report != nullptr) *report = std::move(found);
  return set;
}

}  // namespace ign::data

#endif  // IGN_DATA_IMAGE_FOLDER_HPP
