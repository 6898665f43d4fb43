// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What tests of whole runs need: ears for allocations and labels, and a folder that goes away.

#ifndef IGN_TEST_LISTENING_HPP
#define IGN_TEST_LISTENING_HPP

#include <Kokkos_Core.hpp>
#include <cstring>
#include <filesystem>
#include <set>
#include <string>

#include <unistd.h>

namespace ign_test {

/// While it lives, counts allocations of Views, and collects labels of kernels, regions and Views that are not ours.
class Listening {
 public:
  static inline int allocations = 0;
  static inline std::set<std::string> bad_labels;

  Listening() { set(begin_kernel, begin_region, allocate); }
  ~Listening() { set(nullptr, nullptr, nullptr); }
  Listening(Listening const&) = delete;
  Listening& operator=(Listening const&) = delete;

 private:
  static void see(char const* label) {
    // Kokkos' own copies and fills have names of its own.
    if (std::strncmp(label, "ign::", 5) != 0 && std::strncmp(label, "Kokkos::", 8) != 0) bad_labels.insert(label);
  }
  static void begin_kernel(char const* label, std::uint32_t, std::uint64_t*) { see(label); }
  static void begin_region(char const* label) { see(label); }
  static void allocate(Kokkos_Profiling_SpaceHandle, char const* label, void const*, std::uint64_t) {
    ++allocations;
    see(label);
  }
  static void set(Kokkos_Profiling_beginFunction kernel, Kokkos_Profiling_pushFunction region,
                  Kokkos_Profiling_allocateDataFunction allocation) {
    Kokkos::Tools::Experimental::set_begin_parallel_for_callback(kernel);
    Kokkos::Tools::Experimental::set_begin_parallel_reduce_callback(kernel);
    Kokkos::Tools::Experimental::set_begin_parallel_scan_callback(kernel);
    Kokkos::Tools::Experimental::set_push_region_callback(region);
    Kokkos::Tools::Experimental::set_allocate_data_callback(allocation);
  }
};

struct Folder {
  std::filesystem::path path = std::filesystem::temp_directory_path() / ("ign_test_" + std::to_string(::getpid()));
  Folder() { std::filesystem::create_directories(path); }
  ~Folder() { std::filesystem::remove_all(path); }
  Folder(Folder const&) = delete;
  Folder& operator=(Folder const&) = delete;
};

}  // namespace ign_test

#endif
