// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The host's kernels for float, compiled once for a whole program (target ign::kernels).

#define IGN_DEFINE_KERNELS_OF float
#include <ign/layers/detail/batch_norm_instances.hpp>
#include <ign/math/conv/instances.hpp>
#include <ign/random/detail/fill_instances.hpp>
