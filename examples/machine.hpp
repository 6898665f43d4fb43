// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// What a figure was measured with: processor, devices, compiler, versions, date.
#ifndef IGN_EXAMPLES_MACHINE_HPP
#define IGN_EXAMPLES_MACHINE_HPP

#include <ign/core/tensor.hpp>
#include <ign/io/report.hpp>
#include <ign/math/simd.hpp>
#include <ign/version.hpp>

#include <Kokkos_Core.hpp>
#include <ctime>
#include <fstream>
#include <string>
#include <vector>

namespace examples {

/// The processor's name as Linux tells it; where it does not, the architecture's.
inline std::string processor_name() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    auto const colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
  }
#if defined(__x86_64__)
  return "x86-64";
#elif defined(__aarch64__)
  return "AArch64";
#else
  return "unknown";
#endif
}

inline std::string compiler_name() {
#if defined(__clang__)
  std::string const name = "Clang " __clang_version__;
#elif defined(__GNUC__)
  std::string const name = "GCC " __VERSION__;
#else
  std::string const name = "unknown";
#endif
#ifdef NDEBUG
  return name;
#else
  return name + ", with assertions";
#endif
}

/// Date and time in UTC, "2026-11-24 14:03 UTC".
inline std::string date() {
  std::time_t const now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%d %H:%M UTC", &parts);
  return text;
}

/// The lines of a report on where its figures come from.
template <class Exec>
std::vector<ign::io::Fact> machine_facts(Exec const& exec) {
  using Host = Kokkos::DefaultHostExecutionSpace;
  std::string device = Exec::name() + std::string(", concurrency ") + std::to_string(exec.concurrency());
  if (!ign::on_host_v<Exec>)
    device += "; " + std::to_string(Kokkos::num_devices()) + " devices, number " + std::to_string(Kokkos::device_id());
  int const version = KOKKOS_VERSION;
  return {{"processor", processor_name()},
          {"threads", Host().concurrency()},
          {"device", device},
          {"vector registers", std::to_string(ign::math::simd::bytes) + " bytes"},
          {"Kokkos", std::to_string(version / 10000) + '.' + std::to_string(version / 100 % 100) + '.' + std::to_string(version % 100)},
          {"library", ign::version_string},
          {"compiler", compiler_name()},
          {"date", date()}};
}

/// The section that ends a report.
template <class Exec>
void add_machine(ign::io::Report& report, Exec const& exec, std::string const& command) {
  report.section("Machine");
  auto facts = machine_facts(exec);
  facts.push_back({"command", command});
  report.facts(facts);
}

}  // namespace examples

#endif
