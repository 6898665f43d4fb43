# SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Helpers for our own targets. None of these flags reaches the user of the library.

# The headers under include/ whose relative path matches the pattern (mode INCLUDE) or does not match it (mode EXCLUDE).
function(ign_headers result mode pattern)
  set(root "${PROJECT_SOURCE_DIR}/include")
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS RELATIVE "${root}" "${root}/ign/*.hpp")
  list(FILTER headers ${mode} REGEX "${pattern}")
  list(TRANSFORM headers PREPEND "${root}/")
  set(${result} "${headers}" PARENT_SCOPE)
endfunction()

# Compile options of our own targets: warnings, and with IGN_NATIVE this machine's instruction set.
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
