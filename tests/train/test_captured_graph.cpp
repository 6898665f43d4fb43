// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Steps that are recorded once and captured, against steps that are queued one by one. Where there are no graphs, a replay calls the
// recorded function again, with the arguments that it had when it was recorded: so what is wrong here is wrong in a graph, too.

#include <boost/test/unit_test.hpp>

#include <ign/ign.hpp>
#include <ign/train/detail/device_graph.hpp>
#include <ign_test/batches.hpp>
#include <ign_test/kokkos_counter.hpp>
#include <ign_test/layer_check.hpp>

#include <cstring>
#include <set>

using namespace ign;
using ign_test::Exec;
using ign_test::KokkosCounter;
using ign_test::ProvidesBatch;

BOOST_AUTO_TEST_SUITE(captured_graph)

namespace {

constexpr Shape image = {8, 8, 1};
constexpr std::uint64_t steps = 11;  // of which four make an epoch

auto net() {
  return sequential(Flatten{}, Linear{.features = 32}, BatchNorm{}, LeakyRelu{}, Dropout{0.3}, Linear{.features = 64}, Reshape{image},
                    Tanh{});
}

std::vector<std::uint8_t> pixels() { return ign_test::scattered_bytes(18 * image.size()); }

template <class View>
void append(std::vector<double>& to, View const& from) {
  auto const host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), from);
  for (std::size_t i = 0; i < host.size(); ++i) to.push_back(static_cast<double>(host.data()[i]));
}

// Between two steps: takes more memory than training has.
struct Generates {
  template <class T>
  bool on_step(T& trainer) {
    if (trainer.steps_done() == 5) {
      auto const samples = make_tensor<float>(trainer.exec(), "samples", 100, image);
      trainer.policy().generate(trainer.exec(), Key{1, RandomStream::user, 1}, 1, TensorRef<float, Exec>(samples));
    }
    return true;
  }
};

struct Losses {
  std::vector<double> all;
  void on_report(auto const&, Report const& report) {
    for (auto const& loss : report.losses) all.push_back(loss.value);
    all.push_back(report.total);
  }
};

// The step values that change from step to step.
struct Schedules {
  Schedule reconstruction = Schedule::linear(1, 2, steps), idempotence = Schedule::linear(2, 1, steps),
           tightness = Schedule::cosine(0.5, 0.1, steps), learning_rate = Schedule::cosine(1e-2, 0, steps);
};

// The reported losses of a run, and after them its final parameters, statistics and optimizer state.
template <class Optimizer, class Source = Gaussian>
std::vector<double> run(bool use_graph, Optimizer const& optimizer, Smoothing const& smoothing = {}, Source const& source = {},
                        std::uint64_t first = 0, Equilibrium const& equilibrium = {}, Schedules const& schedules = {}) {
  Exec const exec;
  IdempotentOptions<Mse, Source> objective;
  objective.source = source;
  objective.smoothing = smoothing;
  objective.equilibrium = equilibrium;
  objective.reconstruction = schedules.reconstruction;
  objective.idempotence = schedules.idempotence;
  objective.tightness = schedules.tightness;
  Idempotent policy(exec, net(), image, objective, 7);
  Batches<Exec> const batches(exec, pixels(), 18, image, {4});
  Trainer trainer(exec, policy, optimizer, batches, {steps, 3, schedules.learning_rate, use_graph});
  trainer.set_steps_done(first);
  Losses losses;
  trainer.train(losses, Generates{});
  std::vector<double> numbers = losses.all;
  append(numbers, policy.model().parameters());
  append(numbers, policy.model().statistics());
  append(numbers, trainer.optimizer_state());
  return numbers;
}

// The same of a second phase.
template <class Source = Gaussian>
std::vector<double> run_distillation(bool use_graph, double iterated_share, std::uint64_t first = 0, Source const& source = {}) {
  Exec const exec;
  DistillationOptions<Mse, Source> objective;
  objective.source = source;
  objective.reconstruction = Schedule::linear(1, 2, steps);
  objective.generation = Schedule::linear(2, 1, steps);
  objective.idempotence = Schedule::cosine(0.5, 0.1, steps);
  objective.iterated_share = iterated_share;
  Model<decltype(net()), float, Exec> const teacher(exec, net(), image, 3);
  Distillation policy(exec, teacher, objective, 7);
  Batches<Exec> const batches(exec, pixels(), 18, image, {4});
  Trainer trainer(exec, policy, Adam{.beta1 = 0.5}, batches, {steps, 3, Schedule::cosine(1e-2, 0, steps), use_graph});
  trainer.set_steps_done(first);
  Losses losses;
  trainer.train(losses, Generates{});
  std::vector<double> numbers = losses.all;
  append(numbers, policy.model().parameters());
  append(numbers, policy.model().statistics());
  append(numbers, policy.teacher().parameters());
  append(numbers, trainer.optimizer_state());
  return numbers;
}

void compare(char const* what, std::vector<double> const& queued, std::vector<double> const& captured) {
  BOOST_TEST_CONTEXT(what) {
    BOOST_TEST_REQUIRE(queued.size() == captured.size());
    BOOST_TEST(std::memcmp(queued.data(), captured.data(), queued.size() * sizeof(double)) == 0);
  }
}

template <class... Setting>
void check_identical(char const* what, Setting const&... setting) {
  compare(what, run(false, setting...), run(true, setting...));
}

// An optimizer without step_values() of its own.
struct Plain {};
template <class Flat>
void update(Exec const& exec, Plain const&, StepArgument<optimizer::DefaultStepValues> const& values, Flat const& parameters,
            Flat const& gradients, Flat const&) {
  Kokkos::parallel_for(
      "plain", Kokkos::RangePolicy<Exec>(exec, 0, parameters.size()), KOKKOS_LAMBDA(int i) {
        auto const now = values.get();
        parameters(i) -= static_cast<float>(now.learning_rate / static_cast<double>(now.step)) * gradients(i);
      });
}

}  // namespace

BOOST_AUTO_TEST_CASE(is_bitwise_identical) {
  Exec const exec;
  check_identical("adam", Adam{.beta1 = 0.5});
  check_identical("sgd", Sgd{.momentum = 0.9, .nesterov = true});
  check_identical("average", Ema{Adam{.beta1 = 0.5}, 0.9});
  check_identical("average from the start", Ema{Sgd{}, 0.9, false});
  check_identical("average over a share of the steps", Ema{Sgd{}, 0.9, true, 7});
  check_identical("clip", Clip(exec, Adam{.beta1 = 0.5}, 0.01));
  check_identical("muon", Muon{.others = {.beta1 = 0.5}});
  check_identical("muon, clip and average", Ema{Clip(exec, Muon{}, 0.01), 0.9});
  check_identical("own optimizer", Plain{});
  check_identical("own optimizer, clip and average", Ema{Clip(exec, Plain{}, 0.01), 0.9});
  check_identical("clip and average", Ema{Clip(exec, Adam{.beta1 = 0.5}, 0.01), 0.9});
  for (auto const kind : smoothing_kinds) check_identical(name(kind), Adam{.beta1 = 0.5}, Smoothing{kind, 1.5});
  check_identical("equilibrium", Adam{.beta1 = 0.5}, Smoothing{}, Gaussian{}, 0, Equilibrium{1.1, 1e-6, 0.1});
}

BOOST_AUTO_TEST_CASE(distillation_is_bitwise_identical) {
  Exec const exec;
  for (double const share : {0.0, 0.25}) compare("share of iterates", run_distillation(false, share), run_distillation(true, share));
  compare("from step 5", run_distillation(false, 0.25, 5), run_distillation(true, 0.25, 5));
  BOOST_TEST(run_distillation(true, 0.25).back() != run_distillation(true, 0.0).back());
}

// An autoencoder with a corruption on samples of a tensor.
BOOST_AUTO_TEST_CASE(reconstruction_is_bitwise_identical) {
  auto const run_reconstruction = [](bool use_graph) {
    Exec const exec;
    auto const noisy = sequential(Flatten{}, Linear{.features = 32}, BatchNorm{}, Tanh{}, GaussianNoise{0.3}, Linear{.features = 64},
                                  Reshape{image}, Tanh{});
    Reconstruction policy(exec, noisy, image, ReconstructionOptions<Mse, CorruptionMixture>{}, 7);
    auto const samples = make_tensor<float>(exec, "ign::test", 18, image);
    Batches<Exec>(exec, pixels(), 18, image, {4}).gather_range(exec, 0, TensorRef<float, Exec>(samples));
    TensorBatches<float, Exec> const batches(samples, {4});
    Trainer trainer(exec, policy, Adam{.beta1 = 0.5}, batches, {steps, 3, Schedule::cosine(1e-2, 0, steps), use_graph});
    Losses losses;
    trainer.train(losses);
    std::vector<double> numbers = losses.all;
    append(numbers, policy.model().parameters());
    append(numbers, policy.model().statistics());
    append(numbers, trainer.optimizer_state());
    return numbers;
  };
  compare("reconstruction", run_reconstruction(false), run_reconstruction(true));
}

BOOST_AUTO_TEST_CASE(goes_on_from_any_step) { check_identical("from step 5", Adam{.beta1 = 0.5}, Smoothing{}, Gaussian{}, 5); }

// Bitwise identical results prove something only where a replay with the step values of the captured step would change them. Step 1, the
// second, is captured: a run in which one schedule keeps its value of that step must end elsewhere.
BOOST_AUTO_TEST_CASE(each_schedule_changes_the_result) {
  auto const changing = run(true, Sgd{});
  for (auto const schedule : {&Schedules::reconstruction, &Schedules::idempotence, &Schedules::tightness, &Schedules::learning_rate}) {
    Schedules schedules;
    schedules.*schedule = Schedule::constant((schedules.*schedule).at(1));
    auto const kept = run(true, Sgd{}, Smoothing{}, Gaussian{}, 0, Equilibrium{}, schedules);
    BOOST_TEST_REQUIRE(kept.size() == changing.size());
    BOOST_TEST((kept != changing));
  }
}

// The same for batches and noise: with constant schedules and a learning rate of 0, losses change through these alone.
BOOST_AUTO_TEST_CASE(batches_and_noise_change_from_step_to_step) {
  Exec const exec;
  Idempotent policy(exec, net(), image, IdempotentOptions<>{}, 7);
  Batches<Exec> const batches(exec, pixels(), 18, image, {4});
  Trainer trainer(exec, policy, Sgd{}, batches, {steps, 3, Schedule::constant(0), true});
  std::set<double> reconstruction, idempotence;
  for (std::uint64_t step = 0; step < steps; ++step) {
    policy.reset_losses(exec);
    trainer.step();
    auto const losses = policy.losses(exec);
    reconstruction.insert(losses.reconstruction);
    idempotence.insert(losses.idempotence);
  }
  BOOST_TEST(reconstruction.size() == steps);  // of batches
  BOOST_TEST(idempotence.size() == steps);     // of noise
}

BOOST_AUTO_TEST_CASE(adds_one_kernel_and_takes_no_memory_and_nothing_waits) {
  Exec const exec;
  Batches<Exec> const batches(exec, pixels(), 18, image, {4});
  for (bool const use_graph : {false, true}) {
    Idempotent policy(exec, net(), image, {}, 7);
    Trainer trainer(exec, policy, Adam{.beta1 = 0.5}, batches, {steps, 3, Schedule::constant(1e-3), use_graph});
    std::vector<int> launches;
    for (int i = 0; i < 8; ++i) {
      if (i == 5) {  // which takes new memory: the recording does not know where that lies
        auto const samples = make_tensor<float>(exec, "samples", 100, image);
        policy.generate(exec, Key{1, RandomStream::user, 1}, 1, TensorRef<float, Exec>(samples));
      }
      KokkosCounter const counter;
      trainer.step();
      launches.push_back(KokkosCounter::counts.launches());
      if (i >= 2) BOOST_TEST(KokkosCounter::counts.allocations == 0);
      if (i >= 2) BOOST_TEST(KokkosCounter::counts.fences == 0);
    }
    int const queued = launches[0], captured = use_graph ? queued + 1 : queued;  // no graph where a tool listens
    BOOST_TEST(launches[4] == captured);
    BOOST_TEST(launches[5] == queued);
    BOOST_TEST(launches[7] == captured);
  }
}

BOOST_AUTO_TEST_CASE(distillation_adds_one_kernel_and_takes_no_memory_and_nothing_waits) {
  Exec const exec;
  Batches<Exec> const batches(exec, pixels(), 18, image, {4});
  Distillation policy(exec, net(), image, DistillationOptions<>{}, 7);
  Trainer trainer(exec, policy, Adam{.beta1 = 0.5}, batches, {steps, 3, Schedule::constant(1e-3), true});
  std::vector<int> launches;
  for (int i = 0; i < 4; ++i) {
    KokkosCounter const counter;
    trainer.step();
    launches.push_back(KokkosCounter::counts.launches());
    if (i >= 2) BOOST_TEST(KokkosCounter::counts.allocations == 0);
    if (i >= 2) BOOST_TEST(KokkosCounter::counts.fences == 0);
  }
  BOOST_TEST(launches[3] == launches[0] + 1);  // no graph where a tool listens
}

BOOST_AUTO_TEST_CASE(use_graph_is_refused_without_step_values) {
  Exec const exec;
  Batches<Exec> const batches(exec, pixels(), 18, image, {4});
  TrainerOptions const options = {steps, 3, Schedule::constant(1e-3), true};
  auto const refused = [](Error const& error) { return error.id() == "ign.option.92"; };
  Idempotent policy(exec, net(), image);
  ProvidesBatch const handed{batches, make_tensor<float>(exec, "handed", 4, image)};
  BOOST_CHECK_EXCEPTION(Trainer(exec, policy, Adam{}, handed, options), Error, refused);
  Imle other(exec, net(), image);
  BOOST_CHECK_EXCEPTION(Trainer(exec, other, Adam{}, batches, options), Error, refused);
}

// Not on the default instance, for whose device the graph would be instantiated, and whose queue its end would wait for.
BOOST_AUTO_TEST_CASE(a_graph_belongs_to_its_instance) {
  Exec const exec = ign_test::one_thread();
  auto const nothing = [](auto const&) {};
  auto const belongs = [](auto const& graph, auto const& instance) {
    if constexpr (requires { graph.get_device_handle(); })  // Kokkos 5
      return graph.get_device_handle() == std::remove_cvref_t<decltype(graph.get_device_handle())>::from(instance);
    else
      return graph.get_execution_space() == instance;
  };
  BOOST_TEST(belongs(ign::detail::create_graph_on(exec, nothing), exec));
}

BOOST_AUTO_TEST_SUITE_END()
