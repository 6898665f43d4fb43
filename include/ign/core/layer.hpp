// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// The layer contract: which functions a layer has, and what it gets when it leaves one out.
///
/// A layer L is a value that holds options only. These functions are found by argument-dependent look-up, so a layer may
/// live in any namespace and needs no base class:
///
///     Shape output_shape(L const&, Shape in)                          required; throws Error when `in` does not fit
///     void forward (Exec const&, L const&, Pass const&, LayerMemory<Real, Exec> const&, x, y)          required
///     void backward(Exec const&, L const&, Pass const&, LayerMemory<Real, Exec> const&, x, y, dy, dx)  required
///     std::vector<ArrayInfo> parameters(L const&, Shape in)           default: none
///     std::vector<ArrayInfo> statistics(L const&, Shape in)           default: none
///     std::size_t saved_size(L const&, Shape in, int batch)           default: 0
///     std::size_t scratch_size(L const&, Shape in, int batch, int workers)  default: 0
///                              workers: threads of a host, each with scratch of its own; 0 on a device
///     bool in_place(L const&)                                         default: false; true: forward may get y = x, backward dx = dy
///     bool needs_output(L const&)                                     default: true
///     bool couples_samples(L const&, Pass const&)                     default: false
///     LayerDescription describe(L const&, Shape in)                   default: nameless; what files of weights are held against
///
/// A layer may do the work of the layers behind it (fuses_v), and it may have a form for evaluation over and over with
/// the same numbers (nets/frozen.hpp):
///
///     std::size_t frozen_size(L const&, Shape in, Pass const&, memory)   numbers of what it prepares
///     void freeze(Exec const&, L const&, Shape in, Pass const&, memory, frozen)   prepares them
///     void forward_frozen(Exec const&, L const&, Pass const&, memory, frozen, math::Epilogue<Real> const&, x, y)
///     void fold(Exec const&, L const&, Shape in, Pass const&, memory, scale, shift)
///
/// x, y, dy, dx are TensorWindow<Real, Exec>. All calls are asynchronous on the execution-space instance.
///
/// The header that defines L declares all of these, those that fuse L with others included: nets look for them where they are instantiated,
/// and two units of a program must find the same.
#ifndef IGN_CORE_LAYER_HPP
#define IGN_CORE_LAYER_HPP

#include <array>
#include <concepts>
#include <cstdint>
#include <tuple>
#include <vector>

#include "ign/core/description.hpp"
#include "ign/core/parameters.hpp"
#include "ign/core/pass.hpp"
#include "ign/core/tensor.hpp"
#include "ign/core/tickets.hpp"

namespace ign {

/// The memory one layer works with in one application of the net.
template <Scalar Real, class Exec>
struct LayerMemory {
  VectorWindow<Real, Exec> parameters;    ///< as declared by `parameters`
  VectorWindow<Real, Exec> gradients;     ///< backward adds to it; absent: the parameters are frozen
  VectorWindow<Real, Exec> statistics;    ///< as declared by `statistics`
  VectorWindow<Real, Exec> saved;         ///< `saved_size` numbers, kept from forward to backward
  VectorWindow<Real, Exec> scratch;       ///< `scratch_size` numbers, of no meaning before and after the call
  VectorWindow<Real, Exec> weight_scale;  ///< (n) factor of each sample's share of `gradients`; absent: 1
  Tickets<Exec> tickets;                  ///< `ticket_count` zeros, and zeros after the call; absent: a device's sums are slower
  std::uint32_t index = 0;                ///< place of the layer in its net; substream of what it draws
};

/// True for a window that stands for "absent".
template <class Window>
bool absent(Window const& window) {
  return window.data() == nullptr;
}

namespace layer {  // the contract with its defaults; called by nets, never overloaded

// Free functions, since a class with a member `forward` would hide the layers' own.
/// `forward`.
template <class L, Scalar Real, class Exec>
void forward_of(Exec const& exec, L const& layer, Pass const& pass, LayerMemory<Real, Exec> const& memory,
                TensorWindow<Real, Exec> const& x, TensorWindow<Real, Exec> const& y) {
  forward(exec, layer, pass, memory, x, y);
}
/// `backward`.
template <class L, Scalar Real, class Exec>
void backward_of(Exec const& exec, L const& layer, Pass const& pass, LayerMemory<Real, Exec> const& memory,
                 TensorWindow<Real, Exec> const& x, TensorWindow<Real, Exec> const& y, TensorWindow<Real, Exec> const& dy,
                 TensorWindow<Real, Exec> const& dx) {
  backward(exec, layer, pass, memory, x, y, dy, dx);
}

/// `parameters`, or none.
template <class L>
std::vector<ArrayInfo> parameters_of(L const& layer, [[maybe_unused]] Shape in) {
  if constexpr (requires { parameters(layer, in); })
    return parameters(layer, in);
  else
    return {};
}

/// `statistics`, or none.
template <class L>
std::vector<ArrayInfo> statistics_of(L const& layer, [[maybe_unused]] Shape in) {
  if constexpr (requires { statistics(layer, in); })
    return statistics(layer, in);
  else
    return {};
}

/// `describe`, or one without a name.
template <class L>
LayerDescription description_of(L const& layer, [[maybe_unused]] Shape in) {
  if constexpr (requires { describe(layer, in); })
    return describe(layer, in);
  else
    return {};
}

/// Numbers that the layer keeps from its forward pass for the way back; 0 where it does not say.
template <class L>
std::size_t saved_size_of(L const& layer, [[maybe_unused]] Shape in, [[maybe_unused]] int batch) {
  if constexpr (requires { saved_size(layer, in, batch); })
    return saved_size(layer, in, batch);
  else
    return 0;
}

/// `scratch_size`, or 0.
template <class L>
std::size_t scratch_size_of(L const& layer, [[maybe_unused]] Shape in, [[maybe_unused]] int batch, [[maybe_unused]] int workers) {
  if constexpr (requires { scratch_size(layer, in, batch, workers); })
    return scratch_size(layer, in, batch, workers);
  else
    return 0;
}

/// `in_place`, or false. y may be x and dx may be dy: forward overwrites its input, backward its gradient, and that reads y but not x.
template <class L>
bool in_place_of(L const& layer) {
  if constexpr (requires { in_place(layer); })
    return in_place(layer);
  else
    return false;
}

/// `needs_output`, or true. The layer's backward reads y, so the next layer must not overwrite it.
template <class L>
bool needs_output_of(L const& layer) {
  if constexpr (requires { needs_output(layer); })
    return needs_output(layer);
  else
    return true;
}

/// `couples_samples`, or false. One sample's result depends on the others of the batch in this pass.
template <class L>
bool couples_samples_of(L const& layer, [[maybe_unused]] Pass const& pass) {
  if constexpr (requires { couples_samples(layer, pass); })
    return couples_samples(layer, pass);
  else
    return false;
}

/// Says in words, as a compile-time error, what a class lacks to be a Layer.
template <class L, class Real, class Exec>
constexpr bool complete() {
  static_assert(
      requires(L const& layer, Shape in) {
        { output_shape(layer, in) } -> std::same_as<Shape>;
      },
      "ign::Model: a layer has `ign::Shape output_shape(layer, in)` in its own namespace: see ign/core/layer.hpp");
  static_assert(
      requires(L const& layer, Exec const& exec, Pass const& pass, LayerMemory<Real, Exec> const& memory,
               TensorWindow<Real, Exec> const& tensor) { forward(exec, layer, pass, memory, tensor, tensor); },
      "ign::Model: a layer has `forward(exec, layer, pass, memory, x, y)` in its own namespace: see ign/core/layer.hpp");
  static_assert(
      requires(L const& layer, Exec const& exec, Pass const& pass, LayerMemory<Real, Exec> const& memory,
               TensorWindow<Real, Exec> const& tensor) { backward(exec, layer, pass, memory, tensor, tensor, tensor, tensor); },
      "ign::Model: a layer has `backward(exec, layer, pass, memory, x, y, dy, dx)` in its own namespace: see ign/core/layer.hpp");
  return true;
}

}  // namespace layer

/// Consecutive layers that one call computes: the layers, the memory of each, and the tensors between them.
template <Scalar Real, class Exec, class... Layers>
struct FusedLayers {
  std::tuple<Layers const&...> layers;
  std::array<LayerMemory<Real, Exec>, sizeof...(Layers)> memory;
  std::array<TensorWindow<Real, Exec>, sizeof...(Layers) + 1> values;  ///< input of each layer, then the output of the last
};

/// True where the header of the first layer declares
///
///     void forward_fused (Exec const&, FusedLayers<Real, Exec, L, Next...> const&, Pass const&)
///     void backward_fused(Exec const&, FusedLayers<Real, Exec, L, Next...> const&, Pass const&, dy, dx)
///
/// Model calls them instead of the layers' own functions where the last layer works in place. `backward_fused` may overwrite dy.
template <class Real, class Exec, class... Layers>
inline constexpr bool fuses_v = requires(FusedLayers<Real, Exec, Layers...> const& fused, Exec const& exec, Pass const& pass,
                                         TensorWindow<Real, Exec> const& tensor) {
  forward_fused(exec, fused, pass);
  backward_fused(exec, fused, pass, tensor, tensor);
};

/// A class that fulfils the layer contract for one number type and execution space.
template <class L, class Real = float, class Exec = Kokkos::DefaultExecutionSpace>
concept Layer = requires(L const& layer, Shape in, Exec const& exec, Pass const& pass, LayerMemory<Real, Exec> const& memory,
                         TensorWindow<Real, Exec> const& tensor) {
  { output_shape(layer, in) } -> std::same_as<Shape>;
  forward(exec, layer, pass, memory, tensor, tensor);
  backward(exec, layer, pass, memory, tensor, tensor, tensor, tensor);
};

}  // namespace ign

#endif  // IGN_CORE_LAYER_HPP
