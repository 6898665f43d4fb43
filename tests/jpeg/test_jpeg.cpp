// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include <boost/test/unit_test.hpp>

#include <ign/data/image_folder.hpp>
#include <ign/io/jpeg.hpp>
#include <ign/io/png.hpp>
#include <ign_test/folder.hpp>

#include <cmath>
#include <cstdlib>

using namespace ign;

namespace {

// A smooth picture, which JPEG preserves well.
io::Image slope(std::size_t height, std::size_t width, std::size_t channels) {
  io::Image image{height, width, channels, {}};
  for (std::size_t y = 0; y < height; ++y)
    for (std::size_t x = 0; x < width; ++x)
      for (std::size_t c = 0; c < channels; ++c) image.pixels.push_back(static_cast<std::uint8_t>(20 + 7 * y + 5 * x + 30 * c));
  return image;
}

std::string jpeg_of(io::Image const& image, int format, int subsampling, int flags = 0) {
  ::tjhandle const encoder = ::tjInitCompress();
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
  int const done = ::tjCompress2(encoder, image.pixels.data(), static_cast<int>(image.width), 0, static_cast<int>(image.height), format,
                                 &bytes, &size, subsampling, 98, flags);
  BOOST_REQUIRE(done == 0);
  std::string const text(reinterpret_cast<char const*>(bytes), size);
  ::tjFree(bytes);
  ::tjDestroy(encoder);
  return text;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(jpeg)

BOOST_AUTO_TEST_CASE(grey_and_colours_read_back) {
  ign_test::Folder const folder;
  auto const path = folder.path / "a.jpg";
  struct Kind {
    std::size_t channels;
    int format, subsampling, flags;
  };
  for (auto const& kind : {Kind{1, TJPF_GRAY, TJSAMP_GRAY, 0}, Kind{3, TJPF_RGB, TJSAMP_444, 0}, Kind{3, TJPF_RGB, TJSAMP_420, 0},
                           Kind{3, TJPF_RGB, TJSAMP_444, TJFLAG_PROGRESSIVE}}) {
    auto const image = slope(9, 13, kind.channels);
    ign_test::put(path, jpeg_of(image, kind.format, kind.subsampling, kind.flags));
    auto const back = io::read_jpeg(path);
    BOOST_TEST(back.height == 9u);
    BOOST_TEST(back.width == 13u);
    BOOST_REQUIRE(back.channels == kind.channels);
    int worst = 0;
    for (std::size_t i = 0; i < back.pixels.size(); ++i) worst = std::max(worst, std::abs(int{back.pixels[i]} - int{image.pixels[i]}));
    BOOST_TEST(worst <= 6);
  }
}

BOOST_AUTO_TEST_CASE(every_damage_is_an_error_or_a_picture) {
  ign_test::Folder const folder;
  auto const path = folder.path / "a.jpg";
  for (int flags : {0, TJFLAG_PROGRESSIVE}) {
    auto const good = jpeg_of(slope(9, 13, 3), TJPF_RGB, TJSAMP_420, flags);
    auto const picture = [&](std::string const& file) {
      ign_test::put(path, file);
      try {
        auto const image = io::read_jpeg(path, 1000);
        BOOST_TEST(image.pixels.size() == image.height * image.width * image.channels);
        return true;
      } catch (Error const& error) {
        bool const known = error.id() == "ign.format.316" || error.id() == "ign.format.317" || error.id() == "ign.file.3";
        BOOST_TEST(known, error.what());
        BOOST_TEST(std::string(error.what()).find(path.string()) != std::string::npos);
        return false;
      }
    };
    BOOST_TEST(picture(good));
    // At the very end only the end marker may be missing.
    for (std::size_t length = 0; length < good.size(); ++length) {
      bool const taken = picture(good.substr(0, length));
      BOOST_TEST((!taken || length + 4 >= good.size()), "cut to " << length << " of " << good.size() << " bytes");
    }
    for (std::size_t place = 0; place < good.size(); ++place)
      for (int bit = 0; bit < 8; ++bit) {
        auto lie = good;
        lie[place] = static_cast<char>(lie[place] ^ (1 << bit));
        picture(lie);
      }
    BOOST_TEST(!picture(""));
    BOOST_TEST(!picture("this is no picture"));
  }
}

BOOST_AUTO_TEST_CASE(cmyk_and_large_pictures_are_refused) {
  ign_test::Folder const folder;
  auto const path = folder.path / "a.jpg";
  ign_test::put(path, jpeg_of(slope(8, 8, 4), TJPF_CMYK, TJSAMP_444));
  BOOST_CHECK_EXCEPTION(io::read_jpeg(path), Error, [](Error const& e) { return e.id() == "ign.format.317"; });
  auto file = jpeg_of(slope(8, 8, 3), TJPF_RGB, TJSAMP_444);
  ign_test::put(path, file);
  BOOST_TEST(io::read_jpeg(path, 64).pixels.size() == 192u);
  BOOST_CHECK_EXCEPTION(io::read_jpeg(path, 63), Error, [](Error const& e) { return e.id() == "ign.file.3"; });
  auto const frame = file.find("\xff\xc0");  // marker, length (2), precision (1), height (2), width (2)
  BOOST_REQUIRE(frame != std::string::npos);
  file[frame + 5] = file[frame + 7] = '\xfe';  // sides of 65032; the format's limit is 65500
  ign_test::put(path, file);
  BOOST_CHECK_EXCEPTION(io::read_jpeg(path), Error, [](Error const& e) { return e.id() == "ign.file.3"; });
}

BOOST_AUTO_TEST_CASE(a_folder_of_both_formats) {
  ign_test::Folder const folder;
  ign_test::put(folder.path / "b.JPEG", jpeg_of({2, 3, 3, std::vector<std::uint8_t>(18, 100)}, TJPF_RGB, TJSAMP_444));
  ign_test::put(folder.path / "c.jpg", jpeg_of({3, 2, 1, std::vector<std::uint8_t>(6, 200)}, TJPF_GRAY, TJSAMP_GRAY));
  io::write_png(folder.path / "a.png", {2, 2, 3, std::vector<std::uint8_t>(12, 30)});
  auto const set = data::read_image_folder(folder.path, {io::png_format(), io::jpeg_format()}, {.size = 2, .channels = 1});
  BOOST_REQUIRE(set.count == 3u);
  int const expected[] = {30, 100, 200};
  for (std::size_t i = 0; i < set.pixels.size(); ++i) BOOST_TEST(std::abs(int{set.pixels[i]} - expected[i / 4]) <= 1);
  // Under each other's names, and without a name.
  std::filesystem::rename(folder.path / "a.png", folder.path / "a.jpg");
  std::filesystem::rename(folder.path / "b.JPEG", folder.path / "b.png");
  std::filesystem::rename(folder.path / "c.jpg", folder.path / "c");
  auto const again = data::read_image_folder(folder.path, {io::png_format(), io::jpeg_format()}, {.size = 2, .channels = 1});
  BOOST_TEST(again.pixels == set.pixels, boost::test_tools::per_element());
  BOOST_TEST(io::read_image(folder.path / "b.png", {io::png_format(), io::jpeg_format()}).width == 3u);
}

BOOST_AUTO_TEST_SUITE_END()
