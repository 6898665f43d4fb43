// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Feature nets in files, and the hash that identifies them.

#include <boost/test/unit_test.hpp>

#include <ign/io/features.hpp>
#include <ign/io/sha256.hpp>
#include <ign_test/layer_check.hpp>

#include <unistd.h>
#include <limits>

using namespace ign;
using ign_test::Exec;

BOOST_AUTO_TEST_SUITE(feature_files)

namespace {

std::string hash_of(std::string const& text) { return io::sha256(std::as_bytes(std::span(text))); }

struct Folder {
  std::filesystem::path path = std::filesystem::temp_directory_path() / ("ign_test_features_" + std::to_string(::getpid()));
  Folder() { std::filesystem::create_directories(path); }
  ~Folder() { std::filesystem::remove_all(path); }
};

}  // namespace

// The first four are examples of FIPS 180-4. The others have lengths around the end of a block; expected values from coreutils' sha256sum.
BOOST_AUTO_TEST_CASE(sha256_of_known_texts) {
  BOOST_TEST(hash_of("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  BOOST_TEST(hash_of("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  BOOST_TEST(hash_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
             "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  BOOST_TEST(hash_of(std::string(1000000, 'a')) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  BOOST_TEST(hash_of(std::string(55, 'x')) == "d5e285683cd4efc02d021a5c62014694958901005d6f71e89e0989fac77e4072");
  BOOST_TEST(hash_of(std::string(56, 'x')) == "04c26261370ee7541549d16dee320c723e3fd14671e66a099afe0a377c16888e");
  BOOST_TEST(hash_of(std::string(63, 'x')) == "75220b47218278e656f2013bb8f0c455a25eaf01e86c64924e9d48d89776d6f2");
  BOOST_TEST(hash_of(std::string(64, 'x')) == "7ce100971f64e7001e8fe5a51973ecdfe1ced42befe7ee8d5fd6219506b5393c");
}

BOOST_AUTO_TEST_CASE(sha256_of_pieces_is_that_of_the_whole) {
  std::string const text(200, 'q');
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    io::Sha256 hash;
    hash.add(std::as_bytes(std::span(text).first(cut)));
    hash.hex();  // changes nothing
    hash.add(std::as_bytes(std::span(text).subspan(cut)));
    BOOST_TEST(hash.hex() == hash_of(text));
  }
}

BOOST_AUTO_TEST_CASE(a_feature_net_comes_back_with_its_facts_and_hash) {
  Folder const folder;
  auto const path = folder.path / "net.safetensors";
  Exec const exec;
  FeatureNet<float, Exec> const net(exec, {16, 8, 3}, 4, 11);
  nlohmann::ordered_json const facts = {{"recipe", {{"seed", 11}}}, {"test_accuracy", 0.75}};
  io::write_features(path, net, facts);
  auto const bytes = io::read_file(path);
  auto const back = io::read_features<float>(exec, path);
  BOOST_TEST(back.sha256 == io::sha256(bytes));
  BOOST_TEST((back.facts["recipe"] == facts["recipe"]));
  BOOST_TEST(back.facts["test_accuracy"].get<double>() == 0.75);
  BOOST_TEST(back.facts.size() == 2u);
  BOOST_TEST(back.net.image_shape() == (Shape{16, 8, 3}));
  BOOST_TEST(back.net.classes() == 4);
  auto const &a = net.model().parameters(), &b = back.net.model().parameters();
  BOOST_TEST_REQUIRE(a.size() == b.size());
  std::size_t different = 0;
  for (std::size_t i = 0; i < a.size(); ++i) different += a(i) != b(i);
  BOOST_TEST(different == 0u);
  auto const second = folder.path / "again.safetensors";
  io::write_features(second, back.net, facts);
  BOOST_TEST((io::read_file(second) == bytes));
}

BOOST_AUTO_TEST_CASE(what_is_no_feature_net_is_refused) {
  Folder const folder;
  auto const path = folder.path / "net.safetensors";
  Exec const exec;
  auto const id = [](char const* expected) { return [expected](Error const& e) { return e.id() == expected; }; };
  FeatureNet<float, Exec> const net(exec, {8, 8, 1}, 4, 11);
  BOOST_CHECK_EXCEPTION(io::write_features(path, net, {{"image", 3}}), Error, id("ign.option.234"));
  BOOST_CHECK_EXCEPTION(io::write_features(path, net, 3), Error, id("ign.option.234"));
  BOOST_TEST(!std::filesystem::exists(path));
  auto const refused = [&](std::map<std::string, std::string> const& metadata, char const* expected) {
    io::write_safetensors(path, {}, metadata);
    BOOST_CHECK_EXCEPTION(io::read_features<float>(exec, path), Error, id(expected));
  };
  refused({{"x", "y"}}, "ign.format.61");
  refused({{"format", "ign-checkpoint-1"}}, "ign.format.61");
  io::write_safetensors(path, {}, {{"net", R"({"input":[8,8,1],"layers":[{"name":"ConditionChannels","length":3}]})"}});
  BOOST_CHECK_EXCEPTION(io::read_features<float>(exec, path), Error, [](Error const& e) {
    return e.id() == "ign.format.61" && std::string(e.what()).find("this is a net with conditions, f(x | c)") != std::string::npos;
  });
  std::map<std::string, std::string> const good = {{"format", io::features_format}, {"image", "[8,8,1]"}, {"classes", "4"}};
  for (auto const& [field, value] : std::vector<std::pair<std::string, std::string>>{
           {"image", "[8,8]"}, {"classes", "-1"}, {"x", "no JSON"}, {"classes", "4.5"}, {"image", "[8,8,70000]"}, {"image", "7"}}) {
    auto lie = good;
    lie[field] = value;
    refused(lie, "ign.format.231");
  }
  refused(good, "ign.format.342");  // the file is empty
  for (char const* image : {"[0,8,1]", "[8,7,1]"})
    refused({{"format", io::features_format}, {"image", image}, {"classes", "4"}}, "ign.format.231");
  std::vector<float> const other(10'000);
  io::write_safetensors(path, {io::safetensor_entry<float>("other", {10'000}, other), io::safetensor_entry<float>("more", {10'000}, other)},
                        good);
  BOOST_CHECK_EXCEPTION(io::read_features<float>(exec, path), Error, id("ign.format.26"));
}

BOOST_AUTO_TEST_CASE(weights_that_are_not_finite_are_refused) {
  Folder const folder;
  auto const path = folder.path / "net.safetensors";
  Exec const exec;
  FeatureNet<float, Exec> const net(exec, {8, 8, 1}, 3, 11);
  exec.fence();
  auto const& weights = net.model().parameters();
  ign_test::AllowNan const allow;
  for (std::size_t const place : {std::size_t{0}, weights.size() / 2, weights.size() - 1})
    for (float const value : {quiet_nan<float>(), std::numeric_limits<float>::infinity()}) {
      float const before = weights(place);
      weights(place) = value;
      io::write_features(path, net, nlohmann::ordered_json::object());
      weights(place) = before;
      BOOST_CHECK_EXCEPTION(io::read_features<float>(exec, path), Error, [&](Error const& e) {
        std::string const text = e.what();
        return e.id() == "ign.numeric.520" && text.find(path.string()) != std::string::npos &&
               text.find("feature net") != std::string::npos;
      });
    }
  io::write_features(path, net, nlohmann::ordered_json::object());
  BOOST_CHECK_NO_THROW(io::read_features<float>(exec, path));
}

BOOST_AUTO_TEST_CASE(a_file_tells_its_kind) {
  Folder const folder;
  auto const path = folder.path / "file.safetensors";
  auto const kind = [&](std::map<std::string, std::string> const& metadata) {
    io::write_safetensors(path, {}, metadata);
    return io::file_kind(io::read_safetensors(path));
  };
  auto const net = [](std::string const& layers) { return R"({"input":[8,8,1],"layers":)" + layers + '}'; };
  BOOST_TEST((kind({}) == io::FileKind::unknown));
  BOOST_TEST((kind({{"net", "no JSON"}}) == io::FileKind::net));
  BOOST_TEST((kind({{"net", net(R"([{"name":"Tanh"},null,[]])")}}) == io::FileKind::net));
  BOOST_TEST((kind({{"net", net(R"([{"name":"Tanh"},{"name":"ConditionalScale"}])")}}) == io::FileKind::conditional));
  BOOST_TEST((kind({{"net", net(R"([{"name":"Residual","layers":[{"name":"ConditionChannels"}]}])")}}) == io::FileKind::conditional));
  BOOST_TEST((kind({{"encoder.net", ""}, {"decoder.net", ""}, {"code.net", ""}}) == io::FileKind::latent));
  BOOST_TEST((kind({{"format", io::features_format}, {"net", ""}}) == io::FileKind::features));
}

BOOST_AUTO_TEST_SUITE_END()
