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

#include <map>
#include <string>

namespace ign_test {

/// Answers by the layer's place in the list below.
using Contracts = std::map<std::size_t, std::string>;

namespace {

namespace contract {

// A tuple would want complete types.
template <class... L>
struct List {
  static constexpr std::size_t size = sizeof...(L);
};
using Exec = Kokkos::DefaultHostExecutionSpace;
using Layers = List<ign::BatchNorm, ign::ConditionChannels, ign::ConditionalScale, ign::Conv2d, ign::ConvTranspose2d, ign::Dropout,
                    ign::Flatten, ign::GroupNorm, ign::LeakyRelu, ign::Linear, ign::MaxPool2d, ign::MinibatchStddev, ign::Relu,
                    ign::Reshape, ign::Sigmoid, ign::Tanh, ign::Conv3d, ign::ConvTranspose3d>;

template <class L>
inline constexpr bool is_complete_v = requires {
  sizeof(L);
};

// One letter for each optional function.
template <class L>
std::string functions() {
  using Memory = ign::LayerMemory<float, Exec>;
  using Numbers = ign::VectorRef<float, Exec>;
  constexpr bool has[] = {requires(L const& layer, ign::Shape in){parameters(layer, in);
}
, requires(L const& layer, ign::Shape in) { statistics(layer, in); }
, requires(L const& layer, ign::Shape in) { describe(layer, in); }
, requires(L const& layer, ign::Shape in) { saved_size(layer, in, 1); }
, requires(L const& layer, ign::Shape in) { scratch_size(layer, in, 1, 1); }
, requires(L const& layer) { in_place(layer); }
, requires(L const& layer) { needs_output(layer); }
, requires(L const& layer, ign::Pass const& pass) { couples_samples(layer, pass); }
, requires(L const& layer, ign::Shape in, ign::Pass const& pass, Memory const& memory) { frozen_size(layer, in, pass, memory); }
, requires(Exec const& exec, L const& layer, ign::Shape in, ign::Pass const& pass, Memory const& memory, Numbers const& numbers) {
  freeze(exec, layer, in, pass, memory, numbers);
}
, requires(Exec const& exec, L const& layer, ign::Shape in, ign::Pass const& pass, Memory const& memory, Numbers const& numbers) {
  fold(exec, layer, in, pass, memory, numbers, numbers);
}
, requires(L const& layer) { condition_length(layer); }
, ign::Layer<L, float, Exec>, ign::Layer<L, double, Exec>,
};  // namespace contract
std::string letters;
for (bool const yes : has) letters += yes ? 'x' : '.';
return letters;
}  // namespace

// One letter for each pair and triple that begins with L.
template <class L, class Next, class... Last>
void fusions_behind(std::string& letters, List<Last...> const*) {
  letters += ign::fuses_v<float, Exec, L, Next> ? '2' : '.';
  ((letters += ign::fuses_v<float, Exec, L, Next, Last> ? '3' : '.'), ...);
}
template <class L, class... Next>
std::string fusions(List<Next...> const* all) {
  std::string letters;
  (fusions_behind<L, Next>(letters, all), ...);
  return letters;
}

template <class L>
void answer(Contracts& contracts, std::size_t place) {
  if constexpr (is_complete_v<L>) contracts[place] = functions<L>() + ' ' + fusions<L>(static_cast<Layers const*>(nullptr));
}
template <class... L>
Contracts answers(List<L...> const*) {
  Contracts contracts;
  std::size_t place = 0;
  (answer<L>(contracts, place++), ...);
  return contracts;
}

}  // namespace ign_test

/// Of all layers that the unit knows.
Contracts contracts_here() { return contract::answers(static_cast<contract::Layers const*>(nullptr)); }

}  // namespace

}  // namespace ign_test

#endif
