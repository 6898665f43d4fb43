// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Files of nets with nested layers: models there and back, runs that are resumed, and files of other nets.

#include <boost/test/unit_test.hpp>

#include <ign/ign.hpp>
#include <ign/io/checkpoint.hpp>
#include <ign/io/inference.hpp>
#include <ign_test/batches.hpp>
#include <ign_test/folder.hpp>
#include <ign_test/layer_check.hpp>

using namespace ign;
using ign_test::as_tensor;
using ign_test::Exec;
using ign_test::random_vector;

BOOST_AUTO_TEST_SUITE(nested_layers)

namespace {

constexpr Shape image = {6, 5, 2};

constexpr Conv2d conv(int channels) { return {.channels = channels, .kernel = 3, .stride = 1, .padding = 1}; }

auto net(double slope = 0.2, double dropped = 0.25) {
  return sequential(conv(3), residual(conv(4), BatchNorm{}, LeakyRelu{slope}, residual(conv(4), Dropout{dropped}), conv(3), BatchNorm{}),
                    LeakyRelu{}, Dropout{0.1}, conv(2), Tanh{});
}
using Net = decltype(net());

struct Written {
  ign_test::Folder folder;
  std::filesystem::path path = folder.path / "model.safetensors";
  Model<Net, float, Exec> model{Exec(), net(), image, 3};

  Written() {
    Kokkos::deep_copy(model.parameters(), random_vector<float>(model.parameters().size(), 1, 0.3));
    auto const moments = random_vector<float>(model.statistics().size(), 2);
    for (std::size_t i = 0; i < moments.size(); ++i) model.statistics()(i) = 0.3f + std::abs(moments(i));
    io::write_model(Exec(), path, model);
  }

  template <class Other>
  void refused(Other const& other, char const* id, std::string const& words) const {
    BOOST_CHECK_EXCEPTION(io::load_projector(Exec(), path, other, image), Error, [&](Error const& e) {
      BOOST_TEST_MESSAGE(e.what());
      return e.id() == id && std::string(e.what()).find(words) != std::string::npos;
    });
  }

  void rewrite(std::map<std::string, std::string> const& metadata) const {
    auto const file = io::read_safetensors(path);
    std::vector<io::SafeTensorEntry> entries;
    for (auto const& [name, tensor] : file.tensors()) entries.push_back({name, tensor});
    io::write_safetensors(path.string() + ".new", entries, metadata);
    std::filesystem::rename(path.string() + ".new", path);
  }
};

// A run that owns all its parts.
struct Run {
  Exec exec;
  Idempotent<Net, float, Exec> policy{exec, net(), image, {}, 5};
  std::unique_ptr<Batches<Exec>> batches;
  std::unique_ptr<Trainer<decltype(policy), Adam, Batches<Exec>>> trainer;

  Run() {
    batches = std::make_unique<Batches<Exec>>(exec, ign_test::scattered_bytes(16 * image.size()), 16, image, BatchOptions{4});
    trainer = std::make_unique<Trainer<decltype(policy), Adam, Batches<Exec>>>(exec, policy, Adam{}, *batches, TrainerOptions{});
  }
  std::vector<float> bits() const {
    exec.fence();
    std::vector<float> all;
    for (auto const& v : {policy.model().parameters(), policy.model().statistics()}) all.insert(all.end(), v.data(), v.data() + v.size());
    return all;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(the_net_that_was_written_is_applied, Written) {
  auto f = io::load_projector(Exec(), path, net(), image);
  FrozenProjector expected(Exec(), model);
  auto const x = random_vector<float>(3 * image.size(), 5), y = random_vector<float>(x.size(), 6), z = random_vector<float>(x.size(), 7);
  for (Role role : {Role::data, Role::source, Role::generated}) {
    f.apply(Exec(), role, 1, as_tensor<float>(x, 3, image), as_tensor<float>(y, 3, image));
    expected.apply(Exec(), role, 1, as_tensor<float>(x, 3, image), as_tensor<float>(z, 3, image));
    Exec().fence();
    BOOST_TEST(std::equal(z.data(), z.data() + z.size(), y.data()), "role " << name(role));
  }
  auto const file = io::read_safetensors(path);
  BOOST_TEST((file.at("1.0.weight").shape == std::vector<std::uint64_t>{4, 3, 3, 3}));  // PyTorch's order
  BOOST_TEST((file.at("1.3.0.bias").shape == std::vector<std::uint64_t>{4}));
  BOOST_TEST((file.at("1.5.image.running_var").shape == std::vector<std::uint64_t>{3}));
}

BOOST_FIXTURE_TEST_CASE(files_of_other_nets_are_errors_that_name_the_nested_layer, Written) {
  refused(net(0.1), "ign.format.161", "layer 1.2: 'negative_slope' is 0.2, this net has 0.1");
  refused(net(0.2, 0.5), "ign.format.161", "layer 1.3.1: 'p' is 0.25, this net has 0.5");
  auto const with = [](auto const& block) { return sequential(conv(3), block, LeakyRelu{}, Dropout{0.1}, conv(2), Tanh{}); };
  refused(with(residual(conv(4), BatchNorm{}, LeakyRelu{}, residual(conv(4), Dropout{0.25}), conv(3))), "ign.format.161",
          "tensor '1.5.bias': the last layer of layer 1 is number 4");
  refused(with(residual(conv(4), BatchNorm{}, LeakyRelu{}, residual(conv(4), Dropout{0.25}, Tanh{}), conv(3), BatchNorm{})),
          "ign.format.161", "layer 1.3: the number of nested layers is 2, this net has 3");
  refused(with(Dropout{0.5}), "ign.format.161", "layer 1: 'name' is \"Residual\", this net has \"Dropout\"");
  auto note = nlohmann::ordered_json::parse(io::read_safetensors(path).metadata_field("net"));
  note["layers"][1]["layers"][2] = nullptr;  // without a description it is not compared
  rewrite({{"net", note.dump()}});
  io::load_projector(Exec(), path, net(0.1), image);
  note["layers"][1]["layers"][0] = 1;
  rewrite({{"net", note.dump()}});
  refused(net(), "ign.format.160", "layer 1.0 is 1, expected an object");
  note["layers"][1]["layers"] = "none";
  rewrite({{"net", note.dump()}});
  refused(net(), "ign.format.161", "layer 1: 'layers' is \"none\"");
  note["layers"][1].erase("layers");
  rewrite({{"net", note.dump()}});
  refused(net(), "ign.format.161", "layer 1: 'layers' is missing");
}

BOOST_AUTO_TEST_CASE(a_resumed_run_is_bitwise_identical_to_an_uninterrupted_one) {
  ign_test::Folder const folder;
  auto const path = folder.path / "checkpoint.safetensors";
  nlohmann::ordered_json const recipe = {{"policy", "test"}};
  Run whole, first, second;
  for (int step = 0; step < 5; ++step) whole.trainer->step();
  for (int step = 0; step < 3; ++step) first.trainer->step();
  first.exec.fence();
  io::write_checkpoint(path, *first.trainer, recipe);
  io::resume(io::read_safetensors(path), *second.trainer, recipe);
  for (int step = 0; step < 2; ++step) second.trainer->step();
  BOOST_TEST((second.bits() == whole.bits()));
  BOOST_TEST((first.bits() != whole.bits()));
}

BOOST_AUTO_TEST_SUITE_END()
