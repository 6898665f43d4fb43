// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// One image through the C interface, through the net that is read at run time, and through the net of compile time; and the loading of a
// file.

#include <ign/c/ign.h>
#include <ign/io/inference.hpp>
#include <ign/io/runtime_projector.hpp>

#include <unistd.h>
#include <filesystem>

#include "machine.hpp"

namespace {

using Exec = Kokkos::DefaultExecutionSpace;
constexpr ign::Shape image = {32, 32, 1};

// A file of mnist-small, the arrays of the caller, and f by each way.
class Setting {
 public:
  Setting() : m_path(std::filesystem::temp_directory_path() / ("ign_bench_interfaces_" + std::to_string(::getpid()))) {
    ign::Model<decltype(ign::mnist_small_net()), float, Exec> const model(exec, ign::mnist_small_net(), image, 1);
    ign::io::write_model(exec, m_path, model);
  }
  ~Setting() { std::filesystem::remove(m_path); }
  Setting(Setting const&) = delete;
  Setting& operator=(Setting const&) = delete;

  std::string const& path() const { return m_path.native(); }
  Exec const exec{};

 private:
  std::filesystem::path m_path;
};

template <class F>
void project(benchmark::State& state, Exec const& exec, F& f) {
  auto const x = ign::make_tensor<float>(exec, "x", 1, image), y = ign::make_tensor<float>(exec, "y", 1, image);
  Kokkos::deep_copy(exec, x, 0.1f);
  for (auto _ : state) {
    f.project(exec, x, 1, y);
    exec.fence("ign::bench");
  }
}

void at_compile_time(benchmark::State& state) {
  Setting const setting;
  auto f = ign::io::load_projector(setting.exec, setting.path(), ign::mnist_small_net(), image);
  project(state, setting.exec, f);
}

void at_run_time(benchmark::State& state) {
  Setting const setting;
  auto f = ign::io::load_runtime_projector(setting.exec, setting.path());
  project(state, setting.exec, f);
}

void from_c(benchmark::State& state) {
  Setting const setting;
  ign_net* net = nullptr;
  if (ign_load(setting.path().c_str(), &net) != IGN_OK) return state.SkipWithError(ign_last_error());
  std::vector<float> const x(image.size(), 0.1f);
  std::vector<float> y(image.size());
  for (auto _ : state)
    if (ign_project(net, 1, 1, nullptr, x.data(), y.data()) != IGN_OK) state.SkipWithError(ign_last_error());
  ign_free(net);
}

// Everything of a call of C but the net: the lock, and the checks of the arguments and of all numbers.
void checks_of_c(benchmark::State& state) {
  Setting const setting;
  ign_net* net = nullptr;
  if (ign_load(setting.path().c_str(), &net) != IGN_OK) return state.SkipWithError(ign_last_error());
  std::vector<float> x(image.size(), 0.1f);
  for (auto _ : state) ign_project(net, 1, 0, nullptr, x.data(), x.data());
  ign_free(net);
}

void load(benchmark::State& state) {
  Setting const setting;
  for (auto _ : state) {
    ign_net* net = nullptr;
    if (ign_load(setting.path().c_str(), &net) != IGN_OK) state.SkipWithError(ign_last_error());
    ign_free(net);
  }
}

}  // namespace

int main(int argc, char* argv[]) {
  auto const add = [](char const* name, void (*run)(benchmark::State&)) {
    benchmark::RegisterBenchmark(name, run)->UseRealTime()->Unit(benchmark::kMicrosecond);
  };
  add("project/compile_time/small", at_compile_time);
  add("project/run_time/small", at_run_time);
  add("project/c/small", from_c);
  add("checks/c/small", checks_of_c);
  add("load/c/small", load);
  return benchmarks::run(argc, argv);
}
