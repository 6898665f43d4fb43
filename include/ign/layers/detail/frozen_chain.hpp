// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Evaluation of a chain of layers with constant parameters: weights packed once, normalisations and rectifiers folded into the preceding
/// layers. Shared by Frozen, by layers that nest a chain, and by chains whose layers are known at run time only.
#ifndef IGN_LAYERS_DETAIL_FROZEN_CHAIN_HPP
#define IGN_LAYERS_DETAIL_FROZEN_CHAIN_HPP

#include <array>
#include <cstddef>
#include <utility>

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

/// Treatment of a layer by the plan of a frozen chain.
enum class Folding {
  root,       ///< has an epilogue, into which later layers may be folded
  affine,     ///< is folded into the root before it as scale and shift
  rectifier,  ///< is folded into the root before it as its slope
  none,       ///< ends the folding
};

/// A layer as a frozen chain sees it. RuntimeLayer (nets/detail/runtime_chain.hpp) has the same functions. Their names differ from those of
/// the layer contract, which they would hide.
template <class L, Scalar Real, class Exec>
struct FrozenLayer {
  using Values = VectorRef<Real, Exec>;
  using Memory = LayerMemory<Real, Exec>;
  static constexpr bool freezes = Freezable<L, Real, Exec>, foldable = Foldable<L, Real, Exec>, rectifies = Rectifier<L>;

  L const& layer;

  /// True if the layer may write its output over its input.
  bool works_in_place() const { return ign::layer::in_place_of(layer); }
  /// Treatment of the layer by the plan.
  static constexpr Folding folding() {
    return freezes ? Folding::root : foldable ? Folding::affine : rectifies ? Folding::rectifier : Folding::none;
  }

  /// Slope of a rectifier.
  double rectifier_slope() const {
    if constexpr (rectifies)
      return slope(layer);
    else
      return 1;
  }

  /// Number of elements that `prepare` writes; 0 unless the layer is a root.
  std::size_t prepared_size([[maybe_unused]] Shape in, [[maybe_unused]] Memory const& memory) const {
    if constexpr (freezes)
      return frozen_size(layer, in, pass_of(Role::data, Mode::evaluate), memory);
    else
      return 0;
  }

  /// Writes the elements that depend on the parameters alone, such as packed weights.
  void prepare([[maybe_unused]] Exec const& exec, [[maybe_unused]] Shape in, [[maybe_unused]] Memory const& memory,
               [[maybe_unused]] Values const& prepared) const {
    if constexpr (freezes)
      if (prepared.size() > 0) freeze(exec, layer, in, pass_of(Role::data, Mode::evaluate), memory, prepared);
  }

  /// Folds an affine layer, or the bias of a root, into scale and shift.
  void fold_into([[maybe_unused]] Exec const& exec, [[maybe_unused]] Shape in, [[maybe_unused]] Role role,
                 [[maybe_unused]] Memory const& memory, [[maybe_unused]] Values const& scale, [[maybe_unused]] Values const& shift) const {
    if constexpr (foldable) fold(exec, layer, in, pass_of(role, Mode::evaluate), memory, scale, shift);
  }

  /// y = forward of the layer in evaluation, with the epilogue if it is a root.
  void run(Exec const& exec, Role role, Memory const& memory, [[maybe_unused]] Values const& prepared,
           [[maybe_unused]] math::Epilogue<Real> const& epilogue, TensorRef<Real, Exec> const& x, TensorRef<Real, Exec> const& y) const {
    Pass const pass = pass_of(role, Mode::evaluate);
    if constexpr (freezes)
      forward_frozen(exec, layer, pass, memory, prepared, epilogue, x, y);
    else
      ign::layer::forward_of<L, Real, Exec>(exec, layer, pass, memory, x, y);
  }
};

/// Returns the layers of a net as a frozen chain takes them: a function that calls `body(i, layer)` for each, first to last.
template <Scalar Real, class Exec, class... Layers>
auto frozen_layers(Sequential<Layers...> const& net) {
  return [&net](auto const& body) {
    for_each_layer(net, [&]<class L>(std::size_t i, L const& layer) { body(i, FrozenLayer<L, Real, Exec>{layer}); });
  };
}

/// Execution plan of a layer. Offsets and sizes are in elements; offsets count from the first frozen element of the chain.
struct FrozenStage {
  std::size_t root = 0;             ///< layer whose kernel does the work of this one: itself, or the layer into which it is folded
  bool is_root = false;             ///< has frozen elements, and later layers may be folded into it
  std::size_t prepared_offset = 0;  ///< first of the elements that `freeze` of the layer writes
  std::size_t prepared_size = 0;    ///< number of these elements
  std::size_t affine_offset = 0;    ///< first of the scales and shifts, (role, scale or shift, c); each row has an aligned size
  std::size_t channels = 0;         ///< number of scales, and of shifts, of a role
  double slope = 1;                 ///< of the folded rectifier
};

/// Execution plan of a chain. `Stages` is an array or vector with one FrozenStage per layer.
template <class Stages>
struct FrozenPlan {
  Stages stages{};                                               ///< one per layer
  std::size_t last_out_of_place = static_cast<std::size_t>(-1);  ///< the last layer that does not work in place
  std::size_t frozen_size = 0;                                   ///< frozen elements of all layers
};

/// Plans roots and offsets.
/// \param layers     as of frozen_layers
/// \param shapes     of the input of the chain, then of the output of each layer
/// \param memory_of  memory_of(i) returns the LayerMemory of layer i
/// \param stages     one per layer, of any content
template <Scalar Real, class EachLayer, class Shapes, class MemoryOf, class Stages>
FrozenPlan<Stages> plan_frozen(EachLayer const& layers, Shapes const& shapes, MemoryOf const& memory_of, Stages stages) {
  constexpr std::size_t none = static_cast<std::size_t>(-1);
  FrozenPlan<Stages> plan{std::move(stages)};
  std::size_t current = none;  // layer into which the next one may be folded
  layers([&](std::size_t i, auto const& layer) {
    FrozenStage& stage = plan.stages[i];
    stage = {};
    stage.root = i;
    Folding const folding = layer.folding();
    if (folding == Folding::root) {
      stage.is_root = true;
      stage.prepared_offset = plan.frozen_size;
      stage.prepared_size = layer.prepared_size(shapes[i], memory_of(i));
      stage.affine_offset = plan.frozen_size + aligned_size<Real>(stage.prepared_size);
      stage.channels = static_cast<std::size_t>(shapes[i + 1].channels);
      plan.frozen_size = stage.affine_offset + 2 * role_count * aligned_size<Real>(stage.channels);
      current = i;
    } else {
      if (folding != Folding::none && current != none) stage.root = current;
      if (folding == Folding::rectifier && current != none) plan.stages[current].slope = layer.rectifier_slope();
      if (folding != Folding::affine) current = none;
    }
    if (stage.root == i && !layer.works_in_place()) plan.last_out_of_place = i;
  });
  return plan;
}

/// The elements that `freeze` of the layer writes.
template <class Ref>
Ref prepared_elements(FrozenStage const& stage, Ref const& frozen) {
  return Ref(frozen.data() + stage.prepared_offset, stage.prepared_size);
}

/// Scale of each channel for a role.
template <class Ref>
Ref frozen_scale(FrozenStage const& stage, Ref const& frozen, int role) {
  std::size_t const row_stride = aligned_size<typename Ref::value_type>(stage.channels);
  return Ref(frozen.data() + stage.affine_offset + 2 * static_cast<std::size_t>(role) * row_stride, stage.channels);
}

/// Shift of each channel for a role.
template <class Ref>
Ref frozen_shift(FrozenStage const& stage, Ref const& frozen, int role) {
  std::size_t const row_stride = aligned_size<typename Ref::value_type>(stage.channels);
  return Ref(frozen.data() + stage.affine_offset + (2 * static_cast<std::size_t>(role) + 1) * row_stride, stage.channels);
}

/// Prepares the `plan.frozen_size` elements in `frozen`.
template <Scalar Real, class Exec, class EachLayer, class Shapes, class Stages, class MemoryOf>
void freeze_chain(Exec const& exec, EachLayer const& layers, Shapes const& shapes, FrozenPlan<Stages> const& plan,
                  MemoryOf const& memory_of, VectorRef<Real, Exec> const& frozen) {
  layers([&](std::size_t i, auto const& layer) {
    FrozenStage const& stage = plan.stages[i];
    FrozenStage const& root = plan.stages[stage.root];
    LayerMemory<Real, Exec> const memory = memory_of(i);
    if (stage.is_root) {
      layer.prepare(exec, shapes[i], memory, prepared_elements(stage, frozen));
      for (int role = 0; role < role_count; ++role) {
        Kokkos::deep_copy(exec, frozen_scale(stage, frozen, role), Real(1));
        Kokkos::deep_copy(exec, frozen_shift(stage, frozen, role), Real(0));
      }
    }
    for (int role = 0; root.is_root && role < role_count; ++role)
      layer.fold_into(exec, shapes[i], static_cast<Role>(role), memory, frozen_scale(root, frozen, role), frozen_shift(root, frozen, role));
  });
}

/// out = f(x) in evaluation mode, for x from the distribution `role`. out may be x.
/// \param activations  two buffers for activations, each as large as the largest output of a layer
template <Scalar Real, class Exec, class EachLayer, class Shapes, class Stages, class MemoryOf>
void forward_frozen_chain(Exec const& exec, EachLayer const& layers, Shapes const& shapes, FrozenPlan<Stages> const& plan, Role role,
                          MemoryOf const& memory_of, VectorRef<Real, Exec> const& frozen,
                          std::array<VectorRef<Real, Exec>, 2> const& activations, TensorRef<Real, Exec> const& x,
                          TensorRef<Real, Exec> const& out) {
  TensorRef<Real, Exec> current = x;
  bool is_input = true;  // by position, not by address: out may be x
  std::size_t turn = 0;
  layers([&](std::size_t i, auto const& layer) {
    FrozenStage const& stage = plan.stages[i];
    if (stage.root != i) return;
    Real* target_data = activations[turn].data();
    if (layer.works_in_place() && !is_input) {
      target_data = current.data();
    } else {
      turn = 1 - turn;
      if (i == plan.last_out_of_place && out.data() != current.data()) target_data = out.data();
    }
    TensorRef<Real, Exec> const target(target_data, x.extent(0), shapes[i + 1].height, shapes[i + 1].width, shapes[i + 1].channels);
    math::Epilogue<Real> epilogue;
    if (stage.is_root)
      epilogue = {frozen_shift(stage, frozen, static_cast<int>(role)).data(), frozen_scale(stage, frozen, static_cast<int>(role)).data(),
                  static_cast<Real>(stage.slope)};
    layer.run(exec, role, memory_of(i), prepared_elements(stage, frozen), epilogue, current, target);
    current = target;
    is_input = false;
  });
  if (current.data() != out.data()) Kokkos::deep_copy(exec, out, current);
}

}  // namespace ign::detail

#endif  // IGN_LAYERS_DETAIL_FROZEN_CHAIN_HPP
