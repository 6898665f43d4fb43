// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Policy contract: the interface between a trainer and the objective it trains. Every policy P has
///
///     P::scalar_type, P::execution_space
///     Shape image_shape() const                     extents of the data
///     Losses losses(exec) const                     means since reset_losses(exec), with `total` and `named()` (a list of NamedLoss)
///     void reset_losses(exec)                       starts new means
///
/// A policy that trains one model has
///
///     Model model() const
///     void gradients(exec, x, step)                 computes model().gradients() of one batch
///
/// and with labels, instead of gradients(exec, x, step),
///
///     void gradients(exec, x, labels, step)         labels (n), integers from 0 to classes() - 1
///     int classes() const
///
/// A policy that trains several models in turn has
///
///     void for_each_model(visitor) const            calls visitor(prefix of names in files, model), always in the same order
///     void step(exec, x, step, update)              calls update(i) after computing the gradients of model i
///
/// A policy whose run can be resumed from a checkpoint also has
///
///     loss_sums(), summed_steps(), set_summed_steps(count)   state of the loss means: see policies/loss_sums.hpp
///     static constexpr char const* name             optional name in checkpoints. A run resumes only from a checkpoint of its policy's
///                                                   name, or of none
///
/// A policy whose run depends on constant models, such as the teacher of policies/distillation.hpp, also has
///
///     void for_each_constant_model(visitor) const   calls visitor(prefix of names in files, model), always in the same order.
///                                                   Checkpoints store parameters and running statistics; optimizers do not
///                                                   update them
///
/// A policy that leaves running statistics as they are (Pass::batch_statistics) also has
///
///     static constexpr bool keeps_statistics = true
///
/// A policy of a conditional net f(x | c) also has
///
///     int condition_length() const                  K, the length of a condition; 0 for a net without conditions
///     void gradients(exec, x, step, condition)      the same as above with the condition of each sample, (n, 1, 1, K), absent if K is 0;
///                                                   and with StepArgument<StepValues>, if the step can be captured
///
/// A policy whose step can run as a captured graph (TrainerOptions::use_graph) also has
///
///     StepValues step_values(step) const            all values that change from step to step: a struct of plain values
///     void gradients(exec, x, StepArgument<StepValues>)
///                                                   the same as above; kernels read the values when they run
///     void count_step()                             counts a step that a graph has run, for the means of the losses
///
/// A policy whose run may be shared by several ranks (core/ranks.hpp) also has
///
///     void set_ranks(Ranks)                         its samples are a shard of the global batch: set `Key::samples = ranks.shard()` for
///                                                   random numbers and `Pass::ranks = ranks` for training passes, and reduce what
///                                                   depends on the global batch
///     Ranks ranks() const                           as set. Trainers average the gradients over them before each update
///     void average_losses(exec) const               makes loss_sums() equal on all ranks; called after each step
///
/// The random numbers of a step depend only on the seed of the policy and the number of the step. The only state between steps is
/// parameters and statistics of all models, and loss_sums(). A resumed run is therefore bitwise identical.
#ifndef IGN_POLICIES_POLICY_HPP
#define IGN_POLICIES_POLICY_HPP

#include <concepts>
#include <string>
#include <utility>

#include "ign/core/ranks.hpp"
#include "ign/core/step_values.hpp"
#include "ign/core/tensor.hpp"

namespace ign {

// The contract with its defaults, for trainers and checkpoints. `name_of` returns the policy's `name`, or the default; likewise for all
// others.
namespace policy {

/// Calls `visitor(prefix, model)` for each trained model.
template <class P, class Visitor>
void for_each_model_of(P const& policy, Visitor&& visitor) {
  if constexpr (requires { policy.for_each_model(visitor); })
    policy.for_each_model(visitor);
  else
    visitor(std::string(), policy.model());
}

/// Calls `visitor(prefix, model)` for each constant model of the run.
template <class P, class Visitor>
void for_each_constant_model_of([[maybe_unused]] P const& policy, [[maybe_unused]] Visitor&& visitor) {
  if constexpr (requires { policy.for_each_constant_model(visitor); }) policy.for_each_constant_model(visitor);
}

/// Returns `P::name`, the name in files; default: none.
template <class P>
constexpr char const* name_of() {
  if constexpr (requires { P::name; })
    return P::name;
  else
    return "";
}

/// True if the policy leaves running statistics as they are; default: false.
template <class P>
constexpr bool keeps_statistics() {
  if constexpr (requires { P::keeps_statistics; })
    return P::keeps_statistics;
  else
    return false;
}

/// Step values of a policy without `step_values`: the index of the step.
struct DefaultStepValues {
  std::uint64_t step;  ///< index, from 0
};

/// Returns `step_values`, or the index of the step.
template <class P>
auto step_values_of([[maybe_unused]] P const& policy, std::uint64_t step) {
  if constexpr (requires { policy.step_values(step); })
    return policy.step_values(step);
  else
    return DefaultStepValues{step};
}

/// Returns `ranks`, or one process.
template <class P>
Ranks ranks_of([[maybe_unused]] P const& policy) {
  if constexpr (requires { policy.ranks(); })
    return policy.ranks();
  else
    return {};
}

/// Calls `average_losses`, which a policy with several ranks has.
template <class P, class Exec>
void average_losses_of([[maybe_unused]] Exec const& exec, [[maybe_unused]] P const& policy) {
  if constexpr (requires { policy.average_losses(exec); }) policy.average_losses(exec);
}

/// Result type of `step_values_of`.
template <class P>
using StepValues = decltype(step_values_of(std::declval<P const&>(), std::uint64_t{}));

/// Returns `condition_length`; default: 0.
template <class P>
int condition_length_of([[maybe_unused]] P const& policy) {
  if constexpr (requires { policy.condition_length(); })
    return policy.condition_length();
  else
    return 0;
}

/// Calls `gradients` for a step number or step values, with the condition if the policy takes one.
template <class P, class Exec, class Ref, class Step>
void gradients_of(Exec const& exec, P& policy, Ref const& x, Step const& step, [[maybe_unused]] Ref const& condition) {
  if constexpr (requires { policy.gradients(exec, x, step, condition); })
    policy.gradients(exec, x, step, condition);
  else
    policy.gradients(exec, x, step);
}

/// True for a policy whose steps can be captured.
template <class P>
inline constexpr bool capturable_v = requires(P& policy, std::uint64_t step) {
  policy.step_values(step);
  policy.count_step();
};

/// Runs one step on the batch x: computes gradients and calls `update(i)` for each model i. A policy that cannot be captured
/// needs known values. `condition` is that of x for a conditional net, otherwise absent.
template <class P, class Exec, class Ref, class Update>
void step_of(Exec const& exec, P& policy, Ref const& x, StepArgument<StepValues<P>> const& values, Update const& update,
             Ref const& condition = {}) {
  if constexpr (capturable_v<P>) {
    gradients_of(exec, policy, x, values, condition);
    update(std::size_t{0});
  } else if constexpr (requires { policy.step(exec, x, std::uint64_t{}, update); }) {
    policy.step(exec, x, values.get().step, update);
  } else {
    gradients_of(exec, policy, x, values.get().step, condition);
    update(std::size_t{0});
  }
}

}  // namespace policy

/// True for a policy whose gradients need labels.
template <class Policy, class Real = typename Policy::scalar_type, class Exec = typename Policy::execution_space>
inline constexpr bool needs_labels_v = requires(Policy& policy, Exec const& exec, TensorRef<Real, Exec> const& x,
                                                VectorRef<int, Exec> const& labels, std::uint64_t step) {
  policy.gradients(exec, x, labels, step);
  policy.classes();
};

namespace detail {

/// Archetype of visitors and updates for the concepts below.
struct AnyVisitor {
  template <class Model>
  void operator()(std::string const&, Model const&) const {}
  void operator()(std::size_t) const {}
};

template <class P>
concept PolicyTypes = requires {
  typename P::scalar_type;
  typename P::execution_space;
};
template <class P>
concept PolicyShape = requires(P const& policy) {
  { policy.image_shape() } -> std::same_as<Shape>;
};
template <class P>
concept PolicyLosses = requires(P& policy, P const& trained, typename P::execution_space const& exec) {
  { trained.losses(exec).total } -> std::convertible_to<double>;
  { trained.losses(exec).named().front().value } -> std::convertible_to<double>;
  policy.reset_losses(exec);
};
template <class P>
concept PolicyModels = requires(P const& policy) {
  policy.model().parameters();
  policy.model().gradients();
}
|| requires(P const& policy) { policy.for_each_model(AnyVisitor{}); };
template <class P>
concept PolicyStep = requires(P& policy, typename P::execution_space const& exec,
                              TensorRef<typename P::scalar_type, typename P::execution_space> const& x) {
  policy.gradients(exec, x, std::uint64_t{});
}
|| requires(P& policy, typename P::execution_space const& exec, TensorRef<typename P::scalar_type, typename P::execution_space> const& x) {
  policy.step(exec, x, std::uint64_t{}, AnyVisitor{});
}
|| needs_labels_v<P>;

}  // namespace detail

/// Class that models the policy contract, without the functions for checkpoints.
template <class P>
concept TrainingPolicy =
    detail::PolicyTypes<P> && detail::PolicyShape<P> && detail::PolicyLosses<P> && detail::PolicyModels<P> && detail::PolicyStep<P>;

/// Policy whose run can be resumed from a checkpoint.
template <class P>
concept ResumablePolicy = TrainingPolicy<P> && requires(P& policy, P const& trained) {
  trained.loss_sums();
  policy.set_summed_steps(trained.summed_steps());
};

namespace policy {

/// Returns the number of samples in the data x (n, h, w, c) of a step.
/// \param name  of the policy, for the error
/// \throws Error [ign.shape.3] when x has no sample, or samples of other extents than `image`
template <TensorView View>
int batch_of_data(char const* name, View const& x, Shape image) {
  int const batch = batch_of(x);
  require(shape_of(x) == image && batch > 0, Fault::shape, 3, name, ": data have ", batch, " samples of ", shape_of(x),
          ", expected at least one of ", image);
  return batch;
}

/// Reports the missing members of a TrainingPolicy as readable compile-time errors.
template <class P>
constexpr bool complete() {
  static_assert(ign::detail::PolicyTypes<P>,
                "ign::Trainer: a policy has the types `scalar_type` and `execution_space`: see ign/policies/policy.hpp");
  static_assert(ign::detail::PolicyShape<P>, "ign::Trainer: a policy has `ign::Shape image_shape() const`: see ign/policies/policy.hpp");
  static_assert(ign::detail::PolicyLosses<P>,
                "ign::Trainer: a policy has `losses(exec) const`, whose result has `total` and `named()`, and `reset_losses(exec)`: "
                "see ign/policies/policy.hpp");
  static_assert(ign::detail::PolicyModels<P>,
                "ign::Trainer: a policy has `model() const`, or `for_each_model(visitor) const`: see ign/policies/policy.hpp");
  static_assert(ign::detail::PolicyStep<P>,
                "ign::Trainer: a policy has `gradients(exec, x, step)`, or `step(exec, x, step, update)`: see ign/policies/policy.hpp");
  return true;
}

/// Reports the missing members of a ResumablePolicy as a readable compile-time error.
template <class P>
constexpr bool resumable() {
  static_assert(ResumablePolicy<P>,
                "ign::io: a policy whose run is kept in checkpoints has `loss_sums()`, `summed_steps()` and `set_summed_steps(count)`: see "
                "ign/policies/policy.hpp");
  return true;
}

}  // namespace policy

}  // namespace ign

#endif  // IGN_POLICIES_POLICY_HPP
