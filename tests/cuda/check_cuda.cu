// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What `make check-cuda` compiles for a GPU: the umbrella header and one whole training step of DCGAN-64, by both of the
// recipes that differ in kernels. It is never run: the check is that nvcc takes it.

#include <Kokkos_Core.hpp>
#include <ign/ign.hpp>

static_assert(std::is_same_v<Kokkos::DefaultExecutionSpace, Kokkos::Cuda>, "this file is for a Kokkos with CUDA");

namespace check_cuda {

template <class Recipe, class Optimizer>
void train(Kokkos::Cuda const& exec, Recipe const& recipe, ign::Batches<Kokkos::Cuda> const& batches, Optimizer const& optimizer) {
  ign::Idempotent policy(exec, recipe.net, recipe.image, recipe.objective);
  ign::Trainer trainer(exec, policy, optimizer, batches, {});
  trainer.train(ign::StopAfter(1));
  auto const z = ign::make_tensor<float>(exec, "ign::check_cuda", 1, recipe.image);
  policy.generate(exec, ign::Key{}, 2, ign::TensorWindow<float, Kokkos::Cuda>(z));
}

void step_of_dcgan64(Kokkos::Cuda const& exec, ign::Batches<Kokkos::Cuda> const& batches) {
  auto const spectral = ign::with_source(ign::paper_b(ign::dcgan64_net(3), ign::Shape{64, 64, 3}), ign::spectral_of(exec, batches));
  train(exec, spectral, batches, spectral.optimizer);
  train(exec, ign::paper_a(ign::dcgan64_net(3, ign::GroupNorm{}), ign::Shape{64, 64, 3}), batches, ign::Adam{});
}

// What may stand around a run, with a small net.
void averaged_clipped_and_guarded(Kokkos::Cuda const& exec, ign::Batches<Kokkos::Cuda> const& batches) {
  ign::Idempotent policy(exec, ign::sequential(ign::Tanh{}), batches.shape());
  ign::Trainer trainer(exec, policy, ign::Ema{ign::Clip(exec, ign::Adam{}, 1.0)}, batches, {});
  trainer.train(ign::CollapseGuard());
  ign::AveragedWeights const averaged(trainer);
}

}  // namespace check_cuda
