// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Three-dimensional convolution.
#ifndef IGN_LAYERS_CONV3D_HPP
#define IGN_LAYERS_CONV3D_HPP

#include <cstdint>
#include <limits>

#include "ign/layers/conv2d.hpp"

namespace ign {

/// y(n, oz, oy, ox, o) = b(o) + Σ x(n, oz·s + kz - p, oy·s + ky - p, ox·s + kx - p, i) w(kz, ky, kx, i, o), with zeros outside x.
///
/// A field (n, d, h, w, c) is a tensor (n, d·h, w, c), one slice below the other: `volume_shape`. Output extents: (d + 2p - k)/s + 1,
/// rounded down, and likewise h and w. Files store the weights in the layout of PyTorch's nn.Conv3d.
struct Conv3d {
  int channels = 1;        ///< output channels
  int kernel = 3;          ///< k
  int stride = 1;          ///< s
  int padding = 0;         ///< p
  bool bias = true;        ///< add b
  double init_std = 0.02;  ///< standard deviation of the initial weights N(0, init_std²); b is 0
  int depth = 0;           ///< d, slices of the input; 0: slices are square, and d follows from the rows
};

namespace detail {

/// Extents of the slices of a field, and their number.
struct Slices {
  Shape shape;
  int depth;
};

/// \throws Error [ign.option.560] if depth is negative, [ign.shape.560] if the rows are not those of `depth` slices, or of square ones
inline Slices slices_of(int depth, Shape in, char const* name) {
  require(depth >= 0, Fault::option, 560, name, ": depth ", depth, ", expected the number of slices, or 0 for square ones");
  int const count = depth > 0 ? depth : in.height / in.width;
  require(count > 0 && in.height % count == 0 && (depth > 0 || in.height % in.width == 0), Fault::shape, 560, name, ": input ", in, ", ",
          in.height, " rows of all slices together, expected a multiple of ", depth > 0 ? "the depth " : "the width ",
          depth > 0 ? depth : in.width, depth > 0 ? "" : ", as of square slices: set the option depth for others");
  return {{in.height / count, in.width, in.channels}, count};
}

// Extents are those of the output, before they are stored as int. Shapes count the rows of all slices.
inline void check_rows(std::int64_t depth, std::int64_t height, std::int64_t width, char const* name) {
  std::int64_t const most = std::numeric_limits<int>::max();
  require(depth <= most && height <= most && width <= most && depth * height <= most, Fault::shape, 563, name, ": output of ", depth,
          " slices of ", height, " × ", width, " cells, expected fewer than 2^31 rows of all slices together");
}

// Weights are (C, F, k, k, k) in files and (k, k, k, F, C) in memory.
inline std::vector<ArrayInfo> volume_parameters(math::ConvGeometry const& g, bool bias, int channels, double deviation) {
  std::vector<ArrayInfo> arrays = {
      {"weight", {g.kernel, g.kernel, g.kernel, g.fine.channels, g.coarse.channels}, Initial::normal(deviation), {4, 3, 0, 1, 2}}};
  if (bias) arrays.push_back({"bias", {channels}, Initial::constant(0)});
  return arrays;
}

// A file has the depth only where slices are not square.
inline LayerDescription with_depth(LayerDescription description, int depth) {
  if (depth != 0) description.options.emplace_back("depth", depth);
  return description;
}

}  // namespace detail

/// Convolution geometry: the input is the fine side, the output the coarse side.
/// \throws Error [ign.option.70], [ign.option.560] if an option is out of range, [ign.shape.560] if the rows are not those of slices,
///         [ign.shape.561] if the kernel is larger than the padded input, [ign.shape.563] if the output has 2^31 rows or more
inline math::ConvGeometry geometry(Conv3d const& layer, Shape in) {
  detail::check_convolution(layer, "conv3d");
  detail::Slices const fine = detail::slices_of(layer.depth, in, "conv3d");
  auto const out = [&](int extent) { return std::int64_t{extent} + 2 * std::int64_t{layer.padding} - layer.kernel; };
  require(out(fine.depth) >= 0 && out(fine.shape.height) >= 0 && out(fine.shape.width) >= 0, Fault::shape, 561, "conv3d: input of ",
          fine.depth, " slices of ", fine.shape, " with padding ", layer.padding, ", expected at least the kernel of ", layer.kernel,
          " in each direction");
  auto const strided = [&](int extent) { return static_cast<int>(out(extent) / layer.stride + 1); };
  detail::check_rows(out(fine.depth) / layer.stride + 1, out(fine.shape.height) / layer.stride + 1,
                     out(fine.shape.width) / layer.stride + 1, "conv3d");
  return {fine.shape,    {strided(fine.shape.height), strided(fine.shape.width), layer.channels},     layer.kernel, layer.stride,
          layer.padding, {fine.depth, strided(fine.depth), layer.kernel, layer.stride, layer.padding}};
}
///@{
/// Layer contract (layers/layer.hpp).
inline constexpr math::Operation operation(Conv3d const&) { return math::Operation::forward; }

inline Shape output_shape(Conv3d const& layer, Shape in) {
  auto const g = geometry(layer, in);
  return volume_shape(g.depth.coarse, g.coarse.height, g.coarse.width, g.coarse.channels);
}

inline std::vector<ArrayInfo> parameters(Conv3d const& layer, Shape in) {
  return detail::volume_parameters(geometry(layer, in), layer.bias, layer.channels, layer.init_std);
}

inline LayerDescription describe(Conv3d const& layer, Shape in) {
  return detail::with_depth({"Conv3d",
                             {{"in_channels", in.channels},
                              {"out_channels", layer.channels},
                              {"kernel_size", layer.kernel},
                              {"stride", layer.stride},
                              {"padding", layer.padding},
                              {"bias", layer.bias}}},
                            layer.depth);
}
///@}

}  // namespace ign

#endif  // IGN_LAYERS_CONV3D_HPP
