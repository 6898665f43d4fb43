// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Arrays of the C interface that are shared through DLPack.

#include <boost/test/unit_test.hpp>

#include <ign/c/dlpack.h>
#include <ign/io/dlpack.hpp>
#include <ign_test/exec.hpp>

#include <string>

using ign::io::dlpack::ManagedTensor;
using ign::io::dlpack::ManagedTensorVersioned;

BOOST_AUTO_TEST_SUITE(arrays)

namespace {

struct Described {
  int rank = 0, read_only = 0;
  std::int64_t extents[IGN_ARRAY_MAX_RANK] = {};
  float* data = nullptr;
  std::int32_t device[2] = {};

  explicit Described(ign_array const* array) {
    BOOST_REQUIRE_EQUAL(ign_array_describe(array, &rank, extents, &data, &read_only, device), IGN_OK);
  }
};

ign_array* make(std::initializer_list<std::int64_t> extents) {
  ign_array* array = nullptr;
  BOOST_REQUIRE_EQUAL(ign_array_new(static_cast<int>(extents.size()), extents.begin(), &array), IGN_OK);
  return array;
}

}  // namespace

BOOST_AUTO_TEST_CASE(are_zeros_with_extents) {
  ign_array* const array = make({2, 3, 4, 5, 1});
  Described const d(array);
  BOOST_TEST(d.rank == 5);
  BOOST_TEST(d.extents[3] == 5);
  BOOST_TEST(d.extents[4] == 1);
  BOOST_TEST(d.read_only == 0);
  for (int i = 0; i < 120; ++i) BOOST_TEST(d.data[i] == 0);
  BOOST_TEST(ign_array_free(array) == IGN_OK);
  BOOST_TEST(ign_array_free(nullptr) == IGN_OK);
}

// There and back, in both forms: one memory, freed in both orders.
BOOST_AUTO_TEST_CASE(share_memory_in_any_order_of_freeing) {
  for (int const versioned : {0, 1})
    for (bool const producer_first : {true, false}) {
      ign_array* const array = make({3, 2});
      float* const data = Described(array).data;
      void* tensor = nullptr;
      BOOST_REQUIRE_EQUAL(ign_array_to_dlpack(array, versioned, &tensor), IGN_OK);
      ign_array* imported = nullptr;
      BOOST_REQUIRE_EQUAL(ign_array_from_dlpack(tensor, versioned, &imported), IGN_OK);
      BOOST_TEST(Described(imported).data == data);
      data[5] = 7;
      if (producer_first) ign_array_free(array);
      BOOST_TEST(Described(imported).data[5] == 7);
      void* again = nullptr;
      BOOST_TEST(ign_array_to_dlpack(imported, versioned, &again) == IGN_ERROR_OPTION);
      BOOST_TEST(ign_array_free(imported) == IGN_OK);
      if (!producer_first) {
        BOOST_TEST(data[5] == 7);
        ign_array_free(array);
      }
    }
}

BOOST_AUTO_TEST_CASE(refuse_what_does_not_fit) {
  std::int64_t const negative[] = {2, -1}, huge[] = {std::int64_t{1} << 40, std::int64_t{1} << 40};
  ign_array* array = nullptr;
  BOOST_TEST(ign_array_new(2, negative, &array) == IGN_ERROR_OPTION);
  BOOST_TEST(ign_array_new(2, huge, &array) == IGN_ERROR_OPTION);
  BOOST_TEST(ign_array_new(0, huge, &array) == IGN_ERROR_OPTION);
  BOOST_TEST(ign_array_new(6, huge, &array) == IGN_ERROR_OPTION);
  BOOST_TEST(ign_array_new(1, nullptr, &array) == IGN_ERROR_OPTION);
  BOOST_TEST(ign_array_from_dlpack(nullptr, 0, &array) == IGN_ERROR_OPTION);

  float numbers[6] = {};
  std::int64_t shape[6] = {3, 2, 1, 1, 1, 1}, strides[6] = {2, 1, 1, 1, 1, 1};
  int deleted = 0;
  ManagedTensorVersioned tensor;
  tensor.manager_ctx = &deleted;
  tensor.deleter = [](ManagedTensorVersioned* self) { ++*static_cast<int*>(self->manager_ctx); };
  tensor.dl_tensor = {numbers, {}, 2, {}, shape, strides, 0};
  auto const status = [&] { return ign_array_from_dlpack(&tensor, 1, &array); };
  tensor.major = 2;
  BOOST_TEST(status() == IGN_ERROR_OPTION);
  tensor.major = 1;
  tensor.dl_tensor.ndim = 6;
  BOOST_TEST(status() == IGN_ERROR_SHAPE);
  tensor.dl_tensor.ndim = 2;
  BOOST_TEST(array == nullptr);
  BOOST_TEST(deleted == 0);
  tensor.flags = 1;  // read-only is said
  BOOST_REQUIRE_EQUAL(status(), IGN_OK);
  BOOST_TEST(Described(array).read_only == 1);
  ign_array_free(array);
  BOOST_TEST(deleted == 1);
  tensor.dl_tensor.ndim = 5;
  BOOST_REQUIRE_EQUAL(status(), IGN_OK);
  BOOST_TEST(Described(array).rank == 5);
  ign_array_free(array);
  BOOST_TEST(deleted == 2);
}

BOOST_AUTO_TEST_SUITE_END()
