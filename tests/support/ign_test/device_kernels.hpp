// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Explicit instances of the device's convolutions on the host, declared for all files of the program ign.device: each layer test would
// compile them again. tests/device/kernels_*.cpp define them. Combinations that are not listed are compiled where they are used.

#ifndef IGN_TEST_DEVICE_KERNELS_HPP
#define IGN_TEST_DEVICE_KERNELS_HPP

#include <ign_test/as_device.hpp>  // first

#include <ign/layers/detail/convolution.hpp>

/// Both gradients of a convolution and of a transposed convolution, for a loader of the gradient of their output.
#define IGN_TEST_GRADIENTS_WITH(KEYWORDS, Real, ...)                                                                               \
  KEYWORDS void conv_backward(Context<Real, ign_test::HostExec> const&, PlainLoader<Real> const&, __VA_ARGS__ const&, Real const*, \
                              Gradients<Real> const&);                                                                             \
  KEYWORDS void conv_transpose_backward(Context<Real, ign_test::HostExec> const&, PlainLoader<Real> const&, __VA_ARGS__ const&,    \
                                        Real const*, Gradients<Real> const&);

/// A convolution and a transposed convolution with an activation.
#define IGN_TEST_FORWARD_WITH(KEYWORDS, Real, Activation)                                                            \
  KEYWORDS void conv_forward(Context<Real, ign_test::HostExec> const&, PlainLoader<Real> const&, Real const*,        \
                             DeviceEpilogue<Real, Activation> const&, Real*);                                        \
  KEYWORDS void conv_input_gradient(Context<Real, ign_test::HostExec> const&, PlainLoader<Real> const&, Real const*, \
                                    DeviceEpilogue<Real, Activation> const&, Real*);

/// A product that computes the moments of BatchNorm.
#define IGN_TEST_MOMENTS_OF(KEYWORDS, Real, Product)                                         \
  KEYWORDS void detail::launch<false>(char const*, Context<Real, ign_test::HostExec> const&, \
                                      WithMoments<Product<Real, PlainLoader<Real>>, ign::detail::BatchNormMomentsSink<Real>>);

/// All instances for a scalar type. `KEYWORDS` is `extern template`, or `template` where they are defined.
#define IGN_TEST_DEVICE_KERNELS(KEYWORDS, Real)                                                  \
  IGN_TEST_GRADIENTS_WITH(KEYWORDS, Real, PlainLoader<Real>)                                     \
  IGN_TEST_GRADIENTS_WITH(KEYWORDS, Real, ActivationGradientLoader<Relu, Real>)                  \
  IGN_TEST_GRADIENTS_WITH(KEYWORDS, Real, ActivationGradientLoader<LeakyRelu, Real>)             \
  IGN_TEST_GRADIENTS_WITH(KEYWORDS, Real, ActivationGradientLoader<Tanh, Real>)                  \
  IGN_TEST_GRADIENTS_WITH(KEYWORDS, Real, ign::detail::NormInputGradientLoader<Real, Relu>)      \
  IGN_TEST_GRADIENTS_WITH(KEYWORDS, Real, ign::detail::NormInputGradientLoader<Real, LeakyRelu>) \
  IGN_TEST_FORWARD_WITH(KEYWORDS, Real, Identity)                                                \
  IGN_TEST_FORWARD_WITH(KEYWORDS, Real, Relu)                                                    \
  IGN_TEST_FORWARD_WITH(KEYWORDS, Real, LeakyRelu)                                               \
  IGN_TEST_FORWARD_WITH(KEYWORDS, Real, Tanh)                                                    \
  IGN_TEST_MOMENTS_OF(KEYWORDS, Real, ConvForward)                                               \
  IGN_TEST_MOMENTS_OF(KEYWORDS, Real, ConvInputGradient)                                         \
  IGN_TEST_MOMENTS_OF(KEYWORDS, Real, DenseInputGradient)

namespace ign_test {
using HostExec = Kokkos::DefaultHostExecutionSpace;
}

namespace ign::math::device {
IGN_TEST_DEVICE_KERNELS(extern template, float)
IGN_TEST_DEVICE_KERNELS(extern template, double)
}  // namespace ign::math::device

#endif
