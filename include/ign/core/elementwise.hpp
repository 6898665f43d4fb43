// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Elementwise kernels: a contiguous chunk per index on hosts, where loops vectorise; one element per index on devices, where accesses of
/// neighbouring threads coalesce.
#ifndef IGN_CORE_ELEMENTWISE_HPP
#define IGN_CORE_ELEMENTWISE_HPP

#include <string>

#include "ign/core/compiler.hpp"
#include "ign/core/launch.hpp"
#include "ign/core/tensor.hpp"

namespace ign {

/// Number of elements in a chunk: on hosts 8 KiB of floats or 16 KiB of doubles, which fit the L1 cache.
template <class Exec>
inline constexpr std::size_t chunk_length_v = uses_host_kernels_v<Exec> ? 2048 : 1;

namespace detail {

template <class Exec, class Body>
struct Chunks {
  Body body;
  std::size_t size;
  std::size_t per_row;  // chunks

  KOKKOS_FUNCTION void operator()(std::size_t index) const {
    std::size_t const row = index / per_row;
    std::size_t const first = index % per_row * chunk_length_v<Exec>;
    std::size_t const last = first + chunk_length_v<Exec> < size ? first + chunk_length_v<Exec> : size;
    body(row, first, last);
  }
};

}  // namespace detail

/// Calls `body(row, first, last)` in parallel, so that each element [0, size) of each row is in exactly one chunk [first, last).
///
/// Pass the whole contiguous length as `size` where possible: each row is divided into chunks of its own, the last of which may be short.
/// On a host a task is one chunk, so rows of up to 2048 elements are one task each, and a single such row runs on one thread. On a device a
/// task is one element, whatever rows and size are.
///
/// Body is a functor with a `KOKKOS_FUNCTION void operator()(std::size_t, std::size_t, std::size_t) const`.
template <class Exec, class Body>
void for_each_chunk(std::string const& label, Exec const& exec, std::size_t rows, std::size_t size, Body const& body) {
  std::size_t const per_row = (size + chunk_length_v<Exec> - 1) / chunk_length_v<Exec>;
  Kokkos::parallel_for(label, range_policy(exec, rows * per_row), detail::Chunks<Exec, Body>{body, size, per_row});
}

}  // namespace ign

#endif  // IGN_CORE_ELEMENTWISE_HPP
