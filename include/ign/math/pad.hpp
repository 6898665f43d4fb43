// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Padding of images and of three-dimensional fields (PaddingMode), and its adjoint. Every element gathers its terms: no atomics, and
/// results that are bitwise identical for any number of threads.
#ifndef IGN_MATH_PAD_HPP
#define IGN_MATH_PAD_HPP

#include "ign/core/elementwise.hpp"
#include "ign/core/padding_mode.hpp"
#include "ign/core/tensor.hpp"

namespace ign::math {

/// Extents of an image that is padded by `margin` cells on each side.
KOKKOS_INLINE_FUNCTION constexpr Shape padded_shape(Shape in, int margin) {
  return {in.height + 2 * margin, in.width + 2 * margin, in.channels};
}

/// Padding of an image, or of a three-dimensional field, by `margin` cells on each side.
struct Padding {
  PaddingMode mode;  ///< values of the added cells
  int margin;        ///< cells added on each side
  Shape in;          ///< of an image, or of the slices of a field, one below the other (`volume_shape`)
  int depth = 0;     ///< slices of a field; 0: an image

  KOKKOS_FUNCTION constexpr int slices() const { return depth == 0 ? 1 : depth; }                ///< an image is one slice
  KOKKOS_FUNCTION constexpr int depth_margin() const { return depth == 0 ? 0 : margin; }         ///< slices added in front, and behind
  KOKKOS_FUNCTION constexpr int padded_slices() const { return slices() + 2 * depth_margin(); }  ///< with those added
  /// Extents of one slice.
  KOKKOS_FUNCTION constexpr Shape slice() const { return {in.height / slices(), in.width, in.channels}; }
  /// Extents of the padded image, or of the slices of the padded field, one below the other.
  KOKKOS_FUNCTION constexpr Shape padded() const {
    Shape const shape = padded_shape(slice(), margin);
    return {padded_slices() * shape.height, shape.width, shape.channels};
  }
};

namespace detail {

/// Row of a stack of samples and slices.
struct StackedRow {
  std::size_t sample;
  int slice, row;

  KOKKOS_FUNCTION StackedRow(std::size_t index, int slices, int height)
      : sample(index / (static_cast<std::size_t>(slices) * static_cast<std::size_t>(height))),
        slice(static_cast<int>(index / static_cast<std::size_t>(height) % static_cast<std::size_t>(slices))),
        row(static_cast<int>(index % static_cast<std::size_t>(height))) {}

  /// Index of row `y` of slice `z` of sample `n`.
  KOKKOS_FUNCTION static std::size_t index(std::size_t n, int z, int y, int slices, int height) {
    return (n * static_cast<std::size_t>(slices) + static_cast<std::size_t>(z)) * static_cast<std::size_t>(height) +
           static_cast<std::size_t>(y);
  }
};

/// Rows of the padded image. The cells of the image itself are one contiguous chunk of a row.
template <class Real>
struct Pad {
  Padding padding;
  Real const* x;
  Real* out;

  KOKKOS_FUNCTION void operator()(std::size_t row, std::size_t first, std::size_t last) const {
    PaddingMode const mode = padding.mode;
    int const margin = padding.margin;
    Shape const in = padding.slice(), shape = padded_shape(in, margin);
    auto const channels = static_cast<std::size_t>(in.channels);
    std::size_t const row_size = static_cast<std::size_t>(in.width) * channels, begin = static_cast<std::size_t>(margin) * channels;
    StackedRow const at(row, padding.padded_slices(), shape.height);
    int const z = continued_index(mode, at.slice - padding.depth_margin(), padding.slices());
    int const y = continued_index(mode, at.row - margin, in.height);
    Real const* const from = x + StackedRow::index(at.sample, z < 0 ? 0 : z, y < 0 ? 0 : y, padding.slices(), in.height) * row_size;
    Real* const to = out + row * static_cast<std::size_t>(shape.width) * channels;
    for (std::size_t i = first; i < last;) {
      std::size_t const pixel = i / channels;
      bool const inside = i >= begin && i < begin + row_size;
      std::size_t const end = inside ? begin + row_size : (pixel + 1) * channels;
      std::size_t const stop = end < last ? end : last;
      int const column = continued_index(mode, static_cast<int>(pixel) - margin, in.width);
      bool const zero = z < 0 || y < 0 || column < 0;
      std::size_t const source = inside ? i - begin : static_cast<std::size_t>(column < 0 ? 0 : column) * channels + i % channels;
      IGN_IVDEP
      for (std::size_t k = 0; k < stop - i; ++k) to[i + k] = zero ? Real(0) : from[source + k];
      i = stop;
    }
  }
};

/// Indices in the padded image of the copies of one element, along one axis: at most three, because a margin is at most one extent.
struct PaddedCopies {
  int count = 0;
  int index[3] = {};

  KOKKOS_FUNCTION PaddedCopies(PaddingMode mode, int at, int extent, int margin) {
    int const end = extent + 2 * margin;
    add(at + margin, end);
    if (mode == PaddingMode::periodic) {
      add(at + margin - extent, end);
      add(at + margin + extent, end);
    } else if (mode == PaddingMode::reflecting) {
      if (at > 0) add(margin - at, end);
      if (at < extent - 1) add(margin + 2 * (extent - 1) - at, end);
    }
  }

 private:
  KOKKOS_FUNCTION void add(int candidate, int end) {
    if (candidate >= 0 && candidate < end) index[count++] = candidate;
  }
};

/// Rows of the image: each element is the sum of its copies in the padded image.
template <class Real>
struct PadAdjoint {
  Padding padding;
  Real const* padded;
  Real* out;

  KOKKOS_FUNCTION void operator()(std::size_t row, std::size_t first, std::size_t last) const {
    PaddingMode const mode = padding.mode;
    int const margin = padding.margin;
    Shape const in = padding.slice(), shape = padded_shape(in, margin);
    auto const channels = static_cast<std::size_t>(in.channels);
    std::size_t const row_size = static_cast<std::size_t>(shape.width) * channels;
    StackedRow const at(row, padding.slices(), in.height);
    PaddedCopies const slices(mode, at.slice, padding.slices(), padding.depth_margin());
    PaddedCopies const rows(mode, at.row, in.height, margin);
    Real* const to = out + row * static_cast<std::size_t>(in.width) * channels;
    for (std::size_t i = first; i < last;) {
      std::size_t const pixel = i / channels, end = (pixel + 1) * channels, stop = end < last ? end : last;
      PaddedCopies const columns(mode, static_cast<int>(pixel), in.width, margin);
      for (int term = 0; term < slices.count * rows.count * columns.count; ++term) {
        int const line = term / columns.count, z = slices.index[line / rows.count], y = rows.index[line % rows.count];
        Real const* const from = padded + StackedRow::index(at.sample, z, y, padding.padded_slices(), shape.height) * row_size +
                                 static_cast<std::size_t>(columns.index[term % columns.count]) * channels + i % channels;
        Real* const here = to + i;
        bool const is_first = term == 0;
        IGN_IVDEP
        for (std::size_t k = 0; k < stop - i; ++k) here[k] = is_first ? from[k] : here[k] + from[k];
      }
      i = stop;
    }
  }
};

}  // namespace detail

/// out = x with `padding.margin` cells of `padding.mode` added on each side.
/// \param padding   with `in` the extents of x. The margin is at most the height, the width and the number of slices; less for `reflecting`
/// \param x         (n, h, w, c), or a field (n, d·h, w, c)
/// \param[out] out  (n, …) with the extents padding.padded()
template <Scalar Real, class Exec>
void pad(Exec const& exec, Padding const& padding, TensorRef<Real, Exec> const& x, TensorRef<Real, Exec> const& out) {
  for_each_chunk("ign::pad", exec, out.extent(0) * out.extent(1), out.extent(2) * out.extent(3),
                 detail::Pad<Real>{padding, x.data(), out.data()});
}

/// Adjoint of `pad`: out(index) = Σ padded(i) over all copies i of the element.
/// \param[out] out  (n, …) with the extents padding.in
template <Scalar Real, class Exec>
void pad_adjoint(Exec const& exec, Padding const& padding, TensorRef<Real, Exec> const& padded, TensorRef<Real, Exec> const& out) {
  for_each_chunk("ign::pad adjoint", exec, out.extent(0) * out.extent(1), out.extent(2) * out.extent(3),
                 detail::PadAdjoint<Real>{padding, padded.data(), out.data()});
}

}  // namespace ign::math

#endif  // IGN_MATH_PAD_HPP
