// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "machine.hpp"

#include <ign/core/tensor.hpp>
#include <ign/math/simd.hpp>
#include <ign/version.hpp>

#include <ctime>
#include <fstream>

namespace examples {

namespace {

std::string compiler_name() {
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

// Date and time in UTC, "2026-11-24 14:03 UTC".
std::string date() {
  std::time_t const now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%d %H:%M UTC", &parts);
  return text;
}

}  // namespace

std::string processor_name() {
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

std::vector<MachineFact> machine_facts(Kokkos::DefaultExecutionSpace const& exec) {
  using Exec = Kokkos::DefaultExecutionSpace;
  using Host = Kokkos::DefaultHostExecutionSpace;
  std::string device = Exec::name() + std::string(", concurrency ") + std::to_string(exec.concurrency());
  if (!ign::runs_on_host_v<Exec>)
    device += "; " + std::to_string(Kokkos::num_devices()) + " devices, number " + std::to_string(Kokkos::device_id());
  int const version = KOKKOS_VERSION;
  return {{"processor", processor_name()},
          {"threads", std::to_string(Host().concurrency())},
          {"device", device},
          {"vector registers", std::to_string(ign::math::simd::bytes) + " bytes"},
          {"Kokkos", std::to_string(version / 10000) + '.' + std::to_string(version / 100 % 100) + '.' + std::to_string(version % 100)},
          {"library", ign::version_string},
          {"compiler", compiler_name()},
          {"date", date()}};
}

}  // namespace examples
