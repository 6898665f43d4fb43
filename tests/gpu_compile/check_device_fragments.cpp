// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The direct convolutions on matrix fragments, of both kinds, and on vector units, as in training in any precision. What the compiler
// reports of these kernels is in docs/backends.md.

#include <Kokkos_Core.hpp>
#include <ign/math/conv/device/dispatch.hpp>

namespace check_device {

using Exec = Kokkos::DefaultExecutionSpace;
static_assert(ign::math::has_fragments_v<Exec, ign::math::Bf16Factors>, "this GPU has matrix units for bf16");

// Also on a GPU that would use vector units for tf32.
struct AllFragments {
  static constexpr bool bf16 = true, tf32 = true;
};

void convolutions(ign::math::device::Context<float, Exec, AllFragments> const& context, float const* in, float* out) {
  ign::math::device::PlainLoader<float> const image = {in};
  ign::math::device::conv_forward(context, image, in, ign::math::DeviceEpilogue<float>{{in}}, out);
  ign::math::device::conv_backward(context, image, image, in, {out, out, in, out});
}

}  // namespace check_device
