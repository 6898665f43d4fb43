// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Weights from and to PyTorch through python/ign_torch.py. The files of exchange.py are compared always; where IGN_PYTORCH names a Python
// that has torch, it reads what is written here, and what it writes back is read again.

#include <boost/test/unit_test.hpp>

#include <ign/io/inference.hpp>
#include <ign/layers/avg_pool2d.hpp>
#include <ign/layers/conv3d.hpp>
#include <ign/layers/conv_transpose3d.hpp>
#include <ign/layers/group_norm.hpp>
#include <ign/layers/residual.hpp>
#include <ign/layers/self_attention.hpp>
#include <ign/layers/upsample2d.hpp>
#include <ign/nets/residual_dcgan.hpp>
#include <ign_test/folder.hpp>
#include <ign_test/golden.hpp>
#include <ign_test/layer_check.hpp>

#include <cstdlib>
#include <iostream>

using namespace ign;
using ign_test::Exec;
namespace fs = std::filesystem;

BOOST_AUTO_TEST_SUITE(exchange)

namespace {

template <class Norm>
auto small_dcgan(Norm const& norm, bool bias) {
  return dcgan(DcganOptions<2, Norm>{
      .image_channels = 2, .stages = {{{4, 4, 2, 1}, {6, 4, 2, 1}}}, .latent = {5, 2, 1, 0}, .norm = norm, .bias_before_norm = bias});
}

auto small_residual_dcgan() {
  return residual_dcgan<1, true>(
      DcganOptions<2>{.image_channels = 2, .stages = {{{4, 4, 2, 1}, {6, 4, 2, 1}}}, .latent = {5, 2, 1, 0}, .bias_before_norm = false});
}

auto residual_net() {
  auto const conv = [](int channels, int kernel, bool bias = true) {
    return Conv2d{.channels = channels, .kernel = kernel, .stride = 1, .padding = kernel / 2, .bias = bias};
  };
  return sequential(conv(4, 3), residual(conv(6, 3, false), BatchNorm{}, LeakyRelu{0.2}, conv(4, 3, false), BatchNorm{}), Relu{},
                    residual(BatchNorm{}, Relu{}, residual(conv(4, 1), Tanh{}), Flatten{}, Linear{.features = 3}, Linear{.features = 80},
                             Reshape{{5, 4, 4}}),
                    conv(2, 3), Tanh{});
}

auto padding_net() {
  PaddingMode const periodic = PaddingMode::periodic, reflecting = PaddingMode::reflecting;
  auto const conv = [](int channels, int kernel, int stride, bool bias, PaddingMode mode) {
    return Conv2d{
        .channels = channels, .kernel = kernel, .stride = stride, .padding = (kernel - 1) / 2, .bias = bias, .padding_mode = mode};
  };
  return sequential(conv(5, 3, 1, true, periodic), LeakyRelu{0.2}, conv(6, 4, 2, false, periodic), BatchNorm{}, LeakyRelu{0.2},
                    residual(conv(6, 3, 1, true, reflecting), Tanh{}),
                    ConvTranspose2d{.channels = 4, .kernel = 4, .stride = 2, .padding = 1, .bias = false, .padding_mode = periodic},
                    BatchNorm{}, Relu{}, ConvTranspose2d{.channels = 3, .kernel = 3, .stride = 1, .padding = 1, .padding_mode = reflecting},
                    conv(2, 5, 1, true, reflecting));
}

auto attention_net() {
  Conv2d const conv{.channels = 8, .padding = 1};
  return sequential(conv, BatchNorm{}, Relu{}, SelfAttention{}, AvgPool2d{},
                    residual(SelfAttention{.key_channels = 3, .value_channels = 5, .scale = 0.5}, Tanh{}), Upsample2d{},
                    Conv2d{.channels = 2, .padding = 1});
}

auto volume_net() {
  return sequential(Conv3d{4, 4, 2, 1}, LeakyRelu{0.2}, Conv3d{.channels = 6, .kernel = 2, .bias = false}, BatchNorm{}, Relu{},
                    ConvTranspose3d{.channels = 4, .kernel = 2, .bias = false}, BatchNorm{}, Relu{},
                    ConvTranspose3d{.channels = 2, .kernel = 4, .stride = 2, .padding = 1}, Tanh{});
}

auto volume_padding_net() {
  PaddingMode const periodic = PaddingMode::periodic, reflecting = PaddingMode::reflecting;
  return sequential(Conv3d{.channels = 4, .kernel = 4, .stride = 2, .padding = 1, .padding_mode = periodic}, BatchNorm{}, LeakyRelu{0.2},
                    residual(Conv3d{.channels = 4, .padding = 1, .padding_mode = reflecting}, Tanh{}),
                    ConvTranspose3d{.channels = 3, .kernel = 4, .stride = 2, .padding = 1, .bias = false, .padding_mode = periodic},
                    BatchNorm{}, Relu{},
                    ConvTranspose3d{.channels = 2, .kernel = 3, .stride = 1, .padding = 1, .padding_mode = reflecting});
}

// The nets of exchange.py: visitor(name, net, image).
template <class Visitor>
void for_each_net(Visitor const& visitor) {
  visitor(std::string("batch_norm"), small_dcgan(BatchNorm{}, true), Shape{8, 8, 2});
  visitor(std::string("group_norm"), small_dcgan(GroupNorm{.groups = 2}, false), Shape{8, 8, 2});
  visitor(std::string("mlp"), mlp({3, 2, 2}, std::array{7, 5}), Shape{3, 2, 2});
  visitor(std::string("residual"), residual_net(), Shape{5, 4, 2});
  visitor(std::string("padding"), padding_net(), Shape{8, 6, 2});
  visitor(std::string("volume"), volume_net(), volume_shape(4, 4, 4, 2));
  visitor(std::string("volume_padding"), volume_padding_net(), volume_shape(6, 4, 4, 2));
  visitor(std::string("attention"), attention_net(), Shape{6, 4, 2});
  visitor(std::string("residual_dcgan"), small_residual_dcgan(), Shape{8, 8, 2});
}

using Ref = TensorRef<float, Exec>;

Ref ref_of(std::vector<float>& values, Shape shape) {
  return Ref(values.data(), values.size() / shape.size(), shape.height, shape.width, shape.channels);
}

// f(x) as the file has it under that name: of a role in evaluation mode, or with the statistics of the batch.
template <class F>
std::vector<float> apply(F& f, std::string const& how, std::vector<float> x) {
  Exec const exec;
  std::vector<float> y(x.size());
  if (how == "batch") {
    Tape<float, Exec> tape(Retain::last);
    Workspace<float, Exec> workspace;
    Pass pass = pass_of(Role::data, Mode::train);
    pass.update_statistics = false;
    f.model().forward(exec, pass, ref_of(x, f.image_shape()), tape, workspace);
    Kokkos::deep_copy(exec, ref_of(y, f.image_shape()), tape.result());
  } else {
    Role const role = how == "data" ? Role::data : how == "source" ? Role::source : Role::generated;
    f.apply(exec, role, 1, ref_of(x, f.image_shape()), ref_of(y, f.image_shape()));
  }
  exec.fence();
  return y;
}

constexpr std::array modes = {"data", "source", "image", "batch"};

// The file's own x and y.
template <class Net>
void check_file(fs::path const& path, Net const& net, Shape image) {
  auto f = io::load_projector(Exec(), path, net, image);
  auto const file = io::read_safetensors(path);
  for (std::string const mode : modes) {
    auto const expected = file.values<float>("y." + mode), found = apply(f, mode, file.values<float>("x"));
    BOOST_REQUIRE(found.size() == expected.size());
    double error = 0, largest = 1;
    for (std::size_t i = 0; i < found.size(); ++i) {
      error = std::max(error, std::abs(static_cast<double>(found[i] - expected[i])));
      largest = std::max(largest, std::abs(static_cast<double>(expected[i])));
    }
    BOOST_TEST(error <= 1e-5 * largest, path.filename().string() << ", " << mode << ": error " << error << " of values up to " << largest);
  }
}

// A file with random weights, x, and what f makes of it.
template <class Net>
void write_file(fs::path const& path, Net const& net, Shape image) {
  Exec const exec;
  Model<Net, float, Exec> const model(exec, net, image, 3);
  auto const noise = ign_test::random_vector<float>(model.parameters().size(), 1, 0.4);
  Kokkos::deep_copy(model.parameters(), noise);
  auto const moments = ign_test::random_vector<float>(model.statistics().size(), 2);
  for (std::size_t i = 0; i < moments.size(); ++i) model.statistics()(i) = 0.5f + std::abs(moments(i));
  io::write_model(exec, path, model);
  auto const weights = io::read_safetensors(path);
  std::vector<io::SafeTensorEntry> entries;
  for (auto const& [name, tensor] : weights.tensors()) entries.push_back({name, tensor});
  auto const random = ign_test::random_vector<float>(4 * image.size(), 3);
  std::vector<float> const x(random.data(), random.data() + random.size());
  std::vector<std::vector<float>> kept;
  kept.reserve(modes.size());
  auto const add = [&](std::string const& name, std::vector<float> const& numbers) {
    entries.push_back(io::safetensor_entry<float>(
        name, {4, std::uint64_t(image.height), std::uint64_t(image.width), std::uint64_t(image.channels)}, numbers));
  };
  add("x", x);
  FrozenProjector f(exec, model);
  for (std::string const mode : modes) add("y." + mode, kept.emplace_back(apply(f, mode, x)));
  io::write_safetensors(path.string() + ".new", entries, {{"net", weights.metadata_field("net")}});
  fs::rename(path.string() + ".new", path);
}

}  // namespace

BOOST_AUTO_TEST_CASE(weights_of_pytorch_give_its_numbers) {
  for_each_net([](std::string const& name, auto const& net, Shape image) {
    check_file(ign_test::golden_dir() / ("exchange_" + name + ".safetensors"), net, image);
  });
}

// Names without roles, as torch.save and safetensors.torch have them: all roles get the same statistics.
BOOST_AUTO_TEST_CASE(a_state_dict_as_pytorch_has_it_is_read) {
  ign_test::Folder const folder;
  auto const golden = io::read_safetensors(ign_test::golden_dir() / "exchange_batch_norm.safetensors");
  std::vector<io::SafeTensorEntry> entries;
  std::int64_t const batches = 1;
  for (auto const& [name, tensor] : golden.tensors()) {
    auto const role = name.find(".data.");
    if (role != std::string::npos)
      entries.push_back({name.substr(0, role) + name.substr(role + 5), tensor});
    else if (name.find(".source.") == std::string::npos && name.find(".image.") == std::string::npos && name[0] != 'x' && name[0] != 'y')
      entries.push_back({name, tensor});
  }
  entries.push_back(io::safetensor_entry<std::int64_t>("3.num_batches_tracked", {}, std::span(&batches, 1)));
  auto const path = folder.path / "state_dict.safetensors";
  io::write_safetensors(path, entries);
  auto f = io::load_projector(Exec(), path, small_dcgan(BatchNorm{}, true), {8, 8, 2});
  auto const expected = golden.values<float>("y.data");
  for (std::string const mode : {"data", "source"}) {
    auto const found = apply(f, mode, golden.values<float>("x"));
    double error = 0;
    for (std::size_t i = 0; i < found.size(); ++i) error = std::max(error, std::abs(static_cast<double>(found[i] - expected[i])));
    BOOST_TEST(error <= 1e-5, mode << ": error " << error);
  }
}

boost::test_tools::assertion_result has_pytorch(boost::unit_test::test_unit_id) {
  char const* const python = std::getenv("IGN_PYTORCH");
  boost::test_tools::assertion_result found(python != nullptr &&
                                            std::system((std::string(python) + " -c 'import torch' 2>/dev/null").c_str()) == 0);
  if (!found) found.message() << "no PyTorch: configure with -DIGN_PYTORCH=<command of a Python that has it>";
  return found;
}

BOOST_AUTO_TEST_CASE(pytorch_reads_what_the_library_writes, *boost::unit_test::precondition(has_pytorch)) {
  char const* const python = std::getenv("IGN_PYTORCH");
  ign_test::Folder const folder;
  for_each_net(
      [&](std::string const& name, auto const& net, Shape image) { write_file(folder.path / (name + ".safetensors"), net, image); });
  auto const script = fs::path(IGN_GOLDEN_DIR) / "exchange.py";
  BOOST_REQUIRE(std::system((std::string(python) + " '" + script.string() + "' check '" + folder.path.string() + "'").c_str()) == 0);
  for_each_net(
      [&](std::string const& name, auto const& net, Shape image) { check_file(folder.path / (name + "_back.safetensors"), net, image); });
}

BOOST_AUTO_TEST_SUITE_END()
