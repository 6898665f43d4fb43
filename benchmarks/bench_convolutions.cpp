// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Forward, input gradient and weight gradient of every convolution of the nets S, M, L and kth-mnist and of a residual block, direct and
// with Winograd transforms, with the limits of the machine. `GFLOP/s` counts the operations of the direct algorithm, `true` those
// performed.

#include <ign/math/conv/convolution.hpp>
#include <ign/random/fill.hpp>

#include "cases.hpp"
#include "machine.hpp"

namespace {

using Exec = Kokkos::DefaultExecutionSpace;
using ign::math::Algorithm;

enum class Operation { forward, input_gradient, weight_gradient };

void convolution(benchmark::State& state, benchmarks::Layer const& layer, Operation operation, Algorithm algorithm) {
  Exec const exec;
  ign::math::ConvGeometry const g = benchmarks::geometry(layer);
  auto const fine = ign::make_tensor<float>(exec, "ign::bench", layer.batch, g.fine);
  auto const coarse = ign::make_tensor<float>(exec, "ign::bench", layer.batch, g.coarse);
  auto const weights = ign::make_vector<float>(exec, "ign::bench", g.weight_size());
  auto const gradient = ign::make_vector<float>(exec, "ign::bench", g.weight_size());
  auto const scratch = ign::make_vector<float>(
      exec, "ign::bench",
      ign::math::conv_scratch_size<float>(g, static_cast<std::size_t>(layer.batch), static_cast<std::size_t>(ign::workers_of(exec)), true));
  using Flat = ign::VectorRef<float, Exec>;
  ign::TensorRef<float, Exec> const x = fine, y = coarse;
  ign::fill_gaussian(exec, {}, 1, Flat(fine.data(), fine.size()));
  ign::fill_gaussian(exec, {}, 1, Flat(coarse.data(), coarse.size()));
  ign::fill_gaussian(exec, {}, 0.02, Flat(weights));
  float const* const none = nullptr;
  auto const run = [&] {
    if (operation == Operation::forward) ign::math::conv_forward(exec, g, algorithm, x, {weights.data()}, {}, y, Flat(scratch));
    if (operation == Operation::input_gradient)
      ign::math::conv_input_gradient(exec, g, algorithm, y, {weights.data()}, {}, x, Flat(scratch));
    if (operation == Operation::weight_gradient)
      ign::math::conv_weight_gradient(exec, g, algorithm, x, y, none, gradient.data(), Flat(scratch));
    exec.fence("ign::bench");
  };
  run();
  for (auto _ : state) run();
  double const flops = 2.0 * static_cast<double>(g.weight_size()) * static_cast<double>(g.coarse.pixels()) * layer.batch;
  int const tile = algorithm == Algorithm::winograd_large ? 4 : 2;
  double const of_tile = static_cast<double>(ign::math::winograd::tile_products(g, tile));
  double const share = algorithm == Algorithm::direct ? 1 : of_tile / (static_cast<double>(g.taps()) * tile * tile);
  double const bytes = sizeof(float) * static_cast<double>(fine.size() + coarse.size() + weights.size());
  benchmarks::report(state, flops, share, bytes);
}

}  // namespace

int main(int argc, char* argv[]) {
  char const* const operations[] = {"conv_forward", "conv_input_gradient", "conv_weight_gradient"};
  auto const add = [&](std::string const& suffix, benchmarks::Layer const& layer) {
    bool const fits = ign::math::has_winograd<Exec>(benchmarks::geometry(layer)) && layer.fine.channels >= 8;
    for (int operation = 0; operation < 3; ++operation)
      for (int algorithm = 0; algorithm < (fits ? 4 : 1); ++algorithm) {
        char const* const algorithms[] = {"/direct", "/winograd", "/winograd_bf16", "/winograd_large"};
        std::string const name = std::string(layer.name) + '/' + operations[operation] + algorithms[algorithm] + suffix;
        benchmark::RegisterBenchmark(name.c_str(),
                                     [=](benchmark::State& state) {
                                       convolution(state, layer, static_cast<Operation>(operation), static_cast<Algorithm>(algorithm));
                                     })
            ->Unit(benchmark::kMicrosecond)
            ->UseRealTime();
      }
  };
  benchmarks::add_machine_limits();
  for (auto const& layer : benchmarks::layers) add("", layer);
  add("/small", {"test", {8, 8, 16}, 16, 4, 2, 1, 2});
  return benchmarks::run(argc, argv);
}
