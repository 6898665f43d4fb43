// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Memory that passes share: scratch of layers and the gradients on their way back. It grows at first use, then stays.
#ifndef IGN_CORE_WORKSPACE_HPP
#define IGN_CORE_WORKSPACE_HPP

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "ign/core/tickets.hpp"

namespace ign {

/// Rounds a count of numbers up so that what follows starts on a cache line (64 bytes) of its own.
template <class Real>
constexpr std::size_t padded(std::size_t count) {
  constexpr std::size_t line = 64 / sizeof(Real);
  return (count + line - 1) / line * line;
}

/// Where each of several workers has `size` numbers of scratch, they lie this far apart: no two share a cache line, and equal places of
/// two workers do not compete for one line of a shared cache.
template <class Real>
constexpr std::size_t worker_stride(std::size_t size) {
  return padded<Real>(size) + 64 / sizeof(Real);
}

namespace detail {
inline std::atomic<std::uint64_t> buffer_growths{0};
}

/// How often a Buffer of this process has taken new memory: whoever has noted where one lies looks again when this changes.
inline std::uint64_t buffer_growths() { return detail::buffer_growths.load(std::memory_order_relaxed); }

/// A flat buffer that only ever grows. Its contents do not survive growing.
template <Scalar Real, class Exec = Kokkos::DefaultExecutionSpace>
class Buffer {
 public:
  /// Takes no memory yet; `label` is the name of its View and begins with "ign::".
  explicit Buffer(std::string label) : m_label(std::move(label)) {}

  /// A window on the first `size` numbers; allocates when there are fewer.
  VectorWindow<Real, Exec> reserve(Exec const& exec, std::size_t size) {
    if (size > m_memory.size()) {
      detail::buffer_growths.fetch_add(1, std::memory_order_relaxed);
      m_memory = {};  // first, so that old and new never exist together
      m_memory = Vector<Real, Exec>(Kokkos::view_alloc(exec, Kokkos::WithoutInitializing, m_label), size);
    }
    return VectorWindow<Real, Exec>(m_memory.data(), size);
  }

 private:
  std::string m_label;
  Vector<Real, Exec> m_memory;
};

/// A window with the extents of x on the buffer's memory, which grows to hold it.
template <Scalar Real, class Exec>
TensorWindow<Real, Exec> window_like(Exec const& exec, TensorWindow<Real, Exec> const& x, Buffer<Real, Exec>& buffer) {
  return TensorWindow<Real, Exec>(buffer.reserve(exec, x.size()).data(), x.extent(0), x.extent(1), x.extent(2), x.extent(3));
}

/// What all passes of one net share. One pass at a time may use it.
template <Scalar Real, class Exec = Kokkos::DefaultExecutionSpace>
struct Workspace {
  Buffer<Real, Exec> scratch{"ign::workspace::scratch"};  ///< of the layer at work, or of a source
  /// dy and dx on the way back, by turns.
  std::array<Buffer<Real, Exec>, 2> gradients = {Buffer<Real, Exec>("ign::workspace::gradient 0"),
                                                 Buffer<Real, Exec>("ign::workspace::gradient 1")};

  /// Counters for the kernels of a device; on a host there are none.
  Tickets<Exec> reserve_tickets(Exec const& exec) {
    if (!is_host_v<Exec> && m_tickets.size() == 0) m_tickets = make_tickets(exec, "ign::workspace::tickets");
    return m_tickets;
  }

 private:
  Vector<unsigned, Exec> m_tickets;
};

}  // namespace ign

#endif  // IGN_CORE_WORKSPACE_HPP
