// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Kernels of the distillation step: losses, and the output gradient of the joint pass.
#ifndef IGN_POLICIES_DETAIL_DISTILLATION_KERNELS_HPP
#define IGN_POLICIES_DETAIL_DISTILLATION_KERNELS_HPP

#include "ign/core/detail/arrival_counters.hpp"
#include "ign/core/elementwise.hpp"
#include "ign/core/step_values.hpp"
#include "ign/losses/distance.hpp"

namespace ign::detail {

inline constexpr std::size_t distillation_terms = 3;  // reconstruction, generation, idempotence

/// Weights of the terms, in the same order.
using DistillationWeights = Kokkos::Array<double, distillation_terms>;

/// Parameters of one step.
struct DistillationStep {
  std::uint64_t step;  ///< step number of all random keys
  DistillationWeights weights;
};

/// Outputs of f with their targets: the rows of x, followed twice by the rows of y.
template <class Real>
struct DistillationPairs {
  Real const* out;  // f(A(x)), f(z), f(u)
  Real const* x;
  Real const* y;
  std::size_t batch, size;

  KOKKOS_FUNCTION Real const* target(std::size_t row) const { return row < batch ? x + row * size : y + row % batch * size; }
};

/// Adds the means of the terms and their weighted sum to `sums`, with one thread or one team.
template <class Real, class Exec>
struct AddDistillationMeans {
  StepArgument<DistillationWeights> weights;
  std::size_t batch;
  VectorRef<Real, Exec> distances;  // (term, n)
  Vector<double, Exec> sums;

  KOKKOS_FUNCTION void operator()(std::size_t) const {
    double means[distillation_terms] = {};
    for (std::size_t term = 0; term < distillation_terms; ++term)
      for (std::size_t n = 0; n < batch; ++n) means[term] += static_cast<double>(distances(term * batch + n));
    add(means);
  }
  template <class Team>
  KOKKOS_FUNCTION void by_team(Team const& team) const {
    double means[distillation_terms] = {};
    for (std::size_t term = 0; term < distillation_terms; ++term)
      Kokkos::parallel_reduce(
          Kokkos::TeamThreadRange(team, batch),
          [&](std::size_t n, double& sum) { sum += static_cast<double>(distances(term * batch + n)); }, means[term]);
    Kokkos::single(Kokkos::PerTeam(team), [&] { add(means); });
  }
  KOKKOS_FUNCTION void operator()(typename Kokkos::TeamPolicy<Exec>::member_type const& team) const { by_team(team); }

 private:
  KOKKOS_FUNCTION void add(double const (&totals)[distillation_terms]) const {
    DistillationWeights const now = weights.get();
    double total = 0;
    for (std::size_t term = 0; term < distillation_terms; ++term) {
      double const mean = totals[term] / static_cast<double>(batch);
      sums(term) += mean;
      total += now[term] * mean;
    }
    sums(distillation_terms) += total;
  }
};

/// Losses with one team per sample and term. The last team to arrive adds the means.
template <class Distance, class Real, class Exec>
struct MeasureDistillation {
  Distance distance;
  DistillationPairs<Real> pairs;
  AddDistillationMeans<Real, Exec> add;
  unsigned* counter;

  KOKKOS_FUNCTION void operator()(typename Kokkos::TeamPolicy<Exec>::member_type const& team) const {
    auto const row = static_cast<std::size_t>(team.league_rank());
    Real const* const target = pairs.target(row);
    TeamDistances<Distance, Real, Exec>{distance, pairs.out + row * pairs.size, target, pairs.size, add.distances.data() + row}.of_sample(
        team, 0);
    team.team_barrier();
    if (team_arrives_last(team, counter, static_cast<std::size_t>(team.league_size()))) add.by_team(team);
  }
};

/// Computes the losses of all samples and their sums, with a single kernel on a device.
template <class Distance, Scalar Real, class Exec>
void measure_distillation(Exec const& exec, Distance const& distance, DistillationPairs<Real> const& pairs, Shape image,
                          AddDistillationMeans<Real, Exec> const& add, ArrivalCounters<Exec> const& counters) {
  std::size_t const batch = pairs.batch, rows = distillation_terms * batch;
  if constexpr (uses_host_kernels_v<Exec>) {
    auto const as_tensor = [&](Real const* data) {
      return TensorRef<Real, Exec>(const_cast<Real*>(data), batch, image.height, image.width, image.channels);
    };
    for (std::size_t first = 0; first < rows; first += batch)
      sample_distances(exec, distance, as_tensor(pairs.out + first * pairs.size), as_tensor(pairs.target(first)),
                       VectorRef<Real, Exec>(add.distances.data() + first, batch));
    Kokkos::parallel_for("ign::distillation::add_means", range_policy(exec, 1), add);
  } else {
    Kokkos::parallel_for("ign::distillation::losses",
                         as_launch_argument(Kokkos::TeamPolicy<Exec>(exec, static_cast<int>(rows), Kokkos::AUTO)),
                         MeasureDistillation<Distance, Real, Exec>{distance, pairs, add, counters.data()});
  }
}

/// Output gradient of the joint pass. Rows of term t: weights[t] / B · ∂D(out, target)/∂out.
template <class Distance, class Real>
struct DistillationGradient {
  Distance distance;
  DistillationPairs<Real> pairs;
  StepArgument<DistillationWeights> weights;
  double factor;
  Real* gradient;

  KOKKOS_FUNCTION void operator()(std::size_t row, std::size_t first, std::size_t last) const {
    auto const weight = static_cast<Real>(factor * weights.get()[row / pairs.batch]);
    Real const* const p = pairs.out + row * pairs.size;
    Real const* const q = pairs.target(row);
    Real* const g = gradient + row * pairs.size;
    IGN_IVDEP
    for (std::size_t i = first; i < last; ++i) g[i] = weight * distance.derivative_first(p[i], q[i]);
  }
};

}  // namespace ign::detail

#endif  // IGN_POLICIES_DETAIL_DISTILLATION_KERNELS_HPP
