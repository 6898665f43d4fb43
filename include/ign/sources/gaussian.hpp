// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Gaussian noise, the simplest source (sources/source.hpp has the contract).
#ifndef IGN_SOURCES_GAUSSIAN_HPP
#define IGN_SOURCES_GAUSSIAN_HPP

#include "ign/random/fill.hpp"

namespace ign {

/// Source of z ~ N(0, I) with the extents of the image.
struct Gaussian {
  static constexpr char const* name = "gaussian";  ///< name in files
};

/// True: samples are drawn by their global index.
inline bool draws_by_global_index(Gaussian const&) { return true; }

/// Fills z (n, h, w, c). The first samples do not depend on n.
template <Scalar Real, class Exec>
void sample(Exec const& exec, Gaussian const&, Key const& key, TensorRef<Real, Exec> const& z) {
  fill_gaussian(exec, key, 1.0, z);
}

}  // namespace ign

#endif  // IGN_SOURCES_GAUSSIAN_HPP
