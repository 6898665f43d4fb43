// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// A trained net prepared for evaluation: weights packed once, normalisations and rectifiers folded into the preceding convolutions, so
/// that f is little more than one kernel per convolution.
#ifndef IGN_NETS_FROZEN_HPP
#define IGN_NETS_FROZEN_HPP

#include <algorithm>
#include <array>
#include <vector>

#include "ign/layers/activations.hpp"
#include "ign/math/conv/epilogue.hpp"
#include "ign/nets/model.hpp"

namespace ign {

namespace detail {

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

}  // namespace detail

/// f of a Model in evaluation mode, for all roles. Equal to Model::forward up to rounding. The result of a sample does not depend on its
/// batch.
///
/// A Frozen shares the model's numbers: call `update` after they change and before the next `forward`.
template <class Net, Scalar Real = float, class Exec = Kokkos::DefaultExecutionSpace>
class Frozen {
 public:
  using Ref = TensorRef<Real, Exec>;  ///< images, (n, h, w, c)

  /// Allocates, and prepares f with the present numbers of the model.
  Frozen(Exec const& exec, Model<Net, Real, Exec> const& model) : m_model(model) {
    std::size_t const size = plan();
    m_counters = make_arrival_counters(exec, "ign::frozen::counters");
    m_memory = make_vector<Real>(exec, "ign::frozen", size);
    update(exec);
  }

  Model<Net, Real, Exec> const& model() const { return m_model; }  ///< the model of the constructor

  /// Prepares f again with the present numbers of the model.
  void update(Exec const& exec) const {
    for_each_layer(m_model.net(), [&]<class L>(std::size_t i, L const& layer) {
      Stage const& stage = m_stages[i];
      Stage const& owner = m_stages[stage.owner];
      auto const memory = m_model.memory(i);
      if constexpr (detail::Freezable<L, Real, Exec>) {
        if (stage.weight_count > 0) freeze(exec, layer, m_model.shape(i), pass_of(Role::data, Mode::evaluate), memory, weights(stage));
        for (int role = 0; role < role_count; ++role) {
          Kokkos::deep_copy(exec, affine(stage, role, 0), Real(1));
          Kokkos::deep_copy(exec, affine(stage, role, 1), Real(0));
        }
      }
      if constexpr (detail::Foldable<L, Real, Exec>) {
        for (int role = 0; owner.folds && role < role_count; ++role)
          fold(exec, layer, m_model.shape(i), pass_of(static_cast<Role>(role), Mode::evaluate), memory, affine(owner, role, 0),
               affine(owner, role, 1));
      }
    });
  }

  /// out = f(x) for x (n, h, w, c) from the distribution `role`. out may be x. Allocates when n grows.
  ///
  /// \throws Error [ign.shape.3] when x or out do not have the net's extents
  void forward(Exec const& exec, Role role, Ref const& x, Ref const& out) {
    require(
        shape_of(x) == m_model.input_shape() && shape_of(out) == m_model.output_shape() && x.extent(0) == out.extent(0) && x.extent(0) > 0,
        Fault::shape, 3, "frozen: ", x.extent(0), " samples of ", shape_of(x), " into ", out.extent(0), " of ", shape_of(out),
        ", expected at least one of ", m_model.input_shape(), " into as many of ", m_model.output_shape());
    if (batch_of(x) > m_batch) reserve(exec, batch_of(x));
    Pass const pass = pass_of(role, Mode::evaluate);
    Ref current = x;
    std::size_t turn = 0;
    for_each_layer(m_model.net(), [&]<class L>(std::size_t i, L const& layer) {
      Stage const& stage = m_stages[i];
      if (stage.owner != i) return;
      auto memory = m_model.memory(i);
      memory.scratch = m_scratch;
      memory.saved = m_saved;
      memory.counters = m_counters;
      Shape const shape = m_model.shape(i + 1);
      Real* place = m_activations[turn].data();
      if (layer::in_place_of(layer) && current.data() != x.data()) {
        place = current.data();
      } else {
        turn = 1 - turn;
        if (i == m_last_move && out.data() != current.data()) place = out.data();
      }
      Ref const target(place, x.extent(0), shape.height, shape.width, shape.channels);
      if constexpr (detail::Freezable<L, Real, Exec>)
        forward_frozen(exec, layer, pass, memory, weights(stage),
                       {affine(stage, static_cast<int>(role), 1).data(), affine(stage, static_cast<int>(role), 0).data(), stage.slope},
                       current, target);
      else
        ign::layer::forward_of(exec, layer, pass, memory, current, target);
      current = target;
    });
    if (current.data() != out.data()) Kokkos::deep_copy(exec, out, current);
  }

 private:
  // Execution plan of a layer. `owner` is the layer whose kernel does its work: itself, or the convolution into which it is folded.
  struct Stage {
    std::size_t owner = 0;
    bool folds = false;  // has packed weights, and later layers may be folded into it
    std::size_t weights = 0, weight_count = 0;
    std::size_t affine = 0, channels = 0;  // (role, scale or shift, c)
    Real slope = 1;                        // of the folded rectifier
  };

  // Plans owners and offsets in m_memory; returns the size of m_memory.
  std::size_t plan() {
    constexpr std::size_t nobody = static_cast<std::size_t>(-1);
    std::size_t open = nobody;  // layer into which the next one may be folded
    std::size_t end = 0;
    for_each_layer(m_model.net(), [&]<class L>(std::size_t i, L const& layer) {
      Stage stage;
      stage.owner = i;
      if constexpr (detail::Freezable<L, Real, Exec>) {
        stage.folds = true;
        stage.weights = end;
        stage.weight_count = frozen_size(layer, m_model.shape(i), pass_of(Role::data, Mode::evaluate), m_model.memory(i));
        stage.affine = end + padded<Real>(stage.weight_count);
        stage.channels = static_cast<std::size_t>(m_model.shape(i + 1).channels);
        end = stage.affine + 2 * role_count * padded<Real>(stage.channels);
        open = i;
      } else if constexpr (detail::Foldable<L, Real, Exec>) {
        if (open != nobody) stage.owner = open;
      } else if constexpr (Rectifier<L>) {
        if (open != nobody) {
          stage.owner = open;
          m_stages[open].slope = static_cast<Real>(slope(layer));
        }
        open = nobody;
      } else {
        open = nobody;
      }
      if (stage.owner == i && !layer::in_place_of(layer)) m_last_move = i;
      m_stages.push_back(stage);
    });
    return end;
  }

  void reserve(Exec const& exec, int batch) {
    m_batch = batch;
    std::size_t activation = 0, scratch = 0, saved = 0;
    for_each_layer(m_model.net(), [&](std::size_t i, auto const& layer) {
      Shape const in = m_model.shape(i);
      activation = std::max(activation, static_cast<std::size_t>(batch) * m_model.shape(i + 1).size());
      scratch = std::max(scratch, layer::scratch_size_of(layer, in, batch, workers_of(exec)));
      saved = std::max(saved, layer::saved_size_of(layer, in, batch));
    });
    for (std::size_t i : {0, 1}) m_activations[i] = m_activation_memory[i].reserve(exec, activation);
    m_scratch = m_scratch_memory.reserve(exec, scratch);
    m_saved = m_saved_memory.reserve(exec, saved);
  }

  VectorRef<Real, Exec> weights(Stage const& stage) const {
    return VectorRef<Real, Exec>(m_memory.data() + stage.weights, stage.weight_count);
  }
  VectorRef<Real, Exec> affine(Stage const& stage, int role, std::size_t which) const {
    std::size_t const row = 2 * static_cast<std::size_t>(role) + which;
    return VectorRef<Real, Exec>(m_memory.data() + stage.affine + row * padded<Real>(stage.channels), stage.channels);
  }

  Model<Net, Real, Exec> m_model;
  std::vector<Stage> m_stages;
  std::size_t m_last_move = static_cast<std::size_t>(-1);  // the last layer that does not work in place
  Vector<Real, Exec> m_memory;
  Vector<unsigned, Exec> m_counters;

  int m_batch = 0;
  std::array<Buffer<Real, Exec>, 2> m_activation_memory = {Buffer<Real, Exec>("ign::frozen::activation 0"),
                                                           Buffer<Real, Exec>("ign::frozen::activation 1")};
  Buffer<Real, Exec> m_scratch_memory{"ign::frozen::scratch"};
  Buffer<Real, Exec> m_saved_memory{"ign::frozen::saved"};
  std::array<VectorRef<Real, Exec>, 2> m_activations;
  VectorRef<Real, Exec> m_scratch, m_saved;
};

}  // namespace ign

#endif  // IGN_NETS_FROZEN_HPP
