# SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# cmake/IgnMpi.cmake on a machine without MPI: it must say so. SOURCE: the project; DIR: a folder to work in; COMPILER: of C++.

file(WRITE "${DIR}/CMakeLists.txt" [[
cmake_minimum_required(VERSION 3.25)
project(without_mpi LANGUAGES CXX)
include("${SOURCE}/cmake/IgnMpi.cmake")
ign_find_mpi(has_mpi)
if(has_mpi)
  message(FATAL_ERROR "an MPI was found where there is none")
endif()
]])
file(REMOVE_RECURSE "${DIR}/build")
execute_process(COMMAND ${CMAKE_COMMAND} -S "${DIR}" -B "${DIR}/build" "-DSOURCE=${SOURCE}" "-DCMAKE_CXX_COMPILER=${COMPILER}"
  -DMPI_EXECUTABLE_SUFFIX=.none -DCMAKE_DISABLE_FIND_PACKAGE_PkgConfig=ON OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
