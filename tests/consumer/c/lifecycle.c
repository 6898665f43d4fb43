/* SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
   SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */

/* lifecycle <model>: a program in C99 without a Kokkos of its own: before, between and after ign_initialize and ign_finalize. */
#include <ign/c/dlpack.h>
#include <ign/c/ign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void require(int condition, const char* what) {
  if (condition) return;
  fprintf(stderr, "not so: %s (last error: %s)\n", what, ign_last_error());
  exit(1);
}
#define REQUIRE(condition) require(condition, #condition)

int main(int argc, char* argv[]) {
  ign_net *net = NULL, *left = NULL;
  ign_array* array = NULL;
  int64_t extents[2] = {2, 3};
  int height = 0, width = 0, channels = 0;
  size_t size, i;
  float *x, *y;

  REQUIRE(argc == 2);
  REQUIRE(strlen(ign_last_error()) == 0);
  REQUIRE(ign_is_initialized() == 0); /* loading the library has started nothing */
  REQUIRE(ign_load(argv[1], &net) == IGN_ERROR_STATE && net == NULL);
  REQUIRE(strstr(ign_last_error(), "[ign.state.520]") == ign_last_error());
  REQUIRE(ign_array_new(2, extents, &array) == IGN_ERROR_STATE && array == NULL);
  REQUIRE(ign_finalize() == IGN_ERROR_STATE);
  REQUIRE(ign_free(NULL) == IGN_OK);

  REQUIRE(ign_initialize() == IGN_OK);
  REQUIRE(ign_initialize() == IGN_OK);
  REQUIRE(ign_finalize() == IGN_OK);
  REQUIRE(ign_is_initialized() == 1);
  REQUIRE(ign_load(argv[1], &net) == IGN_OK);
  REQUIRE(ign_extents(net, &height, &width, &channels) == IGN_OK);
  size = (size_t)2 * height * width * channels;
  x = malloc(size * sizeof *x);
  y = malloc(size * sizeof *y);
  for (i = 0; i < size; ++i) x[i] = (float)(i % 7) / 3 - 1;
  REQUIRE(ign_apply(net, 2, x, y) == IGN_OK);
  REQUIRE(memcmp(x, y, size * sizeof *x) != 0);
  REQUIRE(ign_apply(net, 2, x, x) == IGN_OK);
  REQUIRE(memcmp(x, y, size * sizeof *x) == 0);

  REQUIRE(ign_finalize() == IGN_ERROR_STATE); /* a net is in use */
  REQUIRE(strstr(ign_last_error(), "[ign.state.524]") == ign_last_error());
  REQUIRE(ign_free(net) == IGN_OK);
  REQUIRE(ign_load("no such file", &left) == IGN_ERROR_FILE && left == NULL);
  REQUIRE(ign_finalize() == IGN_OK);
  REQUIRE(ign_is_initialized() == 0);
  REQUIRE(ign_initialize() == IGN_ERROR_STATE); /* Kokkos runs once in a process */
  REQUIRE(ign_load(argv[1], &net) == IGN_ERROR_STATE);
  free(x);
  free(y);
  printf("version %s\n", ign_version());
  return 0;
}
