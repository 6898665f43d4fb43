// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Kernels of the idempotent step: losses, factors of their gradients, and the output gradient of the joint pass.
#ifndef IGN_POLICIES_DETAIL_IDEMPOTENT_KERNELS_HPP
#define IGN_POLICIES_DETAIL_IDEMPOTENT_KERNELS_HPP

#include "ign/core/detail/arrival_counters.hpp"
#include "ign/core/elementwise.hpp"
#include "ign/core/ranks.hpp"
#include "ign/core/step_values.hpp"
#include "ign/losses/distance.hpp"
#include "ign/losses/tightness.hpp"

namespace ign::detail {

/// Weights λ_r, λ_i, λ_t of one step.
struct IdempotentWeights {
  double reconstruction, idempotence, tightness;
};

/// Parameters of one step: step numbers of the random keys of the noise, of the pass over x and z, and of that over f(z); the weights.
struct IdempotentStep {
  std::uint64_t noise, joint_pass, generated_pass;
  IdempotentWeights weights;
};

inline constexpr std::size_t idempotent_loss_count = 4;
inline constexpr std::size_t equilibrium_weight_index = idempotent_loss_count;  // index of the w of Equilibrium in the sums

/// Rows of per-sample values of a step, B elements each.
enum class IdempotentRow {
  reconstruction,        ///< D(f(x), x)
  idempotence,           ///< T = D(v, y)
  noise_distance,        ///< D(f(z), z), if the form of the tightness needs it
  reconstruction_scale,  ///< factor of ∂D(f(x), x)/∂f(x)
  tightness_scale,       ///< factor of J_θ^T ∂D(v, y)/∂v
  count
};

/// Computes the scales from the losses and adds the means of the step to `sums`, with one thread or one team.
template <class Form, class Real, class Exec>
struct WeighLosses {
  Form form;
  bool needs_noise_distance;
  Equilibrium equilibrium;
  StepArgument<IdempotentWeights> step_weights;
  int batch;
  VectorRef<Real, Exec> rows;
  Vector<double, Exec> sums;
  double const* means = nullptr;  // of reconstruction and idempotence over all ranks; nullptr: those of `rows`

  KOKKOS_FUNCTION Real& at(IdempotentRow row, int n) const { return rows(static_cast<int>(row) * batch + n); }

  KOKKOS_FUNCTION void operator()(std::size_t) const {
    double const reconstruction = means != nullptr ? means[0] : mean_of(IdempotentRow::reconstruction);
    // The idempotence loss has the value of T; only their gradients differ.
    double const idempotence = means != nullptr ? means[1] : mean_of(IdempotentRow::idempotence);
    double tightness = 0;
    for (int n = 0; n < batch; ++n) tightness += weigh(n, reconstruction, idempotence);
    add(reconstruction, idempotence, tightness / batch);
  }

  template <class Team>
  KOKKOS_FUNCTION void by_team(Team const& team) const {
    double const reconstruction = means != nullptr ? means[0] : mean_of(team, IdempotentRow::reconstruction);
    double const idempotence = means != nullptr ? means[1] : mean_of(team, IdempotentRow::idempotence);
    double tightness = 0;
    Kokkos::parallel_reduce(
        Kokkos::TeamThreadRange(team, batch), [&](int n, double& sum) { sum += weigh(n, reconstruction, idempotence); }, tightness);
    Kokkos::single(Kokkos::PerTeam(team), [&] { add(reconstruction, idempotence, tightness / batch); });
  }
  KOKKOS_FUNCTION void operator()(typename Kokkos::TeamPolicy<Exec>::member_type const& team) const { by_team(team); }

  KOKKOS_FUNCTION double mean_of(IdempotentRow row) const {
    double sum = 0;
    for (int n = 0; n < batch; ++n) sum += static_cast<double>(at(row, n));
    return sum / batch;
  }
  template <class Team>
  KOKKOS_FUNCTION double mean_of(Team const& team, IdempotentRow row) const {
    double total = 0;
    Kokkos::parallel_reduce(
        Kokkos::TeamThreadRange(team, batch), [&](int n, double& sum) { sum += static_cast<double>(at(row, n)); }, total);
    return total / batch;
  }

 private:
  // Computes the scales of sample n from the batch means and returns its tightness term.
  KOKKOS_FUNCTION double weigh(int n, double reconstruction, double idempotence) const {
    IdempotentWeights const weights = weights_now();
    auto const input = [&](IdempotentRow row) { return static_cast<double>(at(row, n)); };
    double const noise_distance = needs_noise_distance ? input(IdempotentRow::noise_distance) : 0;
    TightnessTerm const term =
        form.term({input(IdempotentRow::idempotence), input(IdempotentRow::reconstruction), idempotence, reconstruction, noise_distance});
    at(IdempotentRow::tightness_scale, n) = static_cast<Real>(weights.tightness * term.derivative_tightness);
    at(IdempotentRow::reconstruction_scale, n) =
        static_cast<Real>(weights.reconstruction + weights.tightness * term.derivative_reconstruction);
    return term.value;
  }
  KOKKOS_FUNCTION void add(double reconstruction, double idempotence, double tightness) const {
    IdempotentWeights const weights = weights_now();
    sums(0) += reconstruction;
    sums(1) += idempotence;
    sums(2) += tightness;
    sums(3) += weights.reconstruction * reconstruction + weights.idempotence * idempotence + weights.tightness * tightness;
    if (equilibrium.enabled())
      sums(equilibrium_weight_index) = equilibrium.next(sums(equilibrium_weight_index), idempotence, reconstruction);
  }
  KOKKOS_FUNCTION IdempotentWeights weights_now() const {
    IdempotentWeights weights = step_weights.get();
    if (equilibrium.enabled()) weights.tightness *= sums(equilibrium_weight_index);
    return weights;
  }
};

/// means[0…1] = means of reconstruction and idempotence over the samples of this rank. One index per mean.
template <class Form, class Real, class Exec>
struct StoreLossMeans {
  WeighLosses<Form, Real, Exec> weigh;
  double* means;

  KOKKOS_FUNCTION void operator()(std::size_t i) const {
    means[i] = weigh.mean_of(i == 0 ? IdempotentRow::reconstruction : IdempotentRow::idempotence);
  }
};

/// Operands and result row of one loss.
template <class Real>
struct LossPair {
  Real const* a;
  Real const* b;
  IdempotentRow row;
};

/// Losses with one team per sample and loss. The last team to arrive computes scales and means.
template <class Distance, class Form, class Real, class Exec>
struct MeasureThenWeigh {
  Distance distance;
  Kokkos::Array<LossPair<Real>, 3> pairs;
  std::size_t size;
  WeighLosses<Form, Real, Exec> weigh;
  unsigned* counter;

  KOKKOS_FUNCTION void operator()(typename Kokkos::TeamPolicy<Exec>::member_type const& team) const {
    auto const index = static_cast<std::size_t>(team.league_rank()), batch = static_cast<std::size_t>(weigh.batch);
    LossPair<Real> const& pair = pairs[index / batch];
    Real* const out = weigh.rows.data() + static_cast<std::size_t>(pair.row) * batch;
    TeamDistances<Distance, Real, Exec>{distance, pair.a, pair.b, size, out}.of_sample(team, index % batch);
    team.team_barrier();
    if (team_arrives_last(team, counter, static_cast<std::size_t>(team.league_size()))) weigh.by_team(team);
  }
};

/// Computes the scales of all samples and the sums from the losses in the rows of `weigh`. With several ranks, the means that steer the
/// tightness are those of the global batch; `means` is memory for two of them.
template <class Form, class Real, class Exec>
void weigh_losses(Exec const& exec, WeighLosses<Form, Real, Exec> weigh, Ranks const& ranks, VectorRef<double, Exec> const& means) {
  if (ranks.is_distributed()) {
    Kokkos::parallel_for("ign::idempotent::loss means", range_policy(exec, std::size_t{2}),
                         StoreLossMeans<Form, Real, Exec>{weigh, means.data()});
    ranks.average(exec, means);
    weigh.means = means.data();
  }
  if constexpr (uses_host_kernels_v<Exec>)
    Kokkos::parallel_for("ign::idempotent::weigh_losses", range_policy(exec, 1), weigh);
  else
    Kokkos::parallel_for("ign::idempotent::weigh_losses", as_launch_argument(Kokkos::TeamPolicy<Exec>(exec, 1, Kokkos::AUTO)), weigh);
}

/// Computes the losses of all samples, their scales and the sums, with a single kernel on a device, in one process. With several ranks, the
/// means that steer the tightness are those of the global batch; `means` is memory for two of them.
template <class Distance, class Form, Scalar Real, class Exec>
void measure_losses(Exec const& exec, Distance const& distance, Form const& form, Equilibrium const& equilibrium,
                    StepArgument<IdempotentWeights> const& weights, TensorRef<Real, Exec> const& fx, TensorRef<Real, Exec> const& x,
                    TensorRef<Real, Exec> const& v, TensorRef<Real, Exec> const& y, TensorRef<Real, Exec> const& z,
                    VectorRef<Real, Exec> const& rows, Vector<double, Exec> const& sums, ArrivalCounters<Exec> const& counters,
                    Ranks const& ranks, VectorRef<double, Exec> const& means) {
  int const batch = batch_of(x);
  bool const noise_distance = tightness::needs_noise_distance_of(form);
  WeighLosses<Form, Real, Exec> const weigh{form, noise_distance, equilibrium, weights, batch, rows, sums};
  if (uses_host_kernels_v<Exec> || ranks.is_distributed()) {
    auto const row = [&](IdempotentRow which) {
      return VectorRef<Real, Exec>(rows.data() + static_cast<std::size_t>(which) * x.extent(0), x.extent(0));
    };
    sample_distances(exec, distance, fx, x, row(IdempotentRow::reconstruction));
    sample_distances(exec, distance, v, y, row(IdempotentRow::idempotence));
    if (noise_distance) sample_distances(exec, distance, y, z, row(IdempotentRow::noise_distance));
  }
  if (uses_host_kernels_v<Exec> || ranks.is_distributed()) {
    weigh_losses(exec, weigh, ranks, means);
  } else {
    Kokkos::Array<LossPair<Real>, 3> const pairs = {{{fx.data(), x.data(), IdempotentRow::reconstruction},
                                                     {v.data(), y.data(), IdempotentRow::idempotence},
                                                     {y.data(), z.data(), IdempotentRow::noise_distance}}};
    Kokkos::parallel_for("ign::idempotent::losses",
                         as_launch_argument(Kokkos::TeamPolicy<Exec>(exec, (noise_distance ? 3 : 2) * batch, Kokkos::AUTO)),
                         MeasureThenWeigh<Distance, Form, Real, Exec>{distance, pairs, shape_of(x).size(), weigh, counters.data()});
  }
}

/// Output gradient of the joint pass.
///
/// Rows of the first half: scale(n) ∂D(f(x), x)/∂f(x). Rows of the second half contain J_y^T ∂D(v, y)/∂v on entry and become
/// λ_i (J_y^T ∂D(v, y)/∂v + ∂D(v, y)/∂y).
template <class Distance, class Real>
struct JointGradient {
  Distance distance;
  Real const* fx;
  Real const* x;
  Real const* v;
  Real const* y;
  Real const* scale;
  StepArgument<IdempotentWeights> weights;
  Real factor;
  Real* out;
  std::size_t batch, size;

  KOKKOS_FUNCTION void operator()(std::size_t row, std::size_t first, std::size_t last) const {
    Real* const g = out + row * size;
    if (row < batch) {
      Real const weight = factor * scale[row];
      Real const* const p = fx + row * size;
      Real const* const q = x + row * size;
      IGN_IVDEP
      for (std::size_t i = first; i < last; ++i) g[i] = weight * distance.derivative_first(p[i], q[i]);
    } else {
      Real const* const p = v + (row - batch) * size;
      Real const* const q = y + (row - batch) * size;
      Real const idempotence = static_cast<Real>(weights.get().idempotence);
      IGN_IVDEP
      for (std::size_t i = first; i < last; ++i) g[i] = idempotence * (g[i] + factor * distance.derivative_second(p[i], q[i]));
    }
  }
};

template <class Distance, Scalar Real, class Exec>
void joint_gradient(Exec const& exec, Distance const& distance, TensorRef<Real, Exec> const& fx, TensorRef<Real, Exec> const& x,
                    TensorRef<Real, Exec> const& v, TensorRef<Real, Exec> const& y, VectorRef<Real, Exec> const& scale,
                    StepArgument<IdempotentWeights> const& weights, TensorRef<Real, Exec> const& out) {
  std::size_t const size = shape_of(x).size();
  double const factor = 1.0 / batch_of(x) / static_cast<double>(size);
  for_each_chunk("ign::idempotent::joint_gradient", exec, out.extent(0), size,
                 JointGradient<Distance, Real>{distance, fx.data(), x.data(), v.data(), y.data(), scale.data(), weights,
                                               static_cast<Real>(factor), out.data(), x.extent(0), size});
}

}  // namespace ign::detail

#endif  // IGN_POLICIES_DETAIL_IDEMPOTENT_KERNELS_HPP
