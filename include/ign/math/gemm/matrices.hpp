// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Batched products of plain matrices on devices.
///
/// Algorithm: the vendor's BLAS library in training, where the build has one (math/gemm/vendor.hpp), otherwise the team product
/// (math/gemm/team.hpp). Matrices are stored row by row; those of a batch are contiguous.
#ifndef IGN_MATH_GEMM_MATRICES_HPP
#define IGN_MATH_GEMM_MATRICES_HPP

#include "ign/core/elementwise.hpp"
#include "ign/core/pass.hpp"
#include "ign/math/conv/epilogue.hpp"
#include "ign/math/gemm/team.hpp"
#include "ign/math/gemm/vendor.hpp"

namespace ign::math {

/// c(b) = left(b) · right(b), or c(b) += left(b) · right(b). Row-major (rows × inner) · (inner × columns); a transposed factor is stored as
/// (inner × rows) or (columns × inner). The matrices of a batch are contiguous.
template <class Real, bool left_transposed = false, bool right_transposed = false, class Activation = Identity>
struct MatrixProduct {
  ProductExtents e;                             ///< extents of the batch
  Real const* a;                                ///< left factors
  Real const* b;                                ///< right factors
  Real* c;                                      ///< results
  bool add = false;                             ///< add to c instead of overwriting it
  DeviceEpilogue<Real, Activation> epilogue{};  ///< applied with channel j % channels; must be empty with `add`
  std::size_t channels = 1;                     ///< of the epilogue, where columns are (pixel, channel)
  bool rounded = false;                         ///< round the factors to bfloat16

  // TeamProduct (math/gemm/tile.hpp).
  using scalar_type = Real;
  static constexpr bool left_along_inner = !left_transposed, right_along_inner = right_transposed;
  struct Row {
    Real const* first;
  };
  struct Step {
    std::size_t k;
    Real const* matrix;
  };

  ProductExtents extents() const { return e; }
  KOKKOS_FUNCTION Row row(std::size_t batch, std::size_t i) const {
    return {a + batch * e.rows * e.inner + (left_transposed ? i : i * e.inner)};
  }
  KOKKOS_FUNCTION Step step(std::size_t batch, std::size_t k) const { return {k, b + batch * e.inner * e.columns}; }
  KOKKOS_FUNCTION Real left(Row const& row, Step const& step) const { return row.first[left_transposed ? step.k * e.rows : step.k]; }
  KOKKOS_FUNCTION Real right(Step const& step, std::size_t j) const {
    return step.matrix[right_transposed ? j * e.inner + step.k : step.k * e.columns + j];
  }
  bool left_in_fours() const { return (left_transposed ? e.rows : e.inner) % 4 == 0 && is_aligned_for_four(a); }
  bool right_in_fours() const { return (right_transposed ? e.inner : e.columns) % 4 == 0 && is_aligned_for_four(b); }
  KOKKOS_FUNCTION void left_four(Row const& row, Step const& step, Real (&values)[4]) const {
    read_four(row.first + (left_transposed ? step.k * e.rows : step.k), values);
  }
  KOKKOS_FUNCTION void right_four(Step const& step, std::size_t j, Real (&values)[4]) const {
    read_four(step.matrix + (right_transposed ? j * e.inner + step.k : step.k * e.columns + j), values);
  }
  KOKKOS_FUNCTION void store(std::size_t batch, std::size_t i, std::size_t j, Real const (&sums)[4], std::size_t count) const {
    Real* const out = c + (batch * e.rows + i) * e.columns + j;
    IGN_UNROLL
    for (std::size_t n = 0; n < 4; ++n)
      if (n < count) out[n] = add ? out[n] + sums[n] : epilogue.value((j + n) % channels, sums[n]);
  }
};

namespace detail {

/// c = epilogue(c). One index per element.
template <class Real, class Activation>
struct ApplyEpilogue {
  DeviceEpilogue<Real, Activation> epilogue;
  Real* c;
  std::size_t channels;

  KOKKOS_FUNCTION void operator()(std::size_t i) const { c[i] = epilogue.value(i % channels, c[i]); }
};

}  // namespace detail

/// Scratch size of `matrix_products`, in elements.
inline std::size_t matrix_scratch_size(ProductExtents const& e) { return team::scratch_size(e); }

/// Computes the products. Training uses the vendor's BLAS library where the build has one. Evaluation does not: the library's sums may
/// depend on the number of rows, and evaluation must be batch-invariant.
template <Scalar Real, class Exec, bool left_transposed, bool right_transposed, class Activation>
void matrix_products(char const* label, Exec const& exec, Mode mode, Precision precision,
                     MatrixProduct<Real, left_transposed, right_transposed, Activation> const& p, VectorRef<Real, Exec> const& scratch,
                     ArrivalCounters<Exec> const& counters) {
  if constexpr (vendor::serves_v<Real, Exec>) {
    if (mode == Mode::train) {
      vendor::multiply(exec, precision, {left_transposed, right_transposed, p.e.batch, p.e.rows, p.e.columns, p.e.inner, p.add}, p.a, p.b,
                       p.c);
      if (!p.epilogue.affine.empty() || !std::is_same_v<Activation, Identity>)
        Kokkos::parallel_for("ign::matrix_products vendor epilogue", range_policy(exec, p.e.batch * p.e.rows * p.e.columns),
                             detail::ApplyEpilogue<Real, Activation>{p.epilogue, p.c, p.channels});
      return;
    }
  }
  auto product = p;
  product.rounded = mode == Mode::train && precision == Precision::bf16;
  team_products(label, exec, scratch, counters, product);
}

}  // namespace ign::math

#endif  // IGN_MATH_GEMM_MATRICES_HPP
