// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// How parameters get their first values.
#ifndef IGN_RANDOM_INITIALIZERS_HPP
#define IGN_RANDOM_INITIALIZERS_HPP

#include <vector>

#include "ign/core/error.hpp"
#include "ign/core/parameters.hpp"
#include "ign/random/fill.hpp"

namespace ign {

/// Fills the arrays, which lie one after the other in `values`, as each one's `initial` says. Array i draws from substream i.
///
/// \throws Error [ign.shape.80] when `values` is not as long as the arrays together
template <Scalar Real, class Exec>
void initialize(Exec const& exec, std::vector<ArrayInfo> const& arrays, VectorWindow<Real, Exec> const& values, Key key) {
  require(values.size() == total_size(arrays), Fault::shape, 80, "initialize: ", values.size(), " numbers, expected ", total_size(arrays));
  std::size_t offset = 0;
  for (auto const& array : arrays) {
    VectorWindow<Real, Exec> const window(values.data() + offset, array.size());
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
