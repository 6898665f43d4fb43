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
  bool needs_labels = false;        ///< --data must have labels
  bool compares_runs = false;       ///< --checkpoint takes several files, separated by commas
  char const* data_help = nullptr;  ///< of --data; null: the usual one
  char const* out_help = "report to write, an HTML file; replaces an earlier one";
  std::vector<std::string> results{};  ///< files in the folder `out`, which only --overwrite replaces; empty: `out` is a report
  bool overwrite = false;

  /// Adds --checkpoint, --features, --data, --out and --overwrite, where the program takes them.
  void add_to(CommandLine& line);

  /// Checks that nothing is missing and that the report or the results can be written, makes a folder for results, and keeps the command.
  /// \throws ign::Error [ign.option.103] when an input is missing, [ign.option.566] when `out` is one; as check_writable, and
  /// prepare_folder for results
  void check(int argc, char const* const* argv);
};

/// Help text of --data.
inline constexpr char const* data_help = "folder of IDX files or of PNG and JPEG pictures, an IDX file, or 'rectangles'";
/// Help text of --data where labels are needed.
inline constexpr char const* labelled_data_help =
    "folder of IDX files with MNIST's names, images and a label for each (train-images-idx3-ubyte, train-labels-idx1-ubyte and t10k-…, "
    "also .gz), or 'rectangles'; pictures have no labels";
/// Text for errors about --data.
inline constexpr char const* data_missing = "--data is missing, expected a folder of IDX files or pictures (`make data` gets MNIST)";
/// The same where labels are needed.
inline constexpr char const* labelled_data_missing =
    "--data is missing, expected a folder of IDX files with labels (`make data` gets MNIST), or 'rectangles'";

}  // namespace examples

#endif  // IGN_EXAMPLES_SUPPORT_INPUTS_HPP
