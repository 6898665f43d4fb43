// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The choice of noise against a search by definition, and the gradient against differences with that choice held.

#include <boost/test/unit_test.hpp>

#include <ign/layers/group_norm.hpp>
#include <ign/losses/l1.hpp>
#include <ign/nets/dcgan.hpp>
#include <ign/policies/imle.hpp>
#include <ign/policies/policy.hpp>
#include <ign_test/layer_check.hpp>

using namespace ign;
using ign_test::as_tensor;
using ign_test::Exec;

BOOST_AUTO_TEST_SUITE(imle)

namespace {

constexpr int batch = 5;
constexpr Shape image = {4, 4, 2};
constexpr std::size_t numbers = batch * image.size();
constexpr std::uint64_t step = 3;

template <class Norm>
auto small_net(Norm const& norm) {
  return dcgan(DcganOptions<2, Norm>{
      .image_channels = 2, .stages = {{{3, 2, 2, 0}, {4, 3, 1, 1}}}, .latent = {3, 2, 1, 0}, .norm = norm, .bias_before_norm = true});
}

template <class D, class Net>
void check(Net const& net) {
  Exec const exec;
  ImleOptions<D> options;
  options.reconstruction = Schedule::constant(1.3);
  options.generation = Schedule::constant(0.7);
  options.pool = 3;
  Imle<Net, double, Exec, D> policy(exec, net, image, options, ign_test::seed());
  auto const& model = policy.model();
  fill_gaussian(exec, ign_test::key(20), 0.4, VectorRef<double, Exec>(model.parameters()));
  auto const x = ign_test::random_vector<double>(numbers, 21, 0.5);

  // f of the pool, as `generate` applies it, and the nearest of its images by plain loops.
  auto const z = ign_test::random_vector<double>(3 * numbers, 22), fz = ign_test::random_vector<double>(3 * numbers, 23);
  Key const key{ign_test::seed(), RandomStream::noise, step};
  sample(exec, Gaussian{}, key, as_tensor<double>(z, 3 * batch, image));
  policy.generate(exec, key, 1, as_tensor<double>(fz, 3 * batch, image));
  exec.fence();
  std::vector<int> nearest;
  for (std::size_t n = 0; n < batch; ++n) {
    std::vector<double> d(3 * batch, 0);
    for (std::size_t i = 0; i < 3 * numbers; ++i) d[i / image.size()] += std::pow(fz(i) - x(n * image.size() + i % image.size()), 2);
    nearest.push_back(static_cast<int>(std::min_element(d.begin(), d.end()) - d.begin()));
  }

  policy.gradients(exec, as_tensor<double>(x, batch, image), step);
  auto const losses = policy.losses(exec);
  for (std::size_t n = 0; n < batch; ++n) BOOST_TEST(policy.chosen()(n) == nearest[n]);

  // The objective in two passes, with these z.
  auto const chosen = ign_test::random_vector<double>(numbers, 24);
  for (std::size_t i = 0; i < numbers; ++i) chosen(i) = z(nearest[i / image.size()] * image.size() + i % image.size());
  Tape<double, Exec> tape;
  Workspace<double, Exec> workspace;
  auto const distance = [&](Vector<double, Exec> const& in) {
    Pass pass;
    pass.update_statistics = false;
    model.forward(exec, pass, as_tensor<double>(in, batch, image), tape, workspace);
    exec.fence();
    double sum = 0;
    for (std::size_t i = 0; i < numbers; ++i) sum += options.distance.value(tape.result().data()[i], x(i)) / numbers;
    return sum;
  };
  auto const objective = [&] { return 1.3 * distance(x) + 0.7 * distance(chosen); };
  BOOST_TEST(std::abs(losses.reconstruction - distance(x)) < 1e-12);
  BOOST_TEST(std::abs(losses.generation - distance(chosen)) < 1e-12);
  BOOST_TEST(std::abs(losses.total - objective()) < 1e-12);
  double largest = 0;
  for (std::size_t i = 0; i < model.parameters().size(); i += 3) {
    double& place = model.parameters()(i);
    double const old = place, h = 1e-6;
    place = old + h;
    double const above = objective();
    place = old - h;
    double const below = objective();
    place = old;
    largest = std::max(largest, std::abs(model.gradients()(i)));
    BOOST_TEST(std::abs((above - below) / (2 * h) - model.gradients()(i)) <= 1e-7,
               "parameter " << i << ": " << model.gradients()(i) << ", differences " << (above - below) / (2 * h));
  }
  BOOST_TEST(largest > 1e-3);
}

}  // namespace

BOOST_AUTO_TEST_CASE(gradient_is_that_of_the_definition) {
  check<Mse>(small_net(sequential()));
  check<Mse>(small_net(BatchNorm{}));
  check<Mse>(small_net(GroupNorm{.groups = 1}));
  check<L1>(small_net(BatchNorm{}));
}

// f(f(z)) treats f(z) as data: in a net with running statistics of each role, none of the role `generated` is used.
BOOST_AUTO_TEST_CASE(images_have_the_role_of_data) {
  Exec const exec;
  Imle<decltype(mnist_small_net()), float, Exec> policy(exec, mnist_small_net(), {32, 32, 1});
  auto const x = ign_test::random_vector<float>(3 * 1024, 1), y = ign_test::random_vector<float>(3 * 1024, 2);
  auto const twice = ign_test::random_vector<float>(3 * 1024, 3);
  for (std::uint64_t i = 0; i < 3; ++i) policy.gradients(exec, as_tensor<float>(x, 3, {32, 32, 1}), i);
  policy.generate(exec, Key{}, 1, as_tensor<float>(y, 3, {32, 32, 1}));
  policy.project(exec, as_tensor<float>(y, 3, {32, 32, 1}), 1, as_tensor<float>(y, 3, {32, 32, 1}));
  policy.generate(exec, Key{}, 2, as_tensor<float>(twice, 3, {32, 32, 1}));
  exec.fence();
  for (std::size_t i = 0; i < y.size(); ++i)
    if (y(i) != twice(i)) BOOST_ERROR("number " << i << ": " << y(i) << ", " << twice(i));
}

BOOST_AUTO_TEST_CASE(a_smaller_batch_allocates_nothing) {
  Exec const exec;
  Imle<decltype(mnist_small_net()), float, Exec> policy(exec, mnist_small_net(), {32, 32, 1});
  auto const x = ign_test::random_vector<float>(4 * 1024, 1);
  policy.gradients(exec, as_tensor<float>(x, 4, {32, 32, 1}), 0);
  exec.fence();
  auto const* const memory = policy.chosen().data();
  policy.gradients(exec, as_tensor<float>(x, 2, {32, 32, 1}), 1);
  exec.fence();
  BOOST_TEST(policy.chosen().size() == 2u);
  BOOST_TEST(policy.chosen().data() == memory);
}

BOOST_AUTO_TEST_CASE(bad_input_is_an_error) {
  Exec const exec;
  auto const id = [](char const* expected) { return [expected](Error const& e) { return e.id() == expected; }; };
  using Policy = Imle<decltype(mnist_small_net()), float, Exec>;
  static_assert(TrainingPolicy<Policy>);
  BOOST_CHECK_EXCEPTION(Policy(exec, mnist_small_net(), {36, 36, 1}), Error, id("ign.shape.5"));
  BOOST_CHECK_EXCEPTION(Policy(exec, mnist_small_net(), {32, 32, 1}, {.pool = 0}), Error, id("ign.option.275"));
  BOOST_CHECK_EXCEPTION(Policy(exec, mnist_small_net(), {32, 32, 1}, {.generation = Schedule::constant(-1)}), Error, id("ign.option.80"));
  Policy policy(exec, mnist_small_net(), {32, 32, 1});
  auto const x = ign_test::random_vector<float>(28 * 28, 1);
  BOOST_CHECK_EXCEPTION(policy.gradients(exec, as_tensor<float>(x, 1, {28, 28, 1}), 0), Error, id("ign.shape.3"));
  Policy greedy(exec, mnist_small_net(), {32, 32, 1}, {.pool = 1 << 30});
  auto const four = ign_test::random_vector<float>(4 * 32 * 32, 1);
  BOOST_CHECK_EXCEPTION(greedy.gradients(exec, as_tensor<float>(four, 4, {32, 32, 1}), 0), Error, id("ign.option.275"));
}

BOOST_AUTO_TEST_SUITE_END()
