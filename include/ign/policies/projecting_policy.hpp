// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// What policies of one net, which maps images to their like, have in common: the net, and its use once it is trained.
#ifndef IGN_POLICIES_PROJECTING_POLICY_HPP
#define IGN_POLICIES_PROJECTING_POLICY_HPP

#include <cstdint>

#include "ign/policies/projector.hpp"

namespace ign {

/// Base of Idempotent, NonAdversarial and Settling, whose options have a `distance` and a `source`.
template <class Net, Scalar Real, class Exec, class Options>
class ProjectingPolicy {
 public:
  using Window = TensorWindow<Real, Exec>;  ///< images, (n, h, w, c)
  using scalar_type = Real;                 ///< of all numbers
  using execution_space = Exec;             ///< where it runs

  Model<Net, Real, Exec> const& model() const { return m_projector.model(); }  ///< the net and its numbers
  Options const& options() const { return m_options; }                         ///< as given
  std::uint64_t seed() const { return m_seed; }                                ///< as given
  Shape image_shape() const { return m_projector.image_shape(); }              ///< of the data
  Role image_role() const { return m_projector.image_role(); }                 ///< in which f is trained on what it puts out itself

  /// out = f^applications(z) with the noise of `key`, in evaluation mode: a sample does not depend on the rest of `out`.
  ///
  /// \throws Error [ign.option.90] when applications < 0, [ign.shape.3] on wrong extents
  void generate(Exec const& exec, Key const& key, int applications, Window const& out) {
    m_projector.generate(exec, m_options.source, key, applications, out);
  }

  /// out = f^applications(x) for x near the data, in evaluation mode: once projects, more often refines. out may be x.
  ///
  /// \throws Error [ign.option.90] when applications < 0, [ign.shape.3] on wrong extents
  void project(Exec const& exec, Window const& x, int applications, Window const& out) { apply(exec, Role::data, applications, x, out); }

  /// out = f^applications(x), where x comes from the distribution `first`. What f puts out has the role that it was trained on itself in.
  void apply(Exec const& exec, Role first, int applications, Window const& x, Window const& out, Mode mode = Mode::evaluate) {
    m_projector.apply(exec, first, applications, x, out, mode);
  }

  /// Masked projection: out = x, then `applications` times f(out) in the pixels that the mask misses; known ones stay as they are.
  ///
  /// On the caller's own Views: nothing is allocated after the first call of a batch size, nothing waits, and nothing goes to the host.
  /// \param mask  (n, h, w, 1), not 0 where a pixel of x is known
  /// \param x     (n, h, w, c), near the data; its missing pixels are where f starts from. out may be x
  /// \throws Error [ign.option.90] when applications < 0, [ign.shape.3], [ign.shape.316] on wrong extents
  void inpaint(Exec const& exec, Window const& mask, Window const& x, int applications, Window const& out) {
    m_projector.inpaint(exec, Role::data, mask, x, applications, out);
  }

  /// scores(n) = D(f(x), x) of each sample, with the D that f is trained by: near 0 for data, larger for what is out of distribution.
  ///
  /// \throws Error [ign.shape.3] on wrong extents, [ign.shape.205] when there is not one score per sample
  void drift(Exec const& exec, Window const& x, VectorWindow<Real, Exec> const& scores) {
    m_projector.drift(exec, m_options.distance, Role::data, x, scores);
  }

 protected:
  /// \param images  the role in which f is trained on what it puts out itself
  ProjectingPolicy(Exec const& exec, Net const& net, Shape image, Options const& options, std::uint64_t seed, Role images)
      : m_options(options), m_seed(seed), m_projector(exec, net, image, seed, images) {}

  Options m_options;                       ///< as given
  std::uint64_t m_seed;                    ///< as given
  Projector<Net, Real, Exec> m_projector;  ///< the net, and the memory of its passes
};

}  // namespace ign

#endif  // IGN_POLICIES_PROJECTING_POLICY_HPP
