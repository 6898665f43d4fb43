// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// What `train` can be asked for on its command line.
#ifndef IGN_EXAMPLES_TRAIN_OPTIONS_HPP
#define IGN_EXAMPLES_TRAIN_OPTIONS_HPP

#include "command_line.hpp"

#include <ign/core/error.hpp>

#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <ostream>
#include <string>

namespace examples {

struct TrainOptions {
  std::string data, out, net, recipe, source, smoothing, resume, from, command;
  double seconds = 0;
  std::uint64_t steps = 0, seed = 1, report_every = 50, checkpoint_every = 1000;
  int batch = 0;
  bool bf16 = false, replay = false, guard = false;
  double epochs = 0, learning_rate = 0, final_learning_rate = -1, ema = -1, tightness = -1, final_tightness = -1, reach = 0,
         equilibrium = -1;
};

/// Reads the command line; nothing where it only asks for help, which goes to `out`.
/// Throws ign::Error on values outside their ranges, and what cxxopts throws on what it cannot read.
inline std::optional<TrainOptions> train_options(int argc, char const* const* argv, std::ostream& out) {
  TrainOptions o;
  cxxopts::Options parser("train", "Trains an Idempotent Generative Network on images.");
  auto add = parser.add_options();
  add("data", "folder with IDX files or with PNG and JPEG pictures, an IDX file, or 'rectangles'", cxxopts::value(o.data));
  add("out", "folder for results", cxxopts::value(o.out)->default_value("ign-run"));
  add("net", "mnist-small, mnist-wide, kth-mnist, dcgan-64, dcgan-64-small", cxxopts::value(o.net)->default_value("mnist-small"));
  add("recipe", "mnist-small, mnist-wide, mnist-small-projector, paper-a, paper-b, kth-mnist, kth-celeba",
      cxxopts::value(o.recipe)->default_value("mnist-small"));
  add("source", "noise: gaussian, spectral or spectral-hermitian, either with -batch behind it (the recipe's)", cxxopts::value(o.source));
  add("seconds", "length of the run in time; the steps that fit are measured first (300 where no length is given)",
      cxxopts::value(o.seconds));
  add("steps", "length of the run in steps", cxxopts::value(o.steps));
  add("epochs", "length of the run in passes over the data", cxxopts::value(o.epochs));
  add("batch", "samples in a batch (the recipe's)", cxxopts::value(o.batch));
  add("lr", "learning rate (the recipe's)", cxxopts::value(o.learning_rate));
  add("final-lr", "what it falls to over the run (the recipe's)", cxxopts::value(o.final_learning_rate));
  add("tightness", "weight of the tightness (the recipe's)", cxxopts::value(o.tightness));
  add("final-tightness", "what it falls to over the run (the recipe's)", cxxopts::value(o.final_tightness));
  add("smoothing", "of the tightness, with a bound: none, own_noise, data_sample, data_batch, batch (the recipe's)",
      cxxopts::value(o.smoothing));
  add("equilibrium",
      "the ratio of the batch's idempotence and reconstruction losses that the tightness is steered to; 0: not steered (the recipe's)",
      cxxopts::value(o.equilibrium));
  add("reach", "the bound, in radii of the smoothing (the recipe's)", cxxopts::value(o.reach));
  add("ema", "decay of an average of the weights, which is the model then; 0: none (the recipe's)", cxxopts::value(o.ema));
  add("bf16", "factors of products in bfloat16, sums in float", cxxopts::value(o.bf16));
  add("replay", "steps are recorded and replayed, on a GPU as graphs", cxxopts::value(o.replay));
  add("seed", "of weights, noise and order", cxxopts::value(o.seed)->default_value("1"));
  add("report-every", "steps between reports", cxxopts::value(o.report_every)->default_value("50"));
  add("checkpoint-every", "steps between checkpoints; 0: only at the end", cxxopts::value(o.checkpoint_every)->default_value("1000"));
  add("guard", "end a run that has collapsed, and keep the last checkpoint before that", cxxopts::value(o.guard));
  add("from", "checkpoint whose weights a new run begins with", cxxopts::value(o.from));
  add("resume", "checkpoint to go on from, with the same options", cxxopts::value(o.resume));
  auto const found = parse(parser, argc, argv, out);
  if (!found) return std::nullopt;
  auto const& parsed = *found;
  ign::require(!o.data.empty(), ign::Fault::option, 103, "--data is missing: a folder with IDX files or pictures (make demo gets MNIST)");
  ign::require(o.report_every > 0, ign::Fault::option, 104, "--report-every is 0, expected 1 or more");
  ign::require(o.from.empty() || o.resume.empty(), ign::Fault::option, 104,
               "--from and --resume are both given: a resumed run has weights already");
  auto const in_range = [&](char const* name, double value, double most) {
    bool const good = parsed.count(name) == 0 || (std::isfinite(value) && value >= 0 && value <= most);
    ign::require(good, ign::Fault::option, 104, "--", name, " is ", value, ", expected a number from 0 to ", most);
  };
  constexpr double longest = 1e9;  // of a run, in seconds or epochs; keeps the number of steps in its range
  constexpr double largest = std::numeric_limits<float>::max();
  in_range("seconds", o.seconds, longest);
  in_range("epochs", o.epochs, longest);
  in_range("batch", o.batch, std::numeric_limits<int>::max());
  in_range("lr", o.learning_rate, largest);
  in_range("final-lr", o.final_learning_rate, largest);
  in_range("tightness", o.tightness, largest);
  in_range("final-tightness", o.final_tightness, largest);
  in_range("reach", o.reach, largest);
  in_range("equilibrium", o.equilibrium, largest);
  in_range("ema", o.ema, 1);
  o.command = command_line(argc, argv);
  return o;
}

}  // namespace examples

#endif
