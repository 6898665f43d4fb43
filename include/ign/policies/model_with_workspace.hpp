// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// An image-to-image model with the memory of its passes: the building block of policies that train one net.
#ifndef IGN_POLICIES_MODEL_WITH_WORKSPACE_HPP
#define IGN_POLICIES_MODEL_WITH_WORKSPACE_HPP

#include <Kokkos_Core.hpp>

#include "ign/nets/model.hpp"
#include "ign/nets/projection.hpp"
#include "ign/sources/source.hpp"

namespace ign {

/// A model f with workspace: forward and backward passes for training, and the functions of InferenceInterface in evaluation mode.
template <class Net, Scalar Real = float, class Exec = Kokkos::DefaultExecutionSpace>
class ModelWithWorkspace : public InferenceInterface<ModelWithWorkspace<Net, Real, Exec>, Real, Exec> {
 public:
  using Ref = TensorRef<Real, Exec>;  ///< images, (n, h, w, c)

  /// \param generated_role  the role in which f is trained on its own output
  /// \throws Error [ign.shape.5] when the net's output does not have the extents of its input; [ign.option.*] on impossible options
  ModelWithWorkspace(Exec const& exec, Net const& net, Shape image, std::uint64_t seed, Role generated_role = Role::generated)
      : m_model(exec, net, image, seed), m_generated_role(generated_role) {
    require(m_model.output_shape() == image, Fault::shape, 5, "model: the net maps ", image, " to ", m_model.output_shape(),
            ", expected the same extents");
  }

  Model<Net, Real, Exec> const& model() const { return m_model; }  ///< the net and its state
  Shape image_shape() const { return m_model.input_shape(); }      ///< extents of x and f(x)
  Role generated_role() const { return m_generated_role; }         ///< the role in which f is trained on its own output

  ///@{
  /// Model::forward and Model::backward with the workspace of this object.
  void forward(Exec const& exec, Pass const& pass, Ref const& x, Tape<Real, Exec>& tape, Ref const& condition = {}) {
    m_model.forward(exec, pass, x, tape, m_workspace, condition);
  }
  void backward(Exec const& exec, Tape<Real, Exec> const& tape, Ref const& dy, Ref const& dx,
                BackwardOptions<Real, Exec> const& options = {}) {
    m_model.backward(exec, tape, dy, dx, m_workspace, options);
  }
  ///@}

  ///@{
  /// Functions of the source contract with the scratch of this object: `sample` draws noise z for `key`, `observe` passes the data x to the
  /// source.
  template <class Source>
  void sample(Exec const& exec, Source const& source, Key const& key, Ref const& z) {
    source::sample_from(exec, source, key, z, m_workspace.scratch);
  }
  template <class Source>
  void observe(Exec const& exec, Source const& source, Ref const& x) {
    source::observe_batch(exec, source, x, m_workspace.scratch);
  }
  ///@}

  /// Arrival counters for single-launch reductions (core/detail/arrival_counters.hpp), which the policy's own kernels may use between
  /// passes.
  ArrivalCounters<Exec> counters(Exec const& exec) { return m_workspace.reserve_counters(exec); }

  /// out = f^applications(x) for x (n, h, w, c) from the distribution `input_role`. out may be x. Running statistics are left unchanged.
  ///
  /// \throws Error [ign.option.90] when applications < 0, [ign.shape.3] on wrong extents
  void apply(Exec const& exec, Role input_role, int applications, Ref const& x, Ref const& out, Mode mode = Mode::evaluate) {
    apply(exec, input_role, applications, x, out, Ref{}, mode);
  }
  /// The same for a conditional net.
  /// \param condition  as for Model::forward
  /// \throws Error [ign.shape.540] when the condition does not fit the net; as above
  void apply(Exec const& exec, Role input_role, int applications, Ref const& x, Ref const& out, Ref const& condition,
             Mode mode = Mode::evaluate) {
    detail::for_each_application<Real, Exec>(exec, image_shape(), input_role, applications, x, out, [&](Role role, Ref const& from) {
      Pass pass = pass_of(role == Role::generated ? m_generated_role : role, mode);
      pass.update_statistics = false;
      forward(exec, pass, from, m_inference, condition);
      Kokkos::deep_copy(exec, out, m_inference.result());
    });
  }

 private:
  Model<Net, Real, Exec> m_model;
  Role m_generated_role;
  Tape<Real, Exec> m_inference{Retain::last};
  Workspace<Real, Exec> m_workspace;
};

}  // namespace ign

#endif  // IGN_POLICIES_MODEL_WITH_WORKSPACE_HPP
