// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Approximate polar factors U Vᵀ of matrices X = U S Vᵀ (singular value decomposition), several matrices at a time.
///
/// Algorithm: the Newton–Schulz iteration X ← X (a I + b XᵀX + c (XᵀX)²), five times, from X / (|X| + ε) with the Frobenius norm |X|. It is
/// not meant to converge: with the coefficients of Muon it brings singular values above 0.0015 |X| to between 0.68 and 1.2, and multiplies
/// smaller ones by up to a⁵ = 485. All factors are polynomials of A = XᵀX, so that the iteration runs on matrices of the smaller extent n:
///
///     Q = a I + b A + c A²,   P ← P Q,   A ← A Q²,        and at the end   X P
///
/// which takes 3 m n² + 17 n³ operations instead of 20 m n² + 10 n³ for an m × n matrix with n much larger than a tile, since the n × n
/// matrices are symmetric.
/// \source Jordan et al., "Muon: an optimizer for hidden layers in neural networks", 2024, https://kellerjordan.github.io/posts/muon/
///
/// Layout: X has m ≥ n rows, so a wider matrix is transposed. All matrices are stored in panels of `lanes` columns, row by row: element
/// (i, j) is data[j / lanes · rows · lanes + i · lanes + j % lanes]. The padding of the last panel is zero in X and A, and a multiple of I
/// in Q and P, which meets zeros only.
///
/// Every element is one sum in a fixed order: results do not depend on the number of threads.
#ifndef IGN_MATH_POLAR_FACTOR_HPP
#define IGN_MATH_POLAR_FACTOR_HPP

#include <Kokkos_Core.hpp>
#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "ign/core/error.hpp"
#include "ign/core/launch.hpp"
#include "ign/core/tensor.hpp"
#include "ign/core/workspace.hpp"
#include "ign/math/gemm/host.hpp"

namespace ign::math {

/// A row-major matrix within a flat array.
struct FlatMatrix {
  std::size_t first;    ///< index of its first element
  std::size_t rows;     ///< number of rows, at least 1
  std::size_t columns;  ///< number of columns, at least 1
};

namespace detail {

/// Tile of a product: rows and panels that a task computes.
template <class Real, class Exec>
struct PolarTile {
  static constexpr std::size_t lanes = uses_host_kernels_v<Exec> ? simd::lanes_v<Real> : 4;  // columns of a panel
  static constexpr std::size_t rows = lanes < 8 ? lanes : 8;
  static constexpr std::size_t panels = uses_host_kernels_v<Exec> ? 2 : 1;

  // Number of tiles side by side, and of all tiles of a matrix.
  KOKKOS_FUNCTION static std::size_t across(std::size_t padded) { return (padded / lanes + panels - 1) / panels; }
  KOKKOS_FUNCTION static std::size_t count(std::size_t height, std::size_t padded) { return (height + rows - 1) / rows * across(padded); }
};

/// A matrix with the offsets of its factors in scratch memory.
struct PolarMatrix {
  FlatMatrix stored;
  std::size_t m, n;    // extents of X, m ≥ n
  std::size_t padded;  // n, rounded up to whole panels
  std::size_t x;       // offset of X, m × padded
  std::size_t square;  // offset of A, Q, R = A Q and two buffers for P, padded × padded each
  std::size_t scale;   // offset of 1 / (|X| + ε)

  KOKKOS_FUNCTION bool transposed() const { return stored.rows < stored.columns; }
  KOKKOS_FUNCTION std::size_t size() const { return stored.rows * stored.columns; }
};

/// Elements at equal distances.
template <class Real>
struct StridedRun {
  Real* data;
  std::size_t stride, count;
};

/// The square (n × n) matrices of a PolarMatrix.
enum class Square : std::size_t { a, q, r, p, other_p };
inline constexpr std::size_t square_count = 5;

}  // namespace detail

/// Coefficients and length of the iteration.
struct NewtonSchulz {
  double a = 3.4445;      ///< factor of X
  double b = -4.775;      ///< factor of X XᵀX
  double c = 2.0315;      ///< factor of X (XᵀX)²
  double epsilon = 1e-7;  ///< added to the norm
  int iterations = 5;     ///< number of iterations, at least 1
};

namespace detail {

/// A product of two matrices in panels, tile by tile, over all matrices. `Product` has
///
///     static constexpr bool symmetric                                   only tiles that reach the diagonal or lie above it are computed
///     std::size_t rows(PolarMatrix) const                               rows of the result
///     std::size_t inner(PolarMatrix) const                              length of the sums
///     LeftFactor<Real> left(PolarMatrix, std::size_t i) const           rows from i on of the left factor
///     Real const* right(PolarMatrix) const                              panels of the right factor, `inner` rows each
///     void store(PolarMatrix, std::size_t i, std::size_t panel, Real const* sums)   takes the elements of row i in a panel of the result
template <class Real, class Exec, class Product>
struct PolarTiles {
  using Tile = PolarTile<Real, Exec>;
  PolarMatrix const* matrices;
  Product product;

  KOKKOS_FUNCTION void operator()(std::size_t tile) const {
    PolarMatrix const* matrix = matrices;
    for (; tile >= Tile::count(product.rows(*matrix), matrix->padded); ++matrix) tile -= Tile::count(product.rows(*matrix), matrix->padded);
    std::size_t const rows = product.rows(*matrix), across = Tile::across(matrix->padded);
    std::size_t const i = tile / across * Tile::rows, panel = tile % across * Tile::panels;
    if (Product::symmetric && (panel + Tile::panels) * Tile::lanes <= i) return;
    constexpr std::size_t most_rows = Tile::rows, most_panels = Tile::panels;
    std::size_t const height = Kokkos::min(most_rows, rows - i), panels = Kokkos::min(most_panels, matrix->padded / Tile::lanes - panel);
    std::size_t const inner = product.inner(*matrix);
    LeftFactor<Real> const left = product.left(*matrix, i);
    Panels<Real> const right = {product.right(*matrix) + panel * inner * Tile::lanes, inner * Tile::lanes};
    constexpr std::size_t stride = Tile::panels * Tile::lanes;
    alignas(64) Real sums[Tile::rows * stride];
    if constexpr (uses_host_kernels_v<Exec>)
      math::product<false>(height, panels, inner / left.pieces, left, right, sums, stride);
    else
      plain_product(height, inner, left, right, sums);
    for (std::size_t r = 0; r < height; ++r)
      for (std::size_t p = 0; p < panels; ++p) product.store(*matrix, i + r, panel + p, sums + r * stride + p * Tile::lanes);
  }

  // One panel, for devices.
  KOKKOS_FUNCTION static void plain_product(std::size_t height, std::size_t inner, LeftFactor<Real> left, Panels<Real> const& right,
                                            Real* sums) {
    constexpr std::size_t lanes = Tile::lanes;
    std::size_t const length = inner / left.pieces;
    Real sum[Tile::rows][lanes] = {};
    Real const* panel = right.data;
    for (std::size_t piece = 0; piece < left.pieces; ++piece, left.data += left.piece_stride) {
      for (std::size_t k = 0; k < length; ++k, panel += lanes) {
        for (std::size_t r = 0; r < Tile::rows; ++r) {
          Real const factor = r < height ? left.data[r * left.row_stride + k * left.column_stride] : Real(0);
          for (std::size_t c = 0; c < lanes; ++c) sum[r][c] += factor * panel[c];
        }
      }
    }
    for (std::size_t r = 0; r < Tile::rows; ++r)  // rows outside the tile are zero, and are not stored
      for (std::size_t c = 0; c < lanes; ++c) sums[r * lanes + c] = sum[r][c];
  }
};

/// Layout and places of the factors, for all products.
template <class Real, class Exec>
struct PolarMemory {
  static constexpr std::size_t lanes = PolarTile<Real, Exec>::lanes;
  Real* scratch;

  KOKKOS_FUNCTION Real* x(PolarMatrix const& matrix) const { return scratch + matrix.x; }
  KOKKOS_FUNCTION Real* square(PolarMatrix const& matrix, Square which) const {
    return scratch + matrix.square + static_cast<std::size_t>(which) * matrix.padded * matrix.padded;
  }
  // The elements of row i in a panel.
  KOKKOS_FUNCTION Real* row(PolarMatrix const& matrix, Square which, std::size_t i, std::size_t panel) const {
    return square(matrix, which) + (panel * matrix.padded + i) * lanes;
  }
  // Stores the elements of row i in a panel that lie on the diagonal or above it, and mirrors them.
  KOKKOS_FUNCTION void store_symmetric(PolarMatrix const& matrix, Square which, std::size_t i, std::size_t panel,
                                       Real const* values) const {
    Real* const direct = row(matrix, which, i, panel);
    for (std::size_t j = 0; j < lanes; ++j) {
      std::size_t const column = panel * lanes + j;
      if (column < i) continue;
      direct[j] = values[j];
      if (column > i) row(matrix, which, column, i / lanes)[i % lanes] = values[j];
    }
  }
  // Rows from i on of a matrix in panels.
  KOKKOS_FUNCTION static LeftFactor<Real> rows(Real const* data, std::size_t rows, std::size_t padded, std::size_t i) {
    return {data + i * lanes, lanes, 1, padded / lanes, rows * lanes};
  }
  KOKKOS_FUNCTION LeftFactor<Real> rows(PolarMatrix const& matrix, Square which, std::size_t i) const {
    return rows(square(matrix, which), matrix.padded, matrix.padded, i);
  }
};

/// A = XᵀX.
template <class Real, class Exec>
struct PolarGram {
  static constexpr bool symmetric = true;
  PolarMemory<Real, Exec> memory;

  KOKKOS_FUNCTION static std::size_t rows(PolarMatrix const& matrix) { return matrix.padded; }
  KOKKOS_FUNCTION static std::size_t inner(PolarMatrix const& matrix) { return matrix.m; }
  KOKKOS_FUNCTION LeftFactor<Real> left(PolarMatrix const& matrix, std::size_t i) const {
    constexpr std::size_t lanes = PolarMemory<Real, Exec>::lanes;
    return {memory.x(matrix) + i / lanes * matrix.m * lanes + i % lanes, 1, lanes};
  }
  KOKKOS_FUNCTION Real const* right(PolarMatrix const& matrix) const { return memory.x(matrix); }
  KOKKOS_FUNCTION void store(PolarMatrix const& matrix, std::size_t i, std::size_t panel, Real const* sums) const {
    memory.store_symmetric(matrix, Square::a, i, panel, sums);
  }
};

/// result = left · right, all of them square matrices. They are polynomials of A, so that the result is symmetric.
template <class Real, class Exec>
struct SquareProduct {
  static constexpr bool symmetric = true;
  PolarMemory<Real, Exec> memory;
  Square left_factor, right_factor, result;

  KOKKOS_FUNCTION static std::size_t rows(PolarMatrix const& matrix) { return matrix.padded; }
  KOKKOS_FUNCTION static std::size_t inner(PolarMatrix const& matrix) { return matrix.padded; }
  KOKKOS_FUNCTION LeftFactor<Real> left(PolarMatrix const& matrix, std::size_t i) const { return memory.rows(matrix, left_factor, i); }
  KOKKOS_FUNCTION Real const* right(PolarMatrix const& matrix) const { return memory.square(matrix, right_factor); }
  KOKKOS_FUNCTION void store(PolarMatrix const& matrix, std::size_t i, std::size_t panel, Real const* sums) const {
    memory.store_symmetric(matrix, result, i, panel, sums);
  }
};

/// result = a I + b A + c A².
template <class Real, class Exec>
struct PolarPolynomial : SquareProduct<Real, Exec> {
  Real a, b, c;

  KOKKOS_FUNCTION void store(PolarMatrix const& matrix, std::size_t i, std::size_t panel, Real const* sums) const {
    constexpr std::size_t lanes = PolarMemory<Real, Exec>::lanes;
    Real const* const linear = this->memory.row(matrix, Square::a, i, panel);
    Real values[lanes];
    for (std::size_t j = 0; j < lanes; ++j) values[j] = b * linear[j] + c * sums[j];
    if (i / lanes == panel) values[i % lanes] += a;
    this->memory.store_symmetric(matrix, this->result, i, panel, values);
  }
};

/// X P / (|X| + ε), given to a functor.
template <class Real, class Exec, class Store>
struct ApplyPolar {
  static constexpr bool symmetric = false;
  PolarMemory<Real, Exec> memory;
  Square p;
  Store take;

  KOKKOS_FUNCTION static std::size_t rows(PolarMatrix const& matrix) { return matrix.m; }
  KOKKOS_FUNCTION static std::size_t inner(PolarMatrix const& matrix) { return matrix.padded; }
  KOKKOS_FUNCTION LeftFactor<Real> left(PolarMatrix const& matrix, std::size_t i) const {
    return memory.rows(memory.x(matrix), matrix.m, matrix.padded, i);
  }
  KOKKOS_FUNCTION Real const* right(PolarMatrix const& matrix) const { return memory.square(matrix, p); }
  KOKKOS_FUNCTION void store(PolarMatrix const& matrix, std::size_t i, std::size_t panel, Real const* sums) const {
    constexpr std::size_t lanes = PolarMemory<Real, Exec>::lanes;
    auto const element = take(matrix.stored);
    Real const scale = memory.scratch[matrix.scale];
    std::size_t const first = panel * lanes, count = first < matrix.n ? Kokkos::min(lanes, matrix.n - first) : 0;
    std::size_t const columns = matrix.stored.columns;
    if (matrix.transposed())
      for (std::size_t j = 0; j < count; ++j) element((first + j) * columns + i, scale * sums[j]);
    else
      for (std::size_t j = 0; j < count; ++j) element(i * columns + first + j, scale * sums[j]);
  }
};

/// The factor 1 / (|X| + ε) of each matrix: |X|² is the trace of A. One thread per matrix, so that the order of the sum is fixed.
template <class Real, class Exec>
struct PolarScale {
  PolarMatrix const* matrices;
  PolarMemory<Real, Exec> memory;
  Real epsilon;

  KOKKOS_FUNCTION void operator()(std::size_t at) const {
    constexpr std::size_t lanes = PolarMemory<Real, Exec>::lanes;
    PolarMatrix const& matrix = matrices[at];
    Real trace = 0;
    for (std::size_t i = 0; i < matrix.n; ++i) trace += memory.row(matrix, Square::a, i, i / lanes)[i % lanes];
    memory.scratch[matrix.scale] = 1 / (Kokkos::sqrt(trace) + epsilon);
  }
};

/// A ← A / (|X| + ε)². One index per row of a panel.
template <class Real, class Exec>
struct ScaleSquare {
  PolarMatrix const* matrices;
  PolarMemory<Real, Exec> memory;

  KOKKOS_FUNCTION void operator()(std::size_t row) const {
    constexpr std::size_t lanes = PolarMemory<Real, Exec>::lanes;
    PolarMatrix const* matrix = matrices;
    for (; row >= matrix->padded * (matrix->padded / lanes); ++matrix) row -= matrix->padded * (matrix->padded / lanes);
    Real const scale = memory.scratch[matrix->scale];
    Real* const a = memory.square(*matrix, Square::a) + row * lanes;
    for (std::size_t j = 0; j < lanes; ++j) a[j] *= scale * scale;
  }
};

}  // namespace detail

/// Matrices of one flat array with scratch memory for their polar factors.
template <Scalar Real, class Exec = Kokkos::DefaultExecutionSpace>
class PolarFactors {
  using Tile = detail::PolarTile<Real, Exec>;
  using Table = Kokkos::View<detail::PolarMatrix*, typename Exec::memory_space>;

 public:
  /// Matrices and memory, for kernels. Valid as long as the object.
  struct Device {
    detail::PolarMatrix const* matrices;  ///< in the order of the flat array
    std::size_t count;                    ///< number of matrices
    Real* scratch;                        ///< memory of X and of the n × n matrices

    /// Index of the matrix that contains element `index` of the flat array, or of the first one after it; `count` if there is none.
    KOKKOS_FUNCTION std::size_t find(std::size_t index) const {
      std::size_t low = 0, high = count;
      while (low < high) {
        std::size_t const middle = (low + high) / 2;
        if (index < matrices[middle].stored.first + matrices[middle].size())
          high = middle;
        else
          low = middle + 1;
      }
      return low;
    }
    /// Elements of X from element `index` of the matrix on, in its own layout, as far as they lie at equal distances.
    KOKKOS_FUNCTION detail::StridedRun<Real> x(detail::PolarMatrix const& matrix, std::size_t index) const {
      constexpr std::size_t lanes = Tile::lanes;
      std::size_t const i = index / matrix.stored.columns, j = index % matrix.stored.columns, left = matrix.stored.columns - j;
      if (matrix.transposed()) return {scratch + matrix.x + (i / lanes * matrix.m + j) * lanes + i % lanes, lanes, left};
      return {scratch + matrix.x + (j / lanes * matrix.m + i) * lanes + j % lanes, 1, Kokkos::min(left, lanes - j % lanes)};
    }
  };

  /// Allocates the scratch memory. Fences `exec`.
  /// \param matrices  disjoint, in the order of their first elements
  /// \param size      number of elements of the flat array
  /// \throws Error [ign.shape.172] if matrices overlap, are in another order, or end after the array
  PolarFactors(Exec const& exec, std::vector<FlatMatrix> const& matrices, std::size_t size)
      : m_size(size), m_table(Kokkos::view_alloc(exec, Kokkos::WithoutInitializing, "ign::polar_factors::matrices"), matrices.size()) {
    auto const table = Kokkos::create_mirror_view(Kokkos::WithoutInitializing, m_table);
    std::size_t at = 0, end = 0, used = 0;
    for (auto const& matrix : matrices) {
      require(matrix.first >= end && matrix.first + matrix.rows * matrix.columns <= size, Fault::shape, 172, "polar factors: matrix ", at,
              " lies in elements ", matrix.first, " to ", matrix.first + matrix.rows * matrix.columns,
              ", expected disjoint matrices in the order of memory, within the ", size, " elements of the array");
      end = matrix.first + matrix.rows * matrix.columns;
      std::size_t const m = std::max(matrix.rows, matrix.columns), n = std::min(matrix.rows, matrix.columns);
      std::size_t const padded = (n + Tile::lanes - 1) / Tile::lanes * Tile::lanes;
      table(at++) = {matrix, m, n, padded, used, used + m * padded, used + m * padded + detail::square_count * padded * padded};
      used = aligned_size<Real>(used + m * padded + detail::square_count * padded * padded + 1);
      m_square_rows += padded * (padded / Tile::lanes);
      m_square_tiles += Tile::count(padded, padded);
      m_tall_tiles += Tile::count(m, padded);
    }
    Kokkos::deep_copy(exec, m_table, table);
    m_scratch = make_vector<Real>(exec, "ign::polar_factors::scratch", used);  // zeros: the padding of X is never written
    exec.fence("ign::polar_factors: the table is on the device");
  }

  PolarFactors(PolarFactors&&) noexcept = default;             ///< takes the scratch memory
  PolarFactors& operator=(PolarFactors&&) noexcept = default;  ///< takes the scratch memory
  PolarFactors(PolarFactors const&) = delete;                  // two copies would overwrite each other's memory
  PolarFactors& operator=(PolarFactors const&) = delete;

  /// Number of matrices.
  std::size_t count() const { return m_table.extent(0); }
  /// Number of elements of the flat array.
  std::size_t size() const { return m_size; }
  /// The matrices and their memory, for kernels that write X and read the factors.
  Device on_device() const { return {m_table.data(), count(), m_scratch.data()}; }

  /// Computes the polar factor of each X in scratch memory, and calls `store(matrix)(index, u)` once for each element u of it. `index`
  /// counts the elements of the matrix in its own layout. Asynchronous on `exec`.
  ///
  /// \param store  functor with `KOKKOS_FUNCTION auto operator()(FlatMatrix const&) const`, which returns another one
  /// \throws Error [ign.option.595] if `options.iterations` is below 1
  template <class Store>
  void apply(Exec const& exec, NewtonSchulz const& options, Store const& store) const {
    using detail::Square;
    require(options.iterations >= 1, Fault::option, 595, "polar factors: ", options.iterations, " iterations, expected at least 1");
    if (count() == 0) return;
    detail::PolarMatrix const* const matrices = m_table.data();
    detail::PolarMemory<Real, Exec> const memory = {m_scratch.data()};
    auto const run = [&]<class Product>(char const* label, std::size_t tiles, Product const& product) {
      // Dynamic: tiles differ in length, and those below the diagonal are empty.
      Kokkos::parallel_for(label, dynamic_range_policy(exec, tiles), detail::PolarTiles<Real, Exec, Product>{matrices, product});
    };
    auto const multiply = [&](Square left, Square right, Square result) {
      run("ign::polar_factors product", m_square_tiles, detail::SquareProduct<Real, Exec>{memory, left, right, result});
    };
    run("ign::polar_factors gram", m_square_tiles, detail::PolarGram<Real, Exec>{memory});
    Kokkos::parallel_for("ign::polar_factors norm", range_policy(exec, count()),
                         detail::PolarScale<Real, Exec>{matrices, memory, static_cast<Real>(options.epsilon)});
    Kokkos::parallel_for("ign::polar_factors normalise", range_policy(exec, m_square_rows),
                         detail::ScaleSquare<Real, Exec>{matrices, memory});
    Square p = Square::p, other = Square::other_p;
    for (int i = 0; i < options.iterations; ++i) {
      bool const first = i == 0, last = i == options.iterations - 1;
      Square const q = first ? p : Square::q;
      run("ign::polar_factors polynomial", m_square_tiles,
          detail::PolarPolynomial<Real, Exec>{
              {memory, Square::a, Square::a, q}, static_cast<Real>(options.a), static_cast<Real>(options.b), static_cast<Real>(options.c)});
      if (!last) {
        multiply(Square::a, q, Square::r);
        multiply(Square::r, q, Square::a);
      }
      if (first) continue;
      multiply(p, q, other);
      std::swap(p, other);
    }
    run("ign::polar_factors apply", m_tall_tiles, detail::ApplyPolar<Real, Exec, Store>{memory, p, store});
  }

 private:
  std::size_t m_size;
  Table m_table;
  Vector<Real, Exec> m_scratch;
  std::size_t m_square_tiles = 0, m_tall_tiles = 0;  // tiles of all square matrices, and of all X
  std::size_t m_square_rows = 0;                     // rows of all panels of one square matrix of each X
};

}  // namespace ign::math

#endif  // IGN_MATH_POLAR_FACTOR_HPP
