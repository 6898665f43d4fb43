# SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Looks for Node.js and a headless Chromium and lets them check reports.
#   cmake "-DREPORTS=<program>=<report.html>|…" -P tests/browser/run.cmake
# Where one is missing the test is skipped, but for IGN_REQUIRE_BROWSER=1 in the environment: then it fails.

cmake_minimum_required(VERSION 3.25)

find_program(NODE NAMES node nodejs)
find_program(BROWSER NAMES chromium-headless-shell chromium chromium-browser google-chrome google-chrome-stable)
if(NOT NODE OR NOT BROWSER)
  set(words "the reports are not looked at: this needs node (found: ${NODE}) and Chromium (found: ${BROWSER}); on Debian: apt-get install nodejs chromium-headless-shell")
  if("$ENV{IGN_REQUIRE_BROWSER}")
    message(FATAL_ERROR "${words}")
  endif()
  message("SKIPPED: ${words}")
  return()
endif()
string(REPLACE "|" ";" REPORTS "${REPORTS}")
execute_process(COMMAND "${NODE}" "${CMAKE_CURRENT_LIST_DIR}/check_report.mjs" "${BROWSER}" ${REPORTS} COMMAND_ERROR_IS_FATAL ANY)
