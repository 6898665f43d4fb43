// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Minibatch standard deviation: an extra channel with the spread of the batch, by which a discriminator detects a lack of variety.
#ifndef IGN_LAYERS_MINIBATCH_STDDEV_HPP
#define IGN_LAYERS_MINIBATCH_STDDEV_HPP

#include "ign/core/elementwise.hpp"
#include "ign/core/error.hpp"
#include "ign/core/finite.hpp"
#include "ign/layers/layer.hpp"

namespace ign {

/// y = x with one more channel, the spread of the sample's group: the standard deviation of each element over the group (biased, epsilon
/// under the root), averaged over all elements of a sample.
///
/// Training: a group is a contiguous range of at least `group` samples of a segment; the groups of a segment are nearly equal in size. A
/// smaller segment is one group. The mean spread of the groups of a segment updates the running spread of the segment's role. Evaluation:
/// the running spread of the role, so that the result for a sample does not depend on the rest of the batch.
/// \source Karras et al., "Progressive growing of GANs", arXiv 1710.10196, section 3; evaluation as in BatchNorm
struct MinibatchStddev {
  int group = 4;          ///< minimum number of samples per group, >= 2
  double momentum = 0.1;  ///< weight of the newest batch in the running spread, in (0, 1]
  double epsilon = 1e-8;  ///< added to the variance, > 0
};

namespace detail {

/// Partition of a batch into groups.
struct SpreadGroups {
  std::size_t segment, per_segment;  // samples per segment, groups per segment

  KOKKOS_FUNCTION std::size_t first(std::size_t g) const { return g / per_segment * segment + g % per_segment * segment / per_segment; }
  KOKKOS_FUNCTION std::size_t last(std::size_t g) const {
    return g / per_segment * segment + (g % per_segment + 1) * segment / per_segment;
  }
  /// Group of sample n: the last group that begins at or before n.
  KOKKOS_FUNCTION std::size_t of(std::size_t n) const {
    std::size_t g = n / segment * per_segment + per_segment - 1;
    while (first(g) > n) --g;
    return g;
  }
};

inline SpreadGroups spread_groups(MinibatchStddev const& layer, int segment) {
  int const groups = segment / layer.group > 1 ? segment / layer.group : 1;
  return {static_cast<std::size_t>(segment), static_cast<std::size_t>(groups)};
}

/// Elements of a sample per index.
inline constexpr std::size_t spread_part = 64;
inline std::size_t spread_parts(std::size_t size) { return (size + spread_part - 1) / spread_part; }

/// Means and standard deviations of elements [begin, begin + count) over samples [first, last).
template <class Real>
KOKKOS_FUNCTION void spread_moments(Real const* x, std::size_t size, std::size_t first, std::size_t last, std::size_t begin,
                                    std::size_t count, Real epsilon, Real (&mean)[spread_part], Real (&deviation)[spread_part]) {
  auto const samples = static_cast<Real>(last - first);
  for (std::size_t i = 0; i < count; ++i) mean[i] = deviation[i] = 0;
  for (std::size_t n = first; n < last; ++n)
    for (std::size_t i = 0; i < count; ++i) mean[i] += x[n * size + begin + i];
  for (std::size_t i = 0; i < count; ++i) mean[i] /= samples;
  for (std::size_t n = first; n < last; ++n)
    for (std::size_t i = 0; i < count; ++i) {
      Real const d = x[n * size + begin + i] - mean[i];
      deviation[i] += d * d;
    }
  for (std::size_t i = 0; i < count; ++i) deviation[i] = Kokkos::sqrt(deviation[i] / samples + epsilon);
}

template <class Real>
struct SpreadPartials {
  SpreadGroups groups;
  Real const* x;
  std::size_t size, parts;
  Real epsilon;
  Real* partials;  // (group, part): sums of standard deviations

  KOKKOS_FUNCTION void operator()(std::size_t index) const {
    std::size_t const g = index / parts, begin = index % parts * spread_part;
    std::size_t const count = size - begin < spread_part ? size - begin : spread_part;
    Real mean[spread_part];
    Real deviation[spread_part];
    spread_moments(x, size, groups.first(g), groups.last(g), begin, count, epsilon, mean, deviation);
    Real sum = 0;
    for (std::size_t i = 0; i < count; ++i) sum += deviation[i];
    partials[index] = sum;
  }
};

/// Computes the spread of each group and updates the running spread. One thread: there are few groups, and segments may share a role.
template <class Real>
struct SpreadCombine {
  SpreadGroups groups;
  std::size_t segments, size, parts;
  Real const* partials;
  Real* spread;
  Real* running;  // per role, or nullptr: no update
  Kokkos::Array<int, max_segments> roles;
  Real momentum;

  KOKKOS_FUNCTION void operator()(std::size_t) const {
    for (std::size_t s = 0; s < segments; ++s) {
      Real mean = 0;
      for (std::size_t g = s * groups.per_segment; g < (s + 1) * groups.per_segment; ++g) {
        Real sum = 0;
        for (std::size_t part = 0; part < parts; ++part) sum += partials[g * parts + part];
        spread[g] = sum / static_cast<Real>(size);
        mean += spread[g] / static_cast<Real>(groups.per_segment);
      }
      if (running != nullptr) running[roles[s]] += momentum * (mean - running[roles[s]]);
    }
  }
};

/// y, one index per pixel. `spread` is per group in training and per role in evaluation.
template <class Real>
struct AppendSpread {
  SpreadGroups groups;
  Real const* x;
  Real const* spread;
  Real* y;
  std::size_t pixels, channels;
  bool training;
  Kokkos::Array<int, max_segments> roles;

  KOKKOS_FUNCTION void operator()(std::size_t pixel) const {
    std::size_t const n = pixel / pixels;
    for (std::size_t c = 0; c < channels; ++c) y[pixel * (channels + 1) + c] = x[pixel * channels + c];
    y[pixel * (channels + 1) + channels] = training ? spread[groups.of(n)] : spread[roles[n / groups.segment]];
  }
};

/// Derivative with respect to the standard deviation of an element in the group: the sum of the last channel of dy, divided by the sample
/// size.
template <class Real>
struct SpreadGradient {
  SpreadGroups groups;
  Real const* dy;
  std::size_t pixels, channels;
  Real* gradient;

  KOKKOS_FUNCTION void operator()(std::size_t g) const {
    Real sum = 0;
    for (std::size_t pixel = groups.first(g) * pixels; pixel < groups.last(g) * pixels; ++pixel)
      sum += dy[pixel * (channels + 1) + channels];
    gradient[g] = sum / static_cast<Real>(pixels * channels);
  }
};

template <class Real>
struct SpreadInputGradient {
  SpreadGroups groups;
  Real const* x;
  Real const* dy;
  Real const* gradient;  // per group, or nullptr: the spread is a constant
  Real* dx;
  std::size_t size, channels, parts;
  Real epsilon;

  KOKKOS_FUNCTION void operator()(std::size_t index) const {
    std::size_t const g = index / parts, begin = index % parts * spread_part;
    std::size_t const count = size - begin < spread_part ? size - begin : spread_part;
    std::size_t const first = groups.first(g), last = groups.last(g);
    Real mean[spread_part] = {};
    Real deviation[spread_part] = {};
    if (gradient != nullptr) spread_moments(x, size, first, last, begin, count, epsilon, mean, deviation);
    for (std::size_t n = first; n < last; ++n)
      for (std::size_t i = 0; i < count; ++i) {
        std::size_t const k = begin + i, element = n * size + k;
        Real direct = dy[n * (size + size / channels) + k + k / channels];
        if (gradient != nullptr) direct += gradient[g] * (x[element] - mean[i]) / (static_cast<Real>(last - first) * deviation[i]);
        dx[element] = direct;
      }
  }
};

}  // namespace detail

/// \throws Error [ign.option.279] if an option is out of range
inline Shape output_shape(MinibatchStddev const& layer, Shape in) {
  require(layer.group >= 2 && is_finite(layer.momentum) && layer.momentum > 0 && layer.momentum <= 1 && is_finite(layer.epsilon) &&
              layer.epsilon > 0,
          Fault::option, 279, "minibatch_stddev: group ", layer.group, ", momentum ", layer.momentum, ", epsilon ", layer.epsilon,
          ", expected group >= 2, momentum in (0, 1] and epsilon > 0");
  return {in.height, in.width, in.channels + 1};
}
///@{
/// Layer contract (layers/layer.hpp).
inline std::vector<ArrayInfo> statistics(MinibatchStddev const&, Shape) {
  std::vector<ArrayInfo> arrays;
  for (int role = 0; role < role_count; ++role)
    arrays.push_back({std::string(name(static_cast<Role>(role))) + ".running_spread", {1}, Initial::constant(1)});
  return arrays;
}
/// PyTorch has no equivalent layer.
inline LayerDescription describe(MinibatchStddev const& layer, Shape) {
  return {"MinibatchStddev", {{"group", layer.group}, {"momentum", layer.momentum}, {"eps", layer.epsilon}}};
}
inline bool needs_output(MinibatchStddev const&) { return false; }
inline bool couples_samples(MinibatchStddev const&, Pass const& pass) { return uses_batch_statistics(pass); }
inline std::size_t scratch_size(MinibatchStddev const&, Shape in, int batch, int) {
  return (static_cast<std::size_t>(batch) + 2) * (detail::spread_parts(in.size()) + 1);  // at most one group per sample
}

template <Scalar Real, class Exec>
void forward(Exec const& exec, MinibatchStddev const& layer, Pass const& pass, LayerMemory<Real, Exec> const& memory,
             TensorRef<Real, Exec> const& x, TensorRef<Real, Exec> const& y) {
  auto const groups = detail::spread_groups(layer, segment_size(pass, batch_of(x)));
  auto const segments = static_cast<std::size_t>(pass.segments);
  auto const roles = role_numbers(pass);
  Shape const shape = shape_of(x);
  std::size_t const parts = detail::spread_parts(shape.size()), count = segments * groups.per_segment;
  bool const training = uses_batch_statistics(pass);
  Real* const partials = memory.scratch.data();
  Real* const spread = training ? partials + count * parts : memory.statistics.data();
  if (training) {
    Real* const running = pass.update_statistics ? memory.statistics.data() : nullptr;
    Kokkos::parallel_for("ign::minibatch_stddev partials", range_policy(exec, count * parts),
                         detail::SpreadPartials<Real>{groups, x.data(), shape.size(), parts, static_cast<Real>(layer.epsilon), partials});
    Kokkos::parallel_for("ign::minibatch_stddev combine", range_policy(exec, 1),
                         detail::SpreadCombine<Real>{groups, segments, shape.size(), parts, partials, spread, running, roles,
                                                     static_cast<Real>(layer.momentum)});
  }
  Kokkos::parallel_for("ign::minibatch_stddev", range_policy(exec, x.extent(0) * shape.pixels()),
                       detail::AppendSpread<Real>{groups, x.data(), spread, y.data(), shape.pixels(),
                                                  static_cast<std::size_t>(shape.channels), training, roles});
}

template <Scalar Real, class Exec>
void backward(Exec const& exec, MinibatchStddev const& layer, Pass const& pass, LayerMemory<Real, Exec> const& memory,
              TensorRef<Real, Exec> const& x, TensorRef<Real, Exec> const&, TensorRef<Real, Exec> const& dy,
              TensorRef<Real, Exec> const& dx) {
  if (absent(dx)) return;
  auto const groups = detail::spread_groups(layer, segment_size(pass, batch_of(x)));
  Shape const shape = shape_of(x);
  auto const channels = static_cast<std::size_t>(shape.channels);
  std::size_t const parts = detail::spread_parts(shape.size());
  std::size_t const count = static_cast<std::size_t>(pass.segments) * groups.per_segment;
  Real* gradient = nullptr;
  if (uses_batch_statistics(pass)) {
    gradient = memory.scratch.data();
    Kokkos::parallel_for("ign::minibatch_stddev gradient", range_policy(exec, count),
                         detail::SpreadGradient<Real>{groups, dy.data(), shape.pixels(), channels, gradient});
  }
  Kokkos::parallel_for("ign::minibatch_stddev input gradient", range_policy(exec, count * parts),
                       detail::SpreadInputGradient<Real>{groups, x.data(), dy.data(), gradient, dx.data(), shape.size(), channels, parts,
                                                         static_cast<Real>(layer.epsilon)});
}
///@}

}  // namespace ign

#endif  // IGN_LAYERS_MINIBATCH_STDDEV_HPP
