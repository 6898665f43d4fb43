// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Data sets of the programs: images to train on and images to evaluate on, by folder, file or name.
#ifndef IGN_EXAMPLES_SUPPORT_DATA_SETS_HPP
#define IGN_EXAMPLES_SUPPORT_DATA_SETS_HPP

#include <ign/core/shape.hpp>
#include <ign/data/idx.hpp>

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>

namespace examples {

/// Images to evaluate on.
struct TestImages {
  ign::data::ImageSet images;
  std::string name;      ///< "test images", for reports
  bool held_out = true;  ///< not used in training
};

/// Images to train on, and others of the same extents to evaluate on.
struct DataSet {
  ign::data::ImageSet train;
  TestImages test;
  bool pictures = false;  ///< from a folder of pictures, without labels
  std::string where{};    ///< as it was passed to `load`
};

/// Bright rectangles on black, numbers `first` to first + count - 1: data for trying a program out.
ign::data::ImageSet rectangles(std::size_t count, std::size_t first = 0);

/// The image shape to which pictures of a folder are converted for the net of that name.
ign::Shape picture_shape(std::string const& net);

/// True for a folder that holds pictures of any format and no IDX file `name`.
bool holds_pictures(std::filesystem::path const& folder, std::string const& name);

/// Identifies a data set by its contents: number, extents and a checksum of the pixels, and of the labels where there are any.
nlohmann::ordered_json description(ign::data::ImageSet const& images, std::span<std::uint8_t const> labels = {});

/// All pictures of a folder, converted to that shape, whose height equals its width. Lines on the error stream tell what was changed, and
/// what was skipped.
ign::data::ImageSet load_pictures(std::filesystem::path const& folder, ign::Shape picture, bool skip_unreadable);

/// Splits a set without test images: every tenth image is held back from training, of more than 100,000 images fewer, so that at most
/// 10,000 are held back. Sets of fewer than ten images are evaluated on their training images.
DataSet hold_back(ign::data::ImageSet all);

/// Reads a data set: a folder of IDX files with MNIST's names, a folder of PNG and JPEG pictures, one IDX file, or "rectangles". Without
/// test images, training images are held back.
/// \param skip_unreadable  skips pictures that cannot be read
/// \throws ign::Error [ign.format.441] when test images are not a file or differ in extents from training images; else as the readers
DataSet load(std::string const& where, ign::Shape picture, bool skip_unreadable = false);

/// Number of classes of a data set's labels, the largest label and one: of the training images, otherwise of the test images. Nullopt for
/// data without labels.
/// \throws ign::Error as ign::data::read_idx_labels
std::optional<int> label_classes(std::string const& where);

/// The part "train" or "t10k" of a folder of IDX files, with labels; or rectangles, labelled by the quarter of their upper left corner.
ign::data::LabelledImages load_labelled(std::string const& where, std::string const& part);

}  // namespace examples

#endif  // IGN_EXAMPLES_SUPPORT_DATA_SETS_HPP
