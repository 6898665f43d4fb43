# SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Finds the TurboJPEG interface of libjpeg-turbo; some distributions ship it without CMake files. Defines TurboJPEG::TurboJPEG.

find_path(TurboJPEG_INCLUDE_DIR turbojpeg.h)
find_library(TurboJPEG_LIBRARY turbojpeg)
mark_as_advanced(TurboJPEG_INCLUDE_DIR TurboJPEG_LIBRARY)

# The header states no version. Its declarations identify it.
if(TurboJPEG_INCLUDE_DIR)
  file(STRINGS "${TurboJPEG_INCLUDE_DIR}/turbojpeg.h" TurboJPEG_VERSION REGEX "tj3Init|define TJFLAG_LIMITSCANS")
  if(TurboJPEG_VERSION MATCHES "tj3Init")
    set(TurboJPEG_VERSION 3.0)
  elseif(TurboJPEG_VERSION)
    set(TurboJPEG_VERSION 2.1)
  else()
    set(TurboJPEG_VERSION 2.0)
  endif()
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(TurboJPEG REQUIRED_VARS TurboJPEG_LIBRARY TurboJPEG_INCLUDE_DIR VERSION_VAR TurboJPEG_VERSION)

if(TurboJPEG_FOUND AND NOT TARGET TurboJPEG::TurboJPEG)
  add_library(TurboJPEG::TurboJPEG UNKNOWN IMPORTED)
  set_target_properties(TurboJPEG::TurboJPEG PROPERTIES
    IMPORTED_LOCATION "${TurboJPEG_LIBRARY}" INTERFACE_INCLUDE_DIRECTORIES "${TurboJPEG_INCLUDE_DIR}")
endif()
