/* SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Common part of the programs here, in C: the input, the clock, and the line of results that ../../inference.py reads.
 *
 *     <program> <model> <n> <height> <width> <channels> <repeats>
 */
#ifndef IGN_BENCHMARKS_MEASURE_H
#define IGN_BENCHMARKS_MEASURE_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* Element of the input. */
static inline float element_of(int n, int h, int w, int c) { return (float)sin(0.3 * n + 0.2 * h + 0.1 * w + 0.7 * c); }

static inline double milliseconds_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return 1e3 * (double)now.tv_sec + 1e-6 * (double)now.tv_nsec;
}

static inline int compare_numbers(const void* a, const void* b) {
  const double x = *(const double*)a, y = *(const double*)b;
  return (x > y) - (x < y);
}

/* Prints the median of `times` in ms and the mean magnitude of the output. */
static inline void print_results(double* times, int repeats, const float* out, size_t size) {
  double sum = 0;
  for (size_t i = 0; i < size; ++i) sum += fabs((double)out[i]);
  qsort(times, (size_t)repeats, sizeof(double), compare_numbers);
  printf("{\"ms\": %.6g, \"magnitude\": %.9g}\n", times[repeats / 2], sum / (double)size);
}

#endif
