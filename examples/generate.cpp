// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Generates images with a model or checkpoint of `train`: a sheet with one row per application of f, one file per image, or an array.
// Test: --checkpoint example_train/model.safetensors --out example_sheet.png --count 5
// Test: --checkpoint example_train/model.safetensors --out example_images.npy --count 105 --data rectangles
// Needs: train

#include "support/data_sets.hpp"
#include "support/inputs.hpp"
#include "support/program.hpp"
#include "support/projector.hpp"

#include <ign/io/npy.hpp>
#include <ign/io/png.hpp>

#include <algorithm>
#include <cctype>
#include <iostream>
#include <optional>
#include <span>

namespace {

namespace fs = std::filesystem;
using examples::Exec;
using examples::Ref;

struct Options {
  std::string checkpoint, data;
  fs::path out;
  int count = 20;
  std::optional<int> applications;
  std::uint64_t seed = 1;
};

// Calls use(images) with f^k(z), at most 100 images at a time. Sample n does not depend on `count`.
template <class Use>
void generate(Exec const& exec, examples::AnyProjector& f, Options const& o, int applications, Use const& use) {
  constexpr int chunk = 100;
  auto const memory = ign::make_tensor<float>(exec, "ign::generate::images", std::min(chunk, o.count), f.image_shape());
  for (int first = 0; first < o.count; first += chunk) {
    auto const images = ign::batch_range(Ref(memory), 0, std::min(chunk, o.count - first));
    f.generate(exec, ign::Key{o.seed, ign::RandomStream::user, static_cast<std::uint64_t>(first / chunk)}, applications, images);
    auto const host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), images);
    use(std::span<float const>(host.data(), host.size()));
  }
}

// One row per application: z, f(z), …
std::string times_text(int applications) { return std::to_string(applications) + (applications == 1 ? " time" : " times"); }

void write_sheet(Exec const& exec, examples::AnyProjector& f, Options const& o) {
  ign::Shape const shape = f.image_shape();
  int const last = o.applications.value_or(2);
  std::size_t const rows = static_cast<std::size_t>(last) + 1, columns = static_cast<std::size_t>(o.count);
  ign::io::GridOptions const grid = {.columns = columns, .scale = 2};
  ign::io::TileExtents const tiles = {rows * columns, static_cast<std::size_t>(shape.height), static_cast<std::size_t>(shape.width),
                                      static_cast<std::size_t>(shape.channels)};
  auto const sheet = ign::io::grid_extents(tiles, grid);
  ign::require(std::max(sheet.width, sheet.height) <= ign::io::png_side_limit, ign::Fault::option, 446, "--out ", o.out.string(),
               ": a sheet of ", o.count, " images in ", rows, " rows is ", sheet.width, " x ", sheet.height, " pixels, a PNG has at most ",
               ign::io::png_side_limit,
               " per side: pass a folder to --out for one file per image, or a file name that ends in .npy for one array");
  std::vector<float> values;
  for (int k = 0; k <= last; ++k)
    generate(exec, f, o, k, [&](std::span<float const> images) { values.insert(values.end(), images.begin(), images.end()); });
  ign::io::write_png(o.out, ign::io::image_grid<float>(values, tiles, grid));
  std::cout << o.out.string() << ": " << o.count << " images, rows from z to f applied " << times_text(last) << '\n';
}

void write_array(Exec const& exec, examples::AnyProjector& f, Options const& o) {
  ign::Shape const shape = f.image_shape();
  auto const extent = [](int value) { return static_cast<std::uint64_t>(value); };
  ign::io::NpyWriter file(o.out, {extent(o.count), extent(shape.height), extent(shape.width), extent(shape.channels)});
  int const applications = o.applications.value_or(1);
  generate(exec, f, o, applications, [&](std::span<float const> images) { file.write(images); });
  file.commit();
  std::cout << o.out.string() << ": float32 (" << o.count << ", " << shape.height << ", " << shape.width << ", " << shape.channels
            << "), f applied " << times_text(applications) << " to noise\n";
}

void write_files(Exec const& exec, examples::AnyProjector& f, Options const& o) {
  ign::Shape const shape = f.image_shape();
  ign::require(shape.channels == 1 || shape.channels == 3, ign::Fault::option, 446, "--out ", o.out.string(), ": images of ",
               shape.channels, " channels, expected 1 or 3 for PNG: pass a file name that ends in .npy to --out");
  std::error_code failed;
  ign::require(!exists(o.out) || fs::is_empty(o.out, failed), ign::Fault::option, 446, "--out ", o.out.string(),
               ": is not empty, expected a new or an empty folder");
  examples::make_folder(o.out);
  ign::io::TileExtents const tile = {1, static_cast<std::size_t>(shape.height), static_cast<std::size_t>(shape.width),
                                     static_cast<std::size_t>(shape.channels)};
  int const applications = o.applications.value_or(1);
  int written = 0;
  generate(exec, f, o, applications, [&](std::span<float const> images) {
    for (; !images.empty(); images = images.subspan(shape.size())) {
      std::string const number = std::to_string(written++);
      auto const name = std::string(6 - std::min<std::size_t>(6, number.size()), '0') + number + ".png";
      ign::io::write_png(o.out / name, ign::io::image_grid(images.first(shape.size()), tile, {.columns = 1, .margin = 0}));
    }
  });
  std::cout << o.out.string() << ": " << written << " images, f applied " << times_text(applications) << " to noise\n";
}

}  // namespace

int main(int argc, char* argv[]) {
  Options o;
  std::string out = "generated.png";
  examples::CommandLine line("generate", "Generates images from a model or checkpoint.");
  line.add("checkpoint", "model or checkpoint of `train`", o.checkpoint);
  line.add("out",
           "output: a sheet (.png) or an array of float32 (n, h, w, c) (.npy), which replaces an earlier file, or an empty folder for one "
           "PNG per "
           "image",
           out);
  line.add("count", "number of images", o.count, examples::at_least(1));
  line.add("applications", "applications of f to noise z (1); for a sheet, those of its last row (2)", o.applications,
           examples::at_least(0));
  line.add("seed", "seed of the noise", o.seed);
  line.add("data", "data set to evaluate on, as for `train`", o.data);
  return examples::run(line, argc, argv, [&] {
    ign::require(!o.checkpoint.empty(), ign::Fault::option, 103, "--checkpoint is missing, expected a model or checkpoint of `train`");
    o.out = out;
    std::string kind = o.out.extension();
    std::transform(kind.begin(), kind.end(), kind.begin(), [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
    bool const folder = kind.empty() || fs::is_directory(o.out);
    ign::require(folder || kind == ".png" || kind == ".npy", ign::Fault::option, 446, "--out ", out,
                 ": unknown kind of output, expected a name that ends in .png or .npy, or a folder");
    examples::require_not_an_input(o.out, {o.checkpoint, o.data});
    if (!folder) examples::check_writable(o.out);
    Exec const exec;
    auto const f = examples::load_projector(exec, o.checkpoint);
    if (!o.data.empty()) {
      auto const test = examples::load(o.data, f->image_shape()).test;
      auto const [reconstruction, idempotence] = examples::evaluate(exec, *f, test.images, ign::Mse{}, o.seed);
      std::cout << "evaluation mode, " << test.images.count << ' ' << test.name << ", mean squares: reconstruction " << reconstruction
                << ", idempotence " << idempotence << '\n';
    }
    if (folder)
      write_files(exec, *f, o);
    else if (kind == ".npy")
      write_array(exec, *f, o);
    else
      write_sheet(exec, *f, o);
    return 0;
  });
}
