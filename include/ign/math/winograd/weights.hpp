// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Transformed weights of a convolution on hosts (math/winograd/transforms.hpp, math/winograd/stride_one.hpp), packed into panels as right
/// factors for math/gemm/host.hpp. Input: weights (k, k, F, C).
#ifndef IGN_MATH_WINOGRAD_WEIGHTS_HPP
#define IGN_MATH_WINOGRAD_WEIGHTS_HPP

#include <algorithm>
#include <type_traits>

#include "ign/math/gemm/host.hpp"
#include "ign/math/winograd/stride_one.hpp"

namespace ign::math::winograd {

/// True for factors that products read in pairs of channels. The number of channels must then be even.
template <class Factor>
inline constexpr bool is_paired_v = std::is_same_v<Factor, simd::Bf16>;

/// Right factors of the forward operation: U(point; phase · F + f, c) in panels over c. One index per panel and f, or pair of f.
template <class Scheme, class Real, class Factor = Real>
struct ForwardWeights {
  /// Fine channels of an index.
  static constexpr std::size_t channels_at_once = is_paired_v<Factor> ? 2 : 1;

  ConvGeometry g;
  Real const* weights;  ///< (k, k, F, C)
  Factor* u;            ///< result

  /// Elements of a panel.
  static std::size_t panel_size(ConvGeometry const& g) { return Scheme::phases * g.fine.channels * simd::lanes_v<Real>; }
  /// Packs of columns: panels of one matrix.
  static std::size_t packs(ConvGeometry const& g) { return simd::round_up_to_packs<Real>(g.coarse.channels) / simd::lanes_v<Real>; }
  /// Elements that all indices write.
  static std::size_t size(ConvGeometry const& g) { return Scheme::points * packs(g) * panel_size(g); }
  /// Number of indices to run.
  static std::size_t indices(ConvGeometry const& g) { return packs(g) * g.fine.channels / channels_at_once; }

  void operator()(std::size_t index) const {
    using Pack = simd::Pack<Real>;
    std::size_t const per_pack = g.fine.channels / channels_at_once;
    std::size_t const pack = index / per_pack;
    std::size_t const f = index % per_pack * channels_at_once;
    std::size_t const point_stride = packs(g) * panel_size(g);
    Factor* const to = u + pack * panel_size(g) + f * simd::lanes_v<Real>;
    auto const target = [&](int y, int x) {
      constexpr int points = Scheme::axis_points;
      auto const phase = static_cast<std::size_t>(y / points * Scheme::axis_phases + x / points);
      return to + static_cast<std::size_t>(y % points * points + x % points) * point_stride + phase * g.fine.channels * simd::lanes_v<Real>;
    };
    if constexpr (is_paired_v<Factor>) {
      Pack even[Scheme::axis_products][Scheme::axis_products];
      transform_taps(pack, f, [&](int y, int x, Pack const& value) { even[y][x] = value; });
      transform_taps(pack, f + 1, [&](int y, int x, Pack const& value) { simd::store_pairs(target(y, x), even[y][x], value); });
    } else {
      transform_taps(pack, f, [&](int y, int x, Pack const& value) { simd::store(target(y, x), value); });
    }
  }

 private:
  template <class Put>
  void transform_taps(std::size_t pack, std::size_t f, Put const& put) const {
    using Pack = simd::Pack<Real>;
    constexpr std::size_t lanes = simd::lanes_v<Real>;
    auto const channels = static_cast<std::size_t>(g.coarse.channels);
    std::size_t const count = std::min(lanes, channels - pack * lanes);
    Real const* const from = weights + f * channels + pack * lanes;
    transform<typename Scheme::template TapsToRight<Pack>>(
        [&](int y, int x) {
          if (y >= g.kernel || x >= g.kernel) return Pack{};
          Real const* const tap = from + static_cast<std::size_t>(g.kernel * y + x) * g.fine.channels * channels;
          if (count == lanes) return simd::load<Pack>(tap);
          Real part[lanes] = {};
          std::copy(tap, tap + count, part);
          return simd::load<Pack>(part);
        },
        put);
  }
};

/// Right factors of the input gradient: U(product; c, f) in panels over f. One index per panel and pack of c.
template <class Scheme, class Real, class Factor = Real>
struct InputGradientWeights {
  ConvGeometry g;
  Real const* weights;  ///< (k, k, F, C)
  Factor* u;            ///< result

  /// Elements of a panel.
  static std::size_t panel_size(ConvGeometry const& g) { return g.coarse.channels * simd::lanes_v<Real>; }
  /// Packs of columns: panels of one matrix.
  static std::size_t packs(ConvGeometry const& g) { return simd::round_up_to_packs<Real>(g.fine.channels) / simd::lanes_v<Real>; }
  /// Elements that all indices write.
  static std::size_t size(ConvGeometry const& g) { return Scheme::products * packs(g) * panel_size(g); }
  /// Number of indices to run.
  static std::size_t indices(ConvGeometry const& g) {
    return packs(g) * (simd::round_up_to_packs<Real>(g.coarse.channels) / simd::lanes_v<Real>);
  }

  void operator()(std::size_t index) const {
    using Pack = simd::Pack<Real>;
    constexpr std::size_t lanes = simd::lanes_v<Real>;
    auto const channels = static_cast<std::size_t>(g.coarse.channels);
    std::size_t const pack = index % packs(g);
    std::size_t const first_f = pack * lanes;
    std::size_t const first_c = index / packs(g) * lanes;
    std::size_t const count_f = std::min(lanes, g.fine.channels - first_f);
    std::size_t const count_c = std::min(lanes, channels - first_c);
    constexpr int axis = Scheme::taps;
    constexpr std::size_t all_taps = std::size_t{axis} * axis;
    Real taps[lanes][all_taps][lanes] = {};  // (c, tap, f): transposed from the weights' (tap, f, c)
    auto const kernel = static_cast<std::size_t>(g.kernel);
    for (std::size_t i = 0; i < kernel * kernel; ++i) {
      std::size_t const tap = i / kernel * axis + i % kernel;
      Real const* const from = weights + (i * g.fine.channels + first_f) * channels + first_c;
      if (count_f == lanes && count_c == lanes) {
        simd::transpose_block(from, channels, &taps[0][tap][0], all_taps * lanes);
      } else {
        for (std::size_t f = 0; f < count_f; ++f)
          for (std::size_t c = 0; c < count_c; ++c) taps[c][tap][f] = from[f * channels + c];
      }
    }
    auto const transform_taps = [&](std::size_t c, auto const& put) {
      transform<typename Scheme::template TapsToAdjointRight<Pack>>([&](int y, int x) { return simd::load<Pack>(taps[c][axis * y + x]); },
                                                                    put);
    };
    for (std::size_t c = 0; c < count_c; c += is_paired_v<Factor> ? 2 : 1) {
      Factor* const to = u + pack * panel_size(g) + (first_c + c) * lanes;
      auto const target = [&](int y, int x) {
        return to + static_cast<std::size_t>(Scheme::axis_products * y + x) * packs(g) * panel_size(g);
      };
      if constexpr (is_paired_v<Factor>) {
        Pack even[Scheme::axis_products][Scheme::axis_products];
        transform_taps(c, [&](int y, int x, Pack const& value) { even[y][x] = value; });
        transform_taps(c + 1, [&](int y, int x, Pack const& value) { simd::store_pairs(target(y, x), even[y][x], value); });
      } else {
        transform_taps(c, [&](int y, int x, Pack const& value) { simd::store(target(y, x), value); });
      }
    }
  }
};

}  // namespace ign::math::winograd

#endif  // IGN_MATH_WINOGRAD_WEIGHTS_HPP
