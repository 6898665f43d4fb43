// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Two-dimensional maximum pooling.
#ifndef IGN_LAYERS_MAX_POOL2D_HPP
#define IGN_LAYERS_MAX_POOL2D_HPP

#include "ign/core/elementwise.hpp"
#include "ign/core/error.hpp"
#include "ign/core/finite.hpp"
#include "ign/core/receptive_field.hpp"
#include "ign/layers/detail/pixel_parts.hpp"
#include "ign/layers/layer.hpp"

namespace ign {

/// y(n, oy, ox, c) = max of x(n, oy·s + ky, ox·s + kx, c) over ky, kx < k.
///
/// Output extents: (h - k)/s + 1, rounded down, without padding. As in PyTorch's nn.MaxPool2d, the first of equal maxima in row order gets
/// the gradient, and NaN counts as larger than any number.
struct MaxPool2d {
  int kernel = 2;  ///< k
  int stride = 2;  ///< s
};

namespace detail {

/// Forward, over rows of output pixels. Saves the index of each maximum in its window: backward neither compares nor reads x.
template <class Real>
struct MaxPool {
  MaxPool2d layer;
  Shape in, out;
  Real const* x;
  Real* y;
  Real* argmax;  // ky · k + kx, exact as a Real

  KOKKOS_FUNCTION void operator()(std::size_t row, std::size_t first, std::size_t last) const {
    for_each_pixel_part(*this, row, first, last, static_cast<std::size_t>(out.channels));
  }

  KOKKOS_FUNCTION void part(std::size_t row, std::size_t ox, std::size_t c, std::size_t count) const {
    auto const height = static_cast<std::size_t>(out.height);
    auto const channels = static_cast<std::size_t>(out.channels);
    auto const stride = static_cast<std::size_t>(layer.stride);
    std::size_t const top = row / height * static_cast<std::size_t>(in.height) + row % height * stride;
    std::size_t const to = (row * static_cast<std::size_t>(out.width) + ox) * channels + c;
    Real* const best = y + to;
    Real* const where = argmax + to;
    Real const* const corner = x + (top * static_cast<std::size_t>(in.width) + ox * stride) * channels + c;
    IGN_IVDEP
    for (std::size_t i = 0; i < count; ++i) {
      best[i] = corner[i];
      where[i] = 0;
    }
    for (int k = 1; k < layer.kernel * layer.kernel; ++k) {
      auto const ky = static_cast<std::size_t>(k / layer.kernel), kx = static_cast<std::size_t>(k % layer.kernel);
      Real const* const from = corner + (ky * static_cast<std::size_t>(in.width) + kx) * channels;
      Real const here = static_cast<Real>(k);
      IGN_IVDEP
      for (std::size_t i = 0; i < count; ++i) {
        bool const larger = is_nan_in_memory(from[i]) || (from[i] > best[i] && !is_nan_in_memory(best[i]));
        best[i] = larger ? from[i] : best[i];
        where[i] = larger ? here : where[i];
      }
    }
  }
};

/// Backward, over rows of input pixels. Each pixel gathers from the windows that contain it; nothing is scattered.
template <class Real>
struct MaxPoolBack {
  MaxPool2d layer;
  Shape in, out;
  Real const* dy;
  Real const* argmax;
  Real* dx;

  KOKKOS_FUNCTION void operator()(std::size_t row, std::size_t first, std::size_t last) const {
    for_each_pixel_part(*this, row, first, last, static_cast<std::size_t>(in.channels));
  }

  /// First window that contains pixel i, along one axis.
  KOKKOS_FUNCTION int first_window(int i) const { return i < layer.kernel ? 0 : (i - layer.kernel) / layer.stride + 1; }

  KOKKOS_FUNCTION void part(std::size_t row, std::size_t x, std::size_t c, std::size_t count) const {
    int const iy = static_cast<int>(row % static_cast<std::size_t>(in.height));
    int const ix = static_cast<int>(x);
    std::size_t const sample = row / static_cast<std::size_t>(in.height);
    auto const channels = static_cast<std::size_t>(in.channels);
    Real* const to = dx + (row * static_cast<std::size_t>(in.width) + x) * channels + c;
    IGN_IVDEP
    for (std::size_t i = 0; i < count; ++i) to[i] = 0;
    for (int oy = first_window(iy); oy < out.height && oy * layer.stride <= iy; ++oy)
      for (int ox = first_window(ix); ox < out.width && ox * layer.stride <= ix; ++ox) {
        std::size_t const window = (sample * out.pixels() + static_cast<std::size_t>(oy * out.width + ox)) * channels + c;
        Real const* const from = dy + window;
        Real const* const where = argmax + window;
        Real const here = static_cast<Real>((iy - oy * layer.stride) * layer.kernel + ix - ox * layer.stride);
        IGN_IVDEP
        for (std::size_t i = 0; i < count; ++i) {
          Real const gradient = from[i];  // read unconditionally: the loop then needs no branch
          to[i] += where[i] == here ? gradient : Real(0);
        }
      }
  }
};

}  // namespace detail

/// \throws Error [ign.option.230] if kernel or stride is not positive, [ign.shape.230] if the kernel is larger than the input
inline Shape output_shape(MaxPool2d const& layer, Shape in) {
  require(layer.kernel >= 1 && layer.stride >= 1, Fault::option, 230, "max_pool2d: kernel ", layer.kernel, ", stride ", layer.stride,
          ", expected both >= 1");
  require(in.height >= layer.kernel && in.width >= layer.kernel, Fault::shape, 230, "max_pool2d: input ", in,
          ", expected at least the kernel of ", layer.kernel, " in each direction");
  return {(in.height - layer.kernel) / layer.stride + 1, (in.width - layer.kernel) / layer.stride + 1, in.channels};
}
///@{
/// Layer contract (layers/layer.hpp).
inline std::size_t saved_size(MaxPool2d const& layer, Shape in, int batch) {
  return output_shape(layer, in).size() * static_cast<std::size_t>(batch);
}
inline LayerDescription describe(MaxPool2d const& layer, Shape) {
  return {"MaxPool2d", {{"kernel_size", layer.kernel}, {"stride", layer.stride}}};
}
inline ReceptiveField receptive_field(MaxPool2d const& layer) {
  return window_receptive_field(0, layer.kernel - 1, layer.stride, 1, 0, PaddingMode::zeros);
}
inline bool needs_output(MaxPool2d const&) { return false; }

template <Scalar Real, class Exec>
void forward(Exec const& exec, MaxPool2d const& layer, Pass const&, LayerMemory<Real, Exec> const& memory, TensorRef<Real, Exec> const& x,
             TensorRef<Real, Exec> const& y) {
  for_each_chunk("ign::max_pool2d", exec, y.extent(0) * y.extent(1), y.extent(2) * y.extent(3),
                 detail::MaxPool<Real>{layer, shape_of(x), shape_of(y), x.data(), y.data(), memory.saved.data()});
}

template <Scalar Real, class Exec>
void backward(Exec const& exec, MaxPool2d const& layer, Pass const&, LayerMemory<Real, Exec> const& memory, TensorRef<Real, Exec> const& x,
              TensorRef<Real, Exec> const&, TensorRef<Real, Exec> const& dy, TensorRef<Real, Exec> const& dx) {
  if (absent(dx)) return;
  for_each_chunk("ign::max_pool2d backward", exec, x.extent(0) * x.extent(1), x.extent(2) * x.extent(3),
                 detail::MaxPoolBack<Real>{layer, shape_of(x), shape_of(dy), dy.data(), memory.saved.data(), dx.data()});
}
///@}

}  // namespace ign

#endif  // IGN_LAYERS_MAX_POOL2D_HPP
