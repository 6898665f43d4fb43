# SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Links the library of products of a GPU's maker, as IGN_ENABLE_VENDOR_BLAS (AUTO, ON, OFF) says. Without it our own team products serve.

# The library is named for this build only: a package that is installed looks again, where it is used.
function(ign_link_vendor_blas target)
  if(DEFINED IGN_ENABLE_VENDOR_BLAS AND NOT IGN_ENABLE_VENDOR_BLAS)
    return()
  endif()
  if("CUDA" IN_LIST Kokkos_DEVICES)
    find_package(CUDAToolkit QUIET)
    set(library CUDA::cublas)
    set(definition IGN_ENABLE_CUBLAS)
  elseif("HIP" IN_LIST Kokkos_DEVICES)
    find_package(rocblas QUIET)
    set(library roc::rocblas)
    set(definition IGN_ENABLE_ROCBLAS)
  else()
    return()
  endif()
  if(TARGET ${library})
    target_link_libraries(${target} INTERFACE $<BUILD_INTERFACE:${library}>)
    target_compile_definitions(${target} INTERFACE $<BUILD_INTERFACE:${definition}>)
    message(STATUS "ign: products on the GPU: ${library}")
  elseif(IGN_ENABLE_VENDOR_BLAS STREQUAL "AUTO" OR NOT DEFINED IGN_ENABLE_VENDOR_BLAS)
    message(STATUS "ign: products on the GPU: our own, as ${library} was not found")
  else()
    message(FATAL_ERROR "ign: IGN_ENABLE_VENDOR_BLAS is ${IGN_ENABLE_VENDOR_BLAS}, but ${library} was not found")
  endif()
endfunction()
