// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Losses and gradients of the distillation step for a distance of whole images (losses/image_distance.hpp).
#ifndef IGN_POLICIES_DETAIL_DISTILLATION_FEATURES_HPP
#define IGN_POLICIES_DETAIL_DISTILLATION_FEATURES_HPP

#include <array>

#include "ign/losses/image_distance.hpp"
#include "ign/policies/detail/distillation_kernels.hpp"

namespace ign::detail {

/// Features of the images of a step; nothing for an elementwise distance.
template <class D>
struct DistillationFeatures {};
template <ImageDistance D>
struct DistillationFeatures<D> {
  std::array<typename D::Features, distillation_terms> out{};  // f(A(x)), f(z), f(u)
  typename D::Features x{}, y{};
  typename D::Workspace workspace{};

  /// Target of a term.
  typename D::Features const& target(std::size_t term) const { return term == 0 ? x : y; }
};

/// gradient *= weights[row / batch].
template <class Real>
struct WeighTerms {
  StepArgument<DistillationWeights> weights;
  Real* gradient;
  std::size_t batch, size;

  KOKKOS_FUNCTION void operator()(std::size_t row, std::size_t first, std::size_t last) const {
    auto const weight = static_cast<Real>(weights.get()[row / batch]);
    Real* const g = gradient + row * size;
    IGN_IVDEP
    for (std::size_t i = first; i < last; ++i) g[i] *= weight;
  }
};

/// Computes the losses of all samples and their sums: measure_distillation for a distance of images. It fills `features`.
template <ImageDistance D, Scalar Real, class Exec>
void measure_distillation(Exec const& exec, D const& distance, DistillationFeatures<D>& features, TensorRef<Real, Exec> const& out,
                          TensorRef<Real, Exec> const& x, TensorRef<Real, Exec> const& y, AddDistillationMeans<Real, Exec> const& add) {
  auto& workspace = features.workspace;
  int const batch = batch_of(x);
  distance.extract(exec, x, features.x, workspace);
  distance.extract(exec, y, features.y, workspace);
  for (std::size_t term = 0; term < distillation_terms; ++term) {
    distance.extract(exec, batch_range(out, static_cast<int>(term) * batch, batch), features.out[term], workspace);
    distance.sample_distances(exec, features.out[term], features.target(term),
                              VectorRef<Real, Exec>(add.distances.data() + term * add.batch, add.batch), workspace);
  }
  if constexpr (uses_host_kernels_v<Exec>)
    Kokkos::parallel_for("ign::distillation::add_means", range_policy(exec, 1), add);
  else
    Kokkos::parallel_for("ign::distillation::add_means", as_launch_argument(Kokkos::TeamPolicy<Exec>(exec, 1, Kokkos::AUTO)), add);
}

/// Output gradient of the joint pass, as DistillationGradient for an elementwise distance.
template <ImageDistance D, Scalar Real, class Exec>
void distillation_gradient(Exec const& exec, D const& distance, DistillationFeatures<D>& features,
                           StepArgument<DistillationWeights> const& weights, TensorRef<Real, Exec> const& gradient) {
  int const batch = batch_of(gradient) / static_cast<int>(distillation_terms);
  for (std::size_t term = 0; term < distillation_terms; ++term)
    distance.gradient(exec, Argument::first, features.out[term], features.target(term), 1.0 / batch, VectorRef<Real, Exec>{},
                      batch_range(gradient, static_cast<int>(term) * batch, batch), features.workspace);
  std::size_t const size = shape_of(gradient).size();
  for_each_chunk("ign::distillation::gradient", exec, gradient.extent(0), size,
                 WeighTerms<Real>{weights, gradient.data(), static_cast<std::size_t>(batch), size});
}

}  // namespace ign::detail

#endif  // IGN_POLICIES_DETAIL_DISTILLATION_FEATURES_HPP
