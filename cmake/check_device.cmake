# SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Compiles SOURCE for a GPU and makes sure that machine code for it came out; needs no GPU.
#   cmake -DBACKEND=cuda -DNVCC=<nvcc> -DSOURCE=<file> -DINCLUDES=<folders> -DSYSTEM_INCLUDES=<folders> -DDIR=<folder> -P check_device.cmake
#   cmake -DBACKEND=hip -DROOT=<folder> …    ROOT: where Debian's hipcc is, or will be unpacked
#   SWITCHES: more of them, for nvcc
# Where hipcc cannot be had or run, one line says why, and that the check was skipped.

cmake_minimum_required(VERSION 3.25)

file(REMOVE_RECURSE "${DIR}")
file(MAKE_DIRECTORY "${DIR}")
if(BACKEND STREQUAL "cuda")
  # For compute capability 9.0. --keep leaves the machine code of the GPU beside the object. -Wpedantic would only find fault with nvcc's
  # own output.
  set(host "")
  set(architecture sm_90)
  set(compile "${NVCC}" -x cu -std=c++20 -arch=sm_90 --extended-lambda ${SWITCHES} -O1
    -DIGN_ENABLE_CUBLAS -Werror all-warnings -Xcompiler=-Wall,-Wextra,-Werror,-fopenmp --keep --keep-dir "${DIR}")
  set(machine "NVIDIA CUDA")
  set(kernel "\\.text\\.[^ \n]+")
  set(code "*sm_90*.cubin")
else()
  # hipcc sees its own root folder, and below /host that of the machine.
  include("${CMAKE_CURRENT_LIST_DIR}/debian_root.cmake")
  ign_debian_root(enter "${ROOT}" hipcc /usr/bin/hipcc)
  if(NOT enter)
    message(STATUS "check-hip: skipped, ${ign_why}")
    return()
  endif()
  set(host /host)
  set(architecture gfx90a)
  set(compile ${enter} /usr/bin/hipcc -x hip -std=c++20 --offload-arch=gfx90a -O1
    -DIGN_ENABLE_ROCBLAS -Wall -Wextra -Wpedantic -Wshadow -Wextra-semi -Wnon-virtual-dtor -Werror -save-temps=obj)
  set(machine "AMD")
  set(kernel "[^ \n]+\\.kd")
  set(code "*gfx90a*.out")
endif()

foreach(folder IN LISTS INCLUDES)
  list(APPEND compile -I "${host}${folder}")
endforeach()
foreach(folder IN LISTS SYSTEM_INCLUDES)
  list(APPEND compile -isystem "${host}${folder}")
endforeach()
string(TIMESTAMP start "%s")
execute_process(COMMAND ${compile} -c "${host}${SOURCE}" -o "${host}${DIR}/check_device.o" RESULT_VARIABLE status)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "check-${BACKEND}: the compiler refuses ${SOURCE}")
endif()
string(TIMESTAMP end "%s")

file(GLOB code "${DIR}/${code}")
find_program(readelf readelf REQUIRED)
execute_process(COMMAND "${readelf}" -h -S -s -W ${code} OUTPUT_VARIABLE text ERROR_QUIET)
string(REGEX MATCHALL "${kernel}" kernels "${text}")
list(FILTER kernels INCLUDE REGEX "3ign") # the namespace, as it is mangled
list(REMOVE_DUPLICATES kernels)
list(LENGTH kernels number)
if(NOT text MATCHES "${machine}" OR number EQUAL 0)
  message(FATAL_ERROR "check-${BACKEND}: '${code}' is not code for ${architecture} with kernels of ign: ${text}")
endif()
math(EXPR seconds "${end} - ${start}")
file(SIZE "${DIR}/check_device.o" size)
math(EXPR size "${size} / 1024")
file(GLOB kept "${DIR}/*")
list(REMOVE_ITEM kept "${DIR}/check_device.o" ${code})
file(REMOVE ${kept})
get_filename_component(name "${SOURCE}" NAME)
message(STATUS "check-${BACKEND}: ${name}, ${number} kernels of ign for ${architecture}, ${size} KiB, compiled in ${seconds} s")
