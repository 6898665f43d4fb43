// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// The contract of a linear operator, the A of a measurement y = A x: its functions and their defaults.
///
/// An operator A is a value type. Its functions are found by argument-dependent lookup, so it may live in any namespace:
///
///     void apply(Exec const&, A const&, x, y, scratch)            y = A x
///     void apply_adjoint(Exec const&, A const&, y, x, scratch)    x = Aᵀ y, so that <A x, y> = <x, Aᵀ y> for all x and y
///     double step_size(A const&, Shape image)                     step of gradient descent on ½ |A x - y|²; default: 1
///
/// x and y are TensorRef<Real, Exec> in different memory, with equal numbers of samples; the first argument of the two is only read.
/// scratch is a Buffer<Real, Exec>&, undefined before and after the call. A step below 2 / ‖A‖² lets the descent converge. All calls are
/// asynchronous on the execution-space instance. corruptions/operators.hpp has examples.
#ifndef IGN_NETS_LINEAR_OPERATOR_HPP
#define IGN_NETS_LINEAR_OPERATOR_HPP

#include "ign/core/workspace.hpp"

namespace ign::linear_operator {  // the contract with its defaults, for solvers to call; not to be overloaded

/// Returns `step_size`; default: 1.
template <class A>
double step_size_of([[maybe_unused]] A const& a, [[maybe_unused]] Shape image) {
  if constexpr (requires { static_cast<double>(step_size(a, image)); })
    return step_size(a, image);
  else
    return 1;
}

/// Fails to compile unless A is a linear operator; the error names the missing function.
template <class A, class Real, class Exec>
constexpr bool complete() {
  static_assert(
      requires(A const& a, Exec const& exec, TensorRef<Real, Exec> const& x, Buffer<Real, Exec>& scratch) {
        apply(exec, a, x, x, scratch);
      },
      "ign::linear_operator: an operator has `apply(exec, a, x, y, scratch)` in its own namespace: see ign/nets/linear_operator.hpp");
  static_assert(
      requires(A const& a, Exec const& exec, TensorRef<Real, Exec> const& x, Buffer<Real, Exec>& scratch) {
        apply_adjoint(exec, a, x, x, scratch);
      },
      "ign::linear_operator: an operator has `apply_adjoint(exec, a, y, x, scratch)` in its own namespace: "
      "see ign/nets/linear_operator.hpp");
  return true;
}

}  // namespace ign::linear_operator

#endif  // IGN_NETS_LINEAR_OPERATOR_HPP
