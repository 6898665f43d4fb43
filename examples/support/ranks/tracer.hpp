// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// A small simulation on slabs, independent of the library's nets: puffs of a tracer that are stirred, diffuse and decay.
#ifndef IGN_EXAMPLES_SUPPORT_RANKS_TRACER_HPP
#define IGN_EXAMPLES_SUPPORT_RANKS_TRACER_HPP

#include <ign/random/counter.hpp>

#include <cstdint>
#include <utility>

#include "../transport.hpp"
#include "slab.hpp"

namespace examples {

/// Parameters of a Tracer. Lengths are cells, times are time steps.
struct TracerPhysics {
  float courant = 0.3f;     ///< cells per time step of the fastest tracer along an axis; the sum over the axes must be below 1
  float diffusion = 0.02f;  ///< cells² per time step
  float decay = 0.02f;      ///< share of the tracer that is lost in a time step
  int eddy = 32;            ///< wavelength of the flow; divides the sides of the grid
  int turn = 12;            ///< states after which the flow changes
  int steps = 2;            ///< time steps per state
  bool cubes = false;       ///< puffs are cubes with sharp faces, instead of smooth balls
};

/// Concentration c >= 0 under ∂c/∂t + ∇·(v c) = D Δc - λ c + puffs, on a periodic grid of two or three dimensions.
///
/// v is a sum of sines: along each axis it depends on the other axes only, so that it is free of divergence in cells as well. Its phases
/// change every `turn` states. All randomness follows from the seed and the number of the state, not from the ranks.
class Tracer {
 public:
  using Exec = Slab::Exec;
  using Field = Slab::Field;

  /// Advances from an empty grid until as much tracer decays as puffs add. Collective, as `advance` is.
  Tracer(Exec const& exec, Slab const& slab, std::uint64_t seed, TracerPhysics const& options)
      : physics(options),
        m_slab(slab),
        m_seed(seed),
        m_field(slab.make_field(exec, "ign::tracer::field")),
        m_next(slab.make_field(exec, "ign::tracer::next")) {
    for (int i = 0; i < 96; ++i) advance(exec);
  }

  TracerPhysics physics;  ///< may be changed at any time

  Slab const& slab() const { return m_slab; }
  Field const& field() const { return m_field; }  ///< the current state; its halos are filled

  /// Advances to the next state.
  void advance(Exec const& exec);

 private:
  Slab m_slab;
  std::uint64_t m_seed;
  std::uint64_t m_state = 0;
  Field m_field, m_next;
};

namespace detail {

/// Components of the flow at the cells of a plane: that along an axis does not change along this axis.
struct Flow {
  Grid grid;
  int eddy;
  Kokkos::Array<float, 9> phases;  // of the velocity along one axis, from sines along another

  KOKKOS_FUNCTION int extent(int axis) const { return axis == 0 ? grid.planes : axis == 1 ? grid.rows : grid.columns; }
  /// Velocity along an axis, in [-1, 1].
  KOKKOS_FUNCTION float operator()(int axis, Kokkos::Array<int, 3> const& cell) const {
    float sum = 0, terms = 0;
    for (int other = 0; other < 3; ++other) {
      if (other == axis || extent(other) == 1) continue;
      float const angle = 6.2831853f * static_cast<float>(cell[static_cast<std::size_t>(other)]) / static_cast<float>(eddy);
      sum += Kokkos::sin(angle + phases[static_cast<std::size_t>(3 * axis + other)]);
      terms += 1;
    }
    return terms > 0 ? sum / terms : 0;
  }
};

/// One finite-volume time step of the own cells: upwind fluxes, diffusion, decay.
struct TracerStep {
  Slab::Field c, next;
  Flow flow;
  int halo, first;
  float courant, diffusion, decay;

  KOKKOS_FUNCTION void operator()(int plane, int y, int x) const {
    int const z = plane + halo, rows = flow.grid.rows, columns = flow.grid.columns;
    Kokkos::Array<int, 3> const cell = {first + plane, y, x};
    float const here = c(z, y, x);
    float change = flux(flow(0, cell), c(z - 1, y, x), here) - flux(flow(0, cell), here, c(z + 1, y, x));
    if (rows > 1) change += flux(flow(1, cell), c(z, (y + rows - 1) % rows, x), here) - flux(flow(1, cell), here, c(z, (y + 1) % rows, x));
    change += flux(flow(2, cell), c(z, y, (x + columns - 1) % columns), here) - flux(flow(2, cell), here, c(z, y, (x + 1) % columns));
    next(z, y, x) = here + change - decay * here;
  }

  /// Tracer that passes a face from a to b in a time step.
  KOKKOS_FUNCTION float flux(float velocity, float a, float b) const { return upwind_flux(courant, diffusion, velocity, a, b); }
};

/// Adds puffs at random positions of the grid.
struct AddPuffs {
  Slab::Field c;
  Grid grid;
  ign::Key key;
  int halo, first, count, eddy;
  bool cubes;

  KOKKOS_FUNCTION void operator()(int plane, int y, int x) const {
    float sum = 0;
    for (int puff = 0; puff < count; ++puff) {
      auto const words = ign::random::bits(key, static_cast<std::uint32_t>(puff));
      auto const more = ign::random::bits(key, static_cast<std::uint32_t>(count + puff));
      float const d[3] = {distance(first + plane, words[0], grid.planes), distance(y, words[1], grid.rows),
                          distance(x, words[2], grid.columns)};
      float const width = static_cast<float>(eddy) * (0.06f + 0.05f * ign::random::uniform(words[3]));
      float const height = 0.6f + 0.4f * ign::random::uniform(more[0]);
      float const largest = Kokkos::fmax(d[0], Kokkos::fmax(d[1], d[2]));
      if (cubes)
        sum += largest < 1.5f * width ? height : 0;
      else
        sum += height * Kokkos::exp(-(d[0] * d[0] + d[1] * d[1] + d[2] * d[2]) / (2 * width * width));
    }
    c(plane + halo, y, x) += sum;
  }

  /// Shortest periodic distance to a random position.
  KOKKOS_FUNCTION static float distance(int cell, std::uint32_t word, int extent) {
    return extent == 1 ? 0 : periodic_distance(static_cast<float>(cell), ign::random::uniform(word), extent);
  }
};

}  // namespace detail

inline void Tracer::advance(Exec const& exec) {
  Grid const& grid = m_slab.grid();
  ign::Key key{m_seed, ign::RandomStream::user, m_state / static_cast<std::uint64_t>(physics.turn)};
  detail::Flow flow{grid, physics.eddy, {}};
  for (std::uint32_t i = 0; i < 9; ++i) flow.phases[i] = 6.2831853f * ign::random::uniform(ign::random::bits(key, i)[0]);
  Kokkos::MDRangePolicy<Exec, Kokkos::Rank<3>> const own(exec, {0, 0, 0}, {m_slab.planes(), grid.rows, grid.columns});
  for (int i = 0; i < physics.steps; ++i) {
    Kokkos::parallel_for(
        "ign::tracer::step", own,
        detail::TracerStep{m_field, m_next, flow, m_slab.halo(), m_slab.first(), physics.courant, physics.diffusion, physics.decay});
    std::swap(m_field, m_next);
    m_slab.exchange(exec, m_field, 1);  // a step needs one plane
  }
  key.step = m_state;
  key.substream = 1;
  auto const eddies = [&](int extent) { return extent == 1 ? 1 : extent / physics.eddy; };
  int const boxes = eddies(grid.planes) * eddies(grid.rows) * eddies(grid.columns), puffs = (boxes + 7) / 8;
  Kokkos::parallel_for("ign::tracer::puffs", own,
                       detail::AddPuffs{m_field, grid, key, m_slab.halo(), m_slab.first(), puffs, physics.eddy, physics.cubes});
  m_slab.exchange(exec, m_field);  // the net needs all
  ++m_state;
}

}  // namespace examples

#endif  // IGN_EXAMPLES_SUPPORT_RANKS_TRACER_HPP
