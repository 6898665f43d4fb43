# SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# The target device_bundle: a folder of tests and benchmarks for a machine with a GPU, made on a machine without one
# (benchmarks/device_bundle.py). IGN_DEVICE_PROGRAMS selects the programs.

set(IGN_DEVICE_PROGRAMS "" CACHE STRING "Targets that device_bundle copies; empty: the tests that run with this Kokkos, bench_step and portability")
find_package(Python3 COMPONENTS Interpreter QUIET)
if(NOT Python3_FOUND)
  return()
endif()

ign_kokkos_devices(devices)
set(backend openmp)
foreach(name IN ITEMS CUDA HIP SYCL)
  if(name IN_LIST devices)
    string(TOLOWER ${name} backend)
  endif()
endforeach()
get_property(options GLOBAL PROPERTY IGN_KOKKOS_OPTIONS)
if(Kokkos_ENABLE_CUDA_UVM OR "CUDA_UVM" IN_LIST options)
  set(unified --unified-memory)
endif()

set(programs ${IGN_DEVICE_PROGRAMS})
if(NOT programs)
  set(programs ign_test_spaces)
  if(unified OR backend STREQUAL "openmp") # the other tests read the memory of kernels
    list(APPEND programs ign_test_core ign_test_math ign_test_layers ign_test_device ign_test_policies ign_test_train)
  endif()
  list(APPEND programs bench_step portability)
endif()
set(tests "")
set(benchmarks "")
foreach(program IN LISTS programs)
  if(NOT TARGET ${program})
    if(IGN_DEVICE_PROGRAMS)
      message(FATAL_ERROR "IGN_DEVICE_PROGRAMS is '${IGN_DEVICE_PROGRAMS}', expected targets of this configuration: there is no ${program}")
    endif()
    continue()
  endif()
  # Beside the folder of its machine's libraries, a program looks in that of the bundle.
  set_property(TARGET ${program} APPEND PROPERTY BUILD_RPATH "$ORIGIN/lib")
  list(APPEND depends ${program})
  if(program MATCHES "^ign_test_")
    list(APPEND tests "$<TARGET_FILE:${program}>")
  else()
    list(APPEND benchmarks "$<TARGET_FILE:${program}>")
  endif()
endforeach()

set(compiler "${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}")
if(backend STREQUAL "cuda")
  find_package(CUDAToolkit QUIET)
  string(APPEND compiler ", CUDA ${CUDAToolkit_VERSION}")
endif()
get_property(version GLOBAL PROPERTY IGN_KOKKOS_VERSION)
if("kokkos" IN_LIST IGN_DEPS_SOURCE) # built in this project
  FetchContent_GetProperties(kokkos SOURCE_DIR folder)
  get_directory_property(version DIRECTORY "${folder}" DEFINITION Kokkos_VERSION)
endif()
add_custom_target(device_bundle VERBATIM DEPENDS ${depends}
  COMMAND ${Python3_EXECUTABLE} "${PROJECT_SOURCE_DIR}/benchmarks/device_bundle.py" "${PROJECT_BINARY_DIR}/device_bundle"
    --backend ${backend} ${unified} --kokkos "${version}" --compiler "${compiler}" "--strip=${CMAKE_STRIP}"
    --golden "${PROJECT_SOURCE_DIR}/tests/golden" --tests ${tests} --benchmarks ${benchmarks})
