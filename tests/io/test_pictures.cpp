// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Reading of all kinds of PNG files, intact and damaged; resizing against plain loops.

#include <boost/test/unit_test.hpp>

#include <ign/io/png.hpp>
#include <ign/io/resize.hpp>
#include <ign/io/tensor_png.hpp>
#include <ign/random/counter.hpp>
#include <ign_test/environment.hpp>
#include <ign_test/folder.hpp>

#include <zlib.h>

#include <cmath>
#include <numeric>

using namespace ign;

BOOST_AUTO_TEST_SUITE(pictures)

namespace {

std::string big_endian(std::size_t value) {
  return {static_cast<char>(value >> 24), static_cast<char>(value >> 16), static_cast<char>(value >> 8), static_cast<char>(value)};
}

std::string chunk(std::string const& name, std::string const& data) {
  std::string const body = name + data;
  auto const sum = ::crc32(0, reinterpret_cast<Bytef const*>(body.data()), static_cast<uInt>(body.size()));
  return big_endian(data.size()) + body + big_endian(sum);
}

// A PNG file made by hand: `rows` are the scan lines, each after its filter byte 0; `more` are chunks before the data.
std::string png_of(std::size_t height, std::size_t width, int depth, int type, std::string const& rows, std::string const& more = "") {
  std::string packed(::compressBound(static_cast<uLong>(rows.size())), '\0');
  auto size = static_cast<uLongf>(packed.size());
  ::compress(reinterpret_cast<Bytef*>(packed.data()), &size, reinterpret_cast<Bytef const*>(rows.data()), static_cast<uLong>(rows.size()));
  packed.resize(size);
  std::string const head = big_endian(width) + big_endian(height) + std::string{static_cast<char>(depth), static_cast<char>(type), 0, 0, 0};
  return "\x89PNG\r\n\x1a\n" + chunk("IHDR", head) + more + chunk("IDAT", packed) + chunk("IEND", "");
}

using Bytes = std::vector<std::uint8_t>;

std::string text(Bytes const& bytes) { return {bytes.begin(), bytes.end()}; }

io::Image random_image(std::size_t height, std::size_t width, std::size_t channels) {
  io::Image image{height, width, channels, Bytes(height * width * channels)};
  for (std::size_t i = 0; i < image.pixels.size(); ++i)
    image.pixels[i] = static_cast<std::uint8_t>(random::bits(Key{ign_test::seed(), RandomStream::user}, static_cast<std::uint32_t>(i))[0]);
  return image;
}

}  // namespace

BOOST_AUTO_TEST_CASE(png_of_every_kind) {
  ign_test::Folder const folder;
  auto const path = folder.path / "a.png";
  auto const read = [&](std::string const& file) {
    ign_test::put(path, file);
    return io::read_png(path);
  };
  auto const check = [](io::Image const& image, std::size_t channels, Bytes const& pixels) {
    BOOST_TEST(image.height == 1u);
    BOOST_TEST(image.width == 2u);
    BOOST_TEST(image.channels == channels);
    BOOST_TEST(image.pixels == pixels, boost::test_tools::per_element());
  };
  check(read(png_of(1, 2, 8, 0, text({0, 7, 250}))), 1, {7, 250});
  check(read(png_of(1, 2, 1, 0, text({0, 0x40}))), 1, {0, 255});
  check(read(png_of(1, 2, 16, 0, text({0, 0x80, 0x80, 0xff, 0xff}))), 1, {0x80, 255});
  check(read(png_of(1, 2, 8, 2, text({0, 1, 2, 3, 4, 5, 6}))), 3, {1, 2, 3, 4, 5, 6});
  check(read(png_of(1, 2, 16, 2, text({0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6}))), 3, {1, 2, 3, 4, 5, 6});
  check(read(png_of(1, 2, 8, 3, text({0, 1, 0}), chunk("PLTE", text({9, 8, 7, 30, 20, 10})))), 3, {30, 20, 10, 9, 8, 7});
  check(read(png_of(1, 2, 8, 3, text({0, 1, 0}), chunk("PLTE", text({9, 8, 7, 30, 20, 10})) + chunk("tRNS", text({0})))), 3,
        {30, 20, 10, 255, 255, 255});
  check(read(png_of(1, 2, 8, 4, text({0, 77, 255, 77, 0}))), 1, {77, 255});
  check(read(png_of(1, 2, 8, 6, text({0, 1, 2, 3, 255, 1, 2, 3, 0}))), 3, {1, 2, 3, 255, 255, 255});
  auto const half = read(png_of(1, 1, 8, 4, text({0, 0, 128})));  // half of white's light is 188; libpng's curve is a power
  BOOST_TEST(std::abs(half.pixels[0] - 188) <= 3);
}

BOOST_AUTO_TEST_CASE(png_with_every_damage) {
  ign_test::Folder const folder;
  auto const path = folder.path / "a.png";
  io::write_png(path, random_image(5, 4, 3));
  auto const good = ign_test::text_of(path);
  std::size_t pictures = 0;
  auto const try_out = [&](std::string const& file) {
    ign_test::put(path, file);
    try {
      auto const image = io::read_png(path, 1000);
      BOOST_TEST(image.pixels.size() == image.height * image.width * image.channels);
      ++pictures;
    } catch (Error const& error) {
      BOOST_TEST((error.id() == "ign.format.315" || error.id() == "ign.file.3"), error.what());
      BOOST_TEST(std::string(error.what()).find(path.string()) != std::string::npos);
    }
  };
  for (std::size_t length = 0; length < good.size(); ++length) try_out(good.substr(0, length));
  // Only the end mark may be missing.
  BOOST_TEST(pictures <= 16u);
  for (std::size_t place = 0; place < good.size(); ++place)
    for (int bit = 0; bit < 8; ++bit) {
      auto lie = good;
      lie[place] = static_cast<char>(lie[place] ^ (1 << bit));
      try_out(lie);
    }
  try_out("");
  try_out("this is no picture");
}

BOOST_AUTO_TEST_CASE(png_headers_that_promise_too_much) {
  ign_test::Folder const folder;
  auto const path = folder.path / "a.png";
  ign_test::put(path, png_of(900'000, 900'000, 8, 2, text({0})));
  BOOST_CHECK_EXCEPTION(io::read_png(path), Error, [](Error const& e) { return e.id() == "ign.file.3"; });
  io::write_png(path, random_image(3, 4, 1));
  BOOST_TEST(io::read_png(path, 12).pixels.size() == 12u);
  BOOST_CHECK_EXCEPTION(io::read_png(path, 11), Error, [](Error const& e) { return e.id() == "ign.file.3"; });
  BOOST_CHECK_EXCEPTION(io::read_png(folder.path / "absent.png"), Error, [](Error const& e) { return e.id() == "ign.file.1"; });
}

BOOST_AUTO_TEST_CASE(resizing_is_area_averaging_or_linear) {
  auto const image = random_image(12, 7, 3);
  auto const value = [&](std::size_t y, std::size_t x, std::size_t c) { return static_cast<double>(image.pixels[(y * 7 + x) * 3 + c]); };
  // The definition for one axis: the share of input j in output i.
  auto const weight = [](std::size_t from, std::size_t to, std::size_t i, std::size_t j) {
    double const scale = static_cast<double>(from) / static_cast<double>(to), at = static_cast<double>(j);
    if (to <= from) {
      double const low = std::max(static_cast<double>(i) * scale, at), high = std::min(static_cast<double>(i + 1) * scale, at + 1);
      return std::max(0.0, high - low) / scale;
    }
    double const place = std::clamp((static_cast<double>(i) + 0.5) * scale - 0.5, 0.0, static_cast<double>(from - 1));
    return std::max(0.0, 1 - std::abs(place - at));
  };
  for (std::size_t height : {1, 4, 5, 11, 12, 13, 40})
    for (std::size_t width : {1, 3, 6, 7, 8, 23}) {
      auto const result = io::resized(image, height, width);
      BOOST_REQUIRE(result.pixels.size() == height * width * 3);
      double worst = 0;
      for (std::size_t y = 0; y < height; ++y)
        for (std::size_t x = 0; x < width; ++x)
          for (std::size_t c = 0; c < 3; ++c) {
            double sum = 0;
            for (std::size_t j = 0; j < 12; ++j)
              for (std::size_t k = 0; k < 7; ++k) sum += weight(12, height, y, j) * weight(7, width, x, k) * value(j, k, c);
            worst = std::max(worst, std::abs(static_cast<double>(result.pixels[(y * width + x) * 3 + c]) - sum));
          }
      BOOST_TEST(worst <= 0.5 + 1e-9, height << " x " << width << ": off by " << worst);
    }
  BOOST_TEST(io::resized(image, 12, 7).pixels == image.pixels);
  BOOST_CHECK_EXCEPTION(io::resized(image, 0, 3), Error, [](Error const& e) { return e.id() == "ign.option.315"; });
}

BOOST_AUTO_TEST_CASE(crops_and_channels) {
  auto const image = random_image(4, 9, 3);
  auto const square = io::centre_square(image);
  BOOST_TEST(square.height == 4u);
  BOOST_TEST(square.width == 4u);
  for (std::size_t y = 0; y < 4; ++y)
    for (std::size_t i = 0; i < 12; ++i) BOOST_TEST(square.pixels[y * 12 + i] == image.pixels[y * 27 + 6 + i]);
  io::Image const colours{1, 3, 3, {255, 0, 0, 0, 255, 0, 10, 10, 10}};
  BOOST_TEST(io::with_channels(colours, 1).pixels == (Bytes{76, 150, 10}));
  BOOST_TEST(io::with_channels({1, 2, 1, {5, 6}}, 3).pixels == (Bytes{5, 5, 5, 6, 6, 6}));
  BOOST_CHECK_THROW(io::with_channels(colours, 2), Error);
}

BOOST_AUTO_TEST_CASE(a_tensor_becomes_a_picture_of_its_samples) {
  Kokkos::DefaultExecutionSpace const exec;
  auto const images = make_tensor<float>(exec, "ign::test", 3, {1, 2, 1});
  auto const host = Kokkos::create_mirror_view(images);
  for (std::size_t i = 0; i < host.size(); ++i) host.data()[i] = static_cast<float>(i) / 2.5f - 1;  // black to white
  Kokkos::deep_copy(images, host);
  io::GridOptions const options = {.columns = 2, .margin = 1, .background = 7};
  Bytes const expected = {7, 7, 7, 7, 7, 7, 7, 7, 0, 51, 7, 102, 153, 7, 7, 7, 7, 7, 7, 7, 7, 7, 204, 255, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7};
  auto const image = io::image_grid(images, options);
  BOOST_TEST(image.height == 5u);
  BOOST_TEST(image.width == 7u);
  BOOST_TEST(image.channels == 1u);
  BOOST_TEST(image.pixels == expected);

  ign_test::Folder const folder;
  io::write_png(folder.path / "all.png", images, options);
  BOOST_TEST(io::read_png(folder.path / "all.png").pixels == expected);

  // A part of it, with deduced types.
  io::write_png(folder.path / "last.png", batch_range(images, 2, 1), {.margin = 0});
  BOOST_TEST(io::read_png(folder.path / "last.png").pixels == (Bytes{204, 255}));

  BOOST_CHECK_EXCEPTION(io::image_grid(batch_range(images, 0, 0)), Error, [](Error const& e) { return e.id() == "ign.option.42"; });
}

BOOST_AUTO_TEST_SUITE_END()
