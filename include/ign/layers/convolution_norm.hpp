// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// A convolution, BatchNorm and a rectifier on the way back, on a device: the convolution's products read the gradient through the other
/// two, which costs no launch and no pass over memory.
#ifndef IGN_LAYERS_CONVOLUTION_NORM_HPP
#define IGN_LAYERS_CONVOLUTION_NORM_HPP

#include "ign/layers/batch_norm.hpp"
#include "ign/layers/convolution.hpp"

namespace ign {

/// x and `normalised` are the inputs of the first two; dy is behind the rectifier.
template <Convolution L, Rectifier A, Scalar Real, class Exec>
  requires(!is_host_v<Exec>)
void backward_with(Exec const& exec, L const& layer, BatchNorm const&, A const& activation, Pass const& pass,
                   LayerMemory<Real, Exec> const& memory, LayerMemory<Real, Exec> const& norm_memory, TensorWindow<Real, Exec> const& x,
                   TensorWindow<Real, Exec> const& normalised, TensorWindow<Real, Exec> const& dy, TensorWindow<Real, Exec> const& dx) {
  auto const back = detail::norm_back(exec, activation, pass, norm_memory, normalised, dy);
  detail::device_backward(exec, layer, pass, memory, x, back, dx);
}

}  // namespace ign

#endif  // IGN_LAYERS_CONVOLUTION_NORM_HPP
