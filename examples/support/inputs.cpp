// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "inputs.hpp"

#include <ign/core/error.hpp>

#include "program.hpp"

namespace examples {

void Inputs::add_to(CommandLine& line) {
  if (checkpoint_use != Use::none && compares_runs)
    line.add("checkpoint", "model or checkpoint of `train`; several, such as runs with different seeds, are separated by commas",
             checkpoints);
  else if (checkpoint_use != Use::none)
    line.add("checkpoint", "model or checkpoint of `train`", checkpoint);
  if (features_use != Use::none) line.add("features", "feature net of `features`", features);
  if (data_use != Use::none)
    line.add("data", data_help != nullptr ? data_help : needs_labels ? labelled_data_help : examples::data_help, data);
  line.add("out", out_help, out);
  if (!results.empty()) line.add("overwrite", overwrite_help, overwrite);
}

void Inputs::check(int argc, char const* const* argv) {
  auto const given = [](Use use, auto const& value) { return use != Use::needed || !value.empty(); };
  ign::require(compares_runs ? given(checkpoint_use, checkpoints) : given(checkpoint_use, checkpoint), ign::Fault::option, 103,
               "--checkpoint is missing, expected a model or checkpoint of `train`");
  ign::require(given(features_use, features), ign::Fault::option, 103, "--features is missing, expected a feature net of `features`");
  ign::require(given(data_use, data), ign::Fault::option, 103, needs_labels ? labelled_data_missing : data_missing);
  require_not_an_input(out, {checkpoint, features, data});
  require_not_an_input(out, checkpoints);
  if (results.empty())
    check_writable(out);
  else
    prepare_folder(out, results, overwrite);
  command = command_line(argc, argv);
}

}  // namespace examples
