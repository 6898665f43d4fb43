// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The nets of ign/nets/dcgan.hpp and residual_dcgan.hpp by name, in one table.
#ifndef IGN_EXAMPLES_SUPPORT_NETS_HPP
#define IGN_EXAMPLES_SUPPORT_NETS_HPP

#include <ign/core/error.hpp>
#include <ign/nets/dcgan.hpp>
#include <ign/nets/residual_dcgan.hpp>
#include <ign/train/recipes.hpp>

#include <optional>
#include <string>
#include <type_traits>
#include <variant>

namespace examples {

/// All nets are of one of these types: three stages, or four, without residual blocks or with them.
using AnyNet = std::variant<decltype(ign::mnist_small_net()), decltype(ign::dcgan64_net()), decltype(ign::mnist_residual_net()),
                            decltype(ign::dcgan64_residual_net())>;

struct NetEntry {
  char const* name;              ///< in options, checkpoints and logs
  int side;                      ///< of the square images, pixels
  int most_channels;             ///< 1: grey images only; 3: grey or colour
  AnyNet (*make)(int channels);  ///< the net for images of so many channels
};

// A new net is added here and nowhere else; tests/examples compares the table with both headers.
inline constexpr NetEntry nets[] = {
    {"mnist-small", 32, 1, [](int) -> AnyNet { return ign::mnist_small_net(); }},
    {"mnist-wide", 32, 1, [](int) -> AnyNet { return ign::mnist_wide_net(); }},
    {"mnist-large", 32, 1, [](int) -> AnyNet { return ign::mnist_large_net(); }},
    {"kth-mnist", 28, 1, [](int) -> AnyNet { return ign::kth_mnist_net(); }},
    {"dcgan-64", 64, 3, [](int channels) -> AnyNet { return ign::dcgan64_net(channels); }},
    {"dcgan-64-small", 64, 3, [](int channels) -> AnyNet { return ign::dcgan64_small_net(channels); }},
    {"mnist-residual", 32, 1, [](int) -> AnyNet { return ign::mnist_residual_net(); }},
    {"mnist-residual-large", 32, 1, [](int) -> AnyNet { return ign::mnist_residual_large_net(); }},
    {"dcgan-64-residual", 64, 3, [](int channels) -> AnyNet { return ign::dcgan64_residual_net(channels); }},
};

/// "a, b, c", or "a, b or c" with that word before the last: the names of a table.
template <class Table>
std::string names_of(Table const& table, char const* before_last = ", ") {
  std::string text;
  for (std::size_t i = 0; i < std::size(table); ++i)
    text += (i == 0 ? "" : i + 1 < std::size(table) ? ", " : before_last) + std::string(table[i].name);
  return text;
}

/// Calls visitor(net, image shape) with the net of that name.
/// \throws ign::Error [ign.option.100] on another name, or a number of channels that the net does not take
template <class Visitor>
void with_net(std::string const& name, int channels, Visitor const& visitor) {
  for (auto const& entry : nets)
    if (name == entry.name && (channels == 1 || channels == entry.most_channels))
      return std::visit([&](auto const& net) { visitor(net, ign::Shape{entry.side, entry.side, channels}); }, entry.make(channels));
  std::string expected;
  for (auto const& entry : nets)
    expected += (expected.empty() ? "" : ", ") + std::string(entry.name) + (entry.most_channels == 1 ? " (1)" : " (1 or 3)");
  ign::fail(ign::Fault::option, 100, "net '", name, "' for ", channels, " channels, expected one of these with its channels: ", expected);
}

/// The net of that name for the second phase of a recipe whose first phase has a net of type Net.
/// \throws ign::Error [ign.option.100] on another name, [ign.option.597] on a net of other layers
template <class Net>
ign::WideNet<Net> wide_net(std::string const& name, int channels) {
  std::optional<ign::WideNet<Net>> found;
  with_net(name, channels, [&](auto const& net, ign::Shape) {
    if constexpr (std::is_same_v<std::remove_cvref_t<decltype(net)>, Net>) found = ign::WideNet<Net>{name, net};
  });
  ign::require(found.has_value(), ign::Fault::option, 597, "--wide-net ", name,
               ": another number of layers than --net has, expected a net with as many layers and more channels");
  return *found;
}

}  // namespace examples

#endif  // IGN_EXAMPLES_SUPPORT_NETS_HPP
