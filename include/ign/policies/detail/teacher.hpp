// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Constant copy of a model, used as the teacher of another model.
#ifndef IGN_POLICIES_DETAIL_TEACHER_HPP
#define IGN_POLICIES_DETAIL_TEACHER_HPP

#include <Kokkos_Core.hpp>

#include "ign/core/error.hpp"
#include "ign/nets/model.hpp"

namespace ign::detail {

/// Copies parameters and running statistics between two models of the same net. Asynchronous on `exec`.
template <class Net, class Real, class Exec>
void copy_state(Exec const& exec, Model<Net, Real, Exec> const& from, Model<Net, Real, Exec> const& to) {
  Kokkos::deep_copy(exec, to.parameters(), from.parameters());
  Kokkos::deep_copy(exec, to.statistics(), from.statistics());
}

/// Checks that two models have the same layers, options and extents.
/// \throws Error [ign.shape.452] when they differ
template <class Net, class Real, class Exec>
void require_same_net(char const* what, Model<Net, Real, Exec> const& model, Model<Net, Real, Exec> const& expected) {
  for_each_layer(expected.net(), [&](std::size_t i, auto const& layer) {
    require(model.shape(i) == expected.shape(i), Fault::shape, 452, what, ": layer ", i, " takes ", model.shape(i), ", expected ",
            expected.shape(i), " as in the trained net");
    auto const ours = layer::description_of(layer, expected.shape(i));
    for_each_layer(model.net(), [&](std::size_t j, auto const& other) {
      if (i != j) return;
      auto const theirs = layer::description_of(other, model.shape(j));
      require(theirs == ours, Fault::shape, 452, what, ": layer ", i, " (", theirs.name,
              ") differs from that of the trained net, expected the same layer with the same options");
    });
  });
  require(model.output_shape() == expected.output_shape() && model.parameters().size() == expected.parameters().size() &&
              model.statistics().size() == expected.statistics().size(),
          Fault::shape, 452, what, ": ", model.parameters().size(), " parameters, output ", model.output_shape(), ", expected ",
          expected.parameters().size(), " and ", expected.output_shape(), " as in the trained net");
}

/// Constant model g with the memory of its forward pass.
template <class Net, Scalar Real, class Exec>
class Teacher {
 public:
  using Ref = TensorRef<Real, Exec>;  ///< images, (n, h, w, c)

  /// Copies parameters and running statistics of `model`; allocates no gradients.
  Teacher(Exec const& exec, Model<Net, Real, Exec> const& model) : m_model(exec, model.net(), model.input_shape()) {
    copy_from(exec, model);
  }

  Model<Net, Real, Exec> const& model() const { return m_model; }  ///< the teacher g

  /// Copies parameters and running statistics of another model of the same net.
  void copy_from(Exec const& exec, Model<Net, Real, Exec> const& model) { copy_state(exec, model, m_model); }

  /// Returns g(z), computed in evaluation mode; valid until the next call.
  /// \param condition  of a conditional net: as for Model::forward
  Ref generate(Exec const& exec, Ref const& z, Ref const& condition = {}) {
    m_model.forward(exec, pass_of(Role::source, Mode::evaluate), z, m_tape, m_workspace, condition);
    return m_tape.result();
  }

 private:
  Model<Net, Real, Exec> m_model;
  Tape<Real, Exec> m_tape{Retain::last};
  Workspace<Real, Exec> m_workspace;
};

}  // namespace ign::detail

#endif  // IGN_POLICIES_DETAIL_TEACHER_HPP
