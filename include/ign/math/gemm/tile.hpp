// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Tile of a matrix product on devices, the work of one team in math/gemm/team.hpp, and the concept of a product.
///
/// Algorithm: a team computes 64 × 64 sums. It copies 16 steps of the inner dimension of both factors to scratch memory with coalesced
/// reads; each of its 256 threads keeps 4 × 4 sums in registers. If the inner dimension is large and the tiles are few, it is split into
/// parts, and the last team to arrive at a tile adds the parts in order (core/detail/arrival_counters.hpp). The split follows from the
/// extents and the number of counters alone, so the order of additions is the same in every run. Forward splits do not depend on the batch.
///
/// On hosts one thread does the work of all 256: the same code with the same extents, for tests.
#ifndef IGN_MATH_GEMM_TILE_HPP
#define IGN_MATH_GEMM_TILE_HPP

#include <algorithm>
#include <concepts>
#include <cstdint>

#include "ign/core/compiler.hpp"
#include "ign/core/detail/arrival_counters.hpp"
#include "ign/math/bf16.hpp"

namespace ign::math {

/// sum(b, i, j) = Σ_k left(b, i, k) right(b, k, j) for i < rows, j < columns, k < inner.
struct ProductExtents {
  std::size_t batch, rows, columns, inner;
  std::size_t parts = 1;  ///< parts of the inner dimension, each computed by its own teams
};

/// Rounds to the nearest bfloat16; the identity for double.
KOKKOS_INLINE_FUNCTION float rounded_to_bf16(float value) { return Kokkos::bit_cast<float>(std::uint32_t{bf16_bits(value)} << 16); }
KOKKOS_INLINE_FUNCTION double rounded_to_bf16(double value) { return value; }

/// Operands and result of a batched product.
///
/// `left(row(b, i), step(b, k))` and `right(step(b, k), j)` return the factors; `row` and `step` hold the part of the index arithmetic that
/// many elements share. `store(b, i, j, sums, count)` stores `count` sums of row i from column j on. It loops over all 4 sums: a runtime
/// bound would move them out of registers. If a member `rounded` exists and is true, the factors are rounded to bfloat16.
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

/// A product whose epilogue also computes mean and sum of squared differences of its output columns, and passes them to `moments(batch, row
/// tile, j, mean, square)`, once for each column of a tile, with `square` the sum of squared differences from the mean. The last team to
/// arrive calls `finish(team, scratch)`, with finish_numbers doubles of scratch.
template <class P>
concept ProductWithMoments = requires(P const& p, std::size_t n, typename P::scalar_type x) {
  p.moments(n, n, n, x, x);
};

namespace team {

inline constexpr std::size_t tile = 64, inner_block = 16, block = 4, across = tile / block, threads = across * across;
inline constexpr std::size_t row_stride = tile + 4;  // of scratch, padded: avoids bank conflicts between steps
inline constexpr std::size_t loads = tile * inner_block / threads;
inline constexpr std::size_t finish_numbers = 2 * threads;  // doubles; they fit the scratch of the two factors
static_assert(finish_numbers * sizeof(double) <= 2 * inner_block * row_stride * sizeof(float));

/// Virtual threads of the 256-thread tile that each hardware thread executes: 1 on a GPU, 256 on a host.
template <class Exec>
inline constexpr std::size_t virtual_threads_v = runs_on_host_v<Exec> ? threads : 1;

inline std::size_t tiles(std::size_t count) { return (count + tile - 1) / tile; }
inline std::size_t tiles(ProductExtents const& e) { return e.batch * tiles(e.rows) * tiles(e.columns); }

/// Scratch size for the parts of a product, in elements.
inline std::size_t scratch_size(ProductExtents const& e) { return e.parts > 1 ? tiles(e) * e.parts * tile * tile : 0; }

/// Number of parts of the inner dimension that gives about 256 teams, with at least 64 steps per part. It follows from the extents alone.
inline std::size_t parts_for(ProductExtents const& e) {
  std::size_t const wanted = 256 / std::max<std::size_t>(1, tiles(e));
  return std::clamp<std::size_t>(wanted, 1, std::max<std::size_t>(1, e.inner / 64));
}

template <TeamProduct P>
KOKKOS_FUNCTION typename P::scalar_type factor(P const& p, typename P::scalar_type value) {
  if constexpr (requires { p.rounded; }) return p.rounded ? rounded_to_bf16(value) : value;
  return value;
}

/// A product with the memory and arrival counters for its parts.
template <TeamProduct P>
struct Job {
  P product;
  ProductExtents e;
  typename P::scalar_type* partials;
  unsigned* counters;
};

/// Adds the moments of `count` values to the moments of `all` values: mean and sum of squared differences.
template <class Real>
KOKKOS_FUNCTION void add_moments(Real count, Real mean, Real square, Real& all, Real& all_mean, Real& all_square) {
  if (count == 0) return;
  Real const delta = mean - all_mean, sum = all + count;
  all_mean += delta * count / sum;
  all_square += square + delta * delta * all * count / sum;
  all = sum;
}

/// Computes the moments of each column of a tile from the sums in registers. The last team to arrive calls `finish`.
template <std::size_t virtual_threads, class Team, class P, class Real>
KOKKOS_FUNCTION void make_moments(Team const& member, Job<P> const& job, std::size_t result_tile,
                                  Real const (&values)[virtual_threads][block][block], Real* scratch) {
  constexpr std::size_t members = threads / virtual_threads;
  P const& p = job.product;
  ProductExtents const& e = job.e;
  std::size_t const column_tiles = (e.columns + tile - 1) / tile, row_tiles = (e.rows + tile - 1) / tile;
  std::size_t const first_column = result_tile % column_tiles * tile, row_tile = result_tile / column_tiles % row_tiles;
  std::size_t const batch = result_tile / column_tiles / row_tiles, left = e.rows - row_tile * tile;  // rows from this tile on
  auto const rank = static_cast<std::size_t>(member.team_rank());
  auto const rows_of = [&](std::size_t group) {
    return left <= group * block ? 0 : left < (group + 1) * block ? left - group * block : block;
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
      scratch[2 * group * tile + column] = mean;
      scratch[(2 * group + 1) * tile + column] = square;
    }
  }
  member.team_barrier();
  for (std::size_t s = 0; s < virtual_threads; ++s) {
    std::size_t const column = rank + s * members;
    if (column >= tile || first_column + column >= e.columns) continue;
    Real count = 0, mean = 0, square = 0;
    for (std::size_t group = 0; group < across; ++group)
      add_moments(static_cast<Real>(rows_of(group)), scratch[2 * group * tile + column], scratch[(2 * group + 1) * tile + column], count,
                  mean, square);
    p.moments(batch, row_tile, first_column + column, mean, square);
  }
  member.team_barrier();
  bool last = false;
  Kokkos::single(
      Kokkos::PerTeam(member), [&](bool& mine) { mine = arrives_last(job.counters, e.batch * row_tiles * column_tiles); }, last);
  if (last) p.finish(member, reinterpret_cast<double*>(scratch));
}

/// Computes the tile of one team. `index` counts (batch, row tile, column tile, part), the last fastest.
template <std::size_t virtual_threads, class Team, TeamProduct P>
KOKKOS_FUNCTION void make_tile(Team const& member, Job<P> const& job, std::size_t index, typename P::scalar_type* scratch) {
  using Real = typename P::scalar_type;
  constexpr std::size_t members = threads / virtual_threads;
  P const& p = job.product;
  ProductExtents const& e = job.e;
  std::size_t const part = index % e.parts, result_tile = index / e.parts;
  std::size_t const column_tiles = (e.columns + tile - 1) / tile, row_tiles = (e.rows + tile - 1) / tile;
  std::size_t const first_column = result_tile % column_tiles * tile;
  std::size_t const first_row = result_tile / column_tiles % row_tiles * tile;
  std::size_t const batch = result_tile / column_tiles / row_tiles;
  std::size_t const begin = e.inner * part / e.parts, end = e.inner * (part + 1) / e.parts;
  auto const rank = static_cast<std::size_t>(member.team_rank());
  Real* const left = scratch;
  Real* const right = scratch + inner_block * row_stride;

  // A thread reads 4 rows of the left tile at one step, or one row at 4 steps; columns of the right tile likewise.
  using Row = decltype(p.row(batch, first_row));
  constexpr std::size_t own_rows = P::left_along_inner ? loads : 1;
  Row rows[virtual_threads][own_rows];
  Real sums[virtual_threads][block][block] = {};
  for (std::size_t s = 0; s < virtual_threads; ++s) {
    std::size_t const thread = rank + s * members;
    for (std::size_t q = 0; q < own_rows; ++q) {
      std::size_t const i = first_row + (P::left_along_inner ? thread / inner_block + q * (threads / inner_block) : thread % tile);
      rows[s][q] = p.row(batch, i < e.rows ? i : first_row);
    }
  }
  for (std::size_t first = begin; first < end; first += inner_block) {
    for (std::size_t s = 0; s < virtual_threads; ++s) {
      std::size_t const thread = rank + s * members;
      IGN_UNROLL
      for (std::size_t q = 0; q < loads; ++q) {
        std::size_t const k = P::left_along_inner ? thread % inner_block : thread / tile + q * (threads / tile);
        std::size_t const i = P::left_along_inner ? thread / inner_block + q * (threads / inner_block) : thread % tile;
        bool const inside = first + k < end && first_row + i < e.rows;
        left[k * row_stride + i] = inside ? factor(p, p.left(rows[s][q % own_rows], p.step(batch, first + k))) : Real(0);
      }
      IGN_UNROLL
      for (std::size_t q = 0; q < loads; ++q) {
        std::size_t const k = P::right_along_inner ? thread % inner_block : thread / tile + q * (threads / tile);
        std::size_t const j = P::right_along_inner ? thread / inner_block + q * (threads / inner_block) : thread % tile;
        bool const inside = first + k < end && first_column + j < e.columns;
        right[k * row_stride + j] = inside ? factor(p, p.right(p.step(batch, first + k), first_column + j)) : Real(0);
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
          for (std::size_t j = 0; j < block; ++j) sums[s][i][j] += a[k * row_stride + i] * b[k * row_stride + j];
        }
      }
    }
    member.team_barrier();
  }

  if (e.parts > 1) {
    constexpr std::size_t size = tile * tile;
    Real* const parts = job.partials + result_tile * e.parts * size;
    for (std::size_t s = 0; s < virtual_threads; ++s) {
      IGN_UNROLL
      for (std::size_t n = 0; n < block * block; ++n) parts[part * size + n * threads + rank + s * members] = sums[s][n / block][n % block];
    }
    member.team_barrier();
    bool last = false;
    Kokkos::single(
        Kokkos::PerTeam(member), [&](bool& mine) { mine = arrives_last(job.counters + result_tile, e.parts); }, last);
    if (!last) return;
    for (std::size_t s = 0; s < virtual_threads; ++s) {
      IGN_UNROLL
      for (std::size_t n = 0; n < block * block; ++n) sums[s][n / block][n % block] = 0;
      IGN_UNROLL_SOME
      for (std::size_t q = 0; q < e.parts; ++q) {  // independent loads: their latencies overlap
        IGN_UNROLL
        for (std::size_t n = 0; n < block * block; ++n) sums[s][n / block][n % block] += parts[q * size + n * threads + rank + s * members];
      }
    }
  }
  for (std::size_t s = 0; s < virtual_threads; ++s) {
    std::size_t const thread = rank + s * members;
    std::size_t const j = first_column + thread % across * block;
    if (j >= e.columns) continue;
    std::size_t const count = e.columns - j < block ? e.columns - j : block;
    IGN_UNROLL
    for (std::size_t i = 0; i < block; ++i) {
      std::size_t const row = first_row + thread / across * block + i;
      if (row < e.rows) p.store(batch, row, j, sums[s][i], count);
    }
  }
  if constexpr (ProductWithMoments<P>) make_moments<virtual_threads>(member, job, result_tile, sums, scratch);
}

}  // namespace team
}  // namespace ign::math

#endif  // IGN_MATH_GEMM_TILE_HPP
