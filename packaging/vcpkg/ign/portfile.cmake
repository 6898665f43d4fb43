# SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# vcpkg port for the checkout that contains this file:  vcpkg install ign[io,metrics] --overlay-ports=packaging/vcpkg
# vcpkg has no Kokkos; the project that uses the package must find its own, for example through Kokkos_ROOT. The features c and fortran
# build a library, for which Kokkos_ROOT must be in the environment of vcpkg.

set(VCPKG_BUILD_TYPE release) # header-only, and a library without debug information
get_filename_component(SOURCE_PATH "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)

vcpkg_check_features(OUT_FEATURE_OPTIONS FEATURE_OPTIONS
  FEATURES
    c       IGN_ENABLE_C
    c       IGN_DEPS_FIND
    fortran IGN_ENABLE_FORTRAN
    io      IGN_ENABLE_IO
    jpeg    IGN_ENABLE_JPEG
    metrics IGN_ENABLE_METRICS
    mpi     IGN_ENABLE_MPI
)
vcpkg_cmake_configure(
  SOURCE_PATH "${SOURCE_PATH}"
  OPTIONS
    ${FEATURE_OPTIONS}
    -DIGN_ENABLE_TESTS=OFF
    -DIGN_ENABLE_EXAMPLES=OFF
    -DIGN_ENABLE_BENCHMARKS=OFF
    -DIGN_ENABLE_KERNELS=OFF # their sources are installed in any case
    -DIGN_DEPS_DEBIAN=OFF
    -DIGN_DEPS_FETCH=OFF
)
vcpkg_cmake_install()
if("c" IN_LIST FEATURES) # left out of the plain installation
  vcpkg_execute_required_process(
    COMMAND "${CMAKE_COMMAND}" --install "${CURRENT_BUILDTREES_DIR}/${TARGET_TRIPLET}-rel" --component c
    WORKING_DIRECTORY "${CURRENT_BUILDTREES_DIR}" LOGNAME "install-c-${TARGET_TRIPLET}")
  vcpkg_fixup_pkgconfig()
endif()
vcpkg_cmake_config_fixup(CONFIG_PATH share/cmake/ign)
file(REMOVE_RECURSE "${CURRENT_PACKAGES_DIR}/share/doc")
vcpkg_install_copyright(FILE_LIST "${SOURCE_PATH}/LICENSE")
