// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// A trained f on fields of two or three dimensions whose activations do not fit in memory: tile by tile, each with a halo, with the result
/// of the whole.
#ifndef IGN_NETS_TILED_PROJECTOR_HPP
#define IGN_NETS_TILED_PROJECTOR_HPP

#include <algorithm>

#include "ign/layers/detail/slices.hpp"
#include "ign/nets/frozen.hpp"
#include "ign/nets/projection.hpp"

namespace ign {

/// Options of a TiledProjector.
struct TileOptions {
  int tile = 128;  ///< side of a tile along each axis, cells: a multiple of the period of the net's receptive field
                   ///< (ReceptiveField::period), such as 4 for two Conv2d of stride 2
  int batch = 1;   ///< tiles per application of the net: more of them fill a GPU, and need as many times the memory
};

namespace detail {

/// Tiles along one axis of a field. The net is applied to windows, all of the same extents: a tile and the halo around it. Beyond the edge
/// of a periodic field a window continues it. Otherwise windows end at the edge, where the layers pad as they do for the whole field.
struct TileAxis {
  int extent, tile, window;  // cells of the field, of a tile and of a window
  int halo;
  bool periodic;

  KOKKOS_FUNCTION int count() const { return (extent + tile - 1) / tile; }

  /// First cell of the window of tile `index`.
  KOKKOS_FUNCTION int begin(int index) const {
    int const first = index * tile - halo, last = extent - window;
    if (last == 0 || (!periodic && first < 0)) return 0;
    return periodic || first < last ? first : last;
  }
};

/// Tiles of a field of three dimensions, or of two, which is one slice.
struct FieldTiles {
  TileAxis slices, rows, columns;
  int channels;

  KOKKOS_FUNCTION std::size_t per_sample() const {
    return static_cast<std::size_t>(slices.count()) * static_cast<std::size_t>(rows.count()) * static_cast<std::size_t>(columns.count());
  }
  Shape field() const { return volume_shape(slices.extent, rows.extent, columns.extent, channels); }
  Shape window() const { return volume_shape(slices.window, rows.window, columns.window, channels); }

  /// Rows of all slices of a tile.
  KOKKOS_FUNCTION std::size_t tile_rows() const { return static_cast<std::size_t>(slices.tile) * static_cast<std::size_t>(rows.tile); }
  /// Rows of all slices of a window.
  KOKKOS_FUNCTION std::size_t window_rows() const {
    return static_cast<std::size_t>(slices.window) * static_cast<std::size_t>(rows.window);
  }

  /// Elements of the fields before a row of a slice of a sample.
  KOKKOS_FUNCTION std::size_t offset(std::size_t sample, int slice, int row) const {
    std::size_t const all =
        (sample * static_cast<std::size_t>(slices.extent) + static_cast<std::size_t>(slice)) * static_cast<std::size_t>(rows.extent) +
        static_cast<std::size_t>(row);
    return all * static_cast<std::size_t>(columns.extent) * static_cast<std::size_t>(channels);
  }
};

/// A cell of a field.
struct FieldCell {
  int slice, row, column;
};

/// Sample of a window, and first cells of it and of its tile.
struct TileWindow {
  std::size_t sample;
  FieldCell window, tile;

  KOKKOS_FUNCTION TileWindow(FieldTiles const& grid, std::size_t index) : sample(index / grid.per_sample()) {
    int const in_sample = static_cast<int>(index % grid.per_sample()), tile_row = in_sample / grid.columns.count();
    int const slice = tile_row / grid.rows.count(), row = tile_row % grid.rows.count(), column = in_sample % grid.columns.count();
    window = {grid.slices.begin(slice), grid.rows.begin(row), grid.columns.begin(column)};
    tile = {slice * grid.slices.tile, row * grid.rows.tile, column * grid.columns.tile};
  }
};

/// Copies fields to windows, row by row.
template <class Real>
struct GatherTiles {
  FieldTiles grid;
  std::size_t first;  // window
  Real const* fields;
  Real* windows;

  KOKKOS_FUNCTION void operator()(std::size_t row, std::size_t begin, std::size_t end) const {
    auto const channels = static_cast<std::size_t>(grid.channels);
    TileWindow const at(grid, first + row / grid.window_rows());
    PaddingMode const mode = PaddingMode::periodic;  // other windows lie within the field
    int const in_window = static_cast<int>(row % grid.window_rows());
    int const z = continued_index(mode, at.window.slice + in_window / grid.rows.window, grid.slices.extent);
    int const y = continued_index(mode, at.window.row + in_window % grid.rows.window, grid.rows.extent);
    std::size_t const row_size = static_cast<std::size_t>(grid.columns.extent) * channels;
    Real const* const from = fields + grid.offset(at.sample, z, y);
    Real* const to = windows + row * static_cast<std::size_t>(grid.columns.window) * channels;
    for (std::size_t i = begin; i < end;) {
      int const x = continued_index(mode, at.window.column + static_cast<int>(i / channels), grid.columns.extent);
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
  FieldTiles grid;
  std::size_t first;  // window
  Real const* windows;
  Real* fields;

  KOKKOS_FUNCTION void operator()(std::size_t row, std::size_t begin, std::size_t end) const {
    auto const channels = static_cast<std::size_t>(grid.channels);
    TileWindow const at(grid, first + row / grid.tile_rows());
    int const in_tile = static_cast<int>(row % grid.tile_rows());
    int const z = at.tile.slice + in_tile / grid.rows.tile, y = at.tile.row + in_tile % grid.rows.tile, x = at.tile.column;
    if (z >= grid.slices.extent || y >= grid.rows.extent) return;
    std::size_t const size = static_cast<std::size_t>(grid.columns.extent - x) * channels, stop = end < size ? end : size;
    std::size_t const from_row = row / grid.tile_rows() * grid.window_rows() +
                                 static_cast<std::size_t>((z - at.window.slice) * grid.rows.window + y - at.window.row);
    Real const* const from =
        windows + (from_row * static_cast<std::size_t>(grid.columns.window) + static_cast<std::size_t>(x - at.window.column)) * channels;
    Real* const to = fields + grid.offset(at.sample, z, y) + static_cast<std::size_t>(x) * channels;
    IGN_IVDEP
    for (std::size_t i = begin; i < stop; ++i) to[i] = from[i];
  }
};

/// \throws Error as TiledProjector
template <class Net>
FieldTiles plan_tiles(Net const& net, Shape shape, TileOptions const& options) {
  ReceptiveField const receptive = ign::receptive_field(net);
  require(
      !(receptive.periodic && receptive.has_edges), Fault::option, 481,
      "tiled_projector: some convolutions of the net are periodic and others are not, expected one kind: give all of them the padding_mode "
      "periodic, or none");
  int const period = receptive.period;
  require(options.tile >= 1 && options.tile % period == 0 && options.batch >= 1, Fault::option, 482, "tiled_projector: tile ", options.tile,
          ", batch ", options.batch, ", expected a tile that is a multiple of ", period,
          ", the period of the net (ReceptiveField::period), and a batch of 1 or more");
  Slices const field = receptive.volume ? slices_of(receptive.depth, shape, "tiled_projector") : Slices{shape, 1};
  require(field.shape.height % period == 0 && field.shape.width % period == 0 && (!receptive.volume || field.depth % period == 0),
          Fault::shape, 481, "tiled_projector: fields of ", field.depth, " × ", field.shape,
          ", expected height, width and, in three dimensions, depth to be multiples of ", period,
          ", the period of the net (ReceptiveField::period)");
  int const halo = receptive.halo();
  auto const axis = [&](int extent, int side) {
    int const tile = std::min(side, extent);
    return TileAxis{extent, tile, std::min(tile + 2 * halo, extent), halo, receptive.periodic};
  };
  bool const divides_slices = receptive.volume && receptive.depth == 0;
  return {axis(field.depth, divides_slices ? options.tile : field.depth), axis(field.shape.height, options.tile),
          axis(field.shape.width, options.tile), shape.channels};
}

}  // namespace detail

/// An f that is applied tile by tile, with the functions of InferenceInterface. Equal to f on the whole field up to rounding, for a field
/// of any size: memory is needed for the activations of `batch` windows and, in place, for one more field.
///
/// A window is a tile and the halo on which its result depends (`receptive_field`). The smaller the tile, the larger the share of the halo
/// in the work: (1 + 2 halo / tile)² times that of the whole.
///
/// A net of Conv3d takes fields of shape volume_shape(d, h, w, c), and its tiles are cubes, with (1 + 2 halo / tile)³ times the work. Where
/// the layers have the option `depth`, for slices that are not square, a tile has all slices; each `depth` must be the number of slices
/// that the layer gets, which is not checked.
template <class Net, Scalar Real = float, class Exec = Kokkos::DefaultExecutionSpace>
class TiledProjector : public InferenceInterface<TiledProjector<Net, Real, Exec>, Real, Exec> {
 public:
  using Ref = TensorRef<Real, Exec>;  ///< fields, (n, h, w, c)

  /// \param model   its parameters and statistics are shared; its own extents do not matter
  /// \param field   extents of the fields
  /// \param generated_role  the role in which f was trained on its own output: Role::data for an Imle
  /// \throws Error [ign.option.480] when a layer does not state its receptive field, [ign.option.481] when convolutions are periodic
  ///         in part, [ign.option.488] when layers are for two dimensions and others for three, [ign.option.482], [ign.shape.481] when the
  ///         strides of the net do not divide the tiles or the field, [ign.shape.480] when parameters depend on the extents,
  ///         [ign.shape.560] when the rows of a field are not those of its slices, [ign.shape.5] when the net's output does not have the
  ///         extents of its input
  TiledProjector(Exec const& exec, Model<Net, Real, Exec> const& model, Shape field, TileOptions const& options = {},
                 Role generated_role = Role::generated)
      : m_grid(detail::plan_tiles(model.net(), field, options)),
        m_frozen(exec, model.resized(m_grid.window())),
        m_batch(static_cast<std::size_t>(options.batch)),
        m_generated_role(generated_role) {
    require(m_frozen.model().output_shape() == window_shape(), Fault::shape, 5, "tiled_projector: the net maps ", window_shape(), " to ",
            m_frozen.model().output_shape(), ", expected the same extents");
  }

  Shape image_shape() const { return m_grid.field(); }    ///< extents of the fields
  Shape window_shape() const { return m_grid.window(); }  ///< extents to which the net is applied: a tile and its halo, or the field
  int halo() const { return m_grid.rows.halo; }           ///< cells around a tile that its result depends on

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
    auto const channels = static_cast<std::size_t>(m_grid.channels);
    for (std::size_t first = 0; first < all; first += m_batch) {
      std::size_t const count = std::min(m_batch, all - first);
      Ref const windows = reserve_tensor(exec, m_windows, static_cast<int>(count), window_shape());
      for_each_chunk("ign::tiles gather", exec, count * windows.extent(1), windows.extent(2) * channels,
                     detail::GatherTiles<Real>{m_grid, first, x.data(), windows.data()});
      m_frozen.forward(exec, role, windows, windows);
      auto const tile_columns = static_cast<std::size_t>(m_grid.columns.tile);
      for_each_chunk("ign::tiles scatter", exec, count * m_grid.tile_rows(), tile_columns * channels,
                     detail::ScatterTiles<Real>{m_grid, first, windows.data(), out.data()});
    }
  }

  detail::FieldTiles m_grid;
  Frozen<Net, Real, Exec> m_frozen;
  std::size_t m_batch;
  Role m_generated_role;
  Buffer<Real, Exec> m_windows{"ign::tiles::windows"}, m_field{"ign::tiles::field"};
};

}  // namespace ign

#endif  // IGN_NETS_TILED_PROJECTOR_HPP
