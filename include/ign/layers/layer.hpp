// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// The layer contract: the functions of a layer and their defaults.
///
/// A layer L is a value that holds options only; the model owns its parameters and memory. The functions are found by argument-dependent
/// lookup, so a layer may live in any namespace and needs no base class.
///
/// Required:
///
///     Shape output_shape(L const&, Shape in)       extents of y; throws Error if the layer cannot take `in`
///     void forward (Exec const&, L const&, Pass const&, LayerMemory<Real, Exec> const&, x, y)
///     void backward(Exec const&, L const&, Pass const&, LayerMemory<Real, Exec> const&, x, y, dy, dx)
///
/// x, y, dy and dx are TensorRef<Real, Exec> with extents (n, h, w, c). `forward` computes y from x. `backward` writes dx = (∂y/∂x)ᵀ dy,
/// unless dx is absent, and adds the gradient of the loss with respect to the parameters, ∂loss/∂θ, to the gradients, unless these are
/// absent. All work is asynchronous on the execution-space instance.
///
/// Optional:
///
///     std::vector<ArrayInfo> parameters(L const&, Shape in)                   trained arrays; default: none
///     std::vector<ArrayInfo> statistics(L const&, Shape in)                   running statistics; default: none
///     std::size_t saved_size(L const&, Shape in, int batch)                   elements kept from forward to backward; default: 0
///     std::size_t scratch_size(L const&, Shape in, int batch, int workers)    elements of scratch memory; default: 0
///     bool in_place(L const&)                          true: y may be x, and dx may be dy; default: false
///     bool needs_output(L const&)                      false: backward does not read y; default: true
///     bool couples_samples(L const&, Pass const&)      true: a sample's result depends on the rest of the batch; default: false
///     std::uint32_t substream_count(L const&)          consecutive values of LayerMemory::substream that the layer uses; default: 1
///     LayerDescription describe(L const&, Shape in)    name and options to compare with those in a file; default: no name
///     ReceptiveField receptive_field(L const&)         cells of x that a cell of y depends on; default: unknown, and no tiles
///                                                      (nets/tiled_projector.hpp)
///     int condition_length(L const&)                   length of the conditions that it reads (LayerMemory::condition); default: 0
///
/// `workers` is the number of host threads, each with its own part of the scratch memory, and 0 on a device. An in-place layer overwrites x
/// in forward, and its backward reads y but not x. A training step may run as a captured graph: the functions must not fence, allocate or
/// copy to the host, and read `pass.key.step` in kernels only.
///
/// Optional, for evaluation with constant parameters (nets/frozen.hpp):
///
///     std::size_t frozen_size(L const&, Shape in, Pass const&, memory)            elements that `freeze` prepares
///     void freeze(Exec const&, L const&, Shape in, Pass const&, memory, frozen)   prepares them, such as transformed weights
///     void forward_frozen(Exec const&, L const&, Pass const&, memory, frozen, math::Epilogue<Real> const&, x, y)
///                                                                                 y = epilogue(result without the bias)
///     void fold(Exec const&, L const&, Shape in, Pass const&, memory, scale, shift)   for layers with y = a(c) x + b(c): applies
///                                                                  this to the scale and shift of the preceding layer's epilogue;
///                                                                  for a layer with `forward_frozen`: adds its bias to the shift of
///                                                                  its own epilogue, which has no bias otherwise
///
/// Where frozen_size is 0, `frozen` is empty and `freeze` is not called.
///
/// Optional, for speed: `forward_fused` and `backward_fused` compute a layer together with the next one or two (fuses_v).
///
/// The header that defines L declares all of these functions, including the fused ones. Templates look them up where they are instantiated,
/// and by the one-definition rule all translation units of a program must find the same functions.
#ifndef IGN_LAYERS_LAYER_HPP
#define IGN_LAYERS_LAYER_HPP

#include <array>
#include <concepts>
#include <cstdint>
#include <optional>
#include <tuple>
#include <vector>

#include "ign/core/description.hpp"
#include "ign/core/detail/arrival_counters.hpp"
#include "ign/core/parameters.hpp"
#include "ign/core/pass.hpp"
#include "ign/core/receptive_field.hpp"
#include "ign/core/tensor.hpp"

namespace ign {

/// Memory of one layer during one application of a net.
template <Scalar Real, class Exec>
struct LayerMemory {
  VectorRef<Real, Exec> parameters;      ///< the arrays that `parameters` declares
  VectorRef<Real, Exec> gradients;       ///< backward adds to these; absent: no parameter gradients are computed
  VectorRef<Real, Exec> statistics;      ///< the arrays that `statistics` declares
  VectorRef<Real, Exec> saved;           ///< `saved_size` elements, retained from forward to backward
  VectorRef<Real, Exec> scratch;         ///< `scratch_size` elements, undefined before and after the call
  VectorRef<Real, Exec> sample_weights;  ///< (n) factor of each sample's contribution to `gradients`, not to dx; absent: 1
  /// Arrival counters of the workspace, zero between calls. Devices only. If absent, convolutions do not split the inner dimension, and
  /// BatchNorm throws [ign.shape.65].
  ArrivalCounters<Exec> counters;
  std::uint32_t substream = 0;  ///< substream of the layer's random numbers: its position in the net, where nested layers count as well
  /// Condition of each sample, (n, 1, 1, K) or (1, 1, 1, K) for all (core/condition.hpp); absent in a net without conditions.
  TensorRef<Real, Exec> condition;
};

/// True for activations: elementwise layers whose derivative follows from the output (layers/activations.hpp).
template <class A>
inline constexpr bool is_activation_v = false;

/// A type for which `is_activation_v` is true.
template <class A>
concept Activation = is_activation_v<A>;

///@{
/// Layer contract of activations. Declared here, since argument-dependent lookup does not find these two for an activation in a namespace
/// of its own: they have no other argument.
template <Activation A>
ReceptiveField receptive_field(A const&) {
  return {};
}
template <Activation A>
bool in_place(A const&) {
  return true;
}
///@}

// The contract with its defaults, for nets to call; not to be overloaded. A layer defines `parameters`, say; nets call `parameters_of`,
// which calls it, or returns the default. Likewise for all others.
namespace layer {

// Free functions, since a class with a member `forward` would hide the layers' functions.
/// Calls `forward`.
template <class L, Scalar Real, class Exec>
void forward_of(Exec const& exec, L const& layer, Pass const& pass, LayerMemory<Real, Exec> const& memory, TensorRef<Real, Exec> const& x,
                TensorRef<Real, Exec> const& y) {
  forward(exec, layer, pass, memory, x, y);
}
/// Calls `backward`.
template <class L, Scalar Real, class Exec>
void backward_of(Exec const& exec, L const& layer, Pass const& pass, LayerMemory<Real, Exec> const& memory, TensorRef<Real, Exec> const& x,
                 TensorRef<Real, Exec> const& y, TensorRef<Real, Exec> const& dy, TensorRef<Real, Exec> const& dx) {
  backward(exec, layer, pass, memory, x, y, dy, dx);
}

/// Returns `parameters`; default: none.
template <class L>
std::vector<ArrayInfo> parameters_of(L const& layer, [[maybe_unused]] Shape in) {
  if constexpr (requires { parameters(layer, in); })
    return parameters(layer, in);
  else
    return {};
}

/// Returns `statistics`; default: none.
template <class L>
std::vector<ArrayInfo> statistics_of(L const& layer, [[maybe_unused]] Shape in) {
  if constexpr (requires { statistics(layer, in); })
    return statistics(layer, in);
  else
    return {};
}

/// Returns `describe`; default: a description without a name.
template <class L>
LayerDescription description_of(L const& layer, [[maybe_unused]] Shape in) {
  if constexpr (requires { describe(layer, in); })
    return describe(layer, in);
  else
    return {};
}

/// Returns `saved_size`, the number of elements retained from forward to backward; default: 0.
template <class L>
std::size_t saved_size_of(L const& layer, [[maybe_unused]] Shape in, [[maybe_unused]] int batch) {
  if constexpr (requires { saved_size(layer, in, batch); })
    return saved_size(layer, in, batch);
  else
    return 0;
}

/// Returns `scratch_size`, the number of elements of scratch memory; default: 0.
template <class L>
std::size_t scratch_size_of(L const& layer, [[maybe_unused]] Shape in, [[maybe_unused]] int batch, [[maybe_unused]] int workers) {
  if constexpr (requires { scratch_size(layer, in, batch, workers); })
    return scratch_size(layer, in, batch, workers);
  else
    return 0;
}

/// Returns `in_place`: true if y may be x and dx may be dy, in which case backward reads y but not x; default: false.
template <class L>
bool in_place_of(L const& layer) {
  if constexpr (requires { in_place(layer); })
    return in_place(layer);
  else
    return false;
}

/// Returns `needs_output`: true if backward reads y, so that the next layer must not overwrite it; default: true.
template <class L>
bool needs_output_of(L const& layer) {
  if constexpr (requires { needs_output(layer); })
    return needs_output(layer);
  else
    return true;
}

/// Returns `couples_samples`: true if a sample's result depends on the rest of the batch in this pass; default: false.
template <class L>
bool couples_samples_of(L const& layer, [[maybe_unused]] Pass const& pass) {
  if constexpr (requires { couples_samples(layer, pass); })
    return couples_samples(layer, pass);
  else
    return false;
}

/// Returns `substream_count`, the count of consecutive values of LayerMemory::substream that the layer uses; default: 1.
template <class L>
std::uint32_t substream_count_of(L const& layer) {
  if constexpr (requires { substream_count(layer); })
    return substream_count(layer);
  else
    return 1;
}

/// Returns `condition_length`, the length of the conditions that the layer reads; default: 0.
template <class L>
int condition_length_of(L const& layer) {
  if constexpr (requires { condition_length(layer); })
    return condition_length(layer);
  else
    return 0;
}

/// Returns `receptive_field`, the cells of x that a cell of y depends on; default: unknown.
template <class L>
std::optional<ReceptiveField> receptive_field_of(L const& layer) {
  if constexpr (requires { receptive_field(layer); })
    return receptive_field(layer);
  else
    return {};
}

/// Fails to compile unless L is a Layer; the first error names the missing function.
template <class L, class Real, class Exec>
constexpr bool complete() {
  static_assert(
      requires(L const& layer, Shape in) {
        { output_shape(layer, in) } -> std::same_as<Shape>;
      },
      "ign::Model: a layer has `ign::Shape output_shape(layer, in)` in its own namespace: see ign/layers/layer.hpp");
  static_assert(
      requires(L const& layer, Exec const& exec, Pass const& pass, LayerMemory<Real, Exec> const& memory,
               TensorRef<Real, Exec> const& tensor) { forward(exec, layer, pass, memory, tensor, tensor); },
      "ign::Model: a layer has `forward(exec, layer, pass, memory, x, y)` in its own namespace: see ign/layers/layer.hpp");
  static_assert(
      requires(L const& layer, Exec const& exec, Pass const& pass, LayerMemory<Real, Exec> const& memory,
               TensorRef<Real, Exec> const& tensor) { backward(exec, layer, pass, memory, tensor, tensor, tensor, tensor); },
      "ign::Model: a layer has `backward(exec, layer, pass, memory, x, y, dy, dx)` in its own namespace: see ign/layers/layer.hpp");
  return true;
}

}  // namespace layer

/// Consecutive layers that one call computes: the layers, the memory of each, and the tensors between them.
template <Scalar Real, class Exec, class... Layers>
struct FusedLayers {
  std::tuple<Layers const&...> layers;                              ///< in their order
  std::array<LayerMemory<Real, Exec>, sizeof...(Layers)> memory;    ///< memory of each layer
  std::array<TensorRef<Real, Exec>, sizeof...(Layers) + 1> values;  ///< input of each layer, then the output of the last
};

/// True where the header of the first layer declares
///
///     void forward_fused (Exec const&, FusedLayers<Real, Exec, L, Next...> const&, Pass const&)
///     void backward_fused(Exec const&, FusedLayers<Real, Exec, L, Next...> const&, Pass const&, dy, dx)
///
/// Model and Residual call them instead of the layers' own functions where the last layer works in place. `backward_fused` may overwrite
/// dy.
template <class Real, class Exec, class... Layers>
inline constexpr bool fuses_v = requires(FusedLayers<Real, Exec, Layers...> const& fused, Exec const& exec, Pass const& pass,
                                         TensorRef<Real, Exec> const& tensor) {
  forward_fused(exec, fused, pass);
  backward_fused(exec, fused, pass, tensor, tensor);
};

/// A type that meets the layer contract for one number type and execution space.
template <class L, class Real = float, class Exec = Kokkos::DefaultExecutionSpace>
concept Layer = requires(L const& layer, Shape in, Exec const& exec, Pass const& pass, LayerMemory<Real, Exec> const& memory,
                         TensorRef<Real, Exec> const& tensor) {
  { output_shape(layer, in) } -> std::same_as<Shape>;
  forward(exec, layer, pass, memory, tensor, tensor);
  backward(exec, layer, pass, memory, tensor, tensor, tensor, tensor);
};

}  // namespace ign

#endif  // IGN_LAYERS_LAYER_HPP
