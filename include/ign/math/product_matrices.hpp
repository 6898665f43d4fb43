// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Batches of products of matrices as they lie in memory, on a device: by the GPU maker's library, or by math/product_team.hpp.
#ifndef IGN_MATH_PRODUCT_MATRICES_HPP
#define IGN_MATH_PRODUCT_MATRICES_HPP

#include "ign/core/pass.hpp"
#include "ign/math/epilogue.hpp"
#include "ign/math/product_team.hpp"
#include "ign/math/product_vendor.hpp"

namespace ign::math {

/// c(b) = left(b) · right(b), or += that. Row by row: (rows × depth) · (depth × columns); a transposed factor lies the other way round.
/// Matrices follow each other; 0 rows and 0 depth make nothing.
template <class Real, bool left_transposed = false, bool right_transposed = false, class Activation = Nothing>
struct MatrixProduct {
  ProductExtents e;
  Real const* a;
  Real const* b;
  Real* c;
  bool add = false;
  Then<Real, Activation> then{};  ///< for channel j % channels; not with `add`
  std::size_t channels = 1;

  // Of product_team.hpp.
  using scalar_type = Real;
  static constexpr bool left_along_depth = !left_transposed, right_along_depth = right_transposed;
  struct Row {
    Real const* first;
  };
  struct Step {
    std::size_t k;
    Real const* matrix;
  };

  ProductExtents extents() const { return e; }
  KOKKOS_FUNCTION Row row(std::size_t batch, std::size_t i) const {
    return {a + batch * e.rows * e.depth + (left_transposed ? i : i * e.depth)};
  }
  KOKKOS_FUNCTION Step step(std::size_t batch, std::size_t k) const { return {k, b + batch * e.depth * e.columns}; }
  KOKKOS_FUNCTION Real left(Row const& row, Step const& step) const { return row.first[left_transposed ? step.k * e.rows : step.k]; }
  KOKKOS_FUNCTION Real right(Step const& step, std::size_t j) const {
    return step.matrix[right_transposed ? j * e.depth + step.k : step.k * e.columns + j];
  }
  KOKKOS_FUNCTION void store(std::size_t batch, std::size_t i, std::size_t j, Real const (&sums)[4], std::size_t count) const {
    Real* const out = c + (batch * e.rows + i) * e.columns + j;
    for (std::size_t n = 0; n < count; ++n) out[n] = add ? out[n] + sums[n] : then.value((j + n) % channels, sums[n]);
  }
};

/// A float's nearest number of bfloat16: what a factor of 16 bits is worth. What is not a number stays so, unless its payload is all ones.
KOKKOS_INLINE_FUNCTION float rounded_to_bf16(float value) {
  auto const bits = Kokkos::bit_cast<std::uint32_t>(value);
  return Kokkos::bit_cast<float>((bits + 0x7fffu + (bits >> 16 & 1u)) & 0xffff0000u);
}
KOKKOS_INLINE_FUNCTION double rounded_to_bf16(double value) { return value; }

/// A product whose factors are rounded to bfloat16.
template <class P>
struct Rounded : P {
  using typename P::scalar_type;
  explicit Rounded(P const& product) : P(product) {}
  KOKKOS_FUNCTION scalar_type left(typename P::Row const& row, typename P::Step const& step) const {
    return rounded_to_bf16(P::left(row, step));
  }
  KOKKOS_FUNCTION scalar_type right(typename P::Step const& step, std::size_t j) const { return rounded_to_bf16(P::right(step, j)); }
};

namespace detail {

template <class Real, class Activation>
struct ApplyEpilogue {
  Then<Real, Activation> then;
  Real* c;
  std::size_t channels;

  KOKKOS_FUNCTION void operator()(std::size_t i) const { c[i] = then.value(i % channels, c[i]); }
};

}  // namespace detail

/// Numbers of scratch that `matrix_products` needs.
inline std::size_t matrix_scratch(ProductExtents const& e) { return team::scratch_size(e); }

/// Makes the products. In training the GPU maker's library does it where it is there; in evaluation never, since its sums may depend on
/// the number of rows, and a sample's bits must not depend on its batch.
template <Scalar Real, class Exec, bool left_transposed, bool right_transposed, class Activation>
void matrix_products(char const* label, Exec const& exec, Mode mode, Precision precision,
                     MatrixProduct<Real, left_transposed, right_transposed, Activation> const& p, VectorWindow<Real, Exec> const& scratch,
                     Tickets<Exec> const& tickets) {
  if constexpr (vendor::serves_v<Real, Exec>) {
    if (mode == Mode::train) {
      vendor::multiply(exec, precision, {left_transposed, right_transposed, p.e.batch, p.e.rows, p.e.columns, p.e.depth, p.add}, p.a, p.b,
                       p.c);
      if (!p.then.epilogue.empty() || !std::is_same_v<Activation, Nothing>)
        Kokkos::parallel_for("ign::matrix_products epilogue",
                             Kokkos::RangePolicy<Exec, Kokkos::IndexType<std::size_t>>(exec, 0, p.e.batch * p.e.rows * p.e.columns),
                             detail::ApplyEpilogue<Real, Activation>{p.then, p.c, p.channels});
      return;
    }
  }
  if (mode == Mode::train && precision == Precision::bf16)
    team_products(label, exec, scratch, tickets, Rounded(p));
  else
    team_products(label, exec, scratch, tickets, p);
}

}  // namespace ign::math

#endif  // IGN_MATH_PRODUCT_MATRICES_HPP
