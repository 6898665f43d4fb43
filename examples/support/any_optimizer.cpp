// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "any_optimizer.hpp"

namespace examples {

void validate(AnyOptimizer const& any) {
  std::visit([](auto const& chosen) { validate(chosen); }, any.optimizer);
}

std::vector<std::string> slots(AnyOptimizer const& any) {
  return std::visit([](auto const& chosen) { return slots(chosen); }, any.optimizer);
}

ign::OptimizerDescription describe(AnyOptimizer const& any) {
  return std::visit([](auto const& chosen) { return describe(chosen); }, any.optimizer);
}

ign::MuonStepValues step_values(AnyOptimizer const& any, double learning_rate, std::uint64_t step) {
  if (auto const* const muon = std::get_if<ign::Muon>(&any.optimizer)) return step_values(*muon, learning_rate, step);
  return {step_values(std::get<ign::Adam>(any.optimizer), learning_rate, step), learning_rate};
}

AnyOptimizerWorkspace workspace(Exec const& exec, AnyOptimizer const& any, ign::VectorRef<float, Exec> const& parameters,
                                std::vector<ign::ModelArray> const& arrays) {
  AnyOptimizerWorkspace workspace;
  if (auto const* const muon = std::get_if<ign::Muon>(&any.optimizer))
    workspace.factors.emplace(ign::workspace(exec, *muon, parameters, arrays));
  return workspace;
}

void update(Exec const& exec, AnyOptimizer const& any, ign::StepArgument<ign::MuonStepValues> const& values,
            ign::VectorRef<float, Exec> const& parameters, ign::VectorRef<float, Exec> const& gradients,
            ign::VectorRef<float, Exec> const& state, AnyOptimizerWorkspace const& workspace) {
  if (auto const* const muon = std::get_if<ign::Muon>(&any.optimizer))
    ign::update(exec, *muon, values, parameters, gradients, state, *workspace.factors);
  else
    ign::update(exec, std::get<ign::Adam>(any.optimizer), values.member(&ign::MuonStepValues::others), parameters, gradients, state);
}

}  // namespace examples
