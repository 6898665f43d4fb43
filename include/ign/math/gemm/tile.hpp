// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Tile of a matrix product on devices, the work of one team in math/gemm/team.hpp, and the concept of a product.
///
/// Algorithm: a team computes 64 × 64 sums, or 128 × 32 or 256 × 16 of a product with few columns. It copies 16 steps of the inner
/// dimension of both factors to scratch memory with coalesced reads; each of its 256 threads keeps 4 × 4 sums in registers. If the inner
/// dimension is large and the tiles are few, it is split into parts (split-K), and the last team to arrive at a tile adds the parts in
/// order (core/detail/arrival_counters.hpp). The split follows from the extents and the number of counters alone, so the order of additions
/// is the same in every run. The split of a forward convolution does not depend on the batch.
///
/// On hosts one thread does the work of all 256: the same code with the same extents, for tests.
#ifndef IGN_MATH_GEMM_TILE_HPP
#define IGN_MATH_GEMM_TILE_HPP

#include <algorithm>
#include <concepts>
#include <cstdint>

#include "ign/core/compiler.hpp"
#include "ign/core/detail/add_moments.hpp"
#include "ign/core/detail/arrival_counters.hpp"
#include "ign/math/bf16.hpp"

namespace ign::math {

/// sum(b, i, j) = Σ_k left(b, i, k) right(b, k, j) for i < rows, j < columns, k < inner.
struct ProductExtents {
  std::size_t batch;              ///< products
  std::size_t rows, columns;      ///< of the result
  std::size_t inner;              ///< terms of a sum, called steps
  std::size_t parts = 1;          ///< parts of the inner dimension, each computed by its own teams
  std::size_t tile_columns = 64;  ///< columns of a tile, 64, 32 or 16; its rows are 64, 128 or 256
};

/// Rounds to the nearest bfloat16. Returns a double unchanged.
KOKKOS_INLINE_FUNCTION float rounded_to_bf16(float value) { return Kokkos::bit_cast<float>(std::uint32_t{bf16_bits(value)} << 16); }
KOKKOS_INLINE_FUNCTION double rounded_to_bf16(double value) { return value; }

/// Operands and result of a batched product.
///
/// `left(row(b, i), step(b, k))` and `right(step(b, k), j)` return the factors; `row` and `step` hold the part of the index arithmetic that
/// many elements share. `store(b, i, j, sums, count)` stores `count` sums of row i from column j on. It loops over all 4 sums: a runtime
/// bound would move them out of registers. If a member `rounded` exists and is true, the factors are rounded to bfloat16. A product whose
/// extents may ask for tiles of 32 and 16 columns has the member `static constexpr bool chooses_tiles = true`.
///
/// A product may also read a four, that is four neighbouring elements, at once. `left_four(row(b, i), step(b, k), values)` reads along the
/// direction in which the left factor is contiguous, from a multiple of four on. `values` are zero on entry, so zeros need not be written.
/// `left_in_fours()` is true if every such four is contiguous and aligned in memory. `right_four(step(b, k), j, values)` and
/// `right_in_fours()` are the same for the right factor.
template <class P>
concept TeamProduct = requires(P const& p, std::size_t n, typename P::scalar_type const (&sums)[4]) {
  {
    P::left_along_inner
    } -> std::convertible_to<bool>;  // true: the left factor is contiguous along the inner dimension; false: along its rows
  { P::right_along_inner } -> std::convertible_to<bool>;  // the same for the right factor; false: along its columns
  { p.extents() } -> std::same_as<ProductExtents>;
  { p.left(p.row(n, n), p.step(n, n)) } -> std::same_as<typename P::scalar_type>;
  { p.right(p.step(n, n), n) } -> std::same_as<typename P::scalar_type>;
  p.store(n, n, n, sums, n);
};

/// A product whose epilogue also computes the moments of its output columns: it calls `moments(batch, row tile, j, mean, square)` once for
/// each column of a tile, with `square` the sum of squared deviations from the mean (M2 in the literature). The last team to arrive calls
/// `finish(team, scratch)`, with finish_scratch_size doubles of scratch.
template <class P>
concept ProductWithMoments = requires(P const& p, std::size_t n, typename P::scalar_type x) {
  p.moments(n, n, n, x, x);
};

namespace team {

inline constexpr std::size_t tile = 64;                              ///< rows and columns of a square tile
inline constexpr std::size_t tile_area = tile * tile;                ///< sums of any tile
inline constexpr std::size_t inner_block = 16;                       ///< steps of the inner dimension in scratch memory
inline constexpr std::size_t block = 4;                              ///< rows and columns of the sums of a thread
inline constexpr std::size_t threads = tile_area / (block * block);  ///< of a team
inline constexpr std::size_t padding = 4;  ///< elements after each line in scratch memory: avoids bank conflicts between steps
inline constexpr std::size_t finish_scratch_size = 2 * threads;  ///< scratch of `finish`, in doubles; it fits that of the two factors
static_assert(finish_scratch_size * sizeof(double) <= 2 * inner_block * (tile + padding) * sizeof(float));

/// Virtual threads of the 256-thread tile that each hardware thread executes: 1 on a GPU, 256 on a host.
template <class Exec>
inline constexpr std::size_t virtual_threads_v = runs_on_host_v<Exec> ? threads : 1;

/// Tiles of `size` rows or columns that cover `count`.
KOKKOS_INLINE_FUNCTION std::size_t tiles(std::size_t count, std::size_t size = tile) { return (count + size - 1) / size; }
/// Rows of the tiles of a product.
KOKKOS_INLINE_FUNCTION std::size_t tile_rows(ProductExtents const& e) { return tile_area / e.tile_columns; }
/// Tiles of a batch of products.
KOKKOS_INLINE_FUNCTION std::size_t tiles(ProductExtents const& e) {
  return e.batch * tiles(e.rows, tile_rows(e)) * tiles(e.columns, e.tile_columns);
}

/// Scratch memory of compute_tile, in elements.
KOKKOS_INLINE_FUNCTION std::size_t tile_scratch_size(std::size_t tile_columns) {
  return inner_block * (tile_area / tile_columns + tile_columns + 2 * padding);
}

/// Columns of a tile, 64, 32 or 16, for which a product has fewest tiles. All tiles have the same number of sums, so fewest tiles compute
/// fewest unused ones. Of equal numbers the widest, which reads the factors least often. Tiles of double have 64 or 32 columns: Kokkos'
/// host back ends have 32 KiB of scratch memory (level 0).
///
/// The order in which the terms of a sum are added does not depend on the tile, so the bits of the result do not either.
template <class Real>
std::size_t tile_columns_for(std::size_t rows, std::size_t columns) {
  std::size_t best = tile;
  auto const count = [&](std::size_t size) { return tiles(rows, tile_area / size) * tiles(columns, size); };
  for (std::size_t const size : {tile / 2, tile / 4})
    if (count(size) < count(best) && tile_scratch_size(size) * sizeof(Real) <= 32768) best = size;
  return best;
}

/// Scratch size for the parts of a product, in elements.
inline std::size_t scratch_size(ProductExtents const& e) { return e.parts > 1 ? tiles(e) * e.parts * tile_area : 0; }

/// Number of parts of the inner dimension that gives about 256 teams of 64 × 64 sums, with at least 64 steps per part. It follows from the
/// extents alone.
inline std::size_t parts_for(ProductExtents const& e) {
  std::size_t const wanted = 256 / std::max<std::size_t>(1, e.batch * tiles(e.rows) * tiles(e.columns));
  return std::clamp<std::size_t>(wanted, 1, std::max<std::size_t>(1, e.inner / 64));
}

/// A factor, rounded if the product asks for it.
template <TeamProduct P>
KOKKOS_FUNCTION typename P::scalar_type factor(P const& p, typename P::scalar_type value) {
  if constexpr (requires { p.rounded; }) return p.rounded ? rounded_to_bf16(value) : value;
  return value;
}

/// A product with the memory and arrival counters for its parts.
template <TeamProduct P>
struct Job {
  P product;                                           ///< operands and result
  ProductExtents e;                                    ///< its extents, with the parts that the memory allows
  typename P::scalar_type* partials;                   ///< (tile, part, sum of the tile)
  unsigned* counters;                                  ///< one per tile, or one for a product with moments; zero before and after
  bool left_in_fours = false, right_in_fours = false;  ///< the factors may be read by left_four and right_four
};

/// Result tile and part of a team. `index` counts (batch, row tile, column tile, part), the last fastest. All are below 2^32; as 32-bit
/// values they take half the registers.
struct TilePosition {
  unsigned part;                     ///< of the inner dimension
  unsigned result_tile;              ///< index of the tile in the batch
  unsigned batch;                    ///< product of the batch
  unsigned row_tile;                 ///< row of the tile, in tiles
  unsigned first_row, first_column;  ///< of the tile in the result

  KOKKOS_FUNCTION TilePosition(ProductExtents const& e, std::size_t tile_columns, std::size_t index) {
    auto const parts = static_cast<unsigned>(e.parts), columns = static_cast<unsigned>(tile_columns);
    unsigned const rows = static_cast<unsigned>(tile_area) / columns;
    auto const column_tiles = static_cast<unsigned>(tiles(e.columns, columns)), row_tiles = static_cast<unsigned>(tiles(e.rows, rows));
    result_tile = static_cast<unsigned>(index) / parts;
    part = static_cast<unsigned>(index) - result_tile * parts;
    unsigned const line = result_tile / column_tiles;
    batch = line / row_tiles;
    row_tile = line - batch * row_tiles;
    first_row = row_tile * rows;
    first_column = (result_tile - line * column_tiles) * columns;
  }
};

/// Number of columns that is known to the compiler.
template <std::size_t columns>
struct FixedColumns {
  KOKKOS_FUNCTION constexpr operator std::size_t() const { return columns; }
};

/// Computes the moments of each column of a tile from the sums in registers. The last team to arrive calls `finish`. `Columns` is an
/// integer or FixedColumns, as in finish_tile.
template <std::size_t virtual_threads, class Team, class P, class Real, class Columns>
KOKKOS_FUNCTION void compute_moments(Team const& member, Job<P> const& job, TilePosition const& at, Columns tile_columns,
                                     Real const (&values)[virtual_threads][block][block], Real* scratch) {
  constexpr std::size_t members = threads / virtual_threads;
  std::size_t const columns = tile_columns, across = columns / block, down = threads / across;
  P const& p = job.product;
  ProductExtents const& e = job.e;
  std::size_t const remaining = e.rows - at.first_row;  // rows from this tile on
  auto const rank = static_cast<std::size_t>(member.team_rank());
  auto const rows_of = [&](std::size_t group) {
    return remaining <= group * block ? 0 : remaining < (group + 1) * block ? remaining - group * block : block;
  };
  member.team_barrier();
  for (std::size_t s = 0; s < virtual_threads; ++s) {
    std::size_t const thread = rank + s * members, group = thread / across, count = rows_of(group);
    IGN_UNROLL
    for (std::size_t j = 0; j < block; ++j) {
      Real mean = 0, square = 0;
      IGN_UNROLL
      for (std::size_t i = 0; i < block; ++i)
        if (i < count) mean += values[s][i][j] / static_cast<Real>(count);
      IGN_UNROLL
      for (std::size_t i = 0; i < block; ++i)
        if (i < count) square += (values[s][i][j] - mean) * (values[s][i][j] - mean);
      std::size_t const column = thread % across * block + j;
      scratch[2 * group * columns + column] = mean;
      scratch[(2 * group + 1) * columns + column] = square;
    }
  }
  member.team_barrier();
  for (std::size_t s = 0; s < virtual_threads; ++s) {
    std::size_t const column = rank + s * members;
    if (column >= columns || at.first_column + column >= e.columns) continue;
    Real count = 0, mean = 0, square = 0;
    for (std::size_t group = 0; group < down; ++group)
      ign::detail::add_moments(static_cast<Real>(rows_of(group)), scratch[2 * group * columns + column],
                               scratch[(2 * group + 1) * columns + column], count, mean, square);
    p.moments(at.batch, at.row_tile, at.first_column + column, mean, square);
  }
  member.team_barrier();
  if (ign::detail::team_arrives_last(member, job.counters, tiles(e))) p.finish(member, reinterpret_cast<double*>(scratch));
}

/// Adds the parts of a tile, if there are several, and passes the sums to the product. Thread t has 4 × 4 sums in registers.
template <std::size_t virtual_threads, class Team, TeamProduct P, class Real, class Columns>
KOKKOS_FUNCTION void finish_tile(Team const& member, Job<P> const& job, TilePosition const& at, Columns tile_columns,
                                 Real (&sums)[virtual_threads][block][block], Real* scratch) {
  constexpr std::size_t members = threads / virtual_threads;
  std::size_t const columns = tile_columns, across = columns / block;
  P const& p = job.product;
  ProductExtents const& e = job.e;
  auto const rank = static_cast<std::size_t>(member.team_rank());
  // False for threads whose sums all lie beyond the result.
  auto const is_used = [&](std::size_t thread) {
    return at.first_row + thread / across * block < e.rows && at.first_column + thread % across * block < e.columns;
  };
  if (e.parts > 1) {
    Real* const parts = job.partials + at.result_tile * e.parts * tile_area;
    for (std::size_t s = 0; s < virtual_threads; ++s) {
      if (!is_used(rank + s * members)) continue;
      IGN_UNROLL
      for (std::size_t n = 0; n < block * block; ++n)
        parts[at.part * tile_area + n * threads + rank + s * members] = sums[s][n / block][n % block];
    }
    member.team_barrier();
    if (!ign::detail::team_arrives_last(member, job.counters + at.result_tile, e.parts)) return;
    for (std::size_t s = 0; s < virtual_threads; ++s) {
      if (!is_used(rank + s * members)) continue;
      IGN_UNROLL
      for (std::size_t n = 0; n < block * block; ++n) sums[s][n / block][n % block] = 0;
      IGN_UNROLL_SOME
      for (std::size_t q = 0; q < e.parts; ++q) {  // independent loads: their latencies overlap
        IGN_UNROLL
        for (std::size_t n = 0; n < block * block; ++n)
          sums[s][n / block][n % block] += parts[q * tile_area + n * threads + rank + s * members];
      }
    }
  }
  for (std::size_t s = 0; s < virtual_threads; ++s) {
    std::size_t const thread = rank + s * members;
    if (!is_used(thread)) continue;
    std::size_t const j = at.first_column + thread % across * block;
    std::size_t const count = e.columns - j < block ? e.columns - j : block;
    IGN_UNROLL
    for (std::size_t i = 0; i < block; ++i) {
      std::size_t const row = at.first_row + thread / across * block + i;
      if (row < e.rows) p.store(at.batch, row, j, sums[s][i], count);
    }
  }
  if constexpr (ProductWithMoments<P>) compute_moments<virtual_threads>(member, job, at, tile_columns, sums, scratch);
}

/// Computes the tile of one team.
template <std::size_t virtual_threads, std::size_t columns, class Team, TeamProduct P>
KOKKOS_FUNCTION void compute_tile(Team const& member, Job<P> const& job, std::size_t index, typename P::scalar_type* scratch) {
  using Real = typename P::scalar_type;
  constexpr std::size_t members = threads / virtual_threads, rows_of_tile = tile_area / columns, across = columns / block;
  constexpr std::size_t left_stride = rows_of_tile + padding, right_stride = columns + padding;
  constexpr std::size_t left_loads = rows_of_tile * inner_block / threads, right_loads = columns * inner_block / threads;
  P const& p = job.product;
  ProductExtents const& e = job.e;
  TilePosition const at(e, columns, index);
  std::size_t const begin = e.inner * at.part / e.parts, end = e.inner * (at.part + 1) / e.parts;
  auto const rank = static_cast<std::size_t>(member.team_rank());
  Real* const left = scratch;
  Real* const right = scratch + inner_block * left_stride;

  // If the left factor is contiguous along the inner dimension, a thread reads 4 rows of its tile at one step or several; otherwise one row
  // at several steps. The same holds for columns of the right tile.
  using Row = decltype(p.row(at.batch, at.first_row));
  constexpr std::size_t own_rows = P::left_along_inner ? 4 : 1;
  constexpr std::size_t steps = P::left_along_inner ? threads * own_rows / rows_of_tile : 1;  // of a row, read by neighbouring threads
  Row rows[virtual_threads][own_rows];
  Real sums[virtual_threads][block][block] = {};
  for (std::size_t s = 0; s < virtual_threads; ++s) {
    std::size_t const thread = rank + s * members;
    for (std::size_t q = 0; q < own_rows; ++q) {
      std::size_t const i = at.first_row + (P::left_along_inner ? thread / steps + q * (threads / steps) : thread % rows_of_tile);
      rows[s][q] = p.row(at.batch, i < e.rows ? i : at.first_row);
    }
  }
  for (std::size_t first = begin; first < end; first += inner_block) {
    for (std::size_t s = 0; s < virtual_threads; ++s) {
      std::size_t const thread = rank + s * members;
      IGN_UNROLL
      for (std::size_t q = 0; q < left_loads; ++q) {
        std::size_t const k =
            P::left_along_inner ? thread % steps + q / own_rows * steps : thread / rows_of_tile + q * (threads / rows_of_tile);
        std::size_t const i = P::left_along_inner ? thread / steps + q % own_rows * (threads / steps) : thread % rows_of_tile;
        bool const inside = first + k < end && at.first_row + i < e.rows;
        left[k * left_stride + i] = inside ? factor(p, p.left(rows[s][q % own_rows], p.step(at.batch, first + k))) : Real(0);
      }
      IGN_UNROLL
      for (std::size_t q = 0; q < right_loads; ++q) {
        std::size_t const k = P::right_along_inner ? thread % inner_block : thread / columns + q * (threads / columns);
        std::size_t const j = P::right_along_inner ? thread / inner_block + q * (threads / inner_block) : thread % columns;
        bool const inside = first + k < end && at.first_column + j < e.columns;
        right[k * right_stride + j] = inside ? factor(p, p.right(p.step(at.batch, first + k), at.first_column + j)) : Real(0);
      }
    }
    member.team_barrier();
    for (std::size_t s = 0; s < virtual_threads; ++s) {
      std::size_t const thread = rank + s * members;
      Real const* const a = left + thread / across * block;
      Real const* const b = right + thread % across * block;
      IGN_UNROLL_SOME
      for (std::size_t k = 0; k < inner_block; ++k) {
        IGN_UNROLL
        for (std::size_t i = 0; i < block; ++i) {
          IGN_UNROLL
          for (std::size_t j = 0; j < block; ++j) sums[s][i][j] += a[k * left_stride + i] * b[k * right_stride + j];
        }
      }
    }
    member.team_barrier();
  }
  finish_tile<virtual_threads>(member, job, at, FixedColumns<columns>{}, sums, scratch);
}

}  // namespace team
}  // namespace ign::math

#endif  // IGN_MATH_GEMM_TILE_HPP
