// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// A trained net as the start of a wider one that computes the same function.
#ifndef IGN_NETS_WIDEN_HPP
#define IGN_NETS_WIDEN_HPP

#include <Kokkos_Core.hpp>
#include <algorithm>
#include <concepts>
#include <cstddef>
#include <sstream>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "ign/core/error.hpp"
#include "ign/core/launch.hpp"
#include "ign/layers/avg_pool2d.hpp"
#include "ign/layers/batch_norm.hpp"
#include "ign/layers/conditional_layers.hpp"
#include "ign/layers/conv2d.hpp"
#include "ign/layers/conv3d.hpp"
#include "ign/layers/conv_transpose2d.hpp"
#include "ign/layers/conv_transpose3d.hpp"
#include "ign/layers/dropout.hpp"
#include "ign/layers/max_pool2d.hpp"
#include "ign/layers/residual.hpp"
#include "ign/layers/upsample2d.hpp"
#include "ign/nets/model.hpp"

namespace ign {

/// True if `widen` takes the layer: a convolution, or a layer that treats each channel alone. Specialise it for your own layers of the
/// second kind, whose arrays have one value per channel.
template <class Layer>
inline constexpr bool is_widenable_v = Activation<Layer> || Convolution<Layer>;
/// BatchNorm: the moments of a channel are its own.
template <>
inline constexpr bool is_widenable_v<BatchNorm> = true;
/// ConditionalScale: scale and shift of a channel are its own.
template <>
inline constexpr bool is_widenable_v<ConditionalScale> = true;
/// Dropout: in training, channels of the wide net have other random numbers.
template <>
inline constexpr bool is_widenable_v<Dropout> = true;
/// MaxPool2d treats each channel alone.
template <>
inline constexpr bool is_widenable_v<MaxPool2d> = true;
/// AvgPool2d treats each channel alone.
template <>
inline constexpr bool is_widenable_v<AvgPool2d> = true;
/// Upsample2d treats each channel alone.
template <>
inline constexpr bool is_widenable_v<Upsample2d> = true;
/// A net whose layers all are.
template <class... Layers>
inline constexpr bool is_widenable_v<Sequential<Layers...>> = (is_widenable_v<Layers> && ...);
/// Residual, if `widen` takes the nested layers.
template <class... Layers>
inline constexpr bool is_widenable_v<Residual<Layers...>> = (is_widenable_v<Layers> && ...);

/// The two nets of `widen`, as errors call them.
struct WidenedNames {
  std::string narrow = "the narrow net";  ///< the trained net
  std::string wide = "the wide one";      ///< its continuation
};

namespace detail {

// Extents of an array of a layer: (taps, fine channels, coarse channels), (1, 1, channels), or (1, length, channels) of a ConditionalScale.
// Fine and coarse: the sides of a strided convolution, see math/conv/geometry.hpp.
struct ChannelExtents {
  std::size_t fine, coarse;
};

enum class OutputChannels { fine, coarse, per_channel };

// Axis of the output channels of each parameter array of a layer, nested layers included.
template <class Layer>
std::vector<OutputChannels> output_channels(Layer const& layer, Shape in) {
  auto outputs = OutputChannels::per_channel;
  if constexpr (Convolution<Layer>) outputs = operation(layer) == math::Operation::forward ? OutputChannels::coarse : OutputChannels::fine;
  return std::vector(layer::parameters_of(layer, in).size(), outputs);
}
template <class... Layers>
std::vector<OutputChannels> output_channels(Residual<Layers...> const& layer, Shape in) {
  std::vector<OutputChannels> all;
  auto const extents = shapes(layer.net(), in);
  for_each_layer(layer.net(), [&](std::size_t i, auto const& nested) {
    for (OutputChannels const outputs : output_channels(nested, extents[i])) all.push_back(outputs);
  });
  return all;
}

template <class Real>
struct CopyFormerChannels {
  ChannelExtents narrow, wide;
  OutputChannels outputs;
  Real const* from;
  Real* to;

  KOKKOS_FUNCTION void operator()(std::size_t i) const {
    std::size_t const coarse = i % wide.coarse, fine = i / wide.coarse % wide.fine, tap = i / wide.coarse / wide.fine;
    bool const former_coarse = coarse < narrow.coarse, former_fine = fine < narrow.fine;
    if (former_coarse && former_fine)
      to[i] = from[(tap * narrow.fine + fine) * narrow.coarse + coarse];
    else if ((outputs == OutputChannels::coarse && former_coarse) || (outputs == OutputChannels::fine && former_fine))
      to[i] = 0;  // an added channel does not contribute to a former one
  }
};

// The array `from` of the narrow layer, into `to` of the wide one.
template <class Real, class Exec>
void widen_array(Exec const& exec, OutputChannels outputs, ArrayInfo const& narrow, ArrayInfo const& wide, Real const* from, Real* to) {
  std::size_t const rank = wide.extents.size();
  auto const extents_of = [&](ArrayInfo const& info) {
    return ChannelExtents{rank == 1 ? 1 : static_cast<std::size_t>(info.extents[rank - 2]), static_cast<std::size_t>(info.extents.back())};
  };
  if (rank == 1) outputs = OutputChannels::per_channel;  // a bias
  Kokkos::parallel_for("ign::widen", range_policy(exec, wide.size()),
                       CopyFormerChannels<Real>{extents_of(narrow), extents_of(wide), outputs, from, to});
}

// True if the arrays differ in their numbers of channels only, and `wide` has no fewer.
inline bool widens(ArrayInfo const& narrow, ArrayInfo const& wide) {
  std::size_t const rank = narrow.extents.size(), channels = std::min<std::size_t>(rank, 2);
  if (wide.extents.size() != rank || wide.name != narrow.name) return false;
  for (std::size_t axis = 0; axis < rank; ++axis)
    if (axis < rank - channels ? wide.extents[axis] != narrow.extents[axis] : wide.extents[axis] < narrow.extents[axis]) return false;
  return true;
}

inline bool counts_channels(std::string_view option) { return option.ends_with("channels") || option.ends_with("features"); }

inline std::string option_text(LayerDescription::Value const& value) {
  std::ostringstream text;
  text << std::boolalpha;
  std::visit([&](auto const& known) { text << known; }, value);
  return text.str();
}

// The first option by which `to` is no wider form of `from`, as "layer 3.1 (Conv2d): out_channels is 32 in …"; empty if there is none.
// Nested layers have numbers such as 3.1.
inline std::string narrowed_option(LayerDescription const& from, LayerDescription const& to, std::string const& number,
                                   WidenedNames const& names) {
  std::string const where = "layer " + number + " (" + from.name + "): ";
  auto const differs = [&](std::string const& what, std::string const& narrow, std::string const& wide, bool channels) {
    return where + what + " is " + narrow + " in " + names.narrow + " and " + wide + " in " + names.wide + ", expected " +
           (channels ? narrow + " or more" : "the same");
  };
  std::size_t const common = std::min(from.options.size(), to.options.size());
  for (std::size_t i = 0; i < common; ++i) {
    auto const& [name, narrow] = from.options[i];
    auto const& [other, wide] = to.options[i];
    int const *const few = std::get_if<int>(&narrow), *const many = std::get_if<int>(&wide);
    bool const channels = counts_channels(name) && few != nullptr && many != nullptr;
    if (name != other) return where + "has " + name + " in " + names.narrow + " and " + other + " in " + names.wide + ", expected the same";
    if (channels ? *many < *few : narrow != wide) return differs(name, option_text(narrow), option_text(wide), channels);
  }
  for (auto const* const more : {&from, &to})  // such as a padding mode
    if (more->options.size() > common)
      return where + "has " + more->options[common].first + " in " + (more == &from ? names.narrow : names.wide) +
             " only, expected the same options";
  for (std::size_t i = 0; i < std::min(from.layers.size(), to.layers.size()); ++i)
    if (auto text = narrowed_option(from.layers[i], to.layers[i], number + '.' + std::to_string(i), names); !text.empty()) return text;
  return {};
}

// Calls visit(i, layer i of a, layer i of b) for nets of one type.
template <class Net, class Visit>
void for_each_pair_of_layers(Net const& a, Net const& b, Visit const& visit) {
  for_each_layer(a, [&]<class Layer>(std::size_t i, Layer const& layer) {
    for_each_layer(b, [&]<class Other>(std::size_t j, Other const& other) {
      if constexpr (std::same_as<Layer, Other>)
        if (i == j) visit(i, layer, other);
    });
  });
}

}  // namespace detail

/// Checks that `wide` is `narrow` with at least as many channels, for images of extents `input`.
/// \throws Error [ign.shape.173] when the nets differ in more than numbers of channels, or `wide` has fewer; the text names the layer and
///         the option
template <class Net>
void require_wider(Net const& narrow, Net const& wide, Shape input, WidenedNames const& names = {}) {
  static_assert(is_widenable_v<Net>, "ign::widen: the net has a layer for which is_widenable_v is false");
  auto const from_shapes = detail::plan_chain(narrow, input).shapes, to_shapes = detail::plan_chain(wide, input).shapes;
  detail::for_each_pair_of_layers(narrow, wide, [&](std::size_t i, auto const& from, auto const& to) {
    Shape const from_shape = from_shapes[i], to_shape = to_shapes[i];
    auto const description = layer::description_of(from, from_shape);
    std::string const differs = detail::narrowed_option(description, layer::description_of(to, to_shape), std::to_string(i), names);
    require(differs.empty(), Fault::shape, 173, "widen: ", differs, ": ", names.wide, " must be at least as wide as ", names.narrow,
            ", with the same layers");
    // Layers without a description.
    auto const fits = [](std::vector<ArrayInfo> const& a, std::vector<ArrayInfo> const& b) {
      return std::equal(a.begin(), a.end(), b.begin(), b.end(), detail::widens);
    };
    require(from_shape.height == to_shape.height && from_shape.width == to_shape.width &&
                fits(layer::parameters_of(from, from_shape), layer::parameters_of(to, to_shape)),
            Fault::shape, 173, "widen: layer ", i, " (", description.name, ") maps ", from_shape, " to ", from_shapes[i + 1], " in ",
            names.narrow, " and ", to_shape, " to ", to_shapes[i + 1], " in ", names.wide,
            ", expected the same height and width, and parameters of as many or more channels");
  });
  require(from_shapes.back() == to_shapes.back(), Fault::shape, 173, "widen: ", names.narrow, " maps ", input, " to ", from_shapes.back(),
          ", ", names.wide, " to ", to_shapes.back(), ", expected the same extents");
}

/// Copies the trained net `narrow` into `wide`, of the same layers with more channels, so that both are the same function. Asynchronous on
/// `exec`.
///
/// The channels of `narrow` keep their places, and added ones follow. Weights from added to former channels become 0; other added values
/// stay as they are: construct `wide` with a seed, so that they are random and can be trained. Adversarial training of a narrow net
/// takes a fraction of the time, and a wide net is the better autoencoder: see Recipe::wide_net.
/// \source Chen, Goodfellow, Shlens, "Net2Net", arXiv 1511.05641, for widening that preserves the function; there, channels are replicated
/// \throws Error [ign.shape.173] as require_wider, and when the nets are for other images; nothing has been copied then
template <class Net, Scalar Real, class Exec>
void widen(Exec const& exec, Model<Net, Real, Exec> const& narrow, Model<Net, Real, Exec> const& wide) {
  require(narrow.input_shape() == wide.input_shape(), Fault::shape, 173, "widen: the narrow net takes ", narrow.input_shape(),
          ", the wide one ", wide.input_shape(), ", expected the same extents");
  require_wider(narrow.net(), wide.net(), narrow.input_shape());
  detail::for_each_pair_of_layers(narrow.net(), wide.net(), [&](std::size_t i, auto const& from, auto const& to) {
    auto const from_memory = narrow.memory(i), to_memory = wide.memory(i);
    auto const copy = [&](std::vector<ArrayInfo> const& a, std::vector<ArrayInfo> const& b,
                          std::vector<detail::OutputChannels> const& outputs, Real const* source, Real* target) {
      for (std::size_t k = 0; k < a.size(); source += a[k].size(), target += b[k].size(), ++k)
        detail::widen_array(exec, outputs[k], a[k], b[k], source, target);
    };
    copy(layer::parameters_of(from, narrow.shape(i)), layer::parameters_of(to, wide.shape(i)),
         detail::output_channels(from, narrow.shape(i)), from_memory.parameters.data(), to_memory.parameters.data());
    auto const statistics = layer::statistics_of(from, narrow.shape(i));
    copy(statistics, layer::statistics_of(to, wide.shape(i)), std::vector(statistics.size(), detail::OutputChannels::per_channel),
         from_memory.statistics.data(), to_memory.statistics.data());
  });
}

}  // namespace ign

#endif  // IGN_NETS_WIDEN_HPP
