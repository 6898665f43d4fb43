// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The program `train`, killed at any moment and on a full disk; checkpoints cut short and with every bit turned.
// IGN_TEST_KILLS sets the number of kills (10; 200 by night), IGN_TEST_SEED their moments.

#include <boost/test/unit_test.hpp>

#include <ign/ign.hpp>
#include <ign/io/checkpoint.hpp>
#include <ign_test/child.hpp>
#include <ign_test/environment.hpp>
#include <ign_test/folder.hpp>

#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <random>
#include <thread>

using namespace ign;
namespace fs = std::filesystem;
using ign_test::Child;

BOOST_AUTO_TEST_SUITE(robust)

namespace {

constexpr char const* train = IGN_TRAIN;
constexpr char const* steps = "24";

std::vector<std::string> command(fs::path const& out, bool resume) {
  std::vector<std::string> arguments = {train,     "--data", "rectangles",     "--out", out.string(),         "--steps", steps,
                                        "--batch", "8",      "--report-every", "4",     "--checkpoint-every", "1"};
  if (resume) arguments.insert(arguments.end(), {"--resume", (out / "checkpoint.safetensors").string()});
  return arguments;
}

// Temporaries of checkpoints that are being written, or that a killed program has left.
std::size_t temporaries(fs::path const& folder) {
  std::size_t count = 0;
  std::error_code failed;
  for (fs::directory_iterator entry(folder, failed), end; !failed && entry != end; entry.increment(failed))
    count += entry->path().filename().string().starts_with(".checkpoint.");
  return count;
}

// A checkpoint of a small net, as bytes.
std::string small_checkpoint(fs::path const& path) {
  using Exec = Kokkos::DefaultHostExecutionSpace;
  Exec const exec;
  constexpr Shape image{2, 2, 1};
  auto const recipe = mnist_small_recipe(mlp(image, std::array{3}), image);
  Batches<Exec> const batches(exec, std::vector<std::uint8_t>(16, 7), 4, image, {2, 1, image});
  Idempotent policy(exec, recipe.net, image, recipe.objective, 5);
  TrainerOptions const options = {12, 4, recipe.first_phase_schedule(12)};
  Trainer trainer(exec, policy, recipe.optimizer, batches, options);
  trainer.step();
  io::write_checkpoint(path, trainer, io::recipe_json(recipe, "mlp", 5, options));
  return ign_test::text_of(path);
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_run_killed_at_any_moment_is_bitwise_identical_to_one_left_alone) {
  using Clock = std::chrono::steady_clock;
  ign_test::Folder const folder;
  auto const alone = folder.path / "alone", killed = folder.path / "killed", says = folder.path / "says";
  auto const begin = Clock::now();
  BOOST_REQUIRE_MESSAGE(Child(command(alone, false), says).wait() == 0, ign_test::text_of(says));
  std::chrono::duration<double> const length = Clock::now() - begin;
  auto const expected = ign_test::text_of(alone / "checkpoint.safetensors");

  char const* const wish = std::getenv("IGN_TEST_KILLS");
  int const kills = wish ? std::atoi(wish) : 10;
  std::mt19937 random(static_cast<std::mt19937::result_type>(ign_test::seed()));
  std::uniform_real_distribution<double> part(0, 1);
  auto const checkpoint = killed / "checkpoint.safetensors";
  std::uint64_t last_step = 0;
  int resumed = 0, in_a_write = 0;
  // Goes on with what is there until `stop` says so or the run is over; true when it was over.
  auto const run_until = [&](auto const& stop) {
    bool const there = fs::exists(checkpoint);
    resumed += there;
    Child child(command(killed, there), says);
    while (child.running() && !stop()) std::this_thread::sleep_for(std::chrono::microseconds(100));
    bool const over = !child.running();
    int const code = child.kill();
    BOOST_REQUIRE_MESSAGE((over ? code == 0 : code == -SIGKILL || code == 0), code << ": " << ign_test::text_of(says));
    return over;
  };
  auto const check_end = [&] { BOOST_TEST((ign_test::text_of(checkpoint) == expected), "the last checkpoint differs"); };
  for (int kill = 0; kill < kills;) {
    auto const start = Clock::now();
    double const moment = part(random) * length.count();
    auto const before = temporaries(killed);
    bool over = false;
    if (kill % 2 == 0) {  // at any moment …
      over = run_until([&] { return std::chrono::duration<double>(Clock::now() - start).count() > moment; });
    } else {  // … or while a checkpoint is being written
      auto const wait = std::chrono::microseconds(static_cast<int>(3000 * part(random)));
      over = run_until([&] {
        if (temporaries(killed) <= before) return false;
        std::this_thread::sleep_for(wait);
        return true;
      });
      in_a_write += temporaries(killed) > before;
    }
    if (over) {
      check_end();
      fs::remove_all(killed);
      last_step = 0;
      continue;
    }
    ++kill;
    if (!fs::exists(checkpoint)) continue;
    auto const file = io::read_safetensors(checkpoint);
    BOOST_TEST(std::to_string(io::recipe_field<std::uint64_t>(file, io::read_recipe(file), "steps")) == steps);
    auto const step = std::stoull(file.metadata_field("step"));
    BOOST_TEST(step >= last_step);
    last_step = step;
  }
  while (!run_until([] { return false; })) {
  }
  check_end();
  BOOST_TEST((ign_test::text_of(killed / "samples.png") == ign_test::text_of(alone / "samples.png")), "the samples differ");
  BOOST_TEST_MESSAGE(kills << " kills, " << in_a_write << " of them in the midst of a write; " << resumed << " times resumed");
}

BOOST_AUTO_TEST_CASE(a_limit_on_files_is_an_error_and_leaves_the_old_checkpoint) {
  ign_test::Folder const folder;
  auto const out = folder.path / "out", says = folder.path / "says";
  fs::create_directories(out);
  auto const old = small_checkpoint(out / "checkpoint.safetensors");
  auto arguments = command(out, false);
  arguments.push_back("--overwrite");
  BOOST_TEST(Child(arguments, says, 20'000).wait() == 1);
  auto const text = ign_test::text_of(says);
  BOOST_TEST(text.find("[ign.file.6]") != std::string::npos, text);
  BOOST_TEST(text.find("checkpoint.safetensors") != std::string::npos, text);
  BOOST_TEST((ign_test::text_of(out / "checkpoint.safetensors") == old));
  BOOST_TEST(temporaries(out) == 0u);
}

// A command in a mount name space of its own: what it mounts goes away with it, however it ends.
std::vector<std::string> in_own_name_space(std::vector<std::string> const& command) {
  std::vector<std::string> all = {"unshare", "--mount"};
  if (::geteuid() != 0) all.push_back("--map-root-user");
  all.insert(all.end(), command.begin(), command.end());
  return all;
}

boost::test_tools::assertion_result can_mount_a_small_disk(boost::unit_test::test_unit_id) {
  ign_test::Folder const folder;
  auto const disk = folder.path / "disk", says = folder.path / "says";
  fs::create_directories(disk);
  auto const mount = in_own_name_space({"mount", "-t", "tmpfs", "-o", "size=1m", "ign", disk.string()});
  boost::test_tools::assertion_result mounted(Child(mount, says).wait() == 0);
  if (!mounted) mounted.message() << "no small disk can be mounted here: " << ign_test::text_of(says);
  return mounted;
}

BOOST_AUTO_TEST_CASE(a_full_disk_is_an_error_and_leaves_the_old_checkpoint, *boost::unit_test::precondition(can_mount_a_small_disk)) {
  ign_test::Folder const folder;
  auto const disk = folder.path / "disk", says = folder.path / "says", kept = folder.path / "kept";
  fs::create_directories(disk);
  // Room for one checkpoint and a half: the second, which is written beside the first, finds none.
  auto const alone = folder.path / "alone";
  auto const one_phase = [](fs::path const& out) {  // whose checkpoints are of one size
    auto all = command(out, false);
    all.insert(all.end(), {"--distillation", "0"});
    return all;
  };
  BOOST_REQUIRE(Child(one_phase(alone), says).wait() == 0);
  auto const size = std::to_string(fs::file_size(alone / "checkpoint.safetensors") * 3 / 2 / 1024) + 'k';
  auto script = in_own_name_space({"sh", "-c",
                                   "disk=$1 size=$2 kept=$3; shift 3; mount -t tmpfs -o size=$size ign $disk && \"$@\"; code=$?; "
                                   "cp $disk/out/checkpoint.safetensors $kept; ls -A $disk/out; exit $code",
                                   "sh", disk.string(), size, kept.string()});
  auto const run = one_phase(disk / "out");
  script.insert(script.end(), run.begin(), run.end());
  BOOST_TEST(Child(script, says).wait() == 1);
  auto const text = ign_test::text_of(says);
  BOOST_TEST(text.find("[ign.file.6]") != std::string::npos, text);
  BOOST_TEST(text.find("No space left") != std::string::npos, text);
  BOOST_TEST(text.find(".tmp\n") == std::string::npos, text);
  BOOST_TEST(io::read_safetensors(kept).metadata_field("step") == "1");
}

BOOST_AUTO_TEST_CASE(every_damage_of_a_checkpoint_is_named) {
  ign_test::Folder const folder;
  auto const path = folder.path / "checkpoint.safetensors";
  auto const good = small_checkpoint(path);
  BOOST_REQUIRE_NO_THROW(io::read_recipe(io::read_safetensors(path)));
  auto const named = [&](std::string bytes, std::string const& what) {
    std::vector<std::byte> copy(bytes.size());
    std::memcpy(copy.data(), bytes.data(), bytes.size());
    try {
      io::SafeTensorsFile const file(std::move(copy), "the/file");
      BOOST_ERROR(what << " was taken");
    } catch (Error const& error) {
      std::string_view const text = error.what();
      bool const field = text.find("tensor") != text.npos || text.find("metadata") != text.npos || text.find("header") != text.npos;
      BOOST_TEST((field && text.find("the/file: ") != text.npos), what << ": " << text);
    }
  };
  for (std::size_t length = 0; length < good.size(); ++length) named(good.substr(0, length), "cut to " + std::to_string(length) + " bytes");
  // Only the word that says "here are checksums" can be lost unnoticed.
  std::size_t const word = good.find("\"crc32\"");
  for (std::size_t place = 0; place < good.size(); ++place)
    for (int bit = 0; bit < 8; ++bit) {
      if (place > word && place < word + 6) continue;
      auto lie = good;
      lie[place] = static_cast<char>(lie[place] ^ (1 << bit));
      named(lie, "byte " + std::to_string(place) + ", bit " + std::to_string(bit));
    }
}

BOOST_AUTO_TEST_CASE(a_damaged_tensor_is_named) {
  ign_test::Folder const folder;
  auto const path = folder.path / "checkpoint.safetensors";
  auto bytes = small_checkpoint(path);
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  ign_test::put(path, bytes);
  BOOST_CHECK_EXCEPTION(io::read_safetensors(path), Error, [&](Error const& e) {
    return e.id() == "ign.format.340" && std::string(e.what()).find(path.string() + ": tensor '") != std::string::npos;
  });
}

BOOST_AUTO_TEST_CASE(temporaries_of_killed_programs) {
  ign_test::Folder const folder;
  auto const own = [&](int number) { return folder.path / (".a." + std::to_string(::getpid()) + '.' + std::to_string(number) + ".tmp"); };
  // Left by a program that had our process id: no obstacle.
  for (int number = 0; number < 50; ++number) ign_test::put(own(number), "left");
  io::write_file(folder.path / "a", "new");
  BOOST_TEST(ign_test::text_of(folder.path / "a") == "new");
  BOOST_TEST(ign_test::text_of(own(7)) == "left");
  // Those older than a day go.
  auto const other = folder.path / ".a.b.1.2.tmp", note = folder.path / ".a.x.tmp";
  for (auto const& path : {own(3), other, note}) {
    ign_test::put(path, "left");
    fs::last_write_time(path, fs::file_time_type::clock::now() - std::chrono::hours(25));
  }
  io::remove_abandoned(folder.path / "a");
  BOOST_TEST(!fs::exists(own(3)));
  BOOST_TEST(fs::exists(own(4)));
  BOOST_TEST(fs::exists(other));
  BOOST_TEST(fs::exists(note));
  io::remove_abandoned(folder.path / "absent" / "a");
}

BOOST_AUTO_TEST_SUITE_END()
