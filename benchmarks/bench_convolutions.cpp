// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Forward, input gradient and weight gradient of every convolution of the nets S, M, L and kth-mnist and of a residual block, direct and
// with Winograd transforms, with the limits of the machine. `GFLOP/s` counts the operations of the direct algorithm, `true` those
// performed. With --tasks it prints the division among threads instead, of every convolution of the nets, and measures nothing.

#include <ign/math/conv/host/tasks.hpp>
#include <ign/random/fill.hpp>

#include <cstring>
#include <iomanip>
#include <iostream>

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

// Speed-up by balance of every convolution of the nets, for joint passes of twice the batch: a row of the table in docs/performance.md for
// each layer and operation.
int print_tasks() {
  using ign::math::ConvKernel;
  constexpr std::size_t threads[] = {2, 4, 8, 16, 32, 64};
  constexpr std::pair<ConvKernel, char const*> kernels[] = {
      {ConvKernel::forward, "forward"}, {ConvKernel::input_gradient, "input gradient"}, {ConvKernel::weight_gradient, "weight gradient"}};
  std::cout << "| layer | operation | products, millions | tasks for 64 |";
  for (std::size_t count : threads) std::cout << ' ' << count << " |";
  std::cout << "\n|---|---|---|---|---|---|---|---|---|---|\n" << std::setprecision(3);
  for (char const* const name : {"S", "M", "L", "voxel", "field", "kth-mnist"})
    benchmarks::with_case(name, [&](auto const& net, ign::Shape image, auto const&, int batch) {
      auto const all = ign::shapes(net, image);
      double sum = 0, longest[std::size(threads)] = {};
      ign::for_each_layer(net, [&](std::size_t i, auto const& layer) {
        if constexpr (requires { ign::geometry(layer, all[i]); }) {
          auto const g = ign::geometry(layer, all[i]);
          auto const algorithm = ign::math::select_algorithm<Exec>(g, ign::Pass{}).algorithm;
          std::size_t const samples = 2 * static_cast<std::size_t>(batch);
          double const products = 1e-6 * static_cast<double>(samples * g.weight_size() * g.coarse_pixels());
          for (auto const& [kernel, operation] : kernels) {
            auto const of = [&](std::size_t count) { return ign::math::conv_tasks<float>(g, algorithm, kernel, samples, count); };
            std::cout << "| " << name << ' ' << i << " | " << operation << " | " << products << " | " << of(64).tasks << " |";
            sum += products;
            for (std::size_t k = 0; k < std::size(threads); ++k) {
              double const speedup = of(threads[k]).speedup();
              longest[k] += products / speedup;
              std::cout << ' ' << speedup << " |";
            }
            std::cout << '\n';
          }
        }
      });
      std::cout << "| " << name << " | all convolutions | " << sum << " | |";
      for (double time : longest) std::cout << ' ' << sum / time << " |";
      std::cout << '\n';
    });
  return 0;
}

}  // namespace

int main(int argc, char* argv[]) {
  for (int i = 1; i < argc; ++i)
    if (std::strcmp(argv[i], "--tasks") == 0) return print_tasks();
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
