// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// A LatentProjector in one file, and what is wrong with files of other nets.

#include <boost/test/unit_test.hpp>

#include <ign/io/latent.hpp>
#include <ign/sources/gaussian.hpp>
#include <ign_test/errors.hpp>
#include <ign_test/folder.hpp>
#include <ign_test/latent.hpp>
#include <ign_test/layer_check.hpp>

#include <cstring>

using namespace ign;
using ign_test::as_tensor;
using ign_test::Exec;
using ign_test::random_vector;

BOOST_AUTO_TEST_SUITE(latent_files)

namespace {

using Reals = std::tuple<float, double>;

using namespace ign_test::latent;

}  // namespace

BOOST_AUTO_TEST_CASE_TEMPLATE(what_is_read_is_bitwise_identical_to_what_was_written, Real, Reals) {
  Exec const exec;
  ign_test::Folder const folder;
  auto const path = folder.path / "latent.safetensors";
  auto written = Parts<Real>().projector();
  io::write_latent(exec, path, written);
  auto read = io::read_latent<Real>(exec, io::read_safetensors(path), encoder_net(), decoder_net(), code_net(), image);
  BOOST_TEST((read.normalisation() == written.normalisation()));
  auto const x = random_vector<Real>(3 * image.size(), 1), a = random_vector<Real>(x.size(), 2), b = random_vector<Real>(x.size(), 3);
  auto const same = [&] {
    exec.fence();
    return std::memcmp(a.data(), b.data(), a.size() * sizeof(Real)) == 0;
  };
  written.project(exec, as_tensor<Real>(x, 3, image), as_tensor<Real>(a, 3, image));
  read.project(exec, as_tensor<Real>(x, 3, image), as_tensor<Real>(b, 3, image));
  BOOST_TEST(same());
  written.generate(exec, Gaussian{}, Key{.seed = 4}, 2, as_tensor<Real>(a, 3, image));
  read.generate(exec, Gaussian{}, Key{.seed = 4}, 2, as_tensor<Real>(b, 3, image));
  BOOST_TEST(same());
  // Each net can be read alone.
  Model<CodeNet, Real, Exec> const f(exec, code_net(), code);
  exec.fence();
  io::read_model(io::read_safetensors(path), f, "code.");
  BOOST_TEST(std::memcmp(f.parameters().data(), written.code_model().parameters().data(), f.parameters().size() * sizeof(Real)) == 0);
}

BOOST_AUTO_TEST_CASE(files_of_other_nets_are_errors) {
  Exec const exec;
  ign_test::Folder const folder;
  auto const path = folder.path / "latent.safetensors";
  auto const g = Parts<float>().projector();
  io::write_latent(exec, path, g);
  auto const file = io::read_safetensors(path);
  BOOST_TEST((io::file_kind(file) == io::FileKind::latent));
  auto const read = [&](io::SafeTensorsFile const& from, auto const& f) {
    io::read_latent(exec, from, encoder_net(), decoder_net(), f, image);
  };
  ign_test::fails("ign.format.161", [&] { read(file, code_net(8)); });
  // The file of one net alone.
  io::write_model(exec, folder.path / "model.safetensors", g.code_model());
  ign_test::fails("ign.format.480", [&] { read(io::read_safetensors(folder.path / "model.safetensors"), code_net()); });
  io::write_model(exec, folder.path / "model.safetensors", g.code_model(), g.normalisation());
  ign_test::fails("ign.format.26", [&] { read(io::read_safetensors(folder.path / "model.safetensors"), code_net()); });
  // A normalisation of another number of channels.
  std::vector<io::SafeTensorEntry> entries;
  for (auto const& [name, tensor] : file.tensors()) entries.push_back({name, tensor});
  std::map<std::string, std::string> metadata(file.metadata().begin(), file.metadata().end());
  metadata["normalisation"] = R"({"mean":[0],"deviation":[1]})";
  io::write_safetensors(folder.path / "other.safetensors", entries, metadata);
  ign_test::fails("ign.shape.483", [&] { read(io::read_safetensors(folder.path / "other.safetensors"), code_net()); });
}

BOOST_AUTO_TEST_SUITE_END()
