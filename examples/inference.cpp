// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Applies the net of a checkpoint, with one header and without training code: f(z), and the drift of z and f(z).
// Test: example_train/checkpoint.safetensors
// Needs: train

#include <ign/io/inference.hpp>

#include <iostream>
#include <string_view>

int main(int argc, char* argv[]) {
  auto const usage = [] {
    std::cerr << "usage: inference <checkpoint of `train --net mnist-small`>\n";
    return 2;
  };
  if (argc < 2 || std::string_view(argv[1]) == "--help") return usage();
  Kokkos::ScopeGuard const kokkos(argc, argv);  // removes Kokkos' arguments from argv
  if (argc != 2) return usage();
  try {
    Kokkos::DefaultExecutionSpace const exec;
    constexpr ign::Shape image = {32, 32, 1};
    auto f = ign::io::load_projector(exec, argv[1], ign::mnist_small_net(), image);

    auto const z = ign::make_tensor<float>(exec, "ign::inference::z", 8, image),
               y = ign::make_tensor<float>(exec, "ign::inference::y", 8, image);
    f.generate(exec, ign::Gaussian{}, ign::Key{.seed = 7}, 0, z);
    f.apply(exec, ign::Role::source, 1, z, y);

    for (auto const& [name, x] : {std::pair{"z", z}, std::pair{"f(z)", y}}) {
      Kokkos::View<float*> const scores("ign::inference::scores", 8);
      f.drift_scores(exec, x, scores);
      auto const host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), scores);
      std::cout << "drift of " << name << ':';
      for (int n = 0; n < 8; ++n) std::cout << ' ' << host(n);
      std::cout << '\n';
    }
    return 0;
  } catch (std::exception const& error) {
    std::cerr << argv[0] << ": " << error.what() << '\n';
    return 1;
  }
}
