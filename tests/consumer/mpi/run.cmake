# SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Installs the library, moves it, and builds the project beside this file with find_package(ign COMPONENTS mpi). Its program runs on two
# ranks. The compiler of MPI is that of the build that is installed.

cmake_minimum_required(VERSION 3.25)

include("${CMAKE_CURRENT_LIST_DIR}/../command.cmake")

set(place "${BUILD}/tests/consumer/mpi")
file(REMOVE_RECURSE "${place}")
run(${CMAKE_COMMAND} --install "${BUILD}" --prefix "${place}/first")
file(RENAME "${place}/first" "${place}/prefix")
string(REPLACE ";" "\\;" prefixes "${place}/prefix;${PREFIXES}") # one argument of a command
run(${CMAKE_COMMAND} -S "${CMAKE_CURRENT_LIST_DIR}" -B "${place}/build" -G "${GENERATOR}" "-DCMAKE_PREFIX_PATH=${prefixes}"
  "-DKokkos_DIR=${KOKKOS}" "-DCMAKE_CXX_COMPILER=${COMPILER}" "-DMPI_CXX_COMPILER=${MPI}" -DCMAKE_BUILD_TYPE=Debug
  -DCMAKE_CXX_FLAGS_DEBUG=-O0 "-DCMAKE_CXX_FLAGS=-Werror -Wall -Wextra -Wpedantic -Wshadow -Wconversion")
run(${CMAKE_COMMAND} --build "${place}/build")
run("${place}/build/ranks" 1)
run("${MPIEXEC}" "${MPIEXEC_COUNT}" 2 "${place}/build/ranks" 2)

# Without MPI the component is refused by name.
execute_process(COMMAND ${CMAKE_COMMAND} -S "${CMAKE_CURRENT_LIST_DIR}" -B "${place}/without" -G "${GENERATOR}"
  "-DCMAKE_PREFIX_PATH=${place}/prefix;${PREFIXES}" "-DKokkos_DIR=${KOKKOS}" "-DCMAKE_CXX_COMPILER=${COMPILER}"
  -DMPI_EXECUTABLE_SUFFIX=.none -DCMAKE_DISABLE_FIND_PACKAGE_PkgConfig=ON RESULT_VARIABLE status OUTPUT_QUIET ERROR_VARIABLE said)
string(REGEX REPLACE "[ \n]+" " " said "${said}") # lines are wrapped
if(status EQUAL 0 OR NOT said MATCHES "ign: the component mpi needs MPI, which was not found")
  message(FATAL_ERROR "find_package without MPI: exit status '${status}', said '${said}'")
endif()
