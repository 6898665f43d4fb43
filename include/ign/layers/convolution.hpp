// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// What Conv2d, ConvTranspose2d and Linear share: the pass forward, alone, with a rectifier, or with weights laid out before.
#ifndef IGN_LAYERS_CONVOLUTION_HPP
#define IGN_LAYERS_CONVOLUTION_HPP

#include <algorithm>
#include <concepts>

#include "ign/layers/activations.hpp"
#include "ign/math/correlation.hpp"

namespace ign {

/// A layer that is a correlation or its adjoint, with a bias at will.
template <class L>
concept Convolution = requires(L const& layer, Shape in) {
  { windowing(layer, in) } -> std::same_as<math::Windowing>;
  { operation(layer) } -> std::same_as<math::Operation>;
  { layer.bias } -> std::convertible_to<bool>;
};

///@{
/// Of the layer contract, core/layer.hpp.
template <Convolution L>
std::size_t scratch_size(L const& layer, Shape in, int, int workers) {
  // Enough for float and double alike, whose blocks differ.
  auto const g = windowing(layer, in);
  auto const count = static_cast<std::size_t>(workers);
  return std::max(math::correlation_scratch<float>(g, count), math::correlation_scratch<double>(g, count));
}
template <Convolution L>
bool needs_output(L const&) {
  return false;
}
///@}

namespace detail {

template <Convolution L, Scalar Real, class Exec>
void convolve(Exec const& exec, L const& layer, Pass const& pass, math::Weights<Real> const& weights, math::Epilogue<Real> const& epilogue,
              VectorWindow<Real, Exec> const& scratch, TensorWindow<Real, Exec> const& x, TensorWindow<Real, Exec> const& y) {
  auto const g = windowing(layer, shape_of(x));
  if (operation(layer) == math::Operation::correlate)
    math::correlate(exec, g, math::choose(g, pass), x, weights, epilogue, y, scratch);
  else
    math::transpose(exec, g, math::choose(g, pass), x, weights, epilogue, y, scratch);
}

/// The bias behind the weights, or nullptr.
template <Convolution L, Scalar Real, class Exec>
Real const* bias_of(L const& layer, LayerMemory<Real, Exec> const& memory, Shape in) {
  return layer.bias ? memory.parameters.data() + windowing(layer, in).weight_size() : nullptr;
}

}  // namespace detail

///@{
/// Of the layer contract, core/layer.hpp.
template <Convolution L, Scalar Real, class Exec>
void forward(Exec const& exec, L const& layer, Pass const& pass, LayerMemory<Real, Exec> const& memory, TensorWindow<Real, Exec> const& x,
             TensorWindow<Real, Exec> const& y) {
  detail::convolve<L, Real, Exec>(exec, layer, pass, {memory.parameters.data()}, {detail::bias_of(layer, memory, shape_of(x))},
                                  memory.scratch, x, y);
}

// A rectifier behind it costs no pass over memory of its own on the way forward.
template <Convolution L, Rectifier A, Scalar Real, class Exec>
void forward_with(Exec const& exec, L const& layer, A const& activation, Pass const& pass, LayerMemory<Real, Exec> const& memory,
                  TensorWindow<Real, Exec> const& x, TensorWindow<Real, Exec> const& y) {
  detail::convolve<L, Real, Exec>(exec, layer, pass, {memory.parameters.data()},
                                  {detail::bias_of(layer, memory, shape_of(x)), nullptr, static_cast<Real>(slope(activation))},
                                  memory.scratch, x, y);
}

template <Convolution L, Rectifier A, Scalar Real, class Exec>
void backward_with(Exec const& exec, L const& layer, A const& activation, Pass const& pass, LayerMemory<Real, Exec> const& memory,
                   TensorWindow<Real, Exec> const& x, TensorWindow<Real, Exec> const& y, TensorWindow<Real, Exec> const& dy,
                   TensorWindow<Real, Exec> const& dx) {
  backward(exec, activation, pass, memory, x, y, dy, dy);
  backward(exec, layer, pass, memory, x, y, dy, dx);
}

// Evaluation over and over with the same weights: see nets/frozen.hpp.
template <Convolution L, Scalar Real, class Exec>
std::size_t frozen_size(L const& layer, Shape in, Pass const& pass, LayerMemory<Real, Exec> const&) {
  auto const g = windowing(layer, in);
  return math::laid_out_size<Real, Exec>(g, operation(layer), math::choose(g, pass));
}

template <Convolution L, Scalar Real, class Exec>
void freeze(Exec const& exec, L const& layer, Shape in, Pass const& pass, LayerMemory<Real, Exec> const& memory,
            VectorWindow<Real, Exec> const& frozen) {
  auto const g = windowing(layer, in);
  math::lay_out(exec, g, operation(layer), math::choose(g, pass), static_cast<Real const*>(memory.parameters.data()), frozen);
}

template <Convolution L, Scalar Real, class Exec>
void forward_frozen(Exec const& exec, L const& layer, Pass const& pass, LayerMemory<Real, Exec> const& memory,
                    VectorWindow<Real, Exec> const& frozen, math::Epilogue<Real> const& epilogue, TensorWindow<Real, Exec> const& x,
                    TensorWindow<Real, Exec> const& y) {
  bool const as_they_are = frozen.size() == 0;
  math::Weights<Real> const weights = {as_they_are ? memory.parameters.data() : frozen.data(), !as_they_are};
  detail::convolve(exec, layer, pass, weights, epilogue, memory.scratch, x, y);
}
///@}

namespace detail {

template <class Real>
struct FoldBias {
  Real const* bias;
  Real* shift;

  KOKKOS_FUNCTION void operator()(std::size_t c) const { shift[c] += bias[c]; }
};

}  // namespace detail

/// Of scale(c) x + shift(c) makes that plus the bias.
template <Convolution L, Scalar Real, class Exec>
void fold(Exec const& exec, L const& layer, Shape in, Pass const&, LayerMemory<Real, Exec> const& memory, VectorWindow<Real, Exec> const&,
          VectorWindow<Real, Exec> const& shift) {
  Real const* const bias = detail::bias_of(layer, memory, in);
  if (bias == nullptr) return;
  Kokkos::parallel_for("ign::fold bias", Kokkos::RangePolicy<Exec, Kokkos::IndexType<std::size_t>>(exec, 0, shift.size()),
                       detail::FoldBias<Real>{bias, shift.data()});
}

}  // namespace ign

#endif  // IGN_LAYERS_CONVOLUTION_HPP
