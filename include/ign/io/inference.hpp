// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Everything needed to apply a trained f from a checkpoint. Includes no training code.
///
///     Kokkos::DefaultExecutionSpace const exec;
///     auto const x = ign::make_tensor<float>(exec, "x", 8, {32, 32, 1});       // your images
///     auto const y = ign::make_tensor<float>(exec, "y", 8, {32, 32, 1});
///     auto const mask = ign::make_tensor<float>(exec, "mask", 8, {32, 32, 1}); // nonzero where a pixel of x is known
///     auto const scores = ign::make_vector<float>(exec, "scores", 8);
///     auto f = ign::io::load_projector(exec, "checkpoint.safetensors", ign::mnist_small_net(), {32, 32, 1});
///     f.project(exec, x, y);            // y = f(x)
///     f.inpaint(exec, mask, x, 5, y);   // known pixels stay
///     f.drift_scores(exec, x, scores);  // out-of-distribution score of each sample
#ifndef IGN_IO_INFERENCE_HPP
#define IGN_IO_INFERENCE_HPP

#include <filesystem>
#include <optional>
#include <string>

#include "ign/io/model.hpp"
#include "ign/nets/dcgan.hpp"
#include "ign/nets/field_net.hpp"
#include "ign/nets/frozen_projector.hpp"
#include "ign/nets/mlp.hpp"
#include "ign/nets/physical_projector.hpp"
#include "ign/nets/tiled_projector.hpp"
#include "ign/sources/gaussian.hpp"

namespace ign::io {

/// The model and the weights that load_projector reads.
struct LoadOptions {
  /// Prefix of the model's names in the file: "generator." where there are several models, "module." from PyTorch's wrappers.
  std::string prefix{};
  bool average = false;                       ///< read the averaged weights of an Ema
  std::optional<Role> generated_role = {};    ///< role of f's own output in training: Role::data for an Imle; absent: that of the file
  Conversion conversion = Conversion::exact;  ///< of values in another floating-point type
};

///@{
/// Reads f from a checkpoint, or from a safetensors file of PyTorch. Waits for the device.
///
/// The caller supplies the net. Names and shapes of all arrays are checked against it, and so is each layer's description in the
/// metadata of a checkpoint.
/// \param image  extents (h, w, c) of f's input and output
/// \throws ign::Error as read_safetensors; [ign.format.26], [ign.format.60], [ign.format.160], [ign.format.161] when the file belongs
///         to another net; the text names the array or the layer; [ign.format.401] as read_model; [ign.format.522] as read_roles;
///         [ign.shape.5] when input and output of the net differ in shape
template <Scalar Real = float, class Net, class Exec>
FrozenProjector<Net, Real, Exec> load_projector(Exec const& exec, SafeTensorsFile const& file, Net const& net, Shape image,
                                                LoadOptions const& options = {}) {
  Model<Net, Real, Exec> const model(exec, net, image);
  exec.fence("ign::load_projector: the model's memory has been cleared");
  Role const generated_role = options.generated_role ? *options.generated_role : read_roles(file, options.prefix).generated_role;
  read_model(file, model, options.prefix, options.average ? "optimizer.ema." : "", options.conversion);
  return {exec, model, generated_role};
}
template <Scalar Real = float, class Net, class Exec>
FrozenProjector<Net, Real, Exec> load_projector(Exec const& exec, std::filesystem::path const& path, Net const& net, Shape image,
                                                LoadOptions const& options = {}) {
  return load_projector<Real>(exec, read_safetensors(path), net, image, options);
}
///@}

/// Reads f and the normalisation of its fields: the result takes and gives physical fields.
/// \param source_is_physical  as for PhysicalProjector; absent: that of the file
/// \throws ign::Error as load_projector; [ign.format.480] when the file has no normalisation, or an impossible one, [ign.shape.483] when it
///         has other channels than the net
template <Scalar Real = float, class Net, class Exec>
PhysicalProjector<FrozenProjector<Net, Real, Exec>> load_physical_projector(Exec const& exec, std::filesystem::path const& path,
                                                                            Net const& net, Shape image, LoadOptions const& options = {},
                                                                            std::optional<bool> source_is_physical = {}) {
  auto const file = read_safetensors(path);
  auto const normalisation = read_normalisation(file);
  bool const physical = source_is_physical ? *source_is_physical : read_roles(file, options.prefix).source_is_physical;
  return {exec, load_projector<Real>(exec, file, net, image, options), normalisation, physical};
}

}  // namespace ign::io

#endif  // IGN_IO_INFERENCE_HPP
