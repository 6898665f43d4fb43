// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Files without a disk, and small well-formed files to begin a search with.

#ifndef IGN_FUZZ_INPUTS_HPP
#define IGN_FUZZ_INPUTS_HPP

#include <ign/io/png.hpp>
#include <ign/io/safetensors.hpp>

#include <png.h>
#include <sys/mman.h>
#include <turbojpeg.h>
#include <unistd.h>
#include <zlib.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ign_fuzz {

/// A file that holds what it is given, with a path that readers can open; one is reused for all inputs.
class File {
 public:
  File() {
#ifdef __linux__
    m_file = ::memfd_create("ign_fuzz", MFD_CLOEXEC);
    m_path = "/proc/self/fd/" + std::to_string(m_file);
#else
    std::string name = (std::filesystem::temp_directory_path() / "ign_fuzz_XXXXXX").string();
    m_file = ::mkstemp(name.data());
    m_path = name;
#endif
    if (m_file < 0) std::abort();
  }
  File(File const&) = delete;
  File& operator=(File const&) = delete;
  ~File() {
    ::close(m_file);
#ifndef __linux__
    std::filesystem::remove(m_path);
#endif
  }

  std::filesystem::path const& holding(std::string_view contents) {
    // Written first and cut then: the other way round the system would give its pages back and clear new ones.
    bool const done = ::pwrite(m_file, contents.data(), contents.size(), 0) == static_cast<ssize_t>(contents.size()) &&
                      ::ftruncate(m_file, static_cast<off_t>(contents.size())) == 0;
    if (!done) std::abort();
    return m_path;
  }

 private:
  int m_file = -1;
  std::filesystem::path m_path;
};

inline std::string as_string(std::span<std::byte const> bytes) { return {reinterpret_cast<char const*>(bytes.data()), bytes.size()}; }

inline std::string big_endian(std::uint32_t value) {
  return {static_cast<char>(value >> 24), static_cast<char>(value >> 16), static_cast<char>(value >> 8), static_cast<char>(value)};
}
inline std::uint32_t from_big_endian(std::string_view bytes) {
  std::uint32_t value = 0;
  for (char const byte : bytes.substr(0, 4)) value = value << 8 | static_cast<unsigned char>(byte);
  return value;
}

// ---- IDX and gzip

inline std::string idx_of(unsigned type, std::vector<std::uint32_t> const& extents, std::string const& data) {
  std::string file = {0, 0, static_cast<char>(type), static_cast<char>(extents.size())};
  for (auto const extent : extents) file += big_endian(extent);
  return file + data;
}

inline std::string gzip_of(std::string const& text) {
  ::z_stream stream{};
  if (::deflateInit2(&stream, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK) std::abort();
  std::string packed(::deflateBound(&stream, static_cast<uLong>(text.size())), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  if (::deflate(&stream, Z_FINISH) != Z_STREAM_END) std::abort();
  packed.resize(stream.total_out);
  ::deflateEnd(&stream);
  return packed;
}

// ---- pictures

inline ign::io::Image slope(std::size_t height, std::size_t width, std::size_t channels) {
  ign::io::Image image{height, width, channels, {}};
  for (std::size_t i = 0; i < height * width * channels; ++i) image.pixels.push_back(static_cast<std::uint8_t>(20 + 7 * i));
  return image;
}

inline std::string png_chunk(std::string const& name, std::string const& data) {
  std::string const body = name + data;
  auto const sum = ::crc32_z(0, reinterpret_cast<Bytef const*>(body.data()), body.size());
  return big_endian(static_cast<std::uint32_t>(data.size())) + body + big_endian(static_cast<std::uint32_t>(sum));
}

/// `rows` are the scan lines, each behind its filter byte; `more` are chunks before the data.
inline std::string png_of(std::uint32_t height, std::uint32_t width, int depth, int type, int interlace, std::string const& rows,
                          std::string const& more = "") {
  auto size = ::compressBound(static_cast<uLong>(rows.size()));
  std::string packed(size, '\0');
  ::compress(reinterpret_cast<Bytef*>(packed.data()), &size, reinterpret_cast<Bytef const*>(rows.data()), static_cast<uLong>(rows.size()));
  packed.resize(size);
  std::string const kind = {static_cast<char>(depth), static_cast<char>(type), 0, 0, static_cast<char>(interlace)};
  return "\x89PNG\r\n\x1a\n" + png_chunk("IHDR", big_endian(width) + big_endian(height) + kind) + more + png_chunk("IDAT", packed) +
         png_chunk("IEND", "");
}

/// The same file with every chunk's checksum made right: else few changes would get past them.
inline std::string with_png_sums(std::string_view file) {
  std::string mended(file.substr(0, 8));
  while (file.size() >= mended.size() + 12) {
    auto const rest = file.substr(mended.size());
    std::size_t const length = from_big_endian(rest);
    if (length > rest.size() - 12) break;
    mended += png_chunk(std::string(rest.substr(4, 4)), std::string(rest.substr(8, length)));
  }
  mended += file.substr(mended.size());
  return mended;
}

inline std::string jpeg_of(ign::io::Image const& image, int format, int subsampling, int flags = 0) {
  ::tjhandle const encoder = ::tjInitCompress();
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
  if (::tjCompress2(encoder, image.pixels.data(), static_cast<int>(image.width), 0, static_cast<int>(image.height), format, &bytes, &size,
                    subsampling, 75, flags) != 0)
    std::abort();
  std::string const text(reinterpret_cast<char const*>(bytes), size);
  ::tjFree(bytes);
  ::tjDestroy(encoder);
  return text;
}

// ---- safetensors

/// A header behind its length, and `data` behind both.
inline std::string behind_length(std::string_view header, std::string_view data) {
  std::uint64_t const length = header.size();
  return as_string(std::as_bytes(std::span(&length, 1))) + std::string(header) + std::string(data);
}

/// The tensors of a file without its metadata: the fields of its header, and the bytes. Made once, while the metadata changes a million
/// times.
struct Tensors {
  std::string fields;
  std::string data;

  explicit Tensors(ign::io::SafeTensorsFile const& file) {
    auto header = nlohmann::ordered_json::object();
    for (auto const& [name, tensor] : file.tensors()) {
      header[name] = {{"dtype", ign::io::type_name(tensor)},
                      {"shape", tensor.shape},
                      {"data_offsets", {data.size(), data.size() + tensor.bytes.size()}}};
      data += as_string(tensor.bytes);
    }
    fields = header.dump().substr(1);  // without the opening brace
  }
};

/// A header with this metadata, right or wrong, and no tensors: `{"__metadata__":{…}`, not closed yet.
inline std::string open_header(std::map<std::string, std::string> const& metadata) {
  return R"({"__metadata__":)" + nlohmann::json(metadata).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

/// A file with this metadata and the tensors; without checksums.
inline std::string with_metadata(Tensors const& tensors, std::map<std::string, std::string> const& metadata) {
  return behind_length(open_header(metadata) + ',' + tensors.fields, tensors.data);
}

inline std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin <= text.size();) {
    auto const end = std::min(text.find('\n', begin), text.size());
    lines.emplace_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

/// Lines "name=text" as metadata.
inline std::map<std::string, std::string> metadata_of(std::string_view text) {
  std::map<std::string, std::string> metadata;
  for (auto const& line : lines_of(text))
    if (auto const equals = line.find('='); equals != std::string::npos) metadata[line.substr(0, equals)] = line.substr(equals + 1);
  return metadata;
}

template <class Metadata>
std::string text_of_metadata(Metadata const& metadata) {
  std::string text;
  for (auto const& [name, value] : metadata) text += name + '=' + value + '\n';
  return text;
}

}  // namespace ign_fuzz

#endif
