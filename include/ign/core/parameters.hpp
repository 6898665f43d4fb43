// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Declaration of a layer's arrays: parameters and running statistics. The model stores them in flat Views and passes references to layers.
#ifndef IGN_CORE_PARAMETERS_HPP
#define IGN_CORE_PARAMETERS_HPP

#include <cstddef>
#include <string>
#include <vector>

namespace ign {

/// Initial values of an array.
struct Initial {
  /// Family of distributions.
  enum class Kind { constant, normal, uniform };
  Kind kind = Kind::constant;  ///< family of the distribution
  double scale = 0;            ///< the constant, the standard deviation, or the half width

  /// All elements equal `value`.
  static constexpr Initial constant(double value) { return {Kind::constant, value}; }
  /// N(0, deviation²).
  static constexpr Initial normal(double deviation) { return {Kind::normal, deviation}; }
  /// Uniform in (-half_width, half_width).
  static constexpr Initial uniform(double half_width) { return {Kind::uniform, half_width}; }
};

/// One named array of a layer's parameters or running statistics. Arrays lie in memory in the order of their declaration.
struct ArrayInfo {
  std::string name;          ///< name as in PyTorch, such as "weight"
  std::vector<int> extents;  ///< extents in memory, slowest first
  Initial initial = {};      ///< initial values
  /// Order of the axes in files: axis i of the file is axis `file_axes[i]` of memory; empty: the same order. Convolutions use it to write
  /// PyTorch's layout.
  std::vector<int> file_axes = {};

  /// Number of elements.
  std::size_t size() const {
    std::size_t product = 1;
    for (int extent : extents) product *= static_cast<std::size_t>(extent);
    return product;
  }
};

/// One named array within a flat View of a model. "3.weight" belongs to layer 3, as in a PyTorch nn.Sequential, "3.0.weight" to the first
/// layer nested in it.
struct ModelArray {
  ArrayInfo info;      ///< extents, and the full name
  std::size_t offset;  ///< index of the first element in the flat View
};

/// Number of elements in all arrays together.
inline std::size_t total_size(std::vector<ArrayInfo> const& arrays) {
  std::size_t sum = 0;
  for (auto const& array : arrays) sum += array.size();
  return sum;
}

}  // namespace ign

#endif  // IGN_CORE_PARAMETERS_HPP
