// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Reader for pictures of several formats, identified by their first bytes.
#ifndef IGN_IO_READ_IMAGE_HPP
#define IGN_IO_READ_IMAGE_HPP

#include <ign/core/error.hpp>
#include <ign/io/file.hpp>
#include <ign/io/image.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace ign::io {

namespace detail {

/// Number of bytes at the beginning of a file that identify its format.
inline constexpr std::size_t image_head_size = 32;

/// The extension of a file in lower case, with the dot: ".png"; empty where there is none.
inline std::string small_extension(std::filesystem::path const& path) {
  std::string extension = path.extension().string();
  for (auto& letter : extension)
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  return extension;
}

/// True if the format has that extension.
inline bool claims(ImageFormat const& format, std::string const& extension) {
  return std::find(format.extensions.begin(), format.extensions.end(), extension) != format.extensions.end();
}

/// The format with a signature that matches the first bytes, else a format without signatures that has the extension, else nullptr.
inline ImageFormat const* format_of(std::string_view head, std::string const& extension, std::vector<ImageFormat> const& formats) {
  for (auto const& format : formats)
    if (std::any_of(format.signatures.begin(), format.signatures.end(), [&](auto const& begin) { return head.starts_with(begin); }))
      return &format;
  for (auto const& format : formats)
    if (format.signatures.empty() && claims(format, extension)) return &format;
  return nullptr;
}

/// The name of a common picture format by its first bytes, "WebP"; empty if unknown.
/// \source registrations of the formats' media types. For BMP, whose two letters may begin any text, the four reserved bytes as well
inline std::string picture_kind(std::string_view head) {
  struct Kind {
    std::size_t offset;
    std::string_view bytes;
    char const* name;
  };
  using std::string_view_literals::operator""sv;
  constexpr std::array kinds = {Kind{0, "\x89PNG\r\n\x1a\n"sv, "PNG"},
                                Kind{0, "\xff\xd8\xff"sv, "JPEG"},
                                Kind{0, "GIF87a"sv, "GIF"},
                                Kind{0, "GIF89a"sv, "GIF"},
                                Kind{8, "WEBP"sv, "WebP"},
                                Kind{0, "II*\0"sv, "TIFF"},
                                Kind{0, "MM\0*"sv, "TIFF"},
                                Kind{4, "ftypavif"sv, "AVIF"},
                                Kind{4, "ftypavis"sv, "AVIF"},
                                Kind{4, "ftypheic"sv, "HEIF"},
                                Kind{4, "ftypheix"sv, "HEIF"},
                                Kind{4, "ftypmif1"sv, "HEIF"},
                                Kind{0, "\xff\x0a"sv, "JPEG XL"},
                                Kind{0, "\0\0\0\x0cJXL \r\n\x87\n"sv, "JPEG XL"},
                                Kind{0, "\0\0\0\x0cjP  \r\n\x87\n"sv, "JPEG 2000"}};
  for (auto const& kind : kinds)
    if (head.size() >= kind.offset && head.substr(kind.offset).starts_with(kind.bytes)) return kind.name;
  return head.starts_with("BM") && head.substr(0, 10).ends_with("\0\0\0\0"sv) && head.size() >= 10 ? "BMP" : "";
}

/// True for the extensions of common picture formats.
inline bool is_picture_extension(std::string_view extension) {
  constexpr std::array<std::string_view, 17> known = {".png",  ".jpg",  ".jpeg", ".bmp", ".webp", ".gif", ".tif", ".tiff", ".avif",
                                                      ".heic", ".heif", ".jxl",  ".jp2", ".ppm",  ".pgm", ".pnm", ".tga"};
  return std::find(known.begin(), known.end(), extension) != known.end();
}

/// ".png .jpg .jpeg", the extensions of the formats.
inline std::string extensions_of(std::vector<ImageFormat> const& formats) {
  std::string known;
  for (auto const& format : formats)
    for (auto const& extension : format.extensions) known += (known.empty() ? "" : " ") + extension;
  return known;
}

/// Throws the error for a file of an unknown format.
[[noreturn]] inline void refuse_picture(std::filesystem::path const& path, std::string_view head, std::vector<ImageFormat> const& formats) {
  std::string const kind = picture_kind(head);
  std::string const found = head.empty()   ? "is empty"
                            : kind.empty() ? "has the first bytes of no picture format that is known here"
                                           : "is " + kind + " by its first bytes";
  fail(Fault::format, 402, path.string(), ": ", found, ", expected a picture of the formats ", extensions_of(formats), ": ",
       kind.empty() ? "download it again" : "convert it", ", or remove it");
}

}  // namespace detail

/// Reads a picture in one of several formats, identified by its first bytes: a PNG file named a.jpg or a is read as PNG.
/// \param formats  such as {png_format(), jpeg_format()}; a format without signatures is identified by the extension
/// \throws ign::Error [ign.format.402] when the file has none of the formats; [ign.file.1], [ign.file.2], [ign.file.4] as InputFile; else
///         as the reader of its format
inline Image read_image(std::filesystem::path const& path, std::vector<ImageFormat> const& formats,
                        std::uint64_t pixel_limit = default_pixel_limit) {
  std::string const head = InputFile(path).head(detail::image_head_size);
  auto const* const format = detail::format_of(head, detail::small_extension(path), formats);
  if (format == nullptr) detail::refuse_picture(path, head, formats);
  return format->read(path, pixel_limit);
}

}  // namespace ign::io

#endif  // IGN_IO_READ_IMAGE_HPP
