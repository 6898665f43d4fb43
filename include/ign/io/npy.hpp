// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Writer for NumPy's .npy files: one array of floats, written in parts.
#ifndef IGN_IO_NPY_HPP
#define IGN_IO_NPY_HPP

#include <bit>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ign/core/error.hpp"
#include "ign/io/checked_arithmetic.hpp"
#include "ign/io/file.hpp"

namespace ign::io {

static_assert(std::endian::native == std::endian::little,
              "ign::io::NpyWriter: writes the machine's own bytes, which must be little-endian");

/// A .npy file of float32 in C order. The file appears at `path` with `commit`.
///
///     NpyWriter file("samples.npy", {10'000, 32, 32, 1});
///     file.write(numbers);   // as often as needed
///     file.commit();
/// \source https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html, version 1.0
class NpyWriter {
 public:
  /// \param extents  of the array, outermost first
  /// \throws Error [ign.option.444] when their product overflows; [ign.file.2], [ign.file.5]–[ign.file.7] as AtomicFile
  NpyWriter(std::filesystem::path const& path, std::vector<std::uint64_t> const& extents) : m_file(path), m_path(path) {
    auto const count = checked_product(extents, sizeof(float));
    require(count.has_value(), Fault::option, 444, path.string(), ": the array's extents have a product beyond 2^64");
    m_left = *count / sizeof(float);
    std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (";
    for (auto const extent : extents) header += std::to_string(extent) + ", ";
    header += "), }";
    constexpr std::size_t before = 10, unit = 64;  // magic, version and length; the data begin at a multiple of 64
    header.append(unit - (before + header.size() + 1) % unit, ' ') += '\n';
    auto const length = static_cast<std::uint16_t>(header.size());
    std::string const magic = {'\x93', 'N', 'U', 'M', 'P', 'Y', 1, 0, static_cast<char>(length & 0xff), static_cast<char>(length >> 8)};
    m_file.write(std::string_view(magic + header));
  }

  /// Appends values.
  /// \throws Error [ign.option.444] when there are more than the extents allow; [ign.file.6] when the disk is full
  void write(std::span<float const> numbers) {
    require(numbers.size() <= m_left, Fault::option, 444, m_path.string(), ": ", numbers.size(), " values, expected at most the ", m_left,
            " that are left of the array");
    m_left -= numbers.size();
    m_file.write(std::as_bytes(numbers));
  }

  /// Puts the file in place.
  /// \throws Error [ign.option.444] when there are fewer values than the extents require; [ign.file.6], [ign.file.7] as
  ///         AtomicFile::commit
  void commit() {
    require(m_left == 0, Fault::option, 444, m_path.string(), ": ", m_left, " values of the array are missing");
    m_file.commit();
  }

 private:
  AtomicFile m_file;
  std::filesystem::path m_path;
  std::uint64_t m_left = 0;
};

}  // namespace ign::io

#endif  // IGN_IO_NPY_HPP
