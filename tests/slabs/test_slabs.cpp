// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// A simulation that is divided among ranks, and a net on it: everything is that of one process.

#include <boost/test/unit_test.hpp>

#include <ign/nets/field_net3d.hpp>
#include <ign/optimizers/adam.hpp>
#include <ign/policies/imle.hpp>
#include <ign/train/trainer.hpp>
#include <ign_test/errors.hpp>
#include <ign_test/layer_check.hpp>

#include <cmath>

#include "../mpi/world.hpp"
#include "support/ranks/patches.hpp"
#include "support/ranks/slab_projector.hpp"

using examples::Grid;
using examples::Slab;
using examples::Tracer;
using examples::World;
using Exec = Slab::Exec;
using Field = Slab::Field;

BOOST_AUTO_TEST_SUITE(slabs)

namespace {

World ranks() {
  ign_test::world();  // initialises MPI
  return World::all();
}

// Planes that 1, 2 and 3 ranks divide.
constexpr Grid plane = {96, 1, 32}, volume = {48, 16, 16};
constexpr int plane_halo = 20, volume_halo = 12;

examples::TracerPhysics physics_of(Grid const& grid) {
  examples::TracerPhysics physics;
  if (grid.rows > 1) physics.courant = 0.2f;
  if (grid.rows > 1) physics.eddy = 16;
  return physics;
}

// Own cells of a rank, and the same cells of a field on one process.
template <class Visitor>
void compare(Slab const& slab, Field const& part, Slab const& alone, Field const& whole, Visitor const& visitor) {
  Exec().fence();
  auto const a = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), part);
  auto const b = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), whole);
  for (int z = 0; z < slab.planes(); ++z)
    for (int y = 0; y < slab.grid().rows; ++y)
      for (int x = 0; x < slab.grid().columns; ++x)
        visitor(static_cast<double>(a(slab.halo() + z, y, x)), static_cast<double>(b(alone.halo() + slab.first() + z, y, x)));
}

// The largest difference, and the largest distance of a cell from the mean of the normalisation.
struct Difference {
  double largest = 0, size = 0;
};
Difference difference(Slab const& slab, Field const& part, Slab const& alone, Field const& whole) {
  Difference d;
  compare(slab, part, alone, whole, [&](double a, double b) {
    d.largest = std::max(d.largest, std::abs(a - b));
    d.size = std::max(d.size, std::abs(b - 0.2));
  });
  return d;
}

}  // namespace

BOOST_AUTO_TEST_CASE(halos_hold_the_planes_of_the_neighbours) {
  Exec const exec;
  for (Grid const& grid : {plane, volume})
    for (int depth : {1, 3, 12}) {
      Slab const slab(ranks(), grid, 12);
      auto const field = slab.make_field(exec, "ign::test::field");
      auto const host = Kokkos::create_mirror_view(Kokkos::HostSpace(), field);
      auto const number = [&](int z, int y, int x) { return static_cast<float>((z * grid.rows + y) * grid.columns + x + 1); };
      for (int z = 0; z < slab.planes() + 24; ++z)
        for (int y = 0; y < grid.rows; ++y)
          for (int x = 0; x < grid.columns; ++x)
            host(z, y, x) = z >= 12 && z < 12 + slab.planes() ? number(slab.first() + z - 12, y, x) : -1;
      Kokkos::deep_copy(field, host);
      slab.exchange(exec, field, depth);
      Kokkos::deep_copy(exec, host, field);
      exec.fence();
      int wrong = 0;
      for (int z = 0; z < slab.planes() + 24; ++z)
        for (int y = 0; y < grid.rows; ++y)
          for (int x = 0; x < grid.columns; ++x) {
            int const at = slab.first() + z - 12;
            bool const filled = z >= 12 - depth && z < 12 + slab.planes() + depth;
            wrong += host(z, y, x) != (filled ? number((at + grid.planes) % grid.planes, y, x) : -1) ? 1 : 0;
          }
      BOOST_TEST(wrong == 0, wrong << " cells are wrong for a depth of " << depth);
      auto const whole = slab.gather(exec, field);
      wrong = 0;
      for (std::size_t i = 0; i < whole.size(); ++i) wrong += whole[i] != static_cast<float>(i + 1) ? 1 : 0;
      BOOST_TEST(wrong == 0, wrong << " gathered cells are wrong");
    }
}

BOOST_AUTO_TEST_CASE(the_simulation_and_its_patches_do_not_depend_on_the_ranks) {
  Exec const exec;
  World const world = ranks();
  for (Grid const& grid : {plane, volume}) {
    int const halo = grid.rows > 1 ? volume_halo : plane_halo, side = grid.rows > 1 ? 16 : 32, batch = 6;
    Slab const slab(world, grid, halo), alone(World(), grid, halo);
    Tracer here(exec, slab, 3, physics_of(grid)), there(exec, alone, 3, physics_of(grid));
    auto const start = difference(slab, here.field(), alone, there.field());
    BOOST_TEST(start.size > 0.1);  // there is tracer
    BOOST_TEST(start.largest == 0);
    ign::ChannelNormalisation const normalisation{{0.2}, {0.4}};
    int advanced = 0;
    Grid const patch = {side, grid.rows > 1 ? side : 1, side};
    examples::DamagedPatches const damaged({}, patch), all_damaged({}, patch);
    ign::Buffer<float, Exec> scratch("ign::test::scratch");
    examples::Patches const own(exec, here, batch / world.size(), side, 5, normalisation, [&](std::uint64_t) { ++advanced; });
    examples::Patches const all(exec, there, batch, side, 5, normalisation, [](std::uint64_t) {});
    for (std::uint64_t step : {0, 1, 2}) {
      auto const a = own.batch(exec, step), b = all.batch(exec, step);
      auto const different = [&](auto const& own_patches, auto const& all_patches) {
        exec.fence();
        auto const part = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), own_patches);
        auto const whole = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), all_patches);
        std::size_t const first = static_cast<std::size_t>(world.rank()) * part.size();
        std::size_t wrong = 0;
        for (std::size_t i = 0; i < part.size(); ++i) wrong += part.data()[i] != whole.data()[first + i] ? 1u : 0u;
        return wrong;
      };
      BOOST_TEST(different(a, b) == 0u, "patches differ in step " << step);
      auto const z = ign::make_tensor<float>(exec, "ign::test::z", batch / world.size(), own.shape());
      auto const all_z = ign::make_tensor<float>(exec, "ign::test::all_z", batch, own.shape());
      ign::Key key{5, ign::RandomStream::noise, step};
      observe(exec, all_damaged, b, scratch);
      sample(exec, all_damaged, key, ign::TensorRef<float, Exec>(all_z), scratch);
      key.samples = world.ranks(ign::BatchNormStatistics::over_ranks).shard();
      observe(exec, damaged, a, scratch);
      sample(exec, damaged, key, ign::TensorRef<float, Exec>(z), scratch);
      BOOST_TEST(different(z, all_z) == 0u, "damaged patches differ in step " << step);
      BOOST_TEST(different(z, b) > z.size() / 4);  // there is damage
    }
    BOOST_TEST(advanced == 3);
    BOOST_TEST(difference(slab, here.field(), alone, there.field()).largest == 0);
    BOOST_TEST(difference(slab, here.field(), alone, there.field()).size != start.size);  // it has moved
  }
}

template <class Net>
ign::Model<Net, float, Exec> model_of(Net const& net, ign::Shape shape) {
  ign::Model<Net, float, Exec> model(Exec(), net, shape, 7);
  Kokkos::deep_copy(model.parameters(), ign_test::random_vector<float>(model.parameters().size(), 8, 0.2));  // f is far from constant
  return model;
}

template <class Net>
void check_projection(Grid const& grid, Net const& net, int halo, bool deep_enough) {
  Exec const exec;
  Slab const slab(ranks(), grid, halo), alone(World(), grid, halo);
  ign::ChannelNormalisation const normalisation{{0.2}, {0.4}};
  auto const model = model_of(net, {(grid.rows > 1 ? 16 : 1) * 32, grid.rows > 1 ? 16 : 32, 1});
  examples::SlabProjector<Net> f(exec, slab, model, net, normalisation, ign::Role::data);
  Tracer const simulation(exec, slab, 3, physics_of(grid)), single(exec, alone, 3, physics_of(grid));
  auto const y = slab.make_field(exec, "ign::test::y"), whole_y = alone.make_field(exec, "ign::test::whole_y");
  // The net on the whole field at once, which it continues periodically.
  ign::FrozenProjector<Net, float, Exec> frozen(exec, model.resized({grid.planes * grid.rows, grid.columns, 1}), ign::Role::data);
  ign::PhysicalProjector whole(exec, std::move(frozen), normalisation, true);
  auto const own = [&](Field const& field) {
    return ign::TensorRef<float, Exec>(alone.own(field), 1u, static_cast<std::size_t>(grid.planes * grid.rows),
                                       static_cast<std::size_t>(grid.columns), 1u);
  };
  for (int times : {1, 2}) {
    f.apply(exec, ign::Role::source, times, simulation.field(), y);
    whole.apply(exec, ign::Role::source, times, own(single.field()), own(whole_y));
    auto const d = difference(slab, y, alone, whole_y);
    BOOST_TEST(d.size > 0.05);
    BOOST_TEST_MESSAGE(times << " applications: difference " << d.largest << " of " << d.size);
    if (deep_enough)
      BOOST_TEST(d.largest <= 2e-5 * d.size, times << " applications: difference " << d.largest << " of " << d.size);
    else if (times == 1)  // a second application of this random f contracts the difference
      BOOST_TEST(d.largest > 1e-3 * d.size);
  }
}

BOOST_AUTO_TEST_CASE(the_projection_is_that_of_the_whole_field) {
  ign::FieldNetOptions<> const options{.width = 4};
  BOOST_TEST(ign::receptive_field(ign::field_net<1>(options)).halo() == plane_halo);
  BOOST_TEST(ign::receptive_field(ign::field_net3d<0>(options)).halo() == volume_halo);
  check_projection(plane, ign::field_net<1>(options), plane_halo, true);
  check_projection(volume, ign::field_net3d<0>(options), volume_halo, true);
}

BOOST_AUTO_TEST_CASE(a_halo_below_the_receptive_field_is_not_enough) {
  check_projection(plane, ign::field_net<1>(ign::FieldNetOptions<>{.width = 4}), 4, false);
}

BOOST_AUTO_TEST_CASE(masked_projections_keep_what_is_known) {
  Exec const exec;
  auto const net = ign::field_net<1>(ign::FieldNetOptions<>{.width = 4});
  using Net = std::remove_cv_t<decltype(net)>;
  Slab const slab(ranks(), plane, plane_halo), alone(World(), plane, plane_halo);
  auto const model = model_of(net, {32, 32, 1});
  ign::ChannelNormalisation const normalisation{{0.2}, {0.4}};
  auto const run = [&](Slab const& own, Field const& y) {
    examples::SlabProjector<Net> f(exec, own, model, net, normalisation, ign::Role::data);
    Tracer const simulation(exec, own, 3, physics_of(plane));
    auto const mask = own.make_field(exec, "ign::test::mask");
    int const first = own.first() - own.halo();
    Kokkos::parallel_for(
        "ign::test::mask", Kokkos::MDRangePolicy<Exec, Kokkos::Rank<3>>(exec, {0, 0, 0}, {mask.extent(0), mask.extent(1), mask.extent(2)}),
        KOKKOS_LAMBDA(int z, int y_cell, int x) { mask(z, y_cell, x) = (first + z + 96) / 8 % 2 == 0 && x / 8 % 2 == 0 ? 0.0f : 1.0f; });
    f.inpaint(exec, ign::Role::source, 3, mask, simulation.field(), y);
    exec.fence();
    int changed = 0, lost = 0;
    auto const before = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), simulation.field());
    auto const after = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), y);
    auto const known = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), mask);
    for (int z = own.halo(); z < own.halo() + own.planes(); ++z)
      for (int x = 0; x < plane.columns; ++x) {
        bool const same = before(z, 0, x) == after(z, 0, x);
        lost += known(z, 0, x) != 0 && !same ? 1 : 0;
        changed += known(z, 0, x) == 0 && !same ? 1 : 0;
      }
    BOOST_TEST(lost == 0);
    BOOST_TEST(changed > 0);
  };
  auto const y = slab.make_field(exec, "ign::test::y"), whole = alone.make_field(exec, "ign::test::whole");
  run(slab, y);
  run(alone, whole);
  auto const d = difference(slab, y, alone, whole);
  BOOST_TEST(d.largest <= 5e-5 * d.size, "difference " << d.largest << " of " << d.size);
}

// Without the damaged patches, each of which Imle assigns to a patch of the same rank.
BOOST_AUTO_TEST_CASE(a_training_step_is_that_of_one_process) {
  Exec const exec;
  auto const gradients = [&](World const& world) {
    Slab const slab(world, plane, plane_halo);
    Tracer simulation(exec, slab, 3, physics_of(plane));
    ign::ChannelNormalisation const normalisation{{0.2}, {0.4}};
    examples::Patches const patches(exec, simulation, 6 / world.size(), 32, 5, normalisation, [](std::uint64_t) {});
    ign::ImleOptions<ign::Mse, examples::DamagedPatches> const objective = {
        .source = examples::DamagedPatches({}, {32, 1, 32}), .generation = ign::Schedule::constant(0), .pool = 1};
    auto const net = ign::field_net<1>(ign::FieldNetOptions<>{.width = 4, .padding_mode = ign::PaddingMode::reflecting});
    ign::Imle policy(exec, net, patches.shape(), objective, 2);
    policy.set_ranks(world.ranks(ign::BatchNormStatistics::over_ranks));
    ign::Trainer trainer(exec, policy, ign::Adam{}, patches, {.steps = 1});
    trainer.step();
    exec.fence();
    auto const host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), policy.model().gradients());
    return std::vector<double>(host.data(), host.data() + host.size());
  };
  auto const together = gradients(ranks()), alone = gradients(World());
  double norm = 0, apart = 0;
  for (std::size_t i = 0; i < alone.size(); ++i) {
    norm += alone[i] * alone[i];
    apart += (together[i] - alone[i]) * (together[i] - alone[i]);
  }
  BOOST_TEST(norm > 0);
  BOOST_TEST(std::sqrt(apart / norm) <= 2e-5, "the gradients differ by " << std::sqrt(apart / norm));
}

BOOST_AUTO_TEST_CASE(slabs_that_do_not_fit_are_refused) {
  World const world = ranks();
  ign_test::fails("ign.option.590", [&] { Slab(world, {8 * world.size(), 1, 32}, 9); });  // a halo deeper than a slab
  ign_test::fails("ign.option.590", [&] { Slab(world, {8, 1, 32}, 0); });
  if (world.size() > 1) ign_test::fails("ign.option.590", [&] { Slab(world, {16 * world.size() + 1, 1, 32}, 4); });
  Exec const exec;
  Tracer simulation(exec, Slab(world, {32 * world.size(), 1, 32}, 8), 1, {});
  ign_test::fails("ign.option.593", [&] { examples::Patches(exec, simulation, 2, 32, 1, {{0}, {1}}, [](std::uint64_t) {}); });
}

BOOST_AUTO_TEST_SUITE_END()
