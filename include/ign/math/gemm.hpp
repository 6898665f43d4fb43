// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Products of small row-major matrices on the host, by one thread each: the only header that includes Eigen.
#ifndef IGN_MATH_GEMM_HPP
#define IGN_MATH_GEMM_HPP

#include <Eigen/Core>
#include <cstddef>

#ifdef _OPENMP
#include <omp.h>
#endif

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

/// While it lives, Eigen starts no threads of its own from this one. Eigen looks whether it is inside a parallel region of more
/// than one thread; in a region of one it would start more, and cut the product by their number.
class OneThread {
 public:
#ifdef _OPENMP
  OneThread() : m_threads(omp_get_max_threads()) { omp_set_num_threads(1); }
  ~OneThread() { omp_set_num_threads(m_threads); }

 private:
  int m_threads;

 public:
#else
  OneThread() {}
#endif
  OneThread(OneThread const&) = delete;
  OneThread& operator=(OneThread const&) = delete;
};

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
