// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Frame of a program's main(): command line, Kokkos, errors as one line and an exit code.
#ifndef IGN_EXAMPLES_PROGRAM_HPP
#define IGN_EXAMPLES_PROGRAM_HPP

#include "command_line.hpp"

#include <Kokkos_Core.hpp>
#include <ign/io/file.hpp>

#include <algorithm>
#include <csignal>
#include <exception>
#include <filesystem>
#include <iostream>
#include <iterator>
#include <string_view>
#include <vector>

namespace examples {

namespace detail {

/// Starts Kokkos with its own arguments alone; it gets a copy, since it takes them out of the array.
class KokkosOf {
 public:
  KokkosOf(int argc, char* argv[])
      : m_arguments(own(argc, argv)), m_count(static_cast<int>(m_arguments.size()) - 1), m_guard(m_count, m_arguments.data()) {
    ign::require(m_count == 1, ign::Fault::option, 102, "Kokkos has no option '", m_count > 1 ? m_arguments[1] : "",
                 "': --kokkos-help lists those that it has");
  }

 private:
  static std::vector<char*> own(int argc, char* argv[]) {
    std::vector<char*> all(argv, argv + std::min(argc, 1));
    std::copy_if(argv + all.size(), argv + argc, std::back_inserter(all), CommandLine::is_kokkos_argument);
    all.push_back(nullptr);
    return all;
  }

  std::vector<char*> m_arguments;
  int m_count;
  Kokkos::ScopeGuard m_guard;
};

}  // namespace detail

/// Makes a folder for results, where it is not there.
/// \throws ign::Error [ign.file.100]
inline void make_folder(std::filesystem::path const& folder) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  ign::require(!failed, ign::Fault::file, 100, folder.string(), ": cannot make this folder: ", failed.message());
}

/// Checks, before the work whose result goes there, that a file can be written to `path`.
/// \throws ign::Error as ign::io::AtomicFile
inline void check_writable(std::filesystem::path const& path) { ign::io::AtomicFile const probe(path); }

/// Reads the options, starts Kokkos and runs `program`; returns its exit code.
///
/// An error becomes one line on the error stream: exit code 2 for a command line that cxxopts cannot read, 1 for all others. Kokkos starts
/// only after the command line has been read, so that a typing error costs nothing, and --help is this program's alone.
template <class Program>
int run(CommandLine& line, int argc, char* argv[], Program const& program) {
  std::signal(SIGXFSZ, SIG_IGN);  // a limit on the size of files becomes an error of the one who writes
  std::signal(SIGPIPE, SIG_IGN);  // work goes on where nobody reads the output any more
  char const* const name = argc > 0 ? argv[0] : "program";
  try {
    bool const asks_kokkos = std::any_of(argv, argv + argc, [](std::string_view argument) { return argument == "--kokkos-help"; });
    if (!asks_kokkos && !line.parse(argc, argv, std::cout)) return 0;
    detail::KokkosOf const kokkos(argc, argv);
    return asks_kokkos ? 0 : program();
  } catch (cxxopts::exceptions::exception const& error) {
    std::cerr << name << ": " << error.what() << " (--help lists the options)\n";
    return 2;
  } catch (std::exception const& error) {
    std::cerr << name << ": " << error.what() << '\n';
    return 1;
  }
}

}  // namespace examples

#endif
