// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Expect: ign::Trainer: the batches are a temporary, to which the trainer would keep a reference: name them

#include <ign/nets/mlp.hpp>
#include <ign/optimizers/adam.hpp>
#include <ign/policies/idempotent.hpp>
#include <ign/train/tensor_batches.hpp>
#include <ign/train/trainer.hpp>

using Exec = Kokkos::DefaultExecutionSpace;

void wrong(Exec const& exec, ign::Tensor<float, Exec> const& images) {
  ign::Idempotent policy(exec, ign::mlp({1, 1, 2}, std::array{8}), {1, 1, 2});
  ign::Trainer const trainer(exec, policy, ign::Adam{}, ign::TensorBatches(images, {.batch = 4}), {.steps = 1});
}
