# SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ign_add_kernels(<folder>)
#   Defines ign::kernels from the sources in the folder: a static library with the host's kernels, compiled once, and with the flags of the
#   project that calls this. What links it includes the same headers and compiles faster. The installed package calls this, too, since
#   compiled kernels are of one instruction set and one Kokkos.
function(ign_add_kernels folder)
  if(TARGET ign_kernels)
    return()
  endif()
  add_library(ign_kernels STATIC EXCLUDE_FROM_ALL "${folder}/kernels_float.cpp" "${folder}/kernels_double.cpp")
  add_library(ign::kernels ALIAS ign_kernels)
  target_link_libraries(ign_kernels PUBLIC ign::ign)
  target_compile_definitions(ign_kernels INTERFACE IGN_COMPILED_KERNELS)
  # Ready for shared libraries of others, which do not export it. The C library of this project does without, to stay small.
  set_target_properties(ign_kernels PROPERTIES POSITION_INDEPENDENT_CODE ON CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
endfunction()
