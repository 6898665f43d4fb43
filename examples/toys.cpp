// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Trains `Idempotent` and `Imle` on mixtures of Gaussians, where dropped modes can be counted, and tests the paper's theorem on one.
// Test: --seeds 2 --steps 40 --width 16

#include "support/program.hpp"
#include "support/spread.hpp"
#include "support/toy_figures.hpp"

#include <ign/nets/mlp.hpp>
#include <ign/optimizers/adam.hpp>
#include <ign/policies/idempotent.hpp>
#include <ign/policies/imle.hpp>
#include <ign/train/distill.hpp>
#include <ign/train/trainer.hpp>

#include <algorithm>
#include <iostream>

namespace {

using namespace examples;

struct Options {
  std::string out = "toys.html", command;
  std::uint64_t seeds = 5, steps = 15'000;
  int width = 128, pool = 1;
  double imle_rate = 0.003, idempotent_rate = 0.002, tightness = 1, a = 1.5;
};

struct Toy {
  std::string name;
  ign::data::GaussianMixture mixture;
  int batch;  // of Imle. With many z in a small space, each datum has a nearby image even without training
};

struct Steps {
  int batch;
  double learning_rate;  // at the start
};
constexpr int idempotent_batch = 64;

// The net of both policies.
auto net(Options const& o, ign::data::GaussianMixture const& mixture) {
  return ign::mlp(mixture.shape(), std::array{o.width, o.width, o.width}, ign::LeakyRelu{}, 1);
}
auto idempotent(Exec const& exec, Options const& o, ign::data::GaussianMixture const& mixture, std::uint64_t seed) {
  ign::IdempotentOptions<> const options = {.tightness = ign::Schedule::constant(o.tightness),
                                            .smoothing = {.kind = ign::SmoothingKind::own_noise, .a = o.a}};
  return ign::Idempotent(exec, net(o, mixture), mixture.shape(), options, seed);
}
auto imle(Exec const& exec, Options const& o, ign::data::GaussianMixture const& mixture, std::uint64_t seed) {
  return ign::Imle(exec, net(o, mixture), mixture.shape(), ign::ImleOptions<>{.pool = o.pool}, seed);
}

template <class Policy>
Figures measure_policy(Exec const& exec, Policy& policy, ign::data::GaussianMixture const& mixture, Ref const& y) {
  ProjectorOf f(policy);
  return measure(exec, f, policy.seed(), mixture, y);
}

// Figures at twenty steps of a run. Callback.
struct Watch {
  Options const& options;
  ign::data::GaussianMixture const& mixture;
  std::vector<std::uint64_t> steps{};
  std::vector<Figures> figures{};

  template <class T>
  bool on_step(T& trainer) {
    if (trainer.steps_done() % std::max<std::uint64_t>(1, options.steps / 20) != 0) return true;
    auto const y = ign::make_tensor<float>(trainer.exec(), "ign::toys::y", samples, mixture.shape());
    steps.push_back(trainer.steps_done());
    figures.push_back(measure_policy(trainer.exec(), trainer.policy(), mixture, Ref(y)));
    return true;
  }
};

template <class Policy, class... Callbacks>
void train(Exec const& exec, Options const& o, Policy& policy, ign::data::GaussianMixture const& mixture, Steps const& s,
           Callbacks&... callbacks) {
  ign::data::PointBatches<Exec> const batches(mixture, {.batch = s.batch, .seed = policy.seed()});
  ign::Trainer trainer(exec, policy, ign::Adam{.beta1 = 0.9}, batches,
                       {o.steps, std::max<std::uint64_t>(1, o.steps / 20), ign::Schedule::cosine(s.learning_rate, 0, o.steps)});
  trainer.train(callbacks...);
}

// Trains with every seed. The points of the last run are added to `curves`.
template <class Make>
std::vector<Figures> runs(Exec const& exec, Options const& o, Toy const& toy, std::string const& name, Make const& make, Steps const& steps,
                          std::vector<Curve>& curves) {
  std::vector<Figures> all;
  auto const y = ign::make_tensor<float>(exec, "ign::toys::y", samples, toy.mixture.shape());
  for (std::uint64_t seed = 1; seed <= o.seeds; ++seed) {
    auto policy = make(exec, o, toy.mixture, seed);
    train(exec, o, policy, toy.mixture, steps);
    all.push_back(measure_policy(exec, policy, toy.mixture, Ref(y)));
  }
  curves.push_back(curve(exec, name, toy.mixture, Ref(y)));
  return all;
}

// W1 and drift over a training with λ_t = 1.
void add_theorem(Report& report, Exec const& exec, Options options, ign::data::GaussianMixture const& line) {
  options.tightness = 1;
  std::vector<Watch> watches;
  for (std::uint64_t seed = 1; seed <= options.seeds; ++seed) {
    auto policy = idempotent(exec, options, line, seed);
    watches.push_back({options, line});
    train(exec, options, policy, line, {idempotent_batch, options.idempotent_rate}, watches.back());
  }
  report.section("The theorem");
  report.text(
      "With unlimited capacity and λ_t = 1, f(z) is distributed as x at an optimum (arXiv 2311.01462): W1 then equals the mixture's own, "
      "and the drift is 0. The curves show the progress of training towards it. The net is finite, and the smoothing, without which "
      "trial runs stayed far from the optimum, is not part of the theorem.");
  std::vector<Curve> curves;
  for (std::size_t const figure : {3, 5}) {
    Curve curve{figure_names[figure], {}, {}, {}, Mark::line_and_points};
    for (std::size_t i = 0; i < watches[0].steps.size(); ++i) {
      std::vector<double> values;
      for (auto const& watch : watches) values.push_back(watch.figures[i][figure]);
      auto const [mean, deviation] = spread(values);
      curve.x.push_back(static_cast<double>(watches[0].steps[i]));
      curve.y.push_back(mean);
      curve.deviation.push_back(deviation);
    }
    std::cout << "line, Idempotent with λ_t = 1: " << curve.name << ' ' << curve.y.front() << " at step " << curve.x.front() << ", "
              << curve.y.back() << " at step " << curve.x.back() << '\n';
    curves.push_back(std::move(curve));
  }
  report.chart(curves, {.title = "Mixture in one dimension, Idempotent with λ_t = 1: mean and standard deviation over the seeds"});
}

// The options of the second phase: noise is the only corruption of a point.
auto distillation_of(ign::IdempotentOptions<> const& first) {
  auto options = ign::distillation_options(first);
  options.corruption = ign::noise_mixture(0.1);
  options.generation = ign::Schedule::constant(3);
  return options;
}

// W1 and drift of nets of several widths, after each of both phases. The second has half as many steps as the first.
void add_widths(Report& report, Exec const& exec, Options options, ign::data::GaussianMixture const& line) {
  options.tightness = 1;
  auto const others = fresh_points(exec, line, 3);
  auto const own = compare(exec, line, Ref(others), Ref(others));
  constexpr std::size_t transport = 3, drift = 5;
  std::array<Curve, 4> curves = {Curve{"W1 after the first phase", {}, {}, {}, Mark::line_and_points},
                                 Curve{"W1 after both", {}, {}, {}, Mark::line_and_points},
                                 Curve{"|f²(z) − f(z)| after the first phase", {}, {}, {}, Mark::line_and_points},
                                 Curve{"|f²(z) − f(z)| after both", {}, {}, {}, Mark::line_and_points}};
  for (int const width : {std::max(1, options.width / 4), options.width, 4 * options.width}) {
    options.width = width;
    std::array<std::vector<double>, 4> values;
    for (std::uint64_t seed = 1; seed <= options.seeds; ++seed) {
      auto const y = ign::make_tensor<float>(exec, "ign::toys::y", samples, line.shape());
      auto const note = [&](std::size_t phase, auto& policy) {
        auto const figures = measure_policy(exec, policy, line, Ref(y));
        values[phase].push_back(figures[transport]);
        values[2 + phase].push_back(figures[drift]);
      };
      auto policy = idempotent(exec, options, line, seed);
      ign::data::PointBatches<Exec> const batches(line, {.batch = idempotent_batch, .seed = seed});
      ign::Trainer first(exec, policy, ign::Adam{.beta1 = 0.9}, batches,
                         {options.steps, options.steps, ign::Schedule::cosine(options.idempotent_rate, 0, options.steps)});
      first.train();
      note(0, policy);
      auto second_policy = ign::distill(first, distillation_of(policy.options()));
      std::uint64_t const more = std::max<std::uint64_t>(1, options.steps / 2);
      ign::Trainer second(exec, second_policy, ign::Adam{.beta1 = 0.9}, batches,
                          {options.steps + more, more, ign::Schedule::cosine(options.idempotent_rate / 2, 0, more), {}, options.steps});
      second.train();
      note(1, second_policy);
    }
    std::cout << "line, width " << width << ':';
    for (std::size_t i = 0; i < curves.size(); ++i) {
      auto const [mean, deviation] = spread(values[i]);
      curves[i].x.push_back(width);
      curves[i].y.push_back(mean);
      curves[i].deviation.push_back(deviation);
      std::cout << (i == 0 ? " " : ", ") << curves[i].name << ' ' << mean << " ± " << deviation;
    }
    std::cout << std::endl;
  }
  report.section("The theorem, by width");
  report.text(
      "The same with nets of several widths, and a second phase (self-distillation) of half as many steps. W1 of two sets of points of "
      "the mixture: " +
      number_text(own[transport]) + ".");
  report.chart(std::span<Curve const>(curves).first(2), {.title = "W1 to the mixture", .x_label = "width", .log_x = true});
  report.chart(std::span<Curve const>(curves).last(2), {.title = "Drift of f(z)", .x_label = "width", .log_x = true});
}

// The section of a mixture: both policies and points of the mixture itself.
void add_mixture(Report& report, Exec const& exec, Options const& o, Toy const& toy) {
  std::cout << toy.name << '\n';
  report.section("Mixture: " + toy.name);
  auto const points = fresh_points(exec, toy.mixture, 3);
  auto const mixture = curve(exec, "mixture", toy.mixture, Ref(points));
  std::vector<std::vector<Cell>> table = {
      row(toy.mixture, "points of the mixture", {compare(exec, toy.mixture, Ref(points), Ref(points))})};
  std::vector<Curve> curves;
  auto const add = [&](char const* policy, auto const& make, Steps const& steps) {
    table.push_back(row(toy.mixture, policy, runs(exec, o, toy, policy, make, steps, curves)));
  };
  add("Imle", imle, {toy.batch, o.imle_rate});
  add("Idempotent", idempotent, {idempotent_batch, o.idempotent_rate});
  std::vector<std::string> headers = {"points"};
  for (std::size_t const k : figures_of(toy.mixture)) headers.push_back(figure_names[k]);
  report.table(headers, table,
               "f(z) of " + count_text(samples) + " z, mean ± standard deviation over " + std::to_string(o.seeds) + " seeds");
  if (toy.mixture.dimensions() == 1) {
    curves.insert(curves.begin(), mixture);
    report.chart(curves, {.title = "Share of points by coordinate, last seed", .x_label = "x", .log_y = false});
  } else {
    for (auto const& policy : curves)
      report.chart(std::array{mixture, policy}, {.title = policy.name + ": a thousand points of the mixture and a thousand f(z), last seed",
                                                 .x_label = "x",
                                                 .log_y = false,
                                                 .y_label = "y"});
  }
}

void write_report(Options const& o) {
  Exec const exec;
  Report report("Idempotent nets on mixtures of Gaussians");
  report.text(
      "A sample within three standard deviations of a mode is of high quality, and a mode with such a sample is hit. W1 and KL compare "
      "f(z) with as many points of the mixture. The row of the mixture's own points is the attainable value.");
  std::vector<Toy> const toys = {
      {"line", ign::data::line_mixture(), 16}, {"ring of 8", ign::data::ring_mixture(), 64}, {"grid 5×5", ign::data::grid_mixture(), 64}};
  for (auto const& toy : toys) add_mixture(report, exec, o, toy);
  add_theorem(report, exec, o, toys[0].mixture);
  add_widths(report, exec, o, toys[0].mixture);
  report.section("Recipe");
  report.facts({{"net", "2 or 1 values, three layers of " + std::to_string(o.width) + " with LeakyReLU, 2 or 1 values"},
                {"steps", o.steps},
                {"optimizer", "Adam; the learning rate falls to 0 as a cosine"},
                {"Imle", "batch 16 in one dimension, else 64; pool of " + std::to_string(o.pool) +
                             " latents for each sample; learning rate " + number_text(o.imle_rate)},
                {"Idempotent", "batch 64; λ_t " + number_text(o.tightness) + ", smoothing own_noise with a = " + number_text(o.a) +
                                   "; learning rate " + number_text(o.idempotent_rate)}});
  add_machine(report, exec, o.command);
  report.write(o.out);
  std::cout << o.out << ": tables and charts\n";
}

}  // namespace

int main(int argc, char* argv[]) {
  Options o;
  CommandLine line("toys", "Trains both policies on mixtures of Gaussians with known modes.");
  line.add("out", "report to write, an HTML file; replaces an earlier one", o.out);
  line.add("seeds", "number of runs per policy", o.seeds, at_least(1));
  line.add("steps", "steps per run", o.steps, at_least(1));
  line.add("width", "width of the net's three hidden layers", o.width, at_least(1));
  line.add("pool", "Imle: latents per sample of a batch", o.pool, at_least(1));
  line.add("rate", "Imle: initial learning rate", o.imle_rate, at_least(0));
  line.add("idempotent-rate", "Idempotent: initial learning rate", o.idempotent_rate, at_least(0));
  line.add("tightness", "Idempotent: weight of the tightness", o.tightness, at_least(0));
  line.add("bound", "Idempotent: factor a of the bound a·R of the tightness loss; R is the reference distance of the smoothing", o.a,
           above(0));
  return run(line, argc, argv, [&] {
    check_writable(o.out);
    o.command = command_line(argc, argv);
    write_report(o);
    return 0;
  });
}
