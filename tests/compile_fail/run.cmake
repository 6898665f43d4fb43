# SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Builds programs with a mistake in them: the compiler must refuse each one, and the first error must be the sentence of ours that
# stands behind `// Expect: ` at the head of its source.
#   cmake -DBUILD=<build folder> "-DSOURCES=<file>|<file>…" -P tests/compile_fail/run.cmake

cmake_minimum_required(VERSION 3.25)

set(failures 0)
string(REPLACE "|" ";" sources "${SOURCES}")
foreach(source IN LISTS sources)
  get_filename_component(name "${source}" NAME_WE)
  file(STRINGS "${source}" expected REGEX "^// Expect: " LIMIT_COUNT 1)
  string(REPLACE "// Expect: " "" expected "${expected}")
  execute_process(COMMAND "${CMAKE_COMMAND}" --build "${BUILD}" --target ign_compile_fail_${name}
    RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
  set(first "")
  string(FIND "${output}" " error: " place)
  if(place GREATER_EQUAL 0)
    string(SUBSTRING "${output}" ${place} -1 first)
    string(FIND "${first}" "\n" end)
    string(SUBSTRING "${first}" 0 ${end} first)
  endif()
  string(FIND "${first}" "${expected}" place)
  if(expected STREQUAL "" OR status EQUAL 0 OR place LESS 0)
    message("${name}: exit status ${status}\n  first error: ${first}\n  expected:    ${expected}\n${output}")
    set(failures 1)
  else()
    message("${name}:${first}")
  endif()
endforeach()
if(failures)
  message(FATAL_ERROR "a mistake is not refused, or not in our words")
endif()
