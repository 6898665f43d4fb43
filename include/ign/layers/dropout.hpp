// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Dropout with a mask that is a function of (key, layer, element). Backward draws it again; nothing is stored.
#ifndef IGN_LAYERS_DROPOUT_HPP
#define IGN_LAYERS_DROPOUT_HPP

#include "ign/core/elementwise.hpp"
#include "ign/core/error.hpp"
#include "ign/core/finite.hpp"
#include "ign/layers/layer.hpp"
#include "ign/random/counter.hpp"

namespace ign {

/// In training, sets each element to 0 with the given probability and divides the others by 1 - probability. In evaluation, the identity.
/// \source Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting", JMLR 15 (2014)
struct Dropout {
  double probability = 0.5;  ///< in [0, 1)
};

namespace detail {

template <class Real>
struct Drop {
  Key key;
  float probability;
  Real factor;
  Real const* in;
  Real* out;
  std::size_t size;

  KOKKOS_FUNCTION void operator()(std::size_t block) const {
    auto const words = random::bits(key, static_cast<std::uint32_t>(block));
    for (std::size_t k = 0; k < 4 && 4 * block + k < size; ++k) {
      std::size_t const i = 4 * block + k;
      out[i] = random::uniform(words[k]) < probability ? Real(0) : factor * in[i];
    }
  }
};

/// Drop for a shard of the global batch. `samples` of the key are the global indices of the samples of each segment.
template <class Real>
struct DropShard {
  Drop<Real> base;
  std::size_t sample, segment;  // elements per sample, samples per segment

  KOKKOS_FUNCTION void operator()(std::size_t i) const {
    GlobalSampleIndices const& indices = base.key.samples;
    std::size_t const n = i / sample, row = n / segment * segment * indices.stride + indices.of(n % segment);
    std::size_t const element = row * sample + i % sample;
    auto const words = random::bits(base.key, static_cast<std::uint32_t>(element / 4));
    base.out[i] = random::uniform(words[element % 4]) < base.probability ? Real(0) : base.factor * base.in[i];
  }
};

template <Scalar Real, class Exec>
void drop(Exec const& exec, Dropout const& layer, Pass const& pass, std::uint32_t index, TensorRef<Real, Exec> const& in,
          TensorRef<Real, Exec> const& out) {
  if (pass.mode == Mode::evaluate) {
    if (in.data() != out.data()) Kokkos::deep_copy(exec, out, in);
    return;
  }
  Key key = pass.key;
  key.substream = index;
  Drop<Real> const body{
      key, static_cast<float>(layer.probability), static_cast<Real>(1 / (1 - layer.probability)), in.data(), out.data(), in.size()};
  if (key.samples.is_identity())
    Kokkos::parallel_for("ign::dropout", range_policy(exec, (in.size() + 3) / 4), body);
  else
    Kokkos::parallel_for("ign::dropout", range_policy(exec, in.size()),
                         DropShard<Real>{body, shape_of(in).size(), static_cast<std::size_t>(segment_size(pass, batch_of(in)))});
}

}  // namespace detail

/// \throws Error [ign.option.61] if the probability is not in [0, 1)
inline Shape output_shape(Dropout const& layer, Shape in) {
  require(is_finite(layer.probability) && layer.probability >= 0 && layer.probability < 1, Fault::option, 61, "dropout: probability ",
          layer.probability, ", expected [0, 1)");
  return in;
}
///@{
/// Layer contract (layers/layer.hpp).
inline LayerDescription describe(Dropout const& layer, Shape) { return {"Dropout", {{"p", layer.probability}}}; }
inline ReceptiveField receptive_field(Dropout const&) { return {}; }
inline bool in_place(Dropout const&) { return true; }
inline bool needs_output(Dropout const&) { return false; }

template <Scalar Real, class Exec>
void forward(Exec const& exec, Dropout const& layer, Pass const& pass, LayerMemory<Real, Exec> const& memory,
             TensorRef<Real, Exec> const& x, TensorRef<Real, Exec> const& y) {
  detail::drop(exec, layer, pass, memory.substream, x, y);
}

template <Scalar Real, class Exec>
void backward(Exec const& exec, Dropout const& layer, Pass const& pass, LayerMemory<Real, Exec> const& memory, TensorRef<Real, Exec> const&,
              TensorRef<Real, Exec> const&, TensorRef<Real, Exec> const& dy, TensorRef<Real, Exec> const& dx) {
  if (!absent(dx)) detail::drop(exec, layer, pass, memory.substream, dy, dx);
}
///@}

}  // namespace ign

#endif  // IGN_LAYERS_DROPOUT_HPP
