// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "data_sets.hpp"

#include <ign/data/image_folder.hpp>
#include <ign/io/jpeg.hpp>
#include <ign/io/png.hpp>
#include <ign/io/sha256.hpp>
#include <ign/random/counter.hpp>

#include <algorithm>
#include <iostream>
#include <utility>
#include <vector>

#include "nets.hpp"

namespace examples {

ign::data::ImageSet rectangles(std::size_t count, std::size_t first) {
  ign::data::ImageSet set{count, 28, 28, 1, std::vector<std::uint8_t>(count * 28 * 28, 0)};
  for (std::size_t n = 0; n < count; ++n) {
    auto const words = ign::random::bits(ign::Key{1, ign::RandomStream::user}, static_cast<std::uint32_t>(first + n));
    std::size_t const top = 4 + words[0] % 10, left = 4 + words[1] % 10, height = 4 + words[2] % 8, width = 4 + words[3] % 8;
    for (std::size_t y = top; y < top + height; ++y)
      for (std::size_t x = left; x < left + width; ++x) set.pixels[(n * 28 + y) * 28 + x] = 255;
  }
  return set;
}

ign::Shape picture_shape(std::string const& net) {
  for (auto const& entry : nets)
    if (net == entry.name) return {entry.side, entry.side, entry.most_channels};
  return {32, 32, 1};
}

bool holds_pictures(std::filesystem::path const& folder, std::string const& name) {
  if (!std::filesystem::is_directory(folder) || ign::data::find_idx_if(folder, name)) return false;
  return ign::data::looks_like_image_folder(folder, {ign::io::png_format(), ign::io::jpeg_format()});
}

nlohmann::ordered_json description(ign::data::ImageSet const& images, std::span<std::uint8_t const> labels) {
  ign::io::Sha256 hash;
  hash.add(std::as_bytes(std::span(images.pixels)));
  hash.add(std::as_bytes(labels));
  return {{"images", images.count},
          {"extents", {images.height, images.width, images.channels}},
          {labels.empty() ? "sha256_of_pixels" : "sha256_of_pixels_and_labels", hash.hex()}};
}

ign::data::ImageSet load_pictures(std::filesystem::path const& folder, ign::Shape picture, bool skip_unreadable) {
  ign::data::ImageFolderReport report;
  ign::data::ImageFolderOptions const options = {.size = static_cast<std::size_t>(picture.height),
                                                 .channels = static_cast<std::size_t>(picture.channels),
                                                 .skip_unreadable = skip_unreadable};
  auto set = ign::data::read_image_folder(folder, {ign::io::png_format(), ign::io::jpeg_format()}, options, &report);
  std::cerr << folder.string() << ": " << changes_text(report, options) << std::endl;
  if (auto const text = text_of(report); !text.empty()) std::cerr << folder.string() << ": " << text << std::endl;
  return set;
}

DataSet hold_back(ign::data::ImageSet all) {
  if (all.count < 10) return {all, {all, "training images", false}};
  std::size_t const stride = std::max<std::size_t>(10, (all.count + 9'999) / 10'000);
  std::size_t const size = all.height * all.width * all.channels;
  ign::data::ImageSet test{0, all.height, all.width, all.channels, {}};
  std::size_t kept = 0;
  for (std::size_t n = 0; n < all.count; ++n) {
    auto const image = all.pixels.begin() + static_cast<std::ptrdiff_t>(n * size);
    if (n % stride == stride - 1) {
      test.pixels.insert(test.pixels.end(), image, image + static_cast<std::ptrdiff_t>(size));
      ++test.count;
    } else {
      std::copy_n(image, size, all.pixels.begin() + static_cast<std::ptrdiff_t>(kept++ * size));
    }
  }
  all.count = kept;
  all.pixels.resize(kept * size);
  return {std::move(all), {std::move(test), "training images held back"}};
}

namespace {

DataSet load_images(std::string const& where, ign::Shape picture, bool skip_unreadable) {
  if (where == "rectangles") return {rectangles(512), {rectangles(512, 512), "test images"}};
  std::filesystem::path const path = where;
  std::string const train_name = "train-images-idx3-ubyte", test_name = "t10k-images-idx3-ubyte";
  if (!std::filesystem::is_directory(path)) return hold_back(ign::data::read_idx_images(path));
  if (holds_pictures(path, train_name)) {
    auto set = hold_back(load_pictures(path, picture, skip_unreadable));
    set.pictures = true;
    return set;
  }
  auto train = ign::data::read_idx_images(ign::data::find_idx(path, train_name));
  auto const test_path = ign::data::find_idx_if(path, test_name);
  for (auto const& name : ign::data::detail::idx_names(test_name))  // a folder, or a dangling link
    ign::require(test_path || !exists(std::filesystem::symlink_status(path / name)), ign::Fault::format, 441, (path / name).string(),
                 ": not a readable file, expected test images or no such entry");
  if (!test_path) return hold_back(std::move(train));
  auto test = ign::data::read_idx_images(*test_path);
  auto const shape = image_shape(test);
  ign::require(shape == image_shape(train), ign::Fault::format, 441, test_path->string(), ": images of ", shape, ", expected ",
               image_shape(train), " as in the training images next to it");
  return {std::move(train), {std::move(test), "test images"}};
}

}  // namespace

DataSet load(std::string const& where, ign::Shape picture, bool skip_unreadable) {
  auto set = load_images(where, picture, skip_unreadable);
  set.where = where;
  return set;
}

std::optional<int> label_classes(std::string const& where) {
  auto const classes = [](std::vector<std::uint8_t> const& labels) { return labels.empty() ? 0 : 1 + *std::ranges::max_element(labels); };
  if (where == "rectangles") return classes(load_labelled(where, "train").labels);
  if (!std::filesystem::is_directory(where)) return std::nullopt;
  for (char const* const part : {"train", "t10k"})
    if (auto const path = ign::data::find_idx_if(where, std::string(part) + "-labels-idx1-ubyte"))
      return classes(ign::data::read_idx_labels(*path));
  return std::nullopt;
}

ign::data::LabelledImages load_labelled(std::string const& where, std::string const& part) {
  if (where != "rectangles") return ign::data::read_labelled_images(where, part);
  ign::data::LabelledImages set = {part == "train" ? rectangles(1024) : rectangles(512, 512), {}};
  for (std::size_t n = 0; n < set.images.count; ++n) {
    auto const* const image = set.images.pixels.data() + n * 28 * 28;
    auto const corner = std::find(image, image + 28 * 28, 255) - image;
    set.labels.push_back(static_cast<std::uint8_t>(2 * (corner / 28 / 9) + corner % 28 / 9));
  }
  return set;
}

}  // namespace examples
