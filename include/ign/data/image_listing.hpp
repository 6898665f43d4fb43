// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Finds the pictures of a folder by their first bytes, follows links, and counts what it passes over.
#ifndef IGN_DATA_IMAGE_LISTING_HPP
#define IGN_DATA_IMAGE_LISTING_HPP

#include <ign/core/error.hpp>
#include <ign/io/file.hpp>
#include <ign/io/image.hpp>
#include <ign/io/read_image.hpp>

#include <sys/stat.h>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace ign::data {

namespace detail {

/// Device and inode of a file, whatever the name it is reached by.
using FileId = std::pair<::dev_t, ::ino_t>;

/// Calls visit(name, path, status) for each file below a folder, in no order, until it returns false; returns whether it never did. `name`
/// is the path from the folder on. Follows links; names that begin with a dot are passed over, and so is a folder that is its own ancestor.
/// \param chain  the folder's ancestors within the first one
template <class Visit>
bool walk_folder(std::filesystem::path const& folder, std::string const& begin, std::vector<FileId>& chain, Visit const& visit) {
  namespace fs = std::filesystem;
  std::vector<fs::path> paths;  // all at once: a deep tree must not keep a descriptor open for each folder
  std::error_code failed;
  fs::directory_iterator entry(folder, failed), end;
  for (; !failed && entry != end; entry.increment(failed)) paths.push_back(entry->path());
  struct ::stat status {};
  bool const known = !failed && ::stat(folder.c_str(), &status) == 0;
  require(known, Fault::file, 315, folder.string(),
          ": this folder of pictures cannot be listed: ", failed ? failed.message() : io::detail::reason());
  FileId const id{status.st_dev, status.st_ino};
  if (std::find(chain.begin(), chain.end(), id) != chain.end()) return true;
  chain.push_back(id);
  bool go_on = true;
  for (std::size_t i = 0; i < paths.size() && go_on; ++i) {
    std::string const last = paths[i].filename().string();
    if (last.starts_with('.')) continue;
    std::error_code unknown;  // then the status is that of nothing
    auto const kind = fs::status(paths[i], unknown);
    go_on = fs::is_directory(kind) ? walk_folder(paths[i], begin + last + '/', chain, visit) : visit(begin + last, paths[i], kind);
  }
  chain.pop_back();
  return go_on;
}

/// Kind of a file in a folder of pictures.
struct FolderFile {
  bool picture = false;  ///< of one of the formats by its first bytes, or says so by its name, or leads nowhere: to be read
  bool foreign = false;  ///< a picture of another format
  std::string kind;      ///< of a file that is skipped: ".webp", "no extension", ".dat (WebP)"
};

inline FolderFile classify(std::filesystem::path const& path, std::filesystem::file_status const& status,
                           std::vector<io::ImageFormat> const& formats) {
  namespace fs = std::filesystem;
  if (status.type() == fs::file_type::not_found || status.type() == fs::file_type::none || status.type() == fs::file_type::unknown)
    return {true, false, ""};
  if (!fs::is_regular_file(status)) return {false, false, "pipes and devices"};
  std::string const extension = io::detail::small_extension(path);
  bool const named = std::any_of(formats.begin(), formats.end(), [&](auto const& format) { return io::detail::claims(format, extension); });
  std::string head;
  try {
    head = io::InputFile(path).head(io::detail::image_head_size);
  } catch (Error const&) {
    if (named || extension.empty()) return {true, false, ""};  // reading it says why it cannot be opened
  }
  if (named || io::detail::format_of(head, extension, formats) != nullptr) return {true, false, ""};
  std::string const format = io::detail::picture_kind(head);
  bool const by_name = io::detail::is_picture_extension(extension);
  std::string kind = extension.empty() ? "no extension" : extension;
  if (!format.empty() && !by_name) kind += " (" + format + ')';
  return {false, by_name || !format.empty(), kind};
}

/// The files below a folder.
struct FolderListing {
  std::vector<std::filesystem::path> pictures;  ///< sorted by their path as bytes
  std::map<std::string, std::size_t> skipped;   ///< files by kind
};

inline FolderListing list_folder(std::filesystem::path const& folder, std::vector<io::ImageFormat> const& formats) {
  FolderListing listing;
  std::vector<std::pair<std::string, std::filesystem::path>> found;
  std::vector<FileId> chain;
  walk_folder(folder, "", chain,
              [&](std::string const& name, std::filesystem::path const& path, std::filesystem::file_status const& status) {
                auto const file = classify(path, status, formats);
                if (file.picture)
                  found.emplace_back(name, path);
                else
                  ++listing.skipped[file.kind];
                return true;
              });
  std::sort(found.begin(), found.end());
  for (auto& [name, path] : found) listing.pictures.push_back(std::move(path));
  return listing;
}

}  // namespace detail

/// The picture files in a folder and the folders below it, sorted by their path as bytes: the same order on every machine.
///
/// A file is a picture when its first bytes are those of one of the formats, whatever it is called. A file that only has a format's
/// extension, and a link that leads nowhere, are among them, too: reading them says what is wrong. Names that begin with a dot are passed
/// over. Links to files and folders are followed: a picture that is reached in two ways counts twice, but a folder that is its own ancestor
/// is not entered again.
/// \throws ign::Error [ign.file.315] when a folder cannot be listed
inline std::vector<std::filesystem::path> find_images(std::filesystem::path const& folder, std::vector<io::ImageFormat> const& formats) {
  return detail::list_folder(folder, formats).pictures;
}

/// Whether a folder, or one below it, holds a picture, of one of the formats or of another: read_image_folder reads it, or says why not.
/// Ends with the first one.
/// \throws ign::Error [ign.file.315] as find_images
inline bool looks_like_image_folder(std::filesystem::path const& folder, std::vector<io::ImageFormat> const& formats) {
  std::vector<detail::FileId> chain;
  return !detail::walk_folder(folder, "", chain,
                              [&](std::string const&, std::filesystem::path const& path, std::filesystem::file_status const& status) {
                                auto const file = detail::classify(path, status, formats);
                                return !file.picture && !file.foreign;
                              });
}

}  // namespace ign::data

#endif  // IGN_DATA_IMAGE_LISTING_HPP
