// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Elementwise activations: LeakyReLU, ReLU, Tanh, Sigmoid. They work in place; the derivative follows from the output. A rectifier is a
/// ReLU or LeakyReLU.
#ifndef IGN_LAYERS_ACTIVATIONS_HPP
#define IGN_LAYERS_ACTIVATIONS_HPP

#include <concepts>

#include "ign/core/elementwise.hpp"
#include "ign/core/error.hpp"
#include "ign/core/finite.hpp"
#include "ign/layers/layer.hpp"
#include "ign/math/tanh.hpp"

namespace ign {

/// x where x > 0, else slope · x.
struct LeakyRelu {
  double slope = 0.2;  ///< > 0: backward reads the sign of the input from the output

  ///@{
  /// Activation contract.
  template <class Real>
  KOKKOS_FUNCTION Real value(Real x) const {
    Real const scaled = static_cast<Real>(slope) * x;  // computed for both signs: a loop then needs no branch
    return x > 0 ? x : scaled;
  }
  template <class Real>
  KOKKOS_FUNCTION Real gradient(Real y, Real dy) const {
    Real const scaled = static_cast<Real>(slope) * dy;
    return y > 0 ? dy : scaled;
  }
  ///@}
};

/// x where x > 0, NaN where x is NaN, else 0.
struct Relu {
  ///@{
  /// Activation contract.
  template <class Real>
  KOKKOS_FUNCTION Real value(Real x) const {
    return x <= 0 ? Real(0) : x;
  }
  template <class Real>
  KOKKOS_FUNCTION Real gradient(Real y, Real dy) const {
    return y > 0 ? dy : Real(0);
  }
  ///@}
};

/// Hyperbolic tangent: output in [-1, 1], the range of images.
struct Tanh {
  ///@{
  /// Activation contract.
  template <class Real>
  KOKKOS_FUNCTION Real value(Real x) const {
    return math::tanh(x);
  }
  template <class Real>
  KOKKOS_FUNCTION Real gradient(Real y, Real dy) const {
    return dy * (1 - y * y);
  }
  ///@}
};

/// 1 / (1 + exp(-x)).
struct Sigmoid {
  ///@{
  /// Activation contract.
  template <class Real>
  KOKKOS_FUNCTION Real value(Real x) const {
    return 1 / (1 + Kokkos::exp(-x));
  }
  template <class Real>
  KOKKOS_FUNCTION Real gradient(Real y, Real dy) const {
    return dy * (y * (1 - y));
  }
  ///@}
};

///@{
/// Activations have the functions `value(x)`, which returns y, and `gradient(y, dy)`, which returns dy times the derivative. To make your
/// own activation a layer, provide these two functions and specialise `is_activation_v` (layers/layer.hpp).
template <>
inline constexpr bool is_activation_v<LeakyRelu> = true;
template <>
inline constexpr bool is_activation_v<Relu> = true;
template <>
inline constexpr bool is_activation_v<Tanh> = true;
template <>
inline constexpr bool is_activation_v<Sigmoid> = true;
///@}

/// Piecewise linear activation, cheap enough for the preceding layer to recompute instead of reading its output.
template <class A>
concept Rectifier = std::same_as<A, LeakyRelu> || std::same_as<A, Relu>;

///@{
/// Factor of negative inputs.
inline double slope(LeakyRelu const& layer) { return layer.slope; }
inline double slope(Relu const&) { return 0; }
///@}

///@{
/// Layer contract (layers/layer.hpp).
inline LayerDescription describe(LeakyRelu const& layer, Shape) { return {"LeakyReLU", {{"negative_slope", layer.slope}}}; }
inline LayerDescription describe(Relu const&, Shape) { return {"ReLU"}; }
inline LayerDescription describe(Tanh const&, Shape) { return {"Tanh"}; }
inline LayerDescription describe(Sigmoid const&, Shape) { return {"Sigmoid"}; }
///@}

namespace detail {

template <class A, class Real>
struct Activate {
  A activation;
  Real const* x;
  Real* y;

  KOKKOS_FUNCTION void operator()(std::size_t, std::size_t first, std::size_t last) const {
    IGN_IVDEP
    for (std::size_t i = first; i < last; ++i) y[i] = activation.value(x[i]);
  }
};

template <class A, class Real>
struct ActivateBack {
  A activation;
  Real const* y;
  Real const* dy;
  Real* dx;

  KOKKOS_FUNCTION void operator()(std::size_t, std::size_t first, std::size_t last) const {
    IGN_IVDEP
    for (std::size_t i = first; i < last; ++i) dx[i] = activation.gradient(y[i], dy[i]);
  }
};

}  // namespace detail

/// \throws Error [ign.option.60] if the slope of a LeakyRelu is not positive
template <Activation A>
Shape output_shape(A const& activation, Shape in) {
  if constexpr (std::same_as<A, LeakyRelu>) {
    require(is_finite(activation.slope) && activation.slope > 0, Fault::option, 60, "leaky_relu: slope ", activation.slope,
            ", expected a finite number > 0; for a slope of 0 use Relu");
  }
  return in;
}
///@{
/// Layer contract (layers/layer.hpp).
template <Activation A, Scalar Real, class Exec>
void forward(Exec const& exec, A const& activation, Pass const&, LayerMemory<Real, Exec> const&, TensorRef<Real, Exec> const& x,
             TensorRef<Real, Exec> const& y) {
  for_each_chunk("ign::activation", exec, 1, x.size(), detail::Activate<A, Real>{activation, x.data(), y.data()});
}

template <Activation A, Scalar Real, class Exec>
void backward(Exec const& exec, A const& activation, Pass const&, LayerMemory<Real, Exec> const&, TensorRef<Real, Exec> const&,
              TensorRef<Real, Exec> const& y, TensorRef<Real, Exec> const& dy, TensorRef<Real, Exec> const& dx) {
  if (absent(dx)) return;
  for_each_chunk("ign::activation backward", exec, 1, y.size(), detail::ActivateBack<A, Real>{activation, y.data(), dy.data(), dx.data()});
}
///@}

}  // namespace ign

#endif  // IGN_LAYERS_ACTIVATIONS_HPP
