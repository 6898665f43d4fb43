// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Description of a layer. Files of weights contain it to identify their net.
#ifndef IGN_CORE_DESCRIPTION_HPP
#define IGN_CORE_DESCRIPTION_HPP

#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace ign {

/// Name of a layer and the options that determine f, spelled as in torch.nn of PyTorch: Conv2d, in_channels 1, kernel_size 4, …
struct LayerDescription {
  using Value = std::variant<bool, int, double, std::string>;  ///< value of an option

  std::string name{};                                    ///< name of the layer; empty: no description
  std::vector<std::pair<std::string, Value>> options{};  ///< name and value of each option
  std::vector<LayerDescription> layers{};                ///< descriptions of nested layers, first to last

  /// True if names, options and nested layers are equal.
  friend bool operator==(LayerDescription const&, LayerDescription const&) = default;
};

}  // namespace ign

#endif  // IGN_CORE_DESCRIPTION_HPP
