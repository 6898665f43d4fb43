// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Two-dimensional convolution.
#ifndef IGN_LAYERS_CONV2D_HPP
#define IGN_LAYERS_CONV2D_HPP

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>

#include "ign/core/finite.hpp"
#include "ign/core/padding_mode.hpp"
#include "ign/core/receptive_field.hpp"
#include "ign/layers/detail/convolution.hpp"
#include "ign/math/pad.hpp"

namespace ign {

/// y(n, oy, ox, o) = b(o) + Σ x(n, oy·s + ky - p, ox·s + kx - p, i) w(ky, kx, i, o). `padding_mode` continues x outside the image.
///
/// Output extents: (h + 2p - k)/s + 1, rounded down. Files store the weights in the layout of PyTorch's nn.Conv2d.
struct Conv2d {
  int channels = 1;                               ///< output channels
  int kernel = 3;                                 ///< k
  int stride = 1;                                 ///< s
  int padding = 0;                                ///< p; periodic: at most h and w, reflecting: less
  bool bias = true;                               ///< add b
  double init_std = 0.02;                         ///< standard deviation of the initial weights N(0, init_std²); b is 0
  PaddingMode padding_mode = PaddingMode::zeros;  ///< of x outside the image
};

namespace detail {

inline void check_init_std(double init_std, char const* name) {
  require(is_finite(init_std) && init_std >= 0, Fault::option, 70, name, ": init_std ", init_std,
          " of the initial weights, expected a finite number >= 0");
}

// Cells by which the input is padded before a convolution; 0 for zeros, which the kernels pad themselves.
template <class Layer>
constexpr int conv_margin(Layer const& layer) {
  return layer.padding_mode == PaddingMode::zeros ? 0 : layer.padding;
}

// The same before a transposed convolution: as far as the outermost pixels of the output read beyond the input.
template <class Layer>
constexpr int conv_transpose_margin(Layer const& layer) {
  int const beyond = layer.kernel - 1 - layer.padding + layer.output_padding;
  return layer.padding_mode == PaddingMode::zeros || beyond < 0 ? 0 : beyond / layer.stride;
}

// Receptive field of a convolution along each axis.
template <class Layer>
ReceptiveField conv_receptive_field(Layer const& layer) {
  return window_receptive_field(-layer.padding, layer.kernel - 1 - layer.padding, layer.stride, 1, layer.padding, layer.padding_mode);
}

// The same of a transposed convolution.
template <class Layer>
ReceptiveField conv_transpose_receptive_field(Layer const& layer) {
  int const beyond = (layer.kernel - 1 - layer.padding + layer.output_padding) / layer.stride;
  return window_receptive_field(layer.padding - layer.kernel + 1, layer.padding, 1, layer.stride, beyond, layer.padding_mode);
}

// The input is wrapped or mirrored at most once on each side, as in PyTorch. `extent` is its smallest extent; `input...` describes it in
// the message.
template <class... Input>
void check_margin(PaddingMode mode, int margin, int extent, char const* name, Input const&... input) {
  int const most = extent - (mode == PaddingMode::reflecting ? 1 : 0);
  require(margin <= most, Fault::shape, 73, name, ": input ", input..., " continued by ", margin, " cells with padding_mode ",
          ign::name(mode), mode == PaddingMode::periodic ? " (PaddingMode::periodic)" : " (PaddingMode::reflecting)", ", expected at most ",
          most, ": use a smaller kernel and padding, or larger fields");
}

template <class Layer>
void check_convolution(Layer const& layer, char const* name) {
  constexpr int most = 1 << 24;  // sums of two options, and of an option and an extent of the input, are then extents of type int
  require(layer.channels >= 1 && layer.kernel >= 1 && layer.stride >= 1 && layer.padding >= 0, Fault::option, 70, name, ": channels ",
          layer.channels, ", kernel ", layer.kernel, ", stride ", layer.stride, ", padding ", layer.padding,
          ", expected channels, kernel, stride >= 1 and padding >= 0");
  require(std::max({layer.kernel, layer.stride, layer.padding}) <= most, Fault::option, 70, name, ": kernel ", layer.kernel, ", stride ",
          layer.stride, ", padding ", layer.padding, ", expected at most 2^24");
  check_init_std(layer.init_std, name);
}

// With C channels of the coarse and F of the fine image (math/conv/geometry.hpp), weights are (C, F, k, k) in files and (k, k, F, C) in
// memory.
inline std::vector<ArrayInfo> convolution_parameters(math::ConvGeometry const& g, bool bias, int channels, double deviation) {
  std::vector<ArrayInfo> arrays = {
      {"weight", {g.kernel, g.kernel, g.fine.channels, g.coarse.channels}, Initial::normal(deviation), {3, 2, 0, 1}}};
  if (bias) arrays.push_back({"bias", {channels}, Initial::constant(0)});
  return arrays;
}

// Extents of the output or the padded input, before they are stored as int. Sums of options and extents are computed in 64 bits.
inline void check_extents(std::int64_t height, std::int64_t width, char const* name, char const* what = ": output of ") {
  std::int64_t const most = std::numeric_limits<int>::max();
  require(height <= most && width <= most, Fault::shape, 563, name, what, height, " × ", width,
          " pixels, expected fewer than 2^31 rows and columns");
}

// As check_margin, and the extents of the padded input.
inline void check_image_margin(PaddingMode mode, int margin, Shape in, char const* name) {
  if (margin == 0) return;
  check_margin(mode, margin, std::min(in.height, in.width), name, in);
  check_extents(in.height + 2 * std::int64_t{margin}, in.width + 2 * std::int64_t{margin}, name, ": padded input of ");
}

// Options of a convolution, but for its padding mode.
template <class Layer>
LayerDescription convolution_description(char const* name, Layer const& layer, Shape in) {
  LayerDescription description{name,
                               {{"in_channels", in.channels},
                                {"out_channels", layer.channels},
                                {"kernel_size", layer.kernel},
                                {"stride", layer.stride},
                                {"padding", layer.padding}}};
  if constexpr (requires { layer.output_padding; }) description.options.emplace_back("output_padding", layer.output_padding);
  description.options.emplace_back("bias", layer.bias);
  return description;
}

// The description has the padding mode, by PyTorch's name, only where it is not "zeros": files of earlier versions have none.
inline LayerDescription with_padding_mode(LayerDescription description, PaddingMode mode) {
  if (mode != PaddingMode::zeros) description.options.emplace_back("padding_mode", std::string(ign::name(mode)));
  return description;
}

}  // namespace detail

/// Cells by which the input is padded before the convolution; 0 for zeros, which the kernels pad themselves.
inline constexpr int padding_margin(Conv2d const& layer) { return detail::conv_margin(layer); }

/// \throws Error [ign.option.70] if an option is out of range, [ign.shape.70] if the kernel is larger than the padded input, [ign.shape.73]
///         if the padding continues the input by more than its extents, [ign.shape.563] if the output or the padded input has 2^31 rows or
///         columns or more
inline Shape output_shape(Conv2d const& layer, Shape in) {
  detail::check_convolution(layer, "conv2d");
  std::int64_t const height = std::int64_t{in.height} + 2 * std::int64_t{layer.padding} - layer.kernel;
  std::int64_t const width = std::int64_t{in.width} + 2 * std::int64_t{layer.padding} - layer.kernel;
  require(height >= 0 && width >= 0, Fault::shape, 70, "conv2d: input ", in, " with padding ", layer.padding,
          ", expected at least the kernel of ", layer.kernel, " in each direction");
  detail::check_image_margin(layer.padding_mode, padding_margin(layer), in, "conv2d");
  detail::check_extents(height / layer.stride + 1, width / layer.stride + 1, "conv2d");
  return {static_cast<int>(height / layer.stride + 1), static_cast<int>(width / layer.stride + 1), layer.channels};
}

/// Convolution geometry: the input, padded by padding_margin, is the fine image, the output the coarse one (math/conv/geometry.hpp).
inline math::ConvGeometry geometry(Conv2d const& layer, Shape in) {
  Shape const out = output_shape(layer, in);  // checks the margin
  int const margin = padding_margin(layer);
  return {math::padded_shape(in, margin), out, layer.kernel, layer.stride, layer.padding - margin};
}
/// Convolution concept (layers/detail/convolution.hpp).
inline constexpr math::Operation operation(Conv2d const&) { return math::Operation::forward; }
///@{
/// Layer contract (layers/layer.hpp).
inline std::vector<ArrayInfo> parameters(Conv2d const& layer, Shape in) {
  return detail::convolution_parameters(geometry(layer, in), layer.bias, layer.channels, layer.init_std);
}

inline LayerDescription describe(Conv2d const& layer, Shape in) {
  return detail::with_padding_mode(detail::convolution_description("Conv2d", layer, in), layer.padding_mode);
}
inline ReceptiveField receptive_field(Conv2d const& layer) { return detail::conv_receptive_field(layer); }
///@}

}  // namespace ign

#endif  // IGN_LAYERS_CONV2D_HPP
