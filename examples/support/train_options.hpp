// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Options of `train`.
#ifndef IGN_EXAMPLES_SUPPORT_TRAIN_OPTIONS_HPP
#define IGN_EXAMPLES_SUPPORT_TRAIN_OPTIONS_HPP

#include <cstdint>
#include <filesystem>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include <ign/corruptions/mixture.hpp>

#include "command_line.hpp"

namespace examples {

/// An absent optional stands for the recipe's value, or for the default that --help states.
struct TrainOptions {
  std::string data, net = "mnist-small", recipe = "mnist-small", wide_net, perceptual, resume, from, command;
  std::optional<std::string> out, source, smoothing, mpi_memory;
  std::optional<double> seconds, epochs, learning_rate, final_learning_rate, ema, ema_exponent, tightness, final_tightness, bound,
      equilibrium, gain, distillation, distillation_rate, perceptual_weight;
  std::vector<double> distillation_weights;  ///< of reconstruction, generation, idempotence; none: the recipe's
  std::vector<std::string> without;          ///< kinds of corruption
  std::optional<std::uint64_t> steps, report_every;
  std::uint64_t seed = 1, checkpoint_every = 1000;
  std::optional<int> batch;
  bool norm_per_rank = false,  ///< moments of BatchNorm over the samples of one rank
      bf16 = false, use_graph = false, guard = false, overwrite = false, skip_unreadable = false, flip = false;

  /// As in ign::mpi::CommunicatorOptions.
  std::optional<bool> device_memory() const { return mpi_memory ? std::optional<bool>(*mpi_memory == "device") : std::nullopt; }

  /// Folder of the run's files.
  std::filesystem::path folder() const;
};

/// Sets the weights of the named kinds of corruption to 0.
/// \throws ign::Error [ign.option.106] on an unknown kind
void leave_out(std::vector<std::string> const& kinds, ign::CorruptionMixture& mixture);

/// The command line that sets `o`, which must outlive it.
CommandLine train_command_line(TrainOptions& o);

/// \throws ign::Error [ign.option.103] when --data is missing, [ign.option.105] on options that exclude each other, [ign.option.106] on
///         another memory than "device" or "host"
void check(TrainOptions const& o);

/// Parses a command line; nothing for --help, whose text goes to `out`.
/// \throws as CommandLine::parse and check
std::optional<TrainOptions> train_options(int argc, char const* const* argv, std::ostream& out);

}  // namespace examples

#endif  // IGN_EXAMPLES_SUPPORT_TRAIN_OPTIONS_HPP
