// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Extents, arrays and parameter gradients of self-attention, for hosts and devices (math/attention/host.hpp, math/attention/device.hpp).
///
/// Matrices have pixels as rows. With the weights Wq, Wk (keys × channels), Wv (values × channels), Wo (channels × values):
///
///     Q = X Wqᵀ, K = X Wkᵀ, V = X Wvᵀ, S = scale · Q Kᵀ, A = softmax of each row of S, O = A V, Y = X + gamma · O Woᵀ
///
/// Backward keeps Q, K, V, O, and of each row of S the maximum and the sum of exponentials. It computes A again (as FlashAttention,
/// arXiv 2205.14135), so no matrix of pixels × pixels is retained from forward to backward.
#ifndef IGN_MATH_ATTENTION_EXTENTS_HPP
#define IGN_MATH_ATTENTION_EXTENTS_HPP

#include <Kokkos_Core.hpp>
#include <cstddef>

#include "ign/core/launch.hpp"

namespace ign::math {

/// Extents of self-attention.
struct AttentionExtents {
  std::size_t batch;     ///< samples
  std::size_t pixels;    ///< of a sample
  std::size_t channels;  ///< of X and Y
  std::size_t keys;      ///< channels of Q and K
  std::size_t values;    ///< channels of V and O

  /// Rows of Wq, Wk and Wv, which lie one after the other.
  KOKKOS_FUNCTION constexpr std::size_t projected() const { return 2 * keys + values; }
  /// Index of Wo behind Wq, Wk and Wv. gamma follows Wo.
  KOKKOS_FUNCTION constexpr std::size_t output_weight() const { return projected() * channels; }
  /// Index of gamma.
  KOKKOS_FUNCTION constexpr std::size_t gamma() const { return output_weight() + channels * values; }
  /// Pixels of the batch.
  KOKKOS_FUNCTION constexpr std::size_t rows() const { return batch * pixels; }
};

/// Arguments of the forward and backward pass.
template <class Real>
struct AttentionArrays {
  Real const* parameters;  ///< Wq, Wk, Wv, Wo, gamma
  Real scale;              ///< of the scores, > 0
  Real const* x;           ///< (rows, channels)
  Real* saved;             ///< from forward to backward
  Real* scratch;           ///< of both
};

/// Further arguments of the backward pass.
template <class Real>
struct AttentionGradients {
  Real const* dy;              ///< (rows, channels)
  Real* dx;                    ///< (rows, channels), or nullptr
  Real* parameters;            ///< added to; or nullptr
  Real const* sample_weights;  ///< (batch), or nullptr: 1
};

/// Adds sums over parts of the batch to the parameter gradients, one index per row of the weights from `first` on. Rows of Wq, Wk and Wv
/// have their gradients as sums. Rows of Wo have G = dYᵀ O, from which follow dWo = gamma · G, and the sum over Wo ∘ G, a part of the
/// gradient of gamma.
template <class Real>
struct AddAttentionGradients {
  AttentionExtents e;
  std::size_t first;                          ///< row of the weights of index 0
  std::size_t parts, part_size;               ///< number of parts, and elements of one
  Real const* sums;                           ///< (part, row), rows of Wq, Wk, Wv `stride` elements apart, then those of Wo
  std::size_t stride, output, output_stride;  ///< `output`: index of the first row of G in a part
  Real const* parameters;                     ///< Wq, Wk, Wv, Wo, gamma
  Real* gradients;                            ///< of the parameters
  Real* gamma_parts;                          ///< (channels), a part of the gradient of gamma per row of Wo

  KOKKOS_FUNCTION void operator()(std::size_t index) const {
    std::size_t const row = index + first;
    if (row < e.projected()) {
      for (std::size_t c = 0; c < e.channels; ++c) gradients[row * e.channels + c] += sum(row * stride + c);
      return;
    }
    std::size_t const channel = row - e.projected();
    std::size_t const weights = e.output_weight() + channel * e.values;
    Real const gamma = parameters[e.gamma()];
    Real total = 0;
    for (std::size_t v = 0; v < e.values; ++v) {
      Real const g = sum(output + channel * output_stride + v);
      gradients[weights + v] += gamma * g;
      total += parameters[weights + v] * g;
    }
    gamma_parts[channel] = total;
  }

 private:
  KOKKOS_FUNCTION Real sum(std::size_t i) const {
    Real total = 0;
    for (std::size_t part = 0; part < parts; ++part) total += sums[part * part_size + i];
    return total;
  }
};

/// Adds the parts of the gradient of gamma in order. One index.
template <class Real>
struct AddGammaGradient {
  std::size_t channels;
  Real const* parts;
  Real* gradient;

  KOKKOS_FUNCTION void operator()(std::size_t) const {
    Real sum = 0;
    for (std::size_t c = 0; c < channels; ++c) sum += parts[c];
    *gradient += sum;
  }
};

/// Queues both kernels.
template <class Exec, class Real>
void add_attention_gradients(Exec const& exec, AddAttentionGradients<Real> const& add) {
  Kokkos::parallel_for("ign::self_attention gradients", range_policy(exec, add.e.projected() + add.e.channels - add.first), add);
  Kokkos::parallel_for("ign::self_attention gamma", range_policy(exec, 1),
                       AddGammaGradient<Real>{add.e.channels, add.gamma_parts, add.gradients + add.e.gamma()});
}

}  // namespace ign::math

#endif  // IGN_MATH_ATTENTION_EXTENTS_HPP
