// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Second of two units that include everything.

#include "everything.hpp"

int sum_below(int n) {
  int sum = 0;
  Kokkos::parallel_reduce(
      "consumer::sum", n, KOKKOS_LAMBDA(int i, int& part) { part += i; }, sum);
  return sum;
}
