// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Counts of launches, copies, fences and allocations by callbacks of Kokkos Tools. Includes folder.hpp, which tests of whole
// runs need as well.

#ifndef IGN_TEST_KOKKOS_COUNTER_HPP
#define IGN_TEST_KOKKOS_COUNTER_HPP

#include <boost/test/unit_test.hpp>

#include <Kokkos_Core.hpp>
#include <ign_test/folder.hpp>

#include <cstring>
#include <map>
#include <set>
#include <string>

namespace ign_test {

/// Operations requested of Kokkos.
struct KokkosCounts {
  std::map<std::string, int> kernels;  // launches by label
  int copies = 0, fences = 0, allocations = 0;

  /// Launches, with copies and fills.
  int launches() const {
    int sum = copies;
    for (auto const& [label, count] : kernels) sum += count;
    return sum;
  }
};

/// Scope guard that counts the operations requested of Kokkos, and collects labels of kernels, regions and Views that are not ours.
class KokkosCounter {
 public:
  static inline KokkosCounts counts;
  static inline std::set<std::string> bad_labels;

  KokkosCounter() {
    counts = {};
    set(kernel, begin_region, allocate, copy, fence);
  }
  ~KokkosCounter() { set(nullptr, nullptr, nullptr, nullptr, nullptr); }
  KokkosCounter(KokkosCounter const&) = delete;
  KokkosCounter& operator=(KokkosCounter const&) = delete;

 private:
  static void check_label(char const* label) {
    // Kokkos' own copies and fills have names of its own.
    if (std::strncmp(label, "ign::", 5) != 0 && std::strncmp(label, "Kokkos::", 8) != 0) bad_labels.insert(label);
  }
  static void kernel(char const* label, std::uint32_t, std::uint64_t*) {
    ++counts.kernels[label];
    check_label(label);
  }
  static void begin_region(char const* label) { check_label(label); }
  static void allocate(Kokkos_Profiling_SpaceHandle, char const* label, void const*, std::uint64_t bytes) {
    if (bytes > 0) ++counts.allocations;  // of 0 bytes Kokkos 4 notes one for each launch of teams on CUDA
    check_label(label);
  }
  static void copy(Kokkos_Profiling_SpaceHandle, char const*, void const*, Kokkos_Profiling_SpaceHandle, char const*, void const*,
                   std::uint64_t) {
    ++counts.copies;
  }
  static void fence(char const* name, std::uint32_t, std::uint64_t*) {
    // Kokkos' own do not count: about every kernel while a tool listens, and in the copies of Kokkos 4 on Serial.
    if (std::strstr(name, "Profile Tool Fence") == nullptr && std::strcmp(name, "HostSpace fence") != 0) ++counts.fences;
  }
  static void set(Kokkos_Profiling_beginFunction launched, Kokkos_Profiling_pushFunction region,
                  Kokkos_Profiling_allocateDataFunction allocation, Kokkos_Profiling_beginDeepCopyFunction copied,
                  Kokkos_Profiling_beginFenceFunction waited) {
    namespace Tools = Kokkos::Tools::Experimental;
    Tools::set_begin_parallel_for_callback(launched);
    Tools::set_begin_parallel_reduce_callback(launched);
    Tools::set_begin_parallel_scan_callback(launched);
    Tools::set_push_region_callback(region);
    Tools::set_allocate_data_callback(allocation);
    Tools::set_begin_deep_copy_callback(copied);
    Tools::set_begin_fence_callback(waited);
  }
};

/// Checks the launches of our own kernels, by label; fills and copies are those of Kokkos.
inline void check_kernels(std::map<std::string, int> found, std::map<std::string, int> expected) {
  for (auto* const all : {&found, &expected}) std::erase_if(*all, [](auto const& entry) { return !entry.first.starts_with("ign::"); });
  for (auto const& [label, count] : expected) BOOST_TEST(found[label] == count, label << ": " << found[label] << ", expected " << count);
  BOOST_TEST(found.size() == expected.size());
}

}  // namespace ign_test

#endif
