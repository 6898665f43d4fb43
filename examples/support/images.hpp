// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Images on the device: from data sets, and as pictures for reports and files.
#ifndef IGN_EXAMPLES_SUPPORT_IMAGES_HPP
#define IGN_EXAMPLES_SUPPORT_IMAGES_HPP

#include <ign/core/tensor.hpp>
#include <ign/data/idx.hpp>
#include <ign/io/image.hpp>

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "report/report.hpp"

namespace examples {

using Exec = Kokkos::DefaultExecutionSpace;
using Ref = ign::TensorRef<float, Exec>;

/// The first images of a set, `count` at most, on the device and padded to `shape`.
ign::Tensor<float, Exec> to_device(Exec const& exec, ign::data::ImageSet const& set, std::size_t count, ign::Shape shape);

inline constexpr int report_columns = 10;  // fits a phone at 32 pixels each

/// The samples of a tensor in rows of ten, with transparent gaps.
ign::io::Image tiles(Ref const& images);
/// The first ten samples, or all of fewer, in one row.
ign::io::Image first_tiles(Ref const& images);

/// The scale of pictures of such images in a report.
inline PictureOptions picture_scale(ign::Shape image) { return {.scale = image.width <= 32 ? 2.0 : 1.0}; }

/// Writes a PNG with one row of images per tensor. All tensors have the same extents.
void write_rows(std::filesystem::path const& path, std::vector<Ref> const& rows);

/// Adds the last section of a report: the machine and the command.
void add_machine(Report& report, Exec const& exec, std::string const& command);
/// The facts of that section without the command.
std::vector<Fact> report_facts(Exec const& exec);

}  // namespace examples

#endif  // IGN_EXAMPLES_SUPPORT_IMAGES_HPP
