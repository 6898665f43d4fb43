// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Definition of a continued field, and checks of convolutions that pad with it, in two and three dimensions.
#ifndef IGN_TEST_PADDING_HPP
#define IGN_TEST_PADDING_HPP

#include <boost/test/unit_test.hpp>

#include <ign/core/padding_mode.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

#include "layer_check.hpp"

namespace ign_test {

inline constexpr ign::PaddingMode padding_modes[] = {ign::PaddingMode::zeros, ign::PaddingMode::periodic, ign::PaddingMode::reflecting};

// Index of the cell that continues a field at `at`, by the definition of the mode: repeated shifts or reflections. -1 for a zero.
inline int continued(ign::PaddingMode mode, int at, int extent) {
  while (at < 0 || at >= extent) {
    if (mode == ign::PaddingMode::zeros) return -1;
    if (mode == ign::PaddingMode::periodic)
      at += at < 0 ? extent : -extent;
    else
      at = at < 0 ? -at : 2 * (extent - 1) - at;
  }
  return at;
}

// Input coordinate that output coordinate `o` of a convolution meets through tap k.
template <class Layer>
bool conv_meets(Layer const& layer, int o, int k, int& i) {
  i = o * layer.stride + k - layer.padding;
  return true;
}
// The same of a transposed convolution; false if there is none.
template <class Layer>
bool conv_transpose_meets(Layer const& layer, int o, int k, int& i) {
  int const scaled = o + layer.padding - k, s = layer.stride;
  i = scaled >= 0 ? scaled / s : -(-scaled / s);
  return scaled % s == 0;
}

// Compares a layer in double and float, in both modes, with definition(fixture), in double.
template <class Layer, class Definition>
void check_definition(Layer const& layer, ign::Shape in, int batch, Definition const& definition) {
  for (ign::Mode mode : {ign::Mode::train, ign::Mode::evaluate}) {
    ign::Pass const pass = ign::pass_of(ign::Role::data, mode);
    LayerFixture<Layer, double> f(layer, in, batch);
    std::vector<double> const expected = definition(f);
    BOOST_REQUIRE(expected.size() == f.y.size());
    f.run_forward(pass);
    LayerFixture<Layer, float> single(layer, in, batch);
    for (std::size_t i = 0; i < f.x.size(); ++i) single.x(i) = static_cast<float>(f.x(i));
    for (std::size_t i = 0; i < f.parameters.size(); ++i) single.parameters(i) = static_cast<float>(f.parameters(i));
    single.run_forward(pass);
    double largest = 1e-30, error = 0, error_of_float = 0;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      largest = std::max(largest, std::abs(expected[i]));
      error = std::max(error, std::abs(f.y(i) - expected[i]));
      error_of_float = std::max(error_of_float, std::abs(static_cast<double>(single.y(i)) - expected[i]));
    }
    BOOST_TEST(error <= 1e-13 * largest, "error " << error << " of " << largest);
    BOOST_TEST(error_of_float <= 3e-6 * largest, "error in float " << error_of_float << " of " << largest);
  }
}

// <C x, y> = <x, C' y>, where both have the same weights and no bias.
template <class Down, class Up>
void check_adjoint(Down down, Up up, ign::Shape fine) {
  down.bias = up.bias = false;
  LayerFixture<Down, double> f(down, fine, 2);
  LayerFixture<Up, double> g(up, f.out, 2);
  BOOST_REQUIRE(g.out == fine);
  BOOST_REQUIRE(f.parameters.size() == g.parameters.size());
  Kokkos::deep_copy(g.parameters, f.parameters);
  f.run_forward({});
  g.run_forward({});
  double left = 0, right = 0;
  for (std::size_t i = 0; i < f.y.size(); ++i) left += f.y(i) * g.x(i);
  for (std::size_t i = 0; i < f.x.size(); ++i) right += f.x(i) * g.y(i);
  BOOST_TEST(std::abs(left - right) <= 1e-11 * std::max(1.0, std::abs(left)));
}

}  // namespace ign_test

#endif  // IGN_TEST_PADDING_HPP
