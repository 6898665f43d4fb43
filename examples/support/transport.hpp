// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Parts of a finite-volume scheme for a tracer on a periodic grid, which the simulations of the examples share.
#ifndef IGN_EXAMPLES_SUPPORT_TRANSPORT_HPP
#define IGN_EXAMPLES_SUPPORT_TRANSPORT_HPP

#include <Kokkos_Core.hpp>

namespace examples {

/// Tracer that passes a face from a cell with a to one with b in a time step, by upwind flow and diffusion.
KOKKOS_INLINE_FUNCTION float upwind_flux(float courant, float diffusion, float velocity, float a, float b) {
  return courant * velocity * (velocity > 0 ? a : b) - diffusion * (b - a);
}

/// Shortest periodic distance, in cells, to a position given as a share of the extent.
KOKKOS_INLINE_FUNCTION float periodic_distance(float cell, float share, int extent) {
  float const d = Kokkos::fabs(cell - share * static_cast<float>(extent));
  return Kokkos::fmin(d, static_cast<float>(extent) - d);
}

}  // namespace examples

#endif  // IGN_EXAMPLES_SUPPORT_TRANSPORT_HPP
