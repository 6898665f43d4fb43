// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Time of a whole training step, gradients and Adam, and of the projection of one image, for the nets of other_libraries/pytorch_step.py.
// With --kernels it prints the kernel times of a step instead.

#include <sys/resource.h>

#include <cstring>
#include <ctime>
#include <ign/ign.hpp>

#include "cases.hpp"
#include "kernel_times.hpp"
#include "machine.hpp"

namespace {

using Exec = Kokkos::DefaultExecutionSpace;

using benchmarks::with_case;

// Peak memory of the process so far. It belongs to one case only if no other case has run.
double peak_megabytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

template <class Body>
void with_warm_trainer(std::string const& name, ign::Precision precision, bool use_graph, Body const& body) {
  Exec const exec;
  benchmarks::with_trainer(exec, name, precision, {.use_graph = use_graph}, [&](auto& trainer, auto const&, int batch) {
    for (int i = 0; i < 3; ++i) trainer.step();
    exec.fence("ign::bench");
    body(exec, trainer, batch);
  });
}

void step(benchmark::State& state, std::string const& name, ign::Precision precision, bool use_graph) {
  with_warm_trainer(name, precision, use_graph, [&](Exec const& exec, auto& trainer, int batch) {
    std::vector<double> times, processor_times;  // elapsed, and of all threads of the process
    for (auto _ : state) {
      Kokkos::Timer const timer;
      std::clock_t const begin = std::clock();
      trainer.step();
      exec.fence("ign::bench");
      times.push_back(1e3 * timer.seconds());
      processor_times.push_back(1e3 * static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC);
    }
    for (auto* const list : {&times, &processor_times})
      std::nth_element(list->begin(), list->begin() + static_cast<std::ptrdiff_t>(list->size() / 2), list->end());
    state.counters["median_ms"] = times[times.size() / 2];
    state.counters["median_cpu_ms"] = processor_times[times.size() / 2];
    if (ign::runs_on_host_v<Exec>) state.counters["peak_MB"] = peak_megabytes();  // excludes the memory of a GPU
    state.SetItemsProcessed(state.iterations() * batch);
  });
}

void project(benchmark::State& state, std::string const& name) {
  with_case(name, [&](auto const& net, ign::Shape image, auto const& objective, int) {
    Exec const exec;
    ign::Idempotent policy(exec, net, image, objective);
    auto const x = ign::make_tensor<float>(exec, "ign::bench", 1, image);
    ign::TensorRef<float, Exec> const ref = x;
    ign::sample(exec, ign::Gaussian{}, ign::Key{}, ref);
    std::vector<double> times;
    ign::Frozen f(exec, policy.model());
    f.forward(exec, ign::Role::data, ref, ref);
    exec.fence("ign::bench");
    for (auto _ : state) {
      Kokkos::Timer const timer;
      f.forward(exec, ign::Role::data, ref, ref);
      exec.fence("ign::bench");
      times.push_back(1e3 * timer.seconds());
    }
    std::nth_element(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2), times.end());
    state.counters["median_ms"] = times[times.size() / 2];
  });
}

int print_kernels(int argc, char* argv[]) {
  Kokkos::ScopeGuard const kokkos(argc, argv);
  for (char const* name : {"S", "M", "L", "kth-mnist", "voxel", "field", "residual"}) {
    with_warm_trainer(name, ign::Precision::full, false, [&](Exec const&, auto& trainer, int) {
      constexpr int steps = 10;
      benchmarks::KernelTimes const times;
      for (int i = 0; i < steps; ++i) trainer.step();
      std::cout << "step " << name << '\n';
      times.print(std::cout, steps);
    });
  }
  return 0;
}

}  // namespace

int main(int argc, char* argv[]) {
  for (int i = 1; i < argc; ++i)
    if (std::strcmp(argv[i], "--kernels") == 0) return print_kernels(argc, argv);
  for (std::string const name : {"S", "M", "L", "kth-mnist", "voxel", "field", "residual", "small"}) {
    for (auto const precision : {ign::Precision::full, ign::Precision::tf32, ign::Precision::bf16}) {
      if (ign::runs_on_host_v<Exec> && precision == ign::Precision::tf32) continue;  // same as full on a host
      if (precision == ign::Precision::bf16 && !ign::math::uses_bf16_v<Exec>) continue;
      for (bool const use_graph : {false, true}) {
        std::string const what = (use_graph ? "graph_step/" : "step/") + name + '/' + ign::name(precision);
        benchmark::RegisterBenchmark(what.c_str(), step, name, precision, use_graph)->Unit(benchmark::kMillisecond)->UseRealTime();
      }
    }
    benchmark::RegisterBenchmark(("project/" + name).c_str(), project, name)->Unit(benchmark::kMillisecond)->UseRealTime();
  }
  return benchmarks::run(argc, argv);
}
