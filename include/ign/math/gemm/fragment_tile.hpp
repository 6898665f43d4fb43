// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Tile of a matrix product on devices with matrix units: the work of one team in math/gemm/team.hpp for a product `OnFragments`.
///
/// Algorithm: the tiles, parts and epilogue of math/gemm/tile.hpp. The team copies slices of both factors to scratch memory, rounded to the
/// type of the fragments (math/gemm/fragment.hpp), and multiplies them there. There are two stages (double buffering): while one slice is
/// multiplied, the next one is loaded into registers. A thread reads four elements at once, as one access of 16 bytes where the product
/// allows it (`left_in_fours`). Sums are float. A tile has eight units of 32 × 16 sums, which the groups of threads that hold a fragment
/// share: one or two units per group on a GPU. Sums pass through scratch memory to the layout of the epilogue, 4 × 4 per thread.
///
/// A sum is added in the order of its inner index within a part. It depends on its own row and column only: a sample's bits do not depend
/// on the batch.
#ifndef IGN_MATH_GEMM_FRAGMENT_TILE_HPP
#define IGN_MATH_GEMM_FRAGMENT_TILE_HPP

#include <algorithm>
#include <utility>

#include "ign/math/four.hpp"
#include "ign/math/gemm/fragment.hpp"
#include "ign/math/gemm/tile.hpp"

namespace ign::math {

/// A product in float whose factors are rounded to Kind and multiplied as fragments.
template <class Kind, TeamProduct P>
struct OnFragments : P {
  static_assert(std::is_same_v<typename P::scalar_type, float>, "ign::math::OnFragments: the sums of fragments are float");
  using fragment_kind = Kind;

  explicit OnFragments(P const& product) : P(product) {}
};

/// A product `OnFragments`.
template <class P>
concept FragmentProduct = TeamProduct<P> && requires {
  typename P::fragment_kind;
};

namespace team {

/// Layout of the scratch memory of a tile with fragments: two stages, each with a slice of the left and the right factor. The sums later
/// overwrite them. All extents are powers of two: threads compute their positions by shifts.
template <class Kind>
struct FragmentLayout {
  using Element = typename Kind::Element;
  static constexpr unsigned line_padding = 16 / sizeof(Element);  ///< elements after each line: 16 bytes
  static constexpr std::size_t alignment = 32;                    ///< of a stage, in bytes

  unsigned columns_bits, rows_bits, slice_bits;  ///< binary logarithms of the next three
  unsigned columns, rows, slice;                 ///< columns and rows of the tile; steps of a slice
  unsigned left_stride, right_stride;            ///< elements from one line of a factor to the next
  unsigned left_size, stage_size;                ///< elements of a left slice, and of both slices of a stage

  KOKKOS_FUNCTION FragmentLayout(std::size_t tile_columns, bool left_along_inner, bool right_along_inner)
      : columns_bits(tile_columns == 64   ? 6
                     : tile_columns == 32 ? 5
                                          : 4),
        rows_bits(12 - columns_bits),
        slice_bits((columns_bits > 4 ? 6 : 5) - (sizeof(Element) == 4 ? 2 : 1)),
        columns(1u << columns_bits),
        rows(1u << rows_bits),
        slice(1u << slice_bits),
        left_stride((left_along_inner ? slice : rows) + line_padding),
        right_stride((right_along_inner ? slice : columns) + line_padding),
        left_size((left_along_inner ? rows : slice) * left_stride),
        stage_size(left_size + (right_along_inner ? columns : slice) * right_stride) {}
  /// Elements from one row of the sums to the next.
  KOKKOS_FUNCTION unsigned sums_stride() const { return columns + static_cast<unsigned>(padding); }
  /// Scratch size in floats, with room to align it.
  std::size_t scratch_size() const {
    std::size_t const stages = std::size_t{2} * stage_size * sizeof(Element) / sizeof(float), sums = std::size_t{rows} * sums_stride();
    return std::max(stages, sums) + alignment / sizeof(float);
  }
};

/// Scratch memory of a tile with fragments, in floats.
template <FragmentProduct P>
std::size_t fragment_scratch_size(std::size_t tile_columns) {
  return FragmentLayout<typename P::fragment_kind>(tile_columns, P::left_along_inner, P::right_along_inner).scratch_size();
}

/// First step of a part: a multiple of 32 steps, which are whole slices in every layout.
KOKKOS_INLINE_FUNCTION unsigned fragment_part_begin(ProductExtents const& e, std::size_t part) {
  constexpr std::size_t quantum = 32;
  std::size_t const begin = (e.inner + quantum - 1) / quantum * part / e.parts * quantum;
  return static_cast<unsigned>(begin < e.inner ? begin : e.inner);
}

/// The fours, groups of four neighbouring elements, of a factor that a virtual thread copies. A line is a row or column of the factor where
/// it is contiguous along the inner dimension, or else a step. A thread copies one four at the same place of each of `count` lines.
struct FragmentFours {
  unsigned line;         ///< first line
  unsigned lines_apart;  ///< lines from one four to the next
  unsigned place;        ///< index of the first element of a four within its line
  unsigned count;        ///< number of fours

  KOKKOS_FUNCTION FragmentFours(unsigned lines, unsigned length_bits, std::size_t thread)
      : line(static_cast<unsigned>(thread) >> (length_bits - 2)),
        lines_apart(static_cast<unsigned>(threads) >> (length_bits - 2)),
        place((static_cast<unsigned>(thread) << 2) & ((1u << length_bits) - 1)),
        count(line >= lines         ? 0
              : lines < lines_apart ? 1
                                    : (lines << (length_bits - 2)) / static_cast<unsigned>(threads)) {}
};

/// The two factors of a tile: reads slices into registers, and writes them to a stage.
template <std::size_t virtual_threads, FragmentProduct P>
struct FragmentReader {
  using Kind = typename P::fragment_kind;
  using Element = typename Kind::Element;
  using Row = decltype(std::declval<P const&>().row(0, 0));
  static constexpr std::size_t members = threads / virtual_threads;
  static constexpr std::size_t left_fours = 8 / sizeof(Element), right_fours = 4 / sizeof(Element);  // per thread, the most of all tiles

  Job<P> const& job;
  FragmentLayout<Kind> const& layout;
  TilePosition const& at;
  unsigned end, rank;
  Row rows[virtual_threads][4];  // of the lines of the left factor, or of the four rows that a thread reads at each of its steps
  float left[virtual_threads][left_fours][4], right[virtual_threads][right_fours][4];

  KOKKOS_FUNCTION FragmentFours left_of(std::size_t thread) const {
    return P::left_along_inner ? FragmentFours(layout.rows, layout.slice_bits, thread)
                               : FragmentFours(layout.slice, layout.rows_bits, thread);
  }
  KOKKOS_FUNCTION FragmentFours right_of(std::size_t thread) const {
    return P::right_along_inner ? FragmentFours(layout.columns, layout.slice_bits, thread)
                                : FragmentFours(layout.slice, layout.columns_bits, thread);
  }

  KOKKOS_FUNCTION FragmentReader(Job<P> const& work, FragmentLayout<Kind> const& scratch, TilePosition const& position, unsigned last,
                                 unsigned team_rank)
      : job(work), layout(scratch), at(position), end(last), rank(team_rank) {
    for (std::size_t s = 0; s < virtual_threads; ++s) {
      FragmentFours const own = left_of(rank + s * members);
      IGN_UNROLL
      for (unsigned q = 0; q < 4; ++q) {
        unsigned const i = at.first_row + (P::left_along_inner ? own.line + q * own.lines_apart : own.place + q);
        rows[s][q] = job.product.row(at.batch, i < job.e.rows ? i : at.first_row);
      }
    }
  }

  /// Reads the slice from step `first` on into registers.
  KOKKOS_FUNCTION void read(unsigned first) {
    for (std::size_t s = 0; s < virtual_threads; ++s) {
      read_left(s, first);
      read_right(s, first);
    }
  }

  /// Writes the slice to a stage.
  KOKKOS_FUNCTION void write(Element* stage) const {
    for (std::size_t s = 0; s < virtual_threads; ++s) {
      write_fours(left[s], left_of(rank + s * members), stage, layout.left_stride);
      write_fours(right[s], right_of(rank + s * members), stage + layout.left_size, layout.right_stride);
    }
  }

 private:
  template <std::size_t count>
  KOKKOS_FUNCTION static void write_fours(float const (&values)[count][4], FragmentFours const& own, Element* to, unsigned stride) {
    IGN_UNROLL
    for (unsigned q = 0; q < count; ++q) {
      if (q >= own.count) continue;
      Four<Element> four;
      IGN_UNROLL
      for (std::size_t n = 0; n < 4; ++n) four.values[n] = Kind::element(values[q][n]);
      *reinterpret_cast<Four<Element>*>(to + ((own.line + q * own.lines_apart) * stride + own.place)) = four;
    }
  }

  KOKKOS_FUNCTION void read_left(std::size_t s, unsigned first) {
    P const& p = job.product;
    FragmentFours const own = left_of(rank + s * members);
    IGN_UNROLL
    for (unsigned q = 0; q < left_fours; ++q) {
      IGN_UNROLL
      for (std::size_t n = 0; n < 4; ++n) left[s][q][n] = 0;
      unsigned const k = first + (P::left_along_inner ? own.place : own.line + q * own.lines_apart);
      unsigned const i = at.first_row + (P::left_along_inner ? own.line + q * own.lines_apart : own.place);
      if (q >= own.count || k >= end || i >= job.e.rows) continue;
      if constexpr (requires { p.left_four(rows[s][q], p.step(at.batch, k), left[s][q]); }) {
        if (job.left_in_fours) {
          p.left_four(rows[s][P::left_along_inner ? q : 0], p.step(at.batch, k), left[s][q]);
          continue;
        }
      }
      IGN_UNROLL
      for (unsigned n = 0; n < 4; ++n) {
        if (P::left_along_inner ? k + n < end : i + n < job.e.rows)
          left[s][q][n] = p.left(rows[s][P::left_along_inner ? q : n], p.step(at.batch, P::left_along_inner ? k + n : k));
      }
    }
  }

  KOKKOS_FUNCTION void read_right(std::size_t s, unsigned first) {
    P const& p = job.product;
    FragmentFours const own = right_of(rank + s * members);
    IGN_UNROLL
    for (unsigned q = 0; q < right_fours; ++q) {
      IGN_UNROLL
      for (std::size_t n = 0; n < 4; ++n) right[s][q][n] = 0;
      unsigned const k = first + (P::right_along_inner ? own.place : own.line + q * own.lines_apart);
      unsigned const j = at.first_column + (P::right_along_inner ? own.line + q * own.lines_apart : own.place);
      if (q >= own.count || k >= end || j >= job.e.columns) continue;
      if constexpr (requires { p.right_four(p.step(at.batch, k), j, right[s][q]); }) {
        if (job.right_in_fours) {
          p.right_four(p.step(at.batch, k), j, right[s][q]);
          continue;
        }
      }
      IGN_UNROLL
      for (unsigned n = 0; n < 4; ++n) {
        if (P::right_along_inner ? k + n < end : j + n < job.e.columns)
          right[s][q][n] = p.right(p.step(at.batch, P::right_along_inner ? k + n : k), P::right_along_inner ? j : j + n);
      }
    }
  }
};

/// Computes the tile of one team with fragments. The tile's columns are a runtime value: they only move addresses in scratch memory.
template <std::size_t virtual_threads, class Team, FragmentProduct P>
KOKKOS_FUNCTION void compute_fragment_tile(Team const& member, Job<P> const& job, std::size_t index, float* scratch) {
  using Kind = typename P::fragment_kind;
  using Element = typename Kind::Element;
  constexpr std::size_t members = threads / virtual_threads;
  constexpr unsigned size = fragment_size, all_units = tile_area / (std::size_t{2} * size * size);
  constexpr std::size_t workers = members / fragment_threads;  // groups of threads that hold a fragment
  constexpr std::size_t units = workers < all_units ? all_units / workers : 1;
  ProductExtents const& e = job.e;
  TilePosition const at(e, e.tile_columns, index);
  FragmentLayout<Kind> const layout(e.tile_columns, P::left_along_inner, P::right_along_inner);
  unsigned const begin = fragment_part_begin(e, at.part), end = fragment_part_begin(e, at.part + 1);
  auto const rank = static_cast<unsigned>(member.team_rank());
  // Adds an offset instead of casting an aligned address to a pointer: the compiler can then still infer that this is scratch memory.
  float* const aligned = scratch + (0 - reinterpret_cast<std::uintptr_t>(scratch)) % FragmentLayout<Kind>::alignment / sizeof(float);
  auto* const stages = reinterpret_cast<Element*>(aligned);

  FragmentSums<Kind> unit_sums[units][2];
  for (auto& pair : unit_sums)
    for (auto& one : pair) one.clear();
  unsigned const across_bits = layout.columns_bits - 4;  // binary logarithm of the units beside each other
  auto const unit_of = [&](std::size_t n) { return static_cast<unsigned>(rank / fragment_threads + n * workers); };
  auto const row_of = [&](std::size_t n) { return (unit_of(n) >> across_bits) * 2 * size; };
  auto const column_of = [&](std::size_t n) { return (unit_of(n) & ((1u << across_bits) - 1)) * size; };

  FragmentReader<virtual_threads, P> reader(job, layout, at, end, rank);
  if (begin < end) {
    reader.read(begin);
    reader.write(stages);
  }
  member.team_barrier();
  unsigned stage = 0;
  for (unsigned first = begin; first < end; first += layout.slice, stage = layout.stage_size - stage) {
    bool const more = first + layout.slice < end;
    if (more) reader.read(first + layout.slice);
    Element const* const left = stages + stage;
    Element const* const right = left + layout.left_size;
    IGN_UNROLL
    for (std::size_t n = 0; n < units; ++n) {
      unsigned const row = row_of(n), column = column_of(n);
      if (at.first_row + row >= e.rows || at.first_column + column >= e.columns) continue;
      for (unsigned k = 0; k < layout.slice; k += Kind::inner) {
        FragmentFactor<Kind, false, P::right_along_inner> b;
        b.load(right + (P::right_along_inner ? column * layout.right_stride + k : k * layout.right_stride + column), layout.right_stride);
        IGN_UNROLL
        for (unsigned half = 0; half < 2; ++half) {
          unsigned const i = row + half * size;
          FragmentFactor<Kind, true, P::left_along_inner> a;
          a.load(left + (P::left_along_inner ? i * layout.left_stride + k : k * layout.left_stride + i), layout.left_stride);
          unit_sums[n][half].add_product(a, b);
        }
      }
    }
    if (more) reader.write(stages + (layout.stage_size - stage));
    member.team_barrier();
  }

  unsigned const stride = layout.sums_stride();
  IGN_UNROLL
  for (std::size_t n = 0; n < units; ++n) {
    IGN_UNROLL
    for (unsigned half = 0; half < 2; ++half) unit_sums[n][half].store(aligned + (row_of(n) + half * size) * stride + column_of(n), stride);
  }
  member.team_barrier();
  float sums[virtual_threads][block][block];
  for (std::size_t s = 0; s < virtual_threads; ++s) {
    auto const thread = static_cast<unsigned>(rank + s * members);
    unsigned const group = thread >> (layout.columns_bits - 2), column = thread * 4 & (layout.columns - 1);
    IGN_UNROLL
    for (std::size_t i = 0; i < block; ++i) read_four(aligned + (group * block + i) * stride + column, sums[s][i]);
  }
  finish_tile<virtual_threads>(member, job, at, e.tile_columns, sums, scratch);
}

}  // namespace team
}  // namespace ign::math

#endif  // IGN_MATH_GEMM_FRAGMENT_TILE_HPP
