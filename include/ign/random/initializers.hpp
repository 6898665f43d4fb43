// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Initialisation of parameters.
#ifndef IGN_RANDOM_INITIALIZERS_HPP
#define IGN_RANDOM_INITIALIZERS_HPP

#include <vector>

#include "ign/core/error.hpp"
#include "ign/core/parameters.hpp"
#include "ign/random/fill.hpp"

namespace ign {

/// Fills arrays that lie one after the other in `values`, each according to its `initial`. Each array draws from a substream of its own:
/// the substream of `key` plus the number of the array.
/// \throws Error [ign.shape.80] if `values` does not have the length of all arrays together
template <Scalar Real, class Exec>
void initialize(Exec const& exec, std::vector<ArrayInfo> const& arrays, VectorRef<Real, Exec> const& values, Key key) {
  require(values.size() == total_size(arrays), Fault::shape, 80, "initialize: ", values.size(), " values, expected ", total_size(arrays),
          " as declared by the arrays");
  std::size_t offset = 0;
  for (auto const& array : arrays) {
    VectorRef<Real, Exec> const window(values.data() + offset, array.size());
    switch (array.initial.kind) {
      case Initial::Kind::constant:
        Kokkos::deep_copy(exec, window, static_cast<Real>(array.initial.scale));
        break;
      case Initial::Kind::normal:
        fill_gaussian(exec, key, array.initial.scale, window);
        break;
      case Initial::Kind::uniform:
        fill_uniform(exec, key, array.initial.scale, window);
        break;
    }
    offset += array.size();
    ++key.substream;
  }
}

}  // namespace ign

#endif  // IGN_RANDOM_INITIALIZERS_HPP
