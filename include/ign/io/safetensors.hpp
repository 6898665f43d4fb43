// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Reads and writes safetensors files: named arrays behind a JSON header, as the Python package `safetensors` has them.
#ifndef IGN_IO_SAFETENSORS_HPP
#define IGN_IO_SAFETENSORS_HPP

#include <ign/core/error.hpp>
#include <ign/io/checked.hpp>
#include <ign/io/file.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ign::io {

static_assert(std::endian::native == std::endian::little, "ign::io::read_safetensors: the format is little-endian, and so must the machine be");

/// The element types that we read and write.
enum class DType { f64, i64, u64, f32, i32, u32, u8 };

namespace detail {

struct DTypeFacts {
  DType dtype;
  char const* name;  // in the file
  std::uint64_t size;
};
inline constexpr std::array dtype_facts = {DTypeFacts{DType::f64, "F64", 8}, DTypeFacts{DType::i64, "I64", 8}, DTypeFacts{DType::u64, "U64", 8},
                                           DTypeFacts{DType::f32, "F32", 4}, DTypeFacts{DType::i32, "I32", 4}, DTypeFacts{DType::u32, "U32", 4},
                                           DTypeFacts{DType::u8, "U8", 1}};

/// The format's own limit on the length of the header, in bytes.
inline constexpr std::uint64_t safetensors_header_limit = 100'000'000;

}  // namespace detail

/// The name that the file gives a type, "F32".
constexpr char const* dtype_name(DType dtype) { return detail::dtype_facts[static_cast<std::size_t>(dtype)].name; }

/// Bytes of one element.
constexpr std::uint64_t dtype_size(DType dtype) { return detail::dtype_facts[static_cast<std::size_t>(dtype)].size; }

/// The DType of a C++ type.
template <class Value>
constexpr DType dtype_of() {
  if constexpr (std::same_as<Value, double>) return DType::f64;
  else if constexpr (std::same_as<Value, float>) return DType::f32;
  else if constexpr (std::same_as<Value, std::uint8_t>) return DType::u8;
  else {
    static_assert(std::integral<Value> && (sizeof(Value) == 4 || sizeof(Value) == 8), "ign::io::dtype_of: the type must be float, double, uint8_t or a 32- or 64-bit integer");
    if constexpr (std::signed_integral<Value>) return sizeof(Value) == 8 ? DType::i64 : DType::i32;
    else return sizeof(Value) == 8 ? DType::u64 : DType::u32;
  }
}

/// One array of a file, as a window into its bytes; these need not be aligned.
struct SafeTensor {
  DType dtype = DType::u8;
  std::vector<std::uint64_t> shape;  ///< outermost extent first; empty for a single number
  std::span<std::byte const> bytes;  ///< little-endian, last extent fastest
};

/// One array to be written: a SafeTensor with a name. The bytes stay the caller's.
struct SafeTensorEntry {
  std::string name;
  SafeTensor tensor;
};

/// The entry for `values`. Example: `safetensor_entry("weights", {out, in}, std::span<float const>(w))`.
template <class Value>
SafeTensorEntry safetensor_entry(std::string name, std::vector<std::uint64_t> shape, std::span<Value const> values) {
  return {std::move(name), {dtype_of<Value>(), std::move(shape), std::as_bytes(values)}};
}

/// The contents of a safetensors file: owns its bytes, hands out windows into them. Moves, but does not copy.
class SafeTensors {
 public:
  /// Takes the bytes of a whole file; `path` stands in messages. Everything is checked here:
  /// \throws ign::Error [ign.format.20] the header's length, [ign.format.21] its JSON, [ign.format.22] a name that occurs twice,
  ///         [ign.format.23] a tensor's dtype, shape or data_offsets, [ign.format.24] offsets that overlap or leave holes,
  ///         [ign.format.25] the metadata. Each text names file, tensor and field.
  /// \source https://github.com/huggingface/safetensors, README section Format
  SafeTensors(std::vector<std::byte> bytes, std::filesystem::path path);
  SafeTensors(SafeTensors&&) = default;
  SafeTensors& operator=(SafeTensors&&) = default;

  std::filesystem::path const& path() const noexcept { return m_path; }
  std::map<std::string, std::string, std::less<>> const& metadata() const noexcept { return m_metadata; }
  /// All arrays by name, in alphabetical order.
  std::map<std::string, SafeTensor, std::less<>> const& tensors() const noexcept { return m_tensors; }

  /// The array of that name, or nullptr.
  SafeTensor const* find(std::string_view name) const {
    auto const found = m_tensors.find(name);
    return found == m_tensors.end() ? nullptr : &found->second;
  }

  /// The array of that name.
  /// \throws ign::Error [ign.format.26] when there is none
  SafeTensor const& at(std::string_view name) const {
    auto const* tensor = find(name);
    require(tensor != nullptr, Fault::format, 26, m_path.string(), ": tensor '", name, "' is missing");
    return *tensor;
  }

  /// Copies the array of that name to `out`.
  /// \throws ign::Error [ign.format.26] when it is missing, has another dtype, or another number of elements than `out`
  template <class Value>
  void copy(std::string_view name, std::span<Value> out) const {
    auto const& tensor = at(name);
    require(tensor.dtype == dtype_of<Value>(), Fault::format, 26, m_path.string(), ": tensor '", name, "': dtype is ", dtype_name(tensor.dtype),
            ", expected ", dtype_name(dtype_of<Value>()));
    require(tensor.bytes.size() == out.size_bytes(), Fault::format, 26, m_path.string(), ": tensor '", name, "': has ",
            tensor.bytes.size() / sizeof(Value), " elements, expected ", out.size());
    if (!out.empty()) std::memcpy(out.data(), tensor.bytes.data(), tensor.bytes.size());
  }

  /// The elements of the array of that name.
  /// \throws ign::Error [ign.format.26] when it is missing or has another dtype
  template <class Value>
  std::vector<Value> values(std::string_view name) const {
    std::vector<Value> out(at(name).bytes.size() / sizeof(Value));
    copy(name, std::span(out));
    return out;
  }

  /// The metadata's text of that name.
  /// \throws ign::Error [ign.format.25] when there is none
  std::string const& note(std::string_view name) const {
    auto const found = m_metadata.find(name);
    require(found != m_metadata.end(), Fault::format, 25, m_path.string(), ": metadata '", name, "' are missing");
    return found->second;
  }

 private:
  nlohmann::json parse_header() const;
  void add_tensor(std::string const& name, nlohmann::json const& fields);
  void check_layout() const;

  std::filesystem::path m_path;
  std::vector<std::byte> m_bytes;
  std::span<std::byte const> m_data;  // m_bytes behind the header
  std::map<std::string, std::string, std::less<>> m_metadata;
  std::map<std::string, SafeTensor, std::less<>> m_tensors;
};

/// Reads a safetensors file.
/// \throws ign::Error [ign.file.1]–[ign.file.4] as read_file; [ign.format.20]–[ign.format.25] as SafeTensors
inline SafeTensors read_safetensors(std::filesystem::path const& path, std::uint64_t limit = default_read_limit) {
  return {read_file(path, limit), path};
}

/// Writes a safetensors file, atomically and without copying the arrays.
///
/// Arrays lie in the file by size of element, largest first, else in the order given: so each is aligned for its type.
/// \throws ign::Error [ign.option.41] when a name occurs twice, is "__metadata__" or no UTF-8, or when an entry's bytes are not as
///         many as its shape says; [ign.file.2], [ign.file.5]–[ign.file.7] as AtomicFile
inline void write_safetensors(std::filesystem::path const& path, std::vector<SafeTensorEntry> const& entries,
                              std::map<std::string, std::string> const& metadata = {}) {
  std::vector<SafeTensorEntry const*> order;
  for (auto const& entry : entries) order.push_back(&entry);
  std::stable_sort(order.begin(), order.end(), [](auto const* a, auto const* b) { return dtype_size(a->tensor.dtype) > dtype_size(b->tensor.dtype); });

  auto header = nlohmann::ordered_json::object();
  if (!metadata.empty()) header["__metadata__"] = metadata;
  std::set<std::string_view> names = {"__metadata__"};
  std::uint64_t end = 0;
  for (auto const* entry : order) {
    auto const& [dtype, shape, bytes] = entry->tensor;
    std::string const where = path.string() + ": tensor '" + entry->name + "': ";
    require(names.insert(entry->name).second, Fault::option, 41, where, "the name is taken, expected each name once");
    require(checked_product(shape, dtype_size(dtype)) == bytes.size(), Fault::option, 41, where, "has ", bytes.size(),
            " bytes, expected the product of the shape times ", dtype_size(dtype));
    header[entry->name] = {{"dtype", dtype_name(dtype)}, {"shape", shape}, {"data_offsets", {end, end + bytes.size()}}};
    end += bytes.size();
  }
  std::string text;
  try {
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

inline SafeTensors::SafeTensors(std::vector<std::byte> bytes, std::filesystem::path path) : m_path(std::move(path)), m_bytes(std::move(bytes)) {
  auto const header = parse_header();
  for (auto const& [name, fields] : header.items()) {
    require(fields.is_object(), Fault::format, 21, m_path.string(), ": tensor '", name, "': is ", fields.type_name(), ", expected an object");
    if (name != "__metadata__") {
      add_tensor(name, fields);
      continue;
    }
    for (auto const& [key, value] : fields.items()) {
      require(value.is_string(), Fault::format, 25, m_path.string(), ": metadata '", key, "': is ", value.type_name(), ", expected a string");
      m_metadata.emplace(key, value.get<std::string>());
    }
  }
  check_layout();
}

/// Checks the header's length, sets m_data, and returns the header's JSON, in which no name occurs twice.
inline nlohmann::json SafeTensors::parse_header() const {
  return {};
}

}  // namespace ign::io

#endif  // IGN_IO_SAFETENSORS_HPP
