// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Element types of safetensors files: conversions against plain arithmetic, types without values, and missing names.

#include <boost/test/unit_test.hpp>

#include <ign/io/features.hpp>
#include <ign/io/inference.hpp>
#include <ign_test/environment.hpp>
#include <ign_test/folder.hpp>
#include <ign_test/layer_check.hpp>

#include <bit>
#include <cmath>
#include <limits>
#include <numeric>

using namespace ign;
using ign_test::Exec;

BOOST_AUTO_TEST_SUITE(tensor_types)

namespace {

// A file with this header and data.
struct Written {
  ign_test::Folder folder;
  std::filesystem::path path = folder.path / "a.safetensors";

  io::SafeTensorsFile read(std::string const& header, std::string const& data) const {
    std::uint64_t const size = header.size();
    ign_test::put(path, std::string(reinterpret_cast<char const*>(&size), 8) + header + data);
    return io::read_safetensors(path);
  }
  // One tensor "a" of a type.
  template <class Stored>
  io::SafeTensorsFile of(std::string const& type, std::vector<Stored> const& stored) const {
    std::string const data(reinterpret_cast<char const*>(stored.data()), stored.size() * sizeof(Stored));
    return read(R"({"a":{"dtype":")" + type + R"(","shape":[)" + std::to_string(stored.size()) + R"(],"data_offsets":[0,)" +
                    std::to_string(data.size()) + "]}}",
                data);
  }
};

std::vector<std::uint16_t> all_patterns() {
  std::vector<std::uint16_t> all(65'536);
  std::iota(all.begin(), all.end(), std::uint16_t{0});
  return all;
}

// The number with that exponent and fraction, computed by multiplication.
double value_of(unsigned bits, int fraction_bits, int bias) {
  unsigned const exponents = (1u << (15 - fraction_bits)) - 1;
  unsigned const exponent = bits >> fraction_bits & exponents, fraction = bits & ((1u << fraction_bits) - 1);
  double value;
  if (exponent == exponents)
    value = fraction == 0 ? std::numeric_limits<double>::infinity() : std::numeric_limits<double>::quiet_NaN();
  else if (exponent == 0)
    value = std::ldexp(fraction, 1 - bias - fraction_bits);
  else
    value = std::ldexp(fraction + (1u << fraction_bits), static_cast<int>(exponent) - bias - fraction_bits);
  return bits >> 15 != 0 ? -value : value;
}

template <class Call>
bool refused(std::string const& id, std::vector<std::string> const& parts, Call const& call) {
  try {
    call();
  } catch (Error const& error) {
    BOOST_TEST(error.id() == id, error.what());
    for (auto const& part : parts)
      BOOST_TEST(std::string(error.what()).find(part) != std::string::npos, error.what() << "\nlacks " << part);
    return true;
  }
  return false;
}

constexpr Shape image = {4, 4, 2};
auto net() { return sequential(Conv2d{.channels = 3, .kernel = 3, .padding = 1}, BatchNorm{}, Conv2d{.channels = 2, .kernel = 1}); }
using Net = decltype(net());

Model<Net, float, Exec> model(std::uint64_t seed) {
  Model<Net, float, Exec> const made(Exec(), net(), image, seed);
  // Numbers of 8 bits, which F16 and BF16 hold exactly.
  for (std::size_t i = 0; i < made.parameters().size(); ++i) made.parameters()(i) = static_cast<float>((i * 37 + seed) % 251) / 64 - 2;
  for (std::size_t i = 0; i < made.statistics().size(); ++i) made.statistics()(i) = static_cast<float>(1 + i) / 32;
  return made;
}

bool same(Model<Net, float, Exec> const& a, Model<Net, float, Exec> const& b) {
  auto const equal = [](auto const& x, auto const& y) { return std::equal(x.data(), x.data() + x.size(), y.data(), y.data() + y.size()); };
  return equal(a.parameters(), b.parameters()) && equal(a.statistics(), b.statistics());
}

// The tensors of a file in another type, under other names and without metadata.
template <class Stored, class Convert>
void rewrite(std::filesystem::path const& from, std::filesystem::path const& to, io::DType dtype, Convert const& convert,
             std::string const& prefix = "", std::map<std::string, std::string> const& notes = {}) {
  auto const file = io::read_safetensors(from);
  std::vector<std::vector<Stored>> numbers;
  numbers.reserve(file.tensors().size());
  std::vector<io::SafeTensorEntry> entries;
  for (auto const& [name, tensor] : file.tensors()) {
    auto& stored = numbers.emplace_back();
    for (float const value : file.values<float>(name)) stored.push_back(convert(value));
    entries.push_back({prefix + name, {dtype, tensor.shape, std::as_bytes(std::span(stored)), {}}});
  }
  io::write_safetensors(to, entries, notes);
}

std::uint16_t upper_half(float value) { return static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(value) >> 16); }
float as_it_is(float value) { return value; }

}  // namespace

BOOST_FIXTURE_TEST_CASE(every_number_of_16_bits_is_read_exactly, Written) {
  ign_test::AllowNan const allow;
  auto const patterns = all_patterns();
  for (bool const half : {true, false}) {
    auto const file = of(half ? "F16" : "BF16", patterns);
    auto const floats = file.values<float>("a");
    auto const doubles = file.values<double>("a");
    BOOST_REQUIRE(floats.size() == patterns.size());
    std::size_t wrong = 0;
    for (unsigned i = 0; i < 65'536; ++i) {
      double const expected = half ? value_of(i, 10, 15) : value_of(i, 7, 127);
      auto const good = [&](auto found) {
        auto const value = static_cast<double>(found);
        return std::isnan(expected) ? std::isnan(value) : value == expected && std::signbit(value) == std::signbit(expected);
      };
      wrong += !good(floats[i]) || !good(doubles[i]);
      if (!half) wrong += std::bit_cast<std::uint32_t>(floats[i]) != i << 16;
    }
    BOOST_TEST(wrong == 0u, file.at("a").bytes.size() << " bytes of " << io::type_name(file.at("a")));
    BOOST_TEST(refused("ign.format.26", {"dtype is " + io::type_name(file.at("a")) + ", expected F32"},
                       [&] { file.values<float>("a", io::Conversion::none); }));
    BOOST_TEST(refused("ign.format.26", {"expected U8"}, [&] { file.values<std::uint8_t>("a"); }));
  }
}

BOOST_FIXTURE_TEST_CASE(f64_becomes_float_on_request_only, Written) {
  ign_test::AllowNan const allow;
  double const infinity = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();
  std::vector<double> numbers = {0.0,
                                 -0.0,
                                 1.0,
                                 0x1.000001p0,
                                 0x1.000003p0,
                                 0x1.0000010000001p0,
                                 infinity,
                                 -infinity,
                                 nan,
                                 0x1.fffffep127,
                                 0x1.fffffefffffffp127,
                                 -0x1.fffffefffffffp127,
                                 0x1p-126,
                                 0x1p-149,
                                 0x1p-150,
                                 0x1.0000000000001p-150,
                                 0x1.8p-149,
                                 0x1.fffffffp-127,
                                 -0x1.4p-148,
                                 0x1p-151,
                                 0x1p-1074,
                                 0x1.ffffffffffffep-127};
  for (std::uint64_t i = 0; i < 20'000; ++i) {  // exponents about float's, fractions about its halves
    auto const words = random::bits(Key{ign_test::seed(), RandomStream::user}, static_cast<std::uint32_t>(i));
    std::uint64_t fraction = (std::uint64_t{words[0]} << 32 | words[1]) & 0xfffffffffffffu;
    if (i % 3 == 0) fraction &= ~std::uint64_t{0xfffffff};
    numbers.push_back(std::ldexp(1 + std::ldexp(static_cast<double>(fraction), -52), static_cast<int>(words[2] % 284) - 157) *
                      (words[3] % 2 == 0 ? 1 : -1));
  }
  auto const file = of("F64", numbers);
  auto const found = file.values<float>("a", io::Conversion::narrowing);
  BOOST_REQUIRE(found.size() == numbers.size());
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    auto const expected = static_cast<float>(numbers[i]);  // the processor's conversion
    wrong +=
        std::isnan(expected) ? !std::isnan(found[i]) : std::bit_cast<std::uint32_t>(expected) != std::bit_cast<std::uint32_t>(found[i]);
  }
  BOOST_TEST(wrong == 0u);
  BOOST_TEST(file.values<double>("a")[3] == 0x1.000001p0);
  for (auto const conversion : {io::Conversion::none, io::Conversion::exact})
    BOOST_TEST(refused("ign.format.26", {"a.safetensors: tensor 'a': dtype is F64, expected F32", "Conversion::narrowing"},
                       [&] { file.values<float>("a", conversion); }));
  for (double const large : {0x1.ffffffp127, -0x1.ffffffp127, 1e300}) {
    auto const other = of("F64", std::vector<double>{1, large});
    BOOST_TEST(refused("ign.format.401", {"tensor 'a': element 1 is"}, [&] { other.values<float>("a", io::Conversion::narrowing); }));
  }
  // The opposite direction is exact.
  auto const floats = of("F32", std::vector<float>{0.1f, 0x1p-149f, -3});
  BOOST_TEST(floats.values<double>("a") == (std::vector<double>{static_cast<double>(0.1f), 0x1p-149, -3}));
  BOOST_TEST(refused("ign.format.26", {"dtype is F32, expected F64"}, [&] { floats.values<double>("a", io::Conversion::none); }));
}

BOOST_FIXTURE_TEST_CASE(types_that_nobody_asks_for_do_not_refuse_a_file, Written) {
  struct Type {
    char const* name;
    std::size_t size;  // of a number; 0: unknown
  };
  std::vector<Type> const types = {{"BOOL", 1},    {"I8", 1}, {"I16", 2}, {"U16", 2},  {"F8_E4M3", 1},
                                   {"F8_E5M2", 1}, {"F4", 0}, {"C64", 0}, {"I4x2", 0}, {"F8_E8M0", 0}};
  std::string const weights(16, '\0');
  for (auto const& [type, size] : types) {
    auto const header = [&, name = std::string(type)](std::size_t bytes) {
      return R"({"w":{"dtype":"F32","shape":[4],"data_offsets":[0,16]},"mask":{"dtype":")" + name +
             R"(","shape":[3,2],"data_offsets":[16,)" + std::to_string(16 + bytes) + "]}}";
    };
    std::size_t const bytes = size == 0 ? 3 : 6 * size;
    auto const file = read(header(bytes), weights + std::string(bytes, 'm'));
    auto const& mask = file.at("mask");
    BOOST_TEST(io::type_name(mask) == type);
    BOOST_TEST((mask.dtype == io::DType::other) == (size == 0));
    BOOST_TEST(mask.shape == (std::vector<std::uint64_t>{3, 2}));
    BOOST_TEST(mask.bytes.size() == bytes);
    BOOST_TEST(file.values<float>("w").size() == 4u);
    auto const message = std::string("tensor 'mask': dtype is ") + type;
    BOOST_TEST(refused("ign.format.26", {message, "values of this type are not read"}, [&] { file.values<float>("mask"); }));
    BOOST_TEST(refused("ign.format.26", {message}, [&] { file.values<std::uint8_t>("mask", io::Conversion::narrowing); }));
    // It is written again as it was read, with a checksum.
    std::vector<io::SafeTensorEntry> entries;
    for (auto const& [name, tensor] : file.tensors()) entries.push_back({name, tensor});
    io::write_safetensors(path.string() + ".again", entries);
    auto const again = io::read_safetensors(path.string() + ".again");
    BOOST_TEST(io::type_name(again.at("mask")) == type);
    BOOST_TEST(std::equal(mask.bytes.begin(), mask.bytes.end(), again.at("mask").bytes.begin(), again.at("mask").bytes.end()));
    auto damaged = ign_test::text_of(path.string() + ".again");
    auto const place = damaged.rfind('m');
    damaged[place] = 'n';
    ign_test::put(path, damaged);
    BOOST_TEST(refused("ign.format.340", {"tensor 'mask'"}, [&] { io::read_safetensors(path); }));
    // Everything checkable is checked.
    if (size != 0) BOOST_TEST(refused("ign.format.23", {"does not make"}, [&] { read(header(5), weights + std::string(5, 'm')); }));
    BOOST_TEST(refused("ign.format.23", {"within the 16 bytes"}, [&] { read(header(bytes), weights); }));
    BOOST_TEST(
        refused("ign.format.24", {"expected the end of the data"}, [&] { read(header(bytes), weights + std::string(bytes + 1, 'm')); }));
  }
  for (char const* type : {"7", "null", "\"\"", "[]"})
    BOOST_TEST(refused("ign.format.23", {"dtype is"},
                       [&] { read(std::string(R"({"a":{"dtype":)") + type + R"(,"shape":[4],"data_offsets":[0,16]}})", weights); }));
  io::SafeTensorEntry const nameless = {"a", {io::DType::other, {}, {}, ""}}, taken = {"a", {io::DType::other, {}, {}, "F32"}};
  for (auto const& entry : {nameless, taken})
    BOOST_TEST(refused("ign.option.41", {"DType::other"}, [&] { io::write_safetensors(path, {entry}); }));
}

// The checksum of a type without a DType covers type and shape, too. tests/python/test_ign.py reads a file with the same number.
BOOST_AUTO_TEST_CASE(checksums_of_unknown_types_cover_type_and_shape) {
  std::string const bytes = "abcd";
  io::SafeTensor const tensor = {io::DType::other, {4}, std::as_bytes(std::span(bytes)), "F8_E8M0"};
  BOOST_TEST(io::detail::checksum_of(tensor) == 462593699u);
}

BOOST_FIXTURE_TEST_CASE(holes_and_overlaps_of_unknown_types_are_found, Written) {
  auto const file = [&](int begin, int end) {
    return read(R"({"a":{"dtype":"F4","shape":[8],"data_offsets":[0,4]},"b":{"dtype":"F6","shape":[1],"data_offsets":[)" +
                    std::to_string(begin) + ',' + std::to_string(end) + "]}}",
                "12345678");
  };
  file(4, 8);
  BOOST_TEST(refused("ign.format.24", {"'b'", "hole"}, [&] { file(5, 8); }));
  BOOST_TEST(refused("ign.format.24", {"'b'", "overlaps"}, [&] { file(3, 8); }));
}

BOOST_FIXTURE_TEST_CASE(weights_of_other_floating_point_types_are_read, Written) {
  auto const expected = model(1);
  io::write_model(Exec(), path, expected);
  auto const other = folder.path / "other.safetensors";
  auto const fresh = [&] { return model(2); };
  rewrite<std::uint16_t>(path, other, io::DType::bf16, upper_half);
  auto const found = fresh();
  io::read_model(io::read_safetensors(other), found);
  BOOST_TEST(same(found, expected));
  rewrite<double>(path, other, io::DType::f64, [](float value) { return double{value} * (1 + 0x1p-40); });
  auto const narrow = fresh(), untouched = fresh();
  BOOST_TEST(refused("ign.format.26", {"dtype is F64", "read_model"}, [&] { io::read_model(io::read_safetensors(other), narrow); }));
  BOOST_TEST(same(narrow, untouched));
  io::read_model(io::read_safetensors(other), narrow, "", "", io::Conversion::narrowing);
  BOOST_TEST(same(narrow, expected));
  BOOST_TEST(refused("ign.format.26", {"LoadOptions"}, [&] { io::load_projector(Exec(), other, net(), image); }));
  io::load_projector(Exec(), other, net(), image, {.conversion = io::Conversion::narrowing});
  // A feature net of half the bytes holds as many numbers.
  FeatureNet<float, Exec> const features(Exec(), {8, 8, 1}, 4, 11);
  io::write_features(path, features, {{"accuracy", 0.75}});
  auto notes = io::read_safetensors(path).metadata();
  rewrite<std::uint16_t>(path, other, io::DType::bf16, upper_half, "", {notes.begin(), notes.end()});
  BOOST_TEST(io::read_features<float>(Exec(), other).net.classes() == 4);
}

BOOST_FIXTURE_TEST_CASE(a_missing_tensor_is_looked_for_by_name, Written) {
  std::vector<float> const numbers(24, 1.0f);
  std::vector<io::SafeTensorEntry> entries;
  for (int i = 10; i < 22; ++i) entries.push_back(io::safetensor_entry<float>("layer" + std::to_string(i) + ".weight", {4, 6}, numbers));
  entries.push_back(io::safetensor_entry<float>("encoder.3.bias", {24}, numbers));
  io::write_safetensors(path, entries);
  auto const file = io::read_safetensors(path);
  BOOST_TEST(refused("ign.format.26",
                     {"tensor 'layer13.wieght' is missing", "holds 13 tensors: 'encoder.3.bias' F32 (24), 'layer10.weight' F32 (4, 6)",
                      " and 5 more", "the nearest name is 'layer13.weight'"},
                     [&] { file.at("layer13.wieght"); }));
  BOOST_TEST(refused("ign.format.26", {"the nearest name is 'encoder.3.bias'"}, [&] { file.values<float>("3.bias"); }));
  try {
    file.at("zzz");
    BOOST_ERROR("a tensor that is missing was found");
  } catch (Error const& error) {
    BOOST_TEST(std::string(error.what()).find("nearest") == std::string::npos, error.what());
  }
  io::write_safetensors(path, {});
  BOOST_TEST(refused("ign.format.26", {"holds no tensors"}, [&] { io::read_safetensors(path).at("a"); }));
  // A long name is shortened, and its comparison is cheap.
  io::write_safetensors(path, {io::safetensor_entry<float>(std::string(1'000'000, 'n'), {24}, numbers)});
  try {
    io::read_safetensors(path).at("a");
  } catch (Error const& error) {
    BOOST_TEST(std::string(error.what()).size() < 500u);
  }
}

BOOST_FIXTURE_TEST_CASE(names_behind_a_prefix_are_pointed_out_and_can_be_read, Written) {
  auto const expected = model(1);
  io::write_model(Exec(), path, expected);
  auto const other = folder.path / "other.safetensors";
  // "7." looks like a layer that the net does not have.
  for (std::string const prefix : {"module.", "model.", "_orig_mod.", "_orig_mod.module.", "7."}) {
    rewrite<float>(path, other, io::DType::f32, as_it_is, prefix);
    auto const file = io::read_safetensors(other);
    auto const found = model(2), untouched = model(2);
    BOOST_TEST(refused("ign.format.26",
                       {"tensor '0.weight' is missing", '\'' + prefix + "0.bias' F32 (3)", "the nearest name is '" + prefix + "0.weight'",
                        "all names of this net are there behind the prefix '" + prefix + '\'', "read_model", "LoadOptions::prefix"},
                       [&] { io::read_model(file, found); }));
    BOOST_TEST(same(found, untouched));
    io::read_model(file, found, prefix);
    BOOST_TEST(same(found, expected));
    io::load_projector(Exec(), other, net(), image, {.prefix = prefix});
  }
  // A missing model, and weights without an average.
  BOOST_TEST(refused("ign.format.26", {"'generator.0.weight' is missing", "leave out the prefix 'generator.'"},
                     [&] { io::load_projector(Exec(), path, net(), image, {.prefix = "generator."}); }));
  BOOST_TEST(refused("ign.format.26", {"'optimizer.ema.0.weight' is missing", "without 'optimizer.ema.'", "LoadOptions::average"},
                     [&] { io::load_projector(Exec(), path, net(), image, {.average = true}); }));
  // No such advice where a name is missing with the prefix as well.
  auto entries = std::vector<io::SafeTensorEntry>();
  auto const file = io::read_safetensors(path);
  for (auto const& [name, tensor] : file.tensors())
    if (name != "2.bias") entries.push_back({"module." + name, tensor});
  io::write_safetensors(other, entries);
  try {
    io::load_projector(Exec(), other, net(), image);
    BOOST_ERROR("a file without a bias was read");
  } catch (Error const& error) {
    BOOST_TEST(std::string(error.what()).find("behind the prefix") == std::string::npos, error.what());
  }
}

BOOST_AUTO_TEST_SUITE_END()
