// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Parts of the example programs: command lines, data sets, evaluation, interrupts.

#include <boost/test/unit_test.hpp>

#include "../../examples/support/data_sets.hpp"
#include "../../examples/support/interrupts.hpp"
#include "../../examples/support/program.hpp"
#include "../../examples/support/projector.hpp"
#include "../../examples/support/quality.hpp"
#include "../../examples/support/recipes.hpp"
#include "../../examples/support/train_options.hpp"

#include <ign/io/features.hpp>
#include <ign/io/model.hpp>
#include <ign/layers/conditional_layers.hpp>
#include <ign/layers/residual.hpp>
#include <ign/nets/frozen_projector.hpp>
#include <ign_test/errors.hpp>
#include <ign_test/folder.hpp>

#include <csignal>
#include <fstream>
#include <iterator>
#include <optional>
#include <regex>
#include <sstream>

using examples::CommandLine;
using examples::Exec;
using examples::Ref;
namespace fs = std::filesystem;

BOOST_AUTO_TEST_SUITE(programs)

namespace {

struct Values {
  double rate = 0.5;
  std::optional<double> weight;
  std::optional<int> batch;
  std::uint64_t seed = 1;
  std::vector<double> list = {1, 2};
  std::string text = "as it is";
  bool flag = false;
};

CommandLine line_of(Values& v) {
  CommandLine line("program", "Does something.");
  line.add("rate", "a rate", v.rate, examples::above(0));
  line.add("weight", "a weight", v.weight, examples::between(0, 1));
  line.add("batch", "samples", v.batch, examples::at_least(1));
  line.add("seed", "of all", v.seed);
  line.add("list", "numbers", v.list);
  line.add("text", "a text", v.text);
  line.add("flag", "yes", v.flag);
  return line;
}

Values parsed(std::vector<char const*> arguments) {
  Values v;
  auto line = line_of(v);
  std::ostringstream out;
  arguments.insert(arguments.begin(), "program");
  line.parse(static_cast<int>(arguments.size()), arguments.data(), out);
  return v;
}

/// f(x) = c everywhere, and z that differ by chunk.
class Constant final : public examples::AnyProjector {
 public:
  Constant(ign::Shape shape, float data, float images) : m_shape(shape), m_data(data), m_images(images) {}

  ign::Shape image_shape() const override { return m_shape; }
  void apply(Exec const& exec, ign::Role first, int, Ref const&, Ref const& y) override {
    Kokkos::deep_copy(exec, y, first == ign::Role::data ? m_data : m_images);
  }
  void generate(Exec const& exec, ign::Key const&, int, Ref const& y) override {
    Kokkos::deep_copy(exec, y, static_cast<float>(y.extent(0)));
  }

 private:
  ign::Shape m_shape;
  float m_data, m_images;
};

std::string text_of(fs::path const& path) {
  std::ifstream file(fs::path(IGN_GOLDEN_DIR).parent_path().parent_path() / path);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The first group of each match.
std::vector<std::string> matches(std::string const& text, char const* pattern) {
  std::regex const regex(pattern);
  std::vector<std::string> found;
  for (std::sregex_iterator at(text.begin(), text.end(), regex), end; at != end; ++at) found.push_back((*at)[1]);
  return found;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_number_is_the_whole_text_or_an_error_that_names_the_option) {
  auto const refused = [](char const* argument, std::string const& name, std::string const& expected) {
    BOOST_CHECK_EXCEPTION(parsed({argument}), ign::Error, [&](ign::Error const& e) {
      std::string const text = e.what();
      bool const good =
          e.id() == "ign.option.104" && text.find("--" + name + " is '") != std::string::npos && text.find(expected) != std::string::npos;
      BOOST_TEST(good, text);
      return good;
    });
  };
  for (char const* text : {"--rate=0,001", "--rate=1,5", "--rate=1e-4x", "--rate=1m", "--rate=", "--rate= 1", "--rate=1 ", "--rate=nan",
                           "--rate=inf", "--rate=1e999", "--rate=0x1p3", "--rate=0", "--rate=-1", "--rate=+1", "--rate=1e-400"})
    refused(text, "rate", "a finite number above 0");
  refused("--weight=1.5", "weight", "a finite number from 0 to 1");
  for (char const* text : {"--batch=0", "--batch=1.5", "--batch=1e3", "--batch=3000000000", "--batch=7x", "--batch=+7", "--batch="})
    refused(text, "batch", "a whole number from 1 to 2147483647");
  for (char const* text : {"--seed=-1", "--seed=18446744073709551616"})
    refused(text, "seed", "a whole number from 0 to 18446744073709551615");
  for (char const* text : {"--list=1,,2", "--list=1;2", "--list=1,"}) refused(text, "list", "a finite number");

  auto const values =
      parsed({"--rate=1e-4", "--weight", "0", "--batch=7", "--seed", "18446744073709551615", "--list=0.5,1e2", "--flag", "--text=new"});
  BOOST_TEST(values.rate == 1e-4);
  BOOST_TEST(values.weight.value() == 0);
  BOOST_TEST(values.batch.value() == 7);
  BOOST_TEST(values.seed == std::numeric_limits<std::uint64_t>::max());
  BOOST_TEST((values.list == std::vector<double>{0.5, 100}));
  BOOST_TEST(values.flag);
  BOOST_TEST(values.text == "new");
  BOOST_CHECK_EXCEPTION(parsed({"--text="}), ign::Error,
                        [](ign::Error const& e) { return std::string(e.what()).find("[ign.option.104] --text is empty") == 0; });
}

BOOST_AUTO_TEST_CASE(an_absent_option_leaves_its_variable) {
  auto const values = parsed({"--kokkos-num-threads=2"});
  BOOST_TEST((values.rate == 0.5 && !values.weight && !values.batch && values.seed == 1u && values.text == "as it is" && !values.flag));
  BOOST_TEST((values.list == std::vector<double>{1, 2}));
}

BOOST_AUTO_TEST_CASE(help_shows_defaults_and_names_the_options_of_kokkos) {
  Values v;
  auto line = line_of(v);
  std::ostringstream out;
  char const* const arguments[] = {"program", "--help"};
  BOOST_TEST(!line.parse(2, arguments, out));
  for (char const* part : {"Does something.", "(default: 0.5)", "(default: 1,2)", "(default: as it is)", "--kokkos-help"})
    BOOST_TEST(out.str().find(part) != std::string::npos, part << " is not in " << out.str());
  BOOST_CHECK_EXCEPTION(parsed({"word"}), ign::Error, [](ign::Error const& e) { return e.id() == "ign.option.102"; });
  BOOST_CHECK_THROW(parsed({"--unknown"}), examples::UsageError);
  BOOST_CHECK_EXCEPTION(parsed({"--rate=1", "--rate=2"}), ign::Error, [](ign::Error const& e) { return e.id() == "ign.option.105"; });
}

BOOST_AUTO_TEST_CASE(a_mean_over_a_set_covers_the_set) {
  Exec const exec;
  for (std::size_t const count : {1u, 99u, 100u, 101u, 150u, 250u}) {
    // The last image alone is white, the others black: x² is 1 in all of them, so f(x) = 0 has the error 1 whatever is left out, but (x -
    // 1)² is 4 in black ones and 0 in the white one.
    ign::data::ImageSet images{count, 2, 2, 1, std::vector<std::uint8_t>(4 * count, 0)};
    std::fill(images.pixels.end() - 4, images.pixels.end(), std::uint8_t{255});
    Constant f({2, 2, 1}, 1, 0);
    auto const [reconstruction, idempotence] = examples::evaluate(exec, f, images, ign::Mse{}, 1);
    BOOST_TEST(reconstruction == 4.0 * static_cast<double>(count - 1) / static_cast<double>(count), boost::test_tools::tolerance(1e-6));
    // f(z) is the number of samples in its chunk, and each counts once.
    double expected = 0;
    for (std::size_t first = 0; first < count; first += 100) {
      auto const size = static_cast<double>(std::min<std::size_t>(100, count - first));
      expected += size * size * size / static_cast<double>(count);
    }
    BOOST_TEST(idempotence == expected, boost::test_tools::tolerance(1e-6));
  }
}

BOOST_AUTO_TEST_CASE(every_net_and_recipe_of_the_library_has_a_name) {
  auto const nets = text_of("examples/support/nets.hpp"), recipes = text_of("examples/support/recipes.hpp");
  auto const functions =
      matches(text_of("include/ign/nets/dcgan.hpp") + text_of("include/ign/nets/residual_dcgan.hpp"), "constexpr auto ([a-z0-9_]+_net)\\(");
  BOOST_TEST(functions.size() == std::size(examples::nets));
  for (auto const& function : functions) BOOST_TEST(nets.find("ign::" + function + '(') != std::string::npos, function);
  auto const functions_of_recipes =
      matches(text_of("include/ign/train/recipes.hpp"), "\nRecipe<Net, [A-Za-z0-9, ]+> ([a-z0-9_]+)\\(Net const&");
  BOOST_TEST(functions_of_recipes.size() == examples::any_recipes.size());
  for (auto const& function : functions_of_recipes) BOOST_TEST(recipes.find("ign::" + function + '(') != std::string::npos, function);

  auto const net = ign::mnist_small_net();
  for (auto const& entry : examples::any_recipes)
    std::visit([&](auto const& recipe) { BOOST_TEST(recipe.name == entry.name); }, entry.make(net, {32, 32, 1}));
}

BOOST_AUTO_TEST_CASE(help_and_errors_list_the_names_of_the_tables) {
  examples::TrainOptions options;
  auto line = examples::train_command_line(options);
  std::ostringstream out;
  char const* const arguments[] = {"train", "--help"};
  BOOST_TEST(!line.parse(2, arguments, out));
  auto const refusal = [](auto const& call) {
    std::string text;
    try {
      call();
    } catch (ign::Error const& error) {
      text = error.what();
    }
    return text;
  };
  auto const nobody = [](auto const&...) {};
  auto const no_net = refusal([&] { examples::with_net("other", 1, nobody); });
  auto const no_recipe = refusal([&] { examples::with_recipe("other", ign::mnist_small_net(), {32, 32, 1}, nobody); });
  for (auto const& entry : examples::nets) {
    BOOST_TEST(out.str().find(entry.name) != std::string::npos, entry.name);
    BOOST_TEST(no_net.find(entry.name) != std::string::npos, no_net);
  }
  for (auto const& entry : examples::any_recipes) {
    BOOST_TEST(out.str().find(entry.name) != std::string::npos, entry.name);
    BOOST_TEST(no_recipe.find(entry.name) != std::string::npos, no_recipe);
  }
  BOOST_CHECK_EXCEPTION(examples::with_net("kth-mnist", 3, nobody), ign::Error,
                        [](ign::Error const& error) { return error.id() == "ign.option.100"; });
}

BOOST_AUTO_TEST_CASE(a_dangling_link_to_test_images_is_an_error_under_each_name) {
  for (char const* name : {"t10k-images-idx3-ubyte", "t10k-images-idx3-ubyte.gz", "t10k-images.idx3-ubyte", "t10k-images.idx3-ubyte.gz"}) {
    ign_test::Folder const folder;
    ign::data::write_idx<std::uint8_t>(folder.path / "train-images-idx3-ubyte", {1, 2, 2}, std::vector<std::uint8_t>(4));
    fs::create_symlink("nowhere", folder.path / name);
    BOOST_CHECK_EXCEPTION(examples::load(folder.path.string(), {32, 32, 1}), ign::Error, [&](ign::Error const& error) {
      return error.id() == "ign.format.441" && std::string(error.what()).find(name) != std::string::npos;
    });
  }
}

BOOST_AUTO_TEST_CASE(every_tenth_image_is_held_back_where_there_are_no_test_images) {
  ign::data::ImageSet set{25, 1, 1, 1, {}};
  for (int n = 0; n < 25; ++n) set.pixels.push_back(static_cast<std::uint8_t>(n));
  auto const data = examples::hold_back(set);
  BOOST_TEST(data.train.count == 23u);
  BOOST_TEST((data.test.images.pixels == std::vector<std::uint8_t>{9, 19}));
  BOOST_TEST(data.test.held_out);
  BOOST_TEST(data.train.pixels.size() == 23u);
  BOOST_TEST((data.train.pixels[9] == 10 && data.train.pixels[22] == 24));
  set.count = 9;
  set.pixels.resize(9);
  auto const few = examples::hold_back(set);
  BOOST_TEST((few.train.count == 9u && few.test.images.count == 9u && !few.test.held_out));
  ign::data::ImageSet const many{150'000, 1, 1, 1, std::vector<std::uint8_t>(150'000)};
  BOOST_TEST(examples::hold_back(many).test.images.count == 10'000u);
}

BOOST_AUTO_TEST_CASE(output_is_checked_before_the_work) {
  ign_test::Folder const folder;
  auto const id = [](fs::path const& path) {
    try {
      examples::check_writable(path);
      return std::string();
    } catch (ign::Error const& error) {
      return std::string(error.id());
    }
  };
  BOOST_TEST(id(folder.path / "a.html") == "");
  BOOST_TEST(!fs::exists(folder.path / "a.html"));
  BOOST_TEST(id(folder.path / "no" / "a.html") == "ign.file.5");
  BOOST_TEST(id(folder.path) == "ign.file.2");
}

BOOST_AUTO_TEST_CASE(the_second_signal_is_the_systems) {
  auto const before = std::signal(SIGINT, SIG_IGN);
  {
    examples::Interrupts const interrupts;
    BOOST_TEST((interrupts.signal() == 0 && interrupts.on_step(0)));
    std::raise(SIGINT);
    BOOST_TEST((interrupts.signal() == SIGINT && !interrupts.on_step(0)));
    auto const now = std::signal(SIGINT, SIG_DFL);
    BOOST_TEST((now == SIG_DFL));
  }
  auto const after = std::signal(SIGINT, before);
  BOOST_TEST((after == SIG_IGN), "the handler from before is back");
}

BOOST_AUTO_TEST_CASE(results_of_an_earlier_run_are_kept) {
  ign_test::Folder const folder;
  std::vector<std::string> const files = {"model.safetensors", "report.html"};
  auto const run = folder.path / "run";
  examples::prepare_folder(run, files, false);
  BOOST_TEST((fs::is_directory(run) && fs::is_empty(run)));
  std::ofstream(run / "notes.txt") << "not a result";
  examples::prepare_folder(run, files, false);
  std::ofstream(run / "report.html") << "earlier";
  BOOST_CHECK_EXCEPTION(examples::prepare_folder(run, files, false), ign::Error, [](ign::Error const& e) {
    std::string const text = e.what();
    return e.id() == "ign.option.440" && text.find("holds report.html") != std::string::npos &&
           text.find("--overwrite") != std::string::npos;
  });
  examples::prepare_folder(run, files, true);
  BOOST_TEST(fs::file_size(run / "report.html") == 7u);
  examples::require_new_file(run / "new.safetensors", false);
  ign_test::fails("ign.option.440", [&] { examples::require_new_file(run / "report.html", false); });
  examples::require_new_file(run / "report.html", true);
}

BOOST_AUTO_TEST_CASE(help_tells_of_labels_and_of_what_is_replaced) {
  auto const help = [](examples::Inputs inputs) {
    CommandLine line("program", "Does something.");
    inputs.add_to(line);
    std::ostringstream out;
    char const* const arguments[] = {"program", "--help"};
    BOOST_TEST(!line.parse(2, arguments, out));
    return std::regex_replace(out.str(), std::regex("\\s+"), " ");
  };
  auto const says = [](std::string const& text, char const* part) { return text.find(part) != std::string::npos; };
  using Use = examples::Inputs::Use;
  auto const report = help({.data_use = Use::needed});
  BOOST_TEST((!says(report, "labels") && says(report, "replaces an earlier one") && !says(report, "--overwrite")), report);
  auto const training = help({.data_use = Use::needed, .needs_labels = true, .out_help = "folder", .results = {"model"}});
  BOOST_TEST((says(training, "train-labels-idx1-ubyte") && says(training, "pictures have no labels")), training);
  BOOST_TEST((says(training, "--overwrite") && !says(training, "replaces an earlier one")), training);
  char const* const arguments[] = {"program"};
  examples::Inputs without = {.data_use = Use::needed, .needs_labels = true};
  BOOST_CHECK_EXCEPTION(without.check(1, arguments), ign::Error, [&](ign::Error const& e) { return says(e.what(), "with labels"); });
}

BOOST_AUTO_TEST_CASE(a_net_that_a_program_cannot_apply_is_named) {
  Exec const exec;
  ign_test::Folder const folder;
  auto const path = folder.path / "model.safetensors";
  constexpr ign::Shape image = {8, 8, 1};
  auto const refused = [&](char const* part) {
    BOOST_CHECK_EXCEPTION(examples::load_projector(exec, path), ign::Error, [&](ign::Error const& e) {
      std::string const text = e.what();
      BOOST_TEST_INFO(text);
      return e.id() == "ign.format.681" && text.find(path.string()) != std::string::npos && text.find(part) != std::string::npos;
    });
  };
  auto const write = [&](auto const& net) {
    ign::Model<std::remove_cvref_t<decltype(net)>, float, Exec> const model(exec, net, image, 1);
    ign::io::write_model(exec, path, model);
    return model;
  };
  ign::Conv2d const conv = {.channels = 1, .kernel = 1, .stride = 1, .padding = 0};
  write(ign::sequential(ign::ConditionChannels{3}, conv));
  refused("a conditional net f(x | c), as `conditional` writes it");
  write(ign::sequential(conv, ign::residual(conv, ign::ConditionalScale{2}), ign::Tanh{}));
  refused("given(f, c)");
  ign::io::write_features(path, ign::FeatureNet<>(exec, image, 2, 1), nlohmann::ordered_json::object());
  refused("Pass it to --features");
  ign::io::write_safetensors(path, {}, {{"encoder.net", ""}, {"decoder.net", ""}, {"code.net", ""}});
  refused("a model of `latent`");
  ign::Model<decltype(ign::sequential(conv)), float, Exec> const fields(exec, ign::sequential(conv), image, 1);
  ign::io::write_model(exec, path, fields, ign::ChannelNormalisation{{0.5}, {2.0}});
  refused("a net of physical fields");

  // A model without a recipe is applied as its net is, with Gaussian noise.
  auto const model = write(ign::sequential(conv, ign::residual(conv, ign::LeakyRelu{0.2}), ign::Tanh{}));
  auto const f = examples::load_projector(exec, path);
  BOOST_TEST(f->image_shape() == image);
  ign::FrozenProjector expected(exec, model);
  auto const a = ign::make_tensor<float>(exec, "a", 3, image), b = ign::make_tensor<float>(exec, "b", 3, image);
  ign::Key const key{.seed = 4};
  f->generate(exec, key, 2, Ref(a));
  expected.generate(exec, ign::Gaussian{}, key, 2, Ref(b));
  exec.fence();
  auto const host = [](auto const& x) {
    auto const copy = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), x);
    return std::vector<float>(copy.data(), copy.data() + copy.size());
  };
  BOOST_TEST((host(a) == host(b)));
}

BOOST_AUTO_TEST_CASE(classes_of_a_feature_net_are_those_of_the_labels) {
  Exec const exec;
  ign_test::Folder const folder;
  auto const net = folder.path / "features.safetensors";
  ign::Shape const image = {32, 32, 1};
  BOOST_TEST(examples::label_classes("rectangles").value() == 4);
  BOOST_TEST(!examples::label_classes(folder.path.string()).has_value());
  auto const data = examples::load("rectangles", image);
  BOOST_TEST(data.where == "rectangles");
  auto const measure = [&](int classes, nlohmann::ordered_json const& facts, examples::DataSet const& set) {
    ign::io::write_features(net, ign::FeatureNet<>(exec, image, classes, 1), facts);
    examples::QualityMeter const meter(exec, net, set, image, 20, examples::FeatureTask::any);
  };
  measure(4, nlohmann::ordered_json::object(), data);
  ign_test::fails("ign.option.572", [&] { measure(3, nlohmann::ordered_json::object(), data); });
  measure(3, {{examples::task_field, examples::quarter_turns_task}}, data);  // its classes are those of no data
  auto unlabelled = data;
  unlabelled.where = folder.path.string();
  measure(3, nlohmann::ordered_json::object(), unlabelled);

  ign::data::write_idx<std::uint8_t>(folder.path / "t10k-labels-idx1-ubyte", {3}, std::vector<std::uint8_t>{0, 6, 2});
  BOOST_TEST(examples::label_classes(folder.path.string()).value() == 7);
  ign::data::write_idx<std::uint8_t>(folder.path / "train-labels-idx1-ubyte", {2}, std::vector<std::uint8_t>{0, 9});
  BOOST_TEST(examples::label_classes(folder.path.string()).value() == 10);
}

BOOST_AUTO_TEST_SUITE_END()
