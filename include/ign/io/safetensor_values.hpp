// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Values of an array of a safetensors file, with conversion between floating-point types.
#ifndef IGN_IO_SAFETENSOR_VALUES_HPP
#define IGN_IO_SAFETENSOR_VALUES_HPP

#include <ign/core/error.hpp>
#include <ign/io/float_conversions.hpp>
#include <ign/io/safetensor_array.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>

namespace ign::io {

/// Allowed conversions between the floating-point types of file and caller.
enum class Conversion {
  none,      ///< the file must have the caller's type
  exact,     ///< to wider types: from F16, BF16 and F32
  narrowing  ///< also from F64 to float, rounded to nearest, ties to even; a number beyond the range of float is an error
};

namespace detail {

/// Calls take(i, value) for each element of `bytes`, which may be unaligned.
template <class Stored, class Take>
void for_each_stored(std::span<std::byte const> bytes, Take const& take) {
  for (std::size_t i = 0; i < bytes.size() / sizeof(Stored); ++i) {
    Stored value;
    std::memcpy(&value, bytes.data() + i * sizeof(Stored), sizeof(Stored));
    take(i, value);
  }
}

/// Fills `out`, of as many elements as the tensor.
/// \param where  file and tensor, for messages
/// \throws ign::Error [ign.format.26] when the type differs and is not converted, [ign.format.401] when a number is too large for float
template <class Value>
void copy_values(SafeTensor const& tensor, std::span<Value> out, Conversion conversion, std::string const& where) {
  if (tensor.dtype == dtype_of<Value>()) {
    if (!out.empty()) std::memcpy(out.data(), tensor.bytes.data(), tensor.bytes.size());
    return;
  }
  if constexpr (std::floating_point<Value>) {
    bool const wider = conversion != Conversion::none;
    if (wider && tensor.dtype == DType::f16)
      return for_each_stored<std::uint16_t>(tensor.bytes, [&](std::size_t i, std::uint16_t bits) { out[i] = float_of_f16(bits); });
    if (wider && tensor.dtype == DType::bf16)
      return for_each_stored<std::uint16_t>(tensor.bytes, [&](std::size_t i, std::uint16_t bits) { out[i] = float_of_bf16(bits); });
    if constexpr (std::same_as<Value, double>) {
      if (wider && tensor.dtype == DType::f32)
        return for_each_stored<float>(tensor.bytes, [&](std::size_t i, float value) { out[i] = static_cast<double>(value); });
    } else if (tensor.dtype == DType::f64) {
      require(conversion == Conversion::narrowing, Fault::format, 26, where, ": dtype is F64, expected ", dtype_name(dtype_of<Value>()),
              ": to round the values to float, which loses digits, ask for Conversion::narrowing (of SafeTensorsFile::copy and values, "
              "read_model, LoadOptions)");
      return for_each_stored<double>(tensor.bytes, [&](std::size_t i, double value) {
        auto const rounded = float_of_f64(value);
        require(rounded.has_value(), Fault::format, 401, where, ": element ", i, " is ", value,
                ", expected a magnitude within float's range, at most 3.4e38: read the tensor as double");
        out[i] = *rounded;
      });
    }
  }
  fail(Fault::format, 26, where, ": dtype is ", type_name(tensor), ", expected ", dtype_name(dtype_of<Value>()),
       has_values(tensor.dtype) ? "" : ": values of this type are not read, only its bytes (SafeTensor::bytes)");
}

}  // namespace detail

}  // namespace ign::io

#endif  // IGN_IO_SAFETENSOR_VALUES_HPP
