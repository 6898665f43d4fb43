// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Self-attention on hosts: backward pass (math/attention/extents.hpp has the formulas).
///
/// Algorithm: a task is a part of the batch, and sums the parameter gradients of its samples in order. The parts follow from the extents
/// alone, so results do not depend on the number of threads. Scores are computed again, a block of pixels at a time, as in forward.
#ifndef IGN_MATH_ATTENTION_HOST_BACKWARD_HPP
#define IGN_MATH_ATTENTION_HOST_BACKWARD_HPP

#include <algorithm>

#include "ign/math/attention/host.hpp"

namespace ign::math::host {

/// All gradients, those of the parameters as sums of each part. One index per worker.
template <class Real>
struct AttentionBackward {
  AttentionLayout<Real> l;
  AttentionArrays<Real> arrays;
  AttentionGradients<Real> gradients;
  std::size_t parts;    ///< of the batch
  std::size_t workers;  ///< indices that are run

  void operator()(std::size_t worker) const {
    Memory const memory(l, l.of_worker(arrays.scratch, worker));
    for (std::size_t part = parts * worker / workers; part < parts * (worker + 1) / workers; ++part) {
      Real* const sums = gradients.parameters != nullptr ? arrays.scratch + l.sums() + part * l.part_size() : nullptr;
      std::size_t const begin = l.e.batch * part / parts, end = l.e.batch * (part + 1) / parts;
      for (std::size_t n = begin; n < end; ++n) {
        attention_gradients(n, memory);
        if (gradients.dx != nullptr) input_gradient(n, memory);
        if (gradients.parameters != nullptr) parameter_gradients(n, n > begin, memory, sums);
      }
    }
  }

 private:
  struct Memory {
    Real *keys_across, *values_across, *keys;          // right factors: Kᵀ, Vᵀ, K
    Real *dq, *dk, *dv;                                // gradients of Q, K, V
    Real *scores, *dscores, *dmixed, *right_queries;   // of a block: S or its exponentials, dS, dO, right factor Q
    Real *right_dmixed, *right_rows, *right_x, *sums;  // right factors dO and O, right factor X, rows of dX

    Memory(AttentionLayout<Real> const& l, Real* memory) {
      AttentionExtents const& e = l.e;
      std::size_t const rows = l.block_rows();
      AttentionScratch<Real> own{memory};
      keys_across = own.take(e.keys * l.pixels());
      values_across = own.take(e.values * l.pixels());
      scores = own.take(rows * l.pixels());
      dscores = own.take(rows * l.pixels());
      keys = own.take(e.pixels * l.keys());
      dq = own.take(e.pixels * l.keys());
      dk = own.take(e.pixels * l.keys());
      right_queries = own.take(rows * l.keys());
      dv = own.take(e.pixels * l.values());
      right_rows = own.take(e.pixels * l.values());
      dmixed = own.take(rows * l.values());
      right_dmixed = own.take(rows * l.values());
      right_x = own.take(e.pixels * l.channels());
      sums = own.take(rows * l.channels());
    }
  };

  static Real one(std::size_t) { return 1; }

  // dQ, dK and dV of a sample.
  void attention_gradients(std::size_t sample, Memory const& memory) const {
    AttentionExtents const& e = l.e;
    Real const* const projections = arrays.saved + sample * e.pixels * l.projected();
    pack_transposed(projections + e.keys, l.projected(), e.keys, e.pixels, memory.keys_across);
    pack_transposed(projections + 2 * e.keys, l.projected(), e.values, e.pixels, memory.values_across);
    pack_rows(projections + e.keys, l.projected(), e.pixels, e.keys, one, memory.keys);
    for (std::size_t first = 0; first < e.pixels; first += l.block_rows())
      block(sample * e.pixels + first, first, std::min(l.block_rows(), e.pixels - first), projections + first * l.projected(), memory);
  }

  void block(std::size_t row, std::size_t first, std::size_t count, Real const* queries, Memory const& memory) const {
    AttentionExtents const& e = l.e;
    constexpr std::size_t lanes = simd::lanes_v<Real>;
    std::size_t const pixels = l.pixels(), values = l.values(), keys = l.keys();
    Real const* const statistics = arrays.saved + l.statistics() + 2 * row;
    Real const* const mixed = arrays.saved + l.mixed() + row * values;
    Real const* const output = arrays.scratch + e.projected() * l.channels();
    Real const gamma = arrays.parameters[e.gamma()];
    product<false>(count, values / lanes, e.channels, LeftFactor<Real>{gradients.dy + row * e.channels, e.channels, 1},
                   Panels<Real>{output, e.channels * lanes}, memory.dmixed, values);
    for (std::size_t i = 0; i < count * values; ++i) memory.dmixed[i] *= gamma;
    product<false>(count, pixels / lanes, e.keys, LeftFactor<Real>{queries, l.projected(), 1},
                   Panels<Real>{memory.keys_across, e.keys * lanes}, memory.scores, pixels);
    product<false>(count, pixels / lanes, e.values, LeftFactor<Real>{memory.dmixed, values, 1},
                   Panels<Real>{memory.values_across, e.values * lanes}, memory.dscores, pixels);
    // Exponentials E stand for the attention A = E / sum: the reciprocal sum is a factor of dO and dS instead.
    for (std::size_t i = 0; i < count; ++i) {
      Real* const e_row = memory.scores + i * pixels;
      Real* const ds_row = memory.dscores + i * pixels;
      exponentials(e_row, e.pixels, statistics[2 * i], arrays.scale);
      Real const mean = row_product(memory.dmixed + i * values, mixed + i * values, values);  // Σ_j A(i, j) dA(i, j)
      Real const factor = statistics[2 * i + 1] * arrays.scale;
      IGN_IVDEP
      for (std::size_t j = 0; j < e.pixels; ++j) ds_row[j] = factor * e_row[j] * (ds_row[j] - mean);
    }
    pack_rows(
        memory.dmixed, values, count, e.values, [&](std::size_t i) { return statistics[2 * i + 1]; }, memory.right_dmixed);
    pack_rows(queries, l.projected(), count, e.keys, one, memory.right_queries);
    product(first > 0, e.pixels, values / lanes, count, LeftFactor<Real>{memory.scores, 1, pixels},
            Panels<Real>{memory.right_dmixed, count * lanes}, memory.dv, values);
    product(first > 0, e.pixels, keys / lanes, count, LeftFactor<Real>{memory.dscores, 1, pixels},
            Panels<Real>{memory.right_queries, count * lanes}, memory.dk, keys);
    product<false>(count, keys / lanes, e.pixels, LeftFactor<Real>{memory.dscores, pixels, 1}, Panels<Real>{memory.keys, e.pixels * lanes},
                   memory.dq + first * keys, keys);
  }

  // dX = dY + dQ Wq + dK Wk + dV Wv.
  void input_gradient(std::size_t sample, Memory const& memory) const {
    AttentionExtents const& e = l.e;
    std::size_t const packs = l.channels() / l.lanes, stride = e.projected() * l.lanes;
    for (std::size_t first = 0; first < e.pixels; first += l.block_rows()) {
      std::size_t const count = std::min(l.block_rows(), e.pixels - first);
      Real const* const weights = arrays.scratch;
      product<false>(count, packs, e.keys, LeftFactor<Real>{memory.dq + first * l.keys(), l.keys(), 1}, Panels<Real>{weights, stride},
                     memory.sums, l.channels());
      product<true>(count, packs, e.keys, LeftFactor<Real>{memory.dk + first * l.keys(), l.keys(), 1},
                    Panels<Real>{weights + e.keys * l.lanes, stride}, memory.sums, l.channels());
      product<true>(count, packs, e.values, LeftFactor<Real>{memory.dv + first * l.values(), l.values(), 1},
                    Panels<Real>{weights + 2 * e.keys * l.lanes, stride}, memory.sums, l.channels());
      for (std::size_t i = 0; i < count; ++i) {
        std::size_t const at = (sample * e.pixels + first + i) * e.channels;
        IGN_IVDEP
        for (std::size_t c = 0; c < e.channels; ++c) gradients.dx[at + c] = gradients.dy[at + c] + memory.sums[i * l.channels() + c];
      }
    }
  }

  // Sums of dQᵀ X, dKᵀ X, dVᵀ X and dYᵀ O, with the weight of the sample as a factor of X and O.
  void parameter_gradients(std::size_t sample, bool add, Memory const& memory, Real* sums) const {
    AttentionExtents const& e = l.e;
    std::size_t const packs = l.channels() / l.lanes, row = sample * e.pixels;
    Real const weight = gradients.sample_weights != nullptr ? gradients.sample_weights[sample] : Real(1);
    auto const factor = [weight](std::size_t) { return weight; };
    pack_rows(arrays.x + row * e.channels, e.channels, e.pixels, e.channels, factor, memory.right_x);
    pack_rows(arrays.saved + l.mixed() + row * l.values(), l.values(), e.pixels, e.values, factor, memory.right_rows);
    Panels<Real> const x{memory.right_x, e.pixels * l.lanes};
    product(add, e.keys, packs, e.pixels, LeftFactor<Real>{memory.dq, 1, l.keys()}, x, sums, l.channels());
    product(add, e.keys, packs, e.pixels, LeftFactor<Real>{memory.dk, 1, l.keys()}, x, sums + e.keys * l.channels(), l.channels());
    product(add, e.values, packs, e.pixels, LeftFactor<Real>{memory.dv, 1, l.values()}, x, sums + 2 * e.keys * l.channels(), l.channels());
    product(add, e.channels, l.values() / l.lanes, e.pixels, LeftFactor<Real>{gradients.dy + row * e.channels, 1, e.channels},
            Panels<Real>{memory.right_rows, e.pixels * l.lanes}, sums + e.projected() * l.channels(), l.values());
  }
};

/// Queues the backward pass.
template <class Exec, class Real>
void attention_backward(Exec const& exec, AttentionExtents const& e, AttentionArrays<Real> const& arrays,
                        AttentionGradients<Real> const& gradients) {
  AttentionLayout<Real> const l{e};
  auto const workers = static_cast<std::size_t>(workers_of(exec));
  AttentionPanels<Real> const panels{l, false, arrays.parameters, arrays.scratch};
  Kokkos::parallel_for("ign::self_attention weights", range_policy(exec, panels.indices()), panels);
  std::size_t const parts = gradients.parameters != nullptr ? l.parts() : e.batch;
  Kokkos::parallel_for("ign::self_attention backward", range_policy(exec, workers),
                       AttentionBackward<Real>{l, arrays, gradients, parts, workers});
  if (gradients.parameters == nullptr) return;
  add_attention_gradients(
      exec, AddAttentionGradients<Real>{e, 0, parts, l.part_size(), arrays.scratch + l.sums(), l.channels(), e.projected() * l.channels(),
                                        l.values(), arrays.parameters, gradients.parameters, arrays.scratch + l.gamma_parts()});
}

}  // namespace ign::math::host

#endif  // IGN_MATH_ATTENTION_HOST_BACKWARD_HPP
