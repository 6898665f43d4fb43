// SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// What a trained projector must beat: the nearest training image, and the subspace of the first principal components. On the host, with
// Eigen.
#ifndef IGN_EXAMPLES_BASELINES_HPP
#define IGN_EXAMPLES_BASELINES_HPP

#include <ign/core/error.hpp>
#include <ign/core/finite.hpp>

#include <Eigen/Dense>
#include <Kokkos_Core.hpp>
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <vector>

namespace examples {

/// Samples side by side, (count, dimension), in memory that something else owns.
struct Samples {
  std::span<float const> numbers;
  std::size_t dimension = 1;  ///< numbers in a sample

  std::size_t count() const { return numbers.size() / dimension; }
  float const* row(std::size_t n) const { return numbers.data() + n * dimension; }
};

/// A training sample and how far it is.
struct Neighbour {
  std::size_t index = 0;
  double squared_distance = std::numeric_limits<double>::infinity();
};

namespace detail {

using Host = Kokkos::DefaultHostExecutionSpace;
template <class Real>
using RowMajor = Eigen::Matrix<Real, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

inline Eigen::Map<RowMajor<float> const> rows(Samples const& samples, std::size_t first, std::size_t count) {
  return {samples.row(first), static_cast<Eigen::Index>(count), static_cast<Eigen::Index>(samples.dimension)};
}

/// Eigen's threads would divide a sum by their number; ours divide the work.
struct OneEigenThread {
  int before = Eigen::nbThreads();
  OneEigenThread() { Eigen::setNbThreads(1); }
  ~OneEigenThread() { Eigen::setNbThreads(before); }
  OneEigenThread(OneEigenThread const&) = delete;
  OneEigenThread& operator=(OneEigenThread const&) = delete;
};

template <class Body>
void for_each_task(char const* label, std::size_t tasks, Body const& body) {
  Host const host;
  Kokkos::parallel_for(label, Kokkos::RangePolicy<Host, Kokkos::Schedule<Kokkos::Dynamic>, Kokkos::IndexType<std::size_t>>(host, 0, tasks),
                       body);
  host.fence(label);
}

inline void check(Samples const& training, Samples const& queries) {
  auto const whole = [](Samples const& samples) { return samples.dimension >= 1 && samples.numbers.size() % samples.dimension == 0; };
  ign::require(whole(training) && whole(queries) && training.dimension == queries.dimension && training.count() >= 1, ign::Fault::option,
               330, "baselines: ", training.numbers.size(), " numbers of training samples of ", training.dimension, ", ",
               queries.numbers.size(), " of queries of ", queries.dimension, ", expected whole samples of one dimension, one or more");
  for (auto const& samples : {training, queries})
    for (float const value : samples.numbers)
      ign::require(ign::is_finite(value), ign::Fault::numeric, 330, "baselines: a sample holds ", value, ", expected finite numbers");
}

inline std::vector<double> squared_norms(Samples const& samples) {
  std::vector<double> norms(samples.count());
  for (std::size_t n = 0; n < norms.size(); ++n) norms[n] = rows(samples, n, 1).cast<double>().squaredNorm();
  return norms;
}

inline double squared_distance(float const* a, float const* b, std::size_t dimension) {
  double sum = 0;
  for (std::size_t k = 0; k < dimension; ++k) {
    double const difference = static_cast<double>(a[k]) - static_cast<double>(b[k]);
    sum += difference * difference;
  }
  return sum;
}

}  // namespace detail

/// For each query the training sample nearest in L2; of several as near, the first.
///
/// |a|² + |b|² - 2 a·b, by products of blocks in float, rules out all but a few; these are measured in double as sums of (a - b)². So the
/// answer is exact, the same for any number of threads, and no matrix of all distances is ever in memory.
inline std::vector<Neighbour> nearest_neighbours(Samples const& training, Samples const& queries) {
  detail::check(training, queries);
  detail::OneEigenThread const one;
  constexpr std::size_t query_block = 64, training_block = 512;
  auto const lengths = detail::squared_norms(training), query_lengths = detail::squared_norms(queries);
  // A product of n numbers in float, added in whichever order, is off by n·eps·|a||b| at most; it comes twice, and is rounded itself.
  double const error = 2 * static_cast<double>(training.dimension + 2) * static_cast<double>(std::numeric_limits<float>::epsilon());
  std::vector<Neighbour> nearest(queries.count());
  detail::for_each_task("ign::baselines::nearest", (queries.count() + query_block - 1) / query_block, [&](std::size_t task) {
    std::size_t const first = task * query_block, count = std::min(query_block, queries.count() - first);
    detail::RowMajor<float> products;
    for (std::size_t j = 0; j < training.count(); j += training_block) {
      std::size_t const candidates = std::min(training_block, training.count() - j);
      products.noalias() = detail::rows(queries, first, count) * detail::rows(training, j, candidates).transpose();
      for (std::size_t q = 0; q < count; ++q) {
        auto& best = nearest[first + q];
        for (std::size_t c = 0; c < candidates; ++c) {
          double const product = static_cast<double>(products(static_cast<Eigen::Index>(q), static_cast<Eigen::Index>(c)));
          double const estimate = query_lengths[first + q] + lengths[j + c] - 2 * product;
          if (estimate - error * std::sqrt(query_lengths[first + q] * lengths[j + c]) > best.squared_distance) continue;
          double const distance = detail::squared_distance(queries.row(first + q), training.row(j + c), training.dimension);
          if (distance < best.squared_distance) best = {j + c, distance};
        }
      }
    }
  });
  return nearest;
}

/// How many principal components to keep: a number of them, or, where that is 0, as many as explain a share of the variance.
struct PrincipalOptions {
  std::size_t components = 0;
  double explained = 0.95;     ///< in (0, 1]
  std::size_t largest = 2048;  ///< matrix, in rows: of samples with more numbers than that the first ones are taken, as many as that
};

/// Projects onto the affine subspace through the mean of the training samples along their first principal components.
///
/// They are the eigenvectors of the covariance or, of fewer samples than a sample has numbers, those of their inner products.
class PrincipalSubspace {
 public:
  explicit PrincipalSubspace(Samples const& all, PrincipalOptions const& options = {}) {
    detail::check(all, {{}, all.dimension});
    ign::require(options.largest >= 1, ign::Fault::option, 331, "principal subspace: matrices of 0 rows at most, expected 1 or more");
    m_samples = all.dimension > options.largest ? std::min(all.count(), options.largest) : all.count();
    Samples const training{all.numbers.first(m_samples * all.dimension), all.dimension};
    std::size_t const most = std::min(m_samples, training.dimension);
    ign::require(options.components <= most && options.explained > 0 && options.explained <= 1, ign::Fault::option, 331,
                 "principal subspace: ", options.components, " components, explained ", options.explained, ", expected at most ", most,
                 " and a share in (0, 1]");
    bool const few = m_samples < training.dimension;
    detail::OneEigenThread const one;
    m_mean = mean(training);
    Eigen::MatrixXd const columns = few ? Eigen::MatrixXd(centred(training, 0, m_samples).transpose()) : Eigen::MatrixXd();
    Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> const solver(few ? inner_products(columns) : covariance(training));  // lower triangles
    ign::require(solver.info() == Eigen::Success, ign::Fault::numeric, 331, "principal subspace: the eigenvalues do not converge");
    Eigen::VectorXd const variances = solver.eigenvalues().cwiseMax(0).reverse();  // they ascend
    Eigen::Index const available = few ? (variances.array() > 1e-12 * variances(0)).count() : variances.size();
    auto kept = static_cast<Eigen::Index>(options.components);
    ign::require(kept <= available, ign::Fault::option, 331, "principal subspace: ", kept, " components, expected at most ", available,
                 ", the directions in which the samples vary");
    double const total = variances.sum();
    double sum = variances.head(kept).sum();
    if (options.components == 0)
      while (kept < available && sum < options.explained * total) sum += variances(kept++);
    m_explained = total > 0 ? sum / total : 1;
    auto const vectors = solver.eigenvectors().rightCols(kept);
    if (few)
      m_axes =
          columns * vectors * (solver.eigenvalues().tail(kept) * static_cast<double>(m_samples)).cwiseSqrt().cwiseInverse().asDiagonal();
    else
      m_axes = vectors;
  }

  std::size_t components() const { return static_cast<std::size_t>(m_axes.cols()); }
  std::size_t samples() const { return m_samples; }  ///< training samples that it was made of
  double explained() const { return m_explained; }   ///< share of their variance

  /// out (count, dimension) = the nearest points of the subspace.
  void project(Samples const& queries, std::span<float> out) const {
    ign::require(queries.dimension == static_cast<std::size_t>(m_mean.size()) && out.size() == queries.numbers.size(), ign::Fault::option,
                 332, "principal subspace: queries of ", queries.dimension, " numbers, ", out.size(), " numbers to write, expected ",
                 m_mean.size(), " and ", queries.numbers.size());
    constexpr std::size_t block = 64;
    detail::OneEigenThread const one;
    detail::for_each_task("ign::baselines::project", (queries.count() + block - 1) / block, [&](std::size_t task) {
      std::size_t const first = task * block, count = std::min(block, queries.count() - first);
      detail::RowMajor<double> const projected = ((centred(queries, first, count) * m_axes) * m_axes.transpose()).rowwise() + m_mean;
      Eigen::Map<detail::RowMajor<float>>(out.data() + first * queries.dimension, projected.rows(), projected.cols()) =
          projected.cast<float>();
    });
  }

 private:
  static Eigen::RowVectorXd mean(Samples const& training) {
    Eigen::RowVectorXd sum = Eigen::RowVectorXd::Zero(static_cast<Eigen::Index>(training.dimension));
    for (std::size_t n = 0; n < training.count(); ++n) sum += detail::rows(training, n, 1).cast<double>();
    return sum / static_cast<double>(training.count());
  }

  detail::RowMajor<double> centred(Samples const& samples, std::size_t first, std::size_t count) const {
    return detail::rows(samples, first, count).cast<double>().rowwise() - m_mean;
  }

  Eigen::MatrixXd covariance(Samples const& training) const {
    constexpr std::size_t chunk = 1024;
    auto const size = static_cast<Eigen::Index>(training.dimension);
    Eigen::MatrixXd sums = Eigen::MatrixXd::Zero(size, size);
    for (std::size_t first = 0; first < training.count(); first += chunk)
      add_products(centred(training, first, std::min(chunk, training.count() - first)), sums);
    return sums / static_cast<double>(training.count());
  }

  static Eigen::MatrixXd inner_products(Eigen::MatrixXd const& columns) {
    Eigen::MatrixXd sums = Eigen::MatrixXd::Zero(columns.cols(), columns.cols());
    add_products(columns, sums);
    return sums / static_cast<double>(columns.cols());
  }

  /// Adds the lower triangle of aᵀ a. Each task owns columns of it, so that sums do not depend on the number of threads.
  static void add_products(Eigen::MatrixXd const& a, Eigen::MatrixXd& sums) {
    constexpr Eigen::Index columns = 64;
    Eigen::Index const size = a.cols();
    detail::for_each_task("ign::baselines::products", static_cast<std::size_t>((size + columns - 1) / columns), [&](std::size_t task) {
      Eigen::Index const j = static_cast<Eigen::Index>(task) * columns, width = std::min(columns, size - j);
      sums.block(j, j, size - j, width).noalias() += a.rightCols(size - j).transpose() * a.middleCols(j, width);
    });
  }

  Eigen::RowVectorXd m_mean;
  Eigen::MatrixXd m_axes;  ///< (dimension, components), orthonormal columns
  std::size_t m_samples = 0;
  double m_explained = 0;
};

}  // namespace examples

#endif
