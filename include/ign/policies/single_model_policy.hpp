// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Base of single-network image-to-image policies.
#ifndef IGN_POLICIES_SINGLE_MODEL_POLICY_HPP
#define IGN_POLICIES_SINGLE_MODEL_POLICY_HPP

#include <cstdint>
#include <type_traits>
#include <utility>

#include "ign/losses/image_distance.hpp"
#include "ign/policies/model_with_workspace.hpp"

namespace ign {

/// Base of Idempotent, Imle, Distillation and Reconstruction: the net, the options and the functions of InferenceInterface.
///
/// `Options` has a `distance`, the default of `drift_scores`, and may have a `source`, that of `generate`.
template <class Net, Scalar Real, class Exec, class Options>
class SingleModelPolicy : public InferenceInterface<SingleModelPolicy<Net, Real, Exec, Options>, Real, Exec> {
  using Inference = InferenceInterface<SingleModelPolicy, Real, Exec>;
  using Distance = std::remove_cvref_t<decltype(Options::distance)>;

 public:
  using Ref = TensorRef<Real, Exec>;  ///< images, (n, h, w, c)

  Model<Net, Real, Exec> const& model() const { return m_model.model(); }  ///< the net and its state
  Options const& options() const { return m_options; }                     ///< as given to the constructor
  std::uint64_t seed() const { return m_seed; }                            ///< as given to the constructor
  Shape image_shape() const { return m_model.image_shape(); }              ///< extents of the data
  Role generated_role() const { return m_model.generated_role(); }         ///< the role in which f is trained on its own output

  /// out = f^applications(x) for x (n, h, w, c) from the distribution `input_role`. out may be x. Running statistics are left unchanged.
  ///
  /// \throws Error [ign.option.90] when applications < 0, [ign.shape.3] on wrong extents
  void apply(Exec const& exec, Role input_role, int applications, Ref const& x, Ref const& out, Mode mode = Mode::evaluate) {
    m_model.apply(exec, input_role, applications, x, out, mode);
  }
  /// The same for a conditional net. `given(policy, c)` has all functions of InferenceInterface for f(x | c) (nets/conditional.hpp).
  /// \param condition  as for Model::forward
  /// \throws Error [ign.shape.540] when the condition does not fit the net; as above
  void apply(Exec const& exec, Role input_role, int applications, Ref const& x, Ref const& out, Ref const& condition,
             Mode mode = Mode::evaluate) {
    m_model.apply(exec, input_role, applications, x, out, condition, mode);
  }

  using Inference::drift_scores;
  using Inference::generate;
  using Inference::masked_drift_scores;

  /// InferenceInterface::generate with the source of the options.
  void generate(Exec const& exec, Key const& key, int applications, Ref const& out) {
    generate(exec, m_options.source, key, applications, out);
  }
  /// The same with a conditional net: sample n of `out` has the condition n, or all have the same.
  /// \param condition  (n, 1, 1, K), or (1, 1, 1, K) for all samples
  /// \throws Error [ign.shape.540] when the condition does not fit the net; as above
  void generate(Exec const& exec, Key const& key, int applications, Ref const& out, Ref const& condition) {
    detail::check_application<Real, Exec>(image_shape(), applications, out, out);
    m_model.sample(exec, m_options.source, key, out);
    apply(exec, Role::source, applications, out, out, condition);
  }
  /// InferenceInterface::drift_scores with the distance of the options.
  void drift_scores(Exec const& exec, Ref const& x, VectorRef<Real, Exec> const& scores) {
    if constexpr (ImageDistance<Distance>)
      drift_scores(exec, x, scores, m_options.distance, m_distance_memory);
    else
      drift_scores(exec, x, scores, m_options.distance);
  }
  /// InferenceInterface::masked_drift_scores with the distance of the options, or with the `pixel_distance()` of an ImageDistance.
  void masked_drift_scores(Exec const& exec, Ref const& mask, Ref const& x, VectorRef<Real, Exec> const& scores) {
    masked_drift_scores(exec, mask, x, scores, distance::pixel_distance_of(m_options.distance));
  }

 protected:
  /// \param generated_role  the role in which f is trained on its own output
  SingleModelPolicy(Exec const& exec, Net const& net, Shape image, Options options, std::uint64_t seed, Role generated_role)
      : m_options(std::move(options)), m_seed(seed), m_model(exec, net, image, seed, generated_role) {}

  Options m_options;                            ///< as given to the constructor
  std::uint64_t m_seed;                         ///< as given to the constructor
  ModelWithWorkspace<Net, Real, Exec> m_model;  ///< the net and the memory of its passes

 private:
  [[no_unique_address]] DistanceMemory<Distance> m_distance_memory;  // of drift_scores
};

}  // namespace ign

#endif  // IGN_POLICIES_SINGLE_MODEL_POLICY_HPP
