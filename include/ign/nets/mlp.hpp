// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Multi-layer perceptron for images, signals or points; output and input have the same shape.
#ifndef IGN_NETS_MLP_HPP
#define IGN_NETS_MLP_HPP

#include <array>
#include <cmath>
#include <utility>

#include "ign/layers/activations.hpp"
#include "ign/layers/linear.hpp"
#include "ign/layers/reshape.hpp"
#include "ign/layers/sequential.hpp"

namespace ign {

namespace detail {

/// Standard deviation of the initial weights of a layer.
constexpr double mlp_deviation(double gain, double inputs) { return gain > 0 ? gain / std::sqrt(inputs) : Linear{}.init_std; }

template <std::size_t Hidden, class Activation, std::size_t... I>
constexpr auto mlp(Shape shape, std::array<int, Hidden> const& widths, Activation const& activation, double gain,
                   std::index_sequence<I...>) {
  std::array<int, Hidden + 1> inputs = {static_cast<int>(shape.size())};
  for (std::size_t k = 0; k < Hidden; ++k) inputs[k + 1] = widths[k];
  return sequential(Flatten{}, sequential(Linear{.features = widths[I], .init_std = mlp_deviation(gain, inputs[I])}, activation)...,
                    Linear{.features = static_cast<int>(shape.size()), .init_std = mlp_deviation(gain, inputs[Hidden])}, Reshape{shape});
}

}  // namespace detail

/// Linear layers of the given widths, each followed by `activation`, and a last Linear to `shape` without activation.
///
/// \param gain  > 0: weights start as N(0, gain² / inputs), which preserves the scale of activations, as narrow nets need; 0: with the
///              default standard deviation of Linear
template <std::size_t Hidden, class Activation = LeakyRelu>
constexpr auto mlp(Shape shape, std::array<int, Hidden> const& widths, Activation const& activation = {}, double gain = 0) {
  return detail::mlp(shape, widths, activation, gain, std::make_index_sequence<Hidden>());
}

}  // namespace ign

#endif  // IGN_NETS_MLP_HPP
