# SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# vcpkg port for the checkout that contains this file:  vcpkg install ign[io,metrics] --overlay-ports=packaging/vcpkg
# vcpkg has no Kokkos; the project that uses the package must find its own, for example through Kokkos_ROOT.

set(VCPKG_BUILD_TYPE release) # header-only
get_filename_component(SOURCE_PATH "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)

vcpkg_check_features(OUT_FEATURE_OPTIONS FEATURE_OPTIONS
  FEATURES
    io      IGN_ENABLE_IO
    jpeg    IGN_ENABLE_JPEG
    metrics IGN_ENABLE_METRICS
)
vcpkg_cmake_configure(
  SOURCE_PATH "${SOURCE_PATH}"
  OPTIONS
    ${FEATURE_OPTIONS}
    -DIGN_ENABLE_TESTS=OFF
    -DIGN_ENABLE_EXAMPLES=OFF
    -DIGN_ENABLE_BENCHMARKS=OFF
    -DIGN_DEPS_FIND=OFF
)
vcpkg_cmake_install()
vcpkg_cmake_config_fixup(CONFIG_PATH share/cmake/ign)
file(REMOVE_RECURSE "${CURRENT_PACKAGES_DIR}/share/doc")
vcpkg_install_copyright(FILE_LIST "${SOURCE_PATH}/LICENSE")
