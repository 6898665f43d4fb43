// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// A trained f for inference only: samples, projections, inpainting and out-of-distribution scores.
#ifndef IGN_NETS_FROZEN_PROJECTOR_HPP
#define IGN_NETS_FROZEN_PROJECTOR_HPP

#include "ign/nets/frozen.hpp"
#include "ign/nets/projection.hpp"

namespace ign {

/// A Frozen image-to-image net with the functions of InferenceInterface.
///
/// Sampling, projection, inpainting and scoring allocate at the first call, and when the batch or, on a host, the concurrency of the
/// instance grows; calls that do not allocate do not wait. These functions transfer nothing to the host, and are batch-invariant.
template <class Net, Scalar Real = float, class Exec = Kokkos::DefaultExecutionSpace>
class FrozenProjector : public InferenceInterface<FrozenProjector<Net, Real, Exec>, Real, Exec> {
 public:
  using Ref = TensorRef<Real, Exec>;  ///< images, (n, h, w, c)

  /// \param generated_role  the role in which f was trained on its own output: Role::data for an Imle
  /// \throws Error [ign.shape.5] when the net's output does not have the extents of its input
  FrozenProjector(Exec const& exec, Model<Net, Real, Exec> const& model, Role generated_role = Role::generated)
      : m_frozen(exec, model), m_generated_role(generated_role) {
    require(model.output_shape() == model.input_shape(), Fault::shape, 5, "projector: the net maps ", model.input_shape(), " to ",
            model.output_shape(), ", expected the same extents");
  }

  Model<Net, Real, Exec> const& model() const { return m_frozen.model(); }  ///< the model of the constructor
  Shape image_shape() const { return model().input_shape(); }               ///< extents of x and f(x)
  Role generated_role() const { return m_generated_role; }                  ///< of the constructor

  /// Returns f for images of other extents, with the state of the same model. No layer of the net may have parameters that depend on the
  /// extents, as those of Linear do.
  /// \throws Error [ign.shape.480], [ign.shape.5] and errors of layers when the net does not take these extents
  FrozenProjector resized(Exec const& exec, Shape image) const { return {exec, model().resized(image), m_generated_role}; }

  /// Prepares f again after the model's state, which is shared, has changed.
  void update(Exec const& exec) const { m_frozen.update(exec); }

  /// out = f^applications(x) for x (n, h, w, c) from the distribution `input_role`. out may be x.
  ///
  /// \param condition  of a conditional net: as for Model::forward
  /// \throws Error [ign.option.90] when applications < 0, [ign.shape.3], [ign.shape.540] on wrong extents
  void apply(Exec const& exec, Role input_role, int applications, Ref const& x, Ref const& out, Ref const& condition = {}) {
    detail::for_each_application<Real, Exec>(exec, image_shape(), input_role, applications, x, out, [&](Role role, Ref const& from) {
      m_frozen.forward(exec, role == Role::generated ? m_generated_role : role, from, out, condition);
    });
  }

 private:
  Frozen<Net, Real, Exec> m_frozen;
  Role m_generated_role;
};

}  // namespace ign

#endif  // IGN_NETS_FROZEN_PROJECTOR_HPP
