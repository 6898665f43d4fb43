# SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Builds the project tests/consumer (all headers and a training step) with newer compilers and CMake from a Debian root folder, warnings as
# errors, and runs its programs.
#   cmake -DROOT=<folder> -DSOURCE=<checkout> -DDIR=<folder> [-DCOMPILERS=g++-16;clang++-22] -P check_compilers.cmake
# If the root folder cannot be unpacked or entered, the check is skipped with one line that states the reason.

cmake_minimum_required(VERSION 3.25)
include("${CMAKE_CURRENT_LIST_DIR}/debian_root.cmake")

if(NOT COMPILERS)
  set(COMPILERS g++-13 g++-14 g++-15 g++-16 clang++-22)
endif()
ign_debian_root(enter "${ROOT}" compilers /usr/bin/cmake)
if(NOT enter)
  message(STATUS "check-compilers: skipped, ${ign_why}")
  return()
endif()
# These environment variables describe the machine's own compiler.
list(PREPEND enter ${CMAKE_COMMAND} -E env --unset=CXX --unset=CXXFLAGS --unset=CMAKE_CXX_COMPILER_LAUNCHER --unset=CMAKE_GENERATOR)

execute_process(COMMAND ${enter} /usr/bin/cmake --version OUTPUT_VARIABLE cmake)
string(REGEX MATCH "[0-9.]+" cmake "${cmake}")
foreach(compiler IN LISTS COMPILERS)
  set(build "${DIR}/${compiler}")
  file(REMOVE_RECURSE "${build}")
  execute_process(COMMAND ${enter} /usr/bin/${compiler} --version OUTPUT_VARIABLE version)
  string(REGEX MATCH "[0-9]+\\.[0-9]+\\.[0-9]+" version "${version}")
  string(TIMESTAMP start "%s")
  foreach(step IN ITEMS
      "-S;/host${SOURCE}/tests/consumer;-B;/host${build};-DWAY=subdirectory;-DIGN_SOURCE=/host${SOURCE};-DEVERYTHING=ON;-DIGN_DEPS_DEBIAN=OFF;-DIGN_DEPS_FETCH=OFF;-DCMAKE_CXX_COMPILER=/usr/bin/${compiler};-DCMAKE_CXX_FLAGS=-O1"
      "--build;/host${build}")
    execute_process(COMMAND ${enter} /usr/bin/cmake ${step} RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
    if(NOT status EQUAL 0)
      message(FATAL_ERROR "check-compilers: ${compiler} ${version}: ${output}")
    endif()
  endforeach()
  execute_process(COMMAND ${enter} /usr/bin/ctest --test-dir "/host${build}" --output-on-failure --no-tests=error
    RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "check-compilers: ${compiler} ${version}: ${output}")
  endif()
  string(TIMESTAMP end "%s")
  math(EXPR seconds "${end} - ${start}")
  message(STATUS "check-compilers: ${compiler} ${version}, CMake ${cmake}: all headers and a training step, in ${seconds} s")
endforeach()
