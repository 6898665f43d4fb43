// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Class statistics of generated samples: predicted classes, their histogram and coverage.
#ifndef IGN_METRICS_CLASSES_HPP
#define IGN_METRICS_CLASSES_HPP

#include "ign/core/detail/first_best.hpp"
#include "ign/core/elementwise.hpp"
#include "ign/core/finite.hpp"
#include "ign/metrics/features.hpp"
#include "ign/metrics/histogram.hpp"

namespace ign::metrics {

namespace detail {

template <class Real, class Labels>
struct LargestScore {
  Rows<Real> scores;
  Labels labels;

  KOKKOS_FUNCTION void operator()(std::size_t i) const {
    auto const is_larger = [&](std::size_t k, std::size_t l) { return scores(i, k) > scores(i, l); };
    labels(i) = static_cast<typename Labels::value_type>(ign::detail::first_best(scores.columns, is_larger));
  }
};

// Integer counts do not depend on the order of the atomic additions.
template <class Labels>
struct CountLabels {
  Labels labels;
  std::int64_t classes;
  Kokkos::View<std::uint64_t*, typename Labels::memory_space> counts;  // one per class, then one for labels outside the classes

  KOKKOS_FUNCTION void operator()(std::size_t i) const {
    auto const label = static_cast<std::int64_t>(labels(i));
    Kokkos::atomic_inc(&counts(static_cast<std::size_t>(label >= 0 && label < classes ? label : classes)));
  }
};

}  // namespace detail

/// Writes the class with the largest of scores (n, classes), such as logits, to labels(i); on ties, the first. Asynchronous on `exec`
/// except for the check of the scores.
///
/// \throws Error [ign.shape.203] when the numbers of labels and scores differ, [ign.shape.200] without samples or classes,
///         [ign.numeric.200] on values that are not finite
template <class Exec, FeatureView Scores, class Labels>
void predict_classes(Exec const& exec, Scores const& scores, Labels const& labels) {
  require(scores.extent(0) == labels.extent(0), Fault::shape, 203, "predictions: ", labels.extent(0), " labels for ", scores.extent(0),
          " samples, expected one label per sample");
  detail::check_features(exec, "predictions", scores, 1);
  using Real = typename Scores::non_const_value_type;
  Kokkos::parallel_for("ign::metrics::predict_classes", range_policy(exec, labels.extent(0)),
                       detail::LargestScore<Real, Labels>{detail::rows_of(scores), labels});
}

/// Counts the labels (n), a View of integers, of each class.
///
/// \throws Error [ign.option.202] when a label is outside [0, classes) or `classes` is below 1
template <class Exec, class Labels>
Histogram class_histogram(Exec const& exec, Labels const& labels, int classes) {
  static_assert(Labels::rank() == 1 && std::is_integral_v<typename Labels::non_const_value_type>);
  require(classes >= 1, Fault::option, 202, "class histogram: ", classes, " classes, expected at least 1");
  using Counts = Kokkos::View<std::uint64_t*, typename Labels::memory_space>;
  Counts const counts(Kokkos::view_alloc(exec, "ign::metrics::class_histogram"), static_cast<std::size_t>(classes) + 1);
  Kokkos::parallel_for("ign::metrics::class_histogram", range_policy(exec, labels.extent(0)),
                       detail::CountLabels<Labels>{labels, classes, counts});
  Histogram result = to_host(exec, counts);
  require(result.back() == 0, Fault::option, 202, "class histogram: ", result.back(), " of ", labels.extent(0),
          " labels are outside the classes, expected all in [0, ", classes, ")");
  result.pop_back();
  return result;
}

/// Returns the number of classes with a share above `bound`.
/// \throws Error [ign.shape.202] when all counts are 0, [ign.option.202] when the bound is outside [0, 1)
inline int classes_covered(Histogram const& classes, double bound = 0) {
  require(is_finite(bound) && bound >= 0 && bound < 1, Fault::option, 202, "classes covered: bound ", bound,
          ", expected a share in [0, 1)");
  auto const all = shares(classes);
  return static_cast<int>(std::count_if(all.begin(), all.end(), [&](double share) { return share > bound; }));
}

/// Class with its share.
struct ClassShare {
  int index = 0;     ///< index of the class
  double share = 0;  ///< count of the class over the total count
};

/// Returns the class with the smallest share; on ties, the first.
/// \throws Error [ign.shape.202] when all counts are 0
inline ClassShare rarest_class(Histogram const& classes) {
  auto const all = shares(classes);
  auto const least = std::min_element(all.begin(), all.end());
  return {static_cast<int>(least - all.begin()), *least};
}

}  // namespace ign::metrics

#endif  // IGN_METRICS_CLASSES_HPP
