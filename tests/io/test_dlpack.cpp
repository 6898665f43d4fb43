// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Views as DLPack tensors and back: the same memory, its life, and what is refused.

#include <boost/test/unit_test.hpp>

#include <ign/core/tensor.hpp>
#include <ign/io/dlpack.hpp>

#include <cstddef>
#include <optional>
#include <string>

using namespace ign;
using io::from_dlpack;
using io::to_dlpack;
using io::dlpack::ManagedTensor;
using io::dlpack::ManagedTensorVersioned;

BOOST_AUTO_TEST_SUITE(dlpack)

namespace {

using Unmanaged = Kokkos::MemoryTraits<Kokkos::Unmanaged>;
template <class Data>
using Ref = Kokkos::View<Data, Kokkos::LayoutRight, Kokkos::HostSpace, Unmanaged>;

template <class Call>
std::string refusal(Call const& call) {
  try {
    call();
  } catch (Error const& error) {
    return error.id();
  }
  return "accepted";
}

// A tensor of another program on memory of this one.
template <class Managed>
struct Foreign {
  float numbers[24] = {};
  std::int64_t shape[4] = {2, 3, 4, 1}, strides[4] = {12, 4, 1, 1};
  int deleted = 0;
  Managed managed{};

  Foreign() {
    managed.dl_tensor = {numbers, {}, 3, {}, shape, strides, 0};
    managed.manager_ctx = &deleted;
    managed.deleter = [](Managed* self) { ++*static_cast<int*>(self->manager_ctx); };
  }
};

}  // namespace

// Offsets of dlpack.h on 64-bit machines.
BOOST_AUTO_TEST_CASE(structs_have_the_layout_of_c) {
  BOOST_TEST(sizeof(io::dlpack::Tensor) == 48);
  BOOST_TEST(offsetof(io::dlpack::Tensor, ndim) == 16);
  BOOST_TEST(offsetof(io::dlpack::Tensor, dtype) == 20);
  BOOST_TEST(offsetof(io::dlpack::Tensor, shape) == 24);
  BOOST_TEST(offsetof(io::dlpack::Tensor, byte_offset) == 40);
  BOOST_TEST(offsetof(ManagedTensor, manager_ctx) == 48);
  BOOST_TEST(offsetof(ManagedTensor, deleter) == 56);
  BOOST_TEST(offsetof(ManagedTensorVersioned, manager_ctx) == 8);
  BOOST_TEST(offsetof(ManagedTensorVersioned, deleter) == 16);
  BOOST_TEST(offsetof(ManagedTensorVersioned, flags) == 24);
  BOOST_TEST(offsetof(ManagedTensorVersioned, dl_tensor) == 32);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(views_are_exported, Managed, decltype(std::tuple<ManagedTensor, ManagedTensorVersioned>())) {
  Kokkos::View<double**, Kokkos::LayoutLeft, Kokkos::HostSpace> const columns("columns", 3, 5);
  Managed* const tensor = to_dlpack<Managed>(columns);
  auto const& t = tensor->dl_tensor;
  BOOST_TEST(t.data == columns.data());
  BOOST_TEST((t.device == io::dlpack::Device{io::dlpack::cpu, 0}));
  BOOST_TEST((t.dtype == io::dlpack::DataType{io::dlpack::floating, 64, 1}));
  BOOST_TEST((t.ndim == 2 && t.shape[0] == 3 && t.shape[1] == 5));
  BOOST_TEST((t.strides[0] == 1 && t.strides[1] == 3));
  BOOST_TEST(t.byte_offset == 0u);
  BOOST_TEST(columns.use_count() == 2);
  tensor->deleter(tensor);
  BOOST_TEST(columns.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(a_tensor_keeps_the_memory_of_its_view) {
  ManagedTensor* tensor = nullptr;
  {
    Kokkos::View<float*, Kokkos::HostSpace> const view("numbers", 1000);
    view(999) = 3;
    tensor = to_dlpack(view);
  }
  BOOST_TEST(static_cast<float*>(tensor->dl_tensor.data)[999] == 3);
  static_cast<float*>(tensor->dl_tensor.data)[0] = 4;
  tensor->deleter(tensor);
}

BOOST_AUTO_TEST_CASE(const_elements_are_read_only) {
  Kokkos::View<int*, Kokkos::HostSpace> const view("numbers", 2);
  auto* const tensor = to_dlpack<ManagedTensorVersioned>(Kokkos::View<int const*, Kokkos::HostSpace>(view));
  BOOST_TEST(tensor->flags == 1u);
  BOOST_TEST(refusal([&] { from_dlpack<Ref<int*>>(tensor); }) == "ign.option.521");
  BOOST_TEST(from_dlpack<Ref<int const*>>(tensor).view().data() == view.data());
  BOOST_TEST(view.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(borrowed_memory_is_not_exported) {
  float numbers[4] = {};
  Kokkos::View<float*, Kokkos::HostSpace> const view(numbers, 4);
  BOOST_TEST(refusal([&] { to_dlpack(view); }) == "ign.option.523");
}

BOOST_AUTO_TEST_CASE_TEMPLATE(tensors_are_imported, Managed, decltype(std::tuple<ManagedTensor, ManagedTensorVersioned>())) {
  Foreign<Managed> foreign;
  foreign.managed.dl_tensor.byte_offset = 4;
  foreign.shape[0] = 1;
  {
    std::optional first = from_dlpack<Ref<float***>>(&foreign.managed);
    auto const second = *first;
    first.reset();
    BOOST_TEST(foreign.deleted == 0);
    second.view()(0, 2, 3) = 5;
    BOOST_TEST(foreign.numbers[12] == 5);
    BOOST_TEST((second.view().extent(1) == 3 && second.view().extent(2) == 4));
  }
  BOOST_TEST(foreign.deleted == 1);
  foreign.managed.dl_tensor.strides = nullptr;  // rows without gaps
  foreign.managed.deleter = nullptr;            // nothing to free
  BOOST_TEST(from_dlpack<Ref<float const***>>(&foreign.managed).view()(0, 2, 3) == 5);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(other_tensors_are_refused, Managed, decltype(std::tuple<ManagedTensor, ManagedTensorVersioned>())) {
  Foreign<Managed> foreign;
  auto& t = foreign.managed.dl_tensor;
  auto const import = [&] { return refusal([&] { from_dlpack<Ref<float***>>(&foreign.managed); }); };
  auto const refused = [&](auto& field, auto value, std::string const& id) {
    auto const right = field;
    field = static_cast<std::remove_reference_t<decltype(field)>>(value);
    BOOST_TEST(import() == id);
    field = right;
  };
  refused(t.dtype.bits, 64, "ign.option.520");
  refused(t.dtype.code, 0, "ign.option.520");
  refused(t.dtype.lanes, 2, "ign.option.520");
  refused(t.device.type, 2, "ign.option.520");
  refused(t.ndim, 2, "ign.shape.520");
  refused(foreign.shape[1], -3, "ign.shape.520");
  refused(foreign.shape[0], std::int64_t{1} << 60, "ign.shape.520");
  refused(foreign.strides[0], 13, "ign.shape.520");
  refused(foreign.strides[2], 2, "ign.shape.520");
  refused(foreign.strides[1], -4, "ign.shape.520");
  refused(t.data, nullptr, "ign.shape.520");
  refused(t.byte_offset, 2, "ign.shape.520");
  if constexpr (std::is_same_v<Managed, ManagedTensorVersioned>) {
    refused(foreign.managed.major, 2, "ign.option.522");
    refused(foreign.managed.flags, 1, "ign.option.521");
  }
  BOOST_TEST(refusal([] { from_dlpack<Ref<float***>>(static_cast<Managed*>(nullptr)); }) == "ign.option.524");
  BOOST_TEST(foreign.deleted == 0);
  foreign.shape[1] = 0;  // an empty array has any strides
  foreign.strides[1] = -7;
  t.data = nullptr;
  BOOST_TEST(import() == "accepted");
  BOOST_TEST(foreign.deleted == 1);
}

BOOST_AUTO_TEST_SUITE_END()
