// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// A finished f and its use: generate, project, fill in missing pixels, tell how odd a sample is. What a program takes that does not train.
#ifndef IGN_NETS_FROZEN_PROJECTOR_HPP
#define IGN_NETS_FROZEN_PROJECTOR_HPP

#include "ign/losses/mse.hpp"
#include "ign/nets/frozen.hpp"
#include "ign/nets/projection.hpp"
#include "ign/sources/source.hpp"

namespace ign {

/// A Frozen net that maps images to their like, with the memory of its passes.
///
/// It works on the caller's own Views, where they lie: an owning one, or a TensorWindow on any memory of Exec. Nothing is allocated after
/// the first call of the largest batch, nothing waits, nothing goes to the host. A sample's bits do not depend on its batch.
template <class Net, Scalar Real = float, class Exec = Kokkos::DefaultExecutionSpace>
class FrozenProjector {
 public:
  using Window = TensorWindow<Real, Exec>;  ///< images (n, h, w, c)
  using scalar_type = Real;                 ///< of all numbers
  using execution_space = Exec;             ///< where all work is done

  /// \param images  the role in which f was trained on what it puts out itself: Role::data for a NonAdversarial
  /// \throws Error [ign.shape.5] when the net does not map images to their like
  FrozenProjector(Exec const& exec, Model<Net, Real, Exec> const& model, Role images = Role::image)
      : m_frozen(exec, model), m_images(images) {
    require(model.output_shape() == model.input_shape(), Fault::shape, 5, "projector: the net maps ", model.input_shape(), " to ",
            model.output_shape(), ", expected the same extents");
  }

  Model<Net, Real, Exec> const& model() const { return m_frozen.model(); }  ///< whose numbers f has
  Shape image_shape() const { return model().input_shape(); }               ///< of what f takes and puts out

  /// Makes ready for the model's numbers as they are now; they are shared.
  void update(Exec const& exec) const { m_frozen.update(exec); }

  /// out = f^applications(x), where x (n, h, w, c) comes from the distribution `first`. out may be x.
  ///
  /// \throws Error [ign.option.90] when applications < 0, [ign.shape.3] on wrong extents
  void apply(Exec const& exec, Role first, int applications, Window const& x, Window const& out) {
    detail::for_each_application<Real, Exec>(exec, image_shape(), first, applications, x, out, [&](Role role, Window const& from) {
      m_frozen.forward(exec, role == Role::image ? m_images : role, from, out);
    });
  }

  /// out = f^applications(z), z from `source` with the noise of `key`.
  ///
  /// \throws Error [ign.option.90] when applications < 0, [ign.shape.3] on wrong extents
  template <class Source>
  void generate(Exec const& exec, Source const& source, Key const& key, int applications, Window const& out) {
    detail::check_application<Real, Exec>(image_shape(), applications, out, out);
    source::sample_from(exec, source, key, out, m_scratch);
    apply(exec, Role::source, applications, out, out);
  }

  /// out = f^applications(x) for x near the data: once projects, more often refines. out may be x.
  void project(Exec const& exec, Window const& x, int applications, Window const& out) { apply(exec, Role::data, applications, x, out); }

  /// Masked projection: out = x, then `applications` times f(out) in the pixels that the mask misses; known ones stay as they are.
  ///
  /// \param mask  (n, h, w, 1), not 0 where a pixel of x is known
  /// \param x     (n, h, w, c); its missing pixels are where f starts from. out may be x
  /// \param first the distribution that x comes from: Role::source where f was trained on damaged data as its noise
  /// \throws Error [ign.option.90] when applications < 0, [ign.shape.3], [ign.shape.316] on wrong extents
  void inpaint(Exec const& exec, Window const& mask, Window const& x, int applications, Window const& out, Role first = Role::data) {
    ign::inpaint<FrozenProjector, Real, Exec>(exec, *this, first, mask, x, applications, out, m_scratch);
  }

  /// scores(n) = D(f(x), x) of each sample: near 0 for data, larger for what is out of distribution.
  ///
  /// \throws Error [ign.shape.3] on wrong extents, [ign.shape.205] when there is not one score per sample
  template <Distance D = Mse>
  void drift(Exec const& exec, Window const& x, VectorWindow<Real, Exec> const& scores, D const& distance = {}) {
    sample_drift<FrozenProjector, D, Real, Exec>(exec, *this, distance, Role::data, x, scores, m_scratch);
  }

 private:
  Frozen<Net, Real, Exec> m_frozen;
  Role m_images;
  Buffer<Real, Exec> m_scratch{"ign::frozen_projector::scratch"};
};

}  // namespace ign

#endif  // IGN_NETS_FROZEN_PROJECTOR_HPP
