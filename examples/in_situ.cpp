// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// A simulation trains a net on its own fields while it runs, and then restores noisy and partly missing fields with it. The net works on
// the simulation's Views without a copy; only figures and pictures go to the host.
//
// The source z is user-defined: damaged data instead of noise. The policy Imle draws f(z) to the nearest field; Idempotent
// requires f(f(z)) = f(z) and does not use the field that z was made from.
// Test: --out example_in_situ --steps 6 --members 24 --held-out 20
// Test: --policy idempotent --padding periodic --out example_in_situ_idempotent --steps 6 --members 24 --held-out 20

#include "support/damaged_data.hpp"
#include "support/images.hpp"
#include "support/program.hpp"
#include "support/simulation.hpp"
#include "support/spread.hpp"

#include <ign/corruptions/filters.hpp>
#include <ign/corruptions/masks.hpp>
#include <ign/corruptions/noise.hpp>
#include <ign/metrics/drift.hpp>
#include <ign/nets/dcgan.hpp>
#include <ign/nets/frozen_projector.hpp>
#include <ign/optimizers/adam.hpp>
#include <ign/policies/idempotent.hpp>
#include <ign/policies/imle.hpp>
#include <ign/train/progress.hpp>
#include <ign/train/trainer.hpp>

#include <unistd.h>
#include <algorithm>
#include <filesystem>
#include <functional>
#include <iostream>

namespace in_situ {

using Exec = examples::Exec;
using examples::Ref;
using examples::Simulation;
namespace fs = std::filesystem;

constexpr int cells = 32;
constexpr ign::Shape shape = {cells, cells, 1};

struct Options {
  std::string out = "in_situ", command, policy = "imle", padding = "zeros";
  std::uint64_t steps = 3000, seed = 1;
  int members = 128, held_out = 512, applications = 5;
  double noise = 0.5, missing = 0.25, rate = 0.002, tightness = 0.1;
};

// The simulation's fields as images of one channel, in the same memory.
Ref images(Simulation const& simulation) {
  auto const& fields = simulation.fields();
  return Ref(fields.data(), fields.extent(0), fields.extent(1), fields.extent(2), 1);
}

// The trainer's batches: each advances the simulation and is a view of its fields.
class States {
 public:
  struct Options {
    int batch;
  };
  explicit States(Simulation& simulation, int life) : m_simulation(simulation), m_life(life) {}

  ign::Shape shape() const { return in_situ::shape; }
  Options options() const { return {m_simulation.fields().extent_int(0)}; }
  std::uint64_t batches_per_epoch() const { return static_cast<std::uint64_t>(m_life); }
  Ref batch(Exec const& exec, std::uint64_t) const {
    m_simulation.advance(exec);
    return images(m_simulation);
  }

 private:
  Simulation& m_simulation;
  int m_life;
};

// Damage of fields: noise for half of them, missing blocks for the others.
struct Damage {
  double noise = 0.5;     // standard deviation
  double missing = 0.25;  // each block's probability
  int block = 8;          // side, cells
  double fill = -1;       // value of missing cells
};

// A source by the library's contract: damaged copies of the data that it has observed last.
class Damaged : public examples::ObservingSource {
 public:
  static constexpr char const* name = "damaged";
  explicit Damaged(Damage const& damage) : m_damage(damage) {}

  Damage const& damage() const { return m_damage; }

 private:
  Damage m_damage;
};

void sample(Exec const& exec, Damaged const& source, ign::Key const& key, Ref const& z, ign::Buffer<float, Exec>&) {
  Ref const x = source.seen();
  ign::require(x.size() > 0 && z.extent(0) % x.extent(0) == 0, ign::Fault::state, 110, "damaged data: ", z.extent(0), " samples of ",
               x.extent(0), " observed fields, expected a multiple of one or more");
  Damage const damage = source.damage();
  auto const noise = static_cast<float>(damage.noise), missing = static_cast<float>(damage.missing), fill = static_cast<float>(damage.fill);
  int const n = z.extent_int(1), block = damage.block, across = (n + block - 1) / block;
  ign::Key holes = key;
  ++holes.substream;
  std::size_t const size = x.size();
  Kokkos::parallel_for(
      "ign::in_situ::damage", Kokkos::RangePolicy<Exec, Kokkos::IndexType<std::size_t>>(exec, 0, z.size()), KOKKOS_LAMBDA(std::size_t i) {
        std::size_t const field = i / static_cast<std::size_t>(n * n);
        int const cell = static_cast<int>(i % static_cast<std::size_t>(n * n));
        float value = x.data()[i % size];
        if (field % 2 == 0) {
          value += noise * examples::noise_of(key, static_cast<std::uint32_t>(i));
        } else {
          int const hole = (cell / n / block) * across + cell % n / block;
          auto const words = ign::random::bits(
              holes, static_cast<std::uint32_t>(field) * static_cast<std::uint32_t>(across * across) + static_cast<std::uint32_t>(hole));
          if (ign::random::uniform(words[0]) < missing) value = fill;
        }
        z.data()[i] = value;
      });
}

// Allocates tensors for fields, and owns them.
class Copies {
 public:
  Copies(Exec const& exec, int count) : m_exec(exec), m_count(count) {}
  Ref operator()(int channels = 1) {
    m_owned.push_back(ign::make_tensor<float>(m_exec, "ign::in_situ", m_count, {cells, cells, channels}));
    return m_owned.back();
  }

 private:
  Exec m_exec;
  int m_count;
  std::vector<ign::Tensor<float, Exec>> m_owned;
};

// One number per field, on the host.
std::vector<double> figures(Exec const& exec, int count, std::function<void(ign::VectorRef<float, Exec> const&)> const& measure) {
  auto const values = ign::make_vector<float>(exec, "ign::in_situ::figures", static_cast<std::size_t>(count));
  measure(ign::VectorRef<float, Exec>(values));
  auto const host = ign::metrics::to_host(exec, values);
  return {host.begin(), host.end()};
}

double mean_square(Exec const& exec, Ref const& a, Ref const& b) {
  auto const distances =
      figures(exec, ign::batch_of(a), [&](auto const& values) { ign::sample_distances(exec, ign::Mse{}, a, b, values); });
  return examples::spread(distances).mean;
}

double mean(Exec const& exec, Simulation const& simulation) {
  Ref const x = images(simulation);
  double sum = 0;
  Kokkos::parallel_reduce(
      "ign::in_situ::mean", Kokkos::RangePolicy<Exec, Kokkos::IndexType<std::size_t>>(exec, 0, x.size()),
      KOKKOS_LAMBDA(std::size_t i, double& part) { part += static_cast<double>(x.data()[i]); }, sum);
  return sum / static_cast<double>(x.size());
}

// Restored fields and their relative error |y - x| / |x + 1|, where x + 1 is the amount of tracer.
struct Row {
  std::string damage, by;
  Ref fields;
  double error = 0;
};

template <class Projector>
void restore(Exec const& exec, Options const& o, Damage const& damage, Projector& f, Ref const& x, examples::Report& report) {
  int const count = ign::batch_of(x);
  Copies copy(exec, count);
  auto const empty = copy(), mask = copy();
  Kokkos::deep_copy(exec, empty, -1.0f);
  double const amount = mean_square(exec, x, empty);
  std::vector<Row> rows;
  auto const add = [&](std::string const& what, std::string const& by, Ref const& y) {
    rows.push_back({what, by, y, std::sqrt(mean_square(exec, y, x) / amount)});
    std::cout << what << ", " << by << ": relative error " << rows.back().error << '\n';
  };
  ign::Key const key{o.seed, ign::RandomStream::user, 1};
  ign::Buffer<float, Exec> scratch("ign::in_situ::scratch");

  auto const noisy = copy();
  ign::add_noise(exec, key, damage.noise, x, noisy);
  add("noise", "as it is", noisy);
  auto blurred = copy(), best = copy();
  double sigma = 0, least = 1e30;
  for (double const tried : {0.6, 0.8, 1.0, 1.2, 1.4, 1.6, 1.8, 2.0, 2.5}) {
    ign::gaussian_blur(exec, {.taps = 21, .sigma = tried}, noisy, scratch, blurred);
    double const error = mean_square(exec, blurred, x);
    if (error >= least) continue;
    std::swap(blurred, best);
    least = error;
    sigma = tried;
  }
  add("noise", "blur of the best standard deviation, " + examples::number_text(sigma), best);
  for (int k : {1, 2}) {
    auto const y = copy();
    f.apply(exec, ign::Role::source, k, noisy, y);
    add("noise", k == 1 ? "f" : "f²", y);
  }

  auto const holes = copy();
  ign::make_mask(exec, {ign::MaskKind::blocks, damage.missing, damage.block}, key, mask);
  ign::apply_mask(exec, mask, x, damage.fill, holes);
  add("missing", "filled with the mean", holes);
  for (int k : {1, o.applications}) {
    auto const y = copy();
    f.inpaint(exec, mask, holes, k, y, ign::Role::source);
    add("missing", "masked projection, " + std::to_string(k) + (k == 1 ? " time" : " times"), y);
  }

  std::vector<examples::PictureRow> pictures = {{"true", examples::first_tiles(x)}};
  std::vector<std::vector<examples::Cell>> table;
  for (auto const& row : rows) {
    pictures.push_back({row.damage + ", " + row.by, examples::first_tiles(row.fields)});
    table.push_back({row.damage, row.by, row.error});
  }
  report.section("Restored fields");
  report.picture("Fields of a run that was not used in training, not selected.", pictures, {.scale = 2});
  report.table({"damage", "restored by", "relative error"}, table, "|y − x| / |x − empty| over " + std::to_string(count) + " fields");

  // The drift detects fields out of distribution.
  report.section("Fields out of distribution");
  auto const drift = [&](Ref const& y) {
    return figures(exec, ign::batch_of(y), [&](auto const& scores) { f.drift_scores(exec, y, scores); });
  };
  auto const usual = drift(x);
  std::vector<std::vector<examples::Cell>> odd = {{"the same simulation", examples::spread(usual).mean, ""}};
  std::cout << "drift of held-out fields: " << examples::spread(usual).mean << '\n';
  auto const score = [&](std::string const& what, Ref const& y) {
    auto const scores = drift(y);
    double const auroc = ign::metrics::auroc(usual, scores);
    odd.push_back({what, examples::spread(scores).mean, auroc});
    std::cout << "drift of " << what << ": " << examples::spread(scores).mean << ", AUROC " << auroc << '\n';
  };
  score("noise", noisy);
  score("missing blocks", holes);
  auto const faint = copy();
  ign::add_noise(exec, key, damage.noise / 5, x, faint);
  score("a fifth of the noise", faint);
  examples::Physics crowded;
  crowded.blobs = 8;
  Simulation others(exec, count, cells, o.seed + 2, crowded);
  score("8 blobs instead of 3", images(others));
  report.table({"fields", "drift D(f(x), x)", "AUROC"}, odd,
               "Drift of each kind of fields, and how well it separates them from the simulation's");
}

// Trains the policy within the simulation and writes the report.
template <class Policy>
void train(Exec const& exec, Options const& o, Damage const& damage, examples::Physics const& physics, Simulation& simulation,
           Policy& policy) {
  States const states(simulation, physics.life);
  ign::Trainer trainer(exec, policy, ign::Adam{.beta1 = 0.5}, states,
                       {o.steps, std::max<std::uint64_t>(1, o.steps / 100), ign::Schedule::cosine(o.rate, 0, o.steps)});
  Kokkos::Timer timer;
  trainer.train(ign::Progress(std::cout, isatty(STDOUT_FILENO) != 0));
  exec.fence("in_situ: trained");
  double const seconds = timer.seconds();
  std::cout << o.steps << " steps in " << seconds << " s\n";

  examples::Report report("A net within a simulation");
  report.text(
      "A tracer is stirred and diffuses on a periodic square. While an ensemble of such runs advances, a net is trained on its fields, in "
      "the memory of the simulation: to leave fields unchanged and to restore damaged copies. Then it restores fields of another run.");
  report.facts({{"fields", std::to_string(cells) + " × " + std::to_string(cells) + " cells"},
                {"members of the ensemble, and batch", o.members},
                {"training", examples::count_text(o.steps) + " steps, " + examples::number_text(seconds) + " s"},
                {"parameters", policy.model().parameters().size()},
                {"policy", o.policy},
                {"padding", o.padding},
                {"seed", o.seed}});
  Simulation const held_out(exec, o.held_out, cells, o.seed + 1, physics);
  ign::FrozenProjector f(exec, policy.model(), policy.generated_role());
  restore(exec, o, damage, f, images(held_out), report);
  examples::add_machine(report, exec, o.command);
  report.write(fs::path(o.out) / "report.html");
  std::cout << (fs::path(o.out) / "report.html").string() << ": pictures and figures\n";
}

void run(Options const& o) {
  Exec const exec;
  examples::Physics const physics;
  Simulation simulation(exec, o.members, cells, o.seed, physics);
  Damage const damage = {.noise = o.noise, .missing = o.missing, .fill = mean(exec, simulation)};
  auto layout = ign::mnist_small_options();
  if (o.padding == "periodic") layout.padding_mode = ign::PaddingMode::periodic;  // as the simulation continues its fields
  auto const net = ign::dcgan(layout);
  if (o.policy == "imle") {
    ign::ImleOptions<ign::Mse, Damaged> const objective = {.source = Damaged(damage), .pool = 1};
    ign::Imle policy(exec, net, shape, objective, o.seed);
    train(exec, o, damage, physics, simulation, policy);
  } else {
    ign::IdempotentOptions<ign::Mse, Damaged> const objective = {.source = Damaged(damage),
                                                                 .tightness = ign::Schedule::constant(o.tightness)};
    ign::Idempotent policy(exec, net, shape, objective, o.seed);
    train(exec, o, damage, physics, simulation, policy);
  }
}

}  // namespace in_situ

int main(int argc, char* argv[]) {
  in_situ::Options o;
  examples::CommandLine line("in_situ", "Trains a net within a simulation and restores damaged fields with it.");
  line.add("out", "folder for the report, which replaces an earlier one", o.out);
  line.add("steps", "training steps", o.steps, examples::at_least(1));
  line.add("members", "members of the simulation's ensemble, which form the batch", o.members, examples::at_least(2));
  line.add("held-out", "number of fields of another run, to restore", o.held_out, examples::at_least(1));
  line.add("rate", "initial learning rate, which falls to 0 along a cosine", o.rate, examples::at_least(0));
  line.add("policy", "imle or idempotent", o.policy);
  line.add("padding", "padding of the convolutions: zeros, or periodic as the simulation is", o.padding);
  line.add("tightness", "weight of the tightness (idempotent)", o.tightness, examples::at_least(0));
  line.add("noise", "standard deviation of the noise; fields range from -1 to 1", o.noise, examples::at_least(0));
  line.add("missing", "share of missing blocks", o.missing, examples::between(0, 1));
  line.add("applications", "applications of f where blocks are missing", o.applications, examples::at_least(1));
  line.add("seed", "seed of simulation, weights and noise", o.seed);
  return examples::run(line, argc, argv, [&] {
    ign::require(o.policy == "imle" || o.policy == "idempotent", ign::Fault::option, 108, "policy '", o.policy,
                 "', expected imle or idempotent");
    ign::require(o.padding == "periodic" || o.padding == "zeros", ign::Fault::option, 114, "padding '", o.padding,
                 "', expected periodic or zeros");
    o.command = examples::command_line(argc, argv);
    examples::make_folder(o.out);
    examples::check_writable(std::filesystem::path(o.out) / "report.html");
    in_situ::run(o);
    return 0;
  });
}
