// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Time of a whole training step, gradients and Adam, of the nets that peers/pytorch_step.py measures in PyTorch.

#include <benchmark/benchmark.h>

#include <ign/ign.hpp>

namespace {

using Exec = Kokkos::DefaultExecutionSpace;

template <class Net, class Distance>
void step(benchmark::State& state, Net const& net, ign::Shape image, ign::IdempotentOptions<Distance> const& options, int batch) {
  Exec const exec;
  ign::Idempotent policy(exec, net, image, options);
  std::vector<std::uint8_t> const pixels(static_cast<std::size_t>(batch) * image.size(), 100);
  ign::Batches<Exec> const batches(exec, pixels, static_cast<std::size_t>(batch), image, {batch});
  ign::Trainer trainer(exec, policy, ign::Adam{}, batches, {});
  trainer.step();
  exec.fence();
  for (auto _ : state) {
    trainer.step();
    exec.fence();
  }
  state.SetItemsProcessed(state.iterations() * batch);
}

auto middle_net() {
  return ign::dcgan(ign::DcganOptions<3>{.image_channels = 1, .stages = {{{32}, {64}, {128}}}, .latent = {128, 4, 1, 0}});
}
auto l1() { return ign::paper_b(ign::sequential(), {}).objective; }

void step_s(benchmark::State& state, int batch) {
  step(state, ign::mnist_small_net(), {32, 32, 1}, ign::mnist_small(ign::sequential(), {}).objective, batch);
}
void step_m(benchmark::State& state) {
  auto options = l1();
  options.smoothing = {};
  step(state, middle_net(), {32, 32, 1}, options, 128);
}
void step_l(benchmark::State& state) {
  auto options = l1();
  options.smoothing = {};
  step(state, ign::dcgan64_net(), {64, 64, 3}, options, 64);
}

}  // namespace

BENCHMARK_CAPTURE(step_s, small, 4)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK_CAPTURE(step_s, batch_128, 128)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(step_m)->Name("step_m/batch_128")->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(step_l)->Name("step_l/batch_64")->Unit(benchmark::kMillisecond)->UseRealTime();

int main(int argc, char* argv[]) {
  Kokkos::ScopeGuard const kokkos(argc, argv);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::AddCustomContext("execution space", Exec::name());
  benchmark::AddCustomContext("concurrency", std::to_string(Exec().concurrency()));
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
