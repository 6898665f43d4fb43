// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Residual block: nested layers whose input is added to their output.
#ifndef IGN_LAYERS_RESIDUAL_HPP
#define IGN_LAYERS_RESIDUAL_HPP

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "ign/core/elementwise.hpp"
#include "ign/core/error.hpp"
#include "ign/layers/activations.hpp"
#include "ign/layers/detail/chain.hpp"
#include "ign/layers/detail/frozen_chain.hpp"
#include "ign/layers/sequential.hpp"
#include "ign/math/conv/epilogue.hpp"

namespace ign {

/// y = x + net(x), with a net that keeps the extents of x. Construct it with `residual`, or as `Residual{sequential(…)}`.
///
/// The nested layers are those of the layer contract, a Residual included. Their arrays have names such as "3.0.weight": layer 0 of the net
/// in layer 3.
/// \source He et al., "Deep Residual Learning for Image Recognition", arXiv 1512.03385, equation 1
template <class... Layers>
class Residual {
  static_assert(sizeof...(Layers) > 0, "ign::Residual: the nested net needs at least one layer");

 public:
  /// `net` maps images to images of the same extents.
  explicit constexpr Residual(Sequential<Layers...> net) : m_net(std::move(net)) {}

  constexpr Sequential<Layers...> const& net() const { return m_net; }  ///< the nested layers

 private:
  Sequential<Layers...> m_net;
};

/// Chains layers and nets to a Residual: `residual(Conv2d{…}, BatchNorm{}, Relu{}, Conv2d{…}, BatchNorm{})`.
template <class... Parts>
constexpr auto residual(Parts const&... parts) {
  return Residual(sequential(parts...));
}

/// \throws Error [ign.shape.460] if the nested net changes the extents; errors of nested layers that do not fit their input
template <class... Layers>
Shape output_shape(Residual<Layers...> const& layer, Shape in) {
  Shape const out = output_shape(layer.net(), in);
  require(out == in, Fault::shape, 460, "residual: the nested layers map ", in, " to ", out,
          ", expected the same extents: check strides and paddings, and the channels of the last convolution");
  return in;
}

///@{
/// Layer contract (layers/layer.hpp).
template <class... Layers>
std::vector<ArrayInfo> parameters(Residual<Layers...> const& layer, Shape in) {
  return detail::chain_parameters(layer.net(), shapes(layer.net(), in));
}
template <class... Layers>
std::vector<ArrayInfo> statistics(Residual<Layers...> const& layer, Shape in) {
  return detail::chain_statistics(layer.net(), shapes(layer.net(), in));
}
/// PyTorch has no equivalent layer; python/ign_torch.py has one.
template <class... Layers>
LayerDescription describe(Residual<Layers...> const& layer, Shape in) {
  LayerDescription all{"Residual"};
  auto const extents = shapes(layer.net(), in);
  for_each_layer(layer.net(),
                 [&](std::size_t i, auto const& nested) { all.layers.push_back(ign::layer::description_of(nested, extents[i])); });
  return all;
}
template <class... Layers>
ReceptiveField receptive_field(Residual<Layers...> const& layer) {
  return receptive_field(layer.net());  // whose low and high include the cell itself
}
template <class... Layers>
int condition_length(Residual<Layers...> const& layer) {
  return condition_length(layer.net());
}
template <class... Layers>
bool needs_output(Residual<Layers...> const&) {
  return false;
}
template <class... Layers>
bool couples_samples(Residual<Layers...> const& layer, Pass const& pass) {
  return couples_samples(layer.net(), pass);
}
template <class... Layers>
std::uint32_t substream_count(Residual<Layers...> const& layer) {
  std::uint32_t count = 0;
  for_each_layer(layer.net(), [&](std::size_t, auto const& nested) { count += ign::layer::substream_count_of(nested); });
  return count;
}
///@}

namespace detail {

/// sum = activation(a + b). `sum` may be a or b.
template <class A, class Real>
struct AddAndActivate {
  A activation;
  Real const* a;
  Real const* b;
  Real* sum;

  KOKKOS_FUNCTION void operator()(std::size_t, std::size_t first, std::size_t last) const {
    IGN_IVDEP
    for (std::size_t i = first; i < last; ++i) sum[i] = activation.value(a[i] + b[i]);
  }
};

template <class Real>
struct CopyChunk {
  Real const* in;
  Real* out;

  KOKKOS_FUNCTION void operator()(std::size_t, std::size_t first, std::size_t last) const {
    IGN_IVDEP
    for (std::size_t i = first; i < last; ++i) out[i] = in[i];
  }
};

/// Number of nested layers whose outputs must be stored. The output of the last layer is computed in y, where x is added to it, if backward
/// does not read it.
template <class... Layers>
std::size_t stored_outputs(Sequential<Layers...> const& net, ChainPlan<sizeof...(Layers)> const& plan) {
  std::size_t stored = sizeof...(Layers);
  if (ign::layer::needs_output_of(std::get<sizeof...(Layers) - 1>(net.layers()))) return stored;
  while (stored > 1 && plan.layers[stored - 1].in_place) --stored;
  return stored - 1;
}

/// y = epilogue(x + y), row by row: a row has one number per channel.
template <class Real>
struct AddWithEpilogue {
  math::Epilogue<Real> epilogue;
  Real const* x;
  Real* y;
  std::size_t channels;

  KOKKOS_FUNCTION void operator()(std::size_t row, std::size_t first, std::size_t last) const {
    IGN_IVDEP
    for (std::size_t c = first; c < last; ++c) {
      std::size_t const i = row * channels + c;
      y[i] = epilogue.channel(c).value(x[i] + y[i]);
    }
  }
};

/// Memory of a nested layer within that of its block, whose scratch memory begins with two buffers of `buffer_size` elements, for gradients
/// or activations. `saved` is that of the block.
template <Scalar Real, class Exec>
LayerMemory<Real, Exec> nested_memory(LayerMemory<Real, Exec> const& memory, ChainLayer const& nested, std::size_t buffer_size) {
  auto result = memory;
  result.parameters = part_of(memory.parameters, nested.parameter_offset, nested.parameter_count);
  result.gradients = part_of(memory.gradients, nested.parameter_offset, nested.parameter_count);
  result.statistics = part_of(memory.statistics, nested.statistic_offset, nested.statistic_count);
  result.scratch = part_of(memory.scratch, 2 * buffer_size, memory.scratch.size() - 2 * buffer_size);
  result.substream = memory.substream + nested.substream;
  return result;
}

/// Memory of the nested layers during one application.
template <Scalar Real, class Exec, class... Layers>
class ResidualChain {
 public:
  static constexpr std::size_t size = sizeof...(Layers);

  ResidualChain(Residual<Layers...> const& layer, LayerMemory<Real, Exec> const& memory, TensorRef<Real, Exec> const& x,
                TensorRef<Real, Exec> const& y)
      : m_net(layer.net()), m_plan(plan_chain(m_net, shape_of(x))) {
    static_assert((ign::layer::complete<Layers, Real, Exec>() && ...));
    plan_arrays(m_net, m_plan);
    plan_fusion<Real, Exec>(m_net, m_plan);
    int const batch = batch_of(x);
    std::size_t const stored = stored_outputs(m_net, m_plan), largest = largest_activation(m_plan.shapes, batch);
    auto const layout = plan_chain_memory(m_net, m_plan, Retain::everything, batch, stored);
    for (std::size_t k : {0, 1}) m_buffers[k] = part_of(memory.scratch, k * largest, largest);
    m_values[0] = x;
    for (std::size_t i = 0; i < size; ++i) {
      ChainLayer const& nested = m_plan.layers[i];
      m_values[i + 1] = i < stored ? tensor_at<Real, Exec>(memory.saved.data() + layout.outputs[i], batch, m_plan.shapes[i + 1]) : y;
      m_memory[i] = nested_memory(memory, nested, largest);
      m_memory[i].saved = part_of(memory.saved, layout.saved[i], layout.saved_count[i]);
    }
  }

  /// Returns net(x), stored or in y.
  TensorRef<Real, Exec> forward(Exec const& exec, Pass const& pass) const {
    chain_forward<Real>(exec, m_net, m_plan, pass, memory_of(), value_of());
    return m_values[size];
  }

  /// Computes the gradients of the nested layers, and dx = (∂net(x)/∂x)ᵀ dy unless dx is absent.
  void backward(Exec const& exec, Pass const& pass, TensorRef<Real, Exec> const& dy, TensorRef<Real, Exec> const& dx) const {
    TensorRef<Real, Exec> gradient = dy;
    if (overwrites_gradient(m_plan)) {  // dy is still needed
      gradient = tensor_at<Real, Exec>(m_buffers[1].data(), batch_of(dy), shape_of(dy));
      for_each_chunk("ign::residual copy", exec, 1, dy.size(), CopyChunk<Real>{dy.data(), gradient.data()});
    }
    chain_backward(exec, m_net, m_plan, pass, memory_of(), value_of(), m_buffers, gradient, dx);
  }

 private:
  auto memory_of() const {
    return [this](std::size_t i) { return m_memory[i]; };
  }
  auto value_of() const {
    return [this](std::size_t i) { return m_values[i]; };
  }

  Sequential<Layers...> const& m_net;
  ChainPlan<size> m_plan;
  std::array<TensorRef<Real, Exec>, size + 1> m_values;
  std::array<LayerMemory<Real, Exec>, size> m_memory;
  Kokkos::Array<VectorRef<Real, Exec>, 2> m_buffers;
};

template <Scalar Real, class Exec, class A, class... Layers>
void residual_forward(Exec const& exec, Residual<Layers...> const& layer, A const& activation, Pass const& pass,
                      LayerMemory<Real, Exec> const& memory, TensorRef<Real, Exec> const& x, TensorRef<Real, Exec> const& y) {
  auto const nested = ResidualChain<Real, Exec, Layers...>(layer, memory, x, y).forward(exec, pass);
  for_each_chunk("ign::residual", exec, 1, x.size(), AddAndActivate<A, Real>{activation, x.data(), nested.data(), y.data()});
}

}  // namespace detail

///@{
/// Layer contract (layers/layer.hpp). `saved` holds the nested activations and what the nested layers save; the scratch memory holds two
/// gradients of activations, then the scratch memory of the nested layers.
template <class... Layers>
std::size_t saved_size(Residual<Layers...> const& layer, Shape in, int batch) {
  auto const plan = detail::plan_chain(layer.net(), in);
  return detail::plan_chain_memory(layer.net(), plan, Retain::everything, batch, detail::stored_outputs(layer.net(), plan)).end;
}
template <class... Layers>
std::size_t scratch_size(Residual<Layers...> const& layer, Shape in, int batch, int workers) {
  auto const extents = shapes(layer.net(), in);
  return 2 * detail::largest_activation(extents, batch) + detail::chain_scratch_size(layer.net(), extents, batch, workers);
}

template <class... Layers, Scalar Real, class Exec>
void forward(Exec const& exec, Residual<Layers...> const& layer, Pass const& pass, LayerMemory<Real, Exec> const& memory,
             TensorRef<Real, Exec> const& x, TensorRef<Real, Exec> const& y) {
  detail::residual_forward(exec, layer, math::Identity{}, pass, memory, x, y);
}

template <class... Layers, Scalar Real, class Exec>
void backward(Exec const& exec, Residual<Layers...> const& layer, Pass const& pass, LayerMemory<Real, Exec> const& memory,
              TensorRef<Real, Exec> const& x, TensorRef<Real, Exec> const& y, TensorRef<Real, Exec> const& dy,
              TensorRef<Real, Exec> const& dx) {
  detail::ResidualChain<Real, Exec, Layers...>(layer, memory, x, y).backward(exec, pass, dy, dx);
  if (absent(dx)) return;
  for_each_chunk("ign::residual backward", exec, 1, dx.size(),
                 detail::AddAndActivate<math::Identity, Real>{{}, dx.data(), dy.data(), dx.data()});
}

// Fused with an activation: the addition applies it.
template <class... Layers, Activation A, Scalar Real, class Exec>
void forward_fused(Exec const& exec, FusedLayers<Real, Exec, Residual<Layers...>, A> const& fused, Pass const& pass) {
  auto const& [layer, activation] = fused.layers;
  detail::residual_forward(exec, layer, activation, pass, fused.memory[0], fused.values[0], fused.values[2]);
}

template <class... Layers, Activation A, Scalar Real, class Exec>
void backward_fused(Exec const& exec, FusedLayers<Real, Exec, Residual<Layers...>, A> const& fused, Pass const& pass,
                    TensorRef<Real, Exec> const& dy, TensorRef<Real, Exec> const& dx) {
  auto const& [layer, activation] = fused.layers;
  backward(exec, activation, pass, fused.memory[1], fused.values[1], fused.values[2], dy, dy);
  backward(exec, layer, pass, fused.memory[0], fused.values[0], fused.values[1], dy, dx);
}
///@}

namespace detail {

/// The nested layers in evaluation with constant parameters.
template <Scalar Real, class Exec, class... Layers>
class FrozenResidual {
 public:
  static constexpr std::size_t size = sizeof...(Layers);

  FrozenResidual(Residual<Layers...> const& layer, LayerMemory<Real, Exec> const& memory, Shape in, int batch)
      : m_net(layer.net()), m_plan(plan_chain(m_net, in)), m_activation(largest_activation(m_plan.shapes, batch)) {
    plan_arrays(m_net, m_plan);
    for (std::size_t i = 0; i < size; ++i) m_memory[i] = nested_memory(memory, m_plan.layers[i], m_activation);
    m_frozen = plan_frozen<Real>(layers(), m_plan.shapes, memory_of(), m_frozen.stages);
  }

  std::size_t frozen_size() const { return m_frozen.frozen_size; }

  void freeze(Exec const& exec, VectorRef<Real, Exec> const& frozen) const {
    freeze_chain<Real>(exec, layers(), m_plan.shapes, m_frozen, memory_of(), frozen);
  }

  /// y = net(x), with two buffers for activations in `scratch`.
  void forward(Exec const& exec, Role role, VectorRef<Real, Exec> const& frozen, VectorRef<Real, Exec> const& scratch,
               TensorRef<Real, Exec> const& x, TensorRef<Real, Exec> const& y) const {
    std::array<VectorRef<Real, Exec>, 2> const activations = {part_of(scratch, 0, m_activation),
                                                              part_of(scratch, m_activation, m_activation)};
    forward_frozen_chain<Real>(exec, layers(), m_plan.shapes, m_frozen, role, memory_of(), frozen, activations, x, y);
  }

 private:
  auto layers() const { return frozen_layers<Real, Exec>(m_net); }
  auto memory_of() const {
    return [this](std::size_t i) { return m_memory[i]; };
  }

  Sequential<Layers...> const& m_net;
  ChainPlan<size> m_plan;
  std::size_t m_activation;
  std::array<LayerMemory<Real, Exec>, size> m_memory;
  FrozenPlan<std::array<FrozenStage, size>> m_frozen;
};

}  // namespace detail

///@{
/// Layer contract for frozen nets (nets/frozen.hpp). The nested layers are folded as those of a net; a BatchNorm or rectifier after the
/// block is folded into the addition.
template <class... Layers, Scalar Real, class Exec>
std::size_t frozen_size(Residual<Layers...> const& layer, Shape in, Pass const&, LayerMemory<Real, Exec> const& memory) {
  return detail::FrozenResidual<Real, Exec, Layers...>(layer, memory, in, 0).frozen_size();
}

template <class... Layers, Scalar Real, class Exec>
void freeze(Exec const& exec, Residual<Layers...> const& layer, Shape in, Pass const&, LayerMemory<Real, Exec> const& memory,
            VectorRef<Real, Exec> const& frozen) {
  detail::FrozenResidual<Real, Exec, Layers...>(layer, memory, in, 0).freeze(exec, frozen);
}

template <class... Layers, Scalar Real, class Exec>
void forward_frozen(Exec const& exec, Residual<Layers...> const& layer, Pass const& pass, LayerMemory<Real, Exec> const& memory,
                    VectorRef<Real, Exec> const& frozen, math::Epilogue<Real> const& epilogue, TensorRef<Real, Exec> const& x,
                    TensorRef<Real, Exec> const& y) {
  detail::FrozenResidual<Real, Exec, Layers...> const nested(layer, memory, shape_of(x), batch_of(x));
  nested.forward(exec, pass.roles[0], frozen, memory.scratch, x, y);
  for_each_chunk("ign::residual frozen", exec, x.extent(0) * shape_of(x).pixels(), x.extent(3),
                 detail::AddWithEpilogue<Real>{epilogue, x.data(), y.data(), x.extent(3)});
}
///@}

}  // namespace ign

#endif  // IGN_LAYERS_RESIDUAL_HPP
