// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Metrics on every execution space of this Kokkos agree with those on the default host space, which ign.metrics compares with their
// definitions.

#include <boost/test/unit_test.hpp>

#include <ign/metrics/classes.hpp>
#include <ign/metrics/drift.hpp>
#include <ign/metrics/features.hpp>
#include <ign/metrics/frechet.hpp>
#include <ign/metrics/image_quality.hpp>
#include <ign/metrics/kernel_distance.hpp>
#include <ign/metrics/memorisation.hpp>
#include <ign/metrics/modes.hpp>
#include <ign/metrics/precision_recall.hpp>
#include <ign/metrics/sliced_wasserstein.hpp>

#include "on_space.hpp"

BOOST_AUTO_TEST_SUITE(spaces)

using namespace ign;
using namespace ign_test::space;

namespace {

/// Value of each metric for the same samples.
template <class Exec>
Values metric_values() {
  Exec const exec;
  constexpr int count = 24;
  constexpr Shape image = {16, 17, 1}, vector = {1, 1, 6}, point = {1, 1, 2};
  Values all;
  auto const add = [&](auto const&... values) { (all.push_back(static_cast<double>(values)), ...); };

  Samples<Exec> const a(exec, distinct_values(count * vector.size(), 1), count, vector);
  Samples<Exec> const b(exec, distinct_values(count * vector.size(), 2, 1.5), count, vector);
  auto const of_a = metrics::as_features<float, Exec>(a.tensor), of_b = metrics::as_features<float, Exec>(b.tensor);
  add(metrics::frechet_distance(exec, of_a, of_b), metrics::kernel_distance(exec, of_a, of_b));
  auto const subsets = metrics::kernel_distance(exec, of_a, of_b, {.count = 3, .size = 8, .seed = ign_test::seed()});
  add(subsets.mean, subsets.stddev);
  auto const near = metrics::memorisation(exec, of_a, of_b, of_a);
  add(near.generated_mean, near.held_out_mean);
  auto const sets = metrics::precision_recall(exec, of_a, of_b);
  add(sets.precision, sets.recall, sets.density);

  Kokkos::View<int*, typename Exec::memory_space> const labels("ign::test", count);
  metrics::predict_classes(exec, of_a, labels);
  for (auto const of_class : metrics::class_histogram(exec, labels, vector.channels)) add(of_class);
  Samples<Exec> const points(exec, distinct_values(count * 2, 3, 2.5), count, point);
  auto const modes = metrics::mode_coverage(exec, metrics::as_features<float, Exec>(points.tensor), metrics::ring_modes(8, 2, 0.25),
                                            {.max_deviations = 3});
  add(modes.modes_hit, modes.high_quality_share);

  Samples<Exec> const x(exec, distinct_values(count * image.size(), 4, 1), count, image);
  Samples<Exec> const y(exec, distinct_values(count * image.size(), 5, 1), count, image);
  auto const of_samples = to_space(exec, Values(count));
  VectorRef<float, Exec> const out = of_samples;
  auto const add_all = [&] {
    for (double const value : from_space(exec, of_samples)) add(value);
  };
  metrics::mean_l1(exec, x.tensor, y.tensor, out);
  add_all();
  metrics::psnr(exec, x.tensor, y.tensor, 2, out);
  add_all();
  metrics::ssim(exec, x.tensor, y.tensor, 2, out);
  add_all();
  auto const sliced = metrics::sliced_wasserstein(exec, x.tensor, y.tensor, {.patches = 8, .directions = 16});
  add(sliced.mean);
  Values known(count * image.pixels());
  for (std::size_t i = 0; i < known.size(); ++i) known[i] = static_cast<double>(i % 3 != 0);
  Samples<Exec> const mask(exec, known, count, image);
  add(metrics::pixel_auroc<float, Exec>(exec, x.tensor, mask.tensor));
  return all;
}

}  // namespace

BOOST_AUTO_TEST_CASE_TEMPLATE(metrics_agree, Exec, ign_test::Spaces) {
  auto const expected = metric_values<Kokkos::DefaultHostExecutionSpace>(), found = metric_values<Exec>();
  BOOST_TEST_REQUIRE(found.size() == expected.size());
  for (std::size_t i = 0; i < found.size(); ++i)
    check_near("metric value " + std::to_string(i) + " on " + Exec::name(), {found[i]}, {expected[i]});
}

BOOST_AUTO_TEST_SUITE_END()
