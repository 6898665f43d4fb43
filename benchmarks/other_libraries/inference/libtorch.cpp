// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// f(x) by libtorch, for a TorchScript file. Tensors are channels-last, as the fields of a simulation usually
// are, so that nothing is copied.
#include <torch/script.h>

#include "measure.h"

int main(int argc, char* argv[]) try {
  if (argc != 7) return 2;
  int const n = std::atoi(argv[2]), height = std::atoi(argv[3]), width = std::atoi(argv[4]), channels = std::atoi(argv[5]),
            repeats = std::atoi(argv[6]);
  torch::InferenceMode const inference;
  auto f = torch::jit::freeze(torch::jit::load(argv[1]));
  auto x = torch::empty({n, channels, height, width}).contiguous(torch::MemoryFormat::ChannelsLast);
  auto elements = x.accessor<float, 4>();
  for (int i = 0; i < n; ++i)
    for (int h = 0; h < height; ++h)
      for (int w = 0; w < width; ++w)
        for (int c = 0; c < channels; ++c) elements[i][c][h][w] = element_of(i, h, w, c);
  std::vector<double> times;
  torch::Tensor y;
  for (int repeat = 0; repeat < repeats; ++repeat) {
    double const start = milliseconds_now();
    y = f.forward({x}).toTensor();
    times.push_back(milliseconds_now() - start);
  }
  y = y.contiguous();
  print_results(times.data(), repeats, y.data_ptr<float>(), static_cast<std::size_t>(y.numel()));
} catch (std::exception const& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
