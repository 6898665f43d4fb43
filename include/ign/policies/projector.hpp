// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// A net that maps images to their like, and its use once it is trained: what all policies of one net share.
#ifndef IGN_POLICIES_PROJECTOR_HPP
#define IGN_POLICIES_PROJECTOR_HPP

#include <Kokkos_Core.hpp>

#include "ign/nets/model.hpp"
#include "ign/nets/projection.hpp"
#include "ign/sources/source.hpp"

namespace ign {

/// A model f, the memory of its passes, and f^k of noise or of images.
template <class Net, Scalar Real = float, class Exec = Kokkos::DefaultExecutionSpace>
class Projector {
 public:
  using Window = TensorWindow<Real, Exec>;  ///< images, (n, h, w, c)

  /// \param images  the role in which f was trained on what it puts out itself
  /// \throws Error [ign.shape.5] when the net does not map images to their like; [ign.option.*] on impossible options
  Projector(Exec const& exec, Net const& net, Shape image, std::uint64_t seed, Role images = Role::image)
      : m_model(exec, net, image, seed), m_images(images) {
    require(m_model.output_shape() == image, Fault::shape, 5, "projector: the net maps ", image, " to ", m_model.output_shape(),
            ", expected the same extents");
  }

  Model<Net, Real, Exec> const& model() const { return m_model; }  ///< the net and its numbers
  Shape image_shape() const { return m_model.input_shape(); }      ///< of x and f(x)
  Role image_role() const { return m_images; }                     ///< as given

  ///@{
  /// As Model's, with this object's workspace.
  void forward(Exec const& exec, Pass const& pass, Window const& x, Tape<Real, Exec>& tape) {
    m_model.forward(exec, pass, x, tape, m_workspace);
  }
  void backward(Exec const& exec, Tape<Real, Exec> const& tape, Window const& dy, Window const& dx, Sweep<Real, Exec> const& sweep = {}) {
    m_model.backward(exec, tape, dy, dx, m_workspace, sweep);
  }
  ///@}

  ///@{
  /// z = noise of `key` from `source`, and what the source may want to know of the data x: with this object's workspace.
  template <class Source>
  void sample(Exec const& exec, Source const& source, Key const& key, Window const& z) {
    source::sample_from(exec, source, key, z, m_workspace.scratch);
  }
  template <class Source>
  void show(Exec const& exec, Source const& source, Window const& x) {
    source::show(exec, source, x, m_workspace.scratch);
  }
  ///@}

  /// Counters for kernels of the policy's own, between passes.
  Tickets<Exec> tickets(Exec const& exec) { return m_workspace.reserve_tickets(exec); }

  /// out = f^applications(z), z from `source` with the noise of `key`, in evaluation mode: a sample does not depend on the rest of `out`.
  ///
  /// \throws Error [ign.option.90] when applications < 0, [ign.shape.3] on wrong extents
  template <class Source>
  void generate(Exec const& exec, Source const& source, Key const& key, int applications, Window const& out) {
    detail::check_application<Real, Exec>(image_shape(), applications, out, out);
    sample(exec, source, key, out);
    apply(exec, Role::source, applications, out, out);
  }

  /// out = f^applications(x), where x comes from the distribution `first`. What f makes of noise has the role `image`. out may be x.
  ///
  /// \throws Error [ign.option.90] when applications < 0, [ign.shape.3] on wrong extents
  void apply(Exec const& exec, Role first, int applications, Window const& x, Window const& out, Mode mode = Mode::evaluate) {
    detail::for_each_application<Real, Exec>(exec, image_shape(), first, applications, x, out, [&](Role role, Window const& from) {
      Pass pass = pass_of(role == Role::image ? m_images : role, mode);
      pass.update_statistics = false;
      forward(exec, pass, from, m_inference);
      Kokkos::deep_copy(exec, out, m_inference.result());
    });
  }

  /// Masked projection: out = x, then `applications` times f(out) in the pixels that the mask misses. As ign::inpaint.
  ///
  /// \param mask  (n, h, w, 1), not 0 where a pixel of x is known
  void inpaint(Exec const& exec, Role first, Window const& mask, Window const& x, int applications, Window const& out) {
    ign::inpaint<Projector, Real, Exec>(exec, *this, first, mask, x, applications, out, m_scratch);
  }

  /// scores(n) = D(f(x), x) of each sample: how far out of distribution it is. As ign::sample_drift.
  template <Distance D>
  void drift(Exec const& exec, D const& distance, Role role, Window const& x, VectorWindow<Real, Exec> const& scores) {
    sample_drift<Projector, D, Real, Exec>(exec, *this, distance, role, x, scores, m_scratch);
  }

 private:
  Model<Net, Real, Exec> m_model;
  Role m_images;
  Tape<Real, Exec> m_inference{Keep::nothing};
  Workspace<Real, Exec> m_workspace;
  Buffer<Real, Exec> m_scratch{"ign::projector::scratch"};  // f of what is filled in or scored
};

}  // namespace ign

#endif  // IGN_POLICIES_PROJECTOR_HPP
