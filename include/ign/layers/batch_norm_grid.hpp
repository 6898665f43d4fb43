// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// How a host's kernels of batch normalisation are cut into tasks. Rows are pixels of all samples; a task is a chunk of rows of one segment
/// and a block of channels, as many as fit into registers and cache. (A device: layers/batch_norm_device.hpp.)
#ifndef IGN_LAYERS_BATCH_NORM_GRID_HPP
#define IGN_LAYERS_BATCH_NORM_GRID_HPP

#include <string>

#include "ign/core/layer.hpp"
#include "ign/core/runs.hpp"

namespace ign::detail {

/// Channels of one task.
inline constexpr std::size_t norm_block = 64;

/// How rows are cut: by the batch's extents alone, so that sums have the same bits for any number of threads.
struct NormGrid {
  static constexpr std::size_t chunk_rows = 128;

  std::size_t segments, segment_rows, rows_per_sample, channels;

  KOKKOS_FUNCTION std::size_t chunks() const { return (segment_rows + chunk_rows - 1) / chunk_rows; }  ///< of a segment
  KOKKOS_FUNCTION std::size_t all_chunks() const { return segments * chunks(); }
  KOKKOS_FUNCTION std::size_t first_row(std::size_t chunk) const { return chunk / chunks() * segment_rows + chunk % chunks() * chunk_rows; }
  /// Segment of a number of the batch, by comparisons: a division is dearer.
  KOKKOS_FUNCTION std::size_t segment_of(std::size_t place) const {
    std::size_t segment = 0;
    for (std::size_t next = 1; next < max_segments; ++next) segment += place >= next * segment_rows * channels ? 1 : 0;
    return segment;
  }
  KOKKOS_FUNCTION std::size_t rows(std::size_t chunk) const {
    std::size_t const begin = chunk % chunks() * chunk_rows;
    return begin + chunk_rows < segment_rows ? chunk_rows : segment_rows - begin;
  }
};

/// A number of channels that is known when a kernel is compiled.
template <std::size_t n>
struct Channels {
  KOKKOS_FUNCTION constexpr operator std::size_t() const { return n; }
};

/// Calls body(chunk, first channel, channels) in parallel. Common numbers of channels come as constants, so that loops over them unroll.
template <class Body>
struct NormTasks {
  Body body;
  std::size_t channels, blocks;

  KOKKOS_FUNCTION void operator()(std::size_t index) const {
    std::size_t const chunk = index / blocks;
    std::size_t const first = index % blocks * norm_block;
    std::size_t const count = first + norm_block < channels ? norm_block : channels - first;
    if (count == 64) return body(chunk, first, Channels<64>{});
    if (count == 32) return body(chunk, first, Channels<32>{});
    if (count == 16) return body(chunk, first, Channels<16>{});
    body(chunk, first, count);
  }
};

template <class Exec, class Body>
void for_each_norm_task(std::string const& label, Exec const& exec, NormGrid const& grid, Body const& body) {
  std::size_t const blocks = (grid.channels + norm_block - 1) / norm_block;
  Kokkos::parallel_for(label, indices(exec, grid.all_chunks() * blocks), NormTasks<Body>{body, grid.channels, blocks});
}

}  // namespace ign::detail

#endif  // IGN_LAYERS_BATCH_NORM_GRID_HPP
