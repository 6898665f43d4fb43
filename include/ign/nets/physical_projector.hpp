// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// A trained f for fields in their own units.
#ifndef IGN_NETS_PHYSICAL_PROJECTOR_HPP
#define IGN_NETS_PHYSICAL_PROJECTOR_HPP

#include <utility>

#include "ign/nets/channel_normalisation.hpp"
#include "ign/nets/projection.hpp"

namespace ign {

/// Physical fields for an f that was trained on normalised ones: normalises, applies f, and scales back. F is a FrozenProjector, a
/// RuntimeProjector, a TiledProjector or a policy.
///
/// Distances of `drift_scores` and `drift_map` are those of normalised fields, in which all channels count equally.
template <class F, Scalar Real = typename F::scalar_type, class Exec = typename F::execution_space>
class PhysicalProjector : public InferenceInterface<PhysicalProjector<F, Real, Exec>, Real, Exec> {
 public:
  using Ref = TensorRef<Real, Exec>;  ///< fields, (n, h, w, c)

  /// \param f                   moved in; a FrozenProjector shares the weights of its model
  /// \param source_is_physical  true: inputs of the role `source` are physical fields, for an f that was trained with damaged fields as its
  ///                            noise. false: they are noise, as `generate` draws it, and are not normalised
  /// \throws Error [ign.shape.483] when the numbers of channels differ; errors of ChannelScaling
  PhysicalProjector(Exec const& exec, F f, ChannelNormalisation const& normalisation, bool source_is_physical = false)
      : m_f(std::move(f)), m_scaling(exec, normalisation), m_source_is_physical(source_is_physical) {
    require(m_scaling.channels() == image_shape().channels, Fault::shape, 483, "physical_projector: a normalisation of ",
            m_scaling.channels(), " channels for fields of ", image_shape(),
            ", expected one mean and one standard deviation for each channel");
  }

  F& normalised() { return m_f; }                                                          ///< f for normalised fields
  F const& normalised() const { return m_f; }                                              ///< f for normalised fields
  ChannelNormalisation const& normalisation() const { return m_scaling.normalisation(); }  ///< of the constructor
  Shape image_shape() const { return m_f.image_shape(); }                                  ///< extents of the fields
  bool source_is_physical() const { return m_source_is_physical; }                         ///< of the constructor

  /// out = f^applications(x) for x (n, h, w, c) from the distribution `input_role`. out may be x.
  ///
  /// \throws Error [ign.option.90] when applications < 0, [ign.shape.3] on wrong extents
  void apply(Exec const& exec, Role input_role, int applications, Ref const& x, Ref const& out) {
    detail::check_application<Real, Exec>(image_shape(), applications, x, out);
    bool const noise = input_role == Role::source && !m_source_is_physical;
    if (applications == 0 && out.data() != x.data()) Kokkos::deep_copy(exec, out, x);
    if (applications == 0) return;
    if (!noise) m_scaling.normalise(exec, x, out);
    m_f.apply(exec, input_role, applications, noise ? x : out, out);
    m_scaling.denormalise(exec, out, out);
  }

 private:
  friend InferenceInterface<PhysicalProjector, Real, Exec>;

  F& drift_f() { return m_f; }
  // x itself if it is noise.
  Ref drift_x(Exec const& exec, Ref const& x, Role role) {
    if (role == Role::source && !m_source_is_physical) return x;
    Ref const copy = reserve_like(exec, m_copy, x);
    m_scaling.normalise(exec, x, copy);
    return copy;
  }

  F m_f;
  ChannelScaling<Real, Exec> m_scaling;
  bool m_source_is_physical;
  Buffer<Real, Exec> m_copy{"ign::physical_projector::copy"};
};

}  // namespace ign

#endif  // IGN_NETS_PHYSICAL_PROJECTOR_HPP
