// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The nets of a small LatentProjector, with weights and statistics as after training.

#ifndef IGN_TEST_LATENT_HPP
#define IGN_TEST_LATENT_HPP

#include <ign/layers/gaussian_noise.hpp>
#include <ign/nets/dcgan.hpp>
#include <ign/nets/latent_projector.hpp>
#include <ign/nets/mlp.hpp>
#include <ign/nets/split.hpp>
#include <ign_test/layer_check.hpp>

#include <array>
#include <cmath>

namespace ign_test::latent {

constexpr ign::Shape image = {8, 8, 3}, code = {1, 1, 5};
constexpr ign::DcganOptions<2> options = {.image_channels = 3, .stages = {{{6}, {10}}}, .latent = {5, 2, 1, 0}};

inline auto encoder_net() { return ign::sequential(ign::dcgan_encoder(options), ign::Tanh{}, ign::GaussianNoise{0.1}); }
inline auto decoder_net() { return ign::dcgan_generator(options); }
inline auto whole_net() { return ign::sequential(encoder_net(), decoder_net()); }
inline auto code_net(int width = 9) { return ign::mlp(code, std::array{7, width}, ign::LeakyRelu{}, 1.0); }

using Encoder = decltype(encoder_net());
using Decoder = decltype(decoder_net());
using Whole = decltype(whole_net());
using CodeNet = decltype(code_net());

/// Weights and statistics as after training: all matter.
template <class Net, class Real>
void scatter(ign::Model<Net, Real, Exec> const& model, std::uint32_t substream) {
  auto const noise = random_vector<Real>(model.parameters().size(), substream, 0.2);
  for (std::size_t i = 0; i < noise.size(); ++i) model.parameters()(i) += noise(i);
  auto const moments = random_vector<Real>(model.statistics().size(), substream + 1, 0.5);
  for (std::size_t i = 0; i < moments.size(); ++i) model.statistics()(i) = Real(0.3) + std::abs(moments(i));
}

template <class Real>
struct Parts {
  Exec exec{};
  ign::Model<Whole, Real, Exec> whole{exec, whole_net(), image, 1};
  ign::Model<CodeNet, Real, Exec> f{exec, code_net(), code, 2};
  ign::ChannelNormalisation normalisation = {{0.1, -1.0 / 3, 0, 0.3, 0.05}, {0.5, 0.25, 1, 2, 0}};

  Parts() {
    scatter(whole, 40);
    scatter(f, 50);
  }
  ign::LatentProjector<Encoder, Decoder, CodeNet, Real, Exec> projector() const {
    auto const [e, d] = ign::split<Encoder::size>(whole);
    return {exec, e, d, f, normalisation};
  }
};

}  // namespace ign_test::latent

#endif
