// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Labels from file to batch: those of the very samples, and every way in which they can be missing or wrong.

#include <boost/test/unit_test.hpp>

#include <ign/data/idx.hpp>
#include <ign/train/batches.hpp>
#include <ign_test/layer_check.hpp>

#include <unistd.h>

using namespace ign;
using ign_test::Exec;
namespace fs = std::filesystem;

BOOST_AUTO_TEST_SUITE(labels)

namespace {

struct Folder {
  fs::path path = fs::temp_directory_path() / ("ign_test_labels_" + std::to_string(::getpid()));
  Folder() { fs::create_directories(path); }
  ~Folder() { fs::remove_all(path); }

  void write(std::string const& name, std::vector<std::uint32_t> const& extents, std::vector<std::uint8_t> const& values) const {
    data::write_idx<std::uint8_t>(path / name, extents, values);
  }
};

auto id(char const* expected) {
  return [expected](Error const& e) { return e.id() == expected; };
}

}  // namespace

BOOST_AUTO_TEST_CASE(images_and_labels_of_a_folder) {
  Folder const folder;
  folder.write("train-images-idx3-ubyte", {2, 1, 3}, {1, 2, 3, 4, 5, 6});
  BOOST_CHECK_EXCEPTION(data::read_labelled_images(folder.path, "train"), Error, id("ign.file.8"));
  folder.write("train-labels-idx1-ubyte", {2}, {7, 9});
  auto const set = data::read_labelled_images(folder.path, "train");
  BOOST_TEST(set.images.count == 2u);
  BOOST_TEST(set.images.pixels[5] == 6);
  BOOST_TEST(set.labels == (std::vector<std::uint8_t>{7, 9}));
  folder.write("train-labels-idx1-ubyte", {3}, {7, 9, 1});
  BOOST_CHECK_EXCEPTION(data::read_labelled_images(folder.path, "train"), Error, [](Error const& e) {
    return e.id() == "ign.format.230" && std::string(e.what()).find("3 labels, expected 2") != std::string::npos;
  });
  folder.write("train-labels-idx1-ubyte", {2, 1}, {7, 9});
  BOOST_CHECK_EXCEPTION(data::read_labelled_images(folder.path, "train"), Error, id("ign.format.16"));
  data::write_idx<std::int32_t>(folder.path / "train-labels-idx1-ubyte", {2}, std::vector<std::int32_t>{7, 9});
  BOOST_CHECK_EXCEPTION(data::read_labelled_images(folder.path, "train"), Error, id("ign.format.12"));
}

// MNIST's files have a dot in place of the dash in some copies of it; and some archives unpack to folders of the files' names.
BOOST_AUTO_TEST_CASE(a_data_set_is_found_by_any_of_its_names) {
  Folder const folder;
  fs::create_directory(folder.path / "train-images-idx3-ubyte");
  folder.write("train-images.idx3-ubyte", {2, 1, 3}, {1, 2, 3, 4, 5, 6});
  folder.write("train-labels.idx1-ubyte", {2}, {7, 9});
  BOOST_TEST(data::find_idx(folder.path, "train-images-idx3-ubyte") == folder.path / "train-images.idx3-ubyte");
  BOOST_TEST(data::read_labelled_images(folder.path, "train").labels == (std::vector<std::uint8_t>{7, 9}));
  auto const rename = [&](char const* from, char const* to) { fs::rename(folder.path / from, folder.path / to); };
  rename("train-images.idx3-ubyte", "train-images.idx3-ubyte.gz");  // the bytes tell whether it is packed
  rename("train-labels.idx1-ubyte", "train-labels.idx1-ubyte.gz");
  BOOST_TEST(data::read_labelled_images(folder.path, "train").images.count == 2u);
  rename("train-labels.idx1-ubyte.gz", "train-labels-idx1-ubyte");
  BOOST_TEST(data::find_idx(folder.path, "train-labels.idx1-ubyte") == folder.path / "train-labels-idx1-ubyte");
  BOOST_TEST((data::find_idx_if(folder.path, "t10k-labels-idx1-ubyte") == std::nullopt));
  BOOST_CHECK_EXCEPTION(data::find_idx(folder.path, "t10k-images-idx3-ubyte"), Error, [](Error const& e) {
    std::string const text = e.what();
    return e.id() == "ign.file.8" &&
           text.find("t10k-images-idx3-ubyte, t10k-images-idx3-ubyte.gz, t10k-images.idx3-ubyte") != std::string::npos;
  });
}

// The image of sample i is the byte i, and its label i mod 5, so that one tells the other.
BOOST_AUTO_TEST_CASE(a_batch_has_the_labels_of_its_samples) {
  Exec const exec;
  std::vector<std::uint8_t> pixels(60), labels(60);
  for (std::size_t i = 0; i < 60; ++i) pixels[i] = static_cast<std::uint8_t>(i), labels[i] = static_cast<std::uint8_t>(i % 5);
  Batches<Exec> const batches(exec, pixels, 60, {1, 1, 1}, {7, 3}, labels);
  BOOST_TEST(batches.classes() == 5);
  auto const x = ign_test::random_vector<double>(7, 1);
  Kokkos::View<int*, Exec> const found("ign::test", 7);
  std::size_t in_order = 0;
  for (std::uint64_t step = 0; step < 3 * batches.batches_per_epoch(); ++step) {
    batches.gather(exec, step, ign_test::as_tensor<double>(x, 7, {1, 1, 1}));
    batches.gather_labels(exec, step, VectorRef<int, Exec>(found.data(), 7));
    exec.fence();
    for (std::size_t n = 0; n < 7; ++n) {
      auto const image = std::lround((x(n) + 1) * 127.5);
      in_order += image == static_cast<long>(step % 8 * 7 + n);
      BOOST_TEST(found(n) == image % 5, "step " << step << " sample " << n);
    }
  }
  BOOST_TEST(in_order < 20u);  // of 168: the batches are shuffled
}

// Batches of the results of readers, with labels where there are any.
BOOST_AUTO_TEST_CASE(batches_take_what_the_readers_return) {
  Exec const exec;
  data::LabelledImages const set = {{3, 1, 2, 1, {0, 255, 255, 0, 255, 255}}, {7, 9, 4}};
  Batches<Exec> const bare(exec, set.images, {.batch = 2, .pad_to = {1, 4, 1}});
  BOOST_TEST(bare.count() == 3u);
  BOOST_TEST(bare.shape() == (Shape{1, 4, 1}));
  BOOST_TEST(bare.options().batch == 2);
  BOOST_TEST(bare.classes() == 0);
  auto const x = ign_test::random_vector<float>(4, 1);
  bare.gather_range(exec, 1, ign_test::as_tensor<float>(x, 1, {1, 4, 1}));
  exec.fence();
  for (std::size_t i = 0; i < 4; ++i) BOOST_TEST(x(i) == (i == 1 ? 1.0f : -1.0f));

  Batches<Exec> const labelled(exec, set, {.batch = 3, .seed = 5});
  BOOST_TEST(labelled.shape() == (Shape{1, 2, 1}));
  BOOST_TEST(labelled.classes() == 10);
  auto const y = ign_test::random_vector<float>(6, 1);
  Kokkos::View<int*, Exec> const found("ign::test", 3);
  labelled.gather(exec, 0, ign_test::as_tensor<float>(y, 3, {1, 2, 1}));
  labelled.gather_labels(exec, 0, VectorRef<int, Exec>(found.data(), 3));
  exec.fence();
  for (std::size_t n = 0; n < 3; ++n) BOOST_TEST(found(n) == (y(2 * n) < 0 ? 7 : y(2 * n + 1) < 0 ? 9 : 4));

  BOOST_CHECK_EXCEPTION(Batches<Exec>(exec, set.images), Error, id("ign.option.85"));  // 128 of 3
  data::LabelledImages short_of_labels = set;
  short_of_labels.labels.pop_back();
  BOOST_CHECK_EXCEPTION(Batches<Exec>(exec, short_of_labels, {.batch = 2}), Error, id("ign.shape.233"));
  data::ImageSet broken = set.images;
  broken.pixels.pop_back();
  BOOST_CHECK_EXCEPTION(Batches<Exec>(exec, broken, {.batch = 2}), Error, id("ign.shape.85"));
  broken.width = 70'000;
  BOOST_CHECK_EXCEPTION(Batches<Exec>(exec, broken, {.batch = 2}), Error, id("ign.format.17"));
}

BOOST_AUTO_TEST_CASE(labels_that_are_missing_or_wrong) {
  Exec const exec;
  std::vector<std::uint8_t> const pixels(6), labels(5);
  BOOST_CHECK_EXCEPTION(Batches<Exec>(exec, pixels, 6, {1, 1, 1}, {2, 1}, labels), Error, id("ign.shape.233"));
  Batches<Exec> const bare(exec, pixels, 6, {1, 1, 1}, {2, 1});
  BOOST_TEST(bare.classes() == 0);
  std::vector<int> found(3);
  BOOST_CHECK_EXCEPTION(bare.gather_labels(exec, 0, VectorRef<int, Exec>(found.data(), 2)), Error, id("ign.option.231"));
  Batches<Exec> const good(exec, pixels, 6, {1, 1, 1}, {2, 1}, std::vector<std::uint8_t>(6));
  BOOST_CHECK_EXCEPTION(good.gather_labels(exec, 0, VectorRef<int, Exec>(found.data(), 3)), Error, id("ign.shape.86"));
}

BOOST_AUTO_TEST_SUITE_END()
