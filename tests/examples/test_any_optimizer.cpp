// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The optimizer that a recipe's name selects at run time is the one of the recipe: same steps, same names in files.

#include <boost/test/unit_test.hpp>

#include "../../examples/support/any_optimizer.hpp"

#include <ign/layers/conv2d.hpp>
#include <ign/nets/model.hpp>
#include <ign/optimizers/ema.hpp>
#include <ign/random/fill.hpp>

#include <ign_test/errors.hpp>

#include <string>
#include <vector>

BOOST_AUTO_TEST_SUITE(any_optimizer)

namespace {

using examples::Exec;
using Flat = ign::VectorRef<float, Exec>;

// Parameters and state after three steps with gradients of their own.
template <class Optimizer>
std::vector<float> after_three_steps(Optimizer const& optimizer) {
  Exec const exec;
  ign::Model const model(exec, ign::sequential(ign::Conv2d{.channels = 5, .kernel = 3}), ign::Shape{8, 8, 2}, 1);
  auto const state = ign::make_vector<float>(exec, "state", ign::optimizer::slots_of(optimizer).size() * model.parameters().size());
  auto const workspace = ign::optimizer::workspace_of(exec, optimizer, Flat(model.parameters()), model.parameter_arrays());
  for (std::uint64_t step = 1; step <= 3; ++step) {
    ign::fill_gaussian(exec, ign::Key{7, ign::RandomStream::user, step}, 1, Flat(model.gradients()));
    ign::update(exec, optimizer, 0.01, step, Flat(model.parameters()), Flat(model.gradients()), Flat(state), workspace);
  }
  exec.fence("test: three steps");
  std::vector<float> all;
  for (auto const& view : {model.parameters(), state}) {
    auto const host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), view);
    all.insert(all.end(), host.data(), host.data() + host.size());
  }
  return all;
}

void same_as_any(auto const& optimizer) {
  examples::AnyOptimizer const any = {optimizer};
  BOOST_TEST((after_three_steps(any) == after_three_steps(optimizer)));
  BOOST_TEST((after_three_steps(ign::Ema{any, 0.9}) == after_three_steps(ign::Ema{optimizer, 0.9})));
  BOOST_TEST((slots(any) == slots(optimizer)));
  auto const found = describe(any), expected = describe(optimizer);
  BOOST_TEST(found.name == expected.name);
  BOOST_TEST((found.options == expected.options));
  BOOST_TEST(found.wrapped.size() == expected.wrapped.size());
}

}  // namespace

BOOST_AUTO_TEST_CASE(steps_and_names_are_those_of_the_chosen_optimizer) {
  same_as_any(ign::Adam{.beta1 = 0.5, .weight_decay = 0.1});
  same_as_any(ign::Muon{.momentum = 0.8, .others = {.beta1 = 0.5}});
  BOOST_TEST((after_three_steps(ign::Adam{}) != after_three_steps(ign::Muon{})));
}

BOOST_AUTO_TEST_CASE(options_out_of_range_are_errors) {
  ign_test::fails("ign.option.81", [] { validate(examples::AnyOptimizer{ign::Adam{.beta1 = 2}}); });
  ign_test::fails("ign.option.594", [] { validate(examples::AnyOptimizer{ign::Muon{.momentum = 2}}); });
}

BOOST_AUTO_TEST_SUITE_END()
