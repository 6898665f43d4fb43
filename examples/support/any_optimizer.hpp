// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The optimizers of the recipes behind one type, so that trainers are not compiled once for each optimizer of both phases.
#ifndef IGN_EXAMPLES_SUPPORT_ANY_OPTIMIZER_HPP
#define IGN_EXAMPLES_SUPPORT_ANY_OPTIMIZER_HPP

#include <ign/optimizers/adam.hpp>
#include <ign/optimizers/muon.hpp>

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "images.hpp"

namespace examples {

/// Adam or Muon, chosen at run time. Models the contract of optimizers/optimizer.hpp, and is the chosen one in files.
struct AnyOptimizer {
  std::variant<ign::Adam, ign::Muon> optimizer{};  ///< the chosen one
};

/// Matrices and scratch memory of Muon; empty for Adam.
struct AnyOptimizerWorkspace {
  std::optional<ign::math::PolarFactors<float, Exec>> factors{};
};

/// @name Optimizer contract
///@{
void validate(AnyOptimizer const& any);
std::vector<std::string> slots(AnyOptimizer const& any);
ign::OptimizerDescription describe(AnyOptimizer const& any);
ign::MuonStepValues step_values(AnyOptimizer const& any, double learning_rate, std::uint64_t step);
AnyOptimizerWorkspace workspace(Exec const& exec, AnyOptimizer const& any, ign::VectorRef<float, Exec> const& parameters,
                                std::vector<ign::ModelArray> const& arrays);
void update(Exec const& exec, AnyOptimizer const& any, ign::StepArgument<ign::MuonStepValues> const& values,
            ign::VectorRef<float, Exec> const& parameters, ign::VectorRef<float, Exec> const& gradients,
            ign::VectorRef<float, Exec> const& state, AnyOptimizerWorkspace const& workspace);
///@}

}  // namespace examples

#endif  // IGN_EXAMPLES_SUPPORT_ANY_OPTIMIZER_HPP
