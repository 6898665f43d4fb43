// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Transposed three-dimensional convolution: the adjoint of Conv3d. Every output cell gathers its terms; nothing is scattered.
#ifndef IGN_LAYERS_CONV_TRANSPOSE3D_HPP
#define IGN_LAYERS_CONV_TRANSPOSE3D_HPP

#include "ign/layers/conv3d.hpp"

namespace ign {

/// y(n, oz, oy, ox, o) = b(o) + Σ x(n, iz, iy, ix, i) w(kz, ky, kx, o, i) over all terms with oz = iz·s + kz - p, and likewise oy and ox.
/// `padding_mode` continues x outside the field, as in ConvTranspose2d.
///
/// Fields are tensors (n, d·h, w, c) as in Conv3d. Output extents: (d - 1)·s - 2p + k + output_padding, and likewise h and w. Files store
/// the weights in the layout of PyTorch's nn.ConvTranspose3d.
struct ConvTranspose3d {
  int channels = 1;                               ///< output channels
  int kernel = 3;                                 ///< k
  int stride = 1;                                 ///< s
  int padding = 0;                                ///< p, cells cut off the output on each side
  int output_padding = 0;                         ///< slices, rows and columns added at the end of each axis, less than the stride
  bool bias = true;                               ///< add b
  double init_std = 0.02;                         ///< standard deviation of the initial weights N(0, init_std²); b is 0
  int depth = 0;                                  ///< d, slices of the input; 0: slices are square, and d follows from the rows
  PaddingMode padding_mode = PaddingMode::zeros;  ///< of x outside the field
};

/// Cells by which the input is padded before the convolution: as far as the outermost cells of the output read beyond it; 0 for zeros.
inline constexpr int padding_margin(ConvTranspose3d const& layer) { return detail::conv_transpose_margin(layer); }

/// Slices of the input. \throws Error [ign.option.560], [ign.shape.560]
inline detail::Slices slices_of(ConvTranspose3d const& layer, Shape in) { return detail::slices_of(layer.depth, in, "conv_transpose3d"); }

/// Convolution geometry: the input, padded by padding_margin, is the coarse image, the output the fine one (math/conv/geometry.hpp).
/// \throws Error [ign.option.70], [ign.option.71], [ign.option.560] if an option is out of range, [ign.shape.560] if the rows are not those
///         of slices, [ign.shape.562] if the output is empty, [ign.shape.563] if it or the padded input has 2^31 rows or more,
///         [ign.shape.73] if the output reads beyond the input by more than its extents
inline math::ConvGeometry geometry(ConvTranspose3d const& layer, Shape in) {
  detail::check_convolution(layer, "conv_transpose3d");
  require(layer.output_padding >= 0 && layer.output_padding < layer.stride, Fault::option, 71, "conv_transpose3d: output_padding ",
          layer.output_padding, ", expected 0 to stride - 1 = ", layer.stride - 1);
  detail::Slices const coarse = slices_of(layer, in);
  auto const out = [&](int extent) {
    return std::int64_t{extent - 1} * layer.stride + layer.kernel - 2 * std::int64_t{layer.padding} + layer.output_padding;
  };
  std::int64_t const depth = out(coarse.depth), height = out(coarse.shape.height), width = out(coarse.shape.width);
  require(depth >= 1 && height >= 1 && width >= 1, Fault::shape, 562, "conv_transpose3d: input of ", coarse.depth, " slices of ",
          coarse.shape, " with kernel ", layer.kernel, ", stride ", layer.stride, " and padding ", layer.padding, " gives an output of ",
          depth, " slices of ", height, " × ", width, " cells, expected depth, height and width >= 1");
  detail::check_rows(depth, height, width, "conv_transpose3d");
  int const margin = padding_margin(layer), padding = layer.padding + margin * layer.stride;
  detail::check_volume_margin(layer.padding_mode, margin, coarse, "conv_transpose3d");
  detail::Slices const padded = coarse.padded(margin);
  return {{static_cast<int>(height), static_cast<int>(width), layer.channels},         padded.shape, layer.kernel, layer.stride, padding,
          {static_cast<int>(depth), padded.depth, layer.kernel, layer.stride, padding}};
}
/// Convolution concept (layers/detail/convolution.hpp).
inline constexpr math::Operation operation(ConvTranspose3d const&) { return math::Operation::input_gradient; }
///@{
/// Layer contract (layers/layer.hpp).
inline Shape output_shape(ConvTranspose3d const& layer, Shape in) {
  auto const g = geometry(layer, in);
  return volume_shape(g.depth.fine, g.fine.height, g.fine.width, g.fine.channels);
}

inline std::vector<ArrayInfo> parameters(ConvTranspose3d const& layer, Shape in) {
  return detail::volume_parameters(geometry(layer, in), layer.bias, layer.channels, layer.init_std);
}

inline LayerDescription describe(ConvTranspose3d const& layer, Shape in) {
  return detail::with_depth(detail::convolution_description("ConvTranspose3d", layer, in), layer.depth, in, layer.padding_mode);
}
inline ReceptiveField receptive_field(ConvTranspose3d const& layer) {
  return detail::of_volume(detail::conv_transpose_receptive_field(layer), layer.depth);
}
///@}

}  // namespace ign

#endif  // IGN_LAYERS_CONV_TRANSPOSE3D_HPP
