// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Feature nets in files. Figures are comparable only with the same net, so the net is identified by the hash of its file.
///
/// Tensors: the net's, as in checkpoints. Metadata: format, library version, and facts of its training, each as JSON.
#ifndef IGN_IO_FEATURES_HPP
#define IGN_IO_FEATURES_HPP

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "ign/core/error.hpp"
#include "ign/core/finite.hpp"
#include "ign/io/json.hpp"
#include "ign/io/model.hpp"
#include "ign/io/sha256.hpp"
#include "ign/nets/features.hpp"
#include "ign/version.hpp"

namespace ign::io {

/// A feature net from a file.
template <Scalar Real = float, class Exec = Kokkos::DefaultExecutionSpace>
struct FeatureFile {
  FeatureNet<Real, Exec> net;    ///< with the weights of the file
  nlohmann::ordered_json facts;  ///< as written: recipe, data, accuracy
  std::string sha256;            ///< of the whole file; report it with every figure
};

namespace detail {

/// Number of elements in those arrays of `feature_net` (nets/features.hpp) whose size depends on images and classes: the weights of the
/// first convolution, 3 × 3 × channels × 32, and of both Linear layers, of which the first follows three poolings of 2 × 2 to 128 channels.
inline std::uint64_t minimum_feature_values(Shape image, int classes) {
  auto const size = [](int extent) { return static_cast<std::uint64_t>(extent); };
  return std::uint64_t{9} * 32 * size(image.channels) +
         size(feature_count) * (size(image.height / 8) * size(image.width / 8) * 128 + size(classes));
}

}  // namespace detail

/// Writes a feature net, atomically. Waits for the device.
/// \param facts  metadata, an object; each field becomes a field of the file's metadata
/// \throws ign::Error as write_safetensors; [ign.option.234] when facts are not an object, or a field is named format, version, image or
///         classes
template <class Real, class Exec>
void write_features(std::filesystem::path const& path, FeatureNet<Real, Exec> const& net, nlohmann::ordered_json const& facts) {
  require(facts.is_object(), Fault::option, 234, path.string(), ": metadata of a feature net are ", facts.dump(),
          ", expected a JSON object");
  Shape const image = net.image_shape();
  nlohmann::ordered_json const own = {{"image", {image.height, image.width, image.channels}}, {"classes", net.classes()}};
  std::map<std::string, std::string> metadata = {{"format", features_format}, {"version", version_string}};
  for (auto const& object : {own, facts})
    for (auto const& [field, value] : object.items())
      require(metadata.emplace(field, value.dump()).second, Fault::option, 234, path.string(), ": metadata field '", field,
              "' of a feature net is reserved: choose another name");
  auto const& model = net.model();
  Kokkos::fence("ign::write_features");
  auto const parameters = detail::host_copy(model.parameters());
  detail::NamedArrays<Real> arrays;
  arrays.add("", model.parameter_arrays(), parameters.data());
  write_safetensors(path, arrays.entries, metadata);
}

/// Reads a feature net.
/// \throws ign::Error [ign.format.61] when the file is of another format, [ign.format.231] on an impossible image or number
///         of classes, [ign.format.342] when they require more elements than the file has, [ign.numeric.520] when weights or running
///         statistics are not finite; else as read_safetensors and read_model
template <Scalar Real = float, class Exec>
FeatureFile<Real, Exec> read_features(Exec const& exec, std::filesystem::path const& path) {
  auto bytes = read_file(path);
  std::string const hash = sha256(bytes);
  SafeTensorsFile const file(std::move(bytes), path);
  auto const format = file.metadata().find("format");
  require(format != file.metadata().end() && format->second == features_format, Fault::format, 61, path.string(), ": metadata 'format' is ",
          format != file.metadata().end() ? "'" + format->second + "'" : "missing", ", expected '", features_format,
          "' of a feature net: this is ", detail::kind_text(file));
  auto facts = nlohmann::ordered_json::object();
  for (auto const& [field, text] : file.metadata()) {
    if (field == "format" || field == "version") continue;
    facts[field] = parse_json(text);
    require(!facts[field].is_discarded(), Fault::format, 231, path.string(), ": metadata '", field, "' of a feature net is '", text,
            "', expected JSON");
  }
  auto const whole = [](nlohmann::ordered_json const& number) { return number.is_number_unsigned() && number >= 1 && number < 65536; };
  bool const good = facts.contains("image") && facts["image"].is_array() && facts["image"].size() == 3 &&
                    std::all_of(facts["image"].begin(), facts["image"].end(), whole) && facts.contains("classes") &&
                    whole(facts["classes"]);
  require(good, Fault::format, 231, path.string(), ": metadata 'image' and 'classes' of a feature net are ",
          facts.value("image", nlohmann::ordered_json()).dump(), " and ", facts.value("classes", nlohmann::ordered_json()).dump(),
          ", expected three numbers and one, from 1 to 65535");
  Shape const image = {facts["image"][0].template get<int>(), facts["image"][1].template get<int>(), facts["image"][2].template get<int>()};
  require(image.height >= 8 && image.width >= 8, Fault::format, 231, path.string(), ": metadata 'image' of a feature net is ", image,
          ", expected at least 8 x 8 pixels");
  int const classes = facts["classes"].template get<int>();
  std::uint64_t held = 0;  // elements of all types
  for (auto const& [name, tensor] : file.tensors())
    if (tensor.dtype != DType::other) held += tensor.bytes.size() / dtype_size(tensor.dtype);
  std::uint64_t const asked = detail::minimum_feature_values(image, classes);
  require(asked <= held, Fault::format, 342, path.string(), ": a feature net for ", classes, " classes of images ", image, " has at least ",
          asked, " elements, found ", held, ": the file is damaged");
  FeatureNet<Real, Exec> net(exec, image, classes);
  read_model(file, net.model());
  for (auto const& values : {detail::host_copy(net.model().parameters()), detail::host_copy(net.model().statistics())})
    for (Real const value : values)
      require(is_finite(value), Fault::numeric, 520, path.string(), ": the weights of the feature net contain ", value,
              ", expected finite numbers: the net has diverged, or the file is damaged; train it again with `features`");
  facts.erase("image");
  facts.erase("classes");
  return {std::move(net), facts, hash};
}

}  // namespace ign::io

#endif  // IGN_IO_FEATURES_HPP
