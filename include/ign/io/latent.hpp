// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Reading and writing of a LatentProjector: encoder, decoder, f and the normalisation of the codes in one safetensors file.
///
/// Tensors: "encoder.<layer>.<array>", "decoder.…", "code.…" of f, in PyTorch's layouts. Metadata: "encoder.net", "decoder.net",
/// "code.net" describe the nets (io/model.hpp), "normalisation" is that of the codes.
#ifndef IGN_IO_LATENT_HPP
#define IGN_IO_LATENT_HPP

#include <filesystem>
#include <map>
#include <string>

#include "ign/io/model.hpp"
#include "ign/nets/latent_projector.hpp"

namespace ign::io {

/// Writes all nets of a LatentProjector and its normalisation, atomically. A run cannot be resumed from this file. Waits for the device.
/// \throws ign::Error as write_safetensors
template <class Encoder, class Decoder, class Net, class Real, class Exec>
void write_latent(Exec const& exec, std::filesystem::path const& path, LatentProjector<Encoder, Decoder, Net, Real, Exec> const& latent) {
  exec.fence("ign::write_latent");
  detail::NamedArrays<Real> arrays;
  std::map<std::string, std::string> metadata = {{"normalisation", normalisation_json(latent.normalisation()).dump()}};
  auto const add = [&](std::string const& prefix, auto const& model) {
    arrays.add(prefix, model.parameter_arrays(), detail::host_copy(model.parameters()).data());
    arrays.add(prefix, model.statistic_arrays(), detail::host_copy(model.statistics()).data());
    metadata[prefix + "net"] = net_json(model).dump();
  };
  add("encoder.", latent.encoder());
  add("decoder.", latent.decoder());
  add("code.", latent.code_model());
  write_safetensors(path, arrays.entries, metadata);
}

/// Reads a LatentProjector for the given nets.
/// \param image  extents of the images
/// \throws ign::Error [ign.format.480] on a normalisation that is missing or impossible; as read_model for each of the nets, and as
///         LatentProjector
template <Scalar Real = float, class Exec, class Encoder, class Decoder, class Net>
LatentProjector<Encoder, Decoder, Net, Real, Exec> read_latent(Exec const& exec, SafeTensorsFile const& file, Encoder const& encoder,
                                                               Decoder const& decoder, Net const& net, Shape image) {
  auto const normalisation = read_normalisation(file);
  Model<Encoder, Real, Exec> const e(exec, encoder, image);
  Model<Decoder, Real, Exec> const d(exec, decoder, e.output_shape());
  Model<Net, Real, Exec> const f(exec, net, e.output_shape());
  exec.fence("ign::read_latent: the models are zero");
  read_model(file, e, "encoder.");
  read_model(file, d, "decoder.");
  read_model(file, f, "code.");
  return {exec, e, d, f, normalisation};
}

}  // namespace ign::io

#endif  // IGN_IO_LATENT_HPP
