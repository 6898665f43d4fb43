// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Transformed weights of a three-dimensional convolution of kernel 4, stride 2, padding 1 on hosts, packed into panels as right factors
/// (math/winograd/volume.hpp). Input: weights (k, k, k, F, C).
///
/// For each of the 6 products along the depth the transform of two dimensions (math/winograd/weights.hpp) is applied to one slice of taps,
/// to its negative, or to the sum of two.
#ifndef IGN_MATH_WINOGRAD_VOLUME_WEIGHTS_HPP
#define IGN_MATH_WINOGRAD_VOLUME_WEIGHTS_HPP

#include <algorithm>

#include "ign/math/winograd/weights.hpp"

namespace ign::math::winograd {

inline constexpr std::size_t depth_product_count = 6;  ///< products along the depth: each point, for even and for odd slices
inline constexpr std::size_t depth_point_count = 3;    ///< points along the depth

/// True if the transforms apply to the geometry, of three dimensions.
inline bool fits_volume(ConvGeometry const& g) {
  return g.kernel == 4 && g.stride == 2 && g.padding == 1 && g.depth.kernel == 4 && g.depth.stride == 2 && g.depth.padding == 1;
}

/// Left factor along the depth: slice `plus` minus slice `minus`, or without it if -1.
struct DepthTerm {
  int plus, minus;  ///< indices of slices
};
inline constexpr DepthTerm fine_terms[depth_product_count] = {{1, 3}, {3, -1}, {5, 3}, {0, 2}, {2, -1}, {4, 2}};  // FineToLeft
inline constexpr DepthTerm coarse_terms[5] = {{0, 1}, {1, -1}, {2, 1}, {2, -1}, {3, 2}};                          // CoarseToLeft

/// Right factor along the depth: sign · slice `first` of the taps, plus slice `second` unless it is -1.
struct DepthTaps {
  int sign, first, second;  ///< 1 or -1; indices of slices
};
inline constexpr DepthTaps forward_taps[depth_product_count] = {{1, 1, -1}, {1, 1, 3}, {1, 3, -1}, {1, 0, -1}, {1, 0, 2}, {1, 2, -1}};
inline constexpr DepthTaps adjoint_taps[depth_product_count] = {{1, 3, -1}, {1, 3, 1}, {1, 1, -1}, {-1, 2, -1}, {1, 2, 0}, {1, 0, -1}};

namespace detail {

/// Transposed block of combined taps: (c, tap, f) of one product along the depth, for a pack of fine and a pack of coarse channels.
template <class Real>
void gather_taps(ConvGeometry const& g, Real const* weights, DepthTaps const& from, std::size_t first_f, std::size_t count_f,
                 std::size_t first_c, std::size_t count_c, Real (*taps)[16][simd::lanes_v<Real>]) {
  auto const channels = static_cast<std::size_t>(g.coarse.channels);
  for (std::size_t tap = 0; tap < 16; ++tap) {
    auto const taps_of = [&](int slice) {
      return weights + ((static_cast<std::size_t>(slice) * 16 + tap) * g.fine.channels + first_f) * channels + first_c;
    };
    Real const *const one = taps_of(from.first), *const two = from.second < 0 ? nullptr : taps_of(from.second);
    for (std::size_t f = 0; f < count_f; ++f)
      for (std::size_t c = 0; c < count_c; ++c) {
        std::size_t const i = f * channels + c;
        taps[c][tap][f] = static_cast<Real>(from.sign) * one[i] + (two == nullptr ? Real(0) : two[i]);
      }
  }
}

}  // namespace detail

/// Right factors of the forward operation: U(depth product, point; phase · F + f, c) in panels over c. One index per depth product, panel
/// and f.
template <class Real>
struct VolumeForwardWeights {
  ConvGeometry g;
  Real const* weights;  ///< (k, k, k, F, C)
  Real* u;              ///< result

  /// Elements of a panel.
  static std::size_t panel_size(ConvGeometry const& g) { return ForwardWeights<StrideTwo<2>, Real>::panel_size(g); }
  /// Elements that all indices write.
  static std::size_t size(ConvGeometry const& g) { return depth_product_count * ForwardWeights<StrideTwo<2>, Real>::size(g); }
  /// Number of indices to run.
  static std::size_t indices(ConvGeometry const& g) { return depth_product_count * ForwardWeights<StrideTwo<2>, Real>::indices(g); }

  void operator()(std::size_t index) const {
    using Pack = simd::Pack<Real>;
    constexpr std::size_t lanes = simd::lanes_v<Real>;
    auto const channels = static_cast<std::size_t>(g.coarse.channels), fine = static_cast<std::size_t>(g.fine.channels);
    std::size_t const packs = ForwardWeights<StrideTwo<2>, Real>::packs(g), j = index / (packs * fine);
    std::size_t const pack = index / fine % packs, f = index % fine, count = std::min(lanes, channels - pack * lanes);
    DepthTaps const from = forward_taps[j];
    auto const tap = [&](int slice, int y, int x) {
      Real const* const weight = weights + (static_cast<std::size_t>(16 * slice + 4 * y + x) * fine + f) * channels + pack * lanes;
      if (count == lanes) return simd::load<Pack>(weight);
      Real part[lanes] = {};
      std::copy(weight, weight + count, part);
      return simd::load<Pack>(part);
    };
    Real* const to = u + (j * SmallTiles::points * packs + pack) * panel_size(g) + f * lanes;
    transform<TapsToRight<2, Pack>>(
        [&](int y, int x) { return from.second < 0 ? tap(from.first, y, x) : tap(from.first, y, x) + tap(from.second, y, x); },
        [&](int y, int x, Pack const& value) {
          auto const phase = static_cast<std::size_t>(y / 3 * 2 + x / 3), point = static_cast<std::size_t>(y % 3 * 3 + x % 3);
          simd::store(to + point * packs * panel_size(g) + phase * fine * lanes, value);
        });
  }
};

/// Right factors of the input gradient: U(depth product, product; c, f) in panels over f. One index per depth product, panel and pack of c.
template <class Real>
struct VolumeInputGradientWeights {
  ConvGeometry g;
  Real const* weights;  ///< (k, k, k, F, C)
  Real* u;              ///< result

  /// Elements of a panel.
  static std::size_t panel_size(ConvGeometry const& g) { return InputGradientWeights<StrideTwo<2>, Real>::panel_size(g); }
  /// Elements that all indices write.
  static std::size_t size(ConvGeometry const& g) { return depth_product_count * InputGradientWeights<StrideTwo<2>, Real>::size(g); }
  /// Number of indices to run.
  static std::size_t indices(ConvGeometry const& g) { return depth_product_count * InputGradientWeights<StrideTwo<2>, Real>::indices(g); }

  void operator()(std::size_t index) const {
    using Pack = simd::Pack<Real>;
    constexpr std::size_t lanes = simd::lanes_v<Real>;
    std::size_t const packs = InputGradientWeights<StrideTwo<2>, Real>::packs(g),
                      per_product = InputGradientWeights<StrideTwo<2>, Real>::indices(g);
    std::size_t const j = index / per_product, pack = index % per_product % packs;
    std::size_t const first_f = pack * lanes, first_c = index % per_product / packs * lanes;
    std::size_t const count_f = std::min(lanes, g.fine.channels - first_f), count_c = std::min(lanes, g.coarse.channels - first_c);
    Real taps[lanes][16][lanes] = {};
    detail::gather_taps(g, weights, adjoint_taps[j], first_f, count_f, first_c, count_c, taps);
    for (std::size_t c = 0; c < count_c; ++c) {
      Real* const to = u + (j * SmallTiles::products * packs + pack) * panel_size(g) + (first_c + c) * lanes;
      transform<TapsToAdjointRight<2, Pack>>(
          [&](int y, int x) { return simd::load<Pack>(taps[c][4 * y + x]); },
          [&](int y, int x, Pack const& value) { simd::store(to + static_cast<std::size_t>(6 * y + x) * packs * panel_size(g), value); });
    }
  }
};

}  // namespace ign::math::winograd

#endif  // IGN_MATH_WINOGRAD_VOLUME_WEIGHTS_HPP
