// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Expect: ign::Distance: this is a distance of whole images, such as Perceptual, expected an elementwise distance, such as Mse or L1

#include <ign/layers/activations.hpp>
#include <ign/nets/features.hpp>
#include <ign/nets/perceptual.hpp>
#include <ign/policies/imle.hpp>

void wrong(Kokkos::DefaultExecutionSpace const& exec, ign::Perceptual<ign::FeatureNet<>::Net> const& distance) {
  ign::ImleOptions<ign::Perceptual<ign::FeatureNet<>::Net>> const options = {.distance = distance};
  ign::Imle const policy(exec, ign::sequential(ign::Tanh{}), {8, 8, 1}, options);
}
