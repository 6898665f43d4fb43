# SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# What a library may not change in the project that takes it in: variables, cache entries, and properties of the folder. remember() before
# it comes, check_nothing_leaked() after.

set(watched_properties COMPILE_DEFINITIONS COMPILE_OPTIONS INCLUDE_DIRECTORIES LINK_DIRECTORIES LINK_LIBRARIES LINK_OPTIONS TESTS
  BUILDSYSTEM_TARGETS CMAKE_CONFIGURE_DEPENDS)

# What may come: what bears our name, what find_package notes of the packages that we look for, and CMake's own book-keeping.
set(may_come "^_*(ign_|IGN_|Kokkos_|Random123_|RANDOM123_|ZLIB_|zlib_|PNG_|nlohmann_json_|NLOHMANN_JSON_|Eigen3_|EIGEN3_|TurboJPEG_|\
TURBOJPEG_|OpenMP_|OPENMP|Threads_|FIND_PACKAGE_MESSAGE_DETAILS_|CMAKE_HAVE_|CMAKE_FIND_|CMAKE_MATCH_|CMAKE_PARENT_|PACKAGE_|\
FETCHCONTENT_|FetchContent_|cmake_|isMultiConfig$)")

# A macro: it has to see the variables of its caller.
macro(remember)
  get_cmake_property(remembered_variables VARIABLES)
  list(FILTER remembered_variables EXCLUDE REGEX "^(remembered_|CMAKE_CURRENT_|CMAKE_PARENT_|ARG[CNV0-9])")
  foreach(name IN LISTS remembered_variables)
    set(remembered_value_${name} "${${name}}")
  endforeach()
  get_cmake_property(remembered_cache CACHE_VARIABLES)
  foreach(property IN LISTS watched_properties)
    get_property(remembered_property_${property} DIRECTORY PROPERTY ${property})
  endforeach()
endmacro()

macro(check_nothing_leaked)
  set(leaks "")
  foreach(name IN LISTS remembered_variables)
    if(NOT "${${name}}" STREQUAL "${remembered_value_${name}}" AND NOT name MATCHES "${may_come}")
      string(APPEND leaks "\n  the variable ${name} was '${remembered_value_${name}}' and is '${${name}}'")
    endif()
  endforeach()
  foreach(kind IN ITEMS VARIABLES CACHE_VARIABLES)
    get_cmake_property(names ${kind})
    list(REMOVE_ITEM names ${remembered_variables} ${remembered_cache})
    list(FILTER names EXCLUDE REGEX
      "^(remembered_|CMAKE_CURRENT_|ARG[CNV0-9]|name$|names$|kind$|leaks$|property$|package$|upper$|watched_|may_come$)|${may_come}")
    foreach(name IN LISTS names)
      if(NOT "${${name}}" STREQUAL "")
        string(APPEND leaks "\n  ${name} is new among the ${kind}: '${${name}}'")
      endif()
    endforeach()
  endforeach()
  foreach(property IN LISTS watched_properties)
    get_property(value DIRECTORY PROPERTY ${property})
    if(NOT "${value}" STREQUAL "${remembered_property_${property}}")
      string(APPEND leaks "\n  the folder's ${property} was '${remembered_property_${property}}' and is '${value}'")
    endif()
  endforeach()
  if(ign_SOURCE_DIR)
    get_property(targets DIRECTORY "${ign_SOURCE_DIR}" PROPERTY BUILDSYSTEM_TARGETS)
    list(REMOVE_ITEM targets ign ign_io ign_jpeg ign_metrics)
    get_property(tests DIRECTORY "${ign_SOURCE_DIR}" PROPERTY TESTS)
    get_property(folders DIRECTORY "${ign_SOURCE_DIR}" PROPERTY SUBDIRECTORIES)
    if(targets OR tests OR folders)
      string(APPEND leaks "\n  our folder has targets '${targets}', tests '${tests}', folders '${folders}'")
    endif()
  endif()
  foreach(target IN ITEMS ign::ign ign::io ign::jpeg ign::metrics)
    if(NOT TARGET ${target})
      continue()
    endif()
    foreach(property IN ITEMS COMPILE_OPTIONS COMPILE_DEFINITIONS LINK_OPTIONS PRECOMPILE_HEADERS)
      get_target_property(value ${target} INTERFACE_${property})
      if(value)
        string(APPEND leaks "\n  ${target} puts ${property} on its users: '${value}'")
      endif()
    endforeach()
  endforeach()
  if(leaks)
    message(FATAL_ERROR "the library has leaked into the project that uses it:${leaks}")
  endif()
  foreach(name IN LISTS remembered_variables)
    unset(remembered_value_${name})
  endforeach()
endmacro()
