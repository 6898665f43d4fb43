// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include <boost/test/unit_test.hpp>

#include <ign/data/stacked.hpp>

#include <set>

using namespace ign;
using data::ImageSet;

BOOST_AUTO_TEST_SUITE(stacked)

namespace {

// Image n of `count` has 2 × 3 pixels of the values 10 n to 10 n + 5.
ImageSet numbered(std::size_t count) {
  ImageSet set{count, 2, 3, 1, {}};
  for (std::size_t n = 0; n < count; ++n)
    for (std::size_t i = 0; i < 6; ++i) set.pixels.push_back(static_cast<std::uint8_t>(10 * n + i));
  return set;
}

bool refuses(ImageSet const& set, std::size_t channels) {
  try {
    data::stacked(set, 1, 1, channels);
    return false;
  } catch (Error const& e) {
    return e.id() == "ign.option.570";
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(each_channel_is_an_image_of_the_set) {
  std::size_t const count = 20, stacks = 30'000;
  ImageSet const set = data::stacked(numbered(count), stacks, 5);
  BOOST_TEST((set.count == stacks && set.height == 2 && set.width == 3 && set.channels == 3));
  BOOST_REQUIRE(set.pixels.size() == stacks * 18);
  std::vector<std::vector<double>> shares(3, std::vector<double>(count));
  std::set<std::size_t> classes;
  for (std::size_t n = 0; n < stacks; ++n) {
    std::size_t stack = 0;
    for (std::size_t c = 0; c < 3; ++c) {
      std::size_t const image = set.pixels[n * 18 + c] / 10u;
      for (std::size_t i = 0; i < 6; ++i) BOOST_REQUIRE(set.pixels[n * 18 + 3 * i + c] == 10 * image + i);
      shares[c][image] += 1. / static_cast<double>(stacks);
      stack = stack * count + image;
    }
    classes.insert(stack);
  }
  // Images are drawn uniformly, and the channels independently of each other: 8,000 stacks, of which 30,000 draws hit 1 - e^-3.75.
  for (auto const& channel : shares)
    for (double const share : channel) BOOST_TEST(std::abs(share - 0.05) < 5 * std::sqrt(0.05 * 0.95 / static_cast<double>(stacks)));
  BOOST_TEST(std::abs(static_cast<double>(classes.size()) - 8000 * (1 - std::exp(-3.75))) < 100);
}

BOOST_AUTO_TEST_CASE(image_n_depends_on_the_seed_alone) {
  ImageSet const grey = numbered(20), few = data::stacked(grey, 7, 5), many = data::stacked(grey, 50, 5);
  BOOST_TEST(std::equal(few.pixels.begin(), few.pixels.end(), many.pixels.begin()));
  BOOST_TEST(few.pixels != data::stacked(grey, 7, 6).pixels);
  ImageSet const one = data::stacked(grey, 7, 5, 1);  // the first channel alone
  for (std::size_t i = 0; i < one.pixels.size(); ++i) BOOST_REQUIRE(one.pixels[i] == few.pixels[3 * i]);
  BOOST_TEST(data::stacked(grey, 0, 5).pixels.empty());
}

BOOST_AUTO_TEST_CASE(impossible_stacks) {
  BOOST_TEST(refuses(numbered(0), 3));
  BOOST_TEST(refuses(numbered(2), 0));
  BOOST_TEST(refuses(numbered(2), 5));
  BOOST_TEST(refuses(data::stacked(numbered(2), 1, 1), 3));
}

BOOST_AUTO_TEST_SUITE_END()
