// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// The policy contract: what a trainer asks of the recipe of a step. A policy P has
///
///     P::scalar_type, P::execution_space
///     Shape image_shape() const                     of the data
///     Losses losses(exec) const                     means since reset_losses(exec): `total`, and `named()` as NamedLoss
///     void reset_losses(exec)                       begins a new mean
///
/// and, where it trains one model,
///
///     Model model() const
///     void gradients(exec, x, step)                 model().gradients() of one batch, or
///     void gradients(exec, x, labels, step), classes()   of one with labels, (n) whole numbers from 0 to classes() - 1
///
/// or, where it trains several, one after the other,
///
///     void for_each_model(visitor) const            visitor(prefix of the names in files, model), always in the same order
///     void step(exec, x, step, update)              calls update(i) as soon as model number i has its gradients
///
/// and, where its run can be resumed from a checkpoint,
///
///     loss_sums(), summed_steps(), set_summed_steps(count)   what is kept of the losses: see policies/loss_sums.hpp
///
/// and, where a run depends on models that it does not train (the teacher of policies/settling.hpp),
///
///     void for_each_frozen_model(visitor) const     visitor(prefix of the names in files, model), always in the same order: checkpoints
///                                                   keep their parameters and running statistics; optimizers do not see them
///
/// and, where its steps can be captured as a graph (TrainerOptions::use_graph),
///
///     StepNumbers step_numbers(step) const          all that changes from step to step: a struct of plain numbers
///     void gradients(exec, x, Deferred<StepNumbers>)   kernels read these numbers when they run: see core/deferred.hpp
///     void count_step()                             counts a step whose losses a launch of the graph adds
///
/// Everything random in a step follows from the policy's seed and the number of the step; nothing else outlasts it but parameters and
/// statistics of the models, frozen ones among them, and what loss_sums() holds: so a run can be resumed with the same bits.
#ifndef IGN_POLICIES_POLICY_HPP
#define IGN_POLICIES_POLICY_HPP

#include <concepts>
#include <string>
#include <utility>

#include "ign/core/deferred.hpp"
#include "ign/core/tensor.hpp"

namespace ign {

namespace policy {  // the contract with its defaults; called by trainers and files

/// Calls `visitor(prefix, model)` for every model that is trained.
template <class P, class Visitor>
void for_each_model_of(P const& policy, Visitor&& visitor) {
  if constexpr (requires { policy.for_each_model(visitor); })
    policy.for_each_model(visitor);
  else
    visitor(std::string(), policy.model());
}

/// Calls `visitor(prefix, model)` for every model that belongs to the run and is not trained.
template <class P, class Visitor>
void for_each_frozen_model_of([[maybe_unused]] P const& policy, [[maybe_unused]] Visitor&& visitor) {
  if constexpr (requires { policy.for_each_frozen_model(visitor); }) policy.for_each_frozen_model(visitor);
}

/// Numbers of a policy without `step_numbers`: only the number of the step.
struct DefaultNumbers {
  std::uint64_t step;  ///< from 0
};

/// `step_numbers`, or the number of the step.
template <class P>
auto numbers_of([[maybe_unused]] P const& policy, std::uint64_t step) {
  if constexpr (requires { policy.step_numbers(step); })
    return policy.step_numbers(step);
  else
    return DefaultNumbers{step};
}

/// Result of `numbers_of`.
template <class P>
using Numbers = decltype(numbers_of(std::declval<P const&>(), std::uint64_t{}));

/// True for a policy whose steps can be captured.
template <class P>
inline constexpr bool capturable_v = requires(P& policy, std::uint64_t step) {
  policy.step_numbers(step);
  policy.count_step();
};

/// One step on the batch x: gradients, and `update(i)` for each model i. A policy that cannot be captured needs known numbers.
template <class P, class Exec, class Window, class Update>
void step_of(Exec const& exec, P& policy, Window const& x, Deferred<Numbers<P>> const& numbers, Update const& update) {
  if constexpr (capturable_v<P>) {
    policy.gradients(exec, x, numbers);
    update(std::size_t{0});
  } else if constexpr (requires { policy.step(exec, x, std::uint64_t{}, update); }) {
    policy.step(exec, x, numbers.get().step, update);
  } else {
    policy.gradients(exec, x, numbers.get().step);
    update(std::size_t{0});
  }
}

}  // namespace policy

/// True for a policy that asks for labels.
template <class Policy, class Real = typename Policy::scalar_type, class Exec = typename Policy::execution_space>
inline constexpr bool needs_labels_v = requires(Policy& policy, Exec const& exec, TensorWindow<Real, Exec> const& x,
                                                VectorWindow<int, Exec> const& labels, std::uint64_t step) {
  policy.gradients(exec, x, labels, step);
  policy.classes();
};

namespace detail {

/// Stands for whatever visits models, and for whatever updates one, where only their being taken is asked for.
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
                              TensorWindow<typename P::scalar_type, typename P::execution_space> const& x) {
  policy.gradients(exec, x, std::uint64_t{});
}
|| requires(P& policy, typename P::execution_space const& exec,
            TensorWindow<typename P::scalar_type, typename P::execution_space> const& x) {
  policy.step(exec, x, std::uint64_t{}, AnyVisitor{});
}
|| needs_labels_v<P>;

}  // namespace detail

/// A class that fulfils the policy contract, but for what a checkpoint needs.
template <class P>
concept TrainingPolicy =
    detail::PolicyTypes<P> && detail::PolicyShape<P> && detail::PolicyLosses<P> && detail::PolicyModels<P> && detail::PolicyStep<P>;

/// A policy whose run can be resumed from a checkpoint.
template <class P>
concept ResumablePolicy = TrainingPolicy<P> && requires(P& policy, P const& trained) {
  trained.loss_sums();
  policy.set_summed_steps(trained.summed_steps());
};

namespace policy {

/// Says in words, as a compile-time error, what a class lacks to be a TrainingPolicy.
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

/// Says in words, as a compile-time error, what a class lacks to be a ResumablePolicy.
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
