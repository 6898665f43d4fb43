# SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Installs the component c, moves it, and builds and runs programs in C99 (LANGUAGE c) or Fortran (fortran) against it: by one call of the
# compiler with the flags of pkg-config, and by CMake. LANGUAGE static: the same with programs in C, and one in Fortran if FORTRAN is set,
# against a static libign, which is built here without optimisation. IGN_REQUIRE_INTERFACES=1 in the environment: a missing tool is an
# error.

cmake_minimum_required(VERSION 3.25)

include("${CMAKE_CURRENT_LIST_DIR}/../command.cmake")

function(skip why)
  if(DEFINED ENV{IGN_REQUIRE_INTERFACES})
    message(FATAL_ERROR "${why}, and IGN_REQUIRE_INTERFACES is set")
  endif()
  message("SKIPPED: ${why}") # ctest looks for the word
endfunction()

if(LANGUAGE STREQUAL "fortran" AND NOT FORTRAN)
  skip("no Fortran compiler was found when the project was configured")
  return()
endif()
find_program(CC NAMES cc gcc clang)
if(NOT CC)
  skip("no C compiler was found")
  return()
endif()
find_program(PKG_CONFIG NAMES pkg-config pkgconf)
if(NOT PKG_CONFIG)
  skip("pkg-config was not found")
  return()
endif()

string(REPLACE ";" "\\;" PREFIXES "${PREFIXES}") # one argument of a command
set(place "${BUILD}/tests/consumer/${LANGUAGE}")
file(REMOVE_RECURSE "${place}")
set(installing "${BUILD}")
if(LANGUAGE STREQUAL "static")
  set(installing "${place}/library")
  run(${CMAKE_COMMAND} -S "${SOURCE}" -B "${installing}" -G "${GENERATOR}" -DBUILD_SHARED_LIBS=OFF -DIGN_ENABLE_C=ON
    -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS_DEBUG=-O0 "-DCMAKE_CXX_COMPILER=${CXX}" "-DCMAKE_Fortran_COMPILER=${FORTRAN}"
    "-DCMAKE_PREFIX_PATH=${PREFIXES}" "-DKokkos_DIR=${KOKKOS}" "-DIGN_DEPS_DIR=${DEPS}" -DIGN_DEPS_DEBIAN=OFF -DIGN_DEPS_FETCH=OFF
    -DIGN_ENABLE_IO=OFF -DIGN_ENABLE_METRICS=OFF -DIGN_ENABLE_JPEG=OFF -DIGN_ENABLE_KERNELS=OFF -DIGN_ENABLE_MPI=OFF
    -DIGN_ENABLE_TESTS=OFF -DIGN_ENABLE_EXAMPLES=OFF -DIGN_ENABLE_BENCHMARKS=OFF)
  run(${CMAKE_COMMAND} --build "${installing}" --parallel 2)
endif()
run(${CMAKE_COMMAND} --install "${installing}" --prefix "${place}/first" --component c)
file(RENAME "${place}/first" "${place}/prefix")
file(GLOB pc "${place}/prefix/*/pkgconfig/ign.pc" "${place}/prefix/*/*/pkgconfig/ign.pc")
if(NOT pc)
  message(FATAL_ERROR "ign.pc is not installed in ${place}/prefix")
endif()
get_filename_component(pc "${pc}" DIRECTORY)
set(ENV{PKG_CONFIG_PATH} "${pc}")

# Sets `result` to the flags that pkg-config has for a package.
function(flags_of package result)
  execute_process(COMMAND "${PKG_CONFIG}" --cflags --libs ${package} RESULT_VARIABLE status OUTPUT_VARIABLE flags)
  execute_process(COMMAND "${PKG_CONFIG}" --variable=libdir ign OUTPUT_VARIABLE libdir OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "pkg-config does not know ${package}")
  endif()
  separate_arguments(flags UNIX_COMMAND "${flags}")
  set(${result} ${flags} "-Wl,-rpath,${libdir}" PARENT_SCOPE)
endfunction()

set(tests "${CMAKE_CURRENT_LIST_DIR}")
set(examples "${SOURCE}/examples/interfaces")
get_filename_component(golden "${MODEL}" DIRECTORY) # other nets
file(COPY "${SOURCE}/examples/interfaces/" DESTINATION "${place}/interfaces")

if(LANGUAGE STREQUAL "static")
  file(GLOB shared "${place}/prefix/lib*/libign.so*" "${place}/prefix/lib*/*/libign.so*")
  if(shared)
    message(FATAL_ERROR "BUILD_SHARED_LIBS=OFF has installed ${shared}")
  endif()
  flags_of(ign flags)
  run("${CC}" -std=c99 "${tests}/lifecycle.c" -o "${place}/lifecycle" ${flags})
  run("${place}/lifecycle" "${MODEL}")
  if(FORTRAN)
    flags_of(ign-fortran flags)
    run("${FORTRAN}" "${examples}/project_field.f90" -o "${place}/project_field" ${flags})
    run("${place}/project_field" "${MODEL}")
  endif()
  run(${CMAKE_COMMAND} -S "${tests}" -B "${place}/build" -G "${GENERATOR}" -DSTATIC=ON "-DCMAKE_PREFIX_PATH=${place}/prefix\\;${PREFIXES}"
    "-DKokkos_DIR=${KOKKOS}" "-DCMAKE_C_COMPILER=${CC}" "-DCMAKE_CXX_COMPILER=${CXX}")
  run(${CMAKE_COMMAND} --build "${place}/build")
  run("${place}/build/lifecycle" "${MODEL}")
  execute_process(COMMAND ${CMAKE_COMMAND} -S "${tests}" -B "${place}/without" -G "${GENERATOR}" "-DCMAKE_PREFIX_PATH=${place}/prefix"
    "-DCMAKE_C_COMPILER=${CC}" RESULT_VARIABLE status OUTPUT_QUIET ERROR_VARIABLE said)
  string(REGEX REPLACE "[ \n]+" " " said "${said}") # lines are wrapped
  if(status EQUAL 0 OR NOT said MATCHES "static library, which needs C\\+\\+: add CXX to the languages")
    message(FATAL_ERROR "a project in C with a static library: exit status '${status}', said '${said}'")
  endif()
elseif(LANGUAGE STREQUAL "c")
  flags_of(ign flags)
  set(strict -std=c99 -pedantic -Wall -Wextra -Werror)
  run("${CC}" ${strict} "${tests}/lifecycle.c" -o "${place}/lifecycle" ${flags})
  run("${place}/lifecycle" "${MODEL}")
  run("${CC}" ${strict} "${examples}/project_field.c" -o "${place}/project_field" ${flags})
  run("${place}/project_field" "${MODEL}")
  run("${CC}" ${strict} "${examples}/other_extents.c" -o "${place}/other_extents" ${flags})
  run("${place}/other_extents" "${golden}/exchange_padding.safetensors")
  execute_process(COMMAND "${place}/project_field" nowhere RESULT_VARIABLE status ERROR_VARIABLE said)
  if(NOT status EQUAL 1 OR NOT said MATCHES "\\[ign\\.file\\.1\\] nowhere")
    message(FATAL_ERROR "project_field without a model: exit status '${status}', said '${said}'")
  endif()
  run(${CMAKE_COMMAND} -S "${tests}" -B "${place}/build" -G "${GENERATOR}" "-DCMAKE_PREFIX_PATH=${place}/prefix" "-DCMAKE_C_COMPILER=${CC}")
  run(${CMAKE_COMMAND} --build "${place}/build")
  run("${place}/build/lifecycle" "${MODEL}")
else()
  flags_of(ign-fortran flags)
  file(STRINGS "${examples}/project_field.f90" lines REGEX "^ *[^! ]")
  list(LENGTH lines count)
  if(count GREATER 20)
    message(FATAL_ERROR "examples/interfaces/project_field.f90 has ${count} lines, expected at most 20")
  endif()
  # Compiles a program, behind the modules that it uses.
  function(build_fortran name)
    run("${FORTRAN}" -std=f2018 -O1 -Wall ${ARGN} -o "${place}/${name}" ${flags})
  endfunction()
  execute_process(COMMAND "${FORTRAN}" --version OUTPUT_VARIABLE compiler)
  set(modules "") # where they are written
  if(compiler MATCHES "GNU Fortran")
    file(MAKE_DIRECTORY "${place}/checks")
    set(modules "-J${place}/checks")
  endif()
  build_fortran(arrays ${modules} "${tests}/checks.f90" "${tests}/arrays.f90")
  run("${place}/arrays" "${MODEL}")
  build_fortran(volumes ${modules} "${tests}/checks.f90" "${tests}/volumes.f90")
  run("${place}/volumes" "${golden}")
  build_fortran(project_field "${examples}/project_field.f90")
  run("${place}/project_field" "${MODEL}")
  build_fortran(other_extents "${examples}/other_extents.f90")
  run("${place}/other_extents" "${golden}/exchange_padding.safetensors")
  # Arrays reach the library where they lie, and gfortran copies none on the way: neither the program nor the module, which is compiled with
  # it. With the argument `copy` an array must be copied, and both checks must see it.
  set(no_copy "${place}/no_copy")
  run("${CC}" -std=c99 -pedantic -Wall -Wextra -Werror -c "${tests}/addresses.c" -o "${no_copy}.o" ${flags})
  file(MAKE_DIRECTORY "${place}/modules")
  set(check "")
  set(message_of_copy "copied: a section with gaps")
  if(compiler MATCHES "GNU Fortran")
    set(check "-J${place}/modules" -fcheck=array-temps)
    string(APPEND message_of_copy ".*An array temporary was created")
  endif()
  run("${FORTRAN}" -std=f2018 -O1 -Wall ${check} "${place}/prefix/include/ign/fortran/ign.f90" "${tests}/no_copy.f90" "${no_copy}.o"
    -o "${no_copy}" -Wl,--wrap=ign_project,--wrap=ign_drift,--wrap=ign_generate ${flags})
  execute_process(COMMAND "${no_copy}" "${MODEL}" RESULT_VARIABLE status OUTPUT_VARIABLE said ERROR_VARIABLE warned)
  if(NOT status EQUAL 0 OR warned MATCHES "array temporary")
    message(FATAL_ERROR "no_copy: exit status '${status}', said '${said}${warned}'")
  endif()
  execute_process(COMMAND "${no_copy}" "${MODEL}" copy RESULT_VARIABLE status OUTPUT_VARIABLE said ERROR_VARIABLE warned)
  if(status EQUAL 0 OR NOT "${said}${warned}" MATCHES "${message_of_copy}")
    message(FATAL_ERROR "no_copy with a copy: exit status '${status}', said '${said}${warned}', expected a failure")
  endif()
  # An error without `stat` ends the program with its text.
  execute_process(COMMAND "${place}/project_field" nowhere RESULT_VARIABLE status ERROR_VARIABLE said)
  if(status EQUAL 0 OR NOT said MATCHES "\\[ign\\.file\\.1\\] nowhere")
    message(FATAL_ERROR "project_field without a model: exit status '${status}', said '${said}'")
  endif()
  run(${CMAKE_COMMAND} -S "${place}/interfaces" -B "${place}/build" -G "${GENERATOR}" "-DCMAKE_PREFIX_PATH=${place}/prefix"
    "-DCMAKE_C_COMPILER=${CC}" "-DCMAKE_Fortran_COMPILER=${FORTRAN}")
  run(${CMAKE_COMMAND} --build "${place}/build")
  run("${place}/build/from_c" "${MODEL}")
  run("${place}/build/from_fortran" "${MODEL}")
  run("${place}/build/other_extents_c" "${golden}/exchange_padding.safetensors")
endif()
