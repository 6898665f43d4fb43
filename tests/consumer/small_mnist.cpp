// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Writes stripes in the form of MNIST into the folder mnist, for the first program of docs/start-here.md, and reads them back.

#include <ign/data/idx.hpp>

#include <filesystem>
#include <string>

int main() {
  constexpr std::uint32_t count = 128, side = 28;
  std::vector<std::uint8_t> pixels(count * side * side);
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = (i / (side * side) % 2 == 0 ? i / side : i % side) % 4 < 2 ? 255 : 0;
  std::filesystem::create_directories("mnist");
  for (std::string const part : {"train", "t10k"}) {
    std::string const name = part + "-images-idx3-ubyte";
    ign::data::write_idx<std::uint8_t>("mnist/" + name, {count, side, side}, pixels);
    if (ign::data::read_idx_images(ign::data::find_idx("mnist", name)).pixels != pixels) return 1;
  }
}
