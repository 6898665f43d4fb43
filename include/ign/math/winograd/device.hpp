// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Forward, input gradient and weight gradient of a convolution of kernel 4, stride 2, padding 1 on devices, by Winograd's algorithm
/// (math/winograd/transforms.hpp).
///
/// Algorithm: each operation is one batch of nine matrix products (math/gemm/matrices.hpp) between transforms. In a transform each thread
/// computes one tile of one channel.
///
///     V (9 points; tiles, 4 phases · F) of fine, M (9; tiles, C) of coarse, U (9; 4 phases · F, C) of the weights
///     forward: M = V U      input gradient: V = M Uᵀ      weight gradient: U = Vᵀ M
///
/// Each transform has an adjoint, and the input gradient is the transpose of the forward algorithm. The patches of neighbouring tiles
/// overlap by two pixels; the transform of V to fine gathers the contributions of neighbouring tiles. Images are read through loaders, as
/// in math/conv/device/kernels.hpp.
#ifndef IGN_MATH_WINOGRAD_DEVICE_HPP
#define IGN_MATH_WINOGRAD_DEVICE_HPP

#include "ign/core/elementwise.hpp"
#include "ign/math/gemm/matrices.hpp"
#include "ign/math/winograd/tiles.hpp"

namespace ign::math::winograd {

/// Extents of V, M and U, and the indices of their elements.
struct DeviceLayout {
  std::size_t tiles;            ///< of the batch
  std::size_t fine_channels;    ///< F
  std::size_t coarse_channels;  ///< C

  /// Layout for a batch of `batch` samples.
  DeviceLayout(ConvGeometry const& g, std::size_t batch)
      : tiles(batch * coarse_tiles(g).per_sample()),
        fine_channels(static_cast<std::size_t>(g.fine.channels)),
        coarse_channels(static_cast<std::size_t>(g.coarse.channels)) {}

  KOKKOS_FUNCTION std::size_t inner() const { return phase_count * fine_channels; }      ///< columns of V, rows of U
  std::size_t v_size() const { return SmallTiles::points * tiles * inner(); }            ///< elements of V
  std::size_t m_size() const { return SmallTiles::points * tiles * coarse_channels; }    ///< elements of M
  std::size_t u_size() const { return SmallTiles::points * inner() * coarse_channels; }  ///< elements of U

  /// Index in V of product (y, x) of 6 × 6, channel f of the fine image.
  KOKKOS_FUNCTION std::size_t v(int y, int x, std::size_t tile, std::size_t f) const {
    return (point(y, x) * tiles + tile) * inner() + phase(y, x) * fine_channels + f;
  }
  /// Index in U of product (y, x) of 6 × 6, channels f and c.
  KOKKOS_FUNCTION std::size_t u(int y, int x, std::size_t f, std::size_t c) const {
    return (point(y, x) * inner() + phase(y, x) * fine_channels + f) * coarse_channels + c;
  }
  /// Index in M of point (y, x) of 3 × 3, channel c of the coarse image.
  KOKKOS_FUNCTION std::size_t m(int y, int x, std::size_t tile, std::size_t c) const {
    return (static_cast<std::size_t>(3 * y + x) * tiles + tile) * coarse_channels + c;
  }

 private:
  // Point and phase of product (y, x) of 6 × 6.
  KOKKOS_FUNCTION static std::size_t point(int y, int x) { return static_cast<std::size_t>(y % 3 * 3 + x % 3); }
  KOKKOS_FUNCTION static std::size_t phase(int y, int x) { return static_cast<std::size_t>(y / 3 * 2 + x / 3); }
};

/// Tile and channel of a thread index. Neighbouring indices are neighbouring channels.
struct TileCoordinates {
  std::size_t tile;     ///< index in the batch
  std::size_t sample;   ///< sample of the tile
  std::size_t channel;  ///< channel of the thread
  int y, x;             ///< row and column of the tile in the sample

  KOKKOS_FUNCTION TileCoordinates(TileGrid const& all, std::size_t index, std::size_t channels)
      : tile(index / channels), sample(tile / all.per_sample()), channel(index % channels) {
    auto const tile_in_sample = static_cast<int>(tile % all.per_sample());
    y = tile_in_sample / all.columns;
    x = tile_in_sample % all.columns;
  }
};

/// V = transformed fine image. One index per tile and fine channel.
template <class Real, class FineLoader>
struct FineToV {
  ConvGeometry g;
  TileGrid tiles;
  DeviceLayout layout;
  FineLoader fine;  ///< reads (n, y, x, F)
  Real* v;

  KOKKOS_FUNCTION void operator()(std::size_t index) const {
    TileCoordinates const t(tiles, index, layout.fine_channels);
    std::size_t const from = t.sample * g.fine.size() + t.channel;
    transform<FineToLeft<2, Real>>(
        [&](int y, int x) {
          int const row = 4 * t.y - 1 + y, column = 4 * t.x - 1 + x;
          bool const inside = row >= 0 && column >= 0 && row < g.fine.height && column < g.fine.width;
          return inside ? fine(from + (static_cast<std::size_t>(row) * g.fine.width + column) * layout.fine_channels, t.channel) : Real(0);
        },
        [&](int y, int x, Real value) { v[layout.v(y, x, t.tile, t.channel)] = value; });
  }
};

/// fine = epilogue(V transformed back): the adjoint of FineToV. One index per tile of fine pixels and fine channel.
template <class Real, class Activation>
struct VToFine {
  ConvGeometry g;
  TileGrid fine_grid;  ///< grid of tiles of 4 × 4 fine pixels
  TileGrid tiles;      ///< grid of V, which may have one row or column of tiles less
  DeviceLayout layout;
  Real const* v;
  DeviceEpilogue<Real, Activation> epilogue;
  Real* fine;  ///< (n, y, x, F)

  // Row or column `position` of the 8 × 8 elements that LeftToFine reads: index of the product (0 to 5), and offset of its tile from this
  // one.
  KOKKOS_FUNCTION static int product_index(int position) { return position == 0 ? 2 : position == 7 ? 3 : position - 1; }
  KOKKOS_FUNCTION static int tile_offset(int position) { return position == 0 ? -1 : position == 7 ? 1 : 0; }

  KOKKOS_FUNCTION void operator()(std::size_t index) const {
    TileCoordinates const t(fine_grid, index, layout.fine_channels);
    Real* const to = fine + t.sample * g.fine.size() + t.channel;
    transform<LeftToFine<Real>>(
        [&](int y, int x) {
          int const row = t.y + tile_offset(y), column = t.x + tile_offset(x);
          bool const inside = row >= 0 && column >= 0 && row < tiles.rows && column < tiles.columns;
          std::size_t const tile = t.sample * tiles.per_sample() + static_cast<std::size_t>(row * tiles.columns + column);
          return inside ? v[layout.v(product_index(y), product_index(x), tile, t.channel)] : Real(0);
        },
        [&](int y, int x, Real value) {
          int const row = 4 * t.y + y, column = 4 * t.x + x;
          if (row < g.fine.height && column < g.fine.width)
            to[(static_cast<std::size_t>(row) * g.fine.width + column) * layout.fine_channels] = epilogue.value(t.channel, value);
        });
  }
};

/// M = transformed coarse image, each sample multiplied by its weight: the adjoint of MToCoarse. One index per tile and coarse channel.
template <class Real, class CoarseLoader>
struct CoarseToM {
  ConvGeometry g;
  TileGrid tiles;
  DeviceLayout layout;
  CoarseLoader coarse;         ///< reads (n, y, x, C)
  Real const* sample_weights;  ///< (n), or nullptr: 1
  Real* m;

  KOKKOS_FUNCTION void operator()(std::size_t index) const {
    TileCoordinates const t(tiles, index, layout.coarse_channels);
    std::size_t const from = t.sample * g.coarse.size() + t.channel;
    Real const factor = sample_weights == nullptr ? Real(1) : sample_weights[t.sample];
    transform<CoarseToPoints<2, Real>>(
        [&](int y, int x) {
          int const row = 2 * t.y + y, column = 2 * t.x + x;
          if (row >= g.coarse.height || column >= g.coarse.width) return Real(0);
          return factor * coarse(from + (static_cast<std::size_t>(row) * g.coarse.width + column) * layout.coarse_channels, t.channel);
        },
        [&](int y, int x, Real value) { m[layout.m(y, x, t.tile, t.channel)] = value; });
  }
};

/// coarse = epilogue(M transformed back). One index per tile and coarse channel.
template <class Real, class Activation>
struct MToCoarse {
  ConvGeometry g;
  TileGrid tiles;
  DeviceLayout layout;
  Real const* m;
  DeviceEpilogue<Real, Activation> epilogue;
  Real* coarse;  ///< (n, y, x, C)

  KOKKOS_FUNCTION void operator()(std::size_t index) const {
    TileCoordinates const t(tiles, index, layout.coarse_channels);
    Real* const to = coarse + t.sample * g.coarse.size() + t.channel;
    transform<PointsToCoarse<2, Real>>([&](int y, int x) { return m[layout.m(y, x, t.tile, t.channel)]; },
                                       [&](int y, int x, Real value) {
                                         int const row = 2 * t.y + y, column = 2 * t.x + x;
                                         if (row < g.coarse.height && column < g.coarse.width)
                                           to[(static_cast<std::size_t>(row) * g.coarse.width + column) * layout.coarse_channels] =
                                               epilogue.value(t.channel, value);
                                       });
  }
};

/// U = transformed weights. One index per (f, c).
template <class Real>
struct TapsToU {
  DeviceLayout layout;
  Real const* weights;  ///< (k, k, F, C)
  Real* u;

  KOKKOS_FUNCTION void operator()(std::size_t index) const {
    std::size_t const f = index / layout.coarse_channels, c = index % layout.coarse_channels;
    std::size_t const tap_stride = layout.fine_channels * layout.coarse_channels;
    transform<TapsToRight<2, Real>>([&](int y, int x) { return weights[static_cast<std::size_t>(4 * y + x) * tap_stride + index]; },
                                    [&](int y, int x, Real value) { u[layout.u(y, x, f, c)] = value; });
  }
};

/// Adds U, transformed back to taps, to the gradient: the adjoint of TapsToU. One index per (f, c).
template <class Real>
struct UToTaps {
  DeviceLayout layout;
  Real const* u;
  Real* gradient;  ///< (k, k, F, C), added to

  KOKKOS_FUNCTION void operator()(std::size_t index) const {
    std::size_t const f = index / layout.coarse_channels, c = index % layout.coarse_channels;
    std::size_t const tap_stride = layout.fine_channels * layout.coarse_channels;
    transform<RightToTaps<2, Real>>(
        [&](int y, int x) { return u[layout.u(y, x, f, c)]; },
        [&](int y, int x, Real value) { gradient[static_cast<std::size_t>(4 * y + x) * tap_stride + index] += value; });
  }
};

/// Extents of the product U = Vᵀ M.
inline ProductExtents weight_gradient_extents(DeviceLayout const& layout) {
  ProductExtents e = {SmallTiles::points, layout.inner(), layout.coarse_channels, layout.tiles};
  e.parts = team::parts_for(e);
  return e;
}

/// Scratch size that suffices for each of the three operations, in elements.
inline std::size_t device_scratch_size(ConvGeometry const& g, std::size_t batch) {
  DeviceLayout const layout(g, batch);
  return layout.v_size() + layout.m_size() + layout.u_size() + matrix_scratch_size(weight_gradient_extents(layout));
}

/// The three operations with their scratch memory.
template <class Real, class Exec>
class DeviceConvolution {
 public:
  /// \throws Error [ign.shape.175] if the scratch is smaller than device_scratch_size
  DeviceConvolution(Exec const& exec, ConvGeometry const& g, std::size_t batch, Mode mode, Precision precision,
                    VectorRef<Real, Exec> const& scratch, ArrivalCounters<Exec> const& counters)
      : m_exec(exec),
        m_g(g),
        m_batch(batch),
        m_tiles(coarse_tiles(g)),
        m_layout(g, batch),
        m_mode(mode),
        m_precision(precision),
        m_counters(counters) {
    require(scratch.size() >= device_scratch_size(g, batch), Fault::shape, 175, "convolution: scratch of ", scratch.size(),
            " elements, expected ", device_scratch_size(g, batch), " or more");
    m_v = scratch.data();
    m_m = m_v + m_layout.v_size();
    m_u = m_m + m_layout.m_size();
    std::size_t const used = m_layout.v_size() + m_layout.m_size() + m_layout.u_size();
    m_product_scratch = VectorRef<Real, Exec>(scratch.data() + used, scratch.size() - used);
  }

  /// coarse = epilogue(windows of fine · weights).
  template <class FineLoader, class Activation>
  void conv_forward(FineLoader const& fine, Real const* weights, DeviceEpilogue<Real, Activation> const& epilogue, Real* coarse) const {
    weights_to_u("ign::conv_forward winograd weights", weights);
    fine_to_v("ign::conv_forward winograd fine", fine);
    MatrixProduct<Real> const product{{SmallTiles::points, m_layout.tiles, m_layout.coarse_channels, m_layout.inner()}, m_v, m_u, m_m};
    matrix_products("ign::conv_forward winograd products", m_exec, m_mode, m_precision, product, m_product_scratch, m_counters);
    run("ign::conv_forward winograd coarse", m_layout.tiles * m_layout.coarse_channels,
        MToCoarse<Real, Activation>{m_g, m_tiles, m_layout, m_m, epilogue, coarse});
  }

  /// fine = epilogue(adjoint of the forward operation, applied to coarse).
  template <class CoarseLoader, class Activation>
  void conv_input_gradient(CoarseLoader const& coarse, Real const* weights, DeviceEpilogue<Real, Activation> const& epilogue,
                           Real* fine) const {
    weights_to_u("ign::conv_input_gradient winograd weights", weights);
    coarse_to_m("ign::conv_input_gradient winograd coarse", coarse, nullptr);
    MatrixProduct<Real, false, true> const product{
        {SmallTiles::points, m_layout.tiles, m_layout.inner(), m_layout.coarse_channels}, m_m, m_u, m_v};
    matrix_products("ign::conv_input_gradient winograd products", m_exec, m_mode, m_precision, product, m_product_scratch, m_counters);
    TileGrid const fine_grid = fine_tiles(m_g);
    run("ign::conv_input_gradient winograd fine", m_batch * fine_grid.per_sample() * m_layout.fine_channels,
        VToFine<Real, Activation>{m_g, fine_grid, m_tiles, m_layout, m_v, epilogue, fine});
  }

  /// gradient += Σ_n sample_weights(n) (windows of fine)ᵀ coarse.
  template <class FineLoader, class CoarseLoader>
  void conv_weight_gradient(FineLoader const& fine, CoarseLoader const& coarse, Real const* sample_weights, Real* gradient) const {
    fine_to_v("ign::conv_weight_gradient winograd fine", fine);
    coarse_to_m("ign::conv_weight_gradient winograd coarse", coarse, sample_weights);
    // As on hosts, the weight gradient never uses bfloat16 operands.
    MatrixProduct<Real, true> const product{weight_gradient_extents(m_layout), m_v, m_m, m_u};
    matrix_products("ign::conv_weight_gradient winograd products", m_exec, m_mode,
                    m_precision == Precision::bf16 ? Precision::full : m_precision, product, m_product_scratch, m_counters);
    run("ign::conv_weight_gradient winograd taps", m_layout.fine_channels * m_layout.coarse_channels,
        UToTaps<Real>{m_layout, m_u, gradient});
  }

 private:
  template <class Body>
  void run(char const* label, std::size_t count, Body const& body) const {
    Kokkos::parallel_for(label, range_policy(m_exec, count), body);
  }
  void weights_to_u(char const* label, Real const* weights) const {
    run(label, m_layout.fine_channels * m_layout.coarse_channels, TapsToU<Real>{m_layout, weights, m_u});
  }
  template <class FineLoader>
  void fine_to_v(char const* label, FineLoader const& fine) const {
    run(label, m_layout.tiles * m_layout.fine_channels, FineToV<Real, FineLoader>{m_g, m_tiles, m_layout, fine, m_v});
  }
  template <class CoarseLoader>
  void coarse_to_m(char const* label, CoarseLoader const& coarse, Real const* sample_weights) const {
    run(label, m_layout.tiles * m_layout.coarse_channels,
        CoarseToM<Real, CoarseLoader>{m_g, m_tiles, m_layout, coarse, sample_weights, m_m});
  }

  Exec m_exec;
  ConvGeometry m_g;
  std::size_t m_batch;
  TileGrid m_tiles;
  DeviceLayout m_layout;
  Mode m_mode;
  Precision m_precision;
  ArrivalCounters<Exec> m_counters;
  Real* m_v;
  Real* m_m;
  Real* m_u;
  VectorRef<Real, Exec> m_product_scratch;
};

}  // namespace ign::math::winograd

#endif  // IGN_MATH_WINOGRAD_DEVICE_HPP
