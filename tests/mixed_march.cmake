# SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Two units of one program, compiled for the same and for different instruction sets: the linker refuses the second program and names the
# reason.
#   cmake -DCOMPILER=<c++> -DINCLUDES=<folder> "-DSYSTEM_INCLUDES=<folder>;…" -DDIR=<work folder> -P tests/mixed_march.cmake

cmake_minimum_required(VERSION 3.25)

file(REMOVE_RECURSE "${DIR}")
file(MAKE_DIRECTORY "${DIR}")
file(WRITE "${DIR}/one.cpp" "#include <ign/math/simd.hpp>\nvoid one() {}\n")
file(WRITE "${DIR}/two.cpp" "#include <ign/math/simd.hpp>\nvoid one();\nint main() { one(); }\n")
set(command "${COMPILER}" -std=c++20 -DKOKKOS_DEPENDENCE -fopenmp -I "${INCLUDES}")
foreach(folder IN LISTS SYSTEM_INCLUDES)
  list(APPEND command -isystem "${folder}")
endforeach()

function(compile name march)
  execute_process(COMMAND ${command} -march=${march} -c "${DIR}/${name}.cpp" -o "${DIR}/${name}_${march}.o" RESULT_VARIABLE status)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "${name}.cpp does not compile for ${march}")
  endif()
endfunction()
function(link status_name output_name first second)
  execute_process(COMMAND "${COMPILER}" "${DIR}/one_${first}.o" "${DIR}/two_${second}.o" -o "${DIR}/program" RESULT_VARIABLE status
    OUTPUT_VARIABLE output ERROR_VARIABLE output)
  set(${status_name} "${status}" PARENT_SCOPE)
  set(${output_name} "${output}" PARENT_SCOPE)
endfunction()

foreach(march IN ITEMS x86-64 x86-64-v3 x86-64-v4)
  compile(one ${march})
  compile(two ${march})
endforeach()
foreach(first IN ITEMS x86-64 x86-64-v3 x86-64-v4)
  foreach(second IN ITEMS x86-64 x86-64-v3 x86-64-v4)
    link(status output ${first} ${second})
    if(first STREQUAL second AND NOT status EQUAL 0)
      message(FATAL_ERROR "two units for ${first} do not link:\n${output}")
    endif()
    if(NOT first STREQUAL second AND (status EQUAL 0 OR NOT output MATCHES "ign_needs_the_same_march_in_all_units_of_a_program"))
      message(FATAL_ERROR "units for ${first} and ${second} are linked to one program, or refused for another reason:\n${output}")
    endif()
  endforeach()
endforeach()
