// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The perceptual distance of `train --perceptual`: the pixels, and three layers of a feature net from a file.
#ifndef IGN_EXAMPLES_SUPPORT_PERCEPTUAL_HPP
#define IGN_EXAMPLES_SUPPORT_PERCEPTUAL_HPP

#include <ign/nets/features.hpp>
#include <ign/nets/perceptual.hpp>

#include <filesystem>
#include <optional>
#include <type_traits>

#include "images.hpp"
#include "train_options.hpp"

namespace examples {

/// Type of the feature net.
using FeatureClassifier = ign::FeatureNet<float, Exec>::Net;

/// Reads a feature net of `features`, with its parameters only.
/// \throws ign::Error as ign::io::read_features
ign::Model<FeatureClassifier, float, Exec> read_feature_model(Exec const& exec, std::filesystem::path const& path);

/// Activations after the convolutions of the three blocks, before each pooling: the layers that the published distances compare.
inline ign::PerceptualOptions feature_weights(double weight) { return {.layers = {{1, weight}, {4, weight}, {7, weight}}}; }

/// The distance of the second phase of a run with --perceptual: that of the recipe, and features. Absent without the option.
/// \throws ign::Error [ign.option.105] when the recipe has no second phase, [ign.shape.650] when the net takes other images; as above
template <class Recipe>
auto perceptual_distance(Exec const& exec, TrainOptions const& options, Recipe const& recipe) {
  using Pixel = std::remove_cvref_t<decltype(recipe.objective.distance)>;
  std::optional<ign::Perceptual<FeatureClassifier, Pixel, float, Exec>> distance;
  if (options.perceptual.empty()) return distance;
  ign::require(recipe.distillation.has_value(), ign::Fault::option, 105, "--perceptual is given for the recipe ", recipe.name,
               ", which has no second phase, expected --distillation with a share above 0, or no --perceptual");
  distance.emplace(read_feature_model(exec, options.perceptual), feature_weights(options.perceptual_weight.value_or(0.1)),
                   recipe.objective.distance);
  distance->require_images(recipe.image);
  return distance;
}

}  // namespace examples

#endif  // IGN_EXAMPLES_SUPPORT_PERCEPTUAL_HPP
