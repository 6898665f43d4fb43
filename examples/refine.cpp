// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Applies the net of a checkpoint repeatedly to the same noise: pictures of f^k(z), the drift of each further application and, with a
// feature net of `features`, the quality against test images.
// Test: --checkpoint example_train/model.safetensors --count 60 --last 10 --features example_features.safetensors --data rectangles
// Needs: train features

#include "support/data_sets.hpp"
#include "support/inputs.hpp"
#include "support/program.hpp"
#include "support/projector.hpp"
#include "support/quality.hpp"
#include "support/spread.hpp"

#include <ign/core/finite.hpp>

#include <algorithm>
#include <iostream>
#include <optional>

namespace {

using Exec = examples::Exec;
using examples::Ref;

using Use = examples::Inputs::Use;

struct Options {
  examples::Inputs inputs = {.out = "refine.html", .checkpoint_use = Use::needed, .features_use = Use::optional, .data_use = Use::optional};
  int count = 1000, last = 1000;
  std::uint64_t seed = 1;
};

// f^k(z) for one k.
struct Place {
  int k;
  examples::Spread drift;  // |f^(k+1)(z) - f^k(z)| over the samples
  std::optional<examples::Quality> quality;
  ign::io::Image picture;
};

std::string power(int k) {
  if (k < 2) return k == 0 ? "z" : "f(z)";
  constexpr char const* digits[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
  std::string exponent;
  for (char const digit : std::to_string(k)) exponent += digits[digit - '0'];
  return "f" + exponent + "(z)";
}

std::vector<Place> refine(Exec const& exec, examples::AnyProjector& f, Options const& o, int count, examples::QualityMeter* meter) {
  constexpr int batch = 256;
  auto const memory = ign::make_tensor<float>(exec, "ign::refine::images", count, f.image_shape());
  Ref const images(memory);
  f.generate(exec, ign::Key{o.seed, ign::Stream::user}, 0, images);
  std::vector<Place> places;
  int applied = 0;
  for (int const k : {0, 1, 2, 3, 5, 10, 20, 100, 1000}) {
    if (k > o.last) break;
    ign::Role const role = applied == 0 ? ign::Role::source : ign::Role::generated;
    for (int first = 0; first < count && k > applied; first += batch) {
      auto const part = ign::samples<float, Exec>(images, first, std::min(batch, count - first));
      f.apply(exec, role, k - applied, part, part);
    }
    applied = k;
    auto const moved = f.drift_scores(exec, k == 0 ? role : ign::Role::generated, images, batch);
    places.push_back({k, examples::spread(moved), {}, examples::first_tiles(images)});
    if (meter != nullptr) places.back().quality = meter->of(exec, images);
  }
  return places;
}

void add_drift(examples::Report& report, std::vector<Place> const& places, int count) {
  std::vector<std::vector<examples::Cell>> table;
  examples::Curve curve{"", {}, {}, {}, examples::Mark::line_and_points};
  for (auto const& place : places) {
    auto const [mean, deviation] = place.drift;
    table.push_back({power(place.k), place.k, examples::Cell::spread(mean, deviation)});
    std::cout << "k " << place.k << ": drift " << mean << " ± " << deviation << '\n';
    if (place.k == 0) continue;  // a logarithmic axis has no zero
    curve.x.push_back(place.k);
    curve.y.push_back(mean > 0 ? mean : ign::quiet_nan<double>());
    curve.deviation.push_back(deviation);
  }
  report.section("Drift");
  report.table({"images", "k", "|fᵏ⁺¹(z) − fᵏ(z)|"}, table,
               "Drift: change of fᵏ(z) by one more application, per number; mean ± standard deviation over " +
                   examples::count_text(static_cast<std::uint64_t>(count)) + " samples");
  if (!curve.x.empty())
    report.chart({&curve, 1}, {.title = "Drift by k, with its deviation over the samples", .x_label = "k", .log_x = true});
}

void add_quality(Exec const& exec, examples::Report& report, std::vector<Place> const& places, examples::QualityMeter const& meter) {
  std::vector<std::vector<examples::Cell>> table;
  examples::Curve curve{"", {}, {}, {}, examples::Mark::line_and_points};
  auto const add = [&](std::string const& name, examples::Quality const& q) {
    table.push_back({name, q.frechet, q.precision, q.recall, q.coverage, q.class_kl, q.rarest_class});
    std::cout << name << ": FD-C " << q.frechet << ", precision " << q.precision << ", recall " << q.recall << ", coverage " << q.coverage
              << ", class KL " << q.class_kl << ", rarest class " << q.rarest_class << '\n';
  };
  for (auto const& place : places) {
    add(power(place.k), *place.quality);
    if (place.k == 0) continue;
    curve.x.push_back(place.k);
    curve.y.push_back(place.quality->frechet);
  }
  add("training images (floor)", meter.floor(exec));
  report.section("Quality");
  report.table({"images", "FD-C", "precision", "recall", "coverage", "KL of classes", "rarest class"}, table,
               "Against " + examples::count_text(meter.count()) + " test images, in the features of a classifier");
  if (!curve.x.empty()) report.chart({&curve, 1}, {.title = "FD-C by k", .x_label = "k", .log_y = false, .log_x = true});
  report.facts({{"feature net", meter.facts().dump()}});
}

void write_report(Exec const& exec, examples::AnyProjector& f, Options const& o) {
  ign::Shape const shape = f.image_shape();
  examples::Report report("Refinement: f applied repeatedly");
  int count = o.count;
  std::optional<examples::QualityMeter> meter;
  if (!o.inputs.features.empty()) {
    auto const data = examples::load(o.inputs.data, shape);
    meter.emplace(exec, o.inputs.features, data.train, data.test.images, static_cast<std::size_t>(count));
    count = static_cast<int>(meter->count());  // FD-C depends on it
  }
  auto const places = refine(exec, f, o, count, meter ? &*meter : nullptr);
  std::vector<examples::PictureRow> rows;
  for (auto const& place : places) rows.push_back({power(place.k), place.picture});
  report.picture("The same ten z, not selected. An exactly idempotent f changes nothing after the first application.", rows,
                 examples::picture_scale(shape));
  add_drift(report, places, count);
  if (meter) add_quality(exec, report, places, *meter);
  examples::add_machine(report, exec, o.inputs.command);
  report.write(o.inputs.out);
}

}  // namespace

int main(int argc, char* argv[]) {
  Options o;
  examples::CommandLine line("refine", "Applies the net of a checkpoint repeatedly to the same noise.");
  o.inputs.add_to(line);
  line.add("count", "number of samples in the figures", o.count, examples::at_least(2));
  line.add("last", "the largest k", o.last, examples::at_least(0));
  line.add("seed", "seed of the noise", o.seed);
  return examples::run(line, argc, argv, [&] {
    ign::require(o.inputs.features.empty() == o.inputs.data.empty(), ign::Fault::option, 103,
                 "only one of --features and --data is given, expected both or none");
    o.inputs.check(argc, argv);
    Exec const exec;
    auto const f = examples::load_projector(exec, o.inputs.checkpoint);
    write_report(exec, *f, o);
    std::cout << o.inputs.out << ": pictures, figures and charts\n";
    return 0;
  });
}
