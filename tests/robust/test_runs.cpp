// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The programs `train` and `generate` as their users call them: arguments, folders, interrupts, runs that go on.

#include <boost/test/unit_test.hpp>

#include <ign/data/idx.hpp>
#include <ign/io/checkpoint.hpp>
#include <ign/io/features.hpp>
#include <ign/io/png.hpp>
#include <ign_test/child.hpp>
#include <ign_test/folder.hpp>

#include <chrono>
#include <cmath>
#include <csignal>
#include <cstring>
#include <set>
#include <thread>

using namespace ign;
namespace fs = std::filesystem;
using ign_test::Child;

namespace {

/// Exit code and output of a program.
struct Outcome {
  int code;
  std::string text;

  bool says(std::string const& part) const { return text.find(part) != std::string::npos; }
};

struct Programs : ign_test::Folder {
  fs::path const says = path / "says";

  Outcome run(std::vector<std::string> const& arguments) const {
    int const code = Child(arguments, says).wait();
    return {code, ign_test::text_of(says)};
  }
  static std::vector<std::string> command(fs::path const& out, std::vector<std::string> const& more) {
    std::vector<std::string> all = {IGN_TRAIN, "--data", "rectangles", "--out", out.string(), "--batch", "8", "--report-every", "4"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  Outcome train(fs::path const& out, std::vector<std::string> const& more) const { return run(command(out, more)); }
  Outcome generate(std::vector<std::string> const& more) const {
    std::vector<std::string> all = {IGN_GENERATE};
    all.insert(all.end(), more.begin(), more.end());
    return run(all);
  }
  /// IDX images of one grey, as MNIST's files are named.
  static void put_images(fs::path const& file, std::uint32_t count, std::uint32_t side = 28) {
    std::vector<std::uint8_t> const pixels(std::size_t{count} * side * side, 100);
    data::write_idx<std::uint8_t>(file, {count, side, side}, pixels);
  }
  /// Training on a folder of one's own.
  Outcome train_on(fs::path const& folder, fs::path const& out) const {
    return run({IGN_TRAIN, "--data", folder.string(), "--out", out.string(), "--batch", "8", "--steps", "4"});
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(runs, Programs)

BOOST_AUTO_TEST_CASE(arguments_of_kokkos_before_and_after_our_own) {
  for (auto const& arguments :
       std::vector<std::vector<std::string>>{{"--kokkos-num-threads=1", "--data", "nosuch"},
                                             {"--data", "nosuch", "--kokkos-num-threads=1"},
                                             {"--kokkos-num-threads=1", "--data=nosuch", "--kokkos-disable-warnings"}}) {
    auto all = arguments;
    all.insert(all.begin(), IGN_TRAIN);
    auto const outcome = run(all);
    BOOST_TEST((outcome.code == 1 && outcome.says("[ign.file.1] nosuch")), outcome.code << ": " << outcome.text);
  }
  auto const unknown = run({IGN_TRAIN, "--kokkos-nosuch=1", "--data", "rectangles"});
  BOOST_TEST((unknown.code == 1 && unknown.says("--kokkos-nosuch=1")), unknown.text);
  auto const help = run({IGN_TRAIN, "--help"});
  BOOST_TEST((help.code == 0 && help.text.starts_with("Trains an Idempotent Generative Network")), help.text);
  BOOST_TEST((help.says("--kokkos-help") && !help.says("--kokkos-tools-libs")), help.text);
  auto const kokkos = run({IGN_TRAIN, "--kokkos-help"});
  BOOST_TEST((kokkos.code == 0 && kokkos.says("--kokkos-tools-libs")), kokkos.text);
}

BOOST_AUTO_TEST_CASE(test_images_are_read_before_the_first_step) {
  auto const refused = [&](fs::path const& folder, std::string const& id, std::string const& part) {
    auto const out = path / "out";
    auto const outcome = train_on(folder, out);
    BOOST_TEST((outcome.code == 1 && outcome.says(id) && outcome.says("t10k-images-idx3-ubyte") && outcome.says(part)), outcome.text);
    BOOST_TEST(!fs::exists(out));
  };
  auto const data = path / "data";
  fs::create_directories(data);
  put_images(data / "train-images-idx3-ubyte", 40);
  auto const test = data / "t10k-images-idx3-ubyte";
  put_images(test, 20);
  fs::resize_file(test, fs::file_size(test) - 1);
  refused(data, "ign.format.14", "truncated");
  put_images(test, 20, 27);
  refused(data, "ign.format.441", "27");
  data::write_idx<std::uint8_t>(test, {20}, std::vector<std::uint8_t>(20, 1));
  refused(data, "ign.format.16", "rank is 1");
  fs::remove(test);
  fs::create_symlink("nowhere", test);
  refused(data, "ign.format.441", "not a readable file");
  fs::remove(test);
  ign_test::put(test, "no IDX file");
  refused(data, "ign.format.11", "magic");
}

BOOST_AUTO_TEST_CASE(without_test_images_some_training_images_are_held_back) {
  auto const data = path / "data", out = path / "out";
  fs::create_directories(data);
  put_images(data / "train-images-idx3-ubyte", 40);
  auto const outcome = train_on(data, out);
  BOOST_TEST((outcome.code == 0 && outcome.says("on 36 images") && outcome.says("4 training images held back")), outcome.text);
  BOOST_TEST(ign_test::text_of(out / "report.html").find("4 training images held back") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(pictures_of_any_size_are_cropped_flipped_and_measured_without_labels) {
  auto const pictures = path / "pictures", whole = path / "whole", stopped = path / "stopped";
  fs::create_directories(pictures);
  for (std::size_t i = 0; i < 40; ++i) {
    io::Image image{30 + i, 41, 3, std::vector<std::uint8_t>((30 + i) * 41 * 3)};
    for (std::size_t k = 0; k < image.pixels.size(); ++k) image.pixels[k] = static_cast<std::uint8_t>(k * k * (i + 3) >> 4);
    io::write_png(pictures / (std::to_string(i) + ".png"), image);
  }
  auto const train_pictures = [&](fs::path const& out, std::vector<std::string> const& more) {
    std::vector<std::string> all = {IGN_TRAIN, "--data", pictures.string(), "--out", out.string(), "--batch", "8", "--steps", "8"};
    all.insert(all.end(), more.begin(), more.end());
    return run(all);
  };
  auto const outcome = train_pictures(whole, {"--flip"});
  BOOST_TEST(outcome.code == 0, outcome.text);
  for (char const* part : {"40 pictures: 39 cropped to the central square, 39 resized to 32 x 32, 40 converted to grey",
                           "sliced Wasserstein distance of 4 samples to training images held back: "})
    BOOST_TEST(outcome.says(part), outcome.text);
  BOOST_TEST(ign_test::text_of(whole / "report.html").find("Sliced Wasserstein distance (SWD)") != std::string::npos);
  BOOST_REQUIRE(train_pictures(stopped, {"--flip", "--seconds", "0.001"}).code == 0);
  auto const checkpoint = (stopped / "checkpoint.safetensors").string();
  BOOST_REQUIRE(io::steps_done(io::read_safetensors(checkpoint)) < 8u);
  auto const refused = train_pictures(stopped, {"--resume", checkpoint});
  BOOST_TEST((refused.code == 1 && refused.says("[ign.format.62]") && refused.says("'flip'")), refused.text);
  BOOST_REQUIRE(train_pictures(stopped, {"--flip", "--resume", checkpoint}).code == 0);
  BOOST_TEST((ign_test::text_of(checkpoint) == ign_test::text_of(whole / "checkpoint.safetensors")), "the resumed run has other bytes");
}

BOOST_AUTO_TEST_CASE(a_folder_with_a_run_is_taken_only_when_asked_to) {
  auto const out = path / "out";
  BOOST_REQUIRE(train(out, {"--steps", "4"}).code == 0);
  auto const log = ign_test::text_of(out / "log.jsonl");
  auto const refused = train(out, {"--steps", "4", "--seed", "2"});
  BOOST_TEST((refused.code == 1 && refused.says("[ign.option.440]") && refused.says("--overwrite") && refused.says("--resume")),
             refused.text);
  BOOST_TEST(ign_test::text_of(out / "log.jsonl") == log);
  BOOST_TEST(train(out, {"--steps", "4", "--seed", "2", "--overwrite"}).code == 0);
  BOOST_TEST(ign_test::text_of(out / "log.jsonl") != log);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_written_is_found_before_the_first_step) {
  for (char const* name : {"model.safetensors", "report.html", "samples.png", "curves.svg"}) {
    auto const out = path / name;
    fs::create_directories(out / name);
    auto const outcome = train(out, {"--steps", "4", "--overwrite"});
    BOOST_TEST((outcome.code == 1 && outcome.says("[ign.file.2]") && outcome.says(name)), outcome.text);
    BOOST_TEST(!fs::exists(out / "log.jsonl"));
  }
}

BOOST_AUTO_TEST_CASE(a_log_that_ends_before_its_checkpoint_is_said) {
  auto const out = path / "out";
  BOOST_REQUIRE(train(out, {"--steps", "8"}).code == 0);
  fs::remove(out / "log.jsonl");
  auto const resumed = train(out, {"--resume", (out / "checkpoint.safetensors").string(), "--steps", "12"});
  BOOST_TEST((resumed.code == 0 && resumed.says("no reports of steps 1 to 8")), resumed.text);
}

BOOST_AUTO_TEST_CASE(checkpoint_log_model_and_report_name_their_run) {
  auto const a = path / "a", b = path / "b";
  BOOST_REQUIRE(train(a, {"--steps", "4"}).code == 0);
  BOOST_REQUIRE(train(b, {"--steps", "4", "--seed", "2"}).code == 0);
  auto const name = [](fs::path const& file) { return io::read_recipe(io::read_safetensors(file))["run"].get<std::string>(); };
  auto const run_a = name(a / "checkpoint.safetensors");
  BOOST_TEST(run_a.size() == 16u);
  BOOST_TEST(name(a / "model.safetensors") == run_a);
  BOOST_TEST(io::read_log(a / "log.jsonl").front()["run"] == run_a);
  BOOST_TEST(ign_test::text_of(a / "report.html").find(run_a) != std::string::npos);
  BOOST_TEST(name(b / "checkpoint.safetensors") != run_a);
  // One run's checkpoint beside another's log.
  auto const log = ign_test::text_of(b / "log.jsonl");
  auto const mixed = train(b, {"--resume", (a / "checkpoint.safetensors").string()});
  BOOST_TEST((mixed.code == 1 && mixed.says("[ign.format.443]") && mixed.says(run_a)), mixed.text);
  BOOST_TEST(ign_test::text_of(b / "log.jsonl") == log);
}

// Default recipe of `train`.
auto const recipe_of_runs = mnist_small_recipe(mnist_small_net(), Shape{32, 32, 1});

BOOST_AUTO_TEST_CASE(a_finished_run_is_lengthened) {
  auto const out = path / "out";
  auto const checkpoint = (out / "checkpoint.safetensors").string();
  BOOST_REQUIRE(train(out, {"--steps", "8", "--distillation", "0"}).code == 0);
  auto const done = train(out, {"--resume", checkpoint, "--distillation", "0"});
  BOOST_TEST((done.code == 0 && done.says("all 8 steps of this run are done")), done.text);
  auto const shorter = train(out, {"--resume", checkpoint, "--steps", "6", "--distillation", "0"});
  BOOST_TEST((shorter.code == 1 && shorter.says("[ign.option.445]")), shorter.text);
  auto const longer = train(out, {"--resume", checkpoint, "--steps", "12", "--distillation", "0"});
  BOOST_TEST((longer.code == 0 && longer.says("lengthened from 8 to 12 steps")), longer.text);
  auto const file = io::read_safetensors(checkpoint);
  auto const recipe = io::read_recipe(file);
  BOOST_TEST(io::steps_done(file) == 12u);
  BOOST_TEST(recipe["steps"] == 12);
  BOOST_TEST(recipe["learning_rate"]["total"] == 12);
  BOOST_TEST(recipe["lengthened"].dump() == R"([{"at":8,"from":8,"to":12}])");
  // The rate of step 9 of 12, and the same run in its log.
  auto const log = io::read_log(out / "log.jsonl");
  BOOST_TEST(log.front()["run"] == recipe["run"]);
  BOOST_REQUIRE(log.size() == 4u);
  BOOST_TEST(log[3]["step"] == 12);
  BOOST_TEST(log[3]["learning_rate"].get<double>() == Schedule::cosine(recipe_of_runs.learning_rate, 0, 12).at(11));
  // Stopped on its way, it ends with the same bytes.
  auto const stopped = path / "stopped";
  auto const other = (stopped / "checkpoint.safetensors").string();
  BOOST_REQUIRE(train(stopped, {"--steps", "8", "--distillation", "0"}).code == 0);
  BOOST_REQUIRE(train(stopped, {"--resume", other, "--steps", "12", "--seconds", "0.001", "--distillation", "0"}).code == 0);
  BOOST_REQUIRE(io::steps_done(io::read_safetensors(other)) < 12u);
  BOOST_REQUIRE(train(stopped, {"--resume", other, "--steps", "12", "--distillation", "0"}).code == 0);
  BOOST_TEST((ign_test::text_of(other) == ign_test::text_of(checkpoint)), "the stopped run has other bytes");
  // All other options are those of the run.
  BOOST_TEST(train(out, {"--resume", checkpoint, "--steps", "16", "--lr", "0.5", "--distillation", "0"}).says("'learning_rate"));
}

// The step at which the second phase began stays.
BOOST_AUTO_TEST_CASE(a_run_with_two_phases_is_lengthened) {
  auto const out = path / "out";
  auto const checkpoint = (out / "checkpoint.safetensors").string();
  BOOST_REQUIRE(train(out, {"--steps", "8"}).code == 0);
  BOOST_TEST(io::policy_name(io::read_safetensors(checkpoint)) == "distillation");
  BOOST_TEST(io::read_recipe(io::read_safetensors(checkpoint))["distillation"]["steps"] == 3);
  for (auto const& [steps, distilled] : {std::pair("12", 7), std::pair("16", 11)}) {
    auto const longer = train(out, {"--resume", checkpoint, "--steps", steps});
    BOOST_TEST((longer.code == 0 && longer.says("are distillation")), longer.text);
    auto const recipe = io::read_recipe(io::read_safetensors(checkpoint));
    BOOST_TEST(recipe["distillation"]["steps"] == distilled);
    BOOST_TEST(recipe["learning_rate"]["total"] == 5);
  }
  auto const log = io::read_log(out / "log.jsonl");
  BOOST_TEST(log[1]["phase"] == "idempotent");
  BOOST_TEST(log.back()["phase"] == "distillation");
  BOOST_TEST(log.back()["step"] == 16);
  BOOST_TEST(log.back()["learning_rate"].get<double>() == Schedule::cosine(recipe_of_runs.distillation->learning_rate, 0, 11).at(10));
  BOOST_TEST(train(out, {"--resume", checkpoint, "--distillation", "0"}).says("[ign.format.62]"));

  // Stopped in either phase, a run ends with the same bytes.
  auto const whole = path / "whole", stopped = path / "stopped";
  BOOST_REQUIRE(train(whole, {"--steps", "8"}).code == 0);
  auto const other = (stopped / "checkpoint.safetensors").string();
  BOOST_REQUIRE(train(stopped, {"--steps", "8", "--seconds", "0.001"}).code == 0);
  std::vector<std::string> phases;
  while (io::steps_done(io::read_safetensors(other)) < 8) {
    phases.push_back(io::policy_name(io::read_safetensors(other)));
    BOOST_REQUIRE(train(stopped, {"--resume", other, "--steps", "8", "--seconds", "0.001"}).code == 0);
    BOOST_REQUIRE(phases.size() < 9u);
  }
  BOOST_TEST((phases.front() == "idempotent" && phases.back() == "distillation"));
  BOOST_TEST((ign_test::text_of(other) == ign_test::text_of(whole / "checkpoint.safetensors")), "the stopped run has other bytes");
}

// A second phase that compares features: stopped and resumed, with the same net and weight only.
BOOST_AUTO_TEST_CASE(a_second_phase_with_a_perceptual_distance) {
  Kokkos::DefaultExecutionSpace const exec;
  auto const features = (path / "features.safetensors").string(), others = (path / "others.safetensors").string();
  auto const colour = (path / "colour.safetensors").string();
  io::write_features(features, FeatureNet<>(exec, {32, 32, 1}, 10, 1), nlohmann::ordered_json::object());
  io::write_features(others, FeatureNet<>(exec, {32, 32, 1}, 10, 2), nlohmann::ordered_json::object());
  io::write_features(colour, FeatureNet<>(exec, {32, 32, 3}, 10, 1), nlohmann::ordered_json::object());
  auto const whole = path / "whole", stopped = path / "stopped", plain = path / "plain";
  auto const outcome = train(whole, {"--steps", "8", "--perceptual", features, "--perceptual-weight", "0.2"});
  BOOST_TEST(outcome.code == 0, outcome.text);
  auto const written = ign_test::text_of(whole / "checkpoint.safetensors");
  auto const recipe = io::read_recipe(io::read_safetensors(whole / "checkpoint.safetensors"));
  BOOST_TEST(recipe["distance"] == "mse");
  BOOST_TEST(recipe["distillation_distance"]["name"] == "perceptual");
  BOOST_TEST(recipe["distillation_distance"]["layers"].dump() == R"({"1":0.2,"4":0.2,"7":0.2})");
  BOOST_REQUIRE(train(plain, {"--steps", "8"}).code == 0);
  BOOST_TEST((ign_test::text_of(plain / "model.safetensors") != ign_test::text_of(whole / "model.safetensors")));
  BOOST_TEST(!io::read_recipe(io::read_safetensors(plain / "checkpoint.safetensors")).contains("distillation_distance"));

  auto const checkpoint = (stopped / "checkpoint.safetensors").string();
  auto const resume = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"--resume", checkpoint, "--steps", "8"});
    return train(stopped, more);
  };
  auto const refused = [&](std::vector<std::string> const& more) {
    auto const found = resume(more);
    BOOST_TEST((found.code == 1 && found.says("[ign.format.62]") && found.says("'distillation_distance")), found.text);
  };
  BOOST_REQUIRE(train(stopped, {"--steps", "8", "--seconds", "0.001", "--perceptual", features, "--perceptual-weight", "0.2"}).code == 0);
  std::set<std::string> phases;
  for (int i = 0; i < 8 && io::steps_done(io::read_safetensors(checkpoint)) < 8; ++i) {
    if (phases.insert(io::policy_name(io::read_safetensors(checkpoint))).second) {
      refused({});
      refused({"--perceptual", features});
      refused({"--perceptual", others, "--perceptual-weight", "0.2"});
    }
    BOOST_REQUIRE(resume({"--perceptual", features, "--perceptual-weight", "0.2", "--seconds", "0.001"}).code == 0);
  }
  BOOST_TEST(phases.size() == 2u);
  BOOST_TEST((ign_test::text_of(checkpoint) == written), "the stopped run has other bytes");

  auto const wrong = [&](std::string const& id, std::vector<std::string> const& more) {
    auto const found = train(path / "wrong", more);
    BOOST_TEST((found.code == 1 && found.says(id)), found.text);
    BOOST_TEST(!fs::exists(path / "wrong"));
  };
  wrong("[ign.file.1]", {"--steps", "4", "--perceptual", (path / "nosuch").string()});
  wrong("[ign.option.103]", {"--steps", "4", "--perceptual", path.string()});
  wrong("[ign.format.61]", {"--steps", "4", "--perceptual", (whole / "model.safetensors").string()});
  wrong("[ign.shape.650]", {"--steps", "4", "--perceptual", colour});
  wrong("[ign.option.105]", {"--steps", "4", "--perceptual-weight", "0.2"});
  wrong("[ign.option.105]", {"--steps", "4", "--perceptual", features, "--distillation", "0"});
  wrong("[ign.option.105]", {"--steps", "4", "--perceptual", features, "--recipe", "paper-a"});
}

BOOST_AUTO_TEST_CASE(an_interrupted_run_leaves_a_checkpoint_and_ends_bitwise_identical) {
  auto const alone = path / "alone", out = path / "out";
  BOOST_REQUIRE(train(alone, {"--steps", "24"}).code == 0);
  for (int const number : {SIGINT, SIGTERM}) {
    fs::remove_all(out);
    Child child(command(out, {"--steps", "24"}), says);
    // The log has its first report when training has begun.
    while (child.running() && (!fs::exists(out / "log.jsonl") || io::read_log(out / "log.jsonl").size() < 2))
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    child.signal(number);
    int const code = child.wait();
    auto const text = ign_test::text_of(says);
    BOOST_TEST(code == 128 + number, code << ": " << text);
    auto const checkpoint = out / "checkpoint.safetensors";
    BOOST_TEST(text.find("--resume " + checkpoint.string()) != std::string::npos, text);
    BOOST_REQUIRE(fs::exists(checkpoint));
    BOOST_TEST(!fs::exists(out / "report.html"));
    auto const resumed = train(out, {"--steps", "24", "--resume", checkpoint.string()});
    BOOST_TEST(resumed.code == 0, resumed.text);
    BOOST_TEST((ign_test::text_of(checkpoint) == ign_test::text_of(alone / "checkpoint.safetensors")), "the resumed run differs");
  }
}

BOOST_AUTO_TEST_CASE(generate_writes_a_sheet_files_or_an_array_and_says_what_it_cannot) {
  auto const out = path / "out";
  BOOST_REQUIRE(train(out, {"--steps", "4"}).code == 0);
  auto const model = (out / "model.safetensors").string();
  auto const refused = [&](std::vector<std::string> more, std::string const& part) {
    more.insert(more.begin(), {"--checkpoint", model});
    auto const outcome = generate(more);
    BOOST_TEST((outcome.code == 1 && outcome.says(part)), outcome.text);
  };
  refused({"--out", (path / "x.jpg").string()}, "[ign.option.446]");
  BOOST_TEST(!fs::exists(path / "x.jpg"));
  refused({"--out", (path / "x.png").string(), "--count", "1000"}, "66002 x 200");
  refused({"--out", (path / "no" / "x.png").string()}, "its folder is missing");
  refused({"--count", "0"}, "--count is '0'");
  auto const array = path / "x.npy", files = path / "files";
  BOOST_TEST(generate({"--checkpoint", model, "--count", "105", "--out", array.string()}).code == 0);
  auto const bytes = ign_test::text_of(array);
  BOOST_TEST(bytes.substr(0, 8) == std::string("\x93NUMPY\1\0", 8));
  BOOST_TEST(bytes.find("'shape': (105, 32, 32, 1, )") != std::string::npos);
  BOOST_TEST(bytes.size() == 128u + 4u * 105u * 32u * 32u);
  BOOST_TEST(generate({"--checkpoint", model, "--count", "105", "--out", files.string()}).code == 0);
  BOOST_TEST(std::distance(fs::directory_iterator(files), fs::directory_iterator()) == 105);
  refused({"--out", files.string()}, "is not empty");
  auto const last = io::read_png(files / "000104.png");
  BOOST_TEST((last.height == 32 && last.width == 32 && last.channels == 1));
  // The same image in both.
  float number = 0;
  std::memcpy(&number, bytes.data() + 128 + 4 * (104 * 1024 + 500), 4);
  BOOST_TEST(std::abs(static_cast<float>(last.pixels[500]) - (number + 1) * 127.5f) <= 0.51f);
}

BOOST_AUTO_TEST_CASE(a_resumed_run_takes_the_net_of_its_second_phase_from_the_checkpoint) {
  std::vector<std::string> const options = {"--recipe", "mnist-widened"};
  auto const with = [&](std::vector<std::string> more) {
    more.insert(more.begin(), options.begin(), options.end());
    return more;
  };
  auto const whole = path / "whole", stopped = path / "stopped";
  auto const first = train(whole, with({"--wide-net", "mnist-wide", "--steps", "8"}));
  BOOST_TEST((first.code == 0 && first.says("between the phases: measuring running statistics over ")), first.text);
  // Stopped in the first phase, then in the second.
  BOOST_REQUIRE(train(stopped, with({"--wide-net", "mnist-wide", "--steps", "8", "--seconds", "0.001"})).code == 0);
  auto const checkpoint = (stopped / "checkpoint.safetensors").string();
  auto const other = train(stopped, with({"--resume", checkpoint, "--wide-net", "mnist-large"}));
  BOOST_TEST((other.code == 1 && other.says("[ign.format.62]") &&
              other.says("its run has --wide-net mnist-wide, this one --wide-net mnist-large")),
             other.text);
  for (int again = 0; again < 20 && io::steps_done(io::read_safetensors(checkpoint)) < 8; ++again)
    BOOST_REQUIRE(train(stopped, with({"--resume", checkpoint, "--seconds", "0.001"})).code == 0);
  BOOST_TEST((ign_test::text_of(checkpoint) == ign_test::text_of(whole / "checkpoint.safetensors")), "the resumed run has other bytes");

  // A run without a wide net has no statistics of added channels to measure, and none to take.
  auto const narrow = path / "narrow";
  auto const plain = train(narrow, with({"--ema", "0", "--steps", "8"}));
  BOOST_TEST((plain.code == 0 && !plain.says("between the phases")), plain.text);
  auto const wide =
      train(narrow, with({"--ema", "0", "--resume", (narrow / "checkpoint.safetensors").string(), "--wide-net", "mnist-wide"}));
  BOOST_TEST((wide.code == 1 && wide.says("its run has no --wide-net")), wide.text);
  // Only the field that differs is shown.
  auto const changed = train(narrow, with({"--ema", "0", "--resume", (narrow / "checkpoint.safetensors").string(), "--without", "blur"}));
  BOOST_TEST((changed.code == 1 && changed.says("recipe field 'distillation.corruption.blur' is 0.25, this run has 0.0")), changed.text);
}

BOOST_AUTO_TEST_CASE(a_narrower_net_for_the_second_phase_is_named) {
  auto const refused = train(path / "out", {"--net", "mnist-wide", "--wide-net", "mnist-small", "--steps", "8"});
  BOOST_TEST(
      (refused.code == 1 && refused.says("[ign.shape.173]") &&
       refused.says(
           "out_channels is 24 in the net of the first phase and 16 in that of the second phase (mnist-small), expected 24 or more") &&
       refused.says("must be at least as wide as the net of the first phase")),
      refused.text);
}

BOOST_AUTO_TEST_CASE(generate_tells_what_a_file_is) {
  auto const file = path / "features.safetensors";
  Kokkos::DefaultExecutionSpace const exec;
  io::write_features(file, FeatureNet<>(exec, {8, 8, 1}, 2, 1), nlohmann::ordered_json::object());
  auto const refused = generate({"--checkpoint", file.string(), "--out", (path / "a.png").string()});
  BOOST_TEST(
      (refused.code == 1 && refused.says("[ign.format.681]") && refused.says("generate: ") && refused.says("a feature net of `features`")),
      refused.text);
  auto const trained = train(path / "out", {"--from", file.string(), "--steps", "4"});
  BOOST_TEST((trained.code == 1 && trained.says("[ign.format.681]")), trained.text);
}

BOOST_AUTO_TEST_SUITE_END()
