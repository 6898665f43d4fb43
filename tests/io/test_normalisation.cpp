// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The normalisation of physical fields in files, and nets whose padding differs from that of their file.

#include <boost/test/unit_test.hpp>

#include <ign/io/inference.hpp>
#include <ign_test/errors.hpp>
#include <ign_test/folder.hpp>
#include <ign_test/layer_check.hpp>

using namespace ign;
using ign_test::as_tensor;
using ign_test::Exec;
using ign_test::fails;
using ign_test::random_vector;

BOOST_AUTO_TEST_SUITE(normalisation_in_files)

namespace {

constexpr Shape shape = {8, 12, 2};

auto small_net(PaddingMode mode) { return sequential(Conv2d{.channels = 2, .padding = 1, .padding_mode = mode}, Tanh{}); }

template <class Real>
void check() {
  Exec const exec;
  ign_test::Folder const folder;
  auto const path = folder.path / "fields.safetensors";
  ChannelNormalisation const n = {{101'325.1, -1.0 / 3}, {0.1, 4e-5}};
  auto const net = small_net(PaddingMode::periodic);
  Model<std::remove_const_t<decltype(net)>, Real, Exec> const model(exec, net, shape, 1);
  io::write_model(exec, path, model, n);
  BOOST_TEST((io::read_normalisation(io::read_safetensors(path)) == n));  // bitwise identical
  auto loaded = io::load_physical_projector<Real>(exec, path, net, shape);
  PhysicalProjector own(exec, FrozenProjector(exec, model), n);
  auto const x = random_vector<Real>(shape.size(), 1), y = random_vector<Real>(x.size(), 2), z = random_vector<Real>(x.size(), 3);
  for (std::size_t i = 0; i < x.size(); ++i) x(i) = static_cast<Real>(n.mean[i % 2] + n.stddev[i % 2] * static_cast<double>(x(i)));
  loaded.project(exec, as_tensor<Real>(x, 1, shape), 1, as_tensor<Real>(y, 1, shape));
  own.project(exec, as_tensor<Real>(x, 1, shape), 1, as_tensor<Real>(z, 1, shape));
  exec.fence();
  std::size_t differ = 0;
  for (std::size_t i = 0; i < y.size(); ++i) differ += y(i) != z(i) ? 1u : 0u;
  BOOST_TEST(differ == 0u);
}

// A file with the weights of the net and these metadata.
io::SafeTensorsFile file_with(std::map<std::string, std::string> const& metadata, std::filesystem::path const& path) {
  float const number = 1;
  io::write_safetensors(path, {io::safetensor_entry<float>("number", {1}, std::span(&number, 1))}, metadata);
  return io::read_safetensors(path);
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_model_keeps_the_normalisation_of_its_fields) {
  check<float>();
  check<double>();
}

BOOST_AUTO_TEST_CASE(a_checkpoint_has_it_in_its_recipe) {
  ign_test::Folder const folder;
  ChannelNormalisation const n = {{1e-3, 2}, {3, 0}};
  nlohmann::ordered_json recipe = {{"net", "field"}};
  auto const path = folder.path / "checkpoint.safetensors";
  BOOST_TEST(!io::has_normalisation(file_with({{"recipe", recipe.dump()}}, path)));
  recipe["normalisation"] = io::normalisation_json(n);
  BOOST_TEST((io::read_normalisation(file_with({{"recipe", recipe.dump()}}, path)) == n));
}

BOOST_AUTO_TEST_CASE(impossible_normalisations_are_errors) {
  ign_test::Folder const folder;
  auto const path = folder.path / "bad.safetensors";
  fails("ign.format.480", [&] { io::read_normalisation(file_with({}, path)); });
  for (char const* text :
       {"", "[]", "{\"mean\": [1]}", "{\"mean\": [1], \"deviation\": [1, 2]}", "{\"mean\": [1], \"deviation\": [-1]}",
        "{\"mean\": [\"1\"], \"deviation\": [1]}", "{\"mean\": [], \"deviation\": []}", "{\"mean\": [1e999], \"deviation\": [1]}"})
    fails("ign.format.480", [&] { io::read_normalisation(file_with({{"normalisation", text}}, path)); });
}

// Weights fit both nets; only the description tells them apart.
BOOST_AUTO_TEST_CASE(a_net_with_another_padding_mode_is_another_net) {
  Exec const exec;
  ign_test::Folder const folder;
  auto const path = folder.path / "net.safetensors";
  for (PaddingMode written : {PaddingMode::zeros, PaddingMode::periodic, PaddingMode::reflecting}) {
    Model const model(exec, small_net(written), shape, 1);
    io::write_model(exec, path, model);
    for (PaddingMode read : {PaddingMode::zeros, PaddingMode::periodic, PaddingMode::reflecting}) {
      auto const load = [&] { io::load_projector(exec, path, small_net(read), shape); };
      if (read == written)
        load();
      else
        fails("ign.format.161", load);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
