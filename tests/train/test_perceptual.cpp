// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Training with a perceptual distance: both phases, captured steps, memory, and runs that are resumed.

#include <boost/test/unit_test.hpp>

#include <ign/ign.hpp>
#include <ign/io/checkpoint.hpp>
#include <ign/io/train_or_resume.hpp>
#include <ign_test/errors.hpp>
#include <ign_test/folder.hpp>
#include <ign_test/kokkos_counter.hpp>
#include <ign_test/layer_check.hpp>
#include <ign_test/throw_at.hpp>

using namespace ign;
using ign_test::Exec;
using ign_test::KokkosCounter;
using ign_test::ThrowAt;

BOOST_AUTO_TEST_SUITE(perceptual_training)

namespace {

constexpr Shape image = {8, 8, 1};

auto net() {
  return sequential(Conv2d{6, 3, 2, 1}, BatchNorm{}, LeakyRelu{}, Flatten{}, Linear{.features = 24}, LeakyRelu{},
                    Linear{.features = 64, .init_std = 0.1}, Reshape{image}, Tanh{});
}

auto feature_net() { return sequential(Conv2d{4, 3, 1, 1}, Relu{}, MaxPool2d{}, Conv2d{6, 3, 1, 1}, Relu{}); }

template <class Real = float>
auto features(std::uint64_t seed = 3) {
  Model<decltype(feature_net()), Real, Exec> const model(Exec{}, feature_net(), image, seed);
  fill_gaussian(Exec{}, Key{seed, RandomStream::user}, 0.4, VectorRef<Real, Exec>(model.parameters()));
  return model;
}

template <class Real = float>
auto perceptual(double weight = 0.5, std::uint64_t seed = 3, double pixel_weight = 1) {
  return Perceptual(features<Real>(seed), {.layers = {{1, weight}, {4, weight}}, .pixel_weight = pixel_weight});
}

// Bright bars on a dark ground.
std::vector<std::uint8_t> pixels() {
  std::vector<std::uint8_t> bytes(24 * image.size(), 20);
  for (std::size_t n = 0; n < 24; ++n)
    for (std::size_t i = 0; i < image.size(); ++i)
      if ((n % 2 == 0 ? i / 8 : i % 8) == n % 8) bytes[n * image.size() + i] = 230;
  return bytes;
}

struct Data {
  Exec exec{};
  Batches<Exec> batches{exec, pixels(), 24, image, {8}};
};

template <class View>
std::vector<double> copy(View const& view) {
  auto const host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), view);
  return {host.data(), host.data() + host.size()};
}

struct Totals {
  std::vector<double> all{};
  void on_report(auto const&, Report const& report) { all.push_back(report.total); }
};

// Losses and parameters after some steps of the first phase, then of the second.
template <class D>
std::vector<double> run(D const& distance, SmoothingKind kind, bool use_graph = false, std::uint64_t steps = 5) {
  Data const data;
  IdempotentOptions<D> options = {.distance = distance};
  options.tightness = Schedule::linear(0.1, 0.4, steps);
  options.idempotence = Schedule::linear(1, 0.5, steps);
  options.smoothing = {kind, 1.5};
  options.equilibrium = {.ratio = 1.2, .gain = 0.1};
  Idempotent policy(data.exec, net(), image, options, 7);
  Trainer trainer(data.exec, policy, Adam{}, data.batches, {steps, 1, Schedule::constant(1e-3), use_graph});
  Totals totals;
  trainer.train(totals);
  auto numbers = copy(policy.model().parameters());
  auto objective = distillation_options(options);
  objective.generation = Schedule::linear(2, 1, steps);
  auto second_policy = distill(trainer, objective);
  Trainer second(data.exec, second_policy, Adam{}, data.batches, {2 * steps, 1, Schedule::constant(1e-3), use_graph, steps});
  second.train(totals);
  auto const last = copy(second_policy.model().parameters());
  numbers.insert(numbers.end(), last.begin(), last.end());
  numbers.insert(numbers.end(), totals.all.begin(), totals.all.end());
  return numbers;
}

void check_near(std::vector<double> const& found, std::vector<double> const& expected, double tolerance) {
  BOOST_REQUIRE(found.size() == expected.size());
  double error = 0;
  for (std::size_t i = 0; i < found.size(); ++i) error = std::max(error, std::abs(found[i] - expected[i]));
  BOOST_TEST(error <= tolerance, "difference " << error);
}

auto recipe_with(Perceptual<decltype(feature_net()), Mse, float, Exec> const& distance) {
  Recipe<decltype(net())> recipe = {"test", net(), image, {}, {.beta1 = 0.5}};
  recipe.batch = 8;
  recipe.distillation = DistillationPhase<>{.share = 0.5, .learning_rate = 5e-4};
  return with_distance(recipe, distance);
}

}  // namespace

// Adam divides by small gradients, which magnifies differences of rounding.
BOOST_AUTO_TEST_CASE(without_features_training_is_that_with_the_elementwise_distance) {
  for (auto kind : smoothing_kinds) BOOST_TEST_CONTEXT(name(kind)) check_near(run(perceptual(0), kind), run(Mse{}, kind), 2e-4);
}

// Features of little weight change little, of more weight more.
BOOST_AUTO_TEST_CASE(features_change_the_run) {
  auto const plain = run(Mse{}, SmoothingKind::data_batch), other = run(perceptual(0.5), SmoothingKind::data_batch);
  double largest = 0;
  for (std::size_t i = 0; i < plain.size(); ++i) largest = std::max(largest, std::abs(plain[i] - other[i]));
  BOOST_TEST(largest > 1e-3);
}

BOOST_AUTO_TEST_CASE(captured_steps_are_bitwise_those_of_steps_launched_one_by_one) {
  for (auto kind : {SmoothingKind::none, SmoothingKind::own_noise, SmoothingKind::data_sample})
    BOOST_TEST_CONTEXT(name(kind)) BOOST_TEST((run(perceptual(), kind, true) == run(perceptual(), kind, false)));
}

BOOST_AUTO_TEST_CASE(no_allocation_and_no_fence_after_the_first_step) {
  Data const data;
  auto const x = make_tensor<float>(data.exec, "ign::test", 8, image);
  data.batches.gather(data.exec, 0, TensorRef<float, Exec>(x));
  auto const check = [&](auto& policy) {
    policy.gradients(data.exec, TensorRef<float, Exec>(x), 0);
    data.exec.fence();
    {
      KokkosCounter const counter;
      for (std::uint64_t step = 1; step < 4; ++step) policy.gradients(data.exec, TensorRef<float, Exec>(x), step);
      BOOST_TEST(KokkosCounter::counts.allocations == 0);
      BOOST_TEST(KokkosCounter::counts.fences == 0);
      BOOST_TEST(KokkosCounter::bad_labels.empty());
    }
    data.exec.fence();
  };
  auto const distance = perceptual();
  using D = std::remove_const_t<decltype(distance)>;
  for (auto kind : smoothing_kinds) {
    Idempotent policy(data.exec, net(), image, IdempotentOptions<D>{.distance = distance, .smoothing = {kind, 1.5}});
    check(policy);
    Distillation second(data.exec, policy.model(), distillation_options(policy.options()));
    check(second);
  }
}

// Passes of the feature net in a step over B samples: f(x), x, v, y, and z for own_noise; f(A(x)), f(z), f(u), x, y in the second phase.
BOOST_AUTO_TEST_CASE(features_of_a_batch_are_computed_once) {
  Data const data;
  auto const x = make_tensor<float>(data.exec, "ign::test", 8, image);
  data.batches.gather(data.exec, 0, TensorRef<float, Exec>(x));
  auto const distance = perceptual();
  using D = std::remove_const_t<decltype(distance)>;
  auto const pools = [&](auto& policy) {
    data.exec.fence();
    KokkosCounter const counter;
    policy.gradients(data.exec, TensorRef<float, Exec>(x), 0);
    return std::array{KokkosCounter::counts.kernels["ign::max_pool2d"], KokkosCounter::counts.kernels["ign::max_pool2d backward"]};
  };
  Idempotent own(data.exec, net(), image, IdempotentOptions<D>{.distance = distance, .smoothing = {SmoothingKind::own_noise, 1.5}});
  Idempotent by_batch(data.exec, net(), image, IdempotentOptions<D>{.distance = distance, .smoothing = {SmoothingKind::data_batch, 1.5}});
  Distillation second(data.exec, own.model(), distillation_options(own.options()));
  BOOST_TEST((pools(own) == std::array{5, 3}));
  BOOST_TEST((pools(by_batch) == std::array{4, 3}));
  BOOST_TEST((pools(second) == std::array{5, 3}));
  data.exec.fence();
}

BOOST_AUTO_TEST_CASE(a_short_training_improves) {
  Data const data;
  auto const distance = perceptual(0.5);
  using D = std::remove_const_t<decltype(distance)>;
  Idempotent policy(data.exec, net(), image, IdempotentOptions<D>{.distance = distance, .tightness = Schedule::constant(0.05)}, 2);
  auto const x = make_tensor<float>(data.exec, "ign::test", 24, image);
  data.batches.gather_range(data.exec, 0, TensorRef<float, Exec>(x));
  auto const scores = make_vector<float>(data.exec, "ign::test", 24);
  auto const drift = [&](auto& f) {
    f.drift_scores(data.exec, TensorRef<float, Exec>(x), VectorRef<float, Exec>(scores));
    double sum = 0;
    for (double const score : copy(scores)) sum += score / 24;
    return sum;
  };
  double const before = drift(policy);
  Trainer trainer(data.exec, policy, Adam{}, data.batches, {300, 100, Schedule::constant(3e-3)});
  trainer.train();
  double const after = drift(policy);
  auto f = distill(trainer);
  Trainer second(data.exec, f, Adam{}, data.batches, {600, 100, Schedule::cosine(3e-3, 0, 300), {}, 300});
  Totals totals;
  second.train(totals);
  BOOST_TEST_MESSAGE("perceptual drift of data " << before << ", " << after << " after the first phase, " << drift(f)
                                                 << " after the second");
  BOOST_TEST(after < 0.5 * before);
  BOOST_TEST(totals.all.back() < totals.all.front());
}

// The weights, and the hash of the feature net, are in the recipe.
BOOST_AUTO_TEST_CASE(a_run_is_resumed_with_its_own_distance_only) {
  ign_test::Folder const folder;
  Data const data;
  RunOptions const options = {.steps = 8, .seed = 5, .report_every = 2};
  auto const own = recipe_with(perceptual());
  auto const expected = copy(train(data.exec, own, data.batches, options).model().parameters());
  for (std::uint64_t stop : {2, 6}) {  // in the first phase, and in the second
    io::CheckpointOptions const checkpoint = {.path = folder.path / ("checkpoint " + std::to_string(stop)), .every = 2};
    auto const resume = [&](auto const& recipe) { return io::train_or_resume(data.exec, recipe, data.batches, options, checkpoint); };
    BOOST_CHECK_THROW(io::train_or_resume(data.exec, own, data.batches, options, checkpoint, ThrowAt{stop}), std::runtime_error);
    auto const refused = [&](auto const& recipe) {
      BOOST_CHECK_EXCEPTION(resume(recipe), Error, [](Error const& e) {
        BOOST_TEST_MESSAGE(e.what());
        return e.id() == "ign.format.62" && std::string(e.what()).find("'distance") != std::string::npos;
      });
    };
    refused(recipe_with(perceptual(0.25)));
    refused(recipe_with(perceptual(0.5, 4)));  // another net
    refused(recipe_with(perceptual(0.5, 3, 2)));
    refused(with_distance(own, Mse{}));
    BOOST_TEST((copy(resume(own).model().parameters()) == expected), "resumed after step " << stop);
  }
}

BOOST_AUTO_TEST_CASE(recipes_describe_the_distance) {
  TrainerOptions const options;
  auto const json_of = [&](auto const& distance) { return io::recipe_json(recipe_with(distance), "test", 1, options)["distance"]; };
  auto const own = json_of(perceptual());
  BOOST_TEST(own["name"] == "perceptual");
  BOOST_TEST(own["pixel"] == "mse");
  BOOST_TEST(own["pixel_weight"] == 1.0);
  BOOST_TEST(own["layers"].dump() == R"({"1":0.5,"4":0.5})");
  BOOST_TEST(own["net"].get<std::string>().size() == 64u);
  BOOST_TEST((json_of(perceptual()) == own));
  BOOST_TEST((json_of(perceptual(0.5, 4))["net"] != own["net"]));
  Recipe<decltype(net())> const plain = {"test", net(), image, {}};
  BOOST_TEST(io::recipe_json(plain, "test", 1, options)["distance"] == "mse");
}

BOOST_AUTO_TEST_SUITE_END()
