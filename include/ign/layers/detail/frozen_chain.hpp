// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Evaluation of a chain of layers with constant parameters: weights packed once, normalisations and rectifiers folded into the preceding
/// layers. Shared by Frozen and by layers that nest a chain.
#ifndef IGN_LAYERS_DETAIL_FROZEN_CHAIN_HPP
#define IGN_LAYERS_DETAIL_FROZEN_CHAIN_HPP

#include <array>
#include <cstddef>

#include "ign/core/workspace.hpp"
#include "ign/layers/activations.hpp"
#include "ign/layers/sequential.hpp"
#include "ign/math/conv/epilogue.hpp"

namespace ign::detail {

template <class L, class Real, class Exec>
concept Freezable = requires(L const& layer, Shape in, Exec const& exec, Pass const& pass, LayerMemory<Real, Exec> const& memory,
                             VectorRef<Real, Exec> const& vector, TensorRef<Real, Exec> const& tensor) {
  frozen_size(layer, in, pass, memory);
  freeze(exec, layer, in, pass, memory, vector);
  forward_frozen(exec, layer, pass, memory, vector, math::Epilogue<Real>{}, tensor, tensor);
};

template <class L, class Real, class Exec>
concept Foldable = requires(L const& layer, Shape in, Exec const& exec, Pass const& pass, LayerMemory<Real, Exec> const& memory,
                            VectorRef<Real, Exec> const& vector) {
  fold(exec, layer, in, pass, memory, vector, vector);
};

/// Execution plan of a layer. `owner` is the layer whose kernel does its work: itself, or the layer into which it is folded.
struct FrozenStage {
  std::size_t owner = 0;
  bool folds = false;                         // has prepared elements, and later layers may be folded into it
  std::size_t weights = 0, weight_count = 0;  // offset and count in the frozen elements
  std::size_t affine = 0, channels = 0;       // (role, scale or shift, c)
  double slope = 1;                           // of the folded rectifier
};

/// Execution plan of a chain of `size` layers.
template <std::size_t size>
struct FrozenPlan {
  std::array<FrozenStage, size> stages;
  std::size_t last_move = static_cast<std::size_t>(-1);  // the last layer that does not work in place
  std::size_t end = 0;                                   // count of frozen elements
};

/// Plans owners and offsets. `shapes` and `memory_of` as for a chain.
template <Scalar Real, class Exec, class MemoryOf, class... Layers>
FrozenPlan<sizeof...(Layers)> plan_frozen(Sequential<Layers...> const& net, std::array<Shape, sizeof...(Layers) + 1> const& shapes,
                                          MemoryOf const& memory_of) {
  constexpr std::size_t nobody = static_cast<std::size_t>(-1);
  FrozenPlan<sizeof...(Layers)> plan;
  std::size_t open = nobody;  // layer into which the next one may be folded
  for_each_layer(net, [&]<class L>(std::size_t i, L const& layer) {
    FrozenStage& stage = plan.stages[i];
    stage.owner = i;
    if constexpr (Freezable<L, Real, Exec>) {
      stage.folds = true;
      stage.weights = plan.end;
      stage.weight_count = frozen_size(layer, shapes[i], pass_of(Role::data, Mode::evaluate), memory_of(i));
      stage.affine = plan.end + padded<Real>(stage.weight_count);
      stage.channels = static_cast<std::size_t>(shapes[i + 1].channels);
      plan.end = stage.affine + 2 * role_count * padded<Real>(stage.channels);
      open = i;
    } else if constexpr (Foldable<L, Real, Exec>) {
      if (open != nobody) stage.owner = open;
    } else if constexpr (Rectifier<L>) {
      if (open != nobody) {
        stage.owner = open;
        plan.stages[open].slope = slope(layer);
      }
      open = nobody;
    } else {
      open = nobody;
    }
    if (stage.owner == i && !ign::layer::in_place_of(layer)) plan.last_move = i;
  });
  return plan;
}

/// Numbers that `freeze` of the layer has prepared.
template <class Ref>
Ref frozen_weights(FrozenStage const& stage, Ref const& frozen) {
  return Ref(frozen.data() + stage.weights, stage.weight_count);
}

/// Scale (0) or shift (1) of a role.
template <class Ref>
Ref frozen_affine(FrozenStage const& stage, Ref const& frozen, int role, std::size_t which) {
  std::size_t const row = 2 * static_cast<std::size_t>(role) + which;
  return Ref(frozen.data() + stage.affine + row * padded<typename Ref::value_type>(stage.channels), stage.channels);
}

/// Prepares the `plan.end` elements in `frozen`.
template <Scalar Real, class Exec, class MemoryOf, class... Layers>
void freeze_chain(Exec const& exec, Sequential<Layers...> const& net, std::array<Shape, sizeof...(Layers) + 1> const& shapes,
                  FrozenPlan<sizeof...(Layers)> const& plan, MemoryOf const& memory_of, VectorRef<Real, Exec> const& frozen) {
  for_each_layer(net, [&]<class L>(std::size_t i, L const& layer) {
    FrozenStage const& stage = plan.stages[i];
    FrozenStage const& owner = plan.stages[stage.owner];
    LayerMemory<Real, Exec> const memory = memory_of(i);
    if constexpr (Freezable<L, Real, Exec>) {
      if (stage.weight_count > 0)
        freeze(exec, layer, shapes[i], pass_of(Role::data, Mode::evaluate), memory, frozen_weights(stage, frozen));
      for (int role = 0; role < role_count; ++role) {
        Kokkos::deep_copy(exec, frozen_affine(stage, frozen, role, 0), Real(1));
        Kokkos::deep_copy(exec, frozen_affine(stage, frozen, role, 1), Real(0));
      }
    }
    if constexpr (Foldable<L, Real, Exec>) {
      for (int role = 0; owner.folds && role < role_count; ++role)
        fold(exec, layer, shapes[i], pass_of(static_cast<Role>(role), Mode::evaluate), memory, frozen_affine(owner, frozen, role, 0),
             frozen_affine(owner, frozen, role, 1));
    }
  });
}

/// out = f(x) in evaluation mode, for x from the distribution `role`. out may be x.
/// \param activations  two places for activations, each as large as the largest output of a layer
template <Scalar Real, class Exec, class MemoryOf, class... Layers>
void forward_frozen_chain(Exec const& exec, Sequential<Layers...> const& net, std::array<Shape, sizeof...(Layers) + 1> const& shapes,
                          FrozenPlan<sizeof...(Layers)> const& plan, Role role, MemoryOf const& memory_of,
                          VectorRef<Real, Exec> const& frozen, std::array<VectorRef<Real, Exec>, 2> const& activations,
                          TensorRef<Real, Exec> const& x, TensorRef<Real, Exec> const& out) {
  Pass const pass = pass_of(role, Mode::evaluate);
  TensorRef<Real, Exec> current = x;
  bool is_input = true;  // by position, not by address: out may be x
  std::size_t turn = 0;
  for_each_layer(net, [&]<class L>(std::size_t i, L const& layer) {
    FrozenStage const& stage = plan.stages[i];
    if (stage.owner != i) return;
    LayerMemory<Real, Exec> const memory = memory_of(i);
    Real* place = activations[turn].data();
    if (ign::layer::in_place_of(layer) && !is_input) {
      place = current.data();
    } else {
      turn = 1 - turn;
      if (i == plan.last_move && out.data() != current.data()) place = out.data();
    }
    TensorRef<Real, Exec> const target(place, x.extent(0), shapes[i + 1].height, shapes[i + 1].width, shapes[i + 1].channels);
    if constexpr (Freezable<L, Real, Exec>)
      forward_frozen(exec, layer, pass, memory, frozen_weights(stage, frozen),
                     math::Epilogue<Real>{frozen_affine(stage, frozen, static_cast<int>(role), 1).data(),
                                          frozen_affine(stage, frozen, static_cast<int>(role), 0).data(), static_cast<Real>(stage.slope)},
                     current, target);
    else
      ign::layer::forward_of<L, Real, Exec>(exec, layer, pass, memory, current, target);
    current = target;
    is_input = false;
  });
  if (current.data() != out.data()) Kokkos::deep_copy(exec, out, current);
}

}  // namespace ign::detail

#endif  // IGN_LAYERS_DETAIL_FROZEN_CHAIN_HPP
