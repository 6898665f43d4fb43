// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Writer for safetensors files, with checksums in the metadata field "crc32", which other programs ignore.
#ifndef IGN_IO_SAFETENSORS_WRITE_HPP
#define IGN_IO_SAFETENSORS_WRITE_HPP

#include <ign/core/error.hpp>
#include <ign/io/checked_arithmetic.hpp>
#include <ign/io/file.hpp>
#include <ign/io/safetensor_array.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ign::io {

/// Writes a safetensors file, atomically and without copying the arrays.
///
/// Arrays are sorted by element size, largest first, else in the given order, so that each is aligned for its type. Arrays of
/// DType::other come last; their bytes are not checked against their shape.
/// \throws ign::Error [ign.option.41] when a name occurs twice, is "__metadata__" or not UTF-8, when the number of an entry's
///         bytes does not fit its shape, or its type of DType::other has no name or that of another DType; [ign.option.340] when the
///         metadata have a field "crc32"; [ign.file.2], [ign.file.5]–[ign.file.7] as AtomicFile
inline void write_safetensors(std::filesystem::path const& path, std::vector<SafeTensorEntry> const& entries,
                              std::map<std::string, std::string> const& metadata = {}) {
  std::vector<SafeTensorEntry const*> order;
  for (auto const& entry : entries) order.push_back(&entry);
  std::stable_sort(order.begin(), order.end(),
                   [](auto const* a, auto const* b) { return dtype_size(a->tensor.dtype) > dtype_size(b->tensor.dtype); });

  auto header = nlohmann::ordered_json::object();
  require(metadata.find(detail::checksums_field) == metadata.end(), Fault::option, 340, path.string(), ": metadata field '",
          detail::checksums_field, "' is reserved: choose another name");
  header["__metadata__"] = metadata;
  auto sums = nlohmann::ordered_json::object({{"__metadata__", detail::checksum_of_metadata(metadata)}});
  std::set<std::string_view> names = {"__metadata__"};
  std::uint64_t end = 0;
  for (auto const* entry : order) {
    auto const& [dtype, shape, bytes, other_type] = entry->tensor;
    std::string const where = path.string() + ": tensor '" + entry->name + "': ";
    require(names.insert(entry->name).second, Fault::option, 41, where, "the name is taken, expected each name once");
    bool const other = dtype == DType::other;
    require(!other || (!other_type.empty() && detail::dtype_named(other_type) == DType::other), Fault::option, 41, where,
            "DType::other of type '", other_type, "', expected the name of a type that is not another DType");
    require(other || checked_product(shape, dtype_size(dtype)) == bytes.size(), Fault::option, 41, where, "has ", bytes.size(),
            " bytes, expected the product of the shape times ", dtype_size(dtype));
    header[entry->name] = {{"dtype", type_name(entry->tensor)}, {"shape", shape}, {"data_offsets", {end, end + bytes.size()}}};
    sums[entry->name] = detail::checksum_of(entry->tensor);
    end += bytes.size();
  }
  std::string text;
  try {
    header["__metadata__"][detail::checksums_field] = sums.dump();
    text = header.dump();
  } catch (nlohmann::json::exception const& error) {
    fail(Fault::option, 41, path.string(), ": names and metadata must be UTF-8: ", error.what());
  }
  text.resize((text.size() + 7) / 8 * 8, ' ');  // the arrays begin at a multiple of 8 bytes
  require(text.size() <= detail::safetensors_header_limit, Fault::option, 41, path.string(), ": the header has ", text.size(),
          " bytes, expected at most ", detail::safetensors_header_limit);

  std::uint64_t const length = text.size();
  AtomicFile file(path);
  file.write(std::as_bytes(std::span(&length, 1)));
  file.write(text);
  for (auto const* entry : order) file.write(entry->tensor.bytes);
  file.commit();
}

}  // namespace ign::io

#endif  // IGN_IO_SAFETENSORS_WRITE_HPP
