// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// The Muon optimizer: orthogonalised momentum for matrices, Adam for all other parameters.
#ifndef IGN_OPTIMIZERS_MUON_HPP
#define IGN_OPTIMIZERS_MUON_HPP

#include <cmath>
#include <string>
#include <vector>

#include "ign/core/elementwise.hpp"
#include "ign/core/error.hpp"
#include "ign/core/finite.hpp"
#include "ign/math/polar_factor.hpp"
#include "ign/optimizers/adam.hpp"
#include "ign/optimizers/optimizer.hpp"

namespace ign {

/// Muon. For a weight matrix W of r × c elements with the gradient G:
///
///     M ← momentum · M + (1 - momentum) G
///     W ← W - lr (0.2 √max(r, c) · polar(N) + weight_decay · W),    N = M, or momentum · M + (1 - momentum) G with `nesterov`
///
/// polar(N) ≈ U Vᵀ for N = U S Vᵀ, by five Newton–Schulz steps (math/polar_factor.hpp): the step is about equally long in all directions in
/// which N is not negligible. With the factor 0.2 √max(r, c) its root mean square is 0.2, as Adam's often is. mnist_small_recipe has
/// 12.5 times the learning rate of mnist_small_adam_recipe in the first phase, and 5 times in the second (train/recipes.hpp). `others` has
/// the same learning rate.
///
/// An array of two extents or more is a matrix if both the last extent, its columns, and the product of the others, its rows, are above 1:
/// the weights of all convolutions, (kernelᵈ · c_in) × c_out, of transposed ones (kernelᵈ · c_out) × c_in, and of linear layers, also of
/// the first and the last layer. `others` trains everything else: biases, scales and shifts of normalisation layers.
///
/// Memory: two numbers per parameter, as Adam, and the workspace: for a matrix with m ≥ n, m n + 5 n² numbers.
///
/// torch.optim.Muon with adjust_lr_fn="match_rms_adamw" is the same, with iterations in bfloat16 and a weight decay of 0.1 by default.
///
/// \source Jordan et al., "Muon: an optimizer for hidden layers in neural networks", 2024, https://kellerjordan.github.io/posts/muon/;
///         the factor: Liu et al., "Muon is scalable for LLM training", arXiv 2502.16982, section 2.2
struct Muon {
  static constexpr char const* name = "muon";  ///< name in files

  double momentum = 0.95;   ///< decay of the mean gradient M, in [0, 1)
  bool nesterov = true;     ///< Nesterov momentum
  double weight_decay = 0;  ///< decoupled weight decay of the matrices, as in AdamW; ≥ 0
  Adam others{};            ///< optimizer of the parameters that are not matrices, at the same learning rate
};

/// \throws Error [ign.option.594] on values outside their ranges; [ign.option.81] on those of `others`
inline void validate(Muon const& muon) {
  bool const good =
      is_finite(muon.momentum) && muon.momentum >= 0 && muon.momentum < 1 && is_finite(muon.weight_decay) && muon.weight_decay >= 0;
  require(good, Fault::option, 594, "muon: momentum ", muon.momentum, ", weight_decay ", muon.weight_decay,
          ", expected a momentum in [0, 1) and weight_decay >= 0");
  validate(muon.others);
}

/// Adam's slots. M of the matrices lies in `exp_avg`; their part of `exp_avg_sq` stays zero.
inline std::vector<std::string> slots(Muon const& muon) { return slots(muon.others); }

/// Name, options, and the optimizer of the other parameters.
inline OptimizerDescription describe(Muon const& muon) {
  return {
      Muon::name, {{"momentum", muon.momentum}, {"nesterov", muon.nesterov}, {"weight_decay", muon.weight_decay}}, {describe(muon.others)}};
}

/// Step values of Muon.
struct MuonStepValues {
  AdamStepValues others;  ///< of the other parameters
  double learning_rate;   ///< as given
};

/// Values of step `step`, counted from 1.
inline MuonStepValues step_values(Muon const& muon, double learning_rate, std::uint64_t step) {
  return {step_values(muon.others, learning_rate, step), learning_rate};
}

namespace detail {

/// The matrices of a model: arrays of two extents or more with more than one row and more than one column. Convolutions have (kernel,
/// kernel, channels, channels).
inline std::vector<math::FlatMatrix> muon_matrices(std::vector<ModelArray> const& arrays) {
  std::vector<math::FlatMatrix> matrices;
  for (auto const& array : arrays) {
    if (array.info.extents.size() < 2) continue;
    auto const columns = static_cast<std::size_t>(array.info.extents.back());
    std::size_t const rows = array.info.size() / columns;
    if (rows > 1 && columns > 1) matrices.push_back({array.offset, rows, columns});
  }
  return matrices;
}

/// Updates M and writes N to the scratch memory of the polar factors; updates all parameters outside the matrices.
template <class Real, class Exec>
struct MuonMoments {
  typename math::PolarFactors<Real, Exec>::Device factors;
  AdamUpdate<Real> others;
  Real momentum;
  bool nesterov;

  KOKKOS_FUNCTION void operator()(std::size_t row, std::size_t first, std::size_t last) const {
    std::size_t i = first;
    for (std::size_t at = factors.find(first); i < last; ++at) {
      std::size_t const matrix = at < factors.count ? factors.matrices[at].stored.first : last;
      std::size_t const begin = Kokkos::min(last, matrix);
      if (i < begin) others(row, i, begin);
      i = Kokkos::max(i, begin);
      if (i == last) break;
      for (std::size_t const end = Kokkos::min(last, matrix + factors.matrices[at].size()); i < end;) {
        auto const x = factors.x(factors.matrices[at], i - matrix);
        std::size_t const count = Kokkos::min(x.count, end - i);
        for (std::size_t k = 0; k < count; ++k) {
          Real const g = others.gradients[i + k];
          Real const m = momentum * others.mean[i + k] + (1 - momentum) * g;
          others.mean[i + k] = m;
          x.data[k * x.stride] = nesterov ? momentum * m + (1 - momentum) * g : m;
        }
        i += count;
      }
    }
  }
};

/// Updates the elements of a matrix with those of its polar factor.
template <class Real>
struct MuonUpdate {
  StepArgument<MuonStepValues> values;
  Real weight_decay;
  Real* parameters;

  struct OfMatrix {
    Real kept, step;
    Real* parameters;

    KOKKOS_FUNCTION void operator()(std::size_t index, Real u) const { parameters[index] = kept * parameters[index] - step * u; }
  };

  KOKKOS_FUNCTION OfMatrix operator()(math::FlatMatrix const& matrix) const {
    auto const rate = static_cast<Real>(values.get().learning_rate);
    Real const length = Real(0.2) * Kokkos::sqrt(static_cast<Real>(Kokkos::max(matrix.rows, matrix.columns)));
    return {1 - rate * weight_decay, rate * length, parameters + matrix.first};
  }
};

}  // namespace detail

/// Matrices of a model and the scratch memory of their polar factors. Waits for the instance.
/// \param arrays  of the model, in the order of their offsets; extents of convolutions as in memory
/// \throws Error [ign.shape.172] if the arrays overlap, are in another order or end after the parameters
template <Scalar Real, class Exec>
math::PolarFactors<Real, Exec> workspace(Exec const& exec, Muon const&, VectorRef<Real, Exec> const& parameters,
                                         std::vector<ModelArray> const& arrays) {
  return {exec, detail::muon_matrices(arrays), parameters.size()};
}

/// One step on all parameters, in place. `state` holds the two slots, zero before the first step.
/// \throws Error [ign.shape.172] if the workspace is that of another model
template <Scalar Real, class Exec>
void update(Exec const& exec, Muon const& muon, StepArgument<MuonStepValues> const& step_values, VectorRef<Real, Exec> const& parameters,
            VectorRef<Real, Exec> const& gradients, VectorRef<Real, Exec> const& state, math::PolarFactors<Real, Exec> const& factors) {
  require(factors.size() == parameters.size(), Fault::shape, 172, "muon: the workspace is that of ", factors.size(),
          " parameters, expected the ", parameters.size(), " of the model");
  auto const others = detail::adam_update<Real>(muon.others, step_values.member(&MuonStepValues::others), parameters.size(),
                                                parameters.data(), gradients.data(), state.data());
  for_each_chunk("ign::muon moments", exec, 1, parameters.size(),
                 detail::MuonMoments<Real, Exec>{factors.on_device(), others, static_cast<Real>(muon.momentum), muon.nesterov});
  factors.apply(exec, {}, detail::MuonUpdate<Real>{step_values, static_cast<Real>(muon.weight_decay), parameters.data()});
}

}  // namespace ign

#endif  // IGN_OPTIMIZERS_MUON_HPP
