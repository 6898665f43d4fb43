// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The command line of a program, by cxxopts; and how the program was called, for reports.
#ifndef IGN_EXAMPLES_COMMAND_LINE_HPP
#define IGN_EXAMPLES_COMMAND_LINE_HPP

#include <ign/core/error.hpp>

#ifndef CXXOPTS_NO_REGEX  // std::regex recurses for each character: a long argument would exhaust the stack
#define CXXOPTS_NO_REGEX
#endif
#include <cxxopts.hpp>

#include <optional>
#include <ostream>
#include <string>

namespace examples {

/// Reads the options, and --help; nothing where that is asked for, whose text goes to `out`.
/// Throws ign::Error [ign.option.102] on arguments that are no options, and what cxxopts throws on what it cannot read.
inline std::optional<cxxopts::ParseResult> parse(cxxopts::Options& parser, int argc, char const* const* argv, std::ostream& out) {
  parser.add_options()("help", "this text");
  auto const parsed = parser.parse(argc, argv);
  if (parsed.count("help") > 0) {
    out << parser.help();
    return std::nullopt;
  }
  ign::require(parsed.unmatched().empty(), ign::Fault::option, 102, "unknown argument '",
               parsed.unmatched().empty() ? "" : parsed.unmatched()[0], "'");
  return parsed;
}

/// How a program was called.
inline std::string command_line(int argc, char const* const* argv) {
  std::string text;
  for (int i = 0; i < argc; ++i) text += (i > 0 ? " " : "") + std::string(argv[i]);
  return text;
}

}  // namespace examples

#endif
