// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Forward, input gradient and weight gradient of every convolution of the nets S, M, L and kth-mnist and of a residual block, direct and
// with Winograd transforms, with the limits of the machine. `GFLOP/s` counts the operations of the direct algorithm, `true` those
// performed. --tasks prints instead how evenly 2 to 64 threads share each convolution of the nets, by the numbers of tasks; --busiest
// measures it by the processor time of the threads, which need no processors of their own.

#include <ign/math/conv/host/tasks.hpp>
#include <ign/random/fill.hpp>

#include <cstring>
#include <iomanip>
#include <iostream>
#include <type_traits>
#include <utility>
#include <vector>

#include "cases.hpp"
#include "machine.hpp"
#if defined(KOKKOS_ENABLE_OPENMP) && defined(__linux__)
#include "thread_clocks.hpp"
#define IGN_HAS_THREAD_CLOCKS
#endif

namespace {

using Exec = Kokkos::DefaultExecutionSpace;
using ign::math::Algorithm, ign::math::Operation;

// Operands of the operations of a convolution.
struct Operands {
  ign::math::ConvGeometry g;
  ign::Vector<float, Exec> fine, coarse, weights, gradient, scratch;
  ign::TensorRef<float, Exec> x, y;

  using Flat = ign::VectorRef<float, Exec>;

  Operands(Exec const& exec, ign::math::ConvGeometry const& geometry, std::size_t batch, std::size_t workers)
      : g(geometry),
        fine(ign::make_vector<float>(exec, "ign::bench", batch * g.fine_size())),
        coarse(ign::make_vector<float>(exec, "ign::bench", batch * g.coarse_size())),
        weights(ign::make_vector<float>(exec, "ign::bench", g.weight_size())),
        gradient(ign::make_vector<float>(exec, "ign::bench", g.weight_size())),
        scratch(ign::make_vector<float>(exec, "ign::bench", ign::math::conv_scratch_size<float>(g, batch, workers, true))),
        x(fine.data(), batch, g.depth.fine * g.fine.height, g.fine.width, g.fine.channels),
        y(coarse.data(), batch, g.depth.coarse * g.coarse.height, g.coarse.width, g.coarse.channels) {
    ign::fill_gaussian(exec, {}, 1, Flat(fine));
    ign::fill_gaussian(exec, {}, 1, Flat(coarse));
    ign::fill_gaussian(exec, {}, 0.02, Flat(weights));
  }

  void run(Exec const& exec, Operation operation, Algorithm algorithm) const {
    float const* const none = nullptr;
    if (operation == Operation::forward) ign::math::conv_forward(exec, g, algorithm, x, {weights.data()}, {}, y, Flat(scratch));
    if (operation == Operation::input_gradient)
      ign::math::conv_input_gradient(exec, g, algorithm, y, {weights.data()}, {}, x, Flat(scratch));
    if (operation == Operation::weight_gradient)
      ign::math::conv_weight_gradient(exec, g, algorithm, x, y, none, gradient.data(), Flat(scratch));
    exec.fence("ign::bench");
  }
};

void convolution(benchmark::State& state, benchmarks::Layer const& layer, Operation operation, Algorithm algorithm) {
  Exec const exec;
  ign::math::ConvGeometry const g = benchmarks::geometry(layer);
  Operands const operands(exec, g, static_cast<std::size_t>(layer.batch), static_cast<std::size_t>(ign::workers_of(exec)));
  operands.run(exec, operation, algorithm);
  for (auto _ : state) operands.run(exec, operation, algorithm);
  double const flops = 2.0 * static_cast<double>(g.weight_size()) * static_cast<double>(g.coarse.pixels()) * layer.batch;
  int const tile = algorithm == Algorithm::winograd_large ? 4 : 2;
  double const of_tile = static_cast<double>(ign::math::winograd::tile_products(g, tile));
  double const share = algorithm == Algorithm::direct ? 1 : of_tile / (static_cast<double>(g.taps()) * tile * tile);
  double const bytes = sizeof(float) * static_cast<double>(operands.fine.size() + operands.coarse.size() + operands.weights.size());
  benchmarks::report(state, flops, share, bytes);
}

constexpr std::pair<Operation, char const*> operations[] = {{Operation::forward, "conv_forward"},
                                                            {Operation::input_gradient, "conv_input_gradient"},
                                                            {Operation::weight_gradient, "conv_weight_gradient"}};
constexpr std::size_t thread_counts[] = {2, 4, 8, 16, 32, 64};

// Prints a table with a row for each convolution and operation of the nets, for joint passes of twice the batch, and a row for all of a
// net. `times(geometry, samples, operation, algorithm)` returns the time of one thread, then those of the busiest of 2, 4, … threads, in
// any unit.
template <class Times>
void print_speedups(Times const& times) {
  std::cout << std::setprecision(3) << "| layer | operation | one thread |";
  for (std::size_t count : thread_counts) std::cout << ' ' << count << " |";
  std::cout << "\n|---|---|---|---|---|---|---|---|---|\n";
  auto const row = [](auto const& name, char const* operation, std::vector<double> const& found) {
    std::cout << "| " << name << " | " << operation << " | " << found[0] << " |";
    for (std::size_t k = 1; k < found.size(); ++k) std::cout << ' ' << found[0] / found[k] << " |";
    std::cout << std::endl;
  };
  for (std::string const name : {"S", "M", "L", "voxel", "field", "kth-mnist"})
    benchmarks::with_case(name, [&](auto const& net, ign::Shape image, auto const&, int batch) {
      auto const all = ign::shapes(net, image);
      std::vector<double> sums(std::size(thread_counts) + 1);
      ign::for_each_layer(net, [&](std::size_t i, auto const& layer) {
        if constexpr (requires { ign::geometry(layer, all[i]); }) {
          auto const g = ign::geometry(layer, all[i]);
          auto const algorithm = ign::math::select_algorithm<Exec>(g, ign::Pass{}).algorithm;
          for (auto const& [operation, operation_name] : operations) {
            std::vector<double> const found = times(g, 2 * static_cast<std::size_t>(batch), operation, algorithm);
            row(name + ' ' + std::to_string(i), operation_name, found);
            for (std::size_t k = 0; k < sums.size(); ++k) sums[k] += found[k];
          }
        }
      });
      row(name, "all", sums);
    });
}

// Speed-up by balance: all tasks divided by those of the worker that has most. The unit is a million multiply-adds by the definition.
int print_tasks() {
  print_speedups([](auto const& g, std::size_t samples, Operation operation, Algorithm algorithm) {
    std::vector<double> found = {1e-6 * static_cast<double>(samples * g.weight_size() * g.coarse_pixels())};
    for (std::size_t count : thread_counts)
      found.push_back(found[0] / ign::math::conv_tasks<float>(g, operation, algorithm, samples, count).speedup());
    return found;
  });
  return 0;
}

// The same by the processor time of each thread, in milliseconds, with work that threads do twice.
int print_busiest(int argc, char* argv[]) {
  Kokkos::ScopeGuard const kokkos(argc, argv);
#ifdef IGN_HAS_THREAD_CLOCKS
  if constexpr (std::is_same_v<Exec, Kokkos::OpenMP>) {
    print_speedups([](auto const& g, std::size_t samples, Operation operation, Algorithm algorithm) {
      Operands const operands(Exec(), g, samples, thread_counts[std::size(thread_counts) - 1]);
      std::vector<double> found;
      auto const measure = [&](std::size_t count) {
        Exec const exec(static_cast<int>(count));
        operands.run(exec, operation, algorithm);
        benchmarks::ThreadClocks clocks(static_cast<int>(count));
        for (int i = 0; i < 7; ++i) clocks.measure([&] { operands.run(exec, operation, algorithm); });
        found.push_back(clocks.most());
      };
      measure(1);
      for (std::size_t count : thread_counts) measure(count);
      return found;
    });
    return 0;
  }
#endif
  std::cerr << "--busiest needs OpenMP on Linux\n";
  return 1;
}

}  // namespace

int main(int argc, char* argv[]) {
  for (int i = 1; i < argc; ++i)
    if (std::strcmp(argv[i], "--tasks") == 0)
      return print_tasks();
    else if (std::strcmp(argv[i], "--busiest") == 0)
      return print_busiest(argc, argv);
  auto const add = [&](std::string const& suffix, benchmarks::Layer const& layer) {
    bool const fits = ign::math::has_winograd<Exec>(benchmarks::geometry(layer)) && layer.fine.channels >= 8;
    for (auto const& [operation, operation_name] : operations)
      for (int algorithm = 0; algorithm < (fits ? 4 : 1); ++algorithm) {
        char const* const algorithms[] = {"/direct", "/winograd", "/winograd_bf16", "/winograd_large"};
        std::string const name = std::string(layer.name) + '/' + operation_name + algorithms[algorithm] + suffix;
        benchmark::RegisterBenchmark(name.c_str(),
                                     [=, operation = operation](benchmark::State& state) {
                                       convolution(state, layer, operation, static_cast<Algorithm>(algorithm));
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
