// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "toy_figures.hpp"

#include <ign/core/finite.hpp>
#include <ign/metrics/drift.hpp>
#include <ign/metrics/modes.hpp>

#include <iostream>

#include "spread.hpp"

namespace examples {

namespace metrics = ign::metrics;

namespace {

constexpr double nothing = ign::quiet_nan<double>();

std::vector<double> numbers(Exec const& exec, Ref const& points) {
  auto const values = metrics::to_host(exec, points);
  return {values.begin(), values.end()};
}

// A histogram of values in one dimension with one added to every bin; otherwise the divergence of few samples is infinite.
metrics::Histogram line_histogram(std::vector<double> const& values) {
  auto counts = metrics::histogram(values, 60, -1, 1);
  for (auto& count : counts) ++count;
  return counts;
}

double high_quality(Exec const& exec, ign::data::GaussianMixture const& mixture, Ref const& points, double* hit = nullptr) {
  metrics::Modes modes{{}, mixture.mode(0).stddev};
  for (std::size_t k = 0; k < mixture.mode_count(); ++k) modes.centres.push_back({mixture.mode(k).centre[0], mixture.mode(k).centre[1]});
  auto const coverage = metrics::mode_coverage(exec, metrics::as_features<float, Exec>(points), modes);
  if (hit != nullptr) *hit = coverage.modes_hit;
  return coverage.high_quality_share;
}

}  // namespace

std::vector<std::size_t> figures_of(ign::data::GaussianMixture const& mixture) {
  return mixture.dimensions() == 1 ? std::vector<std::size_t>{3, 4, 5, 6} : std::vector<std::size_t>{0, 1, 2, 5, 6};
}

ign::Tensor<float, Exec> fresh_points(Exec const& exec, ign::data::GaussianMixture const& mixture, std::uint64_t seed) {
  auto const x = ign::make_tensor<float>(exec, "ign::toys::x", samples, mixture.shape());
  ign::data::draw(exec, mixture, ign::Key{seed, ign::RandomStream::points, std::uint64_t{1} << 40}, Ref(x));
  return x;
}

Figures compare(Exec const& exec, ign::data::GaussianMixture const& mixture, Ref const& y, Ref const& fy) {
  Figures figures;
  figures.fill(nothing);
  if (mixture.dimensions() == 2) {
    figures[1] = high_quality(exec, mixture, y, &figures[0]);
    figures[2] = high_quality(exec, mixture, fy);
  } else {
    auto const x = numbers(exec, Ref(fresh_points(exec, mixture, 1))), values = numbers(exec, y);
    figures[3] = metrics::wasserstein1(x, values);
    figures[4] = metrics::kl_divergence(line_histogram(x), line_histogram(values));
  }
  return figures;
}

Figures measure(Exec const& exec, AnyProjector& f, std::uint64_t seed, ign::data::GaussianMixture const& mixture, Ref const& y) {
  auto const fy = ign::make_tensor<float>(exec, "ign::toys::fy", samples, mixture.shape());
  f.generate(exec, ign::Key{seed, ign::RandomStream::user}, 1, y);
  f.apply(exec, ign::Role::generated, 1, y, Ref(fy));
  Figures figures = compare(exec, mixture, y, Ref(fy));
  figures[5] = metrics::mean(f.drift_scores(exec, ign::Role::generated, y));
  figures[6] = metrics::mean(f.drift_scores(exec, ign::Role::data, Ref(fresh_points(exec, mixture, 2))));
  return figures;
}

Curve curve(Exec const& exec, std::string const& name, ign::data::GaussianMixture const& mixture, Ref const& points) {
  auto const values = numbers(exec, points);
  Curve curve{name, {}, {}};
  if (mixture.dimensions() == 1) {
    auto const counts = metrics::histogram(values, 60, -1, 1);
    for (std::size_t i = 0; i < counts.size(); ++i) {
      curve.x.push_back((static_cast<double>(i) + 0.5) / 30 - 1);
      curve.y.push_back(static_cast<double>(counts[i]) / samples);
    }
    return curve;
  }
  curve.mark = Mark::points;
  for (std::size_t i = 0; i < 2 * 1000; i += 2) {
    curve.x.push_back(values[i]);
    curve.y.push_back(values[i + 1]);
  }
  return curve;
}

std::vector<Cell> row(ign::data::GaussianMixture const& mixture, std::string const& what, std::vector<Figures> const& runs) {
  std::vector<Cell> cells = {what};
  std::cout << what << ':';
  for (std::size_t const k : figures_of(mixture)) {
    std::vector<double> values;
    for (auto const& figures : runs) values.push_back(figures[k]);
    auto const [mean, deviation] = spread(values);
    bool const absent = ign::is_nan(mean);
    cells.push_back(absent ? Cell("") : runs.size() > 1 ? Cell::spread(mean, deviation) : Cell(mean));
    if (!absent) std::cout << "  " << figure_names[k] << ' ' << cells.back().text;
  }
  std::cout << std::endl;
  return cells;
}

}  // namespace examples
