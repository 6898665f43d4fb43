// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Stacked images: grey images as the channels of one image. Stacked MNIST has 1,000 classes of three digits, so that the classes which a
/// generator drops can be counted.
#ifndef IGN_DATA_STACKED_HPP
#define IGN_DATA_STACKED_HPP

#include <cstddef>
#include <cstdint>
#include <limits>

#include "ign/core/error.hpp"
#include "ign/data/idx.hpp"
#include "ign/random/counter.hpp"

namespace ign::data {

/// Returns `count` images of `channels` channels. Each channel is a grey image of the set, drawn with replacement.
///
/// The draw depends on the seed alone: image n is the same for every `count`.
/// \throws Error [ign.option.570] if the set has no image or more than one channel, `channels` is not 1 to 4, or `count` is 2³² or more
/// \source Metz et al., "Unrolled generative adversarial networks", arXiv 1611.02163, section 3.3
inline ImageSet stacked(ImageSet const& grey, std::size_t count, std::uint64_t seed, std::size_t channels = 3) {
  require(grey.count > 0 && grey.channels == 1 && channels >= 1 && channels <= 4, Fault::option, 570, "stacked: ", channels,
          " channels from ", grey.count, " images with ", grey.channels, " channels, expected 1 to 4 channels from 1 grey image or more");
  require(count <= std::numeric_limits<std::uint32_t>::max(), Fault::option, 570, "stacked: ", count, " images, expected fewer than 2^32");
  std::size_t const pixels = grey.height * grey.width;
  ImageSet set{count, grey.height, grey.width, channels, std::vector<std::uint8_t>(count * pixels * channels)};
  for (std::size_t n = 0; n < count; ++n) {
    auto const words = random::bits(Key{seed, RandomStream::user}, static_cast<std::uint32_t>(n));
    for (std::size_t c = 0; c < channels; ++c) {
      // A word as a fraction of 2³²: each image has the same probability to 2⁻³².
      std::uint8_t const* const from = grey.pixels.data() + static_cast<std::size_t>(words[c] * std::uint64_t{grey.count} >> 32) * pixels;
      std::uint8_t* const to = set.pixels.data() + n * pixels * channels + c;
      for (std::size_t i = 0; i < pixels; ++i) to[i * channels] = from[i];
    }
  }
  return set;
}

}  // namespace ign::data

#endif  // IGN_DATA_STACKED_HPP
