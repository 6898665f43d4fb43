// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Rejection by drift: generates more samples than needed with the net of a checkpoint and keeps those with the smallest drift
// |f(f(z)) - f(z)|. Measures the drift as a criterion of sample quality.
// Test: --checkpoint example_train/model.safetensors --count 60 --features example_features.safetensors --data rectangles
// Needs: train features

#include "support/data_sets.hpp"
#include "support/inputs.hpp"
#include "support/program.hpp"
#include "support/projector.hpp"
#include "support/quality.hpp"

#include <algorithm>
#include <cmath>
#include <iostream>
#include <numeric>

namespace {

using Exec = examples::Exec;
using examples::Ref;

using Use = examples::Inputs::Use;

struct Options {
  examples::Inputs inputs = {.out = "select.html", .checkpoint_use = Use::needed, .features_use = Use::needed, .data_use = Use::needed};
  std::vector<double> keep = {1, 0.9, 0.8, 0.5};  // shares of the samples
  int count = 10'000;
  std::uint64_t seed = 1;
};

constexpr int batch = 256;

// f(z) with its drift.
struct Pool {
  ign::Tensor<float, Exec> images;
  std::vector<double> drift;
};

Pool make_pool(Exec const& exec, examples::AnyProjector& f, int count, std::uint64_t seed) {
  Pool pool = {ign::make_tensor<float>(exec, "ign::select::pool", count, f.image_shape()), {}};
  Ref const all(pool.images);
  f.generate(exec, ign::Key{seed, ign::RandomStream::user}, 0, all);
  for (int first = 0; first < count; first += batch) {
    auto const part = ign::batch_range(all, first, std::min(batch, count - first));
    f.apply(exec, ign::Role::source, 1, part, part);
  }
  pool.drift = f.drift_scores(exec, ign::Role::generated, all, batch);
  return pool;
}

// Indices of the `count` smallest drifts among the first `among`, in ascending order of drift.
std::vector<int> least(std::vector<double> const& drift, int among, int count) {
  std::vector<int> indices(static_cast<std::size_t>(among));
  std::iota(indices.begin(), indices.end(), 0);
  std::stable_sort(indices.begin(), indices.end(),
                   [&](int a, int b) { return drift[static_cast<std::size_t>(a)] < drift[static_cast<std::size_t>(b)]; });
  indices.resize(static_cast<std::size_t>(count));
  return indices;
}

// The images at these indices.
ign::Tensor<float, Exec> gather(Exec const& exec, Ref const& images, std::vector<int> const& indices) {
  auto const chosen = ign::make_tensor<float>(exec, "ign::select::chosen", static_cast<int>(indices.size()), ign::shape_of(images));
  for (int n = 0; n < static_cast<int>(indices.size()); ++n)
    Kokkos::deep_copy(exec, ign::batch_range(Ref(chosen), n, 1), ign::batch_range(images, indices[static_cast<std::size_t>(n)], 1));
  return chosen;
}

void write_report(Exec const& exec, examples::AnyProjector& f, Options const& o) {
  ign::Shape const shape = f.image_shape();
  auto const data = examples::load(o.inputs.data, shape);
  examples::QualityMeter meter(exec, o.inputs.features, data, shape, static_cast<std::size_t>(o.count));
  int const count = static_cast<int>(meter.count());
  auto const among = [&](double keep) { return static_cast<int>(std::ceil(count / keep)); };
  auto const pool = make_pool(exec, f, among(*std::min_element(o.keep.begin(), o.keep.end())), o.seed);

  std::vector<std::vector<examples::Cell>> table;
  auto const add = [&](std::string const& name, examples::Cell const& largest, examples::Quality const& q) {
    table.push_back({name, largest, q.frechet, q.precision, q.recall, q.coverage, q.rarest_class, q.memorisation});
    std::cout << name << ": FD-C " << q.frechet << ", precision " << q.precision << ", recall " << q.recall << ", coverage " << q.coverage
              << ", rarest class " << q.rarest_class << '\n';
  };
  std::vector<examples::PictureRow> rows;
  int const shown = std::min(examples::report_columns, count);
  for (double const keep : o.keep) {
    auto const indices = least(pool.drift, among(keep), count);
    auto const chosen = gather(exec, Ref(pool.images), indices);
    auto const name = examples::number_text(100 * keep) + " %";
    add(name, pool.drift[static_cast<std::size_t>(indices.back())], meter.of(exec, Ref(chosen)));
    rows.push_back({"kept at " + name + ", most drift", examples::tiles(ign::batch_range(Ref(chosen), count - shown, shown))});
  }
  add("training images (reference)", "", meter.reference(exec));

  examples::Report report("Selection of samples by drift");
  report.text("Of more samples f(z) than needed, those with the smallest drift |f(f(z)) − f(z)| are kept, the same number for each share.");
  report.picture("The ten samples of each selection with the largest drift.", rows, examples::picture_scale(shape));
  report.section("Quality");
  report.table({"kept", "largest drift", "FD-C", "precision", "recall", "coverage", "rarest class", "NN distance ratio"}, table,
               examples::count_text(meter.count()) + " samples against as many test images, in the features of a classifier");
  report.facts({{"feature net", meter.facts().dump()}});
  examples::add_machine(report, exec, o.inputs.command);
  report.write(o.inputs.out);
}

}  // namespace

int main(int argc, char* argv[]) {
  Options o;
  examples::CommandLine line("select", "Keeps the samples with the smallest drift under the net of a checkpoint.");
  o.inputs.add_to(line);
  line.add("keep", "shares of the samples to keep", o.keep, examples::between(0.01, 1));
  line.add("count", "number of samples to keep and to compare", o.count, examples::at_least(2));
  line.add("seed", "seed of the noise", o.seed);
  return examples::run_with_net(line, argc, argv, o.inputs, [&](Exec const& exec, examples::AnyProjector& f) { write_report(exec, f, o); });
}
