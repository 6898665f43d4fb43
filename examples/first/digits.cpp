// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// digits <folder with the files of MNIST> [steps]
#include <ign/data/idx.hpp>
#include <ign/ign.hpp>
#include <ign/io/model.hpp>
#include <ign/io/tensor_png.hpp>

#include <iostream>

int main(int argc, char* argv[]) try {
  Kokkos::ScopeGuard const kokkos(argc, argv);
  Kokkos::DefaultExecutionSpace const exec;
  std::string const folder = argc > 1 ? argv[1] : "mnist";
  std::uint64_t const steps = argc > 2 ? std::stoul(argv[2]) : 8'000;
  auto const digits = [&](std::string const& file) { return ign::data::read_idx_images(ign::data::find_idx(folder, file)); };

  auto const recipe = ign::mnist_widened_recipe(ign::mnist_small_net(), ign::Shape{32, 32, 1},  // the second phase has a wider net
                                                ign::WideNet{"mnist-large", ign::mnist_large_net()});
  ign::Batches const batches(exec, digits("train-images-idx3-ubyte"), {.batch = recipe.batch, .pad_to = recipe.image});
  ign::Batches const unseen(exec, digits("t10k-images-idx3-ubyte"), {.pad_to = recipe.image});

  auto f = ign::train(exec, recipe, batches, {.steps = steps}, ign::Progress(std::cout));
  ign::io::write_model(exec, "digits.safetensors", f.model());

  auto const picture = ign::make_tensor<float>(exec, "picture", 5 * 16, recipe.image);
  auto const row = [&](int number) { return ign::batch_range(picture, 16 * number, 16); };
  for (int k : {0, 1, 2}) f.generate(exec, ign::Key{.seed = 7}, k, row(k));  // z, f(z), f(f(z))
  unseen.gather_range(exec, 0, row(3));
  ign::add_noise(exec, ign::Key{.seed = 8}, 0.3, row(3), row(3));  // A(x): a test digit x with added noise
  f.project(exec, row(3), row(4));                                 // f(A(x))
  ign::io::write_png("digits.png", picture, {.columns = 16, .scale = 2});
} catch (std::exception const& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
