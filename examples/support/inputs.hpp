// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The options that several programs share: the files to read and the report to write.
#ifndef IGN_EXAMPLES_SUPPORT_INPUTS_HPP
#define IGN_EXAMPLES_SUPPORT_INPUTS_HPP

#include <string>
#include <vector>

#include "command_line.hpp"

namespace examples {

/// Inputs of a program that applies the net of a checkpoint, and its output. An empty string is an option that is not given.
struct Inputs {
  std::string checkpoint{}, features{}, data{};
  std::vector<std::string> checkpoints{};  ///< instead of `checkpoint` for a program that compares runs
  std::string out{};                       ///< set to the default of the program
  std::string command{};                   ///< as it was typed

  /// Presence of an input among the options of a program.
  enum class Use {
    none,      ///< no such option
    optional,  ///< may be given
    needed,    ///< must be given
  };
  Use checkpoint_use = Use::none, features_use = Use::none, data_use = Use::none;
  bool compares_runs = false;  ///< --checkpoint takes several files, separated by commas
  char const* out_help = "report to write, an HTML file";

  /// Adds --checkpoint, --features, --data and --out, where the program takes them.
  void add_to(CommandLine& line);

  /// Checks that nothing is missing and that `out` can be written, and keeps the command.
  /// \throws ign::Error [ign.option.103] when an input is missing; as check_writable
  void check(int argc, char const* const* argv);

  /// The same for a program that trains on labelled images, and writes a model and a report to the folder `out`, which it makes.
  /// \throws ign::Error [ign.option.103] when the data or the feature net are missing; as make_folder and check_writable
  void check_training(int argc, char const* const* argv);
};

/// Help text of --data.
inline constexpr char const* data_help = "folder of IDX files or of PNG and JPEG pictures, an IDX file, or 'rectangles'";
/// Text for errors about --data.
inline constexpr char const* data_missing = "--data is missing, expected a folder of IDX files or pictures (`make data` gets MNIST)";

}  // namespace examples

#endif  // IGN_EXAMPLES_SUPPORT_INPUTS_HPP
