# SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Installs the headers and a relocatable package: find_package(ign) defines ign::ign, and
# find_package(ign COMPONENTS io jpeg metrics mpi kernels) also ign::io, ign::jpeg, ign::metrics, ign::mpi and ign::kernels. The package
# looks for its dependencies where it is used, not where they were at installation.

include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(ign_package_dir "${CMAKE_INSTALL_DATADIR}/cmake/ign")

install(TARGETS ign EXPORT ignTargets FILE_SET HEADERS)
install(EXPORT ignTargets NAMESPACE ign:: DESTINATION "${ign_package_dir}")
if(IGN_ENABLE_IO)
  install(TARGETS ign_io EXPORT ignIoTargets FILE_SET HEADERS)
  install(EXPORT ignIoTargets NAMESPACE ign:: DESTINATION "${ign_package_dir}")
endif()
if(IGN_ENABLE_METRICS)
  install(TARGETS ign_metrics EXPORT ignMetricsTargets FILE_SET HEADERS)
  install(EXPORT ignMetricsTargets NAMESPACE ign:: DESTINATION "${ign_package_dir}")
endif()
if(IGN_ENABLE_JPEG)
  install(TARGETS ign_jpeg EXPORT ignJpegTargets FILE_SET HEADERS)
  install(EXPORT ignJpegTargets NAMESPACE ign:: DESTINATION "${ign_package_dir}")
endif()
if(TARGET ign_mpi)
  install(TARGETS ign_mpi EXPORT ignMpiTargets FILE_SET HEADERS)
  install(EXPORT ignMpiTargets NAMESPACE ign:: DESTINATION "${ign_package_dir}")
endif()

if(IGN_ENABLE_C)
  ign_install_c("${ign_package_dir}") # bindings/CMakeLists.txt
endif()

configure_package_config_file("${CMAKE_CURRENT_LIST_DIR}/ignConfig.cmake.in" "${PROJECT_BINARY_DIR}/ignConfig.cmake"
  INSTALL_DESTINATION "${ign_package_dir}" NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file("${PROJECT_BINARY_DIR}/ignConfigVersion.cmake"
  COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
install(FILES "${PROJECT_BINARY_DIR}/ignConfig.cmake" "${PROJECT_BINARY_DIR}/ignConfigVersion.cmake"
  "${CMAKE_CURRENT_LIST_DIR}/IgnKernels.cmake" "${CMAKE_CURRENT_LIST_DIR}/IgnVendorBlas.cmake" "${CMAKE_CURRENT_LIST_DIR}/IgnMpi.cmake"
  "${CMAKE_CURRENT_LIST_DIR}/FindRandom123.cmake" "${CMAKE_CURRENT_LIST_DIR}/FindTurboJPEG.cmake" DESTINATION "${ign_package_dir}")
install(FILES "${PROJECT_SOURCE_DIR}/src/kernels_float.cpp" "${PROJECT_SOURCE_DIR}/src/kernels_double.cpp"
  DESTINATION "${ign_package_dir}/src")
if(IGN_ENABLE_C) # the component c is complete without the headers of C++
  install(FILES "${PROJECT_BINARY_DIR}/ignConfig.cmake" "${PROJECT_BINARY_DIR}/ignConfigVersion.cmake" DESTINATION "${ign_package_dir}"
    COMPONENT c EXCLUDE_FROM_ALL)
endif()
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION "${CMAKE_INSTALL_DATADIR}/doc/libign-dev" RENAME copyright)

if(PROJECT_IS_TOP_LEVEL)
  include(IgnPackages)
endif()
