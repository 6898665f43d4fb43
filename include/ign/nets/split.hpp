// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// A trained net as two: the encoder and the decoder of an autoencoder.
#ifndef IGN_NETS_SPLIT_HPP
#define IGN_NETS_SPLIT_HPP

#include "ign/nets/model.hpp"

namespace ign {

/// Two models that make one net, decoder(encoder(x)).
template <class Encoder, class Decoder>
struct SplitModel {
  Encoder encoder;  ///< the first layers, from the net's input to the code
  Decoder decoder;  ///< the other layers, from the code to the net's output
};

/// Splits a net behind its first `layers` layers. Both models share parameters, gradients and running statistics with `model`; in
/// evaluation mode decoder(encoder(x)) is bitwise identical to f(x). Example, for a net `sequential(encoder, decoder)`:
///
///     auto const [e, d] = split<decltype(encoder)::size>(policy.model());
///
/// Random numbers of layers in training are those of each part alone.
template <std::size_t layers, class Net, Scalar Real, class Exec>
auto split(Model<Net, Real, Exec> const& model) {
  static_assert(layers > 0 && layers < Net::size, "ign::split: both parts have one layer or more");
  auto encoder = model.template part<0, layers>();
  auto decoder = model.template part<layers, Net::size>();
  return SplitModel<decltype(encoder), decltype(decoder)>{std::move(encoder), std::move(decoder)};
}

/// Returns a copy of a model for inference: parameters and running statistics of its own, and no gradients. Asynchronous on `exec`.
template <class Net, Scalar Real, class Exec>
Model<Net, Real, Exec> copy_of(Exec const& exec, Model<Net, Real, Exec> const& model) {
  Model<Net, Real, Exec> copy(exec, model.net(), model.input_shape());
  Kokkos::deep_copy(exec, copy.parameters(), model.parameters());
  Kokkos::deep_copy(exec, copy.statistics(), model.statistics());
  return copy;
}

}  // namespace ign

#endif  // IGN_NETS_SPLIT_HPP
