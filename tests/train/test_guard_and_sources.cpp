// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Runs with spectral noise, clipped gradients and averaged weights: allocations, threads, resume; and the collapse guard.

#include <boost/test/unit_test.hpp>

#include <ign/ign.hpp>
#include <ign/io/checkpoint.hpp>
#include <ign/train/averaged_weights.hpp>
#include <ign_test/batches.hpp>
#include <ign_test/layer_check.hpp>

#include <cstring>
#include <filesystem>
#include <limits>

#include <unistd.h>

using namespace ign;
using ign_test::Exec;

BOOST_AUTO_TEST_SUITE(guard_and_sources)

namespace {

int allocations = 0;
void allocate(Kokkos_Profiling_SpaceHandle, char const*, void const*, std::uint64_t) { ++allocations; }

std::vector<std::uint8_t> pixels() { return ign_test::scattered_bytes(64 * 28 * 28); }

// A small run that owns all its parts.
struct Run {
  using Net = decltype(mnist_small_net());
  using Source = Spectral<float, Exec>;
  using Optimizer = Ema<Clip<Adam, Exec>>;
  using Policy = Idempotent<Net, float, Exec, Mse, Source>;
  Exec exec;
  Batches<Exec> batches;
  Recipe<Net, Mse, Source> recipe;
  Policy policy;
  Optimizer optimizer;
  TrainerOptions options;
  Trainer<Policy, Optimizer, Batches<Exec>> trainer;
  nlohmann::ordered_json json;

  explicit Run(Exec const& e, SpectralOptions const& spectral = {}, bool gather = true)
      : exec(e),
        batches(exec, pixels(), 64, {28, 28, 1}, {8, 1, {32, 32, 1}}),
        recipe(with_source(mnist_small_adam_recipe(mnist_small_net(), {32, 32, 1}), Source(exec, {32, 32, 1}, spectral))),
        policy(exec, recipe.net, recipe.image, recipe.objective, 5),
        optimizer{Clip(exec, recipe.optimizer, 0.1), 0.9},
        options{12, 4, recipe.first_phase_schedule(12)},
        trainer(exec, policy, optimizer, batches, options),
        json(io::recipe_json(recipe, "mnist-small", 5, options, optimizer)) {
    if (gather && !spectral.per_batch) gather_statistics(exec, recipe.objective.source, batches);
  }
  std::vector<float> bits() const {
    exec.fence();
    std::vector<float> all;
    for (auto const& v :
         {policy.model().parameters(), policy.model().statistics(), trainer.optimizer_state(), policy.options().source.state()})
      all.insert(all.end(), v.data(), v.data() + v.size());
    return all;
  }
  std::vector<float> generated() {
    auto const z = make_tensor<float>(exec, "ign::test", 3, recipe.image);
    policy.generate(exec, Key{3, RandomStream::user}, 1, TensorRef<float, Exec>(z));
    exec.fence();
    return std::vector<float>(z.data(), z.data() + z.size());
  }
};

bool identical(std::vector<float> const& a, std::vector<float> const& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

struct StopAtSeven {
  bool on_step(auto const& trainer) { return trainer.steps_done() < 7; }
};

struct Folder {
  std::filesystem::path path = std::filesystem::temp_directory_path() / ("ign_test_sources_" + std::to_string(::getpid()));
  Folder() { std::filesystem::create_directories(path); }
  ~Folder() { std::filesystem::remove_all(path); }
};

Report report(std::uint64_t step, double reconstruction, double idempotence) {
  return {step, 1000, 1, {{"rec", reconstruction}, {"idem", idempotence}}, reconstruction + idempotence, 1e-4, 1, 1, 1};
}

// Sound reports until the guard checks.
CollapseGuard<float, Exec> warmed_up(CollapseOptions const& options = {}) {
  CollapseGuard<float, Exec> guard(options);
  for (std::uint64_t i = 1; i <= 8; ++i) guard.check(report(50 * i, 0.04, 0.03), 0.8, 0.5);
  BOOST_TEST_REQUIRE(guard.healthy());
  return guard;
}

bool says(CollapseGuard<float, Exec> const& guard, char const* text) { return guard.why().find(text) != std::string::npos; }

}  // namespace

BOOST_AUTO_TEST_CASE(no_allocation_after_the_first_step) {
  for (bool per_batch : {false, true}) {
    Run run(Exec{}, {.per_batch = per_batch});
    run.trainer.step();
    Kokkos::Tools::Experimental::set_allocate_data_callback(allocate);
    allocations = 0;
    for (int i = 0; i < 3; ++i) run.trainer.step();
    Kokkos::Tools::Experimental::set_allocate_data_callback(nullptr);
    BOOST_TEST(allocations == 0);
  }
}

BOOST_AUTO_TEST_CASE(bitwise_identical_with_one_thread_and_with_all) {
  for (bool per_batch : {false, true}) {
    Run all(Exec{}, {.per_batch = per_batch});
    BOOST_TEST_REQUIRE(ign_test::as_parallel_as_can_be(all.exec));
    Run one(ign_test::one_thread(), {.per_batch = per_batch});
    for (int i = 0; i < 3; ++i) {
      all.trainer.step();
      one.trainer.step();
    }
    BOOST_TEST(identical(all.bits(), one.bits()));
  }
}

BOOST_AUTO_TEST_CASE(a_resumed_run_is_bitwise_identical_to_an_uninterrupted_one_and_needs_no_statistics_of_its_own) {
  Folder const folder;
  auto const path = folder.path / "checkpoint.safetensors";
  for (SpectralOptions const options : {SpectralOptions{}, {.hermitian = true}, {.per_batch = true}}) {
    Run whole(Exec{}, options), first(Exec{}, options), second(Exec{}, options, false);
    whole.trainer.train();
    StopAtSeven stop;
    first.trainer.train(io::Checkpoints(path, 0, first.json), stop);
    BOOST_TEST_REQUIRE(first.trainer.steps_done() == 7u);
    io::resume(io::read_safetensors(path), second.trainer, second.json);
    BOOST_TEST(identical(first.bits(), second.bits()));
    BOOST_TEST(identical(first.generated(), second.generated()));
    second.trainer.train();
    BOOST_TEST(identical(whole.bits(), second.bits()));
  }
}

BOOST_AUTO_TEST_CASE(a_checkpoint_is_enough_to_generate_with_either_weights) {
  Folder const folder;
  auto const path = folder.path / "checkpoint.safetensors";
  Run run(Exec{});
  for (int i = 0; i < 4; ++i) run.trainer.step();
  io::write_checkpoint(path, run.trainer, run.json);
  auto const file = io::read_safetensors(path);
  auto const shape = file.at("source.std_imag").shape;
  BOOST_TEST((shape == std::vector<std::uint64_t>{1, 32, 17}));
  Run reader(Exec{}, {}, false);
  io::read_source(file, reader.recipe.objective.source);
  io::read_model(file, reader.policy.model());
  BOOST_TEST(identical(run.generated(), reader.generated()));
  io::read_model(file, reader.policy.model(), "", "optimizer.ema.");
  std::vector<float> averaged;
  {
    AveragedWeights const weights(run.trainer, 0);
    averaged = run.generated();
  }
  BOOST_TEST(identical(averaged, reader.generated()));
  BOOST_TEST(!identical(averaged, run.generated()));
}

BOOST_AUTO_TEST_CASE(a_model_file_has_the_averaged_weights_their_statistics_the_noise_and_the_recipe) {
  Folder const folder;
  auto const path = folder.path / "model.safetensors";
  Run run(Exec{});
  for (int i = 0; i < 4; ++i) run.trainer.step();
  std::vector<float> averaged;
  {
    AveragedWeights const weights(run.trainer);
    io::write_model(Exec{}, path, run.policy.model(), run.recipe.objective.source, run.json);
    averaged = run.generated();
  }
  auto const file = io::read_safetensors(path);
  BOOST_TEST((io::read_recipe(file) == run.json));
  Run reader(Exec{}, {}, false);
  io::read_source(file, reader.recipe.objective.source);
  io::read_model(file, reader.policy.model());
  BOOST_TEST(identical(averaged, reader.generated()));
  // No run goes on with it, with or without the recipe of its run.
  auto const refused = [&](io::SafeTensorsFile const& model) {
    BOOST_CHECK_EXCEPTION(io::resume(model, reader.trainer, reader.json), Error, [](Error const& error) {
      std::string const text = error.what();
      return error.id() == "ign.format.400" && text.find("model.safetensors: is a model") != std::string::npos &&
             text.find("train --from") != std::string::npos && text.find("read_model") != std::string::npos;
    });
  };
  refused(file);
  io::write_model(Exec{}, path, run.policy.model());
  refused(io::read_safetensors(path));
}

BOOST_AUTO_TEST_CASE(a_run_goes_on_with_its_own_numbers_only) {
  Folder const folder;
  auto const path = folder.path / "checkpoint.safetensors";
  Run run(Exec{});
  run.trainer.step();
  io::write_checkpoint(path, run.trainer, run.json);
  auto const file = io::read_safetensors(path);
  auto const name = file.tensors().begin()->first;
  auto const halves = std::vector<std::uint16_t>(file.values<float>(name).size());
  std::vector<io::SafeTensorEntry> entries;
  for (auto const& [other, tensor] : file.tensors()) entries.push_back({other, tensor});
  entries.front().tensor = {io::DType::bf16, file.at(name).shape, std::as_bytes(std::span(halves)), {}};
  io::write_safetensors(folder.path / "halves.safetensors", entries, {file.metadata().begin(), file.metadata().end()});
  Run second(Exec{});
  auto const untouched = second.bits();
  BOOST_CHECK_EXCEPTION(
      io::resume(io::read_safetensors(folder.path / "halves.safetensors"), second.trainer, second.json), Error,
      [](Error const& e) { return e.id() == "ign.format.26" && std::string(e.what()).find("BF16") != std::string::npos; });
  BOOST_TEST(identical(untouched, second.bits()));
}

BOOST_AUTO_TEST_CASE(a_checkpoint_of_other_noise_is_refused_and_nothing_changes) {
  Folder const folder;
  auto const path = folder.path / "checkpoint.safetensors";
  Run run(Exec{}), other(Exec{}, {.hermitian = true});
  run.trainer.step();
  io::write_checkpoint(path, run.trainer, run.json);
  auto const before = other.bits();
  BOOST_CHECK_EXCEPTION(io::resume(io::read_safetensors(path), other.trainer, other.json), Error, [](Error const& e) {
    return e.id() == "ign.format.62" && std::string(e.what()).find("'source' is \"spectral\"") != std::string::npos;
  });
  // Numbers that are no statistics.
  auto const numbers = run.policy.options().source.state();
  numbers(numbers.size() - 1) = -1;
  io::write_checkpoint(path, run.trainer, run.json);
  Run fresh(Exec{});
  auto const untouched = fresh.bits();
  BOOST_CHECK_EXCEPTION(io::resume(io::read_safetensors(path), fresh.trainer, fresh.json), Error,
                        [](Error const& e) { return e.id() == "ign.format.250"; });
  BOOST_TEST(identical(before, other.bits()));
  BOOST_TEST(identical(untouched, fresh.bits()));
}

BOOST_AUTO_TEST_CASE(averaged_weights_come_and_go_without_a_trace) {
  for (bool per_batch : {false, true}) {
    Run visited(Exec{}, {.per_batch = per_batch}), plain(Exec{}, {.per_batch = per_batch});
    BOOST_CHECK_EXCEPTION(AveragedWeights(visited.trainer), Error, [](Error const& e) { return e.id() == "ign.state.252"; });
    for (int i = 0; i < 3; ++i) {
      visited.trainer.step();
      plain.trainer.step();
    }
    auto const before = visited.bits();
    {
      AveragedWeights const averaged(visited.trainer, 3);
      auto const inside = visited.bits();
      BOOST_TEST(!identical(before, inside));
      std::size_t const n = visited.policy.model().parameters().size();
      auto const state = visited.trainer.optimizer_state();
      BOOST_TEST(std::memcmp(before.data() + before.size() - visited.policy.options().source.state().size() - n, inside.data(),
                             n * sizeof(float)) == 0);  // the average was the last slot
    }
    BOOST_TEST(identical(before, visited.bits()));
    visited.trainer.step();
    plain.trainer.step();
    BOOST_TEST(identical(plain.bits(), visited.bits()));
    BOOST_TEST(visited.policy.losses(visited.exec).total == plain.policy.losses(plain.exec).total);
  }
}

BOOST_AUTO_TEST_CASE(statistics_of_averaged_weights_are_means_over_batches) {
  Run visited(Exec{}), byhand(Exec{});
  for (int i = 0; i < 3; ++i) {
    visited.trainer.step();
    byhand.trainer.step();
  }
  using Numbers = VectorRef<float, Exec>;
  swap_average(byhand.exec, byhand.optimizer, Numbers(byhand.policy.model().parameters()), Numbers(byhand.trainer.optimizer_state()));
  auto const& statistics = byhand.policy.model().statistics();
  auto const x = make_tensor<float>(byhand.exec, "ign::test", 8, {32, 32, 1});
  std::vector<double> mean(statistics.size());
  for (std::uint64_t i = 0; i < 10; ++i) {
    byhand.batches.gather(byhand.exec, i, TensorRef<float, Exec>(x));
    byhand.policy.gradients(byhand.exec, TensorRef<float, Exec>(x), i);
    byhand.exec.fence();
    for (std::size_t k = 0; k < mean.size() && i >= 2; ++k) mean[k] += statistics(k) / 8;
  }
  AveragedWeights const averaged(visited.trainer, 10);
  visited.exec.fence();
  auto const& measured = visited.policy.model().statistics();
  double difference = 0, from_last = 0;
  for (std::size_t k = 0; k < mean.size(); ++k) {
    difference = std::max(difference, std::abs(measured(k) - mean[k]) / (1e-3 + std::abs(mean[k])));
    from_last = std::max(from_last, std::abs(measured(k) - double{statistics(k)}) / (1e-3 + std::abs(mean[k])));
  }
  BOOST_TEST(difference < 1e-4);
  BOOST_TEST(from_last > 1e-2);
}

BOOST_AUTO_TEST_CASE(the_guard_lets_a_sound_run_be) {
  auto guard = warmed_up();
  // As in training: idempotence rises and falls, and may be somewhat above the reconstruction.
  for (std::uint64_t i = 9; i < 60; ++i) guard.check(report(50 * i, 0.03, 0.03 + 0.02 * std::sin(0.5 * static_cast<double>(i))), 0.5, 0.5);
  BOOST_TEST(guard.healthy());
  BOOST_TEST(guard.why() == "");
  // A single bad report is forgiven, but no time for a checkpoint.
  guard.check(report(3000, 0.04, 1), 0.5, 0.5);
  BOOST_TEST(!guard.healthy());
  BOOST_TEST(!guard.collapsed());
  BOOST_TEST(guard.on_step(0));
  guard.check(report(3050, 0.04, 0.03), 0.5, 0.5);
  BOOST_TEST(guard.healthy());
  guard.check(report(3100, 0.04, 1), 0.5, 0.5);
  BOOST_TEST(!guard.collapsed());
}

BOOST_AUTO_TEST_CASE(the_guard_sees_an_idempotence_beyond_the_reconstruction) {
  auto guard = warmed_up({.growth = 1e9});
  guard.check(report(450, 0.044, 0.131), 0.5, 0.5);
  BOOST_TEST(guard.healthy());
  guard.check(report(500, 0.044, 0.9), 0.5, 0.5);
  guard.check(report(550, 0.044, 1.0), 0.5, 0.5);
  BOOST_TEST(guard.collapsed());
  BOOST_TEST(!guard.on_step(0));
  BOOST_TEST(guard.why() ==
             "collapse at step 550: idempotence 1 is above 3 times the reconstruction 0.044, since the report at step 500; "
             "start a new run from the weights of the last checkpoint before it with a tightness weight below 0.5, or with a closer bound "
             "(Smoothing)");
  guard.check(report(600, 0.04, 0.03), 0.5, 0.5);
  BOOST_TEST(guard.collapsed());  // it stays
}

BOOST_AUTO_TEST_CASE(the_guard_sees_an_idempotence_above_its_level) {
  auto guard = warmed_up({.max_ratio = 1e9});
  for (std::uint64_t i = 0; i < 2; ++i) guard.check(report(450 + 50 * i, 0.1, 0.149), 0.5, 0.5);
  BOOST_TEST(guard.healthy());  // just below five times
  auto other = warmed_up({.max_ratio = 1e9});
  for (std::uint64_t i = 0; i < 2; ++i) other.check(report(450 + 50 * i, 0.1, 0.151), 0.5, 0.5);
  BOOST_TEST(says(other, "above 5 times its level 0.03"));
  auto below = warmed_up({.max_ratio = 1e9});
  for (std::uint64_t i = 0; i < 2; ++i) below.check(report(450 + 50 * i, 0.2, 0.151), 0.5, 0.5);
  BOOST_TEST(below.healthy());  // not above the reconstruction
}

BOOST_AUTO_TEST_CASE(the_guard_sees_images_that_are_all_alike) {
  auto guard = warmed_up();
  guard.check(report(450, 0.04, 0.03), 0.021, 0.5);
  BOOST_TEST(guard.healthy());
  guard.check(report(500, 0.04, 0.03), 0.019, 0.5);
  guard.check(report(550, 0.04, 0.03), 0.001, 0.5);
  BOOST_TEST(says(guard, "all f(z) are alike"));
  // A net that has not learnt yet maps all z to nearly one image: no collapse, however long it takes.
  CollapseGuard<float, Exec> early;
  for (std::uint64_t i = 1; i <= 50; ++i) early.check(report(50 * i, 0.2, 0.002), 1e-4, 0.5);
  BOOST_TEST(early.healthy());
  early.check(report(2550, 0.2, 0.002), 0.03, 0.5);
  for (std::uint64_t i = 0; i < 2; ++i) early.check(report(2600 + 50 * i, 0.2, 0.002), 1e-4, 0.5);
  BOOST_TEST(early.collapsed());
}

BOOST_AUTO_TEST_CASE(the_guard_waits_at_the_beginning_but_not_for_what_is_not_finite) {
  CollapseGuard<float, Exec> guard;
  for (std::uint64_t i = 1; i <= 5; ++i) guard.check(report(i, 0.1, 10), 0, 0.5);
  BOOST_TEST(guard.healthy());
  guard.check(report(6, std::numeric_limits<double>::infinity(), 0.1), 1, 0.5);
  BOOST_TEST(says(guard, "not finite"));
  CollapseGuard<float, Exec> early;
  early.check(report(1, 0.1, std::numeric_limits<double>::quiet_NaN()), 1, 0.5);
  BOOST_TEST(says(early, "collapse at step 1: losses or images are not finite"));
}

BOOST_AUTO_TEST_CASE(impossible_options_of_the_guard_are_refused) {
  auto const id = [](Error const& e) { return e.id() == "ign.option.252"; };
  for (CollapseOptions const& bad :
       {CollapseOptions{.max_ratio = 0}, {.growth = 1}, {.spread = -1}, {.samples = 1}, {.grace = -1}, {.patience = 0}})
    BOOST_CHECK_EXCEPTION((CollapseGuard<float, Exec>(bad)), Error, id);
}

BOOST_AUTO_TEST_CASE(a_guarded_run_is_bitwise_identical_to_one_without_and_a_collapsed_one_leaves_the_last_good_checkpoint) {
  Folder const folder;
  auto const path = folder.path / "checkpoint.safetensors";
  Run plain(Exec{}), guarded(Exec{});
  CollapseGuard<float, Exec> patient({.grace = 1000});
  plain.trainer.train();
  guarded.trainer.train(patient);
  BOOST_TEST(identical(plain.bits(), guarded.bits()));
  Run collapsing(Exec{});
  CollapseGuard<float, Exec> guard({.max_ratio = 1e-9, .spread = 0, .grace = 1});
  collapsing.trainer.train(guard, io::Checkpoints(path, 1, collapsing.json, [&] { return guard.healthy(); }));
  BOOST_TEST(says(guard, "collapse at step 12: idempotence"));
  auto const file = io::read_safetensors(path);
  BOOST_TEST(file.metadata().at("step") == "7");  // the first bad report is that of step 8
}

BOOST_AUTO_TEST_SUITE_END()
