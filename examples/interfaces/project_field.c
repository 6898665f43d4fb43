/* SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
   SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */

/* project_field <model>: projects the fields of an ensemble where they lie, and prints how far each was from the data. */
#include <ign/c/ign.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char* argv[]) {
  enum { members = 4 };
  const char* model = argc > 1 ? argv[1] : "digits.safetensors";
  int height, width, channels, failed;
  size_t size, i;
  float drift[members], *field = NULL;
  ign_net* net = NULL;

  failed = ign_initialize() || ign_load(model, &net) || ign_extents(net, &height, &width, &channels);
  if (!failed) {
    size = (size_t)members * height * width * channels;
    field = malloc(size * sizeof *field);
    for (i = 0; i < size; ++i) field[i] = (float)(i % 101) / 50 - 1; /* the simulation's values, scaled to [-1, 1] */
    failed = ign_drift(net, members, NULL, field, drift) || ign_project(net, members, 1, NULL, field, field); /* in place */
  }
  if (failed) fprintf(stderr, "%s\n", ign_last_error());
  for (i = 0; !failed && i < members; ++i) printf("field %d: drift %.4f\n", (int)i, drift[i]);

  free(field);
  ign_free(net);
  ign_finalize();
  return failed;
}
