// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include <ign/io/inference.hpp>
#include <ign/io/tensor_png.hpp>

int main(int argc, char* argv[]) {
  Kokkos::ScopeGuard const kokkos(argc, argv);
  Kokkos::DefaultExecutionSpace const exec;

  auto f = ign::io::load_projector(exec, "digits.safetensors", ign::mnist_large_net(), {32, 32, 1});
  auto const images = ign::make_tensor<float>(exec, "images", 64, f.image_shape());
  f.generate(exec, ign::Gaussian{}, ign::Key{.seed = 9}, 1, images);
  ign::io::write_png("more_digits.png", images, {.scale = 2});
}
