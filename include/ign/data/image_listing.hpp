// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Search for pictures in a folder. Pictures are recognised by their first bytes, links are followed, and skipped files are counted.
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

/// Device and inode of a file, which identify it independently of its path.
using FileId = std::pair<::dev_t, ::ino_t>;

/// Calls visit(name, path, status) for each file below a folder, in no particular order, until it returns false. Returns true if it never
/// did. `name` is the path relative to the first folder. Follows links; skips names that begin with a dot, and folders that contain
/// themselves through a link.
/// \param begin  path of `folder` relative to the first folder
/// \param chain  ancestors of `folder` up to the first folder
template <class Visit>
bool walk_folder(std::filesystem::path const& folder, std::string const& begin, std::vector<FileId>& chain, Visit const& visit) {
  namespace fs = std::filesystem;
  std::vector<fs::path> paths;  // collected first, so that a deep tree does not keep one descriptor open per folder
  std::error_code failed;
  fs::directory_iterator entry(folder, failed), end;
  for (; !failed && entry != end; entry.increment(failed)) paths.push_back(entry->path());
  struct ::stat status {};
  bool const known = !failed && ::stat(folder.c_str(), &status) == 0;
  require(known, Fault::file, 315, folder.string(),
          ": this folder of pictures cannot be listed, expected a readable folder: ", failed ? failed.message() : io::detail::reason());
  FileId const id{status.st_dev, status.st_ino};
  if (std::find(chain.begin(), chain.end(), id) != chain.end()) return true;
  chain.push_back(id);
  bool go_on = true;
  for (std::size_t i = 0; i < paths.size() && go_on; ++i) {
    std::string const last = paths[i].filename().string();
    if (last.starts_with('.')) continue;
    std::error_code unknown;  // on an error the status says that there is no file
    auto const kind = fs::status(paths[i], unknown);
    go_on = fs::is_directory(kind) ? walk_folder(paths[i], begin + last + '/', chain, visit) : visit(begin + last, paths[i], kind);
  }
  chain.pop_back();
  return go_on;
}

/// Classification of a file in a folder of pictures.
struct FolderFile {
  bool picture = false;  ///< to be read: has a format's first bytes or extension, or is a broken link
  bool foreign = false;  ///< a picture of another format
  std::string kind;      ///< kind of a file to be skipped: ".webp", "no extension", ".dat (WebP)"
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
    if (named || extension.empty()) return {true, false, ""};  // the attempt to read it reports why it cannot be opened
  }
  if (named || io::detail::format_of(head, extension, formats) != nullptr) return {true, false, ""};
  std::string const format = io::detail::picture_kind(head);
  bool const by_name = io::detail::is_picture_extension(extension);
  std::string kind = extension.empty() ? "no extension" : extension;
  if (!format.empty() && !by_name) kind += " (" + format + ')';
  return {false, by_name || !format.empty(), kind};
}

/// Files below a folder.
struct FolderListing {
  std::vector<std::filesystem::path> pictures;  ///< sorted by their path as bytes
  std::map<std::string, std::size_t> skipped;   ///< other files, counted by kind
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

/// Returns the pictures in a folder and its subfolders, sorted by their path as bytes, so that the order is the same on every machine.
///
/// A file is a picture if its first bytes are those of one of the formats, under any name. Files that only have a format's extension and
/// broken links are included, so that reading them reports the error. Names that begin with a dot are skipped. Links to files and folders
/// are followed: a picture with two paths counts twice, but a folder that contains itself through a link is entered once.
/// \throws ign::Error [ign.file.315] if a folder cannot be listed
inline std::vector<std::filesystem::path> find_images(std::filesystem::path const& folder, std::vector<io::ImageFormat> const& formats) {
  return detail::list_folder(folder, formats).pictures;
}

/// Returns true if a folder or one of its subfolders contains a picture, of one of the formats or of another one: read_image_folder then
/// reads it or reports why it cannot. The search ends at the first picture.
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
