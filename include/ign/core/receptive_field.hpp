// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Receptive field of a layer or net, its stencil: the cells of its input that a cell of its output depends on. Tiles of a field take their
/// halo from it.
#ifndef IGN_CORE_RECEPTIVE_FIELD_HPP
#define IGN_CORE_RECEPTIVE_FIELD_HPP

#include <algorithm>
#include <cstdint>
#include <limits>
#include <numeric>

#include "ign/core/error.hpp"
#include "ign/core/padding_mode.hpp"

namespace ign {

/// Along each axis of an image or volume, cell o of the output depends on cells from o·down/up + low to o·down/up + high of the input, in
/// evaluation mode. The default is that of an elementwise layer.
struct ReceptiveField {
  int down = 1;     ///< cells of the input per `up` cells of the output
  int up = 1;       ///< cells of the output per `down` cells of the input
  double low = 0;   ///< first cell, 0 or below
  double high = 0;  ///< last cell
  int period = 1;   ///< alignment of tiles, unrelated to `periodic`: the layer commutes with shifts of x by multiples of this many cells
                    ///< only; of a net: the least shift with which all its layers commute, such as 4 for two Conv2d of stride 2
  bool periodic = false;   ///< pads its input periodically
  bool has_edges = false;  ///< pads its input with zeros or by reflection: results near the edge of the field differ from those inside
  bool volume = false;     ///< along slices as well as rows and columns: of a layer for fields of three dimensions, such as Conv3d
  int depth = 0;           ///< of a volume: slices of the input where the layer states them (Conv3d::depth); 0: any number

  /// Cells around a tile that its result depends on, a multiple of the period; for equal extents of input and output.
  int halo() const {
    double const cells = std::max(-low, high);
    int const whole = static_cast<int>(cells) + (cells > static_cast<int>(cells) ? 1 : 0);
    return (whole + period - 1) / period * period;
  }

  /// True if all members are equal.
  friend bool operator==(ReceptiveField const&, ReceptiveField const&) = default;
};

namespace detail {

// Widens the receptive field to contain the output cell's own coordinate: low <= 0 and high >= down / up - 1. An output whose
// receptive field lies inside the net's input then reads no padding in any layer.
inline ReceptiveField with_bounds(ReceptiveField field) {
  field.low = std::min(field.low, 0.0);
  field.high = std::max(field.high, static_cast<double>(field.down) / field.up - 1);
  return field;
}

inline bool is_pointwise(ReceptiveField const& field) {
  return !field.volume && field.down == 1 && field.up == 1 && field.low == 0 && field.high == 0;
}

// False for an image layer next to a volume layer, which would read an image of d·h rows across the edges of slices, and for volume layers
// of which only one states its slices.
inline bool have_same_axes(ReceptiveField const& a, ReceptiveField const& b) {
  return is_pointwise(a) || is_pointwise(b) || (a.volume == b.volume && (a.depth == 0) == (b.depth == 0));
}

// Text for error messages.
inline char const* axes(ReceptiveField const& field) {
  if (!field.volume) return "images";
  return field.depth == 0 ? "volumes of square slices" : "volumes with a given depth";
}

inline ReceptiveField of_volume(ReceptiveField field, int depth) {
  field.volume = true;
  field.depth = depth;
  return field;
}

}  // namespace detail

/// Receptive field of a layer whose output depends on a window: the cells from o·down/up + first/up to o·down/up + last/up of the input.
/// \param beyond  > 0 if windows reach beyond the input, which is padded there by `mode`
inline ReceptiveField window_receptive_field(int first, int last, int down, int up, int beyond, PaddingMode mode) {
  ReceptiveField field = {down, up, static_cast<double>(first) / up, static_cast<double>(last) / up, down};
  field.periodic = beyond > 0 && mode == PaddingMode::periodic;
  field.has_edges = beyond > 0 && mode != PaddingMode::periodic;
  return detail::with_bounds(field);
}

/// Receptive field of `second` applied to the output of `first`. Both have the same axes, or one is elementwise.
/// \throws Error [ign.option.489] when the product of the strides is 2^31 or more
inline ReceptiveField composed(ReceptiveField const& first, ReceptiveField const& second) {
  double const step = static_cast<double>(first.down) / first.up;
  auto const product = [](int a, int b) { return std::int64_t{a} * b; };
  std::int64_t const down = product(first.down, second.down), up = product(first.up, second.up), common = std::gcd(down, up);
  // The period of `second` in units of 1 / first.up cells, and the least multiple of it that is whole.
  std::int64_t const shift = product(first.down, second.period), whole = shift / std::gcd(std::int64_t{first.up}, shift);
  constexpr std::int64_t most = std::numeric_limits<int>::max();
  std::int64_t const period = whole <= most ? std::lcm(std::int64_t{first.period}, whole) : whole;
  require(down / common <= most && up / common <= most && period <= most, Fault::option, 489,
          "receptive_field: the strides of the net multiply to 2^31 or more, expected smaller ones");
  ReceptiveField field = {static_cast<int>(down / common), static_cast<int>(up / common), step * second.low + first.low,
                          step * second.high + first.high, static_cast<int>(period)};
  field.periodic = first.periodic || second.periodic;
  field.has_edges = first.has_edges || second.has_edges;
  field.volume = first.volume || second.volume;
  field.depth = first.volume ? first.depth : second.depth;
  return detail::with_bounds(field);
}

}  // namespace ign

#endif  // IGN_CORE_RECEPTIVE_FIELD_HPP
