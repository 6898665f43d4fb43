/* SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * f(x) through the C interface. */
#include <ign/c/ign.h>

#include "measure.h"

static int failed(void) {
  fprintf(stderr, "%s\n", ign_last_error());
  return 1;
}

int main(int argc, char* argv[]) {
  if (argc != 7) return 2;
  const int n = atoi(argv[2]), height = atoi(argv[3]), width = atoi(argv[4]), channels = atoi(argv[5]), repeats = atoi(argv[6]);
  const size_t size = (size_t)n * (size_t)height * (size_t)width * (size_t)channels;
  float* const x = malloc(size * sizeof(float));
  float* const y = malloc(size * sizeof(float));
  double* const times = malloc((size_t)repeats * sizeof(double));
  ign_net* net = NULL;
  if (!x || !y || !times || repeats < 1) return 2;
  for (size_t i = 0; i < size; ++i) {
    const size_t pixel = i / (size_t)channels;
    x[i] = element_of((int)(pixel / ((size_t)height * (size_t)width)), (int)(pixel / (size_t)width) % height, (int)(pixel % (size_t)width),
                      (int)(i % (size_t)channels));
  }
  if (ign_initialize() || ign_load(argv[1], &net)) return failed();
  for (int repeat = 0; repeat < repeats; ++repeat) {
    const double start = milliseconds_now();
    if (ign_apply(net, n, x, y)) return failed();
    times[repeat] = milliseconds_now() - start;
  }
  print_results(times, repeats, y, size);
  ign_free(net);
  free(times);
  free(y);
  free(x);
  return ign_finalize() ? failed() : 0;
}
