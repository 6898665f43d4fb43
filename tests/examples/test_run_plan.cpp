// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Length of a run within a time, and the properties that its ranks must share.

#include <boost/test/unit_test.hpp>

#include "../../examples/support/images.hpp"
#include "../../examples/support/run_plan.hpp"

#include <ign/nets/dcgan.hpp>
#include <ign/optimizers/ema.hpp>

#include <ign_test/errors.hpp>

#include <set>
#include <string>

BOOST_AUTO_TEST_SUITE(run_plan)

namespace {

using examples::Exec;

constexpr ign::Shape image = {32, 32, 1};

struct Data {
  Exec exec;
  std::vector<std::uint8_t> pixels = std::vector<std::uint8_t>(4 * image.size(), 100);
  ign::Batches<Exec> batches{exec, pixels, 4, image, {4}};
};

}  // namespace

BOOST_AUTO_TEST_CASE(the_time_of_a_step_is_that_of_the_optimizer_of_the_run) {
  Data const data;
  auto const recipe = ign::mnist_small_adam_recipe(ign::mnist_small_net(), image);
  auto const steps = [&](auto const& optimizer) {
    return examples::steps_within(data.exec, recipe, optimizer, data.batches, ign::Ranks(), 0.001);
  };
  BOOST_TEST(steps(ign::Ema{recipe.optimizer, 0.9}) == 10u);
  // An optimizer that no trainer accepts: the measurement constructs a trainer with it.
  ign_test::fails("ign.option.250", [&] { steps(ign::Ema{recipe.optimizer, 2.0}); });
}

BOOST_AUTO_TEST_CASE(each_property_is_compared_once) {
  Data const data;
  auto const recipe = ign::mnist_small_adam_recipe(ign::mnist_small_net(), image);
  ign::Idempotent policy(data.exec, recipe.net, recipe.image, recipe.objective, 1);
  ign::Trainer const trainer(data.exec, policy, recipe.optimizer, data.batches, {});
  auto const properties = examples::properties_of({{"net", "mnist-small"}, {"batch", 4}}, trainer);
  std::set<std::string> names;
  for (auto const& [name, value] : properties) BOOST_TEST(names.insert(name).second, name << " twice");
  BOOST_TEST(names.contains("recipe field 'net'"));
  for (auto const& [name, value] : ign::run_properties_of(trainer)) BOOST_TEST(names.contains(name), name);
}

// 250 batches for the averaged weights take longer than the whole run.
BOOST_AUTO_TEST_CASE(the_measurement_of_statistics_is_part_of_the_time) {
  Data const data;
  auto recipe = ign::mnist_small_adam_recipe(ign::mnist_small_net(), image);
  recipe.ema_decay = recipe.ema_exponent = 0;
  ign::Idempotent policy(data.exec, recipe.net, recipe.image, recipe.objective, 1);
  ign::Trainer trainer(data.exec, policy, recipe.optimizer, data.batches, {});
  double const seconds = 120 * examples::step_time(trainer, 0.2);
  auto const steps = [&](auto const& optimizer) {
    return examples::steps_within(data.exec, recipe, optimizer, data.batches, ign::Ranks(), seconds);
  };
  BOOST_TEST(steps(recipe.optimizer) > 30u);
  BOOST_TEST(steps(ign::Ema{recipe.optimizer, 0.9}) == 10u);
  auto const batches = [&](auto const& optimizer) { return examples::statistics_batches(recipe, optimizer).total(); };
  BOOST_TEST(batches(recipe.optimizer) == 0u);
  BOOST_TEST(batches(ign::Ema{recipe.optimizer, 0.9}) == 250u);
  recipe.wide_net = ign::WideNet{"mnist-wide", ign::mnist_wide_net()};
  BOOST_TEST(batches(recipe.optimizer) == 50u);
  BOOST_TEST(batches(ign::Ema{recipe.optimizer, 0.9}) == 300u);
  recipe.distillation.reset();
  BOOST_TEST(batches(recipe.optimizer) == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
