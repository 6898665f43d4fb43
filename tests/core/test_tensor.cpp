// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include <boost/test/unit_test.hpp>

#include <ign/core/scalar.hpp>
#include <ign/core/shape.hpp>
#include <ign/core/tensor.hpp>
#include <ign_test/exec.hpp>

#include <string>

using namespace ign;
using ign_test::Exec;

namespace {

// Element (n, h, w, c) holds its index in memory.
Tensor<float, Exec> numbered(int batch, Shape shape) {
  auto const tensor = make_tensor<float>(Exec{}, "ign::test", batch, shape);
  Exec{}.fence();
  for (std::size_t i = 0; i < tensor.size(); ++i) tensor.data()[i] = static_cast<float>(i);
  return tensor;
}

auto refused_as(char const* id, char const* text) {
  return [id, text](Error const& error) { return error.id() == id && std::string(error.what()).find(text) != std::string::npos; };
}

}  // namespace

BOOST_AUTO_TEST_SUITE(tensors)

static_assert(Scalar<float> && Scalar<double> && !Scalar<int> && !Scalar<float const>);

BOOST_AUTO_TEST_CASE(have_channels_last_and_no_gaps) {
  auto const tensor = numbered(2, {3, 5, 7});
  BOOST_TEST(tensor.label() == "ign::test");
  BOOST_TEST(batch_of(tensor) == 2);
  BOOST_TEST(shape_of(tensor) == (Shape{3, 5, 7}));
  BOOST_TEST(tensor.span_is_contiguous());
  BOOST_TEST(tensor(1, 2, 3, 4) == static_cast<float>(((1 * 3 + 2) * 5 + 3) * 7 + 4));
}

BOOST_AUTO_TEST_CASE(vectors_begin_as_zeros) {
  auto const vector = make_vector<double>(Exec{}, "ign::test", 100);
  Exec{}.fence();
  BOOST_TEST(vector.size() == 100u);
  for (std::size_t i = 0; i < vector.size(); ++i) BOOST_TEST(vector(i) == 0);
}

BOOST_AUTO_TEST_CASE(references_share_the_memory_of_a_view_of_any_rank) {
  Kokkos::View<float*, Kokkos::LayoutRight, Exec::memory_space> const flat("flat", 60);
  auto const images = tensor_ref<Exec>(flat, 5, {2, 3, 2});
  BOOST_TEST(images.data() == flat.data());
  BOOST_TEST(batch_of(images) == 5);
  BOOST_TEST(shape_of(images) == (Shape{2, 3, 2}));
  images(4, 1, 2, 1) = 7;
  BOOST_TEST(flat(59) == 7);
  auto const again = tensor_ref<Exec>(numbered(2, {3, 4, 1}));
  BOOST_TEST(batch_of(again) == 2);
  BOOST_TEST(shape_of(again) == (Shape{3, 4, 1}));
}

// LayoutLeft is the default of GPUs; for rank 1 the memory is the same.
BOOST_AUTO_TEST_CASE(a_flat_view_may_have_any_layout) {
  Kokkos::View<float*, Kokkos::LayoutLeft, Exec::memory_space> const flat("flat", 60);
  auto const images = tensor_ref<Exec>(flat, 5, {2, 3, 2});
  static_assert(std::is_same_v<decltype(images), TensorRef<float, Exec> const>);
  BOOST_TEST(images.data() == flat.data());
  Kokkos::View<float**, Kokkos::LayoutRight, Exec::memory_space> const columns("columns", 60, 2);
  auto const column = Kokkos::subview(columns, Kokkos::ALL, 0);
  BOOST_CHECK_EXCEPTION(tensor_ref<Exec>(column, 5, {2, 3, 2}), Error, refused_as("ign.shape.170", "non-contiguous"));
}

BOOST_AUTO_TEST_CASE(views_of_another_size_or_with_gaps_are_refused) {
  Kokkos::View<float*, Kokkos::LayoutRight, Exec::memory_space> const flat("my view", 60);
  BOOST_CHECK_EXCEPTION(tensor_ref<Exec>(flat, 4, {2, 3, 2}), Error, refused_as("ign.shape.170", "my view"));
  BOOST_CHECK_EXCEPTION(tensor_ref<Exec>(flat, 6, {2, 3, 2}), Error, refused_as("ign.shape.170", "60"));
  Kokkos::View<float**, Kokkos::LayoutRight, Exec::memory_space> const rows("rows", 6, 20);
  auto const half = Kokkos::subview(rows, Kokkos::ALL, Kokkos::pair<int, int>(0, 10));
  BOOST_CHECK_EXCEPTION(tensor_ref<Exec>(half, 5, {2, 3, 2}), Error, refused_as("ign.shape.170", "non-contiguous"));
}

// Such as a View in SharedSpace for a GPU.
BOOST_AUTO_TEST_CASE(a_view_of_any_space_that_can_be_accessed_is_accepted) {
  auto const flat = make_vector<float>(Exec(), "ign::test", 60);
  Kokkos::View<float*, Kokkos::LayoutRight, Kokkos::AnonymousSpace> const elsewhere = flat;
  auto const images = tensor_ref<Exec>(elsewhere, 5, {2, 3, 2});
  static_assert(std::is_same_v<decltype(images), TensorRef<float, Exec> const>);
  BOOST_TEST(images.data() == flat.data());
  Kokkos::View<float*, Kokkos::LayoutRight, Kokkos::SharedSpace> const shared("ign::test", 60);
  BOOST_TEST(tensor_ref<Exec>(shared, 5, {2, 3, 2}).data() == shared.data());
}

BOOST_AUTO_TEST_CASE(samples_are_a_range_of_the_batch) {
  auto const tensor = numbered(5, {2, 3, 2});
  auto const two = batch_range(tensor, 3, 2);
  BOOST_TEST(batch_of(two) == 2);
  BOOST_TEST(shape_of(two) == shape_of(tensor));
  BOOST_TEST(two(0, 0, 0, 0) == tensor(3, 0, 0, 0));
  BOOST_TEST(two(1, 1, 2, 1) == tensor(4, 1, 2, 1));
  auto const of_reference = batch_range(tensor_ref<Exec>(tensor), 3, 2);
  BOOST_TEST(of_reference.data() == two.data());
  BOOST_TEST(of_reference.size() == two.size());
  BOOST_TEST(batch_range(tensor, 5, 0).size() == 0u);
}

BOOST_AUTO_TEST_CASE(ranges_beyond_the_batch_are_refused) {
  auto const tensor = numbered(5, {2, 3, 2});
  BOOST_CHECK_EXCEPTION(batch_range(tensor, 4, 2), Error, refused_as("ign.shape.171", "batch of 5"));
  BOOST_CHECK_EXCEPTION(batch_range(tensor, -1, 2), Error, refused_as("ign.shape.171", "index -1"));
  BOOST_CHECK_EXCEPTION(batch_range(tensor, 3, -1), Error, refused_as("ign.shape.171", "-1 samples"));
  BOOST_CHECK_EXCEPTION(batch_range(tensor, 6, 0), Error, refused_as("ign.shape.171", "index 6"));
}

BOOST_AUTO_TEST_CASE(reshaping_keeps_the_order_and_the_count) {
  auto const tensor = numbered(2, {3, 4, 5});
  auto const flat = reshaped<float, Exec>(tensor_ref<Exec>(tensor), {1, 1, 60});
  BOOST_TEST(flat.data() == tensor.data());
  BOOST_TEST(flat(1, 0, 0, 59) == tensor(1, 2, 3, 4));
  BOOST_CHECK_EXCEPTION((reshaped<float, Exec>(tensor_ref<Exec>(tensor), {3, 4, 4})), Error, refused_as("ign.shape.1", "(3, 4, 4)"));
}

BOOST_AUTO_TEST_SUITE_END()
