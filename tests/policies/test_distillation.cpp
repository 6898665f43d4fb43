// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The distillation step's gradient against its definition in separate passes and against differences; what the step costs, and what it
// leaves alone.

#include <boost/test/unit_test.hpp>

#include <ign/layers/group_norm.hpp>
#include <ign/layers/minibatch_stddev.hpp>
#include <ign/losses/l1.hpp>
#include <ign/nets/dcgan.hpp>
#include <ign/nets/perceptual.hpp>
#include <ign/policies/distillation.hpp>
#include <ign/policies/policy.hpp>
#include <ign_test/kokkos_counter.hpp>
#include <ign_test/layer_check.hpp>

using namespace ign;
using ign_test::as_tensor;
using ign_test::Exec;
using ign_test::KokkosCounter;

BOOST_AUTO_TEST_SUITE(distillation)

namespace {

constexpr Shape image = {4, 4, 2};
constexpr std::uint64_t step = 3;
using Numbers = Vector<double, Exec>;
using Flat = VectorRef<double, Exec>;

template <class Norm>
auto small_net(Norm const& norm) {
  return dcgan(DcganOptions<2, Norm>{
      .image_channels = 2, .stages = {{{3, 2, 2, 0}, {4, 3, 1, 1}}}, .latent = {3, 2, 1, 0}, .norm = norm, .bias_before_norm = true});
}

template <class Net>
Model<Net, double, Exec> make_teacher(Net const& net) {
  Model<Net, double, Exec> const model(Exec{}, net, image, 11);
  fill_gaussian(Exec{}, ign_test::key(19), 0.4, Flat(model.parameters()));
  Exec{}.fence();
  for (std::size_t i = 0; i < model.statistics().size(); ++i) model.statistics()(i) += 0.1 * static_cast<double>(i % 7);
  return model;
}

std::vector<double> copy(Numbers const& numbers) {
  Exec{}.fence();
  return {numbers.data(), numbers.data() + numbers.size()};
}

// A distance of whole images, whose net is smooth.
auto perceptual() {
  Exec const exec;
  auto const net = sequential(Conv2d{3, 3, 1, 1}, Tanh{}, Conv2d{4, 3, 2, 1}, Sigmoid{});
  Model<std::remove_const_t<decltype(net)>, double, Exec> const model(exec, net, image, 40);
  fill_gaussian(exec, ign_test::key(41), 0.5, Flat(model.parameters()));
  exec.fence();
  return Perceptual(model, {.layers = {{1, 0.7}, {3, 1.5}}, .pixel_weight = 0.8});
}

// The objective in separate passes.
template <class Net, class D>
struct Definition {
  Exec exec{};
  DistillationOptions<D> options;
  Model<Net, double, Exec> model;
  int batch;
  std::size_t numbers;
  Numbers x, z, y, u, spoiled;
  Workspace<double, Exec> workspace;

  Definition(Net const& net, Model<Net, double, Exec> const& teacher, DistillationOptions<D> const& o, Numbers const& data, int count)
      : options(o), model(exec, net, image, 1), batch(count), numbers(static_cast<std::size_t>(count) * image.size()), x(data) {
    std::uint64_t const seed = ign_test::seed();
    z = ign_test::random_vector<double>(numbers, 31);
    y = ign_test::random_vector<double>(numbers, 32);
    u = ign_test::random_vector<double>(numbers, 33);
    sample(exec, Gaussian{}, Key{seed, RandomStream::noise, step}, window(z));
    Tape<double, Exec> tape;
    teacher.forward(exec, pass_of(Role::source, Mode::evaluate), window(z), tape, workspace);
    Kokkos::deep_copy(exec, window(y), tape.result());
    spoiled = ign_test::random_vector<double>(numbers, 35);
    Buffer<double, Exec> scratch("test");
    corrupt(exec, options.corruption, Key{seed, RandomStream::corruption, step, 0}, window(x), window(z), window(spoiled), scratch);
    exec.fence();
  }

  // u, constant in the gradient: f(g(z)) in evaluation mode for the first samples, A(g(z)) for the others.
  void fix_u() {
    int const iterated = static_cast<int>(std::lround(options.iterated_share * batch)), rest = batch - iterated;
    Tape<double, Exec> tape;
    model.forward(exec, pass_of(Role::generated, Mode::evaluate), window(y), tape, workspace);
    Kokkos::deep_copy(exec, window(u), tape.result());
    auto const from = [&](Numbers const& v) { return batch_range(window(v), iterated, rest); };
    Buffer<double, Exec> scratch("test");
    if (rest > 0)
      corrupt(exec, options.corruption, Key{ign_test::seed(), RandomStream::corruption, step, 8}, from(y), from(z), from(u), scratch);
    exec.fence();
  }

  TensorRef<double, Exec> window(Numbers const& v) const { return as_tensor<double>(v, batch, image); }

  void apply(Role role, Numbers const& in, Tape<double, Exec>& tape) {
    Pass pass = pass_of(role, Mode::train);
    pass.batch_statistics = false;
    model.forward(exec, pass, window(in), tape, workspace);
    exec.fence();
  }
  std::array<double, 3> terms() {
    std::array<Numbers, 3> const inputs = {spoiled, z, u}, targets = {x, y, y};
    std::array<double, 3> all = {};
    for (std::size_t t = 0; t < 3; ++t) {
      Tape<double, Exec> tape;
      apply(static_cast<Role>(t), inputs[t], tape);
      all[t] = distance(tape.result(), window(targets[t]));
    }
    return all;
  }
  // Mean over the samples.
  double distance(TensorRef<double, Exec> const& a, TensorRef<double, Exec> const& b) const {
    double sum = 0;
    if constexpr (ImageDistance<D>) {  // against plain loops in nets/test_perceptual.cpp
      DistanceMemory<D> memory;
      auto const of_samples = ign_test::random_vector<double>(static_cast<std::size_t>(batch), 36);
      sample_distances(exec, options.distance, a, b, Flat(of_samples), memory);
      exec.fence();
      for (std::size_t n = 0; n < of_samples.size(); ++n) sum += of_samples(n) / static_cast<double>(batch);
    } else {
      for (std::size_t i = 0; i < numbers; ++i) sum += options.distance.value(a.data()[i], b.data()[i]) / static_cast<double>(numbers);
    }
    return sum;
  }
  std::array<double, 3> weights() const {
    return {options.reconstruction.at(step), options.generation.at(step), options.idempotence.at(step)};
  }
  double objective() {
    auto const all = terms(), by = weights();
    return by[0] * all[0] + by[1] * all[1] + by[2] * all[2];
  }

  // Three backward passes.
  void differentiate() {
    std::array<Numbers, 3> const inputs = {spoiled, z, u}, targets = {x, y, y};
    Kokkos::deep_copy(model.gradients(), 0.0);
    auto const dy = ign_test::random_vector<double>(numbers, 34);
    for (std::size_t t = 0; t < 3; ++t) {
      Tape<double, Exec> tape;
      apply(static_cast<Role>(t), inputs[t], tape);
      if constexpr (ImageDistance<D>) {
        DistanceMemory<D> memory;
        distance_gradient(exec, options.distance, tape.result(), window(targets[t]), Argument::first, weights()[t] / batch, Flat{},
                          window(dy), memory);
      } else {
        for (std::size_t i = 0; i < numbers; ++i)
          dy(i) = weights()[t] / static_cast<double>(numbers) * options.distance.derivative_first(tape.result().data()[i], targets[t](i));
      }
      model.backward(exec, tape, window(dy), {}, workspace);
      exec.fence();
    }
  }
};

template <class D, class Net>
void check(Net const& net, DistillationOptions<D> const& options, int batch, bool differences = true) {
  Exec const exec;
  auto const teacher = make_teacher(net);
  Distillation<Net, double, Exec, D> policy(exec, teacher, options, ign_test::seed());
  auto const& model = policy.model();
  BOOST_TEST(copy(model.parameters()) == copy(teacher.parameters()));
  BOOST_TEST(copy(model.statistics()) == copy(teacher.statistics()));
  fill_gaussian(exec, ign_test::key(20), 0.4, Flat(model.parameters()));  // f has moved away from g
  auto const x = ign_test::random_vector<double>(static_cast<std::size_t>(batch) * image.size(), 21, 0.5);
  auto const data = ign_test::random_vector<double>(x.size(), 22);
  Kokkos::deep_copy(data, x);
  Definition<Net, D> definition(net, teacher, options, data, batch);
  Kokkos::deep_copy(definition.model.parameters(), model.parameters());
  Kokkos::deep_copy(definition.model.statistics(), model.statistics());
  definition.fix_u();

  policy.gradients(exec, as_tensor<double>(x, batch, image), step);
  auto const losses = policy.losses(exec);
  definition.differentiate();
  auto const found = copy(model.gradients()), expected = copy(definition.model.gradients());
  double largest = 0, error = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    largest = std::max(largest, std::abs(expected[i]));
    error = std::max(error, std::abs(found[i] - expected[i]));
  }
  BOOST_TEST(largest > 1e-4);
  BOOST_TEST(error <= 1e-10 * largest, "error " << error << " of " << largest);
  auto const terms = definition.terms();
  BOOST_TEST(std::abs(losses.reconstruction - terms[0]) < 1e-12);
  BOOST_TEST(std::abs(losses.generation - terms[1]) < 1e-12);
  BOOST_TEST(std::abs(losses.idempotence - terms[2]) < 1e-12);
  BOOST_TEST(std::abs(losses.total - definition.objective()) < 1e-11);
  BOOST_TEST(losses.named()[2].value == losses.idempotence);

  // Neither g nor running statistics have changed.
  BOOST_TEST(copy(model.statistics()) == copy(teacher.statistics()));
  BOOST_TEST(copy(policy.teacher().parameters()) == copy(teacher.parameters()));
  BOOST_TEST(copy(policy.teacher().statistics()) == copy(teacher.statistics()));

  if (!differences) return;
  double const h = std::is_same_v<D, L1> ? 1e-7 : 1e-6;  // a kink within it is unlikely
  for (std::size_t i = 0; i < expected.size(); ++i) {
    double& place = definition.model.parameters()(i);
    double const old = place;
    place = old + h;
    double const above = definition.objective();
    place = old - h;
    double const below = definition.objective();
    place = old;
    BOOST_TEST(std::abs((above - below) / (2 * h) - found[i]) <= 1e-6 * std::max(largest, 0.1),
               "parameter " << i << ": " << found[i] << ", differences " << (above - below) / (2 * h));
  }
}

template <class D>
DistillationOptions<D> weighted(D const& distance = {}) {
  DistillationOptions<D> options = {.distance = distance};
  options.reconstruction = Schedule::constant(1.3);
  options.generation = Schedule::linear(0.9, 0.1, 10);
  options.idempotence = Schedule::constant(0.7);
  options.corruption.grey_weight = 1;
  options.iterated_share = 0.4;
  return options;
}

template <class Net>
using Small = Distillation<Net, float, Exec>;

}  // namespace

BOOST_AUTO_TEST_CASE(gradient_is_that_of_the_definition) {
  check(small_net(BatchNorm{}), weighted<Mse>(), 5);
  check(small_net(BatchNorm{}), weighted<L1>(), 4);
  check(small_net(GroupNorm{.groups = 1}), weighted<Mse>(), 3);
  check(small_net(sequential()), weighted<L1>(), 3);
}

BOOST_AUTO_TEST_CASE(gradient_with_a_perceptual_distance) {
  check(small_net(BatchNorm{}), weighted(perceptual()), 5);
  check(small_net(sequential()), weighted(perceptual()), 1);
  check(small_net(GroupNorm{.groups = 1}), with_distance(weighted<Mse>(), perceptual()), 3, false);
}

BOOST_AUTO_TEST_CASE(gradient_of_one_sample_and_of_odd_batches) {
  for (int batch : {1, 2, 3}) check(small_net(sequential()), weighted<Mse>(), batch);
  for (int batch : {2, 7}) check(small_net(BatchNorm{}), weighted<Mse>(), batch, false);
}

BOOST_AUTO_TEST_CASE(gradient_at_the_ends_of_the_options) {
  auto const check_with = [](auto const& change) {
    auto options = weighted<Mse>();
    change(options);
    check(small_net(BatchNorm{}), options, 5, false);
  };
  check_with([](auto& options) { options.iterated_share = 0; });
  check_with([](auto& options) { options.iterated_share = 1; });
  check_with([](auto& options) {
    options.corruption = {.noise_weight = 0, .blur_weight = 0, .low_resolution_weight = 0, .box_weight = 0, .pixels_weight = 0};
  });
  check_with([](auto& options) { options.generation = Schedule::constant(0); });
  check_with([](auto& options) { options.reconstruction = options.idempotence = Schedule::constant(0); });
}

// Wide enough for Winograd's algorithm, and with a layer whose statistics are not those of BatchNorm.
BOOST_AUTO_TEST_CASE(gradient_with_other_kernels) {
  check(dcgan(DcganOptions<2>{.image_channels = 2, .stages = {{{8}, {10}}}, .latent = {3, 1, 1, 0}}), weighted<Mse>(), 5, false);
  check(sequential(MinibatchStddev{.group = 2}, Conv2d{2, 3, 1, 1}, BatchNorm{}, LeakyRelu{}, Conv2d{2, 3, 1, 1}), weighted<Mse>(), 4,
        false);
}

BOOST_AUTO_TEST_CASE(random_bits_follow_from_seed_and_step_alone) {
  Exec const exec;
  auto const net = small_net(BatchNorm{});
  auto const teacher = make_teacher(net);
  auto const x = ign_test::random_vector<double>(6 * image.size(), 21, 0.5);
  auto const gradient = [&](auto& policy, std::uint64_t at) {
    policy.gradients(exec, as_tensor<double>(x, 6, image), at);
    return copy(policy.model().gradients());
  };
  DistillationOptions<> const options = {.iterated_share = 0};  // f(g(z)) depends on running statistics, too
  Distillation<decltype(small_net(BatchNorm{})), double, Exec> first(exec, teacher, options, 5), second(exec, teacher, options, 5),
      third(exec, teacher, options, 6);
  auto const one = gradient(first, 1), two = gradient(first, 2);
  BOOST_TEST((one != two));
  BOOST_TEST((gradient(first, 1) == one));
  BOOST_TEST((gradient(second, 2) == two));
  BOOST_TEST((gradient(third, 2) != two));
}

BOOST_AUTO_TEST_CASE(numbers_are_copied_and_a_new_start_is_possible) {
  Exec const exec;
  auto const net = small_net(BatchNorm{});
  auto const teacher = make_teacher(net);
  using Policy = Distillation<decltype(small_net(BatchNorm{})), double, Exec>;
  Policy policy(exec, teacher);
  auto const before = copy(teacher.parameters());
  Kokkos::deep_copy(teacher.parameters(), 7.0);
  BOOST_TEST((copy(policy.teacher().parameters()) == before));
  BOOST_TEST((copy(policy.model().parameters()) == before));
  BOOST_TEST((policy.teacher().parameters().data() != policy.model().parameters().data()));
  BOOST_TEST(policy.teacher().gradients().size() == 0u);
  policy.restart_from(exec, teacher);
  BOOST_TEST((copy(policy.teacher().parameters()) == copy(teacher.parameters())));
  BOOST_TEST((copy(policy.model().parameters()) == copy(teacher.parameters())));
  Policy const empty(exec, net, image);
  BOOST_TEST((copy(empty.teacher().parameters()) == copy(empty.model().parameters())));
}

// One forward pass of g, one of f over a quarter of the batch, one pass of three segments and one backward pass: 10.25 times the cost of a
// forward pass over the batch.
BOOST_AUTO_TEST_CASE(a_step_is_one_pass_of_g_and_one_of_three_segments) {
  Exec const exec;
  Shape const shape = {32, 32, 1};
  int const batch = 4;
  auto const net = mnist_small_net();
  Model<decltype(mnist_small_net()), float, Exec> const model(exec, net, shape, 1);
  Small<decltype(mnist_small_net())> policy(exec, model);
  auto const x = ign_test::random_vector<float>(3 * batch * shape.size(), 1), dy = ign_test::random_vector<float>(x.size(), 2);
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
  Workspace<float, Exec> workspace;
  Tape<float, Exec> of_teacher(Retain::last), joint;
  Pass pass;
  pass.segments = 3;
  pass.batch_statistics = false;
  KokkosCounter const counter;
  model.forward(exec, pass_of(Role::source, Mode::evaluate), as_tensor<float>(x, batch, shape), of_teacher, workspace);
  model.forward(exec, pass_of(Role::generated, Mode::evaluate), as_tensor<float>(x, batch / 4, shape), of_teacher, workspace);
  model.forward(exec, pass, as_tensor<float>(x, 3 * batch, shape), joint, workspace);
  model.backward(exec, joint, as_tensor<float>(dy, 3 * batch, shape), {}, workspace);
  exec.fence();
  auto expected = KokkosCounter::counts.kernels;
  for (auto const& [label, count] : std::map<std::string, int>{{"ign::fill_gaussian", 1},
                                                               {"ign::corrupt::prepare", 2},
                                                               {"ign::corrupt::finish", 2},
                                                               {"ign::sample_distances", uses_host_kernels_v<Exec> ? 3 : 0},
                                                               {"ign::distillation::add_means", uses_host_kernels_v<Exec> ? 1 : 0},
                                                               {"ign::distillation::losses", uses_host_kernels_v<Exec> ? 0 : 1},
                                                               {"ign::distillation::gradient", 1}})
    if (count > 0) expected[label] += count;
  ign_test::check_kernels(found, expected);
}

BOOST_AUTO_TEST_CASE(bad_input_is_an_error) {
  Exec const exec;
  auto const id = [](char const* expected) { return [expected](Error const& e) { return e.id() == expected; }; };
  auto const net = mnist_small_net();
  using Net = decltype(mnist_small_net());
  using Policy = Small<Net>;
  static_assert(ResumablePolicy<Policy>);
  Shape const shape = {32, 32, 1};
  Model<Net, float, Exec> const teacher(exec, net, shape, 1);
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  ign_test::AllowNan const allow;
  for (double bad : {-0.1, 1.1, nan}) BOOST_CHECK_EXCEPTION(Policy(exec, teacher, {.iterated_share = bad}), Error, id("ign.option.451"));
  BOOST_CHECK_EXCEPTION(Policy(exec, teacher, {.corruption = {.max_noise_std = -1}}), Error, id("ign.option.455"));
  for (double bad : {-1.0, nan}) {
    auto const weight = Schedule::constant(bad);
    BOOST_CHECK_EXCEPTION(Policy(exec, teacher, {.reconstruction = weight}), Error, id("ign.option.80"));
    BOOST_CHECK_EXCEPTION(Policy(exec, teacher, {.generation = weight}), Error, id("ign.option.80"));
    BOOST_CHECK_EXCEPTION(Policy(exec, teacher, {.idempotence = weight}), Error, id("ign.option.80"));
  }
  BOOST_CHECK_EXCEPTION(Policy(exec, net, {36, 36, 1}), Error, id("ign.shape.5"));
  Policy policy(exec, teacher);
  auto const x = ign_test::random_vector<float>(28 * 28, 1);
  BOOST_CHECK_EXCEPTION(policy.gradients(exec, as_tensor<float>(x, 1, {28, 28, 1}), 0), Error, id("ign.shape.3"));

  // A teacher of the same type that is another net: nothing changes.
  auto const mlp = [](int features, double slope) { return sequential(Linear{features}, LeakyRelu{slope}, Linear{3}); };
  using Mlp = Model<decltype(mlp(4, 0.2)), float, Exec>;
  Small<decltype(mlp(4, 0.2))> small(exec, Mlp(exec, mlp(4, 0.2), {1, 1, 3}, 1));
  auto const before =
      std::vector<float>(small.model().parameters().data(), small.model().parameters().data() + small.model().parameters().size());
  BOOST_CHECK_EXCEPTION(small.restart_from(exec, Mlp(exec, mlp(5, 0.2), {1, 1, 3}, 2)), Error, id("ign.shape.452"));
  BOOST_CHECK_EXCEPTION(small.restart_from(exec, Mlp(exec, mlp(4, 0.1), {1, 1, 3}, 2)), Error, id("ign.shape.452"));
  BOOST_CHECK_EXCEPTION(small.restart_from(exec, Mlp(exec, mlp(4, 0.2), {1, 1, 2}, 2)), Error, id("ign.shape.452"));
  for (std::size_t i = 0; i < before.size(); ++i) BOOST_TEST(small.model().parameters()(i) == before[i]);
}

BOOST_AUTO_TEST_SUITE_END()
