// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// What is measured of points that should come from a mixture of Gaussians.
#ifndef IGN_EXAMPLES_TOY_FIGURES_HPP
#define IGN_EXAMPLES_TOY_FIGURES_HPP

#include "common.hpp"

#include <ign/core/finite.hpp>
#include <ign/data/toy.hpp>
#include <ign/io/report.hpp>
#include <ign/metrics/drift.hpp>
#include <ign/metrics/modes.hpp>

#include <array>
#include <string>
#include <vector>

namespace examples {

namespace metrics = ign::metrics;

inline constexpr int samples = 2500;  // of f(z): as published for ring and grid
inline constexpr double nothing = ign::quiet_nan<double>();
inline constexpr std::array figure_names = {"modes hit", "high quality", "high quality, f²(z)", "W1", "KL", "|f²(z) − f(z)|", "|f(x) − x|"};
using Figures = std::array<double, figure_names.size()>;  // nothing where a mixture has none

/// The figures that a mixture has.
inline std::vector<std::size_t> figures_of(ign::data::Mixture const& mixture) {
  return mixture.dimensions() == 1 ? std::vector<std::size_t>{3, 4, 5, 6} : std::vector<std::size_t>{0, 1, 2, 5, 6};
}

/// Points of a mixture that no training sees.
inline ign::Tensor<float, Exec> fresh_points(Exec const& exec, ign::data::Mixture const& mixture, std::uint64_t seed) {
  auto const x = ign::make_tensor<float>(exec, "ign::toys::x", samples, mixture.shape());
  ign::data::draw(exec, mixture, ign::Key{seed, ign::Stream::points, std::uint64_t{1} << 40}, Window(x));
  return x;
}

inline std::vector<double> numbers(Exec const& exec, Window const& points) {
  auto const values = metrics::to_host(exec, points);
  return {values.begin(), values.end()};
}

/// Counts of numbers on the line, one more in every bin: else the divergence of few samples is infinite.
inline metrics::Histogram line_histogram(std::vector<double> const& values) {
  auto counts = metrics::histogram(values, 60, -1, 1);
  for (auto& count : counts) ++count;
  return counts;
}

inline double high_quality(Exec const& exec, ign::data::Mixture const& mixture, Window const& points, double* hit = nullptr) {
  metrics::Modes modes{{}, mixture.mode(0).deviation};
  for (std::size_t k = 0; k < mixture.mode_count(); ++k) modes.centres.push_back({mixture.mode(k).centre[0], mixture.mode(k).centre[1]});
  auto const coverage = metrics::mode_coverage(exec, metrics::as_features<float, Exec>(points), modes);
  if (hit != nullptr) *hit = coverage.modes_hit;
  return coverage.high_quality_share;
}

/// Of points y that should be of the mixture, and of f(y).
inline Figures compare(Exec const& exec, ign::data::Mixture const& mixture, Window const& y, Window const& fy) {
  Figures figures;
  figures.fill(nothing);
  if (mixture.dimensions() == 2) {
    figures[1] = high_quality(exec, mixture, y, &figures[0]);
    figures[2] = high_quality(exec, mixture, fy);
  } else {
    auto const x = numbers(exec, Window(fresh_points(exec, mixture, 1))), values = numbers(exec, y);
    figures[3] = metrics::wasserstein1(x, values);
    figures[4] = metrics::kl_divergence(line_histogram(x), line_histogram(values));
  }
  return figures;
}

template <class Policy>
Figures measure(Exec const& exec, Policy& policy, ign::data::Mixture const& mixture, Window const& y) {
  auto const fy = ign::make_tensor<float>(exec, "ign::toys::fy", samples, mixture.shape());
  policy.generate(exec, ign::Key{policy.seed(), ign::Stream::user}, 1, y);
  policy.apply(exec, ign::Role::image, 1, y, Window(fy));
  Figures figures = compare(exec, mixture, y, Window(fy));
  figures[5] = metrics::mean(metrics::drift_scores<Policy, float, Exec>(exec, policy, ign::Role::image, y));
  figures[6] =
      metrics::mean(metrics::drift_scores<Policy, float, Exec>(exec, policy, ign::Role::data, Window(fresh_points(exec, mixture, 2))));
  return figures;
}

/// What a chart shows of points: places in the plane, or how many lie where on the line.
inline ign::io::Curve curve(Exec const& exec, std::string const& name, ign::data::Mixture const& mixture, Window const& points) {
  auto const values = numbers(exec, points);
  ign::io::Curve curve{name, {}, {}};
  if (mixture.dimensions() == 1) {
    auto const counts = metrics::histogram(values, 60, -1, 1);
    for (std::size_t i = 0; i < counts.size(); ++i) {
      curve.x.push_back((static_cast<double>(i) + 0.5) / 30 - 1);
      curve.y.push_back(static_cast<double>(counts[i]) / samples);
    }
    return curve;
  }
  curve.mark = ign::io::Mark::points;
  for (std::size_t i = 0; i < 2 * 1000; i += 2) {
    curve.x.push_back(values[i]);
    curve.y.push_back(values[i + 1]);
  }
  return curve;
}

/// Figures of several runs in one row of a mixture's table; also prints them.
inline std::vector<ign::io::Cell> row(ign::data::Mixture const& mixture, std::string const& what, std::vector<Figures> const& runs) {
  std::vector<ign::io::Cell> cells = {what};
  std::cout << what << ':';
  for (std::size_t const k : figures_of(mixture)) {
    std::vector<double> values;
    for (auto const& figures : runs) values.push_back(figures[k]);
    auto const [mean, deviation] = spread(values);
    bool const absent = ign::is_nan(mean);
    cells.push_back(absent ? ign::io::Cell("") : runs.size() > 1 ? ign::io::Cell::spread(mean, deviation) : ign::io::Cell(mean));
    if (!absent) std::cout << "  " << figure_names[k] << ' ' << cells.back().text;
  }
  std::cout << std::endl;
  return cells;
}

}  // namespace examples

#endif
