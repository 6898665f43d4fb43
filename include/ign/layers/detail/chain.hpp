// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Memory layout, forward and backward pass of a chain of layers. Shared by Model and by layers that nest a chain.
#ifndef IGN_LAYERS_DETAIL_CHAIN_HPP
#define IGN_LAYERS_DETAIL_CHAIN_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "ign/core/tape.hpp"
#include "ign/layers/sequential.hpp"

namespace ign::detail {

/// Layout of a layer in its chain.
struct ChainLayer {
  std::size_t parameter_offset = 0, parameter_count = 0;  ///< offset and count in the parameters of the chain
  std::size_t statistic_offset = 0, statistic_count = 0;  ///< offset and count in the running statistics of the chain
  std::uint32_t substream = 0;                            ///< LayerMemory::substream, counted from that of the chain
  bool in_place = false;                                  ///< true: the output overwrites the input
  std::size_t first = 0, last = 0;                        ///< first and last of the layers that one call computes together with this one
};

/// Layout of a chain of `size` layers.
template <std::size_t size>
struct ChainPlan {
  std::array<Shape, size + 1> shapes;   ///< input of the chain, then the output of each layer
  std::array<ChainLayer, size> layers;  ///< first to last
};

/// Plans shapes, substreams and in-place layers. The input of the chain is never overwritten.
/// \throws Error as shapes
template <class... Layers>
ChainPlan<sizeof...(Layers)> plan_chain(Sequential<Layers...> const& net, Shape in) {
  ChainPlan<sizeof...(Layers)> plan{shapes(net, in), {}};
  std::uint32_t substream = 0;
  bool previous_needs_output = true;
  for_each_layer(net, [&](std::size_t i, auto const& layer) {
    plan.layers[i].substream = substream;
    plan.layers[i].in_place = layer::in_place_of(layer) && !previous_needs_output;
    plan.layers[i].first = plan.layers[i].last = i;
    substream += layer::substream_count_of(layer);
    previous_needs_output = layer::needs_output_of(layer);
  });
  return plan;
}

/// Plans the offsets of parameters and running statistics.
template <class... Layers>
void plan_arrays(Sequential<Layers...> const& net, ChainPlan<sizeof...(Layers)>& plan) {
  std::size_t parameters = 0, statistics = 0;
  for_each_layer(net, [&](std::size_t i, auto const& layer) {
    ChainLayer& planned = plan.layers[i];
    planned.parameter_offset = parameters;
    planned.statistic_offset = statistics;
    parameters += planned.parameter_count = total_size(layer::parameters_of(layer, plan.shapes[i]));
    statistics += planned.statistic_count = total_size(layer::statistics_of(layer, plan.shapes[i]));
  });
}

/// Plans which layers one call computes (fuses_v): three rather than two. The last of them works in place.
template <Scalar Real, class Exec, class... Layers>
void plan_fusion(Sequential<Layers...> const& net, ChainPlan<sizeof...(Layers)>& plan) {
  auto& layers = plan.layers;
  for_each_layer_forward(net, [&]<class L, class Next, class Last>(std::size_t i, L const&, Next const&, Last const&) {
    if (layers[i].first < i) return;
    std::size_t count = 1;
    if constexpr (fuses_v<Real, Exec, L, Next>)
      if (layers[i + 1].in_place) count = 2;
    if constexpr (fuses_v<Real, Exec, L, Next, Last>)
      if (layers[i + 2].in_place) count = 3;
    for (std::size_t k = i; k < i + count; ++k) layers[k].first = i, layers[k].last = i + count - 1;
  });
}

/// Arrays with the number of their layer before each name: "3.weight".
inline void append_numbered(std::vector<ArrayInfo>& all, std::size_t layer, std::vector<ArrayInfo> arrays) {
  for (auto& info : arrays) {
    info.name = std::to_string(layer) + '.' + info.name;
    all.push_back(std::move(info));
  }
}

/// Parameters of all layers, with names as in a PyTorch nn.Sequential.
template <class... Layers, std::size_t size>
std::vector<ArrayInfo> chain_parameters(Sequential<Layers...> const& net, std::array<Shape, size> const& shapes) {
  std::vector<ArrayInfo> all;
  for_each_layer(net, [&](std::size_t i, auto const& layer) { append_numbered(all, i, layer::parameters_of(layer, shapes[i])); });
  return all;
}

/// Running statistics of all layers, with names as in a PyTorch nn.Sequential.
template <class... Layers, std::size_t size>
std::vector<ArrayInfo> chain_statistics(Sequential<Layers...> const& net, std::array<Shape, size> const& shapes) {
  std::vector<ArrayInfo> all;
  for_each_layer(net, [&](std::size_t i, auto const& layer) { append_numbered(all, i, layer::statistics_of(layer, shapes[i])); });
  return all;
}

/// Rounds a number of elements of either type up to whole cache lines.
constexpr std::size_t chain_aligned_size(std::size_t count) { return aligned_size<float>(count); }

/// Size of the largest activation, rounded up.
template <std::size_t size>
std::size_t largest_activation(std::array<Shape, size> const& shapes, int batch) {
  std::size_t largest = 0;
  for (Shape const& shape : shapes) largest = std::max(largest, shape.size() * static_cast<std::size_t>(batch));
  return chain_aligned_size(largest);
}

/// Largest scratch memory of the layers.
template <class... Layers, std::size_t size>
std::size_t chain_scratch_size(Sequential<Layers...> const& net, std::array<Shape, size> const& shapes, int batch, int workers) {
  std::size_t largest = 0;
  for_each_layer(net, [&](std::size_t i, auto const& layer) {
    largest = std::max(largest, layer::scratch_size_of(layer, shapes[i], batch, workers));
  });
  return largest;
}

/// Offsets of the activations of a chain in a flat memory.
template <std::size_t size>
struct ChainMemory {
  std::array<std::size_t, size> outputs;             ///< output of each layer
  std::array<std::size_t, size> saved, saved_count;  ///< elements that each layer saves for backward
  std::size_t end = 0;                               ///< size of the memory
};

/// Lays out outputs and saved elements one after the other. With Retain::last there is no backward: outputs alternate between two buffers,
/// and the saved elements of all calls share one.
/// \param stored  number of layers, from the first on, whose outputs are in this memory
template <class... Layers>
ChainMemory<sizeof...(Layers)> plan_chain_memory(Sequential<Layers...> const& net, ChainPlan<sizeof...(Layers)> const& plan, Retain retain,
                                                 int batch, std::size_t stored = sizeof...(Layers)) {
  ChainMemory<sizeof...(Layers)> memory{};
  std::size_t const largest = largest_activation(plan.shapes, batch);
  std::size_t const begin = retain == Retain::last ? 2 * largest : 0;
  std::size_t end = begin, turn = 0, output = 0;
  for_each_layer(net, [&](std::size_t i, auto const& layer) {
    if (!plan.layers[i].in_place && retain == Retain::last) {
      output = turn++ % 2 * largest;
    } else if (!plan.layers[i].in_place) {
      output = end;
      if (i < stored) end += chain_aligned_size(plan.shapes[i + 1].size() * static_cast<std::size_t>(batch));
    }
    memory.outputs[i] = output;
    if (retain == Retain::last && plan.layers[i].first == i) end = begin;
    memory.saved[i] = end;
    memory.saved_count[i] = layer::saved_size_of(layer, plan.shapes[i], batch);
    end += chain_aligned_size(memory.saved_count[i]);
    memory.end = std::max(memory.end, end);
  });
  return memory;
}

/// Tensor of `batch` samples at `data`.
template <Scalar Real, class Exec>
TensorRef<Real, Exec> tensor_at(Real* data, int batch, Shape shape) {
  return TensorRef<Real, Exec>(data, batch, shape.height, shape.width, shape.channels);
}

/// Elements [offset, offset + count) of a vector; absent if the vector is.
template <class Ref>
Ref part_of(Ref const& vector, std::size_t offset, std::size_t count) {
  return absent(vector) ? Ref() : Ref(vector.data() + offset, count);
}

template <Scalar Real, class Exec, class MemoryOf, class ValueOf, class... Layers>
FusedLayers<Real, Exec, Layers...> fused_layers(std::size_t first, MemoryOf const& memory_of, ValueOf const& value_of,
                                                Layers const&... layers) {
  FusedLayers<Real, Exec, Layers...> all{{layers...}, {}, {}};
  for (std::size_t k = 0; k < sizeof...(Layers); ++k) all.memory[k] = memory_of(first + k);
  for (std::size_t k = 0; k <= sizeof...(Layers); ++k) all.values[k] = value_of(first + k);
  return all;
}

/// Checks the condition of a net's input, which is absent for a net without conditional layers.
/// \throws Error [ign.shape.540]
template <Scalar Real, class Exec, class... Layers>
void check_condition(Sequential<Layers...> const& net, TensorRef<Real, Exec> const& x, TensorRef<Real, Exec> const& condition) {
  int const length = condition_length(net);
  if (length == 0 && absent(condition)) return;
  require(!absent(condition), Fault::shape, 540, "net: no condition, expected one of length ", length,
          " for each sample: pass it as the last argument, or apply `given(f, c)`");
  require(length > 0, Fault::shape, 540, "net: conditions of ", shape_of(condition),
          " for a net without conditional layers, expected none");
  require(shape_of(condition) == Shape{1, 1, length} && (condition.extent(0) == x.extent(0) || condition.extent(0) == 1), Fault::shape, 540,
          "net: ", condition.extent(0), " conditions of ", shape_of(condition), " for ", x.extent(0), " samples, expected ", x.extent(0),
          " of ", Shape{1, 1, length}, ", or one for all");
}

/// Forward pass.
/// \param memory_of  memory_of(i) returns the LayerMemory of layer i
/// \param value_of  value_of(0) returns the input of the chain, value_of(i + 1) the output of layer i
/// \param end  the last layer to apply; it must be the last of those that one call computes
template <Scalar Real, class Exec, class MemoryOf, class ValueOf, class... Layers>
void chain_forward(Exec const& exec, Sequential<Layers...> const& net, ChainPlan<sizeof...(Layers)> const& plan, Pass const& pass,
                   MemoryOf const& memory_of, ValueOf const& value_of, std::size_t end = sizeof...(Layers) - 1) {
  for_each_layer_forward(net, [&]<class L, class Next, class Last>(std::size_t i, L const& layer, Next const& next, Last const& last) {
    if (plan.layers[i].first != i || i > end) return;
    std::size_t const count = plan.layers[i].last - i + 1;
    if constexpr (fuses_v<Real, Exec, L, Next, Last>) {
      if (count == 3) return forward_fused(exec, fused_layers<Real, Exec>(i, memory_of, value_of, layer, next, last), pass);
    }
    if constexpr (fuses_v<Real, Exec, L, Next>) {
      if (count == 2) return forward_fused(exec, fused_layers<Real, Exec>(i, memory_of, value_of, layer, next), pass);
    }
    ign::layer::forward_of<L, Real, Exec>(exec, layer, pass, memory_of(i), value_of(i), value_of(i + 1));
  });
}

/// True if chain_backward may overwrite dy.
template <std::size_t size>
bool overwrites_gradient(ChainPlan<size> const& plan) {
  return plan.layers.back().in_place || plan.layers.back().first + 1 != size;
}

/// Function that chain_backward calls before the backward pass of a layer: none.
struct NoSeed {
  template <class Ref>
  void operator()(std::size_t, Ref const&) const {}
};

/// Backward pass: adds to the gradients of the layers' memory and writes the gradient of the input to dx, unless it is absent.
/// \param memory_of, value_of  as for chain_forward
/// \param buffers  two buffers for gradients, each of largest_activation elements. dy may be in the second one.
/// \param end   the layer whose output has the gradient dy, as for chain_forward
/// \param seed  seed(i, gradient) is called with the gradient of the output of layer i, to which it may add, where a call ends with it
template <Scalar Real, class Exec, class MemoryOf, class ValueOf, class... Layers, class Seed = NoSeed>
void chain_backward(Exec const& exec, Sequential<Layers...> const& net, ChainPlan<sizeof...(Layers)> const& plan, Pass const& pass,
                    MemoryOf const& memory_of, ValueOf const& value_of, Kokkos::Array<VectorRef<Real, Exec>, 2> const& buffers,
                    TensorRef<Real, Exec> const& dy, TensorRef<Real, Exec> const& dx, std::size_t end = sizeof...(Layers) - 1,
                    Seed const& seed = {}) {
  ChainLayer const* const layers = plan.layers.data();  // GCC 12 warns of std::array's bounds, which are kept
  TensorRef<Real, Exec> current = dy;
  std::size_t next_buffer = 0;
  auto const target_of = [&](std::size_t i) {  // memory of the dx of layer i
    if (i == 0) return dx;
    Real* const target = layers[i].in_place ? current.data() : buffers[next_buffer].data();
    if (!layers[i].in_place) next_buffer = 1 - next_buffer;
    return tensor_at<Real, Exec>(target, batch_of(dy), plan.shapes[i]);
  };
  for_each_layer_backward(
      net, [&]<class L, class Previous, class First>(std::size_t i, L const& layer, Previous const& previous, First const& first) {
        if (layers[i].last != i || i > end) return;
        seed(i, current);
        std::size_t const begin = layers[i].first, count = i - begin + 1;
        TensorRef<Real, Exec> const target = target_of(begin);
        if constexpr (fuses_v<Real, Exec, First, Previous, L>) {
          if (count == 3)
            backward_fused(exec, fused_layers<Real, Exec>(begin, memory_of, value_of, first, previous, layer), pass, current, target);
        }
        if constexpr (fuses_v<Real, Exec, Previous, L>) {
          if (count == 2)
            backward_fused(exec, fused_layers<Real, Exec>(begin, memory_of, value_of, previous, layer), pass, current, target);
        }
        if (count == 1)
          ign::layer::backward_of<L, Real, Exec>(exec, layer, pass, memory_of(i), value_of(i), value_of(i + 1), current, target);
        current = target;
      });
}

}  // namespace ign::detail

#endif  // IGN_LAYERS_DETAIL_CHAIN_HPP
