// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Reshapes images to vectors and back, in PyTorch's element order.
#ifndef IGN_LAYERS_RESHAPE_HPP
#define IGN_LAYERS_RESHAPE_HPP

#include "ign/core/elementwise.hpp"
#include "ign/core/error.hpp"
#include "ign/layers/layer.hpp"

namespace ign {

/// (h, w, c) to (1, 1, h·w·c), channel by channel: the order of a flattened (n, c, h, w) tensor.
struct Flatten {};

/// (1, 1, h·w·c) to (h, w, c): the inverse of Flatten.
struct Reshape {
  Shape to{};  ///< output shape
};

namespace detail {

template <class Real>
struct ChannelsFirst {
  Real const* in;
  Real* out;
  std::size_t pixels, channels;
  bool back;  // true: channels first to channels last

  KOKKOS_FUNCTION void operator()(std::size_t index) const {
    std::size_t const sample = index / (pixels * channels);
    std::size_t const c = index % channels;
    std::size_t const pixel = index / channels % pixels;
    std::size_t const first = (sample * channels + c) * pixels + pixel;
    if (back)
      out[index] = in[first];
    else
      out[first] = in[index];
  }
};

template <Scalar Real, class Exec>
void permute(Exec const& exec, Shape image, bool back, TensorRef<Real, Exec> const& in, TensorRef<Real, Exec> const& out) {
  Kokkos::parallel_for("ign::reshape", range_policy(exec, in.size()),
                       ChannelsFirst<Real>{in.data(), out.data(), image.pixels(), static_cast<std::size_t>(image.channels), back});
}

}  // namespace detail

///@{
/// Layer contract (layers/layer.hpp).
inline Shape output_shape(Flatten const&, Shape in) { return {1, 1, static_cast<int>(in.size())}; }
inline LayerDescription describe(Flatten const&, Shape) { return {"Flatten"}; }
inline bool needs_output(Flatten const&) { return false; }

template <Scalar Real, class Exec>
void forward(Exec const& exec, Flatten const&, Pass const&, LayerMemory<Real, Exec> const&, TensorRef<Real, Exec> const& x,
             TensorRef<Real, Exec> const& y) {
  detail::permute(exec, shape_of(x), false, x, y);
}

template <Scalar Real, class Exec>
void backward(Exec const& exec, Flatten const&, Pass const&, LayerMemory<Real, Exec> const&, TensorRef<Real, Exec> const& x,
              TensorRef<Real, Exec> const&, TensorRef<Real, Exec> const& dy, TensorRef<Real, Exec> const& dx) {
  if (!absent(dx)) detail::permute(exec, shape_of(x), true, dy, dx);
}
///@}

/// \throws Error [ign.shape.62] if the input is not a vector of that many elements
inline Shape output_shape(Reshape const& layer, Shape in) {
  require(in.height == 1 && in.width == 1 && in.size() == layer.to.size(), Fault::shape, 62, "reshape: input ", in, " to ", layer.to,
          ", expected a vector (1, 1, ", layer.to.size(), ")");
  return layer.to;
}
///@{
/// Layer contract (layers/layer.hpp).
inline LayerDescription describe(Reshape const& layer, Shape) {
  return {"Unflatten", {{"channels", layer.to.channels}, {"height", layer.to.height}, {"width", layer.to.width}}};
}
inline bool needs_output(Reshape const&) { return false; }

template <Scalar Real, class Exec>
void forward(Exec const& exec, Reshape const& layer, Pass const&, LayerMemory<Real, Exec> const&, TensorRef<Real, Exec> const& x,
             TensorRef<Real, Exec> const& y) {
  detail::permute(exec, layer.to, true, x, y);
}

template <Scalar Real, class Exec>
void backward(Exec const& exec, Reshape const& layer, Pass const&, LayerMemory<Real, Exec> const&, TensorRef<Real, Exec> const&,
              TensorRef<Real, Exec> const&, TensorRef<Real, Exec> const& dy, TensorRef<Real, Exec> const& dx) {
  if (!absent(dx)) detail::permute(exec, layer.to, false, dy, dx);
}
///@}

}  // namespace ign

#endif  // IGN_LAYERS_RESHAPE_HPP
