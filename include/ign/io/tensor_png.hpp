// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Samples of a tensor, in host or device memory, as one PNG picture.
#ifndef IGN_IO_TENSOR_PNG_HPP
#define IGN_IO_TENSOR_PNG_HPP

#include <filesystem>
#include <span>

#include "ign/core/tensor.hpp"
#include "ign/io/png.hpp"

namespace ign::io {

/// Arranges the samples of a tensor in rows from the top left. Waits for the device.
/// \param images  (n, h, w, c), with 1 or 3 channels; by default -1 is black and 1 is white
/// \throws ign::Error [ign.option.42] as the overload for values on the host, [ign.shape.170] when the View is not contiguous
template <TensorView View>
Image image_grid(View const& images, GridOptions const& options = {}) {
  auto const all = tensor_ref<typename View::device_type>(images);
  auto const host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), all, "ign::image_grid");
  return image_grid(std::span<typename View::value_type const>(host.data(), host.size()),
                    {host.extent(0), host.extent(1), host.extent(2), host.extent(3)}, options);
}

/// Writes the samples of a tensor as one picture. Waits for the device.
/// Example: `write_png("images.png", images, {.columns = 16, .scale = 2})` for a Tensor `images`.
/// \throws ign::Error as image_grid and as write_png for a picture
template <TensorView View>
void write_png(std::filesystem::path const& path, View const& images, GridOptions const& options = {}) {
  write_png(path, image_grid(images, options));
}

}  // namespace ign::io

#endif  // IGN_IO_TENSOR_PNG_HPP
