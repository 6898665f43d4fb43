// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Distances as they stand in checkpoints and logs.
#ifndef IGN_IO_DISTANCE_JSON_HPP
#define IGN_IO_DISTANCE_JSON_HPP

#include <cstddef>
#include <nlohmann/json.hpp>
#include <span>
#include <string>

#include "ign/io/detail/arrays.hpp"
#include "ign/io/model.hpp"
#include "ign/io/sha256.hpp"
#include "ign/nets/perceptual.hpp"

namespace ign::io {

/// SHA-256 of a model: of its layers with their options, its parameters and its running statistics. Waits for the device.
template <class Net, class Real, class Exec>
std::string model_sha256(Model<Net, Real, Exec> const& model) {
  Sha256 hash;
  std::string const layers = net_json(model).dump();
  hash.add(std::as_bytes(std::span(layers)));
  for (auto const& state : {model.parameters(), model.statistics()}) {
    auto const values = detail::host_copy(state);
    hash.add(std::as_bytes(std::span(values)));
  }
  return hash.hex();
}

/// Name of a distance. Add the options of a distance of your own to the recipe.
template <class D>
nlohmann::ordered_json distance_json(D const&) {
  return D::name;
}

/// A perceptual distance: names, weights by layer, and the hash of φ, since a run continues with the same φ only. Waits for the device.
template <class Net, class Pixel, class Real, class Exec>
nlohmann::ordered_json distance_json(Perceptual<Net, Pixel, Real, Exec> const& distance) {
  auto layers = nlohmann::ordered_json::object();
  for (std::size_t l = 0; l < Net::size; ++l)
    if (distance.weights()[l] != 0) layers[std::to_string(l)] = distance.weights()[l];
  return {{"name", distance.name},
          {"pixel", distance_json(distance.pixel_distance())},
          {"pixel_weight", distance.pixel_weight()},
          {"layers", layers},
          {"net", model_sha256(distance.model())}};
}

}  // namespace ign::io

#endif  // IGN_IO_DISTANCE_JSON_HPP
