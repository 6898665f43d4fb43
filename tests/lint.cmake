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
forbid("^ *# *include *<(filesystem|format|fstream|future|iomanip|random|ranges|regex|x86intrin\\.h)>" "${core}" "each includer would pay for it: the umbrella header should stay near 1.5 times the compile time of Kokkos' own")
forbid("^ *# *define +KOKKOS_" . "names that begin with KOKKOS_ belong to Kokkos")
forbid("(^|[^(])Kokkos::(Range|Team)Policy<.*>( const [a-z]+)?\\(exec" . "all kernels request launch arguments: take range_policy(exec, count) or as_launch_argument(policy) of ign/core/launch.hpp" "include/ign/core/launch\\.hpp")
forbid("^ *using namespace " "." "a header must not open a namespace for its includers" "train/detail/device_graph\\.hpp") # within a function there
forbid("^ *namespace *{" . "nvcc and hipcc mishandle kernels in unnamed namespaces, and each unit would get its own copy")
forbid("# *include *[<\"](nlohmann|png\\.h|turbojpeg\\.h|zlib\\.h|mpi\\.h|Eigen/|ign/(io|data|metrics|mpi)/)" "${core}" "the core needs Kokkos and Random123 only")
forbid("(std|Kokkos|^|[^a-zA-Z0-9_:])(::)?(isfinite|isnan|isinf|isnormal|fpclassify) *\\(|quiet_NaN" "."
  "-ffast-math makes these useless; take is_finite, is_nan and quiet_nan of ign/core/finite.hpp" "include/ign/core/finite\\.hpp")

# The folders whose headers a folder may include, beside its own. A folder includes only folders of earlier lines, so there are no cycles.
set(may_include
  "core:"
  "random: core"
  "math: core"
  "losses: core"
  "corruptions: core random"
  "optimizers: core math"
  "sources: core math random"
  "layers: core math random"
  "nets: core random math losses sources layers"
  "policies: core random math losses corruptions sources nets"
  "train: core random losses corruptions optimizers sources nets policies"
  "metrics: core random math losses nets"
  "io: core optimizers sources layers nets policies train"
  "data: core random io"
  "mpi: core train")
set(known "")
foreach(line IN LISTS may_include)
  string(REGEX MATCH "^[a-z_]+" folder "${line}")
  string(REGEX REPLACE "^[a-z_]+: ?" "" allowed "${line}")
  string(REPLACE " " ";" allowed "${allowed}")
  foreach(other IN LISTS allowed)
    if(NOT other IN_LIST known)
      message("tests/lint.cmake: ${folder} may include ${other}, which is not on an earlier line")
      set(failures 1)
    endif()
  endforeach()
  list(APPEND known "${folder}")
  set(allowed_${folder} "${folder}" ${allowed})
endforeach()
file(GLOB_RECURSE headers RELATIVE "${SOURCE}/include" "${SOURCE}/include/ign/*/*.hpp")
foreach(header IN LISTS headers)
  string(REGEX REPLACE "^ign/([^/]+)/.*" "\\1" folder "${header}")
  if(NOT folder IN_LIST known)
    message("include/${header}: tests/lint.cmake does not say what the folder ${folder} may include")
    set(failures 1)
    continue()
  endif()
  file(STRINGS "${SOURCE}/include/${header}" lines REGEX "^ *# *include *[<\"]ign/[^/\">]+/")
  foreach(line IN LISTS lines)
    string(REGEX REPLACE "^ *# *include *[<\"]ign/([^/]+)/.*" "\\1" other "${line}")
    if(NOT other IN_LIST allowed_${folder})
      list(JOIN allowed_${folder} ", " list)
      message("include/${header}: ${line}\n  ${folder} may include ${list} only: see the list in tests/lint.cmake")
      set(failures 1)
    endif()
  endforeach()
endforeach()

# Inference does not pay for training: ign/io/inference.hpp includes no header that trains, directly or indirectly.
set(reached ign/io/inference.hpp)
set(open ${reached})
while(open)
  list(POP_FRONT open header)
  file(STRINGS "${SOURCE}/include/${header}" lines REGEX "^ *# *include *[<\"]ign/")
  foreach(line IN LISTS lines)
    string(REGEX REPLACE "^ *# *include *[<\"](ign/[^>\"]+)[>\"].*" "\\1" next "${line}")
    if(next MATCHES "^ign/(policies|optimizers|train)/")
      message("include/${header}: includes ${next}, and is reached from ign/io/inference.hpp, which must not train")
      set(failures 1)
    elseif(NOT next IN_LIST reached)
      list(APPEND reached "${next}")
      list(APPEND open "${next}")
    endif()
  endforeach()
endwhile()

# The headers that are checked with a precompiled Kokkos_Core.hpp (tests/CMakeLists.txt) are those that include it.
include("${CMAKE_CURRENT_LIST_DIR}/includes.cmake")
if(PRECOMPILED)
  file(READ "${PRECOMPILED}" precompiled)
  ign_headers_reaching(including "${SOURCE}/include" Kokkos_Core.hpp)
  foreach(header IN LISTS precompiled)
    if(NOT header IN_LIST including)
      message("include/${header}: no longer includes Kokkos_Core.hpp, but was checked with it precompiled; run CMake again")
      set(failures 1)
    endif()
  endforeach()
endif()

set(one_place "core/compiler.hpp, math/gemm/fragment.hpp, math/gemm/vendor.hpp and train/captured_graph.hpp alone may ask for a backend or a GPU's compiler; elsewhere Kokkos' types tell")
forbid("^ *# *(el)?if.*(KOKKOS_ENABLE_|__CUDA|__HIP|__NVCC|__SYCL|SYCL_|IGN_ENABLE_CUBLAS|IGN_ENABLE_ROCBLAS)"
  "." "${one_place}" "include/ign/(core/compiler|math/gemm/(fragment|vendor)|train/captured_graph)\\.hpp")

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

# ign.hpp includes every public header of the core. Exceptions: internals, which public headers include, and the feature net of the metrics,
# whose type takes long to compile (docs/decisions.md).
set(internal "ign/ign\\.hpp" "ign/nets/features\\.hpp" "/detail/" "ign/math/" "ign/core/compiler\\.hpp" "ign/core/instances\\.hpp")
foreach(pattern IN LISTS internal)
  set(matching ${headers})
  list(FILTER matching INCLUDE REGEX "${pattern}")
  if(NOT matching)
    message("tests/lint.cmake: no header matches ${pattern}, which exempts headers from ign.hpp: delete it")
    set(failures 1)
  endif()
endforeach()
list(JOIN internal "|" internal)
file(READ "${SOURCE}/include/ign/ign.hpp" text)
foreach(header IN LISTS headers)
  if(NOT header MATCHES "^ign/(io|data|metrics|mpi)/|${internal}" AND NOT text MATCHES "\n#include \"${header}\"\n")
    message("include/ign/ign.hpp: does not include ${header}: include it, or name it among the internals in tests/lint.cmake")
    set(failures 1)
  endif()
endforeach()

# Every error id of the headers, the other interfaces and the example programs is explained, and no other.
set(used "")
file(GLOB raising "${SOURCE}/bindings/fortran/*.f90" "${SOURCE}/python/ign.py") # which have whole ids
foreach(source IN LISTS raising)
  file(READ "${source}" text)
  string(REGEX MATCHALL "[\"'[]ign\\.[a-z]+\\.[0-9]+\\]" found "${text}")
  list(TRANSFORM found REPLACE "[]\"'[]" "")
  list(APPEND used ${found})
endforeach()
file(GLOB_RECURSE raising "${SOURCE}/include/ign/*.hpp" "${SOURCE}/bindings/*.hpp" "${SOURCE}/bindings/*.cpp" "${SOURCE}/examples/*.hpp"
  "${SOURCE}/examples/*.cpp")
foreach(source IN LISTS raising)
  file(READ "${source}" text)
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
    message("docs/errors.md: nothing throws ${id}")
    set(failures 1)
  endif()
endforeach()

# vcpkg wants the version said once more.
file(READ "${SOURCE}/include/ign/version.hpp" text)
string(REGEX MATCHALL "#define IGN_VERSION_(MAJOR|MINOR|PATCH) [0-9]+" version "${text}")
string(REGEX REPLACE "[^0-9;]" "" version "${version}")
list(JOIN version "." version)
file(READ "${SOURCE}/packaging/vcpkg/ign/vcpkg.json" text)
string(JSON stated GET "${text}" version)
if(NOT stated STREQUAL version)
  message("packaging/vcpkg/ign/vcpkg.json: version is ${stated}, include/ign/version.hpp has ${version}")
  set(failures 1)
endif()

if(failures)
  message(FATAL_ERROR "lint failed")
endif()
