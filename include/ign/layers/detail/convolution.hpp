// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Layer functions shared by all convolution layers and Linear: forward and backward, plain or fused with an activation or with BatchNorm
/// and a rectifier, and forward with prepared weights (nets/frozen.hpp).
#ifndef IGN_LAYERS_DETAIL_CONVOLUTION_HPP
#define IGN_LAYERS_DETAIL_CONVOLUTION_HPP

#include <algorithm>
#include <concepts>

#include "ign/core/elementwise.hpp"
#include "ign/layers/activations.hpp"
#include "ign/layers/batch_norm.hpp"
#include "ign/layers/detail/convolution_norm.hpp"
#include "ign/math/conv/convolution.hpp"
#include "ign/math/pad.hpp"

namespace ign {

/// A layer that is a convolution or a transposed convolution, with an optional bias. One with a `padding_mode` other than zeros pads its
/// input in scratch memory; its geometry is that of the padded input.
template <class L>
concept Convolution = requires(L const& layer, Shape in) {
  { geometry(layer, in) } -> std::same_as<math::ConvGeometry>;
  { operation(layer) } -> std::same_as<math::Operation>;
  { layer.bias } -> std::convertible_to<bool>;
};

namespace detail {

/// Padding of the input in scratch memory; with a margin of 0 if the kernels take the input as it is.
template <Convolution L>
math::Padding padding_of([[maybe_unused]] L const& layer, Shape in) {
  if constexpr (requires { padding_margin(layer); }) {
    math::Padding padding{layer.padding_mode, padding_margin(layer), in};
    if constexpr (requires { layer.depth; })
      if (padding.margin > 0) padding.depth = slices_of(layer, in).depth;
    return padding;
  } else {
    return {PaddingMode::zeros, 0, in};
  }
}

/// Size of the padded input in scratch memory, in elements; 0 without.
template <Convolution L>
std::size_t padded_input_size(L const& layer, Shape in, std::size_t batch) {
  math::Padding const padding = padding_of(layer, in);
  return padding.margin == 0 ? 0 : aligned_size<float>(batch * padding.padded().size());
}

}  // namespace detail

///@{
/// Layer contract (layers/layer.hpp). The scratch memory begins with the padded input. On a host its gradient overwrites it, since it is
/// computed last; a device computes all gradients in one launch, and has memory for both.
template <Convolution L>
std::size_t scratch_size(L const& layer, Shape in, int batch, int workers) {
  // The larger of both types: the block sizes of float and double differ, and Real is not known here.
  auto const g = geometry(layer, in);
  auto const count = static_cast<std::size_t>(workers), samples = static_cast<std::size_t>(batch);
  std::size_t const copies = workers > 0 ? 1 : 2;
  return copies * detail::padded_input_size(layer, in, samples) +
         std::max(math::conv_scratch_size<float>(g, samples, count), math::conv_scratch_size<double>(g, samples, count));
}
template <Convolution L>
bool needs_output(L const&) {
  return false;
}
///@}

namespace detail {

/// Input of the kernels, padded in scratch memory if the layer has a padding mode, and the layer's remaining memory.
template <Scalar Real, class Exec>
class ConvInput {
 public:
  /// Takes the memory of the padded input and of its gradient from the scratch memory.
  template <Convolution L>
  ConvInput(L const& layer, LayerMemory<Real, Exec> const& all, TensorRef<Real, Exec> const& x)
      : memory(all), m_x(x), m_padded(x), m_padding(padding_of(layer, shape_of(x))) {
    if (m_padding.margin == 0) return;
    std::size_t const size = padded_input_size(layer, shape_of(x), x.extent(0));
    std::size_t const used = uses_host_kernels_v<Exec> ? size : 2 * size;
    m_padded = at(all.scratch.data());
    m_gradient = at(all.scratch.data() + used - size);
    memory.scratch = VectorRef<Real, Exec>(all.scratch.data() + used, all.scratch.size() - used);
  }

  LayerMemory<Real, Exec> memory;  ///< of the layer, without the scratch memory used here

  /// Pads x, if the layer does, and returns the input of the kernels.
  TensorRef<Real, Exec> pad(Exec const& exec) const {
    if (m_padding.margin > 0) math::pad(exec, m_padding, m_x, m_padded);
    return m_padded;
  }
  /// Tensor to which the kernels write the gradient of their input, which may be padded: dx, or scratch memory. Absent if dx is.
  TensorRef<Real, Exec> padded_gradient(TensorRef<Real, Exec> const& dx) const {
    return m_padding.margin > 0 && !absent(dx) ? m_gradient : dx;
  }
  /// dx = adjoint of the padding, applied to padded_gradient(dx). Does nothing without padding, or if dx is absent.
  void pad_adjoint(Exec const& exec, TensorRef<Real, Exec> const& dx) const {
    if (m_padding.margin > 0 && !absent(dx)) math::pad_adjoint(exec, m_padding, m_gradient, dx);
  }

 private:
  TensorRef<Real, Exec> at(Real* data) const {
    Shape const shape = m_padding.padded();
    return TensorRef<Real, Exec>(data, m_x.extent(0), shape.height, shape.width, shape.channels);
  }

  TensorRef<Real, Exec> m_x, m_padded, m_gradient;
  math::Padding m_padding;
};
template <class L, Scalar Real, class Exec>
ConvInput(L const&, LayerMemory<Real, Exec> const&, TensorRef<Real, Exec> const&) -> ConvInput<Real, Exec>;

template <Convolution L, Scalar Real, class Exec>
void convolve(Exec const& exec, L const& layer, Pass const& pass, math::Weights<Real> const& weights, math::Epilogue<Real> const& epilogue,
              LayerMemory<Real, Exec> const& memory, TensorRef<Real, Exec> const& x, TensorRef<Real, Exec> const& y) {
  auto const g = geometry(layer, shape_of(x));
  math::ConvPlan const plan = math::select_algorithm<Exec>(g, pass);
  ConvInput const input(layer, memory, x);
  auto const in = input.pad(exec);
  if (operation(layer) == math::Operation::forward)
    math::conv_forward(exec, g, plan, in, weights, epilogue, y, input.memory.scratch, memory.counters);
  else
    math::conv_input_gradient(exec, g, plan, in, weights, epilogue, y, input.memory.scratch, memory.counters);
}

/// The bias, stored after the weights; nullptr if the layer has none.
template <Convolution L, Scalar Real, class Exec>
Real const* bias_of(L const& layer, LayerMemory<Real, Exec> const& memory, Shape in) {
  return layer.bias ? memory.parameters.data() + geometry(layer, in).weight_size() : nullptr;
}

}  // namespace detail

/// Layer contract (layers/layer.hpp).
template <Convolution L, Scalar Real, class Exec>
void forward(Exec const& exec, L const& layer, Pass const& pass, LayerMemory<Real, Exec> const& memory, TensorRef<Real, Exec> const& x,
             TensorRef<Real, Exec> const& y) {
  detail::convolve<L, Real, Exec>(exec, layer, pass, {memory.parameters.data()}, {detail::bias_of(layer, memory, shape_of(x))}, memory, x,
                                  y);
}

namespace detail {

template <Scalar Real, class Exec>
math::device::Context<Real, Exec> device_context(Exec const& exec, math::ConvGeometry const& g, Pass const& pass,
                                                 LayerMemory<Real, Exec> const& memory, TensorRef<Real, Exec> const& x) {
  return math::detail::context<Real>(exec, g, math::select_algorithm<Exec>(g, pass), x.extent(0), memory.scratch, memory.counters);
}

/// True if a convolution can apply the activation without an extra pass over memory: rectifiers on hosts, any activation on devices.
template <class A, class Exec>
inline constexpr bool is_fusable_v = Activation<A> && (Rectifier<A> || !uses_host_kernels_v<Exec>);

/// Computes all gradients on a device. `dy` is a loader (math/conv/device/kernels.hpp).
template <Convolution L, Scalar Real, class Exec, class GradientLoader>
void device_backward(Exec const& exec, L const& layer, Pass const& pass, LayerMemory<Real, Exec> const& memory,
                     TensorRef<Real, Exec> const& x, GradientLoader const& dy, TensorRef<Real, Exec> const& dx) {
  auto const g = geometry(layer, shape_of(x));
  ConvInput const input(layer, memory, x);
  auto const context = device_context<Real, Exec>(exec, g, pass, input.memory, x);
  Real* const gradients = memory.gradients.data();
  Real* const bias = gradients != nullptr && layer.bias ? gradients + g.weight_size() : nullptr;
  math::device::Gradients<Real> const to = {gradients, bias, memory.sample_weights.data(), input.padded_gradient(dx).data()};
  Real const* const weights = memory.parameters.data();
  math::device::PlainLoader<Real> const in = {gradients != nullptr ? input.pad(exec).data() : x.data()};  // of the weight gradient only
  if constexpr (operation(L{}) == math::Operation::forward)
    conv_backward(context, in, dy, weights, to);
  else
    conv_transpose_backward(context, in, dy, weights, to);
  input.pad_adjoint(exec, dx);
}

}  // namespace detail

///@{
/// Layer contract (layers/layer.hpp).
template <Convolution L, class A, Scalar Real, class Exec>
requires detail::is_fusable_v<A, Exec>
void forward_fused(Exec const& exec, FusedLayers<Real, Exec, L, A> const& fused, Pass const& pass) {
  auto const& [layer, activation] = fused.layers;
  auto const& memory = fused.memory[0];
  TensorRef<Real, Exec> const x = fused.values[0], y = fused.values[2];
  math::Epilogue<Real> epilogue = {detail::bias_of(layer, memory, shape_of(x))};
  if constexpr (uses_host_kernels_v<Exec>) {
    epilogue.slope = static_cast<Real>(slope(activation));
    detail::convolve<L, Real, Exec>(exec, layer, pass, {memory.parameters.data()}, epilogue, memory, x, y);
  } else {
    detail::ConvInput const input(layer, memory, x);
    auto const context = detail::device_context<Real, Exec>(exec, geometry(layer, shape_of(x)), pass, input.memory, x);
    math::DeviceEpilogue<Real, A> const device_epilogue = {epilogue, activation};
    math::device::PlainLoader<Real> const in = {input.pad(exec).data()};
    if constexpr (operation(L{}) == math::Operation::forward)
      conv_forward(context, in, memory.parameters.data(), device_epilogue, y.data());
    else
      conv_input_gradient(context, in, memory.parameters.data(), device_epilogue, y.data());
  }
}

template <Convolution L, Scalar Real, class Exec>
void backward(Exec const& exec, L const& layer, Pass const& pass, LayerMemory<Real, Exec> const& memory, TensorRef<Real, Exec> const& x,
              TensorRef<Real, Exec> const&, TensorRef<Real, Exec> const& dy, TensorRef<Real, Exec> const& dx) {
  if constexpr (!uses_host_kernels_v<Exec>) {
    detail::device_backward(exec, layer, pass, memory, x, math::device::PlainLoader<Real>{dy.data()}, dx);
  } else {
    constexpr bool is_forward = operation(L{}) == math::Operation::forward;
    auto const g = geometry(layer, shape_of(x));
    auto const plan = math::select_algorithm<Exec>(g, pass);
    detail::ConvInput const input(layer, memory, x);
    auto const& scratch = input.memory.scratch;
    if (!absent(memory.gradients)) {
      Real const* const sample_weights = memory.sample_weights.data();
      auto const in = input.pad(exec);
      math::conv_weight_gradient(exec, g, plan, is_forward ? in : dy, is_forward ? dy : in, sample_weights, memory.gradients.data(),
                                 scratch);
      if (layer.bias) math::column_sums(exec, dy, sample_weights, memory.gradients.data() + g.weight_size(), scratch);
    }
    if (absent(dx)) return;
    if constexpr (is_forward)
      math::conv_input_gradient(exec, g, plan, dy, {memory.parameters.data()}, {}, input.padded_gradient(dx), scratch);
    else
      math::conv_forward(exec, g, plan, dy, {memory.parameters.data()}, {}, input.padded_gradient(dx), scratch);
    input.pad_adjoint(exec, dx);
  }
}

template <Convolution L, class A, Scalar Real, class Exec>
requires detail::is_fusable_v<A, Exec>
void backward_fused(Exec const& exec, FusedLayers<Real, Exec, L, A> const& fused, Pass const& pass, TensorRef<Real, Exec> const& dy,
                    TensorRef<Real, Exec> const& dx) {
  auto const& [layer, activation] = fused.layers;
  auto const& memory = fused.memory[0];
  TensorRef<Real, Exec> const x = fused.values[0], y = fused.values[2];
  if constexpr (uses_host_kernels_v<Exec>) {
    backward(exec, activation, pass, memory, x, y, dy, dy);
    backward(exec, layer, pass, memory, x, y, dy, dx);
  } else {
    detail::device_backward(exec, layer, pass, memory, x, math::device::ActivationGradientLoader<A, Real>{y.data(), dy.data(), activation},
                            dx);
  }
}

///@}

/// Forward fused with BatchNorm and a rectifier, on devices. The teams of the convolution compute the moments from the sums in their
/// registers: BatchNorm adds no launch and no pass over memory except the normalisation.
template <Convolution L, Rectifier A, Scalar Real, class Exec>
requires(!uses_host_kernels_v<Exec>) void forward_fused(Exec const& exec, FusedLayers<Real, Exec, L, BatchNorm, A> const& fused,
                                                        Pass const& pass) {
  L const& layer = std::get<0>(fused.layers);
  BatchNorm const& norm = std::get<1>(fused.layers);
  A const& activation = std::get<2>(fused.layers);
  auto const &memory = fused.memory[0], &norm_memory = fused.memory[1];
  TensorRef<Real, Exec> const x = fused.values[0], between = fused.values[1], y = fused.values[3];
  constexpr bool is_forward = operation(L{}) == math::Operation::forward;
  detail::ConvInput const input(layer, memory, x);
  auto const context = detail::device_context<Real, Exec>(exec, geometry(layer, shape_of(x)), pass, input.memory, x);
  segment_size(pass, batch_of(x));  // throws if the batch does not divide into segments
  if (!uses_batch_statistics(pass) || !makes_moments(context, is_forward)) {
    forward(exec, layer, pass, memory, x, between);
    detail::norm_forward(exec, norm, activation, pass, norm_memory, between, y);
    return;
  }
  auto const segments = static_cast<std::size_t>(pass.segments);
  auto const partition = detail::norm_partition(pass.segments, shape_of(between), batch_of(x));
  detail::check_norm_rows(pass, partition, shape_of(between));
  auto const target = detail::moments_target(norm, pass, partition, norm_memory);
  auto const sink_of = [&](math::device::MomentsLayout const& layout) {
    return detail::BatchNormMomentsSink<Real>{layout, segments, partition.channels, input.memory.scratch.data(), target};
  };
  Real const* const weights = memory.parameters.data();
  Real const* const bias = detail::bias_of(layer, memory, shape_of(x));
  Real const* const in = input.pad(exec).data();
  if constexpr (is_forward)
    conv_forward_with_moments(context, in, weights, bias, between.data(), segments, sink_of);
  else
    conv_input_gradient_with_moments(context, in, weights, bias, between.data(), segments, sink_of);
  detail::reduce_moments(exec, pass, partition, norm_memory, target);
  detail::norm_apply(exec, activation, partition, norm_memory, between, y);
}

/// Backward fused with BatchNorm and a rectifier, on devices. dy is the gradient with respect to the rectifier's output. The products of
/// the convolution compute the gradient of its output on the fly; it is not stored.
template <Convolution L, Rectifier A, Scalar Real, class Exec>
requires(!uses_host_kernels_v<Exec>) void backward_fused(Exec const& exec, FusedLayers<Real, Exec, L, BatchNorm, A> const& fused,
                                                         Pass const& pass, TensorRef<Real, Exec> const& dy,
                                                         TensorRef<Real, Exec> const& dx) {
  auto const loader = detail::norm_gradients(exec, std::get<2>(fused.layers), pass, fused.memory[1], fused.values[1], dy);
  detail::device_backward(exec, std::get<0>(fused.layers), pass, fused.memory[0], fused.values[0], loader, dx);
}

///@{
/// Layer contract for frozen nets (nets/frozen.hpp).
template <Convolution L, Scalar Real, class Exec>
std::size_t frozen_size(L const& layer, Shape in, Pass const& pass, LayerMemory<Real, Exec> const&) {
  auto const g = geometry(layer, in);
  return math::packed_size<Real, Exec>(g, operation(layer), math::select_algorithm<Exec>(g, pass).algorithm);
}

template <Convolution L, Scalar Real, class Exec>
void freeze(Exec const& exec, L const& layer, Shape in, Pass const& pass, LayerMemory<Real, Exec> const& memory,
            VectorRef<Real, Exec> const& frozen) {
  auto const g = geometry(layer, in);
  math::pack_weights(exec, g, operation(layer), math::select_algorithm<Exec>(g, pass).algorithm,
                     static_cast<Real const*>(memory.parameters.data()), frozen);
}

template <Convolution L, Scalar Real, class Exec>
void forward_frozen(Exec const& exec, L const& layer, Pass const& pass, LayerMemory<Real, Exec> const& memory,
                    VectorRef<Real, Exec> const& frozen, math::Epilogue<Real> const& epilogue, TensorRef<Real, Exec> const& x,
                    TensorRef<Real, Exec> const& y) {
  bool const as_they_are = frozen.size() == 0;
  math::Weights<Real> const weights = {as_they_are ? memory.parameters.data() : frozen.data(), !as_they_are};
  detail::convolve(exec, layer, pass, weights, epilogue, memory, x, y);
}
///@}

namespace detail {

template <class Real>
struct FoldBias {
  Real const* bias;
  Real* shift;

  KOKKOS_FUNCTION void operator()(std::size_t c) const { shift[c] += bias[c]; }
};

}  // namespace detail

/// Adds the bias to the shift.
template <Convolution L, Scalar Real, class Exec>
void fold(Exec const& exec, L const& layer, Shape in, Pass const&, LayerMemory<Real, Exec> const& memory, VectorRef<Real, Exec> const&,
          VectorRef<Real, Exec> const& shift) {
  Real const* const bias = detail::bias_of(layer, memory, in);
  if (bias == nullptr) return;
  Kokkos::parallel_for("ign::fold bias", range_policy(exec, shift.size()), detail::FoldBias<Real>{bias, shift.data()});
}

}  // namespace ign

#endif  // IGN_LAYERS_DETAIL_CONVOLUTION_HPP
