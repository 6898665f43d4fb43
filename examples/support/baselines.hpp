// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Baselines for a trained projector, on the host: the nearest training image, and the subspace of the first principal components.
#ifndef IGN_EXAMPLES_SUPPORT_BASELINES_HPP
#define IGN_EXAMPLES_SUPPORT_BASELINES_HPP

#include <Eigen/Core>
#include <cstddef>
#include <limits>
#include <span>
#include <vector>

namespace examples {

/// Samples (count, dimension) in memory of the caller.
struct Samples {
  std::span<float const> values;
  std::size_t dimension = 1;  ///< values per sample

  std::size_t count() const { return values.size() / dimension; }
  float const* row(std::size_t n) const { return values.data() + n * dimension; }
};

/// A training sample and its distance.
struct Neighbour {
  std::size_t index = 0;
  double squared_distance = std::numeric_limits<double>::infinity();
};

/// The nearest training sample of each query in L2, the first of equally near ones.
///
/// Products of blocks in float give |a|² + |b|² - 2 a·b, which rules out all but a few candidates. Their distances are computed in double
/// as sums of (a - b)², so the answer is exact and independent of the number of threads. The matrix of all distances is never stored.
/// \throws ign::Error [ign.option.330] on sizes that do not fit, [ign.numeric.330] on values that are not finite
std::vector<Neighbour> nearest_neighbours(Samples const& training, Samples const& queries);

/// Number of principal components to keep: given, or, where it is 0, as many as explain a share of the variance.
struct PrincipalOptions {
  std::size_t components = 0;
  double explained = 0.95;     ///< in (0, 1]
  std::size_t largest = 2048;  ///< rows of the largest matrix. With more values per sample, only the first `largest` samples are used
};

/// Projection onto the affine subspace through the mean of the training samples along their first principal components.
///
/// These are eigenvectors of the covariance or, with fewer samples than values per sample, of the inner products.
class PrincipalSubspace {
 public:
  /// \throws ign::Error [ign.option.331] on impossible options, [ign.numeric.331] when the eigenvalues do not converge
  explicit PrincipalSubspace(Samples const& all, PrincipalOptions const& options = {});

  std::size_t components() const { return static_cast<std::size_t>(m_axes.cols()); }
  std::size_t samples() const { return m_samples; }  ///< training samples in use
  double explained() const { return m_explained; }   ///< share of their variance

  /// out (count, dimension) = the nearest points of the subspace.
  /// \throws ign::Error [ign.option.332] on sizes that do not fit
  void project(Samples const& queries, std::span<float> out) const;

 private:
  Eigen::RowVectorXd m_mean;
  Eigen::MatrixXd m_axes;  ///< (dimension, components), orthonormal columns
  std::size_t m_samples = 0;
  double m_explained = 0;
};

}  // namespace examples

#endif  // IGN_EXAMPLES_SUPPORT_BASELINES_HPP
