// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The choice between device pointers and staging.

#include <boost/test/unit_test.hpp>

#include <ign/core/ranks.hpp>

#include "world.hpp"

BOOST_AUTO_TEST_SUITE(device_support)

using ign::mpi::Communicator;
using ign::mpi::DeviceMemory;
using ign::mpi::takes_memory_of;

BOOST_AUTO_TEST_CASE(an_option_decides_and_without_it_the_mpi) {
  ign_test::world();
  MPI_Comm const self = MPI_COMM_SELF;
  BOOST_TEST(Communicator(self, {.device_memory = true}).takes_device_memory());
  BOOST_TEST(!Communicator(self, {.device_memory = false}).takes_device_memory());
  BOOST_TEST(Communicator(self).takes_device_memory() == takes_memory_of(ign::mpi::kokkos_device_memory()));
}

BOOST_AUTO_TEST_CASE(the_backend_follows_from_kokkos) {
  using ign::mpi::detail::device_memory_of;
  BOOST_TEST((device_memory_of("Cuda") == DeviceMemory::cuda && device_memory_of("HIP") == DeviceMemory::hip));
  for (char const* host : {"OpenMP", "Serial", "Threads", "SYCL"}) BOOST_TEST((device_memory_of(host) == DeviceMemory::none), host);
}

BOOST_AUTO_TEST_CASE(the_mpi_is_asked_about_one_kind_of_memory) {
  ign_test::world();
  BOOST_TEST(!takes_memory_of(DeviceMemory::none));
#if defined(MPIX_CUDA_AWARE_SUPPORT)
  BOOST_TEST(takes_memory_of(DeviceMemory::cuda) == (MPIX_Query_cuda_support() == 1));
  if (MPIX_CUDA_AWARE_SUPPORT == 0) BOOST_TEST(!takes_memory_of(DeviceMemory::cuda));  // Debian's
#elif defined(MPIX_GPU_SUPPORT_CUDA)
  BOOST_TEST(takes_memory_of(DeviceMemory::cuda) == (MPIX_Query_cuda_support() == 1));
#else
  BOOST_TEST(!takes_memory_of(DeviceMemory::cuda));
#endif
  BOOST_TEST_MESSAGE("device memory: CUDA " << takes_memory_of(DeviceMemory::cuda) << ", HIP " << takes_memory_of(DeviceMemory::hip));
  if (ign::mpi::kokkos_device_memory() == DeviceMemory::none) {
    MPI_Comm const self = MPI_COMM_SELF;
    BOOST_TEST(!Communicator(self).takes_device_memory());
  }
}

BOOST_AUTO_TEST_SUITE_END()
