// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Two-dimensional average pooling.
#ifndef IGN_LAYERS_AVG_POOL2D_HPP
#define IGN_LAYERS_AVG_POOL2D_HPP

#include "ign/core/elementwise.hpp"
#include "ign/core/error.hpp"
#include "ign/core/receptive_field.hpp"
#include "ign/layers/detail/pixel_parts.hpp"
#include "ign/layers/layer.hpp"

namespace ign {

/// y(n, oy, ox, c) = mean of x(n, oy·s + ky, ox·s + kx, c) over ky, kx < k.
///
/// Output extents: (h - k)/s + 1, rounded down, without padding, as in PyTorch's nn.AvgPool2d.
struct AvgPool2d {
  int kernel = 2;  ///< k
  int stride = 2;  ///< s
};

namespace detail {

/// Forward, over rows of output pixels.
template <class Real>
struct AvgPool {
  AvgPool2d layer;
  Shape in, out;
  Real const* x;
  Real* y;

  KOKKOS_FUNCTION void operator()(std::size_t row, std::size_t first, std::size_t last) const {
    for_each_pixel_part(*this, row, first, last, static_cast<std::size_t>(out.channels));
  }

  KOKKOS_FUNCTION void part(std::size_t row, std::size_t ox, std::size_t c, std::size_t count) const {
    auto const height = static_cast<std::size_t>(out.height), width = static_cast<std::size_t>(in.width);
    auto const channels = static_cast<std::size_t>(out.channels), kernel = static_cast<std::size_t>(layer.kernel);
    auto const stride = static_cast<std::size_t>(layer.stride);
    std::size_t const top = row / height * static_cast<std::size_t>(in.height) + row % height * stride;
    Real const* const corner = x + (top * width + ox * stride) * channels + c;
    Real* const to = y + (row * static_cast<std::size_t>(out.width) + ox) * channels + c;
    Real const share = Real(1) / static_cast<Real>(kernel * kernel);
    IGN_IVDEP
    for (std::size_t i = 0; i < count; ++i) to[i] = 0;
    for (std::size_t ky = 0; ky < kernel; ++ky)
      for (std::size_t kx = 0; kx < kernel; ++kx) {
        Real const* const from = corner + (ky * width + kx) * channels;
        IGN_IVDEP
        for (std::size_t i = 0; i < count; ++i) to[i] += from[i];
      }
    IGN_IVDEP
    for (std::size_t i = 0; i < count; ++i) to[i] *= share;
  }
};

/// Backward, over rows of input pixels. Each pixel gathers from the windows that contain it; nothing is scattered.
template <class Real>
struct AvgPoolBack {
  AvgPool2d layer;
  Shape in, out;
  Real const* dy;
  Real* dx;

  KOKKOS_FUNCTION void operator()(std::size_t row, std::size_t first, std::size_t last) const {
    for_each_pixel_part(*this, row, first, last, static_cast<std::size_t>(in.channels));
  }

  /// First window that contains pixel i, along one axis.
  KOKKOS_FUNCTION int first_window(int i) const { return i < layer.kernel ? 0 : (i - layer.kernel) / layer.stride + 1; }

  KOKKOS_FUNCTION void part(std::size_t row, std::size_t x, std::size_t c, std::size_t count) const {
    int const iy = static_cast<int>(row % static_cast<std::size_t>(in.height)), ix = static_cast<int>(x);
    std::size_t const sample = row / static_cast<std::size_t>(in.height);
    auto const channels = static_cast<std::size_t>(in.channels), kernel = static_cast<std::size_t>(layer.kernel);
    Real* const to = dx + (row * static_cast<std::size_t>(in.width) + x) * channels + c;
    Real const share = Real(1) / static_cast<Real>(kernel * kernel);
    IGN_IVDEP
    for (std::size_t i = 0; i < count; ++i) to[i] = 0;
    for (int oy = first_window(iy); oy < out.height && oy * layer.stride <= iy; ++oy)
      for (int ox = first_window(ix); ox < out.width && ox * layer.stride <= ix; ++ox) {
        Real const* const from = dy + (sample * out.pixels() + static_cast<std::size_t>(oy * out.width + ox)) * channels + c;
        IGN_IVDEP
        for (std::size_t i = 0; i < count; ++i) to[i] += from[i];
      }
    IGN_IVDEP
    for (std::size_t i = 0; i < count; ++i) to[i] *= share;
  }
};

}  // namespace detail

/// \throws Error [ign.option.612] if kernel or stride is not positive, [ign.shape.612] if the kernel is larger than the input
inline Shape output_shape(AvgPool2d const& layer, Shape in) {
  require(layer.kernel >= 1 && layer.stride >= 1, Fault::option, 612, "avg_pool2d: kernel ", layer.kernel, ", stride ", layer.stride,
          ", expected both >= 1");
  require(in.height >= layer.kernel && in.width >= layer.kernel, Fault::shape, 612, "avg_pool2d: input ", in,
          ", expected at least the kernel of ", layer.kernel, " in each direction");
  return {(in.height - layer.kernel) / layer.stride + 1, (in.width - layer.kernel) / layer.stride + 1, in.channels};
}
///@{
/// Layer contract (layers/layer.hpp).
inline LayerDescription describe(AvgPool2d const& layer, Shape) {
  return {"AvgPool2d", {{"kernel_size", layer.kernel}, {"stride", layer.stride}}};
}
inline ReceptiveField receptive_field(AvgPool2d const& layer) {
  return window_receptive_field(0, layer.kernel - 1, layer.stride, 1, 0, PaddingMode::zeros);
}
inline bool needs_output(AvgPool2d const&) { return false; }

template <Scalar Real, class Exec>
void forward(Exec const& exec, AvgPool2d const& layer, Pass const&, LayerMemory<Real, Exec> const&, TensorRef<Real, Exec> const& x,
             TensorRef<Real, Exec> const& y) {
  for_each_chunk("ign::avg_pool2d", exec, y.extent(0) * y.extent(1), y.extent(2) * y.extent(3),
                 detail::AvgPool<Real>{layer, shape_of(x), shape_of(y), x.data(), y.data()});
}

template <Scalar Real, class Exec>
void backward(Exec const& exec, AvgPool2d const& layer, Pass const&, LayerMemory<Real, Exec> const&, TensorRef<Real, Exec> const& x,
              TensorRef<Real, Exec> const&, TensorRef<Real, Exec> const& dy, TensorRef<Real, Exec> const& dx) {
  if (absent(dx)) return;
  for_each_chunk("ign::avg_pool2d backward", exec, x.extent(0) * x.extent(1), x.extent(2) * x.extent(3),
                 detail::AvgPoolBack<Real>{layer, shape_of(x), shape_of(dy), dy.data(), dx.data()});
}
///@}

}  // namespace ign

#endif  // IGN_LAYERS_AVG_POOL2D_HPP
