// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Padding of images with their continuation, and its adjoint. Every number gathers its terms: no atomics, and results that are bitwise
/// identical for any number of threads.
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

namespace detail {

/// Rows of the padded image. The cells of the image itself are one contiguous run of a row.
template <class Real>
struct Pad {
  PaddingMode mode;
  Shape in;
  int margin;
  Real const* x;
  Real* out;

  KOKKOS_FUNCTION void operator()(std::size_t row, std::size_t first, std::size_t last) const {
    Shape const shape = padded_shape(in, margin);
    auto const channels = static_cast<std::size_t>(in.channels);
    auto const height = static_cast<std::size_t>(shape.height);
    std::size_t const row_size = static_cast<std::size_t>(in.width) * channels, begin = static_cast<std::size_t>(margin) * channels;
    int const y = continued_index(mode, static_cast<int>(row % height) - margin, in.height);
    Real const* const from = x + (row / height * static_cast<std::size_t>(in.height) + static_cast<std::size_t>(y < 0 ? 0 : y)) * row_size;
    Real* const to = out + row * static_cast<std::size_t>(shape.width) * channels;
    for (std::size_t i = first; i < last;) {
      std::size_t const pixel = i / channels;
      bool const inside = i >= begin && i < begin + row_size;
      std::size_t const end = inside ? begin + row_size : (pixel + 1) * channels;
      std::size_t const stop = end < last ? end : last;
      int const column = continued_index(mode, static_cast<int>(pixel) - margin, in.width);
      bool const zero = y < 0 || column < 0;
      std::size_t const source = inside ? i - begin : static_cast<std::size_t>(column < 0 ? 0 : column) * channels + i % channels;
      IGN_IVDEP
      for (std::size_t k = 0; k < stop - i; ++k) to[i + k] = zero ? Real(0) : from[source + k];
      i = stop;
    }
  }
};

/// Indices of the padded image that hold the value of one index, along one axis. A margin is at most one extent.
struct Continuations {
  int count = 0;
  int index[3] = {};

  KOKKOS_FUNCTION Continuations(PaddingMode mode, int at, int extent, int margin) {
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

/// Rows of the image: each number is the sum of its copies in the padded image.
template <class Real>
struct PadAdjoint {
  PaddingMode mode;
  Shape in;
  int margin;
  Real const* padded;
  Real* out;

  KOKKOS_FUNCTION void operator()(std::size_t row, std::size_t first, std::size_t last) const {
    Shape const shape = padded_shape(in, margin);
    auto const channels = static_cast<std::size_t>(in.channels), height = static_cast<std::size_t>(in.height);
    std::size_t const row_size = static_cast<std::size_t>(shape.width) * channels;
    Continuations const rows(mode, static_cast<int>(row % height), in.height, margin);
    Real const* const sample = padded + row / height * static_cast<std::size_t>(shape.height) * row_size;
    Real* const to = out + row * static_cast<std::size_t>(in.width) * channels;
    for (std::size_t i = first; i < last;) {
      std::size_t const pixel = i / channels, end = (pixel + 1) * channels, stop = end < last ? end : last;
      Continuations const columns(mode, static_cast<int>(pixel), in.width, margin);
      for (int term = 0; term < rows.count * columns.count; ++term) {
        Real const* const from = sample + static_cast<std::size_t>(rows.index[term / columns.count]) * row_size +
                                 static_cast<std::size_t>(columns.index[term % columns.count]) * channels + i % channels;
        Real* const here = to + i;
        bool const begins = term == 0;
        IGN_IVDEP
        for (std::size_t k = 0; k < stop - i; ++k) here[k] = begins ? from[k] : here[k] + from[k];
      }
      i = stop;
    }
  }
};

}  // namespace detail

/// out = x with `margin` cells of its continuation on each side.
/// \param x         (n, h, w, c); the margin is at most h and w, and less for the mode `reflecting`
/// \param[out] out  (n, h + 2 margin, w + 2 margin, c)
template <Scalar Real, class Exec>
void pad(Exec const& exec, PaddingMode mode, int margin, TensorRef<Real, Exec> const& x, TensorRef<Real, Exec> const& out) {
  for_each_chunk("ign::pad", exec, out.extent(0) * out.extent(1), out.extent(2) * out.extent(3),
                 detail::Pad<Real>{mode, shape_of(x), margin, x.data(), out.data()});
}

/// The adjoint of `pad`: out(index) = Σ padded(all indices that hold a copy of it).
/// \param[out] out  (n, h, w, c)
template <Scalar Real, class Exec>
void pad_adjoint(Exec const& exec, PaddingMode mode, int margin, TensorRef<Real, Exec> const& padded, TensorRef<Real, Exec> const& out) {
  for_each_chunk("ign::pad adjoint", exec, out.extent(0) * out.extent(1), out.extent(2) * out.extent(3),
                 detail::PadAdjoint<Real>{mode, shape_of(out), margin, padded.data(), out.data()});
}

}  // namespace ign::math

#endif  // IGN_MATH_PAD_HPP
