// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "perceptual.hpp"

#include <ign/io/features.hpp>

namespace examples {

ign::Model<FeatureClassifier, float, Exec> read_feature_model(Exec const& exec, std::filesystem::path const& path) {
  return ign::io::read_features<float>(exec, path).net.model();
}

}  // namespace examples
