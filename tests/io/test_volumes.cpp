// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Nets of three dimensions: training, evaluation with prepared weights, and files.

#include <boost/test/unit_test.hpp>

#include <ign/io/model.hpp>
#include <ign/io/runtime_projector.hpp>
#include <ign/nets/dcgan3d.hpp>
#include <ign/nets/frozen_projector.hpp>
#include <ign/optimizers/adam.hpp>
#include <ign/policies/idempotent.hpp>
#include <ign_test/errors.hpp>
#include <ign_test/folder.hpp>
#include <ign_test/layer_check.hpp>

#include <cstring>

using namespace ign;
using ign_test::as_tensor;
using ign_test::Exec;
using ign_test::random_vector;

BOOST_AUTO_TEST_SUITE(volumes)

namespace {

using Flat = VectorRef<float, Exec>;
constexpr Shape cube = volume_shape(32, 32, 32, 1);

auto small_net() { return voxel_net({.width = 8, .latent = 8}); }

// Some steps on the same fields: the mean loss of reconstruction before and after.
template <class Policy>
std::array<double, 2> train(Policy& policy, Shape shape, int steps) {
  Exec const exec;
  int const batch = 4;
  auto const x = random_vector<float>(static_cast<std::size_t>(batch) * shape.size(), 1);
  for (std::size_t i = 0; i < x.size(); ++i) x(i) = i / 8 % 2 == 0 ? 0.8f : -0.8f;
  auto const& model = policy.model();
  auto const state = make_vector<float>(exec, "ign::test", 2 * model.parameters().size());
  std::array<double, 2> losses = {};
  for (int step = 0; step < steps; ++step) {
    policy.reset_losses(exec);
    policy.gradients(exec, as_tensor<float>(x, batch, shape), static_cast<std::uint64_t>(step));
    update(exec, Adam{.beta1 = 0.5}, 2e-3, static_cast<std::uint64_t>(step) + 1, Flat(model.parameters()), Flat(model.gradients()),
           Flat(state));
    losses[step == 0 ? 0 : 1] = policy.losses(exec).reconstruction;
  }
  return losses;
}

std::size_t different(Vector<float, Exec> const& a, Vector<float, Exec> const& b) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < a.size(); ++i) count += std::memcmp(&a(i), &b(i), sizeof(float)) != 0 ? 1u : 0u;
  return count;
}

}  // namespace

BOOST_AUTO_TEST_CASE(voxel_net_has_the_documented_size) {
  Model<decltype(voxel_net()), float, Exec> const model(Exec(), voxel_net(), cube);
  BOOST_TEST(model.parameters().size() == 854'513u);
  BOOST_TEST((model.output_shape() == cube));
  BOOST_TEST((model.shape(2) == volume_shape(16, 16, 16, 16)));
}

// Training lowers the loss; then prepared weights, files and the net that a file describes give the same results.
BOOST_AUTO_TEST_CASE(trained_nets_survive_their_files) {
  Exec const exec;
  ign_test::Folder const folder;
  Idempotent policy(exec, small_net(), cube, IdempotentOptions<>{}, 1);
  auto const losses = train(policy, cube, 6);
  BOOST_TEST(losses[1] < 0.9 * losses[0]);
  BOOST_TEST_MESSAGE("reconstruction " << losses[0] << ", then " << losses[1]);

  auto const& model = policy.model();
  int const batch = 3;
  auto const x = random_vector<float>(batch * cube.size(), 2), y = random_vector<float>(x.size(), 3), z = random_vector<float>(x.size(), 4);
  auto const in = as_tensor<float>(x, batch, cube), out = as_tensor<float>(y, batch, cube), other = as_tensor<float>(z, batch, cube);
  Tape<float, Exec> tape(Retain::last);
  Workspace<float, Exec> workspace;
  model.forward(exec, pass_of(Role::data, Mode::evaluate), in, tape, workspace);
  FrozenProjector frozen(exec, model);
  frozen.apply(exec, Role::data, 1, in, out);
  exec.fence();
  double error = 0;
  for (std::size_t i = 0; i < y.size(); ++i) error = std::max(error, std::abs(static_cast<double>(y(i) - tape.result().data()[i])));
  BOOST_TEST(error <= 1e-5);

  // Evaluation is batch-invariant.
  for (int n = 0; n < batch; ++n) {
    frozen.apply(exec, Role::data, 1, batch_range(in, n, 1), batch_range(other, n, 1));
    exec.fence();
  }
  BOOST_TEST(different(y, z) == 0u);

  auto const path = folder.path / "model.safetensors";
  io::write_model(exec, path, model);
  auto const file = io::read_safetensors(path);
  auto const& weight = file.at("0.weight").shape;
  BOOST_TEST((weight == std::vector<std::uint64_t>{8, 1, 4, 4, 4}));
  Model<decltype(small_net()), float, Exec> const read(exec, small_net(), cube);
  io::read_model(file, read);
  BOOST_TEST(different(read.parameters(), model.parameters()) == 0u);
  BOOST_TEST(different(read.statistics(), model.statistics()) == 0u);

  auto runtime = io::load_runtime_projector<float>(exec, path);
  BOOST_TEST((runtime.image_shape() == cube));
  Kokkos::deep_copy(exec, z, 7.0f);
  runtime.apply(exec, Role::data, 1, in, other);
  exec.fence();
  BOOST_TEST(different(y, z) == 0u);
}

// Slices that are not square need the option depth, which files keep.
BOOST_AUTO_TEST_CASE(files_keep_the_depth_of_slices_that_are_not_square) {
  Exec const exec;
  ign_test::Folder const folder;
  auto const net_of = [](int depth) {
    return sequential(Conv3d{.channels = 3, .kernel = 3, .padding = 1, .depth = depth}, Relu{},
                      ConvTranspose3d{.channels = 2, .kernel = 3, .padding = 1, .depth = depth});
  };
  Shape const shape = volume_shape(4, 6, 2, 2);
  Model<decltype(net_of(4)), float, Exec> const model(exec, net_of(4), shape, 1);
  auto const path = folder.path / "model.safetensors";
  io::write_model(exec, path, model);
  io::read_model(io::read_safetensors(path), Model<decltype(net_of(4)), float, Exec>(exec, net_of(4), shape));
  ign_test::fails("ign.format.161",
                  [&] { io::read_model(io::read_safetensors(path), Model<decltype(net_of(4)), float, Exec>(exec, net_of(3), shape)); });
  auto const x = random_vector<float>(shape.size(), 2), y = random_vector<float>(shape.size(), 3),
             z = random_vector<float>(shape.size(), 4);
  FrozenProjector frozen(exec, model);
  frozen.apply(exec, Role::data, 1, as_tensor<float>(x, 1, shape), as_tensor<float>(y, 1, shape));
  io::load_runtime_projector<float>(exec, path).apply(exec, Role::data, 1, as_tensor<float>(x, 1, shape), as_tensor<float>(z, 1, shape));
  exec.fence();
  BOOST_TEST(different(y, z) == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
