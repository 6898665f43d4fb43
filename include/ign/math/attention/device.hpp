// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Self-attention on devices (math/attention/extents.hpp has the formulas).
///
/// Algorithm: batched products of plain matrices (math/gemm/matrices.hpp), and elementwise kernels between them. The scores of the whole
/// batch, pixels × pixels per sample, are in scratch memory: once in forward, twice in backward.
#ifndef IGN_MATH_ATTENTION_DEVICE_HPP
#define IGN_MATH_ATTENTION_DEVICE_HPP

#include "ign/core/elementwise.hpp"
#include "ign/math/attention/extents.hpp"
#include "ign/math/exp.hpp"
#include "ign/math/gemm/matrices.hpp"

namespace ign::math::device {

/// Layout of the memory of self-attention: sizes and first indices of its arrays.
struct AttentionLayout {
  AttentionExtents e;

  // Saved: Q, K, V, O, then maximum and 1 / sum of each row of scores.
  std::size_t keys() const { return e.rows() * e.keys; }                    ///< index of K
  std::size_t values() const { return 2 * e.rows() * e.keys; }              ///< index of V
  std::size_t mixed() const { return e.rows() * e.projected(); }            ///< index of O
  std::size_t statistics() const { return mixed() + e.rows() * e.values; }  ///< index of the maxima
  std::size_t saved_size() const { return statistics() + 2 * e.rows(); }    ///< all

  // Scratch: the scores or the attention, dS, then dQ, dK, dV, dO or the weighted O, mean gradients of the rows, G = dYᵀ O, and parts.
  std::size_t scores_size() const { return e.rows() * e.pixels; }                        ///< of all samples; index of dS
  std::size_t projected_gradients() const { return 2 * scores_size(); }                  ///< index of dQ
  std::size_t mixed_gradient() const { return projected_gradients() + mixed(); }         ///< index of dO
  std::size_t means() const { return mixed_gradient() + e.rows() * e.values; }           ///< index of the means
  std::size_t output_gradient() const { return means() + e.rows(); }                     ///< index of G
  std::size_t gamma_parts() const { return output_gradient() + e.channels * e.values; }  ///< index of the parts of the gradient of gamma
  std::size_t products() const { return gamma_parts() + e.channels; }                    ///< index of the parts of split products
  std::size_t scratch_size() const {
    std::size_t const keys = matrix_scratch_size(weight_extents(e.keys)), values = matrix_scratch_size(weight_extents(e.values));
    return products() + std::max({keys, values, matrix_scratch_size(output_extents())});
  }

  /// Product of the gradient of `rows` rows of the weights Wq, Wk or Wv.
  ProductExtents weight_extents(std::size_t rows) const { return split({1, rows, e.channels, e.rows()}); }
  /// Product G.
  ProductExtents output_extents() const { return split({1, e.channels, e.values, e.rows()}); }

 private:
  static ProductExtents split(ProductExtents product) {
    product.parts = team::parts_for(product);
    return product;
  }
};

/// Scores to attention, in place: the softmax of scale times each row, whose maximum and 1 / sum are stored. One vector per row.
template <class Exec, class Real>
struct AttentionSoftmax {
  std::size_t pixels;
  Real scale;
  Real* scores;
  Real* statistics;  // (row, 2)

  KOKKOS_FUNCTION void operator()(typename Kokkos::TeamPolicy<Exec>::member_type const& member) const {
    auto const row = static_cast<std::size_t>(member.league_rank());
    Real* const own = scores + row * pixels;
    Real most = 0, sum = 0;
    Kokkos::parallel_reduce(
        Kokkos::ThreadVectorRange(member, pixels), [&](std::size_t j, Real& best) { best = own[j] > best ? own[j] : best; },
        Kokkos::Max<Real>(most));
    Kokkos::parallel_reduce(
        Kokkos::ThreadVectorRange(member, pixels),
        [&](std::size_t j, Real& total) {
          own[j] = exp_nonpositive(scale * (own[j] - most));
          total += own[j];
        },
        sum);
    Real const reciprocal = 1 / sum;
    Kokkos::parallel_for(Kokkos::ThreadVectorRange(member, pixels), [&](std::size_t j) { own[j] *= reciprocal; });
    Kokkos::single(Kokkos::PerThread(member), [&]() {
      statistics[2 * row] = most;
      statistics[2 * row + 1] = reciprocal;
    });
  }
};

/// Scores to attention with the stored maxima and sums. One index per element.
template <class Real>
struct AttentionAgain {
  std::size_t pixels;
  Real scale;
  Real* scores;
  Real const* statistics;  // (row, 2)

  KOKKOS_FUNCTION void operator()(std::size_t i) const {
    std::size_t const row = i / pixels;
    scores[i] = exp_nonpositive(scale * (scores[i] - statistics[2 * row])) * statistics[2 * row + 1];
  }
};

/// Y = X + gamma · Y. One index per element.
template <class Real>
struct AttentionResidual {
  Real const* x;
  Real const* gamma;
  Real* y;

  KOKKOS_FUNCTION void operator()(std::size_t i) const { y[i] = x[i] + *gamma * y[i]; }
};

/// dO = gamma · dO, and the mean of dA over the attention, Σ_j A(i, j) dA(i, j) = Σ_v dO(i, v) O(i, v). One index per row.
template <class Real>
struct AttentionMeans {
  std::size_t values;
  Real const* gamma;
  Real const* mixed;
  Real* dmixed;
  Real* means;

  KOKKOS_FUNCTION void operator()(std::size_t row) const {
    Real sum = 0;
    for (std::size_t i = row * values; i < (row + 1) * values; ++i) {
      dmixed[i] *= *gamma;
      sum += dmixed[i] * mixed[i];
    }
    means[row] = sum;
  }
};

/// dS = scale · A ∘ (dA - mean), in place of dA. One index per element.
template <class Real>
struct AttentionScoreGradient {
  std::size_t pixels;
  Real scale;
  Real const* attention;
  Real const* means;
  Real* gradient;

  KOKKOS_FUNCTION void operator()(std::size_t i) const { gradient[i] = scale * attention[i] * (gradient[i] - means[i / pixels]); }
};

/// out = weight of the sample · in. One index per element; `size` elements per sample. `out` may be `in`.
template <class Real>
struct AttentionWeighted {
  std::size_t size;
  Real const* sample_weights;  // (n), or nullptr: 1
  Real const* in;
  Real* out;

  KOKKOS_FUNCTION void operator()(std::size_t i) const { out[i] = sample_weights != nullptr ? sample_weights[i / size] * in[i] : in[i]; }
};

/// out += in. One index per element.
template <class Real>
struct AttentionAdd {
  Real const* in;
  Real* out;

  KOKKOS_FUNCTION void operator()(std::size_t i) const { out[i] += in[i]; }
};

/// Products with the arguments that all of them share.
template <class Real, class Exec>
struct AttentionProducts {
  Exec const& exec;
  Pass const& pass;
  VectorRef<Real, Exec> scratch;
  ArrivalCounters<Exec> counters;

  template <bool left_transposed, bool right_transposed>
  void multiply(char const* label, ProductExtents const& e, Real const* a, Real const* b, Real* c, bool add = false) const {
    matrix_products(label, exec, pass.mode, pass.precision, MatrixProduct<Real, left_transposed, right_transposed>{e, a, b, c, add},
                    scratch, counters);
  }
};

/// Queues the forward pass.
template <class Exec, class Real>
void attention_forward(AttentionProducts<Real, Exec> const& products, AttentionExtents const& e, AttentionArrays<Real> const& arrays,
                       Real* y) {
  AttentionLayout const l{e};
  Exec const& exec = products.exec;
  std::size_t const rows = e.rows(), c = e.channels;
  Real const* const weights = arrays.parameters;
  Real* const saved = arrays.saved;
  Real* const scores = arrays.scratch;
  char const* const label = "ign::self_attention products";
  products.template multiply<false, true>(label, {1, rows, e.keys, c}, arrays.x, weights, saved);
  products.template multiply<false, true>(label, {1, rows, e.keys, c}, arrays.x, weights + e.keys * c, saved + l.keys());
  products.template multiply<false, true>(label, {1, rows, e.values, c}, arrays.x, weights + 2 * e.keys * c, saved + l.values());
  products.template multiply<false, true>(label, {e.batch, e.pixels, e.pixels, e.keys}, saved, saved + l.keys(), scores);
  Kokkos::parallel_for("ign::self_attention softmax", as_launch_argument(Kokkos::TeamPolicy<Exec>(exec, static_cast<int>(rows), 1, 32)),
                       AttentionSoftmax<Exec, Real>{e.pixels, arrays.scale, scores, saved + l.statistics()});
  products.template multiply<false, false>(label, {e.batch, e.pixels, e.values, e.pixels}, scores, saved + l.values(), saved + l.mixed());
  products.template multiply<false, true>(label, {1, rows, c, e.values}, saved + l.mixed(), weights + e.output_weight(), y);
  Kokkos::parallel_for("ign::self_attention residual", range_policy(exec, rows * c),
                       AttentionResidual<Real>{arrays.x, weights + e.gamma(), y});
}

/// Queues the backward pass.
template <class Exec, class Real>
void attention_backward(AttentionProducts<Real, Exec> const& products, AttentionExtents const& e, AttentionArrays<Real> const& arrays,
                        AttentionGradients<Real> const& gradients) {
  AttentionLayout const l{e};
  Exec const& exec = products.exec;
  std::size_t const rows = e.rows(), c = e.channels;
  Real const* const weights = arrays.parameters;
  Real* const saved = arrays.saved;
  Real* const attention = arrays.scratch;
  Real* const dscores = arrays.scratch + l.scores_size();
  Real* const dq = arrays.scratch + l.projected_gradients();
  Real *const dk = dq + l.keys(), *const dv = dq + l.values();
  Real* const dmixed = arrays.scratch + l.mixed_gradient();
  Real* const means = arrays.scratch + l.means();
  char const* const label = "ign::self_attention backward products";
  products.template multiply<false, true>(label, {e.batch, e.pixels, e.pixels, e.keys}, saved, saved + l.keys(), attention);
  Kokkos::parallel_for("ign::self_attention softmax again", range_policy(exec, l.scores_size()),
                       AttentionAgain<Real>{e.pixels, arrays.scale, attention, saved + l.statistics()});
  products.template multiply<false, false>(label, {1, rows, e.values, c}, gradients.dy, weights + e.output_weight(), dmixed);
  Kokkos::parallel_for("ign::self_attention means", range_policy(exec, rows),
                       AttentionMeans<Real>{e.values, weights + e.gamma(), saved + l.mixed(), dmixed, means});
  products.template multiply<false, true>(label, {e.batch, e.pixels, e.pixels, e.values}, dmixed, saved + l.values(), dscores);
  products.template multiply<true, false>(label, {e.batch, e.pixels, e.values, e.pixels}, attention, dmixed, dv);
  Kokkos::parallel_for("ign::self_attention scores backward", range_policy(exec, l.scores_size()),
                       AttentionScoreGradient<Real>{e.pixels, arrays.scale, attention, means, dscores});
  products.template multiply<false, false>(label, {e.batch, e.pixels, e.keys, e.pixels}, dscores, saved + l.keys(), dq);
  products.template multiply<true, false>(label, {e.batch, e.pixels, e.keys, e.pixels}, dscores, saved, dk);
  if (gradients.dx != nullptr) {
    products.template multiply<false, false>(label, {1, rows, c, e.keys}, dq, weights, gradients.dx);
    products.template multiply<false, false>(label, {1, rows, c, e.keys}, dk, weights + e.keys * c, gradients.dx, true);
    products.template multiply<false, false>(label, {1, rows, c, e.values}, dv, weights + 2 * e.keys * c, gradients.dx, true);
    Kokkos::parallel_for("ign::self_attention residual backward", range_policy(exec, rows * c),
                         AttentionAdd<Real>{gradients.dy, gradients.dx});
  }
  if (gradients.parameters == nullptr) return;
  // Weights of samples are factors of dQ, dK, dV and O.
  auto const weigh = [&](std::size_t columns, Real const* in, Real* out) {
    Kokkos::parallel_for("ign::self_attention sample weights", range_policy(exec, rows * columns),
                         AttentionWeighted<Real>{e.pixels * columns, gradients.sample_weights, in, out});
  };
  Real const* mixed = saved + l.mixed();
  if (gradients.sample_weights != nullptr) {
    weigh(e.keys, dq, dq);
    weigh(e.keys, dk, dk);
    weigh(e.values, dv, dv);
    weigh(e.values, mixed, dmixed);
    mixed = dmixed;
  }
  Real* const sums = arrays.scratch + l.output_gradient();
  Real* const to = gradients.parameters;
  products.template multiply<true, false>(label, l.weight_extents(e.keys), dq, arrays.x, to, true);
  products.template multiply<true, false>(label, l.weight_extents(e.keys), dk, arrays.x, to + e.keys * c, true);
  products.template multiply<true, false>(label, l.weight_extents(e.values), dv, arrays.x, to + 2 * e.keys * c, true);
  products.template multiply<true, false>(label, l.output_extents(), gradients.dy, mixed, sums);
  add_attention_gradients(
      exec, AddAttentionGradients<Real>{e, e.projected(), 1, 0, sums, 0, 0, e.values, weights, to, arrays.scratch + l.gamma_parts()});
}

}  // namespace ign::math::device

#endif  // IGN_MATH_ATTENTION_DEVICE_HPP
