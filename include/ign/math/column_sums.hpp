// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Sum over all pixels of a batch per channel: the gradient of a bias. Host and device.
///
/// Algorithm: 64 partial sums of contiguous rows, then one sum over the parts per channel. Input (n, y, x, channel); rows are pixels,
/// columns are channels. On a device the first kernel has 64 threads only: convolutions use the team product there
/// (math/conv/device/weight_gradient_kernels.hpp).
#ifndef IGN_MATH_COLUMN_SUMS_HPP
#define IGN_MATH_COLUMN_SUMS_HPP

#include "ign/core/elementwise.hpp"

namespace ign::math {

namespace detail {

/// Number of partial sums per channel. Fixed: the result does not depend on the number of threads.
inline constexpr std::size_t column_parts = 64;

/// partials(part, c) = Σ over the rows of a part. One index per part.
template <class Real>
struct ColumnPartials {
  Real const* in;
  std::size_t rows, columns, rows_per_sample;
  Real const* sample_weights;  // (n), or nullptr: 1
  Real* partials;

  KOKKOS_FUNCTION void operator()(std::size_t part) const {
    std::size_t const begin = rows * part / column_parts;
    std::size_t const end = rows * (part + 1) / column_parts;
    for (std::size_t c = 0; c < columns; ++c) partials[part * columns + c] = 0;
    // Sample by sample: all rows of a sample have the same factor.
    for (std::size_t first = begin; first < end;) {
      std::size_t const sample = first / rows_per_sample;
      std::size_t const last = (sample + 1) * rows_per_sample < end ? (sample + 1) * rows_per_sample : end;
      for (std::size_t c = 0; c < columns; c += width)
        add(first, last, c, sample_weights != nullptr ? sample_weights[sample] : Real(1), part);
      first = last;
    }
  }

 private:
  static constexpr std::size_t width = 64;  // sums kept in registers

  // Short rows: adds `rows_at_once` rows side by side to fill the registers, then combines their sums.
  KOKKOS_FUNCTION void add(std::size_t first, std::size_t last, std::size_t column, Real factor, std::size_t part) const {
    std::size_t const count = columns - column < width ? columns - column : width;
    std::size_t const rows_at_once = columns < width ? width / columns : 1;
    Real sum[width] = {};
    Real const* const from = in + column;
    std::size_t row = first;
    for (; row + rows_at_once <= last; row += rows_at_once)
      for (std::size_t i = 0; i < rows_at_once * count; ++i) sum[i] += from[row * columns + i];
    for (; row < last; ++row)
      for (std::size_t i = 0; i < count; ++i) sum[i] += from[row * columns + i];
    Real* const out = partials + part * columns + column;
    for (std::size_t i = 0; i < count; ++i) {
      Real total = 0;
      for (std::size_t k = 0; k < rows_at_once; ++k) total += sum[k * count + i];
      out[i] += factor * total;
    }
  }
};

/// out(c) += Σ over the parts. One index per channel.
template <class Real>
struct AddColumnPartials {
  Real const* partials;
  std::size_t columns;
  Real* out;

  KOKKOS_FUNCTION void operator()(std::size_t c) const {
    Real sum = 0;
    for (std::size_t part = 0; part < column_parts; ++part) sum += partials[part * columns + c];
    out[c] += sum;
  }
};

}  // namespace detail

/// Scratch size of `column_sums`, in elements.
inline std::size_t column_sums_scratch_size(int channels) { return detail::column_parts * static_cast<std::size_t>(channels); }

/// sums(c) += Σ over n, y, x of sample_weights(n) · in(n, y, x, c). `sample_weights` may be nullptr: all factors are 1.
template <Scalar Real, class Exec>
void column_sums(Exec const& exec, TensorRef<Real, Exec> const& in, Real const* sample_weights, Real* sums,
                 VectorRef<Real, Exec> const& scratch) {
  Shape const shape = shape_of(in);
  auto const columns = static_cast<std::size_t>(shape.channels);
  Kokkos::parallel_for(
      "ign::column_sums", range_policy(exec, detail::column_parts),
      detail::ColumnPartials<Real>{in.data(), in.extent(0) * shape.pixels(), columns, shape.pixels(), sample_weights, scratch.data()});
  Kokkos::parallel_for("ign::column_sums add", range_policy(exec, columns), detail::AddColumnPartials<Real>{scratch.data(), columns, sums});
}

}  // namespace ign::math

#endif  // IGN_MATH_COLUMN_SUMS_HPP
