// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// A layer in words, so that a file of weights can say what net they are of.
#ifndef IGN_CORE_DESCRIPTION_HPP
#define IGN_CORE_DESCRIPTION_HPP

#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace ign {

/// The name and the options of a layer that decide f, as PyTorch's torch.nn spells them: Conv2d, in_channels 1, kernel_size 4, …
struct LayerDescription {
  using Value = std::variant<bool, int, double>;  ///< of an option

  std::string name{};                                    ///< empty: the layer does not describe itself
  std::vector<std::pair<std::string, Value>> options{};  ///< by name
};

}  // namespace ign

#endif  // IGN_CORE_DESCRIPTION_HPP
