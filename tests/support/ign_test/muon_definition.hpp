// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Definition of Muon's polar factor on whole matrices, in double.

#ifndef IGN_TEST_MUON_DEFINITION_HPP
#define IGN_TEST_MUON_DEFINITION_HPP

#include <ign/core/parameters.hpp>

#include <cmath>
#include <cstddef>
#include <vector>

namespace ign_test {

struct Matrix {
  std::size_t rows, columns;
  std::vector<double> values;

  double& operator()(std::size_t i, std::size_t j) { return values[i * columns + j]; }
  double operator()(std::size_t i, std::size_t j) const { return values[i * columns + j]; }
};

inline Matrix transposed(Matrix const& a) {
  Matrix t = {a.columns, a.rows, std::vector<double>(a.values.size())};
  for (std::size_t i = 0; i < a.rows; ++i)
    for (std::size_t j = 0; j < a.columns; ++j) t(j, i) = a(i, j);
  return t;
}

inline Matrix product(Matrix const& a, Matrix const& b) {
  Matrix c = {a.rows, b.columns, std::vector<double>(a.rows * b.columns)};
  for (std::size_t i = 0; i < a.rows; ++i)
    for (std::size_t k = 0; k < a.columns; ++k)
      for (std::size_t j = 0; j < b.columns; ++j) c(i, j) += a(i, k) * b(k, j);
  return c;
}

/// X ← X (a I + b XᵀX + c (XᵀX)²), five times, on the whole matrix.
inline Matrix orthogonalised(Matrix const& matrix) {
  if (matrix.rows < matrix.columns) return transposed(orthogonalised(transposed(matrix)));
  Matrix x = matrix;
  double norm = 0;
  for (double const v : x.values) norm += v * v;
  for (double& v : x.values) v /= std::sqrt(norm) + 1e-7;
  for (int step = 0; step < 5; ++step) {
    Matrix const gram = product(transposed(x), x), square = product(gram, gram);
    Matrix polynomial = gram;
    for (std::size_t i = 0; i < gram.values.size(); ++i) polynomial.values[i] = -4.775 * gram.values[i] + 2.0315 * square.values[i];
    for (std::size_t i = 0; i < gram.rows; ++i) polynomial(i, i) += 3.4445;
    x = product(x, polynomial);
  }
  return x;
}

/// True if Muon takes an array for a matrix.
inline bool is_matrix(ign::ModelArray const& array) {
  auto const columns = static_cast<std::size_t>(array.info.extents.back());
  return array.info.extents.size() > 1 && columns > 1 && array.info.size() > columns;
}

}  // namespace ign_test

#endif
