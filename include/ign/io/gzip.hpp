// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Reader for files with optional gzip compression, in pieces and with bounded memory (zlib).
#ifndef IGN_IO_GZIP_HPP
#define IGN_IO_GZIP_HPP

#include <ign/core/error.hpp>
#include <ign/io/file.hpp>

#include <zlib.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <vector>

namespace ign::io {

/// The contents of a file as a stream, decompressed where the file begins with gzip's magic bytes 1f 8b.
///
/// Memory is limited to 64 KiB of compressed bytes and zlib's window. Consecutive gzip members form one stream.
class ByteReader {
 public:
  /// \throws ign::Error [ign.file.1], [ign.file.2], [ign.file.4] as InputFile
  explicit ByteReader(std::filesystem::path path) : m_file(std::move(path)), m_compressed(m_file.starts_with("\x1f\x8b")) {
    if (!m_compressed) return;
    m_packed.resize(static_cast<std::size_t>(std::min<std::uint64_t>(std::uint64_t{64} << 10, m_file.size())));
    int const code = ::inflateInit2(&m_stream, 16 + MAX_WBITS);  // 16: gzip only
    require(code == Z_OK, Fault::file, 4, m_file.path().string(), ": zlib cannot start: ", ::zError(code));
  }
  ByteReader(ByteReader const&) = delete;  // zlib's state points to m_stream
  ByteReader& operator=(ByteReader const&) = delete;
  ~ByteReader() {
    if (m_compressed) ::inflateEnd(&m_stream);
  }

  std::filesystem::path const& path() const noexcept { return m_file.path(); }  ///< as given
  bool compressed() const noexcept { return m_compressed; }                     ///< true for gzip
  /// Number of bytes of the contents; unknown for a compressed file.
  std::optional<std::uint64_t> size() const noexcept { return m_compressed ? std::nullopt : std::optional(m_file.size()); }

  /// Fills `out` with the next bytes. Returns their number, which is smaller than requested only at the end.
  /// \throws ign::Error [ign.format.1] when the compressed data end early, [ign.format.2] when they are damaged,
  ///         [ign.format.3] when other bytes follow them; [ign.file.4] when the system cannot read
  std::size_t read(std::span<std::byte> out) { return m_compressed ? unpack(out) : m_file.read(out); }

 private:
  std::size_t unpack(std::span<std::byte> out) {
    std::size_t done = 0;
    while (done < out.size() && !m_ended) {
      require(packed_bytes_left(), Fault::format, 1, path().string(), ": gzip data end early, after ", m_unpacked,
              " unpacked bytes: the file is truncated");
      auto const room = static_cast<uInt>(std::min<std::size_t>(out.size() - done, std::size_t{1} << 30));
      m_stream.next_out = reinterpret_cast<Bytef*>(out.data() + done);
      m_stream.avail_out = room;
      int const code = ::inflate(&m_stream, Z_NO_FLUSH);
      done += room - m_stream.avail_out;
      m_unpacked += room - m_stream.avail_out;
      if (code == Z_STREAM_END) {
        m_ended = !next_member();
      } else {
        require(code == Z_OK, Fault::format, 2, path().string(), ": gzip data are damaged after ", m_unpacked,
                " unpacked bytes: ", m_stream.msg != nullptr ? m_stream.msg : ::zError(code));
      }
    }
    return done;
  }

  bool packed_bytes_left() {
    if (m_stream.avail_in == 0) {
      m_stream.avail_in = static_cast<uInt>(m_file.read(m_packed));
      m_stream.next_in = reinterpret_cast<Bytef*>(m_packed.data());
    }
    return m_stream.avail_in > 0;
  }

  bool next_member() {
    if (!packed_bytes_left()) return false;
    require(*m_stream.next_in == 0x1f, Fault::format, 3, path().string(), ": bytes follow the end of the gzip data");
    ::inflateReset(&m_stream);
    return true;
  }

  InputFile m_file;
  bool m_compressed;
  bool m_ended = false;
  std::vector<std::byte> m_packed;
  std::uint64_t m_unpacked = 0;
  ::z_stream m_stream{};
};

/// All bytes of a file, decompressed. Memory grows with the data, up to `limit` bytes.
/// \throws ign::Error as ByteReader; [ign.file.3] when there are more than `limit` bytes
inline std::vector<std::byte> read_maybe_gz(std::filesystem::path const& path, std::uint64_t limit = default_read_limit) {
  ByteReader reader(path);
  if (!reader.compressed()) return read_file(path, limit);
  std::vector<std::byte> bytes, piece(std::size_t{256} << 10);
  while (std::size_t const got = reader.read(piece)) {
    require(got <= limit && bytes.size() <= limit - got, Fault::file, 3, path.string(), ": unpacks to more than ", limit,
            " bytes, the most expected");
    bytes.insert(bytes.end(), piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(got));
  }
  return bytes;
}

}  // namespace ign::io

#endif  // IGN_IO_GZIP_HPP
