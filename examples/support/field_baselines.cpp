// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "field_baselines.hpp"

#include <ign/core/error.hpp>

#include <algorithm>
#include <array>
#include <cmath>

namespace examples {

namespace {

std::size_t whole(int number) { return static_cast<std::size_t>(number); }

// Calls visitor(index within the tiles, index within the field).
template <class Visitor>
void for_each_cell(Grid const& e, int side, Visitor const& visitor) {
  int const depth = std::min(side, e.planes), height = e.rows == 1 ? 1 : side, width = side;
  ign::require(side >= 1 && e.planes % depth == 0 && e.rows % height == 0 && e.columns % width == 0, ign::Fault::option, 592, "tiles of ",
               side, " cells in a field of ", e.planes, " × ", e.rows, " × ", e.columns, ", expected a side that divides them");
  std::size_t at = 0;
  for (int tz = 0; tz < e.planes; tz += depth)
    for (int ty = 0; ty < e.rows; ty += height)
      for (int tx = 0; tx < e.columns; tx += width)
        for (int z = tz; z < tz + depth; ++z)
          for (int y = ty; y < ty + height; ++y)
            for (int x = tx; x < tx + width; ++x) visitor(at++, (whole(z) * whole(e.rows) + whole(y)) * whole(e.columns) + whole(x));
}

// Along one axis, whose cells are `stride` apart.
void blur_axis(Values& x, std::size_t extent, std::size_t stride, std::vector<float> const& weights) {
  std::size_t const reach = weights.size() - 1;
  std::vector<float> line(extent);
  for (std::size_t begin = 0; begin < x.size(); ++begin) {
    if (begin / stride % extent != 0) continue;
    for (std::size_t i = 0; i < extent; ++i) line[i] = x[begin + i * stride];
    for (std::size_t i = 0; i < extent; ++i) {
      float sum = weights[0] * line[i];
      for (std::size_t k = 1; k <= reach; ++k) sum += weights[k] * (line[(i + k) % extent] + line[(i + reach * extent - k) % extent]);
      x[begin + i * stride] = sum;
    }
  }
}

}  // namespace

Values blurred(Grid const& e, Values const& x, double sigma) {
  std::vector<float> weights;
  double sum = 0;
  for (int k = 0; k <= static_cast<int>(std::ceil(3 * sigma)); ++k) {
    double const weight = std::exp(-0.5 * k * k / (sigma * sigma));
    weights.push_back(static_cast<float>(weight));
    sum += k == 0 ? weight : 2 * weight;
  }
  for (float& weight : weights) weight = static_cast<float>(static_cast<double>(weight) / sum);
  Values out = x;
  blur_axis(out, whole(e.columns), 1, weights);
  if (e.rows > 1) blur_axis(out, whole(e.rows), whole(e.columns), weights);
  blur_axis(out, whole(e.planes), whole(e.rows) * whole(e.columns), weights);
  return out;
}

Values filled_by_blur(Grid const& e, Values const& x, Values const& mask, double sigma, float mean) {
  Values known(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) known[i] = x[i] * mask[i];
  Values const sums = blurred(e, known, sigma), weights = blurred(e, mask, sigma);
  Values out = x;
  for (std::size_t i = 0; i < x.size(); ++i)
    if (mask[i] == 0) out[i] = weights[i] > 1e-6f ? sums[i] / weights[i] : mean;
  return out;
}

Values tiles_of(Grid const& e, Values const& x, int side) {
  Values out(x.size());
  for_each_cell(e, side, [&](std::size_t tile, std::size_t cell) { out[tile] = x[cell]; });
  return out;
}

Values from_tiles(Grid const& e, Values const& tiles, int side) {
  Values out(tiles.size());
  for_each_cell(e, side, [&](std::size_t tile, std::size_t cell) { out[cell] = tiles[tile]; });
  return out;
}

std::size_t tile_size(Grid const& e, int side) { return whole(std::min(side, e.planes)) * whole(e.rows == 1 ? 1 : side) * whole(side); }

Values projected(Grid const& e, PrincipalSubspace const& subspace, Values const& x, int side) {
  Values const tiles = tiles_of(e, x, side);
  Values out(tiles.size());
  subspace.project({tiles, tile_size(e, side)}, out);
  return from_tiles(e, out, side);
}

Values filled_by_subspace(Grid const& e, PrincipalSubspace const& subspace, Values const& x, Values const& mask, int side, int times) {
  Values out = x;
  for (int i = 0; i < times; ++i) {
    Values const next = projected(e, subspace, out, side);
    for (std::size_t k = 0; k < x.size(); ++k)
      if (mask[k] == 0) out[k] = next[k];
  }
  return out;
}

std::vector<double> tile_distances(Grid const& e, Values const& a, Values const& b, int side) {
  std::size_t const size = tile_size(e, side);
  std::vector<double> sums(a.size() / size);
  for_each_cell(e, side, [&](std::size_t tile, std::size_t cell) {
    double const d = static_cast<double>(a[cell]) - static_cast<double>(b[cell]);
    sums[tile / size] += d * d / static_cast<double>(size);
  });
  return sums;
}

}  // namespace examples
