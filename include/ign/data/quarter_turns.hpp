// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Images rotated by multiples of 90°, labelled by the rotation: a task for training features without labels of the data.
#ifndef IGN_DATA_QUARTER_TURNS_HPP
#define IGN_DATA_QUARTER_TURNS_HPP

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "ign/core/error.hpp"
#include "ign/data/idx.hpp"

namespace ign::data {

/// Returns each image of the set four times, one after the other: as it is, and turned by one, two and three quarter turns
/// counterclockwise. The labels are the numbers of turns, 0 to 3.
///
/// \throws Error [ign.option.660] if the images are not square
/// \source Gidaris, Singh, Komodakis, "Unsupervised representation learning by predicting image rotations", arXiv 1803.07728
inline LabelledImages quarter_turns(ImageSet const& upright) {
  require(upright.height == upright.width, Fault::option, 660, "quarter_turns: images of ", upright.height, " x ", upright.width,
          " pixels, expected square images");
  std::size_t const side = upright.height, channels = upright.channels, size = side * side * channels;
  LabelledImages set = {{4 * upright.count, side, side, channels, std::vector<std::uint8_t>(4 * upright.pixels.size())}, {}};
  set.labels.reserve(4 * upright.count);
  for (std::size_t n = 0; n < upright.count; ++n) {
    std::uint8_t* turned = set.images.pixels.data() + 4 * n * size;
    std::copy_n(upright.pixels.data() + n * size, size, turned);
    set.labels.push_back(0);
    for (std::uint8_t turns = 1; turns < 4; ++turns) {
      std::uint8_t const* const before = turned;
      turned += size;
      // Counterclockwise, the rightmost column becomes the first row.
      for (std::size_t row = 0; row < side; ++row)
        for (std::size_t column = 0; column < side; ++column)
          std::copy_n(before + (column * side + side - 1 - row) * channels, channels, turned + (row * side + column) * channels);
      set.labels.push_back(turns);
    }
  }
  return set;
}

}  // namespace ign::data

#endif  // IGN_DATA_QUARTER_TURNS_HPP
