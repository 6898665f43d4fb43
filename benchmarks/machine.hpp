// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Common part of the benchmarks: main program, counters, and limits of the machine measured in the same run.
#ifndef IGN_BENCHMARKS_MACHINE_HPP
#define IGN_BENCHMARKS_MACHINE_HPP

#include <benchmark/benchmark.h>

#include <Kokkos_Core.hpp>
#include <cstdio>
#include <string>

#include "host_products.hpp"

namespace benchmarks {

/// Sets the counters of a benchmark. Per iteration, `flops` are the operations of the direct algorithm, `share` is the part of them
/// performed, and `bytes` are the least bytes read and written.
inline void report(benchmark::State& state, double flops, double share, double bytes) {
  using benchmark::Counter;
  auto const rate = [&](double amount) { return Counter(amount * 1e-9, Counter::kIsIterationInvariantRate); };
  if (flops > 0) state.counters["GFLOP/s"] = rate(flops);
  if (share < 1) state.counters["true"] = rate(flops * share);
  if (bytes > 0) state.counters["GB/s"] = rate(bytes);
}

/// Registers the benchmarks of the machine limits on all threads: multiply-adds of packs in registers, and a·x + y in memory.
inline void add_machine_limits() {
  benchmark::RegisterBenchmark("limit/multiply-add",
                               [](benchmark::State& state) {
                                 Kokkos::DefaultHostExecutionSpace const exec;
                                 HostProducts<float, Kokkos::DefaultHostExecutionSpace> products(exec);
                                 for (auto _ : state) {
                                   products.run();
                                   exec.fence("ign::bench");
                                 }
                                 report(state, products.operations(), 1, 0);
                               })
      ->Unit(benchmark::kMicrosecond)
      ->UseRealTime();
  benchmark::RegisterBenchmark("limit/stream",
                               [](benchmark::State& state) {
                                 Kokkos::DefaultExecutionSpace const exec;
                                 std::size_t const size = std::size_t{1} << 25;
                                 Kokkos::View<float*> const x(Kokkos::view_alloc(exec, "ign::bench x"), size),
                                     y(Kokkos::view_alloc(exec, "ign::bench y"), size);
                                 for (auto _ : state) {
                                   Kokkos::parallel_for(
                                       "ign::bench stream", Kokkos::RangePolicy<Kokkos::IndexType<std::size_t>>(exec, 0, size),
                                       KOKKOS_LAMBDA(std::size_t i) { y(i) += 2 * x(i); });
                                   exec.fence("ign::bench");
                                 }
                                 report(state, 0, 1, 3.0 * sizeof(float) * static_cast<double>(size));
                               })
      ->Unit(benchmark::kMicrosecond)
      ->UseRealTime();
}

/// Main program of a benchmark: parses the command line, initialises Kokkos and runs the registered benchmarks.
inline int run(int argc, char* argv[]) {
  benchmark::Initialize(&argc, argv, [] {
    benchmark::PrintDefaultHelp();
    std::puts("\nKokkos options such as --kokkos-num-threads=2 are also accepted; --kokkos-help lists them.");
  });
  Kokkos::ScopeGuard const kokkos(argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  using Exec = Kokkos::DefaultExecutionSpace;
  benchmark::AddCustomContext("execution space", Exec::name());
  benchmark::AddCustomContext("concurrency", std::to_string(Exec().concurrency()));
  benchmark::AddCustomContext("pack", std::to_string(ign::math::simd::bytes) + " bytes");
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}

}  // namespace benchmarks

#endif
