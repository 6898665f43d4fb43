# SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Builds and runs, afresh, programs of somebody else that use the library. WAY:
#   subdirectory  the project beside this file takes our sources by add_subdirectory
#   core          … without naming any part: neither the libraries of the others nor a download may be needed
#   fetch         … an archive of them by FetchContent
#   package       … an installation, moved, by find_package; so does the first program of docs/start-here.md, as it is printed there
#   deb           … what CPack puts into the Debian package, which is what it puts into the archive
#   headers       no project: one call of the compiler, with an include path and an installed Kokkos

cmake_minimum_required(VERSION 3.25)

include("${CMAKE_CURRENT_LIST_DIR}/command.cmake")

set(place "${BUILD}/tests/consumer/${WAY}")
file(REMOVE_RECURSE "${place}")
file(MAKE_DIRECTORY "${place}")

if(WAY STREQUAL "headers")
  set(command "${COMPILER}" -std=c++20 -O1 ${OPENMP} -Werror -Wall -Wextra -Wpedantic -Wshadow -Wconversion -I "${SOURCE}/include")
  foreach(folder IN LISTS KOKKOS_INCLUDES)
    list(APPEND command -isystem "${folder}")
  endforeach()
  string(REPLACE "LINKER:" "-Wl," options "${KOKKOS_LINK_OPTIONS}")
  get_filename_component(folder "${KOKKOS_LIBRARY}" DIRECTORY)
  run(${command} "${CMAKE_CURRENT_LIST_DIR}/owner.cpp" -o "${place}/owner" ${options} "${KOKKOS_LIBRARY}" "-Wl,-rpath,${folder}" -ldl)
  run("${place}/owner")
  return()
endif()

# The programs check that users can compile and link, so debug information would be made in vain.
set(prefixes ${PREFIXES})
set(options "-DWAY=${WAY}" -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS_DEBUG=-O0 "-DCMAKE_CXX_COMPILER=${COMPILER}")
if(KOKKOS)
  list(APPEND options "-DKokkos_DIR=${KOKKOS}")
endif()

# An installation must not know where it was made.
function(check_installed prefix)
  file(GLOB_RECURSE files "${prefix}/share/*.cmake")
  if(NOT files)
    message(FATAL_ERROR "nothing is installed in ${prefix}")
  endif()
  foreach(file IN LISTS files)
    file(READ "${file}" text)
    foreach(folder IN ITEMS "${SOURCE}" "${BUILD}")
      string(FIND "${text}" "${folder}" found)
      if(NOT found EQUAL -1)
        message(FATAL_ERROR "${file} names ${folder}")
      endif()
    endforeach()
  endforeach()
endfunction()

if(WAY STREQUAL "package")
  run(${CMAKE_COMMAND} --install "${BUILD}" --prefix "${place}/first")
  file(RENAME "${place}/first" "${place}/prefix")
  check_installed("${place}/prefix")
  list(PREPEND prefixes "${place}/prefix")
elseif(WAY STREQUAL "deb")
  run("${CPACK}" --config "${BUILD}/CPackConfig.cmake" -B "${place}/packages")
  file(GLOB deb "${place}/packages/libign-dev_*_all.deb")
  file(GLOB archive "${place}/packages/ign-*.tar.gz")
  if(NOT deb OR NOT archive)
    message(FATAL_ERROR "cpack has made no packages in ${place}/packages")
  endif()
  file(MAKE_DIRECTORY "${place}/deb" "${place}/archive")
  find_program(DPKG_DEB dpkg-deb)
  if(DPKG_DEB)
    run("${DPKG_DEB}" -x "${deb}" "${place}/deb")
  else() # a .deb is an archive of archives
    run(${CMAKE_COMMAND} -E chdir "${place}" ${CMAKE_COMMAND} -E tar xf "${deb}")
    run(${CMAKE_COMMAND} -E chdir "${place}/deb" ${CMAKE_COMMAND} -E tar xf "${place}/data.tar.gz")
  endif()
  run(${CMAKE_COMMAND} -E chdir "${place}/archive" ${CMAKE_COMMAND} -E tar xf "${archive}")
  get_filename_component(name "${archive}" NAME)
  string(REPLACE ".tar.gz" "" name "${name}")
  file(GLOB_RECURSE in_deb RELATIVE "${place}/deb/usr" "${place}/deb/usr/*")
  file(GLOB_RECURSE in_archive RELATIVE "${place}/archive/${name}" "${place}/archive/${name}/*")
  if(NOT in_deb OR NOT in_deb STREQUAL in_archive)
    message(FATAL_ERROR "the Debian package has '${in_deb}', the archive '${in_archive}'")
  endif()
  check_installed("${place}/deb/usr")
  list(PREPEND prefixes "${place}/deb/usr")
elseif(WAY STREQUAL "core")
  list(APPEND options "-DIGN_SOURCE=${SOURCE}")
  foreach(package IN ITEMS ZLIB PNG nlohmann_json Eigen3 TurboJPEG)
    list(APPEND options -DCMAKE_DISABLE_FIND_PACKAGE_${package}=ON)
  endforeach()
else()
  if(WAY STREQUAL "fetch")
    file(GLOB entries RELATIVE "${SOURCE}" "${SOURCE}/*")
    list(REMOVE_ITEM entries build)
    run(${CMAKE_COMMAND} -E chdir "${SOURCE}" ${CMAKE_COMMAND} -E tar czf "${place}/ign.tar.gz" ${entries})
    list(APPEND options "-DIGN_SOURCE=${place}/ign.tar.gz")
  else()
    list(APPEND options "-DIGN_SOURCE=${SOURCE}" -DEVERYTHING=ON)
  endif()
  # Sources that the outer build has fetched are not fetched again.
  file(GLOB sources "${SOURCES}/*-src")
  foreach(source IN LISTS sources)
    get_filename_component(name "${source}" NAME)
    string(REGEX REPLACE "-src$" "" name "${name}")
    string(TOUPPER "${name}" name)
    list(APPEND options "-DFETCHCONTENT_SOURCE_DIR_${name}=${source}")
  endforeach()
endif()

string(REPLACE ";" "\\;" prefixes "${prefixes}") # one argument
run(${CMAKE_COMMAND} -S "${CMAKE_CURRENT_LIST_DIR}" -B "${place}/build" -G "${GENERATOR}"
  "-DCMAKE_PREFIX_PATH=${prefixes}" ${options})
run(${CMAKE_COMMAND} --build "${place}/build")
run(${CMAKE_CTEST_COMMAND} --test-dir "${place}/build" --output-on-failure)

# The project installs what is its own, and nothing of ours.
run(${CMAKE_COMMAND} --install "${place}/build" --prefix "${place}/installed")
file(GLOB_RECURSE installed RELATIVE "${place}/installed" "${place}/installed/*")
if(NOT installed STREQUAL "bin/owner")
  message(FATAL_ERROR "the project has installed '${installed}', expected bin/owner alone")
endif()

# The first program: built by its own CMakeLists.txt, and run as a reader would.
if(NOT WAY STREQUAL "package")
  return()
endif()
set(first "${place}/first")
file(COPY "${SOURCE}/examples/first/" DESTINATION "${first}")
set(options "-DCMAKE_CXX_COMPILER=${COMPILER}" -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS_DEBUG=-O1 # at -O0 two steps take a minute
  "-DCMAKE_CXX_FLAGS=-Werror -Wall -Wextra -Wpedantic -Wshadow -Wconversion")
if(KOKKOS)
  list(APPEND options "-DKokkos_DIR=${KOKKOS}")
endif()
run(${CMAKE_COMMAND} -S "${first}" -B "${first}/build" -G "${GENERATOR}" "-DCMAKE_PREFIX_PATH=${prefixes}" ${options})
run(${CMAKE_COMMAND} --build "${first}/build")

# Without the data it says so, and ends as programs do.
execute_process(COMMAND "${first}/build/digits" nowhere WORKING_DIRECTORY "${first}" RESULT_VARIABLE status ERROR_VARIABLE said)
if(NOT status EQUAL 1 OR NOT said MATCHES "\\[ign\\.file\\.8\\] nowhere: the data set is missing.*train-images-idx3-ubyte")
  message(FATAL_ERROR "digits without data: exit status '${status}', said '${said}'")
endif()

function(check_picture name)
  file(READ "${first}/${name}" head LIMIT 8 HEX)
  if(NOT head STREQUAL "89504e470d0a1a0a")
    message(FATAL_ERROR "${first}/${name} is no PNG: it begins with '${head}'")
  endif()
endfunction()

file(RENAME "${place}/build/mnist" "${first}/mnist")
run(${CMAKE_COMMAND} -E chdir "${first}" "${first}/build/digits" mnist 2)
check_picture(digits.png)
run(${CMAKE_COMMAND} -E chdir "${first}" "${first}/build/more_digits")
check_picture(more_digits.png)
