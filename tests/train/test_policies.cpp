// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Every policy under the trainer: allocations, bitwise identity for any number of threads and after a resume, and what they learn of a toy.

#include <boost/test/unit_test.hpp>

#include <ign/data/toy.hpp>
#include <ign/ign.hpp>
#include <ign/io/checkpoint.hpp>
#include <ign/nets/features.hpp>
#include <ign/train/progress.hpp>
#include <ign_test/batches.hpp>
#include <ign_test/kokkos_counter.hpp>
#include <ign_test/layer_check.hpp>

#include <cstring>

using namespace ign;
using ign_test::Exec;
using ign_test::Folder;
using ign_test::KokkosCounter;

BOOST_AUTO_TEST_SUITE(policies)

namespace {

std::vector<std::uint8_t> pixels() { return ign_test::scattered_bytes(64 * 28 * 28); }

struct MakeImle {
  auto operator()(Exec const& exec) const { return Imle(exec, mnist_small_net(), {32, 32, 1}, {.pool = 3}, 5); }
};
struct MakeGan {
  auto operator()(Exec const& exec) const {
    auto const options = mnist_small_options();
    return Gan(exec, dcgan_generator(options), dcgan_discriminator(options, MinibatchStddev{}), {1, 1, 64}, {32, 32, 1}, {}, 5);
  }
};

struct MakeDistillation {
  auto operator()(Exec const& exec) const {
    Model<decltype(mnist_small_net()), float, Exec> const teacher(exec, mnist_small_net(), {32, 32, 1}, 3);
    return Distillation(exec, teacher, DistillationOptions<>{}, 5);
  }
};
// The same run before it is resumed: its teacher is another one, until the checkpoint's is read.
struct MakeUntaught {
  auto operator()(Exec const& exec) const { return Distillation(exec, mnist_small_net(), {32, 32, 1}, DistillationOptions<>{}, 5); }
};
// Behind an encoder whose noise follows from the step.
struct MakeReconstruction {
  auto operator()(Exec const& exec) const {
    auto const options = mnist_small_options();
    auto const net = sequential(dcgan_encoder(options), Tanh{}, GaussianNoise{0.1}, dcgan_generator(options));
    return Reconstruction(exec, net, {32, 32, 1}, ReconstructionOptions<Mse, CorruptionMixture>{}, 5);
  }
};

// Two copies would share the memory of their passes. `distill` and `train` return a policy by value.
template <class T>
constexpr bool only_moves_v =
    !std::is_copy_constructible_v<T> && !std::is_copy_assignable_v<T> && std::is_move_constructible_v<T> && std::is_move_assignable_v<T>;
using SmallNet = decltype(mnist_small_net());
static_assert(only_moves_v<Frozen<SmallNet, float, Exec>> && only_moves_v<FrozenProjector<SmallNet, float, Exec>> &&
              only_moves_v<ModelWithWorkspace<SmallNet, float, Exec>> && only_moves_v<FeatureNet<float, Exec>>);
static_assert(only_moves_v<Idempotent<SmallNet, float, Exec>> && only_moves_v<Distillation<SmallNet, float, Exec>> &&
              only_moves_v<Imle<SmallNet, float, Exec>> && only_moves_v<Classification<SmallNet, float, Exec>> &&
              only_moves_v<decltype(MakeGan{}(Exec{}))> && only_moves_v<decltype(MakeReconstruction{}(Exec{}))>);
static_assert(std::is_copy_constructible_v<Model<SmallNet, float, Exec>>);  // shares its elements, as Views do

// A small run that owns all its parts.
template <class Make>
struct Run {
  Exec exec;
  Batches<Exec> batches;
  decltype(Make{}(Exec{})) policy;
  Trainer<decltype(policy), Adam, Batches<Exec>> trainer;
  nlohmann::ordered_json json = {{"policy", "test"}};

  explicit Run(Exec const& e)
      : exec(e),
        batches(exec, pixels(), 64, {28, 28, 1}, {8, 1, {32, 32, 1}}),
        policy(Make{}(exec)),
        trainer(exec, policy, Adam{.beta1 = 0.5}, batches, {12, 4, Schedule::constant(1e-3)}) {}

  std::vector<float> bits() const {
    exec.fence();
    std::vector<float> all;
    auto const add = [&](auto const& v) { all.insert(all.end(), v.data(), v.data() + v.size()); };
    policy::for_each_model_of(policy, [&](std::string const&, auto const& model) {
      add(model.parameters());
      add(model.statistics());
    });
    policy::for_each_constant_model_of(policy, [&](std::string const&, auto const& model) {
      add(model.parameters());
      add(model.statistics());
    });
    add(trainer.optimizer_state());
    return all;
  }
};

bool identical(std::vector<float> const& a, std::vector<float> const& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

struct CollectReports {
  std::vector<double> totals;
  void on_report(auto const&, auto const& report) { totals.push_back(report.total); }
};

struct LastReconstruction {
  double reconstruction = 1e9;
  void on_report(auto const&, auto const& report) { reconstruction = report.losses[0].value; }
};

struct StopAtSeven {
  bool on_step(auto const& trainer) { return trainer.steps_done() < 7; }
};

// Number of modes that get a tenth of their share of f(z) or more, within 5 standard deviations of the centre, and the share of f(z) that
// is that near to any.
template <class Policy>
std::pair<std::size_t, double> modes_hit(Exec const& exec, Policy& policy, data::GaussianMixture const& mixture) {
  std::size_t const count = 4000;
  auto const points = make_vector<float>(exec, "ign::test", 2 * count);
  policy.generate(exec, Key{policy.seed(), RandomStream::user}, 1, ign_test::as_tensor<float>(points, count, {1, 1, 2}));
  exec.fence();
  std::vector<std::size_t> hits(mixture.mode_count(), 0);
  double good = 0;
  for (std::size_t n = 0; n < count; ++n)
    for (std::size_t k = 0; k < hits.size(); ++k) {
      auto const& mode = mixture.mode(k);
      double const distance = std::hypot(points(2 * n) - mode.centre[0], points(2 * n + 1) - mode.centre[1]);
      if (distance > 5 * mode.stddev) continue;
      ++hits[k];
      good += 1.0 / count;
    }
  auto const enough = [&](std::size_t h) { return 10 * h * hits.size() >= count; };
  return {static_cast<std::size_t>(std::count_if(hits.begin(), hits.end(), enough)), good};
}

}  // namespace

using Policies = std::tuple<MakeImle, MakeGan, MakeDistillation, MakeReconstruction>;

BOOST_AUTO_TEST_CASE_TEMPLATE(no_allocation_after_the_first_step_and_all_labels_are_ours, Make, Policies) {
  KokkosCounter const counter;
  Run<Make> run(Exec{});
  run.trainer.step();
  KokkosCounter::counts.allocations = 0;
  for (int i = 0; i < 3; ++i) run.trainer.step();
  BOOST_TEST(KokkosCounter::counts.allocations == 0);
  for (auto const& label : KokkosCounter::bad_labels) BOOST_ERROR("label '" << label << "' does not start with ign::");
}

BOOST_AUTO_TEST_CASE_TEMPLATE(bitwise_identical_with_one_thread_and_with_all, Make, Policies) {
  Run<Make> all(Exec{});
  BOOST_TEST_REQUIRE(ign_test::as_parallel_as_can_be(all.exec));
  Run<Make> one(ign_test::one_thread());
  for (int i = 0; i < 3; ++i) {
    all.trainer.step();
    one.trainer.step();
  }
  BOOST_TEST(identical(all.bits(), one.bits()));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_resumed_run_is_bitwise_identical_to_an_uninterrupted_one, Make, Policies) {
  Folder const folder;
  auto const path = folder.path / "checkpoint.safetensors";
  CollectReports whole_reports, first_reports, second_reports;
  Run<Make> whole(Exec{});
  whole.trainer.train(whole_reports);
  Run<Make> first(Exec{});
  first.trainer.train(first_reports, io::Checkpoints(path, 0, first.json), StopAtSeven{});
  Run<Make> second(Exec{});
  io::resume(io::read_safetensors(path), second.trainer, second.json);
  BOOST_TEST(identical(first.bits(), second.bits()));
  second.trainer.train(second_reports);
  BOOST_TEST(identical(whole.bits(), second.bits()));
  first_reports.totals.insert(first_reports.totals.end(), second_reports.totals.begin(), second_reports.totals.end());
  BOOST_TEST(whole_reports.totals == first_reports.totals, boost::test_tools::per_element());
}

// The teacher comes from the file, too: the run that goes on began with another one.
BOOST_AUTO_TEST_CASE(a_checkpoint_keeps_the_teacher) {
  Folder const folder;
  auto const path = folder.path / "checkpoint.safetensors";
  Run<MakeDistillation> whole(Exec{});
  whole.trainer.train();
  Run<MakeDistillation> first(Exec{});
  first.trainer.train(io::Checkpoints(path, 0, first.json), StopAtSeven{});
  Run<MakeUntaught> second(Exec{});
  BOOST_TEST(!identical(first.bits(), second.bits()));
  auto const file = io::read_safetensors(path);
  io::resume(file, second.trainer, second.json);
  BOOST_TEST(identical(first.bits(), second.bits()));
  second.trainer.train();
  BOOST_TEST(identical(whole.bits(), second.bits()));

  // Whoever only reads a model gets f, or g where it asks for it.
  Model<decltype(mnist_small_net()), float, Exec> const model(Exec{}, mnist_small_net(), {32, 32, 1}, 9);
  auto const equals = [&](auto const& expected) {
    Exec{}.fence();
    return std::memcmp(model.parameters().data(), expected.parameters().data(), 4 * model.parameters().size()) == 0 &&
           std::memcmp(model.statistics().data(), expected.statistics().data(), 4 * model.statistics().size()) == 0;
  };
  io::read_model(file, model);
  BOOST_TEST(equals(first.policy.model()));
  io::read_model(file, model, "teacher.");
  BOOST_TEST(equals(first.policy.teacher()));
}

BOOST_AUTO_TEST_CASE(a_checkpoint_with_a_damaged_teacher_changes_nothing) {
  Folder const folder;
  auto const path = folder.path / "checkpoint.safetensors";
  Run<MakeDistillation> first(Exec{});
  for (int i = 0; i < 2; ++i) first.trainer.step();
  io::write_checkpoint(path, first.trainer, first.json);
  Run<MakeUntaught> second(Exec{});
  auto const before = second.bits();
  auto const file = io::read_safetensors(path);
  auto const refused = [&](char const* id, auto const& change) {
    std::vector<io::SafeTensorEntry> entries;
    std::map<std::string, std::string> metadata(file.metadata().begin(), file.metadata().end());
    for (auto const& [name, tensor] : file.tensors()) entries.push_back({name, tensor});
    change(entries, metadata);
    auto const damaged = folder.path / "damaged.safetensors";
    io::write_safetensors(damaged, entries, metadata);
    BOOST_CHECK_EXCEPTION(io::resume(io::read_safetensors(damaged), second.trainer, second.json), Error,
                          [&](Error const& error) { return error.id() == id; });
    BOOST_TEST(identical(before, second.bits()));
    BOOST_TEST(second.trainer.steps_done() == 0u);
  };
  refused("ign.format.26",
          [](auto& entries, auto&) { std::erase_if(entries, [](auto const& e) { return e.name.starts_with("teacher."); }); });
  refused("ign.format.26", [](auto& entries, auto&) {
    std::erase_if(entries, [](auto const& e) { return e.name.starts_with("teacher.") && e.name.ends_with(".image.running_var"); });
  });
  refused("ign.format.60", [](auto& entries, auto&) {
    for (auto& e : entries)
      if (e.name == "teacher.0.weight") std::swap(e.tensor.shape[0], e.tensor.shape[2]);
  });
  refused("ign.format.161", [](auto&, auto& metadata) { metadata["teacher.net"] = R"({"input":[28,28,1],"layers":[]})"; });
}

BOOST_AUTO_TEST_CASE(a_generator_is_read_without_its_discriminator) {
  Folder const folder;
  auto const path = folder.path / "checkpoint.safetensors";
  Run<MakeGan> run(Exec{});
  for (int i = 0; i < 2; ++i) run.trainer.step();
  io::write_checkpoint(path, run.trainer, run.json);
  auto const net = dcgan_generator(mnist_small_options());
  Model<std::remove_const_t<decltype(net)>, float, Exec> const model(Exec{}, net, {1, 1, 64}, 9);
  io::read_model(io::read_safetensors(path), model, "generator.");
  auto const& expected = run.policy.model();
  BOOST_TEST(std::memcmp(model.parameters().data(), expected.parameters().data(), 4 * model.parameters().size()) == 0);
  BOOST_TEST(std::memcmp(model.statistics().data(), expected.statistics().data(), 4 * model.statistics().size()) == 0);
}

BOOST_AUTO_TEST_CASE(what_is_shown_and_logged_are_the_policy_s_own_losses) {
  Folder const folder;
  Run<MakeGan> run(Exec{});
  io::Log log = io::Log::create(folder.path / "log.jsonl");
  io::LogReports reports(log);
  std::ostringstream screen;
  run.trainer.train(reports, Progress(screen, false));
  auto const lines = io::read_log(folder.path / "log.jsonl");
  BOOST_TEST_REQUIRE(lines.size() == 3u);
  for (char const* field : {"step", "disc", "gen", "total", "learning_rate"}) BOOST_TEST(lines[0].count(field) == 1u, field);
  BOOST_TEST(lines[0].count("rec") == 0u);
  BOOST_TEST(screen.str().find("disc 1.") != std::string::npos, screen.str());
}

BOOST_AUTO_TEST_CASE(imle_covers_the_modes_of_a_ring) {
  Exec const exec = ign_test::one_thread();  // the kernels are too small for more threads
  data::PointBatches<Exec> const batches(data::ring_mixture(), {.batch = 16});
  // Weights that keep the size of what passes through: by those of N(0, 0.02²) a small net's image of z is a point at first.
  auto const linear = [](int features, int inputs) { return Linear{.features = features, .init_std = 1 / std::sqrt(inputs)}; };
  auto const net = sequential(linear(64, 2), LeakyRelu{}, linear(64, 64), LeakyRelu{}, linear(64, 64), LeakyRelu{}, linear(2, 64));
  Imle policy(exec, net, {1, 1, 2}, ImleOptions<>{.pool = 2}, ign_test::seed());
  std::uint64_t const steps = 4000;
  Trainer trainer(exec, policy, Adam{.beta1 = 0.9}, batches, {steps, steps / 4, Schedule::cosine(3e-3, 0, steps)});
  BOOST_TEST(modes_hit(exec, policy, batches.mixture()).first < 7u);
  trainer.train();
  auto const [modes, good] = modes_hit(exec, policy, batches.mixture());
  BOOST_TEST_MESSAGE("modes " << modes << ", share near a mode " << good);
  BOOST_TEST(modes >= 7u);
  BOOST_TEST(good > 0.2);
}

// That an IGN trains on points at all: f(x) = x is learnt, and the drift shrinks.
BOOST_AUTO_TEST_CASE(idempotent_trains_on_points) {
  Exec const exec = ign_test::one_thread();  // the kernels are too small for more threads
  data::PointBatches<Exec> const batches(data::grid_mixture(), {.batch = 64});
  auto const net = mlp(Shape{1, 1, 2}, std::array{64, 64});
  Idempotent policy(exec, net, {1, 1, 2}, IdempotentOptions<>{}, ign_test::seed());
  Trainer trainer(exec, policy, Adam{.beta1 = 0.5}, batches, {400, 400, Schedule::constant(1e-3)});
  LastReconstruction last;
  trainer.step();
  double const before = policy.losses(exec).reconstruction;
  policy.reset_losses(exec);
  trainer.train(last);
  BOOST_TEST(last.reconstruction < before / 3, before << " to " << last.reconstruction);
}

BOOST_AUTO_TEST_SUITE_END()
