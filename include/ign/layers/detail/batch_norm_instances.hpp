// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Explicit instantiations of batch normalisation on the host, alone and with each rectifier. Part of batch_norm.hpp where the target
/// ign::kernels is linked.
#ifndef IGN_LAYERS_DETAIL_BATCH_NORM_INSTANCES_HPP
#define IGN_LAYERS_DETAIL_BATCH_NORM_INSTANCES_HPP

#include "ign/core/instances.hpp"
#include "ign/layers/batch_norm.hpp"

namespace ign::detail {

// NOLINTBEGIN(bugprone-macro-parentheses): a declaration cannot have them
#define IGN_NORM_INSTANCES_OF(KEYWORDS, Real, Exec, Activation)                                                                          \
  KEYWORDS void norm_forward(Exec const&, BatchNorm const&, Activation const&, Pass const&, LayerMemory<Real, Exec> const&,              \
                             TensorRef<Real, Exec> const&, TensorRef<Real, Exec> const&);                                                \
  KEYWORDS void norm_backward(Exec const&, Activation const&, Pass const&, LayerMemory<Real, Exec> const&, TensorRef<Real, Exec> const&, \
                              TensorRef<Real, Exec> const&, TensorRef<Real, Exec> const&);
#define IGN_NORM_INSTANCES(KEYWORDS, Real, Exec)              \
  IGN_NORM_INSTANCES_OF(KEYWORDS, Real, Exec, math::Identity) \
  IGN_NORM_INSTANCES_OF(KEYWORDS, Real, Exec, Relu)           \
  IGN_NORM_INSTANCES_OF(KEYWORDS, Real, Exec, LeakyRelu)
// NOLINTEND(bugprone-macro-parentheses)

IGN_FOR_HOST_INSTANCES(IGN_NORM_INSTANCES)
#undef IGN_NORM_INSTANCES
#undef IGN_NORM_INSTANCES_OF

}  // namespace ign::detail

#endif  // IGN_LAYERS_DETAIL_BATCH_NORM_INSTANCES_HPP
