// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include <boost/test/unit_test.hpp>

#include <ign/data/image_folder.hpp>
#include <ign/io/png.hpp>
#include <ign_test/folder.hpp>

#include <span>

using namespace ign;
namespace fs = std::filesystem;

namespace {

std::vector<io::ImageFormat> const formats = {io::png_format()};

// A picture of one shade.
void write(fs::path const& path, std::size_t height, std::size_t width, std::size_t channels, std::uint8_t shade) {
  fs::create_directories(path.parent_path());
  io::write_png(path, {height, width, channels, std::vector<std::uint8_t>(height * width * channels, shade)});
}

bool refused(std::string const& id, std::string const& part, auto const& call) {
  try {
    call();
  } catch (Error const& error) {
    BOOST_TEST(error.id() == id, error.what());
    BOOST_TEST(std::string(error.what()).find(part) != std::string::npos, error.what());
    return true;
  }
  return false;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(image_folder)

BOOST_AUTO_TEST_CASE(pictures_come_sorted_square_and_equal) {
  ign_test::Folder const folder;
  write(folder.path / "b.png", 4, 6, 3, 20);
  write(folder.path / "a" / "z.PNG", 9, 3, 1, 10);
  write(folder.path / "b" / "deep" / "c.png", 2, 2, 3, 40);
  write(folder.path / "B.png", 5, 5, 1, 5);
  write(folder.path / "b-.png", 5, 5, 1, 15);
  write(folder.path / ".hidden" / "c.png", 2, 2, 3, 90);
  write(folder.path / ".c.png", 2, 2, 3, 91);
  ign_test::put(folder.path / "notes.txt", "no picture");
  fs::create_directories(folder.path / "folder.png");
  fs::create_directory_symlink(folder.path, folder.path / "loop");

  auto const set = data::read_image_folder(folder.path, formats, {.size = 3, .channels = 3});
  BOOST_TEST(set.count == 5u);
  BOOST_TEST(set.height == 3u);
  BOOST_TEST(set.width == 3u);
  BOOST_TEST(set.channels == 3u);
  BOOST_REQUIRE(set.pixels.size() == 5u * 27u);
  int const order[] = {5, 10, 15, 20, 40};  // B.png, a/z.PNG, b-.png, b.png, b/deep/c.png
  for (std::size_t i = 0; i < set.pixels.size(); ++i) BOOST_TEST(int{set.pixels[i]} == order[i / 27]);

  auto const grey = data::read_image_folder(folder.path / "", formats, {.size = 1, .channels = 1});
  BOOST_TEST(grey.pixels == (std::vector<std::uint8_t>{5, 10, 15, 20, 40}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(every_bad_picture_is_named) {
  ign_test::Folder const folder;
  BOOST_TEST(refused("ign.file.316", ".png", [&] { data::read_image_folder(folder.path, formats); }));
  BOOST_TEST(refused("ign.file.315", "absent", [&] { data::read_image_folder(folder.path / "absent", formats); }));
  write(folder.path / "good.png", 4, 4, 3, 20);
  write(folder.path / "large.png", 40, 40, 3, 20);
  ign_test::put(folder.path / "bad.png", "x");
  ign_test::put(folder.path / "empty.png", "");
  for (char const* name : {"3 of 4", "bad.png", "empty.png", "large.png"})
    BOOST_TEST(refused("ign.format.318", name, [&] { data::read_image_folder(folder.path, formats, {.pixel_limit = 100}); }));
  for (int i = 0; i < 20; ++i) ign_test::put(folder.path / ("bad" + std::to_string(i) + ".png"), "x");
  BOOST_TEST(refused("ign.format.318", "22 of 24", [&] { data::read_image_folder(folder.path, formats); }));
  BOOST_TEST(refused("ign.file.3", "at most 100 bytes", [&] { data::read_image_folder(folder.path, formats, {.limit = 100}); }));
  BOOST_TEST(refused("ign.option.316", "", [&] { data::read_image_folder(folder.path, formats, {.size = 0}); }));
  BOOST_TEST(refused("ign.option.316", "", [&] { data::read_image_folder(folder.path, formats, {.channels = 2}); }));
}

BOOST_AUTO_TEST_CASE(idx_of_rank_4_are_colours) {
  ign_test::Folder const folder;
  auto const path = folder.path / "faces-idx4-ubyte";
  std::vector<std::uint8_t> values(2 * 3 * 4 * 3);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<std::uint8_t>(i);
  data::write_idx(path, {2, 3, 4, 3}, std::span<std::uint8_t const>(values));
  auto const set = data::read_idx_images(path);
  BOOST_TEST(set.count == 2u);
  BOOST_TEST(set.height == 3u);
  BOOST_TEST(set.width == 4u);
  BOOST_TEST(set.channels == 3u);
  BOOST_TEST(set.pixels == values);
}

BOOST_AUTO_TEST_SUITE_END()
