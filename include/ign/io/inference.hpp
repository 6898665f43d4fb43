// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// All that a program needs which applies a trained f: it reads a checkpoint, and includes nothing that trains.
///
///     Kokkos::DefaultExecutionSpace const exec;
///     auto const x = ign::make_tensor<float>(exec, "x", 8, {32, 32, 1});       // images, filled by you
///     auto const y = ign::make_tensor<float>(exec, "y", 8, {32, 32, 1});
///     auto const mask = ign::make_tensor<float>(exec, "mask", 8, {32, 32, 1}); // not 0 where a pixel of x is known
///     auto const scores = ign::make_vector<float>(exec, "scores", 8);
///     auto f = ign::io::load_projector(exec, "checkpoint.safetensors", ign::mnist_small_net(), {32, 32, 1});
///     f.project(exec, x, 1, y);         // y = f(x)
///     f.inpaint(exec, mask, x, 5, y);   // known pixels stay
///     f.drift_scores(exec, x, scores);  // out-of-distribution score of each sample
#ifndef IGN_IO_INFERENCE_HPP
#define IGN_IO_INFERENCE_HPP

#include <filesystem>
#include <string>

#include "ign/io/model.hpp"
#include "ign/nets/dcgan.hpp"
#include "ign/nets/frozen_projector.hpp"
#include "ign/nets/mlp.hpp"
#include "ign/sources/gaussian.hpp"

namespace ign::io {

/// Which of a checkpoint's models and weights load_projector takes.
struct LoadOptions {
  std::string
      prefix{};  ///< of the model's names in the file: "generator." where there are several, "module." as PyTorch's wrappers have it
  bool average = false;                       ///< the averaged weights, where the optimizer was an Ema
  Role images = Role::image;                  ///< the role in which f was trained on what it puts out: Role::data for a NonAdversarial
  Conversion conversion = Conversion::exact;  ///< of numbers that the file has in another floating-point type
};

/// f of a checkpoint, or of a safetensors file that PyTorch has written, ready to be applied. Waits for the device.
///
/// The file does not make the net: its type is the caller's. But it is checked: names and shapes of all arrays, and what a checkpoint's
/// metadata say of each layer.
/// \param image  extents (h, w, c) of what f maps to its like
/// \throws ign::Error as read_safetensors; [ign.format.26], [ign.format.60], [ign.format.160], [ign.format.161] when the file is of another
///         net, naming the array or the layer, [ign.format.401] as read_model; [ign.shape.5] when the net does not map images to their like
template <Scalar Real = float, class Net, class Exec>
FrozenProjector<Net, Real, Exec> load_projector(Exec const& exec, std::filesystem::path const& path, Net const& net, Shape image,
                                                LoadOptions const& options = {}) {
  Model<Net, Real, Exec> const model(exec, net, image);
  exec.fence("ign::load_projector: the model's memory has been cleared");
  read_model(read_safetensors(path), model, options.prefix, options.average ? "optimizer.ema." : "", options.conversion);
  return {exec, model, options.images};
}

}  // namespace ign::io

#endif  // IGN_IO_INFERENCE_HPP
