// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// View types of the library: tensors (n, h, w, c) and flat vectors.
///
///     Tensor, Vector          own their memory, as Kokkos Views do: copies share it
///     TensorRef, VectorRef    refer to memory that something else owns; the arguments of the library's functions
///
/// All are Kokkos Views with LayoutRight in the memory space of Exec. n counts samples, h rows, w columns and c channels; channels are
/// contiguous in memory.
#ifndef IGN_CORE_TENSOR_HPP
#define IGN_CORE_TENSOR_HPP

#include <Kokkos_Core.hpp>
#include <cstdint>
#include <string>
#include <type_traits>

#include "ign/core/error.hpp"
#include "ign/core/scalar.hpp"
#include "ign/core/shape.hpp"

namespace ign {

/// Owning tensor (n, h, w, c). With channels last, each pixel is a row of a matrix, as matrix products need it.
template <class Real, class Exec = Kokkos::DefaultExecutionSpace>
using Tensor = Kokkos::View<Real****, Kokkos::LayoutRight, typename Exec::memory_space>;

/// Owning flat vector.
template <class Real, class Exec = Kokkos::DefaultExecutionSpace>
using Vector = Kokkos::View<Real*, Kokkos::LayoutRight, typename Exec::memory_space>;

/// Non-owning tensor (n, h, w, c), the argument type of layers.
template <class Real, class Exec = Kokkos::DefaultExecutionSpace>
using TensorRef = Kokkos::View<Real****, Kokkos::LayoutRight, typename Exec::memory_space, Kokkos::MemoryTraits<Kokkos::Unmanaged>>;

/// Non-owning flat vector. Without memory (data() is nullptr) it stands for an argument that is absent.
template <class Real, class Exec = Kokkos::DefaultExecutionSpace>
using VectorRef = Kokkos::View<Real*, Kokkos::LayoutRight, typename Exec::memory_space, Kokkos::MemoryTraits<Kokkos::Unmanaged>>;

/// True if a tensor or vector stands for an argument that is absent.
template <class Ref>
bool absent(Ref const& ref) {
  return ref.data() == nullptr;
}

/// Any View of rank 4 and LayoutRight with extents (n, h, w, c). Its memory must be contiguous, which the concept does not check.
template <class View>
concept TensorView = Kokkos::is_view_v<View> &&(View::rank() == 4) && std::is_same_v<typename View::array_layout, Kokkos::LayoutRight>;

/// True if Exec runs on threads of the host. Accessibility from the host is no criterion, since some GPUs share their memory with it.
template <class Exec>
inline constexpr bool runs_on_host_v = std::is_same_v<typename Exec::memory_space, Kokkos::HostSpace>;

/// True if kernels take their host form: loops over contiguous chunks, written for vector units and caches. False selects the device form:
/// one element per thread, and teams with tiles in scratch memory (docs/backends.md lists the kernels with less parallelism).
///
/// A program may specialise this to false for a host execution space before any other use of the library. Tests do so to run the device
/// form on the host.
template <class Exec>
inline constexpr bool uses_host_kernels_v = runs_on_host_v<Exec>;

/// Number of host threads with scratch memory of their own; 0 on a device, where scratch memory is shared.
template <class Exec>
int workers_of(Exec const& exec) {
  return uses_host_kernels_v<Exec> ? static_cast<int>(exec.concurrency()) : 0;
}

/// Extents of one sample of a tensor.
template <TensorView View>
Shape shape_of(View const& tensor) {
  return {static_cast<int>(tensor.extent(1)), static_cast<int>(tensor.extent(2)), static_cast<int>(tensor.extent(3))};
}

/// Number of samples of a tensor, its extent 0.
template <TensorView View>
int batch_of(View const& tensor) {
  return static_cast<int>(tensor.extent(0));
}

/// Returns a new tensor of `batch` samples, not initialised.
/// \param label  name of the View, any text; the library's own labels begin with "ign::"
template <class Real, class Exec>
Tensor<Real, Exec> make_tensor(Exec const& exec, std::string const& label, int batch, Shape shape) {
  static_assert(Scalar<Real>, "ign::make_tensor: elements are float or double");
  return Tensor<Real, Exec>(Kokkos::view_alloc(exec, Kokkos::WithoutInitializing, label), batch, shape.height, shape.width, shape.channels);
}

/// Returns a new vector, filled with zeros.
/// \param label  name of the View, as for make_tensor
template <class Real, class Exec>
Vector<Real, Exec> make_vector(Exec const& exec, std::string const& label, std::size_t size) {
  static_assert(Scalar<Real>, "ign::make_vector: elements are float or double");
  return Vector<Real, Exec>(Kokkos::view_alloc(exec, label), size);
}

/// Returns a non-owning tensor (batch, h, w, c) on the memory of a View of any rank, whose elements lie in that order. The View's layout is
/// LayoutRight; with rank 0 or 1 it may be any, such as LayoutLeft, the default on a GPU.
///
/// Nothing is copied: the View must outlive the tensor and all work that is queued with it. Exec must be able to access the View's memory,
/// such as Kokkos::SharedSpace.
/// \throws Error [ign.shape.170] if the View has another number of elements, or gaps between them
template <class Exec, class View>
TensorRef<typename View::non_const_value_type, Exec> tensor_ref(View const& view, int batch, Shape shape) {
  static_assert(Scalar<typename View::value_type>, "ign::tensor_ref: the View's elements must be float or double, and not const");
  static_assert(View::rank() <= 1 || std::is_same_v<typename View::array_layout, Kokkos::LayoutRight>,
                "ign::tensor_ref: the View's layout is Kokkos::LayoutRight, with the last extent fastest");
  static_assert(Kokkos::SpaceAccessibility<Exec, typename View::memory_space>::accessible,
                "ign::tensor_ref: Exec must be able to access the View's memory space");
  require(view.span_is_contiguous() && view.size() == static_cast<std::size_t>(batch) * shape.size(), Fault::shape, 170,
          "tensor_ref: the View '", view.label(), "' holds ", view.size(), view.span_is_contiguous() ? "" : " non-contiguous",
          " elements, expected ", batch, " samples of ", shape, " without gaps");
  return TensorRef<typename View::non_const_value_type, Exec>(view.data(), batch, shape.height, shape.width, shape.channels);
}

/// Returns a non-owning tensor with the extents of a View (n, h, w, c), or of a View (n, d, h, w, c) as volume_shape.
template <class Exec, class View>
TensorRef<typename View::non_const_value_type, Exec> tensor_ref(View const& view) {
  static_assert(
      View::rank() == 4 || View::rank() == 5,
      "ign::tensor_ref: the View must have the extents (n, h, w, c) or (n, d, h, w, c); for another rank pass batch and shape as well");
  if constexpr (View::rank() == 5)
    return tensor_ref<Exec>(view, static_cast<int>(view.extent(0)),
                            volume_shape(static_cast<int>(view.extent(1)), static_cast<int>(view.extent(2)),
                                         static_cast<int>(view.extent(3)), static_cast<int>(view.extent(4))));
  else
    return tensor_ref<Exec>(view, static_cast<int>(view.extent(0)),
                            {static_cast<int>(view.extent(1)), static_cast<int>(view.extent(2)), static_cast<int>(view.extent(3))});
}

/// Returns samples [first, first + count) of a tensor as a non-owning tensor, without a copy: `batch_range(images, 0, 16)`.
///
/// As Kokkos::subview over the first extent, but unmanaged: the memory must outlive the range.
/// \throws Error [ign.shape.171] if the range is not within the batch
template <TensorView View>
auto batch_range(View const& tensor, int first, int count) {
  using Ref =
      Kokkos::View<typename View::data_type, Kokkos::LayoutRight, typename View::memory_space, Kokkos::MemoryTraits<Kokkos::Unmanaged>>;
  require(first >= 0 && count >= 0 && std::int64_t{first} + count <= static_cast<std::int64_t>(tensor.extent(0)), Fault::shape, 171,
          "batch_range: ", count, " samples from index ", first, " of a batch of ", tensor.extent(0),
          ", expected a range within the batch");
  auto const size = tensor.extent(1) * tensor.extent(2) * tensor.extent(3);
  return Ref(tensor.data() + first * size, count, tensor.extent(1), tensor.extent(2), tensor.extent(3));
}

/// Returns the same memory with other extents per sample.
/// \throws Error [ign.shape.1] if the number of elements differs
template <class Real, class Exec>
TensorRef<Real, Exec> reshaped(TensorRef<Real, Exec> const& tensor, Shape shape) {
  require(tensor.size() == tensor.extent(0) * shape.size(), Fault::shape, 1, "reshaped: samples of ", shape_of(tensor), " viewed as ",
          shape, ", expected the same number of elements");
  return TensorRef<Real, Exec>(tensor.data(), tensor.extent(0), shape.height, shape.width, shape.channels);
}

}  // namespace ign

#endif  // IGN_CORE_TENSOR_HPP
