// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include <boost/test/unit_test.hpp>

#include <ign/data/image_folder.hpp>
#include <ign/io/png.hpp>
#include <ign_test/folder.hpp>

#include <span>

#include <sys/stat.h>

using namespace ign;
namespace fs = std::filesystem;

BOOST_AUTO_TEST_SUITE(image_folder)

namespace {

std::vector<io::ImageFormat> const formats = {io::png_format()};

// A picture of one shade.
void write(fs::path const& path, std::size_t height, std::size_t width, std::size_t channels, std::uint8_t shade) {
  fs::create_directories(path.parent_path());
  io::write_png(path, {height, width, channels, std::vector<std::uint8_t>(height * width * channels, shade)});
}

std::string const webp = std::string("RIFF\x10\0\0\0WEBPVP8 ", 16), bmp = std::string("BM\x46\0\0\0\0\0\0\0\x36\0\0\0", 14);

using Counts = std::map<std::string, std::size_t>;

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

BOOST_AUTO_TEST_CASE(the_first_bytes_tell_the_format) {
  ign_test::Folder const folder;
  write(folder.path / "a.jpg", 2, 2, 1, 10);
  write(folder.path / "b", 2, 2, 1, 20);
  write(folder.path / "c.dat", 2, 2, 1, 30);
  ign_test::put(folder.path / "labels.txt", "1 2 3");
  auto const set = data::read_image_folder(folder.path, formats, {.size = 1, .channels = 1});
  BOOST_TEST(set.pixels == (std::vector<std::uint8_t>{10, 20, 30}), boost::test_tools::per_element());
  BOOST_TEST(io::read_image(folder.path / "b", formats).pixels.size() == 4u);
  BOOST_TEST(refused("ign.format.402", "labels.txt: has the first bytes of no picture format",
                     [&] { io::read_image(folder.path / "labels.txt", formats); }));
  BOOST_TEST(refused("ign.file.3", "", [&] { io::read_image(folder.path / "b", formats, 3); }));
  BOOST_TEST(refused("ign.file.1", "absent", [&] { io::read_image(folder.path / "absent", formats); }));
  // A file with the name of a picture must be one.
  ign_test::put(folder.path / "text.png", "this is a text");
  BOOST_TEST(refused("ign.format.318", "1 of 4", [&] { data::read_image_folder(folder.path, formats); }));
  BOOST_TEST(
      refused("ign.format.318", "text.png: has the first bytes of no picture", [&] { data::read_image_folder(folder.path, formats); }));
  ign_test::put(folder.path / "text.png", webp);
  BOOST_TEST(refused("ign.format.318", "text.png: is WebP by its first bytes", [&] { data::read_image_folder(folder.path, formats); }));
  ign_test::put(folder.path / "text.png", "");
  BOOST_TEST(refused("ign.format.318", "text.png: is empty", [&] { data::read_image_folder(folder.path, formats); }));
  // A format of a user's own without signatures is told by its name.
  std::vector<io::ImageFormat> const own = {{{".raw"}, [](fs::path const&, std::uint64_t) { return io::Image{1, 1, 1, {77}}; }}};
  ign_test::put(folder.path / "d.RAW", "anything");
  BOOST_TEST(data::read_image_folder(folder.path, own, {.size = 1, .channels = 1}).pixels == (std::vector<std::uint8_t>{77}));
}

BOOST_AUTO_TEST_CASE(files_of_other_formats_are_counted) {
  ign_test::Folder const folder;
  ign_test::put(folder.path / "notes.txt", "a text");
  BOOST_TEST(!data::looks_like_image_folder(folder.path, formats));
  for (int i = 0; i < 12; ++i) ign_test::put(folder.path / (std::to_string(i) + ".webp"), webp);
  BOOST_TEST(data::looks_like_image_folder(folder.path, formats));
  fs::create_directory(folder.path / "more");
  ign_test::put(folder.path / "more" / "a.BMP", bmp);
  ign_test::put(folder.path / "more" / "b.dat", bmp);
  ign_test::put(folder.path / "more" / "c", "x");
  ign_test::put(folder.path / ".hidden.webp", webp);
  BOOST_REQUIRE(::mkfifo((folder.path / "pipe.png").c_str(), 0600) == 0);
  for (char const* part :
       {"holds no pictures", "12 .webp, 1 .bmp, 1 .dat (BMP), 1 .txt, 1 no extension, 1 pipes and devices", "formats .png,", "convert"})
    BOOST_TEST(refused("ign.file.316", part, [&] { data::read_image_folder(folder.path, formats); }));
  write(folder.path / "a.png", 2, 2, 1, 10);
  data::ImageFolderReport report;
  auto const set = data::read_image_folder(folder.path, formats, {}, &report);
  BOOST_TEST(set.count == 1u);
  BOOST_TEST(report.pictures == 1u);
  BOOST_TEST(changes_text(report, {}) == "1 picture: 1 resized to 64 x 64, 1 converted to colour");
  BOOST_TEST((report.skipped ==
              Counts{{".webp", 12}, {".bmp", 1}, {".dat (BMP)", 1}, {".txt", 1}, {"no extension", 1}, {"pipes and devices", 1}}));
  BOOST_TEST(report.unreadable == 0u);
  auto const text = text_of(report);
  BOOST_TEST(text.find("skipped 17 files") == 0u, text);
  BOOST_TEST(text.find("12 .webp") != std::string::npos, text);
  BOOST_TEST(text.find(".png") != std::string::npos, text);
  BOOST_TEST(text.find('\n') == std::string::npos, text);
  for (char const* name : {"notes.txt", "pipe.png", "more"}) fs::remove_all(folder.path / name);
  for (int i = 0; i < 12; ++i) fs::remove(folder.path / (std::to_string(i) + ".webp"));
  data::read_image_folder(folder.path, formats, {}, &report);
  BOOST_TEST(text_of(report) == "");
  for (int i = 0; i < 12; ++i) ign_test::put(folder.path / ("a." + std::to_string(i)), "x");
  data::read_image_folder(folder.path, formats, {}, &report);
  BOOST_TEST(text_of(report).find("and files of 4 more kinds") != std::string::npos, text_of(report));
}

BOOST_AUTO_TEST_CASE(changes_are_counted) {
  ign_test::Folder const folder;
  write(folder.path / "a.png", 2, 2, 1, 10);
  write(folder.path / "b.png", 3, 2, 1, 10);
  write(folder.path / "c.png", 5, 9, 3, 10);
  data::ImageFolderOptions const grey = {.size = 2, .channels = 1}, one = {.size = 5, .channels = 3};
  data::ImageFolderReport report;
  data::read_image_folder(folder.path, formats, grey, &report);
  BOOST_TEST(changes_text(report, grey) == "3 pictures: 2 cropped to the central square, 1 resized to 2 x 2, 1 converted to grey");
  data::read_image_folder(folder.path, formats, one, &report);
  BOOST_TEST(changes_text(report, one) == "3 pictures: 2 cropped to the central square, 2 resized to 5 x 5, 2 converted to colour");
  for (char const* name : {"b.png", "c.png"}) fs::remove(folder.path / name);
  data::read_image_folder(folder.path, formats, grey, &report);
  BOOST_TEST(changes_text(report, grey) == "1 picture, none changed");
}

BOOST_AUTO_TEST_CASE(unreadable_pictures_can_be_left_out) {
  ign_test::Folder const folder;
  write(folder.path / "a.png", 2, 2, 1, 10);
  write(folder.path / "c.png", 2, 2, 1, 30);
  ign_test::put(folder.path / "b.png", "x");
  for (char const* part : {"1 of 3", "b.png", "skip_unreadable", "--skip-unreadable"})
    BOOST_TEST(refused("ign.format.318", part, [&] { data::read_image_folder(folder.path, formats); }));
  data::ImageFolderOptions const skip = {.size = 1, .channels = 1, .skip_unreadable = true};
  data::ImageFolderReport report;
  auto const set = data::read_image_folder(folder.path, formats, skip, &report);
  BOOST_TEST(set.count == 2u);
  BOOST_TEST(set.pixels == (std::vector<std::uint8_t>{10, 30}), boost::test_tools::per_element());
  BOOST_TEST(report.pictures == 2u);
  BOOST_TEST(report.unreadable == 1u);
  BOOST_REQUIRE(report.reasons.size() == 1u);
  BOOST_TEST(report.reasons[0].find("b.png") != std::string::npos);
  BOOST_TEST(text_of(report).find("skipped 1 unreadable picture: ") == 0u, text_of(report));
  BOOST_TEST(text_of(report).find("b.png") != std::string::npos, text_of(report));
  for (int i = 0; i < 20; ++i) ign_test::put(folder.path / ("bad" + std::to_string(i) + ".png"), "x");
  data::read_image_folder(folder.path, formats, skip, &report);
  BOOST_TEST(report.unreadable == 21u);
  BOOST_TEST(report.reasons.size() == 10u);
  fs::remove(folder.path / "a.png");
  fs::remove(folder.path / "c.png");
  BOOST_TEST(refused("ign.format.318", "21 of 21", [&] { data::read_image_folder(folder.path, formats, skip, &report); }));
  BOOST_TEST(report.unreadable == 21u);
}

BOOST_AUTO_TEST_CASE(links_are_followed_and_loops_end) {
  ign_test::Folder const folder;
  auto const outside = folder.path / "outside", set = folder.path / "set";
  write(outside / "faces" / "a.png", 2, 2, 1, 10);
  write(outside / "one.png", 2, 2, 1, 20);
  fs::create_directory(set);
  fs::create_directory_symlink(outside / "faces", set / "linked");
  fs::create_directory_symlink("linked", set / "twice");
  fs::create_symlink(outside / "one.png", set / "one.png");
  fs::create_symlink(outside / "one.png", set / "two");
  fs::create_directory_symlink(set, outside / "faces" / "up");  // set/linked/up is set
  fs::create_directory_symlink(".", set / "self");
  fs::create_directory_symlink(outside, set / ".hidden");
  auto const names = data::find_images(set, formats);
  BOOST_TEST((names == std::vector<fs::path>{set / "linked" / "a.png", set / "one.png", set / "twice" / "a.png", set / "two"}));
  BOOST_TEST(data::read_image_folder(set, formats, {.size = 1, .channels = 1}).pixels == (std::vector<std::uint8_t>{10, 20, 10, 20}),
             boost::test_tools::per_element());
  fs::create_directory_symlink(set, folder.path / "link");
  BOOST_TEST(data::find_images(folder.path / "link", formats).size() == 4u);
  // Two folders that link to each other.
  auto const pair = folder.path / "pair";
  write(pair / "a" / "1.png", 2, 2, 1, 1);
  write(pair / "b" / "2.png", 2, 2, 1, 2);
  fs::create_directory_symlink("../b", pair / "a" / "b");
  fs::create_directory_symlink("../a", pair / "b" / "a");
  BOOST_TEST(data::find_images(pair, formats).size() == 4u);  // a/1, a/b/2, b/2, b/a/1
  // Links that lead nowhere.
  fs::create_symlink(outside / "gone.png", set / "gone");
  fs::create_symlink("ring", set / "ring");
  for (char const* part : {"2 of 6", "set/gone: is a link to '", "outside/gone.png', which is not there", "set/ring: is a link to 'ring'"})
    BOOST_TEST(refused("ign.format.318", part, [&] { data::read_image_folder(set, formats); }));
  BOOST_TEST(data::read_image_folder(set, formats, {.skip_unreadable = true}).count == 4u);
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
