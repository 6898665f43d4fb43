# SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Packages for `cpack` and `make packages`: libign-dev_<version>_all.deb and ign-<version>.tar.gz. Both hold the headers, the sources of
# ign::kernels and the CMake package, and no binaries: they serve any processor.

# Installations and packages contain no programs, so they do not depend on building them.
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY TRUE)

set(CPACK_GENERATOR TGZ DEB)
set(CPACK_PACKAGE_NAME ign)
set(CPACK_PACKAGE_VENDOR "the IGN on Kokkos authors")
set(CPACK_PACKAGE_CONTACT "${CPACK_PACKAGE_VENDOR}")
set(CPACK_PACKAGE_FILE_NAME "ign-${PROJECT_VERSION}")
set(CPACK_RESOURCE_FILE_LICENSE "${PROJECT_SOURCE_DIR}/LICENSE")
set(CPACK_PACKAGE_DESCRIPTION "Header-only C++20 library that trains and applies Idempotent Generative Networks on Kokkos.")
set(CPACK_VERBATIM_VARIABLES TRUE)

set(CPACK_DEBIAN_PACKAGE_NAME libign-dev)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_ARCHITECTURE all)
set(CPACK_DEBIAN_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "libkokkos-dev (>= 4.5), librandom123-dev")
# Dependencies of ign::io, ign::metrics and ign::jpeg.
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "zlib1g-dev, libpng-dev, nlohmann-json3-dev (>= 3.10), libeigen3-dev (>= 3.4), libturbojpeg0-dev (>= 1:2.1)")
include(CPack)
