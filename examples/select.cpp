// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Makes more samples than are wanted with the net of a checkpoint and keeps those that f itself moves least, |f(f(z)) - f(z)|: what a net's
// own drift is worth as a judge of what it makes.
// Test: --checkpoint example_train/model.safetensors --count 60 --features example_features.safetensors --data rectangles
// Needs: train features

#include "common.hpp"
#include "machine.hpp"
#include "quality.hpp"

#include <ign/metrics/drift.hpp>

#include <numeric>

namespace {

using Exec = examples::Exec;
using examples::Window;
namespace metrics = ign::metrics;

struct Options {
  std::string checkpoint, features, data, out = "select.html", command;
  std::vector<double> keep = {1, 0.9, 0.8, 0.5};  // shares of the samples
  int count = 10'000;
  std::uint64_t seed = 1;
};

constexpr int batch = 256;

// f(z), and how far f moves each.
struct Pool {
  ign::Tensor<float, Exec> images;
  std::vector<double> drift;
};

template <class Policy>
Pool make_pool(Exec const& exec, Policy& policy, int count, std::uint64_t seed) {
  Pool pool = {ign::make_tensor<float>(exec, "ign::select::pool", count, policy.image_shape()), {}};
  Window const all(pool.images);
  policy.generate(exec, ign::Key{seed, ign::Stream::user}, 0, all);
  for (int first = 0; first < count; first += batch) {
    auto const part = ign::samples<float, Exec>(all, first, std::min(batch, count - first));
    policy.apply(exec, ign::Role::source, 1, part, part);
  }
  pool.drift = metrics::drift_scores<Policy, float, Exec>(exec, policy, ign::Role::image, all, batch);
  return pool;
}

// The `count` places of least drift among the first `among`, in the order of drift.
std::vector<int> least(std::vector<double> const& drift, int among, int count) {
  std::vector<int> places(static_cast<std::size_t>(among));
  std::iota(places.begin(), places.end(), 0);
  std::stable_sort(places.begin(), places.end(),
                   [&](int a, int b) { return drift[static_cast<std::size_t>(a)] < drift[static_cast<std::size_t>(b)]; });
  places.resize(static_cast<std::size_t>(count));
  return places;
}

// The images at these places, side by side.
ign::Tensor<float, Exec> gather(Exec const& exec, Window const& images, std::vector<int> const& places) {
  auto const chosen = ign::make_tensor<float>(exec, "ign::select::chosen", static_cast<int>(places.size()), ign::shape_of(images));
  for (int n = 0; n < static_cast<int>(places.size()); ++n)
    Kokkos::deep_copy(exec, ign::samples<float, Exec>(Window(chosen), n, 1),
                      ign::samples<float, Exec>(images, places[static_cast<std::size_t>(n)], 1));
  return chosen;
}

template <class Policy>
void write_report(Exec const& exec, Policy& policy, Options const& o) {
  ign::Shape const shape = policy.image_shape();
  auto const data = examples::load(o.data, shape);
  examples::QualityMeter meter(exec, o.features, data.train, data.test.images, static_cast<std::size_t>(o.count));
  int const count = static_cast<int>(meter.count());
  auto const among = [&](double keep) { return static_cast<int>(std::ceil(count / keep)); };
  auto const pool = make_pool(exec, policy, among(*std::min_element(o.keep.begin(), o.keep.end())), o.seed);

  std::vector<std::vector<ign::io::Cell>> table;
  auto const add = [&](std::string const& name, ign::io::Cell const& largest, examples::Quality const& q) {
    table.push_back({name, largest, q.frechet, q.precision, q.recall, q.coverage, q.rarest_class, q.memorisation});
    std::cout << name << ": FD-C " << q.frechet << ", precision " << q.precision << ", recall " << q.recall << ", coverage " << q.coverage
              << ", rarest class " << q.rarest_class << '\n';
  };
  std::vector<ign::io::PictureRow> rows;
  int const shown = std::min(examples::report_columns, count);
  for (double const keep : o.keep) {
    auto const places = least(pool.drift, among(keep), count);
    auto const chosen = gather(exec, Window(pool.images), places);
    auto const name = ign::io::number_text(100 * keep) + " %";
    add(name, pool.drift[static_cast<std::size_t>(places.back())], meter.of(exec, Window(chosen)));
    rows.push_back({"kept at " + name + ", most drift", examples::tiles(ign::samples<float, Exec>(Window(chosen), count - shown, shown))});
  }
  add("training images (floor)", "", meter.floor(exec));

  ign::io::Report report("Choice: the samples that f moves least");
  report.text("Of more samples f(z) than are wanted those with the least drift |f(f(z)) − f(z)| are kept, as many of each share.");
  report.picture("The ten of each choice that f moves most.", rows, {.scale = shape.width <= 32 ? 2.0 : 1.0});
  report.section("Quality");
  report.table({"kept", "largest drift", "FD-C", "precision", "recall", "coverage", "rarest class", "memorisation"}, table,
               ign::io::count_text(meter.count()) + " samples against as many test images, in the features of a classifier");
  report.facts({{"feature net", meter.facts().dump()}});
  examples::add_machine(report, exec, o.command);
  report.write(o.out);
}

}  // namespace

int main(int argc, char* argv[]) {
  Options o;
  examples::CommandLine line("select", "Keeps those of many samples that the net of a checkpoint moves least.");
  line.add("checkpoint", "model or checkpoint that train wrote", o.checkpoint);
  line.add("features", "file that features wrote, to compare samples with test images", o.features);
  line.add("data", "where these are: as for train", o.data);
  line.add("out", "file for the report", o.out);
  line.add("keep", "shares of the samples to keep", o.keep, examples::between(0.01, 1));
  line.add("count", "samples that are kept, and compared", o.count, examples::at_least(2));
  line.add("seed", "of the noise", o.seed);
  return examples::run(line, argc, argv, [&] {
    ign::require(!o.checkpoint.empty() && !o.features.empty() && !o.data.empty(), ign::Fault::option, 103,
                 "--checkpoint, --features or --data is missing: what train and features wrote, and the data for train");
    examples::check_writable(o.out);
    o.command = examples::command_line(argc, argv);
    Exec const exec;
    examples::with_checkpoint(exec, o.checkpoint, [&](auto& policy) { write_report(exec, policy, o); });
    std::cout << o.out << ": pictures and figures\n";
    return 0;
  });
}
