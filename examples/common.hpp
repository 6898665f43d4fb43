// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// What the example programs share: nets, recipes and sources by name, checkpoints, evaluation, rows of pictures.
#ifndef IGN_EXAMPLES_COMMON_HPP
#define IGN_EXAMPLES_COMMON_HPP

#include "data_sets.hpp"
#include "program.hpp"

#include <ign/ign.hpp>
#include <ign/io/checkpoint.hpp>
#include <ign/io/png.hpp>

#include <cmath>
#include <iostream>
#include <numeric>
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

/// What a trained net is worth in evaluation mode, where no sample knows of the others.
struct Evaluation {
  double reconstruction;  ///< mean of D(f(x), x) over the images
  double idempotence;     ///< mean of D(f(f(z)), f(z)) over as many z
};

/// Evaluates on all of `images`, at most 100 at a time.
/// \param seed  of the noise
template <class Policy, class Distance>
Evaluation evaluate(Exec const& exec, Policy& policy, ign::data::ImageSet const& images, Distance const& distance, std::uint64_t seed) {
  constexpr std::size_t chunk = 100;
  ign::Batches<Exec> const batches(exec, images, {1, 1, policy.image_shape()});
  auto const x_memory = ign::make_tensor<float>(exec, "ign::evaluate", chunk, policy.image_shape());
  auto const y_memory = ign::make_tensor<float>(exec, "ign::evaluate", chunk, policy.image_shape());
  auto const distances = ign::make_vector<float>(exec, "ign::evaluate", chunk);
  Evaluation result{};
  for (std::size_t first = 0; first < images.count; first += chunk) {
    auto const count = std::min(chunk, images.count - first);
    auto const x = ign::samples<float, Exec>(Window(x_memory), 0, static_cast<int>(count));
    auto const y = ign::samples<float, Exec>(Window(y_memory), 0, static_cast<int>(count));
    auto const mean_share = [&] {  // of the mean over all images
      ign::sample_distances(exec, distance, y, x, ign::VectorWindow<float, Exec>(distances.data(), count));
      auto const host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), distances);
      return std::accumulate(host.data(), host.data() + count, 0.0) / static_cast<double>(images.count);
    };
    batches.gather_range(exec, first, x);
    policy.project(exec, x, 1, y);
    result.reconstruction += mean_share();
    policy.generate(exec, ign::Key{seed, ign::Stream::user, 1 + first / chunk}, 1, x);
    policy.apply(exec, ign::Role::image, 1, x, y);
    result.idempotence += mean_share();
  }
  return result;
}

/// The first images of a set, `count` at most, on the device and padded to `shape`.
inline ign::Tensor<float, Exec> to_device(Exec const& exec, ign::data::ImageSet const& set, std::size_t count, ign::Shape shape) {
  auto const x = ign::make_tensor<float>(exec, "ign::images", static_cast<int>(std::min(count, set.count)), shape);
  ign::Batches<Exec>(exec, set, {1, 1, shape}).gather_range(exec, 0, Window(x));
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

}  // namespace examples

#endif
