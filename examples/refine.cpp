// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Applies the net of a checkpoint repeatedly to the same noise: pictures of f^k(z), the drift of each further application and the quality
// against test images: in the features of a net of `features`, or for data without labels by the sliced Wasserstein distance. Several
// checkpoints, such as runs with different seeds, become a table of mean ± std, too.
// Test: --checkpoint example_train/model.safetensors --count 60 --last 10 --features example_features.safetensors --data rectangles
// clang-format off
// Test: --checkpoint example_train/model.safetensors,example_train/checkpoint.safetensors,example_widened/model.safetensors,example_widened/checkpoint.safetensors --last 2 --out refine_runs.html --features example_features.safetensors --data rectangles
// clang-format on
// Test: --checkpoint example_train/model.safetensors --count 20 --last 2 --out refine_unlabelled.html --data rectangles
// Needs: train features

#include "support/data_sets.hpp"
#include "support/inputs.hpp"
#include "support/measure.hpp"
#include "support/program.hpp"
#include "support/projector.hpp"
#include "support/spread.hpp"

#include <ign/core/finite.hpp>

#include <algorithm>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

using Exec = examples::Exec;
using examples::Ref;

using Use = examples::Inputs::Use;

struct Options {
  examples::Inputs inputs = {
      .out = "refine.html", .checkpoint_use = Use::needed, .features_use = Use::optional, .data_use = Use::optional, .compares_runs = true};
  int count = 1000, last = 1000;
  std::uint64_t seed = 1;
};

// f^k(z) for one k.
struct Iterate {
  int k;
  examples::Spread drift;       // |f^(k+1)(z) - f^k(z)| over the samples
  std::vector<double> quality;  // figures of the measure
  ign::io::Image picture;
};

// All of one checkpoint.
struct Refined {
  std::string checkpoint;
  std::vector<Iterate> iterates;
  std::optional<examples::Evaluation> evaluation;  // on held-out images, with MSE
};

std::string power(int k) {
  if (k < 2) return k == 0 ? "z" : "f(z)";
  constexpr char const* digits[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
  std::string exponent;
  for (char const digit : std::to_string(k)) exponent += digits[digit - '0'];
  return "f" + exponent + "(z)";
}

std::vector<Iterate> refine(Exec const& exec, examples::AnyProjector& f, Options const& o, int count, examples::Measure const* measure) {
  constexpr int batch = 256;
  auto const memory = ign::make_tensor<float>(exec, "ign::refine::images", count, f.image_shape());
  Ref const images(memory);
  f.generate(exec, ign::Key{o.seed, ign::RandomStream::user}, 0, images);
  std::vector<Iterate> iterates;
  int applied = 0;
  for (int const k : {0, 1, 2, 3, 5, 10, 20, 100, 1000}) {
    if (k > o.last) break;
    ign::Role const role = applied == 0 ? ign::Role::source : ign::Role::generated;
    for (int first = 0; first < count && k > applied; first += batch) {
      auto const part = ign::batch_range(images, first, std::min(batch, count - first));
      f.apply(exec, role, k - applied, part, part);
    }
    applied = k;
    auto const moved = f.drift_scores(exec, k == 0 ? role : ign::Role::generated, images, batch);
    iterates.push_back({k, examples::spread(moved), {}, examples::first_tiles(images)});
    if (measure != nullptr) iterates.back().quality = measure->of(images);
  }
  return iterates;
}

void add_drift(examples::Report& report, std::vector<Refined> const& runs, int count) {
  std::vector<std::vector<examples::Cell>> table;
  std::vector<examples::Curve> curves;
  for (auto const& run : runs) {
    examples::Curve curve{runs.size() > 1 ? run.checkpoint : "", {}, {}, {}, examples::Mark::line_and_points};
    for (auto const& iterate : run.iterates) {
      auto const [mean, deviation] = iterate.drift;
      table.push_back({run.checkpoint, power(iterate.k), iterate.k, examples::Cell::spread(mean, deviation)});
      std::cout << run.checkpoint << ", k " << iterate.k << ": drift " << mean << " ± " << deviation << '\n';
      if (iterate.k == 0) continue;  // a logarithmic axis has no zero
      curve.x.push_back(iterate.k);
      curve.y.push_back(mean > 0 ? mean : ign::quiet_nan<double>());
      curve.deviation.push_back(deviation);
    }
    if (!curve.x.empty()) curves.push_back(std::move(curve));
  }
  report.section("Drift");
  report.table({"checkpoint", "images", "k", "|fᵏ⁺¹(z) − fᵏ(z)|"}, table,
               "Drift: change of fᵏ(z) by one more application, per element; mean ± standard deviation over " +
                   examples::count_text(static_cast<std::uint64_t>(count)) + " samples");
  if (!curves.empty())
    report.chart(curves, {.title = "Drift by k, with its standard deviation over the samples", .x_label = "k", .log_x = true});
}

// A row of the table, which is also printed: figures of one run, or mean ± std over runs.
std::vector<examples::Cell> quality_row(examples::Measure const& measure, std::string const& of, std::string const& images,
                                        std::vector<std::vector<double>> const& runs) {
  std::vector<examples::Cell> row = {of, images};
  std::cout << of << ", " << images << ':';
  for (std::size_t c = 0; c < measure.names.size(); ++c) {
    std::vector<double> values;
    for (auto const& run : runs) values.push_back(run[c]);
    auto const [mean, deviation] = examples::spread(values);
    row.push_back(runs.size() > 1 ? examples::Cell::spread(mean, deviation) : examples::Cell(mean));
    std::cout << (c == 0 ? " " : ", ") << measure.names[c] << ' ' << row.back().text;
  }
  std::cout << '\n';
  return row;
}

void add_quality(examples::Report& report, std::vector<Refined> const& runs, examples::Measure const& measure, std::string const& images) {
  std::vector<std::vector<examples::Cell>> table;
  std::vector<examples::Curve> curves;
  for (auto const& run : runs) {
    examples::Curve curve{runs.size() > 1 ? run.checkpoint : "", {}, {}, {}, examples::Mark::line_and_points};
    for (auto const& iterate : run.iterates) {
      table.push_back(quality_row(measure, run.checkpoint, power(iterate.k), {iterate.quality}));
      if (iterate.k == 0) continue;
      curve.x.push_back(iterate.k);
      curve.y.push_back(iterate.quality.front());
    }
    if (!curve.x.empty()) curves.push_back(std::move(curve));
  }
  for (std::size_t i = 0; runs.size() > 1 && i < runs.front().iterates.size(); ++i) {
    std::vector<std::vector<double>> figures;
    for (auto const& run : runs) figures.push_back(run.iterates[i].quality);
    table.push_back(quality_row(measure, "mean ± std", power(runs.front().iterates[i].k), figures));
  }
  table.push_back(quality_row(measure, "training images", "reference", {measure.reference}));
  std::vector<std::string> headers = {"checkpoint", "images"};
  headers.insert(headers.end(), measure.names.begin(), measure.names.end());
  report.section("Quality");
  report.table(headers, table, "Against " + examples::count_text(measure.count) + ' ' + images + ", " + measure.caption);
  if (!curves.empty()) report.chart(curves, {.title = measure.names.front() + " by k", .x_label = "k", .log_y = false, .log_x = true});
  if (!measure.facts.empty()) report.facts(measure.facts);
}

void add_evaluation(examples::Report& report, std::vector<Refined> const& runs, std::string const& held_out) {
  std::vector<std::vector<examples::Cell>> table;
  std::vector<double> reconstruction, idempotence;
  auto const add = [&](std::string const& of, examples::Cell const& rec, examples::Cell const& idem) {
    table.push_back({of, rec, idem});
    std::cout << of << ": reconstruction " << rec.text << ", idempotence " << idem.text << '\n';
  };
  for (auto const& run : runs) {
    reconstruction.push_back(run.evaluation->reconstruction);
    idempotence.push_back(run.evaluation->idempotence);
    add(run.checkpoint, reconstruction.back(), idempotence.back());
  }
  auto const spread_of = [](std::vector<double> const& values) {
    auto const [mean, deviation] = examples::spread(values);
    return examples::Cell::spread(mean, deviation);
  };
  if (runs.size() > 1) add("mean ± std", spread_of(reconstruction), spread_of(idempotence));
  report.section("Errors");
  report.table({"checkpoint", "(f(x) − x)²", "(f(f(z)) − f(z))²"}, table, "Mean per element, on " + held_out);
}

void write_report(Exec const& exec, std::vector<std::unique_ptr<examples::AnyProjector>> const& nets, Options const& o) {
  ign::Shape const shape = nets.front()->image_shape();
  for (std::size_t i = 0; i < nets.size(); ++i)
    ign::require(nets[i]->image_shape() == shape, ign::Fault::shape, 475, o.inputs.checkpoints[i], ": has images of ",
                 nets[i]->image_shape(), ", expected ", shape, " as in ", o.inputs.checkpoints.front());
  examples::Report report("Repeated application of f");
  int count = o.count;
  std::optional<examples::DataSet> data;
  std::optional<examples::Measure> measure;
  if (!o.inputs.data.empty()) {
    data = examples::load(o.inputs.data, shape);
    auto const most = static_cast<std::size_t>(count);
    measure = o.inputs.features.empty() ? examples::sliced_measure(exec, *data, shape, most)
                                        : examples::feature_measure(exec, o.inputs.features, *data, shape, most);
    count = static_cast<int>(measure->count);  // the figures depend on it
  }
  std::vector<Refined> runs;
  for (std::size_t i = 0; i < nets.size(); ++i) {
    runs.push_back({o.inputs.checkpoints[i], refine(exec, *nets[i], o, count, measure ? &*measure : nullptr), {}});
    if (data) runs.back().evaluation = examples::evaluate(exec, *nets[i], data->test.images, ign::Mse{}, o.seed);
  }
  std::vector<examples::PictureRow> rows;
  for (auto const& iterate : runs.front().iterates) rows.push_back({power(iterate.k), iterate.picture});
  report.picture("The same ten z, not selected" + (runs.size() > 1 ? ", with the net of " + runs.front().checkpoint : std::string()) +
                     ". An exactly idempotent f changes nothing after the first application.",
                 rows, examples::picture_scale(shape));
  add_drift(report, runs, count);
  if (measure) {
    add_quality(report, runs, *measure, data->test.name);
    add_evaluation(report, runs, data->test.name);
  }
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
    ign::require(o.inputs.features.empty() || !o.inputs.data.empty(), ign::Fault::option, 103,
                 "--features is given without --data, expected the test images to compare with");
    o.inputs.check(argc, argv);
    Exec const exec;
    std::vector<std::unique_ptr<examples::AnyProjector>> nets;
    for (auto const& checkpoint : o.inputs.checkpoints) nets.push_back(examples::load_projector(exec, checkpoint));
    write_report(exec, nets, o);
    std::cout << o.inputs.out << ": pictures, figures and charts\n";
    return 0;
  });
}
