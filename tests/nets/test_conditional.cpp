// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Conditional nets f(x | c): gradients of whole nets, inference with given conditions, classification by drift, errors.

#include <boost/test/unit_test.hpp>

#include <ign/layers/conditional_layers.hpp>
#include <ign/layers/residual.hpp>
#include <ign/nets/conditional.hpp>
#include <ign/nets/conditional_dcgan.hpp>
#include <ign/nets/frozen_projector.hpp>
#include <ign/policies/idempotent.hpp>
#include <ign/policies/imle.hpp>
#include <ign_test/layer_check.hpp>

using namespace ign;
using ign_test::as_tensor;
using ign_test::Exec;
using ign_test::random_vector;

BOOST_AUTO_TEST_SUITE(conditional)

namespace {

constexpr Shape image = {4, 4, 1};
constexpr int length = 3;

auto options() { return DcganOptions<2>{.image_channels = 1, .stages = {{{3, 2, 2, 0}, {4, 2, 2, 0}}}, .latent = {3, 1, 1, 0}}; }
auto by_scale() { return conditional_dcgan(options(), ConditionalScale{length}); }
auto by_channels() { return conditional_dcgan(options(), ConditionChannels{length}); }

auto refused_as(char const* id) {
  return [id](Error const& e) { return e.id() == id; };
}

template <class Real>
TensorRef<Real, Exec> conditions_of(Vector<Real, Exec> const& rows) {
  return as_tensor<Real>(rows, static_cast<int>(rows.size()) / length, {1, 1, length});
}

template <class Real>
std::vector<double> host(TensorRef<Real, Exec> const& tensor) {
  Exec().fence();
  auto const copy = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), tensor);
  return {copy.data(), copy.data() + copy.size()};
}

// <dy, f(x | c)> by differences of every parameter and input, with statistics of the batch.
template <class Net>
void check_net_gradients(Net const& net) {
  Exec const exec;
  Model<Net, double, Exec> const model(exec, net, image, 1);
  fill_gaussian(exec, ign_test::key(20), 0.5, VectorRef<double, Exec>(model.parameters()));
  auto const x = random_vector<double>(3 * image.size(), 1), weights = random_vector<double>(3 * image.size(), 2);
  auto const dy = random_vector<double>(3 * image.size(), 3), dx = random_vector<double>(3 * image.size(), 4);
  auto const rows = random_vector<double>(9, 5);
  auto const view = [](Vector<double, Exec> const& v) { return as_tensor<double>(v, 3, image); };
  Tape<double, Exec> tape;
  Workspace<double, Exec> workspace;
  auto const objective = [&] {
    model.forward(exec, Pass{.update_statistics = false}, view(x), tape, workspace, conditions_of(rows));
    exec.fence();
    double sum = 0;
    for (std::size_t i = 0; i < weights.size(); ++i) sum += weights(i) * tape.result().data()[i];
    return sum;
  };
  objective();
  Kokkos::deep_copy(dy, weights);
  Kokkos::deep_copy(model.gradients(), 0.0);
  model.backward(exec, tape, view(dy), view(dx), workspace);
  exec.fence();
  auto const compare = [&](Vector<double, Exec> const& place, Vector<double, Exec> const& found, char const* what) {
    for (std::size_t i = 0; i < place.size(); ++i) {
      double const old = place(i), h = 1e-6;
      place(i) = old + h;
      double const above = objective();
      place(i) = old - h;
      double const below = objective();
      place(i) = old;
      BOOST_TEST(std::abs((above - below) / (2 * h) - found(i)) <= 2e-6 * std::max(1.0, std::abs(found(i))), what << ' ' << i);
    }
  };
  compare(model.parameters(), model.gradients(), "parameter");
  compare(x, dx, "input");
}

// Running statistics and weights that let each condition matter.
template <class Real, class Net>
void scatter(Model<Net, Real, Exec> const& model) {
  fill_gaussian(Exec(), ign_test::key(30), 0.4, VectorRef<Real, Exec>(model.parameters()));
  auto const moments = random_vector<Real>(model.statistics().size(), 31, 0.5);
  for (std::size_t i = 0; i < moments.size(); ++i) model.statistics()(i) = Real(0.3) + std::abs(moments(i));
}

template <class Net>
void check_inference(Net const& net) {
  Exec const exec;
  Idempotent<Net, float, Exec> policy(exec, net, image);
  scatter(policy.model());
  FrozenProjector frozen(exec, policy.model());
  auto const x = random_vector<float>(4 * image.size(), 1), rows = random_vector<float>(12, 2);
  auto const memory = [](std::uint32_t place) { return random_vector<float>(4 * image.size(), place); };
  auto const view = [](Vector<float, Exec> const& v) { return as_tensor<float>(v, 4, image); };
  auto const a = memory(3), b = memory(4), c = memory(5);
  auto const condition = conditions_of(rows);
  auto f = given(policy, condition);
  auto g = given(frozen, condition);
  f.project(exec, view(x), 2, view(a));
  g.project(exec, view(x), 2, view(b));
  auto const together = host(view(a)), packed = host(view(b));
  for (std::size_t i = 0; i < together.size(); ++i) BOOST_TEST(std::abs(together[i] - packed[i]) <= 1e-5);
  // A sample is bitwise identical to that computed alone, with its condition.
  for (int n = 0; n < 4; ++n) {
    auto alone = given(policy, batch_range(condition, n, 1));
    alone.project(exec, batch_range(view(x), n, 1), 2, batch_range(view(c), n, 1));
  }
  BOOST_TEST((host(view(c)) == together));
  // The policy's own noise and the same conditions.
  policy.generate(exec, Key{.seed = 5}, 1, view(a), condition);
  f.generate(exec, Gaussian{}, Key{.seed = 5}, 1, view(b));
  BOOST_TEST((host(view(a)) == host(view(b))));
  // Another condition gives another image; the memory of the conditions may be written.
  Kokkos::deep_copy(rows, 0.5f);
  f.generate(exec, Gaussian{}, Key{.seed = 5}, 1, view(b));
  BOOST_TEST((host(view(a)) != host(view(b))));
}

}  // namespace

BOOST_AUTO_TEST_CASE(gradients_of_nets) {
  check_net_gradients(by_scale());
  check_net_gradients(by_channels());
  check_net_gradients(
      sequential(residual(ConditionalScale{length}, Tanh{}), ConditionChannels{length}, Conv2d{.channels = 1, .kernel = 1}));
}

BOOST_AUTO_TEST_CASE(inference_with_given_conditions) {
  check_inference(by_scale());
  check_inference(by_channels());
  check_inference(sequential(residual(ConditionalScale{length}, BatchNorm{}, Tanh{}), ConditionChannels{length},
                             Conv2d{.channels = 1, .kernel = 1}, ConditionalScale{length}));
}

// f(x | c) = x + c_0 on vectors: the drift is c_0², so that the least is known.
struct Shifts {
  static Shape image_shape() { return {1, 1, 2}; }
  void apply(Exec const& exec, Role, int, TensorRef<double, Exec> const& x, TensorRef<double, Exec> const& out,
             TensorRef<double, Exec> const& condition) const {
    Kokkos::parallel_for(
        "shifts", Kokkos::RangePolicy<Exec>(exec, 0, static_cast<int>(x.size())), KOKKOS_LAMBDA(int i) {
          out.data()[i] = x.data()[i] + condition(0, 0, 0, 0) - (i / 2 == 1 ? 2 : 0);  // sample 1 is best with 2
        });
  }
};

BOOST_AUTO_TEST_CASE(classification_by_drift_takes_the_least) {
  Exec const exec;
  auto const rows = random_vector<double>(3, 1), x = random_vector<double>(4, 2), drifts = random_vector<double>(6, 3);
  rows(0) = -1;
  rows(1) = 0.5;
  rows(2) = 2;
  Shifts f;
  ConditionScratch<double, Exec> scratch;
  auto const conditions = as_tensor<double>(rows, 3, {1, 1, 1}), samples = as_tensor<double>(x, 2, {1, 1, 2}),
             table = as_tensor<double>(drifts, 2, {1, 1, 3});
  drifts_by_condition(exec, f, Mse{}, Role::data, conditions, samples, table, scratch);
  Vector<int, Exec> const labels("ign::test", 2);
  classify_by_drift(exec, table, VectorRef<int, Exec>(labels));
  exec.fence();
  double const expected[] = {1, 0.25, 4, 9, 2.25, 0};
  for (std::size_t i = 0; i < 6; ++i) BOOST_TEST(std::abs(drifts(i) - expected[i]) < 1e-14);
  BOOST_TEST(labels(0) == 1);
  BOOST_TEST(labels(1) == 2);
  auto const refused = refused_as("ign.shape.542");
  BOOST_CHECK_EXCEPTION(drifts_by_condition(exec, f, Mse{}, Role::data, conditions, samples, conditions, scratch), Error, refused);
  BOOST_CHECK_EXCEPTION(classify_by_drift(exec, conditions, VectorRef<int, Exec>(labels)), Error, refused);
}

BOOST_AUTO_TEST_CASE(conditions_that_do_not_fit_are_refused) {
  Exec const exec;
  using Net = decltype(by_scale());
  Idempotent<Net, float, Exec> policy(exec, by_scale(), image);
  auto const x = random_vector<float>(4 * image.size(), 1), rows = random_vector<float>(12, 2);
  auto const samples = as_tensor<float>(x, 4, image);
  auto const refused = refused_as("ign.shape.540");
  BOOST_CHECK_EXCEPTION(policy.project(exec, samples, 1, samples), Error, refused);
  BOOST_CHECK_EXCEPTION(policy.gradients(exec, samples, 0), Error, refused);
  BOOST_CHECK_EXCEPTION(policy.gradients(exec, samples, 0, as_tensor<float>(rows, 1, {1, 1, length})), Error, refused);
  for (auto const& bad : {as_tensor<float>(rows, 3, {1, 1, length}), as_tensor<float>(rows, 4, {1, 1, 2})}) {
    auto f = given(policy, bad);
    BOOST_CHECK_EXCEPTION(f.project(exec, samples, 1, samples), Error, refused);
    FrozenProjector frozen(exec, policy.model());
    auto g = given(frozen, bad);
    BOOST_CHECK_EXCEPTION(g.project(exec, samples, 1, samples), Error, refused);
  }
  Idempotent<decltype(dcgan(options())), float, Exec> plain(exec, dcgan(options()), image);
  auto without = given(plain, conditions_of(rows));
  BOOST_CHECK_EXCEPTION(without.project(exec, samples, 1, samples), Error, refused);
  // A policy without conditions says so.
  Imle<Net, float, Exec> imle(exec, by_scale(), image);
  BOOST_CHECK_EXCEPTION(imle.gradients(exec, samples, 0), Error, refused);
  BOOST_CHECK_EXCEPTION(condition_length(sequential(ConditionChannels{3}, residual(ConditionalScale{4}))), Error,
                        refused_as("ign.option.541"));
  BOOST_TEST(condition_length(by_channels()) == length);
  BOOST_TEST(condition_length(dcgan(options())) == 0);
}

BOOST_AUTO_TEST_CASE(sizes_of_the_nets) {
  Exec const exec;
  auto const size = [&](auto const& net) {
    return Model<std::remove_cvref_t<decltype(net)>, float, Exec>(exec, net, {32, 32, 1}, 1).parameters().size();
  };
  BOOST_TEST(size(conditional_mnist_small_net(ConditionalScale{10})) == 214001u + 4160u);
  BOOST_TEST(size(conditional_mnist_small_net(ConditionChannels{10})) == 214001u + 12800u);
}

BOOST_AUTO_TEST_SUITE_END()
