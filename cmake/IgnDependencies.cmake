# SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Provides the dependencies of the library and its parts. Sources, in this order:
#   1. a target that the enclosing project has already defined,
#   2. find_package,
#   3. the machine's own package manager: Debian packages, unpacked into a private prefix (debian_packages.sh),
#   4. its source, pinned by version and SHA-256.
# One line reports the source of each dependency. A line before it gives the reason if an earlier source failed. In an enclosing project,
# which chooses its dependencies, the last two are off.

set(ign_deps_dir "${CMAKE_CURRENT_SOURCE_DIR}/build/deps") # shared by all build folders
if(NOT PROJECT_IS_TOP_LEVEL)
  set(ign_deps_dir "${CMAKE_BINARY_DIR}/ign-deps")
endif()
set(IGN_DEPS_DIR "${ign_deps_dir}" CACHE PATH "Private prefix for Debian packages")
option(IGN_DEPS_FIND "Look for the dependencies; OFF: install the headers without them" ON)
option(IGN_DEPS_DEBIAN "Unpack missing dependencies from Debian packages into IGN_DEPS_DIR" ${PROJECT_IS_TOP_LEVEL})
option(IGN_DEPS_FETCH "Download the sources of dependencies that are still missing" ${PROJECT_IS_TOP_LEVEL})
set(IGN_DEPS_SOURCE "" CACHE STRING "Dependencies to build from source without looking for an installed version, such as kokkos")
mark_as_advanced(IGN_DEPS_DIR IGN_DEPS_FIND IGN_DEPS_DEBIAN IGN_DEPS_FETCH IGN_DEPS_SOURCE)

# ign_dependency(<name> <target> <package> VERSIONS <range>... [URL <url> SHA256 <hash>] [HEADERS <folder>...])
#   Several ranges are tried in turn. HEADERS: use only these include folders of the source, and build nothing.
function(ign_dependency name target package)
  cmake_parse_arguments(PARSE_ARGV 3 arg "" "URL;SHA256" "VERSIONS;HEADERS")
  foreach(field IN ITEMS VERSIONS URL SHA256 HEADERS)
    set(ign_${name}_${field} "${arg_${field}}" PARENT_SCOPE)
  endforeach()
  set(ign_${name}_TARGET "${target}" PARENT_SCOPE)
  set(ign_${name}_PACKAGE "${package}" PARENT_SCOPE)
endfunction()

ign_dependency(kokkos Kokkos::kokkos Kokkos VERSIONS 4.5...<6
  URL https://github.com/kokkos/kokkos/releases/download/5.2.2/kokkos-5.2.2.tar.gz
  SHA256 d6557aaef39302282a15f9c770433d1fcdf4e961dfd6d9ed726b9d0d0f546b9f)
# Eigen's version file refuses a range over two major versions.
ign_dependency(eigen Eigen3::Eigen Eigen3 VERSIONS 3.4 5 HEADERS .
  URL https://gitlab.com/libeigen/eigen/-/archive/3.4.0/eigen-3.4.0.tar.gz
  SHA256 8586084f71f9bde545ee7fa6d00288b264a2b7ac3607b974e54d13e7162c1c72)
ign_dependency(random123 Random123::Random123 Random123 VERSIONS 1.09 HEADERS include
  URL https://github.com/DEShawResearch/random123/archive/refs/tags/v1.14.0.tar.gz
  SHA256 effafd8656b18030b2a5b995cd3650c51a7c45052e6e1c21e48b9fa7a59d926e)
ign_dependency(json nlohmann_json::nlohmann_json nlohmann_json VERSIONS 3.10 HEADERS include
  URL https://github.com/nlohmann/json/releases/download/v3.11.3/json.tar.xz
  SHA256 d6c65aca6b1ed68e7a182f4757257b107ae403032760ed6ef121c9d55e81757d)
ign_dependency(cxxopts cxxopts::cxxopts cxxopts VERSIONS 3.0 HEADERS include
  URL https://github.com/jarro2783/cxxopts/archive/refs/tags/v3.2.1.tar.gz
  SHA256 841f49f2e045b9c6365997c2a8fbf76e6f215042dda4511a5bb04bc5ebc7f88a)
ign_dependency(boost BoostTest::included BoostTest VERSIONS 1.74 HEADERS libs/*/include libs/numeric/*/include
  URL https://github.com/boostorg/boost/releases/download/boost-1.87.0/boost-1.87.0-cmake.tar.xz
  SHA256 7da75f171837577a52bbf217e17f8ea576c7c246e4594d617bfde7fafd408be5)
ign_dependency(benchmark benchmark::benchmark benchmark VERSIONS 1.7
  URL https://github.com/google/benchmark/archive/refs/tags/v1.9.1.tar.gz
  SHA256 32131c08ee31eeff2c8968d7e874f3cb648034377dfc32a4c377fa8796d84981)
# Every system has packages of these, so they are not built from source.
ign_dependency(zlib ZLIB::ZLIB ZLIB VERSIONS 1.2)
ign_dependency(png PNG::PNG PNG VERSIONS 1.6)
ign_dependency(jpeg TurboJPEG::TurboJPEG TurboJPEG VERSIONS 2.1)

# Looks for a dependency on this machine. Reports it if found, else sets ign_why to the reason.
function(ign_find name)
  set(target ${ign_${name}_TARGET})
  set(package ${ign_${name}_PACKAGE})
  if(TARGET ${target})
    message(STATUS "ign: ${package}: target ${target} of the enclosing project")
    return()
  endif()
  foreach(range IN LISTS ign_${name}_VERSIONS)
    find_package(${package} ${range} QUIET)
    if(TARGET ${target})
      break()
    endif()
  endforeach()
  if(NOT TARGET ${target})
    list(JOIN ign_${name}_VERSIONS " or " wanted)
    if(${package}_CONSIDERED_VERSIONS)
      set(ign_why "found version ${${package}_CONSIDERED_VERSIONS}, expected ${wanted}" PARENT_SCOPE)
    elseif(${package}_NOT_FOUND_MESSAGE)
      set(ign_why "${${package}_NOT_FOUND_MESSAGE}" PARENT_SCOPE)
    else()
      set(ign_why "not installed" PARENT_SCOPE)
    endif()
    return()
  endif()
  get_target_property(location ${target} INTERFACE_INCLUDE_DIRECTORIES)
  list(GET location 0 location)
  string(FIND "${location}/" "${IGN_DEPS_DIR}/" in_prefix)
  if(in_prefix EQUAL 0)
    set(location "Debian package in ${IGN_DEPS_DIR}")
  endif()
  set(version ${${package}_VERSION} ${${package}_VERSION_STRING})
  if(name STREQUAL "kokkos")
    string(APPEND location ", for ${Kokkos_DEVICES}")
    set_property(GLOBAL PROPERTY IGN_KOKKOS_DEVICES "${Kokkos_DEVICES}")
    set_property(GLOBAL PROPERTY IGN_KOKKOS_OPTIONS "${Kokkos_OPTIONS}")
    set_property(GLOBAL PROPERTY IGN_KOKKOS_VERSION "${Kokkos_VERSION}")
  endif()
  list(PREPEND version ${package})
  list(SUBLIST version 0 2 version) # Random123 states no version
  list(JOIN version " " version)
  message(STATUS "ign: ${version}: ${location}")
endfunction()

# Unpacks all missing dependencies in one call, so that the package lists are read only once.
function(ign_unpack_debian_packages)
  find_program(bash_program bash NO_CACHE)
  if(NOT bash_program)
    message(STATUS "ign: Debian packages: bash not found")
    return()
  endif()
  message(STATUS "ign: Debian packages for ${IGN_DEPS_DIR} (nothing on the system changes):")
  execute_process(COMMAND ${bash_program} "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/debian_packages.sh" "${IGN_DEPS_DIR}" ${ARGN}
    RESULT_VARIABLE status ERROR_VARIABLE why ERROR_STRIP_TRAILING_WHITESPACE)
  if(NOT status EQUAL 0)
    message(STATUS "ign: Debian packages: ${why}")
  endif()
endfunction()

# Downloads the pinned source of a dependency.
function(ign_fetch name)
  set(package ${ign_${name}_PACKAGE})
  if(NOT ign_${name}_URL)
    message(FATAL_ERROR "ign: ${package} not found: install its development package (Debian: zlib1g-dev, libpng-dev, libturbojpeg0-dev), "
      "or switch off the parts that need it with IGN_ENABLE_JPEG, IGN_ENABLE_IO and IGN_ENABLE_EXAMPLES")
  endif()
  message(STATUS "ign: ${package}: downloading its source, ${ign_${name}_URL}")
  include(FetchContent)
  if(ign_${name}_HEADERS)
    # A subfolder that does not exist disables the project's own CMake files, targets and tests.
    FetchContent_Declare(ign_${name} URL ${ign_${name}_URL} URL_HASH SHA256=${ign_${name}_SHA256} SOURCE_SUBDIR none)
    FetchContent_MakeAvailable(ign_${name})
    list(TRANSFORM ign_${name}_HEADERS PREPEND "${ign_${name}_SOURCE_DIR}/" OUTPUT_VARIABLE patterns)
    file(GLOB folders LIST_DIRECTORIES TRUE ${patterns})
    add_library(${ign_${name}_TARGET} INTERFACE IMPORTED GLOBAL)
    target_include_directories(${ign_${name}_TARGET} INTERFACE ${folders})
    return()
  endif()
  if(name STREQUAL "kokkos")
    get_cmake_property(variables CACHE_VARIABLES)
    list(FILTER variables INCLUDE REGEX "^Kokkos_ENABLE_(SERIAL|OPENMP|THREADS|CUDA|HIP|SYCL|HPX|OPENACC)$")
    find_package(OpenMP QUIET COMPONENTS CXX)
    if(NOT variables AND OpenMP_CXX_FOUND)
      set(Kokkos_ENABLE_OPENMP ON CACHE BOOL "Chosen by IGN, since no backend was requested")
    endif()
  endif()
  if(IGN_ENABLE_C)
    set(CMAKE_POSITION_INDEPENDENT_CODE ON) # for a static Kokkos within the shared library ign::c
  endif()
  set(BENCHMARK_ENABLE_TESTING OFF)
  set(BENCHMARK_ENABLE_INSTALL OFF)
  set(BENCHMARK_ENABLE_WERROR OFF)
  FetchContent_Declare(${name} URL ${ign_${name}_URL} URL_HASH SHA256=${ign_${name}_SHA256} SYSTEM)
  FetchContent_MakeAvailable(${name})
endfunction()

# Defines the targets of the named dependencies, or stops with an error.
function(ign_require)
  if(NOT IGN_DEPS_FIND)
    if(IGN_ENABLE_TESTS OR IGN_ENABLE_EXAMPLES OR IGN_ENABLE_BENCHMARKS)
      message(FATAL_ERROR "ign: IGN_DEPS_FIND is off, but tests, examples and benchmarks need the dependencies: "
        "switch them off, or IGN_DEPS_FIND on")
    endif()
    return()
  endif()
  # Targets of find_package are local to this folder by default, but the enclosing project links them through ign::ign.
  set(CMAKE_FIND_PACKAGE_TARGETS_GLOBAL TRUE)
  set(missing "")
  foreach(name IN LISTS ARGN)
    if(name IN_LIST IGN_DEPS_SOURCE)
      ign_fetch(${name})
      continue()
    endif()
    ign_find(${name})
    if(NOT TARGET ${ign_${name}_TARGET})
      message(STATUS "ign: ${ign_${name}_PACKAGE}: ${ign_why}")
      list(APPEND missing ${name})
    endif()
  endforeach()
  if(missing AND IGN_DEPS_DEBIAN AND CMAKE_HOST_SYSTEM_NAME STREQUAL "Linux" AND NOT CMAKE_CROSSCOMPILING)
    ign_unpack_debian_packages(${missing})
    list(PREPEND CMAKE_PREFIX_PATH "${IGN_DEPS_DIR}")
    foreach(name IN LISTS missing)
      ign_find(${name})
    endforeach()
  endif()
  foreach(name IN LISTS missing)
    if(TARGET ${ign_${name}_TARGET})
      continue()
    elseif(NOT IGN_DEPS_FETCH)
      message(FATAL_ERROR "ign: ${ign_${name}_PACKAGE} not found (${ign_why}): install it, define its target, or switch IGN_DEPS_FETCH on")
    endif()
    ign_fetch(${name})
  endforeach()
endfunction()
