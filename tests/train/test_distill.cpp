// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// From the first phase to the second: whose weights the teacher gets, and what distillation is for.

#include <boost/test/unit_test.hpp>

#include <ign/data/toy.hpp>
#include <ign/ign.hpp>
#include <ign/io/checkpoint.hpp>
#include <ign/io/train_or_resume.hpp>
#include <ign/train/distill.hpp>
#include <ign_test/folder.hpp>
#include <ign_test/layer_check.hpp>
#include <ign_test/throw_at.hpp>

#include <algorithm>

using namespace ign;
using ign_test::Exec;
using ign_test::ThrowAt;

BOOST_AUTO_TEST_SUITE(distill_phases)

namespace {

constexpr Shape point = {1, 1, 2};

auto net(int width = 32) {
  return sequential(Linear{.features = width, .init_std = 0.7}, BatchNorm{}, LeakyRelu{}, Linear{.features = width, .init_std = 0.2},
                    BatchNorm{}, LeakyRelu{}, Linear{.features = 2, .init_std = 0.2});
}

template <class View>
std::vector<float> copy(View const& numbers) {
  Exec{}.fence();
  return {numbers.data(), numbers.data() + numbers.size()};
}

struct LastLosses {
  DistillationLosses losses;
  void on_report(auto const&, Report const& report) {
    losses = {report.losses[0].value, report.losses[1].value, report.losses[2].value, report.total};
  }
};

// Weights that keep the size of what passes through.
auto wide_net() {
  auto const linear = [](int features, int inputs) { return Linear{.features = features, .init_std = 1 / std::sqrt(inputs)}; };
  return sequential(linear(64, 2), LeakyRelu{}, linear(64, 64), LeakyRelu{}, linear(2, 64));
}

// A run of two phases of 6 steps each, of which either may begin from a checkpoint and stop early.
class TwoPhases {
 public:
  std::vector<double> totals{};  // of the reports

  // Returns the parameters of f, or none if the run stops before step 12.
  std::vector<float> run(std::filesystem::path const& resume, std::filesystem::path const& write, std::uint64_t stop) {
    std::optional<io::SafeTensorsFile> file;
    if (!resume.empty()) file.emplace(io::read_safetensors(resume));
    Idempotent policy(exec, net(), point, IdempotentOptions<>{}, 5);
    Trainer trainer(exec, policy, Ema{Adam{.beta1 = 0.5}, 0.9}, batches, {6, 2, Schedule::cosine(1e-3, 0, 6)});
    if (file && io::policy_name(*file) == "distillation") {
      Distillation second(exec, net(), point, distillation_options(policy.options()), 5);
      return second_phase(second, file, write, stop);
    }
    if (file) io::resume(*file, trainer, json);
    trainer.train(*this, io::Checkpoints(write, 0, json), Stop{stop});
    if (trainer.steps_done() == stop) return {};
    auto second = distill(trainer, distillation_options(policy.options()), 5, 10);
    return second_phase(second, std::nullopt, write, stop);
  }

  void on_report(auto const&, Report const& report) {
    totals.push_back(report.total);
    steps.push_back(report.step);
  }

  std::vector<std::uint64_t> steps{};

 private:
  struct Stop {
    std::uint64_t at;
    bool on_step(auto const& trainer) const { return trainer.steps_done() != at; }
  };

  template <class Policy>
  std::vector<float> second_phase(Policy& policy, std::optional<io::SafeTensorsFile> const& file, std::filesystem::path const& write,
                                  std::uint64_t stop) {
    TrainerOptions options = {12, 2, Schedule::cosine(5e-4, 0, 6)};
    options.first_step = 6;
    Trainer trainer(exec, policy, Adam{.beta1 = 0.5}, batches, options);
    BOOST_TEST(trainer.steps_done() == 6u);
    if (file) io::resume(*file, trainer, json);
    trainer.train(*this, io::Checkpoints(write, 0, json), Stop{stop});
    return trainer.steps_done() == 12 ? copy(policy.model().parameters()) : std::vector<float>();
  }

  Exec exec;
  data::PointBatches<Exec> batches{data::ring_mixture(), {.batch = 16}};
  nlohmann::ordered_json json = {{"run", "test"}};
};

// Mean D(f(f(z)), f(z)), as in use.
template <class Policy>
double idempotence(Exec const& exec, Policy& policy) {
  int const count = 2000;
  auto const once = make_vector<float>(exec, "ign::test", 2 * count), twice = make_vector<float>(exec, "ign::test", 2 * count);
  policy.generate(exec, Key{3, RandomStream::user}, 1, ign_test::as_tensor<float>(once, count, point));
  policy.generate(exec, Key{3, RandomStream::user}, 2, ign_test::as_tensor<float>(twice, count, point));
  exec.fence();
  double sum = 0;
  for (std::size_t i = 0; i < once.size(); ++i) sum += std::pow(once(i) - twice(i), 2) / static_cast<double>(once.size());
  return sum;
}

// A recipe of two phases, with averaged weights in the first.
Recipe<decltype(net())> recipe_of_phases() {
  Recipe<decltype(net())> recipe = {"test", net(), point, {}, {.beta1 = 0.5}};
  recipe.learning_rate = 1e-3;
  recipe.final_learning_rate = 0;
  recipe.ema_decay = 0.9;
  recipe.batch = 16;
  recipe.distillation = DistillationPhase<>{.share = 0.5, .optimizer = {.beta1 = 0.5}, .learning_rate = 5e-4};
  return recipe;
}

struct StopAtStep {
  std::uint64_t at;
  bool on_step(auto const& trainer) const { return trainer.steps_done() != at; }
};

}  // namespace

BOOST_AUTO_TEST_CASE(the_teacher_is_the_net_of_the_first_phase) {
  Exec const exec;
  data::PointBatches<Exec> const batches(data::ring_mixture(), {.batch = 16});
  Idempotent policy(exec, net(), point, IdempotentOptions<L1>{.precision = Precision::tf32}, 5);
  Trainer trainer(exec, policy, Adam{.beta1 = 0.5}, batches, {});
  for (int i = 0; i < 5; ++i) trainer.step();
  auto const distillation = distill(trainer);
  static_assert(std::is_same_v<decltype(distillation.options()), DistillationOptions<L1> const&>);
  BOOST_TEST((distillation.options().precision == Precision::tf32));
  BOOST_TEST(distillation.seed() == 5u);
  BOOST_TEST(distill(trainer, distillation_options(policy.options())).seed() == 5u);
  BOOST_TEST(distill(trainer, distillation_options(policy.options()), 7).seed() == 7u);
  BOOST_TEST((copy(distillation.teacher().parameters()) == copy(policy.model().parameters())));
  BOOST_TEST((copy(distillation.teacher().statistics()) == copy(policy.model().statistics())));
  BOOST_TEST((copy(distillation.model().parameters()) == copy(policy.model().parameters())));
  BOOST_TEST((copy(distillation.model().statistics()) == copy(policy.model().statistics())));
}

BOOST_AUTO_TEST_CASE(the_teacher_is_the_average_where_there_is_one) {
  Exec const exec;
  data::PointBatches<Exec> const batches(data::ring_mixture(), {.batch = 16});
  Idempotent policy(exec, net(), point, IdempotentOptions<>{}, 5);
  Trainer trainer(exec, policy, Ema{Adam{.beta1 = 0.5}, 0.9}, batches, {});
  BOOST_CHECK_EXCEPTION(distill(trainer), Error, [](Error const& e) { return e.id() == "ign.state.252"; });
  for (int i = 0; i < 20; ++i) trainer.step();
  std::vector<float> parameters, statistics;
  {
    AveragedWeights const averaged(trainer, 40);
    parameters = copy(policy.model().parameters());
    statistics = copy(policy.model().statistics());
  }
  auto const trained = copy(policy.model().parameters()), state = copy(trainer.optimizer_state());
  auto const distillation = distill(trainer, distillation_options(policy.options()), 6, 40);
  BOOST_TEST((copy(distillation.teacher().parameters()) == parameters));
  BOOST_TEST((copy(distillation.teacher().statistics()) == statistics));
  BOOST_TEST((copy(distillation.model().parameters()) == parameters));
  BOOST_TEST((copy(distillation.model().statistics()) == statistics));
  BOOST_TEST((parameters != trained));
  BOOST_TEST((copy(policy.model().parameters()) == trained));  // the first phase is as it was
  BOOST_TEST((copy(trainer.optimizer_state()) == state));
}

// Wherever it stops: within a phase, or between the two.
BOOST_AUTO_TEST_CASE(a_resumed_run_is_bitwise_identical_to_an_uninterrupted_one_in_both_phases) {
  ign_test::Folder const folder;
  auto const path = folder.path / "checkpoint.safetensors";
  TwoPhases whole;
  auto const expected = whole.run({}, folder.path / "whole.safetensors", 0);
  BOOST_TEST_REQUIRE(!expected.empty());
  BOOST_TEST((whole.steps == std::vector<std::uint64_t>{2, 4, 6, 8, 10, 12}));
  for (std::uint64_t stop : {3, 6, 7, 9}) {
    TwoPhases first, second;
    BOOST_TEST(first.run({}, path, stop).empty());
    BOOST_TEST((io::steps_done(io::read_safetensors(path)) == stop));
    BOOST_TEST(io::policy_name(io::read_safetensors(path)) == (stop <= 6 ? "idempotent" : "distillation"));
    BOOST_TEST((second.run(path, path, 0) == expected), "stopped after step " << stop);
    first.totals.insert(first.totals.end(), second.totals.begin(), second.totals.end());
    BOOST_TEST((first.totals == whole.totals), "reports of the run that stopped after step " << stop);
  }
}

BOOST_AUTO_TEST_CASE(a_checkpoint_of_the_other_phase_is_an_error) {
  ign_test::Folder const folder;
  Exec const exec;
  data::PointBatches<Exec> const batches(data::ring_mixture(), {.batch = 16});
  Idempotent policy(exec, net(), point, IdempotentOptions<>{}, 5);
  Trainer trainer(exec, policy, Adam{}, batches, {});
  trainer.step();
  auto second_policy = distill(trainer);
  BOOST_CHECK_EXCEPTION(Trainer(exec, second_policy, Adam{}, batches, {.steps = 5, .first_step = 6}), Error,
                        [](Error const& e) { return e.id() == "ign.option.93"; });
  Trainer second(exec, second_policy, Adam{}, batches, {});
  nlohmann::ordered_json const json = {{"run", "test"}};
  auto const check = [&](auto& from, auto& to) {
    io::write_checkpoint(folder.path / "c", from, json);
    BOOST_CHECK_EXCEPTION(io::resume(io::read_safetensors(folder.path / "c"), to, json), Error,
                          [](Error const& e) { return e.id() == "ign.format.457"; });
  };
  check(trainer, second);
  check(second, trainer);
}

BOOST_AUTO_TEST_CASE(distillation_makes_f_idempotent_and_keeps_its_samples) {
  Exec const exec = ign_test::one_thread();  // the kernels are too small for more threads
  data::PointBatches<Exec> const batches(data::ring_mixture(), {.batch = 64});
  IdempotentOptions<> const first_phase = {.tightness = Schedule::constant(0.4), .smoothing = {SmoothingKind::data_batch, 2}};
  Idempotent policy(exec, wide_net(), point, first_phase, ign_test::seed());
  Trainer trainer(exec, policy, Ema{Adam{.beta1 = 0.9}, 0.99}, batches, {1500, 1500, Schedule::constant(2e-3)});
  trainer.train();
  auto distillation = distill(trainer, distillation_options(first_phase), 1, 0);
  double const before = idempotence(exec, distillation);
  Trainer second(exec, distillation, Adam{.beta1 = 0.9}, batches, {1500, 1500, Schedule::cosine(1e-3, 0, 1500)});
  second.step();
  auto const first_losses = distillation.losses(exec);
  distillation.reset_losses(exec);
  LastLosses last;
  second.train(last);
  double const after = idempotence(exec, distillation);
  BOOST_TEST_MESSAGE("idempotence " << before << " to " << after << "; gen " << first_losses.generation << " to " << last.losses.generation
                                    << "; rec " << first_losses.reconstruction << " to " << last.losses.reconstruction);
  BOOST_TEST(after < 0.75 * before);
  BOOST_TEST(last.losses.idempotence < first_losses.idempotence);
}

BOOST_AUTO_TEST_CASE(one_call_trains_both_phases_of_a_recipe) {
  Exec const exec;
  data::PointBatches<Exec> const batches(data::ring_mixture(), {.batch = 16});
  auto const recipe = recipe_of_phases();
  Idempotent policy(exec, recipe.net, point, recipe.first_phase_objective(6), 5);
  Trainer trainer(exec, policy, Ema{recipe.optimizer, 0.9}, batches, {6, 2, recipe.first_phase_schedule(6)});
  trainer.train();
  auto expected = distill(trainer, recipe.distillation_objective(), 5);
  Trainer second(exec, expected, recipe.distillation->optimizer, batches, {12, 2, recipe.distillation_schedule(12), {}, 6});
  second.train();

  TwoPhases reports;
  auto const f = train(exec, recipe, batches, {.steps = 12, .seed = 5, .report_every = 2}, reports);
  BOOST_TEST((copy(f.model().parameters()) == copy(expected.model().parameters())));
  BOOST_TEST((copy(f.model().statistics()) == copy(expected.model().statistics())));
  BOOST_TEST((reports.steps == std::vector<std::uint64_t>{2, 4, 6, 8, 10, 12}));
  BOOST_CHECK_EXCEPTION(train(exec, recipe, batches, {.steps = 0}), Error, [](Error const& e) { return e.id() == "ign.option.485"; });
}

BOOST_AUTO_TEST_CASE(a_run_that_ends_in_its_first_phase_returns_the_net_of_that_phase) {
  Exec const exec;
  data::PointBatches<Exec> const batches(data::ring_mixture(), {.batch = 16});
  auto recipe = recipe_of_phases();
  recipe.ema_decay = 0;
  Idempotent policy(exec, recipe.net, point, recipe.first_phase_objective(6), 5);
  Trainer trainer(exec, policy, recipe.optimizer, batches, {6, 2, recipe.first_phase_schedule(6)});
  for (int i = 0; i < 4; ++i) trainer.step();
  auto const stopped = train(exec, recipe, batches, {.steps = 12, .seed = 5}, StopAtStep{4});
  BOOST_TEST((copy(stopped.model().parameters()) == copy(policy.model().parameters())));
  for (int i = 0; i < 2; ++i) trainer.step();
  auto const at_the_end = train(exec, recipe, batches, {.steps = 12, .seed = 5}, StopAtStep{6});  // not a step of the second phase
  BOOST_TEST((copy(at_the_end.model().parameters()) == copy(policy.model().parameters())));
  recipe.distillation.reset();  // all steps in one phase
  auto const f = train(exec, recipe, batches, {.steps = 6, .seed = 5});
  BOOST_TEST((copy(f.model().parameters()) == copy(policy.model().parameters())));
}

// The second phase has a wider net, which begins as the same function: the recipe, the call by hand, and a resumed run.
BOOST_AUTO_TEST_CASE(a_recipe_may_widen_its_net) {
  Exec const exec;
  ign_test::Folder const folder;
  data::PointBatches<Exec> const batches(data::ring_mixture(), {.batch = 16});
  auto recipe = with_optimizer(recipe_of_phases(), Adam{.beta1 = 0.5}, Muon{});
  recipe.wide_net = WideNet<decltype(net())>{"wide points", net(64)};
  RunOptions const options = {.steps = 12, .seed = 5, .report_every = 2};
  Idempotent policy(exec, recipe.net, point, recipe.first_phase_objective(6), 5);
  Trainer trainer(exec, policy, Ema{recipe.optimizer, 0.9}, batches, {6, 2, recipe.first_phase_schedule(6)});
  trainer.train();
  auto expected = distill(trainer, net(64), recipe.distillation_objective(), 5);
  BOOST_TEST(expected.model().parameters().size() > 2 * policy.model().parameters().size());
  {
    auto same = distill(trainer, recipe.distillation_objective(), 5);
    auto const narrow = make_vector<float>(exec, "ign::test", 20), wide = make_vector<float>(exec, "ign::test", 20);
    same.generate(exec, Key{3, RandomStream::user}, 2, ign_test::as_tensor<float>(narrow, 10, point));
    expected.generate(exec, Key{3, RandomStream::user}, 2, ign_test::as_tensor<float>(wide, 10, point));
    exec.fence();
    for (std::size_t i = 0; i < 20; ++i) BOOST_TEST(std::abs(narrow(i) - wide(i)) < 1e-5);
  }
  Trainer second(exec, expected, recipe.distillation->optimizer, batches, {12, 2, recipe.distillation_schedule(12), {}, 6});
  second.train();
  auto const parameters = copy(expected.model().parameters());
  BOOST_TEST((copy(train(exec, recipe, batches, options).model().parameters()) == parameters));
  for (std::uint64_t const at : {3, 6, 9}) {
    io::CheckpointOptions const file = {.path = folder.path / std::to_string(at), .every = 1, .net = "points"};
    BOOST_CHECK_THROW(io::train_or_resume(exec, recipe, batches, options, file, ThrowAt{at}), std::runtime_error);
    BOOST_TEST((copy(io::train_or_resume(exec, recipe, batches, options, file).model().parameters()) == parameters), "killed after " << at);
    auto const json = io::read_recipe(io::read_safetensors(file.path));
    BOOST_TEST(json["net"] == "points");
    BOOST_TEST(io::second_phase_json(json)["net"] == "wide points");
  }
  // Refused before the first step.
  recipe.wide_net->net = net(31);
  BOOST_CHECK_EXCEPTION(train(exec, recipe, batches, options, ThrowAt{1}), Error, [](Error const& e) {
    return e.id() == "ign.shape.173" && std::string(e.what()).find("that of the second phase (wide points) must be") != std::string::npos;
  });
  recipe.wide_net->net = net(32);
  recipe.distillation.reset();
  BOOST_CHECK_EXCEPTION(train(exec, recipe, batches, options, ThrowAt{1}), Error,
                        [](Error const& e) { return e.id() == "ign.option.596"; });
}

// Batches in memory of their own, as those of a simulation.
struct OwnBatches {
  Tensor<float, Exec> memory = make_tensor<float>(Exec{}, "ign::test", 16, point);

  Shape shape() const { return point; }
  BatchOptions options() const { return {.batch = 16}; }
  std::uint64_t batches_per_epoch() const { return 1; }
  TensorRef<float, Exec> batch(Exec const&, std::uint64_t) const { return memory; }
};

BOOST_AUTO_TEST_CASE(a_recipe_trains_on_batches_of_a_simulation) {
  Exec const exec;
  OwnBatches const batches;
  fill_gaussian(exec, Key{3}, 1, VectorRef<float, Exec>(batches.memory.data(), batches.memory.size()));
  auto recipe = recipe_of_phases();
  recipe.distillation->first_step = 0;  // at least one step of the first phase, whose average is the teacher
  auto const f = train(exec, recipe, batches, {.steps = 4, .report_every = 1});
  for (float const parameter : copy(f.model().parameters())) BOOST_TEST(is_finite(parameter));
}

BOOST_AUTO_TEST_CASE(a_guard_watches_the_first_phase_of_a_recipe) {
  Exec const exec;
  std::vector<std::uint8_t> const bytes(64 * 2, 7);
  Batches<Exec> const batches(exec, bytes, 64, point, {.batch = 16});
  CollapseGuard<float, Exec> guard({.max_ratio = 1e-9, .grace = 0, .patience = 1});
  train(exec, recipe_of_phases(), batches, {.steps = 8, .report_every = 1}, guard);
  BOOST_TEST(guard.collapsed());  // at the first report, so that the second phase does not begin
  BOOST_TEST(guard.why().find("step 1") != std::string::npos, guard.why());
}

BOOST_AUTO_TEST_CASE(a_killed_run_continues_from_its_last_checkpoint) {
  Exec const exec;
  ign_test::Folder const folder;
  data::PointBatches<Exec> const batches(data::ring_mixture(), {.batch = 16});
  auto const recipe = recipe_of_phases();
  RunOptions const options = {.steps = 12, .seed = 5, .report_every = 2};
  auto const expected = copy(train(exec, recipe, batches, options).model().parameters());
  for (std::uint64_t const at : {1, 3, 6, 7, 9, 12}) {
    io::CheckpointOptions const file = {.path = folder.path / std::to_string(at), .every = 2, .net = "points"};
    BOOST_CHECK_THROW(io::train_or_resume(exec, recipe, batches, options, file, ThrowAt{at}), std::runtime_error);
    if (at == 1)
      BOOST_TEST(!std::filesystem::exists(file.path));
    else
      BOOST_TEST(io::steps_done(io::read_safetensors(file.path)) == at / 2 * 2);
    TwoPhases reports;
    auto const f = io::train_or_resume(exec, recipe, batches, options, file, reports);
    BOOST_TEST((copy(f.model().parameters()) == expected), "killed after step " << at);
    BOOST_TEST(reports.steps.size() == 6 - at / 2);
  }
  auto const complete = io::CheckpointOptions{.path = folder.path / "3", .net = "points"};
  BOOST_TEST((copy(io::train_or_resume(exec, recipe, batches, options, complete).model().parameters()) == expected));
  auto const refused = [&](RunOptions const& other, io::CheckpointOptions const& file) {
    BOOST_CHECK_EXCEPTION(io::train_or_resume(exec, recipe, batches, other, file), Error,
                          [](Error const& e) { return e.id() == "ign.format.62"; });
  };
  refused({.steps = 12, .seed = 6, .report_every = 2}, complete);
  refused({.steps = 14, .seed = 5, .report_every = 2}, complete);
  auto first_phase_only = recipe;
  first_phase_only.distillation.reset();
  BOOST_CHECK_EXCEPTION(io::train_or_resume(exec, first_phase_only, batches, options, complete), Error,
                        [](Error const& e) { return e.id() == "ign.format.62"; });
  refused(options, {.path = folder.path / "3", .net = "points", .fields = {{"data", "other"}}});
  data::PointBatches<Exec> const other_order(data::ring_mixture(), {.batch = 16, .seed = 2});
  BOOST_CHECK_EXCEPTION(io::train_or_resume(exec, recipe, other_order, options, complete), Error,
                        [](Error const& e) { return e.id() == "ign.format.62"; });
}

BOOST_AUTO_TEST_CASE(a_first_phase_is_resumed_by_a_recipe_with_the_same_phases_only) {
  Exec const exec;
  ign_test::Folder const folder;
  data::PointBatches<Exec> const batches(data::ring_mixture(), {.batch = 16});
  auto two = recipe_of_phases();
  two.final_learning_rate.reset();  // no other field follows from the second phase
  auto one = two;
  one.distillation.reset();
  RunOptions const options = {.steps = 12, .seed = 5, .report_every = 2};
  auto const refused = [&](auto const& began, auto const& resumed, std::string const& field) {
    io::CheckpointOptions const file = {.path = folder.path / field, .every = 2, .net = "points"};
    BOOST_CHECK_THROW(io::train_or_resume(exec, began, batches, options, file, ThrowAt{3}), std::runtime_error);
    BOOST_TEST(io::steps_done(io::read_safetensors(file.path)) == 2);
    BOOST_CHECK_EXCEPTION(io::train_or_resume(exec, resumed, batches, options, file), Error, [&](Error const& e) {
      BOOST_TEST_INFO(e.what());
      return e.id() == "ign.format.62" && std::string(e.what()).find("recipe field 'distillation" + field) != std::string::npos;
    });
    io::train_or_resume(exec, began, batches, options, file);
    BOOST_TEST(io::steps_done(io::read_safetensors(file.path)) == 12);
  };
  refused(two, one, "' is {");
  refused(one, two, "' is missing");
  auto longer = two;
  longer.distillation->generation = 3;
  refused(two, longer, ".generation' is 2.0, this run has 3.0");
}

BOOST_AUTO_TEST_SUITE_END()
