// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The targets under libFuzzer. IGN_FUZZ names the target, IGN_FUZZ_SEEDS a folder that takes its seeds; see `make fuzz`.

#include "targets.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace {

ign_fuzz::Target const* target = nullptr;

}  // namespace

/// A small quarantine of freed memory and no allocation stacks: with the defaults of AddressSanitizer, 256 MB and 30 frames, most of the
/// time goes into new pages and stack traces.
extern "C" char const* __asan_default_options() { return "quarantine_size_mb=1:thread_local_quarantine_size_kb=64:malloc_context_size=0"; }

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  char const* const name = std::getenv("IGN_FUZZ");
  auto const& all = ign_fuzz::targets();
  auto const found =
      std::find_if(all.begin(), all.end(), [&](auto const& known) { return name != nullptr && std::string_view(known.name) == name; });
  if (found == all.end()) {
    std::fputs("the environment variable IGN_FUZZ must be one of", stderr);
    for (auto const& known : all) std::fprintf(stderr, " %s", known.name);
    std::fputs("\n", stderr);
    std::exit(2);
  }
  target = &*found;
  if (char const* const folder = std::getenv("IGN_FUZZ_SEEDS")) {
    int number = 0;
    for (auto const& seed : target->seeds())
      ign::io::write_file(std::filesystem::path(folder) / ("seed-" + std::to_string(number++)), std::string_view(seed));
  }
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  static ign_fuzz::File file;
  target->run(file, {reinterpret_cast<char const*>(data), size});
  return 0;
}
