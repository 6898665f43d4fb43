// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Drift, the distance by which f moves its input. Its mean over a set measures idempotence; the score of a sample tells whether the sample
/// is out of distribution. Also the area under the ROC curve (AUROC) of scores of samples, or of the pixels of a drift map.
#ifndef IGN_METRICS_DRIFT_HPP
#define IGN_METRICS_DRIFT_HPP

#include <algorithm>
#include <span>
#include <utility>

#include "ign/core/finite.hpp"
#include "ign/core/pass.hpp"
#include "ign/core/workspace.hpp"
#include "ign/losses/distance.hpp"
#include "ign/losses/l1.hpp"
#include "ign/metrics/features.hpp"
#include "ign/nets/projection.hpp"

namespace ign::metrics {

namespace detail {

/// Calls body(part) for the samples of x, at most `batch` at a time.
template <class Real, class Exec, class Body>
void for_each_batch(char const* measure, TensorRef<Real, Exec> const& x, int batch, Body const& body) {
  require(batch >= 1 && x.extent(0) >= 1, Fault::option, 205, measure, ": ", x.extent(0), " samples in batches of ", batch,
          ", expected at least 1 sample and a batch of at least 1");
  for (int first = 0; first < batch_of(x); first += batch) body(batch_range(x, first, std::min(batch, batch_of(x) - first)));
}

/// Appends values of the device to a list on the host.
template <class Real, class Exec>
void append(Exec const& exec, VectorRef<Real, Exec> const& numbers, std::vector<double>& to) {
  for (Real const number : to_host(exec, numbers)) to.push_back(static_cast<double>(number));
}

template <class Real, class Exec>
void append_distances(Exec const& exec, TensorRef<Real, Exec> const& a, TensorRef<Real, Exec> const& b, Buffer<Real, Exec>& buffer,
                      std::vector<double>& to) {
  VectorRef<Real, Exec> const distances = buffer.reserve(exec, a.extent(0));
  sample_distances(exec, L1{}, a, b, distances);
  append<Real, Exec>(exec, distances, to);
}

/// Scores of all samples of x, on the host. `score(part, first, scores)` writes those of `part`, the samples from `first` on.
template <class Real, class Exec, class Score>
std::vector<double> host_scores(Exec const& exec, char const* measure, TensorRef<Real, Exec> const& x, int batch, Score const& score) {
  Buffer<Real, Exec> memory("ign::metrics::drift");
  std::vector<double> scores;
  for_each_batch<Real, Exec>(measure, x, batch, [&](TensorRef<Real, Exec> const& part) {
    VectorRef<Real, Exec> const part_scores = memory.reserve(exec, part.extent(0));
    score(part, static_cast<int>(scores.size()), part_scores);
    append<Real, Exec>(exec, part_scores, scores);
  });
  return scores;
}

}  // namespace detail

/// Mean drift of a set after k applications of f: mean |f^{k+1}(x) - f^k(x)| over all elements of all samples, for each k of the list.
///
/// \param x      samples (n, h, w, c), processed `batch` at a time; not changed
/// \param input_role  the distribution of x
/// \param k      0 or more, ascending; the largest k costs k + 1 applications of f
/// \throws Error [ign.option.205] on a list that does not ascend, or no samples
template <class Policy, class Real, class Exec>
requires ImageToImageMap<Policy, Real, Exec> std::vector<double> mean_absolute_drift(Exec const& exec, Policy& policy, Role input_role,
                                                                                     TensorRef<Real, Exec> const& x, std::span<int const> k,
                                                                                     int batch = 256) {
  for (std::size_t i = 0; i < k.size(); ++i)
    require(k[i] >= 0 && (i == 0 || k[i] > k[i - 1]), Fault::option, 205, "drift: k = ", k[i], " at index ", i,
            ", expected at least 0 and more than the value before");
  Buffer<Real, Exec> memory_a("ign::metrics::drift");
  Buffer<Real, Exec> memory_b("ign::metrics::drift");
  Buffer<Real, Exec> memory_distances("ign::metrics::drift");
  std::vector<std::vector<double>> distances(k.size());
  detail::for_each_batch<Real, Exec>("drift", x, batch, [&](TensorRef<Real, Exec> const& part) {
    TensorRef<Real, Exec> now = part;  // f^applied
    TensorRef<Real, Exec> next = reserve_like<Real, Exec>(exec, memory_a, part);
    TensorRef<Real, Exec> spare = reserve_like<Real, Exec>(exec, memory_b, part);
    int applied = 0;
    auto const advance = [&](int applications) {  // next = f^applications(now)
      policy.apply(exec, applied == 0 ? input_role : role_after(input_role), applications, now, next);
    };
    auto const step = [&](int applications) {  // swaps now and next; x itself is not written, so `spare` takes its place
      now = std::exchange(next, applied == 0 ? spare : now);
      applied += applications;
    };
    for (std::size_t i = 0; i < k.size(); ++i) {
      if (k[i] > applied) {
        advance(k[i] - applied);
        step(k[i] - applied);
      }
      advance(1);
      detail::append_distances<Real, Exec>(exec, next, now, memory_distances, distances[i]);
      if (i + 1 < k.size()) step(1);
    }
  });
  std::vector<double> means;
  for (auto const& of_k : distances) means.push_back(mean(of_k));
  return means;
}

/// Drift of each sample, on the host: mean |f(x) - x| over the elements of the sample. Small for samples like the data, larger for samples
/// out of distribution.
///
/// \param role  role in which f is applied, whose running statistics it uses
/// \param x     samples (n, h, w, c), processed `batch` at a time
/// \throws Error [ign.option.205] on no samples
template <class Policy, class Real, class Exec>
requires ImageToImageMap<Policy, Real, Exec> std::vector<double> absolute_drift_scores(Exec const& exec, Policy& policy, Role role,
                                                                                       TensorRef<Real, Exec> const& x, int batch = 256) {
  Buffer<Real, Exec> memory("ign::metrics::drift");
  auto const score = [&](TensorRef<Real, Exec> const& part, int, VectorRef<Real, Exec> const& scores) {
    ign::drift_scores<Policy, L1, Real, Exec>(exec, policy, L1{}, role, part, scores, memory);
  };
  return detail::host_scores<Real, Exec>(exec, "drift scores", x, batch, score);
}

/// Drift of each sample over its known pixels, on the host: mean |f(x) - x| over their elements, and 0 for a sample without known pixels.
///
/// \param role  role in which f is applied, whose running statistics it uses
/// \param mask  (n, h, w, 1), not 0 where a pixel is known
/// \param x     samples (n, h, w, c), processed `batch` at a time; their missing pixels must be finite
/// \throws Error [ign.option.205] on no samples, [ign.shape.316] on a mask with other extents
template <class Policy, class Real, class Exec>
requires ImageToImageMap<Policy, Real, Exec> std::vector<double> masked_absolute_drift_scores(Exec const& exec, Policy& policy, Role role,
                                                                                              TensorRef<Real, Exec> const& mask,
                                                                                              TensorRef<Real, Exec> const& x,
                                                                                              int batch = 256) {
  require(ign::detail::is_mask_of(mask, x), Fault::shape, 316, "masked drift scores: mask of ", mask.extent(0), " samples of ",
          shape_of(mask), " for ", x.extent(0), " of ", shape_of(x), ", expected a mask like them with one channel");
  Buffer<Real, Exec> memory("ign::metrics::drift");
  auto const score = [&](TensorRef<Real, Exec> const& part, int first, VectorRef<Real, Exec> const& scores) {
    auto const of_mask = batch_range(mask, first, batch_of(part));
    ign::masked_drift_scores<Policy, L1, Real, Exec>(exec, policy, L1{}, role, of_mask, part, scores, memory);
  };
  return detail::host_scores<Real, Exec>(exec, "masked drift scores", x, batch, score);
}

/// Returns the area under the ROC curve: the probability that a positive (such as an out-of-distribution sample) has a larger score than
/// a negative, where ties count half. 1 is perfect separation, ½ is chance.
///
/// \source Hanley and McNeil, "The meaning and use of the area under a ROC curve", Radiology 143 (1982)
/// \throws Error [ign.shape.202] when a set is empty, [ign.numeric.200] when a score is NaN
inline double auroc(std::span<double const> negatives, std::span<double const> positives) {
  require(!negatives.empty() && !positives.empty(), Fault::shape, 202, "AUROC: ", negatives.size(), " negatives and ", positives.size(),
          " positives, expected at least 1 of each");
  for (std::span<double const> const scores : {negatives, positives})
    for (double const score : scores) require(!is_nan(score), Fault::numeric, 200, "AUROC: a score is NaN, expected values");
  std::vector<double> sorted(negatives.begin(), negatives.end());
  std::sort(sorted.begin(), sorted.end());
  double wins = 0;
  for (double const score : positives) {
    auto const [low, high] = std::equal_range(sorted.begin(), sorted.end(), score);
    wins += static_cast<double>(low - sorted.begin()) + 0.5 * static_cast<double>(high - low);
  }
  return wins / (static_cast<double>(negatives.size()) * static_cast<double>(positives.size()));
}

/// Returns the AUROC of pixels: the probability that a missing pixel has a larger drift than a known one, over the pixels of all samples.
///
/// \param map   drift of each pixel (n, h, w, 1); see ign::drift_map
/// \param mask  (n, h, w, 1), not 0 where a pixel is known
/// \throws Error [ign.shape.471] when map and mask differ in extents; as auroc, which needs a known and a missing pixel
template <class Real, class Exec>
double pixel_auroc(Exec const& exec, TensorRef<Real, Exec> const& map, TensorRef<Real, Exec> const& mask) {
  require(map.extent(0) == mask.extent(0) && shape_of(map) == shape_of(mask) && map.extent(3) == 1, Fault::shape, 471,
          "pixel AUROC: ", map.extent(0), " maps of ", shape_of(map), " and masks of ", mask.extent(0), " of ", shape_of(mask),
          ", expected equal extents and one channel");
  std::vector<Real> const drift = to_host(exec, map), known = to_host(exec, mask);
  std::vector<double> of_known, of_missing;
  for (std::size_t i = 0; i < drift.size(); ++i) (known[i] != Real(0) ? of_known : of_missing).push_back(static_cast<double>(drift[i]));
  return auroc(of_known, of_missing);
}

}  // namespace ign::metrics

#endif  // IGN_METRICS_DRIFT_HPP
