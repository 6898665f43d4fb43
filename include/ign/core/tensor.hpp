// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// The View types of the library: tensors (n, h, w, c) and flat vectors, owning or as windows into a larger allocation.
#ifndef IGN_CORE_TENSOR_HPP
#define IGN_CORE_TENSOR_HPP

#include <Kokkos_Core.hpp>
#include <string>
#include <type_traits>

#include "ign/core/error.hpp"
#include "ign/core/shape.hpp"

namespace ign {

/// Owning tensor (n, h, w, c). Channels last: a pixel is one row of a matrix product.
template <class Real, class Exec = Kokkos::DefaultExecutionSpace>
using Tensor = Kokkos::View<Real****, Kokkos::LayoutRight, typename Exec::memory_space>;

/// Owning flat vector.
template <class Real, class Exec = Kokkos::DefaultExecutionSpace>
using Vector = Kokkos::View<Real*, Kokkos::LayoutRight, typename Exec::memory_space>;

/// Window (n, h, w, c) on memory that something else owns. What layers receive.
template <class Real, class Exec = Kokkos::DefaultExecutionSpace>
using TensorWindow = Kokkos::View<Real****, Kokkos::LayoutRight, typename Exec::memory_space, Kokkos::MemoryTraits<Kokkos::Unmanaged>>;

/// Flat window on memory that something else owns; of extent 0 it means "absent".
template <class Real, class Exec = Kokkos::DefaultExecutionSpace>
using VectorWindow = Kokkos::View<Real*, Kokkos::LayoutRight, typename Exec::memory_space, Kokkos::MemoryTraits<Kokkos::Unmanaged>>;

/// Real numbers that nets may be made of.
template <class Real>
concept Scalar = std::is_same_v<Real, float> || std::is_same_v<Real, double>;

/// Any rank-4 View that can be read as (n, h, w, c) of one contiguous block.
template <class View>
concept TensorView = Kokkos::is_view_v<View> &&(View::rank() == 4) && std::is_same_v<typename View::array_layout, Kokkos::LayoutRight>;

/// True where Exec runs on the host's threads. (Memory that a host can read is no sign of that: some GPUs share theirs.)
template <class Exec>
inline constexpr bool on_host_v = std::is_same_v<typename Exec::memory_space, Kokkos::HostSpace>;

/// True where kernels are loops over runs of numbers, made for vectors and caches; false: one number a thread, and teams with tiles in
/// scratch memory. A program may specialise it to false for a host, before anything else of the library is used, and so sends the host
/// the way of a device: tests do.
template <class Exec>
inline constexpr bool is_host_v = on_host_v<Exec>;

/// Threads that a host's kernels keep scratch for, each its own; 0 on a device, where scratch is shared.
template <class Exec>
int workers_of(Exec const& exec) {
  return is_host_v<Exec> ? static_cast<int>(exec.concurrency()) : 0;
}

/// Extents of one sample of a tensor.
template <TensorView View>
Shape shape_of(View const& tensor) {
  return {static_cast<int>(tensor.extent(1)), static_cast<int>(tensor.extent(2)), static_cast<int>(tensor.extent(3))};
}

/// Extent 0 of a tensor.
template <TensorView View>
int batch_of(View const& tensor) {
  return static_cast<int>(tensor.extent(0));
}

/// A new tensor of `batch` samples, not initialised; `label` is the View's name and begins with "ign::".
template <Scalar Real, class Exec>
Tensor<Real, Exec> make_tensor(Exec const& exec, std::string const& label, int batch, Shape shape) {
  return Tensor<Real, Exec>(Kokkos::view_alloc(exec, Kokkos::WithoutInitializing, label), batch, shape.height, shape.width, shape.channels);
}

/// A new vector, filled with zeros.
template <Scalar Real, class Exec>
Vector<Real, Exec> make_vector(Exec const& exec, std::string const& label, std::size_t size) {
  return Vector<Real, Exec>(Kokkos::view_alloc(exec, label), size);
}

/// Samples [first, first + count) of a tensor.
template <class Real, class Exec>
TensorWindow<Real, Exec> samples(TensorWindow<Real, Exec> const& tensor, int first, int count) {
  auto const size = tensor.extent(1) * tensor.extent(2) * tensor.extent(3);
  return TensorWindow<Real, Exec>(tensor.data() + first * size, count, tensor.extent(1), tensor.extent(2), tensor.extent(3));
}

/// The same numbers seen with other extents per sample; the sizes must agree.
template <class Real, class Exec>
TensorWindow<Real, Exec> reshaped(TensorWindow<Real, Exec> const& tensor, Shape shape) {
  require(tensor.size() == tensor.extent(0) * shape.size(), Fault::shape, 1, "reshaped: ", shape_of(tensor),
          " does not hold as many numbers as ", shape);
  return TensorWindow<Real, Exec>(tensor.data(), tensor.extent(0), shape.height, shape.width, shape.channels);
}

}  // namespace ign

#endif  // IGN_CORE_TENSOR_HPP
