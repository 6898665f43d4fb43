# SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Compiles SOURCE for a GPU of compute capability 9.0 and makes sure that machine code for it came out; needs no GPU.
#   cmake -DNVCC=<nvcc> -DSOURCE=<file.cu> -DINCLUDES=<folders> -DSYSTEM_INCLUDES=<folders> -DDIR=<folder> -P check_cuda.cmake

cmake_minimum_required(VERSION 3.25)

file(REMOVE_RECURSE "${DIR}")
file(MAKE_DIRECTORY "${DIR}")
list(TRANSFORM INCLUDES PREPEND -I)
list(TRANSFORM SYSTEM_INCLUDES PREPEND -isystem=)
string(TIMESTAMP start "%s")
# --keep leaves the machine code of the GPU beside the object. -Wpedantic would only find fault with nvcc's own output.
execute_process(COMMAND "${NVCC}" -std=c++20 -arch=sm_90 --extended-lambda --expt-relaxed-constexpr -O1
    -Werror all-warnings -Xcompiler=-Wall,-Wextra,-Werror,-fopenmp ${INCLUDES} ${SYSTEM_INCLUDES}
    --keep --keep-dir "${DIR}" -c "${SOURCE}" -o "${DIR}/check_cuda.o"
  RESULT_VARIABLE status)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "check-cuda: ${NVCC} refuses ${SOURCE}")
endif()
string(TIMESTAMP end "%s")

file(GLOB cubin "${DIR}/*.cubin")
find_program(readelf readelf REQUIRED)
execute_process(COMMAND "${readelf}" -h -S -W ${cubin} OUTPUT_VARIABLE text ERROR_QUIET)
string(REGEX MATCHALL "\\.text\\.[^ ]+" kernels "${text}")
list(FILTER kernels INCLUDE REGEX "3ign") # the namespace, as it is mangled
list(LENGTH kernels number)
if(NOT text MATCHES "NVIDIA CUDA" OR number EQUAL 0)
  message(FATAL_ERROR "check-cuda: ${cubin} is not GPU code with kernels of ign: ${text}")
endif()
if(NOT cubin MATCHES "sm_90")
  message(FATAL_ERROR "check-cuda: ${cubin} is not for sm_90")
endif()
math(EXPR seconds "${end} - ${start}")
file(SIZE "${DIR}/check_cuda.o" size)
math(EXPR size "${size} / 1024")
file(GLOB kept "${DIR}/*")
list(FILTER kept EXCLUDE REGEX "\\.(o|cubin)$")
file(REMOVE ${kept})
message(STATUS "check-cuda: ${number} kernels of ign for sm_90, ${size} KiB, compiled in ${seconds} s")
