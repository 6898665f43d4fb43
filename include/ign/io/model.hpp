// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Reading and writing of trained models: checkpoints, and other safetensors files with PyTorch's names and layouts. Includes no training
/// code.
#ifndef IGN_IO_MODEL_HPP
#define IGN_IO_MODEL_HPP

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <variant>
#include <vector>

#include "ign/core/error.hpp"
#include "ign/core/finite.hpp"
#include "ign/io/detail/arrays.hpp"
#include "ign/io/json.hpp"
#include "ign/io/safetensors.hpp"
#include "ign/nets/channel_normalisation.hpp"
#include "ign/nets/model.hpp"
#include "ign/sources/source.hpp"
#include "ign/version.hpp"

namespace ign::io {

inline constexpr char const* checkpoint_format = "ign-checkpoint-1";  ///< value of the metadata field "format"
inline constexpr char const* features_format = "ign-features-1";      ///< the same of a feature net

/// Use of a model after its training, as files have it.
struct ModelRoles {
  Role generated_role = Role::generated;  ///< the role in which f was trained on its own output, `generated_role()` of its policy
  bool source_is_physical = false;        ///< of a net for normalised fields: it was trained with damaged fields as its noise

  /// True if all is equal.
  friend bool operator==(ModelRoles const&, ModelRoles const&) = default;
};

/// The roles of a policy or projector: its `generated_role()`, if it has one.
template <class F>
ModelRoles roles_of(F const& f, bool source_is_physical = false) {
  if constexpr (requires { f.generated_role(); })
    return {f.generated_role(), source_is_physical};
  else
    return {Role::generated, source_is_physical};
}

/// The description of a layer: {"name": "Conv2d", …}, with the descriptions of nested layers as "layers"; null for a layer without one.
inline nlohmann::ordered_json layer_json(LayerDescription const& description) {
  nlohmann::ordered_json json;
  if (!description.name.empty()) json["name"] = description.name;
  for (auto const& [option, value] : description.options) std::visit([&, &name = option](auto const& known) { json[name] = known; }, value);
  for (auto const& nested : description.layers) json["layers"].push_back(layer_json(nested));
  return json;
}

/// The description of a net in the metadata of weight files: {"input": [h, w, c], "layers": [{"name": "Conv2d", …}, …]}, with the names
/// of torch.nn. A layer without a description is null.
template <class Net, class Real, class Exec>
nlohmann::ordered_json net_json(Model<Net, Real, Exec> const& model) {
  Shape const in = model.input_shape();
  auto layers = nlohmann::ordered_json::array();
  for_each_layer(model.net(),
                 [&](std::size_t i, auto const& layer) { layers.push_back(layer_json(layer::description_of(layer, model.shape(i)))); });
  return {{"input", {in.height, in.width, in.channels}}, {"layers", layers}};
}

/// Contents of a safetensors file, as its metadata tell.
enum class FileKind {
  unknown,      ///< without a description of a net by this library
  net,          ///< one unconditional net: a model or a checkpoint
  conditional,  ///< one net f(x | c) with conditions
  latent,       ///< an autoencoder and an IGN on its codes (io/latent.hpp)
  features,     ///< a feature net (io/features.hpp)
};

namespace detail {

/// True if one of the described layers, nested ones included, takes conditions.
inline bool takes_conditions(nlohmann::ordered_json const& layers) {
  if (!layers.is_array()) return false;
  return std::any_of(layers.begin(), layers.end(), [](nlohmann::ordered_json const& layer) {
    if (!layer.is_object()) return false;
    auto const name = layer.find("name"), nested = layer.find("layers");
    return (name != layer.end() && (*name == "ConditionChannels" || *name == "ConditionalScale")) ||
           (nested != layer.end() && takes_conditions(*nested));
  });
}

}  // namespace detail

/// The contents of a file.
inline FileKind file_kind(SafeTensorsFile const& file) {
  auto const& metadata = file.metadata();
  auto const has = [&](char const* field) { return metadata.contains(field); };
  if (has("format") && metadata.at("format") == features_format) return FileKind::features;
  if (has("encoder.net") && has("decoder.net") && has("code.net")) return FileKind::latent;
  if (!has("net")) return FileKind::unknown;
  auto const net = parse_json(metadata.at("net"));
  return net.is_object() && net.contains("layers") && detail::takes_conditions(net["layers"]) ? FileKind::conditional : FileKind::net;
}

namespace detail {

/// The contents of a file for errors, after "this is": "a conditional net f(x | c)".
inline char const* kind_text(SafeTensorsFile const& file) {
  switch (file_kind(file)) {
    case FileKind::features:
      return "a feature net of the metrics, as write_features writes it";
    case FileKind::latent:
      return "an autoencoder with an IGN on its codes, as write_latent writes them";
    case FileKind::conditional:
      return "a net with conditions, f(x | c)";
    case FileKind::net:
      return file.metadata().contains("recipe") ? "a model or checkpoint" : "a model without a recipe, as write_model writes it";
    case FileKind::unknown:
      break;
  }
  return "not a file of this library";
}

/// Throws for a model, a file with weights and the description of its net, but without step and state of a run.
inline void require_no_model(SafeTensorsFile const& file) {
  auto const& metadata = file.metadata();
  bool const model = metadata.contains("net") && !metadata.contains("step") && file.find("training.loss_sums") == nullptr;
  require(!model, Fault::format, 400, file.path().string(),
          ": is a model, as write_model writes it, without step and optimizer state, expected a checkpoint to resume from: begin a new run "
          "with its weights (`train --from`, io::read_model), or resume from the checkpoint that its run has left next to it");
}

inline std::string const& metadata_at(SafeTensorsFile const& file, std::string const& key) {
  if (key == "step") require_no_model(file);
  auto const found = file.metadata().find(key);
  require(found != file.metadata().end(), Fault::format, 61, file.path().string(), ": metadata '", key,
          "' is missing, expected a checkpoint of this library: this is ", kind_text(file));
  return found->second;
}

inline std::uint64_t number_at(SafeTensorsFile const& file, std::string const& key) {
  std::string const& text = metadata_at(file, key);
  bool const digits = !text.empty() && text.size() <= 19 && text.find_first_not_of("0123456789") == std::string::npos;
  require(digits, Fault::format, 61, file.path().string(), ": metadata '", key, "' is '", text, "', expected a whole number");
  return std::stoull(text);
}

/// Throws where a tensor belongs to a layer that the net does not have, nested layers included: "3.0.weight" to layer 0 of layer 3.
inline void check_layer_number(SafeTensorsFile const& file, std::string const& tensor, std::size_t begin,
                               nlohmann::ordered_json const& net) {
  nlohmann::ordered_json const* layers = &net["layers"];
  for (std::string where; begin < tensor.size();) {
    std::string const part = tensor.substr(begin, tensor.find('.', begin) - begin);
    if (part.empty() || part.size() >= 10 || part.find_first_not_of("0123456789") != std::string::npos) return;
    std::size_t const number = std::stoul(part);
    require(number < layers->size(), Fault::format, 161, file.path().string(), ": tensor '", tensor, "': the last layer of ",
            where.empty() ? "this net" : "layer " + where, " is number ", layers->size() - 1, ": is this the file of another net?");
    auto const nested = (*layers)[number].find("layers");
    if (nested == (*layers)[number].end()) return;
    layers = &*nested;
    where += (where.empty() ? "" : ".") + part;
    begin += part.size() + 1;
  }
}

/// Comparison of the description of a net in a file with that of this net.
struct NetComparison {
  std::string where;  ///< file and metadata field

  void compare(std::string const& what, nlohmann::ordered_json const& found, nlohmann::ordered_json const& expected) const {
    require(!found.is_null(), Fault::format, 161, where, ": ", what, " is missing, this net has ", Shown{&expected},
            ": is this the file of another net?");
    require(found == expected, Fault::format, 161, where, ": ", what, " is ", Shown{&found}, ", this net has ", Shown{&expected},
            ": is this the file of another net?");
  }
  /// \param parent  numbers of the layers around these, such as "3."; empty for those of the net
  void compare_layers(nlohmann::ordered_json const& found, nlohmann::ordered_json const& expected, std::string const& parent) const {
    compare(parent.empty() ? "the number of layers" : "layer " + parent.substr(0, parent.size() - 1) + ": the number of nested layers",
            found.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
      std::string const number = parent + std::to_string(i);
      if (found[i].is_null() || expected[i].is_null()) continue;  // a layer without a description
      require(found[i].is_object(), Fault::format, 160, where, ": layer ", number, " is ", Shown{&found[i]}, ", expected an object");
      for (auto const& [option, value] : expected[i].items()) {
        auto const theirs = found[i].contains(option) ? found[i][option] : nlohmann::ordered_json();
        if (option == "layers" && theirs.is_array())
          compare_layers(theirs, value, number + '.');
        else
          compare("layer " + number + ": '" + option + "'", theirs, value);
      }
      for (auto const& [option, value] : found[i].items())  // such as "padding_mode", which is there only where it is not zeros
        require(expected[i].contains(option), Fault::format, 161, where, ": layer ", number, ": '", option, "' is ", Shown{&value},
                ", this net has no such option: is this the file of another net?");
    }
  }
};

/// Throws where the description of the net in the metadata field `<prefix>net` differs from this model's net. Without that field only names
/// and shapes are compared.
template <class Model>
void check_net(SafeTensorsFile const& file, Model const& model, std::string const& prefix) {
  auto const ours = net_json(model);
  for (auto const& [name, tensor] : file.tensors())
    if (name.starts_with(prefix)) check_layer_number(file, name, prefix.size(), ours);
  auto const field = file.metadata().find(prefix + "net");
  if (field == file.metadata().end()) return;
  NetComparison const comparison{file.path().string() + ": metadata '" + field->first + "'"};
  auto const theirs = parse_json(field->second);
  require(theirs.is_object() && theirs.contains("input") && theirs.contains("layers") && theirs["layers"].is_array(), Fault::format, 160,
          comparison.where, " does not describe a net, expected an object with 'input' and 'layers'");
  comparison.compare("input", theirs["input"], ours["input"]);
  comparison.compare_layers(theirs["layers"], ours["layers"], "");
}

/// A model's state from a file. All arrays are read before any is copied to the model.
template <class Real>
struct FileState {
  std::vector<Real> parameters, statistics;

  template <class Model>
  FileState(SafeTensorsFile const& file, Model const& model, std::string const& prefix, std::string const& slot, Conversion conversion)
      : parameters(model.parameters().size()), statistics(model.statistics().size()) {
    auto const missing = missing_array(file, model.parameter_arrays(), model.statistic_arrays(), prefix, slot);
    if (missing.advice.empty()) check_net(file, model, prefix);  // for another net its message is more helpful than a missing name
    if (!missing.name.empty())
      fail(Fault::format, 26, file.path().string(), ": ", missing_tensor(file.tensors(), missing.name), missing.advice);
    read_arrays(file, slot + prefix, model.parameter_arrays(), parameters.data(), conversion);
    read_arrays(file, prefix, model.statistic_arrays(), statistics.data(), conversion);
  }
  template <class Model>
  void copy_to(Model const& model) const {
    detail::copy_to(model.parameters(), parameters);
    detail::copy_to(model.statistics(), statistics);
  }
};

using Metadata = std::map<std::string, std::string>;

/// Adds the roles to the metadata of a file. Files have only those that differ from the default.
inline void add_roles(Metadata& metadata, ModelRoles const& roles, std::string const& prefix = "") {
  if (roles.generated_role != Role::generated) metadata[prefix + "generated_role"] = name(roles.generated_role);
  if (roles.source_is_physical) metadata[prefix + "source_is_physical"] = "true";
}

/// Field "normalisation" of a recipe; null without.
inline nlohmann::ordered_json recipe_normalisation(std::string const& recipe) {
  auto const json = parse_json(recipe);
  return json.is_object() && json.contains("normalisation") ? json["normalisation"] : nlohmann::ordered_json();
}

template <class Real, class Model>
void add_model(NamedArrays<Real>& arrays, Model const& model) {
  arrays.add("", model.parameter_arrays(), host_copy(model.parameters()).data());
  arrays.add("", model.statistic_arrays(), host_copy(model.statistics()).data());
}

}  // namespace detail

/// The recipe of a checkpoint.
/// \throws ign::Error [ign.format.61] when the file is not a checkpoint of this library
inline nlohmann::ordered_json read_recipe(SafeTensorsFile const& file) {
  require(detail::metadata_at(file, "format") == checkpoint_format, Fault::format, 61, file.path().string(), ": metadata 'format' is '",
          detail::metadata_at(file, "format"), "', expected '", checkpoint_format, "': this is ", detail::kind_text(file));
  auto recipe = parse_json(detail::metadata_at(file, "recipe"));
  require(recipe.is_object(), Fault::format, 61, file.path().string(), ": metadata 'recipe' is not a JSON object");
  return recipe;
}

/// A field of a recipe, a text or a whole number. Example, for `SafeTensorsFile file`:
/// `recipe_field<std::string>(file, read_recipe(file), "net")`.
/// \throws ign::Error [ign.format.341] when it is missing or of another type
template <class Value>
Value recipe_field(SafeTensorsFile const& file, nlohmann::ordered_json const& recipe, std::string const& name) {
  constexpr bool text = std::same_as<Value, std::string>;
  static_assert(text || std::same_as<Value, std::uint64_t>, "ign::io::recipe_field: the type must be std::string or std::uint64_t");
  auto const found = recipe.find(name);
  bool const good = found != recipe.end() && (text ? found->is_string() : found->is_number_unsigned());
  require(good, Fault::format, 341, file.path().string(), ": recipe field '", name, "' is ",
          found != recipe.end() ? found->dump() : "missing", ", expected ", text ? "a text" : "a whole number, 0 or more");
  return found->template get<Value>();
}

/// The extents of a recipe's images.
/// \throws ign::Error [ign.format.341] when they are missing or impossible
inline Shape recipe_image(SafeTensorsFile const& file, nlohmann::ordered_json const& recipe) {
  auto const found = recipe.find("image");
  auto const extent = [](nlohmann::ordered_json const& value) { return value.is_number_unsigned() && value >= 1 && value < 65'536; };
  bool const good = found != recipe.end() && found->is_array() && found->size() == 3 && std::all_of(found->begin(), found->end(), extent);
  require(good, Fault::format, 341, file.path().string(), ": recipe field 'image' is ", found != recipe.end() ? found->dump() : "missing",
          ", expected height, width and channels, each from 1 to 65535");
  return {(*found)[0].get<int>(), (*found)[1].get<int>(), (*found)[2].get<int>()};
}

/// A normalisation as it stands in files, {"mean": [...], "deviation": [...]}, with all digits of a double. Add it to the recipe of a run
/// as "normalisation": its checkpoints then keep it, and a resumed run must have the same.
inline nlohmann::ordered_json normalisation_json(ChannelNormalisation const& normalisation) {
  return {{"mean", normalisation.mean}, {"deviation", normalisation.stddev}};
}

/// True if a model or checkpoint has a normalisation of its fields.
inline bool has_normalisation(SafeTensorsFile const& file) {
  auto const& metadata = file.metadata();
  return metadata.contains("normalisation") ||
         (metadata.contains("recipe") && detail::recipe_normalisation(metadata.at("recipe")).is_object());
}

/// The normalisation of the fields in a model or checkpoint.
/// \throws ign::Error [ign.format.480] when there is none, or it does not have one finite mean and one finite standard deviation ≥ 0 per
///         channel
inline ChannelNormalisation read_normalisation(SafeTensorsFile const& file) {
  auto const& metadata = file.metadata();
  require(has_normalisation(file), Fault::format, 480, file.path().string(),
          ": metadata 'normalisation' is missing, and so is that of a recipe: write the model with its normalisation");
  auto const own = metadata.find("normalisation");
  auto const json = own != metadata.end() ? parse_json(own->second) : detail::recipe_normalisation(metadata.at("recipe"));
  auto const numbers = [&](char const* field) {
    std::vector<double> list;
    bool good = json.is_object() && json.contains(field) && json[field].is_array() && !json[field].empty();
    if (good)
      for (auto const& value : json[field]) {
        good = good && value.is_number() && is_finite(value.get<double>());
        if (good) list.push_back(value.get<double>());
      }
    require(good, Fault::format, 480, file.path().string(), ": metadata 'normalisation' is ", detail::Shown{&json},
            ", expected an array of finite numbers '", field, "'");
    return list;
  };
  ChannelNormalisation result = {numbers("mean"), numbers("deviation")};
  bool const sound = result.mean.size() == result.stddev.size() &&
                     std::all_of(result.stddev.begin(), result.stddev.end(), [](double deviation) { return deviation >= 0; });
  require(sound, Fault::format, 480, file.path().string(), ": metadata 'normalisation' is ", detail::Shown{&json},
          ", expected one mean and one standard deviation per channel, and standard deviations of 0 or more");
  return result;
}

/// The roles of a model or checkpoint; the default for what the file does not say.
/// \param prefix  of the model's names in the file, such as "generator."
/// \throws ign::Error [ign.format.522] when "generated_role" is none of "data", "source" and "image", or "source_is_physical" is neither
///         "true" nor "false"
inline ModelRoles read_roles(SafeTensorsFile const& file, std::string const& prefix = "") {
  ModelRoles roles;
  auto const& metadata = file.metadata();
  if (auto const found = metadata.find(prefix + "generated_role"); found != metadata.end()) {
    bool known = false;
    for (Role const role : {Role::data, Role::source, Role::generated}) {
      if (found->second != name(role)) continue;
      roles.generated_role = role;
      known = true;
    }
    require(known, Fault::format, 522, file.path().string(), ": metadata '", found->first, "' is '", excerpt(found->second),
            "', expected data, source or image");
  }
  if (auto const found = metadata.find(prefix + "source_is_physical"); found != metadata.end()) {
    require(found->second == "true" || found->second == "false", Fault::format, 522, file.path().string(), ": metadata '", found->first,
            "' is '", excerpt(found->second), "', expected true or false");
    roles.source_is_physical = found->second == "true";
  }
  return roles;
}

/// Reads parameters and running statistics into a model. On an error the model is unchanged.
/// \param prefix  of the model's names in the file, such as "generator."
/// \param slot    of the parameters: "" for the trained ones, "optimizer.ema." for their average by an Ema
/// \param conversion  of values in another floating-point type, such as F16, BF16 or F64
/// \throws ign::Error [ign.format.26] on a missing array or another dtype, [ign.format.401] on a number of F64 that is too large for float,
///         [ign.format.60] on another shape, [ign.format.161] on metadata that describe another net, [ign.format.160] on metadata "net"
///         that is no description of a net
template <class Net, class Real, class Exec>
void read_model(SafeTensorsFile const& file, Model<Net, Real, Exec> const& model, std::string const& prefix = "",
                std::string const& slot = "", Conversion conversion = Conversion::exact) {
  detail::FileState<Real>(file, model, prefix, slot, conversion).copy_to(model);
}

/// Writes a model's state and the description of its net, atomically, for load_projector and for PyTorch. A run cannot be resumed from
/// this file. Waits for the device.
/// \param roles  roles_of(policy): an Imle is trained on its own output in the role of the data
/// \throws ign::Error as write_safetensors
template <class Net, class Real, class Exec>
void write_model(Exec const& exec, std::filesystem::path const& path, Model<Net, Real, Exec> const& model, ModelRoles const& roles = {}) {
  exec.fence("ign::write_model");
  detail::NamedArrays<Real> arrays;
  detail::add_model(arrays, model);
  detail::Metadata metadata = {{"net", net_json(model).dump()}};
  detail::add_roles(metadata, roles);
  write_safetensors(path, arrays.entries, metadata);
}

/// The same with the normalisation of the fields that the net was trained on, for load_physical_projector.
/// \throws ign::Error as write_safetensors
template <class Net, class Real, class Exec>
void write_model(Exec const& exec, std::filesystem::path const& path, Model<Net, Real, Exec> const& model,
                 ChannelNormalisation const& normalisation, ModelRoles const& roles = {}) {
  exec.fence("ign::write_model");
  detail::NamedArrays<Real> arrays;
  detail::add_model(arrays, model);
  detail::Metadata metadata = {{"net", net_json(model).dump()}, {"normalisation", normalisation_json(normalisation).dump()}};
  detail::add_roles(metadata, roles);
  write_safetensors(path, arrays.entries, metadata);
}

/// The same with the noise source and the recipe of the run, as the programs in examples/ need it.
/// \param recipe  as recipe_json makes it, io/checkpoint.hpp
/// \throws ign::Error as write_safetensors
template <class Net, class Real, class Exec, class Source>
void write_model(Exec const& exec, std::filesystem::path const& path, Model<Net, Real, Exec> const& model, Source const& source,
                 nlohmann::ordered_json const& recipe, ModelRoles const& roles = {}) {
  exec.fence("ign::write_model");
  detail::NamedArrays<Real> arrays;
  detail::add_model(arrays, model);
  if constexpr (source::has_state_v<Source>)
    arrays.add("source.", ign::detail::placed(source.arrays()), detail::host_copy(source.state()).data());
  detail::Metadata metadata = {
      {"format", checkpoint_format}, {"version", version_string}, {"recipe", recipe.dump()}, {"net", net_json(model).dump()}};
  detail::add_roles(metadata, roles);
  write_safetensors(path, arrays.entries, metadata);
}

/// Reads the statistics of a noise source, which its copies share. Does nothing for a source without statistics.
/// \throws ign::Error as read_model, and the source's own on impossible values; the source is unchanged then
template <class Source>
void read_source(SafeTensorsFile const& file, Source const& source, Conversion conversion = Conversion::exact) {
  if constexpr (source::has_state_v<Source>) {
    auto numbers = detail::host_copy(source.state());
    detail::read_arrays(file, "source.", ign::detail::placed(source.arrays()), numbers.data(), conversion);
    source.restore(numbers);
  }
}

}  // namespace ign::io

#endif  // IGN_IO_MODEL_HPP
