// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// A frozen copy of a net that another net learns from.
#ifndef IGN_POLICIES_TEACHER_HPP
#define IGN_POLICIES_TEACHER_HPP

#include <Kokkos_Core.hpp>

#include "ign/core/error.hpp"
#include "ign/nets/model.hpp"

namespace ign::detail {

/// Copies parameters and running statistics between two models of one net. Asynchronous on `exec`.
template <class Net, class Real, class Exec>
void copy_numbers(Exec const& exec, Model<Net, Real, Exec> const& from, Model<Net, Real, Exec> const& to) {
  Kokkos::deep_copy(exec, to.parameters(), from.parameters());
  Kokkos::deep_copy(exec, to.statistics(), from.statistics());
}

/// \throws Error [ign.shape.452] when the two models do not have the same layers, options and extents
template <class Net, class Real, class Exec>
void require_same_net(char const* what, Model<Net, Real, Exec> const& model, Model<Net, Real, Exec> const& expected) {
  for_each_layer(expected.net(), [&](std::size_t i, auto const& layer) {
    require(model.shape(i) == expected.shape(i), Fault::shape, 452, what, ": layer ", i, " takes ", model.shape(i), ", expected ",
            expected.shape(i), " as in the net that is trained");
    auto const ours = layer::description_of(layer, expected.shape(i));
    for_each_layer(model.net(), [&](std::size_t j, auto const& other) {
      if (i != j) return;
      auto const theirs = layer::description_of(other, model.shape(j));
      require(theirs.name == ours.name && theirs.options == ours.options, Fault::shape, 452, what, ": layer ", i, " (", theirs.name,
              ") has other options than the same layer of the net that is trained");
    });
  });
  require(model.output_shape() == expected.output_shape() && model.parameters().size() == expected.parameters().size() &&
              model.statistics().size() == expected.statistics().size(),
          Fault::shape, 452, what, ": ", model.parameters().size(), " parameters, output ", model.output_shape(), ", expected ",
          expected.parameters().size(), " and ", expected.output_shape(), " as in the net that is trained");
}

/// A frozen model g with the memory of its passes.
template <class Net, Scalar Real, class Exec>
class Teacher {
 public:
  using Window = TensorWindow<Real, Exec>;  ///< images, (n, h, w, c)

  /// Copies the numbers of `model`; without gradients.
  Teacher(Exec const& exec, Model<Net, Real, Exec> const& model) : m_model(exec, model.net(), model.input_shape()) { learn(exec, model); }

  Model<Net, Real, Exec> const& model() const { return m_model; }  ///< g

  /// Copies the numbers of another model of the same net.
  void learn(Exec const& exec, Model<Net, Real, Exec> const& model) { copy_numbers(exec, model, m_model); }

  /// g(z) in evaluation mode; valid until the next call.
  Window image_of(Exec const& exec, Window const& z) {
    m_model.forward(exec, pass_of(Role::source, Mode::evaluate), z, m_tape, m_workspace);
    return m_tape.result();
  }

 private:
  Model<Net, Real, Exec> m_model;
  Tape<Real, Exec> m_tape{Keep::nothing};
  Workspace<Real, Exec> m_workspace;
};

}  // namespace ign::detail

#endif  // IGN_POLICIES_TEACHER_HPP
