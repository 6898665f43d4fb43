// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// A net that maps images to their like, and its use once it is trained: what all policies of one net share.
#ifndef IGN_POLICIES_PROJECTOR_HPP
#define IGN_POLICIES_PROJECTOR_HPP

#include <Kokkos_Core.hpp>

#include "ign/nets/model.hpp"
#include "ign/sources/source.hpp"

namespace ign {

/// A model f, the memory of its passes, and f^k of noise or of images.
template <class Net, Scalar Real = float, class Exec = Kokkos::DefaultExecutionSpace>
class Projector {
 public:
  using Window = TensorWindow<Real, Exec>;

  /// \param images  the role in which f was trained on what it puts out itself
  /// \throws Error [ign.shape.5] when the net does not map images to their like; [ign.option.*] on impossible options
  Projector(Exec const& exec, Net const& net, Shape image, std::uint64_t seed, Role images = Role::image)
      : m_model(exec, net, image, seed), m_images(images) {
    require(m_model.output_shape() == image, Fault::shape, 5, "projector: the net maps ", image, " to ", m_model.output_shape(),
            ", expected the same extents");
  }

  Model<Net, Real, Exec> const& model() const { return m_model; }
  Shape image_shape() const { return m_model.input_shape(); }

  /// As Model's, with this object's workspace.
  void forward(Exec const& exec, Pass const& pass, Window const& x, Tape<Real, Exec>& tape) {
    m_model.forward(exec, pass, x, tape, m_workspace);
  }
  void backward(Exec const& exec, Tape<Real, Exec> const& tape, Window const& dy, Window const& dx, Sweep<Real, Exec> const& sweep = {}) {
    m_model.backward(exec, tape, dy, dx, m_workspace, sweep);
  }

  /// z = noise of `key` from `source`, and what the source may want to know of the data x: with this object's workspace.
  template <class Source>
  void sample(Exec const& exec, Source const& source, Key const& key, Window const& z) {
    source::sample_from(exec, source, key, z, m_workspace.scratch);
  }
  template <class Source>
  void show(Exec const& exec, Source const& source, Window const& x) {
    source::show(exec, source, x, m_workspace.scratch);
  }

  /// Counters for kernels of the policy's own, between passes.
  Tickets<Exec> tickets(Exec const& exec) { return m_workspace.reserve_tickets(exec); }

  /// out = f^applications(z), z from `source` with the noise of `key`, in evaluation mode: a sample does not depend on the rest of `out`.
  ///
  /// \throws Error [ign.option.90] when applications < 0
  template <class Source>
  void generate(Exec const& exec, Source const& source, Key const& key, int applications, Window const& out) {
    sample(exec, source, key, out);
    apply(exec, Role::source, applications, out, out);
  }

  /// out = f^applications(x), where x comes from the distribution `first`. What f makes of noise has the role `image`. out may be x.
  ///
  /// \throws Error [ign.option.90] when applications < 0, [ign.shape.3] on wrong extents
  void apply(Exec const& exec, Role first, int applications, Window const& x, Window const& out, Mode mode = Mode::evaluate) {
    require(applications >= 0, Fault::option, 90, "projector: ", applications, " applications, expected 0 or more");
    require(shape_of(x) == image_shape() && shape_of(out) == image_shape() && x.extent(0) == out.extent(0), Fault::shape, 3,
            "projector: ", x.extent(0), " samples of ", shape_of(x), " into ", out.extent(0), " of ", shape_of(out),
            ", expected as many of ", image_shape());
    if (applications == 0 && out.data() != x.data()) Kokkos::deep_copy(exec, out, x);
    for (int k = 0; k < applications; ++k) {
      Role const role = k == 0 ? first : (first == Role::source ? Role::image : first);
      Pass pass = pass_of(role == Role::image ? m_images : role, mode);
      pass.update_statistics = false;
      forward(exec, pass, k == 0 ? x : out, m_inference);
      Kokkos::deep_copy(exec, out, m_inference.result());
    }
  }

 private:
  Model<Net, Real, Exec> m_model;
  Role m_images;
  Tape<Real, Exec> m_inference{Keep::nothing};
  Workspace<Real, Exec> m_workspace;
};

}  // namespace ign

#endif  // IGN_POLICIES_PROJECTOR_HPP
