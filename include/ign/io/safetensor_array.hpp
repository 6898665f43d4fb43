// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Arrays of a safetensors file: type, extents, bytes, and the checksums that this library adds.
#ifndef IGN_IO_SAFETENSOR_ARRAY_HPP
#define IGN_IO_SAFETENSOR_ARRAY_HPP

#include <zlib.h>

#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ign::io {

static_assert(std::endian::native == std::endian::little,
              "ign::io::read_safetensors: the format is little-endian, and so must the machine be");

/// Element types of safetensors files. Values are available of f64, i64, u64, f32, i32, u32 and u8, and of f16 and bf16 converted to float
/// or double. Of other types only name, shape and bytes are available.
enum class DType { f64, i64, u64, f32, i32, u32, f16, bf16, i16, u16, u8, i8, boolean, f8_e4m3, f8_e5m2, other };

namespace detail {

struct DTypeFacts {
  DType dtype;
  char const* name;  // in the file
  std::uint64_t size;
};
inline constexpr std::array dtype_facts = {
    DTypeFacts{DType::f64, "F64", 8},      DTypeFacts{DType::i64, "I64", 8},         DTypeFacts{DType::u64, "U64", 8},
    DTypeFacts{DType::f32, "F32", 4},      DTypeFacts{DType::i32, "I32", 4},         DTypeFacts{DType::u32, "U32", 4},
    DTypeFacts{DType::f16, "F16", 2},      DTypeFacts{DType::bf16, "BF16", 2},       DTypeFacts{DType::i16, "I16", 2},
    DTypeFacts{DType::u16, "U16", 2},      DTypeFacts{DType::u8, "U8", 1},           DTypeFacts{DType::i8, "I8", 1},
    DTypeFacts{DType::boolean, "BOOL", 1}, DTypeFacts{DType::f8_e4m3, "F8_E4M3", 1}, DTypeFacts{DType::f8_e5m2, "F8_E5M2", 1},
    DTypeFacts{DType::other, "", 0}};

/// The type of that name, or DType::other.
constexpr DType dtype_named(std::string_view name) {
  for (auto const& known : dtype_facts)
    if (name == known.name) return known.dtype;
  return DType::other;
}

/// The format's limit on the length of the header, bytes.
inline constexpr std::uint64_t safetensors_header_limit = 100'000'000;

/// The metadata field of the checksums, a JSON object with one entry per tensor and "__metadata__" for the other fields.
inline constexpr char const* checksums_field = "crc32";

inline std::uint32_t checksum(std::span<std::byte const> bytes, std::uint32_t before = 0) {
  auto const* const data = reinterpret_cast<Bytef const*>(bytes.data());
  return bytes.empty() ? before : static_cast<std::uint32_t>(::crc32_z(before, data, bytes.size()));
}

/// Checksum of the names and texts of metadata fields, each followed by a zero byte as a separator.
template <class Metadata>
std::uint32_t checksum_of_metadata(Metadata const& metadata) {
  std::uint32_t sum = 0;
  for (auto const& [name, text] : metadata)
    for (std::string const* part : {&name, &text}) sum = checksum(std::as_bytes(std::span(part->c_str(), part->size() + 1)), sum);
  return sum;
}

}  // namespace detail

/// The name of a type in the file, "F32"; empty for DType::other, see SafeTensor::other_type.
constexpr char const* dtype_name(DType dtype) { return detail::dtype_facts[static_cast<std::size_t>(dtype)].name; }

/// Bytes per element; 0 for DType::other.
constexpr std::uint64_t dtype_size(DType dtype) { return detail::dtype_facts[static_cast<std::size_t>(dtype)].size; }

/// True for types whose values SafeTensorsFile::copy and values return, directly or converted.
constexpr bool has_values(DType dtype) { return dtype <= DType::bf16 || dtype == DType::u8; }

/// The DType of a C++ type.
template <class Value>
constexpr DType dtype_of() {
  if constexpr (std::same_as<Value, double>)
    return DType::f64;
  else if constexpr (std::same_as<Value, float>)
    return DType::f32;
  else if constexpr (std::same_as<Value, std::uint8_t>)
    return DType::u8;
  else {
    static_assert(std::integral<Value> && (sizeof(Value) == 4 || sizeof(Value) == 8),
                  "ign::io::dtype_of: the type must be float, double, uint8_t or a 32- or 64-bit integer");
    if constexpr (std::signed_integral<Value>)
      return sizeof(Value) == 8 ? DType::i64 : DType::i32;
    else
      return sizeof(Value) == 8 ? DType::u64 : DType::u32;
  }
}

/// A view of one array of a file. Its bytes may be unaligned.
struct SafeTensor {
  DType dtype = DType::u8;           ///< element type
  std::vector<std::uint64_t> shape;  ///< outermost extent first; empty for a single number
  std::span<std::byte const> bytes;  ///< little-endian, last extent fastest
  std::string other_type{};          ///< name of the type in the file for DType::other; else empty
};

/// The name of an array's type, including unknown types.
inline std::string type_name(SafeTensor const& tensor) {
  return tensor.dtype == DType::other ? tensor.other_type : dtype_name(tensor.dtype);
}

namespace detail {

/// Checksum of an array's bytes. For DType::other it covers type and shape as well, which have no other check.
inline std::uint32_t checksum_of(SafeTensor const& tensor) {
  std::uint32_t const sum = checksum(tensor.bytes);
  if (tensor.dtype != DType::other) return sum;
  auto const& type = tensor.other_type;
  return checksum(std::as_bytes(std::span(tensor.shape)), checksum(std::as_bytes(std::span(type.c_str(), type.size() + 1)), sum));
}

}  // namespace detail

/// A named array to write. The bytes belong to the caller.
struct SafeTensorEntry {
  std::string name;   ///< unique within the file
  SafeTensor tensor;  ///< the array
};

/// The entry for `values`. Example, for a `std::vector<float> w` of 6 values:
/// `safetensor_entry("weights", {2, 3}, std::span<float const>(w))`.
template <class Value>
SafeTensorEntry safetensor_entry(std::string name, std::vector<std::uint64_t> shape, std::span<Value const> values) {
  return {std::move(name), {dtype_of<Value>(), std::move(shape), std::as_bytes(values), {}}};
}

}  // namespace ign::io

#endif  // IGN_IO_SAFETENSOR_ARRAY_HPP
