// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// A field on a periodic grid of two or three dimensions, divided among ranks into slabs, and the exchange of halos.
#ifndef IGN_EXAMPLES_SUPPORT_RANKS_SLAB_HPP
#define IGN_EXAMPLES_SUPPORT_RANKS_SLAB_HPP

#include <ign/core/error.hpp>
#include <ign/core/ranks.hpp>
#include <ign/core/tensor.hpp>

#include <string>
#include <vector>

#include "ranks.hpp"

namespace examples {

/// Cells of the whole grid. Planes are divided among the ranks. In two dimensions a plane is one row.
struct Grid {
  int planes, rows, columns;

  KOKKOS_FUNCTION std::size_t plane_size() const { return static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns); }
  std::size_t size() const { return static_cast<std::size_t>(planes) * plane_size(); }
};

/// One rank's part of a grid: `planes` planes from plane `first` on, and `halo` planes of the neighbours on either side.
///
/// A Field is (halo + planes + halo, rows, columns). Along rows and columns, which are not divided, no halo is needed. Planes are
/// contiguous, so that a halo is one message.
class Slab {
 public:
  using Exec = Kokkos::DefaultExecutionSpace;
  using Field = Kokkos::View<float***, Kokkos::LayoutRight, Exec::memory_space>;

  /// \throws ign::Error [ign.option.590] when the ranks do not divide the planes evenly, or a halo is deeper than a slab
  Slab(World const& world, Grid const& grid, int halo) : m_world(world), m_grid(grid), m_halo(halo), m_planes(grid.planes / world.size()) {
    ign::require(m_planes * world.size() == grid.planes && halo >= 1 && halo <= m_planes, ign::Fault::option, 590, "slab: ", grid.planes,
                 " planes on ", world.size(), " ranks with a halo of ", halo,
                 ", expected a multiple of the ranks, and slabs no thinner than the halo: use fewer ranks or a larger grid");
    if constexpr (!on_host) {
      m_sent = Staging("ign::slab::sent", static_cast<std::size_t>(halo) * grid.plane_size());
      m_received = Staging("ign::slab::received", m_sent.size());
    }
  }

  World const& world() const { return m_world; }
  Grid const& grid() const { return m_grid; }
  int halo() const { return m_halo; }                      ///< planes on either side
  int planes() const { return m_planes; }                  ///< of this rank
  int first() const { return m_world.rank() * m_planes; }  ///< this rank's first plane within the grid
  std::size_t size() const { return static_cast<std::size_t>(m_planes) * m_grid.plane_size(); }  ///< own cells

  Field make_field(Exec const& exec, std::string const& label) const {
    return Field(Kokkos::view_alloc(exec, label), m_planes + 2 * m_halo, m_grid.rows, m_grid.columns);
  }
  /// Shape of a field with its halo as one sample of a net: (h, w, 1), or in three dimensions (d·h, w, 1).
  ign::Shape shape() const { return {(m_planes + 2 * m_halo) * m_grid.rows, m_grid.columns, 1}; }
  /// The field as that sample, in the same memory.
  ign::TensorRef<float, Exec> sample(Field const& field) const { return ign::tensor_ref<Exec>(field, 1, shape()); }
  /// The first own cell.
  float* own(Field const& field) const { return at(field, m_halo); }

  /// Fills the `depth` innermost planes of both halos with the outermost own planes of the neighbours. Collective; waits for `exec`.
  ///
  /// On a device the planes are staged through pinned memory of the host, since not every MPI takes device pointers.
  void exchange(Exec const& exec, Field const& field, int depth) const {
    send(exec, at(field, m_halo), at(field, m_halo + m_planes), depth, -1);                 // first own planes, downwards
    send(exec, at(field, m_halo + m_planes - depth), at(field, m_halo - depth), depth, 1);  // last own planes, upwards
  }
  void exchange(Exec const& exec, Field const& field) const { exchange(exec, field, m_halo); }

  /// The whole field on the host of all ranks. Collective.
  std::vector<float> gather(Exec const& exec, Field const& field) const {
    std::vector<float> whole(m_grid.size());
    using Host = Kokkos::View<float*, Kokkos::HostSpace, Kokkos::MemoryTraits<Kokkos::Unmanaged>>;
    Kokkos::deep_copy(exec, Host(whole.data() + static_cast<std::size_t>(first()) * m_grid.plane_size(), size()),
                      Cells(own(field), size()));
    exec.fence("slab: the own cells are on the host");
    m_world.sum(whole.data(), whole.size());  // others have zeros there
    return whole;
  }

  static constexpr bool on_host = Kokkos::SpaceAccessibility<Kokkos::HostSpace, Exec::memory_space>::accessible;

 private:
  using Cells = Kokkos::View<float*, Exec::memory_space, Kokkos::MemoryTraits<Kokkos::Unmanaged>>;
  using Staging = Kokkos::View<float*, ign::detail::StagingSpace>;

  float* at(Field const& field, int plane) const { return field.data() + static_cast<std::size_t>(plane) * m_grid.plane_size(); }

  void send(Exec const& exec, float* from, float* to, int depth, int by) const {
    std::size_t const count = static_cast<std::size_t>(depth) * m_grid.plane_size();
    if constexpr (on_host) {
      exec.fence("slab: the planes are computed");
      m_world.pass(from, to, count, by);
    } else {
      auto const part = std::pair<std::size_t, std::size_t>(0, count);
      Kokkos::deep_copy(exec, Kokkos::subview(m_sent, part), Cells(from, count));
      exec.fence("slab: the planes are on the host");
      m_world.pass(m_sent.data(), m_received.data(), count, by);
      Kokkos::deep_copy(exec, Cells(to, count), Kokkos::subview(m_received, part));
    }
  }

  World m_world;
  Grid m_grid;
  int m_halo, m_planes;
  Staging m_sent, m_received;  // of a device
};

}  // namespace examples

#endif  // IGN_EXAMPLES_SUPPORT_RANKS_SLAB_HPP
