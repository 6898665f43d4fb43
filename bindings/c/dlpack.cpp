// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The functions of ign/c/dlpack.h.

#include <ign/c/dlpack.h>
#include <ign/core/tensor.hpp>
#include <ign/io/dlpack.hpp>

#include <algorithm>
#include <memory>
#include <vector>

#include "guard.hpp"

using Exec = Kokkos::DefaultExecutionSpace;
using ign::Fault;
using ign::require;
using Unversioned = ign::io::dlpack::ManagedTensor;
using Versioned = ign::io::dlpack::ManagedTensorVersioned;

/// An array of any rank.
struct ign_array {
  std::vector<std::int64_t> extents;
  float const* data = nullptr;
  bool read_only = false;
  ign::io::dlpack::Device device{};

  ign_array() = default;
  ign_array(ign_array const&) = delete;
  ign_array& operator=(ign_array const&) = delete;
  virtual ~ign_array() = default;
  virtual void* tensor(bool versioned) const = 0;
};

namespace ign::c {

namespace {

template <std::size_t rank>
struct Of;
template <>
struct Of<1> {
  using Data = float*;
  using Const = float const*;
};
template <>
struct Of<2> {
  using Data = float**;
  using Const = float const**;
};
template <>
struct Of<3> {
  using Data = float***;
  using Const = float const***;
};
template <>
struct Of<4> {
  using Data = float****;
  using Const = float const****;
};
template <>
struct Of<5> {
  using Data = float*****;
  using Const = float const*****;
};

/// Returns `make.operator()<rank>()`.
template <class Make>
ign_array* with_rank(int rank, Make const& make) {
  switch (rank) {
    case 1:
      return make.template operator()<1>();
    case 2:
      return make.template operator()<2>();
    case 3:
      return make.template operator()<3>();
    case 4:
      return make.template operator()<4>();
    case 5:
      return make.template operator()<5>();
    default:
      fail(Fault::shape, 520, "ign_array: ", rank, " dimensions, expected 1 to ", IGN_ARRAY_MAX_RANK);
  }
}

template <class View>
void describe(View const& view, ign_array& array) {
  for (std::size_t i = 0; i < View::rank(); ++i) array.extents.push_back(static_cast<std::int64_t>(view.extent(i)));
  array.data = view.data();
}

/// A tensor that was handed over, counted among the objects of the library until its deleter is called.
template <class Managed>
struct Counted {
  Managed managed{};
  Managed* tensor = nullptr;

  static void release(Managed* managed) {
    auto* const counted = static_cast<Counted*>(managed->manager_ctx);
    counted->tensor->deleter(counted->tensor);
    delete counted;
    --library().objects;
  }
};

template <class Managed, class View>
void* counted_tensor(View const& view) {
  auto counted = std::make_unique<Counted<Managed>>();
  counted->tensor = io::to_dlpack<Managed>(view);
  counted->managed = *counted->tensor;
  counted->managed.manager_ctx = counted.get();
  counted->managed.deleter = Counted<Managed>::release;
  ++library().objects;
  return &counted.release()->managed;
}

template <std::size_t rank>
struct OwnArray final : ign_array {
  using View = Kokkos::View<typename Of<rank>::Data, Kokkos::LayoutRight, Exec::memory_space>;
  View view;

  explicit OwnArray(View const& memory) : view(memory) {
    describe(view, *this);
    device = io::dlpack::device_of<Exec::memory_space>();
  }
  void* tensor(bool versioned) const override { return versioned ? counted_tensor<Versioned>(view) : counted_tensor<Unversioned>(view); }
};

template <std::size_t rank>
struct ImportedArray final : ign_array {
  using View = Kokkos::View<typename Of<rank>::Const, Kokkos::LayoutRight, Exec::memory_space, Kokkos::MemoryTraits<Kokkos::Unmanaged>>;
  io::Imported<View> imported;

  template <class Managed>
  explicit ImportedArray(Managed* managed) : imported(io::from_dlpack<View>(managed)) {
    describe(imported.view(), *this);
    device = managed->dl_tensor.device;
    if constexpr (std::is_same_v<Managed, Versioned>) read_only = (managed->flags & io::dlpack::read_only_flag) != 0;
  }
  void* tensor(bool) const override {
    fail(Fault::option, 523,
         "ign_array_to_dlpack: the memory belongs to another program, expected an array of ign_array_new: ask the "
         "producer of the memory for a tensor");
  }
};

template <class Managed>
ign_array* import_tensor(Managed* managed) {
  if constexpr (std::is_same_v<Managed, Versioned>)  // of another version nothing else may be read
    require(managed->major == 1, Fault::option, 522, "ign_array_from_dlpack: version ", managed->major, '.', managed->minor,
            ", expected 1");
  return with_rank(managed->dl_tensor.ndim, [&]<std::size_t rank>() -> ign_array* { return new ImportedArray<rank>(managed); });
}

}  // namespace

}  // namespace ign::c

using namespace ign::c;

extern "C" {

ign_status ign_array_new(int rank, std::int64_t const* extents, ign_array** array) {
  return guarded([&] {
    require_pointer(extents, "ign_array_new", "extents");
    require_pointer(array, "ign_array_new", "array");
    require_kokkos();
    require(rank >= 1 && rank <= IGN_ARRAY_MAX_RANK, Fault::option, 526, "ign_array_new: ", rank, " dimensions, expected 1 to ",
            IGN_ARRAY_MAX_RANK);
    double numbers = 1;
    for (int i = 0; i < rank; ++i) {
      require(extents[i] >= 0, Fault::option, 526, "ign_array_new: extent ", i, " is ", extents[i], ", expected 0 or more");
      numbers *= static_cast<double>(extents[i]);
    }
    require(numbers < 0x1p48, Fault::option, 526, "ign_array_new: ", numbers, " elements, expected less than 2^48");
    *array = with_rank(rank, [&]<std::size_t size>() -> ign_array* {
      Kokkos::LayoutRight layout;
      for (std::size_t i = 0; i < size; ++i) layout.dimension[i] = static_cast<std::size_t>(extents[i]);
      return new OwnArray<size>(typename OwnArray<size>::View("ign::array", layout));
    });
    ++library().objects;
  });
}

ign_status ign_array_from_dlpack(void* tensor, int versioned, ign_array** array) {
  return guarded([&] {
    require_pointer(tensor, "ign_array_from_dlpack", "tensor");
    require_pointer(array, "ign_array_from_dlpack", "array");
    require_kokkos();
    *array = versioned != 0 ? import_tensor(static_cast<Versioned*>(tensor)) : import_tensor(static_cast<Unversioned*>(tensor));
    ++library().objects;
  });
}

ign_status ign_array_to_dlpack(ign_array const* array, int versioned, void** tensor) {
  return guarded([&] {
    require_pointer(array, "ign_array_to_dlpack", "array");
    require_pointer(tensor, "ign_array_to_dlpack", "tensor");
    require_kokkos();
    Kokkos::fence("ign::array: the numbers are there");
    *tensor = array->tensor(versioned != 0);
  });
}

ign_status ign_array_describe(ign_array const* array, int* rank, std::int64_t* extents, float** data, int* read_only,
                              std::int32_t* device) {
  return guarded([&] {
    require_pointer(array, "ign_array_describe", "array");
    if (rank != nullptr) *rank = static_cast<int>(array->extents.size());
    if (extents != nullptr) std::copy(array->extents.begin(), array->extents.end(), extents);
    if (data != nullptr) *data = const_cast<float*>(array->data);
    if (read_only != nullptr) *read_only = array->read_only ? 1 : 0;
    if (device != nullptr) {
      device[0] = array->device.type;
      device[1] = array->device.id;
    }
  });
}

ign_status ign_array_free(ign_array* array) {
  auto const status = guarded([&] {
    if (array != nullptr) require_kokkos();
  });
  if (status != IGN_OK || array == nullptr) return status;
  // Outside the lock: the tensor's deleter is foreign code, and may wait for other threads, or call this library. The array counts until it
  // is gone, so that ign_finalize is refused meanwhile.
  delete array;
  --library().objects;
  return IGN_OK;
}

}  // extern "C"
