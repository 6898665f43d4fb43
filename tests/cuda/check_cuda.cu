// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What `make check-cuda` compiles for a GPU: the umbrella header and one whole training step of DCGAN-64, by both of the
// recipes that differ in kernels. It is never run: the check is that nvcc takes it.

#include <Kokkos_Core.hpp>
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

void step_of_dcgan64(Kokkos::Cuda const& exec, ign::Batches<Kokkos::Cuda> const& batches) {
  train(exec, ign::paper_b(ign::dcgan64_net(3), ign::Shape{64, 64, 3}), batches);
  train(exec, ign::paper_a(ign::dcgan64_net(3, ign::GroupNorm{}), ign::Shape{64, 64, 3}), batches);
}

void corruptions(Kokkos::Cuda const& exec, ign::TensorWindow<float, Kokkos::Cuda> const& x, ign::TensorWindow<float, Kokkos::Cuda> const& y,
                 ign::TensorWindow<float, Kokkos::Cuda> const& mask) {
  ign::Buffer<float, Kokkos::Cuda> scratch("ign::check_cuda");
  ign::add_noise(exec, ign::Key{}, 0.15, x, y);
  ign::gaussian_blur(exec, {}, x, scratch, y);
  ign::sketch(exec, x, scratch, y);
  ign::low_resolution(exec, 2, ign::Upscaling::bilinear, x, y);
  ign::make_mask(exec, {ign::MaskKind::centre, 0.25}, ign::Key{}, mask);
  ign::make_mask(exec, {ign::MaskKind::blocks, 0.25}, ign::Key{}, mask);
  ign::apply_mask(exec, mask, x, 0, y);
  ign::keep_known(exec, mask, x, y);
}

}  // namespace check_cuda
