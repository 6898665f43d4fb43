// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The layer contract as the including unit sees it: which optional functions each layer type has there, and with which others it is fused.
// Includes names of the layers only, so that the answers are those of the headers that the unit has included before.
//
// Everything stands in an unnamed namespace: two units may answer differently, and the linker must not choose for both.

#ifndef IGN_TEST_CONTRACT_HPP
#define IGN_TEST_CONTRACT_HPP

#include <Kokkos_Core.hpp>
#include <ign/fwd.hpp>
#include <ign/layers/layer.hpp>
#include <ign/math/conv/epilogue.hpp>

#include <map>
#include <string>

namespace ign_test {

/// Answers by the layer's index in the list below.
using Contracts = std::map<std::size_t, std::string>;

namespace {

namespace contract {

// A tuple would want complete types.
template <class... L>
struct List {
  static constexpr std::size_t size = sizeof...(L);
};
using Exec = Kokkos::DefaultHostExecutionSpace;
using Layers = List<ign::AvgPool2d, ign::BatchNorm, ign::ConditionChannels, ign::ConditionalScale, ign::Conv2d, ign::ConvTranspose2d,
                    ign::Dropout, ign::Flatten, ign::GaussianNoise, ign::GroupNorm, ign::LeakyRelu, ign::Linear, ign::MaxPool2d,
                    ign::MinibatchStddev, ign::Relu, ign::Reshape, ign::SelfAttention, ign::Sigmoid, ign::Tanh, ign::Upsample2d,
                    ign::Conv3d, ign::ConvTranspose3d, ign::Residual<ign::Tanh>>;

template <class L>
inline constexpr bool is_complete_v = requires {
  sizeof(L);
};

using Pass = ign::Pass;
using Memory = ign::LayerMemory<float, Exec>;
using Values = ign::VectorRef<float, Exec>;
using Ref = ign::TensorRef<float, Exec>;
using Epilogue = ign::math::Epilogue<float>;

// The optional functions, as concepts of their own: clang-format breaks a list of requires-expressions.
template <class L>
concept Parameters = requires(L const& layer, ign::Shape in) {
  parameters(layer, in);
};
template <class L>
concept Statistics = requires(L const& layer, ign::Shape in) {
  statistics(layer, in);
};
template <class L>
concept Describe = requires(L const& layer, ign::Shape in) {
  describe(layer, in);
};
template <class L>
concept SavedSize = requires(L const& layer, ign::Shape in) {
  saved_size(layer, in, 1);
};
template <class L>
concept ScratchSize = requires(L const& layer, ign::Shape in) {
  scratch_size(layer, in, 1, 1);
};
template <class L>
concept InPlace = requires(L const& layer) {
  in_place(layer);
};
template <class L>
concept NeedsOutput = requires(L const& layer) {
  needs_output(layer);
};
template <class L>
concept CouplesSamples = requires(L const& layer, Pass const& pass) {
  couples_samples(layer, pass);
};
template <class L>
concept SubstreamCount = requires(L const& layer) {
  substream_count(layer);
};
template <class L>
concept ReceptiveField = requires(L const& layer) {
  receptive_field(layer);
};
template <class L>
concept ConditionLength = requires(L const& layer) {
  condition_length(layer);
};
template <class L>
concept FrozenSize = requires(L const& layer, ign::Shape in, Pass const& pass, Memory const& memory) {
  frozen_size(layer, in, pass, memory);
};
template <class L>
concept Freeze = requires(Exec const& exec, L const& layer, ign::Shape in, Pass const& pass, Memory const& memory, Values const& values) {
  freeze(exec, layer, in, pass, memory, values);
};
template <class L>
concept ForwardFrozen = requires(Exec const& exec, L const& layer, Pass const& pass, Memory const& memory, Values const& values,
                                 Epilogue const& epilogue, Ref const& x) {
  forward_frozen(exec, layer, pass, memory, values, epilogue, x, x);
};
template <class L>
concept Fold = requires(Exec const& exec, L const& layer, ign::Shape in, Pass const& pass, Memory const& memory, Values const& values) {
  fold(exec, layer, in, pass, memory, values, values);
};

// One letter for each optional function, and for the contract in float and double.
template <class L>
std::string functions() {
  constexpr bool has[] = {Parameters<L>,
                          Statistics<L>,
                          Describe<L>,
                          SavedSize<L>,
                          ScratchSize<L>,
                          InPlace<L>,
                          NeedsOutput<L>,
                          CouplesSamples<L>,
                          SubstreamCount<L>,
                          ReceptiveField<L>,
                          ConditionLength<L>,
                          FrozenSize<L>,
                          Freeze<L>,
                          ForwardFrozen<L>,
                          Fold<L>,
                          ign::Layer<L, float, Exec>,
                          ign::Layer<L, double, Exec>};
  std::string letters;
  for (bool const yes : has) letters += yes ? 'x' : '.';
  return letters;
}

// Layers that a triple may end with: those which are fused with the layer before them, and one that is not.
using Last = List<ign::BatchNorm, ign::Conv2d, ign::LeakyRelu, ign::Relu, ign::Sigmoid, ign::Tanh>;

// One letter for each pair and triple that begins with L.
template <class L, class Next, class... Third>
void fusions_behind(std::string& letters, List<Third...> const*) {
  letters += ign::fuses_v<float, Exec, L, Next> ? '2' : '.';
  ((letters += ign::fuses_v<float, Exec, L, Next, Third> ? '3' : '.'), ...);
}
template <class L, class... Next>
std::string fusions(List<Next...> const*) {
  std::string letters;
  (fusions_behind<L, Next>(letters, static_cast<Last const*>(nullptr)), ...);
  return letters;
}

template <class L>
void answer(Contracts& contracts, std::size_t index) {
  if constexpr (is_complete_v<L>) contracts[index] = functions<L>() + ' ' + fusions<L>(static_cast<Layers const*>(nullptr));
}
template <class... L>
Contracts answers(List<L...> const*) {
  Contracts contracts;
  std::size_t index = 0;
  (answer<L>(contracts, index++), ...);
  return contracts;
}

}  // namespace contract

/// Of all layers that the unit knows.
Contracts contracts_here() { return contract::answers(static_cast<contract::Layers const*>(nullptr)); }

}  // namespace

}  // namespace ign_test

#endif
