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
#include "ign/core/scalar.hpp"
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

/// Flat window on memory that something else owns; without memory (data() is nullptr) it means "absent".
template <class Real, class Exec = Kokkos::DefaultExecutionSpace>
using VectorWindow = Kokkos::View<Real*, Kokkos::LayoutRight, typename Exec::memory_space, Kokkos::MemoryTraits<Kokkos::Unmanaged>>;

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

/// A new tensor of `batch` samples, not initialised; `label` is the View's name. Those of the library begin with "ign::".
template <class Real, class Exec>
Tensor<Real, Exec> make_tensor(Exec const& exec, std::string const& label, int batch, Shape shape) {
  static_assert(Scalar<Real>, "ign::make_tensor: numbers are float or double");
  return Tensor<Real, Exec>(Kokkos::view_alloc(exec, Kokkos::WithoutInitializing, label), batch, shape.height, shape.width, shape.channels);
}

/// A new vector, filled with zeros.
template <class Real, class Exec>
Vector<Real, Exec> make_vector(Exec const& exec, std::string const& label, std::size_t size) {
  static_assert(Scalar<Real>, "ign::make_vector: numbers are float or double");
  return Vector<Real, Exec>(Kokkos::view_alloc(exec, label), size);
}

/// A window with the extents (batch, h, w, c) of `shape` on a View of one's own, of any rank, whose numbers lie in that order.
///
/// Nothing is copied; the View must live as long as the window is used.
/// \throws Error [ign.shape.170] when the View holds another count of numbers, or leaves gaps between them
template <class Exec, class View>
TensorWindow<typename View::non_const_value_type, Exec> window(View const& view, int batch, Shape shape) {
  static_assert(Scalar<typename View::value_type>, "ign::window: the View's numbers are float or double, and not const");
  static_assert(std::is_same_v<typename View::array_layout, Kokkos::LayoutRight>,
                "ign::window: the View's layout is Kokkos::LayoutRight, with the last extent fastest");
  static_assert(std::is_same_v<typename View::memory_space, typename Exec::memory_space>,
                "ign::window: the View's memory is that of Exec, Exec::memory_space");
  require(view.span_is_contiguous() && view.size() == static_cast<std::size_t>(batch) * shape.size(), Fault::shape, 170,
          "window: the View '", view.label(), "' holds ", view.size(), view.span_is_contiguous() ? "" : " scattered", " numbers, expected ",
          batch, " samples of ", shape, " without gaps");
  return TensorWindow<typename View::non_const_value_type, Exec>(view.data(), batch, shape.height, shape.width, shape.channels);
}

/// The same on a View (n, h, w, c).
template <class Exec, class View>
TensorWindow<typename View::non_const_value_type, Exec> window(View const& view) {
  static_assert(View::rank() == 4, "ign::window: the View has the four extents (n, h, w, c); for another rank state batch and shape");
  return window<Exec>(view, static_cast<int>(view.extent(0)),
                      {static_cast<int>(view.extent(1)), static_cast<int>(view.extent(2)), static_cast<int>(view.extent(3))});
}

/// Samples [first, first + count) of a tensor.
template <class Real, class Exec>
TensorWindow<Real, Exec> samples(TensorWindow<Real, Exec> const& tensor, int first, int count) {
  auto const size = tensor.extent(1) * tensor.extent(2) * tensor.extent(3);
  return TensorWindow<Real, Exec>(tensor.data() + first * size, count, tensor.extent(1), tensor.extent(2), tensor.extent(3));
}

/// The same of an owning tensor, or of any other: `samples(images, 0, 16)`.
template <TensorView View>
auto samples(View const& tensor, int first, int count) {
  using Window =
      Kokkos::View<typename View::data_type, Kokkos::LayoutRight, typename View::memory_space, Kokkos::MemoryTraits<Kokkos::Unmanaged>>;
  auto const size = tensor.extent(1) * tensor.extent(2) * tensor.extent(3);
  return Window(tensor.data() + first * size, count, tensor.extent(1), tensor.extent(2), tensor.extent(3));
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
