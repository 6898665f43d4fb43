// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// `train` under mpirun: runs, resumptions on other numbers of ranks, ranks that fail, and ranks that differ.

#include <boost/test/unit_test.hpp>

#include <ign/io/log.hpp>
#include <ign/io/model.hpp>
#include <ign/io/safetensors.hpp>
#include <ign/version.hpp>
#include <ign_test/child.hpp>
#include <ign_test/folder.hpp>

#include <chrono>
#include <cmath>
#include <cstdlib>
#include <thread>

using ign_test::Child;
using ign_test::Folder;
using ign_test::text_of;
namespace fs = std::filesystem;
using Words = std::vector<std::string>;

namespace {

/// A program of this build, or the one that the environment names: the same linked with another MPI.
std::string program_of(char const* variable, char const* built) {
  char const* const other = std::getenv(variable);
  return other == nullptr ? built : other;
}
std::string const train_program = program_of("IGN_TEST_TRAIN", IGN_TRAIN),
                  in_situ_program = program_of("IGN_TEST_IN_SITU_RANKS", IGN_IN_SITU_RANKS),
                  other_version = program_of("IGN_TEST_OTHER_VERSION", IGN_OTHER_VERSION),
                  faulty_allreduce = program_of("IGN_TEST_FAULTY_ALLREDUCE", IGN_FAULTY_ALLREDUCE),
                  mpiexec = program_of("IGN_TEST_MPIEXEC", IGN_MPIEXEC);

/// A folder, and `train` in it.
struct Runs : Folder {
  Words options = {"--data", "rectangles", "--batch", "12", "--report-every", "4", "--distillation", "0.5", "--seed", "1"};
  std::string said;

  Words program(Words const& more) const {
    Words all = {train_program};
    all.insert(all.end(), options.begin(), options.end());
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  static Words on_ranks(int ranks, Words const& program) {
    Words all = {mpiexec, IGN_MPIEXEC_COUNT, std::to_string(ranks)};
    all.insert(all.end(), program.begin(), program.end());
    return all;
  }
  int run(Words const& command) {
    Child child(command, path / "said");
    int const code = child.wait();
    said = text_of(path / "said");
    return code;
  }
  int train(int ranks, std::string const& out, Words const& more) {
    auto words = more;
    words.insert(words.end(), {"--out", (path / out).string()});
    return run(ranks == 0 ? program(words) : on_ranks(ranks, program(words)));
  }
  bool says(std::string const& text) const { return said.find(text) != std::string::npos; }
  std::size_t times(std::string const& text) const {
    std::size_t count = 0;
    for (auto at = said.find(text); at != std::string::npos; at = said.find(text, at + 1)) ++count;
    return count;
  }
  fs::path checkpoint(std::string const& out) const { return path / out / "checkpoint.safetensors"; }
  std::uint64_t steps(std::string const& out) const {
    return std::stoull(ign::io::read_safetensors(checkpoint(out)).metadata().at("step"));
  }

  /// Largest distance of the first moments of Adam in two checkpoints, by tensor and as a share of its norm: the gradient, after one step.
  double difference(std::string const& a, std::string const& b) const {
    auto const one = ign::io::read_safetensors(checkpoint(a)), other = ign::io::read_safetensors(checkpoint(b));
    double worst = 0;
    int moments = 0;
    for (auto const& [name, tensor] : one.tensors()) {
      if (!name.starts_with("optimizer.exp_avg.")) continue;
      ++moments;
      auto const x = one.values<double>(name), y = other.values<double>(name);
      double norm = 0, apart = 0;
      for (std::size_t i = 0; i < x.size(); ++i) {
        norm += x[i] * x[i];
        apart += (x[i] - y[i]) * (x[i] - y[i]);
      }
      worst = std::max(worst, std::sqrt(apart / norm));
    }
    BOOST_TEST(moments > 10);
    return worst;
  }
};

/// A `train` that a process has started, directly or through others; 0 if there is none.
pid_t started_by(pid_t ancestor) {
  auto const parent_of = [](std::string const& id) {
    auto const text = text_of(fs::path("/proc") / id / "stat");
    auto const at = text.rfind(") ");
    return at == std::string::npos ? 0 : std::atoi(text.c_str() + at + 4);
  };
  std::error_code gone;
  for (auto const& entry : fs::directory_iterator("/proc", gone)) {
    std::string const id = entry.path().filename().string();
    if (fs::read_symlink(entry.path() / "exe", gone) != train_program) continue;
    for (int parent = parent_of(id); parent > 1; parent = parent_of(std::to_string(parent)))
      if (parent == ancestor) return static_cast<pid_t>(std::stol(id));
  }
  return 0;
}

/// A variable of the environment of a process; empty without.
std::string variable_of(pid_t process, std::string const& name) {
  std::string const all = '\0' + text_of(fs::path("/proc") / std::to_string(process) / "environ"), begin = '\0' + name + '=';
  auto const at = all.find(begin);
  return at == std::string::npos ? std::string() : std::string(all.c_str() + at + begin.size());
}

/// What `train` writes when all ranks have the same net at the end.
constexpr char const* agree_at_end = "all 2 ranks have bitwise identical weights, statistics and optimizer states";

/// A data set of noise, as a folder with one IDX file.
void write_data(fs::path const& folder, int seed) {
  fs::create_directories(folder);
  std::string bytes = {0, 0, 8, 3, 0, 0, 0, 48, 0, 0, 0, 28, 0, 0, 0, 28};
  for (int i = 0; i < 48 * 28 * 28; ++i) bytes += static_cast<char>((i + seed) * 2654435761u >> 24);
  ign_test::put(folder / "train-images-idx3-ubyte", bytes);
}

bool same_bytes(fs::path const& a, fs::path const& b) { return fs::exists(a) && text_of(a) == text_of(b); }

}  // namespace

BOOST_FIXTURE_TEST_SUITE(mpi_runs, Runs)

BOOST_AUTO_TEST_CASE(mpirun_is_all_that_a_user_types) {
  BOOST_REQUIRE_MESSAGE(train(2, "two", {"--steps", "16"}) == 0, said);
  BOOST_TEST(times("16 steps of 12") == 1u, said);  // rank 0 alone reports
  BOOST_TEST(says("2 ranks with 6 samples each"), said);
  for (char const* file : {"checkpoint.safetensors", "model.safetensors", "report.html", "samples.png", "log.jsonl"})
    BOOST_TEST(fs::exists(path / "two" / file), file);
  BOOST_TEST(ign::io::read_log(path / "two/log.jsonl").size() >= 4u);

  // Once more: bitwise identical. On one rank of mpirun: bitwise identical to a run without it.
  BOOST_REQUIRE_MESSAGE(train(2, "again", {"--steps", "16"}) == 0, said);
  BOOST_TEST(same_bytes(checkpoint("two"), checkpoint("again")));
  BOOST_REQUIRE_MESSAGE(train(0, "one", {"--steps", "16"}) == 0, said);
  BOOST_REQUIRE_MESSAGE(train(1, "alone", {"--steps", "16"}) == 0, said);
  BOOST_TEST(same_bytes(checkpoint("one"), checkpoint("alone")));
  BOOST_TEST(!same_bytes(checkpoint("one"), checkpoint("two")));
}

BOOST_AUTO_TEST_CASE(the_first_step_is_that_of_one_process) {
  Words const one_step = {"--steps", "1", "--distillation", "0"};
  options.erase(options.begin() + 6, options.begin() + 8);
  BOOST_REQUIRE_MESSAGE(train(0, "one", one_step) == 0, said);
  BOOST_REQUIRE_MESSAGE(train(2, "two", one_step) == 0, said);
  BOOST_REQUIRE_MESSAGE(train(3, "three", one_step) == 0, said);
  BOOST_TEST(difference("one", "two") < 2e-5);
  BOOST_TEST(difference("one", "three") < 2e-5);
  // Moments per rank are another step.
  Words per_rank = one_step;
  per_rank.emplace_back("--norm-per-rank");
  BOOST_REQUIRE_MESSAGE(train(2, "per_rank", per_rank) == 0, said);
  BOOST_TEST(difference("one", "per_rank") > 1e-2);
}

BOOST_AUTO_TEST_CASE(a_run_resumes_on_another_number_of_ranks) {
  auto const resume = [&](int ranks, std::string const& steps) {
    return run(on_ranks(ranks, program({"--steps", steps, "--resume", checkpoint("run").string()})));
  };
  BOOST_REQUIRE_MESSAGE(train(2, "run", {"--steps", "8"}) == 0, said);
  BOOST_REQUIRE_MESSAGE(resume(1, "12") == 0, said);
  BOOST_REQUIRE_MESSAGE(resume(3, "16") == 0, said);
  BOOST_TEST(steps("run") == 16u);
  BOOST_TEST(says("3 ranks with 4 samples each"), said);
  // A batch that the ranks cannot share is refused, and the run is kept.
  auto const before = text_of(checkpoint("run"));
  options[3] = "16";
  BOOST_TEST(train(3, "other", {"--steps", "4"}) != 0);
  BOOST_TEST(says("ign.option.496"), said);
  BOOST_TEST(times("a batch of 16 samples on 3 ranks") == 1u, said);
  BOOST_TEST(text_of(checkpoint("run")) == before);
}

BOOST_AUTO_TEST_CASE(averages_guards_and_lengths_by_time_agree_on_all_ranks) {
  BOOST_REQUIRE_MESSAGE(train(2, "timed", {"--seconds", "2", "--ema", "0.9", "--guard"}) == 0, said);
  BOOST_TEST(times(agree_at_end) == 1u, said);
  BOOST_TEST(fs::exists(path / "timed/model.safetensors"));
  // The first phase alone ends with its averages.
  options.erase(options.begin() + 6, options.begin() + 8);
  options[3] = "4";  // their running statistics take 250 steps
  BOOST_REQUIRE_MESSAGE(train(2, "averages", {"--steps", "4", "--distillation", "0", "--ema", "0.9", "--guard"}) == 0, said);
  BOOST_TEST(times("measuring the running statistics of the averaged weights") == 1u, said);
  BOOST_TEST(times(agree_at_end) == 1u, said);
  BOOST_TEST(fs::exists(path / "averages/model.safetensors"));
}

BOOST_AUTO_TEST_CASE(ranks_that_have_drifted_apart_are_refused_at_the_end) {
  // MPI_Allreduce returns other sums of gradients to rank 1.
  auto const apart = [&](std::string const& out, Words const& more) {
    auto words = more;
    words.insert(words.end(), {"--out", (path / out).string()});
    auto command = on_ranks(1, program(words));
    command.insert(command.end(), {":", IGN_MPIEXEC_COUNT, "1", "env", "LD_PRELOAD=" + faulty_allreduce});
    auto const other = program(words);
    command.insert(command.end(), other.begin(), other.end());
    BOOST_TEST(run(command) != 0);
    BOOST_TEST(times("ign.state.494") == 1u, said);
    BOOST_TEST(says("the ranks were the same before the first step"), said);
    BOOST_TEST(times(agree_at_end) == 0u, said);
    BOOST_TEST(!fs::exists(path / out / "model.safetensors"));
  };
  options.erase(options.begin() + 6, options.begin() + 8);
  apart("first", {"--steps", "4", "--distillation", "0"});
  BOOST_TEST(says("rank 1 has optimizer state (hash) "), said);
  options[3] = "4";
  apart("averages", {"--steps", "4", "--distillation", "0", "--ema", "0.9"});
}

BOOST_AUTO_TEST_CASE(a_rank_that_fails_ends_all_with_one_message) {
  auto command = on_ranks(1, program({"--steps", "8", "--out", (path / "fails").string()}));
  auto other = program({"--steps", "8", "--out", (path / "fails").string()});
  other[2] = "nowhere";
  command.insert(command.end(), {":", IGN_MPIEXEC_COUNT, "1"});
  command.insert(command.end(), other.begin(), other.end());
  BOOST_TEST(run(command) != 0);
  BOOST_TEST(times("rank 1 of 2: [ign.file.1]") == 1u, said);
  BOOST_TEST(!says("rank 0 of 2"), said);
  // An error of all ranks is written once.
  options[1] = "nowhere";
  BOOST_TEST(train(2, "fails", {"--steps", "8"}) != 0);
  BOOST_TEST(times("[ign.file.1]") == 1u, said);
  options[1] = "rectangles";
  BOOST_TEST(train(2, "fails", {"--steps", "none"}) != 0);
  BOOST_TEST(times("--steps is 'none'") == 1u, said);
}

BOOST_AUTO_TEST_CASE(ranks_that_differ_are_refused_by_name) {
  auto const differ = [&](Words const& first, Words const& second) {
    Words const out = {"--out", (path / "differ").string()};
    auto one = program(first), two = program(second);
    one.insert(one.end(), out.begin(), out.end());
    two.insert(two.end(), out.begin(), out.end());
    auto command = on_ranks(1, one);
    command.insert(command.end(), {":", IGN_MPIEXEC_COUNT, "1"});
    command.insert(command.end(), two.begin(), two.end());
    int const code = run(command);
    BOOST_TEST(code != 0);
    BOOST_TEST(times("ign.state.494") == 1u, said);
    BOOST_TEST(!fs::exists(checkpoint("differ")));
  };
  differ({"--steps", "8"}, {"--steps", "9"});
  BOOST_TEST(says("rank 1 has --steps 9, rank 0 has --steps 8"), said);
  differ({"--steps", "8", "--lr", "0.001"}, {"--steps", "8", "--lr", "0.002"});
  BOOST_TEST(says("rank 1 has recipe field 'learning_rate'"), said);
  differ({"--steps", "8", "--norm-per-rank"}, {"--steps", "8"});
  BOOST_TEST(says("rank 1 has statistics of BatchNorm over ranks, rank 0 has statistics of BatchNorm per rank"), said);
  // Another version of the library on one rank.
  auto mixed = on_ranks(1, program({"--steps", "8", "--out", (path / "differ").string()}));
  mixed.insert(mixed.end(), {":", IGN_MPIEXEC_COUNT, "1", other_version});
  BOOST_TEST(run(mixed) != 0);
  BOOST_TEST(times("ign.state.494") == 1u, said);
  BOOST_TEST(says("rank 1 has version of the library 0.0.9, rank 0 has version of the library " + std::string(ign::version_string)), said);
  BOOST_TEST(!fs::exists(checkpoint("differ")));
  // Data of one name that are not the same on all nodes.
  write_data(path / "a", 1);
  write_data(path / "b", 2);
  options.erase(options.begin(), options.begin() + 2);
  differ({"--steps", "8", "--data", (path / "a").string()}, {"--steps", "8", "--data", (path / "b").string()});
  BOOST_TEST(says("rank 1 has recipe field 'data'"), said);
}

BOOST_AUTO_TEST_CASE(a_killed_rank_ends_all_and_the_last_checkpoint_resumes) {
  Words const out = {"--steps", "100000", "--checkpoint-every", "2", "--out", (path / "killed").string()};
  {
    Child child(on_ranks(2, program(out)), path / "said");
    auto const written = [&] { return fs::exists(checkpoint("killed")) && fs::file_size(checkpoint("killed")) > 0; };
    for (int i = 0; i < 1200 && child.running() && !written(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(50));
    BOOST_REQUIRE(written());
    pid_t const rank = started_by(child.id());
    BOOST_REQUIRE(rank > 0);
    auto const number = variable_of(rank, "OMPI_COMM_WORLD_RANK");  // of Open MPI
    BOOST_TEST(::kill(rank, SIGKILL) == 0);
    int const code = child.wait();
    BOOST_TEST(code != 0);
    said = text_of(path / "said");
    // Open MPI: "mpirun noticed that process rank 1 with PID 0 on node … exited on signal 9 (Killed)."; MPICH: "YOUR APPLICATION TERMINATED
    // WITH THE EXIT STRING: Killed (signal 9)".
    BOOST_TEST(times("signal 9") == 1u, said);
    if (!number.empty()) BOOST_TEST(times("process rank " + number + " ") == 1u, said);
    BOOST_TEST(!says("[ign."), said);  // the others end without errors of their own
  }
  auto const done = steps("killed");
  BOOST_TEST(done >= 2u);
  auto const length = std::to_string(2 * done + 2);  // the first phase ends one step after the checkpoint
  BOOST_REQUIRE_MESSAGE(run(on_ranks(3, program({"--steps", length, "--resume", checkpoint("killed").string()}))) == 0, said);
  BOOST_TEST(steps("killed") == 2 * done + 2);
}

BOOST_AUTO_TEST_CASE(a_simulation_on_two_ranks) {
  auto const simulate = [&](int ranks, std::string const& out, Words const& grid = {"--cells", "64"}) {
    Words words = {in_situ_program, "--steps", "2",       "--batch", "4",     "--held-out",         "1",
                   "--watch",       "12",      "--width", "4",       "--out", (path / out).string()};
    words.insert(words.end(), grid.begin(), grid.end());
    return run(on_ranks(ranks, words));
  };
  auto const error = [&](std::string const& method) {
    auto const at = said.find(method + ": relative error ");
    BOOST_REQUIRE_MESSAGE(at != std::string::npos, said);
    return std::stod(said.substr(at + method.size() + 17));
  };
  BOOST_REQUIRE_MESSAGE(simulate(1, "one") == 0, said);
  double const noise = error("noise: as it is"), restored = error("noise: f");
  BOOST_REQUIRE_MESSAGE(simulate(2, "two") == 0, said);
  BOOST_TEST(times("2 steps in ") == 1u, said);  // rank 0 alone reports
  BOOST_TEST(std::abs(error("noise: as it is") - noise) <= 1e-5 * noise);
  BOOST_TEST(std::abs(error("noise: f") - restored) <= 1e-2 * restored);  // two steps of training amplify rounding
  for (char const* file : {"report.html", "model.safetensors"}) BOOST_TEST(fs::exists(path / "two" / file), file);
  // In three dimensions. A wrong halo changes the fields, their noise and what f makes of them.
  Words const volume = {"--dimensions", "3", "--cells", "32"};
  BOOST_REQUIRE_MESSAGE(simulate(1, "volume", volume) == 0, said);
  double const noise_of_volume = error("noise: as it is"), restored_volume = error("noise: f"), untouched = error("undamaged: f");
  BOOST_REQUIRE_MESSAGE(simulate(2, "two_slabs", volume) == 0, said);
  BOOST_TEST(std::abs(error("noise: as it is") - noise_of_volume) <= 1e-5 * noise_of_volume);
  BOOST_TEST(std::abs(error("noise: f") - restored_volume) <= 1e-2 * restored_volume);
  BOOST_TEST(std::abs(error("undamaged: f") - untouched) <= 1e-2 * untouched);
  BOOST_TEST(simulate(3, "three") != 0);  // 64 planes
  BOOST_TEST(says("in_situ_ranks: a batch of 4 patches on 3 ranks"), said);
}

BOOST_AUTO_TEST_CASE(other_programs_refuse_to_run_twice) {
  BOOST_TEST(run(on_ranks(2, {IGN_GENERATE, "--checkpoint", "absent"})) != 0);
  BOOST_TEST(says("ign.state.495"), said);
  BOOST_TEST(says("started as 2 processes"), said);
}

BOOST_AUTO_TEST_SUITE_END()
