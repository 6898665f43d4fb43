// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Expect: ign::ImageDistance: a distance of images has `gradient(exec, argument, a, b, factor, scale, out, workspace) const`: see

#include <ign/layers/activations.hpp>
#include <ign/policies/idempotent.hpp>

namespace mine {
using Exec = Kokkos::DefaultExecutionSpace;
struct Blurred {
  struct Features {};
  struct Workspace {};
  void require_images(ign::Shape) const {}
  void extract(Exec const&, ign::TensorRef<float, Exec> const&, Features&, Workspace&) const {}
  void sample_distances(Exec const&, Features const&, Features const&, ign::VectorRef<float, Exec> const&, Workspace&) const {}
  ign::Mse pixel_distance() const { return {}; }
};
}  // namespace mine

void wrong(mine::Exec const& exec) {
  ign::IdempotentOptions<mine::Blurred> const options;
  ign::Idempotent const policy(exec, ign::sequential(ign::Tanh{}), {8, 8, 1}, options);
}
