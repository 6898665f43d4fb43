# SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Finds the single-header form of Boost.Test, which needs no library. Defines BoostTest::included.

find_path(BoostTest_INCLUDE_DIR boost/test/included/unit_test.hpp)
mark_as_advanced(BoostTest_INCLUDE_DIR)

if(BoostTest_INCLUDE_DIR)
  file(STRINGS "${BoostTest_INCLUDE_DIR}/boost/version.hpp" BoostTest_VERSION REGEX "^#define BOOST_LIB_VERSION")
  string(REGEX REPLACE ".*\"([0-9_]+)\".*" "\\1" BoostTest_VERSION "${BoostTest_VERSION}")
  string(REPLACE "_" "." BoostTest_VERSION "${BoostTest_VERSION}")
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(BoostTest REQUIRED_VARS BoostTest_INCLUDE_DIR VERSION_VAR BoostTest_VERSION)

if(BoostTest_FOUND AND NOT TARGET BoostTest::included)
  add_library(BoostTest::included INTERFACE IMPORTED)
  set_property(TARGET BoostTest::included PROPERTY INTERFACE_INCLUDE_DIRECTORIES "${BoostTest_INCLUDE_DIR}")
endif()
