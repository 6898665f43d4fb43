// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Applies the net of a checkpoint again and again to the same noise: what becomes of f^k(z), how far each application still moves it and,
// with a net that `features` has written, how it compares with test images.
// Test: --checkpoint example_train/model.safetensors --count 60 --last 10 --features example_features.safetensors --data rectangles
// Needs: train features

#include "common.hpp"
#include "machine.hpp"
#include "quality.hpp"

#include <ign/core/finite.hpp>
#include <ign/metrics/drift.hpp>

#include <optional>

namespace {

using Exec = examples::Exec;
using examples::Window;
namespace metrics = ign::metrics;

struct Options {
  std::string checkpoint, features, data, out = "refine.html", command;
  int count = 1000, last = 1000;
  std::uint64_t seed = 1;
};

// f^k(z) at one k.
struct Place {
  int k;
  examples::Spread drift;  // |f^(k+1)(z) - f^k(z)|, over the samples
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

template <class Policy>
std::vector<Place> refine(Exec const& exec, Policy& policy, Options const& o, int count, examples::QualityMeter* meter) {
  constexpr int batch = 256;
  auto const memory = ign::make_tensor<float>(exec, "ign::refine::images", count, policy.image_shape());
  Window const images(memory);
  policy.generate(exec, ign::Key{o.seed, ign::Stream::user}, 0, images);
  std::vector<Place> places;
  int applied = 0;
  for (int const k : {0, 1, 2, 5, 10, 20, 100, 1000}) {
    if (k > o.last) break;
    ign::Role const role = applied == 0 ? ign::Role::source : ign::Role::image;
    for (int first = 0; first < count && k > applied; first += batch) {
      auto const part = ign::samples<float, Exec>(images, first, std::min(batch, count - first));
      policy.apply(exec, role, k - applied, part, part);
    }
    applied = k;
    auto const moved = metrics::drift_scores<Policy, float, Exec>(exec, policy, k == 0 ? role : ign::Role::image, images, batch);
    places.push_back({k, examples::spread(moved), {}, examples::tiles(ign::samples<float, Exec>(images, 0, std::min(10, count)))});
    if (meter != nullptr) places.back().quality = meter->of(exec, images);
  }
  return places;
}

void add_drift(ign::io::Report& report, std::vector<Place> const& places, int count) {
  std::vector<std::vector<ign::io::Cell>> table;
  ign::io::Curve curve{"", {}, {}, {}, ign::io::Mark::line_and_points};
  for (auto const& place : places) {
    auto const [mean, deviation] = place.drift;
    table.push_back({power(place.k), place.k, ign::io::Cell::spread(mean, deviation)});
    std::cout << "k " << place.k << ": drift " << mean << " ± " << deviation << '\n';
    if (place.k == 0) continue;  // a logarithmic axis has no place for it
    curve.x.push_back(place.k);
    curve.y.push_back(mean > 0 ? mean : ign::quiet_nan<double>());
    curve.deviation.push_back(deviation);
  }
  report.section("Drift");
  report.table({"images", "k", "|fᵏ⁺¹(z) − fᵏ(z)|"}, table,
               "Drift: how far one more application moves fᵏ(z), per number; mean ± standard deviation over " +
                   ign::io::count_text(static_cast<std::uint64_t>(count)) + " samples");
  if (!curve.x.empty())
    report.chart({&curve, 1}, {.title = "Drift by k, with its deviation over the samples", .x_label = "k", .log_x = true});
}

void add_quality(Exec const& exec, ign::io::Report& report, std::vector<Place> const& places, examples::QualityMeter const& meter) {
  std::vector<std::vector<ign::io::Cell>> table;
  ign::io::Curve curve{"", {}, {}, {}, ign::io::Mark::line_and_points};
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
               "Against " + ign::io::count_text(meter.count()) + " test images, in the features of a classifier");
  if (!curve.x.empty()) report.chart({&curve, 1}, {.title = "FD-C by k", .x_label = "k", .log_y = false, .log_x = true});
  report.facts({{"feature net", meter.facts().dump()}});
}

template <class Policy>
void write_report(Exec const& exec, Policy& policy, Options const& o) {
  ign::Shape const shape = policy.image_shape();
  ign::io::Report report("Refinement: f applied again and again");
  int count = o.count;
  std::optional<examples::QualityMeter> meter;
  if (!o.features.empty()) {
    auto const data = examples::load(o.data, shape);
    meter.emplace(exec, o.features, data.train, data.test.images, static_cast<std::size_t>(count));
    count = static_cast<int>(meter->count());  // FD-C depends on it
  }
  auto const places = refine(exec, policy, o, count, meter ? &*meter : nullptr);
  std::vector<ign::io::PictureRow> rows;
  for (auto const& place : places) rows.push_back({power(place.k), place.picture});
  report.picture("The same ten z, not selected. An f that is exactly idempotent changes nothing after the first time.", rows,
                 {.scale = shape.width <= 32 ? 2.0 : 1.0});
  add_drift(report, places, count);
  if (meter) add_quality(exec, report, places, *meter);
  examples::add_machine(report, exec, o.command);
  report.write(o.out);
}

}  // namespace

int main(int argc, char* argv[]) {
  Options o;
  examples::CommandLine line("refine", "Applies the net of a checkpoint again and again to the same noise.");
  line.add("checkpoint", "model or checkpoint that train wrote", o.checkpoint);
  line.add("out", "file for the report", o.out);
  line.add("count", "samples for the figures", o.count, examples::at_least(2));
  line.add("last", "the largest k", o.last, examples::at_least(0));
  line.add("features", "file that features wrote, to compare f^k(z) with test images", o.features);
  line.add("data", "where these are: as for train", o.data);
  line.add("seed", "of the noise", o.seed);
  return examples::run(line, argc, argv, [&] {
    ign::require(!o.checkpoint.empty(), ign::Fault::option, 103, "--checkpoint is missing: a model or checkpoint that train wrote");
    ign::require(o.features.empty() == o.data.empty(), ign::Fault::option, 103,
                 "--features and --data: one is missing, expected both or none");
    examples::check_writable(o.out);
    o.command = examples::command_line(argc, argv);
    Exec const exec;
    examples::with_checkpoint(exec, o.checkpoint, [&](auto& policy) { write_report(exec, policy, o); });
    std::cout << o.out << ": pictures, figures and charts\n";
    return 0;
  });
}
