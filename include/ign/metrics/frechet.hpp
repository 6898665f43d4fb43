// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

/// \file
/// Moments of feature sets, and the Fréchet distance between the Gaussians with these moments.
#ifndef IGN_METRICS_FRECHET_HPP
#define IGN_METRICS_FRECHET_HPP

#include "ign/core/compiler.hpp"

IGN_BEFORE_EIGEN
#include <Eigen/Dense>
IGN_AFTER_EIGEN

#include <algorithm>
#include <cmath>

#include "ign/core/elementwise.hpp"
#include "ign/metrics/detail/pairs.hpp"

namespace ign::metrics {

/// Mean and covariance of a feature set.
struct GaussianMoments {
  std::uint64_t count = 0;     ///< number of samples
  Eigen::VectorXd mean;        ///< (d)
  Eigen::MatrixXd covariance;  ///< (d, d), unbiased: divided by count - 1
};

namespace detail {

/// Partial column sums, one index per pair of row range and column.
template <class Real>
struct ColumnSums {
  static constexpr std::size_t parts = 32;  // constant, so that sums do not depend on the number of threads
  Rows<Real> features;
  double* sums;  // (parts, columns)

  KOKKOS_FUNCTION void operator()(std::size_t index) const {
    std::size_t const part = index / features.columns;
    std::size_t const k = index % features.columns;
    double sum = 0;
    for (std::size_t i = features.count * part / parts; i < features.count * (part + 1) / parts; ++i) sum += features(i, k);
    sums[index] = sum;
  }
};

struct StoreTerms {
  double factor;
  double* out;
  std::size_t columns;

  KOKKOS_FUNCTION void operator()(std::size_t i, std::size_t first, std::size_t count, double const* terms) const {
    for (std::size_t c = 0; c < count; ++c) out[i * columns + first + c] = factor * terms[c];
  }
};

/// Limits Eigen to one thread for its lifetime: the partition of large products over threads changes the rounding.
class OneEigenThread {
 public:
  OneEigenThread() : m_before(Eigen::nbThreads()) { Eigen::setNbThreads(1); }
  ~OneEigenThread() { Eigen::setNbThreads(m_before); }
  OneEigenThread(OneEigenThread const&) = delete;
  OneEigenThread& operator=(OneEigenThread const&) = delete;

 private:
  int m_before;
};

/// Square roots of the eigenvalues of a positive semi-definite matrix; negative ones, a result of rounding, count as 0.
///
/// Scalar std::sqrt, since Eigen's AVX-512 packets approximate the root and divide by zero in doing so.
inline Eigen::VectorXd roots(Eigen::VectorXd const& eigenvalues) {
  return eigenvalues.unaryExpr([](double value) { return std::sqrt(std::max(value, 0.0)); });
}

}  // namespace detail

/// Returns mean and covariance of features (n, d), n ≥ 2. Two passes in double avoid cancellation for large means.
///
/// \throws Error [ign.shape.200] on too few samples, [ign.numeric.200] on values that are not finite
template <class Exec, FeatureView View>
GaussianMoments gaussian_moments(Exec const& exec, View const& features) {
  using Real = typename View::non_const_value_type;
  using Sums = detail::ColumnSums<Real>;
  detail::check_features(exec, "moments", features, 2);
  auto const rows = detail::rows_of(features);
  auto const columns = static_cast<Eigen::Index>(rows.columns);

  auto const sums = make_vector<double>(exec, "ign::metrics::column sums", Sums::parts * rows.columns);
  Kokkos::parallel_for("ign::metrics::column sums", range_policy(exec, sums.size()), Sums{rows, sums.data()});
  auto const host_sums = to_host(exec, sums);
  GaussianMoments moments{rows.count, Eigen::VectorXd::Zero(columns), Eigen::MatrixXd(columns, columns)};
  for (std::size_t i = 0; i < host_sums.size(); ++i) moments.mean(static_cast<Eigen::Index>(i % rows.columns)) += host_sums[i];
  moments.mean /= static_cast<double>(rows.count);

  // The covariance consists of the inner products of all pairs of centred columns.
  auto const means = make_vector<double>(exec, "ign::metrics::means", rows.columns);
  Kokkos::deep_copy(
      exec, means,
      Kokkos::View<double const*, Kokkos::HostSpace, Kokkos::MemoryTraits<Kokkos::Unmanaged>>(moments.mean.data(), rows.columns));
  auto const products = make_vector<double>(exec, "ign::metrics::covariance", rows.columns * rows.columns);
  detail::Rows<Real> const centred{rows.data, rows.columns, rows.count, rows.step, rows.row, means.data()};
  detail::for_each_pair<detail::Dot>("ign::metrics::covariance", exec, centred, centred,
                                     detail::StoreTerms{1.0 / static_cast<double>(rows.count - 1), products.data(), rows.columns});
  auto const host_products = to_host(exec, products);
  std::copy(host_products.begin(), host_products.end(), moments.covariance.data());
  return moments;
}

/// Returns the moments of the union of two sets, for example of features computed in batches.
///
/// \source Chan, Golub, LeVeque, "Updating formulae and a pairwise algorithm for computing sample variances", 1979
/// \throws Error [ign.shape.201] when the features differ in length
inline GaussianMoments merged(GaussianMoments const& a, GaussianMoments const& b) {
  require(a.mean.size() == b.mean.size(), Fault::shape, 201, "merged moments: of ", a.mean.size(), " and of ", b.mean.size(),
          " elements, expected equal lengths");
  auto const m = static_cast<double>(a.count);
  auto const n = static_cast<double>(b.count);
  Eigen::VectorXd const difference = b.mean - a.mean;
  GaussianMoments both{a.count + b.count, a.mean + n / (m + n) * difference, {}};
  both.covariance = ((m - 1) * a.covariance + (n - 1) * b.covariance + m * n / (m + n) * difference * difference.transpose()) / (m + n - 1);
  return both;
}

/// Returns the Fréchet distance |μ_a - μ_b|² + tr(C_a + C_b - 2 (C_a^½ C_b C_a^½)^½), which is 0 for equal moments.
///
/// All square roots are of symmetric matrices, so that the result is real and defined for singular covariances too, for example with fewer
/// samples than elements. With the features of an Inception net this is the Fréchet Inception distance (FID); with other features
/// it must not be called FID.
/// \source Dowson and Landau, "The Fréchet distance between multivariate normal distributions", 1982; Heusel et al., arXiv 1706.08500
/// \throws Error [ign.shape.201] when the features differ in length
inline double frechet_distance(GaussianMoments const& a, GaussianMoments const& b) {
  require(a.mean.size() == b.mean.size(), Fault::shape, 201, "Fréchet distance: moments of ", a.mean.size(), " and of ", b.mean.size(),
          " elements, expected equal lengths");
  detail::OneEigenThread const one_thread;
  Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> const solver(a.covariance);
  Eigen::MatrixXd const& q = solver.eigenvectors();
  Eigen::MatrixXd const root = q * detail::roots(solver.eigenvalues()).asDiagonal() * q.transpose();
  Eigen::MatrixXd const product = root * b.covariance * root;
  Eigen::VectorXd const eigenvalues = Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(product, Eigen::EigenvaluesOnly).eigenvalues();
  double const root_trace = detail::roots(eigenvalues).sum();
  return std::max(0.0, (a.mean - b.mean).squaredNorm() + a.covariance.trace() + b.covariance.trace() - 2 * root_trace);
}

/// Returns the Fréchet distance of two feature sets (n, d) and (m, d), n, m ≥ 2. Its value depends on n and m: compare only results with
/// equal sample counts.
///
/// \throws Error [ign.shape.200] on too few samples, [ign.shape.201] on samples of different lengths, [ign.numeric.200] on values
///         that are not finite
template <class Exec, FeatureView A, FeatureView B>
double frechet_distance(Exec const& exec, A const& a, B const& b) {
  return frechet_distance(gaussian_moments(exec, a), gaussian_moments(exec, b));
}

}  // namespace ign::metrics

#endif  // IGN_METRICS_FRECHET_HPP
