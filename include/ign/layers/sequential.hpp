// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// A chain of layers as a value: options only, without weights or activations.
#ifndef IGN_LAYERS_SEQUENTIAL_HPP
#define IGN_LAYERS_SEQUENTIAL_HPP

#include <array>
#include <cstddef>
#include <limits>
#include <tuple>
#include <utility>

#include "ign/core/error.hpp"
#include "ign/layers/layer.hpp"

namespace ign {

/// Layers applied one after the other. Construct it with `sequential`.
template <class... Layers>
class Sequential {
 public:
  static constexpr std::size_t size = sizeof...(Layers);  ///< number of layers

  /// Used by `sequential`.
  explicit constexpr Sequential(std::tuple<Layers...> layers) : m_layers(std::move(layers)) {}

  constexpr std::tuple<Layers...> const& layers() const { return m_layers; }  ///< first to last

 private:
  std::tuple<Layers...> m_layers;
};

/// True for a Sequential.
template <class Net>
inline constexpr bool is_sequential_v = false;
/// True for a Sequential.
template <class... Layers>
inline constexpr bool is_sequential_v<Sequential<Layers...>> = true;

/// Placeholder for a missing neighbour at either end of a chain.
struct NoLayer {};
inline constexpr NoLayer no_layer{};  ///< the one value of NoLayer

namespace detail {

/// Checks the contract of all layers; a missing part is a compile-time error in words.
template <class Real, class Exec, class... Layers>
constexpr bool complete(Sequential<Layers...> const*) {
  return (layer::complete<Layers, Real, Exec>() && ...);
}

template <class Part>
constexpr std::tuple<Part> as_layers(Part const& part) {
  return std::tuple<Part>(part);
}
template <class... Layers>
constexpr std::tuple<Layers...> as_layers(Sequential<Layers...> const& net) {
  return net.layers();
}
template <class... Layers>
constexpr Sequential<Layers...> sequential_of(std::tuple<Layers...> const& layers) {
  return Sequential<Layers...>(layers);
}

template <class Net, class Visitor, std::size_t... I>
constexpr void visit_layers(Net const& net, Visitor&& visitor, std::index_sequence<I...>) {
  (visitor(I, std::get<I>(net.layers())), ...);
}

template <std::size_t I, class Net>
constexpr auto const& layer_or_none(Net const& net) {
  if constexpr (I < Net::size)
    return std::get<I>(net.layers());
  else
    return no_layer;
}

template <class Net, class Visitor, std::size_t... I>
constexpr void visit_forward(Net const& net, Visitor&& visitor, std::index_sequence<I...>) {
  (visitor(I, std::get<I>(net.layers()), layer_or_none<I + 1>(net), layer_or_none<I + 2>(net)), ...);
}

// Indices before the first layer wrap around to huge values, for which layer_or_none returns no_layer.
template <class Net, class Visitor, std::size_t... I>
constexpr void visit_backward(Net const& net, Visitor&& visitor, std::index_sequence<I...>) {
  (visitor(Net::size - 1 - I, std::get<Net::size - 1 - I>(net.layers()), layer_or_none<Net::size - 2 - I>(net),
           layer_or_none<Net::size - 3 - I>(net)),
   ...);
}

}  // namespace detail

/// Chains layers and nets: `sequential(Conv2d{…}, LeakyRelu{0.2}, decoder)`. Nets are flattened into their layers.
template <class... Parts>
constexpr auto sequential(Parts const&... parts) {
  return detail::sequential_of(std::tuple_cat(detail::as_layers(parts)...));
}

/// Calls `visitor(index, layer)` for every layer, first to last.
template <class... Layers, class Visitor>
constexpr void for_each_layer(Sequential<Layers...> const& net, Visitor&& visitor) {
  detail::visit_layers(net, visitor, std::index_sequence_for<Layers...>());
}

/// Calls `visitor(index, layer, next, next but one)` for every layer, first to last. Missing neighbours are no_layer.
template <class... Layers, class Visitor>
constexpr void for_each_layer_forward(Sequential<Layers...> const& net, Visitor&& visitor) {
  detail::visit_forward(net, visitor, std::index_sequence_for<Layers...>());
}

/// Calls `visitor(index, layer, previous, previous but one)` for every layer, last to first. Missing neighbours are no_layer.
template <class... Layers, class Visitor>
constexpr void for_each_layer_backward(Sequential<Layers...> const& net, Visitor&& visitor) {
  detail::visit_backward(net, visitor, std::index_sequence_for<Layers...>());
}

/// Shapes of all tensors of the chain for input shape `in`: its input, then the output of each layer.
/// \throws Error [ign.shape.6] when an extent is below 1 or a sample has 2^31 elements or more; errors of layers that do not fit their
/// input
template <class... Layers>
std::array<Shape, sizeof...(Layers) + 1> shapes(Sequential<Layers...> const& net, Shape in) {
  auto const checked = [](Shape shape) {
    bool const some = shape.height >= 1 && shape.width >= 1 && shape.channels >= 1;
    double const numbers = static_cast<double>(shape.height) * shape.width * shape.channels;
    require(some && numbers <= std::numeric_limits<int>::max(), Fault::shape, 6, "net: a sample of ", shape,
            ", expected extents of at least 1 and a product below 2^31");
    return shape;
  };
  std::array<Shape, sizeof...(Layers) + 1> all = {checked(in)};
  for_each_layer(net, [&](std::size_t i, auto const& layer) { all[i + 1] = checked(output_shape(layer, all[i])); });
  return all;
}

/// Shape of f(x) for x of shape `in`.
template <class... Layers>
Shape output_shape(Sequential<Layers...> const& net, Shape in) {
  return shapes(net, in).back();
}

/// True when the samples of a batch influence each other in this pass, in any layer.
template <class... Layers>
bool couples_samples(Sequential<Layers...> const& net, Pass const& pass) {
  bool any = false;
  for_each_layer(net, [&](std::size_t, auto const& layer) { any = any || layer::couples_samples_of(layer, pass); });
  return any;
}

/// Length K of the condition vector c of a conditional net f(x | c), which all its conditional layers share; 0 for a net without such
/// layers.
/// \throws Error [ign.option.541] when two layers have conditions of different lengths
template <class... Layers>
int condition_length(Sequential<Layers...> const& net) {
  int length = 0;
  for_each_layer(net, [&](std::size_t i, auto const& layer) {
    int const own = layer::condition_length_of(layer);
    require(own == 0 || length == 0 || own == length, Fault::option, 541, "net: layer ", i, " takes conditions of length ", own,
            ", expected ", length, " as earlier layers take");
    if (own != 0) length = own;
  });
  return length;
}

/// Receptive field of the chain, in evaluation mode.
/// \throws Error [ign.option.480] when a layer does not state its receptive field: one that uses the whole field, such as GroupNorm, or is
///         not supported in tiles, such as MinibatchStddev, or your own without a function `receptive_field`; [ign.option.488] when layers
///         of images and of volumes are mixed, or Conv3d with and without `depth`
template <class... Layers>
ReceptiveField receptive_field(Sequential<Layers...> const& net) {
  ReceptiveField all;
  for_each_layer(net, [&](std::size_t i, auto const& layer) {
    std::optional<ReceptiveField> const own = layer::receptive_field_of(layer);
    require(
        own.has_value(), Fault::option, 480, "receptive_field: layer ", i,
        " of the net states none: it uses the whole field (GroupNorm, SelfAttention, Flatten, Reshape, Linear), is not supported in tiles "
        "(MinibatchStddev, conditional layers), or is your own and needs a function `receptive_field`");
    require(detail::have_same_axes(all, *own), Fault::option, 488, "receptive_field: layer ", i, " of the net is for ", detail::axes(*own),
            ", the layers before it for ", detail::axes(all),
            ", expected the same: use convolutions of one number of dimensions, with the option depth in all of them or in none");
    all = composed(all, *own);
  });
  return all;
}

}  // namespace ign

#endif  // IGN_LAYERS_SEQUENTIAL_HPP
