// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include <boost/test/unit_test.hpp>

#include <ign/data/quarter_turns.hpp>

#include <vector>

using namespace ign;
using data::ImageSet;

BOOST_AUTO_TEST_SUITE(quarter_turns)

BOOST_AUTO_TEST_CASE(a_square_of_four_pixels) {
  // Pixels a b / c d of two channels: one turn counterclockwise gives b d / a c.
  auto const image = [](std::vector<int> const& order) {
    std::vector<std::uint8_t> pixels;
    for (int const pixel : order) pixels.insert(pixels.end(), {static_cast<std::uint8_t>(pixel), static_cast<std::uint8_t>(100 + pixel)});
    return pixels;
  };
  ImageSet const upright{1, 2, 2, 2, image({0, 1, 2, 3})};
  auto const set = data::quarter_turns(upright);
  BOOST_TEST((set.images.count == 4 && set.images.height == 2 && set.images.width == 2 && set.images.channels == 2));
  BOOST_TEST((set.labels == std::vector<std::uint8_t>{0, 1, 2, 3}));
  std::vector<std::uint8_t> expected;
  for (auto const& order : {std::vector{0, 1, 2, 3}, {1, 3, 0, 2}, {3, 2, 1, 0}, {2, 0, 3, 1}}) {
    auto const pixels = image(order);
    expected.insert(expected.end(), pixels.begin(), pixels.end());
  }
  BOOST_TEST(set.images.pixels == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(every_pixel_of_an_odd_side) {
  std::size_t const count = 3, side = 5;
  ImageSet upright{count, side, side, 1, {}};
  for (std::size_t i = 0; i < count * side * side; ++i) upright.pixels.push_back(static_cast<std::uint8_t>(i));
  auto const set = data::quarter_turns(upright);
  BOOST_REQUIRE(set.images.pixels.size() == 4 * upright.pixels.size());
  auto const pixel = [&](std::size_t image, std::size_t row, std::size_t column) {
    return set.images.pixels[(image * side + row) * side + column];
  };
  for (std::size_t n = 0; n < count; ++n)
    for (std::size_t r = 0; r < side; ++r)
      for (std::size_t c = 0; c < side; ++c) {
        std::size_t const last = side - 1;
        std::uint8_t const value = upright.pixels[(n * side + r) * side + c];
        BOOST_REQUIRE(pixel(4 * n, r, c) == value);
        BOOST_REQUIRE(pixel(4 * n + 1, last - c, r) == value);
        BOOST_REQUIRE(pixel(4 * n + 2, last - r, last - c) == value);
        BOOST_REQUIRE(pixel(4 * n + 3, c, last - r) == value);
      }
}

BOOST_AUTO_TEST_CASE(images_that_cannot_be_turned) {
  ImageSet const wide{1, 2, 3, 1, std::vector<std::uint8_t>(6)};
  BOOST_CHECK_EXCEPTION(data::quarter_turns(wide), Error, [](Error const& e) { return e.id() == "ign.option.660"; });
  BOOST_TEST(data::quarter_turns({0, 4, 4, 1, {}}).labels.empty());
}

BOOST_AUTO_TEST_SUITE_END()
