// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Options of `train`.
#ifndef IGN_EXAMPLES_TRAIN_OPTIONS_HPP
#define IGN_EXAMPLES_TRAIN_OPTIONS_HPP

#include "command_line.hpp"

#include <ign/core/error.hpp>

#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <ostream>
#include <string>

namespace examples {

/// An absent optional stands for the recipe's value, or for what the help says.
struct TrainOptions {
  std::string data, net = "mnist-small", recipe = "mnist-small", resume, from, command;
  std::optional<std::string> out, source, smoothing;
  std::optional<double> seconds, epochs, learning_rate, final_learning_rate, ema, tightness, final_tightness, reach, equilibrium;
  std::optional<std::uint64_t> steps, report_every;
  std::uint64_t seed = 1, checkpoint_every = 1000;
  std::optional<int> batch;
  bool bf16 = false, replay = false, guard = false, overwrite = false, skip_unreadable = false;

  /// Folder of the run's files.
  std::filesystem::path folder() const {
    if (out) return *out;
    auto const beside = std::filesystem::path(resume).parent_path();
    return resume.empty() ? "ign-run" : beside.empty() ? "." : beside;
  }
};

/// The command line that sets `o`, which must outlive it.
inline CommandLine train_command_line(TrainOptions& o) {
  constexpr double longest = 1e9;  // of a run, in seconds or epochs; keeps the number of steps in its range
  constexpr double largest = std::numeric_limits<float>::max();
  CommandLine line("train", "Trains an Idempotent Generative Network on images.");
  line.add("data", "folder with IDX files or with PNG and JPEG pictures, an IDX file, or 'rectangles'", o.data);
  line.add("skip-unreadable", "leave pictures out that cannot be read, instead of ending", o.skip_unreadable);
  line.add("out", "folder for results (ign-run; with --resume that of the checkpoint)", o.out);
  line.add("overwrite", "replace the run that is in --out", o.overwrite);
  line.add("net", "mnist-small, mnist-wide, kth-mnist, dcgan-64, dcgan-64-small", o.net);
  line.add("recipe", "mnist-small, mnist-wide, mnist-small-projector, paper-a, paper-b, kth-mnist, kth-celeba", o.recipe);
  line.add("source", "noise: gaussian, spectral or spectral-hermitian, either with -batch behind it (the recipe's)", o.source);
  line.add("seconds",
           "time to train: a new run gets the steps that fit, which are measured first (300 where no length is given); beside --steps, "
           "--epochs or --resume it ends this process, and a later --resume goes on",
           o.seconds, {0, longest, true});
  line.add("steps", "length of the run in steps; with --resume its new length", o.steps, at_least(1));
  line.add("epochs", "length of the run in passes over the data; with --resume its new length", o.epochs, {0, longest, true});
  line.add("batch", "samples in a batch (the recipe's)", o.batch, at_least(1));
  line.add("lr", "learning rate (the recipe's)", o.learning_rate, between(0, largest));
  line.add("final-lr", "learning rate at the end of the run (the recipe's)", o.final_learning_rate, between(0, largest));
  line.add("tightness", "weight of the tightness (the recipe's)", o.tightness, between(0, largest));
  line.add("final-tightness", "weight of the tightness at the end of the run (the recipe's)", o.final_tightness, between(0, largest));
  line.add("smoothing", "bound of the tightness: none, own_noise, data_sample, data_batch, batch (the recipe's)", o.smoothing);
  line.add("equilibrium",
           "ratio of the batch's idempotence and reconstruction losses that the tightness is steered to; 0: not steered (the recipe's)",
           o.equilibrium, between(0, largest));
  line.add("reach", "the bound, in radii of the smoothing (the recipe's)", o.reach, {0, largest, true});
  line.add("ema", "decay of an average of the weights, which is the model then; 0: none (the recipe's)", o.ema, {0, 1, false, true});
  line.add("bf16", "factors of products in bfloat16, sums in float", o.bf16);
  line.add("replay", "record a step and replay it, on a GPU as a graph", o.replay);
  line.add("seed", "of weights, noise and order", o.seed);
  line.add("report-every", "steps between reports (50; with --resume the checkpoint's)", o.report_every, at_least(1));
  line.add("checkpoint-every", "steps between checkpoints; 0: only at the end", o.checkpoint_every);
  line.add("guard", "end a run that has collapsed, and keep the last checkpoint before that", o.guard);
  line.add("from", "model or checkpoint whose weights a new run begins with", o.from);
  line.add("resume", "checkpoint to go on from, with the same options; --steps or --epochs lengthen the run", o.resume);
  return line;
}

/// \throws ign::Error [ign.option.103] when --data is missing, [ign.option.105] on options that exclude each other
inline void check(TrainOptions const& o) {
  ign::require(!o.data.empty(), ign::Fault::option, 103, "--data is missing: a folder with IDX files or pictures (make demo gets MNIST)");
  ign::require(!o.out || !o.out->empty(), ign::Fault::option, 103, "--out is empty, expected a folder");
  for (auto const& file : {o.resume, o.from})
    ign::require(!std::filesystem::is_directory(file), ign::Fault::option, 103, file,
                 ": is a folder, expected a file: ", (std::filesystem::path(file) / "checkpoint.safetensors").string(), " or another");
  auto const exclude = [](bool first, bool second, char const* text) { ign::require(!(first && second), ign::Fault::option, 105, text); };
  exclude(!o.from.empty(), !o.resume.empty(), "--from and --resume are both given: a resumed run has weights already");
  exclude(o.overwrite, !o.resume.empty(), "--overwrite and --resume are both given: a run goes on or is replaced");
  exclude(o.steps.has_value(), o.epochs.has_value(), "--steps and --epochs are both given: a run has one length");
}

/// Reads a command line; nothing where it only asks for help, which goes to `out`.
/// \throws as CommandLine::parse and check
inline std::optional<TrainOptions> train_options(int argc, char const* const* argv, std::ostream& out) {
  TrainOptions o;
  if (!train_command_line(o).parse(argc, argv, out)) return std::nullopt;
  check(o);
  o.command = command_line(argc, argv);
  return o;
}

}  // namespace examples

#endif
