// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// A small simulation, independent of the library's nets: an ensemble of tracers that are stirred and diffuse on a periodic square.
#ifndef IGN_EXAMPLES_SUPPORT_SIMULATION_HPP
#define IGN_EXAMPLES_SUPPORT_SIMULATION_HPP

#include <ign/random/counter.hpp>

#include <Kokkos_Core.hpp>
#include <cstdint>

#include "transport.hpp"

namespace examples {

/// Parameters of all members of an ensemble.
struct Physics {
  int blobs = 3;            ///< of tracer in a member's initial field
  float courant = 0.45f;    ///< cells that the fastest tracer moves in a time step; the scheme is stable below 1/2
  float diffusion = 0.02f;  ///< cells² per time step
  int steps = 2;            ///< time steps per state
  int life = 24;            ///< states after which a member is restarted
};

/// Fields c (member, y, x) in [-1, 1], where -1 is free of tracer, under ∂c/∂t + ∇·(v c) = D Δc with a steady v per member.
///
/// Members differ in blobs, flow and age; the ensemble contains all ages at any time. All randomness follows from the seed.
class Simulation {
 public:
  using Exec = Kokkos::DefaultExecutionSpace;
  using Fields = Kokkos::View<float***, Kokkos::LayoutRight, Exec::memory_space>;

  Simulation(Exec const& exec, int members, int cells, std::uint64_t seed, Physics const& physics = {});

  /// The current state, overwritten by `advance`.
  Fields const& fields() const { return m_fields; }

  /// Advances to the next state. Asynchronous on `exec`.
  void advance(Exec const& exec);

 private:
  Physics m_physics;
  std::uint64_t m_seed;
  std::uint64_t m_state = 0;  // number of states so far
  Fields m_fields, m_next, m_stream;
};

namespace detail {

using Fields = Simulation::Fields;
using Cells = Kokkos::MDRangePolicy<Simulation::Exec, Kokkos::Rank<3>>;

inline Cells cells(Simulation::Exec const& exec, Fields const& fields) {
  return {exec, {0, 0, 0}, {fields.extent(0), fields.extent(1), fields.extent(2)}};
}

/// Restarts members at the end of their life with new blobs and a new flow; all members for the first state.
struct Begin {
  Fields c, stream;
  ign::Key key;
  std::uint64_t state;
  Physics physics;
  bool all;

  KOKKOS_FUNCTION void operator()(int member, int y, int x) const {
    auto const life = static_cast<std::uint64_t>(physics.life);
    std::uint64_t const age = state + static_cast<std::uint64_t>(member);
    if (!all && age % life != 0) return;
    ign::Key own = key;
    own.step = static_cast<std::uint64_t>(member);
    own.substream = static_cast<std::uint32_t>(age / life);
    int const n = static_cast<int>(c.extent_int(1));
    float value = -1;
    for (int blob = 0; blob < physics.blobs; ++blob) {
      auto const words = ign::random::bits(own, static_cast<std::uint32_t>(blob));
      float const dy = periodic_distance(static_cast<float>(y), ign::random::uniform(words[0]), n);
      float const dx = periodic_distance(static_cast<float>(x), ign::random::uniform(words[1]), n);
      float const width = static_cast<float>(n) * (0.06f + 0.05f * ign::random::uniform(words[2]));
      float const height = 1.2f + 0.8f * ign::random::uniform(words[3]);
      value = Kokkos::fmax(value, height * Kokkos::exp(-(dy * dy + dx * dx) / (2 * width * width)) - 1);
    }
    c(member, y, x) = value;
    // At the upper left corner of the cell, scaled so that no velocity component is above 1 cell per time unit.
    float const turn = 6.2831853f / static_cast<float>(n);
    float sum = 0, bound = 0;
    for (int mode = 0; mode < 3; ++mode) {
      auto const words = ign::random::bits(own, static_cast<std::uint32_t>(physics.blobs + mode));
      int const ky = mode == 0 ? 0 : 1, kx = mode == 1 ? 0 : 1;
      float const size = 0.3f + 0.7f * ign::random::uniform(words[0]);
      sum += size * Kokkos::sin(turn * static_cast<float>(ky * y + kx * x) + 6.2831853f * ign::random::uniform(words[1]));
      bound += size * turn;
    }
    stream(member, y, x) = sum / bound;
  }
};

/// One finite-volume time step: upwind fluxes of a divergence-free flow, and diffusion.
struct Step {
  Fields c, stream, next;
  float courant, diffusion;

  KOKKOS_FUNCTION void operator()(int m, int y, int x) const {
    int const n = c.extent_int(1);
    int const up = (y + n - 1) % n, down = (y + 1) % n, left = (x + n - 1) % n, right = (x + 1) % n;
    // Velocities through the four faces, to the right and downwards, from differences of the stream function along them.
    float const s00 = stream(m, y, x), s01 = stream(m, y, right), s10 = stream(m, down, x), s11 = stream(m, down, right);
    float const here = c(m, y, x);
    float const out = flux(s11 - s01, here, c(m, y, right)) - flux(s10 - s00, c(m, y, left), here) + flux(s10 - s11, here, c(m, down, x)) -
                      flux(s00 - s01, c(m, up, x), here);
    next(m, y, x) = here - out;
  }

  /// Flux of tracer through a face from a to b in a time step.
  KOKKOS_FUNCTION float flux(float velocity, float a, float b) const { return upwind_flux(courant, diffusion, velocity, a, b); }
};

}  // namespace detail

inline Simulation::Simulation(Exec const& exec, int members, int cells, std::uint64_t seed, Physics const& physics)
    : m_physics(physics),
      m_seed(seed),
      m_fields(Kokkos::view_alloc(exec, "ign::simulation::fields"), members, cells, cells),
      m_next(Kokkos::view_alloc(exec, "ign::simulation::next"), members, cells, cells),
      m_stream(Kokkos::view_alloc(exec, "ign::simulation::stream"), members, cells, cells) {
  Kokkos::parallel_for("ign::simulation::begin", detail::cells(exec, m_fields),
                       detail::Begin{m_fields, m_stream, ign::Key{seed, ign::RandomStream::user}, 0, physics, true});
  for (int i = 0; i < physics.life; ++i) advance(exec);  // until all ages exist
}

inline void Simulation::advance(Exec const& exec) {
  for (int i = 0; i < m_physics.steps; ++i) {
    Kokkos::parallel_for("ign::simulation::step", detail::cells(exec, m_fields),
                         detail::Step{m_fields, m_stream, m_next, m_physics.courant, m_physics.diffusion});
    Kokkos::deep_copy(exec, m_fields, m_next);
  }
  ++m_state;
  Kokkos::parallel_for("ign::simulation::begin", detail::cells(exec, m_fields),
                       detail::Begin{m_fields, m_stream, ign::Key{m_seed, ign::RandomStream::user}, m_state, m_physics, false});
}

}  // namespace examples

#endif
