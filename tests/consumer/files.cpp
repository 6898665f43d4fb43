// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A program of somebody else that takes the readers only, and never sees Kokkos: a picture goes to a file and back.

#include <ign/io/jpeg.hpp>
#include <ign/io/png.hpp>

#include <cstdio>

int main() {
  ign::io::Image const image{2, 3, 1, {0, 50, 100, 150, 200, 250}};
  ign::io::write_png("consumer.png", image);
  if (ign::io::read_png("consumer.png").pixels != image.pixels) return 1;
  try {
    ign::io::read_jpeg("consumer.png");
  } catch (ign::Error const& error) {
    std::puts(error.what());
    return error.id() == "ign.format.316" ? 0 : 1;
  }
  return 1;
}
