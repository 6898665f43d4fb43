// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// A user-defined source: uniform noise.
#ifndef IGN_EXAMPLES_EXTEND_SOURCE_HPP
#define IGN_EXAMPLES_EXTEND_SOURCE_HPP

// [source]
#include <ign/random/fill.hpp>
#include <ign/sources/source.hpp>

namespace mine {

/// Independent values, uniform in (-√3, √3): mean 0 and variance 1, as Gaussian noise has them, but bounded.
struct Uniform {
  static constexpr char const* name = "uniform";  // as checkpoints and logs spell it
};

/// The same key makes the same values, whatever the batch and the number of threads.
template <class Real, class Exec>
void sample(Exec const& exec, Uniform const&, ign::Key const& key, ign::TensorRef<Real, Exec> const& z) {
  ign::fill_uniform(exec, key, 1.7320508, z);
}

/// Samples are drawn by their index in the global batch, as fill_uniform does it for a tensor.
inline bool draws_by_global_index(Uniform const&) { return true; }

}  // namespace mine
// [/source]

#endif
