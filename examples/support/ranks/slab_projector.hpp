// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// A trained f on a field that is divided among ranks, with the result of f on the whole field.
#ifndef IGN_EXAMPLES_SUPPORT_RANKS_SLAB_PROJECTOR_HPP
#define IGN_EXAMPLES_SUPPORT_RANKS_SLAB_PROJECTOR_HPP

#include <ign/corruptions/masks.hpp>
#include <ign/nets/frozen_projector.hpp>
#include <ign/nets/physical_projector.hpp>

#include <utility>

#include "slab.hpp"

namespace examples {

/// f on slabs. Each rank applies the net to its slab and the halo around it. An own cell of the result depends on no cell beyond a halo as
/// deep as the receptive field of the net, so it is that of the whole periodic field, up to rounding.
///
/// The padding of the net must be periodic, for the axes that are not divided. Weights do not depend on it: train them with any.
template <class Net>
class SlabProjector {
 public:
  using Exec = Slab::Exec;
  using Field = Slab::Field;
  using Model = ign::Model<Net, float, Exec>;
  using F = ign::PhysicalProjector<ign::FrozenProjector<Net, float, Exec>>;

  /// Copies parameters and statistics of a trained model to a net with the same layers.
  SlabProjector(Exec const& exec, Slab const& slab, Model const& trained, Net const& net, ign::ChannelNormalisation const& normalisation,
                ign::Role generated_role)
      : m_slab(slab), m_f(exec, copy(exec, slab, trained, net, generated_role), normalisation, true) {}

  Slab const& slab() const { return m_slab; }
  ign::ChannelNormalisation const& normalisation() const { return m_f.normalisation(); }

  /// y = f^times(x). Fills the halos of x; those of y are undefined. y may be x. Collective.
  void apply(Exec const& exec, ign::Role role, int times, Field const& x, Field const& y) {
    Field from = x;
    for (int i = 0; i < times; ++i) {
      m_slab.exchange(exec, from);
      m_f.apply(exec, i == 0 ? role : ign::Role::generated, 1, m_slab.sample(from), m_slab.sample(y));
      from = y;
    }
  }

  /// Masked projection: y = f(y) at missing cells and x at known ones, `times` times from y = x. Collective.
  /// \param mask  1 where a cell is known, 0 where it is missing
  void inpaint(Exec const& exec, ign::Role role, int times, Field const& mask, Field const& x, Field const& y) {
    Kokkos::deep_copy(exec, y, x);
    for (int i = 0; i < times; ++i) {
      apply(exec, i == 0 ? role : ign::Role::generated, 1, y, y);
      ign::keep_known<float, Exec>(exec, m_slab.sample(mask), m_slab.sample(x), m_slab.sample(y));
    }
  }

 private:
  static ign::FrozenProjector<Net, float, Exec> copy(Exec const& exec, Slab const& slab, Model const& trained, Net const& net,
                                                     ign::Role generated_role) {
    Model const model(exec, net, slab.shape());
    Kokkos::deep_copy(exec, model.parameters(), trained.parameters());
    Kokkos::deep_copy(exec, model.statistics(), trained.statistics());
    return ign::FrozenProjector<Net, float, Exec>(exec, model, generated_role);
  }

  Slab m_slab;
  F m_f;
};

}  // namespace examples

#endif  // IGN_EXAMPLES_SUPPORT_RANKS_SLAB_PROJECTOR_HPP
