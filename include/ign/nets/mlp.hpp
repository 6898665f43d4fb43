// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// A multi-layer perceptron that maps images, signals or points to their like.
#ifndef IGN_NETS_MLP_HPP
#define IGN_NETS_MLP_HPP

#include <array>
#include <utility>

#include "ign/layers/activations.hpp"
#include "ign/layers/linear.hpp"
#include "ign/layers/reshape.hpp"
#include "ign/nets/sequential.hpp"

namespace ign {

namespace detail {

template <std::size_t Hidden, class Activation, std::size_t... I>
constexpr auto mlp(Shape shape, std::array<int, Hidden> const& widths, Activation const& activation, std::index_sequence<I...>) {
  return sequential(Flatten{}, sequential(Linear{.features = widths[I]}, activation)..., Linear{.features = static_cast<int>(shape.size())},
                    Reshape{shape});
}

}  // namespace detail

/// Linear layers of the given widths, each followed by `activation`, then one back to `shape`, followed by nothing.
template <std::size_t Hidden, class Activation = LeakyRelu>
constexpr auto mlp(Shape shape, std::array<int, Hidden> const& widths, Activation const& activation = {}) {
  return detail::mlp(shape, widths, activation, std::make_index_sequence<Hidden>());
}

}  // namespace ign

#endif  // IGN_NETS_MLP_HPP
