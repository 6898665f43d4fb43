# SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Checks that every header with device functions contributed device code to a unit that check_device.cmake has compiled.
#   cmake -DBACKEND=<cuda or hip> -DSOURCE=<root of the sources> -DDIR=<folder of the units> -P check_coverage.cmake

cmake_minimum_required(VERSION 3.25)

# Run on hosts only: the definition that tests compare with, and packs of vector instructions.
set(host_only ign/math/conv/reference.hpp ign/math/simd.hpp)

file(GLOB lists "${DIR}/*/headers.txt")
if(NOT lists)
  message(STATUS "check-${BACKEND}: coverage of headers skipped, nothing has been compiled")
  return()
endif()
set(covered "")
foreach(list IN LISTS lists)
  file(READ "${list}" headers)
  list(APPEND covered ${headers})
endforeach()

set(missing "")
set(number 0)
file(GLOB_RECURSE headers RELATIVE "${SOURCE}/include" "${SOURCE}/include/ign/*.hpp")
foreach(header IN LISTS headers)
  file(STRINGS "${SOURCE}/include/${header}" lines REGEX "KOKKOS_(LAMBDA|CLASS_LAMBDA|FUNCTION|INLINE_FUNCTION)" LIMIT_COUNT 1)
  if(NOT lines OR header IN_LIST host_only)
    continue()
  endif()
  math(EXPR number "${number} + 1")
  if(NOT header IN_LIST covered)
    list(APPEND missing "${header}")
  endif()
endforeach()
if(missing)
  list(JOIN missing "\n  " missing)
  message(FATAL_ERROR "check-${BACKEND}: no device code of these headers has been compiled, expected a use of each in a file of "
    "tests/gpu_compile:\n  ${missing}")
endif()
message(STATUS "check-${BACKEND}: device code of all ${number} headers that have any")
