// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Transposed two-dimensional convolution: the adjoint of Conv2d, made without scattering.
#ifndef IGN_LAYERS_CONV_TRANSPOSE2D_HPP
#define IGN_LAYERS_CONV_TRANSPOSE2D_HPP

#include "ign/layers/conv2d.hpp"

namespace ign {

/// y(n, iy·s + ky - p, ix·s + kx - p, o) collects x(n, iy, ix, i) w(ky, kx, o, i), plus b(o).
///
/// Extents: (h - 1)·s - 2p + k + output_padding. Weights as PyTorch's nn.ConvTranspose2d in files.
struct ConvTranspose2d {
  int channels = 1;         ///< of the output
  int kernel = 3;           ///< k
  int stride = 1;           ///< s
  int padding = 0;          ///< p
  int output_padding = 0;   ///< rows and columns added at the far ends, below the stride
  bool bias = true;         ///< add b
  double deviation = 0.02;  ///< of the initial weights, N(0, deviation²); b starts at 0
};

/// \throws Error [ign.option.70], [ign.option.71] on impossible options, [ign.shape.71] when nothing is left of the output
inline Shape output_shape(ConvTranspose2d const& layer, Shape in) {
  detail::check_convolution(layer, "conv_transpose2d");
  require(layer.output_padding >= 0 && layer.output_padding < layer.stride, Fault::option, 71, "conv_transpose2d: output_padding ",
          layer.output_padding, ", expected 0 to stride - 1 = ", layer.stride - 1);
  int const grown = layer.kernel - 2 * layer.padding + layer.output_padding;
  Shape const out = {(in.height - 1) * layer.stride + grown, (in.width - 1) * layer.stride + grown, layer.channels};
  require(out.height >= 1 && out.width >= 1, Fault::shape, 71, "conv_transpose2d: input ", in, " with kernel ", layer.kernel, ", stride ",
          layer.stride, " and padding ", layer.padding, " gives an output of ", out);
  return out;
}

/// Its windows: of the output, one for each pixel of the input.
inline math::Windowing windowing(ConvTranspose2d const& layer, Shape in) {
  return {output_shape(layer, in), in, layer.kernel, layer.stride, layer.padding};
}
///@{
/// Of the layer contract, core/layer.hpp.
inline constexpr math::Operation operation(ConvTranspose2d const&) { return math::Operation::transpose; }

inline std::vector<ArrayInfo> parameters(ConvTranspose2d const& layer, Shape in) {
  return detail::convolution_parameters(windowing(layer, in), layer.bias, layer.channels, layer.deviation);
}

inline LayerDescription describe(ConvTranspose2d const& layer, Shape in) {
  return {"ConvTranspose2d",
          {{"in_channels", in.channels},
           {"out_channels", layer.channels},
           {"kernel_size", layer.kernel},
           {"stride", layer.stride},
           {"padding", layer.padding},
           {"output_padding", layer.output_padding},
           {"bias", layer.bias}}};
}
///@}

}  // namespace ign

#endif  // IGN_LAYERS_CONV_TRANSPOSE2D_HPP
