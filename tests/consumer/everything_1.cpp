// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// First of two units that include everything: what a header defines without `inline` would be defined twice. It trains a step besides, so
// that the consumer's warnings see templates as they are used.

#include "everything.hpp"

#include <cstdint>
#include <vector>

std::size_t size_of_small_model();
int sum_below(int n);

int main(int argc, char* argv[]) {
  Kokkos::ScopeGuard const kokkos(argc, argv);
  Kokkos::DefaultExecutionSpace const exec;
  auto const recipe = ign::mnist_small_recipe(ign::mlp(ign::Shape{2, 2, 1}, std::array{3}), ign::Shape{2, 2, 1});
  ign::Idempotent policy(exec, recipe.net, recipe.image, recipe.objective);
  std::vector<std::uint8_t> const pixels(4 * 4, 7);
  ign::Batches<Kokkos::DefaultExecutionSpace> const batches(exec, pixels, 4, recipe.image, {.batch = 2});
  ign::Trainer trainer(exec, policy, recipe.optimizer, batches, {.steps = 1});
  trainer.train();
  bool const good = IGN_VERSION > 0 && trainer.steps_done() == 1 && sum_below(1000) == 499500 && size_of_small_model() > 0;
  return good ? 0 : 1;
}
