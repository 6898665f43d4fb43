// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Losses and gradients of the idempotent step for a distance of whole images (losses/image_distance.hpp).
///
/// Features of each batch of images are computed once in a step: those of f(x), x, v and y, and of z where the tightness depends on
/// D(y, z). Gradients are needed for f(x), v and y.
#ifndef IGN_POLICIES_DETAIL_IDEMPOTENT_FEATURES_HPP
#define IGN_POLICIES_DETAIL_IDEMPOTENT_FEATURES_HPP

#include "ign/losses/image_distance.hpp"
#include "ign/policies/detail/idempotent_kernels.hpp"

namespace ign::detail {

/// Features of the images of a step; nothing for an elementwise distance.
template <class D>
struct IdempotentFeatures {};
template <ImageDistance D>
struct IdempotentFeatures<D> {
  typename D::Features fx{}, x{}, v{}, y{}, z{};
  typename D::Workspace workspace{};
};

/// out(n) = scale(n) · in(n).
template <class Real>
struct ScaleRows {
  Real const* in;
  Real const* scale;
  Real* out;
  std::size_t size;

  KOKKOS_FUNCTION void operator()(std::size_t row, std::size_t first, std::size_t last) const {
    Real const weight = scale[row];
    Real const* const p = in + row * size;
    Real* const g = out + row * size;
    IGN_IVDEP
    for (std::size_t i = first; i < last; ++i) g[i] = weight * p[i];
  }
};

/// out = λ_i (out + direct).
template <class Real>
struct AddDirectGradient {
  Real const* direct;
  StepArgument<IdempotentWeights> weights;
  Real* out;

  KOKKOS_FUNCTION void operator()(std::size_t, std::size_t first, std::size_t last) const {
    auto const idempotence = static_cast<Real>(weights.get().idempotence);
    IGN_IVDEP
    for (std::size_t i = first; i < last; ++i) out[i] = idempotence * (out[i] + direct[i]);
  }
};

/// Computes the losses of all samples, their scales and the sums: measure_losses for a distance of images. It fills `features`.
template <ImageDistance D, class Form, Scalar Real, class Exec>
void measure_losses(Exec const& exec, D const& distance, IdempotentFeatures<D>& features, Form const& form, Equilibrium const& equilibrium,
                    StepArgument<IdempotentWeights> const& weights, TensorRef<Real, Exec> const& fx, TensorRef<Real, Exec> const& x,
                    TensorRef<Real, Exec> const& v, TensorRef<Real, Exec> const& y, TensorRef<Real, Exec> const& z,
                    VectorRef<Real, Exec> const& rows, Vector<double, Exec> const& sums, Ranks const& ranks,
                    VectorRef<double, Exec> const& means) {
  auto& workspace = features.workspace;
  bool const noise_distance = tightness::needs_noise_distance_of(form);
  distance.extract(exec, x, features.x, workspace);
  distance.extract(exec, fx, features.fx, workspace);
  distance.extract(exec, y, features.y, workspace);
  distance.extract(exec, v, features.v, workspace);
  if (noise_distance) distance.extract(exec, z, features.z, workspace);
  auto const row = [&](IdempotentRow which) {
    return VectorRef<Real, Exec>(rows.data() + static_cast<std::size_t>(which) * x.extent(0), x.extent(0));
  };
  distance.sample_distances(exec, features.fx, features.x, row(IdempotentRow::reconstruction), workspace);
  distance.sample_distances(exec, features.v, features.y, row(IdempotentRow::idempotence), workspace);
  if (noise_distance) distance.sample_distances(exec, features.y, features.z, row(IdempotentRow::noise_distance), workspace);
  weigh_losses(exec, WeighLosses<Form, Real, Exec>{form, noise_distance, equilibrium, weights, batch_of(x), rows, sums}, ranks, means);
}

/// Output gradient of the joint pass, as joint_gradient for an elementwise distance.
/// \param direct  memory for one half of `out`
template <ImageDistance D, Scalar Real, class Exec>
void joint_gradient(Exec const& exec, D const& distance, IdempotentFeatures<D>& features, VectorRef<Real, Exec> const& scale,
                    StepArgument<IdempotentWeights> const& weights, TensorRef<Real, Exec> const& direct, TensorRef<Real, Exec> const& out) {
  int const batch = batch_of(direct);
  distance.gradient(exec, Argument::first, features.fx, features.x, 1.0 / batch, scale, batch_range(out, 0, batch), features.workspace);
  distance.gradient(exec, Argument::second, features.v, features.y, 1.0 / batch, VectorRef<Real, Exec>{}, direct, features.workspace);
  for_each_chunk("ign::idempotent::direct gradient", exec, 1, direct.size(),
                 AddDirectGradient<Real>{direct.data(), weights, batch_range(out, batch, batch).data()});
}

}  // namespace ign::detail

#endif  // IGN_POLICIES_DETAIL_IDEMPOTENT_FEATURES_HPP
