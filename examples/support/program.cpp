// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "program.hpp"

#include <Kokkos_Core.hpp>
#include <ign/core/error.hpp>
#include <ign/io/file.hpp>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <iterator>
#include <string_view>
#include <vector>

namespace examples {

namespace {

// Starts Kokkos with its own arguments. Kokkos removes what it has read, so it gets a copy of the array.
class KokkosGuard {
 public:
  KokkosGuard(int argc, char* argv[])
      : m_arguments(own(argc, argv)), m_count(static_cast<int>(m_arguments.size()) - 1), m_guard(m_count, m_arguments.data()) {
    ign::require(m_count == 1, ign::Fault::option, 102, "Kokkos has no option '", m_count > 1 ? m_arguments[1] : "",
                 "': --kokkos-help lists its options");
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

}  // namespace

void make_folder(std::filesystem::path const& folder) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  ign::require(!failed, ign::Fault::file, 100, folder.string(), ": cannot make this folder: ", failed.message());
}

void require_new_run(std::filesystem::path const& folder, std::vector<std::string> const& files, bool overwrite, std::string const& also) {
  if (overwrite) return;
  std::error_code unreadable;
  for (auto const& name : files)
    ign::require(!exists(folder / name, unreadable), ign::Fault::option, 440, folder.string(), ": holds ", name,
                 " of another run, expected a new folder: pass another one to --out, or --overwrite to replace the run", also);
}

void require_new_file(std::filesystem::path const& path, bool overwrite) {
  std::error_code unreadable;
  ign::require(overwrite || !exists(path, unreadable), ign::Fault::option, 440, path.string(),
               ": there is such a file, expected a new one: pass another name to --out, or --overwrite to replace the file");
}

void prepare_folder(std::filesystem::path const& folder, std::vector<std::string> const& files, bool overwrite) {
  require_new_run(folder, files, overwrite);
  make_folder(folder);
  for (auto const& name : files) check_writable(folder / name);
}

void check_writable(std::filesystem::path const& path) { ign::io::AtomicFile const probe(path); }

void require_not_an_input(std::filesystem::path const& out, std::vector<std::string> const& inputs) {
  std::error_code absent;  // not both exist
  for (auto const& input : inputs)
    ign::require(!equivalent(out, input, absent), ign::Fault::option, 566, "--out ", out.string(),
                 ": is a file that this program reads, expected another one, or a new name");
}

int started_processes() {
  // Open MPI; MPICH and its descendants; MVAPICH; srun.
  for (char const* name : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "MV2_COMM_WORLD_SIZE", "SLURM_STEP_NUM_TASKS"}) {
    char const* const text = std::getenv(name);
    if (int const count = text != nullptr ? std::atoi(text) : 0; count > 1) return count;
  }
  return 1;
}

int run_unguarded(CommandLine& line, int argc, char* argv[], std::function<int()> const& program) {
  std::signal(SIGXFSZ, SIG_IGN);  // exceeding the limit on file sizes becomes a write error
  std::signal(SIGPIPE, SIG_IGN);  // work continues when the reader of the output has gone
  bool const asks_kokkos = std::any_of(argv, argv + argc, [](std::string_view argument) { return argument == "--kokkos-help"; });
  if (!asks_kokkos && !line.parse(argc, argv, std::cout)) return 0;
  KokkosGuard const kokkos(argc, argv);
  return asks_kokkos ? 0 : program();
}

int run(CommandLine& line, int argc, char* argv[], std::function<int()> const& program) {
  char const* const name = argc > 0 ? argv[0] : "program";
  try {
    int const started = started_processes();
    ign::require(started == 1, ign::Fault::state, 495, "started as ", started,
                 " processes, expected one: only `train` and `in_situ_ranks`, built with MPI (IGN_ENABLE_MPI), run on several ranks");
    return run_unguarded(line, argc, argv, program);
  } catch (UsageError const& error) {
    std::cerr << name << ": " << error.what() << " (--help lists the options)\n";
    return 2;
  } catch (std::exception const& error) {
    std::cerr << name << ": " << error.what() << '\n';
    return 1;
  }
}

}  // namespace examples
