// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Products of small row-major matrices on the host, by one thread each: the only header that includes Eigen.
#ifndef IGN_MATH_GEMM_HPP
#define IGN_MATH_GEMM_HPP

#include <Eigen/Core>
#include <cstddef>

namespace ign::math {

namespace detail {

template <class Real>
using Matrix = Eigen::Matrix<Real, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

template <class Real>
Eigen::Map<Matrix<Real> const> matrix(Real const* data, std::size_t rows, std::size_t columns) {
  return {data, static_cast<Eigen::Index>(rows), static_cast<Eigen::Index>(columns)};
}

template <class Real>
Eigen::Map<Matrix<Real>> matrix(Real* data, std::size_t rows, std::size_t columns) {
  return {data, static_cast<Eigen::Index>(rows), static_cast<Eigen::Index>(columns)};
}

}  // namespace detail

/// c (m × n) = a (m × k) · b (k × n), all row-major and dense.
template <class Real>
void product(std::size_t m, std::size_t n, std::size_t k, Real const* a, Real const* b, Real* c) {
  detail::matrix(c, m, n).noalias() = detail::matrix(a, m, k) * detail::matrix(b, k, n);
}

/// c (m × n) = a (m × k) · bᵀ, b being n × k.
template <class Real>
void product_bt(std::size_t m, std::size_t n, std::size_t k, Real const* a, Real const* b, Real* c) {
  detail::matrix(c, m, n).noalias() = detail::matrix(a, m, k) * detail::matrix(b, n, k).transpose();
}

/// c (m × n) += aᵀ · b, a being k × m and b being k × n.
template <class Real>
void add_product_at(std::size_t m, std::size_t n, std::size_t k, Real const* a, Real const* b, Real* c) {
  detail::matrix(c, m, n).noalias() += detail::matrix(a, k, m).transpose() * detail::matrix(b, k, n);
}

}  // namespace ign::math

#endif  // IGN_MATH_GEMM_HPP
