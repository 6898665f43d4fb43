// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Frame of a program's main(): command line, Kokkos, one line per error, exit code.
#ifndef IGN_EXAMPLES_SUPPORT_PROGRAM_HPP
#define IGN_EXAMPLES_SUPPORT_PROGRAM_HPP

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "command_line.hpp"

namespace examples {

/// Creates a folder for results where there is none.
/// \throws ign::Error [ign.file.100]
void make_folder(std::filesystem::path const& folder);

/// Help text of --overwrite.
inline constexpr char const* overwrite_help = "replace the results of an earlier run in --out; without it, they are an error";

/// Rejects an output folder that holds one of `files`, the results of an earlier run, unless they may be overwritten.
/// \param also  advice that follows that of the error, such as ", or --resume … to continue it"
/// \throws ign::Error [ign.option.440]
void require_new_run(std::filesystem::path const& folder, std::vector<std::string> const& files, bool overwrite,
                     std::string const& also = "");

/// The same for an output that is one file.
/// \throws ign::Error [ign.option.440]
void require_new_file(std::filesystem::path const& path, bool overwrite);

/// Creates a folder for `files` of results, and checks that they can be written.
/// \throws ign::Error as require_new_run, make_folder and check_writable
void prepare_folder(std::filesystem::path const& folder, std::vector<std::string> const& files, bool overwrite);

/// Checks that a file can be written to `path`. Call it before the work whose result goes there.
/// \throws ign::Error as ign::io::AtomicFile
void check_writable(std::filesystem::path const& path);

/// Checks that a program does not write over a file that it reads. Empty paths are allowed.
/// \throws ign::Error [ign.option.566] when `out` is the same file as one of `inputs`
void require_not_an_input(std::filesystem::path const& out, std::vector<std::string> const& inputs);

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
