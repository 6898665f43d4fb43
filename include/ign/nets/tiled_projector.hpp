// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// A trained f on fields whose activations do not fit in memory: tile by tile, each with a halo, with the result of the whole.
#ifndef IGN_NETS_TILED_PROJECTOR_HPP
#define IGN_NETS_TILED_PROJECTOR_HPP

#include <algorithm>

#include "ign/nets/frozen.hpp"
#include "ign/nets/projection.hpp"

namespace ign {

/// Options of a TiledProjector.
struct TileOptions {
  int tile = 128;  ///< side of a tile, cells: a multiple of the period of the net's receptive field (ReceptiveField::period), such as
                   ///< 4 for two Conv2d of stride 2
  int batch = 1;   ///< tiles per application of the net: more of them fill a GPU, and need as many times the memory
};

namespace detail {

/// Tiles of a field. The net is applied to windows, all of the same extents: a tile and the halo around it. Beyond the edge of a periodic
/// field a window continues it. Otherwise windows end at the edge, where the layers pad as they do for the whole field.
struct TileGrid {
  Shape field, window;
  int tile, halo;
  bool periodic;

  KOKKOS_FUNCTION int rows() const { return (field.height + tile - 1) / tile; }
  KOKKOS_FUNCTION int columns() const { return (field.width + tile - 1) / tile; }
  KOKKOS_FUNCTION std::size_t per_sample() const { return static_cast<std::size_t>(rows()) * static_cast<std::size_t>(columns()); }

  /// First cell of the window of tile `index`, along one axis.
  KOKKOS_FUNCTION int begin(int index, int extent, int window_extent) const {
    int const first = index * tile - halo, last = extent - window_extent;
    if (last == 0 || (!periodic && first < 0)) return 0;
    return periodic || first < last ? first : last;
  }
};

/// Sample, tile and first cell of a window.
struct TileWindow {
  std::size_t sample;
  int row, column, top, left;  // tile; first cell

  KOKKOS_FUNCTION TileWindow(TileGrid const& grid, std::size_t index) : sample(index / grid.per_sample()) {
    int const tile_in_sample = static_cast<int>(index % grid.per_sample());
    row = tile_in_sample / grid.columns();
    column = tile_in_sample % grid.columns();
    top = grid.begin(row, grid.field.height, grid.window.height);
    left = grid.begin(column, grid.field.width, grid.window.width);
  }
};

/// Copies fields to windows, row by row.
template <class Real>
struct GatherTiles {
  TileGrid grid;
  std::size_t first;  // window
  Real const* fields;
  Real* windows;

  KOKKOS_FUNCTION void operator()(std::size_t row, std::size_t begin, std::size_t end) const {
    auto const height = static_cast<std::size_t>(grid.window.height), channels = static_cast<std::size_t>(grid.field.channels);
    TileWindow const window(grid, first + row / height);
    PaddingMode const mode = PaddingMode::periodic;  // other windows lie within the field
    int const y = continued_index(mode, window.top + static_cast<int>(row % height), grid.field.height);
    std::size_t const row_size = static_cast<std::size_t>(grid.field.width) * channels;
    Real const* const from =
        fields + (window.sample * static_cast<std::size_t>(grid.field.height) + static_cast<std::size_t>(y)) * row_size;
    Real* const to = windows + row * static_cast<std::size_t>(grid.window.width) * channels;
    for (std::size_t i = begin; i < end;) {
      int const x = continued_index(mode, window.left + static_cast<int>(i / channels), grid.field.width);
      std::size_t const source = static_cast<std::size_t>(x) * channels + i % channels;
      std::size_t const count = row_size - source < end - i ? row_size - source : end - i;  // up to the edge of the field
      IGN_IVDEP
      for (std::size_t k = 0; k < count; ++k) to[i + k] = from[source + k];
      i += count;
    }
  }
};

/// Copies the tiles within windows to fields, row by row.
template <class Real>
struct ScatterTiles {
  TileGrid grid;
  std::size_t first;  // window
  Real const* windows;
  Real* fields;

  KOKKOS_FUNCTION void operator()(std::size_t row, std::size_t begin, std::size_t end) const {
    auto const tile = static_cast<std::size_t>(grid.tile), channels = static_cast<std::size_t>(grid.field.channels);
    TileWindow const window(grid, first + row / tile);
    int const y = window.row * grid.tile + static_cast<int>(row % tile), x = window.column * grid.tile;
    if (y >= grid.field.height) return;
    std::size_t const size = static_cast<std::size_t>(grid.field.width - x) * channels, stop = end < size ? end : size;
    std::size_t const from_row = row / tile * static_cast<std::size_t>(grid.window.height) + static_cast<std::size_t>(y - window.top);
    Real const* const from =
        windows + (from_row * static_cast<std::size_t>(grid.window.width) + static_cast<std::size_t>(x - window.left)) * channels;
    std::size_t const to_row = window.sample * static_cast<std::size_t>(grid.field.height) + static_cast<std::size_t>(y);
    Real* const to = fields + (to_row * static_cast<std::size_t>(grid.field.width) + static_cast<std::size_t>(x)) * channels;
    IGN_IVDEP
    for (std::size_t i = begin; i < stop; ++i) to[i] = from[i];
  }
};

/// \throws Error as TiledProjector
template <class Net>
TileGrid plan_tiles(Net const& net, Shape field, TileOptions const& options) {
  ReceptiveField const receptive = ign::receptive_field(net);
  require(
      !(receptive.periodic && receptive.has_edges), Fault::option, 481,
      "tiled_projector: some convolutions of the net are periodic and others are not, expected one kind: give all of them the padding_mode "
      "periodic, or none");
  require(options.tile >= 1 && options.tile % receptive.period == 0 && options.batch >= 1, Fault::option, 482, "tiled_projector: tile ",
          options.tile, ", batch ", options.batch, ", expected a tile that is a multiple of ", receptive.period,
          ", the period of the net (ReceptiveField::period), and a batch of 1 or more");
  require(field.height % receptive.period == 0 && field.width % receptive.period == 0, Fault::shape, 481, "tiled_projector: fields of ",
          field, ", expected height and width to be multiples of ", receptive.period, ", the period of the net (ReceptiveField::period)");
  int const side = options.tile + 2 * receptive.halo();
  Shape const window = {std::min(side, field.height), std::min(side, field.width), field.channels};
  return {field, window, options.tile, receptive.halo(), receptive.periodic};
}

}  // namespace detail

/// An f that is applied tile by tile, with the functions of InferenceInterface. Equal to f on the whole field up to rounding, for a field
/// of any size: memory is needed for the activations of one window, and for one field.
///
/// A window is a tile and the halo on which its result depends (`receptive_field`). The smaller the tile, the larger the share of the halo
/// in the work: (1 + 2 halo / tile)² times that of the whole.
template <class Net, Scalar Real = float, class Exec = Kokkos::DefaultExecutionSpace>
class TiledProjector : public InferenceInterface<TiledProjector<Net, Real, Exec>, Real, Exec> {
 public:
  using Ref = TensorRef<Real, Exec>;  ///< fields, (n, h, w, c)

  /// \param model   its parameters and statistics are shared; its own extents do not matter
  /// \param field   extents of the fields
  /// \param generated_role  the role in which f was trained on its own output: Role::data for an Imle
  /// \throws Error [ign.option.480] when a layer does not state its receptive field, [ign.option.481] when convolutions are periodic
  ///         in part, [ign.option.482], [ign.shape.481] when the strides of the net do not divide the tiles or the field, [ign.shape.480]
  ///         when parameters depend on the extents, [ign.shape.5] when the net's output does not have the extents of its input
  TiledProjector(Exec const& exec, Model<Net, Real, Exec> const& model, Shape field, TileOptions const& options = {},
                 Role generated_role = Role::generated)
      : m_grid(detail::plan_tiles(model.net(), field, options)),
        m_frozen(exec, model.resized(m_grid.window)),
        m_batch(static_cast<std::size_t>(options.batch)),
        m_generated_role(generated_role) {
    require(m_frozen.model().output_shape() == m_grid.window, Fault::shape, 5, "tiled_projector: the net maps ", m_grid.window, " to ",
            m_frozen.model().output_shape(), ", expected the same extents");
  }

  Shape image_shape() const { return m_grid.field; }    ///< extents of the fields
  Shape window_shape() const { return m_grid.window; }  ///< extents to which the net is applied: a tile and its halo, or the field
  int halo() const { return m_grid.halo; }              ///< cells around a tile that its result depends on

  /// Prepares f again after the model's parameters or statistics, which are shared, have changed.
  void update(Exec const& exec) const { m_frozen.update(exec); }

  /// out = f^applications(x) for x (n, h, w, c) from the distribution `input_role`. out may be x, which takes memory for one more x.
  ///
  /// \throws Error [ign.option.90] when applications < 0, [ign.shape.3] on wrong extents
  void apply(Exec const& exec, Role input_role, int applications, Ref const& x, Ref const& out) {
    detail::for_each_application<Real, Exec>(exec, image_shape(), input_role, applications, x, out, [&](Role role, Ref const& from) {
      bool const in_place = from.data() == out.data();  // a tile must not overwrite the halo of the next one
      Ref const to = in_place ? reserve_like(exec, m_field, out) : out;
      apply_once(exec, role == Role::generated ? m_generated_role : role, from, to);
      if (in_place) Kokkos::deep_copy(exec, out, to);
    });
  }

 private:
  void apply_once(Exec const& exec, Role role, Ref const& x, Ref const& out) {
    std::size_t const all = x.extent(0) * m_grid.per_sample();
    auto const channels = static_cast<std::size_t>(m_grid.field.channels);
    for (std::size_t first = 0; first < all; first += m_batch) {
      std::size_t const count = std::min(m_batch, all - first);
      Ref const windows = reserve_tensor(exec, m_windows, static_cast<int>(count), m_grid.window);
      for_each_chunk("ign::tiles gather", exec, count * windows.extent(1), windows.extent(2) * channels,
                     detail::GatherTiles<Real>{m_grid, first, x.data(), windows.data()});
      m_frozen.forward(exec, role, windows, windows);
      auto const tile = static_cast<std::size_t>(m_grid.tile);
      for_each_chunk("ign::tiles scatter", exec, count * tile, tile * channels,
                     detail::ScatterTiles<Real>{m_grid, first, windows.data(), out.data()});
    }
  }

  detail::TileGrid m_grid;
  Frozen<Net, Real, Exec> m_frozen;
  std::size_t m_batch;
  Role m_generated_role;
  Buffer<Real, Exec> m_windows{"ign::tiles::windows"}, m_field{"ign::tiles::field"};
};

}  // namespace ign

#endif  // IGN_NETS_TILED_PROJECTOR_HPP
