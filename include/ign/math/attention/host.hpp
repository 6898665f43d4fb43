// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Self-attention on hosts: memory layout and forward pass (math/attention/extents.hpp has the formulas).
///
/// Algorithm: a task is a range of the pixels of a sample. It computes the scores of a block of them against all pixels of the sample,
/// their exponentials and the product with the values while they are in the cache; a matrix of pixels × pixels is never stored. A pixel's
/// result does not depend on the range, so the number of ranges may follow from the number of threads.
///
/// Rows of Q | K | V, O, and of all intermediate matrices are padded to whole packs.
#ifndef IGN_MATH_ATTENTION_HOST_HPP
#define IGN_MATH_ATTENTION_HOST_HPP

#include <algorithm>
#include <type_traits>

#include "ign/core/workspace.hpp"
#include "ign/math/attention/extents.hpp"
#include "ign/math/conv/host/panels.hpp"
#include "ign/math/exp.hpp"

namespace ign::math::host {

/// Elementwise maximum; b where either is NaN.
template <class Real>
simd::Pack<Real> maximum(simd::Pack<Real> const& a, simd::Pack<Real> const& b) {
#ifdef IGN_VECTOR_TYPES
  return a > b ? a : b;
#else
  simd::Pack<Real> result = b;
  for (std::size_t i = 0; i < simd::lanes_v<Real>; ++i)
    if (a.lane[i] > b.lane[i]) result.lane[i] = a.lane[i];
  return result;
#endif
}

/// Maximum of a row.
template <class Real>
Real row_maximum(Real const* row, std::size_t count) {
  constexpr std::size_t lanes = simd::lanes_v<Real>;
  std::size_t j = 0;
  Real most = row[0];
  if (count >= lanes) {
    auto packs = simd::load<simd::Pack<Real>>(row);
    for (j = lanes; j + lanes <= count; j += lanes) packs = maximum<Real>(simd::load<simd::Pack<Real>>(row + j), packs);
    Real values[lanes];
    simd::store(values, packs);
    most = values[0];
    for (Real const value : values) most = value > most ? value : most;
  }
  for (; j < count; ++j) most = row[j] > most ? row[j] : most;
  return most;
}

/// Sum of the products of two rows.
template <class Real>
Real row_product(Real const* a, Real const* b, std::size_t count) {
  simd::Pack<Real> packs{};
  Real sum = 0;
  simd::for_each_pack<Real>(count, [&](std::size_t j, auto type) {
    using T = decltype(type);
    if constexpr (std::is_same_v<T, Real>)
      sum += a[j] * b[j];
    else
      packs += simd::load<T>(a + j) * simd::load<T>(b + j);
  });
  Real values[simd::lanes_v<Real>];
  simd::store(values, packs);
  for (Real const value : values) sum += value;
  return sum;
}

/// row = exp(scale · (row - maximum)).
template <class Real>
void exponentials(Real* row, std::size_t count, Real maximum, Real scale) {
  IGN_IVDEP
  for (std::size_t j = 0; j < count; ++j) row[j] = exp_nonpositive(scale * (row[j] - maximum));
}

/// Sum of a row.
template <class Real>
Real row_sum(Real const* row, std::size_t count) {
  simd::Pack<Real> packs{};
  Real sum = 0;
  simd::for_each_pack<Real>(count, [&](std::size_t j, auto type) {
    using T = decltype(type);
    if constexpr (std::is_same_v<T, Real>)
      sum += row[j];
    else
      packs += simd::load<T>(row + j);
  });
  Real values[simd::lanes_v<Real>];
  simd::store(values, packs);
  for (Real const value : values) sum += value;
  return sum;
}

/// Layout of the memory of self-attention. Numbers of elements for `float` suffice for `double`, whose packs are shorter.
template <class Real>
struct AttentionLayout {
  AttentionExtents e;

  static constexpr std::size_t lanes = simd::lanes_v<Real>;
  static std::size_t padded(std::size_t columns) { return simd::round_up_to_packs<Real>(columns); }

  std::size_t pixels() const { return padded(e.pixels); }          ///< padded pixels
  std::size_t channels() const { return padded(e.channels); }      ///< padded channels
  std::size_t keys() const { return padded(e.keys); }              ///< padded channels of keys
  std::size_t values() const { return padded(e.values); }          ///< padded channels of values
  std::size_t projected() const { return padded(e.projected()); }  ///< padded columns of Q | K | V

  /// Pixels of a block: scores of up to 64 KiB of floats, a multiple of 8 from 8 to 64. The same for both types.
  std::size_t block_rows() const {
    return std::clamp<std::size_t>((std::size_t{1} << 14) / simd::round_up_to_packs<float>(e.pixels) / 8 * 8, 8, 64);
  }

  // Saved: Q | K | V, O, then maximum and 1 / sum of each row of scores.
  std::size_t mixed() const { return e.rows() * projected(); }              ///< index of O
  std::size_t statistics() const { return mixed() + e.rows() * values(); }  ///< index of the maxima
  std::size_t saved_size() const { return statistics() + 2 * e.rows(); }    ///< all

  /// Parts of the batch, each with sums of its own: up to 64 within 4 MiB of floats, but at least 16, and at most one per
  /// sample. The same for both types.
  std::size_t parts() const {
    return std::min(e.batch, std::clamp<std::size_t>((std::size_t{1} << 20) / AttentionLayout<float>{e}.part_size(), 16, 64));
  }
  /// Elements of the sums of a part: the gradients of Wq, Wk and Wv, and dYᵀ O.
  std::size_t part_size() const { return e.projected() * channels() + e.channels * values(); }

  // Shared scratch memory: panels of the weights, then sums of the parts, then a part of the gradient of gamma per channel.
  std::size_t panels_size() const {
    return std::max(e.channels * projected() + e.values * channels(), e.projected() * channels() + e.channels * values());
  }
  std::size_t sums() const { return aligned_size<Real>(panels_size()); }                      ///< index of the sums
  std::size_t gamma_parts() const { return sums() + parts() * part_size(); }                  ///< index of the parts of gamma
  std::size_t shared_size() const { return aligned_size<Real>(gamma_parts() + e.channels); }  ///< all

  /// Scratch memory of a worker.
  std::size_t worker_size() const {
    std::size_t const rows = block_rows();
    return (e.keys + e.values + 2 * rows) * pixels() + (3 * e.pixels + rows) * keys() + (2 * e.pixels + 2 * rows) * values() +
           (e.pixels + rows) * channels();
  }
  /// Scratch memory of all.
  std::size_t scratch_size(std::size_t workers) const { return shared_size() + workers * worker_stride<Real>(worker_size()); }
  Real* of_worker(Real* scratch, std::size_t worker) const { return scratch + shared_size() + worker * worker_stride<Real>(worker_size()); }
};

/// Hands out consecutive parts of a worker's memory.
template <class Real>
struct AttentionScratch {
  Real* next;
  Real* take(std::size_t count) {
    Real* const from = next;
    next += count;
    return from;
  }
};

/// Packs the weights. One index per panel. Forward: the transposes of Wq | Wk | Wv and of Wo; backward: the matrices themselves.
template <class Real>
struct AttentionPanels {
  AttentionLayout<Real> l;
  bool is_forward;
  Real const* parameters;
  Real* panels;

  std::size_t indices() const { return is_forward ? (l.projected() + l.channels()) / l.lanes : (l.channels() + l.values()) / l.lanes; }

  void operator()(std::size_t index) const {
    constexpr std::size_t lanes = simd::lanes_v<Real>;
    AttentionExtents const& e = l.e;
    std::size_t const m = e.projected(), first = index * lanes;
    Real const* const output = parameters + e.output_weight();
    if (is_forward && first < l.projected()) {
      pack_transposed(parameters + first * e.channels, e.channels, e.channels, std::min(lanes, m - first), panels + first * e.channels);
    } else if (is_forward) {
      std::size_t const c = first - l.projected();
      pack_transposed(output + c * e.values, e.values, e.values, std::min(lanes, e.channels - c),
                      panels + e.channels * l.projected() + c * e.values);
    } else if (first < l.channels()) {
      pack_rows(parameters + first, e.channels, m, std::min(lanes, e.channels - first), one, panels + first * m);
    } else {
      std::size_t const v = first - l.channels();
      pack_rows(output + v, e.values, e.channels, std::min(lanes, e.values - v), one, panels + m * l.channels() + v * e.channels);
    }
  }

 private:
  static Real one(std::size_t) { return 1; }
};

/// Q | K | V = X (Wq | Wk | Wv)ᵀ. One index per block of 64 pixels of the batch.
template <class Real>
struct AttentionProjections {
  static constexpr std::size_t rows = 64;
  AttentionLayout<Real> l;
  Real const* x;
  Real const* panels;
  Real* projections;

  void operator()(std::size_t block) const {
    std::size_t const first = block * rows, count = std::min(rows, l.e.rows() - first), c = l.e.channels;
    product<false>(count, l.projected() / l.lanes, c, LeftFactor<Real>{x + first * c, c, 1}, Panels<Real>{panels, c * l.lanes},
                   projections + first * l.projected(), l.projected());
  }
};

/// O = softmax(S) V and Y. One index per worker.
template <class Real>
struct AttentionForward {
  AttentionLayout<Real> l;
  AttentionArrays<Real> arrays;
  Real* y;
  std::size_t groups;   ///< ranges of the pixels of a sample, each a task
  std::size_t workers;  ///< indices that are run

  void operator()(std::size_t worker) const {
    AttentionExtents const& e = l.e;
    AttentionScratch<Real> own{l.of_worker(arrays.scratch, worker)};
    Real* const keys = own.take(e.keys * l.pixels());
    Real* const values = own.take(e.pixels * l.values());
    std::size_t const all = e.batch * groups, begin = all * worker / workers;
    for (std::size_t task = begin; task < all * (worker + 1) / workers; ++task) {
      std::size_t const sample = task / groups, group = task % groups;
      Real const* const projections = arrays.saved + sample * e.pixels * l.projected();
      if (task == begin || group == 0) {
        pack_transposed(projections + e.keys, l.projected(), e.keys, e.pixels, keys);
        pack_rows(
            projections + 2 * e.keys, l.projected(), e.pixels, e.values, [](std::size_t) { return Real(1); }, values);
      }
      std::size_t const end = e.pixels * (group + 1) / groups;
      for (std::size_t first = e.pixels * group / groups; first < end; first += l.block_rows())
        block(sample * e.pixels + first, std::min(l.block_rows(), end - first), projections + first * l.projected(), keys, values, own);
    }
  }

 private:
  void block(std::size_t row, std::size_t count, Real const* queries, Real const* keys, Real const* values,
             AttentionScratch<Real> own) const {
    AttentionExtents const& e = l.e;
    Real* const scores = own.take(count * l.pixels());
    Real* const sums = own.take(count * l.channels());
    Real* const mixed = arrays.saved + l.mixed() + row * l.values();
    Real* const statistics = arrays.saved + l.statistics() + 2 * row;
    product<false>(count, l.pixels() / l.lanes, e.keys, LeftFactor<Real>{queries, l.projected(), 1}, Panels<Real>{keys, e.keys * l.lanes},
                   scores, l.pixels());
    for (std::size_t i = 0; i < count; ++i) {
      Real* const own_scores = scores + i * l.pixels();
      Real const most = row_maximum(own_scores, e.pixels);
      exponentials(own_scores, e.pixels, most, arrays.scale);
      statistics[2 * i] = most;
      statistics[2 * i + 1] = 1 / row_sum(own_scores, e.pixels);
    }
    product<false>(count, l.values() / l.lanes, e.pixels, LeftFactor<Real>{scores, l.pixels(), 1}, Panels<Real>{values, e.pixels * l.lanes},
                   mixed, l.values());
    for (std::size_t i = 0; i < count; ++i)
      for (std::size_t v = 0; v < l.values(); ++v) mixed[i * l.values() + v] *= statistics[2 * i + 1];
    product<false>(count, l.channels() / l.lanes, e.values, LeftFactor<Real>{mixed, l.values(), 1},
                   Panels<Real>{arrays.scratch + e.channels * l.projected(), e.values * l.lanes}, sums, l.channels());
    Real const gamma = arrays.parameters[e.gamma()];
    for (std::size_t i = 0; i < count; ++i) {
      Real const* const in = arrays.x + (row + i) * e.channels;
      Real* const out = y + (row + i) * e.channels;
      IGN_IVDEP
      for (std::size_t c = 0; c < e.channels; ++c) out[c] = in[c] + gamma * sums[i * l.channels() + c];
    }
  }
};

/// Queues the forward pass.
template <class Exec, class Real>
void attention_forward(Exec const& exec, AttentionExtents const& e, AttentionArrays<Real> const& arrays, Real* y) {
  AttentionLayout<Real> const l{e};
  auto const workers = static_cast<std::size_t>(workers_of(exec));
  AttentionPanels<Real> const panels{l, true, arrays.parameters, arrays.scratch};
  Kokkos::parallel_for("ign::self_attention weights", range_policy(exec, panels.indices()), panels);
  AttentionProjections<Real> const projections{l, arrays.x, arrays.scratch, arrays.saved};
  Kokkos::parallel_for("ign::self_attention projections", range_policy(exec, (e.rows() + projections.rows - 1) / projections.rows),
                       projections);
  // Small batches: ranges of the pixels of a sample give every worker a task.
  std::size_t const blocks = (e.pixels + l.block_rows() - 1) / l.block_rows();
  std::size_t const groups = std::clamp<std::size_t>(2 * workers / std::max<std::size_t>(1, e.batch), 1, blocks);
  Kokkos::parallel_for("ign::self_attention", range_policy(exec, workers), AttentionForward<Real>{l, arrays, y, groups, workers});
}

}  // namespace ign::math::host

#endif  // IGN_MATH_ATTENTION_HOST_HPP
