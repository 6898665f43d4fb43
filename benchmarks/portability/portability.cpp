// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Performance portability: efficiency of a backend relative to the measured limits of its machine, for every layer of the nets S, M and L
// and for their training steps. Writes JSON; ../portability.py combines the files of several machines.
//
//   portability --out h100.json --driver 580.95
//
// The efficiency, or share, of a case is its least time over the measured time. The least time is the maximum of
//  - the time of its operations at the measured product rate, counted for the known algorithm with the fewest multiplications;
//  - the time to read its inputs and write its outputs once at the measured bandwidth;
//  - the time of one launch.

#include <fstream>
#include <ign/ign.hpp>
#include <ign/io/file.hpp>
#include <ign/io/json.hpp>
#include <iostream>
#include <sstream>

#include "../../examples/support/machine.hpp"
#include "../../examples/support/program.hpp"
#include "../cases.hpp"
#include "limits.hpp"

namespace {

using portability::Exec;
using Json = nlohmann::ordered_json;

/// Least operations and bytes of a case.
struct Work {
  double operations = 0, bytes = 0;
};

class Cases {
 public:
  Cases(Exec const& exec, portability::Limits const& limits, double seconds) : m_exec(exec), m_limits(limits), m_seconds(seconds) {}

  template <class Body>
  void measure(std::string const& name, ign::Precision precision, Work const& work, Body const& body) {
    double const time = portability::median_seconds(m_exec, m_seconds, body);
    double const least = std::max({work.operations / rate(precision), work.bytes / m_limits.stream, m_limits.launch});
    m_cases.push_back({{"name", name + '/' + ign::name(precision)}, {"seconds", time}, {"least_seconds", least}, {"share", least / time}});
    std::cout << std::left << std::setw(28) << m_cases.back()["name"].get<std::string>() << std::right << std::fixed << std::setprecision(3)
              << std::setw(10) << 1e3 * time << " ms" << std::setw(8) << std::setprecision(1) << 100 * least / time << " %\n";
  }
  bool has(ign::Precision precision) const {
    return precision == ign::Precision::full || (precision == ign::Precision::tf32 ? m_limits.tf32 : m_limits.bf16).has_value();
  }
  Json const& json() const { return m_cases; }

 private:
  double rate(ign::Precision precision) const {
    double const full = m_limits.product.value();
    return precision == ign::Precision::full   ? full
           : precision == ign::Precision::tf32 ? m_limits.tf32.value_or(full)
                                               : m_limits.bf16.value_or(full);
  }

  Exec m_exec;
  portability::Limits m_limits;
  double m_seconds;
  Json m_cases = Json::array();
};

/// Returns the multiplications and additions of a convolution of `batch` samples with the algorithm that needs the fewest.
double least_operations(ign::math::ConvGeometry const& g, int batch) {
  double const defined = 2.0 * static_cast<double>(g.weight_size()) * static_cast<double>(g.coarse.pixels()) * batch;
  if (!ign::math::winograd::fits(g)) return defined;
  return defined * (ign::uses_host_kernels_v<Exec> && ign::math::winograd::large_tiles_pay(g) ? 25.0 / 64 : 36.0 / 64);
}

ign::TensorRef<float, Exec> random_tensor(ign::Vector<float, Exec>& memory, Exec const& exec, int batch, ign::Shape shape) {
  memory = ign::make_vector<float>(exec, "ign::portability", static_cast<std::size_t>(batch) * shape.size());
  ign::fill_gaussian(exec, {}, 1, ign::VectorRef<float, Exec>(memory));
  return ign::TensorRef<float, Exec>(memory.data(), static_cast<std::size_t>(batch), static_cast<std::size_t>(shape.height),
                                     static_cast<std::size_t>(shape.width), static_cast<std::size_t>(shape.channels));
}

void convolution(Exec const& exec, Cases& cases, benchmarks::Layer const& layer, ign::Precision precision) {
  namespace math = ign::math;
  auto const g = benchmarks::geometry(layer);
  ign::Vector<float, Exec> fine_memory, coarse_memory;
  auto const fine = random_tensor(fine_memory, exec, layer.batch, g.fine);
  auto const coarse = random_tensor(coarse_memory, exec, layer.batch, g.coarse);
  auto const weights = ign::make_vector<float>(exec, "ign::portability", g.weight_size());
  auto const gradient = ign::make_vector<float>(exec, "ign::portability", g.weight_size());
  ign::fill_gaussian(exec, {}, 0.02, ign::VectorRef<float, Exec>(weights));
  auto const scratch_memory = ign::make_vector<float>(
      exec, "ign::portability",
      math::conv_scratch_size<float>(g, static_cast<std::size_t>(layer.batch), static_cast<std::size_t>(ign::workers_of(exec))));
  ign::VectorRef<float, Exec> const scratch(scratch_memory);
  auto const counters = ign::make_arrival_counters(exec, "ign::portability");
  ign::Pass pass;
  pass.precision = precision;
  auto const plan = math::select_algorithm<Exec>(g, pass);
  Work const work{least_operations(g, layer.batch), 4.0 * static_cast<double>(fine.size() + coarse.size() + weights.size())};
  std::string const name = layer.name;
  float const* const none = nullptr;
  cases.measure(name + "/conv_forward", precision, work,
                [&] { math::conv_forward(exec, g, plan, fine, {weights.data()}, {}, coarse, scratch, counters); });
  cases.measure(name + "/conv_input_gradient", precision, work,
                [&] { math::conv_input_gradient(exec, g, plan, coarse, {weights.data()}, {}, fine, scratch, counters); });
  // Under bf16, weight gradients have tf32 where the device has matrix units for it, else full precision, which is measured as such.
  if (precision != ign::Precision::bf16 || math::device::FragmentUse<Exec>::tf32)
    cases.measure(name + "/conv_weight_gradient", precision, work,
                  [&] { math::conv_weight_gradient(exec, g, plan, fine, coarse, none, gradient.data(), scratch, counters); });
}

/// Measures memory-bound operations. Each array counts once per necessary read or write.
void memory_bound(Exec const& exec, Cases& cases, ign::Shape shape, int batch) {
  ign::Vector<float, Exec> x_memory, y_memory, dy_memory;
  auto const x = random_tensor(x_memory, exec, batch, shape), y = random_tensor(y_memory, exec, batch, shape),
             dy = random_tensor(dy_memory, exec, batch, shape);
  double const array = 4.0 * static_cast<double>(x.size());
  auto const channels = static_cast<std::size_t>(shape.channels);
  auto const numbers = [&](std::size_t count) { return ign::make_vector<float>(exec, "ign::portability", count); };
  ign::BatchNorm const norm;
  auto const parameters = numbers(2 * channels), gradients = numbers(2 * channels), statistics = numbers(6 * channels),
             saved = numbers(saved_size(norm, shape, batch)), scratch = numbers(scratch_size(norm, shape, batch, ign::workers_of(exec)));
  auto const counters = ign::make_arrival_counters(exec, "ign::portability");
  ign::LayerMemory<float, Exec> memory;
  memory.parameters = parameters;
  memory.gradients = gradients;
  memory.statistics = statistics;
  memory.saved = saved;
  memory.scratch = scratch;
  memory.counters = counters;
  ign::Pass const pass;
  auto const full = ign::Precision::full;
  ign::Relu const relu;
  ign::FusedLayers<float, Exec, ign::BatchNorm, ign::Relu> const fused = {{norm, relu}, {memory}, {x, y, y}};
  // Two reads of x, for the moments and for y, and one write of y.
  cases.measure("batch_norm+relu/forward", full, {0, 3 * array}, [&] { forward_fused(exec, fused, pass); });
  cases.measure("batch_norm+relu/backward", full, {0, 5 * array}, [&] { backward_fused(exec, fused, pass, dy, y); });
  cases.measure("tanh/forward", full, {0, 2 * array}, [&] { forward(exec, ign::Tanh{}, pass, memory, x, y); });
  cases.measure("tanh/backward", full, {0, 3 * array}, [&] { backward(exec, ign::Tanh{}, pass, memory, x, x, dy, y); });
  ign::VectorRef<float, Exec> const flat(x_memory), other(y_memory);
  cases.measure("gaussian noise", full, {0, array}, [&] { ign::fill_gaussian(exec, {}, 1.0, flat); });
  auto const state = numbers(2 * x.size());
  cases.measure("adam", full, {0, 7 * array}, [&] { update(exec, ign::Adam{}, 1e-4, 1, flat, other, ign::VectorRef<float, Exec>(state)); });
  constexpr std::size_t rows = 2048, columns = 256;  // the latent layers of mnist_large_net
  std::vector<ign::ModelArray> matrices;
  for (std::size_t first = 0; first + rows * columns <= std::min<std::size_t>(x.size(), 4 * rows * columns); first += rows * columns)
    matrices.push_back({{"weight", {rows, columns}}, first});
  double const n = columns, operations = static_cast<double>(matrices.size()) * (3 * rows * n * n + 17 * n * n * n);
  auto const workspace = ign::optimizer::workspace_of(exec, ign::Muon{}, flat, matrices);
  cases.measure("muon", full, {operations, 4.0 * 8 * static_cast<double>(matrices.size() * rows * columns)},
                [&] { update(exec, ign::Muon{}, 1e-4, 1, flat, other, ign::VectorRef<float, Exec>(state), workspace); });
}

/// Measures a whole training step, gradients and Adam. Its operations are nine times those of one forward pass over B samples.
void step(Exec const& exec, Cases& cases, std::string const& name, ign::Precision precision) {
  benchmarks::with_trainer(exec, name, precision, {}, [&](auto& trainer, auto const& net, int batch) {
    Work work;
    auto const& model = trainer.policy().model();
    auto const all = ign::shapes(net, model.input_shape());
    ign::for_each_layer(net, [&](std::size_t i, auto const& layer) {
      if constexpr (requires { geometry(layer, all[i]); }) work.operations += 9 * least_operations(geometry(layer, all[i]), batch);
    });
    work.bytes = 4.0 * 7 * static_cast<double>(model.parameters().size());
    cases.measure("step " + name, precision, work, [&] { trainer.step(); });
  });
}

/// Returns the first line of a file, or an empty string if there is none.
std::string first_line(char const* path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

/// Returns the version of the GPU driver from Linux, "unknown" if it is not there, or "none" without a GPU.
std::string driver() {
  if (ign::runs_on_host_v<Exec>) return "none";
  for (char const* path : {"/proc/driver/nvidia/version", "/sys/module/amdgpu/version"})
    if (std::string const line = first_line(path); !line.empty()) return line;
  return "unknown";
}

/// Returns the name of the GPU from the configuration that Kokkos prints, or that of the processor.
std::string device_name(Exec const& exec) {
  if (ign::runs_on_host_v<Exec>) return examples::processor_name();
  std::stringstream text;
  exec.print_configuration(text, true);
  for (std::string line; std::getline(text, line);)
    if (auto const end = line.find(" : Selected"); end != std::string::npos) {  // "Kokkos::Cuda[ 0 ] NVIDIA H200 : Selected"
      auto const begin = line.find("] ");
      return begin < end ? line.substr(begin + 2, end - begin - 2) : line.substr(0, end);
    }
  return Exec::name();
}

}  // namespace

int main(int argc, char* argv[]) {
  std::string out = "portability.json", given_driver, label;
  double seconds = 0.5;
  bool small = false;
  examples::CommandLine line("portability",
                             "Measures the limits of a machine, and the efficiency of layers and training steps relative to them.");
  line.add("out", "output file; replaces an earlier one", out);
  line.add("label", "short name of the machine in tables (default: name of the device)", label);
  line.add("driver", "version of the GPU driver, if it cannot be read from Linux", given_driver);
  line.add("seconds", "duration of each measurement", seconds, examples::above(0));
  line.add("small", "few and small cases, to test the program", small);
  return examples::run(line, argc, argv, [&] {
    examples::check_writable(out);
    Exec const exec;
    auto const limits = portability::measure_limits(exec, seconds, small);
    Cases cases(exec, limits, seconds);
    std::vector<ign::Precision> precisions;
    for (auto precision : {ign::Precision::full, ign::Precision::tf32, ign::Precision::bf16})
      if (cases.has(precision)) precisions.push_back(precision);
    for (auto const precision : precisions) {
      if (small) {
        convolution(exec, cases, {"small", {8, 8, 16}, 16, 4, 2, 1, 2}, precision);
        step(exec, cases, "small", precision);
        continue;
      }
      for (auto const& layer : benchmarks::layers) convolution(exec, cases, layer, precision);
      for (std::string const name : {"S", "M", "L"}) step(exec, cases, name, precision);
    }
    memory_bound(exec, cases, small ? ign::Shape{4, 4, 16} : ign::Shape{16, 16, 64}, small ? 2 : 256);

    Json json;
    json["format"] = "ign portability 1";
    std::string const name = device_name(exec);
    json["label"] = label.empty() ? name : label;
    json["device"] = name;
    json["driver"] = given_driver.empty() ? driver() : given_driver;
    for (auto const& fact : examples::machine_facts(exec)) json["machine"][fact.name] = fact.value;
    Json& measured = json["limits"];
    measured = {{"launch_seconds", limits.launch}, {"stream_bytes_per_second", limits.stream}};
    measured["product_flops"] = {{"full", limits.product.value()}};
    if (limits.tf32) measured["product_flops"]["tf32"] = *limits.tf32;
    if (limits.bf16) measured["product_flops"]["bf16"] = *limits.bf16;
    json["cases"] = cases.json();
    ign::io::write_file(out, json.dump(2) + '\n');
    std::cout << "wrote " << out << '\n';
    return 0;
  });
}
