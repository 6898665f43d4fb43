// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Question to the MPI whether it takes pointers to memory of a GPU (GPU-aware, CUDA-aware).
#ifndef IGN_MPI_DEVICE_SUPPORT_HPP
#define IGN_MPI_DEVICE_SUPPORT_HPP

#include <mpi.h>
#if __has_include(<mpi-ext.h>)
#include <mpi-ext.h>  // Open MPI; declares MPIX_Query_cuda_support
#endif

#include <Kokkos_Core.hpp>
#include <string_view>

namespace ign::mpi {

/// Kinds of device memory that an MPI can be asked about.
enum class DeviceMemory { none, cuda, hip };

namespace detail {

/// The kind of an execution space of Kokkos, by its name.
constexpr DeviceMemory device_memory_of(std::string_view space) {
  if (space == "Cuda") return DeviceMemory::cuda;
  return space == "HIP" ? DeviceMemory::hip : DeviceMemory::none;
}

}  // namespace detail

/// Returns the kind of the devices of this Kokkos: none on hosts, and with backends about which MPI cannot be asked.
inline DeviceMemory kokkos_device_memory() { return detail::device_memory_of(Kokkos::DefaultExecutionSpace::name()); }

/// Returns true if the MPI states that it takes pointers to such memory; false also where it has no function that says so. MPI must have
/// been initialised. Open MPI: MPIX_Query_cuda_support, and MPIX_Query_rocm_support from 5 on. MPICH from 4 on, and its relatives:
/// MPIX_GPU_query_support.
inline bool takes_memory_of(DeviceMemory kind) {
#if defined(MPIX_GPU_SUPPORT_CUDA)
  if (kind == DeviceMemory::cuda) {
    int answer = 0;
    return MPIX_GPU_query_support(MPIX_GPU_SUPPORT_CUDA, &answer) == MPI_SUCCESS && answer != 0;
  }
#elif defined(MPIX_CUDA_AWARE_SUPPORT)
  if (kind == DeviceMemory::cuda) return MPIX_Query_cuda_support() == 1;
#endif
#if defined(MPIX_GPU_SUPPORT_HIP)
  if (kind == DeviceMemory::hip) {
    int answer = 0;
    return MPIX_GPU_query_support(MPIX_GPU_SUPPORT_HIP, &answer) == MPI_SUCCESS && answer != 0;
  }
#elif defined(MPIX_ROCM_AWARE_SUPPORT)
  if (kind == DeviceMemory::hip) return MPIX_Query_rocm_support() == 1;
#endif
  static_cast<void>(kind);
  return false;
}

}  // namespace ign::mpi

#endif  // IGN_MPI_DEVICE_SUPPORT_HPP
