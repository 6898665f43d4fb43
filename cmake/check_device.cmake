# SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Compiles SOURCE for a GPU and checks that the result contains GPU machine code. Needs no GPU.
#   cmake -DBACKEND=cuda -DARCHITECTURE=sm_90 -DNVCC=<nvcc> -DSOURCE=<file> -DINCLUDES=<folders> -DSYSTEM_INCLUDES=<folders> -DDIR=<folder>
#     -P check_device.cmake
#   cmake -DBACKEND=hip -DROOT=<folder> …    ROOT: the root folder with Debian's hipcc, unpacked there if it is missing
#   SWITCHES: additional options of nvcc
#   DEVICE_ONLY: hipcc skips the code of the host
# Writes DIR/headers.txt, the headers of ign that contributed device code, for check_coverage.cmake.
# If hipcc cannot be unpacked or run, the check is skipped with one line that states the reason.

cmake_minimum_required(VERSION 3.25)

file(REMOVE_RECURSE "${DIR}")
file(MAKE_DIRECTORY "${DIR}")
if(BACKEND STREQUAL "cuda")
  # --keep stores the GPU machine code beside the object. -Wpedantic would only warn about code that nvcc generates. Lightly optimised,
  # which takes 0.57 of the time.
  set(host "")
  set(compile "${NVCC}" -x cu -std=c++20 -arch=${ARCHITECTURE} --extended-lambda ${SWITCHES} -O1 -lineinfo -Xcicc -O1 -Xptxas -O0
    -DIGN_ENABLE_CUBLAS -Werror all-warnings -Xcompiler=-Wall,-Wextra,-Werror,-fopenmp --keep --keep-dir "${DIR}")
  set(machine "NVIDIA CUDA")
  set(kernel "\\.text\\.[^ \n]+")
  set(code "*${ARCHITECTURE}*.cubin")
  set(assembly "*.ptx")
else()
  # In its root folder, hipcc finds the machine's files below /host.
  include("${CMAKE_CURRENT_LIST_DIR}/debian_root.cmake")
  ign_debian_root(enter "${ROOT}" hipcc /usr/bin/hipcc)
  if(NOT enter)
    message(STATUS "check-hip: skipped, ${ign_why}")
    return()
  endif()
  set(host /host)
  # Not optimised, which takes 0.3 of the time.
  set(compile ${enter} /usr/bin/hipcc -x hip -std=c++20 --offload-arch=${ARCHITECTURE} -O0 -Xarch_device -gline-tables-only -Xarch_device -gdwarf-4
    -DIGN_ENABLE_ROCBLAS -Wall -Wextra -Wpedantic -Wshadow -Wextra-semi -Wnon-virtual-dtor -Werror -save-temps=obj)
  if(ARCHITECTURE STREQUAL "gfx942") # see cmake/hip_check/KokkosCore_config.h
    list(APPEND compile -DIGN_HIP_CHECK_GFX942)
  endif()
  if(DEVICE_ONLY)
    list(APPEND compile --offload-device-only)
  endif()
  set(machine "AMD")
  set(kernel "[^ \n]+\\.kd")
  set(code "*${ARCHITECTURE}*.out")
  set(assembly "*${ARCHITECTURE}*.s")
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
  message(FATAL_ERROR "check-${BACKEND}: compiling ${SOURCE} failed")
endif()
string(TIMESTAMP end "%s")

file(GLOB code "${DIR}/${code}")
find_program(readelf readelf REQUIRED)
execute_process(COMMAND "${readelf}" -h -S -s -W ${code} OUTPUT_VARIABLE text ERROR_QUIET)
string(REGEX MATCHALL "${kernel}" kernels "${text}")
list(FILTER kernels INCLUDE REGEX "3ign") # the mangled namespace
list(REMOVE_DUPLICATES kernels)
list(LENGTH kernels number)
if(NOT text MATCHES "${machine}" OR number EQUAL 0)
  message(FATAL_ERROR "check-${BACKEND}: '${code}' has no kernels of ign for ${ARCHITECTURE}: ${text}")
endif()

# Line information names the source file of each piece of device code.
file(GLOB assembly "${DIR}/${assembly}")
set(headers "")
foreach(file IN LISTS assembly)
  file(STRINGS "${file}" lines REGEX "^[ \t]*\\.file[ \t]+[0-9]+ .*/ign/")
  string(REPLACE "\" \"" "/" lines "${lines}") # folder and name apart
  string(REGEX MATCHALL "/include/ign/[^\";]+" lines "${lines}")
  list(APPEND headers ${lines})
endforeach()
list(TRANSFORM headers REPLACE "^/include/" "")
list(REMOVE_DUPLICATES headers)
list(SORT headers)
file(WRITE "${DIR}/headers.txt" "${headers}")

math(EXPR seconds "${end} - ${start}")
file(SIZE "${DIR}/check_device.o" size)
math(EXPR size "${size} / 1024")
file(GLOB kept "${DIR}/*")
list(REMOVE_ITEM kept "${DIR}/check_device.o" "${DIR}/headers.txt" ${code})
file(REMOVE ${kept})
get_filename_component(name "${SOURCE}" NAME)
message(STATUS "check-${BACKEND}: ${name}, ${number} kernels of ign for ${ARCHITECTURE}, ${size} KiB, compiled in ${seconds} s")
