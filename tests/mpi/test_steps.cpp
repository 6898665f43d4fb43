// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Steps of several ranks against steps of one process with the global batch: gradients, parameters, losses, running statistics.

#include <boost/test/unit_test.hpp>

#include <ign/ign.hpp>
#include <ign/policies/loss_sums.hpp>
#include <ign_test/batches.hpp>
#include <ign_test/layer_check.hpp>

#include <bit>
#include <cmath>
#include <memory>

#include "world.hpp"

using namespace ign;
using ign_test::Exec;
using ign_test::world;

BOOST_AUTO_TEST_SUITE(mpi_steps)

namespace {

constexpr Shape image = {4, 4, 3};
constexpr int share = 4;  // samples per rank

template <class Norm>
auto small_net(Norm const& norm) {
  return dcgan(DcganOptions<2, Norm>{
      .image_channels = 3, .stages = {{{4, 2, 2, 0}, {4, 3, 1, 1}}}, .latent = {4, 2, 1, 0}, .norm = norm, .bias_before_norm = true});
}

/// 60 images of noise, of which a step sees the global batch, or the shard of one rank.
Batches<Exec> make_batches(Ranks const& ranks, int batch) {
  return Batches<Exec>(Exec{}, ign_test::scattered_bytes(60 * image.size()), 60, image,
                       {.batch = batch, .seed = 3, .shard = ranks.shard()});
}
std::vector<std::uint8_t> labels() {
  std::vector<std::uint8_t> all(60);
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::uint8_t>(i % 5);
  return all;
}

Ranks over_ranks() { return Ranks(world(), BatchNormStatistics::over_ranks); }

template <class Real>
std::vector<Real> copy(Vector<Real, Exec> const& numbers) {
  Exec{}.fence();
  return {numbers.data(), numbers.data() + numbers.size()};
}

/// Largest difference, as a share of the largest number.
template <class Numbers>
double difference(Numbers const& a, Numbers const& b) {
  double most = 1e-300, largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    most = std::max(most, std::fabs(static_cast<double>(a[i])));
    largest = std::max(largest, std::fabs(static_cast<double>(a[i]) - static_cast<double>(b[i])));
  }
  return a.size() == b.size() ? largest / most : 1;
}

template <class Real>
constexpr double tolerance = sizeof(Real) == 8 ? 1e-12 : 1e-6;

/// The gradient of one process with all samples, and the mean of the gradients of the ranks' shares.
template <class Real, class Make>
void compare_gradients(char const* what, Make const& make, double within = tolerance<Real>) {
  Exec const exec;
  Ranks const ranks = over_ranks();
  auto const whole = make(), shared = make();
  shared->set_ranks(ranks);
  auto const x = make_tensor<Real>(exec, "x", share * ranks.size(), image);
  auto const own = make_tensor<Real>(exec, "own", share, image);
  make_batches(Ranks(), share * ranks.size()).gather(exec, 7, TensorRef<Real, Exec>(x));
  make_batches(ranks, share).gather(exec, 7, TensorRef<Real, Exec>(own));
  for (std::uint64_t step = 0; step < 3; ++step) {  // from the second step on, an Equilibrium has a weight
    whole->gradients(exec, TensorRef<Real, Exec>(x), step);
    shared->gradients(exec, TensorRef<Real, Exec>(own), step);
  }
  auto const& gradients = shared->model().gradients();
  ranks.average(exec, VectorRef<Real, Exec>(gradients));
  BOOST_TEST_CONTEXT(what << " on " << ranks.size() << " ranks") {
    BOOST_TEST(difference(copy(whole->model().gradients()), copy(gradients)) <= within);
    // Running statistics are those of the global batch, the same on all ranks.
    BOOST_TEST(difference(copy(whole->model().statistics()), copy(shared->model().statistics())) <= within);
    shared->average_losses(exec);
    BOOST_TEST(difference(copy(whole->loss_sums()), copy(shared->loss_sums())) <= within);
  }
}

template <class Real, class Net>
auto make_idempotent(Net const& net, SmoothingKind kind, Equilibrium const& equilibrium) {
  IdempotentOptions<> options;
  options.tightness = Schedule::constant(2);
  options.smoothing = {kind, 1.3};
  options.equilibrium = equilibrium;
  return std::make_unique<Idempotent<Net, Real, Exec>>(Exec{}, net, image, options, 5);
}

using Reals = std::tuple<double, float>;

}  // namespace

BOOST_AUTO_TEST_CASE_TEMPLATE(two_ranks_have_the_gradient_of_one_process, Real, Reals) {
  for (auto const kind : smoothing_kinds) {
    Equilibrium const steered = {.ratio = 1.2, .gain = 0.2};
    compare_gradients<Real>(name(kind), [&] { return make_idempotent<Real>(small_net(GroupNorm{.groups = 2}), kind, steered); });
    compare_gradients<Real>(
        name(kind), [&] { return make_idempotent<Real>(small_net(BatchNorm{}), kind, steered); }, sizeof(Real) == 8 ? 1e-11 : 2e-5);
  }
}

// The same kernels average the losses of a distance of whole images.
BOOST_AUTO_TEST_CASE(two_ranks_with_a_perceptual_distance) {
  auto const net = sequential(Conv2d{3, 3, 1, 1}, Tanh{}, Conv2d{2, 3, 2, 1}, Sigmoid{});
  Perceptual const distance(Model<std::remove_const_t<decltype(net)>, double, Exec>(Exec{}, net, image, 9),
                            {.layers = {{1, 0.7}, {3, 1.5}}});
  using D = std::remove_const_t<decltype(distance)>;
  using Net = decltype(small_net(GroupNorm{.groups = 2}));
  for (auto const kind : smoothing_kinds) {
    compare_gradients<double>(name(kind), [&] {
      IdempotentOptions<D> options = {.distance = distance};
      options.tightness = Schedule::constant(2);
      options.smoothing = {kind, 1.3};
      options.equilibrium = {.ratio = 1.2, .gain = 0.2};
      return std::make_unique<Idempotent<Net, double, Exec, D>>(Exec{}, small_net(GroupNorm{.groups = 2}), image, options, 5);
    });
  }
  compare_gradients<double>("distillation", [&] {
    Model<Net, double, Exec> const teacher(Exec{}, small_net(GroupNorm{.groups = 2}), image, 5);
    return std::make_unique<Distillation<Net, double, Exec, D>>(Exec{}, teacher, DistillationOptions<D>{.distance = distance}, 5);
  });
}

BOOST_AUTO_TEST_CASE_TEMPLATE(random_layers_and_nested_norms_see_the_whole_batch, Real, Reals) {
  auto net = sequential(Conv2d{.channels = 4, .kernel = 3, .stride = 1, .padding = 1}, Dropout{0.3},
                        residual(Conv2d{.channels = 4, .kernel = 3, .stride = 1, .padding = 1}, BatchNorm{}, LeakyRelu{}), BatchNorm{},
                        Conv2d{.channels = 3, .kernel = 3, .stride = 1, .padding = 1}, Tanh{});
  compare_gradients<Real>(
      "dropout and residual", [&] { return make_idempotent<Real>(net, SmoothingKind::data_batch, {}); }, sizeof(Real) == 8 ? 1e-11 : 2e-5);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(reconstruction_sees_the_whole_batch, Real, Reals) {
  DcganOptions<2> const options = {.image_channels = 3, .stages = {{{4, 2, 2, 0}, {4, 3, 1, 1}}}, .latent = {4, 2, 1, 0}};
  auto net = sequential(dcgan_encoder(options), Tanh{}, GaussianNoise{0.2}, dcgan_generator(options));
  compare_gradients<Real>(
      "reconstruction",
      [&] {
        return std::make_unique<Reconstruction<decltype(net), Real, Exec, Mse, CorruptionMixture>>(
            Exec{}, net, image, ReconstructionOptions<Mse, CorruptionMixture>{}, 5);
      },
      sizeof(Real) == 8 ? 1e-11 : 2e-5);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(distillation_draws_corruptions_by_the_number_of_the_sample, Real, Reals) {
  auto net = small_net(BatchNorm{});
  for (double const iterated : {0.0, 0.4, 1.0}) {  // 0.4: one rank iterates a sample more than another
    DistillationOptions<> options;
    options.iterated_share = iterated;
    options.corruption.grey_weight = options.corruption.sketch_weight = 1;
    compare_gradients<Real>(
        "distillation",
        [&] {
          auto f = std::make_unique<Distillation<decltype(net), Real, Exec>>(Exec{}, net, image, options, 5);
          return f;
        },
        sizeof(Real) == 8 ? 1e-11 : 2e-5);
  }
}

BOOST_AUTO_TEST_CASE(an_average_of_shares_needs_the_means_of_the_whole_batch) {
  // Without them the ranks would weigh their samples by their own losses: the gradient differs by much more than rounding.
  Exec const exec;
  Ranks const ranks = over_ranks();
  if (ranks.size() == 1) return;
  auto const whole = make_idempotent<double>(small_net(GroupNorm{.groups = 2}), SmoothingKind::data_batch, {});
  auto const alone = make_idempotent<double>(small_net(GroupNorm{.groups = 2}), SmoothingKind::data_batch, {});
  auto const x = make_tensor<double>(exec, "x", share * ranks.size(), image);
  make_batches(Ranks(), share * ranks.size()).gather(exec, 7, TensorRef<double, Exec>(x));
  auto const own = make_tensor<double>(exec, "own", share, image);
  make_batches(ranks, share).gather(exec, 7, TensorRef<double, Exec>(own));
  whole->gradients(exec, TensorRef<double, Exec>(x), 0);
  alone->gradients(exec, TensorRef<double, Exec>(own), 0);
  ranks.average(exec, VectorRef<double, Exec>(alone->model().gradients()));
  BOOST_TEST(difference(copy(whole->model().gradients()), copy(alone->model().gradients())) > 1e-6);
}

BOOST_AUTO_TEST_CASE(a_classifier_with_labels_trains_as_one_process_does) {
  Exec const exec;
  Ranks const ranks = over_ranks();
  auto net =
      sequential(Conv2d{.channels = 6, .kernel = 3, .stride = 1, .padding = 1}, BatchNorm{}, Relu{}, Flatten{}, Linear{.features = 5});
  auto const bytes = ign_test::scattered_bytes(60 * image.size());
  auto const train = [&](Ranks const& of, int batch) {
    Batches<Exec> const batches(exec, bytes, 60, image, {.batch = batch, .seed = 3, .shard = of.shard()}, labels());
    Classification<decltype(net), double, Exec> policy(exec, net, image);
    policy.set_ranks(of);
    Trainer trainer(exec, policy, Adam{}, batches, {.steps = 12, .report_every = 6, .learning_rate = Schedule::constant(1e-2)});
    trainer.train();
    return copy(policy.model().parameters());
  };
  BOOST_TEST(difference(train(Ranks(), share * ranks.size()), train(ranks, share)) <=
             1e-8);  // Adam enlarges differences of small gradients
}

BOOST_AUTO_TEST_CASE(both_phases_agree_with_one_process_and_on_all_ranks) {
  Exec const exec;
  Ranks const ranks = over_ranks();
  auto net = small_net(BatchNorm{});
  IdempotentOptions<> objective;
  objective.smoothing = {SmoothingKind::data_batch, 2};
  objective.equilibrium = {.ratio = 1.2, .gain = 0.05};
  struct Result {
    std::vector<double> first, second, statistics;
    double w, total;
  };
  auto const train = [&](Ranks const& of, int batch) {
    auto const batches = make_batches(of, batch);
    Idempotent<decltype(net), double, Exec> policy(exec, net, image, objective, 2);
    policy.set_ranks(of);
    Trainer trainer(exec, policy, Ema(Adam{.beta1 = 0.5}, 0.9), batches,
                    {.steps = 8, .report_every = 4, .learning_rate = Schedule::constant(1e-3)});
    trainer.train();
    auto f = distill(trainer, distillation_options(policy.options()), 2, 10);
    Trainer second(exec, f, Adam{}, batches, {.steps = 16, .report_every = 4, .learning_rate = Schedule::constant(1e-3), .first_step = 8});
    BOOST_TEST(second.ranks().size() == of.size());
    second.train();
    if (of.is_distributed()) mpi::require_agreement(world(), run_properties_of(second));
    policy.losses(exec);
    return Result{copy(policy.model().parameters()), copy(f.model().parameters()), copy(f.model().statistics()), *policy.losses(exec).w,
                  f.losses(exec).total};
  };
  auto const one = train(Ranks(), share * ranks.size()), several = train(ranks, share);
  BOOST_TEST(difference(one.first, several.first) <= 1e-8);
  BOOST_TEST(difference(one.second, several.second) <= 1e-8);
  BOOST_TEST(difference(one.statistics, several.statistics) <= 1e-8);
  BOOST_TEST(std::fabs(one.w - several.w) <= 1e-10);
  BOOST_TEST(one.w > 0);
}

namespace {

template <class Optimizer>
void check_a_hundred_steps(BatchNormStatistics moments, Optimizer const& optimizer) {
  Exec const exec;
  Ranks const ranks(world(), moments);
  auto net = small_net(BatchNorm{});
  auto const batches = make_batches(ranks, share);
  IdempotentOptions<> objective;
  objective.equilibrium = {.ratio = 1.2, .gain = 0.05};
  Idempotent<decltype(net), float, Exec> policy(exec, net, image, objective);
  policy.set_ranks(ranks);
  Trainer trainer(exec, policy, optimizer, batches, {.steps = 100, .report_every = 33});
  std::vector<double> totals;
  struct Record {
    std::vector<double>& totals;
    void on_report(decltype(trainer) const&, Report const& report) { totals.push_back(report.total); }
  };
  auto const begin = copy(policy.model().parameters());
  trainer.train(Record{totals});
  BOOST_TEST(trainer.steps_done() == 100u);
  BOOST_TEST(difference(begin, copy(policy.model().parameters())) > 1e-3);
  mpi::require_agreement(world(), run_properties_of(trainer));
  RunProperties losses;
  for (double const total : totals) losses.emplace_back("total", std::to_string(std::bit_cast<std::uint64_t>(total)));
  BOOST_TEST(losses.size() == 4u);
  mpi::require_agreement(world(), losses);
}

}  // namespace

BOOST_AUTO_TEST_CASE(all_ranks_are_bitwise_identical_after_a_hundred_steps) {
  check_a_hundred_steps(BatchNormStatistics::per_rank, Adam{.beta1 = 0.5});
  check_a_hundred_steps(BatchNormStatistics::over_ranks, Adam{.beta1 = 0.5});
  check_a_hundred_steps(BatchNormStatistics::per_rank, Muon{});
  check_a_hundred_steps(BatchNormStatistics::over_ranks, Clip(Exec{}, Muon{}, 0.01));  // shortens all gradients
}

BOOST_AUTO_TEST_CASE(averages_that_differ_are_named) {
  Exec const exec;
  Ranks const ranks(world());
  auto net = small_net(GroupNorm{.groups = 2});
  auto const batches = make_batches(ranks, share);
  Idempotent<decltype(net), float, Exec> policy(exec, net, image);
  policy.set_ranks(ranks);
  Trainer trainer(exec, policy, Ema(Adam{}, 0.9), batches, {.steps = 3});
  trainer.train();
  auto const differing_property = [&] {
    try {
      mpi::require_agreement(world(), run_properties_of(trainer), "stop");
    } catch (mpi::CommonError const& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  {
    AveragedWeights const averaged(trainer, 0);
    BOOST_TEST(differing_property() == "");
  }
  auto const state = trainer.optimizer_state();
  exec.fence();
  if (world().rank() == world().size() - 1) state(state.size() - 1) += 1;  // the average of the last parameter
  AveragedWeights const averaged(trainer, 0);
  auto const found = differing_property();
  if (world().size() == 1)
    BOOST_TEST(found == "");
  else
    BOOST_TEST((found.find("] mpi: rank " + std::to_string(world().size() - 1) + " has weights (hash) ") != std::string::npos &&
                found.ends_with("expected the same on all ranks: stop")),
               found);
}

BOOST_AUTO_TEST_CASE(one_rank_is_bitwise_identical_to_a_run_without_mpi) {
  // On one rank nothing is reduced: the branches are those of a single process.
  Exec const exec;
  auto net = small_net(BatchNorm{});
  auto const train = [&](Ranks const& ranks) {
    auto const batches = make_batches(Ranks(), share);
    Idempotent<decltype(net), float, Exec> policy(exec, net, image);
    policy.set_ranks(ranks);
    Trainer trainer(exec, policy, Adam{}, batches, {.steps = 5});
    trainer.train();
    return copy(policy.model().parameters());
  };
  MPI_Comm self = MPI_COMM_SELF;
  BOOST_TEST((train(Ranks()) == train(Ranks(mpi::Communicator(self), BatchNormStatistics::over_ranks))));
}

BOOST_AUTO_TEST_CASE(a_callback_on_one_rank_ends_the_run_on_all) {
  Exec const exec;
  Ranks const ranks(world());
  auto net = small_net(GroupNorm{.groups = 2});
  auto const batches = make_batches(ranks, share);
  Idempotent<decltype(net), float, Exec> policy(exec, net, image);
  policy.set_ranks(ranks);
  Trainer trainer(exec, policy, Adam{}, batches, {.steps = 50});
  struct StopOne {
    int last;
    bool on_step(decltype(trainer) const& of) const { return of.ranks().rank() != last || of.steps_done() < 3; }
  };
  trainer.train(StopOne{ranks.size() - 1});
  BOOST_TEST(trainer.steps_done() == 3u);
}

BOOST_AUTO_TEST_CASE(the_policies_for_comparison_train_over_ranks) {
  Exec const exec;
  Ranks const ranks = over_ranks();
  auto net = small_net(BatchNorm{});
  auto judge =
      sequential(Conv2d{.channels = 4, .kernel = 2, .stride = 2, .padding = 0}, BatchNorm{}, LeakyRelu{}, Flatten{}, Linear{.features = 1});
  auto const gan = [&](Ranks const& of, int batch) {
    auto const batches = make_batches(of, batch);
    Gan<decltype(net), decltype(judge), double, Exec> policy(exec, net, judge, image, image);
    policy.set_ranks(of);
    Trainer trainer(exec, policy, Adam{}, batches, {.steps = 5, .learning_rate = Schedule::constant(1e-3)});
    trainer.train();
    if (of.is_distributed()) mpi::require_agreement(world(), run_properties_of(trainer));
    return copy(policy.model().parameters());
  };
  BOOST_TEST(difference(gan(Ranks(), share * ranks.size()), gan(ranks, share)) <= 1e-8);

  // Each rank selects latents for its samples from its own share of the pool, so the ranks agree with each other only.
  auto const batches = make_batches(ranks, share);
  Imle<decltype(net), double, Exec> policy(exec, net, image);
  policy.set_ranks(ranks);
  Trainer trainer(exec, policy, Adam{}, batches, {.steps = 5});
  trainer.train();
  mpi::require_agreement(world(), run_properties_of(trainer));
}

BOOST_AUTO_TEST_SUITE_END()
