// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Nets that are read from their files: PyTorch's values, bitwise identity with the same net at compile time, and refused descriptions.

#include <boost/test/unit_test.hpp>

#include <ign/io/checkpoint.hpp>
#include <ign/io/inference.hpp>
#include <ign/io/runtime_projector.hpp>
#include <ign/nets/field_net3d.hpp>
#include <ign/nets/residual_dcgan.hpp>
#include <ign/policies/imle.hpp>
#include <ign_test/exec.hpp>
#include <ign_test/folder.hpp>
#include <ign_test/layer_check.hpp>

#include <cmath>
#include <cstring>

using namespace ign;
using ign_test::Exec;

BOOST_AUTO_TEST_SUITE(runtime_projector)

using Ref = TensorRef<float, Exec>;

namespace {

Ref as_tensor(std::vector<float>& numbers, Shape shape) {
  return Ref(numbers.data(), numbers.size() / shape.size(), shape.height, shape.width, shape.channels);
}

std::string exchange(std::string const& net) { return IGN_GOLDEN_DIR "/exchange_" + net + ".safetensors"; }

// The file with other text in its description, without checksums.
void write_with(std::filesystem::path const& path, std::string const& from, std::string const& found, std::string const& put) {
  auto const file = io::read_safetensors(exchange(from));
  std::vector<io::SafeTensorEntry> entries;
  std::vector<std::vector<float>> numbers;
  numbers.reserve(file.tensors().size());
  for (auto const& [name, tensor] : file.tensors()) {
    numbers.push_back(file.values<float>(name));
    entries.push_back(io::safetensor_entry<float>(name, tensor.shape, std::span<float const>(numbers.back())));
  }
  std::string net = file.metadata_field("net");
  auto const place = net.find(found);
  BOOST_REQUIRE_MESSAGE(place != std::string::npos, found);
  net.replace(place, found.size(), put);
  io::write_safetensors(path, entries, {{"net", net}});
}

template <class Call>
std::string refusal(Call const& call) {
  try {
    call();
  } catch (Error const& error) {
    return error.what();
  }
  return "accepted";
}

}  // namespace

BOOST_AUTO_TEST_CASE(applies_pytorchs_nets) {
  Exec const exec;
  for (std::string const net : {"batch_norm", "group_norm", "mlp", "residual", "attention", "volume", "volume_padding"}) {
    auto f = io::load_runtime_projector(exec, exchange(net));
    auto const file = io::read_safetensors(exchange(net));
    for (Role const role : {Role::data, Role::source, Role::generated}) {
      auto x = file.values<float>("x");
      auto const expected = file.values<float>(std::string("y.") + name(role));
      f.apply(exec, role, 1, as_tensor(x, f.image_shape()), as_tensor(x, f.image_shape()));  // in place
      exec.fence();
      double error = 0;
      for (std::size_t i = 0; i < x.size(); ++i) error = std::max(error, std::abs(static_cast<double>(x[i] - expected[i])));
      BOOST_TEST(error <= 1e-5, net << ", " << name(role) << ": error " << error);
    }
  }
}

BOOST_AUTO_TEST_CASE(is_bitwise_identical_to_the_net_at_compile_time) {
  Exec const exec;
  ign_test::Folder const folder;
  auto const path = folder.path / "model.safetensors";
  auto const compare = [&](auto const& net, Shape image) {
    Model<std::remove_cvref_t<decltype(net)>, float, Exec> const model(exec, net, image, 3);
    exec.fence();
    auto const noise = ign_test::random_vector<float>(model.parameters().size(), 1, 0.1);  // biases that are not 0
    Kokkos::deep_copy(model.parameters(), noise);
    auto const moments = ign_test::random_vector<float>(model.statistics().size(), 2);
    for (std::size_t i = 0; i < moments.size(); ++i) model.statistics()(i) = 0.5f + std::abs(moments(i));
    io::write_model(exec, path, model);
    FrozenProjector<std::remove_cvref_t<decltype(net)>, float, Exec> expected(exec, model);
    auto f = io::load_runtime_projector(exec, path);
    BOOST_TEST(f.parameter_count() == model.parameters().size());
    for (int const n : {3, 1, 5}) {
      std::vector<float> a(static_cast<std::size_t>(n) * image.size()), b(a.size());
      expected.generate(exec, Gaussian{}, Key{.seed = 7}, 2, as_tensor(a, image));
      f.generate(exec, Key{.seed = 7}, 2, as_tensor(b, image));
      exec.fence();
      BOOST_TEST(std::memcmp(a.data(), b.data(), 4 * a.size()) == 0);
    }
  };
  compare(mnist_small_net(), {32, 32, 1});
  compare(dcgan64_small_net(3, GroupNorm{}), {64, 64, 3});
  compare(mnist_residual_net(), {32, 32, 1});
  compare(dcgan64_residual_net(3, GroupNorm{}), {64, 64, 3});
  compare(sequential(Conv2d{.channels = 8, .padding = 1}, SelfAttention{}, AvgPool2d{}, SelfAttention{.key_channels = 3, .scale = 0.5},
                     Upsample2d{}, Conv2d{.channels = 3, .padding = 1}),
          {8, 6, 3});
  for (PaddingMode const mode : {PaddingMode::zeros, PaddingMode::periodic, PaddingMode::reflecting}) {
    compare(field_net<1>({.channels = 2, .width = 4, .padding_mode = mode}), {16, 24, 2});
    compare(field_net3d<0>({.channels = 2, .width = 4, .padding_mode = mode}), volume_shape(12, 8, 8, 2));
    compare(field_net3d<1>({.channels = 2, .width = 4, .padding_mode = mode, .depth = 8}), volume_shape(8, 8, 12, 2));
  }
}

BOOST_AUTO_TEST_CASE(resized_is_bitwise_identical_to_the_net_at_compile_time) {
  Exec const exec;
  ign_test::Folder const folder;
  auto const path = folder.path / "model.safetensors";
  auto const compare = [&](auto const& net, Shape image, Shape other) {
    using Net = std::remove_cvref_t<decltype(net)>;
    Model<Net, double, Exec> const model(exec, net, image, 3);
    exec.fence();
    auto const moments = ign_test::random_vector<double>(model.statistics().size(), 2);
    for (std::size_t i = 0; i < moments.size(); ++i) model.statistics()(i) = 0.5 + std::abs(moments(i));
    io::write_model(exec, path, model);
    auto expected = FrozenProjector<Net, double, Exec>(exec, model).resized(exec, other);
    auto const f = io::load_runtime_projector<double>(exec, path);
    auto resized = f.resized(exec, other);
    BOOST_TEST((resized.image_shape() == other && f.image_shape() == image));
    auto const x = ign_test::random_vector<double>(3 * other.size(), 4), y = ign_test::random_vector<double>(x.size(), 5),
               z = ign_test::random_vector<double>(x.size(), 6);
    auto const samples = [&](auto const& v) { return ign_test::as_tensor<double>(v, 3, other); };
    for (Role const role : {Role::data, Role::source}) {
      expected.apply(exec, role, 2, samples(x), samples(y));
      resized.apply(exec, role, 2, samples(x), samples(z));
      exec.fence();
      BOOST_TEST(std::memcmp(y.data(), z.data(), 8 * y.size()) == 0);
    }
  };
  for (PaddingMode const mode : {PaddingMode::zeros, PaddingMode::periodic, PaddingMode::reflecting}) {
    compare(field_net<1>({.channels = 2, .width = 4, .padding_mode = mode}), {16, 24, 2}, {12, 8, 2});
    compare(field_net3d<0>({.channels = 2, .width = 4, .padding_mode = mode}), volume_shape(8, 8, 8, 2), volume_shape(12, 8, 8, 2));
  }
  compare(sequential(Conv2d{.channels = 4, .padding = 1}, GroupNorm{.groups = 2}, SelfAttention{.key_channels = 2}, MaxPool2d{},
                     Upsample2d{}, Conv2d{.channels = 3, .padding = 1}),
          {8, 6, 3}, {4, 14, 3});
}

BOOST_AUTO_TEST_CASE(the_depth_is_that_of_the_net) {
  Exec const exec;
  auto const depth = [&](std::string const& net) { return io::load_runtime_projector(exec, exchange(net)).depth(); };
  BOOST_TEST(depth("volume") == 4);
  BOOST_TEST(depth("volume_padding") == 6);
  for (std::string const net : {"batch_norm", "mlp", "residual", "attention"}) BOOST_TEST(depth(net) == 0, net);
}

BOOST_AUTO_TEST_CASE(a_file_keeps_the_roles) {
  Exec const exec;
  ign_test::Folder const folder;
  auto const path = folder.path / "model.safetensors";
  auto const net = sequential(Conv2d{.channels = 2, .kernel = 3, .padding = 1}, BatchNorm{});
  Imle const policy(exec, net, {4, 4, 2});
  Spectral<float, Exec> const source(exec, {4, 4, 2});
  ChannelNormalisation const units = {{1, 2}, {3, 4}};
  auto const read = [&] { return io::read_roles(io::read_safetensors(path)); };
  for (bool const physical : {false, true})
    for (Role const role : {Role::data, Role::source, Role::generated}) {
      io::ModelRoles const roles = {role, physical};
      io::write_model(exec, path, policy.model(), roles);
      BOOST_TEST((read() == roles));
      io::write_model(exec, path, policy.model(), units, roles);
      BOOST_TEST((read() == roles));
      io::write_model(exec, path, policy.model(), Gaussian{}, {{"source", "gaussian"}}, roles);
      BOOST_TEST((read() == roles));
      BOOST_TEST((io::load_projector(exec, path, net, {4, 4, 2}).generated_role() == role));
      BOOST_TEST((io::load_runtime_projector(exec, path).roles() == roles));
    }
  BOOST_TEST((io::roles_of(policy) == io::ModelRoles{Role::data, false}));
  BOOST_TEST((io::roles_of(FrozenProjector(exec, policy.model()), true) == io::ModelRoles{Role::generated, true}));

  // A file without them, as older versions have written it.
  io::write_model(exec, path, policy.model());
  BOOST_TEST(io::read_safetensors(path).metadata().count("generated_role") == 0u);
  BOOST_TEST((read() == io::ModelRoles{}));

  std::vector<float> const number = {1};
  auto const refused = [&](std::string const& field, std::string const& value) {
    io::write_safetensors(path, {io::safetensor_entry<float>("a", {1}, std::span<float const>(number))}, {{field, value}});
    auto const said = refusal(read);
    BOOST_TEST(said.find("[ign.format.522] " + path.string() + ": metadata '" + field + "' is '" + value + "', expected ") == 0, said);
  };
  refused("generated_role", "generated");
  refused("generated_role", "");
  refused("source_is_physical", "yes");
}

// The checkpoint of a run has the role of its policy.
BOOST_AUTO_TEST_CASE(a_checkpoint_keeps_the_role) {
  Exec const exec;
  ign_test::Folder const folder;
  auto const path = folder.path / "checkpoint.safetensors";
  Shape const image = {4, 4, 2};
  auto const net = sequential(Conv2d{.channels = 2, .kernel = 3, .padding = 1}, BatchNorm{}, Tanh{});
  std::vector<std::uint8_t> pixels(32 * image.size());
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<std::uint8_t>(i * 2654435761u >> 13);
  Imle policy(exec, net, image);
  Batches<Exec> const batches(exec, pixels, 32, image, BatchOptions{8});
  Trainer trainer(exec, policy, Adam{}, batches, TrainerOptions{});
  for (int i = 0; i < 3; ++i) trainer.step();
  io::write_checkpoint(path, trainer, {});
  auto f = io::load_runtime_projector(exec, path);
  BOOST_TEST((f.roles() == io::ModelRoles{Role::data}));
  std::vector<float> a(2 * image.size()), b(a.size());
  FrozenProjector(exec, policy.model(), policy.generated_role()).generate(exec, Gaussian{}, Key{.seed = 3}, 3, as_tensor(a, image));
  f.generate(exec, Key{.seed = 3}, 3, as_tensor(b, image));
  exec.fence();
  BOOST_TEST(std::memcmp(a.data(), b.data(), 4 * a.size()) == 0);
}

BOOST_AUTO_TEST_CASE(refuses_what_is_no_net_of_the_library) {
  Exec const exec;
  ign_test::Folder const folder;
  auto const path = folder.path / "changed.safetensors";
  auto const after = [&](std::string const& from, std::string const& found, std::string const& put) {
    write_with(path, from, found, put);
    auto const said = refusal([&] { io::load_runtime_projector(exec, path); });
    BOOST_TEST((said == "accepted" || said.find("] " + path.string() + ": ") != std::string::npos), said);
    return said;
  };
  BOOST_TEST(after("mlp", "Flatten", "Flatten") == "accepted");
  BOOST_TEST(after("mlp", "\"Flatten\"", "\"GELU\"").find("[ign.format.521] " + path.string() + ": metadata 'net': layer 0 is a GELU") ==
             0);
  BOOST_TEST(after("mlp", "\"Flatten\"", "\"ConditionChannels\"")
                 .find("[ign.format.521] " + path.string() +
                       ": metadata 'net': layer 0 is a "
                       "ConditionChannels, expected no layer with conditions") == 0);
  BOOST_TEST(after("mlp", "{\"name\": \"Flatten\"}", "null").find("[ign.format.521]") == 0);
  BOOST_TEST(after("mlp", "{\"name\": \"Flatten\"}", "7").find("[ign.format.160]") == 0);
  BOOST_TEST(after("mlp", "\"bias\": true", "\"bias\": 1").find("[ign.format.160]") == 0);
  BOOST_TEST(after("mlp", "\"out_features\": 7", "\"out_features\": -7").find("[ign.format.160]") == 0);
  BOOST_TEST(after("mlp", "\"out_features\": 7, ", "").find("'out_features' is missing") != std::string::npos);
  BOOST_TEST(after("mlp", "\"in_features\": 12", "\"in_features\": 13").find("[ign.format.160]") == 0);
  BOOST_TEST(after("mlp", "\"out_features\": 7", "\"out_features\": 65535").find("[ign.format.160]") == 0);  // the next one has 7 inputs
  BOOST_TEST(after("mlp", "\"negative_slope\": 0.2", "\"negative_slope\": 0.2, \"inplace\": true").find("no such option") !=
             std::string::npos);
  BOOST_TEST(after("mlp", "\"negative_slope\": 0.2", "\"negative_slope\": 0").find("[ign.option.60]") == 0);
  BOOST_TEST(after("mlp", "[3, 2, 2]", "[3, 2]").find("[ign.format.160]") == 0);
  BOOST_TEST(
      after("mlp", "\"channels\": 2, \"height\": 3, \"width\": 2", "\"channels\": 3, \"height\": 2, \"width\": 2").find("[ign.shape.5]") ==
      0);
  BOOST_TEST(after("batch_norm", "\"kernel_size\": 4, \"stride\": 2", "\"kernel_size\": 4, \"stride\": 0").find("[ign.option.70]") == 0);
  BOOST_TEST(after("residual", "\"Residual\", \"layers\": [",
                   "\"Residual\", \"layers\": [{\"name\": \"MaxPool2d\", \"kernel_size\": 2, \"stride\": 2}, ")
                 .find("[ign.") == 0);
  for (std::string const option : {"\"key_channels\": 1", "\"value_channels\": 4", "\"scale\": 1.0", "\"scale_factor\": 2"})
    BOOST_TEST(after("attention", option, option.substr(0, option.find(':')) + ": 0").find("[ign.") == 0);
  BOOST_TEST(after("attention", "\"nearest\"", "\"bilinear\"").find("[ign.format.160]") == 0);
  BOOST_TEST(after("batch_norm", "\"kernel_size\": 4,", "\"padding_mode\": \"replicate\", \"kernel_size\": 4,")
                 .find("expected circular or reflect") != std::string::npos);
  std::string const golden = IGN_GOLDEN_DIR "/layers.safetensors";
  BOOST_TEST(refusal([&] { io::load_runtime_projector(exec, golden); }).find("[ign.format.520]") == 0);
}

BOOST_AUTO_TEST_SUITE_END()
