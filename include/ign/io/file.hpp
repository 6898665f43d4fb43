// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Reading of whole files with a memory limit, and atomic writing (POSIX).
#ifndef IGN_IO_FILE_HPP
#define IGN_IO_FILE_HPP

#include <ign/core/error.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace ign::io {

/// Default limit on the bytes that a reader takes into memory: 16 GiB.
inline constexpr std::uint64_t default_read_limit = std::uint64_t{16} << 30;

namespace detail {

/// The system's text for errno, such as "No space left on device".
inline std::string reason(int code = errno) { return std::generic_category().message(code); }

/// Repeats a system call while signals interrupt it.
template <class Call>
auto retry(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

/// Owner of a file descriptor. The destructor closes it and ignores errors; close() reports them.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int value) : m_value(value) {}
  Descriptor(Descriptor&& other) noexcept : m_value(std::exchange(other.m_value, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    if (this != &other) {
      close();
      m_value = std::exchange(other.m_value, -1);
    }
    return *this;
  }
  ~Descriptor() { close(); }

  int get() const noexcept { return m_value; }
  /// Returns false, with errno set, on a late write error.
  bool close() noexcept { return m_value < 0 || ::close(std::exchange(m_value, -1)) == 0; }

 private:
  int m_value = -1;
};

}  // namespace detail

/// An existing regular file, open for reading from its beginning.
class InputFile {
 public:
  /// \throws ign::Error [ign.file.1] when it cannot be opened, [ign.file.2] when it is a folder, a pipe or a device
  explicit InputFile(std::filesystem::path path) : m_path(std::move(path)) {
    // O_NONBLOCK: opening a pipe would otherwise wait for a writer.
    m_file = detail::Descriptor(detail::retry([&] { return ::open(m_path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK); }));
    struct stat status {};
    bool const opened = m_file.get() >= 0 && ::fstat(m_file.get(), &status) == 0;
    require(opened, Fault::file, 1, m_path.string(), ": cannot be opened for reading: ", detail::reason());
    require(S_ISREG(status.st_mode), Fault::file, 2, m_path.string(), ": is not a regular file");
    m_size = static_cast<std::uint64_t>(status.st_size);
  }

  std::filesystem::path const& path() const noexcept { return m_path; }  ///< as given
  /// Bytes in the file when it was opened.
  std::uint64_t size() const noexcept { return m_size; }

  /// Fills `out` from the current position. Returns the number of bytes read, fewer than requested only at the end of the file.
  /// \throws ign::Error [ign.file.4] when the system cannot read
  std::size_t read(std::span<std::byte> out) {
    std::size_t done = 0;
    while (done < out.size()) {
      auto const got = detail::retry([&] { return ::read(m_file.get(), out.data() + done, out.size() - done); });
      require(got >= 0, Fault::file, 4, m_path.string(), ": reading failed: ", detail::reason());
      if (got == 0) break;
      done += static_cast<std::size_t>(got);
    }
    return done;
  }

  /// The first bytes of the file, `most` at most. Does not move the read position.
  /// \throws ign::Error [ign.file.4] when the system cannot read
  std::string head(std::size_t most) const {
    std::string bytes(most, '\0');
    auto const got = detail::retry([&] { return ::pread(m_file.get(), bytes.data(), bytes.size(), 0); });
    require(got >= 0, Fault::file, 4, m_path.string(), ": reading failed: ", detail::reason());
    bytes.resize(static_cast<std::size_t>(got));
    return bytes;
  }
  /// True if the file begins with `magic`.
  /// \throws ign::Error as head
  bool starts_with(std::string_view magic) const { return head(magic.size()) == magic; }

 private:
  std::filesystem::path m_path;
  detail::Descriptor m_file;
  std::uint64_t m_size = 0;
};

/// All bytes of a file. The size is compared with `limit` before memory is allocated.
/// \throws ign::Error [ign.file.1], [ign.file.2], [ign.file.4] as InputFile; [ign.file.3] when it is larger than `limit` bytes
inline std::vector<std::byte> read_file(std::filesystem::path const& path, std::uint64_t limit = default_read_limit) {
  InputFile file(path);
  require(file.size() <= limit, Fault::file, 3, path.string(), ": has ", file.size(), " bytes, expected at most ", limit);
  std::vector<std::byte> bytes(static_cast<std::size_t>(file.size()));
  std::size_t const got = file.read(bytes);
  require(got == bytes.size(), Fault::file, 4, path.string(), ": became shorter while it was read: ", got, " bytes, expected ",
          bytes.size());
  return bytes;
}

/// A file open for writing. Each write and the closing are checked.
class OutputFile {
 public:
  /// \param flags  of open(2), in addition to O_WRONLY: O_CREAT | O_EXCL, O_APPEND …
  /// \throws ign::Error [ign.file.5] when it cannot be opened (missing or unwritable folder)
  OutputFile(std::filesystem::path path, int flags) : m_path(std::move(path)) {
    m_file = detail::Descriptor(detail::retry([&] { return ::open(m_path.c_str(), O_WRONLY | O_CLOEXEC | flags, 0666); }));
    require(m_file.get() >= 0, Fault::file, 5, m_path.string(), ": cannot be opened for writing: ", detail::reason());
  }

  std::filesystem::path const& path() const noexcept { return m_path; }  ///< as given

  /// Passes all bytes to the system, without a buffer.
  /// \throws ign::Error [ign.file.6] when not all are written (full disk, size limit)
  void write(std::span<std::byte const> bytes) {
    while (!bytes.empty()) {
      auto const put = detail::retry([&] { return ::write(m_file.get(), bytes.data(), bytes.size()); });
      require(put > 0, Fault::file, 6, m_path.string(), ": writing failed: ", detail::reason());
      bytes = bytes.subspan(static_cast<std::size_t>(put));
    }
  }
  void write(std::string_view text) { write(std::as_bytes(std::span(text))); }  ///< the same for text

  /// Waits until the bytes are on the disk, then closes.
  /// \throws ign::Error [ign.file.6] when either fails
  void sync_and_close() {
    bool const synced = detail::retry([&] { return ::fsync(m_file.get()); }) == 0 || errno == EINVAL || errno == ENOTSUP;
    bool const written = synced && m_file.close();
    require(written, Fault::file, 6, m_path.string(), ": writing failed: ", detail::reason());
  }

 private:
  std::filesystem::path m_path;
  detail::Descriptor m_file;
};

/// A new version of a file, written under a temporary name in the same folder. commit() replaces the file.
///
/// If anything fails before commit() ends, the old file stays unchanged and the temporary is removed. A symbolic link is replaced
/// by the file. Example, for bytes `header` and `data`: `AtomicFile file("a.bin"); file.write(header); file.write(data); file.commit();`
class AtomicFile {
 public:
  /// \throws ign::Error [ign.file.2] when `path` exists and is not a regular file, [ign.file.5] when no file can be created in its folder
  explicit AtomicFile(std::filesystem::path path) : m_path(std::move(path)), m_file(checked_temporary(m_path), O_CREAT | O_EXCL) {}
  AtomicFile(AtomicFile const&) = delete;
  AtomicFile& operator=(AtomicFile const&) = delete;
  ~AtomicFile() {
    if (!m_committed) ::unlink(m_file.path().c_str());
  }

  /// \throws ign::Error [ign.file.6] as OutputFile::write
  void write(std::span<std::byte const> bytes) { m_file.write(bytes); }
  void write(std::string_view text) { m_file.write(text); }  ///< the same for text

  /// Flushes to the disk and replaces the old file.
  /// \throws ign::Error [ign.file.6] when flushing fails, [ign.file.7] when renaming fails
  void commit() {
    m_file.sync_and_close();
    m_committed = ::rename(m_file.path().c_str(), m_path.c_str()) == 0;
    require(m_committed, Fault::file, 7, m_path.string(), ": cannot be replaced by ", m_file.path().string(), ": ", detail::reason());
    // The new name is durable once the folder is on the disk. The file is complete either way.
    detail::Descriptor const folder(::open(folder_of(m_path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (folder.get() >= 0) ::fsync(folder.get());
  }

 private:
  static std::filesystem::path folder_of(std::filesystem::path const& path) {
    return path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  }
  static std::filesystem::path checked_temporary(std::filesystem::path const& path) {
    std::error_code absent;
    auto const status = std::filesystem::status(path, absent);
    require(path.has_filename() && (!std::filesystem::exists(status) || std::filesystem::is_regular_file(status)), Fault::file, 2,
            path.string(), ": is not a regular file and is not replaced");
    require(std::filesystem::is_directory(folder_of(path), absent), Fault::file, 5, path.string(),
            ": cannot be written: its folder is missing");
    static std::atomic<unsigned> count{0};
    auto const next = [&] {
      return folder_of(path) / ('.' + path.filename().string() + '.' + std::to_string(::getpid()) + '.' + std::to_string(count++) + ".tmp");
    };
    // A killed program may have left a file of this name: in a container each run has the same process id.
    auto temporary = next();
    while (std::filesystem::exists(std::filesystem::symlink_status(temporary, absent))) temporary = next();
    return temporary;
  }

  std::filesystem::path m_path;
  OutputFile m_file;
  bool m_committed = false;
};

/// Writes a whole file at once, atomically.
/// \throws ign::Error [ign.file.2], [ign.file.5], [ign.file.6], [ign.file.7] as AtomicFile
inline void write_file(std::filesystem::path const& path, std::span<std::byte const> bytes) {
  AtomicFile file(path);
  file.write(bytes);
  file.commit();
}
/// The same for text.
inline void write_file(std::filesystem::path const& path, std::string_view text) { write_file(path, std::as_bytes(std::span(text))); }

/// Removes temporaries of `path` that killed programs have left: those that have not been written to for a day. Ignores errors.
inline void remove_abandoned(std::filesystem::path const& path) {
  namespace fs = std::filesystem;
  std::string const begin = '.' + path.filename().string() + '.';
  auto const limit = fs::file_time_type::clock::now() - std::chrono::hours(24);
  std::error_code failed;
  fs::directory_iterator entry(path.has_parent_path() ? path.parent_path() : fs::path("."), failed), end;
  for (; !failed && entry != end; entry.increment(failed)) {
    std::string const name = entry->path().filename().string();
    std::error_code gone;
    if (!name.starts_with(begin) || !name.ends_with(".tmp") || !entry->is_regular_file(gone)) continue;
    // A process id and a number stand between the two, so the temporaries of "a" differ from those of "a.b".
    auto const middle = std::string_view(name).substr(begin.size(), name.size() - begin.size() - std::string_view(".tmp").size());
    auto const written = entry->last_write_time(gone);
    if (middle.find_first_not_of("0123456789.") == std::string_view::npos && !gone && written < limit) fs::remove(entry->path(), gone);
  }
}

}  // namespace ign::io

#endif  // IGN_IO_FILE_HPP
