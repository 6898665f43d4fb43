# SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Habits of the headers that a compiler does not check.  cmake -DSOURCE=<root> -P tests/lint.cmake

cmake_minimum_required(VERSION 3.25)

set(failures 0)

# Reports each line that matches the pattern, in the headers whose path matches, but for those that match a further argument.
function(forbid pattern paths why)
  file(GLOB_RECURSE headers RELATIVE "${SOURCE}" "${SOURCE}/include/ign/*.hpp")
  list(FILTER headers INCLUDE REGEX "${paths}")
  if(ARGC GREATER 3)
    list(FILTER headers EXCLUDE REGEX "${ARGV3}")
  endif()
  foreach(header IN LISTS headers)
    file(STRINGS "${SOURCE}/${header}" lines REGEX "${pattern}")
    foreach(line IN LISTS lines)
      message("${header}: ${line}\n  ${why}")
      set(failures 1 PARENT_SCOPE)
    endforeach()
  endforeach()
endfunction()

set(core "include/ign/(core|random|math|layers|nets|losses|sources|optimizers|policies|corruptions|train)/|include/ign/[a-z_]+\\.hpp")
forbid("^ *# *include *<iostream>" . "each includer would pay for the static streams; take <ostream> or <iosfwd>")
forbid("^ *# *define +KOKKOS_" . "names that begin with KOKKOS_ belong to Kokkos")
forbid("^ *using namespace " "." "a header must not open a namespace for its includers")
forbid("^ *namespace *{" . "nvcc and hipcc mishandle kernels in unnamed namespaces, and each unit would get its own copy")
forbid("# *include *[<\"](nlohmann|png\\.h|turbojpeg\\.h|zlib\\.h|Eigen/|ign/(io|data|metrics)/)" "${core}" "the core needs Kokkos and Random123 only")

set(one_place "core/compiler.hpp and math/product_vendor.hpp alone may ask for a backend or a GPU's compiler; elsewhere Kokkos' types tell")
forbid("^ *# *(el)?if.*(KOKKOS_ENABLE_|__CUDA|__HIP|__NVCC|__SYCL|SYCL_|IGN_ENABLE_CUBLAS|IGN_ENABLE_ROCBLAS)"
  "." "${one_place}" "include/ign/(core/compiler|math/product_vendor)\\.hpp")

file(GLOB_RECURSE headers RELATIVE "${SOURCE}/include" "${SOURCE}/include/ign/*.hpp")
foreach(header IN LISTS headers)
  file(READ "${SOURCE}/include/${header}" text)
  string(TOUPPER "${header}" guard)
  string(REGEX REPLACE "[/.]" "_" guard "${guard}")
  if(NOT text MATCHES "\n#ifndef ${guard}\n#define ${guard}\n")
    message("include/${header}: its include guard is not ${guard}")
    set(failures 1)
  endif()
  if(NOT text MATCHES "^// SPDX-FileCopyrightText: [^\n]+\n// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception\n")
    message("include/${header}: does not begin with the two SPDX lines")
    set(failures 1)
  endif()
endforeach()

# Every error id of the headers is explained, and no other.
set(used "")
foreach(header IN LISTS headers)
  file(READ "${SOURCE}/include/${header}" text)
  string(REGEX MATCHALL "Fault::[a-z]+,[ \n]*[0-9]+," found "${text}")
  foreach(id IN LISTS found)
    string(REGEX REPLACE "Fault::([a-z]+),[ \n]*([0-9]+)," "ign.\\1.\\2" id "${id}")
    list(APPEND used "${id}")
  endforeach()
endforeach()
list(REMOVE_DUPLICATES used)
file(READ "${SOURCE}/docs/errors.md" text)
string(REGEX MATCHALL "ign\\.[a-z]+\\.[0-9]+" explained "${text}")
list(REMOVE_DUPLICATES explained)
foreach(id IN LISTS used)
  if(NOT id IN_LIST explained)
    message("docs/errors.md: ${id} is not explained")
    set(failures 1)
  endif()
endforeach()
foreach(id IN LISTS explained)
  if(NOT id IN_LIST used AND NOT id STREQUAL "ign.format.25")  # chosen at run time between 23 and 25
    message("docs/errors.md: no header has ${id}")
    set(failures 1)
  endif()
endforeach()

if(failures)
  message(FATAL_ERROR "lint failed")
endif()
