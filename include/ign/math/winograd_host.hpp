// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// The three operations of a convolution of kernel 4, stride 2, padding 1 on the host, by math/winograd.hpp.
///
/// A worker takes a block of tiles that fits its cache, transforms it to left factors, multiplies these by the transformed weights, and
/// transforms the products to results: nothing but the results leaves the cache. The transformed weights are made once for all blocks.
///
///     fine --FineToProducts--> V (9 points, tile, 4 phases · F) · U (9 points, 4 phases · F, C) = M (9 points, tile, C)
///     --PointsToCoarse--> coarse --CoarseToFactors--> V (25, tile, C) · U (36, C, F) = M (36, tile, F) --ProductsToFine--> weights: V (36,
///     tile, F)ᵀ · D (9 points, tile, C) = dU (36, F, C) --ProductsToTaps-->
#ifndef IGN_MATH_WINOGRAD_HOST_HPP
#define IGN_MATH_WINOGRAD_HOST_HPP

#include <algorithm>

#include "ign/core/workspace.hpp"
#include "ign/math/product.hpp"
#include "ign/math/winograd.hpp"

namespace ign::math::winograd {

inline constexpr std::size_t points = 9, products = 36, factors = 25, phases = 4;

/// Factors that products take in pairs, so that the number of channels must be even.
template <class Factor>
inline constexpr bool is_paired_v = std::is_same_v<Factor, simd::Bf16>;

/// Tiles of an image: 2×2 coarse pixels or 4×4 fine ones; those at the far edges may hang over them.
struct Tiles {
  int rows, columns;

  std::size_t per_sample() const { return static_cast<std::size_t>(rows) * columns; }
};
inline Tiles coarse_tiles(Windowing const& g) { return {(g.coarse.height + 1) / 2, (g.coarse.width + 1) / 2}; }
inline Tiles fine_tiles(Windowing const& g) { return {(g.fine.height + 3) / 4, (g.fine.width + 3) / 4}; }

/// Where a tile lies; ++ goes on to the next one.
struct Tile {
  Tiles tiles;
  std::size_t sample;
  int y, x;

  Tile(Tiles const& all, std::size_t index) : tiles(all), sample(index / all.per_sample()) {
    auto const place = static_cast<int>(index % all.per_sample());
    y = place / all.columns;
    x = place % all.columns;
  }
  Tile& operator++() {
    if (++x == tiles.columns) {
      x = 0;
      if (++y == tiles.rows) {
        y = 0;
        ++sample;
      }
    }
    return *this;
  }
};

/// The pixels of a patch: pointers to `size` × `size` of them from (top, left) on, those outside the image to zeros.
template <int size, class Real>
class Patch {
 public:
  Patch(Real const* sample, Shape image, int top, int left, Real const* zeros) {
    std::ptrdiff_t const channels = image.channels;
    std::ptrdiff_t const row = channels * image.width;
    Real const* const first = sample + row * top + channels * left;
    for (int y = 0; y < size; ++y) {
      bool const inside_y = top + y >= 0 && top + y < image.height;
      for (int x = 0; x < size; ++x) {
        bool const inside = inside_y && left + x >= 0 && left + x < image.width;
        m_pixels[y][x] = inside ? first + row * y + channels * x : zeros;
      }
    }
  }
  Real const* operator()(int y, int x) const { return m_pixels[y][x]; }

  /// Asks for the pixels that the patch `step` pixels further right has and this one has not, `channels` numbers of each.
  void prefetch(int step, std::size_t channels, std::size_t stride) const {
    for (int y = 0; y < size; ++y)
      for (int x = size - step; x < size; ++x)
        for (std::size_t c = 0; c < channels; c += 64 / sizeof(Real)) simd::prefetch(m_pixels[y][x] + step * stride + c);
  }

 private:
  Real const* m_pixels[size][size];
};

/// Calls `visit(y, x, pointer)` for the pixels of the size × size ones from (top, left) on that lie in the image.
template <int size, class Real, class Visit>
void for_each_inside(Real* sample, Shape image, int top, int left, Visit const& visit) {
  auto const channels = static_cast<std::size_t>(image.channels);
  int const rows = std::min(size, image.height - top);
  int const columns = std::min(size, image.width - left);
  for (int y = 0; y < rows; ++y)
    for (int x = 0; x < columns; ++x) visit(y, x, sample + (static_cast<std::size_t>(top + y) * image.width + (left + x)) * channels);
}

/// Tiles of a block that works on `numbers` numbers per tile: what fits a cache of 512 KiB, a multiple of 8.
template <class Real>
std::size_t block_tiles(std::size_t numbers, std::size_t least = 64) {
  return std::clamp<std::size_t>((std::size_t{1} << 19) / sizeof(Real) / numbers / 8 * 8, least, 256);
}

/// Numbers from one matrix of a block to the next; a line more than need be, as equal places of all would compete for one line of the
/// cache.
template <class Real>
std::size_t slab(std::size_t tiles, std::size_t row) {
  return tiles * row + 64 / sizeof(Real);
}

/// Makes the right factors of `Correlate`: U(point; phase · F + f, c) in panels over c. One index per f, or pair of them, and panel.
template <class Real, class Factor = Real>
struct CorrelateWeights {
  static constexpr std::size_t step = is_paired_v<Factor> ? 2 : 1;

  Windowing g;
  Real const* weights;
  Factor* u;

  static std::size_t panel(Windowing const& g) { return phases * g.fine.channels * simd::lanes_v<Real>; }
  static std::size_t packs(Windowing const& g) { return simd::whole_packs<Real>(g.coarse.channels) / simd::lanes_v<Real>; }
  static std::size_t size(Windowing const& g) { return points * packs(g) * panel(g); }
  static std::size_t indices(Windowing const& g) { return packs(g) * g.fine.channels / step; }

  void operator()(std::size_t index) const {
    using Pack = simd::Pack<Real>;
    std::size_t const per_pack = g.fine.channels / step;
    std::size_t const pack = index / per_pack;
    std::size_t const f = index % per_pack * step;
    std::size_t const point = packs(g) * panel(g);
    Factor* const to = u + pack * panel(g) + f * simd::lanes_v<Real>;
    auto const place = [&](int y, int x) {
      auto const phase = static_cast<std::size_t>(y / 3 * 2 + x / 3);
      return to + static_cast<std::size_t>(y % 3 * 3 + x % 3) * point + phase * g.fine.channels * simd::lanes_v<Real>;
    };
    if constexpr (is_paired_v<Factor>) {
      Pack even[6][6];
      transform_taps(pack, f, [&](int y, int x, Pack const& value) { even[y][x] = value; });
      transform_taps(pack, f + 1, [&](int y, int x, Pack const& value) { simd::store_pairs(place(y, x), even[y][x], value); });
    } else {
      transform_taps(pack, f, [&](int y, int x, Pack const& value) { simd::store(place(y, x), value); });
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
    transform<TapsToProducts, Pack>(
        [&](int y, int x) {
          Real const* const tap = from + static_cast<std::size_t>(4 * y + x) * g.fine.channels * channels;
          if (count == lanes) return simd::load<Pack>(tap);
          Real part[lanes] = {};
          std::copy(tap, tap + count, part);
          return simd::load<Pack>(part);
        },
        put);
  }
};

/// Makes the right factors of `Transpose`: U(product; c, f) in panels over f. One index per pack of c and panel.
template <class Real, class Factor = Real>
struct TransposeWeights {
  Windowing g;
  Real const* weights;
  Factor* u;

  static std::size_t panel(Windowing const& g) { return g.coarse.channels * simd::lanes_v<Real>; }
  static std::size_t packs(Windowing const& g) { return simd::whole_packs<Real>(g.fine.channels) / simd::lanes_v<Real>; }
  static std::size_t size(Windowing const& g) { return products * packs(g) * panel(g); }
  static std::size_t indices(Windowing const& g) { return packs(g) * (simd::whole_packs<Real>(g.coarse.channels) / simd::lanes_v<Real>); }

  void operator()(std::size_t index) const {
    using Pack = simd::Pack<Real>;
    constexpr std::size_t lanes = simd::lanes_v<Real>;
    auto const channels = static_cast<std::size_t>(g.coarse.channels);
    std::size_t const pack = index % packs(g);
    std::size_t const first_f = pack * lanes;
    std::size_t const first_c = index / packs(g) * lanes;
    std::size_t const count_f = std::min(lanes, g.fine.channels - first_f);
    std::size_t const count_c = std::min(lanes, channels - first_c);
    Real taps[lanes][16][lanes] = {};  // (c, tap, f): the weights lie the other way round
    for (std::size_t tap = 0; tap < 16; ++tap) {
      Real const* const from = weights + (tap * g.fine.channels + first_f) * channels + first_c;
      if (count_f == lanes && count_c == lanes) {
        simd::transpose_block(from, channels, &taps[0][tap][0], 16 * lanes);
      } else {
        for (std::size_t f = 0; f < count_f; ++f)
          for (std::size_t c = 0; c < count_c; ++c) taps[c][tap][f] = from[f * channels + c];
      }
    }
    auto const transform_taps = [&](std::size_t c, auto const& put) {
      transform<TapsToAdjointProducts, Pack>([&](int y, int x) { return simd::load<Pack>(taps[c][4 * y + x]); }, put);
    };
    for (std::size_t c = 0; c < count_c; c += is_paired_v<Factor> ? 2 : 1) {
      Factor* const to = u + pack * panel(g) + (first_c + c) * lanes;
      auto const place = [&](int y, int x) { return to + static_cast<std::size_t>(6 * y + x) * packs(g) * panel(g); };
      if constexpr (is_paired_v<Factor>) {
        Pack even[6][6];
        transform_taps(c, [&](int y, int x, Pack const& value) { even[y][x] = value; });
        transform_taps(c + 1, [&](int y, int x, Pack const& value) { simd::store_pairs(place(y, x), even[y][x], value); });
      } else {
        transform_taps(c, [&](int y, int x, Pack const& value) { simd::store(place(y, x), value); });
      }
    }
  }
};

/// coarse = correlate(fine) + bias. One index per worker.
template <class Real, class Factor = Real>
struct Correlate {
  Windowing g;
  std::size_t batch;
  Real const* fine;
  Factor const* u;   // of CorrelateWeights
  Real const* bias;  // or nullptr
  Real* coarse;
  Real* scratch;
  std::size_t workers;

  // Rows of V are a little longer than need be, so that they do not compete for the same few lines of the cache.
  static std::size_t row(Windowing const& g) { return phases * g.fine.channels + 16; }
  static std::size_t result_row(Windowing const& g) { return simd::whole_packs<Real>(g.coarse.channels); }
  static std::size_t block(Windowing const& g) { return block_tiles<Real>(points * (row(g) + result_row(g))); }
  static std::size_t left_slab(Windowing const& g) { return slab<Real>(block(g), row(g)); }
  static std::size_t result_slab(Windowing const& g) { return slab<Real>(block(g), result_row(g)); }
  static std::size_t scratch_size(Windowing const& g) { return points * (left_slab(g) + result_slab(g)) + g.fine.channels; }

  void operator()(std::size_t worker) const {
    Tiles const tiles = coarse_tiles(g);
    std::size_t const all = batch * tiles.per_sample();
    Real* const own = scratch + worker * worker_stride<Real>(scratch_size(g));
    auto* const v = reinterpret_cast<Factor*>(own);
    Real* const m = own + points * left_slab(g);
    Real* const zeros = m + points * result_slab(g);
    std::fill(zeros, zeros + g.fine.channels, Real(0));
    std::size_t const packs = result_row(g) / simd::lanes_v<Real>;
    std::size_t const depth = phases * g.fine.channels;
    std::size_t const end = all * (worker + 1) / workers;
    for (std::size_t first = all * worker / workers; first < end; first += block(g)) {
      std::size_t const count = std::min(block(g), end - first);
      Tile from(tiles, first);
      for (std::size_t t = 0; t < count; ++t, ++from) to_factors(from, zeros, v + t * row(g));
      for (std::size_t point = 0; point < points; ++point)
        product<false>(
            count, packs, depth, Left<Factor>{v + point * left_slab(g), row(g), 1},
            Panels<Factor>{u + point * packs * CorrelateWeights<Real, Factor>::panel(g), CorrelateWeights<Real, Factor>::panel(g)},
            m + point * result_slab(g), result_row(g));
      Tile to(tiles, first);
      for (std::size_t t = 0; t < count; ++t, ++to) to_result(to, m + t * result_row(g));
    }
  }

 private:
  void to_factors(Tile const& tile, Real const* zeros, Factor* v) const {
    auto const channels = static_cast<std::size_t>(g.fine.channels);
    Patch<6, Real> const patch(fine + tile.sample * g.fine.size(), g.fine, 4 * tile.y - 1, 4 * tile.x - 1, zeros);
    patch.prefetch(4, channels, channels);
    std::size_t const point = left_slab(g);
    simd::for_each_pack<Real>(channels, [&](std::size_t c, auto type) {
      using T = decltype(type);
      transform<FineToProducts, T>([&](int y, int x) { return simd::load<T>(patch(y, x) + c); },
                                   [&](int y, int x, T const& value) {
                                     auto const phase = static_cast<std::size_t>(y / 3 * 2 + x / 3);
                                     simd::store(v + static_cast<std::size_t>(y % 3 * 3 + x % 3) * point + phase * channels + c, value);
                                   });
    });
  }

  void to_result(Tile const& tile, Real const* m) const {
    std::size_t const point = result_slab(g);
    Real* out[2][2] = {};
    for_each_inside<2>(coarse + tile.sample * g.coarse.size(), g.coarse, 2 * tile.y, 2 * tile.x,
                       [&](int y, int x, Real* pixel) { out[y][x] = pixel; });
    simd::for_each_pack<Real>(static_cast<std::size_t>(g.coarse.channels), [&](std::size_t c, auto type) {
      using T = decltype(type);
      T const shift = bias != nullptr ? simd::load<T>(bias + c) : T{};
      transform<PointsToCoarse, T>([&](int y, int x) { return simd::load<T>(m + static_cast<std::size_t>(3 * y + x) * point + c); },
                                   [&](int y, int x, T const& value) {
                                     if (out[y][x] != nullptr) simd::store(out[y][x] + c, value + shift);
                                   });
    });
  }
};

/// fine = adjoint of correlate, of coarse, + bias. One index per worker.
template <class Real, class Factor = Real>
struct Transpose {
  Windowing g;
  std::size_t batch;
  Real const* coarse;
  Factor const* u;   // of TransposeWeights
  Real const* bias;  // or nullptr
  Real* fine;
  Real* scratch;
  std::size_t workers;

  static std::size_t row(Windowing const& g) { return g.coarse.channels + 16; }
  static std::size_t result_row(Windowing const& g) { return simd::whole_packs<Real>(g.fine.channels); }
  static std::size_t block(Windowing const& g) { return block_tiles<Real>(factors * row(g) + products * result_row(g)); }
  static std::size_t left_slab(Windowing const& g) { return slab<Real>(block(g), row(g)); }
  static std::size_t result_slab(Windowing const& g) { return slab<Real>(block(g), result_row(g)); }
  static std::size_t scratch_size(Windowing const& g) { return factors * left_slab(g) + products * result_slab(g) + g.coarse.channels; }

  void operator()(std::size_t worker) const {
    Tiles const tiles = fine_tiles(g);
    std::size_t const all = batch * tiles.per_sample();
    Real* const own = scratch + worker * worker_stride<Real>(scratch_size(g));
    auto* const v = reinterpret_cast<Factor*>(own);
    Real* const m = own + factors * left_slab(g);
    Real* const zeros = m + products * result_slab(g);
    std::fill(zeros, zeros + g.coarse.channels, Real(0));
    std::size_t const packs = result_row(g) / simd::lanes_v<Real>;
    std::size_t const panel = TransposeWeights<Real, Factor>::panel(g);
    std::size_t const end = all * (worker + 1) / workers;
    for (std::size_t first = all * worker / workers; first < end; first += block(g)) {
      std::size_t const count = std::min(block(g), end - first);
      Tile from(tiles, first);
      for (std::size_t t = 0; t < count; ++t, ++from) to_factors(from, zeros, v + t * row(g));
      for (int i = 0; i < static_cast<int>(products); ++i) {
        auto const factor = static_cast<std::size_t>(factor_of(i / 6) * 5 + factor_of(i % 6));
        auto const place = static_cast<std::size_t>(i);
        product<false>(count, packs, g.coarse.channels, Left<Factor>{v + factor * left_slab(g), row(g), 1},
                       Panels<Factor>{u + place * packs * panel, panel}, m + place * result_slab(g), result_row(g));
      }
      Tile to(tiles, first);
      for (std::size_t t = 0; t < count; ++t, ++to) to_result(to, m + t * result_row(g));
    }
  }

 private:
  void to_factors(Tile const& tile, Real const* zeros, Factor* v) const {
    Patch<4, Real> const patch(coarse + tile.sample * g.coarse.size(), g.coarse, 2 * tile.y - 1, 2 * tile.x - 1, zeros);
    patch.prefetch(2, static_cast<std::size_t>(g.coarse.channels), static_cast<std::size_t>(g.coarse.channels));
    std::size_t const factor = left_slab(g);
    simd::for_each_pack<Real>(static_cast<std::size_t>(g.coarse.channels), [&](std::size_t c, auto type) {
      using T = decltype(type);
      transform<CoarseToFactors, T>(
          [&](int y, int x) { return simd::load<T>(patch(y, x) + c); },
          [&](int y, int x, T const& value) { simd::store(v + static_cast<std::size_t>(5 * y + x) * factor + c, value); });
    });
  }

  void to_result(Tile const& tile, Real const* m) const {
    std::size_t const product = result_slab(g);
    Real* out[4][4] = {};
    for_each_inside<4>(fine + tile.sample * g.fine.size(), g.fine, 4 * tile.y, 4 * tile.x,
                       [&](int y, int x, Real* pixel) { out[y][x] = pixel; });
    simd::for_each_pack<Real>(static_cast<std::size_t>(g.fine.channels), [&](std::size_t c, auto type) {
      using T = decltype(type);
      T const shift = bias != nullptr ? simd::load<T>(bias + c) : T{};
      transform<ProductsToFine, T>([&](int y, int x) { return simd::load<T>(m + static_cast<std::size_t>(6 * y + x) * product + c); },
                                   [&](int y, int x, T const& value) {
                                     if (out[y][x] != nullptr) simd::store(out[y][x] + c, value + shift);
                                   });
    });
  }
};

/// Gradients of the right factors: dU(product; f, c), a sum over tiles. A task is some fine channels of one part of the batch, so that
/// no worker needs a copy of its own of all of them; how many parts there are follows from the layer alone.
template <class Real>
struct WeightGradient {
  static constexpr std::size_t task_channels = 16;

  Windowing g;
  std::size_t batch;
  Real const* fine;
  Real const* coarse;
  Real const* scale;  // of each sample, or nullptr
  Real* du;           // (part, product, f, c)
  Real* scratch;
  std::size_t workers;

  static std::size_t column(Windowing const& g) { return simd::whole_packs<Real>(g.coarse.channels); }
  static std::size_t part_size(Windowing const& g) { return products * g.fine.channels * column(g); }
  static std::size_t groups(Windowing const& g) { return (g.fine.channels + task_channels - 1) / task_channels; }
  static std::size_t parts(Windowing const& g) { return std::max<std::size_t>(1, 16 / groups(g)); }
  static std::size_t block(Windowing const& g) { return block_tiles<Real>(products * task_channels + points * column(g)); }
  static std::size_t left_slab(Windowing const& g) { return slab<Real>(block(g), task_channels); }
  static std::size_t panel(Windowing const& g) { return slab<Real>(block(g), simd::lanes_v<Real>); }
  static std::size_t right_size(Windowing const& g) { return points * column(g) / simd::lanes_v<Real> * panel(g); }
  static std::size_t scratch_size(Windowing const& g) {
    return products * left_slab(g) + right_size(g) + std::max(g.fine.channels, g.coarse.channels);
  }

  void operator()(std::size_t worker) const {
    Tiles const tiles = coarse_tiles(g);
    std::size_t const all = batch * tiles.per_sample();
    Real* const v = scratch + worker * worker_stride<Real>(scratch_size(g));
    Real* const d = v + products * left_slab(g);
    Real* const zeros = d + right_size(g);
    std::fill(zeros, zeros + std::max(g.fine.channels, g.coarse.channels), Real(0));
    std::fill(d, d + right_size(g), Real(0));  // what pads the panels stays so
    for (std::size_t task = worker; task < groups(g) * parts(g); task += workers) {
      std::size_t const part = task / groups(g);
      std::size_t const first_f = task % groups(g) * task_channels;
      std::size_t const count_f = std::min(task_channels, g.fine.channels - first_f);
      Real* const sum = du + part * part_size(g) + first_f * column(g);
      std::size_t const begin = all * part / parts(g);
      std::size_t const end = all * (part + 1) / parts(g);
      if (begin == end)
        for (std::size_t i = 0; i < products; ++i)
          std::fill(sum + i * g.fine.channels * column(g), sum + (i * g.fine.channels + count_f) * column(g), Real(0));
      for (std::size_t first = begin; first < end; first += block(g)) {
        std::size_t const count = std::min(block(g), end - first);
        Tile tile(tiles, first);
        for (std::size_t t = 0; t < count; ++t, ++tile) {
          left_factors(tile, first_f, count_f, zeros, v + t * task_channels);
          right_factors(tile, zeros, d + t * simd::lanes_v<Real>);
        }
        multiply(count, count_f, v, d, first == begin, sum);
      }
    }
  }

 private:
  void multiply(std::size_t count, std::size_t count_f, Real const* v, Real const* d, bool start, Real* sum) const {
    std::size_t const packs = column(g) / simd::lanes_v<Real>;
    for (std::size_t point = 0; point < points; ++point) {
      Panels<Real> const right{d + point * packs * panel(g), panel(g)};
      for (std::size_t phase = 0; phase < phases; ++phase) {
        std::size_t const i = (phase / 2 * 3 + point / 3) * 6 + phase % 2 * 3 + point % 3;
        Left<Real> const left{v + i * left_slab(g), 1, task_channels};
        Real* const out = sum + i * g.fine.channels * column(g);
        if (start)
          product<false>(count_f, packs, count, left, right, out, column(g));
        else
          product<true>(count_f, packs, count, left, right, out, column(g));
      }
    }
  }

  void left_factors(Tile const& tile, std::size_t first_f, std::size_t count_f, Real const* zeros, Real* v) const {
    Patch<6, Real> const patch(fine + tile.sample * g.fine.size() + first_f, g.fine, 4 * tile.y - 1, 4 * tile.x - 1, zeros);
    patch.prefetch(4, count_f, g.fine.channels);
    std::size_t const product = left_slab(g);
    simd::for_each_pack<Real>(count_f, [&](std::size_t c, auto type) {
      using T = decltype(type);
      transform<FineToProducts, T>(
          [&](int y, int x) { return simd::load<T>(patch(y, x) + c); },
          [&](int y, int x, T const& value) { simd::store(v + static_cast<std::size_t>(6 * y + x) * product + c, value); });
    });
  }

  void right_factors(Tile const& tile, Real const* zeros, Real* d) const {
    constexpr std::size_t lanes = simd::lanes_v<Real>;
    Patch<2, Real> const patch(coarse + tile.sample * g.coarse.size(), g.coarse, 2 * tile.y, 2 * tile.x, zeros);
    patch.prefetch(2, static_cast<std::size_t>(g.coarse.channels), static_cast<std::size_t>(g.coarse.channels));
    Real const factor = scale != nullptr ? scale[tile.sample] : Real(1);
    std::size_t const point = column(g) / lanes * panel(g);
    simd::for_each_pack<Real>(static_cast<std::size_t>(g.coarse.channels), [&](std::size_t c, auto type) {
      using T = decltype(type);
      Real* const to = d + c / lanes * panel(g) + c % lanes;
      transform<CoarseToPoints, T>(
          [&](int y, int x) { return factor * simd::load<T>(patch(y, x) + c); },
          [&](int y, int x, T const& value) { simd::store(to + static_cast<std::size_t>(3 * y + x) * point, value); });
    });
  }
};

/// Adds the sum over parts of dU, taken back to taps, to the gradient of the weights. One index per f.
template <class Real>
struct AddWeightGradient {
  Windowing g;
  Real const* du;
  Real* gradient;

  void operator()(std::size_t f) const {
    std::size_t const column = WeightGradient<Real>::column(g);
    std::size_t const product = g.fine.channels * column;
    auto const channels = static_cast<std::size_t>(g.coarse.channels);
    simd::for_each_pack<Real>(channels, [&](std::size_t c, auto type) {
      using T = decltype(type);
      transform<ProductsToTaps, T>(
          [&](int y, int x) {
            Real const* const from = du + static_cast<std::size_t>(6 * y + x) * product + f * column + c;
            T sum = simd::load<T>(from);
            for (std::size_t part = 1; part < WeightGradient<Real>::parts(g); ++part)
              sum += simd::load<T>(from + part * WeightGradient<Real>::part_size(g));
            return sum;
          },
          [&](int y, int x, T const& value) {
            Real* const to = gradient + (static_cast<std::size_t>(4 * y + x) * g.fine.channels + f) * channels + c;
            simd::store(to, simd::load<T>(to) + value);
          });
    });
  }
};

}  // namespace ign::math::winograd

#endif  // IGN_MATH_WINOGRAD_HOST_HPP
