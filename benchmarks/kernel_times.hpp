// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Kernel times: a Kokkos Tools listener that sums the time of kernels per label. Host kernels run synchronously. On devices Kokkos fences
// around each kernel while a tool listens, so that the program itself slows down.
#ifndef IGN_BENCHMARKS_KERNEL_TIMES_HPP
#define IGN_BENCHMARKS_KERNEL_TIMES_HPP

#include <Kokkos_Core.hpp>
#include <algorithm>
#include <iomanip>
#include <map>
#include <ostream>
#include <string>
#include <vector>

namespace benchmarks {

/// Registers the listener for its lifetime. Only one object may exist at a time.
class KernelTimes {
 public:
  KernelTimes() {
    namespace Tools = Kokkos::Tools::Experimental;
    s_entries.clear();
    Tools::set_begin_parallel_for_callback(begin);
    Tools::set_end_parallel_for_callback(end);
    Tools::set_begin_parallel_reduce_callback(begin);
    Tools::set_end_parallel_reduce_callback(end);
    Tools::set_begin_deep_copy_callback([](Kokkos::Tools::SpaceHandle, char const* to, void const*, Kokkos::Tools::SpaceHandle, char const*,
                                           void const*, std::uint64_t) { begin(("copy to " + std::string(to)).c_str(), 0, nullptr); });
    Tools::set_end_deep_copy_callback([] { end(0); });
  }
  KernelTimes(KernelTimes const&) = delete;
  ~KernelTimes() {
    namespace Tools = Kokkos::Tools::Experimental;
    Tools::set_begin_parallel_for_callback(nullptr);
    Tools::set_end_parallel_for_callback(nullptr);
    Tools::set_begin_parallel_reduce_callback(nullptr);
    Tools::set_end_parallel_reduce_callback(nullptr);
    Tools::set_begin_deep_copy_callback(nullptr);
    Tools::set_end_deep_copy_callback(nullptr);
  }

  /// Prints milliseconds and launches per step, in descending order of time.
  void print(std::ostream& out, int steps) const {
    std::vector<std::pair<std::string, Entry>> sorted(s_entries.begin(), s_entries.end());
    std::sort(sorted.begin(), sorted.end(), [](auto const& a, auto const& b) { return a.second.seconds > b.second.seconds; });
    double total = 0;
    for (auto const& [label, entry] : sorted) total += entry.seconds;
    out << std::fixed << std::setprecision(3);
    for (auto const& [label, entry] : sorted)
      out << std::setw(10) << 1e3 * entry.seconds / steps << " ms " << std::setw(7) << 100 * entry.seconds / total << " %  "
          << entry.launches / steps << " x " << label << '\n';
    out << std::setw(10) << 1e3 * total / steps << " ms in kernels\n";
  }

 private:
  struct Entry {
    double seconds = 0;
    long launches = 0;
  };

  static void begin(char const* label, std::uint32_t, std::uint64_t*) {
    s_label = label;
    s_timer.reset();
  }
  static void end(std::uint64_t) {
    auto& entry = s_entries[s_label];
    entry.seconds += s_timer.seconds();
    ++entry.launches;
  }

  static inline std::map<std::string, Entry> s_entries;
  static inline std::string s_label;
  static inline Kokkos::Timer s_timer;
};

}  // namespace benchmarks

#endif
