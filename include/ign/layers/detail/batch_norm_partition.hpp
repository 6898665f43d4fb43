// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Partition of the rows of batch normalisation, and the tasks of its host kernels. Rows are the pixels of all samples. A task is a chunk
/// of rows of one segment by a block of channels, sized for registers and cache. The kernels of devices are in
/// layers/detail/batch_norm_device.hpp.
#ifndef IGN_LAYERS_DETAIL_BATCH_NORM_PARTITION_HPP
#define IGN_LAYERS_DETAIL_BATCH_NORM_PARTITION_HPP

#include <string>

#include "ign/core/elementwise.hpp"
#include "ign/layers/layer.hpp"

namespace ign::detail {

/// Largest number of channels of a task.
inline constexpr std::size_t norm_block = 64;

/// Partition of the rows. It follows from the extents of the batch alone: sums are bitwise identical for any number of threads.
struct BatchNormPartition {
  static constexpr std::size_t chunk_rows = 128;  ///< rows of a chunk; the last one of a segment may have fewer

  std::size_t segments;         ///< of the batch
  std::size_t segment_rows;     ///< rows of a segment
  std::size_t rows_per_sample;  ///< pixels of a sample
  std::size_t channels;         ///< columns

  KOKKOS_FUNCTION std::size_t chunks() const { return (segment_rows + chunk_rows - 1) / chunk_rows; }  ///< per segment
  KOKKOS_FUNCTION std::size_t all_chunks() const { return segments * chunks(); }                       ///< of the batch
  /// First row of a chunk, within the batch.
  KOKKOS_FUNCTION std::size_t first_row(std::size_t chunk) const { return chunk / chunks() * segment_rows + chunk % chunks() * chunk_rows; }
  /// Segment of an element of the batch. Comparisons: cheaper than a division.
  KOKKOS_FUNCTION std::size_t segment_of(std::size_t element) const {
    std::size_t segment = 0;
    for (std::size_t next = 1; next < max_segments; ++next) segment += element >= next * segment_rows * channels ? 1 : 0;
    return segment;
  }
  /// Rows of a chunk.
  KOKKOS_FUNCTION std::size_t rows(std::size_t chunk) const {
    std::size_t const begin = chunk % chunks() * chunk_rows;
    return begin + chunk_rows < segment_rows ? chunk_rows : segment_rows - begin;
  }
};

/// Compile-time number of channels.
template <std::size_t n>
struct Channels {
  KOKKOS_FUNCTION constexpr operator std::size_t() const { return n; }
};

/// Kernel of for_each_norm_task. Common numbers of channels are passed as constants, for unrolled loops.
template <class Body>
struct NormTasks {
  Body body;             ///< called for each task
  std::size_t channels;  ///< of the batch
  std::size_t blocks;    ///< of channels

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

/// Blocks of channels.
inline std::size_t norm_block_count(BatchNormPartition const& partition) { return (partition.channels + norm_block - 1) / norm_block; }
/// Number of tasks.
inline std::size_t norm_task_count(BatchNormPartition const& partition) { return partition.all_chunks() * norm_block_count(partition); }

/// Calls body(chunk, first channel, channels) for each task of the partition, in parallel.
template <class Exec, class Body>
void for_each_norm_task(std::string const& label, Exec const& exec, BatchNormPartition const& partition, Body const& body) {
  Kokkos::parallel_for(label, range_policy(exec, norm_task_count(partition)),
                       NormTasks<Body>{body, partition.channels, norm_block_count(partition)});
}

}  // namespace ign::detail

#endif  // IGN_LAYERS_DETAIL_BATCH_NORM_PARTITION_HPP
