// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Expect: ign::Model: a layer has `backward(exec, layer, pass, memory, x, y, dy, dx)` in its own namespace: see ign/layers/layer.hpp

#include <ign/nets/model.hpp>

namespace mine {
struct Negate {};
ign::Shape output_shape(Negate const&, ign::Shape in) { return in; }
template <class Real, class Exec>
void forward(Exec const&, Negate const&, ign::Pass const&, ign::LayerMemory<Real, Exec> const&, ign::TensorRef<Real, Exec> const&,
             ign::TensorRef<Real, Exec> const&) {}
}  // namespace mine

void wrong(Kokkos::DefaultExecutionSpace const& exec) { ign::Model const model(exec, ign::sequential(mine::Negate{}), {8, 8, 1}, 1); }
