// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Additive Gaussian noise in training, such as on the code of an autoencoder. It is a function of (key, layer, element); nothing is
/// stored.
#ifndef IGN_LAYERS_GAUSSIAN_NOISE_HPP
#define IGN_LAYERS_GAUSSIAN_NOISE_HPP

#include "ign/core/error.hpp"
#include "ign/core/finite.hpp"
#include "ign/layers/layer.hpp"
#include "ign/random/fill.hpp"

namespace ign {

/// y = x + stddev · n with n ~ N(0, 1) in training, y = x in evaluation. dx = dy.
///
/// Behind a bounded layer, such as Tanh, it limits the information that passes: codes of different data move apart, and the layers behind
/// it learn to map the neighbourhood of a code to what the code stands for.
/// \source Vincent et al., "Extracting and composing robust features with denoising autoencoders", ICML 2008, here on a hidden layer
struct GaussianNoise {
  double stddev = 0.1;  ///< standard deviation of the noise, in [0, 1e30)
};

namespace detail {

/// Noise for a shard of the global batch. `samples` of the key are the global indices of the samples of each segment.
template <class Real>
struct AddNoiseToShard {
  Key key;
  Real stddev;
  Real const* x;
  Real* y;
  std::size_t sample, segment;  // elements per sample, samples per segment

  KOKKOS_FUNCTION void operator()(std::size_t i) const {
    std::size_t const n = i / sample, row = n / segment * segment * key.samples.stride + key.samples.of(n % segment);
    std::size_t const element = row * sample + i % sample, pair = element % 4 / 2 * 2;
    auto const words = random::bits(key, static_cast<std::uint32_t>(element / 4));
    float values[2];
    random::gaussian_pair(words[pair], words[pair + 1], values[0], values[1]);
    y[i] = Kokkos::fma(stddev, static_cast<Real>(values[element % 2]), x[i]);
  }
};

}  // namespace detail

/// \throws Error [ign.option.640] if the standard deviation is negative, not finite, or 1e30 or more
inline Shape output_shape(GaussianNoise const& layer, Shape in) {
  require(is_finite(layer.stddev) && layer.stddev >= 0 && layer.stddev < 1e30, Fault::option, 640, "gaussian_noise: standard deviation ",
          layer.stddev, ", expected a number of 0 or more, below 1e30");
  return in;
}
///@{
/// Layer contract (layers/layer.hpp).
inline LayerDescription describe(GaussianNoise const& layer, Shape) { return {"GaussianNoise", {{"stddev", layer.stddev}}}; }
inline ReceptiveField receptive_field(GaussianNoise const&) { return {}; }
inline bool in_place(GaussianNoise const&) { return true; }
inline bool needs_output(GaussianNoise const&) { return false; }

template <Scalar Real, class Exec>
void forward(Exec const& exec, GaussianNoise const& layer, Pass const& pass, LayerMemory<Real, Exec> const& memory,
             TensorRef<Real, Exec> const& x, TensorRef<Real, Exec> const& y) {
  if (pass.mode == Mode::evaluate) {
    if (x.data() != y.data()) Kokkos::deep_copy(exec, y, x);
    return;
  }
  Key key = pass.key;
  key.substream = memory.substream;
  auto const stddev = static_cast<Real>(layer.stddev);
  if (key.samples.is_identity()) {  // the batch is drawn as one sample
    detail::draw_samples<true>("ign::gaussian_noise", exec, key, 1, x.size(), detail::StoreNoisy<Real>{stddev, x.data(), y.data()});
  } else {
    auto const segment = static_cast<std::size_t>(segment_size(pass, batch_of(x)));
    Kokkos::parallel_for("ign::gaussian_noise", range_policy(exec, x.size()),
                         detail::AddNoiseToShard<Real>{key, stddev, x.data(), y.data(), shape_of(x).size(), segment});
  }
}

template <Scalar Real, class Exec>
void backward(Exec const& exec, GaussianNoise const&, Pass const&, LayerMemory<Real, Exec> const&, TensorRef<Real, Exec> const&,
              TensorRef<Real, Exec> const&, TensorRef<Real, Exec> const& dy, TensorRef<Real, Exec> const& dx) {
  if (!absent(dx) && dx.data() != dy.data()) Kokkos::deep_copy(exec, dx, dy);
}
///@}

}  // namespace ign

#endif  // IGN_LAYERS_GAUSSIAN_NOISE_HPP
