// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Properties of a training run: allocations, labels, bitwise identity for any number of threads and after a resume, descriptions in files.

#include <boost/test/unit_test.hpp>

#include <ign/ign.hpp>
#include <ign/io/checkpoint.hpp>
#include <ign/train/recipes.hpp>
#include <ign_test/batches.hpp>
#include <ign_test/kokkos_counter.hpp>
#include <ign_test/layer_check.hpp>

#include <cstring>
#include <filesystem>
#include <functional>
#include <limits>
#include <set>

#include <unistd.h>

using namespace ign;
using ign_test::Exec;
using ign_test::Folder;
using ign_test::KokkosCounter;
using ign_test::ProvidesBatch;

BOOST_AUTO_TEST_SUITE(training)

namespace {

std::vector<std::uint8_t> pixels() { return ign_test::scattered_bytes(64 * 28 * 28); }

// A small run that owns all its parts.
struct Run {
  using Net = decltype(mnist_small_net());
  Exec exec;
  Recipe<Net, Mse, Gaussian, Muon> recipe = mnist_small_recipe(mnist_small_net(), {32, 32, 1});
  Batches<Exec> batches;
  Idempotent<Net, float, Exec> policy;
  TrainerOptions options;
  Trainer<Idempotent<Net, float, Exec>, Muon, Batches<Exec>> trainer;
  nlohmann::ordered_json json;

  explicit Run(Exec const& e, SmoothingKind kind = SmoothingKind::none, Equilibrium const& equilibrium = {})
      : exec(e),
        batches(exec, pixels(), 64, {28, 28, 1}, {8, 1, {32, 32, 1}}),
        policy(exec, recipe.net, recipe.image, objective(kind, equilibrium), 5),
        options{12, 4, recipe.first_phase_schedule(12)},
        trainer(exec, policy, recipe.optimizer, batches, options),
        json(io::recipe_json(recipe, "mnist-small", 5, options)) {}

  IdempotentOptions<> objective(SmoothingKind kind, Equilibrium const& equilibrium) {
    recipe.objective.smoothing.kind = kind;
    recipe.objective.equilibrium = equilibrium;
    recipe.batch = 8;
    return recipe.objective;
  }
  std::vector<float> bits() const {
    exec.fence();
    std::vector<float> all;
    for (auto const& v : {policy.model().parameters(), policy.model().statistics(), trainer.optimizer_state()})
      all.insert(all.end(), v.data(), v.data() + v.size());
    return all;
  }
};

bool identical(std::vector<float> const& a, std::vector<float> const& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

struct CollectReports {
  std::vector<double> totals;
  void on_report(auto const&, Report const& report) { totals.push_back(report.total); }
};

struct NamedNoise : Gaussian {
  static constexpr char const* name = "named";
};

// In the midst of a report's steps.
struct StopAtSeven {
  bool on_step(auto const& trainer) { return trainer.steps_done() < 7; }
};

}  // namespace

BOOST_AUTO_TEST_CASE(no_allocation_after_the_first_step_and_all_labels_are_ours) {
  for (auto kind : smoothing_kinds) {
    KokkosCounter const counter;
    Run run(Exec{}, kind);
    KokkosCounter::counts.allocations = 0;
    run.trainer.step();
    BOOST_TEST(KokkosCounter::counts.allocations > 0);
    KokkosCounter::counts.allocations = 0;
    for (int i = 0; i < 3; ++i) run.trainer.step();
    BOOST_TEST(KokkosCounter::counts.allocations == 0);
  }
  for (auto const& label : KokkosCounter::bad_labels) BOOST_ERROR("label '" << label << "' does not start with ign::");
}

BOOST_AUTO_TEST_CASE(provided_batches_train_like_gathered_ones) {
  Run gathered(Exec{}), handed(Exec{});
  ProvidesBatch const batches = {handed.batches, make_tensor<float>(Exec{}, "ign::test::batch", 8, {32, 32, 1})};
  KokkosCounter const counter;
  KokkosCounter::counts.allocations = 0;
  Trainer trainer(Exec{}, handed.policy, handed.recipe.optimizer, batches, handed.options);
  BOOST_TEST(KokkosCounter::counts.allocations == 3);  // the optimizer's state and workspace: there is no tensor for a batch
  for (int i = 0; i < 3; ++i) {
    trainer.step();
    gathered.trainer.step();
  }
  Exec{}.fence();
  auto const &a = gathered.policy.model().parameters(), &b = handed.policy.model().parameters();
  BOOST_TEST(std::equal(a.data(), a.data() + a.size(), b.data()));
}

// The number of a GPU's threads cannot be chosen. More threads than processors share these.
BOOST_AUTO_TEST_CASE(bitwise_identical_with_1_3_16_and_64_threads, *boost::unit_test::precondition(ign_test::runs_on_host_threads)) {
  auto const bits_after_three_steps = [](Exec const& exec) {
    Run run(exec);
    for (int i = 0; i < 3; ++i) run.trainer.step();
    return run.bits();
  };
  Exec const one_thread = ign_test::one_thread();
  BOOST_TEST_REQUIRE(one_thread.concurrency() == 1);
  auto const one = bits_after_three_steps(one_thread);
  BOOST_TEST(identical(bits_after_three_steps(Exec{}), one));
  for (int threads : {3, 16, 64}) {
    Exec const exec = ign_test::with_threads(threads);
    BOOST_TEST_REQUIRE(ign_test::has_threads(exec, threads));
    BOOST_TEST(identical(bits_after_three_steps(exec), one), threads << " threads");
  }
}

BOOST_AUTO_TEST_CASE(a_resumed_run_is_bitwise_identical_to_an_uninterrupted_one) {
  for (Equilibrium const& equilibrium : {Equilibrium{}, Equilibrium{0.9, 1e-6, 0.05}}) {
    auto const fresh = [&] { return Run(Exec{}, SmoothingKind::none, equilibrium); };
    Folder const folder;
    auto const path = folder.path / "checkpoint.safetensors";
    CollectReports whole_reports, first_reports, second_reports;
    Run whole = fresh();
    whole.trainer.train(whole_reports);
    Run first = fresh();
    StopAtSeven stop;
    first.trainer.train(first_reports, io::Checkpoints(path, 0, first.json), stop);
    BOOST_TEST(first.trainer.steps_done() == 7u);
    Run second = fresh();
    io::resume(io::read_safetensors(path), second.trainer, second.json);
    BOOST_TEST(identical(first.bits(), second.bits()));
    second.trainer.train(second_reports);
    BOOST_TEST(identical(whole.bits(), second.bits()));
    first_reports.totals.insert(first_reports.totals.end(), second_reports.totals.begin(), second_reports.totals.end());
    BOOST_TEST(whole_reports.totals == first_reports.totals);
    BOOST_TEST((whole.policy.losses(whole.exec).w == second.policy.losses(second.exec).w));
  }
}

BOOST_AUTO_TEST_CASE(a_checkpoint_of_another_run_is_refused_and_nothing_changes) {
  Folder const folder;
  auto const path = folder.path / "checkpoint.safetensors";
  Run run(Exec{});
  run.trainer.step();
  io::write_checkpoint(path, run.trainer, run.json);
  Run other(Exec{});
  auto const before = other.bits();
  auto json = other.json;
  json["batch"] = 9;
  BOOST_CHECK_EXCEPTION(io::resume(io::read_safetensors(path), other.trainer, json), Error, [](Error const& e) {
    return e.id() == "ign.format.62" && std::string(e.what()).find("'batch' is 8, this run has 9") != std::string::npos;
  });
  Model<decltype(mnist_small_net(sequential())), float, Exec> const other_net(Exec{}, mnist_small_net(sequential()), {32, 32, 1}, 1);
  BOOST_CHECK_THROW(io::read_model(io::read_safetensors(path), other_net), Error);
  BOOST_TEST(identical(before, other.bits()));
}

BOOST_AUTO_TEST_CASE(files_and_recipes_have_every_option_of_the_objective) {
  auto const recipe = mnist_small_recipe(mnist_small_net(), {32, 32, 1});
  TrainerOptions const options{12, 4, recipe.first_phase_schedule(12)};
  // Structured bindings: a new option fails to compile here until the list below changes it.
  [[maybe_unused]] auto const& [distance, source, reconstruction, idempotence, tightness, smoothing, equilibrium, precision,
                                mismatched_share] = recipe.objective;
  auto const json_of = [&](auto const& of) { return io::recipe_json(of, "mnist-small", 5, options); };
  auto const changed_fields = [&](auto const& of) {
    std::set<std::string> fields;
    auto const json = json_of(of), plain = json_of(recipe);
    for (auto const& [name, value] : json.items())
      if (!plain.contains(name) || plain[name] != value) fields.insert(name);
    return fields;
  };
  using Fields = std::set<std::string>;
  auto const other_distance = with_distance(recipe, BinaryCrossEntropy{});
  BOOST_TEST((changed_fields(other_distance) == Fields{"distance"}));
  BOOST_TEST((changed_fields(with_source(recipe, NamedNoise{})) == Fields{"source"}));
  std::vector<std::pair<std::string, std::function<void(IdempotentOptions<>&)>>> const changes = {
      {"reconstruction", [](auto& o) { o.reconstruction = Schedule::constant(7); }},
      {"idempotence", [](auto& o) { o.idempotence = Schedule::constant(7); }},
      {"tightness", [](auto& o) { o.tightness = Schedule::constant(7); }},
      {"smoothing", [](auto& o) { o.smoothing.floor = 7; }},
      {"equilibrium", [](auto& o) { o.equilibrium.ratio = 7; }},
      {"precision", [](auto& o) { o.precision = Precision::tf32; }},
      {"mismatched_share", [](auto& o) { o.mismatched_share = 0.5; }}};
  for (auto const& [field, change] : changes) {
    auto other = recipe;
    change(other.objective);
    BOOST_TEST((changed_fields(other) == Fields{field}), field);
    BOOST_TEST(json_of(with_source(other, Gaussian{})) == json_of(other), field);
    BOOST_TEST(json_of(with_distance(other, Mse{})) == json_of(other), field);
  }
}

BOOST_AUTO_TEST_CASE(optimizers_around_others_describe_themselves_in_any_order) {
  auto const ema_within = io::optimizer_json(Clip(Exec{}, Ema(Adam{}), 2.0)),
             clip_within = io::optimizer_json(Ema(Clip(Exec{}, Sgd{}, 2.0)));
  BOOST_TEST(ema_within.at("of").at("of").at("name") == "adam");
  BOOST_TEST(clip_within.at("of").at("of").at("name") == "sgd");
}

// Resuming compares these fields, and a run's name is a hash of their text.
BOOST_AUTO_TEST_CASE(the_json_of_an_optimizer_is_fixed_to_the_byte) {
  BOOST_TEST(io::optimizer_json(Adam{.beta1 = 0.5}).dump() ==
             R"({"name":"adam","beta1":0.5,"beta2":0.999,"epsilon":1e-08,"weight_decay":0.0})");
  BOOST_TEST(io::optimizer_json(Clip(Exec{}, Ema{Sgd{.nesterov = true}, 0.25}, 2.0)).dump() ==
             R"({"name":"clip","max_norm":2.0,"of":{"name":"ema","decay":0.25,"debias":true,)"
             R"("of":{"name":"sgd","momentum":0.0,"weight_decay":0.0,"nesterov":true}}})");
}

BOOST_AUTO_TEST_CASE(nan_ends_training_with_an_error_and_writes_nothing) {
  ign_test::AllowNan const allow;
  Folder const folder;
  auto const path = folder.path / "checkpoint.safetensors";
  Run run(Exec{});
  run.policy.model().parameters()(0) = std::numeric_limits<float>::quiet_NaN();
  BOOST_CHECK_EXCEPTION(run.trainer.train(io::Checkpoints(path, 0, run.json)), Error,
                        [](Error const& e) { return e.id() == "ign.numeric.90"; });
  BOOST_TEST(!std::filesystem::exists(path));
}

BOOST_AUTO_TEST_CASE(a_checkpoint_of_numbers_that_are_not_finite_is_not_written) {
  ign_test::AllowNan const allow;
  Folder const folder;
  auto const path = folder.path / "checkpoint.safetensors";
  Run run(Exec{});
  run.trainer.step();
  io::write_checkpoint(path, run.trainer, run.json);
  auto const kept = io::read_file(path);
  auto const& model = run.policy.model();
  for (auto const& numbers : {model.parameters(), model.statistics(), run.trainer.optimizer_state()}) {
    float const good = numbers(0);
    numbers(0) = std::numeric_limits<float>::infinity();
    BOOST_CHECK_EXCEPTION(io::write_checkpoint(path, run.trainer, run.json), Error, [&](Error const& e) {
      return e.id() == "ign.numeric.91" && std::string(e.what()).find(path.string()) != std::string::npos;
    });
    BOOST_TEST((io::read_file(path) == kept));
    numbers(0) = good;
  }
  BOOST_CHECK_NO_THROW(io::write_checkpoint(path, run.trainer, run.json));
}

BOOST_AUTO_TEST_CASE(the_last_checkpoint_is_written_once) {
  Folder const folder;
  auto const path = folder.path / "checkpoint.safetensors";
  struct RemovedAtTheEnd {  // between the checkpoint of the last step and the end
    std::filesystem::path path;
    bool on_step(decltype(Run::trainer) const& trainer) const {
      if (trainer.steps_done() == trainer.options().steps) std::filesystem::remove(path);
      return true;
    }
  };
  for (std::uint64_t every : {1, 5}) {
    Run run(Exec{});
    bool const last = run.trainer.options().steps % every == 0;
    run.trainer.train(io::Checkpoints(path, every, run.json), RemovedAtTheEnd{path});
    BOOST_TEST(std::filesystem::exists(path) == !last);
  }
}

BOOST_AUTO_TEST_CASE(an_epoch_has_every_image_once) {
  Exec const exec;
  std::vector<std::uint8_t> bytes(60);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i);
  Batches<Exec> const batches(exec, bytes, 60, {1, 1, 1}, {7, 3});
  auto const x = ign_test::random_vector<float>(7, 1);
  for (std::uint64_t epoch = 0; epoch < 3; ++epoch) {
    std::set<int> seen;
    for (std::uint64_t b = 0; b < batches.batches_per_epoch(); ++b) {
      batches.gather(exec, epoch * batches.batches_per_epoch() + b, ign_test::as_tensor<float>(x, 7, {1, 1, 1}));
      exec.fence();
      for (std::size_t n = 0; n < 7; ++n) seen.insert(static_cast<int>(std::lround((x(n) + 1) * 127.5f)));
    }
    BOOST_TEST(seen.size() == 56u);
  }
}

BOOST_AUTO_TEST_CASE(half_of_the_samples_are_flipped) {
  Exec const exec;
  constexpr int count = 40, batch = 20;
  Shape const image = {2, 3, 2}, padded = {4, 5, 2};
  std::vector<std::uint8_t> bytes(count * image.size());
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<std::uint8_t>(i / image.size() + 40 * (i % image.size() / 2 % 3) + 120 * (i % 2));
  Batches<Exec> const batches(exec, bytes, count, image, {batch, 3, padded, {}, true}),
      plain(exec, bytes, count, image, {batch, 3, padded}), again(exec, bytes, count, image, {batch, 3, padded, {}, true}),
      odd(exec, bytes, count, image, {batch / 2, 3, padded, {1, 2}, true});
  auto const numbers = [&](Batches<Exec> const& of, std::uint64_t step) {
    auto const x = ign_test::random_vector<float>(static_cast<std::size_t>(of.options().batch) * padded.size(), 1);
    of.gather(exec, step, ign_test::as_tensor<float>(x, of.options().batch, padded));
    exec.fence();
    return std::vector<float>(x.data(), x.data() + x.size());
  };
  std::set<std::vector<bool>> patterns;  // of an image over the epochs
  std::vector<std::vector<bool>> flips(count);
  for (std::uint64_t step = 0; step < 8; ++step) {
    auto const x = numbers(batches, step), straight = numbers(plain, step), share = numbers(odd, step);
    int flipped = 0;
    for (std::size_t n = 0; n < batch; ++n) {
      bool same = true, mirrored = true;
      for (std::size_t i = 0; i < padded.size(); ++i) {
        std::size_t const y = i / 10, column = i / 2 % 5, c = i % 2, at = n * padded.size();
        same = same && x[at + i] == straight[at + i];
        mirrored = mirrored && x[at + i] == straight[at + (y * 5 + 4 - column) * 2 + c];
      }
      BOOST_TEST(same != mirrored);
      flipped += mirrored ? 1 : 0;
      auto const first = straight[n * padded.size() + 12];  // the first pixel of the image
      flips[static_cast<std::size_t>(std::lround((first + 1) * 127.5f))].push_back(mirrored);
    }
    BOOST_TEST((flipped >= 3 && flipped <= 17), flipped << " of " << batch);
    BOOST_TEST((numbers(again, step) == x));     // as after a resume
    for (std::size_t n = 0; n < batch / 2; ++n)  // rank 1 of 2 has every second sample
      BOOST_TEST(std::equal(share.begin() + static_cast<std::ptrdiff_t>(n * padded.size()),
                            share.begin() + static_cast<std::ptrdiff_t>((n + 1) * padded.size()),
                            x.begin() + static_cast<std::ptrdiff_t>((2 * n + 1) * padded.size())));
  }
  for (auto const& flip : flips) patterns.insert(flip);
  BOOST_TEST(patterns.size() > 5u);
  auto const x = ign_test::random_vector<float>(count * padded.size(), 1), y = ign_test::random_vector<float>(count * padded.size(), 2);
  batches.gather_range(exec, 0, ign_test::as_tensor<float>(x, count, padded));
  plain.gather_range(exec, 0, ign_test::as_tensor<float>(y, count, padded));
  exec.fence();
  for (std::size_t i = 0; i < x.size(); ++i) BOOST_TEST(x(i) == y(i));
}

BOOST_AUTO_TEST_CASE(images_are_padded_in_the_middle) {
  Exec const exec;
  std::vector<std::uint8_t> const bytes = {255, 128, 0, 255};
  Batches<Exec> const batches(exec, bytes, 1, {2, 2, 1}, {1, 1, {4, 4, 1}});
  auto const x = ign_test::random_vector<float>(16, 1);
  batches.gather_range(exec, 0, ign_test::as_tensor<float>(x, 1, {4, 4, 1}));
  exec.fence();
  for (std::size_t i = 0; i < 16; ++i) {
    float const expected = i == 5 || i == 10 ? 1.0f : i == 6 ? 128 / 127.5f - 1 : -1.0f;
    BOOST_TEST(x(i) == expected);
  }
}

BOOST_AUTO_TEST_SUITE_END()
