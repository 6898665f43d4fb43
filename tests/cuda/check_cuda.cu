// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What `make check-cuda` compiles for a GPU: the umbrella header and one whole training step of DCGAN-64, by both of the
// recipes that differ in kernels. It is never run: the check is that nvcc takes it.

#include <Kokkos_Core.hpp>
#include <ign/data/toy.hpp>
#include <ign/ign.hpp>

static_assert(std::is_same_v<Kokkos::DefaultExecutionSpace, Kokkos::Cuda>, "this file is for a Kokkos with CUDA");

namespace check_cuda {

template <class Recipe>
void train(Kokkos::Cuda const& exec, Recipe const& recipe, ign::Batches<Kokkos::Cuda> const& batches) {
  ign::Idempotent policy(exec, recipe.net, recipe.image, recipe.objective);
  ign::Trainer trainer(exec, policy, recipe.optimizer, batches, {});
  trainer.train(ign::StopAfter(1));
  auto const z = ign::make_tensor<float>(exec, "ign::check_cuda", 1, recipe.image);
  policy.generate(exec, ign::Key{}, 2, ign::TensorWindow<float, Kokkos::Cuda>(z));
}

// The other policies, on images and on points.
void steps_of_other_policies(Kokkos::Cuda const& exec, ign::Batches<Kokkos::Cuda> const& batches) {
  auto const options = ign::mnist_small_options();
  ign::Shape const image = {32, 32, 1};
  ign::Adversarial gan(exec, ign::dcgan_generator(options), ign::dcgan_discriminator(options, ign::MinibatchStddev{}), {1, 1, 64}, image);
  ign::Trainer(exec, gan, ign::Adam{}, batches, {}).step();
  ign::data::PointBatches<Kokkos::Cuda> const points(ign::data::ring_mixture(), {});
  ign::NonAdversarial imle(exec, ign::mlp(ign::Shape{1, 1, 2}, std::array{64}), {1, 1, 2});
  ign::Trainer(exec, imle, ign::Adam{}, points, {}).step();
}

void step_of_dcgan64(Kokkos::Cuda const& exec, ign::Batches<Kokkos::Cuda> const& batches) {
  train(exec, ign::paper_b(ign::dcgan64_net(3), ign::Shape{64, 64, 3}), batches);
  train(exec, ign::paper_a(ign::dcgan64_net(3, ign::GroupNorm{}), ign::Shape{64, 64, 3}), batches);
}

}  // namespace check_cuda
