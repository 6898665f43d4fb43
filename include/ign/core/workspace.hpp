// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Memory shared by successive passes: scratch memory of layers, and gradients of activations. It grows at first use and is then reused.
#ifndef IGN_CORE_WORKSPACE_HPP
#define IGN_CORE_WORKSPACE_HPP

#include <Kokkos_Core.hpp>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "ign/core/detail/arrival_counters.hpp"

namespace ign {

/// Rounds a number of elements up to whole cache lines (64 bytes), so that what follows in memory is aligned like what precedes.
template <class Real>
constexpr std::size_t aligned_size(std::size_t count) {
  constexpr std::size_t line = 64 / sizeof(Real);
  return (count + line - 1) / line * line;
}

/// Distance between the scratch memories of two workers with `size` elements each. No two workers share a cache line. The extra
/// line keeps sizes that are powers of two from mapping all workers to the same sets of a cache.
template <class Real>
constexpr std::size_t worker_stride(std::size_t size) {
  return aligned_size<Real>(size) + 64 / sizeof(Real);
}

namespace detail {
inline std::uint64_t buffer_growths = 0;  // atomic: threads may train nets of their own. <atomic> takes longer to compile than this header
}

/// Number of allocations by all Buffers of this process. Code that stores addresses of buffers compares it to detect that they have moved.
inline std::uint64_t buffer_growths() { return Kokkos::atomic_load(&detail::buffer_growths); }

/// A flat buffer that grows on demand and never shrinks. Growing discards its contents.
///
/// A buffer belongs to one object and can be moved, but not copied: two copies would overwrite each other's memory. A buffer that was moved
/// from has no memory.
template <Scalar Real, class Exec = Kokkos::DefaultExecutionSpace>
class Buffer {
 public:
  /// Allocates nothing yet. `label` is the name of the View, as for make_tensor.
  explicit Buffer(std::string label) : m_label(std::move(label)) {}

  /// Takes the memory of `other`, which is empty then and keeps its label, since it may be used again. Copying a label that is too long for
  /// the string's own storage may fail for lack of memory, which ends the program.
  Buffer(Buffer&& other) noexcept : m_label(std::string(other.m_label)), m_memory(std::exchange(other.m_memory, {})) {}
  /// Takes the memory of `other`, which is empty then.
  Buffer& operator=(Buffer&& other) noexcept {
    m_memory = std::exchange(other.m_memory, {});
    m_label = other.m_label;
    return *this;
  }
  Buffer(Buffer const&) = delete;
  Buffer& operator=(Buffer const&) = delete;

  /// Returns a view of the first `size` elements. Reallocates and discards the contents if the buffer has fewer.
  VectorRef<Real, Exec> reserve(Exec const& exec, std::size_t size) {
    if (size > m_memory.size()) {
      Kokkos::atomic_inc(&detail::buffer_growths);
      m_memory = {};  // frees the old memory before the new is allocated
      m_memory = Vector<Real, Exec>(Kokkos::view_alloc(exec, Kokkos::WithoutInitializing, m_label), size);
    }
    return VectorRef<Real, Exec>(m_memory.data(), size);
  }

 private:
  std::string m_label;
  Vector<Real, Exec> m_memory;
};

/// Returns a non-owning tensor of `count` samples of `shape` on the buffer's memory; allocates if the buffer is too small.
template <Scalar Real, class Exec>
TensorRef<Real, Exec> reserve_tensor(Exec const& exec, Buffer<Real, Exec>& buffer, int count, Shape shape) {
  auto const size = static_cast<std::size_t>(count) * shape.size();
  return TensorRef<Real, Exec>(buffer.reserve(exec, size).data(), count, shape.height, shape.width, shape.channels);
}

/// Returns a non-owning tensor with the extents of x on the buffer's memory; allocates if the buffer is too small.
template <Scalar Real, class Exec>
TensorRef<Real, Exec> reserve_like(Exec const& exec, Buffer<Real, Exec>& buffer, TensorRef<Real, Exec> const& x) {
  return TensorRef<Real, Exec>(buffer.reserve(exec, x.size()).data(), x.extent(0), x.extent(1), x.extent(2), x.extent(3));
}

/// Memory shared by all passes of a net. Only one pass at a time may use it. Can be moved, but not copied.
template <Scalar Real, class Exec = Kokkos::DefaultExecutionSpace>
struct Workspace {
  Buffer<Real, Exec> scratch{"ign::workspace::scratch"};  ///< scratch memory of the current layer or source
  /// dy and dx of backward, alternating from layer to layer.
  std::array<Buffer<Real, Exec>, 2> gradients = {Buffer<Real, Exec>("ign::workspace::gradient 0"),
                                                 Buffer<Real, Exec>("ign::workspace::gradient 1")};

  /// Returns the arrival counters, allocated at first use; empty on a host.
  ArrivalCounters<Exec> reserve_counters(Exec const& exec) {
    if (!uses_host_kernels_v<Exec> && m_counters.size() == 0) m_counters = make_arrival_counters(exec, "ign::workspace::counters");
    return m_counters;
  }

 private:
  Vector<unsigned, Exec> m_counters;
};

}  // namespace ign

#endif  // IGN_CORE_WORKSPACE_HPP
