// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Fully connected layer, computed as a 1×1 convolution of a 1×1 image.
#ifndef IGN_LAYERS_LINEAR_HPP
#define IGN_LAYERS_LINEAR_HPP

#include "ign/layers/conv2d.hpp"

namespace ign {

/// y(n, o) = b(o) + Σ x(n, i) w(i, o). Files store the weights in the layout of PyTorch's nn.Linear.
struct Linear {
  int features = 1;        ///< output features
  bool bias = true;        ///< add b
  double init_std = 0.02;  ///< standard deviation of the initial weights N(0, init_std²); b is 0
};

namespace detail {
inline Conv2d as_convolution(Linear const& layer) {
  return {.channels = layer.features, .kernel = 1, .stride = 1, .padding = 0, .bias = layer.bias, .init_std = layer.init_std};
}
}  // namespace detail

/// \throws Error [ign.shape.72] if the input is not a vector, [ign.option.70] if features < 1 or init_std is negative or not finite
inline Shape output_shape(Linear const& layer, Shape in) {
  require(in.height == 1 && in.width == 1, Fault::shape, 72, "linear: input ", in,
          ", expected a vector (1, 1, c): add a Flatten before it");
  require(layer.features >= 1, Fault::option, 70, "linear: features ", layer.features, ", expected 1 or more");
  detail::check_init_std(layer.init_std, "linear");
  return output_shape(detail::as_convolution(layer), in);
}

///@{
/// Layer contract (layers/layer.hpp).
inline std::vector<ArrayInfo> parameters(Linear const& layer, Shape in) {
  std::vector<ArrayInfo> arrays = {{"weight", {in.channels, layer.features}, Initial::normal(layer.init_std), {1, 0}}};
  if (layer.bias) arrays.push_back({"bias", {layer.features}, Initial::constant(0)});
  return arrays;
}
inline LayerDescription describe(Linear const& layer, Shape in) {
  return {"Linear", {{"in_features", in.channels}, {"out_features", layer.features}, {"bias", layer.bias}}};
}
///@}

///@{
/// Convolution concept (layers/detail/convolution.hpp).
inline math::ConvGeometry geometry(Linear const& layer, Shape in) { return geometry(detail::as_convolution(layer), in); }
inline constexpr math::Operation operation(Linear const&) { return math::Operation::forward; }
///@}

}  // namespace ign

#endif  // IGN_LAYERS_LINEAR_HPP
