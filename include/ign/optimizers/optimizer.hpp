// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// The optimizer contract and its defaults.
///
/// An optimizer O is a value that holds options, and scratch memory at most, which its copies do not share. Its state lies in a flat View
/// of the trainer, which checkpoints save. Its functions are found by argument-dependent look-up, so that O may live in any namespace:
///
///     void update(Exec const&, O const&, StepArgument<StepValues> const&, parameters, gradients, state)   required; with a workspace
///                                                  it is the last argument
///     StepValues step_values(O const&, double learning_rate, std::uint64_t step)   all values that change from step to step; default:
///                                                  optimizer::DefaultStepValues, the learning rate and the step
///     std::vector<std::string> slots(O const&)     names of the state arrays, one element per parameter each; default: none
///     void validate(O const&)                      throws Error on options outside their ranges; default: no check
///     OptimizerDescription describe(O const&)      name and options, for checkpoints and logs; required for these only
///     W workspace(Exec const&, O const&, parameters, std::vector<ModelArray> const&)   what `update` needs besides the state, such as the
///                                                  arrays of the model and scratch memory. The trainer has one for each model, and
///                                                  `update` takes it as its last argument. The function may fence. Default: none
///
/// Kernels call `values.get()` when they run, so that a captured graph can be launched with the values of another step
/// (core/step_values.hpp).
///
/// parameters, gradients and state are VectorRef<Real, Exec>. `update` writes parameters and state, and may overwrite gradients. The
/// state holds the slots one after the other, each as long as the parameters, and zeros before step 1. `step` counts from 1. The call is
/// asynchronous on the execution-space instance. From its second call on it may run within a captured graph: it does not allocate, fence or
/// copy to the host.
#ifndef IGN_OPTIMIZERS_OPTIMIZER_HPP
#define IGN_OPTIMIZERS_OPTIMIZER_HPP

#include <concepts>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "ign/core/description.hpp"
#include "ign/core/parameters.hpp"
#include "ign/core/step_values.hpp"
#include "ign/core/tensor.hpp"

namespace ign {

/// Name and options of an optimizer, in the order in which checkpoints and logs list them.
struct OptimizerDescription {
  std::string name{};                                                      ///< name in files
  std::vector<std::pair<std::string, LayerDescription::Value>> options{};  ///< by name
  std::vector<OptimizerDescription> wrapped{};  ///< the wrapped optimizer, or that of the other parameters; may be empty
};

}  // namespace ign

namespace ign::optimizer {  // the contract with its defaults; called by trainers and files, never overloaded

/// An optimizer with `describe`.
template <class O>
concept Described = requires(O const& optimizer) {
  { describe(optimizer) } -> std::same_as<OptimizerDescription>;
};

/// `describe`, which checkpoints and logs need.
template <class O>
OptimizerDescription description_of(O const& optimizer) {
  static_assert(Described<O>,
                "ign::io: an optimizer whose run is kept in checkpoints has `ign::OptimizerDescription describe(optimizer)` in its own "
                "namespace: see ign/optimizers/optimizer.hpp");
  return describe(optimizer);
}

/// `slots`, or no slots.
template <class O>
std::vector<std::string> slots_of([[maybe_unused]] O const& optimizer) {
  if constexpr (requires { slots(optimizer); })
    return slots(optimizer);
  else
    return {};
}

/// `validate`, or no check.
template <class O>
void validate_options([[maybe_unused]] O const& optimizer) {
  if constexpr (requires { validate(optimizer); }) validate(optimizer);
}

/// Step values of an optimizer without `step_values`.
struct DefaultStepValues {
  double learning_rate;  ///< of the step
  std::uint64_t step;    ///< counted from 1
};

/// Returns `step_values`, or DefaultStepValues.
template <class O>
auto step_values_of([[maybe_unused]] O const& optimizer, double learning_rate, std::uint64_t step) {
  if constexpr (requires { step_values(optimizer, learning_rate, step); })
    return step_values(optimizer, learning_rate, step);
  else
    return DefaultStepValues{learning_rate, step};
}

/// Result type of `step_values_of`.
template <class O>
using StepValues = decltype(step_values_of(std::declval<O const&>(), double{}, std::uint64_t{}));

/// Workspace of an optimizer that needs none.
struct NoWorkspace {};

/// Returns `workspace`, or a NoWorkspace.
template <class O, Scalar Real, class Exec>
auto workspace_of([[maybe_unused]] Exec const& exec, [[maybe_unused]] O const& optimizer,
                  [[maybe_unused]] VectorRef<Real, Exec> const& parameters, [[maybe_unused]] std::vector<ModelArray> const& arrays) {
  if constexpr (requires { workspace(exec, optimizer, parameters, arrays); })
    return workspace(exec, optimizer, parameters, arrays);
  else
    return NoWorkspace{};
}

/// Type of the workspace.
template <class O, class Real, class Exec>
using Workspace = decltype(workspace_of(std::declval<Exec const&>(), std::declval<O const&>(), std::declval<VectorRef<Real, Exec> const&>(),
                                        std::declval<std::vector<ModelArray> const&>()));

/// Calls `update` with the workspace, or without it if the optimizer has none.
template <class O, Scalar Real, class Exec, class W>
void apply(Exec const& exec, O const& optimizer, StepArgument<StepValues<O>> const& values, VectorRef<Real, Exec> const& parameters,
           VectorRef<Real, Exec> const& gradients, VectorRef<Real, Exec> const& state, W const& workspace) {
  if constexpr (std::is_same_v<W, NoWorkspace>)
    update(exec, optimizer, values, parameters, gradients, state);
  else
    update(exec, optimizer, values, parameters, gradients, state, workspace);
}

}  // namespace ign::optimizer

namespace ign {

/// One step on all parameters at a known learning rate. `step` counts from 1; `state` holds zeros before step 1. For an optimizer with a
/// workspace, pass that of the model, `optimizer::workspace_of(exec, optimizer, parameters, model.parameter_arrays())`, as the last
/// argument.
template <class O, Scalar Real, class Exec, class W = optimizer::NoWorkspace>
void update(Exec const& exec, O const& optimizer, double learning_rate, std::uint64_t step, VectorRef<Real, Exec> const& parameters,
            VectorRef<Real, Exec> const& gradients, VectorRef<Real, Exec> const& state, W const& workspace = {}) {
  static_assert(
      std::is_same_v<W, optimizer::Workspace<O, Real, Exec>>,
      "ign::update: the last argument is not the workspace of this optimizer: pass optimizer::workspace_of(exec, optimizer, parameters, "
      "model.parameter_arrays()), or nothing if it has none");
  StepArgument<optimizer::StepValues<O>> const values(optimizer::step_values_of(optimizer, learning_rate, step));
  optimizer::apply(exec, optimizer, values, parameters, gradients, state, workspace);
}

}  // namespace ign

namespace ign::optimizer {

/// Reports a missing part of the optimizer contract as a compile-time error in words.
template <class O, class Real, class Exec>
constexpr bool complete() {
  using W = Workspace<O, Real, Exec>;
  if constexpr (std::is_same_v<W, NoWorkspace>)
    static_assert(
        requires(O const& optimizer, Exec const& exec, VectorRef<Real, Exec> const& numbers) {
          update(exec, optimizer, StepArgument<StepValues<O>>(), numbers, numbers, numbers);
        },
        "ign::Trainer: an optimizer has `update(exec, optimizer, values, parameters, gradients, state)` in its own namespace, or "
        "`workspace(exec, optimizer, parameters, arrays)` and an `update` that takes its result as well: see ign/optimizers/optimizer.hpp");
  else
    static_assert(
        requires(O const& optimizer, Exec const& exec, VectorRef<Real, Exec> const& numbers, W const& workspace) {
          update(exec, optimizer, StepArgument<StepValues<O>>(), numbers, numbers, numbers, workspace);
        },
        "ign::Trainer: an optimizer with `workspace` has `update(exec, optimizer, values, parameters, gradients, state, workspace)` in its "
        "own namespace: see ign/optimizers/optimizer.hpp");
  return true;
}

}  // namespace ign::optimizer

#endif  // IGN_OPTIMIZERS_OPTIMIZER_HPP
