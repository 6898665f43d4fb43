// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Benchmark cases: the convolutions of the nets S, M, L and kth-mnist and of a residual block, and their training steps.
#ifndef IGN_BENCHMARKS_CASES_HPP
#define IGN_BENCHMARKS_CASES_HPP

#include <ign/nets/dcgan.hpp>
#include <ign/nets/dcgan3d.hpp>
#include <ign/nets/field_net.hpp>
#include <ign/nets/residual_dcgan.hpp>
#include <ign/policies/idempotent.hpp>
#include <ign/train/recipes.hpp>
#include <ign/train/trainer.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace benchmarks {

struct Layer {
  char const* name;
  ign::Shape fine;
  int channels, kernel, stride, padding;
  int batch;
};

inline ign::math::ConvGeometry geometry(Layer const& layer) {
  int const height = (layer.fine.height + 2 * layer.padding - layer.kernel) / layer.stride + 1;
  int const width = (layer.fine.width + 2 * layer.padding - layer.kernel) / layer.stride + 1;
  return {layer.fine, {height, width, layer.channels}, layer.kernel, layer.stride, layer.padding};
}

// With the batch of the joint pass, 2B samples.
inline constexpr Layer layers[] = {
    {"S1", {32, 32, 1}, 16, 4, 2, 1, 256},    {"S2", {16, 16, 16}, 32, 4, 2, 1, 256},   {"S3", {8, 8, 32}, 64, 4, 2, 1, 256},
    {"S4", {4, 4, 64}, 64, 4, 1, 0, 256},     {"M1", {32, 32, 1}, 32, 4, 2, 1, 256},    {"M2", {16, 16, 32}, 64, 4, 2, 1, 256},
    {"M3", {8, 8, 64}, 128, 4, 2, 1, 256},    {"M4", {4, 4, 128}, 128, 4, 1, 0, 256},   {"L1", {64, 64, 3}, 64, 4, 2, 1, 128},
    {"L2", {32, 32, 64}, 128, 4, 2, 1, 128},  {"L3", {16, 16, 128}, 256, 4, 2, 1, 128}, {"L4", {8, 8, 256}, 512, 4, 2, 1, 128},
    {"L5", {4, 4, 512}, 512, 4, 1, 0, 128},   {"kth1", {28, 28, 1}, 64, 4, 2, 1, 512},  {"kth2", {14, 14, 64}, 128, 4, 2, 1, 512},
    {"kth3", {7, 7, 128}, 256, 3, 2, 1, 512}, {"kth4", {4, 4, 256}, 256, 4, 1, 0, 512}, {"field3", {16, 16, 64}, 64, 3, 1, 1, 64},
};

/// Calls visitor(net, image, objective, batch) for the named case. "small" is S with a batch of 4, for tests.
template <class Visitor>
void with_case(std::string const& name, Visitor const& visitor) {
  auto l1 = ign::paper_b_recipe(ign::sequential(), {}).objective;
  l1.smoothing = {};
  auto const mse = ign::paper_a_recipe(ign::sequential(), {}).objective;
  ign::DcganOptions<3> const middle{.image_channels = 1, .stages = {{{32}, {64}, {128}}}, .latent = {128, 4, 1, 0}};
  if (name == "S") visitor(ign::mnist_small_net(), ign::Shape{32, 32, 1}, mse, 128);
  if (name == "small") visitor(ign::mnist_small_net(), ign::Shape{32, 32, 1}, mse, 4);
  if (name == "M") visitor(ign::dcgan(middle), ign::Shape{32, 32, 1}, l1, 128);
  if (name == "L") visitor(ign::dcgan64_net(), ign::Shape{64, 64, 3}, l1, 64);
  if (name == "voxel") visitor(ign::voxel_net(), ign::volume_shape(32, 32, 32, 1), mse, 16);
  if (name == "field") visitor(ign::field_net({.width = 32, .padding_mode = ign::PaddingMode::zeros}), ign::Shape{64, 64, 1}, mse, 32);
  if (name == "residual") visitor(ign::mnist_residual_net(), ign::Shape{32, 32, 1}, mse, 128);
  if (name == "kth-mnist")
    visitor(ign::kth_mnist_net(), ign::Shape{28, 28, 1}, ign::kth_mnist_recipe(ign::sequential(), {}).objective, 256);
}

/// Calls visitor(trainer, net, batch) with a trainer for the named case, on synthetic data.
template <class Exec, class Visitor>
void with_trainer(Exec const& exec, std::string const& name, ign::Precision precision, ign::TrainerOptions const& options,
                  Visitor const& visitor, ign::Ranks const& ranks = {}) {
  with_case(name, [&](auto const& net, ign::Shape image, auto objective, int batch) {
    objective.precision = precision;
    ign::Idempotent policy(exec, net, image, objective);
    policy.set_ranks(ranks);  // before the trainer is constructed: steps on several ranks cannot be captured
    std::vector<std::uint8_t> pixels(static_cast<std::size_t>(batch) * image.size());
    for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<std::uint8_t>(i * 2654435761u >> 24);
    ign::Batches<Exec> const batches(exec, pixels, static_cast<std::size_t>(batch), image, {batch});
    ign::Trainer trainer(exec, policy, ign::Adam{.beta1 = 0.5}, batches, options);
    visitor(trainer, net, batch);
  });
}

}  // namespace benchmarks

#endif
