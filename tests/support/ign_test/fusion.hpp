// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One run through a net of convolution, BatchNorm and rectifier, as a user writes it who includes the header of each layer and no more.

#ifndef IGN_TEST_FUSION_HPP
#define IGN_TEST_FUSION_HPP

#include <ign/layers/activations.hpp>
#include <ign/layers/batch_norm.hpp>
#include <ign/layers/conv2d.hpp>
#include <ign/nets/model.hpp>
#include <ign/random/fill.hpp>
#include <ign_test/kokkos_counter.hpp>

#include <map>
#include <string>
#include <vector>

namespace ign_test {

/// Makes nets of two units two types, so that the linker does not take the code of one unit for both.
template <int unit>
struct OfUnit {
  template <class Real>
  KOKKOS_FUNCTION Real value(Real x) const {
    return x;
  }
  template <class Real>
  KOKKOS_FUNCTION Real gradient(Real, Real dy) const {
    return dy;
  }
};

/// Kernels of a run, and its results.
struct FusedRun {
  std::map<std::string, int> kernels;
  std::vector<float> y, dx, gradients;
};

}  // namespace ign_test

template <int unit>
inline constexpr bool ign::is_activation_v<ign_test::OfUnit<unit>> = true;

namespace ign_test {

template <int unit>
FusedRun run_in_unit() {
  using Host = Kokkos::DefaultHostExecutionSpace;
  Host const exec;
  auto const net = ign::sequential(ign::Conv2d{.channels = 24, .kernel = 3, .stride = 1, .padding = 1}, ign::BatchNorm{}, ign::LeakyRelu{},
                                   OfUnit<unit>{});
  ign::Model<std::remove_const_t<decltype(net)>, float, Host> const model(exec, net, {9, 7, 5}, 1);
  auto const x = ign::make_tensor<float>(exec, "ign::test::x", 3, model.input_shape());
  auto const dx = ign::make_tensor<float>(exec, "ign::test::dx", 3, model.input_shape());
  auto const dy = ign::make_tensor<float>(exec, "ign::test::dy", 3, model.output_shape());
  ign::fill_gaussian(exec, {2, ign::RandomStream::user}, 1, ign::VectorRef<float, Host>(x.data(), x.size()));
  ign::fill_gaussian(exec, {3, ign::RandomStream::user}, 1, ign::VectorRef<float, Host>(dy.data(), dy.size()));
  ign::Tape<float, Host> tape;
  ign::Workspace<float, Host> workspace;
  FusedRun run;
  {
    KokkosCounter const counter;
    model.forward(exec, ign::pass_of(ign::Role::data, ign::Mode::train), x, tape, workspace);
    model.backward(exec, tape, dy, dx, workspace);
    run.kernels = KokkosCounter::counts.kernels;
  }
  exec.fence();
  auto const numbers = [](auto const& view) { return std::vector<float>(view.data(), view.data() + view.size()); };
  run.y = numbers(tape.result());
  run.dx = numbers(dx);
  run.gradients = numbers(model.gradients());
  return run;
}

}  // namespace ign_test

#endif
