// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Three-dimensional convolution.
#ifndef IGN_LAYERS_CONV3D_HPP
#define IGN_LAYERS_CONV3D_HPP

#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>

#include "ign/layers/conv2d.hpp"
#include "ign/layers/detail/slices.hpp"

namespace ign {

/// y(n, oz, oy, ox, o) = b(o) + Σ x(n, oz·s + kz - p, oy·s + ky - p, ox·s + kx - p, i) w(kz, ky, kx, i, o). `padding_mode` continues
/// x outside the field.
///
/// A field (n, d, h, w, c) is a tensor (n, d·h, w, c), one slice below the other: `volume_shape`. Output extents: (d + 2p - k)/s + 1,
/// rounded down, and likewise h and w. Files store the weights in the layout of PyTorch's nn.Conv3d.
struct Conv3d {
  int channels = 1;                               ///< output channels
  int kernel = 3;                                 ///< k
  int stride = 1;                                 ///< s
  int padding = 0;                                ///< p; periodic: at most d, h and w, reflecting: less
  bool bias = true;                               ///< add b
  double init_std = 0.02;                         ///< standard deviation of the initial weights N(0, init_std²); b is 0
  int depth = 0;                                  ///< d, slices of the input; 0: slices are square, and d follows from the rows
  PaddingMode padding_mode = PaddingMode::zeros;  ///< of x outside the field
};

namespace detail {

// Extents are those of the output or the padded input, before they are stored as int. Shapes count the rows of all slices.
inline void check_rows(std::int64_t depth, std::int64_t height, std::int64_t width, char const* name, char const* what = ": output of ") {
  std::int64_t const most = std::numeric_limits<int>::max();
  require(depth <= most && height <= most && width <= most && depth * height <= most, Fault::shape, 563, name, what, depth, " slices of ",
          height, " × ", width, " cells, expected fewer than 2^31 rows of all slices together");
}

// As check_image_margin, for the slices of a field.
inline void check_volume_margin(PaddingMode mode, int margin, Slices const& in, char const* name) {
  if (margin == 0) return;
  check_margin(mode, margin, std::min({in.depth, in.shape.height, in.shape.width}), name, "of ", in.depth, " slices of ", in.shape);
  check_rows(std::int64_t{in.depth} + 2 * std::int64_t{margin}, std::int64_t{in.shape.height} + 2 * std::int64_t{margin},
             std::int64_t{in.shape.width} + 2 * std::int64_t{margin}, name, ": padded input of ");
}

// With C channels of the coarse and F of the fine image, weights are (C, F, k, k, k) in files and (k, k, k, F, C) in memory.
inline std::vector<ArrayInfo> volume_parameters(math::ConvGeometry const& g, bool bias, int channels, double deviation) {
  std::vector<ArrayInfo> arrays = {
      {"weight", {g.kernel, g.kernel, g.kernel, g.fine.channels, g.coarse.channels}, Initial::normal(deviation), {4, 3, 0, 1, 2}}};
  if (bias) arrays.push_back({"bias", {channels}, Initial::constant(0)});
  return arrays;
}

// The description has the depth only where the slices of the input `in` are not square, and the padding mode only where it is not "zeros".
inline LayerDescription with_depth(LayerDescription description, int depth, Shape in, PaddingMode mode) {
  if (depth != 0 && in.height / depth != in.width) description.options.emplace_back("depth", depth);
  return with_padding_mode(std::move(description), mode);
}

}  // namespace detail

/// Cells by which the input is padded before the convolution; 0 for zeros, which the kernels pad themselves.
inline constexpr int padding_margin(Conv3d const& layer) { return detail::conv_margin(layer); }

/// Slices of the input. \throws Error [ign.option.560], [ign.shape.560]
inline detail::Slices slices_of(Conv3d const& layer, Shape in) { return detail::slices_of(layer.depth, in, "conv3d"); }

/// Convolution geometry: the input, padded by padding_margin, is the fine image, the output the coarse one (math/conv/geometry.hpp).
/// \throws Error [ign.option.70], [ign.option.560] if an option is out of range, [ign.shape.560] if the rows are not those of slices,
///         [ign.shape.561] if the kernel is larger than the padded input, [ign.shape.563] if the output or the padded input has 2^31 rows
///         or more, [ign.shape.73] if the padding continues the input by more than its extents
inline math::ConvGeometry geometry(Conv3d const& layer, Shape in) {
  detail::check_convolution(layer, "conv3d");
  detail::Slices const fine = slices_of(layer, in);
  auto const out = [&](int extent) { return std::int64_t{extent} + 2 * std::int64_t{layer.padding} - layer.kernel; };
  require(out(fine.depth) >= 0 && out(fine.shape.height) >= 0 && out(fine.shape.width) >= 0, Fault::shape, 561, "conv3d: input of ",
          fine.depth, " slices of ", fine.shape, " with padding ", layer.padding, ", expected at least the kernel of ", layer.kernel,
          " in each direction");
  auto const strided = [&](int extent) { return static_cast<int>(out(extent) / layer.stride + 1); };
  detail::check_rows(out(fine.depth) / layer.stride + 1, out(fine.shape.height) / layer.stride + 1,
                     out(fine.shape.width) / layer.stride + 1, "conv3d");
  int const margin = padding_margin(layer), padding = layer.padding - margin;
  detail::check_volume_margin(layer.padding_mode, margin, fine, "conv3d");
  detail::Slices const padded = fine.padded(margin);
  return {padded.shape, {strided(fine.shape.height), strided(fine.shape.width), layer.channels}, layer.kernel, layer.stride,
          padding,      {padded.depth, strided(fine.depth), layer.kernel, layer.stride, padding}};
}
/// Convolution concept (layers/detail/convolution.hpp).
inline constexpr math::Operation operation(Conv3d const&) { return math::Operation::forward; }
///@{
/// Layer contract (layers/layer.hpp).
inline Shape output_shape(Conv3d const& layer, Shape in) {
  auto const g = geometry(layer, in);
  return volume_shape(g.depth.coarse, g.coarse.height, g.coarse.width, g.coarse.channels);
}

inline std::vector<ArrayInfo> parameters(Conv3d const& layer, Shape in) {
  return detail::volume_parameters(geometry(layer, in), layer.bias, layer.channels, layer.init_std);
}

inline LayerDescription describe(Conv3d const& layer, Shape in) {
  return detail::with_depth(detail::convolution_description("Conv3d", layer, in), layer.depth, in, layer.padding_mode);
}
inline ReceptiveField receptive_field(Conv3d const& layer) { return detail::of_volume(detail::conv_receptive_field(layer), layer.depth); }
///@}

}  // namespace ign

#endif  // IGN_LAYERS_CONV3D_HPP
