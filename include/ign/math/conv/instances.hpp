// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Explicit instantiations of the convolutions on the host. Part of convolution.hpp where the target ign::kernels is linked.
#ifndef IGN_MATH_CONV_INSTANCES_HPP
#define IGN_MATH_CONV_INSTANCES_HPP

#include "ign/core/instances.hpp"
#include "ign/math/conv/convolution.hpp"

namespace ign::math {

// NOLINTBEGIN(bugprone-macro-parentheses): a declaration cannot have them
#define IGN_CONV_INSTANCES(KEYWORDS, Real, Exec)                                                                                           \
  KEYWORDS void conv_forward(Exec const&, ConvGeometry const&, ConvPlan const&, TensorRef<Real, Exec> const&, Weights<Real> const&,        \
                             Epilogue<Real> const&, TensorRef<Real, Exec> const&, VectorRef<Real, Exec> const&,                            \
                             ArrivalCounters<Exec> const&);                                                                                \
  KEYWORDS void conv_input_gradient(Exec const&, ConvGeometry const&, ConvPlan const&, TensorRef<Real, Exec> const&, Weights<Real> const&, \
                                    Epilogue<Real> const&, TensorRef<Real, Exec> const&, VectorRef<Real, Exec> const&,                     \
                                    ArrivalCounters<Exec> const&);                                                                         \
  KEYWORDS void conv_weight_gradient(Exec const&, ConvGeometry const&, ConvPlan const&, TensorRef<Real, Exec> const&,                      \
                                     TensorRef<Real, Exec> const&, Real const*, Real*, VectorRef<Real, Exec> const&,                       \
                                     ArrivalCounters<Exec> const&);                                                                        \
  KEYWORDS Weights<Real> pack_weights(Exec const&, ConvGeometry const&, Operation, Algorithm, Real const*, VectorRef<Real, Exec> const&);  \
  KEYWORDS std::size_t packed_size<Real, Exec>(ConvGeometry const&, Operation, Algorithm);                                                 \
  KEYWORDS std::size_t conv_scratch_size<Real>(ConvGeometry const&, std::size_t, std::size_t, bool);
// NOLINTEND(bugprone-macro-parentheses)

IGN_FOR_HOST_INSTANCES(IGN_CONV_INSTANCES)
#undef IGN_CONV_INSTANCES

}  // namespace ign::math

#endif  // IGN_MATH_CONV_INSTANCES_HPP
