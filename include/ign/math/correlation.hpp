// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// The three operations behind Conv2d, ConvTranspose2d and Linear, for any execution space, with the memory they need.
#ifndef IGN_MATH_CORRELATION_HPP
#define IGN_MATH_CORRELATION_HPP

#include "ign/core/layer.hpp"
#include "ign/core/runs.hpp"
#include "ign/math/correlation_host.hpp"
#include "ign/math/correlation_reference.hpp"

namespace ign::math {

/// Rows of partial sums that column_sums makes: fixed, so that the result does not depend on the number of threads.
inline constexpr std::size_t column_parts = 32;

namespace detail {

template <class Real>
struct ColumnPartials {
  Real const* in;
  std::size_t rows, columns, rows_per_sample;
  Real const* scale;  // of each sample, or nullptr
  Real* partials;

  KOKKOS_FUNCTION void operator()(std::size_t part) const {
    Real* const sum = partials + part * columns;
    for (std::size_t c = 0; c < columns; ++c) sum[c] = 0;
    for (std::size_t row = rows * part / column_parts; row < rows * (part + 1) / column_parts; ++row) {
      Real const s = scale != nullptr ? scale[row / rows_per_sample] : Real(1);
      for (std::size_t c = 0; c < columns; ++c) sum[c] += s * in[row * columns + c];
    }
  }
};

template <class Real>
struct AddPartials {
  Real const* partials;
  std::size_t parts, size;
  Real* out;

  KOKKOS_FUNCTION void operator()(std::size_t, std::size_t first, std::size_t last) const {
    for (std::size_t i = first; i < last; ++i) {
      Real sum = partials[i];
      for (std::size_t part = 1; part < parts; ++part) sum += partials[part * size + i];
      out[i] += sum;
    }
  }
};

}  // namespace detail

/// Numbers of scratch that any of the operations needs on Exec with that many workers.
template <Scalar Real>
std::size_t correlation_scratch(Windowing const& g, std::size_t workers) {
  std::size_t const forward =
      workers * host::worker_stride<Real>(host::Correlate<Real, Kokkos::DefaultHostExecutionSpace>::scratch_size(g));
  std::size_t const back = workers * host::worker_stride<Real>(host::Transpose<Real, Kokkos::DefaultHostExecutionSpace>::scratch_size(g));
  std::size_t const weights =
      workers * host::worker_stride<Real>(host::WeightGradient<Real, Kokkos::DefaultHostExecutionSpace>::scratch_size(g)) +
      host::gradient_parts(g) * g.weight_size();
  std::size_t const columns = column_parts * static_cast<std::size_t>(std::max(g.fine.channels, g.coarse.channels));
  return std::max({forward, back, weights, columns});
}

/// coarse = correlate(fine) + bias; bias may be nullptr.
template <Scalar Real, class Exec>
void correlate(Exec const& exec, Windowing const& g, TensorWindow<Real, Exec> const& fine, Real const* weights, Real const* bias,
               TensorWindow<Real, Exec> const& coarse, VectorWindow<Real, Exec> const& scratch) {
  if constexpr (is_host_v<Exec>) {
    auto const workers = static_cast<std::size_t>(exec.concurrency());
    Kokkos::parallel_for("ign::correlate", Kokkos::RangePolicy<Exec, Kokkos::IndexType<std::size_t>>(exec, 0, workers),
                         host::Correlate<Real, Exec>{g, fine, weights, bias, coarse, scratch.data(), workers});
  } else {
    reference::correlate(exec, g, fine, weights, bias, coarse);
  }
}

/// fine = adjoint of correlate, of coarse, + bias; bias may be nullptr.
template <Scalar Real, class Exec>
void transpose(Exec const& exec, Windowing const& g, TensorWindow<Real, Exec> const& coarse, Real const* weights, Real const* bias,
               TensorWindow<Real, Exec> const& fine, VectorWindow<Real, Exec> const& scratch) {
  if constexpr (is_host_v<Exec>) {
    auto const workers = static_cast<std::size_t>(exec.concurrency());
    Kokkos::parallel_for("ign::transpose", Kokkos::RangePolicy<Exec, Kokkos::IndexType<std::size_t>>(exec, 0, workers),
                         host::Transpose<Real, Exec>{g, coarse, weights, bias, fine, scratch.data(), workers});
  } else {
    reference::transpose(exec, g, coarse, weights, bias, fine);
  }
}

/// gradient += Σ_n scale(n) (windows of fine)ᵀ coarse; scale may be nullptr.
template <Scalar Real, class Exec>
void weight_gradient(Exec const& exec, Windowing const& g, TensorWindow<Real, Exec> const& fine, TensorWindow<Real, Exec> const& coarse,
                     Real const* scale, Real* gradient, VectorWindow<Real, Exec> const& scratch) {
  if constexpr (is_host_v<Exec>) {
    auto const workers = static_cast<std::size_t>(exec.concurrency());
    std::size_t const parts = host::gradient_parts(g);
    Real* const partials = scratch.data();
    Kokkos::parallel_for("ign::weight_gradient", Kokkos::RangePolicy<Exec, Kokkos::IndexType<std::size_t>>(exec, 0, workers),
                         host::WeightGradient<Real, Exec>{g, fine, coarse, scale, partials, partials + parts * g.weight_size(), workers});
    for_each_run("ign::add_partials", exec, 1, g.weight_size(), detail::AddPartials<Real>{partials, parts, g.weight_size(), gradient});
  } else {
    reference::weight_gradient(exec, g, fine, coarse, scale, gradient);
  }
}

/// sums(c) += Σ over all pixels of scale(n) · in(n, y, x, c): the gradient of a bias.
template <Scalar Real, class Exec>
void column_sums(Exec const& exec, TensorWindow<Real, Exec> const& in, Real const* scale, Real* sums,
                 VectorWindow<Real, Exec> const& scratch) {
  Shape const shape = shape_of(in);
  auto const columns = static_cast<std::size_t>(shape.channels);
  Kokkos::parallel_for(
      "ign::column_sums", Kokkos::RangePolicy<Exec, Kokkos::IndexType<std::size_t>>(exec, 0, column_parts),
      detail::ColumnPartials<Real>{in.data(), in.extent(0) * shape.pixels(), columns, shape.pixels(), scale, scratch.data()});
  for_each_run("ign::add_partials", exec, 1, columns, detail::AddPartials<Real>{scratch.data(), column_parts, columns, sums});
}

}  // namespace ign::math

#endif  // IGN_MATH_CORRELATION_HPP
