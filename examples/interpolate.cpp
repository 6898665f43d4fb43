// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Interpolation between noises, on the chord and on the arc, and arithmetic a - b + c, under the net of a checkpoint.
// Test: --checkpoint example_train/model.safetensors --count 8
// Needs: train

#include "support/inputs.hpp"
#include "support/program.hpp"
#include "support/projector.hpp"
#include "support/spread.hpp"

#include <ign/metrics/features.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <iostream>

namespace {

using Exec = examples::Exec;
using examples::Ref;
namespace metrics = ign::metrics;

struct Options {
  examples::Inputs inputs = {.out = "interpolate.html", .checkpoint_use = examples::Inputs::Use::needed};
  int count = 100, pictures = 3;
  std::uint64_t seed = 1;
};

constexpr int columns = examples::report_columns;
double fraction(int column) { return static_cast<double>(column) / (columns - 1); }

using Noise = std::span<float const>;  // of one noise

// Weights of two noises at the position t in [0, 1] between them.
using Path = std::function<std::array<double, 2>(Noise a, Noise b, double t)>;

std::array<double, 2> linear(Noise, Noise, double t) { return {1 - t, t}; }

/// \source Shoemake, "Animating rotation with quaternion curves", SIGGRAPH 1985; White, "Sampling generative networks", arXiv 1609.04468
std::array<double, 2> spherical(Noise a, Noise b, double t) {
  double ab = 0, aa = 0, bb = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    ab += static_cast<double>(a[i]) * static_cast<double>(b[i]);
    aa += static_cast<double>(a[i]) * static_cast<double>(a[i]);
    bb += static_cast<double>(b[i]) * static_cast<double>(b[i]);
  }
  double const angle = std::acos(std::clamp(ab / std::sqrt(aa * bb), -1.0, 1.0));
  if (std::sin(angle) < 1e-6) return linear(a, b, t);  // no unique arc
  return {std::sin((1 - t) * angle) / std::sin(angle), std::sin(t * angle) / std::sin(angle)};
}

// Noises on the host.
struct Noises {
  std::vector<float> values;
  std::size_t size;  // elements per noise

  Noise operator()(int n) const { return Noise(values).subspan(static_cast<std::size_t>(n) * size, size); }
  void add(std::initializer_list<std::pair<double, Noise>> const& terms) {
    for (std::size_t i = 0; i < size; ++i) {
      double sum = 0;
      for (auto const& [factor, noise] : terms) sum += factor * static_cast<double>(noise[i]);
      values.push_back(static_cast<float>(sum));
    }
  }
};

// f and f² of noises, and the drift from the first to the second.
struct Images {
  ign::Tensor<float, Exec> once, twice;
  std::vector<double> drift;
};

Images apply(Exec const& exec, examples::AnyProjector& f, Noises const& z) {
  int const count = static_cast<int>(z.values.size() / z.size);
  Images images = {ign::make_tensor<float>(exec, "ign::interpolate::f", count, f.image_shape()),
                   ign::make_tensor<float>(exec, "ign::interpolate::f2", count, f.image_shape()),
                   {}};
  ign::VectorRef<float, Exec> const flat(images.once.data(), images.once.size());
  Kokkos::deep_copy(
      exec, flat, Kokkos::View<float const*, Kokkos::HostSpace, Kokkos::MemoryTraits<Kokkos::Unmanaged>>(z.values.data(), z.values.size()));
  constexpr int batch = 250;
  for (int first = 0; first < count; first += batch) {
    int const size = std::min(batch, count - first);
    auto const once = ign::batch_range(Ref(images.once), first, size);
    f.apply(exec, ign::Role::source, 1, once, once);
    f.apply(exec, ign::Role::generated, 1, once, ign::batch_range(Ref(images.twice), first, size));
  }
  images.drift = f.drift_scores(exec, ign::Role::generated, Ref(images.once), batch);
  return images;
}

ign::io::Image row(ign::Tensor<float, Exec> const& images, int number) {
  return examples::tiles(ign::batch_range(Ref(images), number * columns, columns));
}

void write_report(Exec const& exec, examples::AnyProjector& f, Options const& o) {
  ign::Shape const shape = f.image_shape();
  auto const noise = ign::make_tensor<float>(exec, "ign::interpolate::z", std::max(2 * o.count, 3 * columns), shape);
  f.generate(exec, ign::Key{o.seed, ign::RandomStream::user}, 0, Ref(noise));
  Noises const z = {metrics::to_host(exec, noise), shape.size()};
  examples::PictureOptions const scale = examples::picture_scale(shape);
  examples::Report report("Interpolation and arithmetic of noises");

  std::vector<std::pair<std::string, Path>> const paths = {{"linear", linear}, {"spherical", spherical}};
  std::vector<Images> on_path;
  std::vector<examples::Curve> curves;
  for (auto const& [name, path] : paths) {
    Noises between = {{}, z.size};
    for (int n = 0; n < o.count; ++n)
      for (int i = 0; i < columns; ++i) {
        auto const [a, b] = path(z(2 * n), z(2 * n + 1), fraction(i));
        between.add({{a, z(2 * n)}, {b, z(2 * n + 1)}});
      }
    on_path.push_back(apply(exec, f, between));
    examples::Curve curve{name, {}, {}, {}, examples::Mark::line_and_points};
    for (int i = 0; i < columns; ++i) {
      std::vector<double> drift;
      for (int n = 0; n < o.count; ++n) drift.push_back(on_path.back().drift[static_cast<std::size_t>(n * columns + i)]);
      auto const [mean, deviation] = examples::spread(drift);
      curve.x.push_back(fraction(i));
      curve.y.push_back(mean);
      curve.deviation.push_back(deviation);
    }
    std::cout << name << ": |f²(z) - f(z)| " << curve.y.front() << " at t = 0, " << curve.y[columns / 2]
              << " at t = " << curve.x[columns / 2] << '\n';
    curves.push_back(std::move(curve));
  }
  std::vector<examples::PictureRow> rows;
  for (int n = 0; n < std::min(o.pictures, o.count); ++n)
    for (std::size_t p = 0; p < paths.size(); ++p) {
      rows.push_back({paths[p].first + ", f", row(on_path[p].once, n)});
      rows.push_back({paths[p].first + ", f²", row(on_path[p].twice, n)});
    }
  report.section("Interpolation");
  report.text(
      "z at ten points from a to b: on the chord (1 − t) a + t b, whose middle is closer to 0 than noise, and on the arc, which keeps the "
      "length.");
  report.picture("f and f² of noises between two, one pair per group of rows, not selected.", rows, scale);
  report.chart(curves, {.title = "Drift |f²(z) − f(z)| by t between the noises: mean and standard deviation over " +
                                 std::to_string(o.count) + " pairs",
                        .x_label = "t",
                        .log_y = false});

  report.section("Arithmetic");
  Noises sums = {{}, z.size};
  std::vector<std::string> const labels = {"a", "b", "c", "a − b + c", "(a − b + c) / √3"};
  std::array<std::array<double, 3>, 5> const factors = {
      {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {1, -1, 1}, {1 / std::sqrt(3.0), -1 / std::sqrt(3.0), 1 / std::sqrt(3.0)}}};
  for (auto const& [a, b, c] : factors)
    for (int n = 0; n < columns; ++n) sums.add({{a, z(3 * n)}, {b, z(3 * n + 1)}, {c, z(3 * n + 2)}});
  auto const images = apply(exec, f, sums);
  rows.clear();
  std::vector<std::vector<examples::Cell>> table;
  for (int k = 0; k < static_cast<int>(labels.size()); ++k) {
    auto const& label = labels[static_cast<std::size_t>(k)];
    rows.push_back({"f of " + label, row(images.once, k)});
    if (k >= 3) rows.push_back({"f² of " + label, row(images.twice, k)});
    auto const first = images.drift.begin() + k * columns;
    auto const [mean, deviation] = examples::spread({first, first + columns});
    table.push_back({label, examples::Cell::spread(mean, deviation)});
    std::cout << label << ": |f²(z) - f(z)| " << mean << '\n';
  }
  report.text("a − b + c is distributed as noise of √3 times the length; the last rows have it scaled to the length of noise.");
  report.picture("f of ten a, b and c, and of a − b + c.", rows, scale);
  report.table({"z", "|f²(z) − f(z)|"}, table, "Drift, mean ± standard deviation over the ten");
  examples::add_machine(report, exec, o.inputs.command);
  report.write(o.inputs.out);
}

}  // namespace

int main(int argc, char* argv[]) {
  Options o;
  examples::CommandLine line("interpolate", "Applies the net of a checkpoint to noises between others, and to their sums.");
  o.inputs.add_to(line);
  line.add("count", "pairs of noises in the figures", o.count, examples::at_least(1));
  line.add("pictures", "pairs of noises in the pictures", o.pictures, examples::at_least(1));
  line.add("seed", "seed of the noise", o.seed);
  return examples::run_with_net(line, argc, argv, o.inputs, [&](Exec const& exec, examples::AnyProjector& f) { write_report(exec, f, o); });
}
