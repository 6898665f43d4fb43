// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Readers and writers: round trips, and all kinds of damage to small files.

#include <boost/test/unit_test.hpp>

#include <ign/data/idx.hpp>
#include <ign/io/log.hpp>
#include <ign/io/png.hpp>
#include <ign/io/safetensors.hpp>

#include <unistd.h>
#include <zlib.h>

#include <fstream>

using namespace ign;
namespace fs = std::filesystem;

BOOST_AUTO_TEST_SUITE(files)

namespace {

struct Folder {
  fs::path path = fs::temp_directory_path() / ("ign_test_io_" + std::to_string(::getpid()));
  Folder() { fs::create_directories(path); }
  ~Folder() { fs::remove_all(path); }
};

std::string text_of(fs::path const& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}
void put(fs::path const& path, std::string const& text) { std::ofstream(path, std::ios::binary) << text; }

// `read` must accept the file or throw an ign::Error; any other outcome ends the test.
template <class Read>
bool refused(Read const& read) {
  try {
    read();
    return false;
  } catch (Error const&) {
    return true;
  }
}

std::string const idx = {0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};

std::string expect_id(Error const& e) { return e.id(); }

}  // namespace

BOOST_AUTO_TEST_CASE(idx_round_trip_and_every_truncation) {
  Folder const folder;
  auto const path = folder.path / "images";
  put(path, idx);
  auto const set = data::read_idx_images(path);
  BOOST_TEST(set.count == 2u);
  BOOST_TEST(set.height == 2u);
  BOOST_TEST(set.width == 3u);
  BOOST_TEST(set.pixels.size() == 12u);
  BOOST_TEST(set.pixels[11] == 12);
  for (std::size_t length = 0; length < idx.size(); ++length) {
    put(path, idx.substr(0, length));
    BOOST_TEST(refused([&] { data::read_idx_images(path); }), "cut to " << length << " bytes");
  }
  put(path, idx + 'x');
  BOOST_CHECK_EXCEPTION(data::read_idx_images(path), Error, [](Error const& e) { return expect_id(e) == "ign.format.15"; });
}

BOOST_AUTO_TEST_CASE(compressed_idx_round_trip_and_every_damage) {
  Folder const folder;
  auto const path = folder.path / "images.gz";
  ::gzFile const out = ::gzopen(path.c_str(), "wb");
  BOOST_REQUIRE(::gzwrite(out, idx.data(), static_cast<unsigned>(idx.size())) == static_cast<int>(idx.size()));
  BOOST_REQUIRE(::gzclose(out) == Z_OK);
  auto const good = text_of(path);
  auto const set = data::read_idx_images(path);
  BOOST_TEST(set.count == 2u);
  BOOST_TEST(set.pixels[11] == 12);
  put(folder.path / "images-idx3-ubyte", good);  // under any name
  BOOST_TEST(data::read_idx_images(folder.path / "images-idx3-ubyte").pixels == set.pixels);
  for (std::size_t length = 0; length < good.size(); ++length) {
    put(path, good.substr(0, length));
    BOOST_TEST(refused([&] { data::read_idx_images(path); }), "cut to " << length << " bytes");
  }
  for (std::size_t place = 0; place < good.size(); ++place)
    for (int bit = 0; bit < 8; ++bit) {
      auto lie = good;
      lie[place] = static_cast<char>(lie[place] ^ (1 << bit));
      put(path, lie);
      refused([&] { data::read_idx_images(path); });  // time stamp and system are not checked; the others are
    }
  put(path, good + "xyz");
  BOOST_TEST(refused([&] { data::read_idx_images(path); }));
}

BOOST_AUTO_TEST_CASE(idx_headers_that_lie) {
  Folder const folder;
  auto const path = folder.path / "images";
  for (std::size_t place = 0; place < 16; ++place)
    for (int bit = 0; bit < 8; ++bit) {
      auto lie = idx;
      lie[place] = static_cast<char>(lie[place] ^ (1 << bit));
      put(path, lie);
      BOOST_TEST(refused([&] { data::read_idx_images(path); }), "byte " << place << " bit " << bit);
    }
  put(path, std::string{0, 0, 8, 4} + std::string(16, '\xff'));
  BOOST_CHECK_EXCEPTION(data::read_idx<std::uint8_t>(path), Error, [](Error const& e) { return expect_id(e) == "ign.format.14"; });
  BOOST_CHECK_EXCEPTION(data::read_idx_images(folder.path / "absent"), Error, [](Error const& e) {
    return expect_id(e) == "ign.file.1" && std::string(e.what()).find("absent") != std::string::npos;
  });
}

BOOST_AUTO_TEST_CASE(safetensors_round_trip_and_every_damage) {
  Folder const folder;
  auto const path = folder.path / "a.safetensors";
  std::vector<float> const a = {1, 2, 3, 4, 5, 6};
  std::vector<double> const b = {-1.5};
  io::write_safetensors(path, {io::safetensor_entry<float>("a", {2, 3}, a), io::safetensor_entry<double>("b", {}, b)}, {{"k", "v"}});
  auto const good = text_of(path);
  {
    auto const file = io::read_safetensors(path);
    std::vector<float> back(6);
    file.copy<float>("a", back);
    BOOST_TEST(back == a);
    BOOST_TEST(file.metadata().at("k") == "v");
    BOOST_TEST(file.at("a").shape == (std::vector<std::uint64_t>{2, 3}));
    BOOST_CHECK_THROW(file.at("c"), Error);
    BOOST_CHECK_THROW(file.copy<double>("a", std::span<double>()), Error);
  }
  for (std::size_t length = 0; length < good.size(); ++length) {
    put(path, good.substr(0, length));
    BOOST_TEST(refused([&] { io::read_safetensors(path); }), "cut to " << length << " bytes");
  }
  std::size_t const header = good.size() - 6 * 4 - 8;
  for (std::size_t place = 0; place < header; ++place)
    for (int bit = 0; bit < 8; ++bit) {
      auto lie = good;
      lie[place] = static_cast<char>(lie[place] ^ (1 << bit));
      put(path, lie);
      refused([&] { io::read_safetensors(path); });  // either outcome
    }
  auto const with_header = [&](std::string const& json) {
    std::uint64_t const size = json.size();
    put(path, std::string(reinterpret_cast<char const*>(&size), 8) + json + std::string(8, '\0'));
    return refused([&] { io::read_safetensors(path); });
  };
  BOOST_TEST(!with_header(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})"));
  BOOST_TEST(with_header(R"({"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}})"));
  BOOST_TEST(!with_header(R"({"a":{"dtype":"F99","shape":[2],"data_offsets":[0,8]}})"));  // listed, but without values
  BOOST_TEST(with_header(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})"));
  BOOST_TEST(with_header(R"({"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}})"));
  BOOST_TEST(with_header(R"({"a":{"dtype":"F32","shape":[4611686018427387906],"data_offsets":[0,8]}})"));
  BOOST_TEST(with_header(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[0],"data_offsets":[8,8]}})"));
  BOOST_TEST(with_header(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})"));
}

BOOST_AUTO_TEST_CASE(a_failed_write_leaves_the_old_file) {
  Folder const folder;
  auto const missing = folder.path / "no" / "folder" / "a.png";
  BOOST_CHECK_EXCEPTION(io::write_file(missing, "x"), Error, [](Error const& e) { return expect_id(e) == "ign.file.5"; });
  fs::create_directory(folder.path / "taken");
  BOOST_CHECK_THROW(io::write_file(folder.path / "taken", "x"), Error);
  auto const path = folder.path / "a";
  io::write_file(path, "old");
  {
    io::AtomicFile file(path);
    file.write(std::as_bytes(std::span("new", 3)));
  }  // never committed
  BOOST_TEST(text_of(path) == "old");
  std::size_t files = 0;
  for ([[maybe_unused]] auto const& entry : fs::directory_iterator(folder.path)) ++files;
  BOOST_TEST(files == 2u);
}

BOOST_AUTO_TEST_CASE(pictures_read_back) {
  Folder const folder;
  auto const path = folder.path / "a.png";
  std::vector<float> const values = {-1, 0, 1, 2, 0.5f, -3};
  auto const image = io::image_grid<float>(values, {2, 1, 3, 1}, {.columns = 2, .margin = 1});
  BOOST_TEST(image.width == 9u);
  BOOST_TEST(image.height == 3u);
  io::write_png(path, image);
  ::png_image png{};
  png.version = PNG_IMAGE_VERSION;
  BOOST_REQUIRE(::png_image_begin_read_from_file(&png, path.c_str()) != 0);
  png.format = PNG_FORMAT_GRAY;
  std::vector<std::uint8_t> back(PNG_IMAGE_SIZE(png));
  BOOST_REQUIRE(::png_image_finish_read(&png, nullptr, back.data(), 0, nullptr) != 0);
  BOOST_TEST(back == image.pixels);
  BOOST_TEST(back[10] == 0);
  BOOST_TEST(back[12] == 255);
  BOOST_CHECK_THROW(io::image_grid<float>(values, {2, 1, 2, 1}), Error);
}

BOOST_AUTO_TEST_CASE(logs_resume_cleanly) {
  Folder const folder;
  auto const path = folder.path / "log.jsonl";
  {
    auto log = io::Log::create(path);
    for (int step : {10, 20, 30}) log.write({{"step", step}, {"rec", 0.1 * step}});
  }
  put(path, text_of(path) + "{\"step\": 4");
  BOOST_TEST(io::read_log(path).size() == 3u);
  io::Log::resume(path, 20).write({{"step", 25}});
  auto const lines = io::read_log(path);
  BOOST_REQUIRE(lines.size() == 3u);
  BOOST_TEST(lines[2]["step"].get<int>() == 25);
  put(path, "{}\nnonsense\n{}\n");
  BOOST_CHECK_EXCEPTION(io::read_log(path), Error, [](Error const& e) { return expect_id(e) == "ign.format.30"; });
}

BOOST_AUTO_TEST_SUITE_END()
