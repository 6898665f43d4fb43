/* SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
   SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */

/* Records the addresses that the Fortran module passes to libign. The linker puts these functions before those of the library
   (--wrap=ign_project,--wrap=ign_drift,--wrap=ign_generate). */
#include <ign/c/ign.h>
#include <stddef.h>

static const void *read_from = NULL, *mask_at = NULL, *written_to = NULL;

const void* recorded_in(void) { return read_from; }
const void* recorded_mask(void) { return mask_at; }
const void* recorded_out(void) { return written_to; }

static void record(const void* in, const void* mask, const void* out) {
  read_from = in;
  mask_at = mask;
  written_to = out;
}

ign_status __real_ign_project(ign_net* net, int n, int times, const float* mask, const float* in, float* out);
ign_status __wrap_ign_project(ign_net* net, int n, int times, const float* mask, const float* in, float* out) {
  record(in, mask, out);
  return __real_ign_project(net, n, times, mask, in, out);
}

ign_status __real_ign_drift(ign_net* net, int n, const float* mask, const float* in, float* scores);
ign_status __wrap_ign_drift(ign_net* net, int n, const float* mask, const float* in, float* scores) {
  record(in, mask, scores);
  return __real_ign_drift(net, n, mask, in, scores);
}

ign_status __real_ign_generate(ign_net* net, uint64_t seed, int n, float* out);
ign_status __wrap_ign_generate(ign_net* net, uint64_t seed, int n, float* out) {
  record(NULL, NULL, out);
  return __real_ign_generate(net, seed, n, out);
}
