// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Baselines for restored fields, on the host: a periodic blur, and principal components of tiles (proper orthogonal decomposition, POD).
#ifndef IGN_EXAMPLES_SUPPORT_FIELD_BASELINES_HPP
#define IGN_EXAMPLES_SUPPORT_FIELD_BASELINES_HPP

#include <cstddef>
#include <vector>

#include "baselines.hpp"
#include "ranks/slab.hpp"

namespace examples {

/// Values of a periodic field, planes first.
using Values = std::vector<float>;

/// Gaussian blur along all axes, with weights up to three standard deviations away.
Values blurred(Grid const& grid, Values const& x, double sigma);

/// Fills cells with mask 0 with the blur of the known cells around them, and with `mean` where there is none.
Values filled_by_blur(Grid const& grid, Values const& x, Values const& mask, double sigma, float mean);

/// Tiles of a field, one after the other: squares or cubes whose side divides its extents.
/// \throws ign::Error [ign.option.592] when it does not
Values tiles_of(Grid const& grid, Values const& x, int side);
/// The field of such tiles.
Values from_tiles(Grid const& grid, Values const& tiles, int side);
/// Cells of a tile.
std::size_t tile_size(Grid const& grid, int side);

/// Nearest fields whose tiles lie in the subspace.
Values projected(Grid const& grid, PrincipalSubspace const& subspace, Values const& x, int side);
/// Gappy POD: projects `times` times, and restores the known cells after each.
/// \source Everson and Sirovich, "Karhunen-Loève procedure for gappy data", J. Opt. Soc. Am. A 12 (1995)
Values filled_by_subspace(Grid const& grid, PrincipalSubspace const& subspace, Values const& x, Values const& mask, int side, int times);

/// Mean squares of a - b over each tile.
std::vector<double> tile_distances(Grid const& grid, Values const& a, Values const& b, int side);

}  // namespace examples

#endif  // IGN_EXAMPLES_SUPPORT_FIELD_BASELINES_HPP
