// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The gradient of the reconstruction policy against differences, against Idempotent without its other terms, and with a corruption against
// its definition; the cost of a step.

#include <boost/test/unit_test.hpp>

#include <ign/corruptions/mixture.hpp>
#include <ign/layers/gaussian_noise.hpp>
#include <ign/layers/group_norm.hpp>
#include <ign/losses/l1.hpp>
#include <ign/nets/dcgan.hpp>
#include <ign/policies/idempotent.hpp>
#include <ign/policies/reconstruction.hpp>
#include <ign/policies/single_model_policy.hpp>
#include <ign_test/errors.hpp>
#include <ign_test/kokkos_counter.hpp>
#include <ign_test/layer_check.hpp>

using namespace ign;
using ign_test::as_tensor;
using ign_test::Exec;
using ign_test::KokkosCounter;

BOOST_AUTO_TEST_SUITE(reconstruction)

namespace {

constexpr Shape image = {4, 4, 2};
constexpr std::uint64_t step = 3;
using Flat = VectorRef<double, Exec>;

template <class Norm>
auto small_net(Norm const& norm) {
  DcganOptions<2, Norm> const options = {
      .image_channels = 2, .stages = {{{3, 2, 2, 0}, {4, 3, 1, 1}}}, .latent = {3, 2, 1, 0}, .norm = norm, .bias_before_norm = true};
  return sequential(dcgan_encoder(options), Tanh{}, GaussianNoise{0.2}, dcgan_generator(options));
}

template <class View>
std::vector<double> copy(View const& numbers) {
  Exec{}.fence();
  return {numbers.data(), numbers.data() + numbers.size()};
}

// The objective by plain loops over f(A(x)), with the noise of the layers held.
template <class D, class Corruption, class Net>
void check(Net const& net, Corruption const& corruption, int batch, bool differences = true) {
  Exec const exec;
  std::uint64_t const seed = ign_test::seed();
  Reconstruction<Net, double, Exec, D, Corruption> policy(exec, net, image, {.corruption = corruption}, seed);
  auto const& model = policy.model();
  fill_gaussian(exec, ign_test::key(20), 0.4, Flat(model.parameters()));
  std::size_t const numbers = static_cast<std::size_t>(batch) * image.size();
  auto const x = ign_test::random_vector<double>(numbers, 21, 0.5), data = ign_test::random_vector<double>(numbers, 22);
  auto const z = ign_test::random_vector<double>(numbers, 23), spoiled = ign_test::random_vector<double>(numbers, 24);
  Kokkos::deep_copy(data, x);
  sample(exec, Gaussian{}, Key{seed, RandomStream::noise, step}, as_tensor<double>(z, batch, image));
  Buffer<double, Exec> scratch("test");
  corrupt(exec, corruption, Key{seed, RandomStream::corruption, step}, as_tensor<double>(x, batch, image),
          as_tensor<double>(z, batch, image), as_tensor<double>(spoiled, batch, image), scratch);
  exec.fence();

  Tape<double, Exec> tape;
  Workspace<double, Exec> workspace;
  auto const objective = [&] {
    Pass pass = training_pass({Role::data}, Precision::full, {seed, RandomStream::dropout, step});
    pass.update_statistics = false;
    model.forward(exec, pass, as_tensor<double>(spoiled, batch, image), tape, workspace);
    exec.fence();
    double sum = 0;
    for (std::size_t i = 0; i < numbers; ++i) sum += D{}.value(tape.result().data()[i], data(i)) / static_cast<double>(numbers);
    return sum;
  };
  double const expected = objective();
  policy.gradients(exec, as_tensor<double>(x, batch, image), step);
  auto const losses = policy.losses(exec);
  BOOST_TEST(std::abs(losses.reconstruction - expected) < 1e-12);
  BOOST_TEST(losses.total == losses.reconstruction);
  BOOST_TEST(losses.named().front().value == losses.reconstruction);
  BOOST_TEST(copy(x) == copy(data), boost::test_tools::per_element());
  auto const found = copy(model.gradients());
  if (!differences) return;
  double largest = 0;
  for (double const g : found) largest = std::max(largest, std::abs(g));
  BOOST_TEST(largest > 1e-3);
  double const h = std::is_same_v<D, L1> ? 1e-7 : 1e-6;  // a kink within it is unlikely
  for (std::size_t i = 0; i < found.size(); ++i) {
    double& place = model.parameters()(i);
    double const old = place;
    place = old + h;
    double const above = objective();
    place = old - h;
    double const below = objective();
    place = old;
    BOOST_TEST(std::abs((above - below) / (2 * h) - found[i]) <= 1e-6 * std::max(largest, 0.1),
               "parameter " << i << ": " << found[i] << ", differences " << (above - below) / (2 * h));
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(gradient_is_that_of_the_definition) {
  CorruptionMixture mixture;
  mixture.grey_weight = 1;
  check<Mse>(small_net(BatchNorm{}), NoCorruption{}, 5);
  check<L1>(small_net(BatchNorm{}), mixture, 4);
  check<Mse>(small_net(GroupNorm{.groups = 1}), mixture, 3);
  check<L1>(small_net(sequential()), NoCorruption{}, 3);
}

BOOST_AUTO_TEST_CASE(gradient_of_one_sample_and_of_odd_batches) {
  for (int const batch : {1, 2, 3}) check<Mse>(small_net(sequential()), CorruptionMixture{}, batch);
  for (int const batch : {2, 7}) check<Mse>(small_net(BatchNorm{}), NoCorruption{}, batch, false);
}

// Without noise in the layers, f(x) of the joint pass of Idempotent is that of a pass of its own.
BOOST_AUTO_TEST_CASE(gradient_is_that_of_idempotent_without_its_other_terms) {
  Exec const exec;
  auto const net = dcgan(DcganOptions<2>{.image_channels = 2, .stages = {{{3, 2, 2, 0}, {4, 3, 1, 1}}}, .latent = {3, 2, 1, 0}});
  auto const x = ign_test::random_vector<double>(5 * image.size(), 21, 0.5);
  IdempotentOptions<> only;
  only.idempotence = only.tightness = Schedule::constant(0);
  Idempotent<std::remove_const_t<decltype(net)>, double, Exec> whole(exec, net, image, only, 4);
  Reconstruction<std::remove_const_t<decltype(net)>, double, Exec> policy(exec, net, image, {}, 4);
  whole.gradients(exec, as_tensor<double>(x, 5, image), step);
  policy.gradients(exec, as_tensor<double>(x, 5, image), step);
  auto const expected = copy(whole.model().gradients()), found = copy(policy.model().gradients());
  double largest = 0, error = 0;
  for (std::size_t i = 0; i < found.size(); ++i) {
    largest = std::max(largest, std::abs(expected[i]));
    error = std::max(error, std::abs(found[i] - expected[i]));
  }
  BOOST_TEST(largest > 1e-6);
  BOOST_TEST(error <= 1e-10 * largest, "error " << error << " of " << largest);
  BOOST_TEST(std::abs(policy.losses(exec).reconstruction - whole.losses(exec).reconstruction) < 1e-13);
}

BOOST_AUTO_TEST_CASE(a_step_is_one_forward_and_one_backward_pass) {
  Exec const exec;
  Shape const shape = {32, 32, 1};
  int const batch = 4;
  auto const net = mnist_small_net();
  using Net = std::remove_const_t<decltype(net)>;
  Reconstruction<Net, float, Exec> policy(exec, net, shape);
  auto const x = ign_test::random_vector<float>(batch * shape.size(), 1), dy = ign_test::random_vector<float>(x.size(), 2);
  policy.gradients(exec, as_tensor<float>(x, batch, shape), 0);
  exec.fence();
  std::map<std::string, int> found;
  {
    KokkosCounter const counter;
    policy.gradients(exec, as_tensor<float>(x, batch, shape), 1);
    found = KokkosCounter::counts.kernels;
    BOOST_TEST(KokkosCounter::counts.allocations == 0);
    BOOST_TEST(KokkosCounter::counts.fences == 0);
  }
  Model<Net, float, Exec> const model(exec, net, shape, 1);
  Workspace<float, Exec> workspace;
  Tape<float, Exec> tape;
  KokkosCounter const counter;
  model.forward(exec, pass_of(Role::data, Mode::train), as_tensor<float>(x, batch, shape), tape, workspace);
  model.backward(exec, tape, as_tensor<float>(dy, batch, shape), {}, workspace);
  exec.fence();
  auto expected = KokkosCounter::counts.kernels;
  for (char const* label : {"ign::sample_distances", "ign::distance_gradient", "ign::reconstruction::add_means"}) ++expected[label];
  ign_test::check_kernels(found, expected);
}

BOOST_AUTO_TEST_CASE(random_bits_follow_from_seed_and_step_alone) {
  Exec const exec;
  auto const net = small_net(BatchNorm{});
  auto const x = ign_test::random_vector<double>(6 * image.size(), 21, 0.5);
  using Policy = Reconstruction<std::remove_const_t<decltype(net)>, double, Exec, Mse, CorruptionMixture>;
  Policy first(exec, net, image, {}, 5), second(exec, net, image, {}, 5), third(exec, net, image, {}, 6);
  Kokkos::deep_copy(third.model().parameters(), first.model().parameters());
  auto const gradient = [&](Policy& policy, std::uint64_t at) {
    policy.gradients(exec, as_tensor<double>(x, 6, image), at);
    return copy(policy.model().gradients());
  };
  auto const one = gradient(first, 1), two = gradient(first, 2);
  BOOST_TEST((one != two));
  BOOST_TEST((gradient(first, 1) == one));
  BOOST_TEST((gradient(second, 2) == two));
  BOOST_TEST((gradient(third, 2) != two));
}

BOOST_AUTO_TEST_CASE(bad_input_is_an_error) {
  Exec const exec;
  auto const net = small_net(BatchNorm{});
  using Net = std::remove_const_t<decltype(net)>;
  Reconstruction<Net, double, Exec> policy(exec, net, image);
  auto const x = ign_test::random_vector<double>(2 * image.size(), 21);
  ign_test::fails("ign.shape.3", [&] { policy.gradients(exec, as_tensor<double>(x, 2, {4, 2, 4}), 0); });
  ign_test::fails("ign.shape.3", [&] { policy.gradients(exec, as_tensor<double>(x, 0, image), 0); });
  ign_test::fails("ign.shape.540", [&] { policy.gradients(exec, as_tensor<double>(x, 2, image), 0, as_tensor<double>(x, 2, {1, 1, 3})); });
  using Corrupted = Reconstruction<Net, double, Exec, Mse, CorruptionMixture>;
  ign_test::fails("ign.option.455", [&] { Corrupted(exec, net, image, {.corruption = {.noise_weight = -1}}); });
  ign_test::fails("ign.shape.5", [&] { Reconstruction(exec, sequential(Conv2d{.channels = 3, .kernel = 1}), image); });
}

BOOST_AUTO_TEST_SUITE_END()
