// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Training data from a simulation on slabs: patches of the present field as batches, and damaged copies of them as source.
#ifndef IGN_EXAMPLES_SUPPORT_RANKS_PATCHES_HPP
#define IGN_EXAMPLES_SUPPORT_RANKS_PATCHES_HPP

#include <ign/nets/channel_normalisation.hpp>
#include <ign/sources/source.hpp>

#include <functional>
#include <utility>

#include "../damaged_data.hpp"
#include "tracer.hpp"

namespace examples {

/// Copies normalised patches out of a slab, in whose halo they may begin and end.
struct CutPatches {
  Slab::Field field;
  ign::TensorRef<float, Slab::Exec> patches;
  Grid grid, patch;
  ign::Key key;
  std::uint64_t first_patch, all_patches;
  int halo, first;
  float mean, scale;

  KOKKOS_FUNCTION void operator()(std::size_t index) const {
    auto const columns = static_cast<std::size_t>(patch.columns), rows = static_cast<std::size_t>(patch.rows);
    std::size_t const sample = index / (static_cast<std::size_t>(patch.planes) * patch.plane_size());
    int const x = static_cast<int>(index % columns), y = static_cast<int>(index / columns % rows);
    int const z = static_cast<int>(index / patch.plane_size() % static_cast<std::size_t>(patch.planes));
    // Patch g of the batch of all ranks lies around a plane of the g-th part of the grid, which its rank owns.
    std::uint64_t const g = first_patch + sample;
    auto const words = ign::random::bits(key, static_cast<std::uint32_t>(g));
    auto const centre = static_cast<int>((((g << 32) + words[0]) * static_cast<std::uint64_t>(grid.planes) / all_patches) >> 32);
    auto const coordinate = [](int cell, std::uint32_t word, int extent) {
      return extent == 1 ? 0 : (cell + static_cast<int>(word % static_cast<std::uint32_t>(extent))) % extent;
    };
    float const value =
        field(centre - first + halo + z - patch.planes / 2, coordinate(y, words[1], grid.rows), coordinate(x, words[2], grid.columns));
    patches.data()[index] = (value - mean) * scale;
  }
};

/// The trainer's batches: each advances the simulation, and copies patches of its field.
///
/// The patches of a step follow from the seed and the number of patches of all ranks, not from the ranks.
class Patches {
 public:
  using Exec = Slab::Exec;
  using Ref = ign::TensorRef<float, Exec>;
  struct Options {
    int batch;  ///< of this rank
  };

  /// \param side   of a patch, at most twice the halo
  /// \param after  called with the number of the step when the simulation has advanced
  Patches(Exec const& exec, Tracer& simulation, int batch, int side, std::uint64_t seed, ign::ChannelNormalisation const& normalisation,
          std::function<void(std::uint64_t)> after)
      : m_simulation(simulation),
        m_patch{side, simulation.slab().grid().rows == 1 ? 1 : side, side},
        m_seed(seed),
        m_mean(static_cast<float>(normalisation.mean[0])),
        m_scale(static_cast<float>(1 / normalisation.stddev[0])),
        m_after(std::move(after)),
        m_memory(ign::make_tensor<float>(exec, "ign::patches", batch, shape())) {
    Slab const& slab = simulation.slab();
    ign::require(side <= 2 * slab.halo() && side <= slab.grid().columns, ign::Fault::option, 593, "patches of ", side,
                 " cells from slabs with a halo of ", slab.halo(), " and ", slab.grid().columns, " columns, expected at most ",
                 2 * slab.halo(), ", and no more than the columns");
  }

  ign::Shape shape() const { return {m_patch.planes * m_patch.rows, m_patch.columns, 1}; }
  Options options() const { return {ign::batch_of(Ref(m_memory))}; }
  std::uint64_t batches_per_epoch() const { return 100; }
  Ref batch(Exec const& exec, std::uint64_t step) const {
    m_simulation.advance(exec);
    m_after(step);
    Slab const& slab = m_simulation.slab();
    Ref const patches(m_memory);
    auto const count = static_cast<std::uint64_t>(patches.extent(0)), ranks = static_cast<std::uint64_t>(slab.world().size());
    Kokkos::parallel_for(
        "ign::patches", Kokkos::RangePolicy<Exec, Kokkos::IndexType<std::size_t>>(exec, 0, patches.size()),
        CutPatches{m_simulation.field(), patches, slab.grid(), m_patch, ign::Key{m_seed, ign::RandomStream::user, step, 2},
                   static_cast<std::uint64_t>(slab.world().rank()) * count, ranks * count, slab.halo(), slab.first(), m_mean, m_scale});
    return patches;
  }

 private:
  Tracer& m_simulation;
  Grid m_patch;
  std::uint64_t m_seed;
  float m_mean, m_scale;
  std::function<void(std::uint64_t)> m_after;
  ign::Tensor<float, Exec> m_memory;
};

/// Damage of fields: noise, or missing blocks.
struct Damage {
  double noise = 0.5;     ///< as a multiple of the standard deviation of the field
  double missing = 0.25;  ///< each block's probability
  int block = 8;          ///< side, cells
};

/// Draws whether the block of a cell is missing. \param part  number of the patch or state, below 2^12
KOKKOS_INLINE_FUNCTION bool is_missing(ign::Key const& key, Grid const& grid, int block, float share, std::uint32_t part, int z, int y,
                                       int x) {
  auto const blocks = [&](int extent) { return static_cast<std::uint32_t>((extent + block - 1) / block); };
  std::uint32_t const index =
      (static_cast<std::uint32_t>(z / block) * blocks(grid.rows) + static_cast<std::uint32_t>(y / block)) * blocks(grid.columns) +
      static_cast<std::uint32_t>(x / block);
  return ign::random::uniform(ign::random::bits(key, (part << 20) + index)[1]) < share;
}

/// Damaged copies of a field on a slab, one with noise and one with holes. The damage of a cell follows from its coordinates in the whole
/// grid.
struct DamageCells {
  Slab::Field x, noisy, holes, mask;
  Grid grid;
  ign::Key key;
  int halo, first, block;
  float noise, missing, mean;

  KOKKOS_FUNCTION void operator()(int plane, int y, int column) const {
    int const z = plane + halo, at = first + plane;
    auto const index =
        static_cast<std::uint32_t>((static_cast<std::size_t>(at) * static_cast<std::size_t>(grid.rows) + static_cast<std::size_t>(y)) *
                                   static_cast<std::size_t>(grid.columns)) +
        static_cast<std::uint32_t>(column);
    noisy(z, y, column) = x(z, y, column) + noise * noise_of(key, index);
    ign::Key other = key;
    ++other.substream;
    bool const gone = is_missing(other, grid, block, missing, 0, at, y, column);
    holes(z, y, column) = gone ? mean : x(z, y, column);
    mask(z, y, column) = gone ? 0 : 1;
  }
};

/// A source by the library's contract: damaged copies of the patches that it has observed last. Missing cells have the mean, 0.
class DamagedPatches : public ObservingSource {
 public:
  static constexpr char const* name = "damaged";
  DamagedPatches(Damage const& amount, Grid const& cells) : damage(amount), patch(cells) {}

  Damage damage;
  Grid patch;
};

inline bool draws_by_global_index(DamagedPatches const&) { return true; }

inline void sample(Slab::Exec const& exec, DamagedPatches const& source, ign::Key const& key, DamagedPatches::Ref const& z,
                   ign::Buffer<float, Slab::Exec>&) {
  DamagedPatches::Ref const x = source.seen();
  ign::require(x.size() > 0 && z.extent(0) % x.extent(0) == 0, ign::Fault::state, 590, "damaged patches: ", z.extent(0), " samples of ",
               x.extent(0), " observed patches, expected a multiple of one or more");
  Grid const patch = source.patch;
  auto const noise = static_cast<float>(source.damage.noise), missing = static_cast<float>(source.damage.missing);
  int const block = source.damage.block;
  std::size_t const size = x.size(), cells = patch.size();
  auto const first = static_cast<std::size_t>(key.samples.first) * z.extent(0);  // patches are numbered rank by rank, as Patches does
  ign::Key holes = key;
  ++holes.substream;
  Kokkos::parallel_for(
      "ign::patches damage", Kokkos::RangePolicy<Slab::Exec, Kokkos::IndexType<std::size_t>>(exec, 0, z.size()),
      KOKKOS_LAMBDA(std::size_t i) {
        std::size_t const number = first + i / cells, cell = i % cells;
        int const p = static_cast<int>(cell / patch.plane_size()), r = static_cast<int>(cell % patch.plane_size());
        float value = x.data()[i % size];
        if (number % 2 == 0)
          value += noise * noise_of(key, static_cast<std::uint32_t>(number * cells + cell));
        else if (is_missing(holes, patch, block, missing, static_cast<std::uint32_t>(number), p, r / patch.columns, r % patch.columns))
          value = 0;
        z.data()[i] = value;
      });
}

}  // namespace examples

#endif  // IGN_EXAMPLES_SUPPORT_RANKS_PATCHES_HPP
