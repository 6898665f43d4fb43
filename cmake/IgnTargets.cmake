# SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Helpers for our own targets. No flag here reaches a program that uses the library.

# The headers under include/ whose path (from there) matches INCLUDE or does not match EXCLUDE.
function(ign_headers result mode pattern)
  set(root "${PROJECT_SOURCE_DIR}/include")
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS RELATIVE "${root}" "${root}/ign/*.hpp")
  list(FILTER headers ${mode} REGEX "${pattern}")
  list(TRANSFORM headers PREPEND "${root}/")
  set(${result} "${headers}" PARENT_SCOPE)
endfunction()

# Warnings, and this machine's instruction set where the user asked for it, for one of our own programs.
function(ign_own_program target)
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF)
  if(CMAKE_CXX_COMPILER_ID MATCHES "GNU|Clang|IntelLLVM")
    target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wextra-semi -Wnon-virtual-dtor)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 14)
      target_compile_options(${target} PRIVATE -Wno-restrict -Wno-maybe-uninitialized) # false alarms in std::string's operator+ (GCC bug 105651)
    endif()
    if(IGN_ENABLE_WERROR)
      target_compile_options(${target} PRIVATE -Werror)
    endif()
    if(IGN_NATIVE)
      target_compile_options(${target} PRIVATE -march=native)
    endif()
  endif()
endfunction()
