// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Messages about a missing tensor, with the tensors of the file and the most similar name.
#ifndef IGN_IO_DETAIL_TENSOR_NAMES_HPP
#define IGN_IO_DETAIL_TENSOR_NAMES_HPP

#include <ign/io/excerpt.hpp>
#include <ign/io/safetensor_array.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

namespace ign::io::detail {

using TensorMap = std::map<std::string, SafeTensor, std::less<>>;

/// "(8, 3, 4, 4)".
inline std::string extents_text(std::vector<std::uint64_t> const& extents) {
  std::string list;
  for (auto const extent : extents) list += (list.empty() ? "" : ", ") + std::to_string(extent);
  return '(' + list + ')';
}

/// Levenshtein distance: the number of insertions, removals and replacements of bytes between two texts.
inline std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      std::size_t const replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({row[j] + 1, row[j + 1] + 1, replaced});
    }
  }
  return row.back();
}

/// True if `name` is a prefix that ends with a dot, followed by `end`.
inline bool ends_with_name(std::string_view name, std::string_view end) {
  return name.size() > end.size() && name.ends_with(end) && name[name.size() - end.size() - 1] == '.';
}

/// The name most similar to `wanted`: one that differs by a prefix, else the one with the smallest edit distance. Empty where all differ in
/// more than half of the letters.
inline std::string nearest_name(TensorMap const& tensors, std::string_view wanted) {
  std::string_view nearest;
  std::size_t least = wanted.size() / 2 + 1;
  for (auto const& [name, tensor] : tensors) {
    if (ends_with_name(name, wanted) || ends_with_name(wanted, name)) return name;
    // The difference in length is a lower bound of the distance, so a long name in an untrusted file costs nothing.
    if (std::max(name.size(), wanted.size()) - std::min(name.size(), wanted.size()) >= least) continue;
    if (auto const distance = edit_distance(name, wanted); distance < least) {
      least = distance;
      nearest = name;
    }
  }
  return std::string(nearest);
}

/// "the file holds 24 tensors: '0.bias' F32 (8), … and 16 more".
inline std::string held_tensors(TensorMap const& tensors) {
  constexpr std::size_t most = 8;
  if (tensors.empty()) return "the file holds no tensors";
  std::string text = "the file holds " + std::to_string(tensors.size()) + (tensors.size() == 1 ? " tensor:" : " tensors:");
  std::size_t shown = 0;
  for (auto const& [name, tensor] : tensors) {
    if (shown == most) break;
    text += (shown++ == 0 ? " '" : ", '") + excerpt(name) + "' " + excerpt(type_name(tensor)) + ' ' + excerpt(extents_text(tensor.shape));
  }
  return tensors.size() > shown ? text + " and " + std::to_string(tensors.size() - shown) + " more" : text;
}

/// "tensor '0.weight' is missing; the file holds …; the nearest name is 'module.0.weight'".
inline std::string missing_tensor(TensorMap const& tensors, std::string_view wanted) {
  auto const nearest = nearest_name(tensors, wanted);
  return "tensor '" + std::string(wanted) + "' is missing; " + held_tensors(tensors) +
         (nearest.empty() ? "" : "; the nearest name is '" + excerpt(nearest) + '\'');
}

}  // namespace ign::io::detail

#endif  // IGN_IO_DETAIL_TENSOR_NAMES_HPP
