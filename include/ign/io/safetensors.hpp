// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Reader for safetensors files, the format of the Python package `safetensors`: named arrays behind a JSON header. Checksums of this
/// library are verified where a file has them. Arrays of unknown types are listed with type and shape, without values. For the writer see
/// io/safetensors_write.hpp.
#ifndef IGN_IO_SAFETENSORS_HPP
#define IGN_IO_SAFETENSORS_HPP

#include <ign/core/error.hpp>
#include <ign/io/checked_arithmetic.hpp>
#include <ign/io/detail/tensor_names.hpp>
#include <ign/io/file.hpp>
#include <ign/io/json.hpp>
#include <ign/io/safetensor_array.hpp>
#include <ign/io/safetensor_values.hpp>
#include <ign/io/safetensors_write.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <functional>
#include <map>
#include <ostream>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ign::io {

/// The contents of a safetensors file. Owns the bytes that its arrays refer to. Movable, not copyable. The format calls an array in a file
/// a tensor, and so do messages about a file.
class SafeTensorsFile {
 public:
  /// Takes the bytes of a whole file and checks them; `path` is used in messages.
  /// \throws ign::Error [ign.format.20] the header's length, [ign.format.21] its JSON, [ign.format.22] a name that occurs twice,
  ///         [ign.format.23] a tensor's dtype, shape or data_offsets, [ign.format.24] offsets that overlap or leave holes,
  ///         [ign.format.25] the metadata, [ign.format.340] checksums. Each message names file, tensor and field.
  /// \source https://github.com/huggingface/safetensors, README section Format
  SafeTensorsFile(std::vector<std::byte> bytes, std::filesystem::path path);
  SafeTensorsFile(SafeTensorsFile&&) = default;             ///< takes ownership of the bytes
  SafeTensorsFile& operator=(SafeTensorsFile&&) = default;  ///< takes ownership of the bytes

  std::filesystem::path const& path() const noexcept { return m_path; }  ///< as given
  /// The metadata without the checksums.
  std::map<std::string, std::string, std::less<>> const& metadata() const noexcept { return m_metadata; }
  /// All arrays by name, in alphabetical order: `for (auto const& [name, tensor] : file.tensors()) …`.
  std::map<std::string, SafeTensor, std::less<>> const& tensors() const noexcept { return m_tensors; }

  /// The array of that name, or nullptr.
  SafeTensor const* find(std::string_view name) const {
    auto const found = m_tensors.find(name);
    return found == m_tensors.end() ? nullptr : &found->second;
  }

  /// The array of that name.
  /// \throws ign::Error [ign.format.26] when there is none; the message lists the arrays of the file and the most similar name
  SafeTensor const& at(std::string_view name) const {
    auto const* tensor = find(name);
    if (tensor == nullptr) fail(Fault::format, 26, m_path.string(), ": ", detail::missing_tensor(m_tensors, name));
    return *tensor;
  }

  /// Copies the array of that name to `out`, which is float, double, uint8_t or a 32- or 64-bit integer.
  /// \throws ign::Error [ign.format.26] when it is missing, has a dtype that is not converted, or another number of elements
  ///         than `out`; [ign.format.401] when a number of F64 is too large for float. `out` may be filled in part then.
  template <class Value>
  void copy(std::string_view name, std::span<Value> out, Conversion conversion = Conversion::exact) const {
    copy(name, at(name), out, conversion);
  }

  /// The elements of the array of that name.
  /// \throws ign::Error as copy
  template <class Value>
  std::vector<Value> values(std::string_view name, Conversion conversion = Conversion::exact) const {
    auto const& tensor = at(name);
    std::uint64_t const size = dtype_size(tensor.dtype);  // 0: copy throws
    std::vector<Value> out(size == 0 ? 0 : static_cast<std::size_t>(tensor.bytes.size() / size));
    copy(name, tensor, std::span(out), conversion);
    return out;
  }

  /// The metadata field of that name.
  /// \throws ign::Error [ign.format.25] when there is none
  std::string const& metadata_field(std::string_view name) const {
    auto const found = m_metadata.find(name);
    require(found != m_metadata.end(), Fault::format, 25, m_path.string(), ": metadata '", name, "' is missing");
    return found->second;
  }

 private:
  template <class Value>
  void copy(std::string_view name, SafeTensor const& tensor, std::span<Value> out, Conversion conversion) const {
    std::string const where = m_path.string() + ": tensor '" + std::string(name) + '\'';
    std::uint64_t const size = dtype_size(tensor.dtype);
    require(size == 0 || tensor.bytes.size() / size == out.size(), Fault::format, 26, where, ": has ",
            tensor.bytes.size() / std::max<std::uint64_t>(size, 1), " elements, expected ", out.size());
    detail::copy_values(tensor, out, conversion, where);
  }
  void read_metadata(nlohmann::json const& fields);
  void add_tensor(std::string const& name, nlohmann::json const& fields);
  void check_layout() const;
  void check_sums();

  std::filesystem::path m_path;
  std::vector<std::byte> m_bytes;
  std::span<std::byte const> m_data;  // m_bytes behind the header
  std::map<std::string, std::string, std::less<>> m_metadata;
  std::map<std::string, SafeTensor, std::less<>> m_tensors;
};

/// Reads a safetensors file.
/// \throws ign::Error [ign.file.1]–[ign.file.4] as read_file; [ign.format.20]–[ign.format.25], [ign.format.340] as SafeTensorsFile
inline SafeTensorsFile read_safetensors(std::filesystem::path const& path, std::uint64_t limit = default_read_limit) {
  return {read_file(path, limit), path};
}

namespace detail {

/// An excerpt of a JSON value for a message. Formatted only when the message is.
template <class Json>
struct Shown {
  Json const* value;  // may be null

  friend std::ostream& operator<<(std::ostream& out, Shown const& shown) {
    return out << (shown.value != nullptr ? excerpt(shown.value->dump()) : "none");
  }
};
template <class Json>
Shown(Json const*) -> Shown<Json>;  // which clang 14 does not find by itself

/// Parses a header. Rejects duplicate names and nesting deeper than the format's, which the JSON parser would accept.
inline nlohmann::json parse_safetensors_header(std::string_view text, std::string const& where) {
  require(text.starts_with('{'), Fault::format, 21, where, ": the header does not start with '{': this is not a safetensors file");
  require(text.find('\0') == std::string_view::npos, Fault::format, 21, where,
          ": the header holds a zero byte, expected JSON padded with spaces");
  using Event = nlohmann::json::parse_event_t;
  std::array<std::set<std::string>, 3> names;  // of the object that is open at each depth
  std::string tensor;
  auto const check = [&](int depth, Event event, nlohmann::json& value) {
    auto const level = static_cast<std::size_t>(depth);
    if (event == Event::object_start || event == Event::array_start) {
      require(depth <= 2, Fault::format, 21, where, ": tensor '", tensor,
              "': the header's JSON is nested more deeply than the format allows");
      names[level].clear();
    } else if (event == Event::key) {
      auto const& key = value.get_ref<std::string const&>();
      if (depth == 1) tensor = key;
      require(names[level - 1].insert(key).second, Fault::format, 22, where, ": tensor '", tensor,
              "': ", depth == 1 ? "occurs" : "field '" + key + "' occurs", " twice in the header");
    }
    return true;
  };
  try {
    return nlohmann::json::parse(text, check);
  } catch (nlohmann::json::exception const& error) {
    fail(Fault::format, 21, where, ": the header is not JSON: ", error.what());
  }
}

}  // namespace detail

inline SafeTensorsFile::SafeTensorsFile(std::vector<std::byte> bytes, std::filesystem::path path)
    : m_path(std::move(path)), m_bytes(std::move(bytes)) {
  std::string const where = m_path.string();
  std::uint64_t length = 0;
  require(m_bytes.size() >= sizeof(length), Fault::format, 20, where, ": has ", m_bytes.size(),
          " bytes, expected at least the 8 of the header's length");
  std::memcpy(&length, m_bytes.data(), sizeof(length));
  std::uint64_t const rest = m_bytes.size() - sizeof(length);
  std::uint64_t const most = std::min(rest, detail::safetensors_header_limit);
  require(length <= most, Fault::format, 20, where, ": the header's length is ", length, ", expected at most ", most,
          ": the file is truncated, or not a safetensors file");

  std::span const behind_length = std::span<std::byte const>(m_bytes).subspan(sizeof(length));
  auto const size = static_cast<std::size_t>(length);
  m_data = behind_length.subspan(size);
  auto const header = detail::parse_safetensors_header({reinterpret_cast<char const*>(behind_length.data()), size}, where);
  for (auto const& [name, fields] : header.items()) {
    bool const is_metadata = name == "__metadata__";
    require(fields.is_object(), Fault::format, is_metadata ? 25 : 23, where, is_metadata ? ": metadata" : ": tensor '" + name + "'",
            ": found ", detail::Shown{&fields}, ", expected an object");
    if (is_metadata) {
      read_metadata(fields);
    } else {
      add_tensor(name, fields);
    }
  }
  check_layout();
  check_sums();
}

inline void SafeTensorsFile::read_metadata(nlohmann::json const& fields) {
  for (auto const& [name, value] : fields.items()) {
    require(value.is_string(), Fault::format, 25, m_path.string(), ": metadata '", name, "': found ", detail::Shown{&value},
            ", expected a string");
    m_metadata.emplace(name, value.get<std::string>());
  }
}

inline void SafeTensorsFile::add_tensor(std::string const& name, nlohmann::json const& fields) {
  std::string const where = m_path.string() + ": tensor '" + name + "': ";
  auto const field = [&](char const* key) -> nlohmann::json const& {
    auto const found = fields.find(key);
    require(found != fields.end(), Fault::format, 23, where, key, " is missing");
    return *found;
  };
  auto const numbers = [&](char const* key) {
    auto const& list = field(key);
    bool const whole =
        list.is_array() && std::all_of(list.begin(), list.end(), [](auto const& value) { return value.is_number_unsigned(); });
    require(whole, Fault::format, 23, where, key, " is ", detail::Shown{&list}, ", expected an array of whole numbers, 0 or more");
    return list.get<std::vector<std::uint64_t>>();
  };
  auto const& dtype = field("dtype");
  bool const named = dtype.is_string() && !dtype.get_ref<std::string const&>().empty();
  require(named, Fault::format, 23, where, "dtype is ", detail::Shown{&dtype}, ", expected a name such as \"F32\"");
  auto const& type = dtype.get_ref<std::string const&>();
  DType const known = detail::dtype_named(type);
  auto const shape = numbers("shape");
  auto const offsets = numbers("data_offsets");
  require(offsets.size() == 2 && offsets[0] <= offsets[1] && offsets[1] <= m_data.size(), Fault::format, 23, where, "data_offsets are ",
          detail::Shown{&field("data_offsets")}, ", expected [begin, end] within the ", m_data.size(),
          " bytes of data: the file is truncated or wrong");
  std::uint64_t const bytes = offsets[1] - offsets[0];
  // The size of an element of an unknown type is unknown, so its shape cannot be checked against its data.
  require(known == DType::other || checked_product(shape, dtype_size(known)) == bytes, Fault::format, 23, where, "shape ",
          detail::Shown{&field("shape")}, " of ", type, " does not make the ", bytes, " bytes between its data_offsets");
  m_tensors.emplace(name, SafeTensor{known, shape, m_data.subspan(static_cast<std::size_t>(offsets[0]), static_cast<std::size_t>(bytes)),
                                     known == DType::other ? type : std::string()});
}

inline void SafeTensorsFile::check_layout() const {
  using Range = std::pair<std::size_t, std::size_t>;  // begin and end
  std::vector<std::pair<Range, std::string_view>> ranges;
  for (auto const& [name, tensor] : m_tensors) {
    auto const begin = static_cast<std::size_t>(tensor.bytes.data() - m_data.data());
    ranges.push_back({{begin, begin + tensor.bytes.size()}, name});
  }
  std::sort(ranges.begin(), ranges.end());
  std::size_t end = 0;
  for (auto const& [range, name] : ranges) {
    require(range.first == end, Fault::format, 24, m_path.string(), ": tensor '", name, "': data_offsets begin at ", range.first,
            ", expected ", end, range.first < end ? ": it overlaps another tensor" : ": there is a hole before it");
    end = range.second;
  }
  require(end == m_data.size(), Fault::format, 24, m_path.string(), ": the tensors' data_offsets end at ", end,
          ", expected the end of the data at ", m_data.size());
}

inline void SafeTensorsFile::check_sums() {
  auto const field = m_metadata.extract(std::string(detail::checksums_field));
  if (field.empty()) return;
  auto const sums = parse_json<nlohmann::json>(field.mapped());
  auto const check = [&](std::string const& name, std::string const& what, std::uint32_t sum) {
    auto const stated = sums.find(name);
    require(stated != sums.end() && *stated == sum, Fault::format, 340, m_path.string(), ": ", what, ": checksum is ", sum,
            ", the file states ", detail::Shown{stated != sums.end() ? &*stated : nullptr}, ": the file is damaged");
  };
  check("__metadata__", "metadata", detail::checksum_of_metadata(m_metadata));
  for (auto const& [name, tensor] : m_tensors) check(name, "tensor '" + name + "'", detail::checksum_of(tensor));
  require(sums.size() == m_tensors.size() + 1, Fault::format, 340, m_path.string(), ": has ", m_tensors.size(),
          " tensors and checksums of ", sums.size() - 1, ": the file is damaged");
}

}  // namespace ign::io

#endif  // IGN_IO_SAFETENSORS_HPP
