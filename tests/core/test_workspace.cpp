// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include <boost/test/unit_test.hpp>

#include <ign/core/tape.hpp>
#include <ign/core/workspace.hpp>
#include <ign_test/exec.hpp>

using namespace ign;
using ign_test::Exec;

BOOST_AUTO_TEST_SUITE(workspaces)

BOOST_AUTO_TEST_CASE(padding_goes_up_to_the_next_cache_line) {
  for (std::size_t const count : {0, 1, 15, 16, 17, 32, 1001}) {
    BOOST_TEST(aligned_size<float>(count) % 16 == 0u);
    BOOST_TEST(aligned_size<float>(count) >= count);
    BOOST_TEST(aligned_size<float>(count) < count + 16);
    BOOST_TEST(aligned_size<double>(count) % 8 == 0u);
    BOOST_TEST(aligned_size<double>(count) >= count);
    BOOST_TEST(aligned_size<double>(count) < count + 8);
    BOOST_TEST(worker_stride<float>(count) == aligned_size<float>(count) + 16);
    BOOST_TEST(worker_stride<double>(count) == aligned_size<double>(count) + 8);
  }
}

BOOST_AUTO_TEST_CASE(a_buffer_allocates_only_to_grow) {
  Exec const exec;
  Buffer<float, Exec> buffer("ign::test");
  auto const before = buffer_growths();
  auto const first = buffer.reserve(exec, 100);
  BOOST_TEST(first.size() == 100u);
  BOOST_TEST(buffer_growths() == before + 1);
  auto const smaller = buffer.reserve(exec, 10);
  BOOST_TEST(smaller.size() == 10u);
  BOOST_TEST(smaller.data() == first.data());
  BOOST_TEST(buffer.reserve(exec, 100).data() == first.data());
  BOOST_TEST(buffer_growths() == before + 1);
  BOOST_TEST(buffer.reserve(exec, 101).size() == 101u);
  BOOST_TEST(buffer_growths() == before + 2);
  BOOST_TEST(buffer.reserve(exec, 0).size() == 0u);
  BOOST_TEST(buffer_growths() == before + 2);
}

// A copy would share the memory, so that two objects overwrite each other's.
BOOST_AUTO_TEST_CASE(memory_is_moved_and_never_copied) {
  auto constexpr moves_only = []<class T>(T const*) {
    return !std::is_copy_constructible_v<T> && !std::is_copy_assignable_v<T> && std::is_move_constructible_v<T> &&
           std::is_move_assignable_v<T>;
  };
  static_assert(moves_only(static_cast<Buffer<float, Exec>*>(nullptr)));
  static_assert(moves_only(static_cast<Tape<float, Exec>*>(nullptr)));
  static_assert(moves_only(static_cast<Workspace<float, Exec>*>(nullptr)));

  Exec const exec;
  Buffer<float, Exec> first("ign::test");
  float* const memory = first.reserve(exec, 100).data();
  Buffer<float, Exec> second = std::move(first);
  BOOST_TEST(second.reserve(exec, 100).data() == memory);
  BOOST_TEST(first.reserve(exec, 100).data() != memory);
  first = std::move(second);
  BOOST_TEST(first.reserve(exec, 100).data() == memory);
  BOOST_TEST(second.reserve(exec, 10).data() != memory);
}

BOOST_AUTO_TEST_CASE(reserve_tensor_has_the_requested_extents) {
  Exec const exec;
  auto const x = make_tensor<float>(exec, "ign::test", 2, {3, 4, 5});
  Buffer<float, Exec> buffer("ign::test");
  auto const like = reserve_like<float, Exec>(exec, buffer, tensor_ref<Exec>(x));
  BOOST_TEST(batch_of(like) == 2);
  BOOST_TEST(shape_of(like) == (Shape{3, 4, 5}));
  BOOST_TEST(like.data() == buffer.reserve(exec, 120).data());
}

BOOST_AUTO_TEST_CASE(counters_are_made_once_and_for_devices_only) {
  Exec const exec;
  Workspace<float, Exec> workspace;
  auto const counters = workspace.reserve_counters(exec);
  BOOST_TEST(counters.size() == (uses_host_kernels_v<Exec> ? 0 : ign::detail::counter_count));
  BOOST_TEST(workspace.reserve_counters(exec).data() == counters.data());
}

BOOST_AUTO_TEST_CASE(a_new_tape_has_recorded_nothing) {
  Tape<float, Exec> const tape, without_outputs(Retain::last);
  BOOST_TEST(tape.batch() == -1);
  BOOST_TEST((tape.retain() == Retain::everything));
  BOOST_TEST((without_outputs.retain() == Retain::last));
}

BOOST_AUTO_TEST_SUITE_END()
