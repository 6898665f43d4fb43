// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// A trained f whose net is read from its file: for programs that do not know it at compile time, such as the C interface.
///
///     auto f = ign::io::load_runtime_projector(exec, "model.safetensors");
///     f.project(exec, x, y);
///
/// Where the net is known at compile time, io/inference.hpp does the same with less code in the program, and accepts layers of your own.
#ifndef IGN_IO_RUNTIME_PROJECTOR_HPP
#define IGN_IO_RUNTIME_PROJECTOR_HPP

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "ign/io/model.hpp"
#include "ign/layers/avg_pool2d.hpp"
#include "ign/layers/conv2d.hpp"
#include "ign/layers/conv3d.hpp"
#include "ign/layers/conv_transpose2d.hpp"
#include "ign/layers/conv_transpose3d.hpp"
#include "ign/layers/dropout.hpp"
#include "ign/layers/gaussian_noise.hpp"
#include "ign/layers/group_norm.hpp"
#include "ign/layers/linear.hpp"
#include "ign/layers/max_pool2d.hpp"
#include "ign/layers/minibatch_stddev.hpp"
#include "ign/layers/reshape.hpp"
#include "ign/layers/self_attention.hpp"
#include "ign/layers/upsample2d.hpp"
#include "ign/nets/detail/runtime_chain.hpp"
#include "ign/nets/projection.hpp"
#include "ign/sources/gaussian.hpp"
#include "ign/sources/spectral.hpp"

namespace ign::io {

namespace detail {

/// Calls `make`. Errors of layers and sources, which know of no file, get `where` at the beginning of their text.
template <class Make>
auto naming(std::string const& where, Make const& make) {
  try {
    return make();
  } catch (Error const& error) {
    std::string const text = error.what();
    if (text.find(where) != std::string::npos) throw;
    fail(error.fault(), error.number(), where, ": ", text.substr(text.find("] ") + 2));
  }
}

/// The input for which the layers of a description are made.
struct Input {
  Shape image;
  bool own = true;                            ///< that of the file, with which its descriptions must agree
  int slices = 0;                             ///< of a field of three dimensions; 0: each layer has those of its description
  std::optional<PaddingMode> padding_mode{};  ///< of all convolutions; absent: that of each description
};

/// The description of one layer in an untrusted file.
class DescribedLayer {
 public:
  DescribedLayer(std::string where, nlohmann::ordered_json const& json, Input const& input)
      : m_where(std::move(where)), m_json(json), m_input(input) {
    require(!json.is_null(), Fault::format, 521, m_where, " has no description, expected a layer of the library");
    require(json.is_object() && json.contains("name") && json["name"].is_string(), Fault::format, 160, m_where, " is ", Shown{&json},
            ", expected an object with a name");
  }

  std::string const& where() const { return m_where; }
  std::string name() const { return m_json["name"].template get<std::string>(); }
  nlohmann::ordered_json const& json() const { return m_json; }
  Input const& input() const { return m_input; }

  /// A whole number. The bound keeps all products of two of them within a 64-bit, and all sums within a 32-bit number.
  int number(char const* option) const {
    auto const value = at(option);
    require(value.is_number_unsigned() && value < 65'536, Fault::format, 160, m_where, ": '", option, "' is ", Shown{&value},
            ", expected a whole number from 0 to 65535");
    return value.template get<int>();
  }
  double real(char const* option) const {
    auto const value = at(option);
    require(value.is_number(), Fault::format, 160, m_where, ": '", option, "' is ", Shown{&value}, ", expected a number");
    return value.template get<double>();
  }
  bool flag(char const* option) const {
    auto const value = at(option);
    require(value.is_boolean(), Fault::format, 160, m_where, ": '", option, "' is ", Shown{&value}, ", expected true or false");
    return value.template get<bool>();
  }

  /// Side of a cubic kernel. The bound keeps the number of weights within a 64-bit number for up to 65,535 channels.
  int cubic_kernel() const {
    int const side = number("kernel_size");
    require(side <= 1000, Fault::format, 160, m_where, ": 'kernel_size' is ", side, ", expected at most 1000 in three dimensions");
    return side;
  }
  /// Slices of the input; 0 where the file has no such option.
  int depth() const { return m_input.slices > 0 ? m_input.slices : m_json.contains("depth") ? number("depth") : 0; }

  /// zeros where the file names no mode.
  PaddingMode padding_mode() const {
    if (m_input.padding_mode) return *m_input.padding_mode;
    auto const found = m_json.find("padding_mode");
    if (found == m_json.end()) return PaddingMode::zeros;
    for (PaddingMode const mode : {PaddingMode::periodic, PaddingMode::reflecting})
      if (*found == ign::name(mode)) return mode;
    fail(Fault::format, 160, m_where, ": 'padding_mode' is ", Shown{&*found}, ", expected ", ign::name(PaddingMode::periodic), " or ",
         ign::name(PaddingMode::reflecting));
  }

  /// Throws where the file has other options than the layer that was made from them.
  void compare(LayerDescription const& made) const {
    if (!m_input.own) return;
    auto const ours = layer_json(made);
    for (auto const& [option, value] : m_json.items())
      require(ours.contains(option) && (option == "layers" || ours[option] == value), Fault::format, 160, m_where, ": '", option, "' is ",
              Shown{&value}, ", expected ", ours.contains(option) ? ours[option].dump() : "no such option");
  }

 private:
  nlohmann::ordered_json at(char const* option) const {
    require(m_json.contains(option), Fault::format, 160, m_where, ": '", option, "' is missing");
    return m_json[option];
  }

  std::string m_where;
  nlohmann::ordered_json const& m_json;
  Input m_input;
};

template <class Real, class Exec>
std::unique_ptr<ign::detail::RuntimeChain<Real, Exec>> make_chain(std::string const& where, nlohmann::ordered_json const& layers,
                                                                  Input input, std::string const& parent);

/// A layer's name in files, and the function that makes it of its description.
template <class Real, class Exec>
struct LayerOfName {
  using Layer = std::unique_ptr<ign::detail::RuntimeLayer<Real, Exec>>;

  std::string_view name;
  Layer (*make)(DescribedLayer const& of);

  /// \param layer_of  function object without state
  template <class F>
  constexpr LayerOfName(std::string_view in_files, [[maybe_unused]] F layer_of)
      : name(in_files), make([](DescribedLayer const& of) -> Layer {
          auto const layer = F{}(of);
          return std::make_unique<ign::detail::RuntimeLayerOf<std::remove_const_t<decltype(layer)>, Real, Exec>>(layer);
        }) {}
};

/// The library's layers, but for Residual. `ign.lint` compares the names with the headers of ign/layers.
template <class Real, class Exec>
auto const& layers_of_names() {
  static constexpr LayerOfName<Real, Exec> layers[] = {
      {"Conv2d",
       [](DescribedLayer const& of) {
         return Conv2d{.channels = of.number("out_channels"),
                       .kernel = of.number("kernel_size"),
                       .stride = of.number("stride"),
                       .padding = of.number("padding"),
                       .bias = of.flag("bias"),
                       .padding_mode = of.padding_mode()};
       }},
      {"ConvTranspose2d",
       [](DescribedLayer const& of) {
         return ConvTranspose2d{.channels = of.number("out_channels"),
                                .kernel = of.number("kernel_size"),
                                .stride = of.number("stride"),
                                .padding = of.number("padding"),
                                .output_padding = of.number("output_padding"),
                                .bias = of.flag("bias"),
                                .padding_mode = of.padding_mode()};
       }},
      {"Conv3d",
       [](DescribedLayer const& of) {
         return Conv3d{.channels = of.number("out_channels"),
                       .kernel = of.cubic_kernel(),
                       .stride = of.number("stride"),
                       .padding = of.number("padding"),
                       .bias = of.flag("bias"),
                       .depth = of.depth(),
                       .padding_mode = of.padding_mode()};
       }},
      {"ConvTranspose3d",
       [](DescribedLayer const& of) {
         return ConvTranspose3d{.channels = of.number("out_channels"),
                                .kernel = of.cubic_kernel(),
                                .stride = of.number("stride"),
                                .padding = of.number("padding"),
                                .output_padding = of.number("output_padding"),
                                .bias = of.flag("bias"),
                                .depth = of.depth(),
                                .padding_mode = of.padding_mode()};
       }},
      {"Linear", [](DescribedLayer const& of) { return Linear{.features = of.number("out_features"), .bias = of.flag("bias")}; }},
      {"BatchNorm2d", [](DescribedLayer const& of) { return BatchNorm{.momentum = of.real("momentum"), .epsilon = of.real("eps")}; }},
      {"GroupNorm", [](DescribedLayer const& of) { return GroupNorm{.groups = of.number("num_groups"), .epsilon = of.real("eps")}; }},
      {"ReLU", [](DescribedLayer const&) { return Relu{}; }},
      {"LeakyReLU", [](DescribedLayer const& of) { return LeakyRelu{of.real("negative_slope")}; }},
      {"Tanh", [](DescribedLayer const&) { return Tanh{}; }},
      {"Sigmoid", [](DescribedLayer const&) { return Sigmoid{}; }},
      {"Dropout", [](DescribedLayer const& of) { return Dropout{of.real("p")}; }},
      {"GaussianNoise", [](DescribedLayer const& of) { return GaussianNoise{of.real("stddev")}; }},
      {"MaxPool2d", [](DescribedLayer const& of) { return MaxPool2d{.kernel = of.number("kernel_size"), .stride = of.number("stride")}; }},
      {"AvgPool2d", [](DescribedLayer const& of) { return AvgPool2d{.kernel = of.number("kernel_size"), .stride = of.number("stride")}; }},
      {"Upsample", [](DescribedLayer const& of) { return Upsample2d{.factor = of.number("scale_factor")}; }},
      {"SelfAttention",
       [](DescribedLayer const& of) {
         return SelfAttention{
             .key_channels = of.number("key_channels"), .value_channels = of.number("value_channels"), .scale = of.real("scale")};
       }},
      {"MinibatchStddev",
       [](DescribedLayer const& of) {
         return MinibatchStddev{.group = of.number("group"), .momentum = of.real("momentum"), .epsilon = of.real("eps")};
       }},
      {"Flatten", [](DescribedLayer const&) { return Flatten{}; }},
      {"Unflatten",
       [](DescribedLayer const& of) {
         return Reshape{{of.number("height"), of.number("width"), of.number("channels")}};
       }},
  };
  return layers;
}

/// The layer of a description.
template <class Real, class Exec>
std::unique_ptr<ign::detail::RuntimeLayer<Real, Exec>> make_layer(DescribedLayer const& of, std::string const& number,
                                                                  std::string const& file) {
  std::string const name = of.name();
  for (auto const& known : layers_of_names<Real, Exec>())
    if (name == known.name) return known.make(of);
  if (name == "Residual") {
    auto const nested = of.json().find("layers");
    require(nested != of.json().end() && nested->is_array(), Fault::format, 160, of.where(), ": 'layers' is not a list");
    return std::make_unique<ign::detail::RuntimeResidual<Real, Exec>>(make_chain<Real, Exec>(file, *nested, of.input(), number + '.'));
  }
  require(
      name != "ConditionChannels" && name != "ConditionalScale", Fault::format, 521, of.where(), " is a ", excerpt(name),
      ", expected no layer with conditions: load the file in C++ with its net, load_projector(exec, path, net, image), for `given(f, c)`");
  fail(Fault::format, 521, of.where(), " is a ", excerpt(name), ", expected a layer of the library");
}

/// The layers of a description.
/// \param parent  numbers of the layers around these, such as "3."
template <class Real, class Exec>
std::unique_ptr<ign::detail::RuntimeChain<Real, Exec>> make_chain(std::string const& where, nlohmann::ordered_json const& layers,
                                                                  Input input, std::string const& parent) {
  auto chain = std::make_unique<ign::detail::RuntimeChain<Real, Exec>>(input.image);
  for (std::size_t i = 0; i < layers.size(); ++i) {
    std::string const number = parent + std::to_string(i);
    Shape const shape = input.image = chain->output_shape();
    DescribedLayer const described(where + ": layer " + number, layers[i], input);
    auto layer = make_layer<Real, Exec>(described, number, where);
    naming(described.where(), [&] {
      (void)layer->output(shape);  // reports options outside their ranges, before the comparison
      described.compare(layer->description(shape));
      int const slices = input.slices > 0 ? layer->slices(shape).out : 0;
      if (slices > 0) input.slices = slices;
      chain->add(std::move(layer));
    });
  }
  return chain;
}

/// The description of a net in a file, valid but for its layers.
struct DescribedNet {
  std::string where;  ///< file and metadata field
  nlohmann::ordered_json json;
  Shape input;

  /// The net for another input than that of the file.
  template <class Real, class Exec>
  std::unique_ptr<ign::detail::RuntimeChain<Real, Exec>> make_for(Input const& other) const {
    return make_chain<Real, Exec>(where, json.at("layers"), other, "");
  }
};

/// The description of a net in the metadata field `<prefix>net`.
inline DescribedNet read_net(SafeTensorsFile const& file, std::string const& prefix) {
  auto const field = file.metadata().find(prefix + "net");
  require(
      field != file.metadata().end(), Fault::format, 520, file.path().string(), ": metadata '", prefix,
      "net' is missing, expected the description of the net: write the file with write_model, or read it with load_projector and the net");
  std::string const where = file.path().string() + ": metadata '" + field->first + "'";
  auto json = parse_json(field->second);
  auto const extent = [](nlohmann::ordered_json const& value) { return value.is_number_unsigned() && value >= 1 && value < 65'536; };
  bool const good = json.is_object() && json.contains("input") && json["input"].is_array() && json["input"].size() == 3 &&
                    std::all_of(json["input"].begin(), json["input"].end(), extent) && json.contains("layers") &&
                    json["layers"].is_array() && !json["layers"].empty();
  require(good, Fault::format, 160, where, " does not describe a net, expected an object with three extents 'input' and a list 'layers'");
  auto const& input = json["input"];
  Shape const in = {input[0].get<int>(), input[1].get<int>(), input[2].get<int>()};
  return {where, std::move(json), in};
}

/// The net of a description.
template <class Real, class Exec>
std::unique_ptr<ign::detail::RuntimeChain<Real, Exec>> make_net(DescribedNet const& net, SafeTensorsFile const& file,
                                                                std::string const& prefix) {
  auto chain = make_chain<Real, Exec>(net.where, net.json.at("layers"), {.image = net.input}, "");
  for (auto const& [name, tensor] : file.tensors())
    if (name.starts_with(prefix)) check_layer_number(file, name, prefix.size(), net.json);
  return chain;
}

/// The values of arrays that lie one after the other. Allocates only what the file has.
template <class Real>
std::vector<Real> values_of(SafeTensorsFile const& file, std::string const& prefix, std::vector<ModelArray> const& arrays,
                            Conversion conversion) {
  for (auto const& array : arrays) {
    std::string const name = name_in(file, prefix + array.info.name);
    auto const& found = file.at(name).shape;
    auto const expected = file_extents(array.info);
    require(found == expected, Fault::format, 60, file.path().string(), ": tensor '", name, "': its shape is ", extents_text(found),
            ", the described net's is ", extents_text(expected));
  }
  std::vector<Real> values(ign::detail::size_of(arrays));
  read_arrays(file, prefix, arrays, values.data(), conversion);
  for (Real const number : values)
    require(is_finite(number), Fault::numeric, 520, file.path().string(), ": the weights contain ", number,
            ", expected finite numbers: has the net diverged?");
  return values;
}

}  // namespace detail

/// A trained f of any unconditional net of the library's own layers, for inference: the functions of InferenceInterface.
///
/// The results are bitwise identical to those of a FrozenProjector with the same net.
template <Scalar Real = float, class Exec = Kokkos::DefaultExecutionSpace>
class RuntimeProjector : public InferenceInterface<RuntimeProjector<Real, Exec>, Real, Exec> {
  using Base = InferenceInterface<RuntimeProjector, Real, Exec>;

 public:
  using Ref = TensorRef<Real, Exec>;  ///< images, (n, h, w, c)
  using Base::generate;

  /// Use load_runtime_projector.
  /// \param prefix, conversion  as of read_model
  RuntimeProjector(Exec const& exec, SafeTensorsFile const& file, std::string const& prefix, Conversion conversion)
      : m_roles(read_roles(file, prefix)),
        m_description(std::make_shared<detail::DescribedNet>(detail::read_net(file, prefix))),
        m_net(detail::make_net<Real, Exec>(*m_description, file, prefix)) {
    require_image_to_image();
    m_parameters =
        vector_of(detail::values_of<Real>(file, prefix, ign::detail::placed(m_net->parameter_infos()), conversion), "parameters");
    m_statistics =
        vector_of(detail::values_of<Real>(file, prefix, ign::detail::placed(m_net->statistic_infos()), conversion), "statistics");
    if (file.metadata().find("recipe") != file.metadata().end()) read_noise(exec, file, conversion);
    if (m_roles.source_is_physical) m_source = std::monostate{};
    m_net->prepare(exec, VectorRef<Real, Exec>(m_parameters), VectorRef<Real, Exec>(m_statistics));
  }

  Shape image_shape() const { return m_net->input_shape(); }           ///< extents of x and f(x)
  std::size_t parameter_count() const { return m_parameters.size(); }  ///< number of trained parameters
  ModelRoles const& roles() const { return m_roles; }                  ///< of the file

  /// Slices d of a field of three dimensions, whose image_shape() is volume_shape(d, h, w, c). 0: a net of images, or one that reshapes its
  /// fields and knows no slices where they come in or go out.
  int depth() const {
    auto const slices = m_net->slices();
    return slices.in > 0 ? slices.in : slices.out;
  }

  /// Returns f for images of other extents, with the same weights, which both share. No layer of the net may have parameters that depend on
  /// the extents, as those of Linear do. Spectral noise belongs to the extents of its data: `generate` for others is an error.
  ///
  /// \param image  extents (h, w, c), or volume_shape(d, h, w, c)
  /// \param depth  slices d of a field of three dimensions; 0: as the layers of the file have it, which is square slices or a fixed number
  /// \param padding_mode  of all convolutions, such as periodic for a net that was trained on patches of a periodic field; absent: as it is
  /// \throws Error [ign.option.529] on a depth above 1 for a net without layers for slices, [ign.shape.480], [ign.shape.5] and errors of
  ///         layers when the net does not take these extents
  RuntimeProjector resized(Exec const& exec, Shape image, int depth = 0, std::optional<PaddingMode> padding_mode = {}) const {
    return {exec, *this, image, depth, padding_mode ? padding_mode : m_padding_mode};
  }

  /// out = f^applications(x) for x (n, h, w, c) from the distribution `input_role`. out may be x. Role::generated stands for the file's
  /// `generated_role`.
  ///
  /// \throws Error [ign.option.90] when applications < 0, [ign.shape.3] on wrong extents or without samples
  void apply(Exec const& exec, Role input_role, int applications, Ref const& x, Ref const& out) {
    require(x.extent(0) > 0, Fault::shape, 3, "projector: no samples, expected at least one");
    ign::detail::for_each_application<Real, Exec>(exec, image_shape(), input_role, applications, x, out, [&](Role role, Ref const& from) {
      m_net->run(exec, role == Role::generated ? m_roles.generated_role : role, from, out);
    });
  }

  /// Draws samples with the noise that f was trained on: out = f^applications(z). Gaussian noise if the file does not name it.
  ///
  /// \throws Error [ign.option.528] if the file names noise of your own, or says that the source is physical; else as the function of
  ///         InferenceInterface
  void generate(Exec const& exec, Key const& key, int applications, Ref const& out) {
    std::visit(
        [&]<class Source>(Source const& source) {
          if constexpr (std::same_as<Source, std::monostate>)
            fail(Fault::option, 528,
                 "projector: the net was trained on noise that is not the library's, expected z from the caller: fill it, "
                 "and apply f to it");
          else
            this->generate(exec, source, key, applications, out);
        },
        m_source);
  }

 private:
  RuntimeProjector(Exec const& exec, RuntimeProjector const& other, Shape image, int depth, std::optional<PaddingMode> padding_mode)
      : m_roles(other.m_roles),
        m_description(other.m_description),
        m_parameters(other.m_parameters),
        m_statistics(other.m_statistics),
        m_source(other.m_source),
        m_padding_mode(padding_mode) {
    bool const has_slices = other.depth() > 0;
    require(depth >= 0 && (depth <= 1 || has_slices), Fault::option, 529, "projector: a depth of ", depth, ", expected ",
            has_slices ? "1 or more, or 0 for that of the file" : "1, since the net has no layers for fields of three dimensions");
    m_net = m_description->template make_for<Real, Exec>(
        {.image = image, .own = false, .slices = has_slices ? depth : 0, .padding_mode = padding_mode});
    require_same(other.m_net->parameter_infos(), m_net->parameter_infos(), other.image_shape(), image);
    require_same(other.m_net->statistic_infos(), m_net->statistic_infos(), other.image_shape(), image);
    require_image_to_image();
    m_net->prepare(exec, VectorRef<Real, Exec>(m_parameters), VectorRef<Real, Exec>(m_statistics));
  }

  static void require_same(std::vector<ArrayInfo> const& arrays, std::vector<ArrayInfo> const& others, Shape own, Shape image) {
    for (std::size_t i = 0; i < arrays.size(); ++i)
      require(arrays[i].extents == others[i].extents, Fault::shape, 480, "projector: '", arrays[i].name, "' of the net for ", own,
              " does not fit inputs of ", image,
              ", expected the same channels, and layers whose parameters do not depend on height and width");
  }

  void require_image_to_image() const {
    require(m_net->output_shape() == image_shape(), Fault::shape, 5, "projector: the net maps ", image_shape(), " to ",
            m_net->output_shape(), ", expected the same extents");
  }

  static Vector<Real, Exec> vector_of(std::vector<Real> const& values, std::string const& what) {
    Vector<Real, Exec> const memory(Kokkos::view_alloc(Kokkos::WithoutInitializing, "ign::runtime::" + what), values.size());
    detail::copy_to(memory, values);
    return memory;
  }

  // Other noise than the library's own is an error of generate() only: f can be applied without it.
  void read_noise(Exec const& exec, SafeTensorsFile const& file, Conversion conversion) {
    auto const recipe = parse_json(file.metadata().find("recipe")->second);
    auto const name = recipe.is_object() && recipe.contains("source") && recipe["source"].is_string()
                          ? recipe["source"].template get<std::string>()
                          : std::string(Gaussian::name);
    auto const options = spectral_options(name);
    if (!options && name != Gaussian::name) m_source = std::monostate{};
    if (!options) return;
    // Its matrices have (side)² values, and the file only h · w.
    require(image_shape().height <= 4096 && image_shape().width <= 4096, Fault::format, 160, file.path().string(),
            ": spectral noise for images of ", image_shape(), ", expected sides of at most 4096");
    for (char const* const array : {"mean_real", "mean_imag", "std_real", "std_imag"}) (void)file.at(std::string("source.") + array);
    Spectral<Real, Exec> const source(exec, image_shape(), *options);
    exec.fence("ign::load_runtime_projector: the statistics have been cleared");
    read_source(file, source, conversion);
    m_source = source;
  }

  ModelRoles m_roles;
  std::shared_ptr<detail::DescribedNet const> m_description;
  std::unique_ptr<ign::detail::RuntimeChain<Real, Exec>> m_net;
  Vector<Real, Exec> m_parameters, m_statistics;
  std::variant<Gaussian, Spectral<Real, Exec>, std::monostate> m_source;
  std::optional<PaddingMode> m_padding_mode;  // of `resized`
};

///@{
/// Reads f, and the net with it, from a checkpoint or a model: a file with the metadata field "net". Waits for the device.
///
/// \param prefix  of the model's names in the file, such as "generator."
/// \throws ign::Error as read_safetensors; [ign.format.520] without a description of the net, [ign.format.521] on a layer that is not the
///         library's, [ign.format.160] on another invalid description, [ign.format.161] on a tensor of a layer that the description
///         lacks, [ign.format.26], [ign.format.60] on a missing array or one of another shape, [ign.format.401] as read_model,
///         [ign.format.522] as read_roles, [ign.numeric.520] when a weight is not finite, [ign.shape.5] when input and output of the net
///         differ in shape; [ign.shape.*], [ign.option.*] when a layer does not fit its input
template <Scalar Real = float, class Exec>
RuntimeProjector<Real, Exec> load_runtime_projector(Exec const& exec, SafeTensorsFile const& file, std::string const& prefix = "",
                                                    Conversion conversion = Conversion::exact) {
  return detail::naming(file.path().string(), [&] {
    RuntimeProjector<Real, Exec> f(exec, file, prefix, conversion);
    exec.fence("ign::load_runtime_projector: the weights have been prepared");
    return f;
  });
}
template <Scalar Real = float, class Exec>
RuntimeProjector<Real, Exec> load_runtime_projector(Exec const& exec, std::filesystem::path const& path, std::string const& prefix = "",
                                                    Conversion conversion = Conversion::exact) {
  return load_runtime_projector<Real>(exec, read_safetensors(path), prefix, conversion);
}
///@}

}  // namespace ign::io

#endif  // IGN_IO_RUNTIME_PROJECTOR_HPP
