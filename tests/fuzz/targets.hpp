// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Every reader of the library, each as a function of any bytes whatever that may do no more than return.

#ifndef IGN_FUZZ_TARGETS_HPP
#define IGN_FUZZ_TARGETS_HPP

#include "../../examples/support/train_options.hpp"
#include "inputs.hpp"

#include <ign/data/idx.hpp>
#include <ign/ign.hpp>
#include <ign/io/checkpoint.hpp>
#include <ign/io/features.hpp>
#include <ign/io/gzip.hpp>
#include <ign/io/jpeg.hpp>
#include <ign/io/log.hpp>
#include <ign/io/png.hpp>
#include <ign/io/read_image.hpp>
#include <ign/io/resize.hpp>
#include <ign/io/runtime_projector.hpp>
#include <ign/layers/residual.hpp>

#include <array>
#include <cstring>
#include <memory>
#include <sstream>
#include <stdexcept>

namespace ign_fuzz {

/// A promise of the library that does not hold. Not an ign::Error: nobody catches it.
inline void expect(bool held, char const* promise) {
  if (!held) throw std::logic_error(std::string("promise broken: ") + promise);
}

/// Runs a reader: it may return or throw ign::Error that names the file; whatever else it throws goes on. True when it returned.
template <class Read>
bool attempt(std::filesystem::path const& path, Read const& read) {
  try {
    read();
    return true;
  } catch (ign::Error const& error) {
    expect(std::string_view(error.what()).find(path.string()) != std::string_view::npos, "an error names the file");
    return false;
  }
}

struct Target {
  char const* name;
  std::vector<std::string> (*seeds)();
  void (*run)(File& file, std::string_view input);
  int rounds;  ///< of changed inputs in the test suite: what takes about half a second
};

// ---- IDX, gzip

inline std::vector<std::string> idx_seeds() {
  std::string const data(12, 'a');
  std::vector<std::string> seeds = {idx_of(8, {2, 2, 3}, data), idx_of(8, {1, 2, 2, 3}, data), idx_of(8, {12}, data),
                                    idx_of(12, {3}, data)};
  for (std::size_t i = 0, plain = seeds.size(); i < plain; ++i) seeds.push_back(gzip_of(seeds[i]));
  return seeds;
}

inline void run_idx(File& file, std::string_view input) {
  auto const& path = file.holding(input);
  constexpr std::uint64_t limit = 1 << 20;
  attempt(path, [&] {
    auto const set = ign::data::read_idx_images(path, limit);
    expect(set.count * set.height * set.width * set.channels == set.pixels.size() && !set.pixels.empty(), "extents fit the pixels");
  });
  attempt(path, [&] { ign::data::read_idx_labels(path, limit); });
  attempt(path, [&] {
    auto const array = ign::data::read_idx<std::int32_t>(path, limit);
    expect(ign::io::checked_product(array.extents) == array.data.size(), "extents fit the data");
  });
}

inline std::vector<std::string> gzip_seeds() {
  auto const member = gzip_of("some text, some text, some text");
  return {member, member + member, gzip_of(""), gzip_of(std::string(5000, 'z')), "not packed"};
}

inline void run_gzip(File& file, std::string_view input) {
  auto const& path = file.holding(input);
  constexpr std::uint64_t limit = 1 << 20;
  attempt(path, [&] { expect(ign::io::read_maybe_gz(path, limit).size() <= limit, "no more than the limit comes"); });
}

// ---- pictures

inline void use_picture(ign::io::Image const& image) {
  expect(image.pixels.size() == image.height * image.width * image.channels && !image.pixels.empty(), "extents fit the pixels");
  auto const small = ign::io::with_channels(ign::io::resized(ign::io::centre_square(image), 5, 5), 3);
  expect(small.pixels.size() == 75, "a picture can be resized");
}

inline std::vector<std::string> png_seeds() {
  std::vector<std::string> seeds;
  for (std::size_t const channels : {1u, 2u, 3u, 4u}) seeds.push_back(as_string(ign::io::encode_png(slope(5, 3, channels))));
  std::string const row = {0, '\x12', '\x34', '\x56', '\x78'};
  seeds.push_back(png_of(2, 2, 16, 0, 0, row + row));
  seeds.push_back(png_of(1, 8, 1, 0, 0, row.substr(0, 2)));
  seeds.push_back(png_of(1, 4, 2, 3, 0, row.substr(0, 2), png_chunk("PLTE", "abcdefghijkl") + png_chunk("tRNS", "ab")));
  seeds.push_back(png_of(2, 2, 8, 0, 1, std::string(10, '\0'), png_chunk("gAMA", big_endian(100'000))));
  return seeds;
}

inline void run_png(File& file, std::string_view input) {
  for (auto const& contents : {std::string(input), with_png_sums(input)}) {
    auto const& path = file.holding(contents);
    attempt(path, [&] { use_picture(ign::io::read_png(path, 1 << 18)); });
  }
}

inline std::vector<std::string> jpeg_seeds() {
  return {jpeg_of(slope(9, 13, 1), TJPF_GRAY, TJSAMP_GRAY), jpeg_of(slope(17, 9, 3), TJPF_RGB, TJSAMP_420),
          jpeg_of(slope(9, 13, 3), TJPF_RGB, TJSAMP_444, TJFLAG_PROGRESSIVE), jpeg_of(slope(8, 8, 4), TJPF_CMYK, TJSAMP_444)};
}

inline void run_jpeg(File& file, std::string_view input) {
  auto const& path = file.holding(input);
  attempt(path, [&] { use_picture(ign::io::read_jpeg(path, 1 << 18)); });
}

/// Pictures of either format, told by their first bytes, as from a folder whose files have no names that tell.
inline std::vector<std::string> picture_seeds() {
  using namespace std::string_literals;
  return {png_seeds()[0],
          jpeg_seeds()[0],
          "BM\x46\0\0\0\0\0\0\0\x36\0\0\0"s,
          "RIFF\x10\0\0\0WEBPVP8 "s,
          "GIF89a",
          "\0\0\0 ftypavif"s,
          "a text",
          ""};
}

inline void run_picture(File& file, std::string_view input) {
  auto const& path = file.holding(input);
  std::vector<ign::io::ImageFormat> const formats = {ign::io::png_format(), ign::io::jpeg_format()};
  std::string const head = ign::io::InputFile(path).head(ign::io::detail::image_head_size);
  expect(head == input.substr(0, ign::io::detail::image_head_size), "the head is the file's beginning");
  auto const* const format = ign::io::detail::format_of(head, "", formats);
  auto const kind = ign::io::detail::picture_kind(head);
  expect((format == &formats[0]) == (kind == "PNG") && (format == &formats[1]) == (kind == "JPEG"), "formats and kinds agree");
  bool const read = attempt(path, [&] { use_picture(ign::io::read_image(path, formats, 1 << 18)); });
  expect(!read || format != nullptr, "only what has a format is read");
}

// ---- safetensors: whole files, and headers alone

inline void use_tensors(ign::io::SafeTensorsFile const& tensors) {
  std::size_t bytes = 0;
  for (auto const& [name, tensor] : tensors.tensors()) {
    bool const other = tensor.dtype == ign::io::DType::other;
    auto const count = ign::io::checked_product(tensor.shape);
    expect(other != tensor.other_type.empty(), "a type is known or has a name");
    expect(other || ign::io::checked_product(tensor.shape, ign::io::dtype_size(tensor.dtype)) == tensor.bytes.size(),
           "shapes fit the bytes");
    for (std::byte const byte : tensor.bytes) bytes += static_cast<std::size_t>(byte) & 1;
    bool const read = attempt(tensors.path(), [&, &known = name, type = tensor.dtype] {
      auto const values = tensors.values<float>(known, ign::io::Conversion::narrowing);
      expect(ign::io::has_values(type) && values.size() == count, "as many values as the shape says");
    });
    expect(!read || tensor.dtype == ign::io::DType::f32 || tensor.dtype == ign::io::DType::f16 || tensor.dtype == ign::io::DType::bf16 ||
               tensor.dtype == ign::io::DType::f64,
           "floats come of floats");
    attempt(tensors.path(), [&, &known = name] { tensors.values<double>(known); });
    attempt(tensors.path(), [&, &known = name] { tensors.values<std::uint8_t>(known, ign::io::Conversion::none); });
  }
  attempt(tensors.path(), [&] { tensors.at("module.0.weight"); });
  [[maybe_unused]] static volatile std::size_t used;
  used = bytes;
}

inline std::string const& header_seed() {
  static std::string const header =
      R"({"__metadata__":{"k":"v"},"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},)"
      R"("b":{"dtype":"U8","shape":[],"data_offsets":[24,25]},"c":{"dtype":"I64","shape":[0,9],"data_offsets":[25,25]}})";
  return header;
}

/// Types that are converted, that are listed only, and one that is not known; of as many bytes as header_seed.
inline std::string const& types_seed() {
  static std::string const header =
      R"({"0.bias":{"dtype":"F16","shape":[3],"data_offsets":[0,6]},"0.weight":{"dtype":"BF16","shape":[1,2],"data_offsets":[6,10]},)"
      R"("d":{"dtype":"F64","shape":[1],"data_offsets":[10,18]},"m":{"dtype":"BOOL","shape":[3],"data_offsets":[18,21]},)"
      R"("s":{"dtype":"I16","shape":[],"data_offsets":[21,23]},"u":{"dtype":"F4","shape":[4],"data_offsets":[23,25]}})";
  return header;
}

inline std::vector<std::string> safetensors_seeds() {
  std::vector<float> const a = {1, 2, 3, 4, 5, 6};
  std::vector<double> const b = {-1.5};
  auto const path = std::filesystem::temp_directory_path() / ("ign_fuzz_seed_" + std::to_string(::getpid()));
  ign::io::write_safetensors(path, {ign::io::safetensor_entry<float>("a", {2, 3}, a), ign::io::safetensor_entry<double>("b", {}, b)},
                             {{"k", "v"}});
  auto const with_sums = as_string(ign::io::read_file(path));
  std::filesystem::remove(path);
  return {with_sums, behind_length(header_seed(), std::string(25, 'x')), behind_length(types_seed(), std::string(25, 'x')),
          behind_length("{}", "")};
}

inline void run_safetensors(File& file, std::string_view input) {
  auto const& path = file.holding(input);
  attempt(path, [&] { use_tensors(ign::io::read_safetensors(path)); });
}

inline std::vector<std::string> header_seeds() {
  return {header_seed(), types_seed(), "{}", R"({"__metadata__":{"crc32":"{\"__metadata__\":0}"}})"};
}

inline void run_header(File& file, std::string_view input) {
  for (std::size_t const size : {0u, 25u}) run_safetensors(file, behind_length(input, std::string(size, 'x')));
}

// ---- checkpoints and feature nets: metadata "name=text" around valid tensors

/// Kokkos for a program that has none yet.
inline void start_kokkos() {
  if (!Kokkos::is_initialized()) static Kokkos::ScopeGuard const guard;
}

/// The smallest run there is.
struct Run {
  using Exec = Kokkos::DefaultHostExecutionSpace;
  static constexpr ign::Shape image{2, 2, 1};
  using Net = decltype(ign::mlp(image, std::array{3}));
  using Policy = ign::Idempotent<Net, float, Exec>;

  Exec exec;
  ign::Recipe<Net> recipe = ign::mnist_small_adam_recipe(ign::mlp(image, std::array{3}), image);
  ign::Batches<Exec> batches{exec, std::vector<std::uint8_t>(16, 7), 4, image, {2, 1, image}};
  Policy policy{exec, recipe.net, image, recipe.objective, 5};
  ign::TrainerOptions options{12, 4, recipe.first_phase_schedule(12)};
  ign::Trainer<Policy, ign::Adam, ign::Batches<Exec>> trainer{exec, policy, recipe.optimizer, batches, options};
  nlohmann::ordered_json json = ign::io::recipe_json(recipe, "mlp", 5, options);

  std::vector<float> numbers() const {
    std::vector<float> all;
    for (auto const& v : {policy.model().parameters(), policy.model().statistics(), trainer.optimizer_state()})
      all.insert(all.end(), v.data(), v.data() + v.size());
    all.push_back(static_cast<float>(trainer.steps_done()));
    return all;
  }

  /// Made at the first call.
  static Run& one() {
    start_kokkos();
    static auto const run = [] {
      static std::unique_ptr<Run> made;
      Kokkos::push_finalize_hook([] { made.reset(); });
      return (made = std::make_unique<Run>()).get();
    }();
    return *run;
  }
};

/// Reads back the file that `write` writes.
template <class Write>
ign::io::SafeTensorsFile written(Write const& write) {
  auto const path = std::filesystem::temp_directory_path() / ("ign_fuzz_written_" + std::to_string(::getpid()));
  write(path);
  auto file = ign::io::read_safetensors(path);
  std::filesystem::remove(path);
  return file;
}

inline ign::io::SafeTensorsFile const& checkpoint() {
  static ign::io::SafeTensorsFile const file =
      written([](auto const& path) { ign::io::write_checkpoint(path, Run::one().trainer, Run::one().json); });
  return file;
}

inline Tensors const& checkpoint_tensors() {
  static Tensors const tensors(checkpoint());
  return tensors;
}

inline std::vector<std::string> checkpoint_seeds() {
  auto metadata = checkpoint().metadata();
  std::string const plain = text_of_metadata(metadata);
  metadata["normalisation"] = ign::io::normalisation_json({{0.5, -2}, {1, 0}}).dump();
  return {plain, text_of_metadata(metadata)};
}

inline void run_checkpoint(File& file, std::string_view input) {
  auto& run = Run::one();
  auto const& path = file.holding(with_metadata(checkpoint_tensors(), metadata_of(input)));
  auto const before = run.numbers();
  attempt(path, [&] {
    auto const tensors = ign::io::read_safetensors(path);
    auto const recipe = ign::io::read_recipe(tensors);
    auto const copy = recipe;  // walks down into it, as printing does
    attempt(path, [&] { ign::io::recipe_field<std::uint64_t>(tensors, copy, "steps"); });
    attempt(path, [&] { ign::io::recipe_field<std::string>(tensors, copy, "net"); });
    attempt(path, [&] { ign::io::recipe_image(tensors, copy); });
    attempt(path, [&] { ign::io::read_normalisation(tensors); });
    bool const resumed = attempt(path, [&] { ign::io::resume(tensors, run.trainer, run.json); });
    expect(resumed || std::memcmp(before.data(), run.numbers().data(), before.size() * sizeof(float)) == 0,
           "a refused checkpoint changes nothing");
  });
}

/// A net of many layers, and noise with statistics.
inline ign::io::SafeTensorsFile const& described_net() {
  start_kokkos();
  static ign::io::SafeTensorsFile const file = written([](auto const& path) {
    constexpr ign::Shape image{4, 4, 2};
    Run::Exec const exec;
    auto const net = ign::sequential(
        ign::Conv2d{.channels = 4, .kernel = 2, .stride = 2}, ign::BatchNorm{}, ign::LeakyRelu{},
        ign::Residual(ign::sequential(ign::Conv2d{.channels = 4, .kernel = 1}, ign::GroupNorm{.groups = 2}, ign::Relu{})), ign::Dropout{},
        ign::GaussianNoise{}, ign::Flatten{}, ign::Linear{.features = 4}, ign::Sigmoid{}, ign::Reshape{{2, 2, 1}}, ign::MinibatchStddev{},
        ign::ConvTranspose2d{.channels = 2, .kernel = 4, .stride = 2, .padding = 1}, ign::MaxPool2d{.kernel = 1, .stride = 1},
        ign::AvgPool2d{}, ign::Upsample2d{}, ign::Conv3d{.channels = 2, .kernel = 1}, ign::ConvTranspose3d{.channels = 2, .kernel = 1},
        ign::SelfAttention{.key_channels = 1}, ign::Tanh{});
    ign::Model<std::remove_const_t<decltype(net)>, float, Run::Exec> const model(exec, net, image, 3);
    ign::Spectral<float, Run::Exec> const source(exec, image);
    source.restore(std::vector<float>(source.state().size(), 0.5f));
    ign::io::write_model(exec, path, model, source, {{"source", "spectral"}});
  });
  return file;
}

inline Tensors const& described_tensors() {
  static Tensors const tensors(described_net());
  return tensors;
}

inline std::vector<std::string> net_seeds() { return {text_of_metadata(described_net().metadata())}; }

inline void run_net(File& file, std::string_view input) {
  auto const& path = file.holding(with_metadata(described_tensors(), metadata_of(input)));
  attempt(path, [&] { ign::io::load_runtime_projector(Run::Exec(), path); });
}

inline ign::io::SafeTensorsFile const& features() {
  start_kokkos();
  static ign::io::SafeTensorsFile const file = written([](auto const& path) {
    ign::FeatureNet<float, Run::Exec> const net(Run::Exec(), {8, 8, 1}, 4, 11);
    ign::io::write_features(path, net, {{"accuracy", 0.75}});
  });
  return file;
}

inline Tensors const& features_tensors() {
  static Tensors const tensors(features());
  return tensors;
}

inline std::vector<std::string> features_seeds() { return {text_of_metadata(features().metadata())}; }

/// Hashing and building a whole net takes milliseconds. So most inputs become a file with this metadata and no tensors, whose absence the
/// reader finds last; one input of 512, chosen by its checksum, gets all tensors.
inline void run_features(File& file, std::string_view input) {
  auto const metadata = metadata_of(input);
  bool const whole = ign::io::detail::checksum(std::as_bytes(std::span(input))) % 512 == 0;
  auto const& path = file.holding(whole ? with_metadata(features_tensors(), metadata) : behind_length(open_header(metadata) + '}', ""));
  attempt(path, [&] { ign::io::read_features<float>(Run::Exec(), path); });
}

// ---- logs

inline std::vector<std::string> log_seeds() { return {"{\"step\":1,\"rec\":0.5}\n{\"step\":2,\"rec\":null}\n{}\n", "{\"step\":1}\n{\"st"}; }

inline void run_log(File& file, std::string_view input) {
  auto const& path = file.holding(input);
  attempt(path, [&] {
    for (auto const& line : ign::io::read_log(path)) line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  });
}

// ---- command lines, an argument a line

inline std::vector<std::string> option_seeds() {
  return {"--data\nrectangles\n--steps\n12\n--batch\n16\n--report-every\n4",
          "--data=x\n--lr=1e-4\n--bf16\n--ema=0.99\n--epochs\n2.5\n--seed=7", "--help",
          "--data\nx\n--seconds\n60\n--tightness\n2\n--final-tightness=1\n--guard\n--from\na\n--checkpoint-every=0"};
}

inline void run_options(File&, std::string_view input) {
  std::string const text(input.substr(0, input.find('\0')));  // an argument cannot hold a zero
  auto const lines = lines_of(text);
  std::vector<char const*> arguments = {"train"};
  for (auto const& line : lines) arguments.push_back(line.c_str());
  std::ostringstream out;
  try {
    auto const options = examples::train_options(static_cast<int>(arguments.size()), arguments.data(), out);
    expect(options.has_value() || !out.str().empty(), "help has a text");
    if (options)
      expect(options->seconds.value_or(1) > 0 && options->epochs.value_or(1) > 0 && options->batch.value_or(1) > 0 &&
                 options->steps.value_or(1) > 0 && options->report_every.value_or(1) > 0 && options->learning_rate.value_or(0) >= 0,
             "numbers are in range");
  } catch (ign::Error const&) {
  } catch (examples::UsageError const&) {
  }
}

inline std::vector<Target> const& targets() {
  static std::vector<Target> const all = {
      {"idx", idx_seeds, run_idx, 3000},
      {"gzip", gzip_seeds, run_gzip, 3000},
      {"png", png_seeds, run_png, 1500},
      {"jpeg", jpeg_seeds, run_jpeg, 1500},
      {"picture", picture_seeds, run_picture, 2000},
      {"safetensors", safetensors_seeds, run_safetensors, 3000},
      {"header", header_seeds, run_header, 2000},
      {"checkpoint", checkpoint_seeds, run_checkpoint, 1000},
      {"net", net_seeds, run_net, 1000},
      {"features", features_seeds, run_features, 2000},
      {"log", log_seeds, run_log, 3000},
      {"options", option_seeds, run_options, 500},
  };
  return all;
}

}  // namespace ign_fuzz

#endif
