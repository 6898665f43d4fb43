/* SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
   SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */

/* other_extents <model>: projects a periodic field of twice the height and width of those that the net was trained on. */
#include <ign/c/ign.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char* argv[]) {
  const char* model = argc > 1 ? argv[1] : "fields.safetensors";
  int height, width, channels, failed;
  size_t size, i;
  float* field = NULL;
  ign_net *net = NULL, *large = NULL;

  failed = ign_initialize() || ign_load(model, &net) || ign_extents(net, &height, &width, &channels) ||
           ign_resize(net, 1, 2 * height, 2 * width, IGN_PADDING_PERIODIC, &large);
  if (!failed) {
    size = (size_t)4 * height * width * channels;
    field = malloc(size * sizeof *field);
    for (i = 0; i < size; ++i) field[i] = (float)(i % 101) / 50 - 1; /* the simulation's values, scaled to [-1, 1] */
    failed = ign_project(large, 1, 1, NULL, field, field);
  }
  if (failed) fprintf(stderr, "%s\n", ign_last_error());

  free(field);
  ign_free(large); /* in any order */
  ign_free(net);
  ign_finalize();
  return failed;
}
