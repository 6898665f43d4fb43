// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// First of two units that include everything: what a header defines without `inline` would be defined twice.

#include "everything.hpp"

int sum_below(int n);

int main(int argc, char* argv[]) {
  Kokkos::ScopeGuard kokkos(argc, argv);
  return IGN_VERSION > 0 && sum_below(1000) == 499500 ? 0 : 1;
}
