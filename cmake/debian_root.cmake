# SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

# ign_debian_root(<result> <root> <what> <program>)
#   Unpacks the set <what> of debian_packages.sh into the folder <root>. <result> is then the command prefix that runs a program in there,
#   with the machine's own files below /host. If unpacking fails or <program> cannot be run, <result> is empty and ign_why has the reason.
function(ign_debian_root result root what program)
  set(${result} "" PARENT_SCOPE)
  execute_process(COMMAND bash "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/debian_packages.sh" "${root}" ${what}
    RESULT_VARIABLE status OUTPUT_QUIET ERROR_VARIABLE why ERROR_STRIP_TRAILING_WHITESPACE)
  if(NOT status EQUAL 0)
    set(ign_why "${what} not available: ${why}" PARENT_SCOPE)
    return()
  endif()
  execute_process(COMMAND id -u OUTPUT_VARIABLE user OUTPUT_STRIP_TRAILING_WHITESPACE)
  set(enter unshare --mount)
  if(NOT user EQUAL 0)
    list(APPEND enter --map-root-user)
  endif()
  list(APPEND enter sh -c "mount --rbind / \"$0/host\" && exec chroot \"$0\" \"$@\"" "${root}")
  execute_process(COMMAND ${enter} ${program} --version RESULT_VARIABLE status OUTPUT_QUIET ERROR_VARIABLE why ERROR_STRIP_TRAILING_WHITESPACE)
  if(NOT status EQUAL 0)
    set(ign_why "${program} cannot be run in ${root}: ${status} ${why}" PARENT_SCOPE)
    return()
  endif()
  set(${result} "${enter}" PARENT_SCOPE)
endfunction()
