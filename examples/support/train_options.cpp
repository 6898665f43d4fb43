// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "train_options.hpp"

#include <ign/core/error.hpp>

#include "inputs.hpp"
#include "program.hpp"
#include "recipes.hpp"

namespace examples {

std::filesystem::path TrainOptions::folder() const {
  if (out) return *out;
  auto const beside = std::filesystem::path(resume).parent_path();
  return resume.empty() ? "ign-run" : beside.empty() ? "." : beside;
}

void leave_out(std::vector<std::string> const& kinds, ign::CorruptionMixture& mixture) {
  for (auto const& wanted : kinds) {
    bool known = false;
    for (auto const kind : ign::all_corruption_kinds) {
      if (wanted != ign::name(kind)) continue;
      mixture.weight(kind) = 0;
      known = true;
    }
    ign::require(known, ign::Fault::option, 106, "--without ", wanted,
                 ", expected none, noise, blur, low_resolution, box, pixels, grey or sketch");
  }
}

CommandLine train_command_line(TrainOptions& o) {
  constexpr double longest = 1e9;  // seconds or epochs of a run; keeps the number of steps in range
  constexpr double largest = std::numeric_limits<float>::max();
  CommandLine line("train", "Trains an Idempotent Generative Network on images.");
  line.add("data", data_help, o.data);
  line.add("skip-unreadable", "skip pictures that cannot be read; otherwise they are an error", o.skip_unreadable);
  line.add("flip", "mirror half of the training images, left and right exchanged, drawn anew in each epoch", o.flip);
  line.add("out", "folder for results (ign-run; with --resume the checkpoint's folder)", o.out);
  line.add("overwrite", overwrite_help, o.overwrite);
  line.add("net", names_of(nets), o.net);
  line.add("wide-net",
           "net of the second phase, which continues --net with more channels: one of the names of --net (the same net; with --resume "
           "the checkpoint's)",
           o.wide_net);
  line.add("recipe", names_of(any_recipes), o.recipe);
  line.add("source", "noise: gaussian, spectral, spectral-hermitian, spectral-batch or spectral-hermitian-batch (the recipe's)", o.source);
  line.add("seconds",
           "training time (300 if no length is given): a new run measures a few steps and gets as many as fit; with --steps, --epochs or "
           "--resume the process stops after that time, and --resume continues the run",
           o.seconds, {0, longest, true});
  line.add("steps", "length of the run in steps; with --resume its new length", o.steps, at_least(1));
  line.add("epochs", "length of the run in passes over the data; with --resume its new length", o.epochs, {0, longest, true});
  line.add("batch", "samples per batch (the recipe's), of all ranks together if mpirun starts the program", o.batch, at_least(1));
  line.add("norm-per-rank", "BatchNorm normalises by the samples of one rank; otherwise, by those of all ranks", o.norm_per_rank);
  line.add("mpi-memory",
           "memory that sums over ranks pass to MPI: that of the device, which needs a GPU-aware MPI, or that of the host (device, if the "
           "MPI states that it takes it)",
           o.mpi_memory);
  line.add("lr", "learning rate of the first phase (the recipe's)", o.learning_rate, between(0, largest));
  line.add("final-lr", "learning rate at the end of the first phase (the recipe's)", o.final_learning_rate, between(0, largest));
  line.add("tightness", "weight of the tightness loss (the recipe's)", o.tightness, between(0, largest));
  line.add("final-tightness", "weight of the tightness loss at the end of the first phase (the recipe's)", o.final_tightness,
           between(0, largest));
  line.add("smoothing", "form of the tightness loss: none, own_noise, data_sample, data_batch, batch, paired or exponential (the recipe's)",
           o.smoothing);
  line.add("equilibrium",
           "target ratio of idempotence to reconstruction loss, which controls the weight of the tightness; 0: no control (the recipe's)",
           o.equilibrium, between(0, largest));
  line.add("gain", "gain of that control per step (the recipe's)", o.gain, {0, largest, true});
  line.add("bound", "factor a of the bound a·R of the tightness loss; R is the reference distance of --smoothing (the recipe's)", o.bound,
           {0, largest, true});
  line.add("distillation", "share of the steps for the second phase, which brings f(f(z)) closer to f(z); 0: none (the recipe's)",
           o.distillation, {0, 1, false, true});
  line.add("distillation-lr", "learning rate at the start of the second phase; it falls to 0 (the recipe's)", o.distillation_rate,
           between(0, largest));
  line.add("distillation-weights",
           "weights of reconstruction, generation and idempotence in the second phase, as in 0.7,3,1.5 (the recipe's)",
           o.distillation_weights, between(0, largest));
  line.add("without",
           "kinds of corruption that the second phase leaves out: none, noise, blur, low_resolution, box, pixels, grey or sketch",
           o.without);
  line.add("perceptual",
           "feature net of `features`, by whose features the second phase compares images in addition to their pixels (none); its "
           "--side is that of the images",
           o.perceptual);
  line.add("perceptual-weight", "weight of each of the three layers of features in that distance (0.1); the pixels have the weight 1",
           o.perceptual_weight, between(0, largest));
  line.add("ema", "decay of the averaged weights, the result of the first phase; 0: no averaging (the recipe's)", o.ema,
           {0, 1, false, true});
  line.add("ema-exponent",
           "instead of --ema: exponent of the averaged weights' profile over the steps; their span is a share of the first phase, about "
           "1/17 with 14 (the recipe's)",
           o.ema_exponent, {0, largest, true});
  line.add("bf16", "bfloat16 factors in matrix products; sums stay in float", o.bf16);
  line.add("graph", "run steps as a captured graph; without, only where the backend captures", o.use_graph);
  line.add("seed", "seed of weights, noise and order", o.seed);
  line.add("report-every", "steps between reports (50; with --resume the checkpoint's)", o.report_every, at_least(1));
  line.add("checkpoint-every", "steps between checkpoints; 0: only at the end", o.checkpoint_every);
  line.add("guard", "stop a run that has collapsed, and keep the last checkpoint before the collapse", o.guard);
  line.add("from", "model or checkpoint with the initial weights of a new run", o.from);
  line.add("resume", "checkpoint to continue from, with the same options; --steps or --epochs lengthen the run", o.resume);
  return line;
}

void check(TrainOptions const& o) {
  ign::require(!o.data.empty(), ign::Fault::option, 103, data_missing);
  ign::require(!o.out || !o.out->empty(), ign::Fault::option, 103, "--out is empty, expected a folder");
  for (auto const& file : {o.resume, o.from, o.perceptual})
    ign::require(!std::filesystem::is_directory(file), ign::Fault::option, 103, file, ": is a folder, expected a file such as ",
                 (std::filesystem::path(file) / "checkpoint.safetensors").string());
  auto const exclude = [](bool first, bool second, char const* text) { ign::require(!(first && second), ign::Fault::option, 105, text); };
  exclude(!o.from.empty(), !o.resume.empty(), "--from and --resume are both given, expected one: a resumed run has its own weights");
  exclude(o.perceptual_weight.has_value(), o.perceptual.empty(),
          "--perceptual-weight is given without --perceptual, expected both: the weight is that of the feature net's layers");
  exclude(o.distillation_rate || !o.distillation_weights.empty(), o.distillation == 0.0,
          "--distillation 0 and options of the second phase are given, expected one of both");
  ign::require(o.distillation_weights.empty() || o.distillation_weights.size() == 3, ign::Fault::option, 565,
               "--distillation-weights: ", o.distillation_weights.size(),
               " numbers, expected 3: of reconstruction, generation and idempotence");
  exclude(!o.perceptual.empty(), o.distillation == 0.0,
          "--perceptual and --distillation 0 are both given, expected one: the distance is that of the second phase");
  exclude(o.overwrite, !o.resume.empty(), "--overwrite and --resume are both given, expected one: a run is either replaced or continued");
  exclude(o.steps.has_value(), o.epochs.has_value(), "--steps and --epochs are both given, expected one length of the run");
  ign::require(!o.mpi_memory || *o.mpi_memory == "device" || *o.mpi_memory == "host", ign::Fault::option, 106, "--mpi-memory is '",
               o.mpi_memory.value_or(""), "', expected device or host");
  exclude(o.ema.has_value(), o.ema_exponent.has_value(), "--ema and --ema-exponent are both given, expected one average of the weights");
}

std::optional<TrainOptions> train_options(int argc, char const* const* argv, std::ostream& out) {
  TrainOptions o;
  if (!train_command_line(o).parse(argc, argv, out)) return std::nullopt;
  check(o);
  o.command = command_line(argc, argv);
  return o;
}

}  // namespace examples
