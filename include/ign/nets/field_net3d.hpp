// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// field_net in three dimensions.
#ifndef IGN_NETS_FIELD_NET3D_HPP
#define IGN_NETS_FIELD_NET3D_HPP

#include "ign/layers/conv3d.hpp"
#include "ign/layers/conv_transpose3d.hpp"
#include "ign/nets/field_net.hpp"

namespace ign {

/// field_net with Conv3d and ConvTranspose3d: maps fields (d, h, w, c) of shape volume_shape(d, h, w, c) to fields of the same extents.
///
/// Without a depth in the options, slices are square and their number is free. With one, slices are of any height and width, and every
/// field has `depth` of them. Extents are multiples of 4, and at least 8. A cell of f(x) depends on cells of x at a distance of up to 9 + 8
/// Blocks along each axis, as in field_net (`receptive_field`).
/// \throws Error [ign.option.665] when the depth is not 0 or a multiple of 4 above 4
template <std::size_t Blocks = 2, class Norm = BatchNorm>
constexpr auto field_net3d(FieldNetOptions<Norm> const& o = {}) {
  if (o.depth != 0 && (o.depth < 8 || o.depth % 4 != 0))
    fail(Fault::option, 665, "field_net3d: depth ", o.depth, ", expected 0, or a multiple of 4 from 8 on");
  return detail::field_net_of<Conv3d, ConvTranspose3d, Blocks>(o);
}

}  // namespace ign

#endif  // IGN_NETS_FIELD_NET3D_HPP
