// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Transposed two-dimensional convolution: the adjoint of Conv2d. Every output pixel gathers its terms; nothing is scattered.
#ifndef IGN_LAYERS_CONV_TRANSPOSE2D_HPP
#define IGN_LAYERS_CONV_TRANSPOSE2D_HPP

#include "ign/layers/conv2d.hpp"

namespace ign {

/// y(n, oy, ox, o) = b(o) + Σ x(n, iy, ix, i) w(ky, kx, o, i) over all terms with oy = iy·s + ky - p and ox = ix·s + kx - p.
///
/// `padding_mode` continues x outside the image, as in Conv2d. If k - 2p + output_padding = s, so that the output has s·h rows and s·w
/// columns, the layer with the mode `periodic` is the adjoint of a periodic Conv2d with the same options. PyTorch has zeros only.
///
/// Output extents: (h - 1)·s - 2p + k + output_padding. Files store the weights in the layout of PyTorch's nn.ConvTranspose2d.
struct ConvTranspose2d {
  int channels = 1;                               ///< output channels
  int kernel = 3;                                 ///< k
  int stride = 1;                                 ///< s
  int padding = 0;                                ///< p, cells cut off the output on each side
  int output_padding = 0;                         ///< rows and columns added at the bottom and right, less than the stride
  bool bias = true;                               ///< add b
  double init_std = 0.02;                         ///< standard deviation of the initial weights N(0, init_std²); b is 0
  PaddingMode padding_mode = PaddingMode::zeros;  ///< of x outside the image
};

/// Cells by which the input is padded before the convolution: as far as the outermost pixels of the output read beyond it; 0 for zeros.
inline constexpr int padding_margin(ConvTranspose2d const& layer) { return detail::conv_transpose_margin(layer); }

/// \throws Error [ign.option.70], [ign.option.71] if an option is out of range, [ign.shape.71] if the output is empty, [ign.shape.73] if
///         the output reads beyond the input by more than its extents, [ign.shape.563] if the output or the padded input has 2^31 rows or
///         columns or more
inline Shape output_shape(ConvTranspose2d const& layer, Shape in) {
  detail::check_convolution(layer, "conv_transpose2d");
  require(layer.output_padding >= 0 && layer.output_padding < layer.stride, Fault::option, 71, "conv_transpose2d: output_padding ",
          layer.output_padding, ", expected 0 to stride - 1 = ", layer.stride - 1);
  auto const out = [&](int extent) {
    return std::int64_t{extent - 1} * layer.stride + layer.kernel - 2 * std::int64_t{layer.padding} + layer.output_padding;
  };
  std::int64_t const height = out(in.height), width = out(in.width);
  require(height >= 1 && width >= 1, Fault::shape, 71, "conv_transpose2d: input ", in, " with kernel ", layer.kernel, ", stride ",
          layer.stride, " and padding ", layer.padding, " gives an output of ", height, " × ", width,
          " pixels, expected height and width >= 1");
  detail::check_extents(height, width, "conv_transpose2d");
  detail::check_image_margin(layer.padding_mode, padding_margin(layer), in, "conv_transpose2d");
  return {static_cast<int>(height), static_cast<int>(width), layer.channels};
}

/// Convolution geometry: the input, padded by padding_margin, is the coarse image, the output the fine one (math/conv/geometry.hpp).
inline math::ConvGeometry geometry(ConvTranspose2d const& layer, Shape in) {
  int const margin = padding_margin(layer);
  return {output_shape(layer, in), math::padded_shape(in, margin), layer.kernel, layer.stride, layer.padding + margin * layer.stride};
}
/// Convolution concept (layers/detail/convolution.hpp).
inline constexpr math::Operation operation(ConvTranspose2d const&) { return math::Operation::input_gradient; }
///@{
/// Layer contract (layers/layer.hpp).
inline std::vector<ArrayInfo> parameters(ConvTranspose2d const& layer, Shape in) {
  return detail::convolution_parameters(geometry(layer, in), layer.bias, layer.channels, layer.init_std);
}

inline LayerDescription describe(ConvTranspose2d const& layer, Shape in) {
  return detail::with_padding_mode(detail::convolution_description("ConvTranspose2d", layer, in), layer.padding_mode);
}
inline ReceptiveField receptive_field(ConvTranspose2d const& layer) { return detail::conv_transpose_receptive_field(layer); }
///@}

}  // namespace ign

#endif  // IGN_LAYERS_CONV_TRANSPOSE2D_HPP
