// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// A trained net prepared for evaluation: weights packed once, normalisations and rectifiers folded into the preceding layers, so that f is
/// little more than one kernel per convolution.
#ifndef IGN_NETS_FROZEN_HPP
#define IGN_NETS_FROZEN_HPP

#include <algorithm>
#include <array>

#include "ign/layers/detail/frozen_chain.hpp"
#include "ign/nets/model.hpp"

namespace ign {

/// f of a Model in evaluation mode, for all roles. Equal to Model::forward up to rounding. The result of a sample does not depend on its
/// batch.
///
/// A Frozen shares the model's state: call `update` after it has changed and before the next `forward`. It can be moved, but not copied:
/// its activations belong to one application at a time.
template <class Net, Scalar Real = float, class Exec = Kokkos::DefaultExecutionSpace>
class Frozen {
 public:
  using Ref = TensorRef<Real, Exec>;  ///< images, (n, h, w, c)

  /// Allocates, and prepares f with the present state of the model.
  Frozen(Exec const& exec, Model<Net, Real, Exec> const& model)
      : m_model(model),
        m_shapes(shapes(model.net(), model.input_shape())),
        m_plan(detail::plan_frozen<Real>(
            layers(), m_shapes, [this](std::size_t i) { return m_model.memory(i); }, Stages{})) {
    m_counters = make_arrival_counters(exec, "ign::frozen::counters");
    m_memory = make_vector<Real>(exec, "ign::frozen", m_plan.frozen_size);
    update(exec);
  }

  Model<Net, Real, Exec> const& model() const { return m_model; }  ///< the model of the constructor

  /// Prepares f again with the present state of the model.
  void update(Exec const& exec) const {
    detail::freeze_chain<Real>(
        exec, layers(), m_shapes, m_plan, [this](std::size_t i) { return m_model.memory(i); }, VectorRef<Real, Exec>(m_memory));
  }

  /// out = f(x) for x (n, h, w, c) from the distribution `role`. out may be x. Allocates when n or, on a host, the concurrency of `exec`
  /// grows.
  ///
  /// \param condition  of a conditional net: as for Model::forward
  /// \throws Error [ign.shape.3] when x or out do not have the net's extents, [ign.shape.540] when the condition does not fit the net
  void forward(Exec const& exec, Role role, Ref const& x, Ref const& out, Ref const& condition = {}) {
    require(
        shape_of(x) == m_model.input_shape() && shape_of(out) == m_model.output_shape() && x.extent(0) == out.extent(0) && x.extent(0) > 0,
        Fault::shape, 3, "frozen: x has ", x.extent(0), " samples of ", shape_of(x), ", out ", out.extent(0), " of ", shape_of(out),
        "; expected the same number, at least 1, of ", m_model.input_shape(), " and ", m_model.output_shape());
    detail::check_condition<Real, Exec>(m_model.net(), x, condition);
    Memory const memory = reserve(exec, batch_of(x));
    auto const memory_of = [&](std::size_t i) {
      auto own = m_model.memory(i);
      own.scratch = memory.scratch;
      own.saved = memory.saved;
      own.counters = m_counters;
      own.condition = condition;
      return own;
    };
    detail::forward_frozen_chain<Real>(exec, layers(), m_shapes, m_plan, role, memory_of, VectorRef<Real, Exec>(m_memory),
                                       memory.activations, x, out);
  }

 private:
  using Stages = std::array<detail::FrozenStage, Net::size>;
  struct Memory {
    std::array<VectorRef<Real, Exec>, 2> activations;
    VectorRef<Real, Exec> scratch, saved;
  };

  auto layers() const { return detail::frozen_layers<Real, Exec>(m_model.net()); }

  // At each call, since the size of the scratch memory follows from the number of workers of `exec`, too.
  Memory reserve(Exec const& exec, int batch) {
    std::size_t activation = 0, scratch = 0, saved = 0;
    for_each_layer(m_model.net(), [&](std::size_t i, auto const& layer) {
      Shape const in = m_model.shape(i);
      activation = std::max(activation, static_cast<std::size_t>(batch) * m_model.shape(i + 1).size());
      scratch = std::max(scratch, layer::scratch_size_of(layer, in, batch, workers_of(exec)));
      saved = std::max(saved, layer::saved_size_of(layer, in, batch));
    });
    return {{m_activation_memory[0].reserve(exec, activation), m_activation_memory[1].reserve(exec, activation)},
            m_scratch_memory.reserve(exec, scratch),
            m_saved_memory.reserve(exec, saved)};
  }

  Model<Net, Real, Exec> m_model;
  std::array<Shape, Net::size + 1> m_shapes;
  detail::FrozenPlan<Stages> m_plan;
  Vector<Real, Exec> m_memory;
  Vector<unsigned, Exec> m_counters;

  std::array<Buffer<Real, Exec>, 2> m_activation_memory = {Buffer<Real, Exec>("ign::frozen::activation 0"),
                                                           Buffer<Real, Exec>("ign::frozen::activation 1")};
  Buffer<Real, Exec> m_scratch_memory{"ign::frozen::scratch"};
  Buffer<Real, Exec> m_saved_memory{"ign::frozen::saved"};
};

}  // namespace ign

#endif  // IGN_NETS_FROZEN_HPP
