# SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Configures, builds and runs the consumer project afresh, in one of two ways: WAY is subdirectory or package.

function(run)
  execute_process(COMMAND ${ARGV} RESULT_VARIABLE status)
  if(NOT status EQUAL 0)
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "failed: ${command}")
  endif()
endfunction()

set(place "${BUILD}/tests/consumer/${WAY}")
file(REMOVE_RECURSE "${place}")
set(prefixes ${PREFIXES})
set(options -DCMAKE_BUILD_TYPE=Debug "-DCMAKE_CXX_COMPILER=${COMPILER}")
if(KOKKOS)
  list(APPEND options "-DKokkos_DIR=${KOKKOS}")
endif()

if(WAY STREQUAL "package")
  run(${CMAKE_COMMAND} --install "${BUILD}" --prefix "${place}/first")
  # The package must not mind being moved.
  file(RENAME "${place}/first" "${place}/prefix")
  list(PREPEND prefixes "${place}/prefix")
else()
  list(APPEND options "-DIGN_SOURCE_DIR=${SOURCE}")
  # Sources that the outer build has fetched are not fetched again.
  file(GLOB sources "${SOURCES}/*-src")
  foreach(source IN LISTS sources)
    get_filename_component(name "${source}" NAME)
    string(REGEX REPLACE "-src$" "" name "${name}")
    string(TOUPPER "${name}" name)
    list(APPEND options "-DFETCHCONTENT_SOURCE_DIR_${name}=${source}")
  endforeach()
endif()

string(REPLACE ";" "\\;" prefixes "${prefixes}") # one argument
run(${CMAKE_COMMAND} -S "${CMAKE_CURRENT_LIST_DIR}" -B "${place}/build" -G "${GENERATOR}"
  "-DCMAKE_PREFIX_PATH=${prefixes}" ${options})
run(${CMAKE_COMMAND} --build "${place}/build")
run("${place}/build/consumer")
