// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Two-dimensional upsampling by copies of each pixel.
#ifndef IGN_LAYERS_UPSAMPLE2D_HPP
#define IGN_LAYERS_UPSAMPLE2D_HPP

#include <cstdint>
#include <limits>
#include <string>

#include "ign/core/elementwise.hpp"
#include "ign/core/error.hpp"
#include "ign/core/receptive_field.hpp"
#include "ign/layers/detail/pixel_parts.hpp"
#include "ign/layers/layer.hpp"

namespace ign {

/// y(n, oy, ox, c) = x(n, oy / k, ox / k, c), rounded down: each pixel becomes k × k copies, as in PyTorch's nn.Upsample with the mode
/// "nearest". A Conv2d of stride 1 after it replaces a transposed convolution, whose windows overlap unevenly where the stride does not
/// divide the kernel.
/// \source Odena et al., "Deconvolution and checkerboard artifacts", doi 10.23915/distill.00003
struct Upsample2d {
  int factor = 2;  ///< k
};

namespace detail {

/// Forward, over rows of output pixels.
template <class Real>
struct UpsampleNearest {
  std::size_t factor, width, channels;  // width of the input
  Real const* x;
  Real* y;

  KOKKOS_FUNCTION void operator()(std::size_t row, std::size_t first, std::size_t last) const {
    for_each_pixel_part(*this, row, first, last, channels);
  }

  // Rows of a batch follow each other: row oy of sample n, n · k · h + oy, is a copy of row n · h + oy / k.
  KOKKOS_FUNCTION void part(std::size_t row, std::size_t ox, std::size_t c, std::size_t count) const {
    Real const* const from = x + (row / factor * width + ox / factor) * channels + c;
    Real* const to = y + (row * factor * width + ox) * channels + c;
    IGN_IVDEP
    for (std::size_t i = 0; i < count; ++i) to[i] = from[i];
  }
};

/// Backward, over rows of input pixels: the sum over the copies of a pixel, row by row.
template <class Real>
struct UpsampleNearestBack {
  std::size_t factor, width, channels;  // width of the input
  Real const* dy;
  Real* dx;

  KOKKOS_FUNCTION void operator()(std::size_t row, std::size_t first, std::size_t last) const {
    for_each_pixel_part(*this, row, first, last, channels);
  }

  KOKKOS_FUNCTION void part(std::size_t row, std::size_t ix, std::size_t c, std::size_t count) const {
    Real* const to = dx + (row * width + ix) * channels + c;
    IGN_IVDEP
    for (std::size_t i = 0; i < count; ++i) to[i] = 0;
    for (std::size_t ky = 0; ky < factor; ++ky)
      for (std::size_t kx = 0; kx < factor; ++kx) {
        Real const* const from = dy + ((row * factor + ky) * factor * width + ix * factor + kx) * channels + c;
        IGN_IVDEP
        for (std::size_t i = 0; i < count; ++i) to[i] += from[i];
      }
  }
};

}  // namespace detail

/// \throws Error [ign.option.611] if the factor is not positive, [ign.shape.611] if the output has 2^31 or more rows or columns
inline Shape output_shape(Upsample2d const& layer, Shape in) {
  require(layer.factor >= 1, Fault::option, 611, "upsample2d: factor ", layer.factor, ", expected 1 or more");
  std::int64_t const height = std::int64_t{in.height} * layer.factor, width = std::int64_t{in.width} * layer.factor;
  std::int64_t const most = std::numeric_limits<int>::max();
  require(height <= most && width <= most, Fault::shape, 611, "upsample2d: output of ", height, " × ", width,
          " pixels, expected fewer than 2^31 rows and columns");
  return {static_cast<int>(height), static_cast<int>(width), in.channels};
}
///@{
/// Layer contract (layers/layer.hpp).
inline LayerDescription describe(Upsample2d const& layer, Shape) {
  return {"Upsample", {{"scale_factor", layer.factor}, {"mode", std::string("nearest")}}};
}
inline ReceptiveField receptive_field(Upsample2d const& layer) {
  return window_receptive_field(1 - layer.factor, 0, 1, layer.factor, 0, PaddingMode::zeros);
}
inline bool needs_output(Upsample2d const&) { return false; }

template <Scalar Real, class Exec>
void forward(Exec const& exec, Upsample2d const& layer, Pass const&, LayerMemory<Real, Exec> const&, TensorRef<Real, Exec> const& x,
             TensorRef<Real, Exec> const& y) {
  for_each_chunk("ign::upsample2d", exec, y.extent(0) * y.extent(1), y.extent(2) * y.extent(3),
                 detail::UpsampleNearest<Real>{static_cast<std::size_t>(layer.factor), x.extent(2), x.extent(3), x.data(), y.data()});
}

template <Scalar Real, class Exec>
void backward(Exec const& exec, Upsample2d const& layer, Pass const&, LayerMemory<Real, Exec> const&, TensorRef<Real, Exec> const& x,
              TensorRef<Real, Exec> const&, TensorRef<Real, Exec> const& dy, TensorRef<Real, Exec> const& dx) {
  if (absent(dx)) return;
  for_each_chunk("ign::upsample2d backward", exec, x.extent(0) * x.extent(1), x.extent(2) * x.extent(3),
                 detail::UpsampleNearestBack<Real>{static_cast<std::size_t>(layer.factor), x.extent(2), x.extent(3), dy.data(), dx.data()});
}
///@}

}  // namespace ign

#endif  // IGN_LAYERS_UPSAMPLE2D_HPP
