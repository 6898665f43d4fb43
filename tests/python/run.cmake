# SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Runs test_ign.py with the command PYTHON, which may have several words. Where the library needs the newer runtime of the private Kokkos
# (cmake/debian_packages.sh), so does the interpreter: it is started by the dynamic linker in RUNTIME, unless it can load the library as it
# is. Without the package NEEDED the test is skipped; IGN_REQUIRE_INTERFACES=1 in the environment makes that an error for numpy.

cmake_minimum_required(VERSION 3.25)

function(skip why)
  if(DEFINED ENV{IGN_REQUIRE_INTERFACES} AND NEEDED STREQUAL "numpy")
    message(FATAL_ERROR "${why}, and IGN_REQUIRE_INTERFACES is set")
  endif()
  message("SKIPPED: ${why}") # ctest looks for the word
endfunction()

if(NOT PYTHON)
  set(PYTHON python3)
  foreach(candidate IN ITEMS /usr/bin/python3 python3) # the last one that has them
    execute_process(COMMAND ${candidate} -c "import ${NEEDED}" WORKING_DIRECTORY "${SOURCE}" RESULT_VARIABLE status OUTPUT_QUIET ERROR_QUIET)
    if(status EQUAL 0)
      set(PYTHON ${candidate})
    endif()
  endforeach()
endif()
separate_arguments(command UNIX_COMMAND "${PYTHON}")
execute_process(COMMAND ${command} -c "print(__import__('sys').executable)" WORKING_DIRECTORY "${SOURCE}" RESULT_VARIABLE status OUTPUT_VARIABLE program ERROR_QUIET
  OUTPUT_STRIP_TRAILING_WHITESPACE)
if(NOT status EQUAL 0)
  skip("'${PYTHON}' does not run")
  return()
endif()
set(try -c "__import__('ctypes').CDLL('${LIBRARY}')")
execute_process(COMMAND ${command} ${try} WORKING_DIRECTORY "${SOURCE}" RESULT_VARIABLE status ERROR_VARIABLE why)
list(LENGTH command words) # several: a command that enters a container, with files and a runtime of its own
if(NOT status EQUAL 0 AND RUNTIME AND words EQUAL 1)
  file(GLOB linker "${RUNTIME}/ld-linux*.so.2")
  set(command ${linker} --library-path "${RUNTIME}" "${program}")
  execute_process(COMMAND ${command} ${try} WORKING_DIRECTORY "${SOURCE}" RESULT_VARIABLE status ERROR_VARIABLE why)
endif()
if(NOT status EQUAL 0)
  message(FATAL_ERROR "'${PYTHON}' cannot load ${LIBRARY}: ${why}")
endif()
foreach(package IN LISTS NEEDED)
  execute_process(COMMAND ${command} -c "import ${package}" WORKING_DIRECTORY "${SOURCE}" RESULT_VARIABLE status OUTPUT_QUIET ERROR_QUIET)
  if(NOT status EQUAL 0)
    skip("'${PYTHON}' has no ${package}")
    return()
  endif()
endforeach()
execute_process(COMMAND ${command} "${SOURCE}/tests/python/test_ign.py" "${LIBRARY}" "${MODEL}" WORKING_DIRECTORY "${SOURCE}"
  RESULT_VARIABLE status)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "failed: test_ign.py with '${PYTHON}'")
endif()
if(NEEDED STREQUAL "numpy") # the programs of docs/other-languages.md
  set(ENV{IGN_LIBRARY} "${LIBRARY}")
  set(ENV{PYTHONPATH} "${SOURCE}/python")
  set(ENV{PYTHONDONTWRITEBYTECODE} 1)
  get_filename_component(golden "${MODEL}" DIRECTORY)
  function(run_example name model expected)
    execute_process(COMMAND ${command} "${SOURCE}/examples/interfaces/${name}.py" "${model}" RESULT_VARIABLE status OUTPUT_VARIABLE said)
    if(NOT status EQUAL 0 OR NOT said MATCHES "^${expected}")
      message(FATAL_ERROR "failed: ${name}.py, which said '${said}'")
    endif()
  endfunction()
  run_example(project_field "${MODEL}" "drift: ")
  run_example(other_extents "${golden}/exchange_padding.safetensors" "projected: ")
  run_example(project_volume "${golden}/exchange_volume.safetensors" "filled: 16 cells")
endif()
