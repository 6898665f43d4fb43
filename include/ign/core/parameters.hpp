// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// What a layer declares about the numbers it owns. They lie in flat Views of the model; a layer only gets windows.
#ifndef IGN_CORE_PARAMETERS_HPP
#define IGN_CORE_PARAMETERS_HPP

#include <cstddef>
#include <string>
#include <vector>

namespace ign {

/// How a parameter starts.
struct Initial {
  /// The distribution.
  enum class Kind { constant, normal, uniform };
  Kind kind = Kind::constant;  ///< of this one
  double scale = 0;            ///< the constant; the standard deviation; the half width

  /// All numbers are `value`.
  static constexpr Initial constant(double value) { return {Kind::constant, value}; }
  /// N(0, deviation²).
  static constexpr Initial normal(double deviation) { return {Kind::normal, deviation}; }
  /// Uniform in (-half_width, half_width).
  static constexpr Initial uniform(double half_width) { return {Kind::uniform, half_width}; }
};

/// One named array among a layer's parameters or running statistics, in the order in which they lie in memory.
struct ArrayInfo {
  std::string name;          ///< PyTorch's, such as "weight"
  std::vector<int> extents;  ///< in memory, slowest first
  Initial initial = {};      ///< of its numbers
  /// In files axis i is axis `file_axes[i]` of memory; empty: the same order. Convolutions use it to be read by PyTorch.
  std::vector<int> file_axes = {};

  /// Numbers in the array.
  std::size_t size() const {
    std::size_t product = 1;
    for (int extent : extents) product *= static_cast<std::size_t>(extent);
    return product;
  }
};

/// Numbers in all arrays.
inline std::size_t total_size(std::vector<ArrayInfo> const& arrays) {
  std::size_t sum = 0;
  for (auto const& array : arrays) sum += array.size();
  return sum;
}

}  // namespace ign

#endif  // IGN_CORE_PARAMETERS_HPP
