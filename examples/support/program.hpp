// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Frame of a program's main(): command line, Kokkos, one line per error, exit code.
#ifndef IGN_EXAMPLES_SUPPORT_PROGRAM_HPP
#define IGN_EXAMPLES_SUPPORT_PROGRAM_HPP

#include <filesystem>
#include <functional>

#include "command_line.hpp"

namespace examples {

/// Creates a folder for results where there is none.
/// \throws ign::Error [ign.file.100]
void make_folder(std::filesystem::path const& folder);

/// Checks that a file can be written to `path`. Call it before the work whose result goes there.
/// \throws ign::Error as ign::io::AtomicFile
void check_writable(std::filesystem::path const& path);

/// Number of processes that mpirun, mpiexec or srun has started together with this one, as the environment tells; 1 without.
int started_processes();

/// Parses the options, starts Kokkos, runs `program` and returns the exit code. Lets errors out.
int run_unguarded(CommandLine& line, int argc, char* argv[], std::function<int()> const& program);

/// Parses the options, starts Kokkos, runs `program` and returns the exit code.
///
/// An error is printed as one line on the error stream. The exit code is 2 for a UsageError and 1 for any other error. Kokkos starts after
/// the command line has been parsed, so that a typo costs nothing. Several processes, started by mpirun, are an error: each would
/// do the same work and overwrite the files of the others.
int run(CommandLine& line, int argc, char* argv[], std::function<int()> const& program);

}  // namespace examples

#endif  // IGN_EXAMPLES_SUPPORT_PROGRAM_HPP
