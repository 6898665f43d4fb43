// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Views from and to DLPack, the exchange format of NumPy, PyTorch, JAX, CuPy and others for arrays in memory: the same memory, no copy.
///
///     using Ref = Kokkos::View<float**, Kokkos::LayoutRight, Kokkos::HostSpace, Kokkos::MemoryTraits<Kokkos::Unmanaged>>;
///     auto* const tensor = ign::io::to_dlpack(view);      // hand it over, or call tensor->deleter(tensor)
///     auto const x = ign::io::from_dlpack<Ref>(tensor);   // from somebody else; x.view() is valid as long as a copy of x
///
/// Neither function waits. Before memory changes hands, wait for the work that is queued on it.
#ifndef IGN_IO_DLPACK_HPP
#define IGN_IO_DLPACK_HPP

#include <Kokkos_Core.hpp>
#include <array>
#include <cstdint>
#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>

#include "ign/core/error.hpp"

namespace ign::io {

/// The structs of DLPack, as C lays them out. A program that includes dlpack/dlpack.h may cast its pointers to these.
/// \source github.com/dmlc/dlpack, include/dlpack/dlpack.h, versions 0.2 to 1.1: DLManagedTensor and DLManagedTensorVersioned
namespace dlpack {

/// Kinds of devices.
enum DeviceType : std::int32_t { cpu = 1, cuda = 2, cuda_host = 3, rocm = 10, rocm_host = 11, cuda_managed = 13, oneapi = 14 };
/// Kinds of values.
enum TypeCode : std::uint8_t { signed_integer = 0, unsigned_integer = 1, floating = 2, boolean = 6 };

/// DLDevice.
struct Device {
  std::int32_t type = cpu;  ///< a DeviceType
  std::int32_t id = 0;      ///< number of the device
  /// True if both are equal.
  friend bool operator==(Device const&, Device const&) = default;
};

/// DLDataType.
struct DataType {
  std::uint8_t code = floating;  ///< a TypeCode
  std::uint8_t bits = 32;        ///< of one value
  std::uint16_t lanes = 1;       ///< values per element
  /// True if all are equal.
  friend bool operator==(DataType const&, DataType const&) = default;
};

/// DLTensor.
struct Tensor {
  void* data = nullptr;             ///< beginning of the memory
  Device device;                    ///< where it is
  std::int32_t ndim = 0;            ///< rank
  DataType dtype;                   ///< type of the elements
  std::int64_t* shape = nullptr;    ///< ndim extents
  std::int64_t* strides = nullptr;  ///< ndim strides in elements; null: rows without gaps
  std::uint64_t byte_offset = 0;    ///< of the first element in data
};

/// DLManagedTensor, in a Python capsule "dltensor".
struct ManagedTensor {
  Tensor dl_tensor;                           ///< the array
  void* manager_ctx = nullptr;                ///< of the producer
  void (*deleter)(ManagedTensor*) = nullptr;  ///< to be called once, with this struct; null: nothing to free
};

/// DLManagedTensorVersioned, in a Python capsule "dltensor_versioned".
struct ManagedTensorVersioned {
  std::uint32_t major = 1;                             ///< version of the struct: another one has other fields
  std::uint32_t minor = 0;                             ///< version of the flags and types
  void* manager_ctx = nullptr;                         ///< of the producer
  void (*deleter)(ManagedTensorVersioned*) = nullptr;  ///< as in ManagedTensor
  std::uint64_t flags = 0;                             ///< bit 0: read only; bit 1: a copy
  Tensor dl_tensor;                                    ///< the array
};

inline constexpr std::uint64_t read_only_flag = 1;  ///< in ManagedTensorVersioned::flags

static_assert(sizeof(Tensor) == 40 + sizeof(void*), "ign::io::dlpack: the structs must have the layout of 64-bit C");

/// The type of an element.
template <class T>
constexpr DataType data_type_of() {
  using Value = std::remove_const_t<T>;
  static_assert(std::is_arithmetic_v<Value>, "ign::io::dlpack: elements are numbers");
  TypeCode const code = std::is_same_v<Value, bool>       ? boolean
                        : std::is_floating_point_v<Value> ? floating
                        : std::is_signed_v<Value>         ? signed_integer
                                                          : unsigned_integer;
  return {code, static_cast<std::uint8_t>(8 * sizeof(Value)), 1};
}

/// The device of a memory space.
/// \throws Error [ign.option.520] for a space that DLPack does not name
template <class Space>
Device device_of() {
  std::string_view const name = Space::name();
  for (auto const& [ours, type] : {std::pair<std::string_view, DeviceType>{"Host", cpu},
                                   {"Cuda", cuda},
                                   {"CudaHostPinned", cuda_host},
                                   {"CudaUVM", cuda_managed},
                                   {"HIP", rocm},
                                   {"HIPManaged", rocm},
                                   {"HIPHostPinned", rocm_host},
                                   {"SYCLDeviceUSM", oneapi}})
    if (name == ours) return {type, type == cpu ? 0 : Kokkos::device_id()};
  fail(Fault::option, 520, "dlpack: the memory space ", name, " has no device in DLPack, expected memory of the host or of a GPU");
}

}  // namespace dlpack

/// An unmanaged View on memory of a DLPack tensor. Copies share the tensor; the last one calls its deleter.
template <class View>
class Imported {
 public:
  /// Use from_dlpack.
  Imported(View view, std::shared_ptr<void> owner) : m_view(std::move(view)), m_owner(std::move(owner)) {}

  View const& view() const { return m_view; }  ///< valid as long as a copy of this object lives

 private:
  View m_view;
  std::shared_ptr<void> m_owner;
};

namespace detail {

/// The struct that goes to the consumer, with everything it points to.
template <class Managed, class View>
struct Exported {
  Managed managed;
  View view;
  std::array<std::int64_t, View::rank() + 1> shape, strides;  // + 1: an array of rank 0 has none

  static void release(Managed* managed) {
    // After the end of Kokkos a View cannot be destroyed. The memory is kept then.
    if (!Kokkos::is_finalized()) delete static_cast<Exported*>(managed->manager_ctx);
  }
};

}  // namespace detail

/// Returns a DLPack tensor on the memory of a View, without a copy. `Managed` is dlpack::ManagedTensor or dlpack::ManagedTensorVersioned.
///
/// The tensor holds a copy of the View: its memory lives until the deleter is called, at any time and by any thread. Whoever gets the
/// tensor calls it once. A tensor that outlives Kokkos::finalize keeps its memory to the end of the process.
/// \throws Error [ign.option.523] for a View on memory of somebody else, whose life it cannot extend; [ign.option.520] for a memory space
///         that DLPack does not name
template <class Managed = dlpack::ManagedTensor, class View>
Managed* to_dlpack(View const& view) {
  constexpr bool versioned = std::is_same_v<Managed, dlpack::ManagedTensorVersioned>;
  constexpr bool read_only = std::is_const_v<typename View::value_type>;
  static_assert(versioned || std::is_same_v<Managed, dlpack::ManagedTensor>,
                "ign::io::to_dlpack: the struct is dlpack::ManagedTensor or dlpack::ManagedTensorVersioned");
  static_assert(Kokkos::is_view_v<View> && !View::memory_traits::is_unmanaged, "ign::io::to_dlpack: the View must own its memory");
  static_assert(versioned || !read_only, "ign::io::to_dlpack: a View of const elements needs dlpack::ManagedTensorVersioned");
  require(view.use_count() > 0 || view.size() == 0, Fault::option, 523, "to_dlpack: the View '", view.label(),
          "' refers to memory of somebody else, expected a View that owns its memory");
  using Export = detail::Exported<Managed, View>;
  auto exported = std::make_unique<Export>(Export{{}, view, {}, {}});
  auto& tensor = exported->managed.dl_tensor;
  tensor.data = const_cast<void*>(static_cast<void const*>(view.data()));
  tensor.device = dlpack::device_of<typename View::memory_space>();
  tensor.ndim = static_cast<std::int32_t>(View::rank());
  tensor.dtype = dlpack::data_type_of<typename View::value_type>();
  for (std::size_t i = 0; i < View::rank(); ++i) {
    exported->shape[i] = static_cast<std::int64_t>(view.extent(i));
    exported->strides[i] = static_cast<std::int64_t>(view.stride(i));
  }
  tensor.shape = exported->shape.data();
  tensor.strides = exported->strides.data();
  exported->managed.manager_ctx = exported.get();
  exported->managed.deleter = Export::release;
  if constexpr (versioned && read_only) exported->managed.flags = dlpack::read_only_flag;
  return &exported.release()->managed;
}

/// Returns an unmanaged View on the memory of a DLPack tensor, without a copy.
///
/// `View` is unmanaged, has LayoutRight and run-time extents only. With const elements it accepts read-only tensors. On success the result
/// owns the tensor. On an error nothing has happened: the tensor is still the caller's.
/// \throws Error [ign.option.524] for a null pointer, [ign.option.522] for a version other than 1, [ign.option.520] for another type of
///         elements or another device, [ign.option.521] for a read-only tensor, [ign.shape.520] for another rank, impossible extents,
///         strides with gaps or another order, or an address that is not a multiple of the elements' alignment
template <class View, class Managed>
Imported<View> from_dlpack(Managed* managed) {
  using Value = typename View::value_type;
  constexpr bool versioned = std::is_same_v<Managed, dlpack::ManagedTensorVersioned>;
  static_assert(versioned || std::is_same_v<Managed, dlpack::ManagedTensor>,
                "ign::io::from_dlpack: the struct is dlpack::ManagedTensor or dlpack::ManagedTensorVersioned");
  static_assert(View::memory_traits::is_unmanaged && std::is_same_v<typename View::array_layout, Kokkos::LayoutRight> &&
                    View::rank() == View::rank_dynamic,
                "ign::io::from_dlpack: the View must be unmanaged, with LayoutRight and without extents in its type");
  require(managed != nullptr, Fault::option, 524, "from_dlpack: the tensor is a null pointer");
  if constexpr (versioned) {
    require(managed->major == 1, Fault::option, 522, "from_dlpack: version ", managed->major, '.', managed->minor, ", expected 1");
    require(std::is_const_v<Value> || (managed->flags & dlpack::read_only_flag) == 0, Fault::option, 521,
            "from_dlpack: the tensor is read-only, expected one that may be written: copy it");
  }
  dlpack::Tensor const& tensor = managed->dl_tensor;
  constexpr auto type = dlpack::data_type_of<Value>();
  require(tensor.dtype == type, Fault::option, 520, "from_dlpack: elements of kind ", int{tensor.dtype.code}, " with ",
          int{tensor.dtype.bits}, " bits and ", tensor.dtype.lanes, " lanes, expected ", int{type.code}, " with ", int{type.bits},
          " bits and 1 lane (kinds: 0 integer, 1 unsigned, 2 floating point, 4 bfloat16, 5 complex, 6 bool)");
  auto const device = dlpack::device_of<typename View::memory_space>();
  bool const pinned = tensor.device.type == dlpack::cuda_host || tensor.device.type == dlpack::rocm_host;
  require(tensor.device == device || (device.type == dlpack::cpu && (tensor.device.type == dlpack::cpu || pinned)), Fault::option, 520,
          "from_dlpack: device ", tensor.device.id, " of type ", tensor.device.type, ", expected ", device.id, " of type ", device.type,
          " (types: 1 host, 2 CUDA, 10 ROCm)");
  require(tensor.ndim == static_cast<std::int32_t>(View::rank()), Fault::shape, 520, "from_dlpack: ", tensor.ndim, " dimensions, expected ",
          View::rank());
  double numbers = 1;
  for (std::int32_t i = 0; i < tensor.ndim; ++i) {
    require(tensor.shape[i] >= 0, Fault::shape, 520, "from_dlpack: extent ", i, " is ", tensor.shape[i], ", expected 0 or more");
    numbers *= static_cast<double>(tensor.shape[i]);
  }
  require(numbers < 0x1p48, Fault::shape, 520, "from_dlpack: ", numbers, " elements, expected less than 2^48");
  std::int64_t stride = 1;
  for (std::int32_t i = tensor.ndim; tensor.strides != nullptr && numbers > 0 && i-- > 0;) {
    require(tensor.shape[i] == 1 || tensor.strides[i] == stride, Fault::shape, 520, "from_dlpack: dimension ", i, " has a stride of ",
            tensor.strides[i], " elements, expected ", stride, ": rows without gaps, the last extent fastest; copy the array");
    stride *= tensor.shape[i];
  }
  char* const data = static_cast<char*>(tensor.data) + tensor.byte_offset;
  require(numbers == 0 || (tensor.data != nullptr && reinterpret_cast<std::uintptr_t>(data) % alignof(Value) == 0), Fault::shape, 520,
          "from_dlpack: the address ", static_cast<void const*>(data), " is null or not a multiple of ", alignof(Value));
  typename View::array_layout layout;
  for (std::size_t i = 0; i < View::rank(); ++i) layout.dimension[i] = static_cast<std::size_t>(tensor.shape[i]);
  View const view(reinterpret_cast<Value*>(data), layout);
  return {view, std::shared_ptr<void>(managed, [](void* owned) {
            auto* const released = static_cast<Managed*>(owned);
            if (released->deleter != nullptr) released->deleter(released);
          })};
}

}  // namespace ign::io

#endif  // IGN_IO_DLPACK_HPP
