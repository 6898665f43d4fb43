// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The fuzz targets over their seeds and some thousand changes of them, and readers of headers that lie about sizes.
// The search itself is `make fuzz`.

#include <boost/test/unit_test.hpp>

#include "targets.hpp"

#include <ign_test/environment.hpp>

#include <sys/resource.h>

#include <fstream>
#include <random>

using namespace ign;
using namespace ign_fuzz;

namespace {

// One to four small changes, as libFuzzer makes them.
std::string changed(std::string input, std::vector<std::string> const& seeds, std::mt19937& random) {
  auto const below = [&](std::size_t end) { return end == 0 ? 0 : random() % end; };
  for (std::size_t change = 1 + below(4); change > 0; --change) {
    std::size_t const place = below(input.size()), length = std::min<std::size_t>(1 + below(8), input.size() - place);
    switch (below(7)) {
      case 0:
        if (!input.empty()) input[place] = static_cast<char>(input[place] ^ (1 << below(8)));
        break;
      case 1:
        if (!input.empty()) input[place] = "\0\xff\x7f\x80[{\"0"[below(8)];
        break;
      case 2:
        input.resize(place);
        break;
      case 3:
        input.erase(place, length);
        break;
      case 4:
        input.insert(place, input.substr(place, length));
        break;
      case 5:
        input.replace(place, length, std::string(length, "\0\xff[9"[below(4)]));
        break;
      default: {
        auto const& other = seeds[below(seeds.size())];
        input = input.substr(0, place) + other.substr(below(other.size()));
      }
    }
  }
  return input;
}

// Not under the address sanitizer, which takes memory of its own.
#if defined(__linux__) && !defined(__SANITIZE_ADDRESS__)
#define IGN_LIMITS_MEMORY
// While it lives, the program can take so many more bytes of address space.
class MemoryLimit {
 public:
  explicit MemoryLimit(std::uint64_t more) {
    ::getrlimit(RLIMIT_AS, &m_old);
    std::uint64_t pages = 0;
    std::ifstream("/proc/self/statm") >> pages;
    ::rlimit limit = m_old;
    limit.rlim_cur = pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)) + more;
    ::setrlimit(RLIMIT_AS, &limit);
  }
  MemoryLimit(MemoryLimit const&) = delete;
  MemoryLimit& operator=(MemoryLimit const&) = delete;
  ~MemoryLimit() { ::setrlimit(RLIMIT_AS, &m_old); }

 private:
  ::rlimit m_old{};
};
#endif

}  // namespace

BOOST_AUTO_TEST_SUITE(fuzz)

BOOST_AUTO_TEST_CASE(seeds_and_their_changes) {
  ign_test::AllowNan const allow;  // command lines may hold them
  File file;
  for (auto const& target : targets()) {
    auto const seeds = target.seeds();
    for (auto const& seed : seeds) BOOST_CHECK_NO_THROW(target.run(file, seed));
    std::mt19937 random(static_cast<std::mt19937::result_type>(ign_test::seed()));
    for (int round = 0; round < target.rounds; ++round) {
      auto const input = changed(seeds[static_cast<std::size_t>(round) % seeds.size()], seeds, random);
      try {
        target.run(file, input);
      } catch (std::exception const& error) {
        BOOST_ERROR(target.name << ", change " << round << ": " << error.what());
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(seeds_are_what_they_should_be) {
  File file;
  BOOST_TEST(data::read_idx_images(file.holding(idx_seeds()[0])).count == 2u);
  BOOST_TEST(data::read_idx_images(file.holding(idx_seeds()[4])).pixels.size() == 12u);
  BOOST_TEST(io::read_maybe_gz(file.holding(gzip_seeds()[1])).size() == 62u);
  for (auto const& seed : png_seeds()) BOOST_CHECK_NO_THROW(io::read_png(file.holding(with_png_sums(seed))));
  for (std::size_t i = 0; i < 3; ++i) BOOST_CHECK_NO_THROW(io::read_jpeg(file.holding(jpeg_seeds()[i])));
  for (std::size_t i = 0; i < 2; ++i)
    BOOST_CHECK_NO_THROW(io::read_image(file.holding(picture_seeds()[i]), {io::png_format(), io::jpeg_format()}));
  for (auto const& seed : safetensors_seeds()) BOOST_CHECK_NO_THROW(io::read_safetensors(file.holding(seed)));
  auto const types = io::read_safetensors(file.holding(safetensors_seeds()[2]));
  BOOST_TEST(types.values<float>("0.bias").size() == 3u);
  BOOST_TEST(types.at("u").other_type == "F4");
  BOOST_CHECK_NO_THROW(
      io::resume(io::read_safetensors(file.holding(with_metadata(checkpoint_tensors(), metadata_of(checkpoint_seeds()[0])))),
                 Run::one().trainer, Run::one().json));
  BOOST_CHECK_NO_THROW(
      io::read_features<float>(Run::Exec(), file.holding(with_metadata(features_tensors(), metadata_of(features_seeds()[0])))));
}

#ifdef IGN_LIMITS_MEMORY
BOOST_AUTO_TEST_CASE(no_memory_is_taken_on_a_promise) {
  File file;
  auto const refused = [&](char const* what, std::string const& contents, auto const& read) {
    auto const& path = file.holding(contents);
    BOOST_TEST_CONTEXT(what) {
      MemoryLimit const limit(std::uint64_t{48} << 20);
      BOOST_CHECK_THROW(read(path), Error);  // and not std::bad_alloc
    }
  };
  auto const images = [](auto const& path) { data::read_idx_images(path); };
  refused("IDX of 4 GB", idx_of(8, {65'535, 256, 256}, "abc"), images);
  refused("IDX of 4 GB, packed", gzip_of(idx_of(8, {65'535, 256, 256}, "abc")), images);
  refused("IDX of 2^128 bytes", idx_of(8, {~0u, ~0u, ~0u, ~0u}, "abc"), images);
  refused("gzip that unpacks to 100 MB", gzip_of(std::string(100'000'000, '\0')),
          [](auto const& path) { io::read_maybe_gz(path, 1'000'000); });
  refused("PNG of 2^27 pixels", png_of(8192, 16'384, 8, 2, 0, "abc"), [](auto const& path) { io::read_png(path); });
  refused("PNG of 2^27 pixels, interlaced", png_of(8192, 16'384, 16, 6, 1, "abc"), [](auto const& path) { io::read_png(path); });
  for (int const flags : {0, TJFLAG_PROGRESSIVE}) {
    auto lie = jpeg_of(slope(8, 8, 3), TJPF_RGB, TJSAMP_444, flags);
    auto const frame = lie.find(flags == 0 ? "\xff\xc0" : "\xff\xc2");  // marker, length (2), precision (1), height (2), width (2)
    lie.replace(frame + 5, 4, std::string{'\x20', '\0', '\x40', '\0'});
    refused("JPEG of 2^27 pixels", lie, [](auto const& path) { io::read_jpeg(path); });
  }
  auto const tensors = [](auto const& path) { io::read_safetensors(path); };
  refused("safetensors header of 99 MB", std::string{'\x00', '\xa0', '\xe6', '\x05', 0, 0, 0, 0} + "{}", tensors);
  refused("safetensors header of 2^64 bytes", std::string(8, '\xff') + "{}", tensors);
  refused("tensor of 2^66 bytes",
          behind_length(R"({"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8]}})", "12345678"), tensors);
  refused("tensor of 4 GB", behind_length(R"({"a":{"dtype":"F32","shape":[1073741824],"data_offsets":[0,4294967296]}})", "12345678"),
          tensors);
  for (char const* image : {"[65535,65535,1]", "[2048,2048,1]", "[8,8,65535]"}) {
    auto metadata = features().metadata();
    metadata["image"] = image;
    refused("feature net for large images", with_metadata(features_tensors(), {metadata.begin(), metadata.end()}),
            [](auto const& path) { io::read_features<float>(Run::Exec(), path); });
  }
}
#endif

BOOST_AUTO_TEST_CASE(nesting_that_would_exhaust_the_stack) {
  File file;
  std::string const deep = std::string(1'000'000, '[') + std::string(1'000'000, ']');
  auto metadata = checkpoint().metadata();
  metadata["recipe"] = R"({"recipe":)" + deep + '}';
  auto const tensors = io::read_safetensors(file.holding(with_metadata(checkpoint_tensors(), {metadata.begin(), metadata.end()})));
  BOOST_CHECK_EXCEPTION(io::resume(tensors, Run::one().trainer, Run::one().json), Error,
                        [](Error const& e) { return e.id() == "ign.format.61"; });
  auto of_features = features().metadata();
  of_features["accuracy"] = deep;
  auto const& path = file.holding(with_metadata(features_tensors(), {of_features.begin(), of_features.end()}));
  BOOST_CHECK_EXCEPTION(io::read_features<float>(Run::Exec(), path), Error, [](Error const& e) { return e.id() == "ign.format.231"; });
  BOOST_CHECK_EXCEPTION(io::read_log(file.holding("{\"a\":" + deep + "}\n{}\n")), Error,
                        [](Error const& e) { return e.id() == "ign.format.30"; });
  BOOST_CHECK_THROW(io::read_safetensors(file.holding(behind_length("{\"a\":" + deep + '}', ""))), Error);
  BOOST_TEST(!io::parse_json(std::string(64, '[') + std::string(64, ']')).is_discarded());
}

BOOST_AUTO_TEST_CASE(fields_of_a_recipe_that_are_something_else) {
  auto const& tensors = checkpoint();
  auto const id = [](Error const& e) {
    return e.id() == "ign.format.341" && std::string(e.what()).find(checkpoint().path().string()) != std::string::npos;
  };
  auto const json = [](char const* text) { return io::parse_json(text); };
  for (char const* text : {R"({"a":"12"})", R"({"a":-1})", R"({"a":1.5})", "{}"})
    BOOST_CHECK_EXCEPTION(io::recipe_field<std::uint64_t>(tensors, json(text), "a"), Error, id);
  for (char const* text : {R"({"a":7})", R"({"a":null})", "{}"})
    BOOST_CHECK_EXCEPTION(io::recipe_field<std::string>(tensors, json(text), "a"), Error, id);
  for (char const* text : {"7", "[1,2]", "[1,2,70000]", "[0,2,3]", "[1,2,\"3\"]", "[1,2,3,4]", "null"})
    BOOST_CHECK_EXCEPTION(io::recipe_image(tensors, json((std::string("{\"image\":") + text + '}').c_str())), Error, id);
  BOOST_TEST(io::recipe_image(tensors, json(R"({"image":[4,5,6]})")) == (Shape{4, 5, 6}));
  BOOST_TEST(io::recipe_field<std::string>(tensors, json(R"({"net":"mlp"})"), "net") == "mlp");
  BOOST_TEST(io::recipe_field<std::uint64_t>(tensors, json(R"({"steps":12})"), "steps") == 12u);
}

BOOST_AUTO_TEST_CASE(long_arguments_that_would_exhaust_the_stack) {
  std::string const path(1'000'000, 'a'), option = "--" + path, value = "--data=" + path, letters = '-' + path, number(1'000'000, '1');
  std::ostringstream out;
  char const* const good[] = {"train", value.c_str()};
  BOOST_TEST((examples::train_options(2, good, out).value().data == path));
  for (char const* bad : {option.c_str(), letters.c_str()}) {
    char const* const arguments[] = {"train", bad};
    BOOST_CHECK_THROW(examples::train_options(2, arguments, out), examples::UsageError);
  }
  char const* const counted[] = {"train", "--data", "rectangles", "--steps", number.c_str()};
  BOOST_CHECK_EXCEPTION(examples::train_options(5, counted, out), Error,
                        [](Error const& e) { return e.id() == "ign.option.104" && std::string(e.what()).size() < 300; });
}

BOOST_AUTO_TEST_CASE(numbers_of_a_command_line_outside_their_range) {
  ign_test::AllowNan const allow;
  std::ostringstream out;
  auto const refused = [&](std::vector<char const*> arguments) {
    arguments.insert(arguments.begin(), {"train", "--data", "rectangles"});
    BOOST_CHECK_EXCEPTION(examples::train_options(static_cast<int>(arguments.size()), arguments.data(), out), Error,
                          [](Error const& e) { return e.id() == "ign.option.104"; });
  };
  for (char const* name : {"--seconds", "--epochs", "--lr", "--tightness", "--final-tightness", "--ema"})
    for (char const* value : {"-1", "1e300"}) refused({(std::string(name) + '=' + value).c_str()});
  refused({"--batch=-1"});
  refused({"--report-every=0"});
  for (char const* zero : {"--seconds=0", "--epochs=0", "--steps=0", "--batch=0", "--bound=0"}) refused({zero});
}

BOOST_AUTO_TEST_CASE(options_of_a_command_line_that_exclude_each_other) {
  std::ostringstream out;
  auto const refused = [&](std::vector<char const*> arguments) {
    arguments.insert(arguments.begin(), {"train", "--data", "rectangles"});
    BOOST_CHECK_EXCEPTION(examples::train_options(static_cast<int>(arguments.size()), arguments.data(), out), Error,
                          [](Error const& e) { return e.id() == "ign.option.105"; });
  };
  refused({"--from", "a", "--resume", "b"});
  refused({"--overwrite", "--resume", "b"});
  refused({"--steps=3", "--epochs=2"});
}

BOOST_AUTO_TEST_SUITE_END()
