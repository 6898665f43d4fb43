// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// One simulation, divided among ranks, trains a net while it runs: a tracer on a periodic grid of two or three dimensions. Each rank owns
// a slab with halos and trains on patches of it; gradients are averaged over the ranks. Then f restores noisy and partly missing fields,
// rank by rank, with the result of one process, and watches the running simulation: its drift, the mean of (f(x) - x)² by tile, rises
// when something happens that training has not seen. For comparison: blur and principal components (POD).
//
//     mpirun -n 2 in_situ_ranks --out run
//
// Without mpirun, or built without MPI, it is one rank.
// Test: --cells 64 --steps 6 --batch 4 --held-out 1 --watch 12 --out example_in_situ_ranks --overwrite
// Test: --dimensions 3 --cells 16 --steps 4 --batch 4 --held-out 1 --watch 12 --width 4 --out example_in_situ_volume --overwrite

#include "support/field_baselines.hpp"
#include "support/images.hpp"
#include "support/program.hpp"
#include "support/ranks/patches.hpp"
#include "support/ranks/slab_projector.hpp"
#include "support/restored_fields.hpp"
#include "support/spread.hpp"

#include <ign/io/model.hpp>
#include <ign/metrics/drift.hpp>
#include <ign/nets/field_net3d.hpp>
#include <ign/optimizers/adam.hpp>
#include <ign/policies/imle.hpp>
#include <ign/train/progress.hpp>
#include <ign/train/trainer.hpp>

#include <unistd.h>
#include <algorithm>
#include <iostream>
#include <optional>
#include <span>

namespace in_situ_ranks {

using examples::Grid;
using examples::Slab;
using examples::Tracer;
using examples::Values;
using Exec = Slab::Exec;
using Field = Slab::Field;
namespace fs = std::filesystem;

struct Options {
  std::string out = "in_situ_ranks", command;
  std::uint64_t steps = 2000, seed = 1;
  int dimensions = 2, cells = 0, batch = 16, width = 16, held_out = 8, watch = 120, applications = 5;
  double noise = 0.5, missing = 0.25, rate = 0.002;
  bool overwrite = false;
};

// Lengths that follow from the number of dimensions.
struct Setup {
  Grid grid;
  int patch, tile;
  examples::Damage damage;
  examples::TracerPhysics physics;
};

Setup setup_of(Options const& o) {
  bool const plane = o.dimensions == 2;
  int const cells = o.cells > 0 ? o.cells : plane ? 128 : 32;
  Setup s{{cells, plane ? 1 : cells, cells}, plane ? 32 : 16, plane ? 16 : 8, {o.noise, o.missing, plane ? 8 : 4}, {}};
  if (!plane) s.physics.courant = 0.2f;
  if (!plane) s.physics.eddy = 16;
  ign::require(cells % s.physics.eddy == 0, ign::Fault::option, 591, "in_situ_ranks: ", cells, " cells, expected a multiple of ",
               s.physics.eddy, ", the size of an eddy");
  return s;
}

// Restores fields of another run of the simulation. All ranks compute the same figures.
template <class F>
void restore(Exec const& exec, Options const& o, Setup const& s, F& f, std::vector<Values> const& snapshots,
             examples::RestoredFields& results, std::optional<examples::PrincipalSubspace>& best_subspace) {
  Slab const& slab = f.slab();
  auto const mean = static_cast<float>(f.normalisation().mean[0]), stddev = static_cast<float>(f.normalisation().stddev[0]);
  std::size_t const size = examples::tile_size(s.grid, s.tile);
  Values training;
  for (auto const& snapshot : snapshots) training.insert(training.end(), snapshot.begin(), snapshot.end());
  std::vector<examples::PrincipalSubspace> subspaces;
  for (std::size_t modes = 1; modes <= std::min(size, training.size() / size) / 2; modes *= 2)
    subspaces.emplace_back(examples::Samples{training, size}, examples::PrincipalOptions{.components = modes});

  Tracer simulation(exec, slab, o.seed + 1000, s.physics);
  auto const field = [&](char const* name) { return slab.make_field(exec, std::string("ign::in_situ_ranks::") + name); };
  auto const noisy = field("noisy"), holes = field("holes"), mask = field("mask"), y = field("y");
  for (int state = 0; state < o.held_out; ++state) {
    for (int i = 0; i < 12; ++i) simulation.advance(exec);
    Kokkos::parallel_for(
        "ign::in_situ_ranks::damage",
        Kokkos::MDRangePolicy<Exec, Kokkos::Rank<3>>(exec, {0, 0, 0}, {slab.planes(), s.grid.rows, s.grid.columns}),
        examples::DamageCells{simulation.field(), noisy, holes, mask, s.grid,
                              ign::Key{o.seed, ign::RandomStream::user, static_cast<std::uint64_t>(state), 4}, slab.halo(), slab.first(),
                              s.damage.block, static_cast<float>(o.noise) * stddev, static_cast<float>(o.missing), mean});
    auto const whole = [&](Field const& part) { return slab.gather(exec, part); };
    Values const x = whole(simulation.field()), seen = whole(noisy), gaps = whole(holes), known = whole(mask);
    for (float const value : x) results.amount += static_cast<double>(value) * static_cast<double>(value);
    auto const add = [&](std::string const& method, double parameter, Values const& restored) {
      results.add(method, parameter, restored, x);
    };
    add("noise: as it is", 0, seen);
    add("missing: filled with the mean", 0, gaps);
    for (double const sigma : {0.6, 0.8, 1.0, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0, 4.0}) {
      add("noise: blur of the best standard deviation", sigma, examples::blurred(s.grid, seen, sigma));
      add("missing: blur of the known cells, best standard deviation", sigma, examples::filled_by_blur(s.grid, gaps, known, sigma, mean));
    }
    for (auto const& subspace : subspaces) {
      auto const modes = static_cast<double>(subspace.components());
      add("noise: POD with the best number of modes", modes, examples::projected(s.grid, subspace, seen, s.tile));
      add("missing: gappy POD with the best number of modes", modes,
          examples::filled_by_subspace(s.grid, subspace, gaps, known, s.tile, 30));
    }
    for (int times : {1, 2}) {
      f.apply(exec, ign::Role::source, times, noisy, y);
      Values const restored = whole(y);
      add(times == 1 ? "noise: f" : "noise: f²", times, restored);
      if (state == 0 && times == 1) {
        results.picture("x", x);
        results.picture("noise", seen);
        results.picture("f(noise)", restored);
      }
    }
    for (int times : {1, o.applications}) {
      f.inpaint(exec, ign::Role::source, times, mask, holes, y);
      Values const restored = whole(y);
      add("missing: masked projection, " + std::to_string(times) + (times == 1 ? " time" : " times"), times, restored);
      if (state == 0 && times == o.applications) {
        results.picture("missing", gaps);
        results.picture("masked f", restored);
      }
    }
    f.apply(exec, ign::Role::data, 1, simulation.field(), y);
    add("undamaged: f", 1, whole(y));
  }
  for (auto& subspace : subspaces)
    if (static_cast<double>(subspace.components()) == results.best("noise: POD with the best number of modes").first)
      best_subspace = std::move(subspace);
}

// Scores of the tiles of each state, and what happened.
struct Watched {
  std::string event;
  std::vector<double> largest;  // score of the oddest tile, by state
  double threshold = 0, auroc = 0, auroc_of_tiles = 0, auroc_of_pod = 0;
  int false_alarms = 0, found = -1;
};

// Watches a running simulation. At two thirds something happens that training has not seen.
template <class F>
Watched watch(Exec const& exec, Options const& o, Setup const& s, F& f, int event, examples::PrincipalSubspace const& subspace) {
  char const* const names[] = {"a block of sensors reads 0", "puffs are cubes", "four times the diffusion"};
  Watched result{names[event], {}};
  Slab const& slab = f.slab();
  Tracer simulation(exec, slab, o.seed + 2000 + static_cast<std::uint64_t>(event), s.physics);
  double const variance = f.normalisation().stddev[0] * f.normalisation().stddev[0];
  auto const seen = slab.make_field(exec, "ign::in_situ_ranks::seen"), y = slab.make_field(exec, "ign::in_situ_ranks::watched");
  int const begin = 2 * o.watch / 3, side = s.tile;
  std::vector<double> usual, odd, usual_of_pod, odd_of_pod;
  for (int state = 0; state < o.watch; ++state) {
    if (state == begin && event == 1) simulation.physics.cubes = true;
    if (state == begin && event == 2) simulation.physics.diffusion *= 4;
    simulation.advance(exec);
    Kokkos::deep_copy(exec, seen, simulation.field());
    if (state >= begin && event == 0) {
      // Around the middle of the grid, wherever it lies on the ranks. The projector fills the halos.
      int const from = std::max(s.grid.planes / 2 - side / 2 - slab.first(), 0),
                to = std::min(s.grid.planes / 2 + side / 2 - slab.first(), slab.planes());
      auto const middle = [&](int extent) {
        return extent == 1 ? std::pair(0, 1) : std::pair(extent / 2 - side / 2, extent / 2 + side / 2);
      };
      if (from < to)
        Kokkos::deep_copy(
            exec, Kokkos::subview(seen, std::pair(slab.halo() + from, slab.halo() + to), middle(s.grid.rows), middle(s.grid.columns)),
            0.0f);
    }
    f.apply(exec, ign::Role::data, 1, seen, y);
    Values const x = slab.gather(exec, seen), fx = slab.gather(exec, y);
    auto scores = examples::tile_distances(s.grid, fx, x, side);
    auto residuals = examples::tile_distances(s.grid, examples::projected(s.grid, subspace, x, side), x, side);
    for (double& score : scores) score /= variance;
    (state < begin ? usual : odd).insert((state < begin ? usual : odd).end(), scores.begin(), scores.end());
    auto& of_pod = state < begin ? usual_of_pod : odd_of_pod;
    of_pod.insert(of_pod.end(), residuals.begin(), residuals.end());
    result.largest.push_back(*std::max_element(scores.begin(), scores.end()));
  }
  // The threshold is learnt in the first third; the second one shows false alarms.
  auto const calm = examples::spread({result.largest.begin(), result.largest.begin() + begin / 2});
  result.threshold = calm.mean + 4 * calm.deviation;
  for (int state = begin / 2; state < o.watch; ++state) {
    if (result.largest[static_cast<std::size_t>(state)] <= result.threshold) continue;
    if (state < begin) ++result.false_alarms;
    if (state >= begin && result.found < 0) result.found = state - begin;
  }
  std::span<double const> const largest(result.largest);
  auto const before = static_cast<std::size_t>(begin);
  result.auroc = ign::metrics::auroc(largest.first(before), largest.subspan(before));
  result.auroc_of_tiles = ign::metrics::auroc(usual, odd);
  result.auroc_of_pod = ign::metrics::auroc(usual_of_pod, odd_of_pod);
  return result;
}

void write_report(Exec const& exec, Options const& o, examples::World const& world, examples::RestoredFields const& results,
                  std::vector<Watched> const& watched, std::vector<examples::Fact> const& facts) {
  examples::Report report("A net within a simulation on several ranks");
  report.text(
      "A tracer is stirred on a periodic grid, which is divided among the ranks. While it runs, a net is trained on patches of it. Then it "
      "restores fields of another run, and watches further ones.");
  report.facts(facts);
  report.section("Restored fields");
  report.picture(o.dimensions == 2 ? "The first held-out field." : "A slice of the first held-out field.", results.pictures, {.scale = 2});
  std::vector<std::vector<examples::Cell>> table;
  for (auto const& method : results.order) {
    auto const [parameter, error] = results.best(method);
    bool const chosen = results.squares.at(method).size() > 1;
    table.push_back({method, chosen ? examples::Cell(parameter) : examples::Cell(""), error});
    std::cout << method << (chosen ? " (" + examples::number_text(parameter) + ")" : "") << ": relative error " << error << '\n';
  }
  report.table({"field: restored by", "best parameter", "relative error"}, table,
               "|y − x| / |x| over " + std::to_string(o.held_out) +
                   " fields. The parameters of blur and POD are those with the smallest error on these fields.");
  report.section("The drift of a running simulation");
  std::vector<examples::Curve> curves;
  std::vector<std::vector<examples::Cell>> events;
  for (auto const& w : watched) {
    examples::Curve curve{w.event, {}, {}};
    for (std::size_t i = 0; i < w.largest.size(); ++i) {
      curve.x.push_back(static_cast<double>(i));
      curve.y.push_back(w.largest[i] / w.threshold);
    }
    curves.push_back(std::move(curve));
    std::string const found = w.found < 0 ? "not found" : "after " + std::to_string(w.found) + (w.found == 1 ? " state" : " states");
    events.push_back({w.event, w.auroc, w.auroc_of_tiles, w.auroc_of_pod, found, w.false_alarms});
    std::cout << w.event << ": AUROC of states " << w.auroc << ", of tiles " << w.auroc_of_tiles << ", of POD " << w.auroc_of_pod << ", "
              << found << ", false alarms " << w.false_alarms << '\n';
  }
  report.chart(curves,
               {.title = "Drift of the oddest tile, in units of the threshold. The event is at state " + std::to_string(2 * o.watch / 3),
                .x_label = "state"});
  report.table(
      {"event", "AUROC of states", "of tiles", "of tiles by POD", "found", "false alarms"}, events,
      "Before and after the event: the oddest tile of each state, all tiles, and all tiles by their distance to the subspace of POD. The "
      "threshold is the mean plus four standard deviations of the oddest tile in the first third; false alarms are states of the "
      "second third above it.");
  examples::add_machine(report, exec, o.command);
  fs::path const path = fs::path(o.out) / "report.html";
  report.write(path);
  std::cout << path.string() << ": pictures and figures of " << world.size() << (world.size() == 1 ? " rank\n" : " ranks\n");
}

template <class MakeNet>
void run(Exec const& exec, Options const& o, examples::World const& world, MakeNet const& make_net, int halo) {
  Setup const s = setup_of(o);
  ign::require(o.batch % world.size() == 0, ign::Fault::option, 591, "in_situ_ranks: a batch of ", o.batch, " patches on ", world.size(),
               " ranks, expected a multiple of the ranks");
  Slab const slab(world, s.grid, halo);
  Tracer simulation(exec, slab, o.seed, s.physics);
  // Mean and standard deviation of the whole field: the same on all ranks.
  Values const start = slab.gather(exec, simulation.field());
  auto const spread = examples::spread({start.begin(), start.end()});
  ign::ChannelNormalisation const normalisation{{spread.mean}, {spread.deviation}};

  std::vector<Values> snapshots;  // tiles, for principal components
  auto const after = [&](std::uint64_t step) {
    if (step % std::max<std::uint64_t>(1, o.steps / 64) == 0)
      snapshots.push_back(examples::tiles_of(s.grid, slab.gather(exec, simulation.field()), s.tile));
  };
  examples::Patches const patches(exec, simulation, o.batch / world.size(), s.patch, o.seed, normalisation, after);
  auto const trained_net = make_net(ign::PaddingMode::reflecting);  // a patch is not periodic
  Grid const patch = {s.patch, s.grid.rows == 1 ? 1 : s.patch, s.patch};
  ign::ImleOptions<ign::Mse, examples::DamagedPatches> const objective = {.source = examples::DamagedPatches(s.damage, patch), .pool = 1};
  ign::Imle policy(exec, trained_net, patches.shape(), objective, o.seed);
  policy.set_ranks(world.ranks(ign::BatchNormStatistics::over_ranks));
  ign::Trainer trainer(exec, policy, ign::Adam{.beta1 = 0.5}, patches,
                       {o.steps, std::max<std::uint64_t>(1, o.steps / 100), ign::Schedule::cosine(o.rate, 0, o.steps)});
  world.require_agreement(ign::run_properties_of(trainer));
  Kokkos::Timer const timer;
  trainer.train(ign::Progress(std::cout, isatty(STDOUT_FILENO) != 0));
  exec.fence("in_situ_ranks: trained");
  double const seconds = timer.seconds();
  std::cout << o.steps << " steps in " << seconds << " s\n";

  auto const net = make_net(ign::PaddingMode::periodic);  // as the simulation continues its fields
  examples::SlabProjector<std::remove_cv_t<decltype(net)>> f(exec, slab, policy.model(), net, normalisation, policy.generated_role());
  examples::RestoredFields results{s.grid, {}, {}, {}};
  std::optional<examples::PrincipalSubspace> subspace;
  restore(exec, o, s, f, snapshots, results, subspace);
  std::vector<Watched> watched;
  for (int event : {0, 1, 2}) watched.push_back(watch(exec, o, s, f, event, *subspace));
  if (!world.is_root()) return;
  ign::io::write_model(exec, fs::path(o.out) / "model.safetensors", policy.model(), normalisation, ign::io::roles_of(policy, true));
  auto const cells = examples::count_text(static_cast<std::uint64_t>(s.grid.columns));
  write_report(exec, o, world, results, watched,
               {{"grid", o.dimensions == 2 ? cells + " × " + cells : cells + " × " + cells + " × " + cells},
                {"ranks", world.size()},
                {"patches of a step", o.batch},
                {"cells of a patch along an axis", s.patch},
                {"training", examples::count_text(o.steps) + " steps, " + examples::number_text(seconds) + " s"},
                {"parameters", policy.model().parameters().size()},
                {"seed", o.seed}});
}

int start(Options& o, examples::World const& world) {
  ign::require(o.dimensions == 2 || o.dimensions == 3, ign::Fault::option, 591, "in_situ_ranks: ", o.dimensions,
               " dimensions, expected 2 or 3");
  if (world.is_root()) {
    examples::prepare_folder(o.out, {"model.safetensors", "report.html"}, o.overwrite);
  }
  Exec const exec;
  auto const options = [&](ign::PaddingMode mode) { return ign::FieldNetOptions<>{.width = o.width, .padding_mode = mode}; };
  auto const halo = [&](auto const& net) { return ign::receptive_field(net).halo(); };
  if (o.dimensions == 2)
    run(
        exec, o, world, [&](ign::PaddingMode mode) { return ign::field_net<1>(options(mode)); }, halo(ign::field_net<1>()));
  else
    run(
        exec, o, world, [&](ign::PaddingMode mode) { return ign::field_net3d<0>(options(mode)); }, halo(ign::field_net3d<0>()));
  return 0;
}

}  // namespace in_situ_ranks

int main(int argc, char* argv[]) {
  in_situ_ranks::Options o;
  examples::CommandLine line("in_situ_ranks", "Trains a net within one simulation on several ranks, and restores and watches its fields.");
  line.add("out", "folder for report and model", o.out);
  line.add("overwrite", examples::overwrite_help, o.overwrite);
  line.add("dimensions", "2 or 3", o.dimensions);
  line.add("cells", "cells along each axis; 0: 128 in two dimensions, 32 in three", o.cells, examples::at_least(0));
  line.add("steps", "training steps, each of one state of the simulation", o.steps, examples::at_least(1));
  line.add("batch", "patches of a step on all ranks", o.batch, examples::at_least(2));
  line.add("width", "channels of the net at half the resolution", o.width, examples::at_least(1));
  line.add("rate", "initial learning rate, which falls to 0 along a cosine", o.rate, examples::at_least(0));
  line.add("noise", "standard deviation of the noise, as a multiple of that of the field", o.noise, examples::at_least(0));
  line.add("missing", "share of missing blocks", o.missing, examples::between(0, 1));
  line.add("applications", "applications of f where blocks are missing", o.applications, examples::at_least(1));
  line.add("held-out", "fields of another run, to restore", o.held_out, examples::at_least(1));
  line.add("watch", "states of each run that is watched", o.watch, examples::at_least(12));
  line.add("seed", "seed of simulation, weights and damage", o.seed);
  return examples::run_on_ranks(line, argc, argv, [&](examples::World const& world) {
    o.command = examples::command_line(argc, argv);
    return in_situ_ranks::start(o, world);
  });
}
