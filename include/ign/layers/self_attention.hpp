// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Self-attention over the pixels of an image.
#ifndef IGN_LAYERS_SELF_ATTENTION_HPP
#define IGN_LAYERS_SELF_ATTENTION_HPP

#include <algorithm>

#include "ign/core/error.hpp"
#include "ign/core/finite.hpp"
#include "ign/layers/conv2d.hpp"
#include "ign/math/attention/device.hpp"
#include "ign/math/attention/host_backward.hpp"

namespace ign {

/// y(p) = x(p) + gamma · Wo Σ_q a(p, q) Wv x(q), with the attention a(p, ·) = softmax over q of scale · (Wq x(p)) · (Wk x(q)). p and q are
/// pixels of the same sample.
///
/// gamma is a trained scalar and 0 at first: the layer begins as the identity. The scale is 1, as in SAGAN; transformers have
/// 1 / sqrt(key channels). The projections have no bias. Pixels are a list: the layer takes images and fields of three dimensions
/// (volume_shape). Scores are computed for all pairs of pixels, so insert it where the image is small, such as 8 × 8 to 32 × 32 pixels.
/// \source Zhang et al., "Self-attention generative adversarial networks", arXiv 1805.08318, section 3, whose g(x) is the query Wq x, whose
///         f(x) the key Wk x
struct SelfAttention {
  int key_channels = 0;    ///< channels of queries and keys; 0: an eighth of the channels of x
  int value_channels = 0;  ///< channels of values; 0: half of the channels of x
  double scale = 1;        ///< factor of the scores, > 0
  double init_std = 0.02;  ///< standard deviation of the initial weights N(0, init_std²)
};

namespace detail {

/// The layer with its numbers of channels.
inline SelfAttention with_channels(SelfAttention layer, Shape in) {
  if (layer.key_channels == 0) layer.key_channels = in.channels / 8;
  if (layer.value_channels == 0) layer.value_channels = in.channels / 2;
  return layer;
}

inline math::AttentionExtents attention_extents(SelfAttention const& layer, Shape in, int batch) {
  SelfAttention const full = with_channels(layer, in);
  return {static_cast<std::size_t>(batch), in.pixels(), static_cast<std::size_t>(in.channels), static_cast<std::size_t>(full.key_channels),
          static_cast<std::size_t>(full.value_channels)};
}

template <Scalar Real, class Exec>
math::AttentionArrays<Real> attention_arrays(SelfAttention const& layer, LayerMemory<Real, Exec> const& memory,
                                             TensorRef<Real, Exec> const& x) {
  return {memory.parameters.data(), static_cast<Real>(layer.scale), x.data(), memory.saved.data(), memory.scratch.data()};
}

template <Scalar Real, class Exec>
math::device::AttentionProducts<Real, Exec> attention_products(Exec const& exec, Pass const& pass, math::AttentionExtents const& e,
                                                               LayerMemory<Real, Exec> const& memory) {
  std::size_t const used = math::device::AttentionLayout{e}.products();
  return {exec, pass, VectorRef<Real, Exec>(memory.scratch.data() + used, memory.scratch.size() - used), memory.counters};
}

}  // namespace detail

/// \throws Error [ign.option.610] if an option is out of range, or a default is used and the channels of x are no multiple of 8 (keys) or
///         2 (values), [ign.option.70] if init_std is negative or not finite
inline Shape output_shape(SelfAttention const& layer, Shape in) {
  require(layer.key_channels >= 0 && layer.value_channels >= 0 && is_finite(layer.scale) && layer.scale > 0, Fault::option, 610,
          "self_attention: key_channels ", layer.key_channels, ", value_channels ", layer.value_channels, ", scale ", layer.scale,
          ", expected channels >= 0 and scale > 0");
  require(layer.key_channels > 0 || in.channels % 8 == 0, Fault::option, 610, "self_attention: input ", in,
          " with key_channels 0, an eighth of the channels, expected a multiple of 8 channels: set key_channels");
  require(layer.value_channels > 0 || in.channels % 2 == 0, Fault::option, 610, "self_attention: input ", in,
          " with value_channels 0, half of the channels, expected a multiple of 2 channels: set value_channels");
  detail::check_init_std(layer.init_std, "self_attention");
  return in;
}

///@{
/// Layer contract (layers/layer.hpp). In files the weights have the layout of PyTorch's nn.Conv2d with kernel 1.
inline std::vector<ArrayInfo> parameters(SelfAttention const& layer, Shape in) {
  SelfAttention const full = detail::with_channels(layer, in);
  auto const weight = [&](char const* name, int rows, int columns) {
    return ArrayInfo{name, {1, 1, rows, columns}, Initial::normal(layer.init_std), {2, 3, 0, 1}};
  };
  return {weight("query.weight", full.key_channels, in.channels),
          weight("key.weight", full.key_channels, in.channels),
          weight("value.weight", full.value_channels, in.channels),
          weight("out.weight", in.channels, full.value_channels),
          {"gamma", {1}, Initial::constant(0)}};
}
/// PyTorch has no equivalent layer; python/ign_torch.py has one.
inline LayerDescription describe(SelfAttention const& layer, Shape in) {
  SelfAttention const full = detail::with_channels(layer, in);
  return {
      "SelfAttention",
      {{"in_channels", in.channels}, {"key_channels", full.key_channels}, {"value_channels", full.value_channels}, {"scale", layer.scale}}};
}
inline bool needs_output(SelfAttention const&) { return false; }
inline std::size_t saved_size(SelfAttention const& layer, Shape in, int batch) {
  auto const e = detail::attention_extents(layer, in, batch);
  return std::max(math::host::AttentionLayout<float>{e}.saved_size(), math::device::AttentionLayout{e}.saved_size());
}
inline std::size_t scratch_size(SelfAttention const& layer, Shape in, int batch, int workers) {
  auto const e = detail::attention_extents(layer, in, batch);
  if (workers == 0) return math::device::AttentionLayout{e}.scratch_size();
  return math::host::AttentionLayout<float>{e}.scratch_size(static_cast<std::size_t>(workers));
}

template <Scalar Real, class Exec>
void forward(Exec const& exec, SelfAttention const& layer, Pass const& pass, LayerMemory<Real, Exec> const& memory,
             TensorRef<Real, Exec> const& x, TensorRef<Real, Exec> const& y) {
  auto const e = detail::attention_extents(layer, shape_of(x), batch_of(x));
  auto const arrays = detail::attention_arrays(layer, memory, x);
  if constexpr (uses_host_kernels_v<Exec>)
    math::host::attention_forward(exec, e, arrays, y.data());
  else
    math::device::attention_forward(detail::attention_products(exec, pass, e, memory), e, arrays, y.data());
}

template <Scalar Real, class Exec>
void backward(Exec const& exec, SelfAttention const& layer, Pass const& pass, LayerMemory<Real, Exec> const& memory,
              TensorRef<Real, Exec> const& x, TensorRef<Real, Exec> const&, TensorRef<Real, Exec> const& dy,
              TensorRef<Real, Exec> const& dx) {
  auto const e = detail::attention_extents(layer, shape_of(x), batch_of(x));
  auto const arrays = detail::attention_arrays(layer, memory, x);
  math::AttentionGradients<Real> const gradients = {dy.data(), dx.data(), memory.gradients.data(), memory.sample_weights.data()};
  if constexpr (uses_host_kernels_v<Exec>)
    math::host::attention_backward(exec, e, arrays, gradients);
  else
    math::device::attention_backward(detail::attention_products(exec, pass, e, memory), e, arrays, gradients);
}
///@}

}  // namespace ign

#endif  // IGN_LAYERS_SELF_ATTENTION_HPP
