// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// What the example programs share: nets and recipes by name, and data by folder.
#ifndef IGN_EXAMPLES_COMMON_HPP
#define IGN_EXAMPLES_COMMON_HPP

#include "command_line.hpp"

#include <ign/data/idx.hpp>
#include <ign/data/image_folder.hpp>
#include <ign/ign.hpp>
#include <ign/io/checkpoint.hpp>
#include <ign/io/jpeg.hpp>
#include <ign/io/png.hpp>
#include <ign/io/sha256.hpp>

#include <cmath>
#include <csignal>
#include <iostream>
#include <string>
#include <vector>

namespace examples {

using Exec = Kokkos::DefaultExecutionSpace;
using Window = ign::TensorWindow<float, Exec>;

/// Calls visitor(net, image shape) for the net of that name.
template <class Visitor>
void with_net(std::string const& name, int channels, Visitor const& visitor) {
  if (name == "mnist-small" && channels == 1)
    visitor(ign::mnist_small_net(), ign::Shape{32, 32, 1});
  else if (name == "mnist-wide" && channels == 1)
    visitor(ign::mnist_wide_net(), ign::Shape{32, 32, 1});
  else if (name == "kth-mnist" && channels == 1)
    visitor(ign::kth_mnist_net(), ign::Shape{28, 28, 1});
  else if (name == "dcgan-64" && (channels == 1 || channels == 3))
    visitor(ign::dcgan64_net(channels), ign::Shape{64, 64, channels});
  else if (name == "dcgan-64-small" && (channels == 1 || channels == 3))
    visitor(ign::dcgan64_small_net(channels), ign::Shape{64, 64, channels});
  else
    ign::fail(ign::Fault::option, 100, "net '", name, "' for ", channels,
              " channels, expected mnist-small, mnist-wide or kth-mnist (1 channel), dcgan-64 or dcgan-64-small (1 or 3 channels)");
}

/// Calls visitor(recipe) for the recipe of that name with that net.
template <class Net, class Visitor>
void with_recipe(std::string const& name, Net const& net, ign::Shape image, Visitor const& visitor) {
  if (name == "mnist-small")
    visitor(ign::mnist_small(net, image));
  else if (name == "mnist-wide")
    visitor(ign::mnist_wide(net, image));
  else if (name == "mnist-small-projector")
    visitor(ign::mnist_small_projector(net, image));
  else if (name == "paper-a")
    visitor(ign::paper_a(net, image));
  else if (name == "paper-b")
    visitor(ign::paper_b(net, image));
  else if (name == "kth-mnist")
    visitor(ign::kth_mnist(net, image));
  else if (name == "kth-celeba")
    visitor(ign::kth_celeba(net, image));
  else
    ign::fail(ign::Fault::option, 101, "recipe '", name,
              "', expected mnist-small, mnist-wide, mnist-small-projector, paper-a, paper-b, kth-mnist or kth-celeba");
}

/// Calls visitor(source) for the noise of that name; a spectral one has no statistics yet.
template <class Visitor>
void with_source(std::string const& name, Exec const& exec, ign::Shape image, Visitor const& visitor) {
  if (name == "gaussian")
    visitor(ign::Gaussian{});
  else if (auto const spectral = ign::spectral_options(name))
    visitor(ign::Spectral<float, Exec>(exec, image, *spectral));
  else
    ign::fail(ign::Fault::option, 253, "source '", name,
              "', expected gaussian, spectral, spectral-hermitian, spectral-batch or spectral-hermitian-batch");
}

/// Bright rectangles on black, for trying programs out without a data set; those from `first` on.
inline ign::data::ImageSet rectangles(std::size_t count, std::size_t first = 0) {
  ign::data::ImageSet set{count, 28, 28, 1, std::vector<std::uint8_t>(count * 28 * 28, 0)};
  for (std::size_t n = 0; n < count; ++n) {
    auto const words = ign::random::bits(ign::Key{1, ign::Stream::user}, static_cast<std::uint32_t>(first + n));
    std::size_t const top = 4 + words[0] % 10, left = 4 + words[1] % 10, height = 4 + words[2] % 8, width = 4 + words[3] % 8;
    for (std::size_t y = top; y < top + height; ++y)
      for (std::size_t x = left; x < left + width; ++x) set.pixels[(n * 28 + y) * 28 + x] = 255;
  }
  return set;
}

/// The image shape that pictures of a folder are made into for the net of that name.
inline ign::Shape picture_shape(std::string const& net) {
  if (net.starts_with("dcgan-64")) return {64, 64, 3};
  return net == "kth-mnist" ? ign::Shape{28, 28, 1} : ign::Shape{32, 32, 1};
}

/// Whether a folder holds pictures, of whatever format, and not the IDX file `name`.
inline bool holds_pictures(std::filesystem::path const& folder, std::string const& name) {
  if (!std::filesystem::is_directory(folder) || ign::data::find_idx_if(folder, name)) return false;
  return ign::data::looks_like_image_folder(folder, {ign::io::png_format(), ign::io::jpeg_format()});
}

/// Names a data set by its contents, unpacked: pixels, then labels, where there are any.
inline nlohmann::ordered_json description(ign::data::ImageSet const& images, std::span<std::uint8_t const> labels = {}) {
  ign::io::Sha256 hash;
  hash.add(std::as_bytes(std::span(images.pixels)));
  hash.add(std::as_bytes(labels));
  return {{"images", images.count},
          {"extents", {images.height, images.width, images.channels}},
          {labels.empty() ? "sha256_of_pixels" : "sha256_of_pixels_and_labels", hash.hex()}};
}

/// All pictures of a folder, as images of a shape whose height is its width. A line on the error stream says what was passed over.
inline ign::data::ImageSet load_pictures(std::filesystem::path const& folder, ign::Shape picture, bool skip_unreadable = false) {
  ign::data::ImageFolderReport report;
  auto set = ign::data::read_image_folder(folder, {ign::io::png_format(), ign::io::jpeg_format()},
                                          {.size = static_cast<std::size_t>(picture.height),
                                           .channels = static_cast<std::size_t>(picture.channels),
                                           .skip_unreadable = skip_unreadable},
                                          &report);
  if (auto const text = text_of(report); !text.empty()) std::cerr << folder.string() << ": " << text << std::endl;
  return set;
}

/// The training images of a folder that holds IDX files, or else PNG and JPEG pictures, of one IDX file, or "rectangles".
inline ign::data::ImageSet load(std::string const& where, ign::Shape picture) {
  if (where == "rectangles") return rectangles(512);
  std::filesystem::path const path = where;
  if (holds_pictures(path, "train-images-idx3-ubyte")) return load_pictures(path, picture);
  return ign::data::read_idx_images(std::filesystem::is_directory(path) ? ign::data::find_idx(path, "train-images-idx3-ubyte") : path);
}

/// The part "train" or "t10k" of a folder with IDX files, with labels; or rectangles, whose class is the quarter that they begin in.
inline ign::data::LabelledImages load_labelled(std::string const& where, std::string const& part) {
  if (where != "rectangles") return ign::data::read_labelled_images(where, part);
  ign::data::LabelledImages set = {part == "train" ? rectangles(1024) : rectangles(512, 512), {}};
  for (std::size_t n = 0; n < set.images.count; ++n) {
    auto const* const image = set.images.pixels.data() + n * 28 * 28;
    auto const corner = std::find(image, image + 28 * 28, 255) - image;
    set.labels.push_back(static_cast<std::uint8_t>(2 * (corner / 28 / 9) + corner % 28 / 9));
  }
  return set;
}

/// What a trained net is worth in evaluation mode, where no sample knows of the others.
struct Evaluation {
  double reconstruction;  ///< mean of D(f(x), x) over the images
  double idempotence;     ///< mean of D(f(f(z)), f(z)) over as many z
};

/// Evaluates on all of `images` that make full chunks of 100.
/// \param seed  of the noise
template <class Policy, class Distance>
Evaluation evaluate(Exec const& exec, Policy& policy, ign::data::ImageSet const& images, Distance const& distance, std::uint64_t seed) {
  int const chunk = static_cast<int>(std::min<std::size_t>(100, images.count));
  ign::Batches<Exec> const batches(exec, images.pixels, images.count, image_shape(images), {chunk, 1, policy.image_shape()});
  auto const a = ign::make_tensor<float>(exec, "ign::evaluate", chunk, policy.image_shape());
  auto const b = ign::make_tensor<float>(exec, "ign::evaluate", chunk, policy.image_shape());
  auto const distances = ign::make_vector<float>(exec, "ign::evaluate", static_cast<std::size_t>(chunk));
  auto const mean = [&] {
    ign::sample_distances(exec, distance, Window(b), Window(a), ign::VectorWindow<float, Exec>(distances));
    auto const host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), distances);
    double sum = 0;
    for (std::size_t n = 0; n < host.size(); ++n) sum += static_cast<double>(host(n));
    return sum / chunk;
  };
  Evaluation result{};
  std::size_t const chunks = images.count / static_cast<std::size_t>(chunk);
  for (std::size_t i = 0; i < chunks; ++i) {
    batches.gather_range(exec, i * static_cast<std::size_t>(chunk), Window(a));
    policy.project(exec, Window(a), 1, Window(b));
    result.reconstruction += mean() / static_cast<double>(chunks);
    policy.generate(exec, ign::Key{seed, ign::Stream::user, 1 + i}, 1, Window(a));
    policy.apply(exec, ign::Role::image, 1, Window(a), Window(b));
    result.idempotence += mean() / static_cast<double>(chunks);
  }
  return result;
}

/// Images to try a net on.
struct TestImages {
  ign::data::ImageSet images;
  bool held_out;  ///< whether training does not see them

  char const* name() const { return held_out ? "held-out images" : "training images"; }
};

/// The test images beside the training images of `load`, or those themselves where there are none.
inline TestImages load_test(std::string const& where, ign::Shape picture) {
  if (where == "rectangles") return {rectangles(512, 512), true};
  std::filesystem::path const path = where;
  if (!std::filesystem::is_directory(path)) return {load(where, picture), false};
  if (holds_pictures(path, "t10k-images-idx3-ubyte")) return {load_pictures(path, picture), false};
  return {ign::data::read_idx_images(ign::data::find_idx(path, "t10k-images-idx3-ubyte")), true};
}

/// The first images of a set, `count` at most, on the device and padded to `shape`.
inline ign::Tensor<float, Exec> to_device(Exec const& exec, ign::data::ImageSet const& set, std::size_t count, ign::Shape shape) {
  auto const x = ign::make_tensor<float>(exec, "ign::images", static_cast<int>(std::min(count, set.count)), shape);
  ign::Batches<Exec>(exec, set.pixels, set.count, image_shape(set), {1, 1, shape}).gather_range(exec, 0, Window(x));
  exec.fence("images: the bytes are freed");
  return x;
}

inline constexpr int report_columns = 10;  // a phone shows as many digits of 32 pixels

/// The samples of a tensor in rows of ten, with gaps that let the page through.
inline ign::io::Image tiles(Window const& images) {
  auto const host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), images);
  std::span<float const> const values(host.data(), host.size());
  ign::io::TileExtents const extents = {host.extent(0), host.extent(1), host.extent(2), host.extent(3)};
  return ign::io::image_grid(values, extents, {.columns = report_columns, .margin = 1, .transparent = true});
}

/// Rows of images, each row a tensor of as many samples, as one picture.
inline void write_rows(std::filesystem::path const& path, std::vector<Window> const& rows) {
  std::vector<float> values;
  for (auto const& row : rows) {
    auto const host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), row);
    values.insert(values.end(), host.data(), host.data() + host.size());
  }
  auto const& first = rows.front();
  ign::io::TileExtents const tiles = {rows.size() * first.extent(0), first.extent(1), first.extent(2), first.extent(3)};
  ign::io::write_png(path, ign::io::image_grid<float>(values, tiles, {.columns = first.extent(0), .scale = 2}));
}

/// A finished net with the noise that it was trained on.
template <class Net, class Source>
struct Trained : ign::FrozenProjector<Net, float, Exec> {
  using Base = ign::FrozenProjector<Net, float, Exec>;
  Source source;

  Trained(Exec const& exec, ign::Model<Net, float, Exec> const& model, Source const& noise) : Base(exec, model), source(noise) {}
  void generate(Exec const& exec, ign::Key const& key, int applications, Window const& out) {
    Base::generate(exec, source, key, applications, out);
  }
};

/// Calls visitor(trained) for the net, the noise and the weights of a file of `train`: its model or a checkpoint.
template <class Visitor>
void with_checkpoint(Exec const& exec, std::string const& path, Visitor const& visitor) {
  auto const file = ign::io::read_safetensors(path);
  auto const recipe = ign::io::read_recipe(file);
  auto const net_name = ign::io::recipe_field<std::string>(file, recipe, "net");
  with_net(net_name, ign::io::recipe_image(file, recipe).channels, [&](auto const& net, ign::Shape shape) {
    with_source(ign::io::recipe_field<std::string>(file, recipe, "source"), exec, shape, [&](auto const& source) {
      ign::io::read_source(file, source);
      ign::Model<std::remove_cvref_t<decltype(net)>, float, Exec> const model(exec, net, shape);
      exec.fence("checkpoint: the model's memory has been cleared");
      ign::io::read_model(file, model);
      Trained trained(exec, model, source);
      visitor(trained);
    });
  });
}

/// Mean and standard deviation of values.
struct Spread {
  double mean = 0;
  double deviation = 0;  ///< of a sample: divided by count - 1; 0 of one value
};

inline Spread spread(std::vector<double> const& values) {
  Spread result;
  for (double const value : values) result.mean += value / static_cast<double>(values.size());
  for (double const value : values) result.deviation += (value - result.mean) * (value - result.mean);
  result.deviation = values.size() > 1 ? std::sqrt(result.deviation / static_cast<double>(values.size() - 1)) : 0;
  return result;
}

/// Reads the options; false where only the help was asked for, which has been printed then.
inline bool parse(cxxopts::Options& parser, int argc, char* argv[]) { return parse(parser, argc, argv, std::cout).has_value(); }

/// Runs a program; what goes wrong becomes one line on the error stream and an exit code.
template <class Program>
int run(int argc, char* argv[], Program const& program) {
  std::signal(SIGXFSZ, SIG_IGN);  // a limit on the size of files becomes an error of the one who writes
  try {
    Kokkos::ScopeGuard const kokkos(argc, argv);
    return program();
  } catch (cxxopts::exceptions::exception const& error) {
    std::cerr << argv[0] << ": " << error.what() << " (--help lists the options)\n";
    return 2;
  } catch (std::exception const& error) {
    std::cerr << argv[0] << ": " << error.what() << '\n';
    return 1;
  }
}

}  // namespace examples

#endif
