// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include <boost/test/unit_test.hpp>

#include <ign/layers/dropout.hpp>
#include <ign/layers/group_norm.hpp>
#include <ign/layers/linear.hpp>
#include <ign/layers/reshape.hpp>
#include <ign/layers/residual.hpp>
#include <ign/nets/dcgan.hpp>
#include <ign/nets/frozen.hpp>
#include <ign/nets/residual_dcgan.hpp>
#include <ign_test/kokkos_counter.hpp>
#include <ign_test/layer_check.hpp>

using namespace ign;
using ign_test::as_tensor;
using ign_test::Exec;
using ign_test::random_vector;

BOOST_AUTO_TEST_SUITE(frozen)

namespace {

// Numbers that make every factor and every role matter.
template <class Net, class Real>
void scatter(Model<Net, Real, Exec> const& model, std::uint32_t substream) {
  auto const noise = random_vector<Real>(model.parameters().size(), substream, 0.05);
  for (std::size_t i = 0; i < noise.size(); ++i) model.parameters()(i) += noise(i);
  auto const moments = random_vector<Real>(model.statistics().size(), substream + 1, 0.5);
  for (std::size_t i = 0; i < moments.size(); ++i) model.statistics()(i) = Real(0.3) + std::abs(moments(i));  // variances are positive
}

template <class Real>
double largest_difference(Vector<Real, Exec> const& a, Vector<Real, Exec> const& b, std::size_t count) {
  double largest = 0, size = 0;
  for (std::size_t i = 0; i < count; ++i) {
    largest = std::max(largest, static_cast<double>(std::abs(a(i) - b(i))));
    size = std::max(size, static_cast<double>(std::abs(b(i))));
  }
  return largest / size;
}

template <class Real, class Net>
void check(Net const& net, Shape in, double tolerance) {
  Exec const exec;
  Model<Net, Real, Exec> const model(exec, net, in, 1);
  scatter(model, 40);
  Frozen f(exec, model);
  Tape<Real, Exec> tape(Retain::last);
  Workspace<Real, Exec> workspace;
  Shape const out = model.output_shape();
  for (int round = 0; round < 2; ++round) {
    for (int batch : {1, 5, 3}) {
      auto const count = static_cast<std::size_t>(batch);
      for (Role role : {Role::data, Role::source, Role::generated}) {
        auto const x = random_vector<Real>(count * in.size(), 50), y = random_vector<Real>(count * out.size(), 51);
        auto const expected = random_vector<Real>(count * out.size(), 52);
        f.forward(exec, role, as_tensor<Real>(x, batch, in), as_tensor<Real>(y, batch, out));
        model.forward(exec, pass_of(role, Mode::evaluate), as_tensor<Real>(x, batch, in), tape, workspace);
        Kokkos::deep_copy(exec, as_tensor<Real>(expected, batch, out), tape.result());
        exec.fence();
        double const difference = largest_difference(y, expected, y.size());
        BOOST_TEST(difference <= tolerance, "batch " << batch << ", role " << name(role) << ": " << difference);
        if (in != out) continue;
        f.forward(exec, role, as_tensor<Real>(x, batch, in), as_tensor<Real>(x, batch, in));
        exec.fence();
        for (std::size_t i = 0; i < y.size(); ++i)
          if (x(i) != y(i)) BOOST_ERROR("in place, number " << i << " differs");
      }
    }
    scatter(model, 60);  // other parameters, the same net
    f.update(exec);
  }
}

template <class Net>
void check_both(Net const& net, Shape in) {
  check<double>(net, in, 1e-13);
  check<float>(net, in, 1e-5);
}

}  // namespace

BOOST_AUTO_TEST_CASE(equals_evaluation_of_the_model) {
  check_both(mnist_small_net(), {32, 32, 1});
  DcganOptions<2> const with_bias{
      .image_channels = 2, .stages = {{{16, 4, 2, 1}, {33, 3, 2, 1}}}, .latent = {5, 4, 1, 0}, .bias_before_norm = true};
  check_both(dcgan(with_bias), {16, 16, 2});
  check_both(residual_dcgan<2, true>(with_bias), {16, 16, 2});
  check_both(mnist_residual_net(), {32, 32, 1});
}

// Folding, which depends on the order of the layers.
BOOST_AUTO_TEST_CASE(equals_evaluation_for_layers_in_any_order) {
  Conv2d const conv{.channels = 6, .kernel = 3, .stride = 1, .padding = 1};
  check_both(sequential(conv, BatchNorm{}, BatchNorm{}, LeakyRelu{1.5}), {4, 5, 3});
  check_both(sequential(conv, LeakyRelu{0.1}, BatchNorm{}, Tanh{}), {4, 5, 3});
  check_both(sequential(conv, Relu{}, Relu{}, LeakyRelu{}, conv), {4, 5, 3});
  check_both(sequential(BatchNorm{}, conv, Dropout{0.5}, BatchNorm{}, Relu{}), {4, 5, 3});
  check_both(sequential(LeakyRelu{}, Conv2d{.channels = 3, .kernel = 1}), {4, 5, 3});
  check_both(
      sequential(conv, GroupNorm{.groups = 2}, Relu{}, Flatten{}, Linear{.features = 7}, BatchNorm{}, Tanh{}, Linear{3, false}, Relu{}),
      {2, 3, 3});
  check_both(sequential(BatchNorm{}), {2, 3, 4});
  check_both(sequential(Relu{}), {2, 3, 4});
  check_both(sequential(Conv2d{.channels = 3, .kernel = 1}), {2, 3, 3});
  check_both(
      sequential(Flatten{}, Linear{4}, Reshape{{2, 2, 1}}, ConvTranspose2d{.channels = 9, .kernel = 4, .stride = 2, .padding = 1}, Relu{}),
      {3, 1, 1});
}

BOOST_AUTO_TEST_CASE(equals_evaluation_with_residual_blocks) {
  Conv2d const conv{.channels = 3, .kernel = 3, .stride = 1, .padding = 1}, wide{.channels = 5, .kernel = 3, .stride = 1, .padding = 1};
  auto const block = residual(wide, BatchNorm{}, LeakyRelu{0.2}, conv, BatchNorm{});
  check_both(sequential(block), {4, 5, 3});
  check_both(sequential(block, Relu{}, block, BatchNorm{}, LeakyRelu{0.1}, block, Tanh{}), {4, 5, 3});
  check_both(sequential(wide, residual(residual(BatchNorm{}, Relu{}, conv, Relu{}, wide), BatchNorm{}, Dropout{0.5}), Relu{}, conv),
             {3, 2, 4});
  check_both(sequential(residual(Tanh{}), residual(BatchNorm{}), residual(residual(conv, Tanh{}), Relu{})), {3, 2, 3});
  check_both(sequential(residual(Flatten{}, Linear{4}, BatchNorm{}, Relu{}, Linear{18}, Reshape{{3, 2, 3}}), GroupNorm{.groups = 3}),
             {3, 2, 3});
}

BOOST_AUTO_TEST_CASE(a_sample_does_not_depend_on_its_batch) {
  Exec const exec;
  Model<decltype(mnist_small_net()), float, Exec> const model(exec, mnist_small_net(), {32, 32, 1}, 1);
  Frozen f(exec, model);
  auto const x = random_vector<float>(37 * 1024, 1), all = random_vector<float>(37 * 1024, 2), one = random_vector<float>(1024, 3);
  f.forward(exec, Role::source, as_tensor<float>(x, 37, {32, 32, 1}), as_tensor<float>(all, 37, {32, 32, 1}));
  for (std::size_t n : {0, 1, 17, 36}) {
    f.forward(exec, Role::source, TensorRef<float, Exec>(x.data() + n * 1024, 1, 32, 32, 1), as_tensor<float>(one, 1, {32, 32, 1}));
    exec.fence();
    for (std::size_t i = 0; i < 1024; ++i)
      if (one(i) != all(n * 1024 + i)) BOOST_ERROR("sample " << n << " differs at " << i);
  }
}

// The scratch memory of host kernels has one part per thread of the instance.
BOOST_AUTO_TEST_CASE(instances_of_other_concurrency_use_one_frozen) {
  Exec const all;
  auto const halves = Kokkos::Experimental::partition_space(all, 1, 1);
  std::vector<Exec> const instances = {ign_test::one_thread(), halves[0], halves[1], all};
  Conv2d const conv{.channels = 3, .kernel = 3, .stride = 1, .padding = 1};
  auto const net = sequential(conv, residual(conv, Relu{}, conv), dcgan(DcganOptions<1>{.image_channels = 3, .stages = {{{16, 4, 2, 1}}}}));
  Shape const in = {16, 16, 3};
  Model<std::remove_const_t<decltype(net)>, float, Exec> const model(all, net, in, 1);
  auto const x = random_vector<float>(4 * in.size(), 1), expected = random_vector<float>(4 * in.size(), 2);
  Frozen(all, model).forward(all, Role::data, as_tensor<float>(x, 4, in), as_tensor<float>(expected, 4, in));
  all.fence();
  Frozen f(instances.front(), model);
  for (Exec const& exec : instances) {
    auto const y = random_vector<float>(4 * in.size(), 3);
    f.forward(exec, Role::data, as_tensor<float>(x, 4, in), as_tensor<float>(y, 4, in));
    exec.fence();
    std::size_t differences = 0;
    for (std::size_t i = 0; i < y.size(); ++i) differences += y(i) != expected(i) ? 1 : 0;
    BOOST_TEST(differences == 0u, "concurrency " << exec.concurrency());
  }
}

// The address of out does not tell whether a layer reads the input.
BOOST_AUTO_TEST_CASE(in_place_takes_no_further_launch_or_copy) {
  Exec const exec;
  Conv2d const conv{.channels = 3, .kernel = 3, .stride = 1, .padding = 1};
  auto const net = sequential(conv, BatchNorm{}, Relu{}, conv, Tanh{});
  Shape const in = {6, 5, 3};
  Model<std::remove_const_t<decltype(net)>, float, Exec> const model(exec, net, in, 1);
  Frozen f(exec, model);
  auto const x = random_vector<float>(2 * in.size(), 1), y = random_vector<float>(2 * in.size(), 2);
  auto const count = [&](Vector<float, Exec> const& out) {
    f.forward(exec, Role::data, as_tensor<float>(x, 2, in), as_tensor<float>(out, 2, in));
    exec.fence();
    ign_test::KokkosCounter const counter;
    f.forward(exec, Role::data, as_tensor<float>(x, 2, in), as_tensor<float>(out, 2, in));
    return std::pair(ign_test::KokkosCounter::counts.launches(), ign_test::KokkosCounter::counts.copies);
  };
  auto const [launches, copies] = count(y);
  auto const [launches_in_place, copies_in_place] = count(x);
  BOOST_TEST(launches > 0);
  BOOST_TEST(launches_in_place == launches);
  BOOST_TEST(copies == 0);
  BOOST_TEST(copies_in_place == 0);
}

BOOST_AUTO_TEST_CASE(bad_extents_are_errors) {
  Exec const exec;
  Model<decltype(mnist_small_net()), float, Exec> const model(exec, mnist_small_net(), {32, 32, 1}, 1);
  Frozen f(exec, model);
  auto const x = random_vector<float>(2 * 1024, 1);
  auto const id = [](Error const& e) { return e.id() == "ign.shape.3"; };
  auto const two = as_tensor<float>(x, 2, {32, 32, 1}), one = as_tensor<float>(x, 1, {32, 32, 1});
  BOOST_CHECK_EXCEPTION(f.forward(exec, Role::data, two, one), Error, id);
  BOOST_CHECK_EXCEPTION(f.forward(exec, Role::data, as_tensor<float>(x, 1, {28, 28, 1}), one), Error, id);
  BOOST_CHECK_EXCEPTION(f.forward(exec, Role::data, as_tensor<float>(x, 0, {32, 32, 1}), as_tensor<float>(x, 0, {32, 32, 1})), Error, id);
}

BOOST_AUTO_TEST_SUITE_END()
