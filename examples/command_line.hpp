// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// cxxopts, with its parser of its own: that by std::regex recurses for each character, and a long argument exhausts the stack.
#ifndef IGN_EXAMPLES_COMMAND_LINE_HPP
#define IGN_EXAMPLES_COMMAND_LINE_HPP

#ifndef CXXOPTS_NO_REGEX
#define CXXOPTS_NO_REGEX
#endif
#include <cxxopts.hpp>

#endif
