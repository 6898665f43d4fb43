# SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# The include graph of the library's headers, read from their text.

# The headers (relative to `root`, such as ign/core/shape.hpp) that include <target>, directly or through other headers of the library.
function(ign_headers_reaching result root target)
  file(GLOB_RECURSE open RELATIVE "${root}" "${root}/ign/*.hpp")
  foreach(header IN LISTS open)
    file(STRINGS "${root}/${header}" lines REGEX "^ *# *include *[<\"]")
    string(REGEX REPLACE " *# *include *[<\"]([^>\";]+)[>\"][^;]*" "\\1" includes_${header} "${lines}")
  endforeach()
  set(reached "${target}")
  set(grown TRUE)
  while(grown)
    set(grown FALSE)
    foreach(header IN LISTS open)
      foreach(include IN LISTS includes_${header})
        if(include IN_LIST reached)
          list(APPEND reached "${header}")
          list(REMOVE_ITEM open "${header}")
          set(grown TRUE)
          break()
        endif()
      endforeach()
    endforeach()
  endwhile()
  list(REMOVE_ITEM reached "${target}")
  set(${result} "${reached}" PARENT_SCOPE)
endfunction()
