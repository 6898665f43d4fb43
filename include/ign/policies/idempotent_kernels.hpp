// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// The two kernels that only the idempotent step has: the weights of its terms, and the idempotence's direct gradient.
#ifndef IGN_POLICIES_IDEMPOTENT_KERNELS_HPP
#define IGN_POLICIES_IDEMPOTENT_KERNELS_HPP

#include "ign/core/tensor.hpp"
#include "ign/losses/tightness.hpp"

namespace ign::detail {

/// λ_r, λ_i, λ_t of one step.
struct IdempotentWeights {
  double reconstruction, idempotence, tightness;
};

inline constexpr std::size_t idempotent_loss_count = 4;

/// Rows of B numbers that a step keeps per sample.
enum class IdempotentRow {
  reconstruction,        ///< D(f(x), x)
  tightness,             ///< T = D(v, y)
  radius,                ///< R of the smoothing
  reconstruction_scale,  ///< factor of ∂D(f(x), x)
  tightness_scale,       ///< factor of J_θ^T ∂D(v, y)/∂v
  count
};

/// Fills the scales from the losses, and adds the step's means to `sums`. One thread: B numbers are nothing.
template <class Real, class Exec>
struct WeighLosses {
  Smoothing smoothing;
  IdempotentWeights weights;
  int batch;
  VectorWindow<Real, Exec> rows;
  Vector<double, Exec> sums;

  KOKKOS_FUNCTION Real& at(IdempotentRow row, int n) const { return rows(static_cast<int>(row) * batch + n); }

  KOKKOS_FUNCTION void operator()(int) const {
    double reconstruction = 0;
    for (int n = 0; n < batch; ++n) reconstruction += static_cast<double>(at(IdempotentRow::reconstruction, n));
    reconstruction /= batch;
    double idempotence = 0;
    double tightness = 0;
    for (int n = 0; n < batch; ++n) {
      double const rec = static_cast<double>(at(IdempotentRow::reconstruction, n));
      double const t = static_cast<double>(at(IdempotentRow::tightness, n));
      double radius = 0;
      if (smoothing.kind == SmoothingKind::own_noise) radius = static_cast<double>(at(IdempotentRow::radius, n));
      if (smoothing.kind == SmoothingKind::data_sample) radius = rec;
      if (smoothing.kind == SmoothingKind::data_batch) radius = reconstruction;
      idempotence += t;
      tightness += smoothing.value(t, radius);
      double const through_radius = smoothing.kind == SmoothingKind::data_sample ? smoothing.derivative_radius(t, radius) : 0;
      at(IdempotentRow::tightness_scale, n) = static_cast<Real>(weights.tightness * smoothing.derivative_tightness(t, radius));
      at(IdempotentRow::reconstruction_scale, n) = static_cast<Real>(weights.reconstruction + weights.tightness * through_radius);
    }
    idempotence /= batch;
    tightness /= batch;
    sums(0) += reconstruction;
    sums(1) += idempotence;
    sums(2) += tightness;
    sums(3) += weights.reconstruction * reconstruction + weights.idempotence * idempotence + weights.tightness * tightness;
  }
};

template <Scalar Real, class Exec>
void weigh_losses(Exec const& exec, Smoothing const& smoothing, IdempotentWeights const& weights, int batch,
                  VectorWindow<Real, Exec> const& rows, Vector<double, Exec> const& sums) {
  Kokkos::parallel_for("ign::idempotent::weigh_losses", Kokkos::RangePolicy<Exec>(exec, 0, 1),
                       WeighLosses<Real, Exec>{smoothing, weights, batch, rows, sums});
}

/// dy holds J_y^T ∂D(v, y)/∂v; makes of it λ_i (that + ∂D(v, y)/∂y).
template <class Distance, class Real, class Exec>
struct AddIdempotence {
  Distance distance;
  Real const* v;
  Real const* y;
  Real* dy;
  Real weight;
  Real factor;

  KOKKOS_FUNCTION void operator()(std::size_t i) const { dy[i] = weight * (dy[i] + factor * distance.derivative_second(v[i], y[i])); }
};

template <class Distance, Scalar Real, class Exec>
void add_idempotence(Exec const& exec, Distance const& distance, TensorWindow<Real, Exec> const& v, TensorWindow<Real, Exec> const& y,
                     double weight, double factor, TensorWindow<Real, Exec> const& dy) {
  double const per_number = factor / static_cast<double>(shape_of(v).size());
  Kokkos::parallel_for("ign::idempotent::add_idempotence", Kokkos::RangePolicy<Exec, Kokkos::IndexType<std::size_t>>(exec, 0, v.size()),
                       AddIdempotence<Distance, Real, Exec>{distance, v.data(), y.data(), dy.data(), static_cast<Real>(weight),
                                                            static_cast<Real>(per_number)});
}

}  // namespace ign::detail

#endif  // IGN_POLICIES_IDEMPOTENT_KERNELS_HPP
