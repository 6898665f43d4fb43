// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// f(x) through the header, for the net that the file describes.
#include <ign/io/runtime_projector.hpp>

#include "measure.h"

int main(int argc, char* argv[]) try {
  Kokkos::ScopeGuard const kokkos(argc, argv);
  if (argc != 7) return 2;
  int const n = std::atoi(argv[2]), repeats = std::atoi(argv[6]);
  ign::Shape const image = {std::atoi(argv[3]), std::atoi(argv[4]), std::atoi(argv[5])};
  Kokkos::DefaultHostExecutionSpace const exec;
  using Exec = Kokkos::DefaultHostExecutionSpace;
  auto f = ign::io::load_runtime_projector(exec, argv[1]);
  auto const x = ign::make_tensor<float>(exec, "x", n, image), y = ign::make_tensor<float>(exec, "y", n, image);
  for (int i = 0; i < n; ++i)
    for (int h = 0; h < image.height; ++h)
      for (int w = 0; w < image.width; ++w)
        for (int c = 0; c < image.channels; ++c) x(i, h, w, c) = element_of(i, h, w, c);
  std::vector<double> times;
  for (int repeat = 0; repeat < repeats; ++repeat) {
    double const start = milliseconds_now();
    f.apply(exec, ign::Role::data, 1, ign::tensor_ref<Exec>(x), ign::tensor_ref<Exec>(y));
    exec.fence();
    times.push_back(milliseconds_now() - start);
  }
  print_results(times.data(), repeats, y.data(), y.size());
} catch (std::exception const& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
