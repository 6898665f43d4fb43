// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Net for an IGN on the codes of an autoencoder (train/codes.hpp).
#ifndef IGN_NETS_LATENT_NET_HPP
#define IGN_NETS_LATENT_NET_HPP

#include <array>

#include "ign/layers/batch_norm.hpp"
#include "ign/nets/mlp.hpp"

namespace ign {

/// A net for an IGN on codes (1, 1, length): an MLP with three hidden layers of `width`, each with BatchNorm. Initial weights preserve
/// the scale of activations. BatchNorm keeps statistics of codes, noise and f's own codes apart; without it f(z) is less diverse.
inline auto latent_net(int length, int width) {
  return mlp(Shape{1, 1, length}, std::array{width, width, width}, sequential(BatchNorm{}, LeakyRelu{}), 1.4);
}

}  // namespace ign

#endif  // IGN_NETS_LATENT_NET_HPP
